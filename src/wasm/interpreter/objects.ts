// The operations on structures, arrays and i31: allocation, fields, elements.
// spec: exec/instructions#aggregate-reference-instructions
import { InternalError } from '../../base/errors.js';
import { CODE } from '../runtime/code-space.js';
import type { Instance } from '../runtime/instance.js';
import * as machine from '../runtime/machine.js';
import { defaultBits, FieldKind, GcArray, GcStruct, newData, storageBytes, type ArrayData } from '../runtime/objects.js';
import { readSlot, slotsOfType, type Bits } from '../runtime/slots.js';
import { Type, type ArrayType, type StorageType, type StructType, type ValueType } from '../types.js';
import { Op } from './ops.js';
import { stop } from './trace.js';

const C = CODE;
const S = machine.I32;
const L = machine.I64;
const W = machine.HALVES;
const R = machine.REFS;

const ARRAY_BOUNDS = 'out of bounds array access';
const NULL_STRUCT = 'null structure reference';
const NULL_ARRAY = 'null array reference';

/** Performs the operation at `pc` and returns the address of the next one. */
export function objects(pc: number, fp: number, depth: number, instance: Instance): number {
  const d = fp + C[pc + 1]!;
  const a = fp + C[pc + 2]!;
  const b = fp + C[pc + 3]!;
  switch (C[pc] as Op) {
    case Op.STRUCT_NEW: R[d] = newStruct(instance, C[pc + 3]!, a); return pc + 4;
    case Op.STRUCT_NEW_DEFAULT: R[d] = newStruct(instance, C[pc + 2]!, -1); return pc + 3;
    case Op.STRUCT_GET: {
      const struct = R[a] as GcStruct | null;
      if (struct === null) throw stop(NULL_STRUCT, pc, depth);
      putField(C[pc + 4]!, d, struct.fields[C[pc + 3]!]);
      return pc + 5;
    }
    case Op.STRUCT_SET: {
      const struct = R[d] as GcStruct | null;
      if (struct === null) throw stop(NULL_STRUCT, pc, depth);
      struct.fields[C[pc + 3]!] = takeField(C[pc + 4]!, a);
      return pc + 5;
    }

    case Op.ARRAY_NEW: {
      const type = C[pc + 4]!;
      const array = allocate(instance, type, S[b]! >>> 0, pc, depth);
      const { storage } = arrayType(instance, type).field;
      if (storage === Type.V128) for (let at = 0; at < array.length; at++) putVector(array.data as Int32Array, at, a);
      else fillData(array.data, storageBits(storage, a), 0, array.length);
      R[d] = array;
      return pc + 5;
    }
    case Op.ARRAY_NEW_DEFAULT: R[d] = allocate(instance, C[pc + 3]!, S[a]! >>> 0, pc, depth); return pc + 4;
    case Op.ARRAY_NEW_FIXED: {
      const type = C[pc + 3]!;
      const array = allocate(instance, type, C[pc + 4]!, pc, depth);
      const { storage } = arrayType(instance, type).field;
      for (let at = 0; at < array.length; at++) {
        if (storage === Type.V128) putVector(array.data as Int32Array, at, a + 2 * at);
        else (array.data as Bits[])[at] = storageBits(storage, a + at);
      }
      R[d] = array;
      return pc + 5;
    }
    case Op.ARRAY_NEW_DATA: {
      const type = C[pc + 4]!;
      const from = S[a]! >>> 0;
      const length = S[b]! >>> 0;
      const bytes = segmentBytes(instance, C[pc + 5]!, type, from, length, pc, depth);
      const array = allocate(instance, type, length, pc, depth);
      copyBytes(instance, type, array.data, 0, bytes);
      R[d] = array;
      return pc + 6;
    }
    case Op.ARRAY_NEW_ELEM: {
      const from = S[a]! >>> 0;
      const length = S[b]! >>> 0;
      const elements = segmentElements(instance, C[pc + 5]!, from, length, pc, depth);
      R[d] = new GcArray(instance.code.typeIds[C[pc + 4]!]!, elements, length);
      return pc + 6;
    }
    case Op.ARRAY_GET: {
      const array = R[a] as GcArray | null;
      if (array === null) throw stop(NULL_ARRAY, pc, depth);
      const index = S[b]! >>> 0;
      if (index >= array.length) throw stop(ARRAY_BOUNDS, pc, depth);
      const kind = C[pc + 4]! as FieldKind;
      if (kind === FieldKind.VECTOR) for (let word = 0; word < 4; word++) W[2 * d + word] = (array.data as Int32Array)[4 * index + word]!;
      else putField(kind, d, array.data[index]);
      return pc + 5;
    }
    case Op.ARRAY_SET: {
      const array = R[d] as GcArray | null;
      if (array === null) throw stop(NULL_ARRAY, pc, depth);
      const index = S[a]! >>> 0;
      if (index >= array.length) throw stop(ARRAY_BOUNDS, pc, depth);
      const kind = C[pc + 4]! as FieldKind;
      if (kind === FieldKind.VECTOR) putVector(array.data as Int32Array, index, b);
      else (array.data as Bits[])[index] = takeField(kind, b);
      return pc + 5;
    }
    case Op.ARRAY_LEN: {
      const array = R[a] as GcArray | null;
      if (array === null) throw stop(NULL_ARRAY, pc, depth);
      S[d] = array.length;
      return pc + 3;
    }
    case Op.ARRAY_FILL: {
      const array = R[d] as GcArray | null;
      if (array === null) throw stop(NULL_ARRAY, pc, depth);
      const from = S[a]! >>> 0;
      const count = S[fp + C[pc + 4]!]! >>> 0;
      if (from + count > array.length) throw stop(ARRAY_BOUNDS, pc, depth);
      const kind = C[pc + 5]! as FieldKind;
      if (kind === FieldKind.VECTOR) for (let at = from; at < from + count; at++) putVector(array.data as Int32Array, at, b);
      else fillData(array.data, takeField(kind, b), from, from + count);
      return pc + 6;
    }
    case Op.ARRAY_COPY: {
      const target = R[d] as GcArray | null;
      const source = R[b] as GcArray | null;
      if (target === null || source === null) throw stop(NULL_ARRAY, pc, depth);
      const to = S[a]! >>> 0;
      const from = S[fp + C[pc + 4]!]! >>> 0;
      const count = S[fp + C[pc + 5]!]! >>> 0;
      if (to + count > target.length || from + count > source.length) throw stop(ARRAY_BOUNDS, pc, depth);
      copyElements(target, to, source, from, count);
      return pc + 6;
    }
    case Op.ARRAY_INIT_DATA: {
      const array = R[d] as GcArray | null;
      if (array === null) throw stop(NULL_ARRAY, pc, depth);
      const to = S[a]! >>> 0;
      const from = S[b]! >>> 0;
      const count = S[fp + C[pc + 4]!]! >>> 0;
      if (to + count > array.length) throw stop(ARRAY_BOUNDS, pc, depth);
      copyBytes(instance, C[pc + 6]!, array.data, to, segmentBytes(instance, C[pc + 5]!, C[pc + 6]!, from, count, pc, depth));
      return pc + 7;
    }
    case Op.ARRAY_INIT_ELEM: {
      const array = R[d] as GcArray | null;
      if (array === null) throw stop(NULL_ARRAY, pc, depth);
      const to = S[a]! >>> 0;
      const from = S[b]! >>> 0;
      const count = S[fp + C[pc + 4]!]! >>> 0;
      if (to + count > array.length) throw stop(ARRAY_BOUNDS, pc, depth);
      const elements = segmentElements(instance, C[pc + 5]!, from, count, pc, depth);
      for (let at = 0; at < count; at++) (array.data as Bits[])[to + at] = elements[at];
      return pc + 6;
    }

    case Op.REF_I31: R[d] = (S[a]! << 1) >> 1; return pc + 3;
    case Op.I31_GET_S: S[d] = i31(R[a], pc, depth); return pc + 3;
    case Op.I31_GET_U: S[d] = i31(R[a], pc, depth) & 0x7fff_ffff; return pc + 3;
    default: throw new InternalError(`operation ${C[pc]} at ${pc} is none on objects`);
  }
}

function i31(value: unknown, pc: number, depth: number): number {
  if (value === null) throw stop('null i31 reference', pc, depth);
  return value as number;
}

const arrayType = (instance: Instance, type: number): ArrayType => instance.code.module.types[type]!.composite as ArrayType;

/** Fields from adjacent slots, or their defaults for `base` -1. */
function newStruct(instance: Instance, type: number, base: number): GcStruct {
  const { fields } = instance.code.module.types[type]!.composite as StructType;
  const values: Bits[] = [];
  let slot = base;
  for (const { storage } of fields) {
    if (base < 0) values.push(defaultBits(storage));
    else {
      values.push(storageBits(storage, slot));
      slot += slotsOfType(storage);
    }
  }
  return new GcStruct(instance.code.typeIds[type]!, values);
}

/** The bits of an operand, cut to what its field stores. */
function storageBits(storage: StorageType, slot: number): Bits {
  if (storage === Type.I8) return (S[slot]! << 24) >> 24;
  if (storage === Type.I16) return (S[slot]! << 16) >> 16;
  return readSlot(storage as ValueType, slot);
}

function takeField(kind: FieldKind, slot: number): Bits {
  switch (kind) {
    case FieldKind.WORD: return S[slot];
    case FieldKind.WIDE: return L[slot];
    case FieldKind.REFERENCE: return R[slot];
    case FieldKind.VECTOR: return readSlot(Type.V128, slot);
    case FieldKind.I8_S: case FieldKind.I8_U: return (S[slot]! << 24) >> 24;
    case FieldKind.I16_S: case FieldKind.I16_U: return (S[slot]! << 16) >> 16;
  }
}

/** Small integers are stored signed. */
function putField(kind: FieldKind, slot: number, bits: Bits): void {
  switch (kind) {
    case FieldKind.WORD: case FieldKind.I8_S: case FieldKind.I16_S: S[slot] = bits as number; return;
    case FieldKind.I8_U: S[slot] = (bits as number) & 0xff; return;
    case FieldKind.I16_U: S[slot] = (bits as number) & 0xffff; return;
    case FieldKind.WIDE: L[slot] = bits as bigint; return;
    case FieldKind.REFERENCE: R[slot] = bits; return;
    case FieldKind.VECTOR: W.set(new Int32Array((bits as Uint8Array).slice().buffer), 2 * slot); return;
  }
}

function allocate(instance: Instance, type: number, length: number, pc: number, depth: number): GcArray {
  try {
    return new GcArray(instance.code.typeIds[type]!, newData(arrayType(instance, type).field.storage, length), length);
  } catch (error) {
    if (error instanceof RangeError) throw stop('allocation size too large', pc, depth, `an array of ${length} elements`);
    throw error;
  }
}

function fillData(data: ArrayData, bits: Bits, from: number, to: number): void {
  (data as Bits[]).fill(bits, from, to);
}

function putVector(data: Int32Array, index: number, slot: number): void {
  for (let word = 0; word < 4; word++) data[4 * index + word] = W[2 * slot + word]!;
}

function copyElements(target: GcArray, to: number, source: GcArray, from: number, count: number): void {
  const { data } = target;
  // Four words each for vectors.
  const words = data instanceof Int32Array && target.length > 0 ? data.length / target.length : 1;
  if (Array.isArray(data)) {
    const elements = (source.data as Bits[]).slice(from, from + count);
    for (let at = 0; at < count; at++) data[to + at] = elements[at];
  } else {
    (data as Int32Array).set((source.data as Int32Array).subarray(words * from, words * (from + count)), words * to);
  }
}

/** Bytes of `length` elements from `from` on, which counts bytes. */
function segmentBytes(instance: Instance, segment: number, type: number, from: number, length: number, pc: number, depth: number): Uint8Array {
  const data = instance.data[segment]!;
  const size = length * storageBytes(arrayType(instance, type).field.storage);
  if (from + size > data.length) throw stop('out of bounds memory access', pc, depth);
  return data.subarray(from, from + size);
}

function segmentElements(instance: Instance, segment: number, from: number, length: number, pc: number, depth: number): Bits[] {
  const elements = instance.elements[segment]!;
  if (from + length > elements.length) throw stop('out of bounds table access', pc, depth);
  return elements.slice(from, from + length);
}

/** Bytes into an array of numbers, from the element `to` on. */
function copyBytes(instance: Instance, type: number, data: ArrayData, to: number, bytes: Uint8Array): void {
  new Uint8Array((data as Int32Array).buffer).set(bytes, to * storageBytes(arrayType(instance, type).field.storage));
}
