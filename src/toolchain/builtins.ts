// Makes builtins and libc fit together. Debian builds compiler-rt's wasm32 builtins with a stack protector, and its
// wasi-libc (before 2023) has none: anything that multiplies 128-bit integers then fails to link for want of
// `__stack_chk_guard`. Where neither defines it, a copy of the builtins gets an object that does.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { spawn } from '../base/spawn.js';
import type { Environment } from '../base/surroundings.js';
import { definedSymbols, withObject } from './archive-index.js';
import { guardNotBuilt } from './errors.js';

/**
 * Every place below a resource directory in which a clang has looked for the builtins of wasm32 with WASI.
 * source: llvm-project clang/lib/Driver/ToolChain.cpp (`getCompilerRT`); by the target's name since LLVM 15
 */
export const BUILTINS_PLACES = [
  'lib/wasi/libclang_rt.builtins-wasm32.a', 'lib/wasip1/libclang_rt.builtins-wasm32.a',
  'lib/wasm32-unknown-wasi/libclang_rt.builtins.a', 'lib/wasm32-unknown-wasip1/libclang_rt.builtins.a',
] as const;

const GUARD = '__stack_chk_guard';
const FAIL = '__stack_chk_fail';

/**
 * The guard is a constant, and so no secret: it has a zero byte to stop strings with, as others have, and catches what
 * runs over its buffer. A program that would rather draw lots defines its own; it comes before that of a library.
 */
const SOURCE = `unsigned long ${GUARD} = 0x00f3a95cul;
__attribute__((noreturn)) void ${FAIL}(void) { __builtin_trap(); }
`;

/** Whether these builtins name a stack guard that neither they nor this libc define. */
export async function lacksStackGuard(builtins: string, libc: string): Promise<boolean> {
  const [archive, library] = await Promise.all([readFile(builtins), readFile(libc)]);
  // By the bytes: an object's list of what it wants is in no index.
  return archive.includes(GUARD) && definedSymbols(archive)?.has(GUARD) !== true && definedSymbols(library)?.has(GUARD) !== true;
}

/** The bytes of these builtins with a stack guard in them. Compiles with the clang they are for. @throws E_COMPILER */
export async function withStackGuard(builtins: string, compiler: { readonly clang: string; readonly target: string; readonly work: string; readonly env: Environment; readonly signal?: AbortSignal | undefined }): Promise<Buffer> {
  const { clang, target, env, signal } = compiler;
  const work = await mkdtemp(path.join(compiler.work, 'guard-'));
  try {
    await writeFile(path.join(work, 'guard.c'), SOURCE);
    const args = [`--target=${target}`, '-nostdinc', '-fno-stack-protector', '-O2', '-c', 'guard.c', '-o', 'guard.o'];
    const result = await spawn(clang, args, { cwd: work, env: { ...env, LC_ALL: 'C' }, stdin: 'ignore', signal });
    if (result.exitCode !== 0) throw guardNotBuilt(clang, result.stderr.trim() || (result.startError?.message ?? 'no word of why'));
    const bytes = withObject(await readFile(builtins), 'guard.o', await readFile(path.join(work, 'guard.o')), [GUARD, FAIL]);
    if (bytes === null) throw guardNotBuilt(builtins, 'its archive has no index of the usual kind');
    return bytes;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
