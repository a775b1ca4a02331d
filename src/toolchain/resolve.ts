// From what a person asked to one release: channel, version or range, for this host, from this source, with the trust
// that was asked for. The only file that imports semver. Pure.
import semver from 'semver';
import { hostTooOld, noDigest, tooFewWitnesses, unknownVersion } from './errors.js';
import type { Artifact, HostFacts, Manifest, Release, ResolvedComponent, SourceName } from './types.js';
import type { WasienvError } from '../base/errors.js';

/** What is demanded of a row before its bytes may be installed. */
export interface Trust {
  readonly allowUnverified?: boolean;
  readonly requireWitnesses?: number;
}

export type HostToRunOn = Pick<HostFacts, 'platform' | 'arch'> & Partial<Pick<HostFacts, 'libc'>>;

/**
 * The release of a manifest that a request means. `wanted`: a channel (`stable`), an exact version, or a range of semver
 * (`^22`); undefined is `stable`. A range takes the newest release that can be trusted and that runs here; an exact
 * version or a channel is taken or refused. @throws E_UNKNOWN_VERSION naming those that exist here, E_DIGEST E_WITNESSES E_HOST
 */
export function resolveComponent(manifest: Manifest, wanted: string | undefined, source: SourceName, host: HostToRunOn, trust: Trust = {}): ResolvedComponent {
  const here = manifest.releases.filter((release) => isFrom(release, source) && runsOn(release, host));
  const name = wanted ?? 'stable';
  const exact = manifest.channels[name] ?? name;
  const release = here.find((each) => each.version === exact);
  if (release !== undefined) {
    const refusal = refusalOf(manifest, release, host, trust, here);
    if (refusal !== null) throw refusal;
    return { name: manifest.component, release };
  }
  const [newest, ...older] = inRange(here, name);
  if (newest === undefined) throw unknownVersion(manifest.component, name, [...new Set([...Object.keys(manifest.channels), ...here.map((each) => each.version)])], source);
  for (const each of [newest, ...older]) if (refusalOf(manifest, each, host, trust, here) === null) return { name: manifest.component, release: each };
  throw refusalOf(manifest, newest, host, trust, here)!;
}

/** Why a release is not installed as it stands; null when it may be. */
function refusalOf(manifest: Manifest, release: Release, host: HostToRunOn, trust: Trust, here: readonly Release[]): WasienvError | null {
  const subject = `${manifest.component} ${release.version}`;
  const { artifact, glibc } = release;
  const lacking = glibc === null ? null : glibcLacking(glibc, host.libc ?? null);
  if (lacking !== null) return hostTooOld(subject, glibc!, lacking);
  const { allowUnverified = false, requireWitnesses = 0 } = trust;
  const others = (fits: (artifact: Artifact) => boolean): readonly string[] => inRange(here.filter((each) => fits(each.artifact))).map((each) => each.version);
  if (artifact.integrity === null && !allowUnverified) return noDigest(subject, manifest.component, others((each) => each.integrity !== null));
  if (artifact.integrity !== null && witnessesOf(artifact) < requireWitnesses) {
    return tooFewWitnesses(subject, manifest.component, witnessesOf(artifact), requireWitnesses, others((each) => each.integrity !== null && witnessesOf(each) >= requireWitnesses));
  }
  return null;
}

/** How many independent projects pin this digest. */
export function witnessesOf(artifact: Artifact): number {
  return artifact.witnessCount ?? artifact.witnesses.length;
}

/** What this machine has where a glibc is needed: null when it will do, else its words for it. Not knowing is no refusal. */
export function glibcLacking(needed: string, libc: string | null): string | null {
  if (libc === null) return null;
  const here = /^glibc (\d+)\.(\d+)/.exec(libc);
  if (here === null) return libc;
  const [major, minor] = needed.split('.').map(Number) as [number, number];
  return Number(here[1]) > major || (Number(here[1]) === major && Number(here[2]) >= minor) ? null : libc;
}

/** A mirror holds what upstream publishes, and what npm packages. */
function isFrom(release: Release, source: SourceName): boolean {
  return release.source === source || source === 'mirror';
}

function runsOn(release: Release, host: Pick<HostFacts, 'platform' | 'arch'>): boolean {
  return release.hosts.includes('any') || release.hosts.includes(`${host.platform}-${host.arch}`);
}

/** Those that are not to be avoided, newest first. */
function inRange(releases: readonly Release[], range?: string): readonly Release[] {
  return ordered(releases.filter(({ avoid }) => !avoid), ({ version }) => version, range);
}

/** The versions of a manifest in a range, all of them when there is none, newest first, each with its rows. */
export function versionsOf(manifest: Manifest, wanted?: string): readonly (readonly [version: string, releases: readonly Release[]])[] {
  const known = [...new Set(manifest.releases.map(({ version }) => version))];
  const exact = wanted === undefined ? undefined : (manifest.channels[wanted] ?? wanted);
  const versions = exact !== undefined && known.includes(exact) ? [exact] : newestFirst(known, wanted);
  return versions.map((version) => [version, manifest.releases.filter((release) => release.version === version)]);
}

/** Versions in a range (all of them when there is none), newest first; none for what is no range. */
export function newestFirst(versions: readonly string[], range?: string): readonly string[] {
  return ordered(versions, (version) => version, range);
}

function ordered<T>(all: readonly T[], versionOf: (each: T) => string, range: string | undefined): readonly T[] {
  // To semver the empty text means any version; from a person it is a slip.
  if (range !== undefined && (range.trim() === '' || semver.validRange(range) === null)) return [];
  const fitting = range === undefined ? [...all] : all.filter((each) => semver.satisfies(orderable(versionOf(each)), range, { includePrerelease: true }));
  return fitting.sort((a, b) => semver.compareBuild(orderable(versionOf(b)), orderable(versionOf(a))));
}

/** wasi-sdk counts `34.0` and yowasp ends in `-git20542-10`: neither is strict semver, both are orderable. */
function orderable(version: string): string {
  return semver.valid(version) ?? semver.coerce(version)?.version ?? '0.0.0';
}
