// The engine of Node on the same programs: it says what the interpreter says, of exits, traps and the calls they happened in.
import { beforeAll, describe, expect, test } from 'vitest';
import { sameTrap } from '../../src/program/host/traps.js';
import { loadEngine, runProgram, type Engine, type ExitStatus } from '../../src/program/index.js';
import { encode, parse } from '../../src/wasm/index.js';
import type { WasiOptions } from '../../src/wasi/index.js';
import { collector } from '../wasi/support.js';

let host: Engine;
beforeAll(async () => {
  host = (await loadEngine('host'))!;
});

const nodeMajor = Number(process.versions.node.split('.')[0]);
const wasi = (): WasiOptions => ({ args: ['p'], env: {}, stdin: { read: () => 0 }, stdout: collector(), stderr: collector(), preopens: [] });

type Form = 'binary' | 'text';

function run(text: string, engine: Engine | undefined, form: Form): ExitStatus {
  const module = parse(`(module ${text})`);
  return runProgram({ name: 'p.wasm', wasi: wasi(), ...(engine === undefined ? {} : { engine }), ...(form === 'text' ? { module } : { bytes: encode(module, { names: true }) }) });
}

const EXIT = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))';
const RAISE = '(import "wasi_snapshot_preview1" "proc_raise" (func $raise (param i32) (result i32)))';
const deeper = (body: string) => `(func $inner ${body}) (func $outer (call $inner)) (func (export "_start") (call $outer))`;

/** Name, program, the first Node whose engine takes it. */
const TRAPS: [what: string, text: string, since?: number][] = [
  ['unreachable', deeper('unreachable')],
  ['division by zero', deeper('(drop (i32.div_s (i32.const 1) (i32.const 0)))')],
  ['remainder by zero', deeper('(drop (i64.rem_u (i64.const 1) (i64.const 0)))')],
  ['division overflow', deeper('(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))')],
  ['a float too large', deeper('(drop (i32.trunc_f64_s (f64.const 1e20)))')],
  ['a float that is none', deeper('(drop (i32.trunc_f64_s (f64.const nan)))')],
  ['a load beyond memory', `(memory 1) ${deeper('(drop (i32.load (i32.const 65536)))')}`],
  ['memory.fill', `(memory 1) ${deeper('(memory.fill (i32.const 65536) (i32.const 1) (i32.const 2))')}`],
  ['memory.init', `(memory 1) (data $d "abc") ${deeper('(memory.init $d (i32.const 0) (i32.const 0) (i32.const 20))')}`],
  ['table.get', `(table 1 funcref) ${deeper('(drop (table.get (i32.const 3)))')}`],
  ['table.copy', `(table 1 funcref) ${deeper('(table.copy (i32.const 0) (i32.const 0) (i32.const 20))')}`],
  ['call_indirect beyond the table', `(table 1 funcref) ${deeper('(call_indirect (i32.const 3))')}`],
  ['call_indirect of nothing', `(table 1 funcref) ${deeper('(call_indirect (i32.const 0))')}`],
  ['call_indirect of another type', `(table 1 funcref) (elem (i32.const 0) $g) (func $g (param i32)) ${deeper('(call_indirect (i32.const 0))')}`],
  ['a data segment', '(memory 1) (data (i32.const 65536) "abc") (func (export "_start"))'],
  ['an element segment', '(table 1 funcref) (elem (i32.const 5) $g) (func $g) (func (export "_start"))'],
  ['an unaligned atomic', `(memory 1 1 shared) ${deeper('(drop (i32.atomic.load (i32.const 1)))')}`],
  ['waiting on memory that is not shared', `(memory 1 1) ${deeper('(drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0)))')}`],
  ['call_ref of null', `(type $t (func)) ${deeper('(call_ref $t (ref.null $t))')}`, 22],
  ['ref.as_non_null', deeper('(drop (ref.as_non_null (ref.null func)))'), 22],
  ['ref.cast', `(type $s (struct)) ${deeper('(drop (ref.cast (ref $s) (ref.i31 (i32.const 1))))')}`, 22],
  ['struct.get of null', `(type $s (struct (field i32))) ${deeper('(drop (struct.get $s 0 (ref.null $s)))')}`, 22],
  ['array.get of null', `(type $a (array i32)) ${deeper('(drop (array.get $a (ref.null $a) (i32.const 0)))')}`, 22],
  ['array.get beyond the array', `(type $a (array i32)) ${deeper('(drop (array.get $a (array.new_default $a (i32.const 1)) (i32.const 5)))')}`, 22],
  ['i31.get of null', deeper('(drop (i31.get_s (ref.null i31)))'), 22],
  ['array.new_data', `(type $a (array i32)) (data $d "abc") ${deeper('(drop (array.new_data $a $d (i32.const 0) (i32.const 20)))')}`, 22],
  ['array.new_elem', `(type $a (array funcref)) (elem $e funcref) ${deeper('(drop (array.new_elem $a $e (i32.const 0) (i32.const 20)))')}`, 22],
  ['an array too large', `(type $a (array i32)) ${deeper('(drop (array.new_default $a (i32.const -1)))')}`, 22],
  ['throw_ref of null', deeper('(throw_ref (ref.null exn))'), 25],
];

describe.each<Form>(['binary', 'text'])('a module in %s form', (form) => {
  test.each(TRAPS.map(([what, text, since]) => [what, text, since ?? 20] as const))('traps alike: %s', (_what, text, since) => {
    const ours = run(text, undefined, form);
    if (ours.kind !== 'trap') throw new Error('it did not trap');
    if (nodeMajor < since) {
      expect(() => run(text, host, form)).toThrow(expect.objectContaining({ code: 'E_UNSUPPORTED', next: expect.stringContaining(`Node.js ${since} or newer`) }));
      return;
    }
    const theirs = run(text, host, form);
    if (theirs.kind !== 'trap') throw new Error('it did not trap');
    expect(sameTrap(ours.name, theirs.name), `${ours.name}, ${theirs.name}`).toBe(true);
    expect(theirs.error.frames).toEqual(ours.error.frames);
  });

  test('recursion without end: the name, and the calls', () => {
    const text = '(func $f (param i32) (call $f (i32.add (local.get 0) (i32.const 1)))) (func (export "_start") (call $f (i32.const 0)))';
    const [ours, theirs] = [run(text, undefined, form), run(text, host, form)];
    if (ours.kind !== 'trap' || theirs.kind !== 'trap') throw new Error('it did not trap');
    expect(theirs.name).toBe('call stack exhausted');
    expect(theirs.error.code).toBe('E_EXHAUSTION');
    expect(theirs.error.frames[5]).toEqual(ours.error.frames[5]);
  });

  test.each([
    ['returning', '(func (export "_start"))', 0],
    ['proc_exit', `${EXIT} (func (export "_start") (call $exit (i32.const 7)) unreachable)`, 7],
    ['proc_exit in the start function', `${EXIT} (func $s (call $exit (i32.const 5))) (start $s) (func (export "_start"))`, 5],
    ['proc_raise', `${RAISE} (func (export "_start") (drop (call $raise (i32.const 6))) unreachable)`, 134],
    ['an exit that the program tries to catch', `${EXIT} (func (export "_start") (try (do (call $exit (i32.const 3))) (catch_all (call $exit (i32.const 4)))))`, 3],
  ])('exits alike: %s', (_what, text, code) => {
    for (const engine of [undefined, host]) expect(run(text, engine, form)).toEqual({ kind: 'exit', code });
  });

  test('an exception that nothing catches', () => {
    const text = '(tag $t (param i32)) (func (export "_start") (throw $t (i32.const 3)))';
    for (const engine of [undefined, host]) expect(run(text, engine, form)).toMatchObject({ kind: 'trap', name: 'uncaught exception', error: { code: 'E_EXCEPTION' } });
  });

  test('what is wrong with a module is said before the engine sees it', () => {
    for (const engine of [undefined, host]) expect(() => run('(func (export "_start") (drop (i32.add (i32.const 1))))', engine, form)).toThrow(expect.objectContaining({ code: 'E_INVALID' }));
  });
});

test('a memory that grows is seen grown', () => {
  const text = `${EXIT} (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32))) (memory (export "memory") 1)
    (func (export "_start")
      (drop (memory.grow (i32.const 3)))
      (i32.store (i32.const 200000) (i32.const 200016))
      (i32.store (i32.const 200004) (i32.const 5))
      (i64.store (i32.const 200016) (i64.const 0x6f6c6c6568))
      (call $exit (call $write (i32.const 1) (i32.const 200000) (i32.const 1) (i32.const 200008))))`;
  const stdout = collector();
  expect(runProgram({ module: parse(`(module ${text})`), name: 'p', engine: host, wasi: { ...wasi(), stdout } })).toEqual({ kind: 'exit', code: 0 });
  expect(stdout.text()).toBe('hello');
});

test('what a collector of output throws comes out as it is, even past a program that catches all', () => {
  const own = new Error('the disk of the caller is full');
  const write = () => {
    throw own;
  };
  const text = `(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32))) (memory (export "memory") 1) (data (i32.const 0) "\\10\\00\\00\\00\\01\\00\\00\\00")
    (func (export "_start") (try (do (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))) (catch_all)))`;
  for (const engine of [undefined, host]) {
    expect(() => runProgram({ module: parse(`(module ${text})`), name: 'p', ...(engine === undefined ? {} : { engine }), wasi: { ...wasi(), stdout: { write } } })).toThrow(own);
  }
});
