// What the words behind an operation are, for the operations that can be emitted as JavaScript: one letter a word.
//   S s  a 32-bit slot written, read         k  a constant
//   F f  the same, used as an f32            t  the address of another operation
//   W w  a 64-bit slot as two words
//   D d  a 64-bit slot used as an f64
//   V v  a vector: two 64-bit slots as four words
// Objects, tail calls and accesses to other memories have no letters: a
// function with one of these stays with the loop.
import { INSTRUCTION_INFOS } from '../../instructions.js';
import { Group, NUMERIC_BASE, Op } from '../ops.js';
import { VectorOp } from '../vector-ops.js';

/** Made when something is first emitted: a program that is soon done does without. */
let known: ReadonlyArray<string | undefined> | undefined;
let knownPlaces: ReadonlyMap<number, number> | undefined;

/** Operation -> its letters; undefined: cannot be emitted, or has words of its own (`BR_TABLE`, calls, returns). */
export const formatOf = (op: Op): string | undefined => (known ??= formats())[op];

/** Operation on vectors or atomic one -> which of its words, the operation itself being the first, says whether it is memory 0 with an address of 32 bits. */
export const placeWordOf = (op: Op): number | undefined => (knownPlaces ??= placeWords()).get(op);

/** Instructions of the prefixes whose rows say all there is to know (`vector-ops.ts`). */
function groupOf(code: number): number {
  return code >>> 16 === 0xfd ? Group.VECTOR : code >>> 16 === 0xfe ? Group.ATOMIC : -1;
}

function placeWords(): Map<number, number> {
  const words = new Map<number, number>();
  for (const { code, type, immediates } of INSTRUCTION_INFOS) {
    const group = groupOf(code);
    if (group >= 0 && immediates[0]?.startsWith('memarg')) words.set(group + (code & 0xffff), 1 + type!.results.length + type!.params.length);
  }
  return words;
}

function formats(): Array<string | undefined> {
  const table: Array<string | undefined> = [];
  const letters: Readonly<Record<string, string>> = { i: 's', l: 'w', f: 'f', d: 'd' };
  for (const { code, type } of INSTRUCTION_INFOS) {
    if (code < 0x45 || code > 0xc4 || type === null) continue;
    table[code - NUMERIC_BASE] = letters[type.results]!.toUpperCase() + Array.from(type.params, (each) => letters[each]!).join('');
  }
  // Floats among them by their bits; addresses of 32 bits, see `placeWordOf`.
  const inRows: Readonly<Record<string, string>> = { a: 's', i: 's', l: 'w', f: 's', d: 'w', v: 'v' };
  for (const { code, type, immediates } of INSTRUCTION_INFOS) {
    const group = groupOf(code);
    if (group < 0 || type === null) continue;
    const constants = immediates.map((kind) => (kind.startsWith('memarg') ? 'kkk' : kind === 'lanes16' || kind === 'v128' ? 'kkkk' : kind.startsWith('lane') ? 'k' : ''));
    table[group + (code & 0xffff)] = [...Array.from(type.results, (each) => inRows[each]!.toUpperCase()), ...Array.from(type.params, (each) => inRows[each]!), ...constants].join('');
  }
  table[VectorOp.SELECT] = 'Vvvs';
  table[VectorOp.FAR_GLOBAL_GET] = 'Vk';
  table[VectorOp.FAR_GLOBAL_SET] = 'vk';
  const add = (format: string, ...ops: readonly Op[]): void => {
    for (const op of ops) table[op] = format;
  };
  const family = (format: string, first: Op, count: number): void => {
    for (let at = 0; at < count; at++) table[first + at] = format;
  };
  family('Ssk', Op.I32_EQ_K, 19);
  add('Sskk', Op.I32_BITS);
  add('Wwk', Op.I64_ADD_K, Op.I64_AND_K, Op.I64_SHL_K, Op.I64_SHR_S_K, Op.I64_SHR_U_K);
  add('Ddk', Op.F64_ADD_K, Op.F64_MUL_K);
  add('Sssk', Op.I32_ADD_LOAD);
  add('Ddsk', Op.F64_ADD_LOAD, Op.F64_SUB_LOAD, Op.F64_MUL_LOAD);
  add('Ss', Op.MOVE32);
  add('SsSs', Op.MOVE32_TWICE);
  add('Ww', Op.MOVE64);
  add('Dd', Op.MOVE_F64);
  add('Sk', Op.CONST32);
  add('Wkk', Op.CONST64);
  add('Dk', Op.CONST_F64);
  add('Ssss', Op.SELECT32);
  add('Wwws', Op.SELECT64);
  add('Ddds', Op.SELECT_F64);
  add('Sk', Op.GLOBAL_GET32, Op.FAR_GLOBAL_GET32);
  add('sk', Op.GLOBAL_SET32, Op.FAR_GLOBAL_SET32);
  add('Wk', Op.GLOBAL_GET64, Op.FAR_GLOBAL_GET64);
  add('wk', Op.GLOBAL_SET64, Op.FAR_GLOBAL_SET64);
  add('Ssk', Op.LOAD32, Op.LOAD8_S, Op.LOAD8_U, Op.LOAD16_S, Op.LOAD16_U);
  add('Wsk', Op.LOAD64, Op.I64_LOAD8_S, Op.I64_LOAD8_U, Op.I64_LOAD16_S, Op.I64_LOAD16_U, Op.I64_LOAD32_S, Op.I64_LOAD32_U);
  add('Dsk', Op.F64_LOAD);
  add('ssk', Op.STORE32, Op.STORE8, Op.STORE16);
  add('swk', Op.STORE64, Op.I64_STORE8, Op.I64_STORE16, Op.I64_STORE32);
  add('sdk', Op.F64_STORE);
  add('Sk', Op.LOAD32_AT, Op.LOAD8_U_AT);
  add('Wk', Op.LOAD64_AT);
  add('Dk', Op.F64_LOAD_AT);
  add('ks', Op.STORE32_AT, Op.STORE8_AT);
  add('kw', Op.STORE64_AT);
  add('kd', Op.F64_STORE_AT);
  add('Sskk', Op.LOAD32_SUM, Op.LOAD8_S_SUM, Op.LOAD8_U_SUM, Op.LOAD16_S_SUM, Op.LOAD16_U_SUM);
  add('Wskk', Op.LOAD64_SUM);
  add('Dskk', Op.F64_LOAD_SUM);
  add('sskk', Op.STORE32_SUM, Op.STORE8_SUM, Op.STORE16_SUM);
  add('swkk', Op.STORE64_SUM);
  add('sdkk', Op.F64_STORE_SUM);
  add('Sssk', Op.LOAD32_INDEX, Op.LOAD8_U_INDEX, Op.LOAD16_S_INDEX, Op.LOAD16_U_INDEX);
  add('Dssk', Op.F64_LOAD_INDEX);
  add('skk', Op.STORE32_K, Op.STORE8_K);
  add('S', Op.MEMORY_SIZE);
  add('Ssk', Op.MEMORY_GROW);
  add('t', Op.BR);
  add('st', Op.BR_IF, Op.BR_UNLESS);
  family('sst', Op.BR_I32_EQ, 10);
  family('skt', Op.BR_I32_EQ_K, 10);
  family('wwt', Op.BR_I64_EQ, 10);
  add('Sskt', Op.ADD_BR_IF);
  add('Sskst', Op.ADD_BR_NE);
  add('Sskkt', Op.ADD_BR_NE_K);
  add('wt', Op.BR_I64_EQZ, Op.BR_I64_NEZ);
  family('ddt', Op.BR_F64_EQ, 12);
  add('', Op.UNREACHABLE);
  add('Sf', Op.I32_TRUNC_SAT_F32_S, Op.I32_TRUNC_SAT_F32_U);
  add('Sd', Op.I32_TRUNC_SAT_F64_S, Op.I32_TRUNC_SAT_F64_U);
  add('Wf', Op.I64_TRUNC_SAT_F32_S, Op.I64_TRUNC_SAT_F32_U);
  add('Wd', Op.I64_TRUNC_SAT_F64_S, Op.I64_TRUNC_SAT_F64_U);
  add('Sk', Op.MEMORY_SIZE_OF, Op.TABLE_SIZE);
  add('ssskk', Op.MEMORY_INIT, Op.MEMORY_COPY, Op.TABLE_COPY, Op.TABLE_INIT);
  add('k', Op.DATA_DROP, Op.ELEM_DROP);
  add('sssk', Op.MEMORY_FILL);
  add('Sw', Op.CLAMP);
  add('k', Op.FUEL, Op.TALLY, Op.ENTERED);
  add('', Op.TICK);
  // References are in `REFS` alone.
  add('k', Op.THROW_REF, Op.REF_NULL, Op.REF_AS_NON_NULL);
  add('kk', Op.REF_MOVE, Op.REF_FUNC, Op.REF_GLOBAL_GET, Op.REF_GLOBAL_SET);
  add('Sk', Op.REF_IS_NULL);
  add('Skk', Op.REF_EQ, Op.REF_TEST);
  add('kkks', Op.REF_SELECT);
  add('kk', Op.REF_CAST);
  add('ksk', Op.TABLE_GET);
  add('skk', Op.TABLE_SET);
  add('Sksk', Op.TABLE_GROW);
  add('sksk', Op.TABLE_FILL);
  return table;
}
