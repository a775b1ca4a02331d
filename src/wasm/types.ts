// Types of WebAssembly, as plain numbers and small records: what the module data, the validator and the runtime share.
// A value type is one small integer, so that the validator compares and copies types as fast as bytes.
// spec: syntax/types, binary/types

/**
 * A value type packed in an integer.
 * - numbers and vectors: their binary code (`I32` = 0x7f …);
 * - references: `REF`, with `NULLABLE` or not, and either an abstract heap type's code in the low byte, or `CONCRETE` and a type index above bit 11;
 * - `BOTTOM` (0): the type of an operand of unreachable code; it matches everything.
 */
export type ValueType = number;
/** The heap-type part of a reference: an abstract code, or CONCRETE | index << INDEX_SHIFT. */
export type HeapType = number;
/** A value type, `I8` or `I16`. */
export type StorageType = number;
/** Type of a block: `BOTTOM` = no parameter and no result; a concrete heap type = the function type of that index; else its one result. */
export type BlockType = number;

export const enum Type {
  BOTTOM = 0,
  I32 = 0x7f,
  I64 = 0x7e,
  F32 = 0x7d,
  F64 = 0x7c,
  V128 = 0x7b,
  /** Storage types of fields only. */
  I8 = 0x78,
  I16 = 0x77,
  REF = 0x100,
  NULLABLE = 0x200,
  CONCRETE = 0x400,
  INDEX_SHIFT = 11,
  /** `(ref null func)`, `(ref null extern)`, `(ref null exn)` … the one-byte reference types. */
  FUNCREF = 0x370,
  EXTERNREF = 0x36f,
  ANYREF = 0x36e,
  EQREF = 0x36d,
  EXNREF = 0x369,
  /** `(ref bot)`: some reference, never null, of unreachable code; matches every reference. */
  BOTTOM_REFERENCE = 0x100,
}

/** Abstract heap types, by their binary code. */
export const enum Heap {
  NOEXN = 0x74,
  NOFUNC = 0x73,
  NOEXTERN = 0x72,
  NONE = 0x71,
  FUNC = 0x70,
  EXTERN = 0x6f,
  ANY = 0x6e,
  EQ = 0x6d,
  I31 = 0x6c,
  STRUCT = 0x6b,
  ARRAY = 0x6a,
  EXN = 0x69,
}

export const isReference = (type: ValueType): boolean => (type & Type.REF) !== 0;
export const isNullable = (type: ValueType): boolean => (type & Type.NULLABLE) !== 0;
export const isConcrete = (type: ValueType | HeapType): boolean => (type & Type.CONCRETE) !== 0;
/** The type index of a concrete reference or heap type. */
export const typeIndexOf = (type: ValueType | HeapType): number => type >>> Type.INDEX_SHIFT;
export const heapTypeOf = (type: ValueType): HeapType => (type & Type.CONCRETE ? type & ~(Type.REF | Type.NULLABLE) : type & 0xff);
export const concreteHeap = (typeIndex: number): HeapType => Type.CONCRETE | (typeIndex << Type.INDEX_SHIFT);
export const referenceTo = (heap: HeapType, nullable: boolean): ValueType => Type.REF | (nullable ? Type.NULLABLE : 0) | heap;

/** Text names of abstract heap types; `[name, heap, name of its nullable reference]`. */
export const ABSTRACT_HEAP_TYPES: ReadonlyArray<readonly [name: string, heap: HeapType, nullableReference: string]> = [
  ['any', Heap.ANY, 'anyref'], ['eq', Heap.EQ, 'eqref'], ['i31', Heap.I31, 'i31ref'], ['struct', Heap.STRUCT, 'structref'],
  ['array', Heap.ARRAY, 'arrayref'], ['none', Heap.NONE, 'nullref'], ['func', Heap.FUNC, 'funcref'], ['nofunc', Heap.NOFUNC, 'nullfuncref'],
  ['extern', Heap.EXTERN, 'externref'], ['noextern', Heap.NOEXTERN, 'nullexternref'], ['exn', Heap.EXN, 'exnref'], ['noexn', Heap.NOEXN, 'nullexnref'],
];

export interface FunctionType {
  readonly kind: 'func';
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}
export interface FieldType {
  readonly storage: StorageType;
  readonly mutable: boolean;
}
export interface StructType {
  readonly kind: 'struct';
  readonly fields: readonly FieldType[];
}
export interface ArrayType {
  readonly kind: 'array';
  readonly field: FieldType;
}
export type CompositeType = FunctionType | StructType | ArrayType;

/** A type definition; concrete references in it are type indices of its module. */
export interface SubType {
  readonly final: boolean;
  readonly supertypes: readonly number[];
  readonly composite: CompositeType;
}

/** Bounds in pages or elements. BigInt because 64-bit tables and memories reach 2^64 - 1; never on a hot path. */
export interface Limits {
  readonly address: 'i32' | 'i64';
  readonly min: bigint;
  readonly max: bigint | null;
  readonly shared: boolean;
}

export interface TableType {
  readonly limits: Limits;
  readonly element: ValueType;
}
export interface MemoryType {
  readonly limits: Limits;
}
export interface GlobalType {
  readonly type: ValueType;
  readonly mutable: boolean;
}
/** Exceptions: the type index of a function type without results. */
export interface TagType {
  readonly typeIndex: number;
}

export const PAGE_BYTES = 65_536;

/** `(ref null $3)`, `i32`, `anyref` … as the text format writes it, types by index unless `nameOfType` knows better. */
export function formatType(type: StorageType, nameOfType: (index: number) => string = String): string {
  switch (type) {
    case Type.BOTTOM: return 'unknown';
    case Type.BOTTOM_REFERENCE: return '(ref unknown)';
    case Type.I32: return 'i32';
    case Type.I64: return 'i64';
    case Type.F32: return 'f32';
    case Type.F64: return 'f64';
    case Type.V128: return 'v128';
    case Type.I8: return 'i8';
    case Type.I16: return 'i16';
  }
  const heap = heapTypeOf(type);
  if (isConcrete(heap)) return `(ref ${isNullable(type) ? 'null ' : ''}${nameOfType(typeIndexOf(heap))})`;
  const [name = '?', , nullableReference = '?'] = ABSTRACT_HEAP_TYPES.find(([, candidate]) => candidate === heap) ?? [];
  return isNullable(type) ? nullableReference : `(ref ${name})`;
}
