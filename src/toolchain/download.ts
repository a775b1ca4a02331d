// Brings one file from a server into the home, hashing as it streams. Decides whether to try again after a failure, and from
// which byte; what a failure is called, and how a server is spoken to, is decided in `wire.ts`.
//
// A download that breaks off goes on where it stopped, in the next attempt or the next setup: Range, under If-Range, so
// that a server whose file is another one now sends all of it. What a server answers to that is believed as little as
// anything else it says: pieces that do not make the wanted digest are thrown away and fetched once more, whole.
// spec: RFC 9110 sections 13.1.5 and 14
import type { Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { WasienvError } from '../base/errors.js';
import { safeUrl } from '../base/safe-url.js';
import { interrupted, wrongDigest } from './errors.js';
import * as failures from './transfer-errors.js';
import { beginPart, discardPart, hashPart, parseContentRange, readPart, validatorOf } from './part.js';
import { ANY_SHA256, hashFor } from './verify.js';
import { contentLength, header, Passing, TRANSFER_LIMITS, Trickle, Wire, type Answer, type Asked, type RemoteRoute, type TransferLimits } from './wire.js';

/** The way to a file: over the wire, or on a disk of this machine. */
export type Route = RemoteRoute | LocalRoute;

/** `entry`: the path inside the bundle that `file` is. */
export interface LocalRoute {
  readonly file: string;
  readonly entry?: string;
}

export interface DownloadRequest {
  readonly subject: string;
  readonly route: RemoteRoute;
  /** Where it goes. What lies there is gone on with, if it can be; a failure of the wire leaves what came so far. */
  readonly file: string;
  readonly sizeBytes: number | null;
  /** Names the hash function and tells whether pieces fit together; the verdict on the whole is the caller's. */
  readonly integrity: string;
  readonly limits?: Partial<TransferLimits>;
  readonly onProgress?: (doneBytes: number, totalBytes: number | null) => void;
  /** Called before another attempt, with words for people. */
  readonly onRetry?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** Numbers in [0, 1) for the jitter of pauses. */
  readonly random?: () => number;
  /** Waits that long, or until the signal. */
  readonly pause?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

export interface Downloaded {
  readonly integrity: string;
  readonly sizeBytes: number;
  /** Where the bytes came from in the end, without credentials or query. */
  readonly resolvedUrl: string;
}

/** Downloads a file. @throws E_NETWORK E_PROXY E_TLS E_HTTP E_STALLED E_TRUNCATED E_DIGEST E_DISK_FULL E_INTERRUPTED */
export async function download(request: DownloadRequest): Promise<Downloaded> {
  let furthestBytes = readPart(request.file)?.sizeBytes ?? 0;
  return withAttempts(request, async (limits) => {
    try {
      return await attempt(request, limits, furthestBytes > 0);
    } catch (error) {
      const keptBytes = readPart(request.file)?.sizeBytes ?? 0;
      // A line that breaks every few megabytes still gets there. Steps too small to count keep this finite.
      const gained = keptBytes >= furthestBytes + Math.max(256 << 10, (request.sizeBytes ?? 0) / 100);
      furthestBytes = Math.max(furthestBytes, keptBytes);
      throw error instanceof Passing && gained ? new Passing(error.error, error.pauseMs, true) : error;
    }
  });
}

/** Asks whether a file can be had, without fetching it. @throws as `download` */
export async function probe(request: Omit<DownloadRequest, 'file' | 'integrity'>): Promise<void> {
  await withAttempts(request, async (limits) => {
    const wire = new Wire(request, limits, false);
    try {
      const response = await wire.open('HEAD', null);
      await response.body.dump();
    } finally {
      await wire.close();
    }
  });
}

/** The most a text may have: manifests are read whole. */
const TEXT_BYTES = 8 << 20;

/** The text of a small file; null where the server has none (404). @throws as `download` */
export async function fetchText(request: Omit<DownloadRequest, 'file' | 'integrity' | 'sizeBytes'>): Promise<string | null> {
  return withAttempts({ ...request, sizeBytes: null }, async (limits) => {
    const wire = new Wire({ ...request, sizeBytes: null }, limits, false);
    try {
      const response = await wire.open('GET', null, [404]);
      if (response.statusCode === 404) return null;
      const chunks: Buffer[] = [];
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        wire.receivedBytes += chunk.byteLength;
        if (wire.receivedBytes > TEXT_BYTES) throw failures.textTooLong(wire.transfer(), TEXT_BYTES);
      }
      return Buffer.concat(chunks).toString('utf8');
    } catch (error) {
      throw await wire.explain(error, '');
    } finally {
      await wire.close();
    }
  });
}

async function withAttempts<T>(request: Asked, once: (limits: TransferLimits) => Promise<T>): Promise<T> {
  const limits = { ...TRANSFER_LIMITS, ...request.limits };
  const { signal, random = Math.random, pause = pauseFor } = request;
  for (let count = 1; ; count += 1) {
    if (signal?.aborted === true) throw interrupted(`fetching ${request.subject}`);
    try {
      return await once(limits);
    } catch (caught) {
      if (!(caught instanceof Passing)) throw caught;
      if (caught.gained) count = 1;
      const pauseMs = caught.pauseMs === null ? 0 : pauseBefore(count, caught.pauseMs, limits, random);
      if (count >= limits.attempts || pauseMs === null) throw caught.error;
      request.onRetry?.(`${caught.error.message}; trying again (${count + 1} of ${limits.attempts})`);
      await pause(pauseMs, signal);
    }
  }
}

/** How long to wait after attempt number `count` failed; null: longer than is worth it. `askedMs` is the server's wish. Pure. */
export function pauseBefore(count: number, askedMs: number, { backoffMs, longestPauseMs }: Pick<TransferLimits, 'backoffMs' | 'longestPauseMs'>, random: () => number): number | null {
  if (askedMs > longestPauseMs) return null;
  // At random, because many machines that a fault stopped at one moment would otherwise all come back at one moment.
  return Math.max(askedMs, Math.min(backoffMs * 2 ** (count - 1), longestPauseMs) * (1 - random() / 2));
}

function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return wait(ms, undefined, { signal }).catch(() => undefined);
}

/** Notices a server that keeps the connection alive with a byte now and then. Silence is noticed by undici's own time-outs. */
export class Pace {
  readonly #windowMs: number;
  readonly #leastBytes: number;
  #sinceMs: number;
  #bytes = 0;

  constructor({ stallMs, stallBytes }: Pick<TransferLimits, 'stallMs' | 'stallBytes'>, nowMs: number) {
    this.#windowMs = stallMs;
    this.#leastBytes = stallBytes;
    this.#sinceMs = nowMs;
  }

  /** Tells that bytes came; true when too few came in the window that ends now. */
  isStall(bytes: number, nowMs: number): boolean {
    this.#bytes += bytes;
    if (nowMs - this.#sinceMs < this.#windowMs) return false;
    const stalled = this.#bytes < this.#leastBytes;
    this.#sinceMs = nowMs;
    this.#bytes = 0;
    return stalled;
  }
}

async function attempt(request: DownloadRequest, limits: TransferLimits, begun: boolean): Promise<Downloaded> {
  const { file, signal, sizeBytes: wantedBytes } = request;
  const { hash, algorithm } = hashFor(request.integrity);
  const digest = (): string => `${algorithm}-${hash.digest('base64')}`;
  const kept = readPart(file);
  const wire = new Wire(request, limits, begun);
  /** What was kept cannot become the file. */
  const startOver = (error: WasienvError): Passing => {
    discardPart(file);
    return new Passing(error, null);
  };
  try {
    if (kept !== null && kept.sizeBytes === wantedBytes) {
      // All of it came, and then the setup ended before it was unpacked.
      await hashPart(file, hash, signal);
      const integrity = digest();
      if (integrity !== request.integrity) throw startOver(mismatch(request, kept.url, integrity));
      request.onProgress?.(kept.sizeBytes, kept.sizeBytes);
      return { integrity, sizeBytes: kept.sizeBytes, resolvedUrl: kept.url };
    }
    const from = kept === null || kept.validator === null || (wantedBytes !== null && kept.sizeBytes > wantedBytes) ? null : { bytes: kept.sizeBytes, validator: kept.validator };
    const response = await wire.open('GET', from);
    if (from !== null && response.statusCode === 416) {
      throw startOver(failures.badRange(wire.transfer(), `the server has no byte ${from.bytes} of it`));
    }
    if (header(response, 'content-type')?.startsWith('text/html') === true) throw failures.webPage(wire.transfer());
    const continued = from !== null && response.statusCode === 206;
    const range = continued ? parseContentRange(header(response, 'content-range')) : null;
    if (continued && (range === null || range.first !== from.bytes || (range.totalBytes !== null && wantedBytes !== null && range.totalBytes !== wantedBytes))) {
      throw startOver(failures.badRange(wire.transfer(), `asked from byte ${from.bytes}, the server sent ${header(response, 'content-range') ?? 'an unnamed part'}`));
    }
    const startBytes = continued ? from.bytes : 0;
    const promised = contentLength(response);
    const offered = promised === null ? null : startBytes + promised;
    if (!continued && offered !== null && wantedBytes !== null && offered !== wantedBytes) throw failures.wrongLength(wire.transfer(), offered);
    const totalBytes = wantedBytes ?? range?.totalBytes ?? offered;
    const resolvedUrl = safeUrl(wire.url);
    if (continued) await hashPart(file, hash, signal);
    else {
      const [etag, lastModified, date] = [header(response, 'etag'), header(response, 'last-modified'), header(response, 'date')];
      beginPart(file, { validator: validatorOf({ etag, lastModified, date }), url: resolvedUrl });
    }
    wire.startBytes = startBytes;
    await receive(request, response, wire, { hash, startBytes, totalBytes, pace: new Pace(limits, performance.now()) });
    const receivedBytes = startBytes + wire.receivedBytes;
    if (totalBytes !== null && receivedBytes < totalBytes) throw new Passing(failures.truncated(wire.transfer(totalBytes)));
    const integrity = digest();
    if (continued && request.integrity !== ANY_SHA256 && integrity !== request.integrity) throw startOver(mismatch(request, resolvedUrl, integrity));
    return { integrity, sizeBytes: receivedBytes, resolvedUrl };
  } catch (error) {
    throw await wire.explain(error, file);
  } finally {
    await wire.close();
  }
}

interface Receiving {
  readonly hash: Hash;
  readonly startBytes: number;
  readonly totalBytes: number | null;
  readonly pace: Pace;
}

/** Every chunk that comes goes to the disk before an error of the wire is thrown: it need not come again. */
async function receive({ file, onProgress }: DownloadRequest, response: Answer, wire: Wire, { hash, startBytes, totalBytes, pace }: Receiving): Promise<void> {
  const handle = await open(file, 'r+');
  let written: Promise<unknown> = Promise.resolve();
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      const at = startBytes + wire.receivedBytes;
      wire.receivedBytes += chunk.byteLength;
      // Without a Content-Length a server could send for ever; the manifest knows where the end is.
      if (totalBytes !== null && at + chunk.byteLength > totalBytes) throw failures.wrongLength(wire.transfer(totalBytes), at + chunk.byteLength);
      if (pace.isStall(chunk.byteLength, performance.now())) throw new Trickle();
      // One write is under way while the next chunk comes and is hashed.
      await written;
      written = writeAll(handle, chunk, at);
      // Heard of at the next `await`, which a server may keep waiting.
      written.catch(() => undefined);
      hash.update(chunk);
      onProgress?.(at + chunk.byteLength, totalBytes);
    }
    await written;
  } finally {
    await written.catch(() => undefined);
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let done = 0; done < chunk.byteLength; ) done += (await handle.write(chunk, done, chunk.byteLength - done, position + done)).bytesWritten;
}

function mismatch({ subject, integrity }: DownloadRequest, url: string, got: string): WasienvError {
  return wrongDigest(subject, url, integrity, got);
}
