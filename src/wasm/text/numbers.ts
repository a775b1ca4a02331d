// Number literals of the text format to bits, and bits to literals; exact to the last bit. JavaScript's own conversion
// rounds a decimal correctly to f64, but f32 by way of f64 would round twice, and hex floats it does not know at all.
// Every function answers null when the value does not fit. Literals have passed the lexer: their shape is right.
// spec: text/values

const scratch = new DataView(new ArrayBuffer(8));

export function f64Bits(value: number): bigint {
  scratch.setFloat64(0, value);
  return scratch.getBigUint64(0);
}

/** Of a value that is an f32 already. */
export function f32Bits(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

const withoutUnderscores = (literal: string): string => (literal.includes('_') ? literal.replaceAll('_', '') : literal);

/** Magnitude of an integer literal without sign and underscores; hostile lengths are refused before they become a BigInt. */
function magnitude(digits: string): bigint | null {
  const isHex = digits.startsWith('0x');
  const significant = (isHex ? digits.slice(2) : digits).replace(/^0+(?=.)/, '');
  if (significant.length > 40) return null;
  return BigInt(isHex ? `0x${significant}` : significant);
}

/** An unsigned integer below 2^bits. */
export function parseUnsigned(literal: string, bits: number): bigint | null {
  const value = magnitude(withoutUnderscores(literal));
  return value === null || value >> BigInt(bits) !== 0n ? null : value;
}

/** A u32 as a number. */
export function parseU32(literal: string): number | null {
  if (literal.length < 10 && !literal.includes('_') && !literal.startsWith('0x')) return Number(literal);
  const value = parseUnsigned(literal, 32);
  return value === null ? null : Number(value);
}

/** -2^(bits-1) … 2^bits - 1, wrapped to its signed value: the unsigned and the signed reading share their bits. */
export function parseInteger(literal: string, bits: number): bigint | null {
  const text = withoutUnderscores(literal);
  const negative = text.startsWith('-');
  const value = magnitude(negative || text.startsWith('+') ? text.slice(1) : text);
  if (value === null) return null;
  if (negative) return value > 1n << BigInt(bits - 1) ? null : -value;
  return value >> BigInt(bits) !== 0n ? null : BigInt.asIntN(bits, value);
}

/** An i32 (or narrower) as a number. */
export function parseSmallInteger(literal: string, bits: 8 | 16 | 32): number | null {
  if (literal.length < 9 && !literal.includes('_') && !literal.includes('x')) {
    const value = Number(literal);
    if (bits === 32) return value | 0;
    return value < -(2 ** (bits - 1)) || value >= 2 ** bits ? null : (value << (32 - bits)) >> (32 - bits);
  }
  const value = parseInteger(literal, bits);
  return value === null ? null : Number(value);
}

interface Format {
  readonly fractionBits: number;
  readonly bias: number;
}
const F32: Format = { fractionBits: 23, bias: 127 };
const F64: Format = { fractionBits: 52, bias: 1023 };

const infinityOf = ({ fractionBits, bias }: Format): bigint => BigInt(2 * bias + 1) << BigInt(fractionBits);

/** Bits of `significand * 2^exponent`, rounded to nearest, ties to even; null when that is infinite. */
function roundBinary(significand: bigint, exponent: number, format: Format): bigint | null {
  if (significand === 0n) return 0n;
  const { fractionBits, bias } = format;
  const hex = significand.toString(16);
  const leading = (hex.length - 1) * 4 + (31 - Math.clz32(parseInt(hex[0]!, 16))) + exponent;
  if (leading > bias) return null;
  const unit = Math.max(leading, 1 - bias) - fractionBits;
  const shift = unit - exponent;
  let rounded: bigint;
  if (shift <= 0) rounded = significand << BigInt(-shift);
  else if (unit > leading + 1) return 0n;
  else {
    const dropped = BigInt(shift);
    rounded = significand >> dropped;
    const rest = significand - (rounded << dropped);
    const half = 1n << (dropped - 1n);
    if (rest > half || (rest === half && (rounded & 1n) === 1n)) rounded += 1n;
  }
  // A carry out of the fraction lands in the exponent, where it belongs.
  const implicit = 1n << BigInt(fractionBits);
  const bits = leading < 1 - bias ? rounded : (BigInt(unit + fractionBits + bias) << BigInt(fractionBits)) + (rounded - implicit);
  return bits >= infinityOf(format) ? null : bits;
}

/** Parts of `0x1.8p3` or `1.5e3`: digits without the point, and the exponent (of 2, or of 10) of the last digit. */
function splitFloat(literal: string, exponentMark: 'p' | 'e', digitWeight: number): { digits: string; exponent: number } {
  const lower = literal.toLowerCase();
  const mark = lower.indexOf(exponentMark);
  const mantissa = mark === -1 ? lower : lower.slice(0, mark);
  const written = mark === -1 ? 0 : Number(lower.slice(mark + 1));
  const point = mantissa.indexOf('.');
  if (point === -1) return { digits: mantissa, exponent: written };
  const fraction = mantissa.slice(point + 1);
  return { digits: mantissa.slice(0, point) + fraction, exponent: written - fraction.length * digitWeight };
}

function parseHexFloat(literal: string, format: Format): bigint | null {
  const { digits, exponent } = splitFloat(literal.slice(2), 'p', 4);
  const significant = digits.replace(/^0+/, '');
  if (significant === '') return 0n;
  // Up to 52 bits and far from both ends, the double is exact; one rounding to f32 is then the right one.
  if (significant.length <= 13 && exponent > -900 && exponent < 900) {
    const value = parseInt(significant, 16) * 2 ** exponent;
    if (format === F64) return f64Bits(value);
    const narrow = Math.fround(value);
    return narrow === Infinity ? null : BigInt(f32Bits(narrow));
  }
  const leading = significant.length * 4 + exponent;
  if (leading > 2000) return null;
  if (leading < -2000) return 0n;
  return roundBinary(BigInt(`0x${significant}`), exponent, format);
}

/** Sign of `decimal - value`; both positive, finite, and so close to each other that no power grows beyond the literal's own length. */
function compareDecimal(literal: string, value: number): number {
  const { digits, exponent } = splitFloat(literal, 'e', 1);
  const bits = f64Bits(value);
  const biased = Number(bits >> 52n);
  const significand = (bits & 0xf_ffff_ffff_ffffn) | (biased === 0 ? 0n : 1n << 52n);
  const binaryExponent = Math.max(biased, 1) - 1075;
  let decimal = BigInt(digits === '' ? '0' : digits);
  let binary = significand;
  if (exponent >= 0) decimal *= 10n ** BigInt(exponent);
  else binary *= 10n ** BigInt(-exponent);
  if (binaryExponent >= 0) binary <<= BigInt(binaryExponent);
  else decimal <<= BigInt(-binaryExponent);
  return decimal < binary ? -1 : decimal > binary ? 1 : 0;
}

const LARGEST_F32 = 0x7f7fffff;
/** Halfway between the largest f32 and what would follow it. */
const F32_OVERFLOW = 2 ** 128 - 2 ** 103;

function parseDecimalF32(literal: string): number | null {
  const wide = Number(literal);
  const narrow = Math.fround(wide);
  if (narrow === wide) return narrow === Infinity ? null : f32Bits(narrow);
  if (narrow === Infinity) return wide === F32_OVERFLOW && compareDecimal(literal, wide) < 0 ? LARGEST_F32 : null;
  const bits = f32Bits(narrow);
  const neighbour = wide > narrow ? bits + 1 : bits - 1;
  // Only when the double is halfway between two f32 can it have hidden on which side of it the decimal lies.
  if (neighbour > LARGEST_F32) return bits;
  scratch.setUint32(0, neighbour);
  if ((narrow + scratch.getFloat32(0)) / 2 !== wide) return bits;
  const side = compareDecimal(literal, wide);
  return side === 0 ? bits : side > 0 ? Math.max(bits, neighbour) : Math.min(bits, neighbour);
}

/** Bits of the magnitude. */
function parseMagnitude(text: string, format: Format): bigint | null {
  const { fractionBits } = format;
  if (text === 'inf') return infinityOf(format);
  if (text === 'nan') return infinityOf(format) | (1n << BigInt(fractionBits - 1));
  if (text.startsWith('nan:')) {
    const payload = parseUnsigned(text.slice(4), fractionBits);
    return payload === null || payload === 0n ? null : infinityOf(format) | payload;
  }
  if (text.startsWith('0x')) return parseHexFloat(text, format);
  if (format === F32) {
    const bits = parseDecimalF32(text);
    return bits === null ? null : BigInt(bits);
  }
  const value = Number(text);
  return value === Infinity ? null : f64Bits(value);
}

function parseFloatBits(literal: string, format: Format): bigint | null {
  const text = withoutUnderscores(literal);
  const negative = text.startsWith('-');
  const bits = parseMagnitude(negative || text.startsWith('+') ? text.slice(1) : text, format);
  return bits === null || !negative ? bits : bits | (1n << BigInt(format.fractionBits === 23 ? 31 : 63));
}

/** Bits of an f32 literal, unsigned. */
export function parseF32(literal: string): number | null {
  const bits = parseFloatBits(literal, F32);
  return bits === null ? null : Number(bits);
}

/** Bits of an f64 literal, unsigned. */
export function parseF64(literal: string): bigint | null {
  return parseFloatBits(literal, F64);
}

/** A literal that reads back to exactly these bits: the shortest decimal, or `nan:0x…`. */
export function printF32(bits: number): string {
  const sign = bits >>> 31 === 1 ? '-' : '';
  const magnitude = bits & 0x7fffffff;
  if (magnitude === 0x7f800000) return `${sign}inf`;
  if (magnitude > 0x7f800000) return magnitude === 0x7fc00000 ? `${sign}nan` : `${sign}nan:0x${(magnitude & 0x7fffff).toString(16)}`;
  scratch.setUint32(0, magnitude);
  const value = scratch.getFloat32(0);
  // At most nine digits tell any two f32 apart, and at least six are right in any normal one.
  for (let digits = magnitude < 0x00800000 ? 1 : 6; digits < 9; digits++) {
    const short = String(Number(value.toPrecision(digits)));
    if (parseF32(short) === magnitude) return sign + short;
  }
  return sign + String(Number(value.toPrecision(9)));
}

export function printF64(bits: bigint): string {
  const sign = bits >> 63n === 1n ? '-' : '';
  const magnitude = bits & 0x7fff_ffff_ffff_ffffn;
  if (magnitude === 0x7ff0_0000_0000_0000n) return `${sign}inf`;
  if (magnitude > 0x7ff0_0000_0000_0000n) {
    return magnitude === 0x7ff8_0000_0000_0000n ? `${sign}nan` : `${sign}nan:0x${(magnitude & 0xf_ffff_ffff_ffffn).toString(16)}`;
  }
  scratch.setBigUint64(0, magnitude);
  return sign + String(scratch.getFloat64(0));
}
