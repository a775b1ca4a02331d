// Values between JavaScript and WebAssembly, by the rules of the JavaScript API.
import vm from 'node:vm';
import { describe, expect, test } from 'vitest';
import { decode, Exception, Global, instantiate, invoke, LinkError, parse, Table, type ExportedFunction, type Tag } from '../../../src/wasm/index.js';
import { Type } from '../../../src/wasm/types.js';

const exportsOf = (text: string, imports = {}) => instantiate(parse(text), imports).exports as Record<string, ExportedFunction>;

describe('arguments and results', () => {
  const { i, l, f, d, e, fn } = exportsOf(`(module
    (func (export "i") (param i32) (result i32) local.get 0) (func (export "l") (param i64) (result i64) local.get 0)
    (func (export "f") (param f32) (result f32) local.get 0) (func (export "d") (param f64) (result f64) local.get 0)
    (func (export "e") (param externref) (result externref) local.get 0) (func (export "fn") (param funcref) (result funcref) local.get 0))`);

  test.each([
    ['i32 wraps', () => i!(2 ** 32 + 5), 5], ['i32 of a fraction', () => i!(-1.9), -1], ['i32 of nothing', () => i!(), 0], ['i32 of text', () => i!('7'), 7],
    ['i64 wraps', () => l!(2n ** 64n + 5n), 5n], ['i64 of a boolean', () => l!(true), 1n],
    ['f32 rounds', () => f!(0.1), Math.fround(0.1)], ['f64 keeps', () => d!(0.1), 0.1], ['f64 of nothing', () => d!(), NaN],
    ['externref of undefined', () => e!(undefined), undefined], ['externref of null', () => e!(null), null],
    ['funcref is the same function', () => fn!(i), i], ['funcref of null', () => fn!(null), null],
  ])('%s', (_name, call, expected) => {
    expect(call()).toBe(expected);
  });

  test.each([
    ['i64 of a number', () => l!(1)], ['i32 of a bigint', () => i!(1n)], ['i32 of a symbol', () => i!(Symbol())], ['funcref of another function', () => fn!(() => 1)],
  ])('%s is a TypeError', (_name, call) => {
    expect(call).toThrow(TypeError);
  });

  test('converting an argument may call into the module', () => {
    const { add } = exportsOf('(module (func (export "add") (param i32 i32 i32) (result i32) (i32.add (i32.mul (local.get 0) (i32.const 100)) (i32.add (i32.mul (local.get 1) (i32.const 10)) (local.get 2)))))');
    expect(add!(1, { valueOf: () => (add!(9, 9, 9) as number) - 997 }, 3)).toBe(123);
  });

  test('a function has a name and a length, and is one object', () => {
    const instance = instantiate(parse('(module (func $g (param i32 i64)) (func (export "a") (param i32) (result i32) local.get 0) (export "b" (func 1)))'));
    const { a, b } = instance.exports as Record<string, ExportedFunction>;
    expect([a!.name, a!.length, a === b]).toEqual(['1', 1, true]);
    expect(() => invoke(a!, [])).toThrow(TypeError);
    expect(() => invoke(a!, [{ type: 'i64', value: 1n }])).toThrow('argument 0 is of type i64, i32 is expected');
    expect(() => invoke(() => 1, [])).toThrow(TypeError);
  });

  test('several results of a host function are read from what it returns', () => {
    const { f } = exportsOf('(module (import "h" "two" (func $two (result i32 i64))) (func (export "f") (result i32 i64) (call $two)))', { h: { two: () => new Set([4, 5n]) } });
    expect(f!()).toEqual([4, 5n]);
    const { g } = exportsOf('(module (import "h" "two" (func $two (result i32 i64))) (func (export "g") (result i32 i64) (call $two)))', { h: { two: () => [1] } });
    expect(() => g!()).toThrow(TypeError);
  });
});

test('making an exception of values whose conversion calls in keeps the others', () => {
  const { add, tag, raise } = instantiate(parse(`(module (import "h" "raise" (func $raise)) (tag (export "tag") (param i32 i32))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "raise") (result i32 i32) (block (result i32 i32) (try_table (catch 0 0) (call $raise)) (i32.const 0) (i32.const 0))))`),
    { h: { raise: () => { throw Exception.of(tag as Tag, [41, { valueOf: () => (add as ExportedFunction)(900, 9) }]); } } }).exports;
  expect((raise as ExportedFunction)()).toEqual([41, 909]);
});

describe('globals and tables', () => {
  test('are read and written by the host, as their types allow', () => {
    const instance = instantiate(parse('(module (global (export "m") (mut i64) (i64.const 3)) (global (export "c") f32 (f32.const 1.5)) (table (export "t") 2 funcref) (func $f (export "f")) (elem (i32.const 1) $f) (func (export "read") (result i64) (global.get 0)))'));
    const { m, c, t, f, read } = instance.exports as unknown as { m: Global; c: Global; t: Table; f: ExportedFunction; read: ExportedFunction };
    m.value = -9n;
    expect([read(), m.value, c.value]).toEqual([-9n, -9n, 1.5]);
    expect(() => { c.value = 2; }).toThrow(TypeError);
    expect([t.get(0), t.get(1)]).toEqual([null, f]);
    t.set(0, read);
    expect(t.get(0)).toBe(read);
    expect(() => t.get(2)).toThrow(RangeError);
    expect(() => t.set(0, () => 1)).toThrow(TypeError);
  });

  test('a plain value stands for an immutable global of its type', () => {
    const text = (type: string): string => `(module (import "h" "g" (global ${type})) (func (export "f") (result ${type.replace(/\(mut (.*)\)/, '$1')}) (global.get 0)))`;
    expect(exportsOf(text('i32'), { h: { g: 7.9 } })['f']!()).toBe(7);
    expect(exportsOf(text('i64'), { h: { g: 7n } })['f']!()).toBe(7n);
    expect(() => exportsOf(text('i64'), { h: { g: 7 } })).toThrow(LinkError);
    expect(() => exportsOf(text('(mut i32)'), { h: { g: 7 } })).toThrow(LinkError);
  });

  test('a mutable global of one instance is the same one in another', () => {
    const shared = Global.of({ type: Type.I32, mutable: true }, 1);
    const [a, b] = [0, 1].map(() => exportsOf('(module (import "h" "g" (global (mut i32))) (func (export "up") (result i32) (global.set 0 (i32.add (global.get 0) (i32.const 1))) (global.get 0)))', { h: { g: shared } }));
    expect([a!['up']!(), b!['up']!(), a!['up']!(), shared.value]).toEqual([2, 3, 4, 4]);
  });
});

test.each([undefined, null, 'text', [0, 0x61, 0x73, 0x6d], new ArrayBuffer(8), new DataView(new ArrayBuffer(8)), new Uint16Array(4)])('%o is no bytes', (given) => {
  expect(() => decode(given as never)).toThrow(TypeError);
  if (typeof given !== 'string') expect(() => parse(given as never)).toThrow(TypeError);
});

test('bytes of another realm, of a Buffer and of shared memory are bytes', () => {
  const bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  shared.set(bytes);
  for (const given of [Buffer.from(bytes), shared, vm.runInNewContext(`new Uint8Array([${bytes.join()}])`) as Uint8Array]) expect(decode(given).bodies).toEqual([]);
});
