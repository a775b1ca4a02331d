// Which bytes of the guest's memory a call wrote. Handlers reach memory through one class only, so that class tells: no list
// of what each function writes, which would have to be right for every function and every error. A slice that a handler
// took counts as written, because it may have been; a path and the data of a write are only read.
import type { ObservedCall } from '../call.js';
import { Memory, type GuestMemory } from '../memory.js';
import { FILLING } from './inputs.js';

/** A piece of memory as it is after the call. */
export interface Write {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export class Journal {
  /** Address and length, in turns. */
  private readonly touched: number[] = [];
  private readonly buffers: number[] = [];

  /** For `WasiObserver.memory`. */
  readonly memory = (guest: GuestMemory): Memory => new JournalMemory(guest, this.touched, this.buffers);

  /** Before a call. */
  clear(): void {
    this.touched.length = 0;
    this.buffers.length = 0;
  }

  /** What the call that has just answered wrote: ascending, nothing twice. A copy. */
  writes({ name, params, args, memory }: ObservedCall): Write[] {
    const pieces: [number, number][] = [];
    for (let index = 0; index < this.touched.length; index += 2) pieces.push([this.touched[index]!, this.touched[index + 1]!]);
    const counted = FILLING[name];
    if (counted !== undefined && this.buffers.length > 0) {
      const result = args[params.findIndex(([param]) => param === counted)] as number;
      let left = pieces.some(([address]) => address === result) ? memory.readU32(result) : 0;
      for (let index = 0; index < this.buffers.length && left > 0; index += 2) {
        const length = Math.min(left, this.buffers[index + 1]!);
        pieces.push([this.buffers[index]!, length]);
        left -= length;
      }
    }
    return joined(pieces).map(([address, length]) => ({ address, bytes: memory.slice(address, length).slice() }));
  }
}

/** Pieces that overlap or touch as one. */
function joined(pieces: [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [address, length] of pieces.sort(([a], [b]) => a - b)) {
    const last = result[result.length - 1];
    if (length === 0) continue;
    if (last !== undefined && address <= last[0] + last[1]) last[1] = Math.max(last[1], address + length - last[0]);
    else result.push([address, length]);
  }
  return result;
}

class JournalMemory extends Memory {
  constructor(
    guest: GuestMemory,
    private readonly touched: number[],
    private readonly lists: number[],
  ) {
    super(guest);
  }

  override slice(address: number, length: number): Uint8Array {
    const slice = super.slice(address, length);
    this.touched.push(address, length);
    return slice;
  }

  override writeU8(address: number, value: number): void {
    super.writeU8(address, value);
    this.touched.push(address, 1);
  }

  override writeU16(address: number, value: number): void {
    super.writeU16(address, value);
    this.touched.push(address, 2);
  }

  override writeU32(address: number, value: number): void {
    super.writeU32(address, value);
    this.touched.push(address, 4);
  }

  override writeU64(address: number, value: bigint): void {
    super.writeU64(address, value);
    this.touched.push(address, 8);
  }

  override write(address: number, bytes: Uint8Array): void {
    super.write(address, bytes);
    this.touched.push(address, bytes.length);
  }

  override path(address: number, length: number): string {
    return this.reading(() => super.path(address, length));
  }

  override buffers(address: number, count: number): Uint8Array[] {
    const buffers = this.reading(() => super.buffers(address, count));
    for (const buffer of buffers) this.lists.push(buffer.byteOffset - this.start, buffer.length);
    return buffers;
  }

  private reading<T>(read: () => T): T {
    const { length } = this.touched;
    try {
      return read();
    } finally {
      this.touched.length = length;
    }
  }
}
