// Brings one file from a server into staging, hashing as it streams: the only file that imports undici.
// Decides what a failure of the wire is called and whether to try again; where to go, through which proxy, with which
// credentials and trust is the source's decision, asked anew for every hop of a redirect.
// Resuming with Range is a later step: it belongs into `attempt`, which already knows file, bytes and validators.
import { createWriteStream } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, ProxyAgent, request as send, type Dispatcher } from 'undici';
import { InternalError, WasienvError } from '../base/errors.js';
import * as failures from './errors.js';
import { hashFor } from './verify.js';

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

export interface Route {
  readonly url: string;
  readonly hop: (url: URL) => Hop;
  /** True when an npm registry answers: the next steps speak of npm then. */
  readonly registry: boolean;
}

export interface TransferLimits {
  readonly attempts: number;
  /** Pause before the second attempt; doubles each time. */
  readonly backoffMs: number;
  /** A server that asks for a longer pause (Retry-After) is not waited for. */
  readonly longestPauseMs: number;
  readonly connectMs: number;
  /** No byte for this long is a stall. */
  readonly stallMs: number;
  readonly redirects: number;
}

export const TRANSFER_LIMITS: TransferLimits = {
  attempts: 4,
  backoffMs: 500,
  longestPauseMs: 30_000,
  connectMs: 10_000,
  stallMs: 30_000,
  redirects: 5,
};

export interface DownloadRequest {
  readonly subject: string;
  readonly route: Route;
  /** Written from scratch; must lie in staging. */
  readonly file: string;
  readonly sizeBytes: number | null;
  /** Names the hash function; the comparison is the caller's. */
  readonly integrity: string;
  readonly limits?: Partial<TransferLimits>;
  readonly onProgress?: (doneBytes: number, totalBytes: number | null) => void;
  /** Called before another attempt, with words for people. */
  readonly onRetry?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface Downloaded {
  readonly integrity: string;
  readonly sizeBytes: number;
  /** Where the bytes came from in the end, without credentials or query. */
  readonly resolvedUrl: string;
}

/** Downloads a file. @throws E_NETWORK E_PROXY E_TLS E_HTTP E_STALLED E_TRUNCATED E_DIGEST E_DISK_FULL E_INTERRUPTED */
export async function download(request: DownloadRequest): Promise<Downloaded> {
  return withAttempts(request, (limits) => attempt(request, limits));
}

/** Asks whether a file can be had, without fetching it. @throws as `download` */
export async function probe(request: Omit<DownloadRequest, 'file' | 'integrity'>): Promise<void> {
  await withAttempts(request, async (limits) => {
    const wire = new Wire(request, limits);
    try {
      const response = await wire.open('HEAD');
      await response.body.dump();
    } finally {
      await wire.close();
    }
  });
}

/** A failure that another attempt may mend; everything else is final. */
class Passing {
  constructor(
    readonly error: WasienvError,
    readonly pauseMs = 0,
  ) {}
}

type Asked = Pick<DownloadRequest, 'subject' | 'route' | 'limits' | 'sizeBytes' | 'onRetry' | 'signal'>;

async function withAttempts<T>(request: Asked, once: (limits: TransferLimits) => Promise<T>): Promise<T> {
  const limits = { ...TRANSFER_LIMITS, ...request.limits };
  for (let count = 1; ; count += 1) {
    if (request.signal?.aborted === true) throw failures.interrupted(`fetching ${request.subject}`);
    try {
      return await once(limits);
    } catch (caught) {
      if (!(caught instanceof Passing)) throw caught;
      if (count >= limits.attempts || caught.pauseMs > limits.longestPauseMs) throw caught.error;
      request.onRetry?.(`${caught.error.message}; trying again (${count + 1} of ${limits.attempts})`);
      const pauseMs = Math.max(caught.pauseMs, limits.backoffMs * 2 ** (count - 1));
      await wait(pauseMs, undefined, request.signal === undefined ? {} : { signal: request.signal }).catch(() => undefined);
    }
  }
}

async function attempt(request: DownloadRequest, limits: TransferLimits): Promise<Downloaded> {
  const wire = new Wire(request, limits);
  const { hash, algorithm } = hashFor(request.integrity);
  let receivedBytes = 0;
  try {
    const response = await wire.open('GET');
    if (header(response, 'content-type')?.startsWith('text/html') === true) throw failures.webPage(wire.transfer());
    const offered = contentLength(response);
    if (offered !== null && request.sizeBytes !== null && offered !== request.sizeBytes) {
      throw failures.wrongLength(wire.transfer(), offered);
    }
    const totalBytes = request.sizeBytes ?? offered;
    const meter = new Transform({
      highWaterMark: 1 << 20,
      transform(chunk: Buffer, _encoding, done) {
        receivedBytes += chunk.byteLength;
        wire.receivedBytes = receivedBytes;
        // Without a Content-Length a server could send for ever; the manifest knows where the end is.
        if (totalBytes !== null && receivedBytes > totalBytes) {
          done(failures.wrongLength(wire.transfer(totalBytes), receivedBytes));
          return;
        }
        hash.update(chunk);
        request.onProgress?.(receivedBytes, totalBytes);
        done(null, chunk);
      },
    });
    await pipeline(response.body, meter, createWriteStream(request.file, { flags: 'w', highWaterMark: 1 << 20 }), request.signal === undefined ? {} : { signal: request.signal });
    if (totalBytes !== null && receivedBytes < totalBytes) throw new Passing(failures.truncated(wire.transfer(totalBytes)));
    return { integrity: `${algorithm}-${hash.digest('base64')}`, sizeBytes: receivedBytes, resolvedUrl: failures.safeUrl(wire.url) };
  } catch (error) {
    throw await wire.explain(error, request.file);
  } finally {
    await wire.close();
  }
}

/** One attempt's connections: follows redirects by hand, because each hop has credentials and trust of its own. */
class Wire {
  url: URL;
  receivedBytes = 0;
  readonly #request: Asked;
  readonly #limits: TransferLimits;
  readonly #dispatchers: Dispatcher[] = [];
  #hop: Hop;

  constructor(request: Asked, limits: TransferLimits) {
    this.#request = request;
    this.#limits = limits;
    this.url = new URL(request.route.url);
    this.#hop = request.route.hop(this.url);
  }

  transfer(totalBytes: number | null = this.#request.sizeBytes): failures.Transfer {
    return { subject: this.#request.subject, url: this.url.href, proxy: this.#hop.proxy, trust: this.#hop.trust, receivedBytes: this.receivedBytes, totalBytes };
  }

  /** The first answer that is not a redirect; only success is returned. */
  async open(method: 'GET' | 'HEAD'): Promise<Dispatcher.ResponseData> {
    try {
      for (let count = 0; ; count += 1) {
        const response = await send(this.url, {
          method,
          dispatcher: this.#dispatcher(),
          headers: { 'user-agent': 'wasienv', accept: '*/*', 'accept-encoding': 'identity', ...this.#hop.headers },
          headersTimeout: this.#limits.stallMs,
          bodyTimeout: this.#limits.stallMs,
          signal: this.#request.signal ?? null,
        });
        const { statusCode } = response;
        if (statusCode >= 200 && statusCode < 300) return response;
        await response.body.dump();
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
    const error = failures.httpStatus(this.transfer(), response.statusCode, this.#request.route.registry);
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
      || chain.some((each) => file !== '' && (each as NodeJS.ErrnoException).path === file);
    if (onDisk) return failures.homeError(chain.find((each) => (each as NodeJS.ErrnoException).code !== undefined) ?? error, `downloading ${this.#request.subject}`, file);
    const transfer = this.transfer();
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
    return code === 'ENOTFOUND' || code === 'ECONNREFUSED' ? explained : new Passing(explained);
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
