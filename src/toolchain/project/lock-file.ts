// `wasienv.lock`: the versions a project uses, with the digest of every host's artifact, so that all its machines have
// the same bytes. Schema: manifests/lock.schema.json. It adds to the manifests and replaces nothing of them: what is
// installed matches both. (The lock that one wasienv at a time holds is another thing: ../lock.ts.)
import { readFileSync } from 'node:fs';
import { isObject, isTexts, parseJson } from '../../base/json.js';
import { badLockFile, unknownSchema } from './errors.js';
import type { HostToRunOn } from '../resolve.js';
import { COMPONENT_NAMES, SOURCE_NAMES, type ComponentName, type ComponentRequest, type Manifest, type Release, type SourceName } from '../types.js';

export interface LockedArtifact {
  readonly hosts: readonly string[];
  readonly location: string;
  readonly sizeBytes: number | null;
  /** Null where no digest is known: this host cannot install it from the lock. */
  readonly integrity: string | null;
}

export interface LockedComponent {
  /** What the project asked for when this was written: `^30`. */
  readonly wanted: string;
  readonly version: string;
  readonly source: SourceName;
  /** One for each host that has this version. */
  readonly artifacts: readonly LockedArtifact[];
}

export interface ProjectLock {
  readonly schema: 1;
  readonly components: Readonly<Partial<Record<ComponentName, LockedComponent>>>;
}

/** What to lock: a component, and where its bytes are to come from; undefined: where the manifest says. */
export interface LockRequest extends ComponentRequest {
  readonly source?: SourceName | undefined;
}

/** The lock for these requests, by the manifests, resolved on this host. @throws E_UNKNOWN_VERSION E_DIGEST E_HOST E_PROJECT_LOCK */
export async function makeLock(requests: readonly LockRequest[], manifests: ReadonlyMap<ComponentName, Manifest>, host: HostToRunOn, file: string): Promise<ProjectLock> {
  const { resolveComponent } = await import('../resolve.js');
  const components = requests.map(({ name, wanted = 'stable', source }): [ComponentName, LockedComponent] => {
    const manifest = manifests.get(name);
    if (manifest === undefined) throw badLockFile(file, `${name} is in no manifest, so no lock can promise its bytes`, `leave ${name} out of the lock`);
    // A mirror serves what any source has; of the two that a row may name, the one that has a version is taken.
    const from = source === 'npm' || source === 'upstream' ? source : manifest.releases.some((release) => release.source === 'npm') ? 'npm' : 'upstream';
    const { release } = resolveComponent(manifest, wanted, from, host);
    return [name, { wanted, version: release.version, source: source ?? from, artifacts: artifactsOf(manifest, release) }];
  });
  return { schema: 1, components: Object.fromEntries(components.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

function artifactsOf(manifest: Manifest, { version, source }: Release): readonly LockedArtifact[] {
  return manifest.releases
    .filter((release) => release.version === version && release.source === source)
    .map(({ hosts, artifact: { location, sizeBytes, integrity } }) => ({ hosts: [...hosts].sort(), location, sizeBytes, integrity }))
    .sort((a, b) => (a.hosts.join() < b.hosts.join() ? -1 : 1));
}

/** The artifact for a host; undefined where there is none. */
export function lockedFor({ artifacts }: LockedComponent, { platform, arch }: Pick<HostToRunOn, 'platform' | 'arch'>): LockedArtifact | undefined {
  return artifacts.find(({ hosts }) => hosts.includes(`${platform}-${arch}`)) ?? artifacts.find(({ hosts }) => hosts.includes('any'));
}

export function renderLock(lock: ProjectLock): string {
  return `${JSON.stringify(lock, null, 2)}\n`;
}

/** What differs, for people; nothing when both say the same. Pure. */
export function differences(before: ProjectLock, after: ProjectLock): readonly string[] {
  const lines: string[] = [];
  for (const name of COMPONENT_NAMES) {
    const [was, is] = [before.components[name], after.components[name]];
    if (was === undefined && is !== undefined) lines.push(`${name}: not in the lock, wanted ${is.wanted}`);
    else if (was !== undefined && is === undefined) lines.push(`${name}: in the lock at ${was.version}, no longer wanted`);
    else if (was !== undefined && is !== undefined) lines.push(...differencesOf(name, was, is));
  }
  return lines;
}

function differencesOf(name: ComponentName, was: LockedComponent, is: LockedComponent): readonly string[] {
  if (was.wanted !== is.wanted) return [`${name}: locked for ${was.wanted}, now ${is.wanted} is wanted`];
  if (was.version !== is.version) return [`${name}: locked at ${was.version}, now ${is.version}`];
  const lines = was.source === is.source ? [] : [`${name} ${was.version}: locked to the source ${was.source}, now ${is.source}`];
  const hostsOf = (component: LockedComponent): ReadonlyMap<string, LockedArtifact> => new Map(component.artifacts.flatMap((artifact) => artifact.hosts.map((host) => [host, artifact] as const)));
  const [old, current] = [hostsOf(was), hostsOf(is)];
  for (const host of [...new Set([...old.keys(), ...current.keys()])].sort()) {
    const [a, b] = [old.get(host), current.get(host)];
    if (a === undefined) lines.push(`${name} ${was.version} for ${host}: not in the lock, in the manifest`);
    else if (b === undefined) lines.push(`${name} ${was.version} for ${host}: in the lock, not in the manifest`);
    else if (a.integrity !== b.integrity) lines.push(`${name} ${was.version} for ${host}: locked with ${a.integrity ?? 'no digest'}, the manifest says ${b.integrity ?? 'no digest'}`);
    else if (a.location !== b.location) lines.push(`${name} ${was.version} for ${host}: locked at ${a.location}, the manifest says ${b.location}`);
    else if (a.sizeBytes !== b.sizeBytes) lines.push(`${name} ${was.version} for ${host}: locked with ${a.sizeBytes} bytes, the manifest says ${b.sizeBytes}`);
  }
  return lines;
}

export function readLock(file: string): ProjectLock {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw badLockFile(file, 'it cannot be read', undefined, cause);
  }
  return parseLock(text, file);
}

/** A lock from its text. Pure. @throws E_PROJECT_LOCK */
function parseLock(text: string, file: string): ProjectLock {
  const data = parseJson(text, (why, cause) => badLockFile(file, why, undefined, cause));
  if (isObject(data) && data['schema'] !== 1) {
    const { why, next } = unknownSchema(data['schema']);
    throw badLockFile(file, why, next);
  }
  const wrong = findWrong(data);
  if (wrong !== null) throw badLockFile(file, wrong);
  return data as ProjectLock;
}


function findWrong(data: unknown): string | null {
  if (!isObject(data)) return 'it is not an object';
  if (!isObject(data['components'])) return '`components` is not an object';
  for (const [name, each] of Object.entries(data['components'])) {
    if (!(COMPONENT_NAMES as readonly string[]).includes(name)) return `there is no component ${JSON.stringify(name)}`;
    if (!isObject(each) || typeof each['wanted'] !== 'string' || typeof each['version'] !== 'string') return `\`components.${name}\` has no wanted or no version`;
    if (!(SOURCE_NAMES as readonly unknown[]).includes(each['source'])) return `\`components.${name}.source\` is no source`;
    const artifacts = each['artifacts'];
    if (!Array.isArray(artifacts)) return `\`components.${name}.artifacts\` is not a list`;
    for (const artifact of artifacts as readonly unknown[]) {
      const whole = isObject(artifact) && isTexts(artifact['hosts']) && typeof artifact['location'] === 'string' &&
        (artifact['sizeBytes'] === null || typeof artifact['sizeBytes'] === 'number') &&
        (artifact['integrity'] === null || (typeof artifact['integrity'] === 'string' && /^sha(256|384|512)-[A-Za-z0-9+/]+=*$/.test(artifact['integrity'])));
      if (!whole) return `\`components.${name}.artifacts\` holds an entry that is no artifact`;
    }
  }
  return null;
}
