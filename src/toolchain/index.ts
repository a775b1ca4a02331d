// The workshop's door: what other rooms may use. Importing it must stay cheap, because `wasienv cc` does: only what
// `currentToolchain` needs is loaded with it. Planning, running, locking and manifests come in when they are called,
// and behind them undici, tar, semver, valibot and npm's configuration.
import type { Environment } from '../base/surroundings.js';
import type { LockOptions } from './lock.js';
import type { RunOptions, RunResult } from './run-plan.js';
import type { SourceContext } from './sources/source.js';
import type { ComponentName, Manifest, Plan, SetupRequest } from './types.js';

export { homeDirectory, homeIsNamed, homeTree } from './home.js';
export { homeError } from './errors.js';
export { detectHost } from './host.js';
export { checkFiles, currentAssembly, currentToolchain, toolchainOf } from './installed.js';
export { wasienvVersion } from '../base/version.js';
export { readCurrent, readReceipts, writeJson, writeWhole, type Current, type Receipts } from './receipt.js';
export type { LockOptions, RunOptions, RunResult, SourceContext };
export type * from './types.js';
export { COMPONENT_NAMES, SOURCE_NAMES, TOOLCHAIN_COMPONENTS, TOOL_NAMES } from './types.js';

/** Gathers the facts and decides what setup would do; changes nothing. See `plan.ts`. */
export async function planSetup(request: SetupRequest, context: SourceContext & { readonly home: string }): Promise<Plan> {
  return (await import('./plan.js')).planSetup(request, context);
}

/** Does what a plan says and returns the toolchain in use afterwards. See `run-plan.ts`. */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunResult> {
  return (await import('./run-plan.js')).runPlan(plan, options);
}

/** Runs `work` as the only wasienv that changes this home. See `lock.ts`. */
export async function withLock<T>(home: string, what: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  return (await import('./lock.js')).withLock(home, what, work, options);
}

/** Every manifest, checked. @throws E_MANIFEST */
export async function loadManifests(env: Environment): Promise<ReadonlyMap<ComponentName, Manifest>> {
  return (await import('./manifest.js')).loadManifestsFor({ env, cwd: '/', platform: 'linux' });
}
