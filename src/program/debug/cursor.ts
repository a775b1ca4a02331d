// Reads debug sections: little-endian numbers within bounds. Whatever a compiler or an attacker wrote there, the worst that
// comes of it is `Damaged`, which stays inside this directory: a trap is told without lines then.

/** Longer than any path or name, and short enough that a million of them can be passed over. */
const LONGEST_TEXT = 1 << 16;

export class Damaged extends Error {
  override readonly name = 'Damaged';
}

/** Undefined for what is damaged. */
export function safely<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Damaged) return undefined;
    throw error;
  }
}

/**
 * What may still be read of one module's debug information. Its parts name each other by offsets, and nothing keeps a thousand
 * of them from naming the same megabyte: reading what is there once or twice is within the allowance, reading it a
 * thousand times is not, and whatever is read after that is `Damaged`.
 */
export class Allowance {
  private left: number;

  constructor(sizeBytes: number) {
    this.left = 4 * sizeBytes + (1 << 20);
  }

  /** A step is a number that is read, or a cell that is filled because of one. */
  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new Damaged('more to read than there are bytes for');
  }
}

/** A text costs a step, and another for so many bytes. */
const TEXT_STEP_BYTES = 8;

export class Cursor {
  position: number;
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    readonly allowance: Allowance,
    position = 0,
    readonly end = bytes.length,
  ) {
    if (!(position >= 0 && position <= end && end <= bytes.length)) throw new Damaged(`place ${position} to ${end} of ${bytes.length}`);
    this.position = position;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** Moves on and returns where `size` bytes start that are all there. */
  private take(size: number): number {
    this.allowance.spend(1);
    const at = this.position;
    if (!(size >= 0 && at + size <= this.end)) throw new Damaged(`${size} bytes at ${at}, the end is ${this.end}`);
    this.position = at + size;
    return at;
  }

  skip(size: number): void {
    this.take(size);
  }
  u8(): number {
    return this.view.getUint8(this.take(1));
  }
  s8(): number {
    return this.view.getInt8(this.take(1));
  }
  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }
  u24(): number {
    return this.u16() + 0x1_0000 * this.u8();
  }
  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }
  /** Inexact beyond 2^53, where no place is. */
  u64(): number {
    const low = this.u32();
    return low + this.u32() * 2 ** 32;
  }
  /** Of 4 or 8 bytes, as the format of its unit has offsets. */
  offset(is64: boolean): number {
    return is64 ? this.u64() : this.u32();
  }
  sized(size: number): number {
    switch (size) {
      case 1: return this.u8();
      case 2: return this.u16();
      case 3: return this.u24();
      case 4: return this.u32();
      case 8: return this.u64();
      default: throw new Damaged(`a number of ${size} bytes`);
    }
  }
  uleb(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }
  sleb(): number {
    let value = 0;
    for (let factor = 1; ; ) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) return (byte & 0x40) !== 0 ? value - factor : value;
    }
  }
  text(): string {
    const start = this.position;
    this.skipText();
    return decoder.decode(this.bytes.subarray(start, this.position - 1));
  }
  skipText(): null {
    const length = this.bytes.subarray(this.position, Math.min(this.end, this.position + LONGEST_TEXT)).indexOf(0);
    if (length < 0) throw new Damaged(`a text at ${this.position} without an end`);
    this.allowance.spend(1 + length / TEXT_STEP_BYTES);
    this.position += length + 1;
    return null;
  }
  /** Length of a unit, and whether its offsets have 64 bits. */
  unitLength(): { readonly length: number; readonly is64: boolean } {
    const length = this.u32();
    if (length < 0xffff_fff0) return { length, is64: false };
    if (length !== 0xffff_ffff) throw new Damaged(`the length ${length} of a unit`);
    return { length: this.u64(), is64: true };
  }
  /** The next `length` bytes, on their own positions. */
  within(length: number): Cursor {
    const at = this.take(length);
    return new Cursor(this.bytes, this.allowance, at, at + length);
  }
}

const decoder = new TextDecoder();
