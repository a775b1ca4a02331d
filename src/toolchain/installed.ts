// Answers what is installed, and whether it still is what the receipt says. Stands in the path of every `wasienv cc`,
// so it loads nothing beyond node:fs and reads one small and one middling JSON file.
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { WasienvError } from '../base/errors.js';
import * as failures from './errors.js';
import { homeTree } from './home.js';
import { absoluteLayout, assemble } from './layout.js';
import { readCurrent, readReceipt, receiptIds, type Current } from './receipt.js';
import { TOOLCHAIN_COMPONENTS, type ComponentLayout, type ComponentName, type FileDamage, type InstalledFile, type Receipt, type Toolchain } from './types.js';

/** The receipts that a toolchain rests on: that of the compiler first. */
export interface Assembly {
  readonly id: string;
  readonly compiler: Receipt;
  readonly parts: readonly Receipt[];
}

/**
 * The toolchain `cc` uses, after a look at the files without which nothing compiles.
 * @throws E_NO_TOOLCHAIN, E_RECEIPT, E_DAMAGED, E_NO_SYSROOT, E_NO_BUILTINS, each with `wasienv setup` as the next step
 */
export function currentToolchain(home: string, current?: Current): Promise<Toolchain> {
  // Synchronous inside: a dozen stats are done sooner than one trip to the thread pool.
  return new Promise((resolve) => resolve(currentToolchainSync(home, current)));
}

function currentToolchainSync(home: string, current: Current | undefined): Toolchain {
  const assembly = currentAssembly(home, current);
  if (assembly === undefined) throw failures.noToolchain(home);
  for (const receipt of [assembly.compiler, ...assembly.parts]) {
    const damage = damagedFiles(receipt, keyFilesOf(receipt));
    if (damage.length > 0) throw failures.damaged(receipt.component, receipt.version, receipt.directory, damage.map((each) => `${each.path} ${each.text}`));
  }
  return toolchainOf(home, assembly);
}

/** The receipts of the toolchain in use; undefined when there is none. @throws E_RECEIPT */
export function currentAssembly(home: string, current = readCurrent(home)): Assembly | undefined {
  const chosen = current.compiler === undefined ? undefined : readReceipt(home, current.compiler);
  if (chosen !== undefined) return withParts(home, current, current.compiler!, chosen);
  for (const component of TOOLCHAIN_COMPONENTS) {
    const found = receiptIds(home, component).map((id) => [id, readReceipt(home, id)!] as const);
    // Several and none chosen: the one that came last.
    const [last] = found.sort(([, a], [, b]) => (a.installedAt < b.installedAt ? 1 : -1));
    if (last !== undefined) return withParts(home, current, ...last);
  }
  return undefined;
}

function withParts(home: string, { parts }: Current, id: string, compiler: Receipt): Assembly {
  const lacking = [...(compiler.layout.sysroot === undefined ? ['wasi-sysroot' as const] : []), ...(compiler.layout.builtins === undefined ? ['builtins' as const] : [])];
  const found = lacking.flatMap((component) => {
    const part = parts[component] === undefined ? undefined : readReceipt(home, parts[component]);
    return part === undefined ? [] : [part];
  });
  return { id, compiler, parts: found };
}

/** Receipts as the rest of the house uses them: one toolchain, every path absolute. @throws E_NO_SYSROOT E_NO_BUILTINS */
export function toolchainOf(home: string, { id, compiler, parts }: Assembly): Toolchain {
  const partOf = (component: ComponentName): Receipt | undefined => parts.find((each) => each.component === component);
  const absolute = (receipt: Receipt): ComponentLayout => absoluteLayout(receipt.layout, receipt.directory);
  const [sysroot, builtins] = [partOf('wasi-sysroot'), partOf('builtins')];
  const layout = assemble(absolute(compiler), {
    ...(sysroot === undefined ? {} : { sysroot: absolute(sysroot) }),
    ...(builtins === undefined ? {} : { builtins: absolute(builtins) }),
  });
  if (typeof layout === 'string') throw failures.partMissing(`${compiler.component} ${compiler.version}`, layout);
  return {
    component: compiler.component,
    version: compiler.version,
    source: compiler.source,
    clangVersion: compiler.clangVersion ?? '0',
    rootDir: compiler.directory,
    layout,
    digest: parts.length === 0 ? compiler.digest : combinedDigest([compiler, ...parts]),
    receiptFile: homeTree.receiptFile(home, id),
  };
}

/** The toolchain that one install with a compiler makes, together with the parts that were chosen; null for parts, and where parts lack. */
export function toolchainOfInstall(home: string, id: string): Toolchain | null {
  try {
    const assembly = currentAssembly(home, { ...readCurrent(home), compiler: id });
    return assembly?.id === id && assembly.compiler.layout.programs !== undefined ? toolchainOf(home, assembly) : null;
  } catch (error) {
    if (error instanceof WasienvError) return null;
    throw error;
  }
}

/** Identity of several components together. */
function combinedDigest(receipts: readonly Receipt[]): string {
  const hash = createHash('sha256');
  for (const { component, digest } of receipts) hash.update(`${component}\0${digest}\n`);
  return `sha256-${hash.digest('base64')}`;
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
