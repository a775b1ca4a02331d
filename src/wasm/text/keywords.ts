// The words of the language besides the instructions. A keyword that is not among them is an unknown operator; one that
// is, in the wrong place, is an unexpected token.
import { INFO_OF_MNEMONIC } from '../instructions.js';
import { ABSTRACT_HEAP_TYPES, Type, type ValueType } from '../types.js';
import { nearest } from './nearest.js';

const WORDS: ReadonlySet<string> = new Set([
  ...'module type rec sub final func param result local struct field array mut import export table memory global tag elem data start offset item declare'.split(' '),
  ...'then do i32 i64 f32 f64 v128 i8 i16 ref null shared any eq i31 struct array none nofunc extern noextern exn noexn'.split(' '),
  ...'i8x16 i16x8 i32x4 i64x2 f32x4 f64x2 catch_ref catch_all_ref nan:canonical nan:arithmetic'.split(' '),
  ...ABSTRACT_HEAP_TYPES.map(([, , nullable]) => nullable),
]);

/** The known word that was most likely meant by an unknown one. */
export const nearestKeyword = (word: string): string | undefined => nearest(word, [...INFO_OF_MNEMONIC.keys(), ...WORDS].filter((known) => !known.includes(' ')));

export const isKnownKeyword = (word: string): boolean => WORDS.has(word) || INFO_OF_MNEMONIC.has(word) || /^(offset|align)=/.test(word);

/** Value and storage types that are one word. */
export const TYPE_OF_WORD: ReadonlyMap<string, ValueType> = new Map<string, ValueType>([
  ['i32', Type.I32], ['i64', Type.I64], ['f32', Type.F32], ['f64', Type.F64], ['v128', Type.V128],
  ...ABSTRACT_HEAP_TYPES.map(([, heap, nullable]) => [nullable, Type.REF | Type.NULLABLE | heap] as const),
]);

export const HEAP_OF_WORD: ReadonlyMap<string, number> = new Map(ABSTRACT_HEAP_TYPES.map(([name, heap]) => [name, heap]));
