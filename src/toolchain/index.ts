// The workshop's door: what other rooms may use. Importing it loads nothing heavy; undici, tar, semver, valibot and
// npm's configuration come in when a setup really needs them.
export { homeDirectory, homeTree } from './home.js';
export { detectHost } from './host.js';
export { checkFiles, currentToolchain, toolchainOf } from './installed.js';
export { withLock, type LockOptions } from './lock.js';
export { makePlan, planSetup, type Choice, type Held, type PlanFacts } from './plan.js';
export { readReceipts, writeJson, type Receipts } from './receipt.js';
export { runPlan, type RunOptions, type RunResult } from './run-plan.js';
export { wasienvVersion } from '../base/version.js';
export type * from './types.js';
export { COMPONENT_NAMES, SOURCE_NAMES, TOOL_NAMES } from './types.js';

/** Every manifest, checked. @throws E_MANIFEST */
export async function loadManifests(env: import('../base/surroundings.js').Environment): Promise<ReadonlyMap<import('./types.js').ComponentName, import('./types.js').Manifest>> {
  const manifest = await import('./manifest.js');
  return manifest.loadManifests(manifest.manifestsDirectory(env));
}
