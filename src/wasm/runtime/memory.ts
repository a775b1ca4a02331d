// A linear memory: a buffer that may be larger than the memory, views on it, and the limit every access is checked against.
// It grows by doubling its buffer and copying, so a thousand small instances stay small and a host that refuses large
// reservations is no special case; growing inside the buffer moves nothing. A shared memory must never move, so all it may
// ever grow to is reserved at once.
// spec: exec/runtime#memory-instances, exec/instructions#memory-grow
import { LimitError } from '../errors.js';
import { PAGE_BYTES, type Limits, type MemoryType } from '../types.js';

/** 4 GiB, all that 32-bit addresses reach, and the longest typed array there is. */
export const MAX_MEMORY_PAGES = 65_536;
/** A 64-bit memory has no last page: there lies what addresses beyond 32 bits are taken for (lowering's `narrow`). */
const MAX_MEMORY64_PAGES = MAX_MEMORY_PAGES - 1;
/** What a memory may reach without a copy from the start. */
const FIRST_BYTES = 1 << 20;

export class Memory {
  /** As declared; its minimum is what the memory started with. */
  readonly type: MemoryType;
  pages = 0;
  /** Bytes of the memory; the views are at least this long. */
  byteLength = 0;
  /** Bytes of the buffer beyond `byteLength` are zero: nothing writes there. */
  u8: Uint8Array = new Uint8Array(0);
  u16: Uint16Array = new Uint16Array(0);
  i32: Int32Array = new Int32Array(0);
  f64: Float64Array = new Float64Array(0);
  /** For atomic accesses. */
  i64: BigInt64Array = new BigInt64Array(0);
  /** The most pages it was once asked for and did not get because of `mostPages`; 0: it always got what it asked for. */
  refusedPages = 0;
  private exact: Uint8Array | undefined;

  /** `mostPages`: growing beyond fails. Throws LimitError when its minimum is more, or the host has no room for it. */
  constructor(
    type: MemoryType,
    private readonly mostPages = MAX_MEMORY_PAGES,
  ) {
    this.type = type;
    const { min } = type.limits;
    if (!this.extend(min > BigInt(MAX_MEMORY_PAGES) ? Infinity : Number(min))) {
      throw new LimitError(`a memory of ${min} pages is more than ${min > BigInt(this.mostPages) ? `the ${this.mostPages} allowed` : 'this machine has'}`);
    }
  }

  /** The memory as it is now, `byteLength` long. Ask again after anything that may have grown it. */
  view(): Uint8Array {
    if (this.exact === undefined || this.exact.length !== this.byteLength || this.exact.buffer !== this.u8.buffer) this.exact = new Uint8Array(this.u8.buffer, 0, this.byteLength);
    return this.exact;
  }

  /** Adds pages and returns how many there were, or -1 and changes nothing: beyond its maximum, or no room. */
  grow(delta: number): number {
    const before = this.pages;
    const { max } = this.type.limits;
    if (max !== null && BigInt(before) + BigInt(Math.min(delta, 2 ** 32)) > max) return -1;
    return this.extend(before + delta) ? before : -1;
  }

  private extend(pages: number): boolean {
    if (pages > Math.min(this.mostPages, this.type.limits.address === 'i64' ? MAX_MEMORY64_PAGES : MAX_MEMORY_PAGES)) {
      this.refusedPages = Math.max(this.refusedPages, pages);
      return false;
    }
    const bytes = pages * PAGE_BYTES;
    if (bytes > this.u8.length || this.u8.length === 0) {
      const buffer = this.reserve(bytes);
      if (buffer === undefined) return false;
      const u8 = new Uint8Array(buffer);
      u8.set(this.u8.subarray(0, this.byteLength));
      this.u8 = u8;
      this.u16 = new Uint16Array(buffer);
      this.i32 = new Int32Array(buffer);
      this.f64 = new Float64Array(buffer);
      this.i64 = new BigInt64Array(buffer);
    }
    this.pages = pages;
    this.byteLength = bytes;
    return true;
  }

  /** A buffer of at least `bytes`: roomy when the host gives it, just enough when not, undefined when not even that. */
  private reserve(bytes: number): ArrayBuffer | SharedArrayBuffer | undefined {
    const { shared } = this.type.limits;
    // Views of the first buffer are in use elsewhere. Where the host had no room for all of it, growth ends there.
    if (shared && this.u8.length > 0) return undefined;
    const most = Math.min(maximumBytes(this.type.limits), this.mostPages * PAGE_BYTES);
    const roomy = Math.max(bytes, shared ? most : Math.min(most, Math.max(FIRST_BYTES, 2 * this.byteLength)));
    for (const size of roomy === bytes ? [bytes] : [roomy, bytes]) {
      try {
        return shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    }
    return undefined;
  }
}

function maximumBytes({ max }: Limits): number {
  return max === null || max > BigInt(MAX_MEMORY_PAGES) ? MAX_MEMORY_PAGES * PAGE_BYTES : Number(max) * PAGE_BYTES;
}
