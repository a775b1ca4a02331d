// The source `apt`: what is read from apt's answers, what setup makes of an apt that is missing, empty, broken or that
// brings wrong bytes (small programs that answer as apt does), and the whole of it with this machine's own apt.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planSetup, readReceipts, runPlan } from '../../src/toolchain/index.js';
import { buildTree } from '../../src/toolchain/package-tree.js';
import { aptSays, parseRecords, parseSimulation } from '../../src/toolchain/sources/apt-packages.js';
import { aptSource, majorsIn, wholeFirst } from '../../src/toolchain/sources/apt.js';
import type { SetupEvent } from '../../src/toolchain/types.js';
import { runCli } from '../support/cli.js';
import { wasienvError } from '../support/toolchain.js';
import { faultsOfHome, listFiles } from '../support/workshop.js';
import { LINUX, UNIX, need } from '../support/skips.js';

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv-apt-')));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('what apt says', () => {
  test('versions of LLVM with builtins for wasm32, newest first', () => {
    expect(majorsIn(['libclang-rt-dev-wasm32', 'libclang-rt-9-dev-wasm32', 'libclang-rt-19-dev-wasm32', 'libclang-rt-19-dev-wasm64', 'libclang-rt-14-dev-wasm32'])).toEqual([19, 14, 9]);
  });

  test('the newest whose libc++ has streams of files comes first', () => {
    expect(wholeFirst([22, 19, 16, 14])).toEqual([16, 22, 19, 14]);
    expect(wholeFirst([19, 17])).toEqual([19, 17]);
    expect(wholeFirst([14])).toEqual([14]);
  });

  test('what would be unpacked, fresh, as an upgrade, or of a named architecture', () => {
    const text = 'NOTE: a simulation\nInst libz3-4 (4.8 Debian:12 [amd64])\nInst libllvm19 [1:19.1.0-1] (1:19.1.7-3 Debian:12 [amd64])\nInst libedit2:arm64 (3.1 Debian:12 [arm64])\nConf libz3-4 (4.8 Debian:12 [amd64])\n';
    expect(parseSimulation(text)).toEqual(['libz3-4', 'libllvm19', 'libedit2']);
  });

  test('records that can be fetched and checked; others are left out', () => {
    const digest = 'ab'.repeat(32);
    const record = `Package: wasi-libc\nVersion: 0.0~git1-2\nArchitecture: all\nInstalled-Size: 10\nDepends: libc6 (>= 2.34), gcc | clang | c-compiler, zlib1g:any\nDescription: libc\n Package: not-this-one\nFilename: pool/w.deb\nSize: 77\nSHA256: ${digest}\n`;
    expect(parseRecords(`${record}\n${record.replace(/SHA256.*\n/, '')}\n${record.replace('Size: 77', 'Size: many')}`)).toEqual([{
      name: 'wasi-libc', version: '0.0~git1-2', architecture: 'all', file: 'pool/w.deb', sizeBytes: 77, unpackedBytes: 10_240,
      integrity: `sha256-${Buffer.from(digest, 'hex').toString('base64')}`, depends: ['libc6', 'gcc', 'zlib1g'],
    }]);
  });

  test('its errors, without its warnings', () => {
    expect(aptSays('W: be careful\nE: Unable to fetch\nE: Unable to fetch\nE: Some files failed\n')).toBe('Unable to fetch; Some files failed');
    expect(aptSays('')).toBe('it failed without a word');
  });
});

/** The files of a complete set of packages, unpacked, as `major` has them. */
function unpackedPackages(directory: string, major: number): void {
  const put = (file: string, text = file): void => {
    mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    writeFileSync(path.join(directory, file), text);
  };
  for (const name of ['clang', 'lld', 'llvm-ar']) put(`usr/lib/llvm-${major}/bin/${name}`, '#!/bin/sh\nexit 3\n');
  symlinkSync('clang', path.join(directory, `usr/lib/llvm-${major}/bin/clang++`));
  symlinkSync('lld', path.join(directory, `usr/lib/llvm-${major}/bin/wasm-ld`));
  put('usr/lib/x86_64-linux-gnu/libLLVM.so.9');
  put(`usr/lib/llvm-${major}/lib/clang/${major}/include/stddef.h`);
  put(`usr/lib/llvm-${major}/lib/clang/${major}/lib/wasi/libclang_rt.builtins-wasm32.a`);
  put(`usr/lib/llvm-${major}/lib/clang/${major}/lib/linux/libclang_rt.builtins-x86_64.a`);
  put(`usr/lib/llvm-${major}/include/wasm32-wasi/c++/v1/vector`);
  for (const name of ['libc.a', 'crt1-command.o']) put(`usr/lib/wasm32-wasi/${name}`);
  put('usr/include/wasm32-wasi/stdio.h');
  mkdirSync(path.join(directory, 'usr/include/wasm32-wasi/c++'));
  symlinkSync(`../../../lib/llvm-${major}/include/wasm32-wasi/c++/v1`, path.join(directory, 'usr/include/wasm32-wasi/c++/v1'));
}

describe.skipIf(UNIX.unmet)(`the tree made of packages${UNIX.why}`, () => {
  test('holds what compiles, links resolved, and nothing from outside the packages', () => {
    const [from, to] = [path.join(root, 'unpacked'), path.join(root, 'tree')];
    mkdirSync(to, { recursive: true });
    unpackedPackages(from, 9);
    symlinkSync('/etc/hostname', path.join(from, 'usr/lib/wasm32-wasi/libm.a'));
    symlinkSync('../../../../..', path.join(from, 'usr/include/wasm32-wasi/up'));
    symlinkSync('.', path.join(from, 'usr/include/wasm32-wasi/itself'));
    const layout = buildTree(from, to, 9);
    expect(layout).toEqual({
      sysroot: 'share/wasi-sysroot', resourceDir: 'libexec/lib/clang/9', builtins: 'libexec/lib/clang/9/lib/wasi/libclang_rt.builtins-wasm32.a', target: 'wasm32-wasi',
      programs: { kind: 'native', tools: { clang: 'bin/clang', 'clang++': 'bin/clang++', 'wasm-ld': 'bin/wasm-ld', ar: 'bin/llvm-ar' } },
    });
    expect(readdirSync(to, { recursive: true, withFileTypes: true }).filter((each) => each.isSymbolicLink())).toEqual([]);
    expect(listFiles(to).map((line) => line.split(' ')[0])).toEqual([
      'bin/clang', 'bin/clang++', 'bin/llvm-ar', 'bin/wasm-ld',
      'libexec/bin/clang', 'libexec/bin/clang++', 'libexec/bin/llvm-ar', 'libexec/bin/wasm-ld', 'libexec/bin/wasm-ld-9',
      'libexec/lib/clang/9/include/stddef.h', 'libexec/lib/clang/9/lib/wasi/libclang_rt.builtins-wasm32.a', 'libexec/lib/libLLVM.so.9',
      'share/wasi-sysroot/include/c++/v1/README', 'share/wasi-sysroot/include/wasm32-wasi/c++/v1/vector', 'share/wasi-sysroot/include/wasm32-wasi/stdio.h',
      'share/wasi-sysroot/lib/wasm32-wasi/crt1-command.o', 'share/wasi-sysroot/lib/wasm32-wasi/libc.a',
    ].sort());
  });

  test('packages without a libc are refused by name', async () => {
    const from = path.join(root, 'no-libc');
    unpackedPackages(from, 9);
    rmSync(path.join(from, 'usr/lib/wasm32-wasi/libc.a'));
    const to = path.join(root, 'no-libc-tree');
    mkdirSync(to);
    expect(await wasienvError(Promise.resolve().then(() => buildTree(from, to, 9)))).toMatchObject({ code: 'E_ARCHIVE', message: expect.stringContaining('usr/lib/wasm32-wasi/libc.a') });
  });
});

/** An apt of our own on PATH, which answers with what the test puts there. */
function fakeApt(name: string, programs: Readonly<Record<string, string>>): { readonly env: Record<string, string>; readonly home: string } {
  const bin = path.join(root, name, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [file, script] of Object.entries(programs)) {
    writeFileSync(path.join(bin, file), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(bin, file), 0o755);
  }
  return { env: { PATH: bin, HOME: root }, home: path.join(root, name, 'home') };
}

const NAMES = (major: number): string[] => [
  `clang-${major}`, `lld-${major}`, `llvm-${major}`, `libclang-cpp${major}`, `libllvm${major}`, `libclang-common-${major}-dev`,
  `libclang-rt-${major}-dev-wasm32`, `libc++-${major}-dev-wasm32`, `libc++abi-${major}-dev-wasm32`, 'wasi-libc',
];

/** `apt-cache` that offers one set, each of whose packages is to have the bytes `content`. */
function offering(major: number, content: string): string {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const records = NAMES(major).map((name) => `Package: ${name}\nVersion: 1:${major}.0.6-2\nArchitecture: all\nInstalled-Size: 1\nFilename: pool/${name}.deb\nSize: ${content.length}\nSHA256: ${sha256}\n`);
  return `case "$1" in pkgnames) echo libclang-rt-${major}-dev-wasm32;; show) printf '%s' '${records.join('\n')}';; *) exit 9;; esac`;
}

const DOWNLOADING = 'case "$*" in *--simulate*) exit 0;; esac\nfor each; do case "$each" in *=*) printf "%s" "$CONTENT" > "${each%%=*}_1_all.deb";; esac; done';

describe.skipIf(LINUX.unmet)(`an apt that cannot help${LINUX.why}`, () => {
  const find = async (env: Readonly<Record<string, string>>, wanted?: string) => {
    const found = await aptSource.kind === 'packages' ? await aptSource.find(wanted, { env, cwd: root, platform: 'linux' }) : null;
    return found;
  };

  test('none on the machine', async () => {
    expect(await find({ PATH: path.join(root, 'nowhere') })).toMatchObject({ code: 'E_SOURCE', message: 'this machine has no apt' });
  });

  test('no lists: `apt-get update` is named', async () => {
    const { env } = fakeApt('no-lists', { 'apt-cache': 'case "$1" in policy) echo " 100 /var/lib/dpkg/status";; esac' });
    expect(await find(env)).toMatchObject({ code: 'E_SOURCE', message: expect.stringContaining('`apt-get update` was never run'), next: expect.stringContaining('sudo apt-get update') });
  });

  test('lists, but nothing for WebAssembly', async () => {
    const { env } = fakeApt('no-wasm', { 'apt-cache': 'case "$1" in policy) echo "  500 http://deb.example bookworm/main amd64 Packages";; esac' });
    expect(await find(env)).toMatchObject({ code: 'E_SOURCE', message: expect.stringContaining('no whole compiler') });
  });

  test('a set with a package missing is told, with its name', async () => {
    const script = offering(16, 'x').replace(/Package: lld-16\n/, 'Package: lld\n');
    const { env } = fakeApt('no-lld', { 'apt-cache': script, 'apt-get': 'exit 0' });
    expect(await find(env)).toMatchObject({ code: 'E_SOURCE', where: [['LLVM 16', 'apt has no lld-16']] });
  });

  test('a set that would replace the C library of the host is told', async () => {
    const { env } = fakeApt('new-libc', { 'apt-cache': offering(16, 'x'), 'apt-get': 'echo "Inst libc6 [2.36] (2.41 Debian:13 [amd64])"' });
    expect(await find(env)).toMatchObject({ where: [['LLVM 16', 'it wants another libc6 than this machine has']] });
  });

  test('what apt itself says of broken dependencies is passed on', async () => {
    const { env } = fakeApt('broken', { 'apt-cache': offering(16, 'x'), 'apt-get': 'echo "E: Unable to correct problems, you have held broken packages." >&2; exit 100' });
    expect(await find(env)).toMatchObject({ where: [['LLVM 16', 'Unable to correct problems, you have held broken packages.']] });
  });

  test('a version that is not offered', async () => {
    const { env } = fakeApt('other-version', { 'apt-cache': offering(16, 'x'), 'apt-get': 'exit 0' });
    expect(await find(env, '19')).toMatchObject({ code: 'E_SOURCE' });
    expect(await find(env, '16.0.7')).toMatchObject({ where: [['LLVM 16', 'it is 16.0.6']] });
    expect(await find(env, '16.0')).toMatchObject({ version: '16.0.6', llvmMajor: 16 });
  });

  const setup = async ({ env, home }: { readonly env: Record<string, string>; readonly home: string }, events: SetupEvent[] = []) => {
    const context = { home, env, cwd: root, platform: 'linux' as const };
    return runPlan(await planSetup({ source: 'apt', refetch: false }, context), { ...context, emit: (event) => events.push(event), now: () => 0 });
  };

  test('a download that fails leaves nothing behind', async () => {
    const world = fakeApt('no-download', { 'apt-cache': offering(16, 'x'), 'apt-get': 'case "$*" in *--simulate*) exit 0;; esac\necho "E: 404 Not Found" >&2; exit 100' });
    expect(await wasienvError(setup(world))).toMatchObject({ code: 'E_NETWORK', message: expect.stringContaining('404 Not Found'), next: expect.stringContaining('apt-get update') });
    expect(readReceipts(world.home).good.size).toBe(0);
    expect(readdirSync(path.join(world.home, 'staging'))).toEqual([]);
  });

  test('bytes without the digest of the index are not unpacked', async () => {
    const world = fakeApt('wrong-bytes', { 'apt-cache': offering(16, 'right'), 'apt-get': `CONTENT=wrong\n${DOWNLOADING}`, 'dpkg-deb': `echo > '${path.join(root, 'unpacked-all-the-same')}'` });
    expect(await wasienvError(setup(world))).toMatchObject({ code: 'E_DIGEST', message: expect.stringContaining('the package clang-16') });
    expect(existsSync(path.join(root, 'unpacked-all-the-same'))).toBe(false);
    expect(readdirSync(path.join(world.home, 'staging'))).toEqual([]);
  });

  test('--offline: nothing is downloaded, and what to do instead is said', async () => {
    const marker = path.join(root, 'downloaded-all-the-same');
    const { env, home } = fakeApt('offline', { 'apt-cache': offering(16, 'right'), 'apt-get': `case "$*" in *--simulate*) exit 0;; esac\necho > '${marker}'; exit 100` });
    const error = await wasienvError(planSetup({ source: 'apt', refetch: false }, { home, env, cwd: root, platform: 'linux', offline: true }));
    expect(error).toMatchObject({ code: 'E_OFFLINE', message: expect.stringContaining('apt-clang 16.0.6 would have to be fetched by apt'), next: expect.stringContaining('--source system') });
    expect([existsSync(marker), existsSync(home)]).toEqual([false, false]);
  });

  test('a package that cannot be unpacked', async () => {
    const world = fakeApt('no-unpack', { 'apt-cache': offering(16, 'right'), 'apt-get': `CONTENT=right\n${DOWNLOADING}`, 'dpkg-deb': 'echo "not a Debian format archive" >&2; exit 2' });
    expect(await wasienvError(setup(world))).toMatchObject({ code: 'E_ARCHIVE', message: 'the package clang-16 cannot be unpacked: not a Debian format archive' });
  });
});

// Asked once, here: a machine without apt, or whose apt has no such packages, cannot run what follows.
const offered = process.platform === 'linux' && aptSource.kind === 'packages' ? await aptSource.find(undefined, { env: process.env, cwd: '/', platform: 'linux' }) : new Error('not Linux');
const { unmet, why } = need(!(offered instanceof Error), String((offered as Error).message));

describe.skipIf(unmet)(`this machine's own apt${why}`, () => {
  test('setup --source apt ends proved, in C and C++, below a home with a colon and a space; again it has nothing to do', async () => {
    const home = path.join(root, "the user's: home");
    const env = { WASIENV_HOME: home };
    const first = await runCli(['setup', '--source', 'apt', '--quiet'], { env });
    expect(first).toMatchObject({ code: 0 });
    const [receipt] = [...readReceipts(home).good.values()];
    expect(receipt).toMatchObject({ component: 'apt-clang', source: 'apt', adopted: false, artifact: null });
    expect(receipt!.packages).toHaveLength(new Set(receipt!.packages!.map(({ name }) => name)).size);
    const proof = JSON.parse(readFileSync(path.join(home, 'proofs', readdirSync(path.join(home, 'proofs')).find((name) => name.startsWith('apt-clang-'))!), 'utf8')) as { readonly ok: boolean; readonly programs: readonly { readonly id: string; readonly fault: unknown }[] };
    expect(proof.programs.filter(({ fault }) => fault !== null)).toEqual([]);
    expect(proof.programs.map(({ id }) => id)).toEqual(expect.arrayContaining(['int128', 'iostream']));
    expect(await faultsOfHome(home).then((faults) => faults.filter((each) => !/unexpected proofs/.test(each)))).toEqual([]);
    const again = await runCli(['setup', '--source', 'apt'], { env });
    expect(again.stdout).toContain('nothing to do');
    // Nothing to fetch, so nothing against it.
    expect(await runCli(['setup', '--source', 'apt', '--offline'], { env })).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to do') });
  });
});
