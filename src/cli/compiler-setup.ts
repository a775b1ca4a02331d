// The compiler's part of `setup`: carry out the plan, lay out the environment, prove, and tell of it.
import { refreshEnvironment } from '../compiler/index.js';
import { runPlan, selectToolchain, type Plan, type RunOptions } from '../toolchain/index.js';
import { useLine } from '../toolchain/setenv/index.js';
import type { CommandContext } from './command.js';
import { withReporter } from './report.js';

export interface CompilerSetup {
  readonly plan: Plan;
  readonly home: string;
  readonly settings: Pick<RunOptions, 'cafile' | 'offline'>;
  /** What the project uses is what is proved, whatever the home uses elsewhere. */
  readonly isForProject: boolean;
  /** No word of how Rust comes in: it is coming. */
  readonly withRust: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly prove: boolean;
}

/** @throws what setup throws, and E_PROOF */
export async function setUpCompiler(context: CommandContext, { plan, home, settings, isForProject, withRust, quiet, json, prove }: CompilerSetup): Promise<void> {
  const { surroundings: { cwd, platform, now }, env, output, signal } = context;
  const say = (line: string): void => {
    if (!quiet && !json) output.print(line);
  };
  await withReporter(output, { quiet, json, now }, async (reporter) => {
    const done = await runPlan(plan, { home, env, cwd, platform, signal, now, emit: reporter.emit, ...settings });
    const { changed } = done;
    const toolchain = done.toolchain !== null && isForProject ? await selectToolchain(home, { cwd, env }) : done.toolchain;
    if (toolchain === null) {
      await reporter.close(false);
      say(`${changed ? 'installed' : 'nothing to do'}; no compiler is installed yet, \`wasienv setup\` brings one`);
      return;
    }
    // Before the proof: what was in use before may be gone, and then so is what the shims pointed to.
    const { directory } = await refreshEnvironment({ home, env, platform, signal });
    const name = `clang ${toolchain.clangVersion} (${toolchain.component} ${toolchain.version} from ${toolchain.source})`;
    if (prove) {
      const before = await (await import('./prove.js')).proveOnce(context, { toolchain, home, reporter, quiet, json }, { isChanged: changed });
      if (before !== null) say(`nothing to do: ${name} is installed, and ${before}`);
    } else {
      await reporter.close(false);
      say(changed ? `installed ${name}, not proved` : `nothing to do: ${name} is installed`);
    }
    say(`receipt  ${toolchain.receiptFile}`);
    // No profile of any shell is changed: this is the line for whoever wants the tools on PATH.
    say(`environ  ${useLine(platform === 'win32' ? 'powershell' : 'posix', directory, platform)}`);
    if (changed) say(`next     ${prove ? '' : 'wasienv verify proves it; '}wasienv cc FILE.c, then wasienv run FILE.wasm${toolchain.component === 'apt-clang' && !withRust ? '; for Rust: wasienv setup apt-rust' : ''}`);
  });
}
