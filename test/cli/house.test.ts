// Keeping house from the command line: real processes, a home with two versions side by side.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readCurrent, readReceipts } from '../../src/toolchain/index.js';
import { describeMe } from '../../src/toolchain/lock.js';
import { expectGolden, runCli, transcript, type CliResult } from '../support/cli.js';
import type { Registry } from '../support/registry.js';
import { faultsOfHome, listFiles, versionInUse, type Workshop } from '../support/workshop.js';
import { workshopForEach } from '../support/workshop-for-each.js';

let registry: Registry;
let workshop: Workshop;
workshopForEach(async (own, shared) => {
  [workshop, registry] = [own, shared];
  await workshop.setup({ version: '1.0.0' });
  await workshop.setup({ version: '2.0.0' });
  registry.fault = { kind: 'status', status: 500 };
});
afterEach(() => {
  // None of these commands asks a server for anything.
  expect(registry.requests).toEqual([]);
});

const cli = (...args: string[]): Promise<CliResult> => runCli(args, { cwd: workshop.cwd, env: workshop.env });
const golden = async (name: string, ...args: string[]): Promise<CliResult> => {
  const result = await cli(...args);
  expectGolden(name, transcript(args, result, [[workshop.home, 'HOME'], [/-[0-9a-f]{8}(?=[-./)\n])/, '-DIGEST'], [/[\d.]+ kB/, 'SIZE']]));
  return result;
};
const components = (): readonly string[] => readdirSync(path.join(workshop.home, 'components', 'portable-clang')).map((name) => name.replace(/-[0-9a-f]{8}$/, ''));

describe('list', () => {
  test('shows both versions and which is in use', async () => {
    await golden('list', 'list');
    const { stdout } = await cli('list', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1, home: workshop.home, unreadable: [],
      installs: [
        { component: 'portable-clang', version: '1.0.0', source: 'npm', inUse: false, provedAt: null, verified: true },
        { component: 'portable-clang', version: '2.0.0', source: 'npm', inUse: true, provedAt: null, verified: true },
      ],
    });
  });

  test('of an empty home says what to do, and of a receipt that cannot be read why', async () => {
    expect(await runCli(['list'], { env: { WASIENV_HOME: path.join(workshop.root, 'none') } })).toEqual({ code: 0, stdout: '', stderr: 'nothing is installed; `wasienv setup` installs a compiler\n' });
    const [id] = [...readReceipts(workshop.home).good.keys()];
    writeFileSync(path.join(workshop.home, 'receipts', `${id}.json`), '{ half');
    const { code, stderr } = await cli('list');
    expect(code).toBe(0);
    expect(stderr).toContain(`${id}: a receipt cannot be understood`);
  });
});

describe('list-remote', () => {
  test('shows what the manifests know', async () => {
    await golden('list-remote', 'list-remote');
    await golden('list-remote-range', 'list-remote', 'portable-clang@^1');
    const { stdout } = await cli('list-remote', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ components: [{ component: 'portable-clang', versions: [{ version: '2.0.0', channels: ['stable'], installed: true, here: true }, { version: '1.0.0' }] }] });
  });

  test('knows every built-in version and asks nobody', async () => {
    const { code, stdout } = await runCli(['list-remote', 'wasi-sdk', '--json'], { cwd: workshop.cwd, env: { WASIENV_HOME: workshop.home } });
    expect(code).toBe(0);
    const [sdk] = (JSON.parse(stdout) as { components: { versions: { version: string; artifacts: { integrity: string | null }[] }[] }[] }).components;
    expect(sdk!.versions.length).toBeGreaterThan(20);
    expect(Number.parseInt(sdk!.versions[0]!.version, 10)).toBeGreaterThan(Number.parseInt(sdk!.versions.at(-1)!.version, 10));
  });
});

describe('list-remote, of files nobody or not everybody agrees about', () => {
  const builtIn = (...args: string[]) => runCli(['list-remote', ...args], { cwd: workshop.cwd, env: { WASIENV_HOME: workshop.home } });

  test('marks them, and says what the marks mean', async () => {
    const { stdout, stderr } = await builtIn('wasi-sdk');
    const line = (version: string) => stdout.split('\n').find((each) => each.startsWith(`  ${version} `))!;
    expect(line('25.0')).toMatch(/verified [\d-]+ .*linux-x64!/);
    expect(line('30.0')).toMatch(/linux-arm64! .*linux-x64( |$)/);
    expect(line('31.0')).toMatch(/no digest .*\(linux-x64\)/);
    expect(stderr).toMatch(/`!`: another digest was published for that file; `wasienv list-remote wasi-sdk@VERSION` shows both/);
    expect(stderr).toMatch(/\(host\): no digest is known, so it is refused unless --allow-unverified is given/);
  });

  test('shows both digests and who published them, for a version', async () => {
    const { stdout } = await builtIn('wasi-sdk@25.0');
    expect(stdout).toMatch(/\n  25\.0 linux-x64\n    used      sha256-UmQN3hNZm\S+  pinned by 8\n    disputed  sha256-\+ka48bUXCw\S+  by pulseengine\/\S+ history/);
    const json = JSON.parse((await builtIn('wasi-sdk@25.0', '--json')).stdout) as { components: { versions: { artifacts: { hosts: string[]; conflicts: unknown[] }[] }[] }[] };
    expect(json.components[0]!.versions[0]!.artifacts.filter(({ conflicts }) => conflicts.length > 0).flatMap(({ hosts }) => hosts).sort()).toEqual(['darwin-x64', 'linux-x64']);
  });
});

describe('which', () => {
  test('prints one path, or all', async () => {
    await golden('which', 'which');
    const { stdout } = await cli('which', 'builtins');
    expect(stdout).toMatch(/usr\/lib\/builtins\.a\n$/);
    expect(existsSync(stdout.trimEnd())).toBe(true);
  });

  test.each([['which-unknown', ['which', 'syroot']], ['which-two', ['which', 'clang', 'ar']]])('%s', async (name, args) => {
    expect((await golden(name, ...args)).code).toBe(2);
  });

  test('a part that is not there is an error', async () => {
    const [directory] = [...readReceipts(workshop.home).good.values()].filter(({ version }) => version === '2.0.0').map((receipt) => receipt.directory);
    rmSync(path.join(directory!, 'usr/lib/builtins.a'));
    expect(await cli('which', 'builtins')).toMatchObject({ code: 1, stderr: expect.stringContaining('E_DAMAGED') });
  });
});

describe('use', () => {
  test('switches between versions, and says when nothing changes', async () => {
    await golden('use', 'use', 'portable-clang@1.0.0');
    expect(await versionInUse(workshop.home)).toBe('1.0.0');
    await golden('use-again', 'use', 'portable-clang@^1');
    expect((await cli('use', 'portable-clang@>=1')).stdout).toBe('using portable-clang 2.0.0\n');
    expect(await versionInUse(workshop.home)).toBe('2.0.0');
  });

  test.each([
    ['use-not-installed', ['use', 'portable-clang@3'], 1],
    ['use-other-component', ['use', 'wasi-sdk'], 1],
    ['use-nothing', ['use'], 2],
    ['use-typo', ['use', 'wasi-sdc'], 2],
  ] as const)('%s', async (name, args, code) => {
    expect((await golden(name, ...args)).code).toBe(code);
    expect(await versionInUse(workshop.home)).toBe('2.0.0');
  });

  test('does not choose one that lost files', async () => {
    const receipt = [...readReceipts(workshop.home).good.values()].find(({ version }) => version === '1.0.0')!;
    rmSync(path.join(receipt.directory, receipt.files[5]!.path));
    expect(await cli('use', 'portable-clang@1.0.0')).toMatchObject({ code: 1, stderr: expect.stringContaining('E_DAMAGED') });
    expect(await versionInUse(workshop.home)).toBe('2.0.0');
  });
});

describe('uninstall', () => {
  test('removes one version with directory, receipt and proof, and leaves the other', async () => {
    const receipt = [...readReceipts(workshop.home).good.values()].find(({ version }) => version === '1.0.0')!;
    mkdirSync(path.join(workshop.home, 'proofs'));
    for (const version of ['1.0.0', '2.0.0']) writeFileSync(path.join(workshop.home, 'proofs', `portable-clang-${version}-0badcafe.json`), '{}');
    const before = workshop.outside();
    await golden('uninstall', 'uninstall', 'portable-clang@1.0.0');
    expect(existsSync(receipt.directory)).toBe(false);
    expect(components()).toEqual(['2.0.0']);
    expect(readdirSync(path.join(workshop.home, 'proofs'))).toEqual(['portable-clang-2.0.0-0badcafe.json']);
    rmSync(path.join(workshop.home, 'proofs'), { recursive: true });
    expect(await faultsOfHome(workshop.home)).toEqual([]);
    expect(workshop.outside()).toEqual(before);
  });

  test.each([
    ['uninstall-in-use', ['uninstall', 'portable-clang@2.0.0'], 1],
    ['uninstall-which-one', ['uninstall', 'portable-clang'], 2],
    ['uninstall-not-there', ['uninstall', 'portable-clang@9'], 1],
    ['uninstall-nothing', ['uninstall'], 2],
    ['uninstall-all-of-one', ['uninstall', '--all', 'portable-clang'], 2],
  ] as const)('%s', async (name, args, code) => {
    const before = listFiles(workshop.home);
    expect((await golden(name, ...args)).code).toBe(code);
    expect(listFiles(workshop.home)).toEqual(before);
  });

  test('the environment scripts follow what is in use, and go with the last of it', async () => {
    const script = (): string => readFileSync(path.join(workshop.home, 'env', 'setenv.sh'), 'utf8');
    await cli('use', 'portable-clang@1.0.0');
    expect(script()).toContain('portable-clang 1.0.0');
    await cli('uninstall', 'portable-clang@1.0.0', '--force');
    expect(script()).toContain('portable-clang 2.0.0');
    expect((await cli('uninstall', 'portable-clang', '--force')).code).toBe(0);
    expect(listFiles(workshop.home).filter((file) => !file.startsWith('current.json'))).toEqual([]);
  });

  test('--force removes what is in use; the other version then is', async () => {
    expect((await cli('uninstall', 'portable-clang@2.0.0', '--force')).code).toBe(0);
    expect(readCurrent(workshop.home)).toEqual({ parts: {} });
    expect(await versionInUse(workshop.home)).toBe('1.0.0');
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });

  test('--all leaves nothing of ours, and what others put there', async () => {
    writeFileSync(path.join(workshop.home, 'note.txt'), 'mine');
    mkdirSync(path.join(workshop.home, 'components', 'other'));
    writeFileSync(path.join(workshop.home, 'components', 'other', 'x'), 'mine');
    expect(await cli('uninstall', '--all')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^removed everything/) });
    expect(listFiles(workshop.home)).toEqual(['components/other/x 4', 'note.txt 4']);
    expect((await cli('uninstall', '--all')).code).toBe(0);
  });

  test('a receipt that names a directory elsewhere loses only itself, and links are not followed', async () => {
    const [[id, receipt]] = [...readReceipts(workshop.home).good] as unknown as [[string, { directory: string }]];
    const elsewhere = path.join(workshop.root, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(path.join(elsewhere, 'precious'), 'x');
    symlinkSync(elsewhere, path.join(receipt.directory, 'usr', 'link'));
    const file = path.join(workshop.home, 'receipts', `${id}.json`);
    for (const directory of [elsewhere, path.join(workshop.home, 'components', 'portable-clang', '..', '..', '..', '..', 'elsewhere'), path.join(workshop.home, 'components')]) {
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), directory }));
      const text = readFileSync(file, 'utf8');
      expect((await cli('uninstall', 'portable-clang@1.0.0')).code).toBe(0);
      expect(existsSync(file)).toBe(false);
      expect(existsSync(path.join(elsewhere, 'precious'))).toBe(true);
      expect(components().length).toBeGreaterThan(0);
      writeFileSync(file, text);
    }
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), directory: receipt.directory }));
    expect((await cli('uninstall', 'portable-clang@1.0.0')).code).toBe(0);
    expect(existsSync(path.join(elsewhere, 'precious'))).toBe(true);
    expect(existsSync(receipt.directory)).toBe(false);
  });

  test('an adopted compiler keeps every file and loses our receipt', async () => {
    const prefix = path.join(workshop.root, 'prefix');
    mkdirSync(path.join(prefix, 'bin'), { recursive: true });
    const clang = path.join(prefix, 'bin', 'clang');
    writeFileSync(clang, 'a compiler');
    const [, receipt] = [...readReceipts(workshop.home).good][0]!;
    const { adoptedId } = await import('../../src/toolchain/home.js');
    const id = adoptedId('system-clang', clang);
    writeFileSync(path.join(workshop.home, 'receipts', `${id}.json`), JSON.stringify({
      ...receipt, component: 'system-clang', source: 'system', version: '19.1.7', clangVersion: '19.1.7', adopted: true, artifact: null, directory: prefix, files: [], keyFiles: [],
      layout: { ...receipt.layout, programs: { kind: 'native', tools: { clang } } },
    }));
    expect(await cli('uninstall', 'system-clang')).toEqual({ code: 0, stdout: 'forgot system-clang 19.1.7; the compiler itself is untouched\n', stderr: '' });
    expect(readFileSync(clang, 'utf8')).toBe('a compiler');
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });
});

describe('prune', () => {
  const litter = (): void => {
    for (const [name, bytes] of [['downloads/half.part', 3000], ['staging/portable-clang-Ab12Cd/archive', 2000], ['components/portable-clang/0.9-dead/x', 1000]] as const) {
      mkdirSync(path.join(workshop.home, path.dirname(name)), { recursive: true });
      writeFileSync(path.join(workshop.home, name), Buffer.alloc(bytes));
    }
  };

  test('--dry-run tells sizes and removes nothing; without it they are gone', async () => {
    litter();
    const before = listFiles(workshop.home);
    await golden('prune-dry-run', 'prune', '--dry-run');
    expect(listFiles(workshop.home)).toEqual(before);
    await golden('prune', 'prune');
    expect(components()).toEqual(['2.0.0']);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
    await golden('prune-nothing', 'prune');
  });

  test('--json', async () => {
    litter();
    const { removals, freedBytes } = JSON.parse((await cli('prune', '--json')).stdout) as { removals: { kind: string; name: string; sizeBytes: number }[]; freedBytes: number };
    expect(removals.map(({ kind }) => kind).sort()).toEqual(['download', 'leftover', 'leftover', 'version']);
    expect(freedBytes).toBe(removals.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  });
});

test('whoever changes the home waits for the lock, and takes a dead holder’s', async () => {
  writeFileSync(path.join(workshop.home, 'lock'), JSON.stringify({ ...describeMe('setup'), pid: 2 ** 22 + 1 }));
  expect((await cli('use', 'portable-clang@1.0.0')).code).toBe(0);
  expect(existsSync(path.join(workshop.home, 'lock'))).toBe(false);
});
