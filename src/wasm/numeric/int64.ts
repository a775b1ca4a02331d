// 64-bit integer operations on two words, where that is simpler or faster than BigInt.
// spec: exec/numerics#integer-operations

/** Zero bits before the highest one bit. */
export const clz64 = (high: number, low: number): number => (high === 0 ? 32 + Math.clz32(low) : Math.clz32(high));

export const ctz32 = (x: number): number => (x === 0 ? 32 : 31 - Math.clz32(x & -x));
export const ctz64 = (high: number, low: number): number => (low === 0 ? 32 + ctz32(high) : ctz32(low));

export function popcnt32(x: number): number {
  x -= (x >>> 1) & 0x5555_5555;
  x = (x & 0x3333_3333) + ((x >>> 2) & 0x3333_3333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

const TWO_32 = 2 ** 32;

/** High word of a number that fits 64 bits, rounded down; `x - TWO_32 * highWord(x)` is the low word. */
export const highWord = (x: number): number => Math.floor(x / TWO_32) | 0;
export const lowWord = (x: number): number => (x - Math.floor(x / TWO_32) * TWO_32) | 0;

/** High word of the 64-bit product of two unsigned words: four products of halves, each exact in 32 bits. */
export function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const other = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (other >>> 16)) | 0;
}
