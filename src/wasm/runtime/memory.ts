// A linear memory: a buffer that may be larger than the memory, views on it, and the limit every access is checked against.
// It grows by doubling its buffer and copying, so a thousand small instances stay small and a host that refuses large
// reservations is no special case; growing inside the buffer moves nothing.
// A shared memory belongs to several threads, each with a `Memory` of its own on the same bytes. It must never move, so all it
// may ever grow to is reserved at once; how long it is stands in a word that all threads see, of which each keeps a copy.
// Memories never shrink, so a copy that is out of date errs on the safe side: who meets its end asks again (`holds`) before it
// takes an access for out of bounds.
// spec: exec/runtime#memory-instances, exec/instructions#memory-grow; the threads proposal
import { LimitError } from '../errors.js';
import { countFromHost } from './host-values.js';
import { PAGE_BYTES, type Limits, type MemoryType } from '../types.js';

/** 4 GiB, all that 32-bit addresses reach, and the longest typed array there is. */
export const MAX_MEMORY_PAGES = 65_536;
/** A 64-bit memory has no last page: there lies what addresses beyond 32 bits are taken for (lowering's `narrow`). */
const MAX_MEMORY64_PAGES = MAX_MEMORY_PAGES - 1;
/** Bytes from which eight at a time pay. */
const LARGE_FILL = 256;
/** What a memory may reach without a copy from the start. */
const FIRST_BYTES = 1 << 20;

/** A shared memory on its way to another thread: goes through `postMessage` and `workerData`, and becomes a memory by `Memory.attach`. */
export interface SharedMemoryHandle {
  readonly type: MemoryType;
  /** Growing beyond fails, whichever thread asks. */
  readonly mostPages: number;
  /** As long as the memory can ever get. */
  readonly buffer: SharedArrayBuffer;
  /** 32-bit words that the threads share, see `StateWord`. */
  readonly state: SharedArrayBuffer;
}

const enum StateWord {
  /** Pages of the memory. */
  PAGES,
  /** See `Memory.refusedPages`. */
  REFUSED_PAGES,
  COUNT,
}

export class Memory {
  /** As declared; its minimum is what the memory started with. */
  readonly type: MemoryType;
  /** Of a shared memory: when this thread last looked. `refresh` looks. */
  pages = 0;
  /** Bytes of the memory, likewise; the views are at least this long. */
  byteLength = 0;
  /** Bytes of the buffer beyond `byteLength` are zero: nothing writes there. */
  u8: Uint8Array = new Uint8Array(0);
  u16: Uint16Array = new Uint16Array(0);
  i32: Int32Array = new Int32Array(0);
  f64: Float64Array = new Float64Array(0);
  /** For atomic accesses. */
  i64: BigInt64Array = new BigInt64Array(0);
  private refused = 0;
  private exact: Uint8Array | undefined;
  /** Null for a memory that is not shared. */
  private readonly state: Int32Array | null;

  /**
   * `mostPages`: growing beyond fails. `attached`: a shared memory that is there already. Throws LimitError when its minimum is
   * more, or the host has no room for it (for a shared one, for its maximum).
   */
  constructor(
    type: MemoryType,
    private readonly mostPages = MAX_MEMORY_PAGES,
    attached?: SharedMemoryHandle,
  ) {
    this.type = type;
    if (attached !== undefined) {
      this.state = new Int32Array(attached.state);
      this.show(attached.buffer);
      this.refresh();
      return;
    }
    const { min, shared } = type.limits;
    const first = min > BigInt(MAX_MEMORY_PAGES) ? Infinity : Number(min);
    this.state = shared ? new Int32Array(new SharedArrayBuffer(4 * StateWord.COUNT)) : null;
    if (!this.allows(first)) throw new LimitError(`a memory of ${min} pages is more than the ${this.mostPages} allowed`);
    if (!this.makeRoom(first * PAGE_BYTES)) throw noRoom(type.limits, this.mostPages);
    if (this.state !== null) Atomics.store(this.state, StateWord.PAGES, first);
    this.setPages(first);
  }

  /** The memory of another thread. Throws TypeError for what no memory gave. */
  static attach(handle: SharedMemoryHandle): Memory {
    const { type, mostPages, buffer, state } = handle;
    const isWhole = buffer instanceof SharedArrayBuffer && state instanceof SharedArrayBuffer && state.byteLength >= 4 * StateWord.COUNT;
    if (!isWhole || Atomics.load(new Int32Array(state), StateWord.PAGES) * PAGE_BYTES > buffer.byteLength) throw new TypeError('no handle of a shared memory');
    return new Memory(type, mostPages, handle);
  }

  /** What another thread needs to attach to this memory; undefined for one that is not shared. */
  handle(): SharedMemoryHandle | undefined {
    if (this.state === null) return undefined;
    return { type: this.type, mostPages: this.mostPages, buffer: this.u8.buffer as unknown as SharedArrayBuffer, state: this.state.buffer as unknown as SharedArrayBuffer };
  }

  get isShared(): boolean {
    return this.state !== null;
  }

  /** Takes over what other threads grew it by, and tells whether they did. */
  refresh(): boolean {
    if (this.state === null) return false;
    const pages = Atomics.load(this.state, StateWord.PAGES);
    if (pages === this.pages) return false;
    this.setPages(pages);
    return true;
  }

  /** Whether it reaches up to `end`, which is exclusive, by now. */
  holds(end: number): boolean {
    return end <= this.byteLength || (this.refresh() && end <= this.byteLength);
  }

  /** Sets bytes of the buffer, which must be there. In shared ones V8 writes each element by itself: then the larger, the better. */
  fill(value: number, start: number, end: number): void {
    if (this.state === null || end - start < LARGE_FILL) {
      this.u8.fill(value, start, end);
      return;
    }
    const first = Math.ceil(start / 8);
    const last = Math.floor(end / 8);
    this.u8.fill(value, start, 8 * first);
    this.i64.fill(BigInt(value & 0xff) * 0x0101_0101_0101_0101n, first, last);
    this.u8.fill(value, 8 * last, end);
  }

  /** Pages there are by now. */
  size(): number {
    this.refresh();
    return this.pages;
  }

  /** The memory as it is now, `byteLength` long. Ask again after anything that may have grown it. */
  view(): Uint8Array {
    this.refresh();
    if (this.exact === undefined || this.exact.length !== this.byteLength || this.exact.buffer !== this.u8.buffer) this.exact = new Uint8Array(this.u8.buffer, 0, this.byteLength);
    return this.exact;
  }

  /** Adds pages and returns how many there were, or -1 and changes nothing: beyond its maximum, or no room. Throws TypeError for no count of pages. */
  grow(pages: number): number {
    const delta = countFromHost(pages);
    const { max } = this.type.limits;
    for (;;) {
      this.refresh();
      const before = this.pages;
      const after = before + delta;
      if (max !== null && BigInt(before) + BigInt(Math.min(delta, 2 ** 32)) > max) return -1;
      if (!this.allows(after) || !this.makeRoom(after * PAGE_BYTES)) return -1;
      // Another thread may have been faster.
      if (this.state !== null && Atomics.compareExchange(this.state, StateWord.PAGES, before, after) !== before) continue;
      this.setPages(after);
      return before;
    }
  }

  /** The most pages it was once asked for, by any thread, and did not get because of `mostPages`; 0: it always got what it asked for. */
  get refusedPages(): number {
    return this.state === null ? this.refused : Atomics.load(this.state, StateWord.REFUSED_PAGES);
  }

  private allows(pages: number): boolean {
    if (pages <= Math.min(this.mostPages, this.type.limits.address === 'i64' ? MAX_MEMORY64_PAGES : MAX_MEMORY_PAGES)) return true;
    if (this.state === null) this.refused = Math.max(this.refused, pages);
    else raise(this.state, StateWord.REFUSED_PAGES, Math.min(pages, 2 ** 31 - 1));
    return false;
  }

  private setPages(pages: number): void {
    this.pages = pages;
    this.byteLength = pages * PAGE_BYTES;
  }

  /** Whether the buffer is that long, now at least. */
  private makeRoom(bytes: number): boolean {
    if (bytes <= this.u8.length && this.u8.length > 0) return true;
    // The buffer of a shared memory is in use elsewhere.
    if (this.state !== null && this.u8.length > 0) return false;
    const buffer = this.reserve(bytes);
    if (buffer === undefined) return false;
    const before = this.u8.subarray(0, this.byteLength);
    this.show(buffer);
    this.u8.set(before);
    return true;
  }

  private show(buffer: ArrayBuffer | SharedArrayBuffer): void {
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
  }

  /** A buffer of at least `bytes`: roomy when the host gives it, just enough when not, undefined when not even that. */
  private reserve(bytes: number): ArrayBuffer | SharedArrayBuffer | undefined {
    const most = reachableBytes(this.type.limits, this.mostPages);
    if (this.state !== null) return allocated(() => new SharedArrayBuffer(Math.max(bytes, most)));
    const roomy = Math.max(bytes, Math.min(most, Math.max(FIRST_BYTES, 2 * this.byteLength)));
    return allocated(() => new ArrayBuffer(roomy)) ?? (roomy === bytes ? undefined : allocated(() => new ArrayBuffer(bytes)));
  }
}

function allocated<Buffer>(allocate: () => Buffer): Buffer | undefined {
  try {
    return allocate();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

/** All that a memory can grow to. */
function reachableBytes({ max }: Limits, mostPages: number): number {
  return Math.min(max === null || max > BigInt(MAX_MEMORY_PAGES) ? MAX_MEMORY_PAGES : Number(max), mostPages) * PAGE_BYTES;
}

function noRoom(limits: Limits, mostPages: number): LimitError {
  if (!limits.shared) return new LimitError(`a memory of ${limits.min} pages is more than this machine has`);
  return new LimitError(`a shared memory that may grow to ${reachableBytes(limits, mostPages) / PAGE_BYTES} pages is more than this machine can set aside, and it can never move`, {
    next: 'link the program with a smaller maximum (`-Wl,--max-memory=BYTES`), or allow it less memory',
  });
}

/** Makes a word at least `value`, whatever other threads do to it. */
function raise(words: Int32Array, index: number, value: number): void {
  for (let known = Atomics.load(words, index); known < value; ) {
    const found = Atomics.compareExchange(words, index, known, value);
    if (found === known) return;
    known = found;
  }
}
