// Instructions with their immediates, one at a time, driven by the table: `readInstruction` for printer, inspector and
// tests, `skipInstruction` where only the extent matters, `writeInstruction` for the text parser and tools.
// Checks what the grammar of the binary format checks and nothing more; the validator has its own, faster walk.
// spec: binary/instructions
import { INSTRUCTION_INFOS, isPrefix, NO_INSTRUCTION, ORDINAL_OF_BYTE, ordinalOfPrefixed, type ImmediateKind, type InstructionInfo } from '../instructions.js';
import { heapTypeOf, isNullable, referenceTo, type BlockType, type HeapType, type ValueType } from '../types.js';
import type { Reader } from './reader.js';
import type { ByteWriter } from './writer.js';

export interface MemoryArgument {
  /** Exponent of two. */
  readonly align: number;
  readonly memory: number;
  readonly offset: bigint;
}
/** `br_on_cast`: a label, and the reference types before and after the cast. */
export interface CastArgument {
  readonly label: number;
  readonly from: ValueType;
  readonly to: ValueType;
}
export type CatchClause =
  | { readonly kind: 'catch' | 'catch_ref'; readonly tag: number; readonly label: number }
  | { readonly kind: 'catch_all' | 'catch_all_ref'; readonly label: number };
export interface TryTableArgument {
  readonly blockType: BlockType;
  readonly catches: readonly CatchClause[];
}

/** What each kind of immediate is in JavaScript. Floats are their bits, so that no payload of a NaN is lost. */
interface ImmediateValues {
  blockType: BlockType;
  tryTable: TryTableArgument;
  /** The default label last. */
  labels: readonly number[];
  memarg: MemoryArgument;
  i32: number;
  i64: bigint;
  /** Bits, unsigned. */
  f32: number;
  /** Bits, unsigned. */
  f64: bigint;
  /** Sixteen bytes, or sixteen lanes. */
  v128: Uint8Array;
  lanes16: Uint8Array;
  valueTypes: readonly ValueType[];
  heapType: HeapType;
  cast: CastArgument;
}
export type ImmediateValue<Kind extends ImmediateKind = ImmediateKind> = Kind extends `memarg${number}` ? MemoryArgument : Kind extends keyof ImmediateValues ? ImmediateValues[Kind] : number;

export interface Instruction {
  readonly info: InstructionInfo;
  /** Of its first byte. */
  readonly position: number;
  /** In the order of `info.immediates`, which name their kinds. */
  readonly immediates: readonly ImmediateValue[];
}

export const enum CatchCode {
  CATCH = 0,
  CATCH_REF = 1,
  CATCH_ALL = 2,
  CATCH_ALL_REF = 3,
}
const CATCH_KINDS = ['catch', 'catch_ref', 'catch_all', 'catch_all_ref'] as const;

/** Bit 6 of a memory argument's flags: a memory index follows. */
export const HAS_MEMORY_INDEX = 0x40;
const CAST_FROM_NULL = 1;
const CAST_TO_NULL = 2;

/** Reads an opcode and returns its row's ordinal. */
export function readOrdinal(reader: Reader): number {
  const start = reader.position;
  const byte = reader.byte();
  const ordinal = isPrefix(byte) ? ordinalOfPrefixed(byte, reader.u32()) : ORDINAL_OF_BYTE[byte]!;
  return ordinal === NO_INSTRUCTION ? illegalOpcode(reader, start) : ordinal;
}

/** `illegal opcode ff`, `illegal opcode fd 9a 01`: the bytes from `start` to where the reader stands. */
export function illegalOpcode(reader: Reader, start: number): never {
  const bytes = Array.from(reader.bytes.subarray(start, reader.position), (byte) => byte.toString(16).padStart(2, '0'));
  reader.fail(`illegal opcode ${bytes.join(' ')}`, start);
}

/** The instruction at the reader's position, which moves behind it. Throws DecodeError for what is none. */
export function readInstruction(reader: Reader): Instruction {
  const position = reader.position;
  const info = INSTRUCTION_INFOS[readOrdinal(reader)]!;
  return { info, position, immediates: info.immediates.map((kind) => readImmediate(reader, kind)) };
}

function readImmediate(reader: Reader, kind: ImmediateKind): ImmediateValue {
  switch (kind) {
    case 'blockType': return reader.blockType();
    case 'i32': return reader.s32();
    case 'i64': return reader.s64();
    case 'f32': return Number(readLittleEndian(reader, 4));
    case 'f64': return readLittleEndian(reader, 8);
    case 'v128':
    case 'lanes16': {
      const start = reader.position;
      reader.skip(16);
      return reader.bytes.slice(start, reader.position);
    }
    case 'heapType': return reader.heapType();
    case 'memarg1': case 'memarg2': case 'memarg4': case 'memarg8': case 'memarg16': {
      const flags = readMemoryFlags(reader);
      const memory = flags & HAS_MEMORY_INDEX ? reader.u32() : 0;
      return { align: flags & ~HAS_MEMORY_INDEX, memory, offset: reader.u64() };
    }
    case 'lane2': case 'lane4': case 'lane8': case 'lane16': return reader.byte();
    case 'zeroByte': return readZeroByte(reader);
    case 'labels': {
      const labels: number[] = [];
      for (let left = reader.count('labels'); left >= 0; left--) labels.push(reader.u32());
      return labels;
    }
    case 'valueTypes': {
      const types: ValueType[] = [];
      for (let left = reader.count('types'); left > 0; left--) types.push(reader.valueType());
      return types;
    }
    case 'cast': {
      const flags = readCastFlags(reader);
      const label = reader.u32();
      const from = referenceTo(reader.heapType(), (flags & CAST_FROM_NULL) !== 0);
      return { label, from, to: referenceTo(reader.heapType(), (flags & CAST_TO_NULL) !== 0) };
    }
    case 'tryTable': {
      const blockType = reader.blockType();
      const catches: CatchClause[] = [];
      for (let left = reader.count('catch clauses'); left > 0; left--) {
        const code = readCatchCode(reader);
        const clause = CATCH_KINDS[code]!;
        catches.push(clause === 'catch' || clause === 'catch_ref' ? { kind: clause, tag: reader.u32(), label: reader.u32() } : { kind: clause, label: reader.u32() });
      }
      return { blockType, catches };
    }
    default: return reader.u32();
  }
}

function readLittleEndian(reader: Reader, count: number): bigint {
  let bits = 0n;
  const start = reader.position;
  reader.skip(count);
  for (let at = reader.position - 1; at >= start; at--) bits = (bits << 8n) | BigInt(reader.bytes[at]!);
  return bits;
}

/** Alignment exponent and `HAS_MEMORY_INDEX`. */
export function readMemoryFlags(reader: Reader): number {
  const start = reader.position;
  const flags = reader.u32();
  if (flags >= 2 * HAS_MEMORY_INDEX) reader.fail('malformed memop flags', start);
  return flags;
}

export function readCastFlags(reader: Reader): number {
  const flags = reader.byte();
  if (flags > (CAST_FROM_NULL | CAST_TO_NULL)) reader.fail('malformed br_on_cast flags', reader.position - 1);
  return flags;
}

export function readCatchCode(reader: Reader): CatchCode {
  const code = reader.byte();
  if (code > CatchCode.CATCH_ALL_REF) reader.fail('malformed catch clause', reader.position - 1);
  return code;
}

export function readZeroByte(reader: Reader): 0 {
  if (reader.byte() !== 0) reader.fail('zero byte expected', reader.position - 1);
  return 0;
}

/** Reads over one instruction, allocating nothing; returns its ordinal. */
export function skipInstruction(reader: Reader): number {
  const ordinal = readOrdinal(reader);
  const kinds = INSTRUCTION_INFOS[ordinal]!.immediates;
  for (let index = 0; index < kinds.length; index++) skipImmediate(reader, kinds[index]!);
  return ordinal;
}

function skipImmediate(reader: Reader, kind: ImmediateKind): void {
  switch (kind) {
    case 'blockType': reader.blockType(); return;
    case 'i32': reader.s32(); return;
    case 'i64': reader.skipS64(); return;
    case 'f32': reader.skip(4); return;
    case 'f64': reader.skip(8); return;
    case 'v128': case 'lanes16': reader.skip(16); return;
    case 'heapType': reader.heapType(); return;
    case 'memarg1': case 'memarg2': case 'memarg4': case 'memarg8': case 'memarg16':
      if (readMemoryFlags(reader) & HAS_MEMORY_INDEX) reader.u32();
      reader.skipU64();
      return;
    case 'lane2': case 'lane4': case 'lane8': case 'lane16': reader.byte(); return;
    case 'zeroByte': readZeroByte(reader); return;
    case 'labels':
      for (let left = reader.count('labels'); left >= 0; left--) reader.u32();
      return;
    case 'valueTypes':
      for (let left = reader.count('types'); left > 0; left--) reader.valueType();
      return;
    case 'cast':
      readCastFlags(reader);
      reader.u32();
      reader.heapType();
      reader.heapType();
      return;
    case 'tryTable':
      reader.blockType();
      for (let left = reader.count('catch clauses'); left > 0; left--) {
        if (readCatchCode(reader) <= CatchCode.CATCH_REF) reader.u32();
        reader.u32();
      }
      return;
    default: reader.u32();
  }
}

/** Writes an opcode and its immediates, given in the order of `info.immediates`. */
export function writeInstruction(writer: ByteWriter, info: InstructionInfo, ...immediates: readonly ImmediateValue[]): void {
  const prefix = info.code >>> 16;
  if (prefix === 0) writer.byte(info.code);
  else {
    writer.byte(prefix);
    writer.u32(info.code & 0xffff);
  }
  info.immediates.forEach((kind, index) => writeImmediate(writer, kind, immediates[index]!));
}

function writeImmediate(writer: ByteWriter, kind: ImmediateKind, value: ImmediateValue): void {
  switch (kind) {
    case 'blockType': return writer.blockType(value as BlockType);
    case 'i32': return writer.s32(value as number);
    case 'i64': return writer.s64(value as bigint);
    case 'f32': return writer.littleEndian(value as number, 4);
    case 'f64': return writer.littleEndian(value as bigint, 8);
    case 'v128': case 'lanes16': return writer.bytes(value as Uint8Array);
    case 'heapType': return writer.heapType(value as HeapType);
    case 'memarg1': case 'memarg2': case 'memarg4': case 'memarg8': case 'memarg16': {
      const { align, memory, offset } = value as MemoryArgument;
      writer.u32(memory === 0 ? align : align | HAS_MEMORY_INDEX);
      if (memory !== 0) writer.u32(memory);
      return writer.u64(offset);
    }
    case 'lane2': case 'lane4': case 'lane8': case 'lane16': case 'zeroByte': return writer.byte(value as number);
    case 'labels': {
      const labels = value as readonly number[];
      writer.u32(labels.length - 1);
      for (const label of labels) writer.u32(label);
      return;
    }
    case 'valueTypes': return writer.vector(value as readonly ValueType[], (type) => writer.valueType(type));
    case 'cast': {
      const { label, from, to } = value as CastArgument;
      writer.byte((isNullable(from) ? CAST_FROM_NULL : 0) | (isNullable(to) ? CAST_TO_NULL : 0));
      writer.u32(label);
      writer.heapType(heapTypeOf(from));
      return writer.heapType(heapTypeOf(to));
    }
    case 'tryTable': {
      const { blockType, catches } = value as TryTableArgument;
      writer.blockType(blockType);
      return writer.vector(catches, (clause) => {
        writer.byte(CATCH_KINDS.indexOf(clause.kind));
        if ('tag' in clause) writer.u32(clause.tag);
        writer.u32(clause.label);
      });
    }
    default: return writer.u32(value as number);
  }
}
