// Makes things real: a staging directory on the same volume, one rename, and the sweeping of what nobody owns.
// An existing component directory is never changed or replaced: a repair goes beside it and the receipt, written
// afterwards, switches. Whoever dies on the way leaves litter, never a half-made install.
import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { namesIn } from '../base/look.js';
import { badArchive } from './errors.js';
import { homeTree } from './home.js';
import { settleLayout } from './layout.js';
import { COMPONENT_NAMES, type ComponentLayout, type ComponentName, type InstalledFile, type Release } from './types.js';

/** Runs `work` with an empty directory of its own on the home's volume; the directory is gone afterwards, whatever happens. */
export async function withStaging<T>(home: string, component: ComponentName, work: (directory: string) => Promise<T>): Promise<T> {
  const parent = homeTree.stagingDir(home);
  await mkdir(parent, { recursive: true });
  const directory = await mkdtemp(path.join(parent, `${component}-`));
  try {
    return await work(directory);
  } finally {
    // A file that cannot be removed now (Windows: a virus scanner holds it) is swept by the next setup.
    await rm(directory, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/**
 * The check before a commit: everything the manifest, or else the layout, expects is there and is a file. Answers with
 * the layout as it fits these files, and the files to look at before each use. @throws E_ARCHIVE
 */
export function requireFiles(subject: string, files: readonly InstalledFile[], { layout, expects, unpack }: Release): { readonly layout: ComponentLayout; readonly keyFiles: readonly string[] } {
  const present = new Set(files.map((file) => file.path));
  if (expects !== null) {
    const missing = expects.filter((each) => !present.has(each));
    if (missing.length > 0) throw badArchive(subject, `it lacks ${missing.join(', ')}`);
    return { layout, keyFiles: expects };
  }
  if (present.size === 0) throw badArchive(subject, `it holds nothing below ${unpack.take.map(({ from }) => JSON.stringify(from)).join(', ')}`);
  const settled = settleLayout(layout, present);
  if ('missing' in settled) throw badArchive(subject, `it lacks ${settled.missing.join(', ')}`);
  return settled;
}

/**
 * Moves a finished tree to its component directory and returns where it went: `wanted`, or `wanted-2`, `wanted-3` ...
 * when something is there already. Needs the lock.
 */
export async function commit(tree: string, wanted: string): Promise<string> {
  await mkdir(path.dirname(wanted), { recursive: true });
  let target = wanted;
  for (let n = 2; existsSync(target); n += 1) target = `${wanted}-${n}`;
  await renameWithPatience(tree, target, { rename });
  return target;
}

/** What `renameWithPatience` needs of the world; a test gives it one that fails as Windows does. */
export interface Renamer {
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly wait?: (ms: number) => Promise<unknown>;
}

/**
 * Renames, trying again for about three seconds on the codes Windows gives while a virus scanner or indexer has a file
 * of the tree open (EPERM, EACCES, EBUSY). Elsewhere those codes are final, but asking again is harmless and rare.
 */
export async function renameWithPatience(from: string, to: string, { rename: move, wait: pause = wait }: Renamer, platform: NodeJS.Platform = process.platform): Promise<void> {
  const delays = renameDelays(platform);
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await move(from, to);
    } catch (error) {
      const delay = delays[attempt];
      if (delay === undefined || !isPassingRenameFault((error as NodeJS.ErrnoException).code)) throw error;
      await pause(delay);
    }
  }
}

/** Milliseconds between attempts. */
export function renameDelays(platform: NodeJS.Platform): readonly number[] {
  return platform === 'win32' ? [10, 25, 50, 100, 200, 400, 800, 1500] : [];
}

export function isPassingRenameFault(code: string | undefined): boolean {
  return code === 'EPERM' || code === 'EACCES' || code === 'EBUSY';
}

/** What receipts own, and what is left alone whatever owns it. */
export interface Possessions {
  /** Component directories that a receipt names. */
  readonly directories: ReadonlySet<string>;
  /** Files of `downloads/` whose component is installed: whoever wanted them has them. */
  readonly fetched: ReadonlySet<string>;
  /** Components whose receipt is there but cannot be understood, perhaps because a newer wasienv wrote it. */
  readonly spared: ReadonlySet<ComponentName>;
}

/** A download nobody went on with for so long is not waited for. */
const KEEP_PART_MS = 7 * 24 * 3600_000;

/**
 * What a killed setup left: everything of ours in staging, temporary files beside receipts and lock, half-made
 * overlays for a rustc, component directories that no receipt names, and partial downloads that are of no use any more.
 * Only under the lock is all of it certainly litter.
 */
export async function findLitter(home: string, { directories, fetched, spared }: Possessions, nowMs = Date.now()): Promise<readonly string[]> {
  const litter: string[] = [];
  for (const name of namesIn(homeTree.stagingDir(home))) {
    // Only names of our own making: somebody may have pointed WASIENV_HOME at a directory with a `staging` of another kind.
    if (COMPONENT_NAMES.some((component) => name.startsWith(`${component}-`))) litter.push(path.join(homeTree.stagingDir(home), name));
  }
  for (const directory of [homeTree.receiptsDir(home), home]) {
    for (const name of namesIn(directory)) if (/^(lock|[a-z][0-9A-Za-z.+_-]*\.json)(\.break)?\.\d+(\.[0-9a-f]{8})?\.tmp$/.test(name)) litter.push(path.join(directory, name));
  }
  for (const name of namesIn(homeTree.rustDir(home))) {
    // An overlay that was never put in its place; see rust/overlay.ts.
    if (/^sysroot-[0-9a-f]{12}\.\w{6}$/.test(name)) litter.push(path.join(homeTree.rustDir(home), name));
  }
  for (const component of COMPONENT_NAMES) {
    if (spared.has(component)) continue;
    const parent = path.join(homeTree.componentsDir(home), component);
    for (const name of namesIn(parent)) if (!directories.has(path.join(parent, name))) litter.push(path.join(parent, name));
  }
  for (const name of namesIn(homeTree.downloadsDir(home))) {
    if (!/^[0-9a-f]{64,128}\.part(\.json)?$/.test(name)) continue;
    const file = path.join(homeTree.downloadsDir(home), name);
    const part = file.replace(/\.json$/, '');
    const changedMs = statSync(part, { throwIfNoEntry: false })?.mtimeMs;
    // Also one from the future: a clock was set back, and nobody knows how old it is.
    if (changedMs === undefined || Math.abs(nowMs - changedMs) > KEEP_PART_MS || fetched.has(part)) litter.push(file);
  }
  return litter;
}

/** Removes what `findLitter` finds. Needs the lock. What cannot be removed now is found again next time. */
export async function sweep(home: string, possessions: Possessions): Promise<void> {
  for (const each of await findLitter(home, possessions)) await rm(each, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}
