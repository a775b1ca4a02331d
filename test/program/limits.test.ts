// Programs that use up what they were given, on both engines where both can keep the limit.
import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngine, runProgram, type Engine, type ExitStatus, type ProgramLimits } from '../../src/program/index.js';
import { parse } from '../../src/wasm/index.js';
import { machine } from '../../src/wasm/runtime/machine.js';
import { collector } from '../wasi/support.js';

let host: Engine;
beforeAll(async () => {
  host = (await loadEngine('host'))!;
});

function run(text: string, limits: ProgramLimits, engine?: Engine): ExitStatus {
  return runProgram({
    name: 'p.wasm', module: parse(`(module ${text})`), limits, ...(engine === undefined ? {} : { engine }),
    wasi: { args: [], env: {}, stdin: { read: () => 0 }, stdout: collector(), stderr: collector(), preopens: [] },
  });
}

const EXIT = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))';
const POLL = '(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))';
const SPIN = '(func $spin (loop (br 0))) (func (export "_start") (call $spin))';
/** Sleeps for a minute by the monotonic clock. */
const SLEEP = `${POLL} (memory (export "memory") 1) (data (i32.const 16) "\\01") (func (export "_start") (i64.store (i32.const 24) (i64.const 60000000000)) (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))`;
/** Exits with the pages it has after it asked for ten, one at a time. */
const GROW = (most: string) => `${EXIT} (memory (export "memory") 1 ${most}) (func (export "_start") (local i32)
  (loop (drop (memory.grow (i32.const 1))) (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10))))
  (call $exit (memory.size)))`;
/** Waits for another thread, of which there is none. */
const WAIT = '(memory (export "memory") 1 2 shared) (func (export "_start") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))';
const engines = (): [string, Engine | undefined][] => [['interpreter', undefined], ['host', host]];

describe('time', () => {
  test.each([['a loop', SPIN], ['recursion and a loop', '(func $f (call $g) (call $f)) (func $g (loop (br_if 0 (i32.const 0)))) (func (export "_start") (loop (call $g) (br 0)))'], ['a wait', SLEEP], ['a wait for another thread', WAIT]])('%s is stopped', (_what, text) => {
    for (const [name, engine] of engines()) {
      const status = run(text, { timeoutMs: 60 }, engine);
      expect(status, name).toMatchObject({ kind: 'limit', error: { code: 'E_LIMIT_TIME', message: 'the time is over: the program had 60 ms' } });
    }
  });

  test('the interpreter tells where the program was', () => {
    // Its code asks for the time where it is counted anyway.
    const spinning = run(SPIN, { timeoutMs: 60, fuel: 1e15 });
    expect(spinning.kind === 'limit' && [spinning.error.code, ...spinning.error.frames.map(({ functionIndex, name }) => name ?? functionIndex)]).toEqual(['E_LIMIT_TIME', 'spin', '_start']);
    for (const waiting of [run(SLEEP, { timeoutMs: 60, fuel: 1e15 }), run(WAIT, { timeoutMs: 60, fuel: 1e15 })]) {
      expect(waiting.kind === 'limit' && [waiting.error.code, ...waiting.error.frames.map(({ name }) => name)]).toEqual(['E_LIMIT_TIME', '_start']);
    }
  });

  test('a program that was stopped leaves the engine as it was', () => {
    const deep = '(func $f (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))) (else (loop (br 0))))) (func (export "_start") (call $f (i32.const 100000)))';
    for (let round = 0; round < 20; round++) expect(run(deep, { timeoutMs: 20 })).toMatchObject({ kind: 'limit' });
    expect(machine).toMatchObject({ top: 0, depth: 0, nesting: 0, left: [] });
    expect(run('(func $f (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))) (func (export "_start") (call $f (i32.const 200000)))', {})).toEqual({ kind: 'exit', code: 0 });
  });

  test('who is done in time is not stopped', () => {
    for (const [name, engine] of engines()) expect(run('(func (export "_start"))', { timeoutMs: 60_000 }, engine), name).toEqual({ kind: 'exit', code: 0 });
  });
});

describe('memory', () => {
  test.each([['without a maximum', ''], ['with a larger one', '100'], ['with a smaller one', '3']])('growth ends at the limit: a memory %s', (_what, most) => {
    const pages = most === '3' ? 3 : 4;
    for (const [name, engine] of engines()) expect(run(GROW(most), { maxMemoryBytes: 4 * 65_536 + 1000 }, engine), name).toMatchObject({ kind: 'exit', code: pages });
  });

  test('that a program was refused some is told', () => {
    expect(run(GROW(''), { maxMemoryBytes: 4 * 65_536 })).toEqual({ kind: 'exit', code: 4, refusedBytes: 5 * 65_536 });
    expect(run(GROW(''), { maxMemoryBytes: 100 * 65_536 })).toEqual({ kind: 'exit', code: 11 });
  });

  test('a program that starts with more is refused, before anything of it runs', () => {
    for (const [name, engine] of engines()) {
      expect(() => run('(memory 5) (func $s unreachable) (start $s) (func (export "_start"))', { maxMemoryBytes: 4 * 65_536 }, engine), name).toThrow(expect.objectContaining({ code: 'E_LIMIT_MEMORY' }));
    }
  });
});

describe('instructions and calls', () => {
  test('fuel stops a program at the same place each time', () => {
    const one = run(SPIN, { fuel: 1000 });
    expect(one).toMatchObject({ kind: 'limit', error: { code: 'E_LIMIT_FUEL' } });
    expect(one.kind === 'limit' && one.error.frames.map(({ functionIndex }) => functionIndex)).toEqual([0, 1]);
    expect(run(`${EXIT} (func (export "_start") (call $exit (i32.const 9)))`, { fuel: 2 })).toEqual({ kind: 'exit', code: 9 });
  });

  test('depth', () => {
    const nested = '(func $c) (func $b (call $c)) (func $a (call $b)) (func (export "_start") (call $a))';
    expect(run(nested, { maxDepth: 4 })).toEqual({ kind: 'exit', code: 0 });
    expect(run(nested, { maxDepth: 3 })).toMatchObject({ kind: 'limit', error: { code: 'E_LIMIT_DEPTH', frames: { length: 4 } } });
  });

  test('the host’s engine can keep neither, and says so', () => {
    for (const limits of [{ fuel: 1000 }, { maxDepth: 10 }]) expect(() => run(SPIN, limits, host)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });
});
