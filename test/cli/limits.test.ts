// The limits of `wasienv run` in real processes: exit codes, and what blocks outside the program's own code.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runCli, withDirectory, type CliOptions, type CliResult } from '../support/cli.js';
import { LINUX } from '../support/skips.js';

const IMPORTS = `
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))`;
const GUESTS: Readonly<Record<string, string>> = {
  spin: '(func $spin (loop (br 0))) (func (export "_start") (call $spin))',
  deep: '(func $deep (export "_start") (call $deep))',
  big: '(memory 100) (func (export "_start"))',
  read: `${IMPORTS} (memory (export "memory") 1) (func (export "_start") (i32.store (i32.const 4) (i32.const 100)) (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))))`,
  fifo: `${IMPORTS} (memory (export "memory") 1) (data (i32.const 0) "fifo") (func (export "_start") (call $exit (call $open (i32.const 3) (i32.const 1) (i32.const 0) (i32.const 4) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 100))))`,
  hungry: `${IMPORTS} (memory (export "memory") 1) (func (export "_start") (call $exit (i32.eq (memory.grow (i32.const 50)) (i32.const -1))))`,
};

const inDirectory = (name: string, args: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
  withDirectory(async (directory) => {
    writeFileSync(path.join(directory, `${name}.wat`), `(module ${GUESTS[name]})`);
    if (name === 'fifo') execFileSync('mkfifo', [path.join(directory, 'fifo')]);
    return runCli(['run', ...args, `${name}.wat`], { cwd: directory, ...options });
  });

test.each([
  ['spin', ['--timeout', '100ms'], 124, 'E_LIMIT_TIME'],
  ['spin', ['--timeout', '100ms', '--engine', 'host'], 124, 'E_LIMIT_TIME'],
  ['spin', ['--fuel', '1e5'], 123, 'E_LIMIT_FUEL'],
  ['deep', ['--max-depth', '100'], 122, 'E_LIMIT_DEPTH'],
  ['big', ['--max-memory', '1M'], 121, 'E_LIMIT_MEMORY'],
  ['spin', ['--fuel', '100', '--engine', 'host'], 2, 'E_USAGE'],
  ['spin', ['--fuel', 'lots'], 2, 'E_USAGE'],
])('%s with %j ends with %i', async (name, args, code, error) => {
  const result = await inDirectory(name, args);
  expect(result.stderr).toContain(`error[${error}]`);
  expect(result.code).toBe(code);
});

test('refused memory is named when the program failed', async () => {
  const result = await inDirectory('hungry', ['--max-memory', '1M']);
  expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('asked for 3.3 MB of memory') });
  expect((await inDirectory('hungry', [])).stderr).toBe('');
});

test.skipIf(LINUX.unmet)(`a program that waits for its input is stopped too${LINUX.why}`, async () => {
  await withDirectory(async (directory) => {
    const fifo = path.join(directory, 'fifo');
    execFileSync('mkfifo', [fifo]);
    // Open for writing too, by ourselves: it never ends, and nothing comes.
    const stdin = openSync(fifo, 'r+');
    try {
      expect(await inDirectory('read', ['--timeout', '100ms'], { stdin })).toMatchObject({ code: 124, stderr: expect.stringContaining('E_LIMIT_TIME') });
    } finally {
      closeSync(stdin);
    }
  });
});

test.skipIf(LINUX.unmet)(`one that hangs in a system call is killed, and that is said${LINUX.why}`, async () => {
  // Long enough for it to get there on any machine.
  const result = await inDirectory('fifo', ['--timeout', '2s', '--dir', '.']);
  expect(result).toMatchObject({ code: 'SIGKILL', stderr: expect.stringContaining('inside a system call') });
});
