// Brings the artifacts of a plan home and verifies them: two at a time, in the order of the plan, ahead of the steps
// that install them one after another. A file that is handed out has the digest of its manifest (or there is none, and
// that was agreed to); one that did not arrive whole stays in `downloads/` for the next setup, unless it is of no use to it.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { InternalError, WasienvError, type ErrorCode } from '../base/errors.js';
import { formatBytes } from '../base/text.js';
import type { TransferLimits } from './wire.js';
import { homeError, interrupted } from './errors.js';
import { homeTree } from './home.js';
import { offlineRoute } from './offline.js';
import { discardPart } from './part.js';
import { ANY_SHA256 } from './verify.js';
import { Phases } from './phases.js';
import { loadSource } from './sources/source.js';
import type { PlanStep, SetupContext } from './types.js';

export interface RunOptions extends SetupContext {
  /** For tests and slow links: patience and attempts of downloads. */
  readonly transfer?: Partial<TransferLimits>;
}

export type InstallStep = Extract<PlanStep, { readonly kind: 'install' }>;

/** A verified archive in the home. */
export interface Fetched {
  readonly file: string;
  readonly integrity: string;
  readonly resolvedUrl: string;
  /** Where the phases that follow are told. */
  readonly phases: Phases;
}

const AT_ONCE = 2;

/** After these the bytes that came are good for a later setup; after any other failure they go. */
const KEEPS_PART: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['E_NETWORK', 'E_PROXY', 'E_TLS', 'E_HTTP', 'E_STALLED', 'E_TRUNCATED', 'E_INTERRUPTED', 'E_SOURCE']);

/** The downloads of one plan. Needs the lock, until `close` is done. */
export class Fetches {
  readonly #options: RunOptions;
  readonly #waiting: InstallStep[] = [];
  /** By digest: two components may come out of one archive. */
  readonly #files = new Map<string, { readonly fetched: Deferred<Fetched>; readonly wantedBy: Set<InstallStep> }>();
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();

  constructor(steps: readonly InstallStep[], options: RunOptions) {
    const { signal } = options;
    this.#options = { ...options, signal: signal === undefined ? this.#abort.signal : AbortSignal.any([signal, this.#abort.signal]) };
    for (const step of steps) {
      const known = this.#files.get(keyOf(step));
      if (known !== undefined) {
        known.wantedBy.add(step);
        continue;
      }
      const fetched = deferred<Fetched>();
      // Its error is told when the step's turn comes; until then nobody listens.
      fetched.promise.catch(() => undefined);
      this.#files.set(keyOf(step), { fetched, wantedBy: new Set([step]) });
      this.#waiting.push(step);
    }
    for (let lane = 0; lane < AT_ONCE; lane += 1) this.#next();
  }

  /** The archive of a step, when it is there. @throws E_NETWORK E_PROXY E_TLS E_HTTP E_STALLED E_TRUNCATED E_DIGEST E_DISK_FULL E_HOME_UNWRITABLE E_INTERRUPTED */
  async take(step: InstallStep): Promise<Fetched> {
    const fetched = await this.#files.get(keyOf(step))!.fetched.promise;
    return fetched.phases.component === step.component ? fetched : { ...fetched, phases: new Phases(step.component, this.#options.emit) };
  }

  /** Waits for the work on a taken archive, which then goes, unless it was interrupted or another step wants it too. */
  async until(step: InstallStep, work: Promise<void>): Promise<void> {
    let keep = false;
    try {
      await work;
    } catch (error) {
      keep = error instanceof WasienvError && error.code === 'E_INTERRUPTED';
      throw error;
    } finally {
      const { fetched, wantedBy } = this.#files.get(keyOf(step))!;
      wantedBy.delete(step);
      if (!keep && wantedBy.size === 0) tryDiscard((await fetched.promise).file);
    }
  }

  /** Stops what is still under way and waits for its end: a download writes into the home. */
  async close(): Promise<void> {
    this.#waiting.length = 0;
    this.#abort.abort();
    await Promise.all(this.#running);
  }

  #next(): void {
    const step = this.#waiting.shift();
    if (step === undefined) return;
    const { resolve, reject } = this.#files.get(keyOf(step))!.fetched;
    const run = fetchArtifact(step, this.#options).then(resolve, reject).finally(() => {
      this.#running.delete(run);
      this.#next();
    });
    this.#running.add(run);
  }
}

/** What a file in `downloads/` is named by; without a digest to expect it is that of the address. */
function keyOf({ artifact }: InstallStep): string {
  return artifact.integrity ?? `sha256-${createHash('sha256').update(artifact.location).digest('base64')}`;
}

async function fetchArtifact(step: InstallStep, options: RunOptions): Promise<Fetched> {
  const { home, emit, signal } = options;
  const { component, artifact } = step;
  const subject = `${component} ${step.version}`;
  if (signal?.aborted === true) throw interrupted(`setting up ${subject}`);
  const source = await loadSource(step.source);
  if (source.kind !== 'download') throw new InternalError(`a plan downloads from ${step.source}`);
  const wanted = artifact.integrity;
  const file = homeTree.downloadFile(home, keyOf(step));
  const phases = new Phases(component, emit);
  try {
    const way = await source.route(artifact, { ...options, mirror: step.mirror });
    const route = options.offline === true ? offlineRoute(subject, home, artifact, way) : way;
    await mkdir(path.dirname(file), { recursive: true });
    // A piece of something without a digest may be a piece of anything.
    if ((step.refetch || wanted === null) && !('file' in route && route.file === file)) discardPart(file);
    const got = await phases.run('download', async (progress) => {
      const request = { subject, file, sizeBytes: artifact.sizeBytes, integrity: wanted ?? ANY_SHA256, onProgress: progress, signal };
      const result = 'file' in route
        ? await (await import('./local-file.js')).copyIn(route, request)
        : await (await import('./download.js')).download({
          ...request, route, onRetry: (text) => emit({ type: 'note', text }), ...(options.transfer === undefined ? {} : { limits: options.transfer }),
        });
      // Not the URL: it names the registry of whoever runs this, and the receipt has it.
      return [result, formatBytes(result.sizeBytes)];
    });
    await phases.run('verify', async () => {
      if (wanted === null) {
        emit({ type: 'note', text: `${subject} is not verified: no digest of it is known. It came as ${got.integrity}` });
        return [undefined, 'not verified'];
      }
      (await import('./verify.js')).requireDigest(subject, got.resolvedUrl, wanted, got.integrity);
      return [undefined, wanted.slice(0, wanted.indexOf('-'))];
    });
    return { file, integrity: got.integrity, resolvedUrl: got.resolvedUrl, phases };
  } catch (caught) {
    const error = homeError(caught, `downloading ${subject}`, file);
    if (!(error instanceof WasienvError) || !KEEPS_PART.has(error.code)) tryDiscard(file);
    throw error;
  }
}

function tryDiscard(file: string): void {
  try {
    discardPart(file);
  } catch {
    // A disk that turned read-only, say; the failure itself matters more.
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((accept, refuse) => {
    resolve = accept;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
