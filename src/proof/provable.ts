// What a proof can be made of: a clang with its sysroot, or a rustc with its standard library. Everything that differs
// between the two is here; the proof itself knows neither.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { createHash } from 'node:crypto';
import type { Environment } from '../base/surroundings.js';
import { compile, offersModes, type ToolIo } from '../compiler/index.js';
import type { Toolchain } from '../toolchain/index.js';
import type { RustToolchain } from '../toolchain/rust/index.js';
import { PROOF_PROGRAMS, RUST_PROOF_PROGRAMS, type ProofProgram } from './catalogue.js';
import type { ProofReceipt } from './receipt.js';

export type Provable = Toolchain | RustToolchain;

export interface CompileRequest {
  readonly toolchain: Provable;
  readonly program: ProofProgram;
  readonly output: string;
  readonly cwd: string;
  readonly env: Environment;
  readonly io: ToolIo;
  readonly signal?: AbortSignal | undefined;
}

function isRust(toolchain: Provable): toolchain is RustToolchain {
  return toolchain.component === 'rust-target';
}

/** Those whose modes this toolchain can do. */
export function programsFor(toolchain: Provable): readonly ProofProgram[] {
  if (isRust(toolchain)) return RUST_PROOF_PROGRAMS;
  return PROOF_PROGRAMS.filter((program) => offersModes(toolchain, compilerArguments(program, 'a.wasm')));
}

/** What is given to the compiler, in a directory that holds the sources. */
export function compilerArguments({ language, flags, sources, libraries }: ProofProgram, output: string): readonly string[] {
  return language === 'rust' ? ['--edition=2021', ...flags, ...sources, '-o', output] : [...flags, ...sources, ...libraries, '-o', output];
}

/** Compiles and gives the exit code. Throws what the compiler's room throws. */
export async function compileProgram({ toolchain, program, output, ...options }: CompileRequest): Promise<number> {
  const args = compilerArguments(program, output);
  if (!isRust(toolchain)) return compile({ ...options, toolchain, tool: program.language === 'c' ? 'clang' : 'clang++', args });
  const { runRust } = await import('../compiler/rust.js');
  return runRust({ ...options, rust: toolchain, tool: 'rustc', args, env: withoutWishes(options.env), platform: process.platform, runner: [] });
}

/** Variables that make rustc behave as another one would; a proof is about the rustc, not about the shell. */
function withoutWishes(env: Environment): Environment {
  const { RUSTFLAGS: _flags, RUSTC_BOOTSTRAP: _bootstrap, RUSTC_LOG: _log, ...kept } = env;
  return kept;
}

/** The compiler, as a receipt names it. */
export function describe(toolchain: Provable): ProofReceipt['toolchain'] {
  const { component, version, source, digest } = toolchain;
  return isRust(toolchain)
    ? { component, version, source, clangVersion: null, rustcVersion: toolchain.facts.versionLine, target: toolchain.target, digest }
    : { component, version, source, clangVersion: toolchain.clangVersion, target: toolchain.layout.target, digest };
}

/** What every program is linked with, as far as it is there: a proof says which bytes it speaks of. */
export function hashParts(toolchain: Provable): ProofReceipt['parts'] {
  return linkedFiles(toolchain)
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    .map((file) => {
      const bytes = readFileSync(file);
      return { path: file, sizeBytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
    });
}

function linkedFiles(toolchain: Provable): readonly string[] {
  if (!isRust(toolchain)) {
    const { layout } = toolchain;
    const library = path.join(layout.sysroot, 'lib', layout.target);
    return [layout.builtins, ...['crt1-command.o', 'libc.a', 'libc++.a', 'libc++abi.a'].map((name) => path.join(library, name))];
  }
  const library = path.join(toolchain.overlay ?? toolchain.facts.sysroot, 'lib', 'rustlib', toolchain.target, 'lib');
  const crates = readdirSync(library).filter((name) => /^lib(?:core|alloc|std|compiler_builtins|panic_abort)-.*\.rlib$/.test(name)).sort();
  return [...['crt1-command.o', 'libc.a'].map((name) => path.join(library, 'self-contained', name)), ...crates.map((name) => path.join(library, name))];
}
