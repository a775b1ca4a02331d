// cargo: the tables of .cargo/config.toml that say what `wasienv cargo` says with variables, for projects that want it
// in a file. source: the Cargo Book, "Configuration".
import type { ToolEnvironment } from '../../toolchain/setenv/index.js';
import { tomlString } from '../rust-arguments.js';
import type { CrossTools } from './cross.js';

/** `target`: as the rustc that will read it calls preview 1. */
export function cargoConfig({ run }: CrossTools, { variables }: ToolEnvironment, target: string, title: string): string {
  const suffix = target.replaceAll('-', '_');
  const linker = variables.find(({ name }) => name === `CARGO_TARGET_${suffix.toUpperCase()}_LINKER`);
  const env = variables.filter(({ name }) => name.endsWith(`_${suffix}`) || name === 'WASI_SYSROOT' || name === 'WASI_SDK_PATH');
  return `# ${title}
# For cargo: as .cargo/config.toml of a project, or cargo --config FILE (1.63 and later).
[build]
target = ${tomlString(target)}

[target.${target}]
runner = [${tomlString(run)}]
${linker === undefined ? '' : `linker = ${tomlString(linker.value)}\n`}
# For crates with C in them. Variables of the environment are stronger than these.
[env]
${env.map(({ name, value }) => `${name} = ${tomlString(value)}`).join('\n')}
`;
}
