// Floating-point operations where JavaScript's differ from WebAssembly's, or has none. Numbers in, numbers out; which NaN
// comes out is free where the specification leaves it free. spec: exec/numerics#floating-point-operations

/** The same number, but a NaN that may be signalling becomes one that is not: Math.floor and its kin let them through. */
export const quiet = (x: number): number => (x === x ? x : NaN);

const TWO_52 = 2 ** 52;

/** To the nearest integer, ties to even, the sign of zero kept. Adding 2^52 leaves no bits for a fraction, and rounds by the standard. */
export function nearest(x: number): number {
  if (x >= 0) return x < TWO_52 ? (x === 0 ? x : x + TWO_52 - TWO_52) : x;
  if (!(x > -TWO_52)) return x;
  const rounded = x - TWO_52 + TWO_52;
  return rounded === 0 ? -0 : rounded;
}

/** A 64-bit integer, given as its high word (signed or not) and low word, as the nearest f32. */
export function f32OfWords(high: number, low: number): number {
  const exact = high * 2 ** 32 + (low >>> 0);
  if (high >= -(2 ** 20) && high < 2 ** 20) return Math.fround(exact);
  // More than 53 bits: rounding to f64 first could make a tie of what is none. The low 12 bits only matter as "more than
  // nothing", so one bit stands for them all, and the rest fits an f64.
  const sticky = (low & 0xfff) === 0 ? low >>> 0 : ((low & ~0xfff) | 0x800) >>> 0;
  return Math.fround(high * 2 ** 32 + sticky);
}
