// Programs from start to end on the interpreter: exit codes, traps with the calls they happened in, and what is refused.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { WasienvError } from '../../src/base/errors.js';
import { loadModule, runProgram, type ExitStatus } from '../../src/program/index.js';
import type { WasiOptions } from '../../src/wasi/index.js';
import { encode, parse } from '../../src/wasm/index.js';
import { compileGuest } from '../support/toolchain.js';
import { collector, makeDirectory } from '../wasi/support.js';

const EXIT = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))';
const WRITE = '(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))';

function run(text: string, options: Partial<WasiOptions> = {}): { status: ExitStatus; stdout: string } {
  const stdout = collector();
  const bytes = encode(parse(`(module ${text})`));
  const status = runProgram({
    bytes, name: 'test.wasm',
    wasi: { args: [], env: {}, stdin: { read: () => 0 }, stdout, stderr: collector(), preopens: [], ...options },
  });
  return { status, stdout: stdout.text() };
}

const ended = (text: string): unknown => {
  const { status } = run(text);
  return status.kind === 'exit' ? status.code : status.kind === 'trap' ? status.name : status.error.code;
};

describe('how a program ends', () => {
  test.each<[string, string, unknown]>([
    ['returning', '(func (export "_start"))', 0],
    ['exit 0', `${EXIT} (func (export "_start") (call $exit (i32.const 0)) unreachable)`, 0],
    ['exit 7', `${EXIT} (func (export "_start") (call $exit (i32.const 7)) unreachable)`, 7],
    ['exit -1', `${EXIT} (func (export "_start") (call $exit (i32.const -1)))`, 0xffff_ffff],
    ['exit deep inside', `${EXIT} (func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (call $exit (i32.const 3))))) (func (export "_start") (call $deep (i32.const 100)))`, 3],
    ['unreachable', '(func (export "_start") unreachable)', 'unreachable'],
    ['division by zero', '(func (export "_start") (drop (i32.div_s (i32.const 1) (i32.const 0))))', 'integer divide by zero'],
    ['a load beyond memory', '(memory (export "memory") 1) (func (export "_start") (drop (i32.load (i32.const 65533))))', 'out of bounds memory access'],
    ['endless recursion', '(func $f (export "_start") (call $f))', 'call stack exhausted'],
    ['a trap in the start function', '(func $s unreachable) (start $s) (func (export "_start"))', 'unreachable'],
    ['exit in the start function', `${EXIT} (func $s (call $exit (i32.const 5))) (start $s) (func (export "_start"))`, 5],
  ])('%s', (_what, text, expected) => {
    expect(ended(text)).toBe(expected);
  });

  test('a trap tells the calls it happened in, innermost first, by name', async () => {
    const file = await compileGuest('__attribute__((noinline)) int inner(volatile int *p) { return *p / (*p - 1); }\n__attribute__((noinline)) int outer(volatile int *p) { return inner(p) + 1; }\nint main(void) { volatile int one = 1; return outer(&one); }', { args: ['-O0'] });
    const status = runProgram({ bytes: fs.readFileSync(file), name: file, wasi: { args: [], env: {}, stdin: { read: () => 0 }, stdout: collector(), stderr: collector(), preopens: [] } });
    if (status.kind !== 'trap') throw new Error('it did not trap');
    expect(status.name).toBe('integer divide by zero');
    expect(status.error.frames.slice(0, 2).map(({ name }) => name)).toEqual(['inner', 'outer']);
    expect(status.error.frames.map(({ name }) => name)).toContain('_start');
  });
});

describe('the memory', () => {
  test('a program without memory runs; its pointers are faults', () => {
    expect(ended(`${EXIT} ${WRITE} (func (export "_start") (call $exit (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 0))))`)).toBe(21);
    expect(ended(`${EXIT} ${WRITE} (memory 1) (func (export "_start") (call $exit (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 0))))`)).toBe(21);
  });

  test('in a start function the memory is not known yet', () => {
    expect(ended(`${EXIT} ${WRITE} (memory (export "memory") 1) (func $s (call $exit (call $write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))) (start $s) (func (export "_start"))`)).toBe(21);
  });

  test('a memory that grows while the program runs is seen grown', () => {
    const { status, stdout } = run(`${EXIT} ${WRITE} (memory (export "memory") 1)
      (func (export "_start")
        (drop (memory.grow (i32.const 3)))
        (i32.store (i32.const 200000) (i32.const 200016))
        (i32.store (i32.const 200004) (i32.const 5))
        (i64.store (i32.const 200016) (i64.const 0x6f6c6c6568))
        (call $exit (call $write (i32.const 1) (i32.const 200000) (i32.const 1) (i32.const 200008))))`);
    expect(status).toEqual({ kind: 'exit', code: 0 });
    expect(stdout).toBe('hello');
  });
});

describe('refused before anything runs', () => {
  const code = (text: string, options: Partial<WasiOptions> = {}): string => {
    try {
      run(text, options);
    } catch (error) {
      return (error as WasienvError).code;
    }
    return 'nothing';
  };

  test.each<[string, string, string]>([
    ['no start', '', 'E_NO_START'],
    ['an import nobody has', '(import "env" "f" (func)) (func (export "_start"))', 'E_LINK'],
    ['a name that every object of JavaScript has', '(import "wasi_snapshot_preview1" "toString" (func)) (func (export "_start"))', 'E_LINK'],
    ['a module name that every object of JavaScript has', '(import "constructor" "name" (func)) (func (export "_start"))', 'E_LINK'],
  ])('%s', (_what, text, expected) => {
    expect(code(text)).toBe(expected);
  });

  test('a directory that is not there', () => {
    expect(code('(func (export "_start"))', { preopens: [{ host: path.join(makeDirectory(), 'missing'), guest: '/' }] })).toBe('E_PREOPEN');
  });

  test('bytes that are no module', () => {
    expect(() => runProgram({ bytes: Buffer.from('#!/bin/sh'), name: 'x', wasi: { args: [], env: {}, stdin: 0, stdout: 1, stderr: 2, preopens: [] } })).toThrow(expect.objectContaining({ code: 'E_NOT_WASM' }));
  });
});

test('a loaded module runs as often as one likes, each time from the beginning', () => {
  const bytes = encode(parse(`(module ${EXIT} (global $g (mut i32) (i32.const 1)) (func (export "_start") (global.set $g (i32.add (global.get $g) (i32.const 1))) (call $exit (global.get $g))))`));
  const module = loadModule(bytes, 'again.wasm');
  const wasi: WasiOptions = { args: [], env: {}, stdin: { read: () => 0 }, stdout: collector(), stderr: collector(), preopens: [] };
  for (let turn = 0; turn < 3; turn += 1) expect(runProgram({ module, name: 'again.wasm', wasi })).toEqual({ kind: 'exit', code: 2 });
});

test('what a collector of output throws is the caller\'s own and comes out as it is', () => {
  const own = new Error('the disk of the caller is full');
  const write = () => {
    throw own;
  };
  const text = `${WRITE} (memory (export "memory") 1) (data (i32.const 0) "\\10\\00\\00\\00\\01\\00\\00\\00") (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))`;
  expect(() => run(text, { stdout: { write } })).toThrow(own);
});
