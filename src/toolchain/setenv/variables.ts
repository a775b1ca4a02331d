// The environment for other build tools, as a pure list of variables. All of them name the target, so that builds for
// this machine see nothing new; only `bare` takes over names that builds for the host read too. Renderers
// (render.ts) turn the list into the tongue of a shell.
// Sources: docs.rs/cc "External configuration via environment variables"; the Cargo Book, "Environment Variables" and
// `target.<triple>.runner`; rust-bindgen README; wasi-sdk's README for WASI_SDK_PATH.
import path from 'node:path';
import { shellQuote } from '../../base/quote.js';
import type { Toolchain } from '../types.js';
import { shimDirectories, shimFile, type ShimTask } from './shim-names.js';

export interface EnvironmentVariable {
  readonly name: string;
  /** Never empty: cmd and older PowerShells cannot tell an empty variable from none. */
  readonly value: string;
}

export interface ToolEnvironment {
  readonly variables: readonly EnvironmentVariable[];
  /** Directories that go in front of PATH, in this order. */
  readonly path: readonly string[];
  /** Between the directories of PATH. */
  readonly separator: ':' | ';';
  /** What could not be offered, for people. */
  readonly notes: readonly string[];
}

export interface EnvironmentRequest {
  readonly toolchain: Toolchain;
  readonly home: string;
  /** WASIENV_HOME named the home; then the environment names it too. */
  readonly homeIsNamed: boolean;
  readonly platform: NodeJS.Platform;
  /** Also CC, CXX, AR … and `clang` on PATH, for build tools that know no targets. */
  readonly bare: boolean;
  /** Not the toolchain in use: what its shims are filed under. */
  readonly pinned?: string;
}

/** The Rust names of preview 1, as variables spell them: since Rust 1.78, and before. */
const RUST_TARGETS = ['wasm32_wasip1', 'wasm32_wasi'] as const;

/** Variables of one tool each: the name that gets a target suffix, and that `bare` gives without one. */
const TOOL_VARIABLES: readonly (readonly [variable: string, shim: string, task: ShimTask])[] = [
  ['CC', 'clang', 'clang'],
  ['CXX', 'clang++', 'clang++'],
  ['AR', 'ar', 'ar'],
  ['RANLIB', 'ranlib', 'ranlib'],
  ['NM', 'nm', 'nm'],
];
const BARE_VARIABLES: typeof TOOL_VARIABLES = [
  ...TOOL_VARIABLES,
  ['LD', 'wasm-ld', 'wasm-ld'],
  ['STRIP', 'strip', 'strip'],
  ['OBJDUMP', 'objdump', 'objdump'],
  ['SIZE', 'size', 'size'],
];

/** The environment of a toolchain. Pure. */
export function environmentOf({ toolchain, home, homeIsNamed, platform, bare, pinned }: EnvironmentRequest): ToolEnvironment {
  const { layout } = toolchain;
  const directories = shimDirectories(home, platform, pinned);
  const { join } = platform === 'win32' ? path.win32 : path.posix;
  const separator = platform === 'win32' ? ';' : ':';
  const notes: string[] = [];
  const onPath = [directories.prefixed, ...(bare ? [directories.bare] : [])];
  const unusable = directories.prefixed.includes(separator);
  if (unusable) notes.push(`PATH cannot hold a directory with \`${separator}\` in its name: ${directories.prefixed}`);
  // make, configure and older versions of the cc crate split CC at white space: with such a home the name alone, found
  // along PATH, is what works everywhere.
  const byName = !unusable && !/^[\w@%+,./:\\\u0080-\uffff-]+$/.test(directories.prefixed);
  const shim = (name: string): string => {
    const file = shimFile(`wasm32-wasip1-${name}`, platform);
    return byName ? file : join(directories.prefixed, file);
  };

  const variables: EnvironmentVariable[] = [];
  const set = (name: string, value: string): void => void variables.push({ name, value });

  if (homeIsNamed) set('WASIENV_HOME', home);
  if (hasSdkShape(toolchain, platform)) set('WASI_SDK_PATH', toolchain.rootDir);
  set('WASI_SYSROOT', layout.sysroot);
  for (const target of RUST_TARGETS) {
    for (const [variable, name, task] of TOOL_VARIABLES) if (offersTask(toolchain, task)) set(`${variable}_${target}`, shim(name));
    // Not needed by our own clang; it keeps the host's CFLAGS out, which cargo's cc crate takes when there is none for the target.
    set(`CFLAGS_${target}`, `--target=${layout.target}`);
    set(`CXXFLAGS_${target}`, `--target=${layout.target}`);
    // bindgen asks a libclang of its own, so our clang's resource directory is none of its business. wasm hides symbols
    // by default, and bindgen leaves hidden ones out: rust-lang/rust-bindgen#2624. It splits as a POSIX shell would (shlex).
    set(`BINDGEN_EXTRA_CLANG_ARGS_${target}`, `--target=${layout.target} ${shellQuote(`--sysroot=${layout.sysroot}`)} -fvisibility=default`);
  }
  for (const target of RUST_TARGETS) {
    if (offersTask(toolchain, 'rust-wasm-ld')) set(`CARGO_TARGET_${target.toUpperCase()}_LINKER`, shim('rust-wasm-ld'));
    // Cargo splits this one at white space and knows no quotes: it must be a name found along PATH.
    if (!unusable) set(`CARGO_TARGET_${target.toUpperCase()}_RUNNER`, shimFile('wasm32-wasip1-run', platform));
  }
  if (bare) for (const [variable, name, task] of BARE_VARIABLES) if (offersTask(toolchain, task)) set(variable, shim(name));
  return { variables, path: unusable ? [] : onPath, separator, notes };
}

/** Whether this toolchain has what a shim would start. */
export function offersTask({ layout: { programs } }: Toolchain, task: ShimTask): boolean {
  if (task === 'run' || programs.kind === 'portable') return true;
  return programs.tools[task === 'rust-wasm-ld' ? 'wasm-ld' : task] !== undefined;
}

/** `bin/clang` and `share/wasi-sysroot` below one directory: what scripts that read WASI_SDK_PATH rely on. */
function hasSdkShape({ rootDir, layout }: Toolchain, platform: NodeJS.Platform): boolean {
  const { join } = platform === 'win32' ? path.win32 : path.posix;
  const { programs } = layout;
  if (programs.kind !== 'native') return false;
  return programs.tools.clang === join(rootDir, 'bin', platform === 'win32' ? 'clang.exe' : 'clang') && layout.sysroot === join(rootDir, 'share', 'wasi-sysroot');
}
