// The programs that the environment puts on PATH, by name. What they hold is made in compiler/shims.ts; here is only
// what both sides must agree on: which there are, where they lie, and what they are called on each platform.
import path from 'node:path';
import { homeTree } from '../home.js';
import type { ToolName } from '../types.js';

/**
 * `wasm32-wasip1-clang` names the target it compiles for, as cross compilers do; `wasm32-wasi-` is what it was called
 * before, and what wasi-sdk 20 to 33 and many scripts call it. No name of the host's own tools is taken.
 */
export const SHIM_PREFIXES = ['wasm32-wasip1-', 'wasm32-wasi-'] as const;

/** What a shim does: one of the tools, `run` a module, or link for rustc. */
export type ShimTask = Extract<ToolName, 'clang' | 'clang++' | 'wasm-ld' | 'ar' | 'nm' | 'ranlib' | 'objdump' | 'size' | 'strip'> | 'run' | 'rust-wasm-ld';

/**
 * Name behind the prefix -> task. `cc` and `c++` are what configure scripts look for behind `--host=wasm32-wasip1`.
 * rustc concludes from the end of its linker's name how to speak to it: -wasm-ld it must be, -ld would be GNU's.
 */
export const SHIMS: Readonly<Record<string, ShimTask>> = {
  clang: 'clang', 'clang++': 'clang++', cc: 'clang', 'c++': 'clang++',
  'wasm-ld': 'wasm-ld', ld: 'wasm-ld',
  ar: 'ar', nm: 'nm', ranlib: 'ranlib', objdump: 'objdump', size: 'size', strip: 'strip',
  run: 'run', 'rust-wasm-ld': 'rust-wasm-ld',
};

/** Names without a prefix, for `wasienv env --bare`: they stand before the host's own. */
export const BARE_SHIMS: Readonly<Record<string, ShimTask>> = {
  clang: 'clang', 'clang++': 'clang++', 'wasm-ld': 'wasm-ld',
  'llvm-ar': 'ar', 'llvm-nm': 'nm', 'llvm-ranlib': 'ranlib', 'llvm-objdump': 'objdump', 'llvm-size': 'size', 'llvm-strip': 'strip',
};

/** Names of the host's own tools, for `wasienv exec --bare`: a build that says `gcc` and `ar` gets these. */
export const HOST_SHIMS: Readonly<Record<string, ShimTask>> = {
  cc: 'clang', gcc: 'clang', c89: 'clang', c99: 'clang', 'c++': 'clang++', 'g++': 'clang++', ld: 'wasm-ld',
  ar: 'ar', nm: 'nm', ranlib: 'ranlib', objdump: 'objdump', size: 'size', strip: 'strip',
};

/** Where the shims lie: the prefixed ones, those that only `--bare` puts on PATH, and those only `exec --bare` does. */
export const shimDirectories = (home: string, platform: NodeJS.Platform, pinned?: string): { readonly prefixed: string; readonly bare: string; readonly host: string } => {
  const { join } = platform === 'win32' ? path.win32 : path.posix;
  const directory = homeTree.environmentDir(home, pinned);
  return { prefixed: join(directory, 'bin'), bare: join(directory, 'bare'), host: join(directory, 'host') };
};

export const shimFile = (name: string, platform: NodeJS.Platform): string => (platform === 'win32' ? `${name}.cmd` : name);
