// Sources that are not the registry: where a mirror keeps what, which rows are trusted, how `auto` chooses and how
// quickly, manifests from elsewhere, and the script that measures archives for them.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runDoctor } from '../../src/doctor/index.js';
import { currentToolchain, planSetup, readReceipts, runPlan, type SetupEvent, type SetupRequest } from '../../src/toolchain/index.js';
import { loadManifests, manifestsDirectory } from '../../src/toolchain/manifest.js';
import { glibcLacking, resolveComponent, witnessesOf } from '../../src/toolchain/resolve.js';
import { isMirrorUrl, mirrorPath, mirrorUrl } from '../../src/toolchain/sources/mirror.js';
import { tgz } from '../support/archive.js';
import { serveDirectory } from '../support/mirror.js';
import { closedPort } from '../support/registry.js';
import { schemaFaults } from '../support/json-schema.js';
import { ROOT } from '../support/cli.js';

const run = promisify(execFile);

describe('where a mirror keeps what', () => {
  test.each([
    ['https://github.com/WebAssembly/wasi-sdk/releases/download/wasi-sdk-33/wasi-sysroot-33.0%2Bm.tar.gz', 'github.com/WebAssembly/wasi-sdk/releases/download/wasi-sdk-33/wasi-sysroot-33.0+m.tar.gz', 'https://m.invalid/base/github.com/WebAssembly/wasi-sdk/releases/download/wasi-sdk-33/wasi-sysroot-33.0%2Bm.tar.gz'],
    ['http://127.0.0.1:8080/a/b.tgz', '127.0.0.1+8080/a/b.tgz', 'https://m.invalid/base/127.0.0.1%2B8080/a/b.tgz'],
    ['@yowasp/clang/-/clang-1.tgz', 'npm/@yowasp/clang/-/clang-1.tgz', 'https://m.invalid/base/npm/@yowasp/clang/-/clang-1.tgz'],
  ])('%s', (location, file, url) => {
    expect(mirrorPath(location).join('/')).toBe(file);
    for (const base of ['https://m.invalid/base', 'https://m.invalid/base/']) expect(mirrorUrl(base, location)).toBe(url);
  });

  test.each([['https://m.invalid/x', true], ['HTTP://m.invalid', true], ['/srv/mirror', false], ['../mirror', false], ['C:\\mirror', false]])('%s is a URL: %s', (base, isUrl) => {
    expect(isMirrorUrl(base)).toBe(isUrl);
  });

  test.each(['ftp://m.invalid/', 'file:///srv', 'https://['])('%s is neither', (base) => {
    expect(() => isMirrorUrl(base)).toThrowError(expect.objectContaining({ code: 'E_SOURCE' }));
  });
});

describe('which rows of the shipped manifests are trusted', () => {
  const LINUX = { platform: 'linux', arch: 'x64', libc: 'glibc 2.36' } as const;
  const sdk = async () => (await loadManifests(manifestsDirectory({}))).get('wasi-sdk')!;
  const version = async (...[wanted, host = LINUX, trust]: [string | undefined, Parameters<typeof resolveComponent>[3]?, Parameters<typeof resolveComponent>[4]?]) =>
    resolveComponent(await sdk(), wanted, 'upstream', host, trust).release.version;

  test.each([
    [undefined, '34.0'], ['latest', '34.0'], ['30', '30.0'], ['^29', '29.0'], ['>=20 <23', '22.0'],
    // 31 has no digest, 26 is witnessed once
    ['>=30 <32', '30.0'], ['26', '26.0'],
  ])('%s is %s', async (wanted, expected) => expect(await version(wanted)).toBe(expected));

  test('no digest: refused with what would be taken, and taken when asked', async () => {
    await expect(version('31.0')).rejects.toMatchObject({ code: 'E_DIGEST', where: [['accepted', expect.stringMatching(/^34\.0, 33\.0, 32\.0, 30\.0/)]], next: expect.stringContaining('--allow-unverified') });
    expect(await version('31.0', LINUX, { allowUnverified: true })).toBe('31.0');
    // A range takes what can be verified even then.
    expect(await version('31', LINUX, { allowUnverified: true })).toBe('31.0');
  });

  test('witnesses are counted, named or not', async () => {
    expect(await version('26.0', LINUX, { requireWitnesses: 1 })).toBe('26.0');
    await expect(version('26.0', LINUX, { requireWitnesses: 2 })).rejects.toMatchObject({ code: 'E_WITNESSES', message: expect.stringContaining('one independent project, 2 are asked for') });
    expect(await version('>=25 <27', LINUX, { requireWitnesses: 2 })).toBe('25.0');
    const row = (await sdk()).releases.find((each) => each.version === '33.0' && each.hosts.includes('linux-x64'))!;
    expect(witnessesOf(row.artifact)).toBe(8);
  });

  test('digests that contradict are kept beside the one that is used', async () => {
    const row = (await sdk()).releases.find((each) => each.version === '33.0' && each.hosts.includes('win32-arm64'))!;
    expect(row.artifact).toMatchObject({ integrity: expect.stringMatching(/^sha256-L0V6Yt/), conflicts: [{ integrity: expect.stringMatching(/^sha256-/), source: expect.stringContaining('wasmono') }] });
  });

  test.each([
    [{ platform: 'linux', arch: 'x64', libc: 'musl' }, 'musl'],
    [{ platform: 'linux', arch: 'x64', libc: 'glibc 2.17' }, 'glibc 2.17'],
  ] as const)('%j cannot run it, and is told what can', async (host, here) => {
    await expect(version('34', host)).rejects.toMatchObject({ code: 'E_HOST', message: expect.stringContaining(`this machine has ${here}`), next: expect.stringContaining('--source npm') });
  });

  test('a range on an older glibc takes an older release', async () => {
    expect(await version('>=19', { ...LINUX, libc: 'glibc 2.27' })).toBe('22.0');
  });

  test.each([
    ['2.28', 'glibc 2.28', null], ['2.28', 'glibc 2.9', 'glibc 2.9'], ['2.28', 'glibc 3.0', null], ['2.28', 'musl', 'musl'], ['2.28', null, null],
  ])('glibc %s on %s: %s', (needed, here, lacking) => expect(glibcLacking(needed, here)).toBe(lacking));

  test.each([
    ['darwin', 'arm64', '34.0'], ['darwin', 'x64', '34.0'], ['win32', 'x64', '34.0'], ['win32', 'arm64', '34.0'], ['linux', 'arm64', '34.0'], ['linux', 'riscv64', '34.0'],
  ] as const)('%s-%s gets %s', async (platform, arch, expected) => expect(await version('stable', { platform, arch })).toBe(expected));

  test('what its makers withdrew is only taken by its exact version', async () => {
    await expect(version('13', LINUX, { allowUnverified: true })).rejects.toMatchObject({ code: 'E_UNKNOWN_VERSION' });
    expect(await version('13.0', LINUX, { allowUnverified: true })).toBe('13.0');
  });
});

describe('a small release', () => {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv-sources-')));
  const TOP = 'wasi-sysroot-9.0';
  const archive = tgz([
    { path: `${TOP}/include/stdio.h`, data: '/* stdio */\n' }, { path: `${TOP}/lib/wasm32-wasi/libc.a`, data: 'libc' }, { path: `${TOP}/lib/wasm32-wasi/crt1.o`, data: 'crt1' },
    { path: `${TOP}/lib/wasm32-wasi/crt.o`, type: '2', linkPath: 'crtn.o' }, { path: `${TOP}/lib/wasm32-wasi/crtn.o`, type: '2', linkPath: 'crt1.o' },
  ]);
  const integrity = `sha256-${createHash('sha256').update(archive).digest('base64')}`;
  const LOCATION = 'https://sdk.invalid/releases/wasi-sysroot-9.0.tar.gz';
  const row = (artifact: Record<string, unknown> = {}, over: Record<string, unknown> = {}) => ({
    version: '9.0', source: 'upstream', hosts: ['any'], clangVersion: '10.0.0', root: TOP, layout: 'wasi-sysroot-9',
    artifact: { location: LOCATION, sizeBytes: null, integrity, witnesses: [], ...artifact }, ...over,
  });
  const mirror = path.join(root, 'mirror');
  const manifests = path.join(root, 'manifests');
  const file = path.join(mirror, 'sdk.invalid/releases/wasi-sysroot-9.0.tar.gz');
  let home: string;
  let count = 0;
  let events: SetupEvent[];
  beforeAll(() => {
    for (const directory of [path.dirname(file), manifests, path.join(root, 'user')]) mkdirSync(directory, { recursive: true });
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const write = (...rows: unknown[]): void => writeFileSync(path.join(manifests, 'wasi-sysroot.json'), JSON.stringify({ schema: 1, component: 'wasi-sysroot', title: 'test', channels: { stable: '9.0' }, releases: rows }));
  beforeEach(() => {
    home = path.join(root, `home-${(count += 1)}`);
    events = [];
    writeFileSync(file, archive);
    write(row());
  });
  const env = { PATH: process.env['PATH'] ?? '', HOME: path.join(root, 'user'), npm_config_globalconfig: path.join(root, 'none') };
  const world = (more: Record<string, string> = {}) => ({ home, env: { ...env, WASIENV_MANIFESTS: manifests, ...more }, cwd: root, platform: process.platform, now: Date.now, emit: (event: SetupEvent) => void events.push(event) });
  const setup = async (request: Partial<SetupRequest> = {}, more: Record<string, string> = {}) => {
    const context = world(more);
    const plan = await planSetup({ source: 'auto', refetch: false, components: [{ name: 'wasi-sysroot' }], mirror, ...request }, context);
    return { plan, ...(await runPlan(plan, context)) };
  };
  const receipt = () => [...readReceipts(home).good.values()][0]!;

  test('from a directory: no compiler, a receipt with the layout, links to links among the files', async () => {
    expect(await setup()).toMatchObject({ changed: true, toolchain: null, plan: { source: 'mirror' } });
    expect(schemaFaults('receipt.schema.json', receipt())).toEqual([]);
    expect(receipt()).toMatchObject({ source: 'mirror', digest: integrity, keyFiles: ['include/stdio.h', 'lib/wasm32-wasi/libc.a', 'lib/wasm32-wasi/crt1.o'], artifact: { resolvedUrl: expect.stringMatching(/^file:/) } });
    expect(receipt().files.map((each) => each.path)).toEqual(['include/stdio.h', 'lib/wasm32-wasi/crt.o', 'lib/wasm32-wasi/crt1.o', 'lib/wasm32-wasi/crtn.o', 'lib/wasm32-wasi/libc.a']);
    expect(await setup()).toMatchObject({ changed: false });
    await expect(currentToolchain(home)).rejects.toMatchObject({ code: 'E_NO_TOOLCHAIN' });
  });

  test('a relative directory, and one named by the environment', async () => {
    expect((await setup({ mirror: 'mirror' })).changed).toBe(true);
    expect((await setup({ mirror: undefined, refetch: true }, { WASIENV_MIRROR: mirror })).plan.source).toBe('mirror');
  });

  test.each<readonly [name: string, spoil: () => void, error: Record<string, unknown>]>([
    ['is not there', () => rmSync(file), { code: 'E_SOURCE', where: [['file', file]] }],
    ['has other bytes', () => writeFileSync(file, tgz([{ path: 'x', data: 'y' }])), { code: 'E_DIGEST' }],
    ['was cut off', () => (write(row({ sizeBytes: archive.byteLength })), truncateSync(file, 100)), { code: 'E_DIGEST', message: expect.stringContaining('it has 100 bytes') }],
    ['has another directory at its top', () => write(row({}, { root: 'wasi-sysroot' })), { code: 'E_ARCHIVE', message: expect.stringContaining('nothing below "wasi-sysroot"') }],
    ['lacks what its layout says', () => write(row({}, { layout: 'wasi-sysroot-34' })), { code: 'E_ARCHIVE', message: expect.stringContaining('lib/wasm32-wasip1/libc.a') }],
  ])('a file that %s', async (_name, spoil, error) => {
    spoil();
    await expect(setup({ source: 'mirror' })).rejects.toMatchObject({ ...error, next: expect.any(String) });
    expect(readReceipts(home).good.size).toBe(0);
  });

  test('unverified: refused, then taken, remembered, repeated by doctor, and kept without fetching again', async () => {
    write(row({ integrity: null }));
    await expect(setup()).rejects.toMatchObject({ code: 'E_DIGEST' });
    await setup({ allowUnverified: true });
    expect(receipt()).toMatchObject({ unverified: true, digest: integrity, artifact: { integrity: null } });
    expect(events).toContainEqual({ type: 'note', text: `wasi-sysroot 9.0 is not verified: no digest of it is known. It came as ${integrity}` });
    const findings = await runDoctor({ env: { ...env, WASIENV_HOME: home }, cwd: home, platform: process.platform, arch: process.arch, nodeVersion: process.versions.node }, { deep: true });
    expect(findings.filter((each) => each.text.includes('never verified'))).toMatchObject([{ status: 'warning', text: 'wasi-sysroot 9.0 was never verified' }]);
    rmSync(file);
    expect((await setup({ allowUnverified: true })).changed).toBe(false);
    // Once a digest is known the same bytes are fetched and verified.
    writeFileSync(file, archive);
    write(row());
    expect((await setup()).changed).toBe(true);
    expect(receipt().unverified).toBeUndefined();
  });

  test("a row's note is said when it is installed", async () => {
    write(row({}, { note: 'was replaced by 10' }));
    await setup();
    expect(events).toContainEqual({ type: 'note', text: 'wasi-sysroot 9.0 was replaced by 10' });
  });

  test('auto: the mirror first, upstream when it has nothing, and why; a closed door is noticed at once', async () => {
    const server = await serveDirectory(mirror);
    const location = `${server.url}/sdk.invalid/releases/wasi-sysroot-9.0.tar.gz`;
    try {
      write(row({ location }));
      expect((await setup({ mirror: undefined })).plan).toMatchObject({ source: 'upstream', reason: expect.stringMatching(/^upstream answers in /) });
      expect(server.requests).toEqual(['HEAD /sdk.invalid/releases/wasi-sysroot-9.0.tar.gz', 'GET /sdk.invalid/releases/wasi-sysroot-9.0.tar.gz']);
      // A mirror that has it is asked alone.
      const mirrored = path.join(root, 'mirror', '127.0.0.1+' + new URL(server.url).port, 'sdk.invalid/releases/wasi-sysroot-9.0.tar.gz');
      mkdirSync(path.dirname(mirrored), { recursive: true });
      writeFileSync(mirrored, archive);
      const asked = server.requests.length;
      expect((await setup({ refetch: true })).plan.source).toBe('mirror');
      expect(server.requests.length).toBe(asked);
      rmSync(mirrored);
      expect((await setup({ refetch: true })).plan).toMatchObject({ source: 'upstream', reason: expect.stringMatching(/^mirror cannot be used \(E_SOURCE\), upstream answers in /) });
    } finally {
      await server.close();
    }
    home = `${home}-again`;
    write(row({ location: `http://127.0.0.1:${await closedPort()}/x.tar.gz` }));
    await expect(setup({ mirror: undefined })).rejects.toMatchObject({ code: 'E_NETWORK', next: expect.stringContaining('--mirror') });
    await expect(setup()).rejects.toMatchObject({ message: 'wasi-sysroot 9.0 cannot be had from any source', where: [['mirror', expect.stringContaining('E_SOURCE')], ['upstream', expect.stringContaining('E_NETWORK')]] });
  });

  test('auto decides while a server is still silent, and leaves the waiting to the download', async () => {
    const silent = net.createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    try {
      write(row({ location: `http://127.0.0.1:${(silent.address() as net.AddressInfo).port}/x.tar.gz` }));
      const plan = await planSetup({ source: 'auto', refetch: false, components: [{ name: 'wasi-sysroot' }] }, world());
      expect(plan).toMatchObject({ source: 'upstream', reason: 'upstream is slow to answer, and nothing better is there' });
    } finally {
      silent.close();
    }
  });

  test('a source that has none of it, and a component without a manifest', async () => {
    await expect(setup({ source: 'npm' })).rejects.toMatchObject({ code: 'E_UNKNOWN_VERSION' });
    await expect(setup({ source: 'system' })).rejects.toMatchObject({ code: 'E_SOURCE', message: 'the source system has no wasi-sysroot' });
    await expect(setup({ components: [{ name: 'builtins' }] })).rejects.toMatchObject({ code: 'E_UNKNOWN_VERSION', where: [['manifests', manifests]] });
  });

  test('manifests behind a URL, with layouts of their own', async () => {
    const site = path.join(root, 'site');
    cpSync(manifests, site, { recursive: true });
    writeFileSync(path.join(site, 'wasi-sysroot.json'), readFileSync(path.join(manifests, 'wasi-sysroot.json'), 'utf8').replace('wasi-sysroot-9"', 'ours"'));
    writeFileSync(path.join(site, 'layouts.json'), '{"schema":1,"tools":{},"layouts":{"ours":{"target":"wasm32-wasi","sysroot":""}}}');
    const server = await serveDirectory(site);
    try {
      expect((await setup({}, { WASIENV_MANIFESTS: `${server.url}/` })).changed).toBe(true);
      expect(server.requests).toContain('GET /builtins.json');
      rmSync(path.join(site, 'layouts.json'));
      await expect(setup({}, { WASIENV_MANIFESTS: server.url })).rejects.toMatchObject({ code: 'E_MANIFEST', message: expect.stringContaining('"ours"') });
    } finally {
      await server.close();
    }
  });

  test('the script measures an archive, fills its row, and stops at a digest that contradicts', async () => {
    const copy = path.join(root, 'copy');
    mkdirSync(path.join(copy, 'manifests'), { recursive: true });
    mkdirSync(path.join(copy, 'scripts'));
    copyFileSync(path.join(ROOT, 'scripts/make-manifests.mjs'), path.join(copy, 'scripts/make-manifests.mjs'));
    // It unpacks .tar.xz with a package of ours.
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
    const manifest = path.join(copy, 'manifests/wasi-sysroot.json');
    const script = (...args: string[]) => run(process.execPath, [path.join(copy, 'scripts/make-manifests.mjs'), ...args]);
    const releases = () => JSON.parse(readFileSync(manifest, 'utf8')).releases;
    writeFileSync(manifest, JSON.stringify({ releases: [row({ integrity: null })] }));
    expect(JSON.parse((await script('--measure', file)).stdout)).toEqual({ sizeBytes: statSync(file).size, sha256: createHash('sha256').update(archive).digest('hex'), root: TOP, format: 'tar.gz' });
    expect(releases()[0].artifact.integrity).toBeNull();
    await script('--measure', file, '--write');
    expect(releases()[0].artifact).toEqual({ location: LOCATION, sizeBytes: archive.byteLength, integrity, witnesses: [] });
    writeFileSync(file, tgz([{ path: 'other/x', data: 'y' }]));
    await expect(script('--measure', file, '--write')).rejects.toMatchObject({ stderr: expect.stringContaining('Nothing was written') });
    expect(releases()[0].artifact.integrity).toBe(integrity);
  });
});
