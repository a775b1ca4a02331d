// rustc and cargo for WASI: the machine's own, started with target, linker and runner. Messages and exit codes are theirs.
import type { Environment } from '../base/surroundings.js';
import { noRustLinker, overlayProgram, type RustPrograms, type RustToolchain } from '../toolchain/rust/index.js';
import { noCargo } from './errors.js';
import { say, type ToolIo } from './io.js';
import { cargoArguments, isRustQuestion, rustcArguments, type RustParts } from './rust-arguments.js';
import { shellCommand, shellQuote } from './quote.js';

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
  readonly io: ToolIo;
  readonly signal?: AbortSignal;
}

interface Prepared {
  readonly program: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
}

/** Runs rustc or cargo and gives its exit code. @throws E_NO_WASM_LD, E_NO_TOOL for a missing cargo, E_COMPILER */
export async function runRust(options: RustOptions): Promise<number> {
  const { program, args, variables, notes } = prepare(options);
  for (const note of notes) say(options.io, 'stderr', `wasienv: note: ${note}\n`);
  const { runHostProgram } = await import('./native.js');
  return runHostProgram(program, args, { ...options, env: { ...options.env, ...variables } });
}

/** The plain command line that does the same, for a POSIX shell: variables in front. */
export function showRust(options: Omit<RustOptions, 'io' | 'signal'>): string {
  const { program, args, variables } = prepare(options);
  return [...Object.entries(variables).map(([name, value]) => `${name}=${shellQuote(value)}`), shellCommand([program, ...args])].join(' ');
}

function prepare({ rust, tool, args, env, platform, runner }: Omit<RustOptions, 'io' | 'signal'>): Prepared {
  const { finding, cargo } = rust;
  const plus = finding.toolchain === null ? [] : [`+${finding.toolchain}`];
  if (tool === 'cargo' && cargo === null) throw noCargo(finding.rustc);
  if (!('facts' in rust) || isRustQuestion(tool, args)) return { program: tool === 'rustc' ? finding.rustc : cargo!, args: [...plus, ...args], variables: {}, notes: [] };

  const { facts, overlay, linker } = rust;
  const program = (name: 'rustc' | 'rustdoc'): string | undefined => (overlay === null ? undefined : overlayProgram(overlay, name, platform));
  const rustc = program('rustc') ?? finding.rustc;
  const parts: RustParts = { target: rust.target, installed: overlay === null ? facts.installed : [rust.target], linker: linker.kind === 'use' ? linker.file : null };
  const prepared = tool === 'rustc'
    ? { ...rustcArguments(parts, args), variables: {} }
    : cargoArguments({
      ...parts, runner, ownLinker: linker.kind === 'own' ? linker.file : null,
      // rustup's cargo chooses its rustc; any other one would take the first on PATH.
      rustc: overlay !== null || (finding.rustup === null && !finding.isFirstOnPath) ? rustc : null,
      rustdoc: program('rustdoc') ?? null,
    }, args, env);
  if (linker.kind === 'none' && prepared.links && prepared.target !== null && !prepared.linkerNamed) throw noRustLinker(facts, linker);
  return { program: tool === 'rustc' ? rustc : cargo!, args: [...plus, ...prepared.args], variables: prepared.variables, notes: prepared.notes };
}
