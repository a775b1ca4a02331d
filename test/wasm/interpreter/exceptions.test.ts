// Exceptions between modules and the host: what is caught where, and what an uncaught one tells.
import { describe, expect, test } from 'vitest';
import { Exception, instantiate, parse, type ExportedFunction, type ImportObject, type Tag } from '../../../src/wasm/index.js';
import { thrownBy } from '../../support/thrown.js';

const instanceOf = (text: string, imports: ImportObject = {}) => instantiate(parse(text), imports).exports;

describe('an exception', () => {
  test('that nothing catches reaches the host with its tag, its values and the calls it came from', () => {
    const exports = instanceOf(`(module (tag $t (export "t") (param i32 i64))
      (func $inner (throw $t (i32.const 7) (i64.const -8)))
      (func (export "f") (call $inner)))`);
    const thrown = thrownBy(exports['f'] as ExportedFunction) as Exception;
    expect(thrown).toBeInstanceOf(Exception);
    expect(thrown.tag).toBe(exports['t']);
    expect(thrown.bits).toEqual([7, -8n]);
    expect(thrown.frames.map(({ functionIndex, name }) => [functionIndex, name])).toEqual([[0, 'inner'], [1, undefined]]);
  });

  test('thrown by the host is caught by its tag, with its values', () => {
    let tag: Tag | null = null;
    const exports = instanceOf(`(module (import "host" "fail" (func $fail)) (tag $t (export "t") (param i32))
      (func (export "f") (result i32) (block $caught (result i32) (try_table (catch $t $caught) (call $fail)) (i32.const 0))))`, {
      host: { fail: () => { throw Exception.of(tag!, [42]); } },
    });
    tag = exports['t'] as Tag;
    expect((exports['f'] as ExportedFunction)()).toBe(42);
  });

  test('passes through the host from an inner call to an outer handler', () => {
    const exports: ReturnType<typeof instanceOf> = instanceOf(`(module (import "host" "back" (func $back)) (tag $t)
      (func (export "throw") (throw $t))
      (func (export "f") (result i32) (block $caught (try_table (catch $t $caught) (call $back)) (return (i32.const 0))) (i32.const 1)))`, {
      host: { back: () => (exports['throw'] as ExportedFunction)() },
    });
    expect((exports['f'] as ExportedFunction)()).toBe(1);
  });

  test('crosses instances in both directions, and each goes on in its own', () => {
    const library = instanceOf(`(module (tag $t (export "t") (param i32)) (memory (data "\\2a")) (func (export "throw") (throw $t (i32.load8_u (i32.const 0)))))`);
    const { f } = instanceOf(`(module (import "lib" "t" (tag $t (param i32))) (import "lib" "throw" (func $throw)) (memory (data "\\03"))
      (func (export "f") (result i32)
        (i32.mul (block $caught (result i32) (try_table (catch $t $caught) (call $throw)) (i32.const 0)) (i32.load8_u (i32.const 0)))))`, { lib: library });
    expect((f as ExportedFunction)()).toBe(126);
  });

  test('of another kind is none of the module: what the host throws goes through catch_all, and so does a trap', () => {
    const exit = new Error('exit');
    const { f, trap } = instanceOf(`(module (import "host" "exit" (func $exit))
      (func (export "f") (block $caught (try_table (catch_all $caught) (call $exit))))
      (func (export "trap") (block $caught (try_table (catch_all $caught) (unreachable)))))`, { host: { exit: () => { throw exit; } } });
    expect(thrownBy(f as ExportedFunction)).toBe(exit);
    expect(thrownBy(trap as ExportedFunction)).toMatchObject({ trap: 'unreachable' });
  });

  test('leaves locals and operands as the handler may expect them', () => {
    const { f } = instanceOf(`(module (tag $t (param i32))
      (func $throw (param i32) (throw $t (local.get 0)))
      (func (export "f") (param i32) (result i32) (local i32)
        (local.get 0)
        (block $caught (result i32)
          (try_table (catch $t $caught)
            (local.set 1 (i32.const 100)) (local.set 0 (i32.const 1000)) (call $throw (i32.const 7)))
          (unreachable))
        (i32.add) (local.get 1) (i32.add) (local.get 0) (i32.add)))`);
    expect((f as ExportedFunction)(1)).toBe(1108);
  });

  test('is found by the last of 200,000 clauses', () => {
    const { f } = instanceOf(`(module (tag $t) (tag $other)
      (func (export "f") (result i32) (block $h (try_table ${'(catch $other 0)'.repeat(200_000)} (catch $t $h) (throw $t)) (return (i32.const 1))) (i32.const 2)))`);
    expect((f as ExportedFunction)()).toBe(2);
  });
});
