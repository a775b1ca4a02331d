// Number literals, to the last bit.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { f64Bits, parseF32, parseF64, parseInteger, parseSmallInteger, parseU32, parseUnsigned, printF32, printF64 } from '../../../src/wasm/text/numbers.js';

const f32 = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0]!;
const f64 = (bits: bigint): number => new Float64Array(BigUint64Array.of(bits).buffer)[0]!;

describe('integers', () => {
  test.each([
    ['0', 0], ['-0', 0], ['+7', 7], ['2147483647', 0x7fffffff], ['2147483648', -0x80000000], ['4294967295', -1], ['-2147483648', -0x80000000],
    ['0xffff_ffff', -1], ['-0x8000_0000', -0x80000000], ['1_000_000', 1_000_000], ['00000000000000000000000000000000000000000000000000009', 9],
    ['4294967296', null], ['-2147483649', null], ['0x1_0000_0000', null], ['-0x8000_0001', null], [`1${'0'.repeat(1_000_000)}`, null],
  ])('%s as i32', (literal, value) => {
    expect(parseSmallInteger(literal, 32)).toBe(value);
  });

  test.each([['255', -1], ['128', -128], ['-128', -128], ['0xff', -1], ['256', null], ['-129', null], ['-0x81', null]])('%s as i8', (literal, value) => {
    expect(parseSmallInteger(literal, 8)).toBe(value);
  });

  test.each([['18446744073709551615', -1n], ['-9223372036854775808', -0x8000_0000_0000_0000n], ['18446744073709551616', null], ['-9223372036854775809', null]])('%s as i64', (literal, value) => {
    expect(parseInteger(literal, 64)).toBe(value);
  });

  test.each([['4294967295', 0xffffffff], ['0xFFFF_FFFF', 0xffffffff], ['4294967296', null], ['1_0', 10]])('%s as an index', (literal, value) => {
    expect(parseU32(literal)).toBe(value);
  });

  test('unsigned ones of 64 bits', () => {
    expect(parseUnsigned('0xffff_ffff_ffff_ffff', 64)).toBe(0xffff_ffff_ffff_ffffn);
    expect(parseUnsigned('0x1_0000_0000_0000_0000', 64)).toBeNull();
  });
});

describe('decimal floats', () => {
  test.each([
    // Between two f32, on the side of the even one, and a hair off: rounding by way of f64 would not see the hair.
    ['1.00000005960464477539062', 0x3f800000], ['1.000000059604644775390625', 0x3f800000], ['1.000000059604644775390626', 0x3f800001],
    ['1.00000017881393432617187499', 0x3f800001], ['1.000000178813934326171875', 0x3f800002], ['1.00000017881393432617187501', 0x3f800002],
    ['16777217.0000000000000000000000000001', 0x4b800001], ['16777217', 0x4b800000],
    // Subnormal, and the smallest that is not zero.
    ['1e-45', 1], ['7.006492321624085354618e-46', 0], ['7.006492321624085354619e-46', 1], ['7.0064923216240853e-46', 0],
    ['1.1754943508222875e-38', 0x00800000], ['1.1754942106924411e-38', 0x007fffff],
    // The largest, and where infinity begins.
    ['3.4028234663852886e38', 0x7f7fffff], ['340282356779733661637539395458142568447', 0x7f7fffff], ['340282356779733661637539395458142568448', null], ['1e39', null], ['1e999999999999', null],
    ['0', 0], ['0e99999999999999999999', 0], ['1e-99999999999999999999', 0], ['5.', 0x40a00000], ['1_0.2_5e0_1', 0x42cd0000],
  ] as ReadonlyArray<readonly [string, number | null]>)('%s as f32', (literal, bits) => {
    expect(parseF32(literal)).toBe(bits);
    expect(parseF32(`-${literal}`)).toBe(bits === null ? null : (bits | 0x80000000) >>> 0);
  });

  test('agree with the host, which rounds to f64 correctly', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }), (value) => {
      expect(parseF64(String(value))).toBe(f64Bits(Math.abs(value)));
      expect(parseF64(value.toPrecision(17))).toBe(f64Bits(Math.abs(value)));
    }));
  });

  test('of any length round to the nearest f32, ties to even', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0x7f7ffffe }), fc.integer({ min: -3, max: 3 }), (bits, nudge) => {
      // Exactly between two neighbours, or a unit of the 200th digit off.
      const middle = (f32(bits) + f32(bits + 1)) / 2;
      const exact = exactDecimal(middle);
      const literal = `${BigInt(exact.digits) * 10n ** 30n + BigInt(nudge)}e${exact.exponent - 30}`;
      const even = bits % 2 === 0 ? bits : bits + 1;
      expect(parseF32(literal)).toBe(nudge === 0 ? even : nudge > 0 ? bits + 1 : bits);
    }), { numRuns: 500 });
  });
});

/** A double as digits * 10^exponent, exactly. */
function exactDecimal(value: number): { digits: string; exponent: number } {
  const bits = f64Bits(value);
  const biased = Number(bits >> 52n);
  const significand = (bits & 0xf_ffff_ffff_ffffn) | (biased === 0 ? 0n : 1n << 52n);
  const power = Math.max(biased, 1) - 1075;
  return power >= 0 ? { digits: String(significand << BigInt(power)), exponent: 0 } : { digits: String(significand * 5n ** BigInt(-power)), exponent: power };
}

describe('hexadecimal floats', () => {
  test.each([
    ['0x1p0', 0x3f800000], ['0x1.fffffep127', 0x7f7fffff], ['0x1.fffffefp127', 0x7f7fffff], ['0x1.ffffffp127', null], ['0x1p128', null],
    ['0x1p-149', 1], ['0x1p-150', 0], ['0x1.000001p-150', 1], ['0x1.8p-149', 2], ['0x0.000001p-126', 0x00000000], ['0x0.000002p-126', 1],
    ['0x1.000001p0', 0x3f800000], ['0x1.0000010000000000000000000000000001p0', 0x3f800001], ['0x1.000003p0', 0x3f800002],
    ['0x0p99999999999999999999', 0], ['0x1p99999999999999999999', null], ['0x1p-99999999999999999999', 0], [`0x${'0'.repeat(10_000)}1p0`, 0x3f800000],
    [`0x0.${'0'.repeat(10_000)}1p40004`, 0x3f800000], ['0xA.', 0x41200000], ['0x1P+1', 0x40000000],
  ])('%s as f32', (literal, bits) => {
    expect(parseF32(literal)).toBe(bits);
  });

  test.each([
    ['0x1.fffffffffffffp1023', 0x7fef_ffff_ffff_ffffn], ['0x1.fffffffffffff8p1023', null], ['0x1.fffffffffffff7p1023', 0x7fef_ffff_ffff_ffffn],
    ['0x1p-1074', 1n], ['0x1p-1075', 0n], ['0x1.0000000000001p-1075', 1n], ['0x1.00000000000008p0', 0x3ff0_0000_0000_0000n], ['0x1.000000000000080001p0', 0x3ff0_0000_0000_0001n],
    ['0x0.8p-1022', 0x0008_0000_0000_0000n],
  ])('%s as f64', (literal, bits) => {
    expect(parseF64(literal)).toBe(bits);
  });

  test('give back every f64 they are made of', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const bits = f64Bits(value) & 0x7fff_ffff_ffff_ffffn;
      const biased = Number(bits >> 52n);
      const significand = (bits & 0xf_ffff_ffff_ffffn) | (biased === 0 ? 0n : 1n << 52n);
      expect(parseF64(`0x${(significand << 8n).toString(16)}p${Math.max(biased, 1) - 1075 - 8}`)).toBe(bits);
      // The same value, its point moved.
      expect(parseF64(`0x0.${significand.toString(16).padStart(16, '0')}p${Math.max(biased, 1) - 1075 + 64}`)).toBe(bits);
    }));
  });
});

describe('not numbers', () => {
  test.each([['nan', 0x7fc00000], ['-nan', 0xffc00000], ['nan:0x1', 0x7f800001], ['-nan:0x7f_ffff', 0xffffffff], ['nan:0x0', null], ['nan:0x80_0000', null], ['inf', 0x7f800000], ['-inf', 0xff800000], ['+inf', 0x7f800000]])('%s as f32', (literal, bits) => {
    expect(parseF32(literal)).toBe(bits);
  });
  test.each([['nan:0xfffffffffffff', 0x7fff_ffff_ffff_ffffn], ['nan:0x10000000000000', null], ['-nan', 0xfff8_0000_0000_0000n]])('%s as f64', (literal, bits) => {
    expect(parseF64(literal)).toBe(bits);
  });
});

describe('printed', () => {
  test('f32 reads back to its bits', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), (bits) => {
      expect(parseF32(printF32(bits))).toBe(bits);
    }), { numRuns: 2000 });
  });
  test('f64 reads back to its bits', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }), (bits) => {
      expect(parseF64(printF64(bits))).toBe(bits);
    }), { numRuns: 2000 });
  });
  test.each([[0x3dcccccd, '0.1'], [0x80000000, '-0'], [0x7f7fffff, '3.4028235e+38'], [1, '1e-45'], [0xff800000, '-inf'], [0x7fc00001, 'nan:0x400001']])('%i is short', (bits, text) => {
    expect(printF32(bits)).toBe(text);
  });
  test('f64 is short', () => {
    expect(printF64(f64Bits(0.1))).toBe('0.1');
    expect(f64(parseF64('0.1')!)).toBe(0.1);
  });
});
