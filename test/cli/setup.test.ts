// `wasienv setup` as a person or a script meets it: real processes against a registry on loopback. What can go wrong
// in the workshop itself is test/toolchain's and test/faults'; here it is what is shown, and with which exit code.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { SetupEvent } from '../../src/toolchain/index.js';
import { posixQuote } from '../../src/base/quote.js';
import { ROOT, expectGolden, runCli, transcript, type CliOptions, type CliResult } from '../support/cli.js';
import type { Registry } from '../support/registry.js';
import { faultsOfHome, listFiles, type Workshop } from '../support/workshop.js';
import { workshopForEach } from '../support/workshop-for-each.js';

let registry: Registry;
let workshop: Workshop;
workshopForEach((own, shared) => {
  [workshop, registry] = [own, shared];
});

// The package of these tests is none that could compile.
const SETUP = ['setup', '--no-prove'];
const cli = (args: readonly string[], options: Omit<CliOptions, 'env' | 'cwd'> = {}) => runCli(args, { cwd: workshop.cwd, env: workshop.env, ...options });

/** Durations and places differ from run to run. */
const shown = (args: readonly string[], result: CliResult) =>
  transcript(args, result, [[posixQuote(path.join(workshop.home, 'env', 'setenv.sh')), 'HOME/env/setenv.sh'], [workshop.home, 'HOME'], [registry.url, 'REGISTRY/'], [/\b[\d.]+ m?s\b/, 'TIME'], [/sha512-\S+/, 'sha512-…'], [/-[0-9a-f]{8}(?=[-)\n])/, '-DIGEST'], [/\d+ kB/, 'SIZE']]);

const events = (stdout: string) => stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as SetupEvent | { type: 'error'; code: string; fact: string; next: string | null });

describe('what is shown', () => {
  test('--dry-run prints the plan and changes nothing', async () => {
    expectGolden('setup-dry-run', shown(['setup', '--dry-run'], await cli(['setup', '--dry-run'])));
    expect(readdirSync(path.dirname(workshop.home))).toEqual([]);
    const { stdout } = await cli(['setup', '--dry-run', '--json']);
    expect(events(stdout)).toMatchObject([{ type: 'plan', plan: { home: workshop.home, source: 'npm', steps: [{ kind: 'install', version: '2.0.0' }] } }]);
  });

  test('first it installs, then it has nothing to do, then it repairs', async () => {
    expectGolden('setup-first', shown(SETUP, await cli(SETUP)));
    expectGolden('setup-second', shown(SETUP, await cli(SETUP)));
    const [component] = readdirSync(path.join(workshop.home, 'components', 'portable-clang'));
    rmSync(path.join(workshop.home, 'components', 'portable-clang', component!, 'usr', 'include', 'header7.h'));
    expectGolden('setup-repair', shown(SETUP, await cli(SETUP)));
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });

  test('--quiet prints nothing', async () => {
    expect(await cli([...SETUP, '--quiet'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });

  test('--json prints the events and nothing else', async () => {
    const { code, stdout, stderr } = await cli([...SETUP, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const types = events(stdout).map(({ type }) => type).filter((type) => type !== 'progress');
    expect(types[0]).toBe('plan');
    expect(types.at(-1)).toBe('done');
    expect(types.slice(1, -1)).toEqual(['download', 'verify', 'unpack', 'check', 'commit'].flatMap(() => ['step-start', 'step-end']));
  });
});

describe('what goes wrong', () => {
  test('wrong bytes: an error with its place and what to do, exit 1, nothing installed', async () => {
    registry.fault = { kind: 'wrong-bytes' };
    const result = await cli([...SETUP, '--source', 'npm']);
    expectGolden('setup-wrong-bytes', shown([...SETUP, '--source', 'npm'], result));
    expect(existsSync(path.join(workshop.home, 'receipts'))).toBe(false);
  });

  test('with --json the failure is the last event', async () => {
    registry.fault = { kind: 'wrong-bytes' };
    const { code, stdout, stderr } = await cli([...SETUP, '--source', 'npm', '--json']);
    expect(code).toBe(1);
    expect(events(stdout).at(-1)).toMatchObject({ type: 'error', code: 'E_DIGEST', next: expect.stringContaining('wasienv setup') });
    expect(stderr).toMatch(/^error\[E_DIGEST\]: /);
    const usage = await cli(['setup', '--json', '--sorce', 'npm']);
    expect(usage.code).toBe(2);
    expect(events(usage.stdout)).toMatchObject([{ type: 'error', code: 'E_USAGE', next: expect.stringContaining('--source') }]);
  });

  test.each([
    ['setup-unknown-source', ['setup', '--source', 'nmp']],
    ['setup-source-not-there', ['setup', '--source', 'upstream']],
    ['setup-operand', ['setup', 'npm']],
    ['setup-option-in-front', ['--dry-run', 'setup']],
  ])('%s', async (name, args) => {
    expectGolden(name, shown(args, await cli(args)));
  });

  test('a home below a file', async () => {
    const file = path.join(workshop.root, 'file');
    writeFileSync(file, '');
    const result = await runCli(SETUP, { cwd: workshop.cwd, env: { ...workshop.env, WASIENV_HOME: path.join(file, 'home') } });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^error\[E_(HOME_UNWRITABLE|FILE)\]: [\s\S]*\n {2}next +/);
  });
});

describe('Ctrl-C', () => {
  /** Sends signals once the download has come to a standstill. */
  const interrupt = (signals: readonly NodeJS.Signals[]): Promise<CliResult> => {
    registry.fault = { kind: 'stall' };
    return cli([...SETUP, '--source', 'npm', '--json'], {
      whileRunning: (child) => {
        let seen = '';
        let sent = 0;
        child.stdout!.on('data', (chunk: Buffer) => {
          seen += chunk.toString();
          if (sent === 0 && seen.includes('"progress"')) for (const signal of signals) sent += child.kill(signal) ? 1 : 0;
        });
      },
    });
  };

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s stops it and leaves nothing half-made', async (signal, code) => {
    const result = await interrupt([signal]);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(/^error\[E_INTERRUPTED\]: .+\n {2}next +.+\n$/);
    expect(events(result.stdout).at(-1)).toMatchObject({ type: 'error', code: 'E_INTERRUPTED' });
    // What was downloaded so far stays under the digest it must have, and the next setup goes on from there.
    const kept = listFiles(workshop.home);
    expect(kept.filter((file) => !/^downloads\/[0-9a-f]{64,128}\.part(\.json)? \d+$/.test(file))).toEqual([]);
    expect(kept.length).toBeGreaterThan(0);
  });

  test('the second one does not wait for anything', async () => {
    const signals = pathToFileURL(path.join(ROOT, 'dist', 'cli', 'signals.js')).href;
    const script = `const { listenForInterruption } = await import('${signals}');
      const { signal } = listenForInterruption(process);
      signal.addEventListener('abort', () => process.stdout.write('first '));
      process.stdout.write('ready '); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      child.kill('SIGINT');
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ seen, code }).toEqual({ seen: 'ready first ', code: 130 });
  });

  test('the next setup ends well', async () => {
    await interrupt(['SIGINT']);
    registry.fault = { kind: 'ok' };
    expect((await cli([...SETUP, '--quiet'])).code).toBe(0);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });
});
