// The `apt` source: a native clang, a sysroot with builtins, or a Rust from the packages of a Debian or Ubuntu, without
// root and without installing one of them. Decides which packages make a whole compiler for WebAssembly (for Rust:
// `apt-rust.ts`) and has apt fetch them; where they go and how they are proved is decided elsewhere (`package-tree.ts`,
// `install-packages.ts`). Trust: apt checks what it fetches against its signed index; the SHA-256 of each file is read
// from that index too and compared by us once more.
// format: apt-get(8) `download`
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { WasienvError } from '../../base/errors.js';
import type { SpawnResult } from '../../base/spawn.js';
import { aptDownloadFailed, noAptSet } from './errors.js';
import { interrupted } from '../errors.js';
import type { DistributionPackage, PackageSet } from '../types.js';
import { aptSays, isExact, meets, neededBy, packageNames, runApt, setOf } from './apt-packages.js';
import type { PackageSource, SourceContext } from './source.js';

export const aptSource: PackageSource = {
  kind: 'packages', name: 'apt', find, findSysroot, fetch,
  findRust: async (wanted, context) => (await import('./apt-rust.js')).findRust(wanted, context),
};

/** The packages of a set: those whose files make the compiler, whatever else they may depend on. */
function payload(major: number, sysrootMajor: number): readonly string[] {
  return [
    `clang-${major}`, `lld-${major}`, `llvm-${major}`, `libclang-cpp${major}`, `libllvm${major}`, `libclang-common-${major}-dev`,
    ...sysrootPayload(sysrootMajor),
  ];
}

const sysrootPayload = (major: number): readonly string[] => [`libclang-rt-${major}-dev-wasm32`, `libc++-${major}-dev-wasm32`, `libc++abi-${major}-dev-wasm32`, 'wasi-libc'];

/** Those that bring the programs' shared libraries, and depend on nothing but such. */
const linking = (major: number): readonly string[] => [`libclang-cpp${major}`, `libllvm${major}`, `lld-${major}`];

/** The newest whole set apt offers, or the newest of the major version or clang version asked for. */
async function find(wanted: string | undefined, context: SourceContext): Promise<PackageSet | WasienvError> {
  const offered = await findMajors(context);
  if (offered instanceof WasienvError) return offered;
  const majors = offered.filter((major) => !isExact(wanted) || wanted.split('.', 1)[0] === String(major));
  const refused: [what: string, reason: string][] = [];
  for (const major of isExact(wanted) || wanted === 'latest' ? majors : wholeFirst(majors)) {
    const set = await findSet(major, offered, context);
    if (typeof set !== 'string' && meets(set.version, wanted)) return set;
    refused.push([`LLVM ${major}`, typeof set === 'string' ? set : `it is ${set.version}`]);
  }
  return noAptSet('compiler', wanted, refused);
}

/** A sysroot with builtins that a clang of this major version can use. */
async function findSysroot(clangMajor: number, context: SourceContext): Promise<PackageSet | WasienvError> {
  const offered = await findMajors(context);
  if (offered instanceof WasienvError) return offered;
  const refused: [what: string, reason: string][] = [];
  for (const major of sysrootOrder(offered, clangMajor)) {
    const set = await setOf('wasi-sysroot', major, sysrootPayload(major), context);
    if (typeof set !== 'string') return set;
    refused.push([`LLVM ${major}`, set]);
  }
  return noAptSet('sysroot', undefined, refused);
}

/** Versions of LLVM that apt has builtins of, or why it has none. */
async function findMajors(context: SourceContext): Promise<readonly number[] | WasienvError> {
  const names = await packageNames('libclang-rt-', context);
  if (names instanceof WasienvError) return names;
  const majors = majorsIn(names);
  return majors.length > 0 ? majors : noAptSet('compiler', undefined, []);
}

/**
 * Whose libc++ a clang gets: the newest whole one not newer than itself, else the oldest whole one that is, else the
 * newest that is not newer. Headers newer than a clang may use what it does not have. Pure.
 */
export function sysrootOrder(majors: readonly number[], clangMajor: number): readonly number[] {
  const whole = majors.filter(isWhole);
  return [...whole.filter((major) => major <= clangMajor), ...whole.filter((major) => major > clangMajor).reverse(), ...majors.filter((major) => !isWhole(major) && major <= clangMajor)];
}

const isWhole = (major: number): boolean => major < 17;

/**
 * Debian and Ubuntu configure libc++ for wasm32 without its file system, and since LLVM 17 that takes std::fstream away
 * too. So the newest before that comes first, and the others after it, newest first. Pure.
 * source: `__config_site` of libc++-14, -16, -19 and -22-dev-wasm32; libc++ 17 `<fstream>`
 */
export function wholeFirst(majors: readonly number[]): readonly number[] {
  const [whole, others] = [majors.filter(isWhole), majors.filter((major) => !isWhole(major))];
  return [...whole.slice(0, 1), ...others, ...whole.slice(1)];
}

/** Major versions of LLVM with builtins for wasm32, newest first. Pure. */
export function majorsIn(packageNames: readonly string[]): readonly number[] {
  return packageNames.flatMap((name) => /^libclang-rt-(\d+)-dev-wasm32$/.exec(name)?.[1] ?? []).map(Number).sort((left, right) => right - left);
}

/** The packages of one LLVM, or why they do not make a compiler. */
async function findSet(major: number, offered: readonly number[], context: SourceContext): Promise<PackageSet | string> {
  const names = payload(major, sysrootOrder(offered, major)[0] ?? major);
  const needed = await neededBy(linking(major), context);
  return typeof needed === 'string' ? needed : setOf('apt-clang', major, [...names, ...needed.filter((name) => !names.includes(name))], context);
}

/** Has apt fetch the set into `directory`, and gives the file of each package. @throws E_NETWORK E_INTERRUPTED */
async function fetch(set: PackageSet, directory: string, context: SourceContext, onProgress: (doneBytes: number) => void): Promise<ReadonlyMap<DistributionPackage, string>> {
  const watch = setInterval(() => onProgress(bytesIn(directory)), 250);
  let result: SpawnResult;
  try {
    // apt would fetch as its own user, who may not write below a home, and says so at length.
    const options = ['-q', '-o', 'APT::Sandbox::User=root', 'download'];
    result = await runApt('apt-get', [...options, ...set.packages.map(({ name, version }) => `${name}=${version}`)], context, { cwd: directory });
  } finally {
    clearInterval(watch);
  }
  if (context.signal?.aborted === true) throw interrupted('downloading packages');
  if (result.exitCode !== 0) throw aptDownloadFailed(aptSays(result.stderr));
  const names = readdirSync(directory);
  return new Map(set.packages.map((each) => {
    const file = names.find((name) => name.startsWith(`${each.name}_`) && name.endsWith('.deb'));
    if (file === undefined) throw aptDownloadFailed(`it left no file of ${each.name}`);
    return [each, path.join(directory, file)] as const;
  }));
}

function bytesIn(directory: string): number {
  const at = (name: string): number => statSync(path.join(directory, name), { throwIfNoEntry: false })?.size ?? 0;
  return readdirSync(directory).reduce((sum, name) => sum + at(name), 0);
}
