// Vectors take two slots where every other value takes one: wherever lowering lays values out, they stand between scalars
// here, and every byte of them is looked at. What the instructions compute, test/agreement/vectors.test.ts checks.
import { describe, expect, test } from 'vitest';
import { Global, instantiate, invoke, parse, type ExportedFunction, type ImportObject, type Value } from '../../../src/wasm/index.js';

const exportsOf = (text: string, imports: ImportObject = {}): Record<string, ExportedFunction> => instantiate(parse(text), imports).exports as Record<string, ExportedFunction>;
const i32 = (value: number): Value => ({ type: 'i32', value });
const i64 = (value: bigint): Value => ({ type: 'i64', value });
/** Sixteen bytes that tell where they come from. */
const v128 = (first: number): Value => ({ type: 'v128', bytes: Uint8Array.from({ length: 16 }, (_, index) => first + index) });
const text = (first: number): string => `(v128.const i8x16 ${Array.from({ length: 16 }, (_, index) => first + index).join(' ')})`;

test('parameters, locals and results stand between scalars', () => {
  const { turn, locals } = exportsOf(`(module
    (func (export "turn") (param i32 v128 i64 v128) (result v128 i64 v128 i32) (local.get 3) (local.get 2) (local.get 1) (local.get 0))
    (func (export "locals") (param v128) (result v128 v128 i32) (local i32 v128 v128)
      (local.set 3 (local.get 0)) (local.set 0 (local.get 2)) (local.get 3) (local.get 0) (local.get 1)))`);
  expect(invoke(turn!, [i32(7), v128(10), i64(-1n), v128(100)])).toEqual([v128(100), i64(-1n), v128(10), i32(7)]);
  expect(invoke(locals!, [v128(50)])).toEqual([v128(50), { type: 'v128', bytes: new Uint8Array(16) }, i32(0)]);
});

test('an operand keeps the vector its local had', () => {
  const { f } = exportsOf(`(module (func (export "f") (param v128 v128) (result v128 v128 v128)
    (local.get 0) (local.set 0 (local.get 1)) (local.get 0) (local.set 0 (i8x16.add (local.get 0) (local.get 1))) (local.get 0)))`);
  const doubled = v128(0) as { readonly bytes: Uint8Array };
  expect(invoke(f!, [v128(20), v128(1)])).toEqual([v128(20), v128(1), { type: 'v128', bytes: doubled.bytes.map((byte) => 2 * (byte + 1)) }]);
});

test('calls, direct and indirect, recursive and into another instance', () => {
  const mix = '(param i32 v128 i32) (result i32 v128)';
  const other = exportsOf(`(module (func (export "mix") ${mix} (i32.sub (local.get 0) (local.get 2)) (local.get 1)))`);
  const { direct, indirect, deep } = exportsOf(
    `(module (type $mix (func ${mix})) (import "other" "mix" (func $mix (type $mix))) (table funcref (elem $mix $own))
      (func $own (type $mix) (i32.add (local.get 0) (local.get 2)) (v128.not (v128.not (local.get 1))))
      (func (export "direct") ${mix} (call $own (local.get 0) (local.get 1) (local.get 2)))
      (func (export "indirect") (param i32) (result i32 v128) (call_indirect (type $mix) (i32.const 50) ${text(60)} (i32.const 8) (local.get 0)))
      (func $deep (export "deep") (param i32 v128) (result v128)
        (if (result v128) (local.get 0)
          (then (i8x16.add (call $deep (i32.sub (local.get 0) (i32.const 1)) (local.get 1)) (i8x16.splat (i32.const 1))))
          (else (local.get 1)))))`,
    { other },
  );
  expect(invoke(direct!, [i32(1), v128(30), i32(2)])).toEqual([i32(3), v128(30)]);
  expect(invoke(indirect!, [i32(0)])).toEqual([i32(42), v128(60)]);
  expect(invoke(indirect!, [i32(1)])).toEqual([i32(58), v128(60)]);
  expect(invoke(deep!, [i32(40), v128(2)])).toEqual([v128(42)]);
});

describe('control', () => {
  test('blocks, loops and branches carry vectors past others', () => {
    const { table, loop, condition } = exportsOf(`(module
      (func (export "table") (param i32) (result i32 v128)
        (block $out (result i32 v128)
          (block $in (result i32 v128)
            (i64.const 9) (i32.const 1) ${text(10)} (i32.const 2) ${text(30)}
            (br_table $in $out 2 (local.get 0)))
          (drop) (drop) (i32.const 5) ${text(50)} (i32.const 3) ${text(70)}
          (return))
        (i8x16.splat (i32.const 1)) (i8x16.add))
      (func (export "loop") (param i32 v128) (result v128 i32)
        (local.get 1) (local.get 0)
        (loop $again (param v128 i32) (result v128 i32)
          (local.set 0) (i8x16.splat (i32.const 1)) (i8x16.add)
          (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))
          (br_if $again (local.get 0))))
      (func (export "condition") (param i32) (result v128)
        ${text(80)} (drop) (block (result v128) ${text(20)} ${text(40)} (br_if 0 (local.get 0)) (drop))))`);
    expect(invoke(table!, [i32(0)])).toEqual([i32(3), v128(70)]);
    expect(invoke(table!, [i32(1)])).toEqual([i32(2), v128(31)]);
    expect(invoke(table!, [i32(2)])).toEqual([i32(2), v128(30)]);
    expect(invoke(loop!, [i32(5), v128(60)])).toEqual([v128(65), i32(0)]);
    expect(invoke(condition!, [i32(1)])).toEqual([v128(40)]);
    expect(invoke(condition!, [i32(0)])).toEqual([v128(20)]);
  });

  test('select and drop', () => {
    const { f } = exportsOf(`(module (func (export "f") (param v128 v128 i32) (result v128 v128)
      (i32.const 4) (select (local.get 0) (local.get 1) (local.get 2)) (local.set 0) (drop) (local.get 0)
      (local.get 1) ${text(90)} (drop) (local.get 0) (i32.eqz (local.get 2)) (select (result v128))))`);
    expect(invoke(f!, [v128(1), v128(21), i32(5)])).toEqual([v128(1), v128(1)]);
    expect(invoke(f!, [v128(1), v128(21), i32(0)])).toEqual([v128(21), v128(21)]);
  });
});

test('the lane of a load takes the place of the address below it', () => {
  // The address is an operand, so the result lies half over the vector that is read.
  const { f } = exportsOf(`(module (memory 1) (data (i32.const 8) "\\aa\\bb") (func $eight (result i32) (i32.const 8)) (func $vector (result v128) ${text(1)})
    (func (export "f") (result v128) (v128.load16_lane 7 (call $eight) (call $vector))))`);
  const expected = v128(1) as { readonly bytes: Uint8Array };
  expect(invoke(f!, [])).toEqual([{ type: 'v128', bytes: Uint8Array.of(...expected.bytes.subarray(0, 14), 0xaa, 0xbb) }]);
});

describe('accesses beyond memory 0 and 32 bits', () => {
  test('another memory', () => {
    const { f, beyond } = exportsOf(`(module (memory 1) (memory $other 1) (data (memory $other) (i32.const 32) "${Array.from({ length: 16 }, (_, at) => `\\${(at + 1).toString(16).padStart(2, '0')}`).join('')}")
      (func (export "f") (result v128 i32) (v128.store $other offset=4 (i32.const 100) (v128.load $other (i32.const 32))) (i32.store (i32.const 104) (i32.const -1))
        (v128.load $other (i32.const 104)) (i32.atomic.rmw.add $other offset=4 (i32.const 100) (i32.const 1)))
      (func (export "beyond") (result v128) (v128.load $other offset=0xfff1 (i32.const 0))))`);
    expect(invoke(f!, [])).toEqual([v128(1), i32(0x04030201)]);
    expect(() => invoke(beyond!, [])).toThrow('out of bounds memory access');
  });

  test('a memory of 64-bit addresses', () => {
    const { store, load, lane, add } = exportsOf(`(module (memory i64 1)
      (func (export "store") (param i64 v128) (v128.store offset=16 (local.get 0) (local.get 1)))
      (func (export "load") (param i64) (result v128) (v128.load (local.get 0)))
      (func $same (param i64 v128) (result i64 v128) (local.get 0) (local.get 1))
      (func (export "lane") (param i64 v128) (result v128) (call $same (local.get 0) (local.get 1)) (v128.load8_lane 15))
      (func (export "add") (param i64) (result i64) (i64.atomic.rmw.add (local.get 0) (i64.const 1))))`);
    invoke(store!, [i64(0n), v128(7)]);
    expect(invoke(load!, [i64(16n)])).toEqual([v128(7)]);
    expect(invoke(lane!, [i64(16n), v128(60)])).toEqual([{ type: 'v128', bytes: (v128(60) as { readonly bytes: Uint8Array }).bytes.with(15, 7) }]);
    expect(invoke(add!, [i64(16n)])).toEqual([i64(0x0e0d0c0b0a090807n)]);
    for (const address of [65_536n, 1n << 32n, -16n, -32n, 1n << 63n]) {
      expect(() => invoke(load!, [i64(address)])).toThrow('out of bounds memory access');
      expect(() => invoke(store!, [i64(address), v128(0)])).toThrow('out of bounds memory access');
      expect(() => invoke(add!, [i64(address)])).toThrow('out of bounds memory access');
    }
  });

  test('an offset of more than 32 bits is never inside, whatever is added to it', () => {
    const { far, furthest } = exportsOf(`(module (memory i64 1)
      (func (export "far") (param i64) (result v128) (v128.load offset=0x1_0000_0000 (local.get 0)))
      (func (export "furthest") (param i64) (result v128) (v128.load offset=0xffff_ffff_ffff_fff0 (local.get 0))))`);
    for (const address of [0n, 16n, -(1n << 32n), -1n]) {
      expect(() => invoke(far!, [i64(address)])).toThrow('out of bounds memory access');
      expect(() => invoke(furthest!, [i64(address)])).toThrow('out of bounds memory access');
    }
  });
});

test('results over operands: lanes that are put together from anywhere', () => {
  const expressions = [
    '(i8x16.swizzle (local.get 0) (local.get 1))', '(i8x16.shuffle 31 0 30 1 29 2 28 3 27 4 26 5 25 6 24 7 (local.get 0) (local.get 1))', '(i8x16.narrow_i16x8_u (local.get 0) (local.get 1))',
    '(i16x8.narrow_i32x4_s (local.get 0) (local.get 1))', '(i16x8.extmul_low_i8x16_s (local.get 0) (local.get 1))', '(i16x8.extmul_high_i8x16_u (local.get 0) (local.get 1))',
    '(i32x4.extmul_low_i16x8_u (local.get 0) (local.get 1))', '(i32x4.extmul_high_i16x8_s (local.get 0) (local.get 1))', '(i64x2.extmul_low_i32x4_s (local.get 0) (local.get 1))',
    '(i64x2.extmul_high_i32x4_u (local.get 0) (local.get 1))', '(i32x4.dot_i16x8_s (local.get 0) (local.get 1))', '(i16x8.extend_low_i8x16_s (local.get 0))', '(i32x4.extend_low_i16x8_u (local.get 0))',
    '(i64x2.extend_low_i32x4_s (local.get 0))', '(f64x2.convert_low_i32x4_u (local.get 0))', '(f32x4.demote_f64x2_zero (local.get 0))', '(i32x4.trunc_sat_f64x2_u_zero (local.get 0))',
    '(i16x8.extadd_pairwise_i8x16_s (local.get 0))', '(i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get 0) (local.get 1) (local.get 0))', '(i64x2.sub (local.get 0) (local.get 1))', '(i64x2.mul (local.get 0) (local.get 1))',
  ];
  for (const expression of expressions) {
    const swapped = expression.replaceAll('local.get 0', 'local.get X').replaceAll('local.get 1', 'local.get 0').replaceAll('local.get X', 'local.get 1');
    const { apart, first, second, both } = exportsOf(`(module
      (func (export "apart") (param v128 v128) (result v128) (local v128) (local.set 2 ${expression}) (local.get 2))
      (func (export "first") (param v128 v128) (result v128) (local.set 0 ${expression}) (local.get 0))
      (func (export "second") (param v128 v128) (result v128) (local.set 0 ${swapped}) (local.get 0))
      (func (export "both") (param v128 v128) (result v128) (local.set 0 ${expression.replaceAll('local.get 1', 'local.get 0')}) (local.get 0)))`);
    const a = { type: 'v128', bytes: Uint8Array.from({ length: 16 }, (_, index) => (index * 73 + 131) & 0xff) } as const;
    const b = { type: 'v128', bytes: Uint8Array.from({ length: 16 }, (_, index) => (index * 11 + 5) & (index & 1 ? 0xff : 0x1f)) } as const;
    const expected = invoke(apart!, [a, b]);
    expect([expression, invoke(first!, [a, b])]).toEqual([expression, expected]);
    if (expression.includes('local.get 1')) expect([expression, invoke(second!, [b, a])]).toEqual([expression, expected]);
    expect([expression, invoke(both!, [a, a])]).toEqual([expression, invoke(apart!, [a, a])]);
  }
});

describe('globals', () => {
  test('own ones, imported ones that change, and imported ones that do not', () => {
    const owner = instantiate(parse(`(module (global (export "fixed") v128 ${text(10)}) (global i32 (i32.const 3)) (global $moving (export "moving") (mut v128) ${text(30)})
      (func (export "set") (param v128) (global.set $moving (local.get 0))))`));
    const { read, write } = exportsOf(
      `(module (import "owner" "fixed" (global $fixed v128)) (import "owner" "moving" (global $moving (mut v128))) (global $own (mut v128) (global.get $fixed)) (global $next i64 (i64.const -1))
        (func (export "read") (result v128 v128 v128 i64) (global.get $fixed) (global.get $moving) (global.get $own) (global.get $next))
        (func (export "write") (param v128) (global.set $own (global.get $moving)) (global.set $moving (local.get 0))))`,
      { owner: owner.exports },
    );
    expect(invoke(read!, [])).toEqual([v128(10), v128(30), v128(10), i64(-1n)]);
    invoke(write!, [v128(70)]);
    expect(invoke(read!, [])).toEqual([v128(10), v128(70), v128(30), i64(-1n)]);
    invoke(owner.exports['set'] as ExportedFunction, [v128(90)]);
    expect(invoke(read!, [])).toEqual([v128(10), v128(90), v128(30), i64(-1n)]);
    expect((owner.exports['moving'] as Global).bits).toEqual((v128(90) as { readonly bytes: Uint8Array }).bytes);
  });

  test('have no JavaScript value', () => {
    const { g } = instantiate(parse(`(module (global (export "g") (mut v128) ${text(0)}))`)).exports as Record<string, Global>;
    expect(() => g!.value).toThrow(TypeError);
    expect(() => { g!.value = 0; }).toThrow(TypeError);
  });
});

test('a function that takes, gives or asks the host for vectors throws TypeError before anything runs', () => {
  const calls: unknown[] = [];
  const host = { take: (...args: unknown[]) => void calls.push(args), give: () => void calls.push('give') };
  const { takes, gives, asks, hands, ran } = exportsOf(
    `(module (import "host" "take" (func $take (param v128))) (import "host" "give" (func $give (result v128))) (global $ran (mut i32) (i32.const 0))
      (func (export "takes") (param v128) (global.set $ran (i32.const 1)))
      (func (export "gives") (result v128) (global.set $ran (i32.const 1)) ${text(0)})
      (func (export "asks") (drop (call $give)))
      (func (export "hands") (call $take ${text(0)}))
      (func (export "ran") (result i32) (global.get $ran)))`,
    { host },
  );
  for (const call of [() => takes!(0), () => gives!(), () => asks!(), () => hands!()]) expect(call).toThrow(TypeError);
  expect(ran!()).toBe(0);
  expect(calls).toEqual([]);
});

describe('relaxed instructions choose what the deterministic profile says', () => {
  const vector = (bytes: ArrayBufferView): Value => ({ type: 'v128', bytes: new Uint8Array(bytes.buffer.slice(0)) });
  const f32x4 = (...lanes: number[]): Value => vector(Float32Array.from(lanes));
  const f64x2 = (...lanes: number[]): Value => vector(Float64Array.from(lanes));
  const i8x16 = (...lanes: number[]): Value => vector(Int8Array.from({ length: 16 }, (_, index) => lanes[index % lanes.length]!));
  const i16x8 = (...lanes: number[]): Value => vector(Int16Array.from({ length: 8 }, (_, index) => lanes[index % lanes.length]!));
  const nan = 0x7fc0_0000;
  const withNan = vector(Int32Array.of(nan, 0, -0x8000_0000, nan));
  const odd = f32x4(NaN, 3e9, -5, 1e20);

  test.each<[relaxed: string, regular: string, operands: Value[]]>([
    ['i8x16.relaxed_swizzle', 'i8x16.swizzle', [v128(1), i8x16(0, 15, 16, 17, 31, 127, -128, -1)]],
    ['i32x4.relaxed_trunc_f32x4_s', 'i32x4.trunc_sat_f32x4_s', [odd]],
    ['i32x4.relaxed_trunc_f32x4_u', 'i32x4.trunc_sat_f32x4_u', [odd]],
    ['i32x4.relaxed_trunc_f64x2_s_zero', 'i32x4.trunc_sat_f64x2_s_zero', [f64x2(NaN, 3e9)]],
    ['i32x4.relaxed_trunc_f64x2_u_zero', 'i32x4.trunc_sat_f64x2_u_zero', [f64x2(-1, 5e9)]],
    ['f32x4.relaxed_min', 'f32x4.min', [withNan, f32x4(1, -0, 0, NaN)]],
    ['f32x4.relaxed_max', 'f32x4.max', [withNan, f32x4(1, -0, 0, NaN)]],
    ['f64x2.relaxed_min', 'f64x2.min', [f64x2(0, NaN), f64x2(-0, 1)]],
    ['f64x2.relaxed_max', 'f64x2.max', [f64x2(-0, 1), f64x2(0, NaN)]],
    ['i16x8.relaxed_q15mulr_s', 'i16x8.q15mulr_sat_s', [i16x8(-32768, 32767, 5), i16x8(-32768, -32768, 20000)]],
    ...(['i8x16', 'i16x8', 'i32x4', 'i64x2'] as const).map((shape): [string, string, Value[]] => [`${shape}.relaxed_laneselect`, 'v128.bitselect', [v128(1), v128(101), v128(77)]]),
  ])('%s is %s', (relaxed, regular, operands) => {
    const all = operands.map((_, index) => `(local.get ${index})`).join(' ');
    const parameters = operands.map(() => '(param v128)').join(' ');
    const { f, g } = exportsOf(`(module (func (export "f") ${parameters} (result v128) (${relaxed} ${all})) (func (export "g") ${parameters} (result v128) (${regular} ${all})))`);
    expect(invoke(f!, operands)).toEqual(invoke(g!, operands));
  });

  test.each(['f32x4', 'f64x2'])('%s.relaxed_madd and relaxed_nmadd round twice', (shape) => {
    const { madd, nmadd } = exportsOf(`(module
      (func (export "madd") (param v128 v128 v128) (result v128) (${shape}.relaxed_madd (local.get 0) (local.get 1) (local.get 2)))
      (func (export "nmadd") (param v128 v128 v128) (result v128) (${shape}.relaxed_nmadd (local.get 0) (local.get 1) (local.get 2))))`);
    const all = (value: number): Value => (shape === 'f32x4' ? f32x4(value, value, value, value) : f64x2(value, value));
    const [x, y] = shape === 'f32x4' ? [1 + 2 ** -22, 1 + 2 ** -15] : [1 + 2 ** -51, 1 + 2 ** -44];
    const rounded = shape === 'f32x4' ? Math.fround(x * y) : x * y;
    // One rounding would leave 2^-37, or 2^-95.
    expect(invoke(madd!, [all(x), all(y), all(-rounded)])).toEqual([all(0)]);
    expect(invoke(nmadd!, [all(x), all(y), all(rounded)])).toEqual([all(0)]);
    expect(invoke(nmadd!, [all(3), all(4), all(2)])).toEqual([all(-10)]);
  });

  test('dot products take both sides as signed, and add pairs with saturation', () => {
    const { dot, add } = exportsOf(`(module
      (func (export "dot") (param v128 v128) (result v128) (i16x8.relaxed_dot_i8x16_i7x16_s (local.get 0) (local.get 1)))
      (func (export "add") (param v128 v128 v128) (result v128) (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get 0) (local.get 1) (local.get 2))))`);
    const a = i8x16(-128, -128, -128, 100);
    const b = i8x16(-128, -128, -127, -3);
    expect(invoke(dot!, [a, b])).toEqual([i16x8(32767, 128 * 127 - 300)]);
    expect(invoke(add!, [a, b, vector(Int32Array.of(1, 2, 3, 4))])).toEqual([vector(Int32Array.of(1, 2, 3, 4).map((each) => each + 32767 + 128 * 127 - 300))]);
  });
});
