// From what a person asked to one release: channel or version, for this host, from this source. The only file that
// imports semver. Pure.
import semver from 'semver';
import { unknownVersion } from './errors.js';
import type { HostFacts, Manifest, Release, ResolvedComponent, SourceName } from './types.js';

/**
 * The release of a manifest that a request means. `wanted`: a channel (`stable`), an exact version, or a range of semver
 * (`^22`); undefined is `stable`. @throws E_UNKNOWN_VERSION naming those that exist here
 */
export function resolveComponent(manifest: Manifest, wanted: string | undefined, source: SourceName, host: Pick<HostFacts, 'platform' | 'arch'>): ResolvedComponent {
  const here = manifest.releases.filter((release) => release.source === source && runsOn(release, host));
  const name = wanted ?? 'stable';
  const exact = manifest.channels[name] ?? name;
  const release = here.find((each) => each.version === exact) ?? newestInRange(here, name);
  if (release === undefined) throw unknownVersion(manifest.component, name, [...new Set([...Object.keys(manifest.channels), ...here.map((each) => each.version)])], source);
  return { name: manifest.component, release };
}

function runsOn(release: Release, host: Pick<HostFacts, 'platform' | 'arch'>): boolean {
  return release.hosts.includes('any') || release.hosts.includes(`${host.platform}-${host.arch}`);
}

function newestInRange(releases: readonly Release[], range: string): Release | undefined {
  // To semver the empty text means any version; from a person it is a slip.
  if (range.trim() === '' || semver.validRange(range) === null) return undefined;
  // wasi-sdk counts `34.0` and yowasp ends in `-git20542-10`: neither is strict semver, both are orderable.
  const versions = releases.filter((each) => semver.satisfies(orderable(each.version), range, { includePrerelease: true }));
  return versions.sort((a, b) => semver.compareBuild(orderable(b.version), orderable(a.version)))[0];
}

function orderable(version: string): string {
  return semver.valid(version) ?? semver.coerce(version)?.version ?? '0.0.0';
}
