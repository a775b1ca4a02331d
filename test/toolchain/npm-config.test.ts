// npm's settings, read without npm: the answers must be npm's own. Asked of the real npm on this machine.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bypasses, findNpm, hopFor, npmCandidates, readNpmSettings, type NpmSettings } from '../../src/toolchain/sources/npm-config.js';

let root: string;
let user: string;
let project: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv-npm-')));
  user = path.join(root, 'user');
  project = path.join(root, 'project', 'deep');
  mkdirSync(user);
  mkdirSync(project, { recursive: true });
  writeFileSync(path.join(root, 'project', 'package.json'), '{"name":"p"}');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const environment = (extra: Record<string, string> = {}): Record<string, string> => ({ PATH: process.env['PATH'] ?? '', HOME: user, ...extra });
const read = (env: Record<string, string>): Promise<NpmSettings> => readNpmSettings('@yowasp', { env, cwd: project, platform: process.platform });

/** What the npm of this machine says. */
function npmSays(key: string, env: Record<string, string>): string {
  return execFileSync('npm', ['config', 'get', key], { cwd: project, env: { ...env, npm_config_update_notifier: 'false' }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

test('npm itself is found on this machine', () => {
  expect(findNpm(environment(), process.platform, process.execPath)).toMatch(/npm$/);
});

describe('the same answer as npm', () => {
  test.each<readonly [name: string, prepare: () => Record<string, string>]>([
    ['nothing set but what this machine has', () => environment()],
    ['user npmrc', () => (writeFileSync(path.join(user, '.npmrc'), 'registry=http://user.invalid:81/npm\ncafile=/user/ca.pem\nstrict-ssl=false\nproxy=http://proxy.invalid:3128\n'), environment())],
    ['project npmrc above the current directory', () => (writeFileSync(path.join(root, 'project', '.npmrc'), 'registry=http://project.invalid/\n'), environment())],
    ['project over user', () => (writeFileSync(path.join(user, '.npmrc'), 'registry=http://user.invalid/\n'), writeFileSync(path.join(root, 'project', '.npmrc'), 'registry=http://project.invalid/\n'), environment())],
    ['environment over all', () => (writeFileSync(path.join(user, '.npmrc'), 'registry=http://user.invalid/\n'), environment({ npm_config_registry: 'http://env.invalid/', NPM_CONFIG_CAFILE: '/env/ca.pem' }))],
    ['a userconfig elsewhere', () => (writeFileSync(path.join(root, 'other'), 'registry=http://other.invalid/\n'), environment({ npm_config_userconfig: path.join(root, 'other') }))],
    ['a globalconfig elsewhere', () => (writeFileSync(path.join(root, 'global'), 'registry=http://global.invalid/\ncafile=/global/ca.pem\n'), environment({ npm_config_globalconfig: path.join(root, 'global') }))],
    ['a prefix elsewhere, with its etc/npmrc', () => (mkdirSync(path.join(root, 'prefix', 'etc'), { recursive: true }), writeFileSync(path.join(root, 'prefix', 'etc', 'npmrc'), 'registry=http://prefix.invalid/\n'), environment({ npm_config_prefix: path.join(root, 'prefix') }))],
    ['a variable inside a value', () => (writeFileSync(path.join(user, '.npmrc'), 'registry=http://${WHO}.invalid/\n'), environment({ WHO: 'variable' }))],
  ])('%s', async (_name, prepare) => {
    const env = prepare();
    const settings = await read(env);
    const registry = npmSays('registry', env);
    expect(settings.registry).toBe(registry.endsWith('/') ? registry : `${registry}/`);
    const cafile = npmSays('cafile', env);
    expect(settings.trust.includes(cafile)).toBe(cafile !== 'null' && cafile !== '');
    if (cafile === 'null' || cafile === '') expect(settings.trust).toMatch(/^Node's own authorities/);
    expect(String(settings.strictTls)).toBe(npmSays('strict-ssl', env));
    const proxy = npmSays('proxy', env);
    expect(settings.proxy === null ? 'null' : new URL(settings.proxy).href).toBe(proxy === 'null' ? 'null' : new URL(proxy).href);
  });

  test('a registry for the scope alone', async () => {
    writeFileSync(path.join(user, '.npmrc'), 'registry=http://all.invalid/\n@yowasp:registry=http://scope.invalid/path\n');
    const env = environment();
    expect((await read(env)).registry).toBe('http://scope.invalid/path/');
    expect(npmSays('@yowasp:registry', env)).toBe('http://scope.invalid/path');
  });

  test('reading changes neither the environment it is given nor that of the process', async () => {
    const env = environment({ npm_config_registry: 'http://env.invalid/' });
    const [before, own] = [JSON.stringify(env), JSON.stringify(process.env)];
    await read(env);
    expect(JSON.stringify(env)).toBe(before);
    expect(JSON.stringify(process.env)).toBe(own);
  });
});

describe('refused with E_SOURCE', () => {
  test.each([
    ['registry=not a url\n', /registry/],
    ['registry=file:///etc\n', /registry/],
    ['proxy=ftp://proxy.invalid\n', /proxy/],
  ])('%j', async (text, says) => {
    writeFileSync(path.join(user, '.npmrc'), text);
    await expect(read(environment())).rejects.toMatchObject({ code: 'E_SOURCE', message: expect.stringMatching(says) });
  });
});

describe('hopFor', () => {
  const settings = (values: Record<string, string>, over: Partial<NpmSettings> = {}): NpmSettings => ({
    registry: 'https://r.invalid/npm/', get: (key) => values[key], proxy: null, httpsProxy: null, noProxy: [], ca: null, trust: '', cert: null, key: null, strictTls: true, ...over,
  });
  const authorization = (values: Record<string, string>, url: string) => hopFor(settings(values), new URL(url)).headers['authorization'];

  test.each<readonly [name: string, values: Record<string, string>, url: string, expected: string | undefined]>([
    ['token for the registry', { '//r.invalid/npm/:_authToken': 'T' }, 'https://r.invalid/npm/@s/p/-/p.tgz', 'Bearer T'],
    ['token for the whole host', { '//r.invalid/:_authToken': 'T' }, 'https://r.invalid/npm/p.tgz', 'Bearer T'],
    ['the longer path wins', { '//r.invalid/:_authToken': 'A', '//r.invalid/npm/:_authToken': 'B' }, 'https://r.invalid/npm/p.tgz', 'Bearer B'],
    ['a path without its last slash', { '//r.invalid/npm:_authToken': 'T' }, 'https://r.invalid/npm/p.tgz', 'Bearer T'],
    ['another path of the host', { '//r.invalid/npm/:_authToken': 'T' }, 'https://r.invalid/other/p.tgz', undefined],
    ['a path that only begins alike', { '//r.invalid/npm/:_authToken': 'T' }, 'https://r.invalid/npm-evil/p.tgz', undefined],
    ['another host, though it has a token of its own', { '//cdn.invalid/:_authToken': 'T' }, 'https://cdn.invalid/p.tgz', undefined],
    ['the same host on another port', { '//r.invalid/:_authToken': 'T' }, 'https://r.invalid:8443/npm/p.tgz', undefined],
    ['the same host without TLS', { '//r.invalid/:_authToken': 'T' }, 'http://r.invalid/npm/p.tgz', undefined],
    ['an unscoped token is nobody\'s', { _authToken: 'T' }, 'https://r.invalid/npm/p.tgz', undefined],
    ['basic', { '//r.invalid/:_auth': 'bWU6cHc=' }, 'https://r.invalid/npm/p.tgz', 'Basic bWU6cHc='],
    ['user and password', { '//r.invalid/:username': 'me', '//r.invalid/:_password': 'cHc=' }, 'https://r.invalid/npm/p.tgz', 'Basic bWU6cHc='],
    ['user without password', { '//r.invalid/:username': 'me' }, 'https://r.invalid/npm/p.tgz', undefined],
  ])('%s', (_name, values, url, expected) => expect(authorization(values, url)).toBe(expected));

  test('a client certificate goes to the registry alone', () => {
    const both = settings({}, { cert: 'C', key: 'K' });
    expect(hopFor(both, new URL('https://r.invalid/npm/p'))).toMatchObject({ cert: 'C', key: 'K' });
    expect(hopFor(both, new URL('https://cdn.invalid/p'))).toMatchObject({ cert: null, key: null });
  });

  test('proxies by scheme, and around them', () => {
    const both = settings({}, { proxy: 'http://a/', httpsProxy: 'http://b/', noProxy: ['.invalid'] });
    expect(hopFor(both, new URL('http://x.test/')).proxy).toBe('http://a/');
    expect(hopFor(both, new URL('https://x.test/')).proxy).toBe('http://b/');
    expect(hopFor(both, new URL('https://x.invalid/')).proxy).toBeNull();
  });
});

test.each([
  ['https://a.example.com/', ['example.com'], true],
  ['https://a.example.com/', ['.example.com'], true],
  ['https://example.com/', ['.example.com'], true],
  ['https://notexample.com/', ['example.com'], false],
  ['https://a.example.com/', ['b.example.com'], false],
  ['https://127.0.0.1/', ['127.0.0.1'], true],
  ['https://localhost:8080/', ['localhost:8080'], true],
  ['https://anything/', ['*'], true],
  ['https://anything/', [], false],
])('%s goes around the proxy for %j: %s', (url, list, expected) => expect(bypasses(new URL(url), list)).toBe(expected));

describe('npmCandidates', () => {
  test.each<readonly [name: string, platform: NodeJS.Platform, env: Record<string, string>, execPath: string, expected: string[]]>([
    ['Linux', 'linux', { PATH: '/usr/local/bin:/usr/bin' }, '/usr/bin/node', ['/usr/local/bin/npm', '/usr/local/lib/node_modules/npm', '/usr/bin/npm', '/usr/lib/node_modules/npm', '/usr/lib/node_modules/npm']],
    ['started by npx', 'linux', { PATH: '', npm_execpath: '/opt/npm/bin/npx-cli.js' }, '/n/bin/node', ['/opt/npm', '/n/lib/node_modules/npm']],
    ['started by pnpm', 'linux', { PATH: '', npm_execpath: '/opt/pnpm/bin/pnpm.cjs' }, '/n/bin/node', ['/n/lib/node_modules/npm']],
    ['Windows', 'win32', { Path: 'C:\\Program Files\\nodejs' }, 'C:\\Program Files\\nodejs\\node.exe', ['C:\\Program Files\\nodejs\\node_modules\\npm', 'C:\\Program Files\\nodejs\\node_modules\\npm']],
  ])('%s', (_name, platform, env, execPath, expected) => expect(npmCandidates(env, platform, execPath)).toEqual(expected));
});
