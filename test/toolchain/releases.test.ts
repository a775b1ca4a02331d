// wasi-sdk in the layouts of nine releases, through the real sources: each is set up from upstream, used by cc, c++ and
// rustc, run, uninstalled, and set up again from a mirror. What they are made of is told in support/mirror.ts. Three are
// proved with every program, the others with hello in three languages.
import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { proveToolchain, readProof } from '../../src/proof/index.js';
import { currentToolchain, planSetup, readReceipts, runPlan, type SetupRequest, type Toolchain } from '../../src/toolchain/index.js';
import { mirrorPath } from '../../src/toolchain/sources/mirror.js';
import { ROOT, runCli } from '../support/cli.js';
import { debianClang } from '../support/debian.js';
import { schemaFaults } from '../support/json-schema.js';
import { DEBIAN_LACKS, DEBIAN_MAJOR, SDKS, sdkMirror, serveDirectory, shippedRow, whyNoMirror, type SdkMirror } from '../support/mirror.js';
import { need } from '../support/skips.js';

const missing = whyNoMirror();
const PROVED = new Set(['12.0', '20.0', '33.0']);

describe.skipIf(missing !== null)(`releases${need(missing === null, missing!).why}`, () => {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), "wasienv release's $HOME-")));
  const home = path.join(root, 'home');
  let mirror: SdkMirror;
  let server: Awaited<ReturnType<typeof serveDirectory>>;
  /** Manifests whose rows lead to the loopback server, and those with the real addresses. */
  const served = path.join(root, 'served-manifests');
  const real = path.join(root, 'real-manifests');
  const env = { PATH: process.env['PATH'] ?? '', HOME: path.join(root, 'user'), npm_config_globalconfig: path.join(root, 'none') };

  beforeAll(async () => {
    mirror = sdkMirror([...SDKS.map((version) => ['wasi-sdk', version] as const), ['wasi-sysroot', '12.0'], ['wasi-sysroot', '33.0'], ['builtins', '12.0'], ['builtins', '33.0']]);
    server = await serveDirectory(mirror.directory);
    await mirror.writeManifests(real);
    await mirror.writeManifests(served, (location) => location.replace('https://', `${server.url}/`));
    mkdirSync(env.HOME);
  });
  afterAll(async () => {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });

  const setup = async (request: Partial<SetupRequest>, manifests: string): Promise<Toolchain | null> => {
    const context = { home, env: { ...env, WASIENV_MANIFESTS: manifests }, cwd: root, platform: process.platform, now: Date.now, emit: () => undefined };
    return (await runPlan(await planSetup({ source: 'auto', refetch: false, ...request }, context), context)).toolchain;
  };

  // Debian's rustc brings no linker of its own: it takes the release's. From LLVM 18 on those refuse its libraries, and
  // then it takes Debian's lld.
  const rustOf = (version: string) => debianClang(DEBIAN_MAJOR[version]! < 18 ? ['rust', 'rust-std'] : ['rust', 'rust-std', 'lld']);
  const cli = (args: readonly string[], cwd: string) => runCli(args, { cwd, env: { ...env, WASIENV_HOME: home } });
  const components = (version: string) => [{ name: 'wasi-sdk' as const, wanted: version }];

  test.each(SDKS)('wasi-sdk %s: set up from upstream, compiles C, C++ and Rust, the programs run; uninstalled, and set up from a mirror', async (version) => {
    const toolchain = (await setup({ components: components(version) }, served))!;
    expect(toolchain).toMatchObject({ component: 'wasi-sdk', version, source: 'upstream', clangVersion: shippedRow('wasi-sdk', version)['clangVersion'] });
    expect(await currentToolchain(home)).toEqual(toolchain);

    const receipt = JSON.parse(readFileSync(toolchain.receiptFile, 'utf8'));
    expect(schemaFaults('receipt.schema.json', receipt)).toEqual([]);
    expect(receipt).toMatchObject({ component: 'wasi-sdk', version, digest: receipt.artifact.integrity, artifact: { witnesses: ['test'] }, adopted: false });
    expect(receipt.keyFiles).toContain('bin/clang++');
    for (const file of receipt.keyFiles) expect(existsSync(path.join(toolchain.rootDir, file))).toBe(true);

    const cwd = mkdtempSync(path.join(root, 'work '));
    // The old name, the new one and the long one all lead to this release's own.
    expect(await cli(['cc', '-O1', '--target=wasm32-unknown-wasi', path.join(ROOT, 'examples/first.c'), '-o', 'c.wasm'], cwd)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await cli(['c++', '--target=wasm32-wasip1', path.join(ROOT, 'examples/first.cc'), '-o', 'cc.wasm'], cwd)).toEqual({ code: 0, stdout: '', stderr: '' });
    const modules = ['c.wasm', 'cc.wasm'];
    const rust = rustOf(version);
    if ('missing' in rust) console.warn(`rustc is not tested here: ${rust.missing}`);
    else {
      const options = { cwd, env: { ...rust.env, HOME: env.HOME, WASIENV_HOME: home } };
      const { stdout } = await runCli(['rustc', '--show', path.join(ROOT, 'examples/first.rs')], options);
      // One of the machine's own, or of a release installed before, may be nearer to rustc's LLVM, 14, than one of 16.
      if (DEBIAN_MAJOR[version] !== 16) expect(stdout).toContain(DEBIAN_MAJOR[version] === 14 ? path.basename(toolchain.rootDir) : rust.root);
      expect(await runCli(['rustc', path.join(ROOT, 'examples/first.rs'), '-o', 'rs.wasm'], options)).toEqual({ code: 0, stdout: '', stderr: '' });
      modules.push('rs.wasm');
    }
    for (const module of modules) expect(await cli(['run', module], cwd)).toMatchObject({ code: 0, stdout: expect.stringMatching(/\w/) });

    if (PROVED.has(version)) {
      const proof = await proveToolchain({ toolchain, home, env, emit: () => undefined, now: Date.now });
      const failed = proof.programs.filter((each) => each.fault !== null);
      expect(failed.map((each) => each.id), failed.map((each) => `${each.id}: ${each.detail}`).join('\n')).toEqual(DEBIAN_LACKS[version] ?? []);
      expect(await readProof(home, toolchain)).toEqual(proof);
    }

    expect(await cli(['uninstall', `wasi-sdk@${version}`, '--force'], cwd)).toMatchObject({ code: 0, stderr: '' });
    expect([toolchain.rootDir, toolchain.receiptFile].filter((each) => existsSync(each))).toEqual([]);

    // A directory and a server in turn: both are mirrors, and neither knows a digest.
    const from = SDKS.indexOf(version) % 2 === 0 ? mirror.directory : server.url;
    const again = (await setup({ components: components(version), mirror: from }, real))!;
    expect(again).toMatchObject({ source: 'mirror', digest: toolchain.digest, rootDir: toolchain.rootDir, clangVersion: toolchain.clangVersion });
    expect(await cli(['cc', path.join(ROOT, 'examples/first.c'), '-o', 'again.wasm'], cwd)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await cli(['run', 'again.wasm'], cwd)).toMatchObject({ code: 0, stdout: expect.stringMatching(/\w/) });
  });

  test('all of them are installed beside each other, and the first comes back without a download', async () => {
    const { good, bad } = readReceipts(home);
    expect(bad.size).toBe(0);
    expect([...good.values()].map((receipt) => receipt.version).sort()).toEqual([...SDKS].sort());
    const asked = server.requests.length;
    expect(await setup({ components: [{ name: 'wasi-sdk', wanted: SDKS[0] }] }, served)).toMatchObject({ version: SDKS[0] });
    expect(server.requests.length).toBe(asked);
  });

  test('with nothing named a mirror gives what it has, and nobody else is asked', async () => {
    const asked = server.requests.length;
    const context = { home: path.join(root, 'another home'), env: { ...env, WASIENV_MANIFESTS: served, npm_config_registry: server.url }, cwd: root, platform: process.platform };
    writeFileSync(path.join(served, 'portable-clang.json'), readFileSync(path.join(ROOT, 'manifests/portable-clang.json')));
    const place = path.join(root, 'mirror of one');
    const { location } = JSON.parse(readFileSync(path.join(served, 'wasi-sdk.json'), 'utf8')).releases.at(-1).artifact as { location: string };
    const file = path.join(place, ...mirrorPath(location));
    mkdirSync(path.dirname(file), { recursive: true });
    linkSync(path.join(mirror.directory, ...mirrorPath(shippedRow('wasi-sdk', SDKS.at(-1)!).artifact.location)), file);
    const plan = await planSetup({ source: 'auto', refetch: false, mirror: place }, context);
    expect(plan).toMatchObject({ source: 'mirror', reason: 'the mirror has it', steps: [{ kind: 'install', component: 'wasi-sdk', version: SDKS.at(-1) }] });
    expect(server.requests.length).toBe(asked);
    rmSync(path.join(served, 'portable-clang.json'));
  });

  test('parts alone: a sysroot and builtins from a mirror behind HTTP, no compiler touched', async () => {
    const before = await currentToolchain(home);
    await setup({ source: 'mirror', mirror: server.url, components: [{ name: 'wasi-sysroot', wanted: '33' }, { name: 'builtins', wanted: '33' }, { name: 'builtins', wanted: '12' }] }, real);
    const parts = [...readReceipts(home).good.values()].filter((receipt) => receipt.component !== 'wasi-sdk');
    expect(parts.map(({ component, version, layout }) => [component, version, layout])).toEqual([
      ['builtins', '12.0', { target: 'wasm32-wasi', builtins: 'lib/wasi/libclang_rt.builtins-wasm32.a' }],
      ['builtins', '33.0', { target: 'wasm32-wasip1', targets: ['wasm32-wasip1', 'wasm32-wasi'], builtins: 'wasm32-unknown-wasip1/libclang_rt.builtins.a' }],
      ['wasi-sysroot', '33.0', { sysroot: '', target: 'wasm32-wasip1', targets: ['wasm32-wasip1', 'wasm32-wasi'], exceptionVariants: true }],
    ]);
    expect(server.requests).toContain('GET /github.com/WebAssembly/wasi-sdk/releases/download/wasi-sdk-33/wasi-sysroot-33.0%2Bm.tar.gz');
    expect(await currentToolchain(home)).toEqual(before);
  });

  test('all of them are uninstalled, one after the other, and nothing of them stays', async () => {
    for (const version of SDKS) expect(await cli(['uninstall', `wasi-sdk@${version}`, '--force'], root)).toMatchObject({ code: 0, stderr: '' });
    for (const part of ['wasi-sysroot@33.0', 'builtins@33.0', 'builtins@12.0']) expect(await cli(['uninstall', part, '--force'], root)).toMatchObject({ code: 0, stderr: '' });
    expect([...readReceipts(home).good.keys()]).toEqual([]);
    expect(readdirSync(path.join(home, 'components'), { recursive: true, withFileTypes: true }).filter((each) => !each.isDirectory())).toEqual([]);
    expect(await cli(['cc', path.join(ROOT, 'examples/first.c')], root)).toMatchObject({ code: 1, stderr: expect.stringContaining('E_NO_TOOLCHAIN') });
  });
});
