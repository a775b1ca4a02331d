// What `use`, `uninstall` and `prune` do, each as one act under the lock.
import { existsSync } from 'node:fs';
import { damaged } from '../errors.js';
import { inUse, severalInstalled } from './errors.js';
import { checkFiles, currentToolchain } from '../installed.js';
import { withLock, type LockOptions } from '../lock.js';
import { choose, readCurrent, type Current } from '../receipt.js';
import { wishAt, installedFor, type Spot } from '../project/select.js';
import { TOOLCHAIN_COMPONENTS, type ComponentName, type ComponentRequest } from '../types.js';
import { chooseInstall, matchingInstalls } from './choose-install.js';
import { idsInUse, takeInventory, type Install } from './inventory.js';
import { findRemovals, prune, removeEverything, removeInstall, type Removal } from './remove.js';

/** Chooses an installed version for use. @throws E_NOT_INSTALLED E_DAMAGED E_NO_SYSROOT E_NO_BUILTINS; then nothing has changed */
export async function useInstall(home: string, request: ComponentRequest, lock: LockOptions = {}): Promise<{ readonly install: Install; readonly changed: boolean }> {
  if (!existsSync(home)) await chooseInstall([], request);
  return withLock(home, 'use', async () => {
    const install = await chooseInstall(takeInventory(home).installs, request);
    const { receipt, id } = install;
    const damage = await checkFiles(receipt);
    if (damage.length > 0) throw damaged(receipt.component, receipt.version, receipt.directory, damage.map((each) => `${each.path} ${each.text}`));
    const isCompiler = (TOOLCHAIN_COMPONENTS as readonly ComponentName[]).includes(receipt.component);
    // A compiler that would lack its sysroot is not chosen.
    if (isCompiler) await currentToolchain(home, { ...readCurrent(home), compiler: id });
    const changed = await choose(home, receipt.component, id);
    // Other rustcs may have been chosen since it was installed.
    const chosen = receipt.component === 'apt-rust' && (await (await import('../rust/use.js')).chooseInstalledRust(home));
    return { install, changed: changed || chosen };
  }, lock);
}

/** Removes one version. @throws E_NOT_INSTALLED E_IN_USE, E_USAGE when several fit, E_FILE when its files are held */
export async function uninstallComponent(home: string, request: ComponentRequest, { force, lock = {} }: { readonly force: boolean; readonly lock?: LockOptions }): Promise<Install> {
  if (!existsSync(home)) await chooseInstall([], request);
  return withLock(home, 'uninstall', async () => {
    const { installs } = takeInventory(home);
    await chooseInstall(installs, request);
    const matching = await matchingInstalls(installs, request);
    const versions = [...new Set(matching.map(({ receipt }) => receipt.version))];
    if (versions.length > 1) throw severalInstalled(request.name, versions);
    const used = matching.find((install) => install.inUse);
    if (used !== undefined && !force) throw inUse(used.receipt.component, used.receipt.version);
    // One version may have been installed twice, with other bytes: both are what was named.
    for (const install of matching) await removeInstall(home, install);
    return { ...matching[0]!, sizeBytes: matching.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
  }, lock);
}

/** Removes all wasienv keeps in the home. Answers with the size of what was installed. */
export async function uninstallEverything(home: string, lock: LockOptions = {}): Promise<number> {
  if (!existsSync(home)) return 0;
  return withLock(home, 'uninstall', async () => {
    const sizeBytes = takeInventory(home).installs.reduce((sum, install) => sum + install.sizeBytes, 0);
    await removeEverything(home);
    return sizeBytes;
  }, lock);
}

/** Removes what nobody uses, or with `dryRun` only tells. */
export async function pruneHome(home: string, spot: Spot, { dryRun, lock = {} }: { readonly dryRun: boolean; readonly lock?: LockOptions }): Promise<readonly Removal[]> {
  if (!existsSync(home)) return [];
  const wanted = idsInUse(home, await currentHere(home, spot));
  const told = ({ kind, name, sizeBytes }: Removal): Removal => ({ kind, name, sizeBytes });
  if (dryRun) return (await findRemovals(home, wanted)).map(told);
  return withLock(home, 'prune', async () => (await prune(home, wanted)).map(told), lock);
}

/** What is used in this directory. A wish that is not installed keeps nothing; one that cannot be understood is an error. */
async function currentHere(home: string, spot: Spot): Promise<Current> {
  const current = readCurrent(home);
  const wish = wishAt(spot);
  return wish === null ? current : installedFor(home, current, wish).catch(() => current);
}
