// Objects of the garbage-collected part, and what a reference is. The collector is JavaScript's own: a structure is a
// list of values by their bits, an array a typed array or a list of references; an `i31` is a number.
// spec: exec/runtime#structure-instances, valid/matching
import { concreteHeap, Heap, heapTypeOf, isNullable, isReference, Type, type HeapType, type StorageType, type ValueType } from '../types.js';
import { sharedRegistry, type CanonicalId } from '../validate/type-registry.js';
import { Exception } from './exception.js';
import { FunctionInstance } from './function.js';
import type { Bits } from './slots.js';

export class GcStruct {
  constructor(
    readonly typeId: CanonicalId,
    readonly fields: Bits[],
  ) {}
}

export type ArrayData = Int8Array | Int16Array | Int32Array | BigInt64Array | Bits[];

export class GcArray {
  constructor(
    readonly typeId: CanonicalId,
    /** Elements by their bits; a vector takes four words. */
    readonly data: ArrayData,
    readonly length: number,
  ) {}
}

/** How a field is stored and read: what the operations on objects are told. */
export const enum FieldKind {
  WORD,
  WIDE,
  REFERENCE,
  VECTOR,
  I8_S,
  I8_U,
  I16_S,
  I16_U,
}

export function fieldKind(type: StorageType, signed: boolean): FieldKind {
  switch (type) {
    case Type.I32: case Type.F32: return FieldKind.WORD;
    case Type.I64: case Type.F64: return FieldKind.WIDE;
    case Type.V128: return FieldKind.VECTOR;
    case Type.I8: return signed ? FieldKind.I8_S : FieldKind.I8_U;
    case Type.I16: return signed ? FieldKind.I16_S : FieldKind.I16_U;
    default: return FieldKind.REFERENCE;
  }
}

/** What a field holds that was given nothing: zero or null. */
export function defaultBits(type: StorageType): Bits {
  if (isReference(type)) return null;
  if (type === Type.I64 || type === Type.F64) return 0n;
  return type === Type.V128 ? new Uint8Array(16) : 0;
}

/** Bytes of an element in a data segment. */
export function storageBytes(type: StorageType): number {
  switch (type) {
    case Type.I8: return 1;
    case Type.I16: return 2;
    case Type.I64: case Type.F64: return 8;
    case Type.V128: return 16;
    default: return 4;
  }
}

/** More than this, in bytes, is no array but an attack on the host's memory; browsers draw the line here too. */
const MAX_ARRAY_BYTES = 1 << 30;

/** Zeros or nulls. Throws RangeError when they are too many. */
export function newData(type: StorageType, length: number): ArrayData {
  if (length * (isReference(type) ? 8 : storageBytes(type)) > MAX_ARRAY_BYTES) throw new RangeError('array too large');
  switch (type) {
    case Type.I8: return new Int8Array(length);
    case Type.I16: return new Int16Array(length);
    case Type.I32: case Type.F32: return new Int32Array(length);
    case Type.I64: case Type.F64: return new BigInt64Array(length);
    case Type.V128: return new Int32Array(4 * length);
    default: return new Array<Bits>(length).fill(null);
  }
}

/** The lowest heap type a value is of that is not null; `EXTERN` for a value of the host. */
function heapOf(value: unknown): HeapType {
  if (typeof value === 'number') return Heap.I31;
  if (value instanceof GcStruct || value instanceof GcArray || value instanceof FunctionInstance) return concreteHeap(value.typeId);
  return value instanceof Exception ? Heap.EXN : Heap.EXTERN;
}

export type ReferenceKind = 'null' | 'func' | 'i31' | 'struct' | 'array' | 'exn' | 'extern';

/** What a reference refers to, as the runtime holds it; `extern`: a value of the host. */
export function kindOfReference(value: unknown): ReferenceKind {
  if (value === null) return 'null';
  if (typeof value === 'number') return 'i31';
  if (value instanceof FunctionInstance) return 'func';
  if (value instanceof GcStruct) return 'struct';
  if (value instanceof GcArray) return 'array';
  return value instanceof Exception ? 'exn' : 'extern';
}

/** Whether a reference is of a type; `type` is canonical. */
export function referenceMatches(value: unknown, type: ValueType): boolean {
  if (value === null) return isNullable(type);
  const wanted = heapTypeOf(type);
  // Everything that is not null can be seen from outside, and values of the host are seen inside as `any`.
  if (wanted === Heap.EXTERN) return true;
  const heap = heapOf(value);
  return heap === Heap.EXTERN ? wanted === Heap.ANY : sharedRegistry.heapMatches(heap, wanted);
}

