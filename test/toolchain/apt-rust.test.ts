// A Rust from packages: which of them make one, as Debian and as Ubuntu call them; the tree that is made of them; what
// is said where apt has none; and the whole of it with this machine's own apt, to nine proved programs and cargo.
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WasienvError } from '../../src/base/errors.js';
import { readCurrent, readReceipts } from '../../src/toolchain/index.js';
import { settleLayout } from '../../src/toolchain/layout.js';
import { buildRustTree } from '../../src/toolchain/package-tree.js';
import { installedRust, readRustChoice } from '../../src/toolchain/rust/index.js';
import { findRust, suffixesIn } from '../../src/toolchain/sources/apt-rust.js';
import { runCli } from '../support/cli.js';
import { schemaFaults } from '../support/json-schema.js';
import { listFiles } from '../support/workshop.js';
import { LINUX, UNIX, need } from '../support/skips.js';

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), "wasienv apt's rust ")));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('several beside each other, the newest first, and the plain name last', () => {
  expect(suffixesIn(['libstd-rust-dev', 'libstd-rust-dev-wasm32', 'libstd-rust-dev-windows', 'libstd-rust-1.63'])).toEqual(['']);
  expect(suffixesIn(['libstd-rust-dev-wasm32', 'libstd-rust-1.9-dev-wasm32', 'libstd-rust-1.80-dev-wasm32', 'libstd-rust-1.80-dev', 'libstd-rust-web-dev-wasm32'])).toEqual(['-1.80', '-1.9', '']);
});

/** An apt that offers these packages, each with what it depends on; `needed`: what installing would unpack. */
function fakeApt(name: string, packages: Readonly<Record<string, string>>, needed: readonly string[] = []): Readonly<Record<string, string>> {
  const bin = path.join(root, name);
  mkdirSync(bin, { recursive: true });
  const records = Object.entries(packages).map(([each, depends]) => [each, `Package: ${each}\nVersion: 1.63.0+dfsg1-2\nArchitecture: amd64\nDepends: ${depends}\nFilename: pool/${each}.deb\nSize: 1\nSHA256: ${createHash('sha256').update(each).digest('hex')}\n`] as const);
  const write = (file: string, script: string): void => {
    writeFileSync(path.join(bin, file), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(bin, file), 0o755);
  };
  const cases = records.map(([each, record]) => `${each}) printf '%s\\n' '${record}';;`).join('\n');
  write('apt-cache', `case "$1" in pkgnames) for each in ${Object.keys(packages).join(' ')}; do case "$each" in "$2"*) echo "$each";; esac; done;; policy) echo ' 500 x Packages';; show) shift; for each; do case "$each" in\n${cases}\nesac; done;; esac`);
  write('apt-get', `echo "$*" > "\${0%/*}/asked"; ${needed.map((each) => `echo 'Inst ${each} (1 Debian:12 [amd64])'`).join('; ') || ':'}`);
  return { PATH: `${bin}:/bin:/usr/bin` };
}

const DEBIAN = {
  rustc: 'libc6 (>= 2.34), libstd-rust-dev (= 1.63.0+dfsg1-2), gcc, libc-dev, binutils', cargo: 'libc6, libcurl3-gnutls (>= 7.28.0), zlib1g (>= 1:1.1.4), rustc (>= 1.24), binutils, gcc | clang | c-compiler',
  'libstd-rust-dev': 'libstd-rust-1.63 (= 1.63.0+dfsg1-2)', 'libstd-rust-dev-wasm32': '', 'libstd-rust-1.63': 'libc6 (>= 2.36), libgcc-s1, libllvm14', libllvm14: 'libc6', 'lld-14': 'libllvm14', 'libcurl3-gnutls': '',
};

describe.skipIf(LINUX.unmet)(`which packages${LINUX.why}`, () => {
  const find = (env: Readonly<Record<string, string>>, wanted?: string) => findRust(wanted, { env, cwd: root, platform: 'linux' });

  test("Debian's: compiler, libraries, the LLVM it is made with, that linker, and what cargo needs; no gcc", async () => {
    const found = await find(fakeApt('debian', DEBIAN, ['libcurl3-gnutls']));
    if (found instanceof WasienvError) throw found;
    expect(found).toMatchObject({ component: 'apt-rust', version: '1.63.0', llvmMajor: 14 });
    expect(found.packages.map(({ name }) => name).sort()).toEqual(['cargo', 'libcurl3-gnutls', 'libllvm14', 'libstd-rust-1.63', 'libstd-rust-dev', 'libstd-rust-dev-wasm32', 'lld-14', 'rustc']);
    expect(readFileSync(path.join(root, 'debian', 'asked'), 'utf8')).toMatch(/ install libstd-rust-1\.63 libllvm14 lld-14 libcurl3-gnutls zlib1g\n$/);
  });

  test("Ubuntu's, with the version in every name", async () => {
    const named = { 'rustc-1.80': 'libstd-rust-1.80-dev', 'cargo-1.80': 'libc6', 'libstd-rust-1.80-dev': 'libstd-rust-1.80 (= 1)', 'libstd-rust-1.80-dev-wasm32': '', 'libstd-rust-1.80': 'libllvm18 (>= 18)', libllvm18: '', 'lld-18': '' };
    const found = await find(fakeApt('ubuntu', { ...named, rustc: 'rustc-1.75', cargo: '', 'libstd-rust-dev-wasm32': '' }));
    expect(found).toMatchObject({ llvmMajor: 18, packages: [{ name: 'rustc-1.80' }, { name: 'cargo-1.80' }, { name: 'libstd-rust-1.80-dev' }, { name: 'libstd-rust-1.80-dev-wasm32' }, { name: 'libstd-rust-1.80' }, { name: 'libllvm18' }, { name: 'lld-18' }] });
  });

  test.each<readonly [name: string, packages: Readonly<Record<string, string>>, needed: readonly string[], wanted: string | undefined, error: Record<string, unknown>]>([
    ['none for WebAssembly', { 'libstd-rust-dev': '' }, [], undefined, { code: 'E_SOURCE', message: 'apt offers no whole Rust for WebAssembly on this machine', next: expect.stringContaining('rustup') }],
    ['no linker of its LLVM', Object.fromEntries(Object.entries(DEBIAN).filter(([name]) => name !== 'lld-14')), [], undefined, { where: [['rustc', 'apt has no lld-14']] }],
    ['no LLVM that is told', { ...DEBIAN, 'libstd-rust-1.63': 'libc6' }, [], undefined, { where: [['rustc', 'libstd-rust-1.63 does not say which LLVM it is made with']] }],
    ['another libc', DEBIAN, ['libc6'], undefined, { where: [['rustc', 'it wants another libc6 than this machine has']] }],
    ['another version', DEBIAN, [], '1.80', { message: expect.stringContaining('of version 1.80'), where: [['rustc', 'it is 1.63.0']] }],
  ])('%s: it is told', async (name, packages, needed, wanted, error) => expect(await find(fakeApt(name, packages, needed), wanted)).toMatchObject(error));

  test('neither beside a --rust, nor beside rust-target, nor from a mirror or another source', async () => {
    const env = { ...fakeApt('words', DEBIAN), WASIENV_HOME: path.join(root, 'words home') };
    const refused = (...args: readonly string[]) => runCli(['setup', ...args], { env });
    expect(await refused('apt-rust', '--rust', 'nightly')).toMatchObject({ code: 2, stderr: expect.stringContaining('apt brings a rustc of its own') });
    expect(await refused('rust-target', 'apt-rust')).toMatchObject({ code: 2, stderr: expect.stringContaining('E_USAGE') });
    expect(await refused('apt-rust', '--mirror', root)).toMatchObject({ code: 2, stderr: expect.stringContaining('no mirror has it') });
    expect(await refused('apt-rust', '--source', 'upstream')).toMatchObject({ code: 1, stderr: expect.stringContaining('the source upstream has no apt-rust') });
    for (const source of ['upstream', 'npm', 'apt', 'system']) expect(await refused('--mirror', root, '--source', source)).toMatchObject({ code: 2, stderr: expect.stringContaining('do not go together') });
  });
});

/** The files of a Rust's packages, unpacked, with everything below `prefix`. */
function unpackedPackages(directory: string, prefix: string, target: string): void {
  const put = (file: string): void => {
    mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    writeFileSync(path.join(directory, file), file);
  };
  for (const name of ['rustc', 'rustdoc', 'cargo', 'rust-gdb']) put(`${prefix}/bin/${name}`);
  for (const name of ['librustc_driver-0123456789abcdef.so', 'libstd-fedcba9876543210.so', 'libLLVM-14.so.1', 'libother.so']) put(`usr/lib/x86_64-linux-gnu/${name}`);
  for (const name of [target, 'wasm32-unknown-unknown', 'x86_64-unknown-linux-gnu']) put(`${prefix}/lib/rustlib/${name}/lib/libstd-0123456789abcdef.rlib`);
  put(`${prefix}/lib/rustlib/etc/gdb_lookup.py`);
  put('usr/lib/llvm-14/bin/wasm-ld');
  put('usr/share/doc/rustc/copyright');
}

describe.skipIf(UNIX.unmet)(`the tree${UNIX.why}`, () => {
  test.each([['Debian', 'usr', 'wasm32-wasi'], ['Ubuntu', 'usr/lib/rust-1.80', 'wasm32-wasip1']])('%s: the programs, their libraries, two targets, and the licences', (name, prefix, target) => {
    const [from, to] = [path.join(root, `${name} unpacked`), path.join(root, `${name} tree`)];
    mkdirSync(to);
    unpackedPackages(from, prefix, target);
    const layout = buildRustTree(from, to, 14);
    const files = listFiles(to).map((line) => line.split(' ')[0]!);
    expect(files).toEqual([
      'bin/cargo', 'bin/rustc', 'bin/rustdoc', 'bin/wasm-ld', 'libexec/bin/cargo', 'libexec/bin/rustc', 'libexec/bin/rustdoc', 'libexec/bin/wasm-ld',
      'libexec/lib/libLLVM-14.so.1', 'libexec/lib/librustc_driver-0123456789abcdef.so', 'libexec/lib/libstd-fedcba9876543210.so',
      `libexec/lib/rustlib/${target}/lib/libstd-0123456789abcdef.rlib`, 'libexec/lib/rustlib/x86_64-unknown-linux-gnu/lib/libstd-0123456789abcdef.rlib', 'share/doc/rustc/copyright',
    ].sort());
    expect(settleLayout(layout, new Set(files))).toEqual({ layout: { rustStd: 'libexec', rustc: 'bin/rustc', target }, keyFiles: ['bin/rustc', 'bin/cargo', 'bin/wasm-ld', `libexec/lib/rustlib/${target}/lib/libstd-0123456789abcdef.rlib`] });
  });

  test('packages without the library for WASI are refused', () => {
    const [from, to] = [path.join(root, 'no std'), path.join(root, 'no std tree')];
    mkdirSync(to);
    unpackedPackages(from, 'usr', 'wasm32-unknown-unknown');
    expect(() => buildRustTree(from, to, 14)).toThrowError(expect.objectContaining({ code: 'E_ARCHIVE', message: expect.stringContaining('wasm32-wasi') }));
  });
});

const offered = await findRust(undefined, { env: process.env, cwd: '/', platform: process.platform });
const { unmet, why } = need(!(offered instanceof WasienvError), String((offered as Error).message));

describe.skipIf(unmet)(`this machine's own apt${why}`, () => {
  const wasienv = (args: readonly string[], cwd = root) => runCli(args, { cwd, env: { WASIENV_HOME: path.join(root, 'a home') } });

  test('setup rust-target --source apt ends proved; rustc and cargo are its own; uninstalled, they are gone', async () => {
    const home = path.join(root, 'a home');
    const first = await wasienv(['setup', 'rust-target', '--source', 'apt', '--json']);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(first.stdout.trim().split('\n').at(-1)!)).toMatchObject({ type: 'proof', ok: true, receipt: { programs: expect.objectContaining({ length: 9 }), toolchain: { component: 'rust-target', source: 'installed', clangVersion: null } } });
    const [receipt] = [...readReceipts(home).good.values()];
    expect(receipt).toMatchObject({ component: 'apt-rust', source: 'apt', clangVersion: null, adopted: false });
    expect(schemaFaults('receipt.schema.json', receipt)).toEqual([]);
    expect(installedRust(home)).toMatchObject({ rustc: path.join(receipt!.directory, 'bin', 'rustc') });

    writeFileSync(path.join(root, 'hello.rs'), 'fn main() { println!("hello {}", std::env::args().count()); }\n');
    expect(await wasienv(['rustc', 'hello.rs'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await wasienv(['run', 'hello.wasm', 'x'])).stdout).toBe('hello 2\n');

    const project = path.join(root, 'a project');
    mkdirSync(path.join(project, 'src'), { recursive: true });
    writeFileSync(path.join(project, 'Cargo.toml'), '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n');
    writeFileSync(path.join(project, 'src/main.rs'), 'fn main() { println!("cargo ran it"); }\n#[test] fn two() { assert_eq!(1 + 1, 2); }\n');
    expect(await wasienv(['cargo', 'run', '--quiet', '--offline'], project)).toEqual({ code: 0, stdout: 'cargo ran it\n', stderr: '' });
    expect(await wasienv(['cargo', 'test', '--quiet', '--offline'], project)).toMatchObject({ code: 0, stdout: expect.stringContaining('1 passed') });
    const shown = (await wasienv(['cargo', '--show', 'build'], project)).stdout;
    for (const name of ['rustc', 'rustdoc', 'cargo', 'wasm-ld']) expect(shown).toContain(path.join(path.relative(home, receipt!.directory), 'bin', name));

    expect((await wasienv(['setup', 'apt-rust'])).stdout).toMatch(/was proved with 9 programs/);
    expect((await wasienv(['list'])).stdout).toMatch(/\* +apt-rust +\S+ +apt +\S+ MB +proved /);
    expect((await wasienv(['doctor'])).stdout).toMatch(/note +toolchain +no compiler for C and C\+\+ is installed; Rust is set up[^]*ok +Rust +.*a home.*can build for wasm32-wasi/);
    expect(await wasienv(['uninstall', 'apt-rust', '--force'])).toMatchObject({ code: 0 });
    expect(installedRust(home)).toBeNull();
    expect(readRustChoice(home)).toBeUndefined();
    expect(readCurrent(home).parts).toEqual({});
    expect(readdirSync(path.join(home, 'components', 'apt-rust'))).toEqual([]);
  });
});
