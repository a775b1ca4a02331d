// Does what a plan says, in one place, in order, under one lock: download -> verify -> unpack -> check -> commit ->
// receipt. Only downloads run ahead (`fetch.ts`). A failure changes nothing that worked before. Prints nothing; tells
// everything as events.
import { existsSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { InternalError } from '../base/errors.js';
import { wasienvVersion } from '../base/version.js';
import { commit, findLitter, requireFiles, sweep, withStaging, type Possessions } from './commit.js';
import { homeError, interrupted, tooLittleSpace } from './errors.js';
import { Fetches, type InstallStep, type RunOptions } from './fetch.js';
import { adoptedId, componentOfId, homeTree, receiptId } from './home.js';
import { checkFiles, currentAssembly, toolchainOf } from './installed.js';
import { withLock } from './lock.js';
import { choose, readReceipt, readReceipts, writeReceipt } from './receipt.js';
import { loadSource } from './sources/source.js';
import { Phases } from './phases.js';
import type { ComponentName, OverlayParts, Plan, PlanStep, Receipt, Toolchain } from './types.js';

export type { RunOptions };

export interface RunResult {
  readonly changed: boolean;
  /** Null when only parts are installed and no compiler. */
  readonly toolchain: Toolchain | null;
}

type Step<Kind extends PlanStep['kind']> = Extract<PlanStep, { readonly kind: Kind }>;

/**
 * Runs a plan and returns the toolchain that is in use afterwards.
 * @throws any code of setup; before the last rename nothing of the old install is touched
 */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunResult> {
  const { home, emit, signal } = options;
  emit({ type: 'plan', plan });
  const idle = plan.steps.every((step) => step.kind === 'keep');
  if (idle) await tidyUp(home);
  const changed = idle
    ? false
    : await withLock(home, 'setup', () => runSteps(plan, options), {
        onWait: (holder) => emit({ type: 'lock-wait', holder }),
        signal,
      });
  const assembly = currentAssembly(home);
  emit({ type: 'done', changed });
  return { changed, toolchain: assembly === undefined ? null : toolchainOf(home, assembly) };
}

async function runSteps(plan: Plan, options: RunOptions): Promise<boolean> {
  const { home } = options;
  await sweepHome(home);
  const steps = await Promise.all(plan.steps.map((step) => (step.kind === 'install' || step.kind === 'packages' ? unlessOvertaken(step, options) : step)));
  const installs = steps.filter((step) => step.kind === 'install');
  await requireSpace(home, steps);
  for (const { component, version, release } of installs) {
    if (release.note !== null) options.emit({ type: 'note', text: `${component} ${version} ${release.note}` });
  }
  const fetches = new Fetches(installs, options);
  let changed = false;
  let whole = false;
  try {
    for (const step of steps) {
      stopIfAborted(options.signal, step.component);
      if (await runStep(step, fetches, options)) changed = true;
    }
    whole = true;
  } finally {
    await fetches.close();
    // What a replaced receipt no longer names; and what a failed step left, such as a component whose receipt found no room.
    if (changed || !whole) await sweepHome(home).catch(() => undefined);
  }
  return changed;
}

async function sweepHome(home: string): Promise<void> {
  await sweep(home, possessions(home));
}

/** What the receipts of a home own. */
export function possessions(home: string): Possessions {
  const { good, bad } = readReceipts(home);
  const receipts = [...good.values()];
  return {
    directories: new Set(receipts.map((receipt) => receipt.directory)),
    fetched: new Set(receipts.map((receipt) => homeTree.downloadFile(home, receipt.digest))),
    spared: new Set([...bad.keys()].flatMap((id) => componentOfId(id) ?? [])),
  };
}

/**
 * When there is nothing to do, a hundred megabytes that a killed setup left behind should go all the same. Not worth
 * waiting for anybody, nor worth an error: if another wasienv is at work, what looks like litter is its work.
 */
async function tidyUp(home: string): Promise<void> {
  // A lock that stands while nothing is done is a killed holder's, or somebody is at work: taking it tells which.
  if (!existsSync(homeTree.lockFile(home)) && (await findLitter(home, possessions(home))).length === 0) return;
  await withLock(home, 'tidying up', () => sweepHome(home), { patienceMs: 0, pollMs: 1 }).catch(() => undefined);
}

async function runStep(step: PlanStep, fetches: Fetches, options: RunOptions): Promise<boolean> {
  switch (step.kind) {
    case 'keep':
      return false;
    case 'use':
      return use(step.component, step.id, options);
    case 'install':
      return install(step, fetches, options);
    case 'packages': {
      const { installPackages } = await import('./install-packages.js');
      const id = await installPackages(step, options);
      if (step.use) await use(step.component, id, options);
      return true;
    }
    case 'adopt':
      return adopt(step, options);
  }
}

/** The step, or what is left of it when another wasienv did it while we waited for the lock. */
async function unlessOvertaken(step: InstallStep | Step<'packages'>, { home, emit }: RunOptions): Promise<PlanStep> {
  const { component, version } = step;
  const digest = step.kind === 'packages' ? step.set.digest : step.artifact.integrity;
  // Without a digest only the bytes will tell what its receipt is filed under.
  if (digest === null || step.refetch) return step;
  const id = receiptId(component, version, digest);
  const receipt = tryReceipt(home, id);
  if (receipt === undefined || receipt.digest !== digest || receipt.unverified === true || (await checkFiles(receipt)).length > 0) return step;
  const why = 'was installed by another wasienv meanwhile';
  emit({ type: 'note', text: `${component} ${version} ${why}` });
  return { kind: step.use ? 'use' : 'keep', component, version, id, why };
}

function tryReceipt(home: string, id: string): Receipt | undefined {
  try {
    return readReceipt(home, id);
  } catch {
    return undefined;
  }
}

async function use(component: ComponentName, id: string, { home }: RunOptions): Promise<boolean> {
  return guard('choosing the toolchain', home, () => choose(home, component, id));
}

async function install(step: InstallStep, fetches: Fetches, options: RunOptions): Promise<boolean> {
  const { home, signal, now } = options;
  const { component, release, artifact } = step;
  const subject = `${component} ${step.version}`;
  const { file: archive, integrity, resolvedUrl, phases } = await fetches.take(step);
  const { unpack } = await import('./unpack.js');
  const signalOption = { signal };

  const work = guard(`installing ${subject}`, home, () =>
    withStaging(home, component, async (staging) => {
      const tree = path.join(staging, 'tree');
      const files = await phases.run('unpack', async (progress) => {
        await mkdir(tree);
        const unpacked = await unpack({
          subject, archive, format: release.unpack.format, directory: tree, take: release.unpack.take, unpackedBytes: release.unpackedBytes,
          onProgress: (doneBytes) => progress(doneBytes, release.unpackedBytes), ...signalOption,
        });
        return [unpacked, `${unpacked.length} files`];
      });
      const { layout, keyFiles } = await phases.run('check', async () => {
        const fit = requireFiles(subject, files, release);
        return [fit, `${fit.keyFiles.length} required files`];
      });
      stopIfAborted(signal, subject);
      await phases.run('commit', async () => {
        const directory = await commit(tree, homeTree.componentDir(home, component, step.version, integrity));
        await writeReceipt(home, {
          schema: 1, component, version: step.version, source: step.source, clangVersion: release.clangVersion,
          artifact: { ...artifact, resolvedUrl }, digest: integrity, directory, layout,
          files, keyFiles, adopted: false, ...(artifact.integrity === null ? { unverified: true as const } : {}), wasienvVersion: wasienvVersion(),
          installedAt: new Date(now()).toISOString(), timings: phases.timings(),
        });
        return [undefined, directory];
      });
    }),
  );
  await fetches.until(step, work);
  if (step.use) await use(component, receiptId(component, step.version, integrity), options);
  return true;
}

async function adopt(step: Step<'adopt'>, options: RunOptions): Promise<boolean> {
  const { home, emit, now } = options;
  if (step.overlay !== undefined) return adoptWithOverlay(step, step.overlay, options);
  const source = await loadSource(step.source);
  if (source.kind !== 'adopt') throw new InternalError(`a plan adopts from ${step.source}`);
  const phases = new Phases(step.component, emit);
  await phases.run('adopt', async () => {
    const adoption = await source.adopt(step.clang, options);
    await guard(`adopting ${adoption.text}`, home, () =>
      writeReceipt(home, {
        schema: 1, component: step.component, version: adoption.clangVersion, source: step.source, clangVersion: adoption.clangVersion,
        artifact: null, digest: adoption.digest, directory: adoption.rootDir, layout: adoption.layout,
        files: adoption.files, keyFiles: adoption.files.map((file) => file.path), adopted: true, wasienvVersion: wasienvVersion(),
        installedAt: new Date(now()).toISOString(), timings: phases.timings(),
      }),
    );
    return [undefined, adoption.text];
  });
  if (step.use) await use(step.component, adoptedId(step.component, step.clang), options);
  return true;
}

async function adoptWithOverlay({ component, clang, version, source, use: chosen }: Step<'adopt'>, overlay: OverlayParts, options: RunOptions): Promise<boolean> {
  const { home, env, platform, signal, emit, now } = options;
  const { buildOverlay } = await import('./overlay.js');
  const phases = new Phases(component, emit);
  await phases.run('adopt', () => guard(`adopting ${clang}`, home, () => withStaging(home, component, async (staging) => {
    const tree = path.join(staging, 'tree');
    await mkdir(tree);
    const { layout, files, keyFiles, digest } = await buildOverlay(clang, overlay, tree, home, { env, platform, signal });
    stopIfAborted(signal, `${component} ${version}`);
    const directory = await commit(tree, homeTree.componentDir(home, component, version, digest));
    await writeReceipt(home, {
      schema: 1, component, version, source, clangVersion: version, artifact: null, digest, directory, layout, files, keyFiles,
      adopted: true, overlay, wasienvVersion: wasienvVersion(), installedAt: new Date(now()).toISOString(), timings: phases.timings(),
    });
    return [undefined, `${clang}, with ${directory} beside it`] as const;
  })));
  if (chosen) await use(component, adoptedId(component, clang), options);
  return true;
}

async function requireSpace(home: string, steps: readonly PlanStep[]): Promise<void> {
  const neededBytes = steps.reduce((sum, step) => {
    if (step.kind === 'install') return sum + (step.artifact.sizeBytes ?? 0) + (step.release.unpackedBytes ?? 0);
    // What is taken over from unpacked packages is linked, not copied.
    if (step.kind === 'packages') return sum + step.set.packages.reduce((all, each) => all + each.sizeBytes + each.unpackedBytes, 0);
    return sum;
  }, 0);
  const disk = await statfs(home).catch(() => null);
  // Some network file systems say 0 for "unknown": then the writing itself will tell.
  if (disk === null || disk.blocks === 0) return;
  const freeBytes = disk.bavail * disk.bsize;
  if (freeBytes < neededBytes) throw tooLittleSpace(home, neededBytes, freeBytes);
}

async function guard<T>(doing: string, home: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw homeError(error, doing, home);
  }
}

function stopIfAborted(signal: AbortSignal | undefined, subject: string): void {
  if (signal?.aborted === true) throw interrupted(`setting up ${subject}`);
}
