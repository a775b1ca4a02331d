// The machine's Rust: what its words mean, which target and linker follow from them, and Debian's real rustc with and
// without its library for wasm32. Every probe is a real process.
import { chmodSync, linkSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spawn } from '../../src/base/spawn.js';
import { foreignBuild, howToAddStd, noRustLinker } from '../../src/toolchain/rust/errors.js';
import { findRusts, parseToolchains, usualRustDirectories, type RustFacts, type RustSearch } from '../../src/toolchain/rust/find.js';
import { chooseLinker, type LinkerFinding } from '../../src/toolchain/rust/linker.js';
import { stdDigestsOf } from '../../src/toolchain/rust/promise.js';
import { cmdScript, findOverlay, makeOverlay, overlayDirectory, overlayProgram, shellScript } from '../../src/toolchain/rust/overlay.js';
import { chooseTarget, isBefore, isOfficialBuild, meansPreview1, parseVersion } from '../../src/toolchain/rust/target.js';
import { currentRust, readRustChoice, writeRustChoice, type RustWorld } from '../../src/toolchain/rust/use.js';
import { debianClang, type Part } from '../support/debian.js';
import { wasienvError } from '../support/toolchain.js';
import { UNIX, available } from '../support/skips.js';

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), "wasienv rust's ")));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const answer = (line: string, more: readonly string[] = []): string => [line, 'binary: rustc', ...more].join('\n');

describe('what rustc says of itself', () => {
  test.each([
    [answer('rustc 1.95.0 (59807616e 2026-04-14)', ['commit-date: 2026-04-14', 'host: x86_64-unknown-linux-gnu', 'release: 1.95.0', 'LLVM version: 22.1.2']), '1.95.0', 'stable', '2026-04-14', '22.1.2', true],
    [answer('rustc 1.97.0-nightly (a1b2c3d4e 2026-05-19)', ['commit-date: 2026-05-19', 'host: aarch64-apple-darwin', 'release: 1.97.0-nightly', 'LLVM version: 22.1.4']), '1.97.0-nightly', 'nightly', '2026-05-19', '22.1.4', true],
    [answer('rustc 1.96.0-beta.3 (aaaaaaaaa 2026-05-01)', ['commit-date: 2026-05-01', 'host: x86_64-pc-windows-msvc', 'release: 1.96.0-beta.3', 'LLVM version: 22.1'].map((line) => `${line}\r`)), '1.96.0-beta.3', 'beta', '2026-05-01', '22.1', true],
    [answer('rustc 1.63.0', ['commit-date: unknown', 'host: x86_64-unknown-linux-gnu', 'release: 1.63.0', 'LLVM version: 14.0.6']), '1.63.0', 'stable', null, '14.0.6', false],
    [answer('rustc 1.76.0 (07dca489a 2024-02-04) (built from a source tarball)', ['host: x86_64-unknown-openbsd', 'release: 1.76.0']), '1.76.0', 'stable', null, null, false],
    [answer('rustc 1.83.0 (90b35a623 2024-11-26) (Fedora 1.83.0-1.fc41)', ['host: x86_64-unknown-linux-gnu', 'release: 1.83.0', 'LLVM version: 19.1.0']), '1.83.0', 'stable', null, '19.1.0', false],
  ])('%s', (text, release, channel, commitDate, llvmVersion, official) => {
    const version = parseVersion(text)!;
    expect(version).toMatchObject({ release, channel, commitDate, llvmVersion });
    expect(isOfficialBuild(version)).toBe(official);
  });

  test('anything else is no version', () => {
    for (const text of ['', 'clang version 19.1.7', 'rustc 1.95.0 (59807616e 2026-04-14)\n']) expect(parseVersion(text)).toBeNull();
  });

  test('the toolchains of rustup', () => {
    expect(parseToolchains('stable-x86_64-unknown-linux-gnu (active, default)\nnightly-2026-05-20-x86_64-unknown-linux-gnu\nmine (override)\n')).toEqual(['stable-x86_64-unknown-linux-gnu', 'nightly-2026-05-20-x86_64-unknown-linux-gnu', 'mine']);
    expect(parseToolchains('no installed toolchains\n')).toEqual([]);
  });
});

describe('the name of the target', () => {
  test.each([
    ['1.77 and before', ['wasm32-wasi'], [], 'wasm32-wasi'],
    ['1.78 to 1.83, nothing installed', ['wasm32-wasi', 'wasm32-wasip1'], [], 'wasm32-wasip1'],
    ['1.78 to 1.83, the old one installed', ['wasm32-wasi', 'wasm32-wasip1'], ['wasm32-wasi'], 'wasm32-wasi'],
    ['1.78 to 1.83, both installed', ['wasm32-wasi', 'wasm32-wasip1'], ['wasm32-wasi', 'wasm32-wasip1'], 'wasm32-wasip1'],
    ['1.84 and after', ['wasm32-wasip1', 'wasm32-wasip2'], ['wasm32-wasip1'], 'wasm32-wasip1'],
    ['no WASI', ['wasm32-unknown-unknown'], [], null],
  ])('%s', (_, known, installed, target) => expect(chooseTarget(known, installed)).toBe(target));

  test('all that people call it, and nothing else', () => {
    for (const name of ['wasm32-wasi', 'wasm32-wasip1', 'wasm32-unknown-wasi', 'wasm32-wasi-preview1', 'wasm32-unknown-unknown-wasi']) expect(meansPreview1(name)).toBe(true);
    for (const name of ['wasm32-wasip2', 'wasm32-wasip1-threads', 'wasm32-unknown-unknown', 'x86_64-unknown-linux-gnu', 'wasm64-wasi']) expect(meansPreview1(name)).toBe(false);
  });

  test('versions are compared as numbers', () => {
    expect(['1.9.0', '1.77.2', '1.78.0-nightly', '1.78.0', '2.0.0'].map((release) => isBefore(release, [1, 78]))).toEqual([true, true, false, false, false]);
  });
});

describe('the digests that rustup goes by', () => {
  const [gz, xz, other] = ['a', 'b', 'c'].map((digit) => digit.repeat(64));
  const manifest = [
    'manifest-version = "2"', '[pkg.rust.target.wasm32-wasip1]', `hash = "${other}"`, '',
    '[pkg.rust-std.target.wasm32-wasip1-threads]', 'available = true', `hash = "${other}"`, '',
    '[pkg.rust-std.target.wasm32-wasip1]', 'available = true', 'url = "https://dist.invalid/x.tar.gz"', `hash = "${gz}"`, 'xz_url = "https://dist.invalid/x.tar.xz"', `xz_hash = "${xz}"`, '',
    '[pkg.rustc.target.x86_64-unknown-linux-gnu]', `hash = "${other}"`,
  ];
  const sri = (hex: string) => `sha256-${Buffer.from(hex, 'hex').toString('base64')}`;

  test.each([['\n'], ['\r\n']])('both packings of this target alone (lines end in %j)', (end) => expect(stdDigestsOf(manifest.join(end), 'wasm32-wasip1')).toEqual([sri(gz!), sri(xz!)]));
  test('quoted names', () => expect(stdDigestsOf(manifest.join('\n').replace('[pkg.rust-std.target.wasm32-wasip1]', '[pkg."rust-std".target."wasm32-wasip1"]'), 'wasm32-wasip1')).toEqual([sri(gz!), sri(xz!)]));
  test.each([['', 'wasm32-wasip1'], [manifest.join('\n'), 'wasm32-wasi'], [manifest.slice(0, 9).join('\n'), 'wasm32-wasip1']])('none', (text, target) => expect(stdDigestsOf(text, target)).toEqual([]));
});

describe('the linker', () => {
  const old = { release: '1.63.0', llvmVersion: '14.0.6' };
  const recent = { release: '1.90.0', llvmVersion: '20.1.8' };
  const lld = (...majors: readonly (number | null)[]): LinkerFinding[] => majors.map((major) => ({ file: `/bin/wasm-ld-${major}`, major }));
  test.each<[string, typeof old, readonly LinkerFinding[], number | string]>([
    ['the same LLVM before a newer one', old, lld(16, 14, 15), 14],
    ['the nearest newer one', old, lld(17, 16), 16],
    ['not one that refuses old libraries', old, lld(22, 19), "refuses the libraries of rustc 1.63.0: \"archive member 'lib.rmeta' is neither"],
    ['not an older one', recent, lld(19), 'older than the LLVM 20'],
    ['a newer one for a recent rustc', recent, lld(22, 19), 22],
    ['not one that does not say what it is', recent, lld(null), 'does not say that it is an LLD'],
    ['none', recent, [], ''],
  ])('%s', (_, rust, found, wanted) => {
    const choice = chooseLinker(rust, null, found);
    if (typeof wanted === 'number') expect(choice).toMatchObject({ kind: 'use', major: wanted });
    else expect(choice.kind === 'none' ? choice.why.join('\n') : choice.kind).toContain(wanted);
  });

  test('a toolchain’s own comes before any other, and needs no name', () => {
    expect(chooseLinker(old, '/t/rust-lld', lld(14))).toEqual({ kind: 'own', file: '/t/rust-lld' });
  });

  test('when none fits, the error names what was found and what to install', () => {
    const choice = chooseLinker(old, null, lld(19));
    if (choice.kind !== 'none') throw new Error('one was chosen');
    expect(noRustLinker({ ...old, host: 'x86_64-unknown-linux-gnu' } as RustFacts, choice)).toMatchObject({ code: 'E_NO_WASM_LD', where: [['wanted', 'a wasm-ld of LLVM 14'], ['found', expect.stringContaining('/bin/wasm-ld-19 is LLD 19')]], next: expect.stringContaining('apt install lld-14') });
  });
});

describe('how to add the library', () => {
  const facts = (versionLine: string, more: Partial<RustFacts> = {}): RustFacts => ({
    versionLine, release: '1.83.0', channel: 'stable', commitDate: null, host: 'x86_64-unknown-linux-gnu', llvmVersion: '19.1.0',
    sysroot: '/home/me/.rustup/toolchains/beta-x86_64-unknown-linux-gnu', known: ['wasm32-wasip1'], installed: [], target: 'wasm32-wasip1', ...more,
  });
  test.each<[string, RustFacts, string | null, string]>([
    ['rustup', facts('rustc 1.83.0 (90b35a623 2024-11-26)'), '/r/rustup', 'rustup target add wasm32-wasip1 --toolchain beta-x86_64-unknown-linux-gnu'],
    ['rust-lang.org’s own build', facts('rustc 1.83.0 (90b35a623 2024-11-26)'), null, 'run `wasienv setup rust-target`'],
    ['Debian', facts('rustc 1.83.0'), null, 'apt install libstd-rust-dev-wasm32'],
    ['Fedora', facts('rustc 1.83.0 (90b35a623 2024-11-26) (Fedora 1.83.0-1.fc41)'), null, 'dnf install rust-std-static-wasm32-wasip1'],
    ['Arch', facts('rustc 1.83.0 (90b35a623 2024-11-26) (Arch Linux rust 1:1.83.0-1)'), null, 'pacman -S rust-wasm'],
    ['Homebrew', facts('rustc 1.83.0 (90b35a623 2024-11-26) (Homebrew)', { host: 'aarch64-apple-darwin' }), null, 'brew install rustup'],
    ['another packager on a Mac', facts('rustc 1.83.0 (built from a source tarball)', { host: 'aarch64-apple-darwin' }), null, 'install the library that belongs to this rustc, or use a rustc of rustup'],
    ['no WASI at all', facts('rustc 1.20.0', { known: [], target: null }), null, 'Rust 1.56 or newer'],
  ])('%s', (_, each, rustup, wanted) => expect(howToAddStd({ rustup }, each)).toContain(wanted));

  test('a packager’s build is told why rust-lang.org’s library is no use to it', () => {
    const each = facts('rustc 1.83.0 (90b35a623 2024-11-26) (Homebrew)');
    const finding = { rustc: '/brew/rustc', foundIn: 'PATH', isFirstOnPath: true, rustup: null, toolchain: null, answer: each };
    expect(foreignBuild(finding, each)).toMatchObject({ code: 'E_NO_RUST_STD', message: expect.stringContaining('(Homebrew) is a packager’s own build'.replace('’', "'")), next: expect.stringContaining('brew install rustup') });
  });
});

test('the usual places are those of packagers', () => {
  expect(usualRustDirectories('linux')).toEqual(expect.arrayContaining(['/usr/bin', '/opt/homebrew/bin', '/opt/homebrew/opt/rustup/bin']));
  expect(usualRustDirectories('win32')).toEqual([]);
});

/** Looks only where the test says. */
const search = (env: Readonly<Record<string, string>>, more: Partial<RustSearch> = {}): RustSearch => ({ env, platform: process.platform, cwd: root, directories: [], ...more });

describe.skipIf(UNIX.unmet)(`small programs that answer like rustc and rustup${UNIX.why}`, () => {
  function program(name: string, body: string): string {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${body}\n`);
    chmodSync(file, 0o755);
    return file;
  }
  const RUSTUP = `tc=stable
case $1 in +*) tc=\${1#+}; shift;; esac
[ "$tc" = stable ] || [ "$tc" = nightly ] || { echo "error: toolchain '$tc' is not installed" >&2; exit 1; }
[ "$RUSTUP_AUTO_INSTALL" = 0 ] || { echo 'it was allowed to install' >&2; exit 9; }
case $1 in
-vV) printf 'rustc 1.95.0 (59807616e 2026-04-14)\\nhost: x86_64-unknown-linux-gnu\\nrelease: 1.95.0\\nLLVM version: 22.1.2\\n';;
*) printf '%s\\nwasm32-wasip1\\nwasm32-wasip2\\n' "$HOME/toolchains/$tc";;
esac`;

  test('rustup’s proxy is known by its link, and answers for the toolchain asked for', async () => {
    for (const [name, link] of [['symbolic', symlinkSync], ['hard', linkSync]] as const) {
      const rustup = program(`${name}/bin/rustup`, RUSTUP);
      link(rustup, path.join(root, name, 'bin', 'rustc'));
      mkdirSync(path.join(root, name, 'toolchains', 'nightly', 'lib', 'rustlib', 'wasm32-wasip1', 'lib'), { recursive: true });
      writeFileSync(path.join(root, name, 'toolchains', 'nightly', 'lib', 'rustlib', 'wasm32-wasip1', 'lib', 'libstd-1.rlib'), '');
      const env = { PATH: path.join(root, name, 'bin'), HOME: path.join(root, name) };
      const [stable] = await findRusts(search(env));
      expect(stable).toMatchObject({ rustup, toolchain: null, isFirstOnPath: true, answer: { known: ['wasm32-wasip1'], installed: [], target: 'wasm32-wasip1' } });
      const [nightly] = await findRusts(search(env, { toolchain: 'nightly' }));
      expect(nightly).toMatchObject({ toolchain: 'nightly', answer: { installed: ['wasm32-wasip1'] } });
      const world: RustWorld = { home: path.join(root, 'home'), env, platform: process.platform, cwd: root, directories: [] };
      expect(await wasienvError(currentRust(world))).toMatchObject({ code: 'E_NO_RUST_STD', next: expect.stringContaining('rustup target add wasm32-wasip1 --toolchain stable') });
      expect(await wasienvError(currentRust({ ...world, toolchain: 'beta' }))).toMatchObject({ code: 'E_NO_RUST', where: [['rustc', expect.stringContaining("error: toolchain 'beta' is not installed")]], next: expect.stringContaining('rustup toolchain install beta') });
    }
  });

  test('a rustc that fails, one that is something else, and none at all', async () => {
    const broken = program('broken/rustc', 'echo oops >&2; exit 3');
    const other = program('other/rustc', 'echo hello');
    const findings = await findRusts(search({ PATH: [broken, other].map((file) => path.dirname(file)).join(':') }));
    expect(findings.map(({ answer: each }) => ('refused' in each ? each.refused : 'usable'))).toEqual(['`rustc -vV` fails: oops', '`rustc -vV` gives an answer that is not understood']);
    const world: RustWorld = { home: root, env: { PATH: path.dirname(broken) }, platform: process.platform, cwd: root, directories: [] };
    expect(await wasienvError(currentRust(world))).toMatchObject({ code: 'E_NO_RUST', message: 'no rustc of this machine can be used' });
    expect(await wasienvError(currentRust({ ...world, env: { PATH: '' } }))).toMatchObject({ code: 'E_NO_RUST', message: 'this machine has no rustc', next: expect.stringContaining('rustup') });
    expect(await wasienvError(currentRust({ ...world, toolchain: 'nightly' }))).toMatchObject({ code: 'E_NO_RUST', message: expect.stringContaining('no rustup here') });
  });

  test('RUSTC comes before PATH, and PATH before CARGO_HOME', async () => {
    for (const name of ['named/rustc', 'onpath/rustc', 'cargo-home/bin/rustc']) program(name, 'exit 1');
    const found = await findRusts(search({ RUSTC: path.join(root, 'named/rustc'), PATH: path.join(root, 'onpath'), CARGO_HOME: path.join(root, 'cargo-home') }));
    expect(found.map(({ foundIn, isFirstOnPath }) => [foundIn, isFirstOnPath])).toEqual([['RUSTC', false], ['PATH', true], ['CARGO_HOME', false]]);
  });

  test('the script of an overlay names the sysroot once, whatever is in its path', async () => {
    const show = program('show', 'for each; do printf "<%s>" "$each"; done');
    const script = program("it's $HOME `x`", shellScript(show, '/a b/$c\'s'));
    const run = async (...args: readonly string[]) => (await spawn(script, args, { env: { PATH: '/bin:/usr/bin' } })).stdout;
    expect(await run('a b', '')).toBe("<--sysroot></a b/$c's><a b><>");
    expect(await run('--sysroot=/mine', 'x')).toBe('<--sysroot=/mine><x>');
    expect(await run('--sysroot', '/mine')).toBe('<--sysroot></mine>');
  });
});

test('on Windows the script is cmd’s', () => {
  expect(cmdScript('C:\\Rust 100%\\rustc.exe', 'D:\\it is\\here')).toBe('@rem made by wasienv: this rustc with a standard library for WASI\r\n@"C:\\Rust 100%%\\rustc.exe" --sysroot "D:\\it is\\here" %*\r\n');
});

test('what setup was told is remembered; anything else counts as nothing', async () => {
  const home = path.join(root, 'choice');
  expect(readRustChoice(home)).toBeUndefined();
  await writeRustChoice(home, { schema: 1, rustc: null, toolchain: 'nightly', ours: false, setUpAt: '2026-11-23T00:00:00.000Z' });
  expect(readRustChoice(home)).toEqual({ schema: 1, rustc: null, toolchain: 'nightly', ours: false, setUpAt: '2026-11-23T00:00:00.000Z' });
  writeFileSync(path.join(home, 'rust', 'choice.json'), 'not JSON');
  expect(readRustChoice(home)).toBeUndefined();
});

const whole = debianClang(['rust', 'rust-std', 'lld']);

describe.skipIf('missing' in whole)(`Debian’s rustc${available(whole).why}`, () => {
  const get = (parts: readonly Part[]) => {
    const tree = debianClang(parts);
    if ('missing' in tree) throw new Error(tree.missing);
    return tree;
  };
  const world = (parts: readonly Part[], more: Partial<RustWorld> = {}): RustWorld => ({ home: path.join(root, 'home'), env: get(parts).env, platform: process.platform, cwd: root, directories: [], ...more });

  test('with its library and lld is ready', async () => {
    const { root: tree } = get(['rust', 'rust-std', 'lld']);
    expect(await currentRust(world(['rust', 'rust-std', 'lld']))).toMatchObject({
      finding: { rustc: `${tree}/usr/bin/rustc`, rustup: null },
      facts: { release: '1.63.0', channel: 'stable', llvmVersion: expect.stringMatching(/^14\./), sysroot: `${tree}/usr`, known: ['wasm32-wasi'], installed: ['wasm32-wasi'] },
      target: 'wasm32-wasi', overlay: null, linker: { kind: 'use', major: 14 }, cargo: null,
    });
  });

  test('without the library the error has the package', async () => {
    expect(await wasienvError(currentRust(world(['rust', 'lld'])))).toMatchObject({ code: 'E_NO_RUST_STD', message: 'rustc 1.63.0 has no standard library for wasm32-wasi', next: expect.stringContaining('apt install libstd-rust-dev-wasm32') });
  });

  test('without lld it is ready all but for linking', async () => {
    expect((await currentRust(world(['rust', 'rust-std']))).linker).toEqual({ kind: 'none', why: [], wantedMajor: 14 });
  });

  test('an overlay gives it a library, and nothing is written where it came from', async () => {
    const bare = get(['rust', 'lld']);
    const home = path.join(root, 'a home with an overlay');
    const listing = () => readdirSync(bare.root, { recursive: true, encoding: 'utf8' }).sort().map((name) => `${name} ${statSync(path.join(bare.root, name), { throwIfNoEntry: false })?.mtimeMs}`);
    const before = listing();
    const [finding] = await findRusts(search(bare.env));
    if (finding === undefined || 'refused' in finding.answer) throw new Error('not usable');
    const facts = finding.answer;
    expect(findOverlay(home, facts, 'wasm32-wasi')).toBeNull();
    const parts = { home, rustc: finding.rustc, rust: facts, target: 'wasm32-wasi', std: path.join(get(['rust', 'rust-std', 'lld']).root, 'usr'), platform: process.platform };
    const overlay = await makeOverlay(parts);
    // Again, as a repair would.
    expect(await makeOverlay(parts)).toBe(overlay);
    expect(readdirSync(path.dirname(overlay))).toEqual([path.basename(overlay)]);
    expect(overlay).toBe(overlayDirectory(home, facts));
    expect(overlayDirectory(home, { ...facts, versionLine: 'rustc 1.64.0' })).not.toBe(overlay);

    const rust = await currentRust(world(['rust', 'lld'], { home }));
    expect(rust).toMatchObject({ overlay, target: 'wasm32-wasi' });
    writeFileSync(path.join(root, 'a.rs'), 'fn main() {}\n');
    const rustc = overlayProgram(overlay, 'rustc', process.platform)!;
    if (rust.linker.kind !== 'use') throw new Error('no linker');
    const options = { cwd: root, env: bare.env };
    expect(await spawn(rustc, ['--target', 'wasm32-wasi', '-C', `linker=${rust.linker.file}`, 'a.rs'], options)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(statSync(path.join(root, 'a.wasm')).size).toBeGreaterThan(1000);
    // For the host, as build scripts and procedural macros are compiled.
    expect(await spawn(rustc, ['--emit=obj', 'a.rs'], options)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(listing()).toEqual(before);
  });
});
