// The Rust part of `setup`: install what the plan says, bring rustc and library together, prove, and tell of it.
import type { Plan, RunOptions } from '../toolchain/index.js';
import type { RustPlan, RustToolchain } from '../toolchain/rust/index.js';
import type { CommandContext } from './command.js';
import { withReporter } from './report.js';

export interface RustSetup {
  readonly rust: RustPlan;
  /** What is still to be installed for it; null when that is done, or when nothing is needed. */
  readonly plan: Plan | null;
  readonly home: string;
  readonly settings: Pick<RunOptions, 'cafile' | 'offline'>;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly prove: boolean;
}

/** @throws what setup throws, and E_PROOF */
export async function setUpRust(context: CommandContext, { rust: wanted, plan, home, settings, quiet, json, prove }: RustSetup): Promise<void> {
  const { surroundings: { cwd, platform, now }, env, output, signal } = context;
  const [{ runPlan }, { finishRust }] = await Promise.all([import('../toolchain/index.js'), import('../toolchain/rust/index.js')]);
  const say = (line: string): void => {
    if (!quiet && !json) output.print(line);
  };
  await withReporter(output, { quiet, json, now }, async (reporter) => {
    const options: RunOptions = { home, env, cwd, platform, signal, now, emit: reporter.emit, ...settings };
    if (plan !== null) await runPlan(plan, options);
    if (wanted.kind === 'rustup') reporter.emit({ type: 'note', text: `running ${wanted.command.join(' ')}` });
    const rust = await finishRust(wanted, { home, env, cwd, platform, signal }, { emit: reporter.emit, now });
    if (prove) {
      const before = await (await import('./prove.js')).proveOnce(context, { toolchain: rust, home, reporter, quiet, json }, { isChanged: false });
      if (before !== null) say(`${nameOf(rust)} can compile for ${rust.target}, and ${before}`);
    } else {
      await reporter.close(false);
      say(`${nameOf(rust)} can compile for ${rust.target}; not proved`);
    }
    say(`linker   ${linkerText(rust)}`);
    say('next     wasienv rustc FILE.rs, or wasienv cargo run in a project');
  });
}

export function nameOf({ facts }: RustToolchain): string {
  return `rustc ${facts.release} (${facts.sysroot})`;
}

function linkerText({ linker }: RustToolchain): string {
  switch (linker.kind) {
    case 'own': return `${linker.file}, rustc’s own`;
    case 'use': return `${linker.file}, LLD ${linker.major}`;
    case 'none': return `none that fits: a wasm-ld of LLVM ${linker.wantedMajor} is needed`;
  }
}
