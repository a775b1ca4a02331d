// The instructions of one byte that the validator's loop checks inline, arranged by that byte: what each takes and gives, from
// the table of instructions.
import { INSTRUCTION_INFOS, type ImmediateKind, type InstructionInfo } from '../instructions.js';
import { Type, type ValueType } from '../types.js';

/** Of accesses to memory, as exponents of two. */
export const NATURAL_ALIGNMENT: Partial<Record<ImmediateKind, number>> = { memarg1: 0, memarg2: 1, memarg4: 2, memarg8: 3, memarg16: 4 };

/** Types in rows of the table; `a` is the type of addresses. */
export const TYPE_OF_LETTER: Readonly<Record<string, ValueType>> = { i: Type.I32, l: Type.I64, f: Type.F32, d: Type.F64, v: Type.V128 };

/** How the loop checks an instruction; 0: not by itself. */
export const enum Fast {
  UNARY = 1,
  BINARY,
  CONSTANT,
  FLOAT,
  LOCAL_GET,
  LOCAL_SET,
  LOCAL_TEE,
  LOAD,
  STORE,
}
/** By the byte of the instruction. */
export const FAST_KIND = new Uint8Array(256);
export const LAST_PARAM = new Uint8Array(256);
export const RESULT = new Uint8Array(256);
export const ALIGNMENT = new Uint8Array(256);
/** Of an immediate that is a number: bytes of a float; of an integer one less than in its longest form, whose last byte has bits to check. */
export const CONSTANT_BYTES = new Uint8Array(256);

const fastKindOf = ({ mnemonic, immediates, type }: InstructionInfo): Fast | 0 => {
  if (mnemonic === 'local.get') return Fast.LOCAL_GET;
  if (mnemonic === 'local.set') return Fast.LOCAL_SET;
  if (mnemonic === 'local.tee') return Fast.LOCAL_TEE;
  if (type === null) return 0;
  const [immediate] = immediates;
  if (immediate === 'i32' || immediate === 'i64') return Fast.CONSTANT;
  if (immediate === 'f32' || immediate === 'f64') return Fast.FLOAT;
  if (immediate !== undefined && NATURAL_ALIGNMENT[immediate] !== undefined) return type.results === '' ? Fast.STORE : Fast.LOAD;
  if (immediate !== undefined || type.results === '') return 0;
  if (type.params.length === 1) return Fast.UNARY;
  return type.params.length === 2 && type.params[0] === type.params[1] ? Fast.BINARY : 0;
};
const LONGEST_FAST_CONSTANT: Partial<Record<ImmediateKind, number>> = { i32: 4, i64: 9, f32: 4, f64: 8 };

for (const info of INSTRUCTION_INFOS) {
  const { code, immediates, type } = info;
  if (code > 0xff) continue;
  FAST_KIND[code] = fastKindOf(info);
  if (type === null || FAST_KIND[code] === 0) continue;
  const [immediate = 'type'] = immediates;
  LAST_PARAM[code] = TYPE_OF_LETTER[type.params.at(-1) ?? ''] ?? 0;
  RESULT[code] = TYPE_OF_LETTER[type.results] ?? 0;
  ALIGNMENT[code] = NATURAL_ALIGNMENT[immediate] ?? 0;
  CONSTANT_BYTES[code] = LONGEST_FAST_CONSTANT[immediate] ?? 0;
}
