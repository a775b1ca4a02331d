// The workshop's door: what other rooms may use. Importing it must stay cheap, because `wasienv cc` does: only what
// `currentToolchain` needs is loaded with it. Planning, running, locking and manifests come in when they are called,
// and behind them undici, tar, semver, valibot and npm's configuration.
import type { BundleRow } from './bundle/bundle.js';
import type * as Pack from './bundle/pack.js';
import type * as Keeping from './keeping/index.js';
import type { Install, Inventory } from './keeping/inventory.js';
import type { Place } from './keeping/places.js';
import type { Removal } from './keeping/remove.js';
import type * as KeepLock from './project/keep-lock.js';
import type { Spot, Wish } from './project/select.js';
import type { Current } from './receipt.js';
import type { LockOptions } from './lock.js';
import type { RunOptions, RunResult } from './run-plan.js';
import type { SourceContext } from './sources/source.js';
import type { ComponentName, Manifest, Plan, Release, SetupRequest, Toolchain } from './types.js';

export { homeDirectory, homeIsNamed, homeTree, receiptId } from './home.js';
export { PART_NAMES } from './keeping/places.js';
export { homeError } from './errors.js';
export { noSuchPart } from './keeping/errors.js';
export { detectHost } from './host.js';
export { checkFiles, currentAssembly, currentToolchain, toolchainOf, toolchainOfInstall } from './installed.js';
export { wasienvVersion } from '../base/version.js';
export { readCurrent, readReceipts, writeJson, writeWhole, type Current, type Receipts } from './receipt.js';
export type { BundleRow, Install, Inventory, Place, Removal, Spot, Wish };
export type { LockOptions, RunOptions, RunResult, SourceContext };
export type * from './types.js';
export { COMPONENT_NAMES, SOURCE_NAMES, TOOLCHAIN_COMPONENTS, TOOL_NAMES } from './types.js';

/** Gathers the facts and decides what setup would do; changes nothing. See `choose.ts` and `plan.ts`. */
export async function planSetup(request: SetupRequest, context: SourceContext & { readonly home: string }): Promise<Plan> {
  return (await import('./choose.js')).planSetup(request, context);
}

/** Does what a plan says and returns the toolchain in use afterwards. See `run-plan.ts`. */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunResult> {
  return (await import('./run-plan.js')).runPlan(plan, options);
}

/** Runs `work` as the only wasienv that changes this home. See `lock.ts`. */
export async function withLock<T>(home: string, what: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  return (await import('./lock.js')).withLock(home, what, work, options);
}

/** Every manifest, checked. Asks the network only where WASIENV_MANIFESTS is a URL. @throws E_MANIFEST */
export async function loadManifests(context: SourceContext): Promise<ReadonlyMap<ComponentName, Manifest>> {
  return (await import('./manifest.js')).loadManifestsFor(context);
}

/** The versions of a manifest in a range, newest first, each with its rows. */
export async function versionsOf(manifest: Manifest, wanted?: string): Promise<readonly (readonly [version: string, releases: readonly Release[]])[]> {
  return (await import('./resolve.js')).versionsOf(manifest, wanted);
}

/** What is installed, version by version, and what of it `current` (else what was chosen for the home) uses. */
export async function takeInventory(home: string, current?: Current): Promise<Inventory> {
  return (await import('./keeping/inventory.js')).takeInventory(home, undefined, current);
}

/** Where the parts of a toolchain are. */
export async function placesOf(toolchain: Toolchain): Promise<readonly Place[]> {
  return (await import('./keeping/places.js')).placesOf(toolchain);
}

/** Chooses an installed version for use. See `keeping/index.ts`, also for the next three. */
export async function useInstall(...args: Parameters<typeof Keeping.useInstall>): ReturnType<typeof Keeping.useInstall> {
  return (await import('./keeping/index.js')).useInstall(...args);
}

export async function uninstallComponent(...args: Parameters<typeof Keeping.uninstallComponent>): ReturnType<typeof Keeping.uninstallComponent> {
  return (await import('./keeping/index.js')).uninstallComponent(...args);
}

export async function uninstallEverything(...args: Parameters<typeof Keeping.uninstallEverything>): ReturnType<typeof Keeping.uninstallEverything> {
  return (await import('./keeping/index.js')).uninstallEverything(...args);
}

export async function pruneHome(...args: Parameters<typeof Keeping.pruneHome>): ReturnType<typeof Keeping.pruneHome> {
  return (await import('./keeping/index.js')).pruneHome(...args);
}

/** What is used in a directory: by the environment, the project found upwards, or the choice of the home. See `project/select.ts`. */
export async function selectCurrent(home: string, spot: Spot): Promise<Current> {
  return (await import('./project/select.js')).selectCurrent(home, spot);
}

/** The toolchain `cc` uses in a directory, after a look at its key files. @throws as `currentToolchain`, and E_PIN E_PROJECT_LOCK E_NOT_INSTALLED */
export async function selectToolchain(home: string, spot: Spot): Promise<Toolchain> {
  return (await import('./project/select.js')).selectToolchain(home, spot);
}

/** What the environment or the project of a directory asks for; null: nothing. See `project/select.ts`. */
export async function wishAt(spot: Spot, options: { readonly locked?: boolean } = {}): Promise<Wish | null> {
  return (await import('./project/select.js')).wishAt(spot, options);
}

/** Writes `wasienv.lock`. See `project/keep-lock.ts`, also for the next. */
export async function writeProjectLock(...args: Parameters<typeof KeepLock.writeProjectLock>): ReturnType<typeof KeepLock.writeProjectLock> {
  return (await import('./project/keep-lock.js')).writeProjectLock(...args);
}

export async function checkProjectLock(...args: Parameters<typeof KeepLock.checkProjectLock>): ReturnType<typeof KeepLock.checkProjectLock> {
  return (await import('./project/keep-lock.js')).checkProjectLock(...args);
}

/** What a bundle has for a machine, as it says itself; null for a plain mirror. @throws E_SOURCE */
export async function openBundle(file: string, host: string): Promise<readonly BundleRow[] | null> {
  return (await import('./bundle/bundle.js')).openBundle(file, host);
}

/** Makes a bundle; without `components` of what is wanted or used in the directory. See `bundle/pack.ts`. */
export async function packBundle(...args: Parameters<typeof Pack.packBundle>): ReturnType<typeof Pack.packBundle> {
  return (await import('./bundle/pack.js')).packBundle(...args);
}
