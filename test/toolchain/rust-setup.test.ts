// `setup rust-target` from the command line: rustup's own `target add` against a loopback server, and for a rustc
// without rustup the archive over loopback, verified, laid over the rustc and proved. The rustc is Debian's, the
// library Debian's in rust-lang.org's packing.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ArchiveFormat } from '../../src/toolchain/types.js';
import { debianClang, type DebianClang } from '../support/debian.js';
import { startRegistry, type Registry } from '../support/registry.js';
import { makeRustupHome, rustStdArchive, rustTargetManifest, RUST, STD_NAME, STD_NAME_XZ, TARGET } from '../support/rust-std.js';
import { runCli, type CliResult } from '../support/cli.js';
import { available, need } from '../support/skips.js';

const found = debianClang(['rust', 'lld', 'cargo']);
const withStd = debianClang(['rust', 'rust-std', 'lld']);
const xz = need(spawnSync('xz', ['--version']).error === undefined, 'there is no xz on PATH');

describe.skipIf('missing' in found || 'missing' in withStd)(`a rustc without the library${available(found).why || available(withStd).why}`, () => {
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

  test.skipIf(xz.unmet)(`gets it from a .tar.xz just as well, and says so when the manifest names the wrong packing${xz.why}`, async () => {
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

  test('--offline: what would be fetched is named and nobody is asked; from downloads/, a mirror on disk and a bundle it is had', async () => {
    const asked = server.requests.length;
    const home = (name: string) => ({ WASIENV_HOME: path.join(root, `offline ${name}`) });
    const offline = ['setup', 'rust-target', '--offline', '--no-prove'];
    const refused = await wasienv(offline, home('by hand'));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error\[E_OFFLINE\]: rust-target 1\.63\.0 would have to be downloaded, and --offline forbids it/) });
    expect(refused.stderr).toContain(`put the file into ${path.join(root, 'offline by hand', 'downloads')} as ${STD_NAME}`);

    mkdirSync(path.join(root, 'offline by hand', 'downloads'), { recursive: true });
    writeFileSync(path.join(root, 'offline by hand', 'downloads', STD_NAME), archive);
    expect(await wasienv(offline, home('by hand'))).toMatchObject({ code: 0, stderr: '' });
    expect(await wasienv(['rustc', 'hello.rs', '-o', 'offline.wasm'], home('by hand'))).toEqual({ code: 0, stdout: '', stderr: '' });
    // What is installed needs nothing of it.
    expect(await wasienv(offline, home('by hand'))).toMatchObject({ code: 0, stderr: '' });

    const mirror = path.join(root, 'a mirror');
    const { host, pathname } = new URL(`${server.url}dist/${STD_NAME}`);
    const file = path.join(mirror, host.replace(':', '+'), pathname);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, archive);
    expect(await wasienv([...offline, '--mirror', mirror], home('by mirror'))).toMatchObject({ code: 0, stderr: '' });

    const bundle = path.join(root, 'rust.bundle');
    expect(await wasienv(['pack', `rust-target@${RUST}`, '-o', bundle], home('by hand'))).toMatchObject({ code: 0 });
    const afterPack = server.requests.length;
    expect(await wasienv(['setup', 'rust-target', '--bundle', bundle, '--no-prove'], home('by bundle'))).toMatchObject({ code: 0, stderr: '' });
    expect(await wasienv(['rustc', 'hello.rs', '-o', 'bundled.wasm'], home('by bundle'))).toEqual({ code: 0, stdout: '', stderr: '' });
    expect([asked, server.requests.length]).toEqual([asked, afterPack]);
  });

  /** A project that wants the library, with its lock. */
  async function lockedProject(name: string, spoil: (text: string) => string = (text) => text): Promise<string> {
    const project = path.join(root, name);
    mkdirSync(project);
    writeFileSync(path.join(project, 'wasienv.json'), JSON.stringify({ schema: 1, components: { 'rust-target': RUST } }));
    expect(await wasienv(['lock'], {}, project)).toMatchObject({ code: 0 });
    const lock = path.join(project, 'wasienv.lock');
    writeFileSync(lock, spoil(readFileSync(lock, 'utf8')));
    return project;
  }
  const otherDigest = (text: string): string => text.replace(/"sha256-."?/, (found) => (found.endsWith('A') ? '"sha256-B' : '"sha256-A'));

  test('--locked: exactly the archive of the lock, or an error', async () => {
    const project = await lockedProject('locked project');
    const env = { WASIENV_HOME: path.join(root, 'locked home') };
    expect(await wasienv(['setup', '--locked', '--no-prove'], env, project)).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(path.join(root, 'locked home', 'receipts')).length).toBe(1);
    const contradicted = await lockedProject('contradicted project', otherDigest);
    expect(await wasienv(['setup', '--locked', '--no-prove'], { WASIENV_HOME: path.join(root, 'contradicted home') }, contradicted)).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error\[E_PROJECT_LOCK\]: the manifests of this wasienv contradict wasienv\.lock about rust-target/) });
  });

  test('--locked: a packager’s rustc with its own library promises nothing', async () => {
    const project = await lockedProject('project of a packager');
    const { env } = withStd as DebianClang;
    expect(await wasienv(['setup', '--locked', '--no-prove'], { ...env, HOME: root, WASIENV_HOME: path.join(root, 'packager home') }, project))
      .toMatchObject({ code: 1, stderr: expect.stringMatching(/^error\[E_PROJECT_LOCK\]: the library of rustc 1\.63\.0 for wasm32-wasi cannot be compared with what wasienv\.lock promises/) });
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
  describe.skipIf(rustup === null)(`with rustup${need(rustup !== null, 'there is no rustup on PATH').why}`, () => {
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

    test('--offline does not start it, and says what it would have done', async () => {
      const asked = server.requests.length;
      expect(await wasienv(['setup', 'rust-target', '--offline', '--no-prove'], env())).toMatchObject({
        code: 1, stderr: expect.stringMatching(new RegExp(`^error\\[E_OFFLINE\\]: the library of rustc ${RUST} for WASI would have to be downloaded by rustup[^]*rustup target add ${TARGET} --toolchain ${toolchain}[^]*wasienv pack rust-target@VERSION`)),
      });
      expect(server.requests.length).toBe(asked);
    });

    test('--locked does not let it fetch another library than the lock promises', async () => {
      const project = await lockedProject('project of rustup');
      const manifest = path.join(root, 'rustup/toolchains', toolchain, 'lib/rustlib/multirust-channel-manifest.toml');
      const text = readFileSync(manifest, 'utf8');
      const asked = server.requests.length;
      // The lock names the source upstream, which is the archive; `auto` would leave it to rustup.
      const locked = (): Promise<CliResult> => wasienv(['setup', '--locked', '--source', 'auto', '--no-prove'], env(), project);
      try {
        writeFileSync(manifest, text.replace(/(\[pkg\.rust-std\.target[^]*?hash = ")./, (_found, before: string) => `${before}${text.includes(`${before}0`) ? '1' : '0'}`));
        expect(await locked()).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error\[E_PROJECT_LOCK\]: the library of rustc 1\.63\.0 for wasm32-wasi is another one than wasienv\.lock promises[^]*rustup +sha256-/) });
        rmSync(manifest);
        expect(await locked()).toMatchObject({ code: 1, stderr: expect.stringMatching(/cannot be compared[^]*rustup update/) });
      } finally {
        writeFileSync(manifest, text);
      }
      expect(server.requests.length).toBe(asked);
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

    test('--locked and --offline: what it has added is what the lock promises, and nothing is asked for', async () => {
      const asked = server.requests.length;
      const project = await lockedProject('project with all there');
      expect(await wasienv(['setup', '--locked', '--offline', '--no-prove'], env(), project)).toMatchObject({ code: 0, stderr: '' });
      const other = await lockedProject('project of another library', otherDigest);
      expect(await wasienv(['setup', '--locked', '--offline', '--no-prove'], env(), other)).toMatchObject({ code: 1, stderr: expect.stringContaining('error[E_PROJECT_LOCK]') });
      expect(server.requests.length).toBe(asked);
    });
  });
});
