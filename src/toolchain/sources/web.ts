// The way to servers that are no npm registry: the proxy that the environment names, as curl and most tools read it, or
// else npm's; and beside Node's authorities those of the system, of npm and of a file the user names.
// Facts: NO_PROXY lists hosts, domains (with or without a leading dot), `host:port`, address ranges (`10.0.0.0/8`) or `*`.
import { readFileSync } from 'node:fs';
import { BlockList, isIP, isIPv4 } from 'node:net';
import tls from 'node:tls';
import type { Environment } from '../../base/surroundings.js';
import type { Hop } from '../wire.js';
import { badAuthorities, badProxy } from './errors.js';
import { hopFor, readNpmSettings, type NpmSettings } from './npm-config.js';
import type { SourceContext } from './source.js';

/** Credentials and the one place they belong to. */
export interface Login {
  /** `https://mirror.example:8443`. */
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How to reach any URL from here, decided anew for each. @throws E_SOURCE when the settings are unusable */
export async function readWebHops(context: SourceContext, login: Login | null = null): Promise<(url: URL) => Hop> {
  const npm = await readNpmSettings('', context);
  const trust = trustFor(npm, context.env, context.cafile);
  return (url) => webHop(url, { env: context.env, npm, trust, login });
}

export interface Trust {
  readonly ca: readonly string[];
  readonly text: string;
}

/** Everybody whose signature is accepted: one broken source of authorities must not take the others away, and none replaces Node's. */
export function trustFor(npm: Pick<NpmSettings, 'ca' | 'trust'>, env: Environment, cafile: string | undefined): Trust {
  const named: string[] = ["Node's own authorities"];
  const ca: string[] = [...tls.rootCertificates];
  // Node 22.15 and 23.10 brought it; before that the system's authorities come in by NODE_EXTRA_CA_CERTS or `cafile`.
  const ask = (tls as { getCACertificates?: (type: 'system' | 'extra') => string[] }).getCACertificates;
  const system = attempt(() => ask?.('system') ?? []);
  if (system.length > 0) named.push("the system's");
  ca.push(...system);
  const extraFile = env['NODE_EXTRA_CA_CERTS'];
  if (extraFile !== undefined && extraFile !== '') {
    const extra = attempt(() => certificatesOf(readFileSync(extraFile, 'utf8')));
    named.push(extra.length > 0 ? extraFile : `${extraFile} (cannot be read)`);
    ca.push(...extra);
  }
  if (npm.ca !== null) {
    named.push(npm.trust);
    ca.push(...npm.ca);
  }
  if (cafile !== undefined) {
    ca.push(...namedAuthorities(cafile));
    named.push(cafile);
  }
  return { ca, text: named.join(', ') };
}

/** The certificates of a file the user named: here a mistake is told at once. @throws E_SOURCE */
export function namedAuthorities(cafile: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(cafile, 'utf8');
  } catch (cause) {
    throw badAuthorities(cafile, 'it cannot be read', cause);
  }
  const found = certificatesOf(text);
  if (found.length === 0) throw badAuthorities(cafile, 'it holds no PEM certificate');
  return found;
}

function certificatesOf(text: string): readonly string[] {
  return text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g) ?? [];
}

function attempt(read: () => readonly string[]): readonly string[] {
  try {
    return read();
  } catch {
    return [];
  }
}

export interface WebSettings {
  readonly env: Environment;
  readonly npm: NpmSettings;
  readonly trust: Trust;
  readonly login: Login | null;
}

/** The hop to one URL. Pure. A login goes to its own origin alone. @throws E_SOURCE for a proxy that is none */
export function webHop(url: URL, { env, npm, trust, login }: WebSettings): Hop {
  const fromEnvironment = proxyFromEnvironment(url, env);
  return {
    headers: login !== null && url.origin === login.origin ? login.headers : {},
    proxy: fromEnvironment === 'none' ? hopFor(npm, url).proxy : fromEnvironment === 'direct' ? null : fromEnvironment.proxy,
    ca: url.protocol === 'https:' ? trust.ca : null,
    cert: null,
    key: null,
    strictTls: true,
    trust: trust.text,
  };
}

/** What the environment says of the proxy for a URL; `none`: nothing. Pure. @throws E_SOURCE for a proxy that is none */
export function proxyFromEnvironment(url: URL, env: Environment): { readonly proxy: string } | 'direct' | 'none' {
  const named = (...names: readonly string[]): readonly [name: string, value: string] | undefined => {
    for (const name of names.flatMap((each) => [each, each.toUpperCase()])) if (env[name] !== undefined && env[name] !== '') return [name, env[name]];
    return undefined;
  };
  const found = named(`${url.protocol.slice(0, -1)}_proxy`, 'all_proxy');
  const except = named('no_proxy')?.[1] ?? '';
  if (isExcepted(url, except)) return 'direct';
  if (found === undefined) return 'none';
  const [name, value] = found;
  // curl's `socks5h` lets the proxy look names up, which is all that undici's socks5 does.
  const address = (/^[a-z0-9+.-]+:\/\//i.test(value) ? value : `http://${value}`).replace(/^socks5h:/i, 'socks5:');
  if (!URL.canParse(address) || !['http:', 'https:', 'socks5:', 'socks:'].includes(new URL(address).protocol)) throw badProxy(name);
  return { proxy: address };
}

/** Whether NO_PROXY names this URL's host. Pure. */
export function isExcepted(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return noProxy.split(/[\s,]+/).filter((entry) => entry !== '').some((entry) => {
    if (entry === '*') return true;
    const [, bare = entry, wantedPort] = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
    if (wantedPort !== undefined && wantedPort !== port) return false;
    const name = bare.replace(/^\[|\]$/g, '').replace(/^\*?\./, '').replace(/\.$/, '').toLowerCase();
    if (isIP(host) !== 0) return name === host || isInRange(host, name);
    return host === name || host.endsWith(`.${name}`);
  });
}

function isInRange(address: string, range: string): boolean {
  const [, base = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(range) ?? [];
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  if (isIP(base) !== isIP(address) || Number(bits) > (family === 'ipv4' ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(bits), family);
  return list.check(address, family);
}
