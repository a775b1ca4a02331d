// setup's proof, verify and doctor from the command line, with the real compiler.
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { proofFile } from '../../src/proof/index.js';
import { readReceipts, type Toolchain } from '../../src/toolchain/index.js';
import { runCli, withDirectory, expectGolden, transcript, type CliOptions } from '../support/cli.js';
import { TEST_CACHE, portableHome, portableToolchain } from '../support/toolchain.js';

// A home of our own, because proofs are written into it; its receipt still names the shared compiler.
let home: string;
let toolchain: Toolchain;
beforeAll(async () => {
  toolchain = await portableToolchain();
  home = path.join(TEST_CACHE, `cli-proof-${process.pid}`);
  const shared = await portableHome();
  for (const name of ['receipts', 'current.json']) cpSync(path.join(shared, name), path.join(home, name), { recursive: true });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const cli = (args: readonly string[], options: CliOptions = {}) => runCli(args, { ...options, env: { WASIENV_HOME: home, ...options.env } });
const jsonLines = (text: string) => text.trimEnd().split('\n').map((line) => JSON.parse(line) as { type: string } & Record<string, unknown>);

describe('verify', () => {
  test('proves, shows what, and writes a receipt that doctor and setup believe', async () => {
    const result = await cli(['verify', '--keep', path.join(home, 'kept')]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const rows = result.stdout.split('\n').filter((line) => /^ok {6}C/.test(line));
    const { programs, ok } = JSON.parse(readFileSync(proofFile(home, toolchain), 'utf8')) as { ok: boolean; programs: { id: string }[] };
    expect(ok).toBe(true);
    expect(rows).toHaveLength(programs.length);
    expect(result.stdout).toContain(proofFile(home, toolchain));
    expect(existsSync(path.join(home, 'kept', 'hello', 'hello.wasm'))).toBe(true);

    const again = await cli(['setup']);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toMatch(/nothing to do: .* was proved with \d+ programs on \d{4}-/);
  });

  test('--json tells of every program and ends with the receipt', async () => {
    const { code, stdout, stderr } = await cli(['verify', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = jsonLines(stdout);
    const started = events.filter(({ type }) => type === 'proof-start').map(({ program }) => program);
    const ended = events.filter(({ type }) => type === 'proof-end').map(({ program }) => program);
    expect(started.length).toBeGreaterThan(20);
    expect(ended).toEqual(started);
    expect(events.at(-1)).toMatchObject({ type: 'proof', ok: true, file: proofFile(home, toolchain) });
  });

  test('Ctrl-C stops it without a receipt', async () => {
    const before = readFileSync(proofFile(home, toolchain));
    const { code, stderr } = await cli(['verify', '--json'], { whileRunning: (child) => void child.stdout!.once('data', () => child.kill('SIGINT')) });
    expect(code).toBe(130);
    expect(stderr).toMatch(/^error\[E_INTERRUPTED\]/);
    expect(readFileSync(proofFile(home, toolchain))).toEqual(before);
  });
});

describe('doctor', () => {
  test('on a machine where a build works', async () => {
    const { code, stdout } = await cli(['doctor']);
    expect(stdout).toMatch(/\nA build works/);
    expect(code).toBe(0);
  });

  test('CC="ccache clang" is told, and a build still works', async () => {
    const { code, stdout } = await cli(['doctor', '--json'], { env: { CC: 'ccache clang' } });
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: { id: string; status: string; next?: string }[] };
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(findings.find(({ id }) => id === 'variable:CC')).toMatchObject({ status: expect.stringMatching(/^(note|warning)$/), next: expect.any(String) });
  });

  test('on an empty home: exit 1, and every finding that is not well has a cause and a next step', async () => {
    const { code, stdout } = await cli(['doctor', '--json'], { env: { WASIENV_HOME: '/nonexistent/wasienv' } });
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: { id: string; status: string; cause?: string; next?: string }[] };
    expect({ code, ok }).toEqual({ code: 1, ok: false });
    const unwell = findings.filter(({ status }) => status !== 'ok');
    expect(unwell.find(({ id }) => id === 'toolchain')?.next).toContain('wasienv setup');
    expect(unwell.filter(({ cause, next }) => cause === undefined || next === undefined)).toEqual([]);
  });

  test('a damaged install', () =>
    withDirectory(async (directory) => {
      const [receipt] = [...readReceipts(home).good.values()];
      const missing = { ...receipt!, files: receipt!.files.map((file, index) => (index === 3 ? { ...file, path: `${file.path}.gone` } : file)) };
      cpSync(path.join(home, 'current.json'), path.join(directory, 'current.json'));
      cpSync(path.join(home, 'receipts'), path.join(directory, 'receipts'), { recursive: true });
      writeFileSync(path.join(directory, 'receipts', readdirSync(path.join(directory, 'receipts'))[0]!), JSON.stringify(missing));
      const { stdout } = await cli(['doctor'], { env: { WASIENV_HOME: directory } });
      expect(stdout).toMatch(/problem +installed files .*\n +why .*\.gone is missing/);
      expect(stdout).toMatch(/next +wasienv setup\n/);
    }));
});

test('verify without a toolchain', async () => {
  expectGolden('verify-no-toolchain', transcript(['verify'], await runCli(['verify'], { env: { WASIENV_HOME: '/nonexistent/wasienv' } })));
});
