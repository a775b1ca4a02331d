// Setup as a whole against a registry on loopback: first, again, with damage, with other versions, and what `auto` does.
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync, mkdirSync, readdirSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkFiles, currentToolchain, homeTree, readReceipts, type SetupEvent } from '../../src/toolchain/index.js';
import { closedPort, type Registry } from '../support/registry.js';
import { schemaFaults } from '../support/json-schema.js';
import { PACKAGE, faultsOfHome, listFiles, readText, release, versionInUse, type Workshop } from '../support/workshop.js';
import { workshopForEach } from '../support/workshop-for-each.js';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
let registry: Registry;
let workshop: Workshop;
workshopForEach((own, shared) => {
  [workshop, registry] = [own, shared];
});

const phases = (events: readonly SetupEvent[]): string[] => events.flatMap((event) => (event.type === 'step-end' ? [event.phase] : []));

describe('setup', () => {
  test('installs what the manifest says, and nothing else', async () => {
    const outside = workshop.outside();
    const { changed, toolchain } = await workshop.setup();
    expect(changed).toBe(true);
    expect(toolchain).toMatchObject({ component: 'portable-clang', version: PACKAGE.two, source: 'npm', clangVersion: '22.1.0' });
    expect(await currentToolchain(workshop.home)).toEqual(toolchain);
    const files = listFiles(toolchain.rootDir).map((line) => line.split(' ')[0]);
    expect(files).toContain('bin/llvm.wasm');
    expect(files).toContain('usr/include/header59.h');
    expect(files.some((file) => file!.includes('unwanted'))).toBe(false);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
    expect(workshop.outside()).toEqual(outside);
    expect(phases(workshop.events)).toEqual(['download', 'verify', 'unpack', 'check', 'commit']);
    expect(workshop.events.filter((event) => event.type === 'progress').at(-1)).toMatchObject({ phase: 'unpack' });
  });

  test('writes a receipt as its schema says, with the digest of every file', async () => {
    const { toolchain } = await workshop.setup();
    const receipt = JSON.parse(readText(toolchain.receiptFile));
    expect(schemaFaults('receipt.schema.json', receipt)).toEqual([]);
    expect(receipt).toMatchObject({ digest: receipt.artifact.integrity, artifact: { resolvedUrl: `${registry.url}@test/clang/-/clang-2.0.0.tgz` }, installedAt: '2026-01-02T00:00:00.000Z' });
    expect(receipt.files.length).toBe(listFiles(toolchain.rootDir).length);
  });

  test('a second time does nothing, asks nobody, and says so', async () => {
    await workshop.setup();
    const [files, requests] = [listFiles(workshop.home), registry.requests.length];
    const again = await workshop.setup();
    expect(again.changed).toBe(false);
    expect(workshop.events.at(-1)).toEqual({ type: 'done', changed: false });
    expect(listFiles(workshop.home)).toEqual(files);
    expect(registry.requests.length).toBe(requests);
  });

  test.each<readonly [name: string, harm: (root: string) => void, why: RegExp]>([
    ['a header is gone', (root) => rmSync(path.join(root, 'usr/include/header7.h')), /repair: usr\/include\/header7\.h is missing/],
    ['the compiler is gone', (root) => rmSync(path.join(root, 'bin/llvm.wasm')), /repair: bin\/llvm\.wasm is missing/],
    ['a library was cut off', (root) => truncateSync(path.join(root, 'usr/lib/wasm32-wasip1/libc.a'), 12), /has 12 bytes instead of 20000/],
    ['everything is gone', (root) => rmSync(root, { recursive: true }), /repair: 65 files/],
    ['a directory stands where a file was', (root) => (rmSync(path.join(root, 'usr/lib/builtins.a')), mkdirSync(path.join(root, 'usr/lib/builtins.a'))), /is missing/],
  ])('repairs when %s', async (_name, harm, why) => {
    harm((await workshop.setup()).toolchain.rootDir);
    const plan = await workshop.plan();
    expect(plan.steps).toMatchObject([{ kind: 'install', replaces: PACKAGE.two, why: expect.stringMatching(why) }]);
    expect((await workshop.setup()).changed).toBe(true);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
    expect((await workshop.setup()).changed).toBe(false);
  });

  test('only a deep look sees a changed byte', async () => {
    const { toolchain } = await workshop.setup();
    const file = path.join(toolchain.rootDir, 'usr/lib/wasm32-wasip1/libc.a');
    const bytes = readFileSync(file);
    bytes[100]! ^= 1;
    writeFileSync(file, bytes);
    const receipt = [...readReceipts(workshop.home).good.values()][0]!;
    expect(await checkFiles(receipt)).toEqual([]);
    expect(await checkFiles(receipt, { deep: true })).toEqual([{ path: 'usr/lib/wasm32-wasip1/libc.a', kind: 'content', text: expect.any(String) }]);
    await workshop.setup({ refetch: true });
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });

  test('what a killed setup left goes even when there is nothing to do, unless somebody is at work', async () => {
    await workshop.setup();
    const litter = path.join(homeTree.stagingDir(workshop.home), 'portable-clang-Ab12Cd');
    mkdirSync(litter);
    writeFileSync(homeTree.lockFile(workshop.home), JSON.stringify({ id: 'other', pid: process.pid, host: 'elsewhere' }));
    expect((await workshop.setup()).changed).toBe(false);
    expect(existsSync(litter)).toBe(true);
    rmSync(homeTree.lockFile(workshop.home));
    expect((await workshop.setup()).changed).toBe(false);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });

  test("a newer wasienv's install is left alone by a setup that fails", async () => {
    const { toolchain } = await workshop.setup();
    writeFileSync(toolchain.receiptFile, JSON.stringify({ ...JSON.parse(readText(toolchain.receiptFile)), schema: 2 }));
    registry.fault = { kind: 'status', status: 404 };
    await expect(workshop.setup()).rejects.toMatchObject({ code: 'E_HTTP' });
    expect(existsSync(path.join(toolchain.rootDir, 'bin/llvm.wasm'))).toBe(true);
  });

  test('a planned dry run changes nothing at all', async () => {
    await workshop.plan();
    expect(() => readdirSync(workshop.home)).toThrow('ENOENT');
  });

  test.each(['', '{', '[]', '{"schema":2}', '{"schema":1,"component":"portable-clang"}'])('a receipt that says %j: E_RECEIPT for cc, repair for setup', async (text) => {
    writeFileSync((await workshop.setup()).toolchain.receiptFile, text);
    await expect(currentToolchain(workshop.home)).rejects.toMatchObject({ code: 'E_RECEIPT', next: expect.stringContaining('wasienv setup') });
    expect((await workshop.plan()).steps).toMatchObject([{ kind: 'install', why: 'its receipt cannot be read' }]);
    await workshop.setup();
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });

  test('version 1, then the stable one: both are there, the newer is used, and going back fetches nothing', async () => {
    const old = await workshop.setup({ version: PACKAGE.one });
    const fresh = await workshop.setup();
    expect(fresh.toolchain.version).toBe(PACKAGE.two);
    expect(existsSync(path.join(old.toolchain.rootDir, 'bin/llvm.wasm'))).toBe(true);
    registry.fault = { kind: 'status', status: 500 };
    expect((await workshop.setup({ components: [{ name: 'portable-clang', wanted: PACKAGE.one }] })).toolchain).toEqual(old.toolchain);
    expect(registry.requests).toEqual([]);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });

  test('a release without a digest is refused', async () => {
    const row = release('3.0.0', Buffer.from('x'));
    workshop.manifests([{ ...row, artifact: { ...(row['artifact'] as object), integrity: null } }]);
    await expect(workshop.setup()).rejects.toMatchObject({ code: 'E_DIGEST' });
  });

  test('a mirror that nobody named', async () => {
    await expect(workshop.plan({ source: 'mirror' })).rejects.toMatchObject({ code: 'E_SOURCE', next: expect.stringContaining('--mirror') });
  });

  test('an unknown version names the known ones', async () => {
    await expect(workshop.plan({ version: '9.9.9' })).rejects.toMatchObject({ code: 'E_UNKNOWN_VERSION', where: [['known', 'stable, 1.0.0, 2.0.0']] });
  });
});

describe('currentToolchain', () => {
  test('says what is missing when nothing is installed', async () => {
    await expect(currentToolchain(workshop.home)).rejects.toMatchObject({ code: 'E_NO_TOOLCHAIN', next: 'run `wasienv setup`' });
  });

  test('refuses a toolchain that lost a file it cannot do without', async () => {
    const { toolchain } = await workshop.setup();
    rmSync(path.join(toolchain.rootDir, 'usr/lib/wasm32-wasip1/crt1-command.o'));
    await expect(currentToolchain(workshop.home)).rejects.toMatchObject({ code: 'E_DAMAGED', where: expect.arrayContaining([['file', 'usr/lib/wasm32-wasip1/crt1-command.o is missing']]) });
  });

  test('loads nothing that only setup needs', async () => {
    await workshop.setup();
    // Every module that a fresh process reads, as its loader tells.
    const script = `
      import { syncBuiltinESMExports } from 'node:module';
      import fs from 'node:fs';
      const { currentToolchain } = await import(${JSON.stringify(path.join(ROOT, 'dist', 'toolchain', 'index.js'))});
      await currentToolchain(${JSON.stringify(workshop.home)});
      process.stdout.write(JSON.stringify(process.moduleLoadList));`;
    const trace = path.join(workshop.root, 'loads');
    execFileSync(process.execPath, ['--experimental-loader', `data:text/javascript,${encodeURIComponent(`import { appendFileSync } from 'node:fs'; export async function load(url, context, next) { appendFileSync(${JSON.stringify(trace)}, url + '\\n'); return next(url, context); }`)}`, '--no-warnings', '--input-type=module', '-e', script]);
    const loaded = readText(trace).split('\n').filter((url) => url.startsWith('file:'));
    expect(loaded.some((url) => url.endsWith('/toolchain/installed.js'))).toBe(true);
    expect(loaded.filter((url) => url.includes('node_modules'))).toEqual([]);
  });
});

describe('source auto', () => {
  /** A program that answers as a clang with everything for WASI does. Returns its path. */
  function makeClang(root: string): string {
    const program = (name: string, body: string): string => {
      const file = path.join(root, 'bin', name);
      writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
      return file;
    };
    const file = (name: string): string => {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), name);
      return path.join(root, name);
    };
    mkdirSync(path.join(root, 'bin'), { recursive: true });
    program('wasm-ld', 'echo "LLD 19.1.7"');
    const builtins = file('lib/clang/19/lib/wasm32-unknown-wasip1/libclang_rt.builtins.a');
    for (const name of ['libc.a', 'crt1-command.o', 'crt1.o']) file(`share/wasi-sysroot/lib/wasm32-wasip1/${name}`);
    file('share/wasi-sysroot/include/wasm32-wasip1/stdio.h');
    return program('clang', `case "$*" in
      --version) echo "clang version 19.1.7" ;;
      --print-targets) printf '  Registered Targets:\\n    wasm32 - WebAssembly 32-bit\\n' ;;
      -print-resource-dir) echo '${path.join(root, 'lib/clang/19')}' ;;
      *-print-libgcc-file-name) echo '${builtins}' ;;
    esac`);
  }

  test('takes npm when the registry answers, and says so', async () => {
    const plan = await workshop.plan({ source: 'auto' });
    expect(plan).toMatchObject({ source: 'npm', reason: expect.stringContaining('the npm registry has it') });
    expect(registry.requests.map((each) => each.method)).toEqual(['HEAD']);
  });

  test('a registry that knows no HEAD is reached all the same', async () => {
    registry.fault = { kind: 'status', status: 405 };
    expect((await workshop.plan({ source: 'auto' })).source).toBe('npm');
  });

  test('keeps what is installed without asking anybody', async () => {
    await workshop.setup();
    registry.fault = { kind: 'status', status: 500 };
    const plan = await workshop.plan({ source: 'auto' });
    expect(plan.steps.map((step) => step.kind)).toEqual(['keep']);
    expect(registry.requests).toEqual([]);
  });

  describe('when the registry cannot be reached and nothing is installed', () => {
    let clang: string;
    beforeEach(async () => {
      clang = makeClang(path.join(workshop.root, 'sdk'));
      workshop.env['WASI_SDK_PATH'] = path.join(workshop.root, 'sdk');
      workshop.npmrc(`registry=http://127.0.0.1:${await closedPort()}/\n`);
    });

    test("the machine's own clang is adopted, nothing is written into it, and why is said", async () => {
      const outside = workshop.outside();
      const plan = await workshop.plan({ source: 'auto' });
      expect(plan).toMatchObject({ source: 'system', reason: expect.stringMatching(/registry cannot be used \(E_NETWORK: .*so the system's own: clang 19\.1\.7/), steps: [{ kind: 'adopt', clang }] });
      const { changed, toolchain } = await workshop.setup({ source: 'auto' });
      expect(changed).toBe(true);
      expect(toolchain).toMatchObject({ component: 'system-clang', source: 'system', clangVersion: '19.1.7', layout: { target: 'wasm32-wasip1', programs: { kind: 'native' } } });
      expect(await currentToolchain(workshop.home)).toEqual(toolchain);
      expect(workshop.outside()).toEqual(outside);
      expect((await workshop.setup({ source: 'auto' })).changed).toBe(false);
    });

    test('an upgrade behind our back is noticed, and setup adopts it again', async () => {
      await workshop.setup({ source: 'auto' });
      writeFileSync(clang, `${readText(clang)}# upgraded\n`);
      await expect(currentToolchain(workshop.home)).rejects.toMatchObject({ code: 'E_DAMAGED', next: expect.stringContaining('wasienv setup') });
      expect((await workshop.plan({ source: 'auto' })).steps).toMatchObject([{ kind: 'adopt', why: expect.stringContaining('it changed since it was adopted') }]);
      await workshop.setup({ source: 'auto' });
      expect((await currentToolchain(workshop.home)).component).toBe('system-clang');
    });

    test('going over to npm and back again', async () => {
      await workshop.setup({ source: 'auto' });
      workshop.npmrc(`registry=${registry.url}\n`);
      expect((await workshop.setup({ source: 'npm' })).toolchain.component).toBe('portable-clang');
      expect((await workshop.plan({ source: 'auto' })).steps.map((step) => step.kind)).toEqual(['keep']);
      const back = await workshop.plan({ source: 'system' });
      expect(back.steps.map((step) => step.kind)).toEqual(['keep', 'use']);
      expect((await workshop.setup({ source: 'system' })).toolchain.component).toBe('system-clang');
      expect(await faultsOfHome(workshop.home)).toEqual([]);
    });

    test('an install that is there is never given up for it', async () => {
      workshop.npmrc(`registry=${registry.url}\n`);
      await workshop.setup({ version: PACKAGE.one });
      workshop.npmrc(`registry=http://127.0.0.1:${await closedPort()}/\n`);
      await expect(workshop.setup({ source: 'auto' })).rejects.toMatchObject({ code: 'E_NETWORK' });
      expect(await versionInUse(workshop.home)).toBe(PACKAGE.one);
    });
  });

  test('what an old current.json names wrongly does not matter', async () => {
    await workshop.setup();
    writeFileSync(homeTree.currentFile(workshop.home), '{"component":"wasi-sdk"}');
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.two);
    rmSync(homeTree.currentFile(workshop.home));
    expect((await workshop.plan()).steps.map((step) => step.kind)).toEqual(['keep', 'use']);
    expect((await workshop.setup()).changed).toBe(true);
    expect((await workshop.setup()).changed).toBe(false);
  });
});

