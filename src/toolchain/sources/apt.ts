// The `apt` source: a native clang from the packages of a Debian or Ubuntu, without root and without installing one of
// them. Decides which packages make a whole compiler for WebAssembly and has apt fetch them; where they go and how they
// are proved is decided elsewhere (`package-tree.ts`, `install-packages.ts`). Trust: apt checks what it fetches against
// its signed index; the SHA-256 of each file is read from that index too and compared by us once more.
// format: apt-get(8) `--simulate`, `download`; apt-cache(8) `pkgnames`, `show`; deb-control(5)
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { WasienvError } from '../../base/errors.js';
import { spawn, type SpawnResult } from '../../base/spawn.js';
import { aptDownloadFailed, aptFailed, interrupted, noApt, noAptLists, noAptSet } from '../errors.js';
import type { DistributionPackage, PackageSet } from '../types.js';
import type { PackageSource, SourceContext } from './source.js';

/** apt reads lists of some 60,000 packages; on a slow disk that is seconds. */
const QUERY_TIMEOUT_MS = 60_000;

export const aptSource: PackageSource = { kind: 'packages', name: 'apt', find, findSysroot, fetch };

/** The packages of a set: those whose files make the compiler, whatever else they may depend on. */
function payload(major: number): readonly string[] {
  return [
    `clang-${major}`, `lld-${major}`, `llvm-${major}`, `libclang-cpp${major}`, `libllvm${major}`, `libclang-common-${major}-dev`,
    ...sysrootPayload(major),
  ];
}

const sysrootPayload = (major: number): readonly string[] => [`libclang-rt-${major}-dev-wasm32`, `libc++-${major}-dev-wasm32`, `libc++abi-${major}-dev-wasm32`, 'wasi-libc'];

/** Those that bring the programs' shared libraries, and depend on nothing but such. */
const linking = (major: number): readonly string[] => [`libclang-cpp${major}`, `libllvm${major}`, `lld-${major}`];

/** Replacing these beside the host's own would start programs with halves of two C libraries. */
const OF_THE_HOST = /^(?:libc6|libc-bin|libc\d.*|libgcc-s1|libstdc\+\+6|gcc-\d+-base)$/;

/** The newest whole set apt offers, or the newest of the major version or clang version asked for. */
async function find(wanted: string | undefined, context: SourceContext): Promise<PackageSet | WasienvError> {
  const offered = await findMajors(context);
  if (offered instanceof WasienvError) return offered;
  const majors = offered.filter((major) => !isExact(wanted) || wanted.split('.', 1)[0] === String(major));
  const refused: [major: number, reason: string][] = [];
  for (const major of isExact(wanted) || wanted === 'latest' ? majors : wholeFirst(majors)) {
    const set = await findSet(major, context);
    if (typeof set === 'string') refused.push([major, set]);
    else if (!isExact(wanted) || !wanted.includes('.') || set.version === wanted || set.version.startsWith(`${wanted}.`)) return set;
    else refused.push([major, `it is ${set.version}`]);
  }
  return noAptSet(wanted, refused);
}

/** A sysroot with builtins that a clang of this major version can use. */
async function findSysroot(clangMajor: number, context: SourceContext): Promise<PackageSet | WasienvError> {
  const offered = await findMajors(context);
  if (offered instanceof WasienvError) return offered;
  const refused: [major: number, reason: string][] = [];
  for (const major of sysrootOrder(offered, clangMajor)) {
    const set = await setOf('wasi-sysroot', major, sysrootPayload(major), context);
    if (typeof set !== 'string') return set;
    refused.push([major, set]);
  }
  return noAptSet(undefined, refused);
}

/** Versions of LLVM that apt has builtins of, or why it has none. */
async function findMajors(context: SourceContext): Promise<readonly number[] | WasienvError> {
  if (context.platform !== 'linux') return noApt(context.platform);
  const names = await ask('apt-cache', ['pkgnames', 'libclang-rt-'], context);
  if (names.startError !== undefined) return noApt(context.platform);
  if (names.exitCode !== 0) return aptFailed('reading its lists', names.stderr);
  const majors = majorsIn(names.stdout);
  if (majors.length > 0) return majors;
  return (await hasLists(context)) ? noAptSet(undefined, []) : noAptLists();
}

/**
 * Whose libc++ a clang gets: the newest whole one not newer than itself, else the oldest whole one that is, else the
 * newest that is not newer. Headers newer than a clang may use what it does not have. Pure.
 */
export function sysrootOrder(majors: readonly number[], clangMajor: number): readonly number[] {
  const whole = majors.filter(isWhole);
  return [...whole.filter((major) => major <= clangMajor), ...whole.filter((major) => major > clangMajor).reverse(), ...majors.filter((major) => !isWhole(major) && major <= clangMajor)];
}

/** A version, and no channel. */
function isExact(wanted: string | undefined): wanted is string {
  return wanted !== undefined && wanted !== 'stable' && wanted !== 'latest';
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
export function majorsIn(packageNames: string): readonly number[] {
  return [...packageNames.matchAll(/^libclang-rt-(\d+)-dev-wasm32$/gm)].map((match) => Number(match[1])).sort((left, right) => right - left);
}

async function hasLists(context: SourceContext): Promise<boolean> {
  const { stdout } = await ask('apt-cache', ['policy'], context);
  return / Packages$/m.test(stdout);
}

/** The packages of one LLVM, or why they do not make a compiler. */
async function findSet(major: number, context: SourceContext): Promise<PackageSet | string> {
  const names = payload(major);
  const simulated = await ask('apt-get', ['--simulate', '--no-install-recommends', '-o', 'Debug::NoLocking=true', 'install', ...linking(major)], context);
  if (simulated.exitCode !== 0) return aptSays(simulated.stderr);
  const libraries = parseSimulation(simulated.stdout).filter((name) => !names.includes(name));
  const clash = libraries.find((name) => OF_THE_HOST.test(name));
  if (clash !== undefined) return `it wants another ${clash} than this machine has`;
  return setOf('apt-clang', major, [...names, ...libraries], context);
}

async function setOf(component: PackageSet['component'], major: number, names: readonly string[], context: SourceContext): Promise<PackageSet | string> {
  const shown = await ask('apt-cache', ['show', '--no-all-versions', ...names], context);
  const packages = parseRecords(shown.stdout);
  const missing = names.filter((name) => !packages.some((each) => each.name === name));
  if (missing.length > 0) return `apt has no ${missing.join(', ')}`;
  const version = /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(packages.find((each) => each.name === names[0])!.version)?.[1] ?? String(major);
  return { component, version, clangMajor: major, packages, digest: digestOf(packages) };
}

/** Names of the packages that `apt-get --simulate install` would unpack. Pure. */
export function parseSimulation(text: string): readonly string[] {
  return [...text.matchAll(/^Inst ([^\s:]+)(?::\S+)? /gm)].map((match) => match[1]!);
}

/** The records of `apt-cache show` that can be fetched and checked. Pure. */
export function parseRecords(text: string): readonly DistributionPackage[] {
  return text.split(/\n\s*\n/).flatMap((record) => {
    const field = (name: string): string | undefined => new RegExp(`^${name}: *(.*)$`, 'm').exec(record)?.[1]?.trim();
    const [name, version, architecture, file, size, sha256] = ['Package', 'Version', 'Architecture', 'Filename', 'Size', 'SHA256'].map(field);
    if (name === undefined || version === undefined || architecture === undefined || file === undefined) return [];
    if (!/^[0-9a-f]{64}$/.test(sha256 ?? '') || !/^\d+$/.test(size ?? '')) return [];
    return [{
      name, version, architecture, file, sizeBytes: Number(size),
      // In KiB, rounded by whoever built the package.
      unpackedBytes: Number(field('Installed-Size') ?? 0) * 1024,
      integrity: `sha256-${Buffer.from(sha256!, 'hex').toString('base64')}`,
    }];
  });
}

/** One digest over what makes the set, whatever the order apt tells it in. */
function digestOf(packages: readonly DistributionPackage[]): string {
  const hash = createHash('sha256');
  for (const line of packages.map(({ name, integrity }) => `${name}\0${integrity}\n`).sort()) hash.update(line);
  return `sha256-${hash.digest('base64')}`;
}

/** Has apt fetch the set into `directory`, and gives the file of each package. @throws E_NETWORK E_INTERRUPTED */
async function fetch(set: PackageSet, directory: string, context: SourceContext, onProgress: (doneBytes: number) => void): Promise<ReadonlyMap<DistributionPackage, string>> {
  const watch = setInterval(() => onProgress(bytesIn(directory)), 250);
  let result: SpawnResult;
  try {
    // apt would fetch as its own user, who may not write below a home, and says so at length.
    const options = ['-q', '-o', 'APT::Sandbox::User=root', 'download'];
    result = await run('apt-get', [...options, ...set.packages.map(({ name, version }) => `${name}=${version}`)], context, { cwd: directory });
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

/** What apt itself calls the error; its warnings and progress are left out. Pure. */
export function aptSays(stderr: string): string {
  const errors = stderr.split('\n').filter((line) => line.startsWith('E: ')).map((line) => line.slice(3).trim());
  return errors.length > 0 ? [...new Set(errors)].join('; ') : stderr.trim().split('\n').at(-1) || 'it failed without a word';
}

function ask(file: string, args: readonly string[], context: SourceContext): Promise<SpawnResult> {
  return run(file, args, context, { timeoutMs: QUERY_TIMEOUT_MS });
}

function run(file: string, args: readonly string[], { env, signal }: SourceContext, options: { readonly cwd?: string; readonly timeoutMs?: number }): Promise<SpawnResult> {
  return spawn(file, args, { ...options, env: { ...env, LC_ALL: 'C', LANGUAGE: 'C' }, stdin: 'ignore', ...(signal === undefined ? {} : { signal }) });
}
