// `setup rust-target` from the command line: rustup's own `target add` against a loopback server, and for a rustc
// without rustup the archive over loopback, verified, laid over the rustc and proved. The rustc is Debian's, the
// library Debian's in rust-lang.org's packing.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ArchiveFormat } from '../../src/toolchain/types.js';
import { debianClang, type DebianClang } from '../support/debian.js';
import { startRegistry, type Registry } from '../support/registry.js';
import { makeRustupHome, rustStdArchive, rustTargetManifest, RUST, STD_NAME, STD_NAME_XZ, TARGET } from '../support/rust-std.js';
import { runCli, type CliResult } from '../support/cli.js';

const found = debianClang(['rust', 'lld', 'cargo']);
const withStd = debianClang(['rust', 'rust-std', 'lld']);
const hasXz = (): boolean => {
  const missing = spawnSync('xz', ['--version']).error !== undefined;
  if (missing) console.warn('no xz on PATH: the test with a .tar.xz is skipped');
  return !missing;
};
if ('missing' in found) console.warn(`tests with Debian's Rust are skipped: ${found.missing}`);

describe.skipIf('missing' in found || 'missing' in withStd)('a rustc without the library', () => {
  const bare = found as DebianClang;
  let root: string;
  let server: Registry;
  let archive: Buffer;
  let manifests: string;

  beforeAll(async () => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), "wasienv rust's setup ")));
    archive = rustStdArchive((withStd as DebianClang).root);
    server = await startRegistry(new Map([[STD_NAME, archive]]));
    manifests = manifestFor(archive, 'manifests');
    writeFileSync(path.join(root, 'hello.rs'), 'fn main() { println!("hello {}", std::env::args().count()); }\n');
  });
  afterAll(async () => {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });

  function manifestFor(bytes: Uint8Array, name: string): string {
    const directory = path.join(root, name);
    mkdirSync(directory, { recursive: true });
    writeFileSync(path.join(directory, 'rust-target.json'), rustTargetManifest(`${server.url}dist/${STD_NAME}`, bytes));
    return directory;
  }
  const wasienv = (args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = root): Promise<CliResult> =>
    runCli(args, { cwd, env: { ...bare.env, HOME: root, CARGO_HOME: path.join(root, 'cargo'), WASIENV_HOME: path.join(root, 'a home'), WASIENV_MANIFESTS: manifests, ...env } });
  const listing = (): string[] => readdirSync(bare.root, { recursive: true, encoding: 'utf8' }).sort().map((name) => `${name} ${statSync(path.join(bare.root, name), { throwIfNoEntry: false })?.mtimeMs}`);

  test('gets it from the archive, is proved, and stays as it was', async () => {
    const before = listing();
    expect(await wasienv(['rustc', 'hello.rs'])).toMatchObject({ code: 1, stderr: expect.stringContaining(`E_NO_RUST_STD]: rustc ${RUST} has no standard library for ${TARGET}`) });
    const planned = await wasienv(['setup', 'rust-target', '--dry-run']);
    expect(planned).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(new RegExp(`install +rust-target ${RUST} from upstream[^]*rust +rustc ${RUST}`)) });

    const done = await wasienv(['setup', 'rust-target', '--json']);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    const events = done.stdout.trim().split('\n').map((line) => JSON.parse(line) as { type: string; component?: string; phase?: string; ok?: boolean; receipt?: { toolchain: unknown; programs: { language: string }[] } });
    expect(events.filter(({ type }) => type === 'step-end').map(({ component, phase }) => `${component} ${phase}`)).toEqual(['download', 'verify', 'unpack', 'check', 'commit', 'adopt'].map((phase) => `rust-target ${phase}`));
    const proof = events.at(-1)!;
    expect(proof).toMatchObject({ type: 'proof', ok: true, receipt: { toolchain: { component: 'rust-target', version: RUST, source: 'installed', clangVersion: null, rustcVersion: `rustc ${RUST}`, target: TARGET } } });
    expect(new Set(proof.receipt!.programs.map(({ language }) => language))).toEqual(new Set(['rust']));

    expect(await wasienv(['rustc', '-O', 'hello.rs'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await wasienv(['run', 'hello.wasm', 'x'])).stdout).toBe('hello 2\n');
    expect((await wasienv(['setup', 'rust-target'])).stdout).toMatch(/was proved with \d+ programs/);
    // With no C compiler in this home there is nothing else to look at.
    expect((await wasienv(['doctor'])).stdout).toMatch(/ok +proof of Rust +\d+ programs passed/);
    expect(listing()).toEqual(before);
  });

  test('cargo builds with it: the target and, for the host, build scripts', async () => {
    const project = path.join(root, 'a project');
    mkdirSync(path.join(project, 'src'), { recursive: true });
    writeFileSync(path.join(project, 'Cargo.toml'), '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\nbuild = "build.rs"\n');
    writeFileSync(path.join(project, 'build.rs'), 'fn main() { println!("cargo:rustc-env=BUILT_FOR={}", std::env::var("TARGET").unwrap()); }\n');
    writeFileSync(path.join(project, 'src/main.rs'), 'fn main() { println!("{}", env!("BUILT_FOR")); }\n');
    // Build scripts are linked by the C compiler of the machine.
    const env = { PATH: `${bare.env['PATH']}:${process.env['PATH']}`, RUSTC: `${bare.root}/usr/bin/rustc` };
    expect(await wasienv(['cargo', 'run', '--quiet', '--offline'], env, project)).toEqual({ code: 0, stdout: `${TARGET}\n`, stderr: '' });
  });

  test.skipIf(!hasXz())('gets it from a .tar.xz just as well, and says so when the manifest names the wrong packing', async () => {
    const packed = rustStdArchive((withStd as DebianClang).root, { format: 'tar.xz' });
    server.files = new Map([[STD_NAME_XZ, packed]]);
    const directory = (format: ArchiveFormat): string => {
      const at = path.join(root, `manifests of ${format}`);
      mkdirSync(at);
      writeFileSync(path.join(at, 'rust-target.json'), rustTargetManifest(`${server.url}dist/${STD_NAME_XZ}`, packed, format));
      return at;
    };
    const env = { WASIENV_HOME: path.join(root, 'xz home') };
    const refused = await wasienv(['setup', 'rust-target', '--no-prove'], { ...env, WASIENV_MANIFESTS: directory('tar.gz') });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/error\[E_ARCHIVE\].*the manifest says tar\.gz, and it is a tar\.xz/) });
    expect(await wasienv(['setup', 'rust-target', '--no-prove'], { ...env, WASIENV_MANIFESTS: directory('tar.xz') })).toMatchObject({ code: 0, stderr: '' });
    expect(await wasienv(['rustc', '-O', 'hello.rs', '-o', 'by-xz.wasm'], env)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await wasienv(['run', 'by-xz.wasm'])).stdout).toBe('hello 1\n');
    // The same files, whichever packing brought them.
    const std = (home: string): string => path.join(root, home, 'components/rust-target');
    const listed = (home: string): string[] => readdirSync(path.join(std(home), readdirSync(std(home))[0]!), { recursive: true, encoding: 'utf8' }).sort();
    expect(listed('xz home')).toEqual(listed('a home'));
    server.files = new Map([[STD_NAME, archive]]);
  });

  test('a library of another build is not taken, and rustc says why', async () => {
    const other = rustStdArchive((withStd as DebianClang).root, { otherBuild: true });
    server.files = new Map([[STD_NAME, other]]);
    const env = { WASIENV_HOME: path.join(root, 'other home'), WASIENV_MANIFESTS: manifestFor(other, 'other manifests') };
    const result = await wasienv(['setup', 'rust-target'], env);
    expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(/error\[E_NO_RUST_STD\]: rustc 1\.63\.0 does not accept the library[^]*E0514[^]*apt install libstd-rust-dev-wasm32/) });
    expect(readdirSync(path.join(root, 'other home', 'rust')).filter((name) => name.startsWith('sysroot'))).toEqual([]);
    server.files = new Map([[STD_NAME, archive]]);
  });

  test('bytes that do not match the manifest are not laid over anything', async () => {
    server.fault = { kind: 'wrong-bytes' };
    const home = path.join(root, 'wrong home');
    expect(await wasienv(['setup', 'rust-target'], { WASIENV_HOME: home })).toMatchObject({ code: 1, stderr: expect.stringContaining('error[E_DIGEST]') });
    expect(readdirSync(home)).not.toContain('rust');
    server.fault = { kind: 'ok' };
  });

  test('rust-lang.org’s library is not fetched for a packager’s build', async () => {
    const asked = server.requests.length;
    const { stderr } = await wasienv(['setup', 'rust-target'], { WASIENV_MANIFESTS: '' });
    expect(stderr).toMatch(/E_NO_RUST_STD\]: rustc 1\.63\.0 is a packager's own build[^]*apt install libstd-rust-dev-wasm32/);
    expect(server.requests.length).toBe(asked);
  });

  test('a version that is not this rustc’s, and a rustc that is not one', async () => {
    expect(await wasienv(['setup', 'rust-target@1.80.0'])).toMatchObject({ code: 1, stderr: expect.stringContaining('E_UNKNOWN_VERSION') });
    expect(await wasienv(['setup', '--rust', './hello.rs'])).toMatchObject({ code: 1, stderr: expect.stringContaining('is not a usable rustc') });
    expect(await wasienv(['setup', 'rust-target', '--rust', 'nightly'])).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no rustup here') });
  });

  const rustup = ((): string | null => {
    try {
      return execFileSync('sh', ['-c', 'command -v rustup'], { encoding: 'utf8' }).trim();
    } catch {
      return null;
    }
  })();
  if (rustup === null) console.warn('no rustup on PATH: the tests with it are skipped');

  describe.skipIf(rustup === null)('with rustup', () => {
    const env = () => ({ ...bare.env, PATH: path.dirname(rustup!), RUSTUP_HOME: path.join(root, 'rustup'), RUSTUP_DIST_SERVER: server.url.replace(/\/$/, ''), WASIENV_HOME: path.join(root, 'rustup home') });
    let toolchain: string;
    beforeAll(() => {
      const host = /host: (.+)/.exec(execFileSync(path.join(bare.root, 'usr/bin/rustc'), ['-vV'], { env: bare.env, encoding: 'utf8' }))![1]!;
      toolchain = makeRustupHome(path.join(root, 'rustup'), bare.root, host, `${server.url}dist/${STD_NAME}`, archive);
    });

    test('what it says when it cannot is passed on', async () => {
      server.fault = { kind: 'status', status: 404 };
      const result = await wasienv(['setup', 'rust-target'], env());
      expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(new RegExp(`E_SOURCE\\]: rustup could not add the target[^]*rustup target add ${TARGET} --toolchain ${toolchain}[^]*could not download|E_SOURCE\\]: rustup`)) });
      server.fault = { kind: 'ok' };
    });

    test('it adds the target itself, and is told which', async () => {
      expect(await wasienv(['setup', 'rust-target', '--dry-run'], env())).toMatchObject({ code: 0, stdout: `rust     rustc ${RUST} is rustup's: rustup target add ${TARGET} --toolchain ${toolchain}\n` });
      const asked = server.requests.length;
      const result = await wasienv(['setup', 'rust-target', '--no-prove'], env());
      expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/running .*rustup target add wasm32-wasi[^]*can compile for wasm32-wasi; not proved/) });
      expect(server.requests.slice(asked).map(({ url }) => url)).toEqual([expect.stringContaining(STD_NAME)]);
      expect(readdirSync(path.join(root, 'rustup home'), { recursive: true })).not.toContain('components');
      expect(await wasienv(['rustc', `+${toolchain}`, 'hello.rs', '-o', 'by-rustup.wasm'], env())).toEqual({ code: 0, stdout: '', stderr: '' });
      expect((await wasienv(['run', 'by-rustup.wasm'], env())).stdout).toBe('hello 1\n');
    });
  });
});
