// Disks that are full, limited, read-only or in the way, and homes in odd places. What must hold after each is told in
// support/faults.ts: a typed error with a next step, the old version whole and in use, nothing left over, and a next
// setup that ends well. Small file systems are mounted where root is there; elsewhere the table says what was not tried.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, lchownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { WasienvError } from '../../src/base/errors.js';
import { homeTree } from '../../src/toolchain/home.js';
import { planSetup, runPlan } from '../../src/toolchain/index.js';
import { setupInChild, setupInChildOrThrow } from '../support/child.js';
import { debianClang } from '../support/debian.js';
import { cannotTry, expectNextSetupWell, ordeal, trial } from '../support/faults.js';
import type { Registry } from '../support/registry.js';
import { PACKAGE, PACKAGES, SHORT_PATIENCE, faultsOfHome, release, versionInUse, type Workshop } from '../support/workshop.js';
import { workshopForEach } from '../support/workshop-for-each.js';
import { UNIX } from '../support/skips.js';

let registry: Registry;
let workshop: Workshop;
const mounts: string[] = [];
workshopForEach((own, shared) => {
  [workshop, registry] = [own, shared];
});
// Before the workshop is removed: the hook that is added last runs first.
afterEach(() => {
  for (const mount of mounts.splice(0)) execFileSync('umount', ['-l', mount]);
});

const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;

/** Mounts a file system, or ends the test: only root on Linux may, and not in every container. */
function mount(directory: string, ...args: readonly string[]): void {
  if (!isLinuxRoot) cannotTry('mounting needs root on Linux');
  mkdirSync(directory, { recursive: true });
  const { status, stderr } = spawnSync('mount', [...args, directory], { encoding: 'utf8' });
  if (status !== 0) cannotTry(`this machine does not mount it: ${stderr.split('\n')[0]}`);
  mounts.push(directory);
}
const mountSmall = (directory: string, options: string): void => mount(directory, '-t', 'tmpfs', '-o', options, 'tmpfs');
const remount = (options: string): void => void execFileSync('mount', ['-o', `remount,${options}`, workshop.home]);

const failure = (work: Promise<unknown>): Promise<WasienvError> => work.then(() => expect.unreachable('setup succeeded'), (error: unknown) => error as WasienvError);
const wantTwo = (): Promise<unknown> => workshop.setup({ version: PACKAGE.two });

describe('a disk that is full', () => {
  test('is seen before the download when its size can be known', () => trial('disk full', async () => {
    mountSmall(workshop.home, 'size=500k');
    const error = await failure(workshop.setup());
    expect(error).toMatchObject({ code: 'E_DISK_FULL', next: expect.stringContaining('WASIENV_HOME') });
    expect(registry.requests).toEqual([]);
    expect(readdirSync(workshop.home)).toEqual([]);
    remount('size=8m');
    await expectNextSetupWell(workshop);
  }));

  const mounted = async (options: string): Promise<void> => {
    mountSmall(workshop.home, options);
    await workshop.setup({ version: PACKAGE.one });
  };

  test('while unpacking, though the sum of bytes would have had room', async () => {
    const error = await ordeal('disk full', workshop, wantTwo, () => remount('size=8m'), () => mounted('size=1424k'));
    // Room enough by bytes, but every small file takes a whole page of this disk.
    expect(error).toMatchObject({ code: 'E_DISK_FULL', message: expect.stringContaining('no space left while') });
  });

  test.each([5, 25, 60])('with room for %i more files and directories', async (more) => {
    const error = await ordeal('no inode left', workshop, wantTwo, () => remount('nr_inodes=10k'), async () => {
      await mounted('size=8m,nr_inodes=10k');
      const { files, ffree } = statfsSync(workshop.home);
      remount(`nr_inodes=${files - ffree + more}`);
    });
    expect(error).toMatchObject({ code: 'E_DISK_FULL', next: expect.stringContaining('WASIENV_HOME') });
  });

  // btrfs, because its quotas bind root as well, and are in most kernels; its tools come from Debian, without installing them.
  test.each<readonly [met: string, roomKilobytes: number]>([
    ['the download', 128],
    ['the unpacking', 640],
  ])('a quota (EDQUOT), met by %s', async (_met, roomKilobytes) => {
    const images = mkdtempSync(path.join(tmpdir(), 'wasienv-quota-'));
    const btrfs = (program: string, ...args: readonly string[]): string => {
      const found = debianClang(['btrfs']);
      if ('missing' in found) return cannotTry(`no btrfs-progs: ${found.missing}`);
      const file = ['sbin', 'bin', 'usr/sbin', 'usr/bin'].map((each) => path.join(found.root, each, program)).find((each) => existsSync(each))!;
      return execFileSync(file, args, { encoding: 'utf8', env: found.env, stdio: ['ignore', 'pipe', 'pipe'] });
    };
    try {
      const error = await ordeal('quota', workshop, wantTwo, () => btrfs('btrfs', 'qgroup', 'limit', 'none', workshop.home), async () => {
        const image = path.join(images, 'disk');
        writeFileSync(image, '');
        truncateSync(image, 128 << 20);
        if (isLinuxRoot) btrfs('mkfs.btrfs', '-q', image);
        mount(workshop.home, '-t', 'btrfs', '-o', 'loop', image);
        btrfs('btrfs', 'quota', 'enable', workshop.home);
        await workshop.setup({ version: PACKAGE.one });
        execFileSync('sync', ['-f', workshop.home]);
        const [, usedBytes] = /^0\/5\s+(\d+)/m.exec(btrfs('btrfs', 'qgroup', 'show', '--raw', workshop.home))!;
        btrfs('btrfs', 'qgroup', 'limit', String(Number(usedBytes) + roomKilobytes * 1024), workshop.home);
      });
      expect(error).toMatchObject({ code: 'E_DISK_FULL', next: expect.stringContaining('WASIENV_HOME'), cause: { errno: -constants.errno.EDQUOT } });
    } finally {
      for (const each of mounts.splice(0)) execFileSync('umount', [each]);
      rmSync(images, { recursive: true, force: true });
    }
  });

  // RLIMIT_FSIZE lets small files pass and stops a large one in the middle.
  test.skipIf(UNIX.unmet).each([
    ['the download', '200'],
    ['the largest file of the archive', '290'],
  ])(`a limit on the size of files, met by %s${UNIX.why}`, async (_name, kilobytes) => {
    const error = await ordeal('limit on the size of files', workshop, () =>
      setupInChildOrThrow(workshop, { request: { version: PACKAGE.two }, wrapper: ['bash', '-c', `ulimit -f ${kilobytes}; exec "$@"`, 'limited'] }), () => undefined, () => workshop.setup({ version: PACKAGE.one }));
    expect(error).toMatchObject({ code: 'E_DISK_FULL', next: expect.stringContaining('WASIENV_HOME') });
  });
});

describe('a home that cannot be written', () => {
  const itself = (home: string): string => home;
  test.each<readonly [name: string, prepare: (home: string) => string, homeOf: (home: string) => string]>([
    ['a file in place of the home', (home) => (writeFileSync(home, 'not a directory'), home), itself],
    ['a file in place of the directory above', (home) => (writeFileSync(`${path.dirname(home)}-f`, ''), `${path.dirname(home)}-f`), (home) => path.join(`${path.dirname(home)}-f`, 'wasienv')],
    ['a file in place of staging', (home) => inTheWay(home, 'staging'), itself],
    ['a file in place of components', (home) => inTheWay(home, 'components'), itself],
    ['a file in place of receipts', (home) => inTheWay(home, 'receipts'), itself],
    ['a file in place of downloads', (home) => inTheWay(home, 'downloads'), itself],
    ['a directory in place of the lock', (home) => (mkdirSync(path.join(home, 'lock'), { recursive: true }), path.join(home, 'lock')), itself],
    ['a link that leads in a circle', (home) => (symlinkSync(home, home), home), itself],
  ])('%s', (_name, prepare, homeOf) => trial('something in the way', async () => {
    const obstacle = prepare(workshop.home);
    const home = homeOf(workshop.home);
    const outside = workshop.outside();
    const end = await setupInChild(workshop, { home });
    expect(end.outcome?.error, end.outcome?.error?.stack).toMatchObject({ code: 'E_HOME_UNWRITABLE', next: expect.stringContaining('WASIENV_HOME') });
    expect(end.stderr).toBe('');
    expect(workshop.outside()).toEqual(outside);
    rmSync(obstacle, { recursive: true });
    expect((await setupInChild(workshop, { home })).outcome).toMatchObject({ ok: true, version: PACKAGE.two });
    expect(await versionInUse(home)).toBe(PACKAGE.two);
    expect(await faultsOfHome(home)).toEqual([]);
  }));

  function inTheWay(home: string, name: string): string {
    mkdirSync(home);
    writeFileSync(path.join(home, name), '');
    return path.join(home, name);
  }

  test('a read-only file system', async () => {
    const error = await ordeal('read-only', workshop, async () => {
      // What is installed stays usable, and a setup that has nothing to do needs to write nothing.
      expect(await workshop.setup({ version: PACKAGE.one })).toMatchObject({ changed: false });
      return wantTwo();
    }, () => remount('rw'), async () => {
      mountSmall(workshop.home, 'size=4m');
      await workshop.setup({ version: PACKAGE.one });
      remount('ro');
    });
    expect(error).toMatchObject({ code: 'E_HOME_UNWRITABLE', message: expect.stringContaining('EROFS') });
  });

  // Root is above permissions: where the tests run as root, setup runs as nobody.
  const nobody = process.getuid?.() === 0 ? 65534 : undefined;
  test.skipIf(UNIX.unmet).each(['.', 'staging', 'components/portable-clang', 'receipts', 'downloads'])(`a home without permission: %s${UNIX.why}`, async (name) => {
    const directory = path.join(workshop.home, name);
    const asUser = (version: string): Promise<void> => setupInChildOrThrow(workshop, { request: { version }, ...(nobody === undefined ? {} : { user: nobody }) });
    const error = await ordeal('no permission', workshop, () => asUser(PACKAGE.two), () => chmodSync(directory, 0o755), async () => {
      if (nobody !== undefined) {
        const readable = spawnSync(process.execPath, [path.resolve(import.meta.dirname, '../../bin/wasienv.js'), '--version'], { uid: nobody, gid: nobody, cwd: '/', env: {} });
        if (readable.status !== 0) cannotTry('the tests run as root, and nobody else may read this checkout');
        for (const each of ['.', ...readdirSync(workshop.root, { recursive: true, encoding: 'utf8' })]) lchownSync(path.join(workshop.root, each), nobody, nobody);
      }
      await asUser(PACKAGE.one);
      chmodSync(directory, 0o555);
    });
    expect(error).toMatchObject({ code: 'E_HOME_UNWRITABLE', message: expect.stringMatching(/EACCES|EPERM/), next: expect.stringContaining('WASIENV_HOME') });
  });
});

describe('a home elsewhere', () => {
  test('that is a link to another volume', () => trial('a home on another volume', async () => {
    const elsewhere = path.join(workshop.root, 'volume');
    mountSmall(elsewhere, 'size=4m');
    symlinkSync(elsewhere, workshop.home);
    await workshop.setup({ version: PACKAGE.one });
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.one);
    await expectNextSetupWell(workshop);
  }));

  test.each(['components', 'receipts'])('of which only %s is a link to another volume', async (part) => {
    const inside = path.join(workshop.home, part);
    const elsewhere = path.join(workshop.root, 'volume');
    const attempt = (): Promise<unknown> => workshop.setup({ version: PACKAGE.two });
    if (part === 'receipts') {
      // Nothing is moved between the two: it works.
      return trial('a home on another volume', async () => {
        mountSmall(elsewhere, 'size=4m');
        mkdirSync(workshop.home);
        symlinkSync(elsewhere, inside);
        await workshop.setup({ version: PACKAGE.one });
        await expectNextSetupWell(workshop);
      });
    }
    const error = await ordeal('a home on another volume', workshop, attempt, () => {
      rmSync(inside);
      execFileSync('cp', ['-a', `${elsewhere}/.`, inside]);
    }, async () => {
      await workshop.setup({ version: PACKAGE.one });
      mountSmall(elsewhere, 'size=4m');
      execFileSync('cp', ['-a', `${inside}/.`, elsewhere]);
      rmSync(inside, { recursive: true });
      symlinkSync(elsewhere, inside);
    });
    expect(error).toMatchObject({ code: 'E_HOME_UNWRITABLE', message: expect.stringContaining('EXDEV'), next: expect.stringContaining('the whole home') });
  });

  test.each([
    'with spaces', ' in front and behind ', "it's", '"quoted"', '$HOME and ${HOME}', '`id` $(id)', 'a;b&c|d', '%PATH%', 'hömé', '家/дом', 'e\u0301 and \u00e9', '-rf', 'new\nline', '#x!y*z?[a]{b}~', "\\back\\slash'",
  ])('named %j', (name) => trial('a home with spaces, quotes and non-ASCII', async () => {
    const home = path.join(workshop.root, 'homes', name, 'wasienv');
    const context = { home, env: { ...workshop.env, WASIENV_HOME: home }, cwd: workshop.cwd, platform: process.platform };
    const before = workshop.outside();
    for (const version of [PACKAGE.one, PACKAGE.two]) {
      await runPlan(await planSetup({ source: 'npm', refetch: false, version }, context), { ...context, emit: () => undefined, now: Date.now, transfer: SHORT_PATIENCE });
      expect(await versionInUse(home)).toBe(version);
      expect(await faultsOfHome(home)).toEqual([]);
    }
    expect(workshop.outside().filter((each) => !each.startsWith(path.join('homes', name)))).toEqual(before);
  }));

  test("that is somebody's project: nothing of it is swept", () => trial("somebody else's directory", async () => {
    const theirs = ['staging/site/index.html', 'components/button/index.js', 'receipts/2025.pdf', 'portable-clang.json'];
    for (const name of theirs) {
      mkdirSync(path.dirname(path.join(workshop.home, name)), { recursive: true });
      writeFileSync(path.join(workshop.home, name), 'precious');
    }
    await workshop.setup({ version: PACKAGE.one });
    await workshop.setup({ version: PACKAGE.two });
    for (const name of theirs) expect(existsSync(path.join(workshop.home, name)), name).toBe(true);
  }));
});

test.each([['a byte less', -1], ['a byte more', 1]] as const)('the manifest that lies about its size, %s, is found out by the digest or the length, never installed', async (_name, lie) => {
  const archive = PACKAGES.get('clang-2.0.0.tgz')!;
  const one = release(PACKAGE.one, PACKAGES.get('clang-1.0.0.tgz')!);
  const two = release(PACKAGE.two, archive);
  const error = await ordeal('wrong length', workshop, wantTwo, () => workshop.manifests([one, two]), async () => {
    workshop.manifests([one, { ...two, artifact: { ...(two['artifact'] as object), sizeBytes: archive.byteLength + lie } }]);
    await workshop.setup({ version: PACKAGE.one, refetch: true });
    expect(readdirSync(homeTree.stagingDir(workshop.home))).toEqual([]);
  });
  expect(error.code).toBe('E_DIGEST');
});
