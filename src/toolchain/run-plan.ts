// Does what a plan says, in one place, in order, under one lock: download -> verify -> unpack -> check -> commit ->
// receipt. A failure changes nothing that worked before. Prints nothing; tells everything as events.
import { existsSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { InternalError } from '../base/errors.js';
import { formatBytes } from '../base/text.js';
import { wasienvVersion } from '../base/version.js';
import { commit, findLitter, requireFiles, sweep, withStaging } from './commit.js';
import { homeError, interrupted, noToolchain, tooLittleSpace } from './errors.js';
import { homeTree } from './home.js';
import { checkFiles, currentReceipt, toolchainOf } from './installed.js';
import { withLock } from './lock.js';
import { readCurrent, readReceipt, readReceipts, writeJson, writeReceipt } from './receipt.js';
import { loadSource } from './sources/source.js';
import type { ComponentName, Plan, PlanStep, Receipt, SetupContext, SetupPhase, Toolchain } from './types.js';
import type { TransferLimits } from './download.js';

export interface RunOptions extends SetupContext {
  /** For tests and slow links: patience and attempts of downloads. */
  readonly transfer?: Partial<TransferLimits>;
}

export interface RunResult {
  readonly changed: boolean;
  readonly toolchain: Toolchain;
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
        ...(signal === undefined ? {} : { signal }),
      });
  const receipt = currentReceipt(home);
  if (receipt === undefined) throw noToolchain(home);
  emit({ type: 'done', changed });
  return { changed, toolchain: toolchainOf(home, receipt) };
}

async function runSteps(plan: Plan, options: RunOptions): Promise<boolean> {
  const { home } = options;
  await sweepHome(home);
  let changed = false;
  try {
    for (const step of plan.steps) {
      stopIfAborted(options.signal, step.component);
      if (await runStep(step, options)) changed = true;
    }
  } finally {
    // What a replaced receipt no longer names, and what a failed step could not remove.
    if (changed) await sweepHome(home);
  }
  return changed;
}

async function sweepHome(home: string): Promise<void> {
  await sweep(home, ...possessions(home));
}

function possessions(home: string): readonly [owned: ReadonlySet<string>, spared: ReadonlySet<ComponentName>] {
  const { good, bad } = readReceipts(home);
  return [new Set([...good.values()].map((receipt) => receipt.directory)), new Set(bad.keys())];
}

/**
 * When there is nothing to do, a hundred megabytes that a killed setup left behind should go all the same. Not worth
 * waiting for anybody, nor worth an error: if another wasienv is at work, what looks like litter is its work.
 */
async function tidyUp(home: string): Promise<void> {
  // A lock that stands while nothing is done is a killed holder's, or somebody is at work: taking it tells which.
  if (!existsSync(homeTree.lockFile(home)) && (await findLitter(home, ...possessions(home))).length === 0) return;
  await withLock(home, 'tidying up', () => sweepHome(home), { patienceMs: 0, pollMs: 1 }).catch(() => undefined);
}

async function runStep(step: PlanStep, options: RunOptions): Promise<boolean> {
  switch (step.kind) {
    case 'keep':
      return false;
    case 'use':
      return use(step.component, options);
    case 'install':
      return (await overtaken(step, options)) ? use(step.component, options) : install(step, options);
    case 'adopt':
      return adopt(step, options);
  }
}

/** True when another wasienv did this very step while we waited for the lock. */
async function overtaken(step: Step<'install'>, { home, emit }: RunOptions): Promise<boolean> {
  const receipt = tryReceipt(home, step.component);
  if (receipt === undefined || receipt.digest !== step.artifact.integrity || step.refetch) return false;
  if ((await checkFiles(receipt)).length > 0) return false;
  emit({ type: 'note', text: `${step.component} ${step.version} was installed by another wasienv meanwhile` });
  return true;
}

function tryReceipt(home: string, component: ComponentName): Receipt | undefined {
  try {
    return readReceipt(home, component);
  } catch {
    return undefined;
  }
}

async function use(component: ComponentName, { home }: RunOptions): Promise<boolean> {
  if (readCurrent(home) === component) return false;
  await guard('choosing the toolchain', home, () => writeJson(homeTree.currentFile(home), { schema: 1, component }));
  return true;
}

async function install(step: Step<'install'>, options: RunOptions): Promise<boolean> {
  const { home, emit, signal, now } = options;
  const { component, release, artifact } = step;
  const subject = `${component} ${step.version}`;
  const { integrity } = artifact;
  if (integrity === null) throw new InternalError(`a plan installs ${subject}, which has no digest`);
  const source = await loadSource(step.source);
  if (source.kind !== 'download') throw new InternalError(`a plan downloads from ${step.source}`);
  await requireSpace(home, (artifact.sizeBytes ?? 0) + release.unpackedBytes);
  const phases = new Phases(component, emit);
  const route = await source.route(artifact, options);
  const [{ download }, { requireDigest }, { unpack }] = await Promise.all([import('./download.js'), import('./verify.js'), import('./unpack.js')]);
  const signalOption = signal === undefined ? {} : { signal };

  await guard(`installing ${subject}`, home, () =>
    withStaging(home, component, async (staging) => {
      const archive = path.join(staging, 'archive');
      const got = await phases.run('download', async (progress) => {
        const result = await download({
          subject, route, file: archive, sizeBytes: artifact.sizeBytes, integrity,
          onProgress: progress, onRetry: (text) => emit({ type: 'note', text }),
          ...(options.transfer === undefined ? {} : { limits: options.transfer }), ...signalOption,
        });
        // Not the URL: it names the registry of whoever runs this, and the receipt has it.
        return [result, formatBytes(result.sizeBytes)];
      });
      await phases.run('verify', async () => {
        requireDigest(subject, got.resolvedUrl, integrity, got.integrity);
        return [undefined, integrity.slice(0, integrity.indexOf('-'))];
      });
      const tree = path.join(staging, 'tree');
      const files = await phases.run('unpack', async (progress) => {
        await mkdir(tree);
        const unpacked = await unpack({
          subject, archive, directory: tree, take: release.unpack.take, unpackedBytes: release.unpackedBytes,
          onProgress: (doneBytes) => progress(doneBytes, release.unpackedBytes), ...signalOption,
        });
        return [unpacked, `${unpacked.length} files`];
      });
      await phases.run('check', async () => {
        requireFiles(subject, files, release.expects);
        return [undefined, `${release.expects.length} required files`];
      });
      stopIfAborted(signal, subject);
      await phases.run('commit', async () => {
        const directory = await commit(tree, homeTree.componentDir(home, component, step.version, integrity));
        await writeReceipt(home, {
          schema: 1, component, version: step.version, source: step.source, clangVersion: release.clangVersion,
          artifact: { ...artifact, resolvedUrl: got.resolvedUrl }, digest: integrity, directory, layout: release.layout,
          files, keyFiles: release.expects, adopted: false, wasienvVersion: wasienvVersion(),
          installedAt: new Date(now()).toISOString(), timings: phases.timings(),
        });
        return [undefined, directory];
      });
    }),
  );
  await use(component, options);
  return true;
}

async function adopt(step: Step<'adopt'>, options: RunOptions): Promise<boolean> {
  const { home, emit, now } = options;
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
  await use(step.component, options);
  return true;
}

/** Tells of each phase and takes its time. */
class Phases {
  readonly #component: ComponentName;
  readonly #emit: SetupContext['emit'];
  readonly #timings: Record<string, number> = {};

  constructor(component: ComponentName, emit: SetupContext['emit']) {
    this.#component = component;
    this.#emit = emit;
  }

  async run<T>(phase: SetupPhase, work: (progress: (doneBytes: number, totalBytes: number | null) => void) => Promise<readonly [result: T, detail: string]>): Promise<T> {
    const started = performance.now();
    let toldAt = -Infinity;
    this.#emit({ type: 'step-start', component: this.#component, phase });
    const [result, detail] = await work((doneBytes, totalBytes) => {
      const at = performance.now();
      // Ten times a second is as often as anybody looks; the last one always counts.
      if (at - toldAt < 100 && doneBytes !== totalBytes) return;
      toldAt = at;
      this.#emit({ type: 'progress', component: this.#component, phase, doneBytes, totalBytes });
    });
    const durationMs = Math.round(performance.now() - started);
    this.#timings[phase] = durationMs;
    this.#emit({ type: 'step-end', component: this.#component, phase, durationMs, detail });
    return result;
  }

  timings(): Readonly<Record<string, number>> {
    return { ...this.#timings };
  }
}

async function requireSpace(home: string, neededBytes: number): Promise<void> {
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
