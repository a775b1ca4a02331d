// The way to servers that are no npm registry: proxies, exceptions from them, trust, and where a login goes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { describe, expect, test } from 'vitest';
import { download } from '../../src/toolchain/download.js';
import { isExcepted, namedAuthorities, proxyFromEnvironment, readWebHops, trustFor, webHop } from '../../src/toolchain/sources/web.js';
import type { NpmSettings } from '../../src/toolchain/sources/npm-config.js';
import { makeIdentity } from '../support/certificate.js';
import { startProxy, startRegistry } from '../support/registry.js';

const NPM: NpmSettings = { registry: 'https://registry.invalid/', get: () => undefined, proxy: null, httpsProxy: null, noProxy: [], ca: null, trust: "Node's own authorities", cert: null, key: null, strictTls: true };

describe('the environment', () => {
  test.each<readonly [url: string, env: Record<string, string>, expected: unknown]>([
    ['https://a.test/', {}, 'none'],
    ['https://a.test/', { HTTPS_PROXY: 'http://p:1' }, { proxy: 'http://p:1' }],
    ['https://a.test/', { https_proxy: 'http://low:1', HTTPS_PROXY: 'http://up:1' }, { proxy: 'http://low:1' }],
    ['http://a.test/', { HTTPS_PROXY: 'http://p:1' }, 'none'],
    ['http://a.test/', { HTTP_PROXY: 'p:3128' }, { proxy: 'http://p:3128' }],
    ['http://a.test/', { ALL_PROXY: 'socks5h://p:1080' }, { proxy: 'socks5://p:1080' }],
    ['https://a.test/', { ALL_PROXY: 'http://all:1', HTTPS_PROXY: 'http://p:1' }, { proxy: 'http://p:1' }],
    ['https://a.test/', { HTTPS_PROXY: '', ALL_PROXY: 'http://all:1' }, { proxy: 'http://all:1' }],
    ['https://a.test/', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'a.test' }, 'direct'],
    ['https://a.test/', { NO_PROXY: '*' }, 'direct'],
  ])('%s with %j', (url, env, expected) => expect(proxyFromEnvironment(new URL(url), env)).toEqual(expected));

  test('a proxy that is none is named by its variable, not by its value', () => {
    expect(() => proxyFromEnvironment(new URL('https://a.test/'), { HTTPS_PROXY: 'ftp://user:secret@p' })).toThrow(expect.objectContaining({ code: 'E_SOURCE', message: expect.stringMatching(/^HTTPS_PROXY (?!.*secret)/i) }));
  });

  test.each<readonly [url: string, noProxy: string, expected: boolean]>([
    ['https://sub.example.test/', 'example.test', true],
    ['https://sub.example.test/', '.example.test', true],
    ['https://sub.example.test/', '*.example.test', true],
    ['https://example.test/', '.example.test', true],
    ['https://badexample.test/', 'example.test', false],
    ['https://EXAMPLE.test/', 'other,  Example.TEST.', true],
    ['https://example.test/', 'example.test:443', true],
    ['https://example.test:8443/', 'example.test:443', false],
    ['http://10.1.2.3/', '10.0.0.0/8', true],
    ['http://11.1.2.3/', '10.0.0.0/8', false],
    ['http://10.1.2.3/', '10.0.0.0/99', false],
    ['http://[fd00::1]/', 'fd00::/8', true],
    ['http://[::1]:80/', '[::1]:80', true],
    ['http://[::1]/', '::1', true],
    ['http://1.2.3.4/', '3.4', false],
    ['http://a.test/', '', false],
    ['http://a.test/', '/8,x/y,:,[', false],
  ])('%s and NO_PROXY=%s', (url, noProxy, expected) => expect(isExcepted(new URL(url), noProxy)).toBe(expected));

  test("npm's proxy counts where the environment names none, and not for what NO_PROXY excepts", () => {
    const settings = { npm: { ...NPM, httpsProxy: 'http://npm-proxy:1' }, trust: { ca: [], text: '' }, login: null };
    expect(webHop(new URL('https://a.test/'), { ...settings, env: {} }).proxy).toBe('http://npm-proxy:1');
    expect(webHop(new URL('https://a.test/'), { ...settings, env: { HTTPS_PROXY: 'http://p:1' } }).proxy).toBe('http://p:1');
    expect(webHop(new URL('https://a.test/'), { ...settings, env: { NO_PROXY: 'a.test' } }).proxy).toBeNull();
  });
});

test('a login goes to its own origin alone', () => {
  const settings = { env: {}, npm: NPM, trust: { ca: [], text: '' }, login: { origin: 'https://mirror.test:8443', headers: { authorization: 'Basic secret' } } };
  const headersTo = (url: string): unknown => webHop(new URL(url), settings).headers;
  expect(headersTo('https://mirror.test:8443/any/file')).toEqual({ authorization: 'Basic secret' });
  for (const other of ['https://mirror.test/', 'http://mirror.test:8443/', 'https://mirror.test.evil:8443/', 'https://sub.mirror.test:8443/']) expect(headersTo(other)).toEqual({});
});

test('authorities add up: none takes another away', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'wasienv-web-'));
  try {
    const [extra, mine] = [path.join(root, 'extra.pem'), path.join(root, 'mine.pem')];
    const [first, second] = [makeIdentity('extra', { authority: true }), makeIdentity('mine', { authority: true })];
    writeFileSync(extra, `comment\n${first.certificate}`);
    writeFileSync(mine, second.certificate + second.certificate);
    const trust = trustFor({ ca: ['npm-ca'], trust: "npm's `ca` setting" }, { NODE_EXTRA_CA_CERTS: extra }, mine);
    expect(trust.ca).toEqual(expect.arrayContaining([...tls.rootCertificates, 'npm-ca', first.certificate.trim(), second.certificate.trim()]));
    expect(trust.text).toContain(extra);
    expect(trustFor(NPM, { NODE_EXTRA_CA_CERTS: '/no/such' }, undefined).text).toContain('/no/such (cannot be read)');
    writeFileSync(mine, 'no certificate');
    expect(() => namedAuthorities(mine)).toThrow(expect.objectContaining({ code: 'E_SOURCE' }));
    expect(() => namedAuthorities('/no/such')).toThrow(expect.objectContaining({ code: 'E_SOURCE' }));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('all of it on the wire: HTTPS by HTTPS_PROXY with an authority of --cafile', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'wasienv-web-'));
  const authority = makeIdentity('Test Corporate CA', { authority: true });
  const server = await startRegistry(new Map([['f', Buffer.from('content')]]), { tls: makeIdentity('server', { issuer: authority }) });
  const proxy = await startProxy();
  try {
    const cafile = path.join(root, 'ca.pem');
    writeFileSync(cafile, authority.certificate);
    const world = { cwd: root, platform: process.platform, env: { PATH: process.env['PATH'] ?? '', HOME: root, npm_config_globalconfig: path.join(root, 'none'), HTTPS_PROXY: proxy.url } };
    const get = async (over: { cafile?: string }): Promise<number> => {
      const hop = await readWebHops({ ...world, ...over });
      return (await download({ subject: 'f', route: { url: `${server.url}f`, hop, registry: false }, file: path.join(root, 'f'), sizeBytes: 7, integrity: 'sha256-aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8gd28=', limits: { attempts: 1 } })).sizeBytes;
    };
    await expect(get({})).rejects.toMatchObject({ code: 'E_TLS' });
    expect(await get({ cafile })).toBe(7);
    expect(proxy.requests.at(-1)?.line).toBe(`CONNECT ${server.host}`);
  } finally {
    await proxy.close();
    await server.close();
    rmSync(root, { recursive: true, force: true });
  }
});
