// What apt knows, asked through its own client: which packages there are, what they hold and need, and what it says when
// it cannot. Which of them make a component is decided in `apt.ts` and `apt-rust.ts`. Nothing is changed on the machine.
// format: apt-get(8) `--simulate`; apt-cache(8) `pkgnames`, `show`; deb-control(5)
import { createHash } from 'node:crypto';
import type { WasienvError } from '../../base/errors.js';
import { spawn, type SpawnResult } from '../../base/spawn.js';
import { aptFailed, noApt, noAptLists } from './errors.js';
import type { DistributionPackage, PackageSet } from '../types.js';
import type { SourceContext } from './source.js';

/** apt reads lists of some 60,000 packages; on a slow disk that is seconds. */
const QUERY_TIMEOUT_MS = 60_000;

/** Replacing these beside the host's own would start programs with halves of two C libraries. */
export const OF_THE_HOST = /^(?:libc6|libc-bin|libc\d.*|libgcc-s1|libstdc\+\+6|gcc-\d+-base)$/;

/** Names of packages that begin so; or why apt cannot be asked, or has nothing to tell. */
export async function packageNames(prefix: string, context: SourceContext): Promise<readonly string[] | WasienvError> {
  if (context.platform !== 'linux') return noApt(context.platform);
  const names = await ask('apt-cache', ['pkgnames', prefix], context);
  if (names.startError !== undefined) return noApt(context.platform);
  if (names.exitCode !== 0) return aptFailed('reading its lists', names.stderr);
  const found = names.stdout.split('\n').filter((name) => name !== '');
  return found.length > 0 || (await hasLists(context)) ? found : noAptLists();
}

async function hasLists(context: SourceContext): Promise<boolean> {
  const { stdout } = await ask('apt-cache', ['policy'], context);
  return / Packages$/m.test(stdout);
}

/** What these packages bring with them that this machine does not have, or why they cannot be had. */
export async function neededBy(names: readonly string[], context: SourceContext): Promise<readonly string[] | string> {
  const simulated = await ask('apt-get', ['--simulate', '--no-install-recommends', '-o', 'Debug::NoLocking=true', 'install', ...names], context);
  if (simulated.exitCode !== 0) return aptSays(simulated.stderr);
  const needed = parseSimulation(simulated.stdout);
  const clash = needed.find((name) => OF_THE_HOST.test(name));
  return clash === undefined ? needed : `it wants another ${clash} than this machine has`;
}

/** Names of the packages that `apt-get --simulate install` would unpack. Pure. */
export function parseSimulation(text: string): readonly string[] {
  return [...text.matchAll(/^Inst ([^\s:]+)(?::\S+)? /gm)].map((match) => match[1]!);
}

/** What apt's index says of packages; those it does not have are left out. */
export async function recordsOf(names: readonly string[], context: SourceContext): Promise<readonly PackageRecord[]> {
  return parseRecords((await ask('apt-cache', ['show', '--no-all-versions', ...names], context)).stdout);
}

export interface PackageRecord extends DistributionPackage {
  /** Names of the packages it depends on; of alternatives the first. */
  readonly depends: readonly string[];
}

/** The records of `apt-cache show` that can be fetched and checked. Pure. */
export function parseRecords(text: string): readonly PackageRecord[] {
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
      depends: (field('Depends') ?? '').split(',').map((each) => each.trim().split(/[\s:(|]/, 1)[0]!).filter((each) => each !== ''),
    }];
  });
}

/** Packages as one component of the version that the first of them has, or which of them apt does not have. */
export async function setOf(component: PackageSet['component'], llvmMajor: number, names: readonly string[], context: SourceContext): Promise<PackageSet | string> {
  const records = await recordsOf(names, context);
  const missing = names.filter((name) => !records.some((each) => each.name === name));
  if (missing.length > 0) return `apt has no ${missing.join(', ')}`;
  const packages = records.map(({ depends: _, ...each }): DistributionPackage => each);
  const version = /^(?:\d+:)?(\d+(?:\.\d+)*)/.exec(packages.find((each) => each.name === names[0])!.version)?.[1] ?? String(llvmMajor);
  return { component, version, llvmMajor, packages, digest: digestOf(packages) };
}

/** One digest over what makes the set, whatever the order apt tells it in. */
function digestOf(packages: readonly DistributionPackage[]): string {
  const hash = createHash('sha256');
  for (const line of packages.map(({ name, integrity }) => `${name}\0${integrity}\n`).sort()) hash.update(line);
  return `sha256-${hash.digest('base64')}`;
}

/** A version, and no channel. */
export function isExact(wanted: string | undefined): wanted is string {
  return wanted !== undefined && wanted !== 'stable' && wanted !== 'latest';
}

/** Whether a set is of the version asked for: `16` and `16.0` are met by `16.0.6`. Pure. */
export function meets(version: string, wanted: string | undefined): boolean {
  return !isExact(wanted) || version === wanted || version.startsWith(`${wanted}.`);
}

/** What apt itself calls the error; its warnings and progress are left out. Pure. */
export function aptSays(stderr: string): string {
  const errors = stderr.split('\n').filter((line) => line.startsWith('E: ')).map((line) => line.slice(3).trim());
  return errors.length > 0 ? [...new Set(errors)].join('; ') : stderr.trim().split('\n').at(-1) || 'it failed without a word';
}

function ask(file: string, args: readonly string[], context: SourceContext): Promise<SpawnResult> {
  return runApt(file, args, context, { timeoutMs: QUERY_TIMEOUT_MS });
}

/** Its own words, in English. */
export function runApt(file: string, args: readonly string[], { env, signal }: SourceContext, options: { readonly cwd?: string; readonly timeoutMs?: number }): Promise<SpawnResult> {
  return spawn(file, args, { ...options, env: { ...env, LC_ALL: 'C', LANGUAGE: 'C' }, stdin: 'ignore', signal });
}
