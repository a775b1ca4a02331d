// Brings one file from a server into the home, hashing as it streams: the only file that imports undici.
// Decides what a failure of the wire is called, whether to try again and from which byte; where to go, through which
// proxy, with which credentials and trust is the source's decision, asked anew for every hop of a redirect.
//
// A download that breaks off goes on where it stopped, in the next attempt or the next setup: Range, under If-Range, so
// that a server whose file is another one now sends all of it. What a server answers to that is believed as little as
// anything else it says: pieces that do not make the wanted digest are thrown away and fetched once more, whole.
// spec: RFC 9110 sections 13.1.5 and 14
import type { Hash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, ProxyAgent, request as send, type Dispatcher } from 'undici';
import { InternalError, WasienvError } from '../base/errors.js';
import * as failures from './errors.js';
import { beginPart, discardPart, hashPart, parseContentRange, readPart, validatorOf } from './part.js';
import { ANY_SHA256, hashFor } from './verify.js';

/** How to speak to one URL: made by a source, for this URL alone. */
export interface Hop {
  /** With credentials, if this very URL is to get them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly proxy: string | null;
  /** PEM certificates that replace Node's own list; null: Node's own list (with NODE_EXTRA_CA_CERTS). */
  readonly ca: readonly string[] | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly strictTls: boolean;
  /** Where the trusted authorities came from, for people. */
  readonly trust: string;
}

/** The way to a file: over the wire, or on a disk of this machine. */
export type Route = RemoteRoute | LocalRoute;

/** `entry`: the path inside the bundle that `file` is. */
export interface LocalRoute {
  readonly file: string;
  readonly entry?: string;
}

export interface RemoteRoute {
  readonly url: string;
  readonly hop: (url: URL) => Hop;
  /** True when an npm registry answers: the next steps speak of npm then. */
  readonly registry: boolean;
}

export interface TransferLimits {
  /** In a row without getting further. */
  readonly attempts: number;
  /** Pause before the second attempt; doubles each time, less up to half of it at random. */
  readonly backoffMs: number;
  /** A server that asks for a longer pause (Retry-After) is not waited for. */
  readonly longestPauseMs: number;
  readonly connectMs: number;
  /** No byte for this long is a stall; and so are fewer than `stallBytes` in it. */
  readonly stallMs: number;
  readonly stallBytes: number;
  readonly redirects: number;
}

export const TRANSFER_LIMITS: TransferLimits = {
  attempts: 4,
  backoffMs: 500,
  longestPauseMs: 30_000,
  connectMs: 10_000,
  stallMs: 30_000,
  stallBytes: 4096,
  redirects: 5,
};

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

/** A failure that another attempt may mend; everything else is final. */
class Passing {
  constructor(
    readonly error: WasienvError,
    /** Asked for by the server; null: nothing is gained by waiting. */
    readonly pauseMs: number | null = 0,
    /** The attempt got further than those before it. */
    readonly gained = false,
  ) {}
}

type Asked = Pick<DownloadRequest, 'subject' | 'route' | 'limits' | 'sizeBytes' | 'onRetry' | 'signal' | 'random' | 'pause'>;

async function withAttempts<T>(request: Asked, once: (limits: TransferLimits) => Promise<T>): Promise<T> {
  const limits = { ...TRANSFER_LIMITS, ...request.limits };
  const { signal, random = Math.random, pause = pauseFor } = request;
  for (let count = 1; ; count += 1) {
    if (signal?.aborted === true) throw failures.interrupted(`fetching ${request.subject}`);
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
    const resolvedUrl = failures.safeUrl(wire.url);
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
async function receive({ file, onProgress }: DownloadRequest, response: Dispatcher.ResponseData, wire: Wire, { hash, startBytes, totalBytes, pace }: Receiving): Promise<void> {
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
  return failures.wrongDigest(subject, url, integrity, got);
}

/** A server that sends a byte now and then. */
class Trickle extends Error {}

/** One attempt's connections: follows redirects by hand, because each hop has credentials and trust of its own. */
class Wire {
  url: URL;
  /** Where this answer's bytes begin in the file. */
  startBytes = 0;
  /** Of this answer. */
  receivedBytes = 0;
  readonly #begun: boolean;
  readonly #request: Asked;
  readonly #limits: TransferLimits;
  readonly #dispatchers: Dispatcher[] = [];
  #hop: Hop;

  /** `begun`: this file's server has answered before, so that one that cannot be found now may come back. */
  constructor(request: Asked, limits: TransferLimits, begun: boolean) {
    this.#begun = begun;
    this.#request = request;
    this.#limits = limits;
    this.url = new URL(request.route.url);
    this.#hop = request.route.hop(this.url);
  }

  transfer(totalBytes: number | null = this.#request.sizeBytes): failures.Transfer {
    return {
      subject: this.#request.subject, url: this.url.href, askedUrl: this.#request.route.url, registry: this.#request.route.registry, proxy: this.#hop.proxy, trust: this.#hop.trust,
      receivedBytes: this.startBytes + this.receivedBytes, totalBytes,
    };
  }

  /** The first answer that is not a redirect; only success is returned, a status among `also`, and to a request for a part also 206 and 416. */
  async open(method: 'GET' | 'HEAD', from: { readonly bytes: number; readonly validator: string } | null, also: readonly number[] = []): Promise<Dispatcher.ResponseData> {
    const part = from === null ? {} : { range: `bytes=${from.bytes}-`, 'if-range': from.validator };
    try {
      for (let count = 0; ; count += 1) {
        const response = await send(this.url, {
          method,
          dispatcher: this.#dispatcher(),
          headers: { 'user-agent': 'wasienv', accept: '*/*', 'accept-encoding': 'identity', ...part, ...this.#hop.headers },
          headersTimeout: this.#limits.stallMs,
          bodyTimeout: this.#limits.stallMs,
          signal: this.#request.signal ?? null,
        });
        const { statusCode } = response;
        if (statusCode === 206 || statusCode === 416 ? from !== null : statusCode >= 200 && statusCode < 300) return response;
        await response.body.dump();
        if (also.includes(statusCode)) return response;
        if (![301, 302, 303, 307, 308].includes(statusCode)) {
          // A registry may know no HEAD; that it answers is all a probe asks.
          if (method === 'HEAD' && (statusCode === 405 || statusCode === 501)) return response;
          throw this.#refusal(response);
        }
        if (count >= this.#limits.redirects) throw failures.badRedirect(this.transfer(), `more than ${this.#limits.redirects} redirects, the last to ${failures.safeUrl(this.url.href)}`);
        this.#follow(response);
      }
    } catch (error) {
      throw await this.explain(error, '');
    }
  }

  #follow(response: Dispatcher.ResponseData): void {
    const location = header(response, 'location');
    const next = location === null ? null : URL.canParse(location, this.url.href) ? new URL(location, this.url) : null;
    if (next === null) throw failures.badRedirect(this.transfer(), 'a redirect without a usable place to go');
    if (next.protocol !== 'https:' && next.protocol !== this.url.protocol) {
      throw failures.badRedirect(this.transfer(), `a redirect from ${this.url.protocol}// to ${next.protocol}// (${failures.safeUrl(next)})`);
    }
    this.url = next;
    this.#hop = this.#request.route.hop(next);
  }

  #refusal(response: Dispatcher.ResponseData): unknown {
    const error = failures.httpStatus(this.transfer(), response.statusCode);
    if (response.statusCode !== 429 && response.statusCode < 500) return error;
    return new Passing(error, retryAfterMs(header(response, 'retry-after')));
  }

  #dispatcher(): Dispatcher {
    const { ca, cert, key, strictTls, proxy } = this.#hop;
    const trust = {
      ...(ca === null ? {} : { ca: [...ca] }),
      ...(cert === null ? {} : { cert }),
      ...(key === null ? {} : { key }),
      rejectUnauthorized: strictTls,
    };
    const common = { connections: 1, pipelining: 1, connectTimeout: this.#limits.connectMs };
    let dispatcher: Dispatcher;
    if (proxy === null) {
      dispatcher = new Agent({ ...common, connect: { ...trust, timeout: this.#limits.connectMs } });
    } else {
      // As npm does it: plain HTTP is handed to the proxy whole, HTTPS goes through a tunnel.
      dispatcher = new ProxyAgent({ ...common, uri: proxy, proxyTunnel: this.url.protocol === 'https:', requestTls: { ...trust, timeout: this.#limits.connectMs }, proxyTls: { ...trust, timeout: this.#limits.connectMs } });
    }
    this.#dispatchers.push(dispatcher);
    return dispatcher;
  }

  /** Turns whatever the wire or the disk threw into our own error; already explained ones pass. */
  async explain(error: unknown, file: string): Promise<unknown> {
    if (error instanceof WasienvError || error instanceof Passing) return error;
    if (this.#request.signal?.aborted === true) return failures.interrupted(`fetching ${this.#request.subject}`);
    const chain = causes(error);
    const codes = chain.map((each) => (each as NodeJS.ErrnoException).code).filter((code) => typeof code === 'string');
    const message = chain.map((each) => (each as Error).message).join('; ');
    const onDisk = chain.some((each) => (each as NodeJS.ErrnoException).syscall === 'write' && (each as NodeJS.ErrnoException).code !== 'EPIPE' && (each as NodeJS.ErrnoException).code !== 'ECONNRESET')
      || chain.some((each) => file !== '' && (each as NodeJS.ErrnoException).path?.startsWith(file) === true);
    if (onDisk) return failures.homeError(chain.find((each) => (each as NodeJS.ErrnoException).code !== undefined) ?? error, `downloading ${this.#request.subject}`, file);
    const transfer = this.transfer();
    if (error instanceof Trickle) return new Passing(failures.stalled(transfer, this.#limits.stallMs, error));
    if (codes.includes('UND_ERR_HEADERS_TIMEOUT') || codes.includes('UND_ERR_BODY_TIMEOUT')) return new Passing(failures.stalled(transfer, this.#limits.stallMs, error));
    const proxyStatus = /Proxy response \((\d+)\)/.exec(message)?.[1];
    if (proxyStatus !== undefined) return failures.proxyFailed(transfer, `the proxy refused the way to the server (HTTP ${proxyStatus})`, error);
    if (/Proxy Authentication Required/.test(message)) return failures.proxyFailed(transfer, 'the proxy wants a login (HTTP 407)', error);
    const tlsCode = codes.find(isTlsCode);
    if (tlsCode !== undefined) {
      const atProxy = this.#hop.proxy?.startsWith('https:') === true && codes.includes('UND_ERR_PRX_TLS');
      if (atProxy) return failures.proxyFailed(transfer, `the proxy's certificate was not accepted (${tlsCode})`, error);
      return failures.tlsRefused(transfer, tlsCode, message, await peerIssuer(this.url, this.#hop, this.#limits.connectMs), error);
    }
    const code = codes.find((each) => failures.isNetworkCode(each));
    if (this.receivedBytes > 0 && (codes.includes('UND_ERR_SOCKET') || codes.includes('UND_ERR_RES_CONTENT_LENGTH_MISMATCH') || codes.includes('ERR_STREAM_PREMATURE_CLOSE'))) {
      return new Passing(failures.truncated(transfer, error));
    }
    if (chain.some((each) => (each as Error).name === 'HTTPParserError')) return failures.badRedirect(transfer, 'the server does not speak HTTP here');
    if (code === undefined) return new InternalError(`a download failed in a way nobody thought of: ${message}`, error);
    if (this.#hop.proxy !== null && isConnectCode(code) && this.receivedBytes === 0) {
      return failures.proxyFailed(transfer, `the proxy cannot be reached (${code})`, error);
    }
    const explained = failures.unreachable(transfer, code, error);
    // A name that does not exist and a closed port stay so; a reset or a silent network may pass.
    return (code === 'ENOTFOUND' || code === 'ECONNREFUSED') && !this.#begun ? explained : new Passing(explained);
  }

  async close(): Promise<void> {
    await Promise.all(this.#dispatchers.map((each) => each.destroy().catch(() => undefined)));
  }
}

/** An error with everything that caused it; the attempts of a dual-stack connect are among the causes. */
function causes(error: unknown): readonly unknown[] {
  const seen: unknown[] = [];
  const visit = (each: unknown): void => {
    if (typeof each !== 'object' || each === null || seen.includes(each)) return;
    seen.push(each);
    visit((each as Error).cause);
    if (each instanceof AggregateError) each.errors.forEach(visit);
  };
  visit(error);
  return seen;
}

/** OpenSSL's verdicts on a certificate, and the handshake failures that belong to them. */
function isTlsCode(code: string): boolean {
  return (
    code.startsWith('ERR_TLS_') || code.startsWith('ERR_SSL_') || code === 'EPROTO' ||
    /^(UNABLE_TO_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|ERROR_IN_CERT|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH|CA_)/.test(code)
  );
}

function isConnectCode(code: string): boolean {
  return ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code);
}

function header(response: Dispatcher.ResponseData, name: string): string | null {
  const value = response.headers[name];
  return value === undefined ? null : Array.isArray(value) ? (value[0] ?? null) : value;
}

function contentLength(response: Dispatcher.ResponseData): number | null {
  const text = header(response, 'content-length');
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}

/** Retry-After in seconds or as a date; 0 where there is none. */
export function retryAfterMs(text: string | null, now = Date.now()): number {
  if (text === null) return 0;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

/**
 * Who signed the certificate that was not accepted: a second handshake that accepts anything, sends nothing and is
 * closed at once. Its answer only names the issuer to the person; null when it cannot be had.
 */
async function peerIssuer(url: URL, hop: Hop, timeoutMs: number): Promise<string | null> {
  if (url.protocol !== 'https:') return null;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || 443);
  const servername = /^[\d.]+$|:/.test(host) ? '' : host;
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(null), timeoutMs);
    // What was opened last owns what is below it. Destroying the socket under a TLS session first crashes Node 20.
    let open: { destroy(): unknown } | undefined;
    const settle = (answer: string | null): void => {
      clearTimeout(timer);
      open?.destroy();
      resolve(answer);
    };
    const shake = (base: tls.ConnectionOptions): void => {
      const socket = tls.connect({ ...base, servername, rejectUnauthorized: false }, () => {
        const { issuer } = socket.getPeerCertificate();
        settle(issuer === undefined ? null : Object.entries(issuer).map(([name, value]) => `${name}=${[value].flat().join('+')}`).join(', '));
      });
      open = socket;
      socket.on('error', () => settle(null));
    };
    if (hop.proxy === null) {
      shake({ host, port });
      return;
    }
    const proxy = new URL(hop.proxy);
    const login = proxy.username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(`${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`).toString('base64')}` };
    const tunnel = (proxy.protocol === 'https:' ? https : http).request({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: `${url.hostname}:${port}`,
      headers: { host: `${url.hostname}:${port}`, ...login },
    });
    open = tunnel;
    tunnel.on('connect', (response, socket) => {
      open = socket;
      if (response.statusCode === 200) shake({ socket });
      else settle(null);
    });
    tunnel.on('error', () => settle(null));
    tunnel.end();
  });
}
