// Hand-made modules: control flow, calls, traps with their stacks, limits of depth.
import { beforeEach, describe, expect, test } from 'vitest';
import { Exhaustion, instantiate, invoke, LinkError, Memory, parse, Trap, type ExportedFunction, type ImportObject, type StackFrame } from '../../../src/wasm/index.js';
import { thrownBy } from '../../support/thrown.js';
import { TIERS, useTier } from '../../support/tiers.js';

const exportsOf = (text: string, imports: ImportObject = {}): Record<string, ExportedFunction> => instantiate(parse(text), imports).exports as Record<string, ExportedFunction>;

describe.each(TIERS)('by %s', (tier) => {
  beforeEach(() => useTier(tier));

  describe('values', () => {
    test('i64 is a bigint, several results are an array, none is undefined', () => {
      const { wide, two, none } = exportsOf(`(module
        (func (export "wide") (param i64) (result i64) (i64.mul (local.get 0) (i64.const -3)))
        (func (export "two") (param i32) (result i32 f64) (local.get 0) (f64.const 0.5))
        (func (export "none")))`);
      expect(wide!(2n ** 62n)).toBe(BigInt.asIntN(64, 2n ** 62n * -3n));
      expect(two!(7)).toEqual([7, 0.5]);
      expect(none!()).toBeUndefined();
    });

    test('by bits, signalling NaNs go through untouched', () => {
      const { f, d } = exportsOf('(module (func (export "f") (param f32) (result f32) local.get 0) (func (export "d") (param f64 i32) (result f64) (local f64) (local.set 2 (local.get 0)) local.get 2))');
      expect(invoke(f!, [{ type: 'f32', bits: 0x7fa00001 }])).toEqual([{ type: 'f32', bits: 0x7fa00001 }]);
      expect(invoke(d!, [{ type: 'f64', bits: 0x7ff4000000000001n }, { type: 'i32', value: 0 }])).toEqual([{ type: 'f64', bits: 0x7ff4000000000001n }]);
    });
  });

  describe('lowering keeps values apart', () => {
    test('an operand keeps the value its local had', () => {
      const { swap, chain } = exportsOf(`(module
        (func (export "swap") (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
        (func (export "chain") (param i32) (result i32)
          (local.get 0) (local.set 0 (i32.add (local.get 0) (i32.const 1)))
          (local.get 0) (local.set 0 (i32.const 100))
          (i32.sub)))`);
      expect(swap!(1, 2)).toEqual([2, 1]);
      expect(chain!(5)).toBe(-1);
    });

    test('an operand below a block keeps its value whichever way the block is left', () => {
      const { f } = exportsOf(`(module (func (export "f") (param i32) (result i32)
        (local.get 0)
        (block (br_if 0 (i32.eqz (local.get 0))) (local.set 0 (i32.const 50)))
        (i32.mul (local.get 0) (i32.const 1000)) (i32.add)))`);
      expect(f!(0)).toBe(0);
      expect(f!(3)).toBe(50_003);
    });

    test('a local first written on one way only is zero on the other', () => {
      const { f } = exportsOf(`(module
        (func $dirty (result i32) (local i32 i32 i32) (local.set 0 (i32.const 9)) (local.set 1 (i32.const 9)) (local.set 2 (i32.const 9)) (local.get 2))
        (func (export "f") (param i32) (result i32) (local i32)
          (drop (call $dirty))
          (block (br_if 0 (local.get 0)) (local.set 1 (i32.const 7)))
          (local.get 1)))`);
      expect(f!(0)).toBe(7);
      expect(f!(1)).toBe(0);
    });

    test('a comparison of floats and its negation differ for NaN', () => {
      const { less, notLess } = exportsOf(`(module
        (func (export "less") (param f64 f64) (result i32) (if (result i32) (f64.lt (local.get 0) (local.get 1)) (then (i32.const 1)) (else (i32.const 0))))
        (func (export "notLess") (param f64 f64) (result i32) (if (result i32) (i32.eqz (f64.lt (local.get 0) (local.get 1))) (then (i32.const 1)) (else (i32.const 0)))))`);
      expect([less!(1, 2), less!(2, 1), less!(NaN, 1)]).toEqual([1, 0, 0]);
      expect([notLess!(1, 2), notLess!(2, 1), notLess!(NaN, 1)]).toEqual([0, 1, 1]);
    });

    test('branches carry values past others: br, br_if, br_table and return', () => {
      const { f } = exportsOf(`(module (func (export "f") (param i32) (result i32 i64)
        (block $out (result i32 i64)
          (block $in (result i32 i64)
            (i32.const 11) (i64.const 12) (i32.const 1) (i64.const 2)
            (br_table $in $out 2 (local.get 0)))
          (drop) (drop) (i32.const 5) (i64.const 6) (i32.const 3) (i64.const 4)
          (br_if $out (i32.eq (local.get 0) (i32.const 0)))
          (return))
        (drop) (i32.const 100) (i32.add) (i64.const 8)))`);
      expect(f!(0)).toEqual([103, 8n]);
      expect(f!(1)).toEqual([101, 8n]);
      expect(f!(2)).toEqual([1, 2n]);
    });
  });

  describe('traps', () => {
    const names = (frames: readonly StackFrame[]): unknown[] => frames.map(({ name }) => name);

    test('carry the call stack, innermost first, with names and positions', () => {
      const module = parse(`(module
        (func $divide (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
        (func $middle (param i32) (result i32) (i32.add (i32.const 1) (call $divide (i32.const 8) (local.get 0))))
        (func $outer (export "f") (param i32) (result i32) (call $middle (local.get 0))))`);
      const { f } = instantiate(module).exports as Record<string, ExportedFunction>;
      expect(f!(2)).toBe(5);
      const trap = thrownBy(() => f!(0)) as Trap;
      expect(trap).toBeInstanceOf(Trap);
      expect(trap.trap).toBe('integer divide by zero');
      expect(names(trap.frames)).toEqual(['divide', 'middle', 'outer']);
      expect(trap.frames.map(({ functionIndex }) => functionIndex)).toEqual([0, 1, 2]);
      for (const { functionIndex, offset } of trap.frames) {
        const { start, end, bytes } = module.bodies[functionIndex]!.code;
        expect(offset).toBeGreaterThanOrEqual(start);
        expect(offset).toBeLessThan(end);
        expect(bytes[offset!]).toBe(functionIndex === 0 ? 0x6d : 0x10);
      }
      expect(f!(4)).toBe(3);
    });

    test.each([
      ['unreachable', '(unreachable)'],
      ['integer divide by zero', '(drop (i64.rem_u (i64.const 1) (i64.const 0)))'],
      ['integer overflow', '(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))'],
      ['integer overflow', '(drop (i32.trunc_f64_u (f64.const 4294967296)))'],
      ['invalid conversion to integer', '(drop (i64.trunc_f32_s (f32.const nan)))'],
      ['out of bounds memory access', '(drop (i32.load (i32.const -1)))'],
      ['out of bounds memory access', '(drop (i32.load offset=0xffffffff (i32.const 1)))'],
      ['out of bounds memory access', '(i64.store (i32.const 65529) (i64.const 0))'],
      ['out of bounds memory access', '(memory.fill (i32.const 65530) (i32.const 0) (i32.const 7))'],
      ['out of bounds table access', '(drop (table.get (i32.const 3)))'],
      ['undefined element', '(call_indirect (i32.const 3))'],
      ['uninitialized element 1', '(call_indirect (i32.const 1))'],
      ['indirect call type mismatch', '(call_indirect (param i64) (i64.const 0) (i32.const 0))'],
    ])('%s: %s', (wording, body) => {
      const { f } = exportsOf(`(module (memory 1) (table 3 funcref) (elem (i32.const 0) $f) (func $f (export "f") ${body}))`);
      const trap = thrownBy(() => f!()) as Trap;
      expect(trap).toBeInstanceOf(Trap);
      expect(trap.trap).toBe(wording);
      expect(names(trap.frames)).toEqual(['f']);
    });
  });

  describe('depth', () => {
    test('a call too many is exhaustion with the innermost calls named; the next call finds an empty stack', () => {
      const { forever, down } = exportsOf(`(module
        (func $forever (export "forever") (call $forever))
        (func $down (export "down") (param i32) (result i32)
          (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0)))))`);
      const thrown = thrownBy(() => forever!()) as Exhaustion;
      expect(thrown).toBeInstanceOf(Exhaustion);
      expect(thrown.wording).toBe('call stack exhausted');
      expect(thrown.frames[0]).toMatchObject({ functionIndex: 0, name: 'forever' });
      expect(down!(100_000)).toBe(100_000);
    });

    test('so are calls back and forth between host and module, whatever depth of JavaScript stack is left', () => {
      let calls = 0;
      const { f } = exportsOf('(module (import "host" "back" (func $back)) (func (export "f") (call $back)))', { host: { back: () => { calls++; f!(); } } });
      expect(thrownBy(() => f!())).toBeInstanceOf(Exhaustion);
      expect(calls).toBeGreaterThan(100);
    });

    test('functions of two instances call each other to the same depth', () => {
      const a = exportsOf(`(module (table (export "t") 1 funcref) (type $t (func (param i32) (result i32)))
        (func (export "down") (type $t) (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))) (else (i32.const 0)))))`);
      instantiate(parse(`(module (import "a" "t" (table 1 funcref)) (import "a" "down" (func $down (param i32) (result i32)))
        (func $up (param i32) (result i32) (call $down (local.get 0))) (elem (i32.const 0) $up))`), { a: a as never });
      expect(a['down']!(1000)).toBe(1000);
      expect(thrownBy(() => a['down']!(10_000_000))).toBeInstanceOf(Exhaustion);
      expect(a['down']!(1000)).toBe(1000);
    });
  });

  describe('hosts', () => {
    test('what a host function throws goes through, and the stack is clean afterwards', () => {
      const thrown = new Error('from the host');
      let fail = true;
      const { f } = exportsOf('(module (import "host" "maybe" (func $maybe (param i32) (result i32))) (func (export "f") (result i32) (i32.add (i32.const 40) (call $maybe (i32.const 2)))))', {
        host: { maybe: (value: number) => { if (fail) throw thrown; return value; } },
      });
      expect(thrownBy(() => f!())).toBe(thrown);
      fail = false;
      expect(f!()).toBe(42);
    });

    test('a host function may grow the memory under the caller', () => {
      const instance = instantiate(parse(`(module (import "host" "grow" (func $grow)) (memory (export "m") 1)
        (func (export "f") (result i32 i32) (i32.store (i32.const 0) (i32.const 77)) (call $grow) (i32.store (i32.const 6553600) (i32.const 5)) (i32.load (i32.const 0)) (memory.size)))`), {
        host: { grow: () => void (instance.exports['m'] as Memory).grow(200) },
      });
      expect((instance.exports['f'] as ExportedFunction)()).toEqual([77, 201]);
      const view = (instance.exports['m'] as Memory).view();
      expect(view.length).toBe(201 * 65_536);
      expect([view[0], view[6_553_600]]).toEqual([77, 5]);
    });

    test('every import that is missing or of another type is named', () => {
      const module = parse(`(module (import "env" "gone" (func)) (import "env" "m" (memory 2)) (import "other" "g" (global i32)))`);
      const error = thrownBy(() => instantiate(module, { env: { m: new Memory({ limits: { address: 'i32', min: 1n, max: null, shared: false } }) } })) as LinkError;
      expect(error).toBeInstanceOf(LinkError);
      expect(error.message).toBe('unknown import: func "env" "gone", global "other" "g"; incompatible import type: memory "env" "m": its size is 1, at least 2 is wanted');
    });
  });
});
