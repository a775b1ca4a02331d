// `wasienv run` with --strace, --record, --replay, --deterministic, --engine and --cross-check, in real processes.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { BIN, bareEnvironment, expectGolden, runCli, transcript, withDirectory, type CliOptions, type CliResult } from '../support/cli.js';
import { schemaFaults } from '../support/json-schema.js';
import { compileGuest } from '../support/toolchain.js';

const SOURCE = `
#include <stdio.h>
#include <string.h>
#include <time.h>
int main(int argc, char **argv) {
  char line[64];
  fprintf(stderr, "started\\n");
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "spin")) { puts("spinning"); fflush(stdout); for (;;) ; }
    if (!strcmp(argv[i], "wait")) { puts("waiting"); fflush(stdout); fgets(line, sizeof line, stdin); continue; }
    if (!strcmp(argv[i], "trap")) { fflush(stdout); __builtin_trap(); }
    FILE *file = fopen(argv[i], "r");
    if (!file) { perror(argv[i]); return 1; }
    while (fgets(line, sizeof line, file)) fputs(line, stdout);
    fclose(file);
  }
  printf("at %lld\\n", (long long)time(0));
  return 0;
}`;

let guest: Uint8Array;
beforeAll(async () => {
  guest = readFileSync(await compileGuest(SOURCE));
});

const inDirectory = (use: (directory: string, run: (args: readonly string[], options?: CliOptions) => Promise<CliResult>) => Promise<void>) =>
  withDirectory(async (directory) => {
    writeFileSync(path.join(directory, 'show.wasm'), guest);
    writeFileSync(path.join(directory, 'in.txt'), 'first line\nsecond line\n');
    await use(directory, (args, options = {}) => runCli(['run', ...args], { cwd: directory, ...options }));
  });

const golden = (name: string, args: readonly string[]) =>
  inDirectory(async (directory, run) => expectGolden(name, transcript(['run', ...args], await run(args), [[directory, 'HERE'], [/sha256 [0-9a-f]{64}/, 'sha256 DIGEST'], [/^ {2}node {4}.*$/m, '  node    VERSION']])));

describe('what one sees', () => {
  test.each([
    ['run-strace', ['--deterministic', '--dir', '.', '--strace', 'show.wasm', 'in.txt']],
    ['run-strace-failed', ['--deterministic', '--dir', '.', '--strace-filter', 'path_*,failed', 'show.wasm', 'none.txt']],
    ['run-strace-json', ['--deterministic', '--dir', '.', '--strace=json', '--strace-filter=file,-fd_prestat_*', 'show.wasm', 'in.txt']],
    ['run-strace-trap', ['--deterministic', '--strace', '--strace-filter', 'write', 'show.wasm', 'trap']],
    ['run-strace-filter-unknown', ['--strace-filter', 'opne', 'show.wasm']],
    ['run-strace-form-unknown', ['--strace=yaml', 'show.wasm']],
    ['run-replay-with-dir', ['--replay', 'r', '--dir', '.', 'show.wasm']],
    ['run-replay-missing', ['--replay', 'r', 'show.wasm']],
    ['run-record-cross-check', ['--record', 'r', '--cross-check', 'show.wasm']],
    ['run-seed-no-number', ['--seed', 'seven', 'show.wasm']],
    ['run-missing-directory', ['show.wasm', 'in.txt']],
  ] as const)('%s', async (name, args) => {
    await golden(name, args);
  });

  test('durations are shown, where runs need not be alike', () =>
    inDirectory(async (_, run) => {
      const { stderr } = await run(['--dir', '.', '--strace', 'show.wasm', 'in.txt']);
      const lines = stderr.split('\n').filter((line) => / = /.test(line));
      expect(lines.length).toBeGreaterThan(8);
      for (const line of lines) expect(line).toMatch(/ <\d+(\.\d)? (µs|ms|s)>$/);
    }));
});

test('the trace stands between what the program writes, in order, on one screen', () =>
  inDirectory(async (_, run) => {
    const { stderr } = await run(['--deterministic', '--strace', '--strace-filter', 'fd_write', 'show.wasm', 'none.txt']);
    expect(stderr.split('\n').slice(0, 2)).toEqual(['started', 'fd_write(2<stderr>, ["started\\n", ""]) = 8']);
  }));

test('--strace-output keeps stderr clean, and is the same text', () =>
  inDirectory(async (directory, run) => {
    const args = ['--deterministic', '--dir', '.'];
    const one = await run([...args, '--strace', 'show.wasm', 'in.txt']);
    const other = await run([...args, '--strace-output', 'trace.txt', 'show.wasm', 'in.txt']);
    expect(other.stderr).toBe('started\n');
    expect(other.stdout).toBe(one.stdout);
    expect(readFileSync(path.join(directory, 'trace.txt'), 'utf8')).toBe(one.stderr.replace('started\n', ''));
  }));

test('JSON is as its schema says, an object a line', () =>
  inDirectory(async (directory, run) => {
    await run(['--dir', '.', '--strace=json', '--strace-output', 'trace.json', '--engine', 'host', 'show.wasm', 'in.txt']);
    const objects = readFileSync(path.join(directory, 'trace.json'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const each of objects) expect(schemaFaults('strace.schema.json', each)).toEqual([]);
    expect(objects.at(-1)).toEqual({ end: 'exit', code: 0 });
    expect(objects.find(({ call }) => call === 'path_open')).toMatchObject({ args: { path: 'in.txt', fd: { fd: 3, path: '.' } }, errno: 'ESUCCESS', result: { opened_fd: { fd: 4, path: 'in.txt' } } });
  }));

describe('again', () => {
  test('a recorded run, elsewhere, without its files and arguments', () =>
    inDirectory(async (directory, run) => {
      const recorded = await run(['--dir', '.', '--record', 'run.rec', 'show.wasm', 'in.txt', 'wait'], { input: 'typed\n' });
      expect(recorded).toMatchObject({ code: 0, stderr: 'started\n' });
      await withDirectory(async (elsewhere) => {
        for (const file of ['run.rec', 'show.wasm']) writeFileSync(path.join(elsewhere, file), readFileSync(path.join(directory, file)));
        for (const engine of ['interpreter', 'host']) expect(await runCli(['run', '--engine', engine, '--replay', 'run.rec', 'show.wasm'], { cwd: elsewhere })).toEqual(recorded);
      });
    }));

  test('what the recorded run was told of its failure is not told again, but the failure is', () =>
    inDirectory(async (_, run) => {
      const recorded = await run(['--record', 'run.rec', 'show.wasm', 'trap']);
      const again = await run(['--replay', 'run.rec', 'show.wasm']);
      expect(recorded.code).toBe(134);
      expect(again).toEqual(recorded);
    }));

  test('two deterministic runs have the same trace and the same recording', () =>
    inDirectory((_, run) => withDirectory(async (elsewhere) => {
      // Elsewhere: what lies in the granted directory is part of what the program sees.
      const once = async (name: string) => {
        const recording = path.join(elsewhere, name);
        const result = await run(['--deterministic', '--seed', '7', '--dir', '.', '--record', recording, '--strace', 'show.wasm', 'in.txt']);
        return { result, recording: readFileSync(recording, 'utf8') };
      };
      expect(await once('b')).toEqual(await once('a'));
    })));

  test('a deterministic run reads a pipe in whole pieces, however it is filled', () =>
    inDirectory(async (directory) => {
      const child = spawn(process.execPath, [BIN, 'run', '--deterministic', '--strace-output', 'trace.txt', '--strace-filter', 'fd_read', 'show.wasm', 'wait'], { cwd: directory, env: bareEnvironment(directory), stdio: ['pipe', 'pipe', 'inherit'] });
      child.stdin.write('one\n');
      // The second half comes when the program is already there to read the first.
      let said = '';
      child.stdout.on('data', (data: Buffer) => {
        said += String(data);
        if (said === 'waiting\n') child.stdin.end('two\n');
      });
      await new Promise((resolve) => child.on('close', resolve));
      expect(readFileSync(path.join(directory, 'trace.txt'), 'utf8')).toBe('fd_read(0<stdin>, [1024]) = 8 "one\\ntwo\\n"\n+++ exited with 0 +++\n');
    }));

  test('a run that is killed leaves all its calls but the last', () =>
    inDirectory(async (directory, run) => {
      const { code } = await run(['--record', 'run.rec', 'show.wasm', 'wait', 'spin'], { input: 'x\n', whileRunning: (child) => child.stdout!.on('data', (data: Buffer) => void (String(data).includes('spinning') && child.kill('SIGKILL'))) });
      expect(code).toBe('SIGKILL');
      const lines = readFileSync(path.join(directory, 'run.rec'), 'utf8').split('\n');
      expect(lines.at(-1)).toBe('');
      const calls = lines.slice(1, -1).map((line) => JSON.parse(line) as [string]);
      expect(calls.at(-1)![0]).toMatch(/^fd_(write|fdstat_get|read)$/);
      expect(calls.length).toBeGreaterThan(3);
    }));
});

describe('engines', () => {
  test.each(['interpreter', 'host'])('%s: output, exit code and trap are the same', (engine) =>
    inDirectory(async (_, run) => {
      expect(await run(['--engine', engine, '--deterministic', '--dir', '.', 'show.wasm', 'in.txt'])).toEqual({ code: 0, stdout: 'first line\nsecond line\nat 946684800\n', stderr: 'started\n' });
      const trap = await run(['--engine', engine, 'show.wasm', 'trap']);
      expect(trap.code).toBe(134);
      expect(trap.stderr).toMatch(/^started\nerror\[E_TRAP\]: unreachable\n {2}stack {3}\S+ {2}function \d+, byte 0x[0-9a-f]+\n/);
    }));

  test('alike, they are as one; the files are touched once', () =>
    inDirectory(async (_, run) => {
      expect(await run(['--cross-check', '--dir', '.', '--deterministic', 'show.wasm', 'in.txt'])).toEqual({ code: 0, stdout: 'first line\nsecond line\nat 946684800\n', stderr: 'started\n' });
    }));

  test('where they part, the exit code is 1 and both sides are shown', () =>
    withDirectory(async (directory) => {
      writeFileSync(path.join(directory, 'deep.wat'), `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (func $down (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
        (func (export "_start") (call $exit (call $down (i32.const 100000)))))`);
      expectGolden('run-cross-check-parts', transcript(['run', '--cross-check', 'deep.wat'], await runCli(['run', '--cross-check', 'deep.wat'], { cwd: directory })));
    }));
});

test('help has its options in groups, the plain ones first', () =>
  inDirectory(async (_, run) => {
    const { stdout } = await run(['--help']);
    const headings = [...stdout.matchAll(/^([A-Z]\w+)$/gm)].map(([heading]) => heading);
    expect(headings.slice(0, 4)).toEqual(['Options', 'Engine', 'Watching', 'Repeating']);
    expect(stdout).toMatch(/^Watching\n {2}--strace\[=json\] +show every/m);
  }));

describe('Ctrl-C', () => {
  /** As a shell sees it: the whole group of processes gets the signal, and the shell tells the code. */
  const interrupted = (args: readonly string[], directory: string, word: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const temporary = path.join(directory, 'tmp');
      mkdirSync(temporary, { recursive: true });
      const child = spawn('sh', ['-c', 'trap : INT; "$@"; echo "code $?"', 'sh', process.execPath, BIN, 'run', ...args], { cwd: directory, detached: true, env: { ...bareEnvironment(directory), TMPDIR: temporary }, stdio: ['pipe', 'pipe', 'inherit'] });
      let output = '';
      child.stdout.on('data', (data: Buffer) => {
        output += String(data);
        if (output.includes(`${word}\n`)) process.kill(-child.pid!, 'SIGINT');
      });
      child.on('error', reject);
      child.on('close', () => resolve(output));
    });

  test.each([
    ['a program that computes', ['show.wasm', 'spin'], 'spinning'],
    ['on the engine of Node', ['--engine', 'host', 'show.wasm', 'spin'], 'spinning'],
    ['a program that waits for input', ['show.wasm', 'wait'], 'waiting'],
    ['a program that is traced and recorded', ['--strace-output', 'trace.txt', '--record', 'run.rec', 'show.wasm', 'spin'], 'spinning'],
    ['a program with a time limit', ['--timeout', '60s', 'show.wasm', 'spin'], 'spinning'],
  ])('ends %s at once, with 130 and nothing left behind', (_what, args, word) =>
    inDirectory(async (directory) => {
      expect(await interrupted(args, directory, word)).toBe(`${word}\ncode 130\n`);
      expect(readdirSync(path.join(directory, 'tmp'))).toEqual([]);
      if (args.includes('--record')) expect(readFileSync(path.join(directory, 'run.rec'), 'utf8').endsWith(']\n')).toBe(true);
      expect(existsSync(path.join(directory, 'wasienv-home'))).toBe(false);
    }));
});
