// `wasienv validate`, `wat2wasm` and `wasm2wat` in real processes: files, pipes, and what people get wrong.
import { existsSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT, expectGolden, runCli, transcript, withDirectory, type CliOptions, type CliResult } from '../support/cli.js';

const FIRST = readFileSync(path.join(ROOT, 'examples', 'first.wat'));

const FILES: Readonly<Record<string, string>> = {
  'typo.wat': '(module\n  (func $double (param $n i32) (result i32)\n    (i32.mull (local.get $n) (i32.const 2))))\n',
  'old.wat': '(module\n  (func (export "id") (param $x i32) (result i32)\n    (get_local $x)))\n',
  'types.wat': '(module\n  (func $half (param $n i32) (result i32)\n    (i32.div_s (local.get $n) (i64.const 2))))\n',
  'name.wat': '(module\n  (func $main\n    (call $helper (i32.const 1))))\n',
  'end.wat': '(module\n  (func (param i32)\n    local.get 0\n    if\n      nop\n))\n',
  'trap.wat': '(module\n  (func $boom (param $x i32)\n    (drop (i32.div_s (i32.const 1)\n      (local.get $x))))\n  (func (export "_start")\n    (call $boom (i32.const 0))))\n',
  'empty.wat': '',
};

const inDirectory = (use: (run: (args: readonly string[], options?: CliOptions) => Promise<CliResult>, directory: string) => Promise<void>) =>
  withDirectory(async (directory) => {
    writeFileSync(path.join(directory, 'first.wat'), FIRST);
    for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(directory, name), text);
    mkdirSync(path.join(directory, 'deep'));
    writeFileSync(path.join(directory, 'deep', 'old.wat'), FILES['old.wat']!);
    await use((args, options = {}) => runCli(args, { cwd: directory, ...options }), directory);
  });

const GOLDEN: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['validate-several', ['validate', 'first.wat', 'empty.wat', 'typo.wat', 'types.wat', 'missing.wat', 'first.wat']],
  ['validate-nothing', ['validate']],
  ['wat2wasm-typo', ['wat2wasm', 'typo.wat']],
  ['wat2wasm-old', ['wat2wasm', 'old.wat']],
  ['wat2wasm-types', ['wat2wasm', 'types.wat']],
  ['wat2wasm-name', ['wat2wasm', 'name.wat']],
  ['wat2wasm-end', ['wat2wasm', 'end.wat']],
  ['wat2wasm-two-files', ['wat2wasm', 'old.wat', 'first.wat']],
  ['wat2wasm-no-such-directory', ['wat2wasm', 'first.wat', '-o', 'nowhere/first.wasm']],
  ['wasm2wat-text', ['wasm2wat', 'first.wat']],
  ['wasm2wat-fold', ['wasm2wat', '--fold', 'first.wat']],
  ['wasm2wat-directory', ['wasm2wat', 'deep']],
  ['run-text-types', ['run', 'types.wat']],
  ['run-text', ['run', 'first.wat']],
  ['run-text-trap', ['run', 'trap.wat']],
];

test.each(GOLDEN)('%s', (name, args) =>
  inDirectory(async (run) => {
    expectGolden(name, transcript(args, await run(args)));
  }),
);

describe('wat2wasm', () => {
  test('writes beside the current directory’s own files, or where it is told', () =>
    inDirectory(async (run, directory) => {
      expect(await run(['wat2wasm', '--legacy-names', 'deep/old.wat'])).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await run(['wat2wasm', 'first.wat', '-o', 'deep/out.wasm'])).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await run(['run', 'deep/out.wasm'])).toEqual({ code: 0, stdout: 'First wasi in WAT...\n', stderr: '' });
      expect(readFileSync(path.join(directory, 'old.wasm')).subarray(0, 4).toString('latin1')).toBe('\0asm');
    }));

  test('leaves nothing behind when the text is wrong', () =>
    inDirectory(async (run, directory) => {
      expect((await run(['wat2wasm', 'types.wat'])).code).toBe(1);
      expect(existsSync(path.join(directory, 'types.wasm'))).toBe(false);
      expect((await run(['wat2wasm', '--no-check', 'types.wat'])).code).toBe(0);
      expect((await run(['validate', 'types.wasm'])).stderr).toMatch(/^error\[E_INVALID\]: type mismatch/);
    }));

  test('keeps names unless told not to', () =>
    inDirectory(async (run) => {
      await run(['wat2wasm', 'first.wat', '-o', 'with.wasm']);
      await run(['wat2wasm', 'first.wat', '--no-names', '-o', 'without.wasm']);
      expect((await run(['wasm2wat', 'with.wasm'])).stdout).toContain('call $fd_write');
      expect((await run(['wasm2wat', 'without.wasm'])).stdout).toContain('call 0');
    }));

  test('says so when the file is binary already', () =>
    inDirectory(async (run) => {
      await run(['wat2wasm', 'first.wat']);
      expect((await run(['wat2wasm', 'first.wasm', '-o', 'x'])).stderr).toBe('error[E_PARSE]: first.wasm is a module in binary form already\n  next   `wasienv wasm2wat first.wasm` shows it as text\n');
    }));
});

test('a module goes through pipes, text to binary to text, and is the same', () =>
  inDirectory(async (run, directory) => {
    await run(['wat2wasm', 'first.wat']);
    const { stdout: text } = await run(['wasm2wat', '-f', 'first.wasm']);
    expect(await run(['wat2wasm', '-', '-o', 'again.wasm'], { input: text })).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(path.join(directory, 'again.wasm')).equals(readFileSync(path.join(directory, 'first.wasm')))).toBe(true);
    expect((await run(['wasm2wat', '--fold', '-'], { input: readFileSync(path.join(directory, 'again.wasm')) })).stdout).toBe(text);
    expect((await run(['validate', '-'], { input: text })).stdout).toBe('standard input: valid; 1 import, 1 function, 1 memory, 2 exports\n');
  }));
