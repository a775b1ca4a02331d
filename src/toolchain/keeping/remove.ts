// Takes things out of a home again, under its lock: installs, and what is left over. A component directory is first
// renamed, beside itself and so on the same volume: where a program still has it open (Windows) that fails, and nothing
// has changed. Whoever dies afterwards leaves litter that the next setup sweeps. An adopted compiler loses only our
// receipt, and so does a receipt that names a directory outside `components/`.
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { namesIn } from '../../base/look.js';
import { findLitter, renameWithPatience } from '../commit.js';
import { heldOpen } from './errors.js';
import { homeError } from '../errors.js';
import { componentOfId, homeTree } from '../home.js';
import { readCurrent, writeJson, type Current } from '../receipt.js';
import { COMPONENT_NAMES } from '../types.js';
import { possessions } from '../run-plan.js';
import { takeInventory, type Install } from './inventory.js';

/** Something `prune` removes, or would. */
export interface Removal {
  readonly kind: 'version' | 'download' | 'leftover';
  /** For people: `wasi-sdk 29.0`, or a path below the home. */
  readonly name: string;
  readonly sizeBytes: number;
}

/** Removes one install. Needs the lock. @throws E_FILE when its files are held; then nothing has changed */
export async function removeInstall(home: string, { id, receipt }: Install): Promise<void> {
  // Of an adopted clang only what was laid beside it is ours.
  const aside = isOurs(home, receipt.directory) && (!receipt.adopted || receipt.overlay !== undefined) && existsSync(receipt.directory) ? `${receipt.directory}.gone-${randomBytes(4).toString('hex')}` : null;
  if (aside !== null) {
    await renameWithPatience(receipt.directory, aside, { rename }).catch((cause: unknown) => {
      throw heldOpen(receipt.directory, cause);
    });
  }
  try {
    await rm(homeTree.receiptFile(home, id), { force: true });
    await forget(home, id);
    for (const proof of proofsWithout(home, takeInventory(home).installs)) await rm(proof, { force: true });
    if (aside !== null) await rm(aside, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw homeError(error, `removing ${receipt.component} ${receipt.version}`, receipt.directory);
  }
}

/** Removes every component, receipt, proof and download of a home, also what this version cannot read; the home itself stays. Needs the lock. */
export async function removeEverything(home: string): Promise<void> {
  const mine = [
    homeTree.currentFile(home), homeTree.receiptsDir(home), ...COMPONENT_NAMES.map((name) => path.join(homeTree.componentsDir(home), name)),
    homeTree.proofsDir(home), homeTree.stagingDir(home), homeTree.downloadsDir(home), homeTree.rustDir(home),
  ];
  try {
    for (const each of mine) await rm(each, { recursive: true, force: true, maxRetries: 3 });
    // Only if nobody put something else into it.
    if (existsSync(homeTree.componentsDir(home)) && readdirSync(homeTree.componentsDir(home)).length === 0) await rm(homeTree.componentsDir(home), { recursive: true });
  } catch (error) {
    throw homeError(error, 'removing what wasienv installed', home);
  }
}

/** A component directory has the form `components/NAME/VERSION`, by its name alone: it may be a link to another disk. */
function isOurs(home: string, directory: string): boolean {
  const parts = path.relative(homeTree.componentsDir(home), directory).split(path.sep);
  return parts.length === 2 && (COMPONENT_NAMES as readonly string[]).includes(parts[0]!) && parts[1] !== '..' && parts[1] !== '';
}

/** Takes an id out of `current.json`. */
async function forget(home: string, id: string): Promise<void> {
  const current = readCurrent(home);
  const parts = Object.entries(current.parts).filter(([, each]) => each !== id);
  if (current.compiler !== id && parts.length === Object.keys(current.parts).length) return;
  const next: Current = { ...(current.compiler === undefined || current.compiler === id ? {} : { compiler: current.compiler }), parts: Object.fromEntries(parts) };
  await writeJson(homeTree.currentFile(home), { schema: 1, ...next });
}

/**
 * What may go: downloads, what killed setups left, and versions that are neither in use nor among `wanted` (what a
 * project pins). Adopted compilers stay: they take no space. Only under the lock is it certain.
 */
export async function findRemovals(home: string, wanted: ReadonlySet<string>): Promise<readonly (Removal & { readonly path: string; readonly install?: Install })[]> {
  const { installs } = takeInventory(home);
  const versions = installs.filter(({ id, receipt, inUse }) => !inUse && !wanted.has(id) && !receipt.adopted).map((install) => ({
    kind: 'version' as const, name: `${install.receipt.component} ${install.receipt.version}`, sizeBytes: install.sizeBytes, path: install.receipt.directory, install,
  }));
  const removalOf = (kind: 'download' | 'leftover') => (file: string) => ({ kind, name: path.relative(home, file), sizeBytes: sizeOf(file), path: file });
  const downloads = namesIn(homeTree.downloadsDir(home)).sort().map((name) => path.join(homeTree.downloadsDir(home), name));
  const leftovers = (await findLitter(home, possessions(home))).filter((each) => !downloads.includes(each));
  return [...versions, ...downloads.map(removalOf('download')), ...[...leftovers, ...proofsWithout(home, installs)].map(removalOf('leftover'))];
}

/** Proofs of versions that are not there. Those of a rustc stay: it is not ours, and no receipt tells whether it is there. */
function proofsWithout(home: string, installs: readonly Install[]): readonly string[] {
  const ids = installs.map(({ receipt: { component, version } }) => `${component}-${version}-`);
  const former = installs.map(({ receipt }) => `${receipt.component}.json`);
  return namesIn(homeTree.proofsDir(home)).sort()
    .filter((name) => componentOfId(name.replace(/\.json$/, '')) !== undefined && !name.startsWith('rust-target') && !former.includes(name) && !ids.some((id) => name.startsWith(id)))
    .map((name) => path.join(homeTree.proofsDir(home), name));
}

/** Removes what `findRemovals` finds. Needs the lock. */
export async function prune(home: string, wanted: ReadonlySet<string>): Promise<readonly Removal[]> {
  const removals = await findRemovals(home, wanted);
  for (const { install, path: file } of removals) {
    if (install !== undefined) await removeInstall(home, install);
    else await removeLeftover(file);
  }
  return removals;
}

async function removeLeftover(file: string): Promise<void> {
  await rm(file, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
    throw homeError(error, 'removing what is left over', file);
  });
}

/** What killed programs left, without versions and downloads: `findRemovals` has all. */
export async function findLeftovers(home: string): Promise<readonly Removal[]> {
  return (await findRemovals(home, new Set())).filter(({ kind }) => kind === 'leftover');
}

/** Removes what `findLeftovers` finds. Needs the lock. */
export async function removeLeftovers(home: string): Promise<void> {
  for (const { kind, path: file } of await findRemovals(home, new Set())) if (kind === 'leftover') await removeLeftover(file);
}

/** Of a file, or of all files below a directory; links count for themselves. */
function sizeOf(file: string): number {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  return found.isDirectory() ? namesIn(file).reduce((sum, name) => sum + sizeOf(path.join(file, name)), 0) : found.size;
}
