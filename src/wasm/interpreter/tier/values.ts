// What emitted code cannot say in two lines: values from view to view, the high word of a product, accesses that are not aligned.
const F32 = new Float32Array(1);
const F32_BITS = new Int32Array(F32.buffer);
/** One f64 and its words. */
export const N8 = new Float64Array(1);
export const N8I = new Int32Array(N8.buffer);

export function asF32(bits: number): number {
  F32_BITS[0] = bits;
  return F32[0]!;
}
export function bitsF32(value: number): number {
  F32[0] = value;
  return F32_BITS[0]!;
}
export function asF64(low: number, high: number): number {
  N8I[0] = low;
  N8I[1] = high;
  return N8[0]!;
}

export function load16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}
export function load32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
export function loadF64(bytes: Uint8Array, at: number): number {
  return asF64(load32(bytes, at), load32(bytes, at + 4));
}
export function store16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}
export function store32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
export function storeF64(bytes: Uint8Array, at: number, value: number): void {
  N8[0] = value;
  store32(bytes, at, N8I[0]!);
  store32(bytes, at + 4, N8I[1]!);
}
