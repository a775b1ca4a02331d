// Answers what is installed, and whether it still is what the receipt says. Stands in the path of every `wasienv cc`,
// so it loads nothing beyond node:fs and reads one small and one middling JSON file.
import { statSync } from 'node:fs';
import path from 'node:path';
import * as failures from './errors.js';
import { homeTree } from './home.js';
import { readCurrent, readReceipt } from './receipt.js';
import type { ComponentName, FileDamage, InstalledFile, Receipt, Toolchain } from './types.js';

/** Components that bring a compiler, best first; `current.json` overrules the order. */
export const TOOLCHAIN_COMPONENTS: readonly ComponentName[] = ['wasi-sdk', 'portable-clang', 'system-clang'];

/**
 * The toolchain `cc` uses, after a look at the files without which nothing compiles.
 * @throws E_NO_TOOLCHAIN, E_RECEIPT, E_DAMAGED, each with `wasienv setup` as the next step
 */
export function currentToolchain(home: string): Promise<Toolchain> {
  // Synchronous inside: a dozen stats are done sooner than one trip to the thread pool.
  return new Promise((resolve) => resolve(currentToolchainSync(home)));
}

function currentToolchainSync(home: string): Toolchain {
  const receipt = currentReceipt(home);
  if (receipt === undefined) throw failures.noToolchain(home);
  const damage = damagedFiles(receipt, keyFilesOf(receipt));
  if (damage.length > 0) throw failures.damaged(receipt.component, receipt.version, receipt.directory, damage.map((each) => `${each.path} ${each.text}`));
  return toolchainOf(home, receipt);
}

/** The receipt of the toolchain in use; undefined when there is none. @throws E_RECEIPT */
export function currentReceipt(home: string): Receipt | undefined {
  const chosen = readCurrent(home);
  if (chosen !== undefined) {
    const receipt = readReceipt(home, chosen);
    if (receipt !== undefined) return receipt;
  }
  for (const component of TOOLCHAIN_COMPONENTS) {
    const receipt = readReceipt(home, component);
    if (receipt !== undefined) return receipt;
  }
  return undefined;
}

/** A receipt as the rest of the house uses it: every path absolute. */
export function toolchainOf(home: string, receipt: Receipt): Toolchain {
  const { layout } = receipt;
  const absolute = (relative: string): string => path.resolve(receipt.directory, relative);
  return {
    component: receipt.component,
    version: receipt.version,
    source: receipt.source,
    clangVersion: receipt.clangVersion,
    rootDir: receipt.directory,
    layout: {
      sysroot: absolute(layout.sysroot),
      resourceDir: absolute(layout.resourceDir),
      builtins: absolute(layout.builtins),
      target: layout.target,
      programs:
        layout.programs.kind === 'portable'
          ? { kind: 'portable', module: absolute(layout.programs.module) }
          : { kind: 'native', tools: Object.fromEntries(Object.entries(layout.programs.tools).map(([tool, file]) => [tool, absolute(file)])) },
    },
    digest: receipt.digest,
    receiptFile: homeTree.receiptFile(home, receipt.component),
  };
}

/** What of a receipt's files is not as installed: there and of the right size, or with `deep` of the right bytes. */
export async function checkFiles(receipt: Receipt, { deep = false }: { readonly deep?: boolean } = {}): Promise<readonly FileDamage[]> {
  const damage = damagedFiles(receipt, receipt.files);
  if (!deep) return damage;
  const { digestFile } = await import('./verify.js');
  const known = new Set(damage.map((each) => each.path));
  const changed: FileDamage[] = [];
  for (const file of receipt.files) {
    if (known.has(file.path)) continue;
    const got = await digestFile(path.resolve(receipt.directory, file.path), file.integrity).catch(() => null);
    if (got === null) changed.push({ path: file.path, kind: 'missing', text: 'cannot be read' });
    else if (got !== file.integrity) changed.push({ path: file.path, kind: 'content', text: 'has other bytes than were installed' });
  }
  return [...damage, ...changed];
}

function keyFilesOf(receipt: Receipt): readonly InstalledFile[] {
  const wanted = new Set(receipt.keyFiles);
  return receipt.files.filter((file) => wanted.has(file.path));
}

function damagedFiles(receipt: Receipt, files: readonly InstalledFile[]): readonly FileDamage[] {
  const damage: FileDamage[] = [];
  for (const file of files) {
    const found = statSync(path.resolve(receipt.directory, file.path), { throwIfNoEntry: false });
    if (found === undefined || !found.isFile()) damage.push({ path: file.path, kind: 'missing', text: 'is missing' });
    else if (found.size !== file.sizeBytes) damage.push({ path: file.path, kind: 'size', text: `has ${found.size} bytes instead of ${file.sizeBytes}` });
  }
  return damage;
}
