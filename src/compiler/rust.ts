// rustc and cargo for WASI: the machine's own, started with target, linker and runner. Messages and exit codes are theirs.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from '../base/surroundings.js';
import { noRustLinker, overlayProgram, type RustPrograms, type RustToolchain } from '../toolchain/rust/index.js';
import { currentToolchain } from '../toolchain/index.js';
import { environmentOf, shimDirectories, shimFile, type ToolEnvironment } from '../toolchain/setenv/index.js';
import { noCargo } from './errors.js';
import { say, type ToolIo } from './io.js';
import { cargoArguments, isRustQuestion, rustcArguments, type RustParts } from './rust-arguments.js';
import { shellCommand, shellQuote } from '../base/quote.js';

export { isRustQuestion, splitToolchain } from './rust-arguments.js';

export interface RustOptions {
  /** Ready to compile; for a mere question (`--version`) any will do. */
  readonly rust: RustToolchain | RustPrograms;
  readonly tool: 'rustc' | 'cargo';
  /** As typed after `wasienv rustc`, without `+TOOLCHAIN`. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** What cargo is to run modules with: program and arguments. */
  readonly runner: readonly string[];
  /** The C compiler of the home, for crates with C in them; left out where there is none. */
  readonly forC?: ToolEnvironment | null;
  readonly io: ToolIo;
  readonly signal?: AbortSignal | undefined;
}

export interface PreparedRust {
  readonly program: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

/** Runs rustc or cargo and gives its exit code. @throws E_NO_WASM_LD, E_NO_TOOL for a missing cargo, E_COMPILER */
export async function runRust(options: RustOptions): Promise<number> {
  const { program, args, variables, notes } = prepareRust(options);
  for (const note of notes) say(options.io, 'stderr', `wasienv: note: ${note}\n`);
  const { runHostProgram } = await import('./native.js');
  return runHostProgram(program, args, { ...options, env: { ...options.env, ...variables } });
}

/** The plain command line that does the same, for a POSIX shell: variables in front. */
export function showRust(options: Omit<RustOptions, 'io' | 'signal'>): string {
  const { program, args, variables } = prepareRust(options);
  return [...Object.entries(variables).map(([name, value]) => `${name}=${shellQuote(value)}`), shellCommand([program, ...args])].join(' ');
}

/** What would be started, with what beside the environment. @throws as `runRust` */
export function prepareRust({ rust, tool, args, env, platform, runner, forC }: Omit<RustOptions, 'io' | 'signal'>): PreparedRust {
  const { finding, cargo } = rust;
  const plus = finding.toolchain === null ? [] : [`+${finding.toolchain}`];
  if (tool === 'cargo' && cargo === null) throw noCargo(finding.rustc);
  if (!('facts' in rust) || isRustQuestion(tool, args)) return { program: tool === 'rustc' ? finding.rustc : cargo!, args: [...plus, ...args], variables: {}, notes: [] };

  const { facts, overlay, linker } = rust;
  const program = (name: 'rustc' | 'rustdoc'): string | undefined => (overlay === null ? undefined : overlayProgram(overlay, name, platform));
  const rustc = program('rustc') ?? finding.rustc;
  const parts: RustParts = { target: rust.target, installed: overlay === null ? facts.installed : [rust.target], linker: linker.kind === 'use' ? linker.file : null };
  const isNamed = overlay !== null || (finding.rustup === null && !finding.isFirstOnPath);
  const prepared = tool === 'rustc'
    ? { ...rustcArguments(parts, args), variables: {} }
    : cargoArguments({
      ...parts, runner, ownLinker: linker.kind === 'own' ? linker.file : null,
      // rustup's cargo chooses its rustc; any other one would take the first on PATH.
      rustc: isNamed ? rustc : null,
      rustdoc: program('rustdoc') ?? (isNamed ? rustdocBeside(rustc, platform) : null),
    }, args, env);
  if (linker.kind === 'none' && prepared.links && prepared.target !== null && !prepared.linkerNamed) throw noRustLinker(facts, linker);
  const ofC = tool === 'cargo' && prepared.target !== null && forC !== undefined && forC !== null ? variablesForC(forC, prepared.target, env) : {};
  return { program: tool === 'rustc' ? rustc : cargo!, args: [...plus, ...prepared.args], variables: { ...prepared.variables, ...ofC }, notes: prepared.notes };
}

/** cargo would look for it on PATH, where another Rust's may be. */
function rustdocBeside(rustc: string, platform: NodeJS.Platform): string | null {
  const file = path.join(path.dirname(rustc), platform === 'win32' ? 'rustdoc.exe' : 'rustdoc');
  return existsSync(file) ? file : null;
}

/** What cargo's cc crate, bindgen and build scripts read for this target, where the user has said nothing. */
function variablesForC(forC: ToolEnvironment, target: string, env: Environment): Readonly<Record<string, string>> {
  const suffix = `_${target.replaceAll('-', '_')}`;
  const added = forC.variables.filter(({ name }) => (name.endsWith(suffix) || /^WASI_/.test(name)) && (env[name] ?? '') === '');
  // In a home whose path has spaces the tools are named without their directory.
  const byName = added.some(({ name, value }) => name === `CC${suffix}` && !path.isAbsolute(value));
  return {
    ...Object.fromEntries(added.map(({ name, value }) => [name, value])),
    ...(byName ? { PATH: [...forC.path, env['PATH'] ?? ''].join(forC.separator) } : {}),
  };
}

/** The environment that `wasienv env` would print, without writing anything; null where no C compiler is ready. */
export async function environmentForC(home: string, homeIsNamed: boolean, platform: NodeJS.Platform): Promise<ToolEnvironment | null> {
  const directory = shimDirectories(home, platform).prefixed;
  if (!existsSync(path.join(directory, shimFile('wasm32-wasip1-clang', platform)))) return null;
  const toolchain = await currentToolchain(home).catch(() => null);
  return toolchain === null ? null : environmentOf({ toolchain, home, homeIsNamed, platform, bare: false });
}
