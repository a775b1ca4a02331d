// What `wasienv lock` and `lock --check` do: write down, or compare, what a project uses.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { badLockFile, cannotWriteLock, noLockFile } from './errors.js';
import { noToolchain } from '../errors.js';
import { detectHost } from '../host.js';
import { currentAssembly } from '../installed.js';
import { loadManifestsFor } from '../manifest.js';
import { readCurrent, writeWhole } from '../receipt.js';
import type { SourceContext } from '../sources/source.js';
import { differences, makeLock, readLock, renderLock, type LockRequest, type ProjectLock } from './lock-file.js';
import { findProject, LOCK_FILE, readPin } from './pin.js';

export interface Lock {
  readonly file: string;
  readonly lock: ProjectLock;
}

/** What is to be locked here: the project's pin, else what the home uses, version by version. */
function wishesAt(home: string, cwd: string): { readonly directory: string; readonly requests: readonly LockRequest[]; readonly pinned: boolean } {
  const project = findProject(cwd);
  if (project !== null && project.pinFile !== null) {
    const pin = readPin(project.pinFile);
    const source = pin.source === 'auto' ? undefined : pin.source;
    return { directory: project.directory, requests: pin.components.map((each) => ({ ...each, source })), pinned: true };
  }
  const assembly = currentAssembly(home, readCurrent(home));
  if (assembly === undefined) throw noToolchain(home);
  const requests = [assembly.compiler, ...assembly.parts].map(({ component, version, source }): LockRequest => ({ name: component, wanted: version, source: source === 'mirror' ? undefined : source }));
  return { directory: project?.directory ?? path.resolve(cwd), requests, pinned: false };
}

/** Resolves anew, the newest that fits, and writes `wasienv.lock`. @throws E_PIN E_PROJECT_LOCK E_NO_TOOLCHAIN E_UNKNOWN_VERSION */
export async function writeProjectLock(home: string, context: SourceContext): Promise<Lock & { readonly changed: boolean }> {
  const { directory, requests } = wishesAt(home, context.cwd);
  const file = path.join(directory, LOCK_FILE);
  const lock = await makeLock(requests, await loadManifestsFor(context), { ...detectHost(), platform: context.platform }, file);
  const before = existsSync(file) ? tryLock(file) : null;
  if (before !== null && renderLock(before) === renderLock(lock)) return { file, lock, changed: false };
  await writeWhole(file, renderLock(lock)).catch((cause: NodeJS.ErrnoException) => {
    throw cannotWriteLock(file, cause);
  });
  return { file, lock, changed: true };
}

/** One that cannot be understood is what `wasienv lock` mends. */
function tryLock(file: string): ProjectLock | null {
  try {
    return readLock(file);
  } catch {
    return null;
  }
}

/**
 * What differs between the lock, the project's wishes and the manifests. A newer version that would fit is no
 * difference: the locked one still is what was asked for. @throws E_PROJECT_LOCK when there is no lock, or one that cannot be read
 */
export async function checkProjectLock(cwd: string, context: SourceContext): Promise<Lock & { readonly differences: readonly string[] }> {
  const project = findProject(cwd);
  if (project === null || project.lockFile === null) throw noLockFile(project?.directory ?? cwd);
  const file = project.lockFile;
  const lock = readLock(file);
  const manifests = await loadManifestsFor(context);
  const pin = project.pinFile === null ? null : readPin(project.pinFile);
  const wishes = pin?.components ?? Object.entries(lock.components).map(([name, each]) => ({ name: name as LockRequest['name'], wanted: each.wanted }));
  const { versionsOf } = await import('../resolve.js');
  const components: Record<string, ProjectLock['components'][keyof ProjectLock['components']]> = {};
  for (const { name, wanted = 'stable' } of wishes) {
    const locked = lock.components[name];
    const manifest = manifests.get(name);
    if (manifest === undefined) throw badLockFile(file, `${name} is in no manifest`, `leave ${name} out of the project, or set WASIENV_MANIFESTS`);
    const newest = versionsOf(manifest, wanted);
    const source = pin !== null && pin.source !== 'auto' ? pin.source : locked?.source;
    // A channel moves on; what it named when it was locked may stay. A range must still hold what is locked.
    const keeps = locked !== undefined && (newest.some(([version]) => version === locked.version) || (wanted in manifest.channels && versionsOf(manifest, locked.version).length > 0));
    const version = keeps ? locked.version : newest[0]?.[0];
    if (version === undefined) {
      components[name] = { wanted, version: '(none)', source: locked?.source ?? 'upstream', artifacts: [] };
      continue;
    }
    const fresh = await makeLock([{ name, wanted: version, ...(source === undefined ? {} : { source }) }], manifests, { ...detectHost(), platform: context.platform }, file);
    components[name] = { ...fresh.components[name]!, wanted };
  }
  return { file, lock, differences: differences(lock, { schema: 1, components }) };
}
