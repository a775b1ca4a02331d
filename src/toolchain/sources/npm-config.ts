// Reads npm's own settings the way npm does (built-in, global, user and project npmrc, npm_config_* variables) and
// turns them into the way to one file: registry, proxy, trust, credentials. Loaded by setup alone.
//
// Facts about npm used here, from its own sources (npm 11: @npmcli/config, @npmcli/agent proxy.js, npm-registry-fetch
// auth.js): the global npmrc is <prefix>/etc/npmrc and prefix follows from where node stands, unless npm's built-in
// npmrc, beside npm itself, says otherwise; HTTPS_PROXY and NO_PROXY are looked at after the settings; `ca` and
// `cafile` replace Node's authorities; credentials belong to the longest `//host/path/` that begins the URL.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type Config from '@npmcli/config';
import { pathEntries } from '../../base/look.js';
import type { Environment } from '../../base/surroundings.js';
import type { Hop } from '../wire.js';
import { npmSettings } from './errors.js';

/** The settings that matter for fetching one file, already read. */
export interface NpmSettings {
  readonly registry: string;
  /** Any setting by its key, for what belongs to a URL: `//host/path/:_authToken`. */
  readonly get: (key: string) => unknown;
  readonly proxy: string | null;
  readonly httpsProxy: string | null;
  readonly noProxy: readonly string[];
  readonly ca: readonly string[] | null;
  readonly trust: string;
  readonly cert: string | null;
  readonly key: string | null;
  readonly strictTls: boolean;
}

/** Reads npm's settings for packages of `scope` (`@yowasp`). @throws E_SOURCE when they make no sense. */
export async function readNpmSettings(scope: string, { env, cwd, platform, execPath = process.execPath }: { env: Environment; cwd: string; platform: NodeJS.Platform; execPath?: string }): Promise<NpmSettings> {
  const config = await loadConfig({ env, cwd, platform, execPath });
  const get = (key: string): unknown => config.get(key as never);
  const text = (key: string): string | null => {
    const value = get(key);
    return typeof value === 'string' && value !== '' && value !== 'null' ? value : null;
  };
  const registry = text(`${scope}:registry`) ?? text('registry');
  if (registry === null || !/^https?:/.test(registry) || !URL.canParse(registry)) {
    throw npmSettings(registry === null ? 'no registry is set' : `the registry ${JSON.stringify(withoutLogin(registry))} is not an http or https URL`);
  }
  const cafile = text('cafile');
  const inline = [get('ca')].flat().filter((each): each is string => typeof each === 'string' && each !== '' && each !== 'null');
  const authorities = cafile === null ? null : readAuthorities(cafile);
  const named = (...names: readonly string[]): string | null => {
    for (const name of names) {
      const value = env[name] ?? env[name.toUpperCase()];
      if (value !== undefined && value !== '') return value;
    }
    return null;
  };
  const noProxy = [get('noproxy')].flat().filter((each): each is string => typeof each === 'string' && each !== '');
  return {
    registry: registry.endsWith('/') ? registry : `${registry}/`,
    get,
    // npm-registry-fetch hands `https-proxy`, or else `proxy`, to every request; only the environment knows schemes.
    httpsProxy: checkedProxy(text('https-proxy') ?? text('proxy') ?? named('https_proxy')),
    proxy: checkedProxy(text('https-proxy') ?? text('proxy') ?? named('https_proxy', 'http_proxy', 'proxy')),
    noProxy: (noProxy.length > 0 ? noProxy.join(',') : (named('no_proxy') ?? '')).split(',').map((each) => each.trim()).filter((each) => each !== ''),
    ca: authorities ?? (inline.length > 0 ? inline.map((each) => each.replaceAll('\\n', '\n')) : null),
    trust:
      cafile !== null
        ? authorities === null ? `Node's own authorities (npm's cafile ${cafile} cannot be read)` : `npm's cafile ${cafile}`
        : inline.length > 0 ? "npm's `ca` setting" : env['NODE_EXTRA_CA_CERTS'] ? `Node's own authorities and ${env['NODE_EXTRA_CA_CERTS']}` : "Node's own authorities",
    cert: text('cert')?.replaceAll('\\n', '\n') ?? null,
    key: text('key')?.replaceAll('\\n', '\n') ?? null,
    strictTls: get('strict-ssl') !== false,
  };
}

/** Of what may not be a URL at all. */
const withoutLogin = (text: string): string => text.replace(/^([^/]*\/\/)[^/]*@/, '$1');

async function loadConfig({ env, cwd, platform, execPath }: { env: Environment; cwd: string; platform: NodeJS.Platform; execPath: string }): Promise<Config> {
  // CommonJS without types for its second file, hence createRequire.
  const require = createRequire(import.meta.url);
  const NpmConfig = require('@npmcli/config') as typeof Config;
  const { definitions, shorthands, nerfDarts } = require('@npmcli/config/lib/definitions/index.js') as { definitions: Config.DefinitionsObject; shorthands: Config.ShortFlags; nerfDarts: string[] };
  const node = findNpmNode(env, platform, execPath);
  const options = {
    definitions,
    shorthands,
    nerfDarts,
    npmPath: findNpm(env, platform, node) ?? path.join(path.dirname(node), 'no-npm-here'),
    // A copy: loading writes INIT_CWD, HOME and others into the environment it is given.
    env: { ...env } as NodeJS.ProcessEnv,
    // Our own command line is none of npm's business.
    argv: [node, 'wasienv'],
    platform,
    execPath: node,
    cwd,
    warn: false,
  };
  const config = new NpmConfig(options);
  try {
    await config.load();
  } catch (cause) {
    throw npmSettings((cause as Error).message, cause);
  }
  return config;
}

/**
 * The node that npm runs on, from which it derives its prefix and so its global npmrc: the one that npm says it was
 * started with, else the first on PATH, which is what npm's `#!/usr/bin/env node` takes. That need not be ours.
 */
function findNpmNode(env: Environment, platform: NodeJS.Platform, execPath: string): string {
  const onPath = pathEntries(env, platform).map((each) => path.join(each, platform === 'win32' ? 'node.exe' : 'node'));
  for (const candidate of [env['npm_node_execpath'] ?? '', ...onPath]) {
    if (candidate === '' || !existsSync(candidate)) continue;
    // As Node itself does for process.execPath: /usr/local/bin/node may be a link into a version manager's tree.
    return realpathSync(candidate);
  }
  return execPath;
}

/** npm's own directory, beside which its built-in npmrc lies; null where there is no npm. */
export function findNpm(env: Environment, platform: NodeJS.Platform, execPath: string): string | null {
  return npmCandidates(env, platform, execPath).map(realDirectory).find((each) => each !== null && existsSync(path.join(each, 'bin', 'npm-cli.js'))) ?? null;
}

/** Where npm may be, best first: what started us, what stands on PATH, what came with node. Pure. */
export function npmCandidates(env: Environment, platform: NodeJS.Platform, execPath: string): readonly string[] {
  const { dirname, join } = platform === 'win32' ? path.win32 : path.posix;
  const candidates: string[] = [];
  // Set by npm and npx, and by pnpm and yarn for themselves: only npm's has this name.
  const running = env['npm_execpath'];
  if (running !== undefined && /[\\/]bin[\\/](npm|npx)-cli\.js$/.test(running)) candidates.push(dirname(dirname(running)));
  const beside = platform === 'win32' ? ['node_modules', 'npm'] : ['..', 'lib', 'node_modules', 'npm'];
  for (const directory of pathEntries(env, platform)) {
    // On Unix `npm` is a link into npm's bin directory; on Windows npm.cmd stands beside node_modules.
    if (platform !== 'win32') candidates.push(join(directory, 'npm'));
    candidates.push(join(directory, ...beside));
  }
  candidates.push(join(dirname(execPath), ...beside));
  return candidates;
}

/** The directory a candidate leads to: itself, or for a link to `bin/npm-cli.js` the directory above. */
function realDirectory(candidate: string): string | null {
  try {
    const real = realpathSync(candidate);
    return real.endsWith(path.join('bin', 'npm-cli.js')) ? path.dirname(path.dirname(real)) : real;
  } catch {
    return null;
  }
}

function readAuthorities(file: string): readonly string[] | null {
  try {
    const end = '-----END CERTIFICATE-----';
    const parts = readFileSync(file, 'utf8').split(end).slice(0, -1);
    return parts.length === 0 ? null : parts.map((part) => `${part.slice(Math.max(0, part.indexOf('-----BEGIN')))}${end}\n`);
  } catch {
    // npm goes on without the file; the error of a handshake that then fails says so (`trust`).
    return null;
  }
}

function checkedProxy(proxy: string | null): string | null {
  if (proxy === null) return null;
  const url = /^[a-z0-9+.-]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
  if (!URL.canParse(url) || !['http:', 'https:', 'socks5:', 'socks:'].includes(new URL(url).protocol)) {
    throw npmSettings('the proxy is not an http, https or socks5 URL');
  }
  return url;
}

/** How npm would speak to `url`. Credentials go only to the registry's own host, and only below the path they are set for. */
export function hopFor(settings: NpmSettings, url: URL): Hop {
  const registry = new URL(settings.registry);
  const home = url.host === registry.host && url.protocol === registry.protocol;
  const credentials = home ? credentialsFor(settings.get, url) : { headers: {}, cert: null, key: null };
  const proxy = url.protocol === 'https:' ? settings.httpsProxy : settings.proxy;
  return {
    headers: credentials.headers,
    proxy: proxy === null || bypasses(url, settings.noProxy) ? null : proxy,
    ca: settings.ca,
    cert: credentials.cert ?? (home ? settings.cert : null),
    key: credentials.key ?? (home ? settings.key : null),
    strictTls: settings.strictTls,
    trust: settings.trust,
  };
}

interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly cert: string | null;
  readonly key: string | null;
}

/** The credentials of the longest `//host/path` that begins the URL, as npm looks for them. */
function credentialsFor(get: (key: string) => unknown, url: URL): Credentials {
  const none: Credentials = { headers: {}, cert: null, key: null };
  for (let place = `//${url.host}${url.pathname}`; place.length > 2; place = place.replace(/([^/]+|\/)$/, '')) {
    const text = (name: string): string | null => {
      const value = get(`${place}:${name}`);
      return typeof value === 'string' && value !== '' ? value : null;
    };
    const [token, basic, user, password, certfile, keyfile] = ['_authToken', '_auth', 'username', '_password', 'certfile', 'keyfile'].map(text);
    const identity = certfile !== null && keyfile !== null ? { cert: readText(certfile!), key: readText(keyfile!) } : { cert: null, key: null };
    if (token !== null) return { headers: { authorization: `Bearer ${token}` }, ...identity };
    if (basic !== null) return { headers: { authorization: `Basic ${basic}` }, ...identity };
    if (user !== null && password !== null) {
      const plain = Buffer.from(password!, 'base64').toString('utf8');
      return { headers: { authorization: `Basic ${Buffer.from(`${user}:${plain}`, 'utf8').toString('base64')}` }, ...identity };
    }
    if (identity.cert !== null) return { ...none, ...identity };
  }
  return none;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw npmSettings(`the certificate or key file ${file} cannot be read`, cause);
  }
}

/** npm's rule: an entry of the list matches the host or any domain above it, part by part. Pure. */
export function bypasses(url: URL, noProxy: readonly string[]): boolean {
  const host = url.hostname.split('.').reverse();
  return noProxy.some((entry) => {
    if (entry === '*') return true;
    const parts = entry.replace(/:\d+$/, '').split('.').filter((part) => part !== '').reverse();
    return parts.length > 0 && parts.every((part, index) => host[index] === part);
  });
}
