// Floats to integers: the ranges in which the result fits, the wording of the traps otherwise, and saturation.
// f32 and f64 share the ranges: every bound is exact in both, or no f32 lies between it and the next.
// spec: exec/numerics#op-trunc-u, #op-trunc-sat-u

/** Open intervals of what truncates into the type. */
export const fitsI32 = (x: number): boolean => x > -2147483649 && x < 2147483648;
export const fitsU32 = (x: number): boolean => x > -1 && x < 4294967296;
export const fitsI64 = (x: number): boolean => x >= -9223372036854775808 && x < 9223372036854775808;
export const fitsU64 = (x: number): boolean => x > -1 && x < 18446744073709551616;

/** Why `x` does not fit. */
export const truncationTrap = (x: number): string => (Number.isNaN(x) ? 'invalid conversion to integer' : 'integer overflow');

export const saturateI32 = (x: number): number => (fitsI32(x) ? x | 0 : x > 0 ? 0x7fff_ffff : Number.isNaN(x) ? 0 : -0x8000_0000);
/** As a signed word. `~~` alone is exact up to 2^53 only by way of modulo 2^32, which is what is wanted. */
export const saturateU32 = (x: number): number => (fitsU32(x) ? x | 0 : x > 0 ? -1 : 0);
