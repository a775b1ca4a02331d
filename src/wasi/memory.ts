// The guest's memory as the counter uses it: every access is checked against the memory's present length, and a bad
// one is EFAULT. Addresses arrive as u32 (already `>>> 0`), lengths likewise, so sums stay below 2^33 and exact.
import { wasiError } from './errors.js';
import { LONGEST_PATH_BYTES } from './path.js';

/** What an engine gives: the memory as it is now, exactly `byteLength` long. Asked for again on every call. */
export interface GuestMemory {
  view(): Uint8Array;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** `TextDecoder` refuses views of shared memory, and guests with threads have shared memory. */
const unshared = (bytes: Uint8Array) => (bytes.buffer instanceof ArrayBuffer ? bytes : Uint8Array.from(bytes));

export class Memory {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(memory: GuestMemory) {
    this.bytes = memory.view();
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  }

  shows(view: Uint8Array): boolean {
    return this.bytes === view;
  }

  /** Where the memory begins in its buffer. */
  protected get start(): number {
    return this.bytes.byteOffset;
  }

  /** Throws EFAULT unless all of `[address, address + length)` exists. */
  require(address: number, length: number): void {
    if (address + length > this.bytes.length) throw wasiError('fault');
  }

  slice(address: number, length: number): Uint8Array {
    this.require(address, length);
    return this.bytes.subarray(address, address + length);
  }

  readU8(address: number): number {
    this.require(address, 1);
    return this.view.getUint8(address);
  }

  readU16(address: number): number {
    this.require(address, 2);
    return this.view.getUint16(address, true);
  }

  readU32(address: number): number {
    this.require(address, 4);
    return this.view.getUint32(address, true);
  }

  readU64(address: number): bigint {
    this.require(address, 8);
    return this.view.getBigUint64(address, true);
  }

  writeU8(address: number, value: number): void {
    this.require(address, 1);
    this.view.setUint8(address, value);
  }

  writeU16(address: number, value: number): void {
    this.require(address, 2);
    this.view.setUint16(address, value, true);
  }

  writeU32(address: number, value: number): void {
    this.require(address, 4);
    this.view.setUint32(address, value, true);
  }

  writeU64(address: number, value: bigint): void {
    this.require(address, 8);
    this.view.setBigUint64(address, value, true);
  }

  write(address: number, bytes: Uint8Array): void {
    this.require(address, bytes.length);
    this.bytes.set(bytes, address);
  }

  /** A path of the guest. EILSEQ: not UTF-8. ENAMETOOLONG, before a gigabyte of it is decoded. */
  path(address: number, length: number): string {
    const bytes = this.slice(address, length);
    if (length > LONGEST_PATH_BYTES) throw wasiError('nametoolong');
    try {
      return decoder.decode(unshared(bytes));
    } catch {
      throw wasiError('ilseq');
    }
  }

  /**
   * The buffers of a scatter or gather list, empty ones left out. Only the first 1024 are used: reading or writing
   * less than asked is always allowed, and a hostile count cannot make us build a list of millions.
   */
  buffers(address: number, count: number): Uint8Array[] {
    this.require(address, count * 8);
    const buffers: Uint8Array[] = [];
    const used = Math.min(count, 1024);
    for (let index = 0; index < used; index += 1) {
      const length = this.readU32(address + index * 8 + 4);
      const buffer = this.slice(this.readU32(address + index * 8), length);
      if (length > 0) buffers.push(buffer);
    }
    return buffers;
  }
}

/** For an observer: what it looks at stays as it was, and may be decoded although guests with threads have shared memory. */
export class ObservedMemory extends Memory {
  override slice(address: number, length: number): Uint8Array {
    return unshared(super.slice(address, length));
  }
}
