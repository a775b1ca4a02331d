// Where the text parser encodes instructions: bytes appended to a buffer that grows. Integers are LEB128 in their
// shortest form. spec: binary/values#integers
export class ByteWriter {
  private bytes: Uint8Array;
  private view: DataView;
  length = 0;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** An unsigned integer below 2^32. */
  unsigned(value: number): void {
    while (value >= 0x80) {
      this.byte((value & 0x7f) | 0x80);
      value >>>= 7;
    }
    this.byte(value);
  }

  unsignedBig(value: bigint): void {
    while (value >= 0x80n) {
      this.byte(Number(value & 0x7fn) | 0x80);
      value >>= 7n;
    }
    this.byte(Number(value));
  }

  /** A signed integer of 32 bits. */
  signed(value: number): void {
    while (value < -0x40 || value >= 0x40) {
      this.byte((value & 0x7f) | 0x80);
      value >>= 7;
    }
    this.byte(value & 0x7f);
  }

  signedBig(value: bigint): void {
    while (value < -0x40n || value >= 0x40n) {
      this.byte(Number(value & 0x7fn) | 0x80);
      value >>= 7n;
    }
    this.byte(Number(value & 0x7fn));
  }

  bits16(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.length, value, true);
    this.length += 2;
  }

  bits32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  bits64(value: bigint): void {
    this.reserve(8);
    this.view.setBigUint64(this.length, value, true);
    this.length += 8;
  }

  /** A view of what was written from `start` on; good until the next write. */
  since(start: number): Uint8Array {
    return this.bytes.subarray(start, this.length);
  }

  /** The written bytes, in memory of exactly their size. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}
