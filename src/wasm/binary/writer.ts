// Writes the primitive parts of the binary format into a buffer that grows; integers always in their shortest form.
// The encoder and the text parser (for function bodies) share it. spec: binary/values, binary/types
import { isConcrete, isNullable, isReference, heapTypeOf, Type, typeIndexOf, type BlockType, type HeapType, type StorageType } from '../types.js';

const UTF8 = new TextEncoder();

export class ByteWriter {
  private buffer: Uint8Array;
  /** Bytes written so far. */
  length = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
  }

  /** A view of what was written; stays valid only until the next write. */
  view(start = 0, end = this.length): Uint8Array {
    return this.buffer.subarray(start, end);
  }

  /** A copy of what was written, exactly as long. */
  take(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(this.length + count, this.buffer.length * 2));
    larger.set(this.view());
    this.buffer = larger;
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.reserve(1);
    this.buffer[this.length++] = value;
  }

  bytes(values: ArrayLike<number>): void {
    this.reserve(values.length);
    this.buffer.set(values, this.length);
    this.length += values.length;
  }

  u32(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  s32(value: number): void {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40)) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  /** A type index where the format has 33 signed bits: at most 2^32 - 1, so that the sign bit stays clear. */
  typeIndex(index: number): void {
    let rest = index;
    while (rest > 0x3f) {
      this.byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  u64(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  s64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      if ((rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40)) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  /** `count` bytes of `value`, the lowest first. */
  littleEndian(value: number | bigint, count: 4 | 8): void {
    if (typeof value === 'number') for (let shift = 0; shift < count * 8; shift += 8) this.byte((value >>> shift) & 0xff);
    else for (let shift = 0n; shift < BigInt(count * 8); shift += 8n) this.byte(Number((value >> shift) & 0xffn));
  }

  name(text: string): void {
    const bytes = UTF8.encode(text);
    this.u32(bytes.length);
    this.bytes(bytes);
  }

  heapType(heap: HeapType): void {
    if (isConcrete(heap)) this.typeIndex(typeIndexOf(heap));
    else this.byte(heap);
  }

  /** Value and storage types; nullable references to abstract types take their one-byte form. */
  valueType(type: StorageType): void {
    if (!isReference(type)) return this.byte(type);
    const heap = heapTypeOf(type);
    if (!isNullable(type)) this.byte(0x64);
    else if (isConcrete(heap)) this.byte(0x63);
    this.heapType(heap);
  }

  blockType(type: BlockType): void {
    if (type === Type.BOTTOM) this.byte(0x40);
    else if (isReference(type) || !isConcrete(type)) this.valueType(type);
    else this.typeIndex(typeIndexOf(type));
  }

  /** What `write` writes, behind its size: a section, a function body, a subsection. */
  sized(write: () => void): void {
    const start = this.length;
    write();
    const size = this.length - start;
    // The size stands in front and its length is known only now: write it at the end, then turn the two around.
    this.u32(size);
    const sizeBytes = this.buffer.slice(start + size, this.length);
    this.buffer.copyWithin(start + sizeBytes.length, start, start + size);
    this.buffer.set(sizeBytes, start);
  }

  vector<Item>(items: readonly Item[], write: (item: Item) => void): void {
    this.u32(items.length);
    for (const item of items) write(item);
  }
}
