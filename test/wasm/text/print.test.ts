// How modules look as text, and names that are no identifiers.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../../../src/wasm/binary/decode.js';
import { encode } from '../../../src/wasm/binary/encode.js';
import { LimitError } from '../../../src/wasm/errors.js';
import type { Module } from '../../../src/wasm/module.js';
import { Type } from '../../../src/wasm/types.js';
import { parse } from '../../../src/wasm/text/parse.js';
import { print } from '../../../src/wasm/text/print.js';

const SOURCE = `(module $m
  (type $s (struct (field $x i32) (field (mut (ref null $s)))))
  (memory $mem 1) (table 2 funcref) (tag $e (param i32))
  (global $g (mut i32) (i32.add (i32.const 1) (i32.const 2)))
  (func $f (export "f") (param $a i32) (param i32) (result i32) (local $l i64) (local f32 f32)
    (block $b (result i32)
      (if (result i32) (local.get $a)
        (then (br_if $b (i32.const 7) (local.get 1)))
        (else (call $f (i32.const 2) (i32.load offset=4 align=1 (i32.const 3))))))
    (local.set $l (i64.const -1))
    (drop (f32.const 0.1)) (drop (f64.const -nan:0x123))
    (block (loop (br 1) (br 0)))
    (try_table $q (catch $e 0) (throw $e (i32.const 3)))
    (drop (struct.get $s $x (struct.new $s (i32.const 1) (ref.null $s))))
    (try (do (nop)) (delegate 0)))
  (elem (i32.const 0) $f)
  (data "\\00a\\"\\c3\\a9\\n")
  (@custom "extra" (after type) "bar"))`;

test('flat', () => {
  expect(print(parse(SOURCE))).toBe(`(module $m
  (type $s (;0;) (struct (field $x i32) (field (mut (ref null $s)))))
  (type (;1;) (func (param i32)))
  (type (;2;) (func (param i32 i32) (result i32)))
  (table (;0;) 2 funcref)
  (memory $mem (;0;) 1)
  (tag $e (;0;) (type 1) (param i32))
  (global $g (;0;) (mut i32) i32.const 1 i32.const 2 i32.add)
  (export "f" (func $f))
  (elem (;0;) (i32.const 0) func $f)
  (func $f (;0;) (type 2) (param $a i32) (param i32) (result i32)
    (local $l i64) (local f32 f32)
    block $b (result i32)
      local.get $a
      if (result i32)  ;; label = @2
        i32.const 7
        local.get 1
        br_if $b
      else
        i32.const 2
        i32.const 3
        i32.load offset=4 align=1
        call $f
      end
    end
    i64.const -1
    local.set $l
    f32.const 0.1
    drop
    f64.const -nan:0x123
    drop
    block  ;; label = @3
      loop  ;; label = @4
        br 1 (;@3;)
        br 0 (;@4;)
      end
    end
    try_table $q (catch $e 0)
      i32.const 3
      throw $e
    end
    i32.const 1
    ref.null $s
    struct.new $s
    struct.get $s $x
    drop
    try  ;; label = @6
      nop
    delegate 0)
  (data (;0;) "\\00a\\"\\c3\\a9\\n")
  (@custom "extra" (after type) "bar"))
`);
});

test('folded', () => {
  expect(print(parse(SOURCE), { folded: true }).split('\n').slice(10, 31).join('\n')).toBe(`  (func $f (;0;) (type 2) (param $a i32) (param i32) (result i32)
    (local $l i64) (local f32 f32)
    (block $b (result i32)
      (if (result i32)
        (local.get $a)
        (then
          (br_if $b (i32.const 7) (local.get 1)))
        (else
          (call $f (i32.const 2) (i32.load offset=4 align=1 (i32.const 3))))))
    (local.set $l (i64.const -1))
    (drop (f32.const 0.1))
    (drop (f64.const -nan:0x123))
    (block
      (loop
        (br 1)
        (br 0)))
    (try_table $q (catch $e 0)
      (throw $e (i32.const 3)))
    (drop (struct.get $s $x (struct.new $s (i32.const 1) (ref.null $s))))
    (try
      (do`);
});

/** A module of functions with these names, as a compiler could have written it. */
function named(names: readonly string[]): Uint8Array {
  const module = parse(`(module ${'(func) '.repeat(names.length)})`);
  const functions = new Map(names.map((name, index) => [index, name]));
  return encode({ ...module, names: { ...module.names, functions } } satisfies Module, { names: true });
}

describe('names', () => {
  test('that are no identifiers, or not unique, come back all the same', () => {
    const bytes = named(['f', 'f', 'f.2', '', '', 'a b', 'std::vector<int>', '"\\', 'ä', '\u202e', '🦀', '\n', ')', ';;', '(;']);
    const text = print(decode(bytes));
    expect(text).toContain('(func $f (;0;)');
    expect(text).toContain('(func $f.2 (@name "f") (;1;)');
    expect(text).toContain('(func $f.2.2 (@name "f.2") (;2;)');
    expect(text).toContain('(func (@name "") (;3;)');
    expect(text).toContain('(func $"a b" (;5;)');
    expect(text).toContain('$std::vector<int>');
    expect(text).toContain('$"\\u{202e}"');
    expect(Buffer.from(encode(parse(text), { names: true })).equals(bytes)).toBe(true);
  });

  test('of any kind come back', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 12 }), (names) => {
      const bytes = named(names);
      expect(Buffer.from(encode(parse(print(decode(bytes))), { names: true })).equals(bytes)).toBe(true);
    }));
  });

  test('of labels never lead a branch astray', () => {
    const text = '(module (func block $l block $l br 0 br 1 end end))';
    const printed = print(parse(text));
    expect(printed).toContain('br $l\n');
    expect(printed).toContain('br 1 (;@1;)\n');
    expect(encode(parse(printed))).toEqual(encode(parse(text)));
  });
});

test('a function with absurdly many locals is refused, not written out', () => {
  const module = parse('(module (func))');
  const hostile = { ...module, bodies: [{ ...module.bodies[0]!, locals: [{ count: 0xffffffff, type: 0x7f }] }] };
  expect(() => print(hostile)).toThrow(LimitError);
});

test('a data segment of any bytes comes back', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    const module = parse('(module)');
    expect(parse(print({ ...module, data: [{ mode: { kind: 'passive' }, bytes }] })).data[0]!.bytes).toEqual(bytes);
  }));
});

describe('what is malformed has no text, and says where', () => {
  const body = (...code: number[]): Uint8Array => Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 4 + code.length, 1, 2 + code.length, 0, ...code, 0x0b]);
  test.each([
    ['a delegate without its try', body(0x18, 0), 'illegal opcode 18 00'],
    ['an end too many', body(0x0b), 'section size mismatch'],
    ['an end too few', body(0x02, 0x40), 'END opcode expected'],
    ['an else without its if', body(0x05), 'illegal opcode 05'],
  ])('%s', (_what, bytes, wording) => {
    for (const folded of [false, true]) expect(() => print(decode(bytes), { folded })).toThrow(wording);
  });

  test('a constant that a delegate ends is refused before', () => {
    expect(() => decode(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 6, 7, 1, 0x7f, 0, 0x18, 0, 0x0b, 0x0b]))).toThrow('illegal opcode 18 00');
  });
});

describe('what a few bytes stand for', () => {
  const long = 'n'.repeat(5000);

  test('a long name stands where it is bound, and is referred to by number', () => {
    const module = parse(`(module $${long} (func $${long} (param $${long} i32) (block $${long} (br $${long})) (drop (local.get $${long})) (call $${long} (i32.const 1))))`);
    for (const folded of [false, true]) {
      const text = print(module, { folded });
      expect(text.split(long).length - 1).toBe(4);
      expect(parse(text).names).toEqual(module.names);
      expect(Buffer.from(encode(parse(text))).equals(encode(module))).toBe(true);
    }
  });

  test('a text that nothing could hold is refused: locals by their count, parameters by their type', () => {
    const { types, functions, bodies, ...rest } = parse('(module (func))');
    const many = <Item>(count: number, item: Item): Item[] => new Array<Item>(count).fill(item);
    const locals = { ...bodies[0]!, locals: [{ count: 50_000, type: Type.I32 }] };
    expect(() => print({ ...rest, types, functions: many(10_000, 0), bodies: many(10_000, locals) })).toThrow(LimitError);
    const wide = [{ ...types[0]!, composite: { kind: 'func', params: many(100_000, Type.I32), results: [] } as const }];
    expect(() => print({ ...rest, types: wide, functions: many(10_000, 0), bodies: many(10_000, bodies[0]!) })).toThrow(LimitError);
  });

  test('a hundred thousand branches out of as many labels', () => {
    const depth = 100_000;
    const module = parse(`(module (func (block $out ${'(block $in '.repeat(depth)}${'(br $out) (br $in)'.repeat(depth)}${')'.repeat(depth + 1)}))`);
    expect(print(module).split('br $out').length - 1).toBe(depth);
  });
});
