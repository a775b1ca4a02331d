// Machines without a network: `--offline`, `pack`, `setup --bundle`; the registry counts who asks.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BUNDLE_FILE } from '../../src/toolchain/bundle/bundle.js';
import { expectGolden, runCli, transcript, type CliResult } from '../support/cli.js';
import type { Registry } from '../support/registry.js';
import { PACKAGES, faultsOfHome, listFiles, release, versionInUse, type Workshop } from '../support/workshop.js';
import { workshopForEach } from '../support/workshop-for-each.js';

let registry: Registry;
let workshop: Workshop;
let out: string;
workshopForEach((own, shared) => {
  [workshop, registry] = [own, shared];
  out = path.join(workshop.root, 'out');
  mkdirSync(out);
});

const ARCHIVE = PACKAGES.get('clang-2.0.0.tgz')!;
const IN_MIRROR = 'npm/@test/clang/-/clang-2.0.0.tgz';
const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> => runCli(args, { cwd: workshop.cwd, env: { ...workshop.env, PATH: '/nowhere', ...env } });
const golden = async (name: string, args: readonly string[], shownArgs = args): Promise<CliResult> => {
  const result = await cli(args);
  expectGolden(name, transcript(shownArgs, result, [[/(?<=^environ  ).*$/m, '…'], [workshop.home, 'HOME'], [out, 'OUT'], [registry.url, 'REGISTRY/'], [`${process.platform}-${process.arch}`, 'HOST'], [/\b[\d.]+ m?s\b/, 'TIME'], [/sha512-[A-Za-z0-9+/]{86}==/, 'sha512-…'], [/-[0-9a-f]{8}(?=[-./)\n])/, '-DIGEST'], [/[\d.]+ kB/, 'SIZE'], [/\b\d{6} bytes/, 'N bytes']]));
  return result;
};
const offline = ['setup', '--offline', '--no-prove'];

describe('--offline', () => {
  test('without anything says what would be needed, and asks nobody', async () => {
    const result = await golden('offline-nothing', [...offline, '--source', 'npm']);
    expect(result.code).toBe(1);
    expect((await cli(offline)).stderr).toMatch(/^error\[E_OFFLINE\]/);
    expect(registry.requests).toEqual([]);
    expect(existsSync(path.join(workshop.home, 'components'))).toBe(false);
  });

  test('with everything installed has nothing to do', async () => {
    await workshop.setup();
    registry.fault = { kind: 'ok' };
    expect((await cli(offline)).stdout).toContain('nothing to do');
    expect(registry.requests).toEqual([]);
  });

  test.each([['clang-2.0.0.tgz', 'its own name'], [`${createHash('sha512').update(ARCHIVE).digest('hex')}.part`, 'its digest']])('installs what lies in downloads/ as %s', async (name) => {
    mkdirSync(path.join(workshop.home, 'downloads'), { recursive: true });
    writeFileSync(path.join(workshop.home, 'downloads', name), ARCHIVE);
    expect(await cli([...offline, '--quiet'])).toEqual({ code: 0, stdout: '', stderr: '' });
    // What was put there stays; what setup itself had begun is done with.
    expect(readdirSync(path.join(workshop.home, 'downloads'))).toEqual(name.endsWith('.part') ? [] : [name]);
    if (!name.endsWith('.part')) expect((await cli([...offline, '--refetch', '--quiet'])).code).toBe(0);
    expect(await versionInUse(workshop.home)).toBe('2.0.0');
    expect(registry.requests).toEqual([]);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });

  test('believes no file for its name and size', async () => {
    mkdirSync(path.join(workshop.home, 'downloads'), { recursive: true });
    const changed = Uint8Array.from(ARCHIVE);
    changed[changed.byteLength >> 1]! ^= 1;
    writeFileSync(path.join(workshop.home, 'downloads', 'clang-2.0.0.tgz'), changed);
    expect((await cli([...offline, '--source', 'npm'])).stderr).toMatch(/^error\[E_DIGEST\]/);
    expect(existsSync(path.join(workshop.home, 'receipts'))).toBe(false);
  });

  test('does not ask for manifests behind a URL either', async () => {
    expect((await cli(offline, { WASIENV_MANIFESTS: registry.url })).stderr).toMatch(/^error\[E_OFFLINE\]: the manifests lie behind a URL/);
    expect(registry.requests).toEqual([]);
  });
});

describe('pack', () => {
  test('makes a tar that others read, verified and without a trace in the home', async () => {
    await golden('pack', ['pack', 'portable-clang', '-o', path.join(out, 'b.tar')], ['pack', 'portable-clang', '-o', 'OUT/b.tar']);
    expect(execFileSync('tar', ['-tf', path.join(out, 'b.tar')], { encoding: 'utf8' })).toBe(`${IN_MIRROR}\n${BUNDLE_FILE}\n`);
    expect(execFileSync('tar', ['-xOf', path.join(out, 'b.tar'), IN_MIRROR], { maxBuffer: 1 << 24 })).toEqual(ARCHIVE);
    expect(readdirSync(out)).toEqual(['b.tar']);
    expect(listFiles(workshop.home)).toEqual([]);
    const first = readFileSync(path.join(out, 'b.tar'));
    await cli(['pack', 'portable-clang', '-o', path.join(out, 'b.tar'), '--quiet']);
    expect(readFileSync(path.join(out, 'b.tar'))).toEqual(first);
  });

  test('makes a directory, which is a mirror', async () => {
    expect((await cli(['pack', 'portable-clang@^1', '-o', `${out}/`, '--quiet'])).code).toBe(0);
    expect((await cli(['pack', 'portable-clang', '-o', out, '--quiet'])).code).toBe(0);
    expect(listFiles(out).map((each) => each.split(' ')[0])).toEqual([IN_MIRROR.replace('2.0.0', '1.0.0'), IN_MIRROR, BUNDLE_FILE]);
    registry.fault = { kind: 'ok' };
    expect((await cli(['setup', 'portable-clang@1.0.0', '--source', 'mirror', '--mirror', out, '--no-prove', '--quiet'])).code).toBe(0);
    expect((await cli(['setup', '--bundle', out, '--no-prove', '--quiet'])).code).toBe(0);
    expect(await versionInUse(workshop.home)).toBe('2.0.0');
    expect(registry.requests).toEqual([]);
  });

  test('takes what the project wants, or what is in use, and every host asked for', async () => {
    const rows = [
      release('1.0.0', PACKAGES.get('clang-1.0.0.tgz')!, { hosts: ['linux-x64', 'linux-arm64'] }),
      release('1.0.0', PACKAGES.get('clang-2.0.0.tgz')!, { hosts: ['darwin-arm64'], artifact: { ...(release('2.0.0', ARCHIVE)['artifact'] as object) } }),
    ];
    workshop.manifests(rows);
    writeFileSync(path.join(workshop.cwd, 'wasienv.json'), JSON.stringify({ schema: 1, components: { 'portable-clang': '^1' } }));
    const { code, stdout } = await cli(['pack', '--host', 'linux-x64', '--host', 'linux-arm64', '--host', 'darwin-arm64', '-o', path.join(out, 'b.tar'), '--json']);
    expect(code).toBe(0);
    const packed = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { rows: { hosts: string[] }[] };
    expect(packed.rows.map(({ hosts }) => hosts)).toEqual([['linux-x64', 'linux-arm64'], ['darwin-arm64']]);
    rmSync(path.join(workshop.cwd, 'wasienv.json'));
    expect((await cli(['pack'])).stderr).toMatch(/^error\[E_NO_TOOLCHAIN\]/);
  });

  test('leaves no half of a file when the download fails, and names a host that does not exist', async () => {
    registry.fault = { kind: 'wrong-bytes' };
    expect((await cli(['pack', 'portable-clang', '-o', path.join(out, 'b.tar')])).stderr).toMatch(/^error\[E_DIGEST\]/);
    expect(readdirSync(out)).toEqual([]);
    await golden('pack-unknown-host', ['pack', 'portable-clang', '--host', 'amiga-m68k']);
    expect((await cli(['pack', 'portable-clang', '-o', path.join(out, 'file', 'x.tar')])).code).toBe(1);
  });

  test('says where it cannot write', async () => {
    writeFileSync(path.join(out, 'file'), '');
    expect((await cli(['pack', 'portable-clang', '-o', path.join(out, 'file', 'x.tar')])).stderr).toMatch(/^error\[E_FILE\]: the bundle cannot be written/);
    // Nor does it begin a download for that.
    expect(registry.requests).toEqual([]);
  });

  test('takes back the half of a file that a directory has no room for, and leaves what was whole', async () => {
    mkdirSync(path.join(out, `${IN_MIRROR}.part`), { recursive: true });
    expect((await cli(['pack', 'portable-clang', '-o', `${out}/`])).stderr).toMatch(/^error\[E_FILE\]: the bundle cannot be written/);
    rmSync(path.join(out, `${IN_MIRROR}.part`), { recursive: true });
    mkdirSync(path.join(out, IN_MIRROR, 'in the way'), { recursive: true });
    expect((await cli(['pack', 'portable-clang', '-o', `${out}/`])).stderr).toMatch(/^error\[E_FILE\]: the bundle cannot be written/);
    expect(listFiles(out)).toEqual([]);
  });
});

describe('setup --bundle', () => {
  const bundle = (): string => path.join(out, 'b.tar');
  beforeEach(async () => {
    await cli(['pack', 'portable-clang', '-o', bundle(), '--quiet']);
    registry.fault = { kind: 'status', status: 500 };
  });
  afterEach(() => expect(registry.requests).toEqual([]));

  test('installs without asking anybody', async () => {
    await golden('setup-bundle', ['setup', '--bundle', bundle(), '--no-prove'], ['setup', '--bundle', 'OUT/b.tar', '--no-prove']);
    expect(await versionInUse(workshop.home)).toBe('2.0.0');
    expect(await faultsOfHome(workshop.home)).toEqual([]);
    expect((await cli(['setup', '--bundle', bundle(), '--no-prove'])).stdout).toContain('nothing to do');
  });

  test('serves as a mirror, and so does a tar that somebody made of one', async () => {
    expect((await cli(['setup', 'portable-clang', '--mirror', bundle(), '--offline', '--no-prove', '--quiet'])).code).toBe(0);
    const tree = path.join(out, 'tree');
    mkdirSync(path.join(tree, path.dirname(IN_MIRROR)), { recursive: true });
    writeFileSync(path.join(tree, IN_MIRROR), ARCHIVE);
    execFileSync('tar', ['-cf', path.join(out, 'theirs.tar'), '-C', tree, '.']);
    const env = { WASIENV_HOME: path.join(out, 'home'), WASIENV_MIRROR: path.join(out, 'theirs.tar') };
    expect(await cli(['setup', '--offline', '--no-prove', '--quiet'], env)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('with a lock installs what the lock says', async () => {
    writeFileSync(path.join(workshop.cwd, 'wasienv.json'), JSON.stringify({ schema: 1, components: { 'portable-clang': '>=1' } }));
    await cli(['lock']);
    expect((await cli(['setup', '--locked', '--bundle', bundle(), '--no-prove', '--quiet'])).code).toBe(0);
    expect(await versionInUse(workshop.home)).toBe('2.0.0');
  });

  test('does not believe the digests of the bundle', async () => {
    // Other bytes, and a description that vouches for them.
    const bytes = readFileSync(bundle());
    const digest = (data: Uint8Array): string => `sha512-${createHash('sha512').update(data).digest('base64')}`;
    const forged = Buffer.from(bytes);
    const changed = Uint8Array.from(ARCHIVE);
    changed[changed.byteLength >> 1]! ^= 1;
    forged.set(changed, forged.indexOf(ARCHIVE));
    writeFileSync(bundle(), forged);
    expect((await cli(['setup', '--bundle', bundle(), '--no-prove'])).stderr).toMatch(/^error\[E_DIGEST\]: portable-clang 2\.0\.0 does not match its manifest digest/);
    forged.set(Buffer.from(digest(changed)), forged.indexOf(digest(ARCHIVE)));
    writeFileSync(bundle(), forged);
    await golden('setup-bundle-forged', ['setup', '--bundle', bundle()], ['setup', '--bundle', 'OUT/b.tar']);
    expect(existsSync(path.join(workshop.home, 'receipts'))).toBe(false);
  });

  test.each<readonly [name: string, damage: (file: string) => void]>([
    ['bundle-cut', (file) => writeFileSync(file, readFileSync(file).subarray(0, 100_000))],
    ['bundle-zipped', (file) => writeFileSync(file, gzipSync(readFileSync(file), { level: 1 }))],
    ['bundle-no-tar', (file) => writeFileSync(file, 'x'.repeat(5000))],
    ['bundle-not-there', (file) => renameSync(file, `${file}.away`)],
    ['bundle-other-host', (file) => writeFileSync(file, readFileSync(file, 'latin1').replace('"any"', '"vms"'), 'latin1')],
    ['bundle-no-description', (file) => copyFileSync(path.join(workshop.cwd, 'package.json'), file)],
  ])('%s', async (name, damage) => {
    damage(bundle());
    expect((await golden(name, ['setup', '--bundle', bundle()], ['setup', '--bundle', 'OUT/b.tar'])).code).toBe(1);
    expect(existsSync(path.join(workshop.home, 'receipts'))).toBe(false);
  });

  test('goes with no other source', async () => {
    await golden('bundle-and-source', ['setup', '--bundle', bundle(), '--source', 'npm'], ['setup', '--bundle', 'OUT/b.tar', '--source', 'npm']);
  });
});
