// The words of downloads: who was spoken to, what went wrong on the way, and what to do. Which failure it is, `wire.ts` decides.
import { WasienvError } from '../base/errors.js';
import { safeUrl } from '../base/safe-url.js';
import { formatBytes, formatDuration } from '../base/text.js';
import { ELSEWHERE } from './errors.js';

type Place = readonly (readonly [label: string, value: string])[];

export interface Transfer {
  /** What is being fetched, for people: `portable-clang 22.0.0-git20542-10`. */
  readonly subject: string;
  /** Who was spoken to when it failed. */
  readonly url: string;
  /** Where it began, before any redirect. */
  readonly askedUrl: string;
  /** An npm registry answers: then the next step speaks of npm. */
  readonly registry: boolean;
  /** The proxy in the way, without credentials. */
  readonly proxy: string | null;
  /** Where the list of trusted authorities came from, for people. */
  readonly trust: string;
  readonly receivedBytes: number;
  readonly totalBytes: number | null;
}

const placeOf = (transfer: Transfer, ...more: Place): Place => [
  ['from', safeUrl(transfer.url)],
  ...(safeUrl(transfer.url) === safeUrl(transfer.askedUrl) ? [] : [['sent by', safeUrl(transfer.askedUrl)] as const]),
  ...(transfer.proxy === null ? [] : [['proxy', safeUrl(transfer.proxy)] as const]),
  ...(transfer.receivedBytes > 0
    ? [['got', `${formatBytes(transfer.receivedBytes)}${transfer.totalBytes === null ? '' : ` of ${formatBytes(transfer.totalBytes)}`}`] as const]
    : []),
  ...more,
];

/** What the operating system said, in words; null for codes that are not about reaching a server. */
const NETWORK_FACTS: Readonly<Record<string, readonly [fact: string, next: string]>> = {
  ENOTFOUND: ['the name of the server is not known here', 'check the network and the registry name (`npm config get registry`)'],
  EAI_AGAIN: ['the name server does not answer', 'check the network; behind a proxy set `npm config set https-proxy URL` (or HTTPS_PROXY)'],
  ECONNREFUSED: ['the server refuses connections', 'check that the registry runs and that its port is right (`npm config get registry`)'],
  ECONNRESET: ['the connection was reset', 'run `wasienv setup` again; if it repeats, a firewall or proxy breaks the connection'],
  EPIPE: ['the connection was reset', 'run `wasienv setup` again; if it repeats, a firewall or proxy breaks the connection'],
  UND_ERR_SOCKET: ['the server closed the connection', 'run `wasienv setup` again; if it repeats, a firewall or proxy breaks the connection'],
  ETIMEDOUT: ['the server does not answer', 'check the network; behind a proxy set `npm config set https-proxy URL` (or HTTPS_PROXY)'],
  UND_ERR_CONNECT_TIMEOUT: ['the server does not answer', 'check the network; behind a proxy set `npm config set https-proxy URL` (or HTTPS_PROXY)'],
  EHOSTUNREACH: ['there is no route to the server', 'check the network'],
  ENETUNREACH: ['there is no route to the server', 'check the network'],
};

export function isNetworkCode(code: string | undefined): code is string {
  return code !== undefined && code in NETWORK_FACTS;
}

export function unreachable(transfer: Transfer, code: string, cause: unknown): WasienvError {
  const [fact, npmNext] = NETWORK_FACTS[code] ?? ['the connection failed', 'check the network and run `wasienv setup` again'];
  const next = transfer.registry || !npmNext.includes('npm config') ? npmNext : ELSEWHERE;
  return new WasienvError('E_NETWORK', `${transfer.subject} cannot be fetched: ${fact} (${code})`, { where: placeOf(transfer), next, cause });
}

export function proxyFailed(transfer: Transfer, why: string, cause: unknown): WasienvError {
  return new WasienvError('E_PROXY', `${transfer.subject} cannot be fetched: ${why}`, {
    where: placeOf(transfer),
    next: 'check the proxy: `npm config get https-proxy`, HTTPS_PROXY; its user and password go into the URL; hosts to reach without it into `npm config set noproxy` or NO_PROXY',
    cause,
  });
}

export function tlsRefused(transfer: Transfer, code: string, message: string, issuer: string | null, cause: unknown): WasienvError {
  const expired = code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID';
  const otherName = code === 'ERR_TLS_CERT_ALTNAME_INVALID';
  return new WasienvError('E_TLS', `${transfer.subject} cannot be fetched: the server's certificate was not accepted (${code})`, {
    where: placeOf(transfer, ...(issuer === null ? [] : [['issuer', issuer] as const]), ['trusts', transfer.trust], ['said', message]),
    next: expired
      ? "check this machine's clock; if it is right, the server must renew its certificate"
      : otherName
        ? 'check the host name in the registry setting (`npm config get registry`): the certificate belongs to another one'
        : 'if this issuer is your company\'s, add its CA certificate: `npm config set cafile /path/to/ca.pem`, or NODE_EXTRA_CA_CERTS=/path/to/ca.pem',
    cause,
  });
}

export function httpStatus(transfer: Transfer, status: number): WasienvError {
  const { registry } = transfer;
  const [fact, next] = ((): readonly [string, string] => {
    if (status === 401) return ['wants a login', registry ? 'log in with `npm login`, or put a token for this host into ~/.npmrc' : 'give credentials for this server'];
    if (status === 403) return ['forbids it', registry ? "your login may not read this package, or the registry's policy blocks it: ask who runs it, or use `wasienv setup --source system`" : 'ask who runs this server'];
    if (status === 404) return ['does not have it', registry ? 'choose a registry that carries the package (`npm config set @yowasp:registry URL` for this one alone), or use `wasienv setup --source system`' : 'check the URL'];
    if (status === 407) return ['(a proxy) wants a login', 'put user and password into the proxy URL (`npm config set https-proxy URL`)'];
    if (status === 429) return ['says too many requests', 'wait some minutes and run `wasienv setup` again'];
    if (status >= 500) return ['has a fault of its own', 'run `wasienv setup` again later; if it lasts, ask who runs the server'];
    return ['gave an answer that is no file', 'check the registry setting (`npm config get registry`)'];
  })();
  return new WasienvError(status === 407 ? 'E_PROXY' : 'E_HTTP', `${transfer.subject} cannot be fetched: the server ${fact} (HTTP ${status})`, { where: placeOf(transfer), next });
}

export function badRedirect(transfer: Transfer, why: string): WasienvError {
  return new WasienvError('E_HTTP', `${transfer.subject} cannot be fetched: ${why}`, {
    where: placeOf(transfer),
    next: 'check the registry setting (`npm config get registry`); the server sends its visitors astray',
  });
}

/** An answer to a request for the rest of a file that is not the rest of it. */
export function badRange(transfer: Transfer, why: string): WasienvError {
  return new WasienvError('E_HTTP', `${transfer.subject} cannot be continued: ${why}`, {
    where: placeOf(transfer),
    next: 'run `wasienv setup` again: it fetches the file from its first byte',
  });
}

export function stalled(transfer: Transfer, afterMs: number, cause: unknown): WasienvError {
  return new WasienvError('E_STALLED', `${transfer.subject}: the server sent nothing, or next to nothing, for ${formatDuration(afterMs)}`, {
    where: placeOf(transfer),
    next: 'run `wasienv setup` again; if it repeats, look for a firewall or proxy that holds connections',
    cause,
  });
}

export function truncated(transfer: Transfer, cause?: unknown): WasienvError {
  return new WasienvError('E_TRUNCATED', `${transfer.subject} ended before its last byte`, {
    where: placeOf(transfer),
    next: 'run `wasienv setup` again; if it repeats, a proxy or firewall cuts the download off',
    cause,
  });
}

export function wrongLength(transfer: Transfer, offeredBytes: number): WasienvError {
  return new WasienvError('E_DIGEST', `${transfer.subject} is not the file of the manifest: the server offers ${offeredBytes} bytes, the manifest says ${transfer.totalBytes}`, {
    where: placeOf(transfer),
    next: 'run `wasienv setup` again; if it repeats, a proxy or mirror alters your downloads',
  });
}

export function webPage(transfer: Transfer): WasienvError {
  return new WasienvError('E_DIGEST', `${transfer.subject} is not the file of the manifest: the server sent a web page`, {
    where: placeOf(transfer),
    next: 'a login page or a block page stands in the way: open a browser, or set the proxy that npm should use (`npm config set https-proxy URL`)',
  });
}

export function textTooLong(transfer: Transfer, mostBytes: number): WasienvError {
  return new WasienvError('E_MANIFEST', `${transfer.subject} is longer than ${formatBytes(mostBytes)}`, {
    where: placeOf(transfer),
    next: 'check that WASIENV_MANIFESTS names a directory of manifests',
  });
}
