// Everything a server and a network can do to a download. Each fault meets a home that has version 1 installed and
// wants version 2; what must hold then, and after it, is told in support/faults.ts (`ordeal`).
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { WasienvError, type ErrorCode } from '../../src/base/errors.js';
import { makeIdentity } from '../support/certificate.js';
import type { Fault } from '../support/fault-list.js';
import { expectNextSetupWell, ordeal, trial, trials } from '../support/faults.js';
import { Random } from '../support/random.js';
import { closedPort, startProxy, startRegistry, type Fault as ServerFault, type Registry } from '../support/registry.js';
import { PACKAGE, PACKAGES, faultsOfHome, makeWorkshop, versionInUse, type Workshop } from '../support/workshop.js';
import { workshopForEach } from '../support/workshop-for-each.js';

const RESETS = trials(12, 100);

let registry: Registry;
let workshop: Workshop;

workshopForEach(async (own, shared) => {
  [workshop, registry] = [own, shared];
  await workshop.setup({ version: PACKAGE.one });
  workshop.events.length = 0;
});

/** Sets up version 2, which must fail and do no harm, and then, with the fault gone, must end well; returns the error. */
const failure = (fault: Fault): Promise<WasienvError> =>
  ordeal(fault, workshop, () => workshop.setup({ version: PACKAGE.two }), () => {
    registry.fault = { kind: 'ok' };
    workshop.npmrc(`registry=${registry.url}\n`);
  });

const archive = PACKAGES.get('clang-2.0.0.tgz')!;

const FINAL: readonly (readonly [fault: Fault, name: string, server: ServerFault, code: ErrorCode | readonly ErrorCode[], next: RegExp, requests: number])[] = [
  ['404', '404', { kind: 'status', status: 404 }, 'E_HTTP', /@yowasp:registry|--source system/, 1],
  ['401, 403 and other refusals', '401', { kind: 'status', status: 401 }, 'E_HTTP', /npm login/, 1],
  ['401, 403 and other refusals', '403', { kind: 'status', status: 403 }, 'E_HTTP', /policy/, 1],
  ['401, 403 and other refusals', '410', { kind: 'status', status: 410 }, 'E_HTTP', /npm config get registry/, 1],
  ['401, 403 and other refusals', '304, which nobody asked for', { kind: 'status', status: 304 }, 'E_HTTP', /npm config get registry/, 1],
  ['429', '429 for ever', { kind: 'status', status: 429 }, 'E_HTTP', /wait some minutes/, 3],
  ['429', '429 that asks for an hour', { kind: 'status', status: 429, headers: { 'retry-after': '3600' } }, 'E_HTTP', /wait some minutes/, 1],
  ['500 for ever', '500 for ever', { kind: 'status', status: 500 }, 'E_HTTP', /later/, 3],
  ['500 for ever', '503 for ever', { kind: 'status', status: 503 }, 'E_HTTP', /later/, 3],
  ['truncated', 'truncated', { kind: 'truncated' }, 'E_TRUNCATED', /setup` again/, 3],
  ['truncated', 'truncated without a promised length', { kind: 'truncated-chunked' }, 'E_TRUNCATED', /setup` again/, 3],
  ['wrong bytes', 'wrong bytes', { kind: 'wrong-bytes' }, 'E_DIGEST', /alters your downloads/, 1],
  ['wrong bytes', 'the other version', { kind: 'other-file', bytes: PACKAGES.get('clang-1.0.0.tgz')! }, 'E_DIGEST', /alters your downloads/, 1],
  ['wrong length', 'a login page', { kind: 'other-page' }, 'E_DIGEST', /login page/, 1],
  ['wrong length', 'a byte too few, and said so', { kind: 'other-file', bytes: archive.subarray(0, -1) }, 'E_DIGEST', /alters your downloads/, 1],
  ['wrong length', 'a byte too many, and said so', { kind: 'other-file', bytes: Buffer.concat([archive, Buffer.alloc(1)]) }, 'E_DIGEST', /alters your downloads/, 1],
  ['wrong length', 'nothing at all', { kind: 'other-file', bytes: Buffer.alloc(0) }, 'E_DIGEST', /alters your downloads/, 1],
  ['wrong length', 'an endless answer', { kind: 'endless' }, 'E_DIGEST', /alters your downloads/, 1],
  // Some kernels show a reset in the middle as a close: both are said truly, and both are tried again.
  ['reset at random bytes', 'reset mid-way', { kind: 'reset' }, ['E_NETWORK', 'E_TRUNCATED'], /firewall/, 3],
  ['reset at random bytes', 'reset before the first byte', { kind: 'reset-at-once' }, 'E_NETWORK', /firewall or proxy/, 3],
  ['stall', 'stall mid-way', { kind: 'stall' }, 'E_STALLED', /holds connections/, 3],
  ['stall', 'accepts and says nothing', { kind: 'silent' }, 'E_STALLED', /holds connections/, 3],
  ['redirect loop', 'redirect loop', { kind: 'redirect-loop' }, 'E_HTTP', /astray/, 6],
  ['redirect that leads nowhere', 'redirect to nowhere', { kind: 'redirect', to: 'http://[' }, 'E_HTTP', /astray/, 1],
  ['redirect that leads nowhere', 'redirect to a file of this machine', { kind: 'redirect', to: 'file:///etc/passwd' }, 'E_HTTP', /astray/, 1],
];

describe('a fault that lasts', () => {
  test.each(FINAL)('%s: %s', async (fault, _name, server, code, next, requests) => {
    registry.fault = server;
    let asked = 0;
    const error = await ordeal(fault, workshop, () => workshop.setup({ version: PACKAGE.two }, fault === 'stall' ? { transfer: { stallMs: 400 } } : {}), () => {
      asked = registry.requests.length;
      registry.fault = { kind: 'ok' };
    });
    expect([code].flat(), error.message).toContain(error.code);
    expect(error.next).toMatch(next);
    expect(error.where.find(([label]) => label === 'from')?.[1]).toContain(`clang-2.0.0.tgz`);
    expect(asked).toBe(requests);
  });

  test('no such host', async () => {
    workshop.npmrc('registry=http://no-such-host.invalid/\n');
    const error = await failure('nobody there, or no HTTP');
    expect(error.code).toBe('E_NETWORK');
    expect(error.next).toMatch(/npm config/);
  });

  test('a port nobody listens on', async () => {
    workshop.npmrc(`registry=http://127.0.0.1:${await closedPort()}/\n`);
    const error = await failure('nobody there, or no HTTP');
    expect([error.code, error.message]).toEqual(['E_NETWORK', expect.stringContaining('ECONNREFUSED')]);
  });

  test('a server that does not speak HTTP', async () => {
    registry.fault = { kind: 'not-http' };
    expect((await failure('nobody there, or no HTTP')).code).toBe('E_HTTP');
  });

  test('a registry setting that is no URL', async () => {
    workshop.npmrc('registry=ftp://example.invalid/\n');
    expect((await failure('nobody there, or no HTTP')).code).toBe('E_SOURCE');
  });
});

describe('a fault that passes', () => {
  test.each<readonly [fault: Fault, name: string, server: Extract<ServerFault, { times?: number }>]>([
    ['429', '429, then well', { kind: 'status', status: 429, times: 1, headers: { 'retry-after': '0' } }],
    ['500, then well', '500, then well', { kind: 'status', status: 500, times: 2 }],
    ['truncated', 'truncated, then well', { kind: 'truncated', times: 2 }],
    ['reset at random bytes', 'reset, then well', { kind: 'reset', times: 2 }],
  ])('%s: %s', (fault, _name, server) => trial(fault, async () => {
    registry.fault = server;
    const outside = workshop.outside();
    await expectNextSetupWell(workshop);
    expect(workshop.outside()).toEqual(outside);
    const notes = workshop.events.filter((event) => event.type === 'note');
    expect(notes.length).toBe(server.times);
    expect(registry.requests.length).toBe(server.times! + 1);
  }));

  test(`reset at random bytes, ${RESETS} times over: it ends well, or as said above and the next one goes on`, async () => {
    const random = new Random(20260305);
    for (let round = 0; round < RESETS; round += 1) await trial('reset at random bytes', async () => {
      const each = makeWorkshop(registry.url);
      try {
        registry.fault = { kind: 'ok' };
        await each.setup({ version: PACKAGE.one });
        registry.fault = { kind: 'cut', by: round % 3 === 0 ? 'close' : 'reset', after: Array.from({ length: 1 + random.below(6) }, () => random.below(archive.byteLength)) };
        const outside = each.outside();
        const error = await each.setup({ version: PACKAGE.two }).then(() => null, (caught: unknown) => caught as WasienvError);
        if (error !== null) {
          expect(['E_NETWORK', 'E_TRUNCATED'], error.stack).toContain(error.code);
          expect(error.next).toMatch(/\w/);
          expect(await versionInUse(each.home)).toBe(PACKAGE.one);
          expect(await faultsOfHome(each.home)).toEqual([]);
        }
        registry.fault = { kind: 'cut', after: [] };
        await expectNextSetupWell(each);
        expect(each.outside()).toEqual(outside);
      } finally {
        each.remove();
      }
    });
  });
});

describe('TLS', () => {
  test('an unknown authority is refused, named, and accepted once npm knows it', async () => {
    const authority = makeIdentity('Test Corporate CA', { authority: true });
    const secure = await startRegistry(PACKAGES, { tls: makeIdentity('registry', { issuer: authority }) });
    try {
      workshop.npmrc(`registry=${secure.url}\n`);
      const error = await ordeal('TLS with an unknown CA', workshop, () => workshop.setup({ version: PACKAGE.two }), () => {
        expect(secure.requests).toEqual([]);
        const file = path.join(workshop.root, 'ca.pem');
        writeFileSync(file, `# the company's own\n${authority.certificate}`);
        workshop.npmrc(`registry=${secure.url}\ncafile=${file}\n`);
      });
      expect(error.code).toBe('E_TLS');
      expect(error.where.find(([label]) => label === 'issuer')?.[1]).toBe('CN=Test Corporate CA');
      expect(error.next).toMatch(/cafile/);
      expect(secure.requests.length).toBe(1);
    } finally {
      await secure.close();
    }
  });

  test('an expired certificate points at the clock', async () => {
    const expired = makeIdentity('registry', { notAfter: new Date('2021-01-01') });
    const secure = await startRegistry(PACKAGES, { tls: expired });
    try {
      const file = path.join(workshop.root, 'ca.pem');
      writeFileSync(file, expired.certificate);
      workshop.npmrc(`registry=${secure.url}\ncafile=${file}\n`);
      const error = await failure('TLS that is expired, missing or given up');
      expect([error.code, error.next]).toEqual(['E_TLS', expect.stringContaining('clock')]);
    } finally {
      await secure.close();
    }
  });

  test('HTTPS spoken to a plain server', async () => {
    workshop.npmrc(`registry=${registry.url.replace('http:', 'https:')}\n`);
    expect((await failure('TLS that is expired, missing or given up')).code).toBe('E_TLS');
  });

  test('a redirect from https to http is not followed', async () => {
    const authority = makeIdentity('Test CA', { authority: true });
    const secure = await startRegistry(PACKAGES, { tls: makeIdentity('registry', { issuer: authority }) });
    try {
      const file = path.join(workshop.root, 'ca.pem');
      writeFileSync(file, authority.certificate);
      workshop.npmrc(`registry=${secure.url}\ncafile=${file}\n`);
      secure.fault = { kind: 'redirect', to: `${registry.url}clang-2.0.0.tgz` };
      const error = await ordeal('TLS that is expired, missing or given up', workshop, () => workshop.setup({ version: PACKAGE.two }), () => {
        expect(registry.requests.filter((each) => each.url.includes('2.0.0'))).toEqual([]);
        secure.fault = { kind: 'ok' };
      });
      expect(error.code).toBe('E_HTTP');
    } finally {
      await secure.close();
    }
  });
});

describe('proxies', () => {
  test('plain HTTP is handed to the proxy whole, with its login; noproxy goes around it', async () => {
    const proxy = await startProxy();
    try {
      workshop.npmrc(`registry=${registry.url}\nproxy=${proxy.url.replace('//', '//user:pa%40ss@')}\n`);
      await workshop.setup({ version: PACKAGE.two });
      expect(proxy.requests).toEqual([{ line: `GET ${registry.url}@test/clang/-/clang-2.0.0.tgz`, authorization: `Basic ${Buffer.from('user:pa@ss').toString('base64')}` }]);
      workshop.npmrc(`registry=${registry.url}\nproxy=${proxy.url}\nnoproxy=127.0.0.1\n`);
      await workshop.setup({ version: PACKAGE.two, refetch: true });
      expect(proxy.requests.length).toBe(1);
    } finally {
      await proxy.close();
    }
  });

  test('HTTPS goes through a tunnel; HTTPS_PROXY counts when npm has no setting', async () => {
    const authority = makeIdentity('Test CA', { authority: true });
    const secure = await startRegistry(PACKAGES, { tls: makeIdentity('registry', { issuer: authority }) });
    const proxy = await startProxy();
    try {
      const file = path.join(workshop.root, 'ca.pem');
      writeFileSync(file, authority.certificate);
      workshop.npmrc(`registry=${secure.url}\ncafile=${file}\n`);
      workshop.env['HTTPS_PROXY'] = proxy.url;
      await workshop.setup({ version: PACKAGE.two });
      expect(proxy.requests.map((each) => each.line)).toEqual([`CONNECT ${secure.host}`]);
      // And the authority behind a proxy is named as well.
      workshop.npmrc(`registry=${secure.url}\n`);
      const error = await workshop.setup({ version: PACKAGE.two, refetch: true }).catch((caught: unknown) => caught as WasienvError);
      expect(error).toMatchObject({ code: 'E_TLS' });
      expect((error as WasienvError).where).toContainEqual(['issuer', 'CN=Test CA']);
    } finally {
      await proxy.close();
      await secure.close();
    }
  });

  test.each([403, 407, 502])('a proxy that answers %i to CONNECT', async (status) => {
    const proxy = await startProxy(status);
    try {
      workshop.npmrc(`registry=https://registry.invalid/\nhttps-proxy=${proxy.url.replace('//', '//user:secret@')}\n`);
      const error = await failure('a proxy that refuses');
      expect(error.code).toBe('E_PROXY');
      expect(error.message).toContain(String(status));
      expect(JSON.stringify([error.message, error.where, error.next])).not.toContain('secret');
    } finally {
      await proxy.close();
    }
  });

  test('a proxy that is not there', async () => {
    workshop.npmrc(`registry=${registry.url}\nproxy=http://127.0.0.1:${await closedPort()}\n`);
    expect((await failure('a proxy that refuses')).code).toBe('E_PROXY');
  });
});

describe('credentials', () => {
  const TOKEN = 'npm_SECRET_TOKEN_0123456789';

  test('go to the registry, below the path they are set for, and never after a redirect to another host', () => trial('redirect to another host with a token', async () => {
    const other = await startRegistry(PACKAGES);
    try {
      workshop.npmrc(`registry=${registry.url}\n//${registry.host}/npm/:_authToken=${TOKEN}\n`);
      await workshop.setup({ version: PACKAGE.two });
      expect(registry.requests.at(-1)?.headers.authorization).toBe(`Bearer ${TOKEN}`);

      registry.fault = { kind: 'redirect', to: `${other.url}clang-2.0.0.tgz` };
      await workshop.setup({ version: PACKAGE.two, refetch: true });
      expect(registry.requests.map((each) => each.headers.authorization)).toEqual([`Bearer ${TOKEN}`]);
      expect(other.requests.map((each) => each.headers.authorization)).toEqual([undefined]);

      registry.fault = { kind: 'redirect', to: `http://${registry.host}/elsewhere/clang-2.0.0.tgz` };
      await workshop.setup({ version: PACKAGE.two, refetch: true }).catch(() => undefined);
      expect(registry.requests.slice(1).map((each) => each.headers.authorization)).toEqual(registry.requests.slice(1).map(() => undefined));
      expect(await faultsOfHome(workshop.home)).toEqual([]);
    } finally {
      await other.close();
    }
  }));

  test.each([
    ['_auth', (host: string) => `//${host}/:_auth=${Buffer.from('me:pw').toString('base64')}`],
    ['username and _password', (host: string) => `//${host}/:username=me\n//${host}/:_password=${Buffer.from('pw').toString('base64')}`],
  ])('%s', async (_name, lines) => {
    workshop.npmrc(`registry=${registry.url}\n${lines(registry.host)}\n`);
    await workshop.setup({ version: PACKAGE.two });
    expect(registry.requests.at(-1)?.headers.authorization).toBe(`Basic ${Buffer.from('me:pw').toString('base64')}`);
  });

  test('of another host are not sent', async () => {
    workshop.npmrc(`registry=${registry.url}\n//other.invalid/:_authToken=${TOKEN}\n`);
    await workshop.setup({ version: PACKAGE.two });
    expect(registry.requests.at(-1)?.headers.authorization).toBeUndefined();
  });

  test('appear in no error, event or receipt', async () => {
    const withLogin = registry.url.replace('//', `//me:${TOKEN}@`);
    for (const fault of [{ kind: 'status', status: 401 }, { kind: 'truncated' }, { kind: 'wrong-bytes' }, { kind: 'ok' }] as const) {
      workshop.npmrc(`registry=${withLogin}\n//${registry.host}/npm/:_authToken=${TOKEN}\n`);
      registry.fault = fault;
      const error = await workshop.setup({ version: PACKAGE.two }).then(() => null, (caught: unknown) => caught as WasienvError);
      expect(error === null ? fault.kind : JSON.stringify([error.message, error.where, error.next])).not.toContain(TOKEN);
    }
    expect(JSON.stringify(workshop.events)).not.toContain(TOKEN);
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.two);
    const { readReceipts } = await import('../../src/toolchain/index.js');
    expect(JSON.stringify([...readReceipts(workshop.home).good.values()])).not.toContain(TOKEN);
  });
});
