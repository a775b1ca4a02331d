// One attempt's connections to a server: the only file that imports undici. Follows redirects by hand, asks the source anew
// for each hop which proxy, credentials and trust it has there, and gives whatever the wire throws its name: what is final,
// and what another attempt may mend. Whether there is one, and from which byte, is `download.ts`'s to decide.
import { Agent, ProxyAgent, request as send, type Dispatcher } from 'undici';
import { InternalError, WasienvError } from '../base/errors.js';
import { safeUrl } from '../base/safe-url.js';
import type { DownloadRequest } from './download.js';
import { homeError, interrupted } from './errors.js';
import * as failures from './transfer-errors.js';
import { peerIssuer } from './peer-issuer.js';

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

/** A failure that another attempt may mend; everything else is final. */
export class Passing {
  constructor(
    readonly error: WasienvError,
    /** Asked for by the server; null: nothing is gained by waiting. */
    readonly pauseMs: number | null = 0,
    /** The attempt got further than those before it. */
    readonly gained = false,
  ) {}
}

/** What the wire needs to know of a download. */
export type Asked = Pick<DownloadRequest, 'subject' | 'route' | 'limits' | 'sizeBytes' | 'onRetry' | 'signal' | 'random' | 'pause'>;

/** The head of a server's answer, and its body as it comes. */
export type Answer = Dispatcher.ResponseData;

/** A server that sends a byte now and then. */
export class Trickle extends Error {}

/** One attempt's connections: follows redirects by hand, because each hop has credentials and trust of its own. */
export class Wire {
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
  async open(method: 'GET' | 'HEAD', from: { readonly bytes: number; readonly validator: string } | null, also: readonly number[] = []): Promise<Answer> {
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
        if (count >= this.#limits.redirects) throw failures.badRedirect(this.transfer(), `more than ${this.#limits.redirects} redirects, the last to ${safeUrl(this.url.href)}`);
        this.#follow(response);
      }
    } catch (error) {
      throw await this.explain(error, '');
    }
  }

  #follow(response: Answer): void {
    const location = header(response, 'location');
    const next = location === null ? null : URL.canParse(location, this.url.href) ? new URL(location, this.url) : null;
    if (next === null) throw failures.badRedirect(this.transfer(), 'a redirect without a usable place to go');
    if (next.protocol !== 'https:' && next.protocol !== this.url.protocol) {
      throw failures.badRedirect(this.transfer(), `a redirect from ${this.url.protocol}// to ${next.protocol}// (${safeUrl(next)})`);
    }
    this.url = next;
    this.#hop = this.#request.route.hop(next);
  }

  #refusal(response: Answer): unknown {
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
    if (this.#request.signal?.aborted === true) return interrupted(`fetching ${this.#request.subject}`);
    const chain = causes(error);
    const codes = chain.map((each) => (each as NodeJS.ErrnoException).code).filter((code) => typeof code === 'string');
    const message = chain.map((each) => (each as Error).message).join('; ');
    const onDisk = chain.some((each) => (each as NodeJS.ErrnoException).syscall === 'write' && (each as NodeJS.ErrnoException).code !== 'EPIPE' && (each as NodeJS.ErrnoException).code !== 'ECONNRESET')
      || chain.some((each) => file !== '' && (each as NodeJS.ErrnoException).path?.startsWith(file) === true);
    if (onDisk) return homeError(chain.find((each) => (each as NodeJS.ErrnoException).code !== undefined) ?? error, `downloading ${this.#request.subject}`, file);
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

export function header(response: Answer, name: string): string | null {
  const value = response.headers[name];
  return value === undefined ? null : Array.isArray(value) ? (value[0] ?? null) : value;
}

export function contentLength(response: Answer): number | null {
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
