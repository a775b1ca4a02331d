// What lowering asks of value types: how wide they are, and lists of one.
import { Type, type StorageType, type ValueType } from '../../types.js';

export const TYPE_OF_LETTER: Readonly<Record<string, ValueType>> = { i: Type.I32, l: Type.I64, f: Type.F32, d: Type.F64, v: Type.V128 };
export const is32 = (type: ValueType): boolean => type === Type.I32 || type === Type.F32;
export const slotsOf = (type: ValueType): number => (type === Type.V128 ? 2 : 1);
/** The type of operand a field of this type is written from and read to. */
export const unpacked = (storage: StorageType): ValueType => (storage === Type.I8 || storage === Type.I16 ? Type.I32 : storage);
export const NONE: readonly ValueType[] = [];
const I32_ONLY: readonly ValueType[] = [Type.I32];
const SINGLE = new Map<ValueType, readonly ValueType[]>();
export function single(type: ValueType): readonly ValueType[] {
  if (type === Type.I32) return I32_ONLY;
  let types = SINGLE.get(type);
  if (types === undefined) SINGLE.set(type, (types = [type]));
  return types;
}
