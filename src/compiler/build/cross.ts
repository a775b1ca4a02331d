// What build tools must know of a toolchain: the programs that compile for WASI, the one that runs what they make, and
// where headers and libraries are. Pure. Every other file of this directory puts it in the words of one build tool.
import path from 'node:path';
import { homeTree } from '../../toolchain/home.js';
import { offersTask, shimDirectories, shimFile, type ShimTask } from '../../toolchain/setenv/index.js';
import type { Toolchain } from '../../toolchain/types.js';

/** Tools by the name of the variable that make and configure know them under. */
const TOOLS = {
  CC: ['clang', 'clang'], CXX: ['clang++', 'clang++'], AR: ['ar', 'ar'], RANLIB: ['ranlib', 'ranlib'], NM: ['nm', 'nm'],
  LD: ['wasm-ld', 'wasm-ld'], STRIP: ['strip', 'strip'], OBJDUMP: ['objdump', 'objdump'], SIZE: ['size', 'size'],
} as const satisfies Readonly<Record<string, readonly [shim: string, task: ShimTask]>>;
export type CrossTool = keyof typeof TOOLS;

export interface CrossTools {
  /** Absolute paths of the programs this toolchain has. */
  readonly tools: Readonly<Partial<Record<CrossTool, string>>>;
  /** Runs a module; a program of this machine it starts as it is. */
  readonly run: string;
  /** As clang calls it: `wasm32-wasip1`. */
  readonly target: string;
  readonly sysroot: string;
  /** Where .pc files of libraries for WASI are. */
  readonly pkgConfigDirs: readonly string[];
  /** Where the files for build tools are. */
  readonly directory: string;
}

/** `pinned`: what the shims of a toolchain are filed under that is not the one in use. */
export function crossTools(toolchain: Toolchain, home: string, platform: NodeJS.Platform, pinned?: string): CrossTools {
  const { join } = platform === 'win32' ? path.win32 : path.posix;
  const { target, sysroot } = toolchain.layout;
  const { prefixed } = shimDirectories(home, platform, pinned);
  const shim = (name: string): string => join(prefixed, shimFile(`wasm32-wasip1-${name}`, platform));
  const offered = Object.entries(TOOLS).filter(([, [, task]]) => offersTask(toolchain, task));
  return {
    tools: Object.fromEntries(offered.map(([variable, [name]]) => [variable, shim(name)])),
    run: shim('run'),
    target, sysroot,
    pkgConfigDirs: [join(sysroot, 'lib', target, 'pkgconfig'), join(sysroot, 'share', 'pkgconfig')],
    directory: homeTree.environmentDir(home, pinned),
  };
}
