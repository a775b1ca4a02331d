// From Debian's packages, unpacked below a directory, to the tree of a component: programs that start from wherever the
// home is, a resource directory and a sysroot of their own. Decides what is taken and what it is called; documentation,
// plugins and what belongs to other targets stay behind. Nothing outside the unpacked packages is read or linked to.
// layout: debian/ of llvm-toolchain-N and wasi-libc: usr/lib/llvm-N, usr/{include,lib}/wasm32-wasi
import { chmodSync, copyFileSync, linkSync, lstatSync, mkdirSync, readdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packagesLack } from './errors.js';
import type { ComponentLayout, ToolName } from './types.js';

/** Each program by its names here and in the packages. */
const PROGRAMS: readonly (readonly [tool: ToolName, name: string])[] = [
  ['clang', 'clang'], ['clang++', 'clang++'], ['wasm-ld', 'wasm-ld'], ['ar', 'llvm-ar'], ['nm', 'llvm-nm'], ['ranlib', 'llvm-ranlib'],
  ['objdump', 'llvm-objdump'], ['objcopy', 'llvm-objcopy'], ['size', 'llvm-size'], ['strip', 'llvm-strip'], ['addr2line', 'llvm-addr2line'], ['c++filt', 'llvm-cxxfilt'],
];

const SYSROOT = 'share/wasi-sysroot';
/** Names of preview 1 that a sysroot may have directories of, the newest first. */
const TARGETS = ['wasm32-wasip1', 'wasm32-wasi'] as const;

/**
 * Starts a program with the shared libraries that came with it. `$ORIGIN` is filled in by the dynamic loader, so a home
 * may be called anything, with colons too.
 */
function wrapper(program: string): string {
  return [
    '#!/bin/sh',
    '# Made by wasienv: starts the program with the libraries of its own packages.',
    'self=$0',
    '[ -h "$self" ] && self=$(readlink -f -- "$self")',
    // Called as `sh clang` from beside it there is no slash to cut at.
    'case $self in */*) here=${self%/*} ;; *) here=. ;; esac',
    "LD_LIBRARY_PATH='$ORIGIN/../lib'${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}",
    'export LD_LIBRARY_PATH',
    `exec "$here/../libexec/bin/${program}" "$@"`,
    '',
  ].join('\n');
}

/** Fills the empty directory `tree` from `unpacked` packages of a compiler, by links where the disk can. @throws E_ARCHIVE when something is not there */
export function buildTree(unpacked: string, tree: string, major: number): ComponentLayout {
  const taker = new Taker(unpacked, tree);
  const llvm = `usr/lib/llvm-${major}`;
  const tools: Partial<Record<ToolName, string>> = {};
  for (const [tool, program] of PROGRAMS) {
    if (takeProgram(taker, tree, `${llvm}/bin/${program}`)) tools[tool] = `bin/${program}`;
  }
  // Debian's clang starts its linker by this name, from beside itself.
  taker.file(`${llvm}/bin/wasm-ld`, `libexec/bin/wasm-ld-${major}`);
  takeLibraries(taker, [`${llvm}/lib`], /\.so\.\d/);
  // `14.0.6` until LLVM 15, `19` since; which of the two, with which headers, the packages know.
  const [number] = taker.names(`${llvm}/lib/clang`, /^\d/).filter((name) => taker.isFile(`${llvm}/lib/clang/${name}/include/stddef.h`));
  if (number === undefined) throw packagesLack([`${llvm}/lib/clang/*/include/stddef.h`]);
  // Where clang itself would look from `libexec/bin`, for who starts it without wasienv.
  const resourceDir = `libexec/lib/clang/${number}`;
  taker.tree(`${llvm}/lib/clang/${number}/include`, `${resourceDir}/include`);
  return { ...takeSysroot(taker, tree, { builtinsDir: resourceDir, newName: major >= 22 }), resourceDir, programs: { kind: 'native', tools } };
}

/** The same from packages of a Rust. @throws E_ARCHIVE when something is not there */
export function buildRustTree(unpacked: string, tree: string, major: number): ComponentLayout {
  const taker = new Taker(unpacked, tree);
  // Ubuntu keeps several beside each other.
  const prefixes = ['usr', ...taker.directories('usr/lib', /^rust-\d/)];
  const prefix = prefixes.find((each) => taker.isFile(`${each}/bin/rustc`));
  if (prefix === undefined) throw packagesLack(['usr/bin/rustc']);
  for (const program of ['rustc', 'rustdoc', 'cargo']) takeProgram(taker, tree, `${prefix}/bin/${program}`);
  takeProgram(taker, tree, `usr/lib/llvm-${major}/bin/wasm-ld`);
  // The compiler and the library it is made with have no version behind `.so`, but a hash before it.
  takeLibraries(taker, [`${prefix}/lib`, ...taker.directories(`${prefix}/lib`, /-linux-gnu/)], /\.so\.\d|-[0-9a-f]{16}\.so$/);
  // rustc takes the directory above that of its libraries for its sysroot. Of the other targets nothing is of use here.
  const rustlib = prefixes.map((each) => `${each}/lib/rustlib`).find((each) => taker.names(each, /^wasm32-wasi/).length > 0);
  const [target] = TARGETS.filter((name) => rustlib !== undefined && taker.names(`${rustlib}/${name}/lib`, /^libstd-.*\.rlib$/).length > 0);
  if (rustlib === undefined || target === undefined) throw packagesLack(['usr/lib/rustlib/wasm32-wasi/lib/libstd-*.rlib']);
  for (const name of [target, ...taker.names(rustlib, /-linux-/)]) taker.tree(`${rustlib}/${name}`, `libexec/lib/rustlib/${name}`);
  takeCopyrights(taker);
  return { rustStd: 'libexec', rustc: 'bin/rustc', target };
}

/** Whether it was there to take. */
function takeProgram(taker: Taker, tree: string, file: string): boolean {
  const program = path.posix.basename(file);
  if (!taker.file(file, `libexec/bin/${program}`)) return false;
  mkdirSync(path.join(tree, 'bin'), { recursive: true });
  writeFileSync(path.join(tree, 'bin', program), wrapper(program));
  chmodSync(path.join(tree, 'bin', program), 0o755);
  return true;
}

/** Names with a version behind `.so` are what a program asks for; the bare ones are for who links against them. */
function takeLibraries(taker: Taker, directories: readonly string[], pattern: RegExp): void {
  for (const directory of [...taker.directories('lib', /-linux-gnu/), ...taker.directories('usr/lib', /-linux-gnu/), 'lib', 'usr/lib', ...directories]) {
    for (const name of taker.names(directory, pattern)) taker.file(`${directory}/${name}`, `libexec/lib/${name}`);
  }
}

function takeCopyrights(taker: Taker): void {
  for (const name of taker.names('usr/share/doc', /./)) taker.file(`usr/share/doc/${name}/copyright`, `share/doc/${name}/copyright`);
}

/** The same from packages of a sysroot and builtins alone. @throws E_ARCHIVE when something is not there */
export function buildSysrootTree(unpacked: string, tree: string): ComponentLayout {
  return takeSysroot(new Taker(unpacked, tree), tree, { builtinsDir: '', newName: false });
}

/** `newName`: for a clang from 22 on, which has a warning for every use of the old name. */
function takeSysroot(taker: Taker, tree: string, { builtinsDir, newName }: { readonly builtinsDir: string; readonly newName: boolean }): Pick<ComponentLayout, 'sysroot' | 'builtins' | 'target' | 'targets'> {
  const there = TARGETS.filter((target) => taker.isFile(`usr/lib/${target}/libc.a`));
  if (there.length === 0) throw packagesLack(['usr/lib/wasm32-wasi/libc.a']);
  const called = (name: string): string => (newName && !there.includes(TARGETS[0]) && name === TARGETS[1] ? TARGETS[0] : name);
  const targets = there.map(called);
  const target = targets[0]!;
  for (const each of taker.names('usr/lib', /^wasm32-wasi/)) taker.tree(`usr/lib/${each}`, `${SYSROOT}/lib/${called(each)}`);
  for (const each of taker.names('usr/include', /^wasm32-wasi/)) taker.tree(`usr/include/${each}`, `${SYSROOT}/include/${called(each)}`);
  markLibcxx(path.join(tree, SYSROOT));
  takeCopyrights(taker);

  // Of whichever LLVM: a clang may get the builtins and libc++ of another.
  const archives = taker.directories('usr/lib', /^llvm-\d+$/).flatMap((llvm) => taker.directories(`${llvm}/lib/clang`, /^\d/)).flatMap((clang) => taker.directories(`${clang}/lib`, /wasi/))
    .flatMap((directory) => ['libclang_rt.builtins-wasm32.a', 'libclang_rt.builtins.a'].map((name) => `${directory}/${name}`));
  const archive = archives.find((file) => taker.isFile(file));
  if (archive === undefined) throw packagesLack(['usr/lib/llvm-*/lib/clang/*/lib/wasi/libclang_rt.builtins-wasm32.a']);
  const builtins = path.posix.join(builtinsDir, 'lib', ...archive.split('/').slice(-2));
  taker.file(archive, builtins);
  return { sysroot: SYSROOT, builtins, target, ...(targets.length > 1 ? { targets } : {}) };
}

/**
 * clang 15 to 18 look for a version of libc++ in `include/c++`, and only then take the headers that are the target's;
 * they are content with the name.
 */
export function markLibcxx(sysroot: string): void {
  const include = path.join(sysroot, 'include');
  const marker = path.join(include, 'c++', 'v1');
  const ofTarget = TARGETS.some((target) => statSync(path.join(include, target, 'c++', 'v1'), { throwIfNoEntry: false }) !== undefined);
  if (!ofTarget || statSync(marker, { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(marker, { recursive: true });
  writeFileSync(path.join(marker, 'README'), 'Some clangs take the headers of a target, ../../wasm32-wasi/c++/v1, only when this directory exists.\n');
}

/** Takes files over; a link in the packages becomes the file it leads to, if that came with them. */
class Taker {
  readonly #from: string;
  readonly #to: string;

  constructor(from: string, to: string) {
    this.#from = realpathSync(from);
    this.#to = to;
  }

  names(directory: string, pattern: RegExp): readonly string[] {
    const real = this.#real(directory);
    return real === undefined || !statSync(real).isDirectory() ? [] : readdirSync(real).filter((name) => pattern.test(name)).sort();
  }

  directories(directory: string, pattern: RegExp): readonly string[] {
    return this.names(directory, pattern).map((name) => `${directory}/${name}`);
  }

  isFile(file: string): boolean {
    const real = this.#real(file);
    return real !== undefined && statSync(real).isFile();
  }

  /** Whether it was there to take. */
  file(from: string, to: string): boolean {
    const real = this.#real(from);
    if (real === undefined || !statSync(real).isFile()) return false;
    const target = path.join(this.#to, to);
    if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) return true;
    mkdirSync(path.dirname(target), { recursive: true });
    try {
      linkSync(real, target);
    } catch {
      // A disk without hard links.
      copyFileSync(real, target);
    }
    return true;
  }

  tree(from: string, to: string, above: readonly string[] = []): void {
    const real = this.#real(from);
    // A link to a directory it lies in would have no end.
    if (real === undefined || above.includes(real)) return;
    if (statSync(real).isFile()) this.file(from, to);
    else for (const name of this.names(from, /./)) this.tree(`${from}/${name}`, `${to}/${name}`, [...above, real]);
  }

  /** Where a path leads, links followed; undefined when that is nowhere, or outside. */
  #real(inside: string): string | undefined {
    try {
      const real = realpathSync(path.join(this.#from, inside));
      return real.startsWith(this.#from + path.sep) ? real : undefined;
    } catch {
      return undefined;
    }
  }
}
