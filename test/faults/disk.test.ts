// Disks that are full, limited, read-only or in the way. Asserted: the code and the next step, the old version whole
// and in use where there is one, nothing left in staging, and the next setup on a good disk ends well.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WasienvError } from '../../src/base/errors.js';
import { homeTree } from '../../src/toolchain/home.js';
import { setupInChild } from '../support/child.js';
import { startRegistry, type Registry } from '../support/registry.js';
import { PACKAGE, PACKAGES, faultsOfHome, makeWorkshop, release, versionInUse, type Workshop } from '../support/workshop.js';

let registry: Registry;
let workshop: Workshop;
const mounts: string[] = [];
beforeAll(async () => {
  registry = await startRegistry(PACKAGES);
});
afterAll(() => registry.close());
beforeEach(() => {
  workshop = makeWorkshop(registry.url);
});
afterEach(() => {
  for (const mount of mounts.splice(0)) execFileSync('umount', ['-l', mount]);
  workshop.remove();
});

/** Mounts a small file system; only root on Linux may. */
function mountSmall(directory: string, options: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  mkdirSync(directory, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    return false;
  }
  mounts.push(directory);
  return true;
}

const failure = (work: Promise<unknown>): Promise<WasienvError> => work.then(() => expect.unreachable('setup succeeded'), (error: unknown) => error as WasienvError);

describe('a disk that is full', () => {
  test('is seen before the download when its size can be known', async ({ skip }) => {
    if (!mountSmall(workshop.home, 'size=500k')) skip('mounting needs root on Linux');
    registry.fault = { kind: 'ok' };
    const error = await failure(workshop.setup());
    expect(error).toMatchObject({ code: 'E_DISK_FULL', next: expect.stringContaining('WASIENV_HOME') });
    expect(registry.requests).toEqual([]);
    expect(readdirSync(workshop.home)).toEqual([]);
  });

  test('while unpacking, though the sum of bytes would have had room: the old version stays, the next setup ends well', async ({ skip }) => {
    if (!mountSmall(workshop.home, 'size=1424k')) skip('mounting needs root on Linux');
    await workshop.setup({ version: PACKAGE.one });
    // Room enough by bytes, but every small file takes a whole page of this disk.
    const error = await failure(workshop.setup({ version: PACKAGE.two }));
    expect(error).toMatchObject({ code: 'E_DISK_FULL', message: expect.stringContaining('no space left while') });
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.one);
    expect(readdirSync(homeTree.stagingDir(workshop.home))).toEqual([]);
    execFileSync('mount', ['-o', 'remount,size=8m', workshop.home]);
    await workshop.setup({ version: PACKAGE.two });
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.two);
  });

  // RLIMIT_FSIZE: as a quota does, it lets small files pass and stops a large one in the middle.
  test.skipIf(process.platform === 'win32').each([
    ['the download', '200'],
    ['the largest file of the archive', '290'],
  ])('a limit on the size of files, met by %s', async (_name, kilobytes) => {
    await workshop.setup({ version: PACKAGE.one });
    const end = await setupInChild(workshop, { request: { version: PACKAGE.two }, wrapper: ['bash', '-c', `ulimit -f ${kilobytes}; exec "$@"`, 'limited'] });
    expect(end.outcome?.error).toMatchObject({ code: 'E_DISK_FULL', next: expect.stringContaining('WASIENV_HOME') });
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.one);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
    await workshop.setup({ version: PACKAGE.two });
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.two);
  });
});

describe('a home that cannot be written', () => {
  test.each<readonly [name: string, prepare: (home: string) => void]>([
    ['a file in place of the home', (home) => writeFileSync(home, 'not a directory')],
    ['a file in place of the directory above', (home) => (mkdirSync(path.dirname(path.dirname(home)), { recursive: true }), writeFileSync(`${path.dirname(home)}-f`, ''))],
    ['a file in place of staging', (home) => (mkdirSync(home), writeFileSync(path.join(home, 'staging'), ''))],
    ['a file in place of components', (home) => (mkdirSync(home), writeFileSync(path.join(home, 'components'), ''))],
    ['a file in place of receipts', (home) => (mkdirSync(home), writeFileSync(path.join(home, 'receipts'), ''))],
    ['a directory in place of the lock', (home) => mkdirSync(path.join(home, 'lock'), { recursive: true })],
    ['a link that leads in a circle', (home) => symlinkSync(home, home)],
  ])('%s', async (name, prepare) => {
    prepare(workshop.home);
    const home = name.includes('directory above') ? path.join(`${path.dirname(workshop.home)}-f`, 'wasienv') : workshop.home;
    const end = await setupInChild(workshop, { home });
    expect(end.outcome?.error, end.outcome?.error?.stack).toMatchObject({ code: 'E_HOME_UNWRITABLE', next: expect.stringContaining('WASIENV_HOME') });
    expect(end.stderr).toBe('');
  });

  test('a read-only file system', async ({ skip }) => {
    if (!mountSmall(workshop.home, 'size=4m')) skip('mounting needs root on Linux');
    await workshop.setup({ version: PACKAGE.one });
    execFileSync('mount', ['-o', 'remount,ro', workshop.home]);
    expect(await failure(workshop.setup({ version: PACKAGE.two }))).toMatchObject({ code: 'E_HOME_UNWRITABLE', message: expect.stringContaining('EROFS') });
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.one);
    // What is installed stays usable, and a setup that has nothing to do needs to write nothing.
    expect(await workshop.setup({ version: PACKAGE.one })).toMatchObject({ changed: false });
    execFileSync('mount', ['-o', 'remount,rw', workshop.home]);
    await workshop.setup({ version: PACKAGE.two });
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.two);
  });

  test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('a home without permission (root is above permissions)', async () => {
    mkdirSync(workshop.home);
    chmodSync(workshop.home, 0o555);
    expect(await failure(workshop.setup())).toMatchObject({ code: 'E_HOME_UNWRITABLE' });
  });
});

test('a home that is a link to another volume', async ({ skip }) => {
  const elsewhere = path.join(workshop.root, 'volume');
  if (!mountSmall(elsewhere, 'size=4m')) skip('mounting needs root on Linux');
  symlinkSync(elsewhere, workshop.home);
  await workshop.setup();
  expect(await versionInUse(workshop.home)).toBe(PACKAGE.two);
  expect(await faultsOfHome(workshop.home)).toEqual([]);
});

test("a directory that is not ours is not swept: WASIENV_HOME pointed at somebody's project", async () => {
  const theirs = ['staging/site/index.html', 'components/button/index.js', 'receipts/2025.pdf', 'portable-clang.json'];
  for (const name of theirs) {
    mkdirSync(path.dirname(path.join(workshop.home, name)), { recursive: true });
    writeFileSync(path.join(workshop.home, name), 'precious');
  }
  await workshop.setup({ version: PACKAGE.one });
  await workshop.setup({ version: PACKAGE.two });
  for (const name of theirs) expect(existsSync(path.join(workshop.home, name)), name).toBe(true);
});

test('the manifest that lies about its size is found out by the digest or the length, never installed', async () => {
  const archive = PACKAGES.get('clang-2.0.0.tgz')!;
  const row = release(PACKAGE.two, archive);
  workshop.manifests([{ ...row, artifact: { ...(row['artifact'] as object), sizeBytes: archive.byteLength - 1 } }]);
  expect(await failure(workshop.setup())).toMatchObject({ code: 'E_DIGEST' });
});
