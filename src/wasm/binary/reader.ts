// Reads the primitive parts of the binary format: bytes, LEB128 integers, names, types. Decides what is malformed at
// this level and says where; what a section or instruction is made of is for `decode.ts` and `immediates.ts`.
// spec: binary/values, binary/types
import { DecodeError, LimitError } from '../errors.js';
import { concreteHeap, Heap, referenceTo, Type, type BlockType, type HeapType, type ValueType } from '../types.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Type indices of 21 bits fit a packed reference; larger ones are all unknown (`MAX_TYPES`) and become this one. */
const LAST_TYPE_INDEX = 0x1fffff;

const isAbstractHeap = (code: number): boolean => code >= Heap.EXN && code <= Heap.NOEXN;

/** A position in bytes, and what stands there. Every method moves behind what it has read, and throws DecodeError for what is malformed or cut off. */
export class Reader {
  position: number;
  /** Where reading must stop; never beyond `bytes`. */
  end: number;

  constructor(
    readonly bytes: Uint8Array,
    position = 0,
    end = bytes.length,
    /** What is being read, for errors: `type section`, `function 12`. */
    public subject = '',
  ) {
    this.position = position;
    this.end = end;
  }

  fail(wording: string, position: number = this.position, detail?: string): never {
    throw new DecodeError(wording, position, detail, this.subject === '' ? {} : { where: [['in', this.subject]] });
  }

  unexpectedEnd(detail?: string): never {
    this.fail('unexpected end of section or function', this.end, detail);
  }

  byte(): number {
    if (this.position >= this.end) this.unexpectedEnd();
    return this.bytes[this.position++]!;
  }

  /**
   * The next byte of an integer that began at `start`. Where the section stops inside of it, the rest is read all the same: when the
   * integer is no integer at all, that is what is wrong, and not the section.
   */
  private digit(start: number, readAgain: (reader: Reader) => void): number {
    if (this.position < this.end) return this.bytes[this.position++]!;
    if (this.end < this.bytes.length) readAgain(new Reader(this.bytes, start, this.bytes.length, this.subject));
    return this.unexpectedEnd();
  }

  u32(): number {
    const byte = this.bytes[this.position]!;
    if (byte < 0x80 && this.position < this.end) {
      this.position++;
      return byte;
    }
    return this.longU32();
  }

  private longU32(): number {
    const start = this.position;
    let result = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.digit(start, readU32);
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
    const last = this.digit(start, readU32);
    if (last & 0x70) this.fail('integer too large', start);
    if (last & 0x80) this.fail('integer representation too long', start);
    return (result | (last << 28)) >>> 0;
  }

  s32(): number {
    const byte = this.bytes[this.position]!;
    if (byte < 0x80 && this.position < this.end) {
      this.position++;
      return (byte << 25) >> 25;
    }
    return this.longS32();
  }

  private longS32(): number {
    const start = this.position;
    let result = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.digit(start, readS32);
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (result << (25 - shift)) >> (25 - shift);
    }
    const last = this.digit(start, readS32);
    const unused = last & 0x78;
    if (unused !== 0 && unused !== 0x78) this.fail('integer too large', start);
    if (last & 0x80) this.fail('integer representation too long', start);
    return result | (last << 28);
  }

  /** 33 bits, signed: type indices that share their place with negative codes. Exact as a number. */
  s33(): number {
    const start = this.position;
    let result = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.digit(start, readS33);
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (result << (25 - shift)) >> (25 - shift);
    }
    const last = this.digit(start, readS33);
    const unused = last & 0x70;
    if (unused !== 0 && unused !== 0x70) this.fail('integer too large', start);
    if (last & 0x80) this.fail('integer representation too long', start);
    return ((result | (last << 28)) >>> 0) - (last & 0x10 ? 0x1_0000_0000 : 0);
  }

  u64(): bigint {
    const start = this.position;
    this.skipU64();
    let result = 0n;
    for (let at = this.position - 1; at >= start; at--) result = (result << 7n) | BigInt(this.bytes[at]! & 0x7f);
    return result;
  }

  s64(): bigint {
    const start = this.position;
    this.skipS64();
    let result = 0n;
    for (let at = this.position - 1; at >= start; at--) result = (result << 7n) | BigInt(this.bytes[at]! & 0x7f);
    return BigInt.asIntN(64, this.bytes[this.position - 1]! & 0x40 ? result - (1n << BigInt(7 * (this.position - start))) : result);
  }

  skipU64(): void {
    const start = this.position;
    for (let count = 0; count < 9; count++) if (this.digit(start, readU64) < 0x80) return;
    const last = this.digit(start, readU64);
    if (last & 0x7e) this.fail('integer too large', start);
    if (last & 0x80) this.fail('integer representation too long', start);
  }

  skipS64(): void {
    const start = this.position;
    for (let count = 0; count < 9; count++) if (this.digit(start, readS64) < 0x80) return;
    const last = this.digit(start, readS64);
    if ((last & 0x7f) !== 0 && (last & 0x7f) !== 0x7f) this.fail('integer too large', start);
    if (last & 0x80) this.fail('integer representation too long', start);
  }

  skip(count: number): void {
    if (count > this.end - this.position) this.unexpectedEnd();
    this.position += count;
  }

  /**
   * The length of a vector. Each element takes at least one byte, so a count beyond the bytes that are left is refused
   * here, before anything is allocated for it; so is one beyond `most`, with LimitError.
   */
  count(what: string, most = Infinity): number {
    const count = this.u32();
    const left = this.end - this.position;
    if (count > left) this.unexpectedEnd(`${count} ${what} announced, ${left} bytes left`);
    if (count > most) throw new LimitError(`the module has ${count} ${what}; the engine takes at most ${most}`);
    return count;
  }

  name(): string {
    const at = this.position;
    const length = this.u32();
    if (length > this.end - this.position) this.fail('length out of bounds', at, `a name of ${length} bytes, ${this.end - this.position} bytes left`);
    const start = this.position;
    this.position += length;
    return decodeUtf8(this.bytes, start, this.position) ?? this.fail('malformed UTF-8 encoding', start);
  }

  heapType(): HeapType {
    const start = this.position;
    const value = this.s33();
    if (value >= 0) return concreteHeap(Math.min(value, LAST_TYPE_INDEX));
    const code = value & 0x7f;
    // An abstract type is one byte by the grammar; longer forms of the same number are no heap types.
    if (this.position - start !== 1 || !isAbstractHeap(code)) this.fail('malformed heap type', start);
    return code;
  }

  referenceType(): ValueType {
    const start = this.position;
    return this.referenceOf(this.byte()) ?? this.fail('malformed reference type', start);
  }

  valueType(): ValueType {
    const start = this.position;
    const code = this.byte();
    if (code <= Type.I32 && code >= Type.V128) return code;
    return this.referenceOf(code) ?? this.fail('malformed value type', start);
  }

  private referenceOf(code: number): ValueType | undefined {
    if (isAbstractHeap(code)) return referenceTo(code, true);
    if (code === 0x63) return referenceTo(this.heapType(), true);
    if (code === 0x64) return referenceTo(this.heapType(), false);
    return undefined;
  }

  blockType(): BlockType {
    const start = this.position;
    if (start >= this.end) this.unexpectedEnd();
    const code = this.bytes[start]!;
    if (code === 0x40) {
      this.position++;
      return Type.BOTTOM;
    }
    if (code >= 0x40 && code < 0x80) return this.valueType();
    const index = this.s33();
    if (index < 0) this.fail('malformed block type', start);
    return concreteHeap(Math.min(index, LAST_TYPE_INDEX));
  }
}

/** Undefined when the bytes are not UTF-8. Most names are short and ASCII, which a loop decodes faster than the decoder starts. */
function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= 24) {
    let text = '';
    let at = start;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte >= 0x80) break;
      text += String.fromCharCode(byte);
    }
    if (at === end) return text;
  }
  try {
    // A view on shared memory is copied: TextDecoder refuses it.
    const part = bytes.subarray(start, end);
    return UTF8.decode(typeof SharedArrayBuffer !== 'undefined' && bytes.buffer instanceof SharedArrayBuffer ? part.slice() : part);
  } catch {
    return undefined;
  }
}

const readU32 = (reader: Reader): number => reader.u32();
const readS32 = (reader: Reader): number => reader.s32();
const readS33 = (reader: Reader): number => reader.s33();
const readU64 = (reader: Reader): void => reader.skipU64();
const readS64 = (reader: Reader): void => reader.skipS64();
