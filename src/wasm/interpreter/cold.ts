// The operations that are rare, or so costly that a call does not show: out of the loop, to keep it small (`loop.ts`).
// Each reads its operands from the frame at `fp` and returns the address of the next operation.
// spec: exec/instructions, exec/numerics
import { InternalError } from '../../base/errors.js';
import { f32OfWords, nearest, quiet } from '../numeric/float.js';
import { clz64, ctz32, ctz64, highWord, lowWord, popcnt32 } from '../numeric/int64.js';
import { fitsI32, fitsI64, fitsU32, fitsU64, saturateI32, saturateU32, truncationTrap } from '../numeric/truncate.js';
import { CODE } from '../runtime/code-space.js';
import type { Instance } from '../runtime/instance.js';
import * as machine from '../runtime/machine.js';
import { referenceMatches } from '../runtime/objects.js';
import { Op } from './ops.js';
import { charge, enter, tick } from './probes.js';
import { stop } from './trace.js';

const C = CODE;
const S = machine.I32;
const F = machine.F32;
const D = machine.F64;
const L = machine.I64;
const W = machine.HALVES;
const R = machine.REFS;
const UNSIGNED = new BigUint64Array(L.buffer);

const DIVIDE_BY_ZERO = 'integer divide by zero';
const OVERFLOW = 'integer overflow';
const MEMORY_BOUNDS = 'out of bounds memory access';
const TABLE_BOUNDS = 'out of bounds table access';
const MIN_I64 = -0x8000_0000_0000_0000n;

export function cold(pc: number, fp: number, depth: number, instance: Instance): number {
  const d = fp + C[pc + 1]!;
  const a = fp + C[pc + 2]!;
  const b = fp + C[pc + 3]!;
  switch (C[pc] as Op) {
    // Numeric, words `d a` or `d a b`.
    case Op.I32_CTZ: S[d] = ctz32(S[a]!); return pc + 3;
    case Op.I32_POPCNT: S[d] = popcnt32(S[a]!); return pc + 3;
    case Op.I64_CLZ: wide(d, clz64(W[2 * a + 1]!, W[2 * a]!), 0); return pc + 3;
    case Op.I64_CTZ: wide(d, ctz64(W[2 * a + 1]!, W[2 * a]!), 0); return pc + 3;
    case Op.I64_POPCNT: wide(d, popcnt32(W[2 * a]!) + popcnt32(W[2 * a + 1]!), 0); return pc + 3;
    case Op.I64_DIV_S:
      if (L[b] === 0n) throw stop(DIVIDE_BY_ZERO, pc, depth);
      if (L[b] === -1n && L[a] === MIN_I64) throw stop(OVERFLOW, pc, depth);
      L[d] = L[a]! / L[b]!;
      return pc + 4;
    case Op.I64_DIV_U:
      if (L[b] === 0n) throw stop(DIVIDE_BY_ZERO, pc, depth);
      UNSIGNED[d] = UNSIGNED[a]! / UNSIGNED[b]!;
      return pc + 4;
    case Op.I64_REM_S:
      if (L[b] === 0n) throw stop(DIVIDE_BY_ZERO, pc, depth);
      L[d] = L[a]! % L[b]!;
      return pc + 4;
    case Op.I64_REM_U:
      if (L[b] === 0n) throw stop(DIVIDE_BY_ZERO, pc, depth);
      UNSIGNED[d] = UNSIGNED[a]! % UNSIGNED[b]!;
      return pc + 4;
    case Op.F32_CEIL: F[d] = Math.ceil(F[a]!); return pc + 3;
    case Op.F32_FLOOR: F[d] = Math.floor(F[a]!); return pc + 3;
    case Op.F32_TRUNC: F[d] = Math.trunc(F[a]!); return pc + 3;
    case Op.F32_NEAREST: F[d] = nearest(F[a]!); return pc + 3;
    case Op.F32_MIN: F[d] = quiet(Math.min(F[a]!, F[b]!)); return pc + 4;
    case Op.F32_MAX: F[d] = quiet(Math.max(F[a]!, F[b]!)); return pc + 4;
    case Op.F32_COPYSIGN: S[d] = (S[a]! & 0x7fff_ffff) | (S[b]! & -0x8000_0000); return pc + 4;
    case Op.F64_CEIL: D[d] = quiet(Math.ceil(D[a]!)); return pc + 3;
    case Op.F64_FLOOR: D[d] = quiet(Math.floor(D[a]!)); return pc + 3;
    case Op.F64_TRUNC: D[d] = quiet(Math.trunc(D[a]!)); return pc + 3;
    case Op.F64_NEAREST: D[d] = quiet(nearest(D[a]!)); return pc + 3;
    case Op.F64_MIN: D[d] = quiet(Math.min(D[a]!, D[b]!)); return pc + 4;
    case Op.F64_MAX: D[d] = quiet(Math.max(D[a]!, D[b]!)); return pc + 4;
    case Op.F64_COPYSIGN: wide(d, W[2 * a]!, (W[2 * a + 1]! & 0x7fff_ffff) | (W[2 * b + 1]! & -0x8000_0000)); return pc + 4;

    case Op.I32_TRUNC_F32_S: S[d] = checked(F[a]!, fitsI32, pc, depth); return pc + 3;
    case Op.I32_TRUNC_F32_U: S[d] = checked(F[a]!, fitsU32, pc, depth); return pc + 3;
    case Op.I32_TRUNC_F64_S: S[d] = checked(D[a]!, fitsI32, pc, depth); return pc + 3;
    case Op.I32_TRUNC_F64_U: S[d] = checked(D[a]!, fitsU32, pc, depth); return pc + 3;
    case Op.I64_TRUNC_F32_S: truncated(d, checked(F[a]!, fitsI64, pc, depth)); return pc + 3;
    case Op.I64_TRUNC_F32_U: truncated(d, checked(F[a]!, fitsU64, pc, depth)); return pc + 3;
    case Op.I64_TRUNC_F64_S: truncated(d, checked(D[a]!, fitsI64, pc, depth)); return pc + 3;
    case Op.I64_TRUNC_F64_U: truncated(d, checked(D[a]!, fitsU64, pc, depth)); return pc + 3;
    case Op.F32_CONVERT_I32_S: F[d] = S[a]!; return pc + 3;
    case Op.F32_CONVERT_I32_U: F[d] = S[a]! >>> 0; return pc + 3;
    case Op.F32_CONVERT_I64_S: F[d] = f32OfWords(W[2 * a + 1]!, W[2 * a]!); return pc + 3;
    case Op.F32_CONVERT_I64_U: F[d] = f32OfWords(W[2 * a + 1]! >>> 0, W[2 * a]!); return pc + 3;
    case Op.F64_CONVERT_I64_S: D[d] = W[2 * a + 1]! * 2 ** 32 + (W[2 * a]! >>> 0); return pc + 3;
    case Op.F64_CONVERT_I64_U: D[d] = (W[2 * a + 1]! >>> 0) * 2 ** 32 + (W[2 * a]! >>> 0); return pc + 3;
    case Op.I32_TRUNC_SAT_F32_S: S[d] = saturateI32(F[a]!); return pc + 3;
    case Op.I32_TRUNC_SAT_F32_U: S[d] = saturateU32(F[a]!); return pc + 3;
    case Op.I32_TRUNC_SAT_F64_S: S[d] = saturateI32(D[a]!); return pc + 3;
    case Op.I32_TRUNC_SAT_F64_U: S[d] = saturateU32(D[a]!); return pc + 3;
    case Op.I64_TRUNC_SAT_F32_S: saturateI64(d, F[a]!); return pc + 3;
    case Op.I64_TRUNC_SAT_F32_U: saturateU64(d, F[a]!); return pc + 3;
    case Op.I64_TRUNC_SAT_F64_S: saturateI64(d, D[a]!); return pc + 3;
    case Op.I64_TRUNC_SAT_F64_U: saturateU64(d, D[a]!); return pc + 3;

    // Memories.
    case Op.ACCESS: access(pc, fp, depth, instance); return pc + 7;
    case Op.MEMORY_SIZE_OF: S[d] = instance.memories[C[pc + 2]!]!.size(); return pc + 3;
    case Op.MEMORY_INIT: {
      const to = S[d]! >>> 0;
      const from = S[a]! >>> 0;
      const count = S[b]! >>> 0;
      const data = instance.data[C[pc + 4]!]!;
      const memory = instance.memories[C[pc + 5]!]!;
      if (from + count > data.length || !memory.holds(to + count)) throw stop(MEMORY_BOUNDS, pc, depth);
      memory.u8.set(data.subarray(from, from + count), to);
      return pc + 6;
    }
    case Op.DATA_DROP: instance.data[C[pc + 1]!] = NO_BYTES; return pc + 2;
    case Op.MEMORY_COPY: {
      const to = S[d]! >>> 0;
      const from = S[a]! >>> 0;
      const count = S[b]! >>> 0;
      const target = instance.memories[C[pc + 4]!]!;
      const source = instance.memories[C[pc + 5]!]!;
      if (!source.holds(from + count) || !target.holds(to + count)) throw stop(MEMORY_BOUNDS, pc, depth);
      if (target === source) target.u8.copyWithin(to, from, from + count);
      else target.u8.set(source.u8.subarray(from, from + count), to);
      return pc + 6;
    }
    case Op.MEMORY_FILL: {
      const to = S[d]! >>> 0;
      const count = S[b]! >>> 0;
      const memory = instance.memories[C[pc + 4]!]!;
      if (!memory.holds(to + count)) throw stop(MEMORY_BOUNDS, pc, depth);
      memory.fill(S[a]!, to, to + count);
      return pc + 5;
    }

    // Tables.
    case Op.TABLE_GET: {
      const { elements } = instance.tables[C[pc + 3]!]!;
      const index = S[a]! >>> 0;
      if (index >= elements.length) throw stop(TABLE_BOUNDS, pc, depth);
      R[d] = elements[index];
      return pc + 4;
    }
    case Op.TABLE_SET: {
      const { elements } = instance.tables[C[pc + 3]!]!;
      const index = S[d]! >>> 0;
      if (index >= elements.length) throw stop(TABLE_BOUNDS, pc, depth);
      elements[index] = R[a];
      return pc + 4;
    }
    case Op.TABLE_SIZE: S[d] = instance.tables[C[pc + 2]!]!.length; return pc + 3;
    case Op.TABLE_GROW: S[d] = instance.tables[C[pc + 4]!]!.extend(S[b]! >>> 0, R[a]); return pc + 5;
    case Op.TABLE_FILL: {
      const { elements } = instance.tables[C[pc + 4]!]!;
      const to = S[d]! >>> 0;
      const count = S[b]! >>> 0;
      if (to + count > elements.length) throw stop(TABLE_BOUNDS, pc, depth);
      elements.fill(R[a], to, to + count);
      return pc + 5;
    }
    case Op.TABLE_COPY: {
      const to = S[d]! >>> 0;
      const from = S[a]! >>> 0;
      const count = S[b]! >>> 0;
      const target = instance.tables[C[pc + 4]!]!.elements;
      const source = instance.tables[C[pc + 5]!]!.elements;
      if (from + count > source.length || to + count > target.length) throw stop(TABLE_BOUNDS, pc, depth);
      if (target === source) target.copyWithin(to, from, from + count);
      else for (let at = 0; at < count; at++) target[to + at] = source[from + at];
      return pc + 6;
    }
    case Op.TABLE_INIT: {
      const to = S[d]! >>> 0;
      const from = S[a]! >>> 0;
      const count = S[b]! >>> 0;
      const source = instance.elements[C[pc + 4]!]!;
      const target = instance.tables[C[pc + 5]!]!.elements;
      if (from + count > source.length || to + count > target.length) throw stop(TABLE_BOUNDS, pc, depth);
      for (let at = 0; at < count; at++) target[to + at] = source[from + at];
      return pc + 6;
    }
    case Op.ELEM_DROP: instance.elements[C[pc + 1]!] = []; return pc + 2;

    // References.
    case Op.REF_FRAME: machine.reserveReferences(d); return pc + 2;
    case Op.REF_NULL: R[d] = null; return pc + 2;
    case Op.REF_MOVE: R[d] = R[a]; return pc + 3;
    case Op.REF_SELECT: R[d] = S[fp + C[pc + 4]!] !== 0 ? R[a] : R[b]; return pc + 5;
    case Op.REF_FUNC: R[d] = instance.functionAt(C[pc + 2]!); return pc + 3;
    case Op.REF_IS_NULL: S[d] = R[a] === null ? 1 : 0; return pc + 3;
    case Op.REF_AS_NON_NULL:
      if (R[d] === null) throw stop('null reference', pc, depth);
      return pc + 2;
    case Op.REF_EQ: S[d] = R[a] === R[b] ? 1 : 0; return pc + 4;
    case Op.REF_TEST: S[d] = referenceMatches(R[a], C[pc + 3]!) ? 1 : 0; return pc + 4;
    case Op.REF_CAST:
      if (!referenceMatches(R[d], C[pc + 2]!)) throw stop('cast failure', pc, depth);
      return pc + 3;
    case Op.CLAMP: S[d] = W[2 * a + 1] === 0 ? W[2 * a]! : -1; return pc + 3;
    case Op.REF_GLOBAL_GET: R[d] = instance.globals[C[pc + 2]!]!.reference; return pc + 3;
    case Op.REF_GLOBAL_SET: instance.globals[C[pc + 2]!]!.reference = R[d]; return pc + 3;

    case Op.FAR_GLOBAL_GET32: {
      const { words, at } = instance.globals[C[pc + 2]!]!;
      S[d] = words[at]!;
      return pc + 3;
    }
    case Op.FAR_GLOBAL_SET32: {
      const { words, at } = instance.globals[C[pc + 2]!]!;
      words[at] = S[d]!;
      return pc + 3;
    }
    case Op.FAR_GLOBAL_GET64: {
      const { words, at } = instance.globals[C[pc + 2]!]!;
      wide(d, words[at]!, words[at + 1]!);
      return pc + 3;
    }
    case Op.FAR_GLOBAL_SET64: {
      const { words, at } = instance.globals[C[pc + 2]!]!;
      words[at] = W[2 * d]!;
      words[at + 1] = W[2 * d + 1]!;
      return pc + 3;
    }

    // Probes.
    case Op.FUEL: charge(pc, depth, instance); return pc + 2;
    case Op.TALLY: instance.code.probes!.counts[C[pc + 1]!]!++; return pc + 2;
    case Op.WEIGH: instance.code.probes!.calls!.weigh(depth, C[pc + 1]!); return pc + 2;
    case Op.ENTERED: enter(pc, depth, instance); return pc + 2;
    case Op.TICK: tick(pc, depth, instance); return pc + 1;
    default: throw new InternalError(`operation ${C[pc]} at ${pc} is in neither loop`);
  }
}

const NO_BYTES = new Uint8Array(0);

function wide(slot: number, low: number, high: number): void {
  W[2 * slot] = low;
  W[2 * slot + 1] = high;
}

function checked(x: number, fits: (x: number) => boolean, pc: number, depth: number): number {
  if (!fits(x)) throw stop(truncationTrap(x), pc, depth);
  return Math.trunc(x);
}

function truncated(slot: number, x: number): void {
  wide(slot, lowWord(x), highWord(x));
}

function saturateI64(slot: number, x: number): void {
  if (fitsI64(x)) truncated(slot, Math.trunc(x));
  else if (Number.isNaN(x)) wide(slot, 0, 0);
  else if (x > 0) wide(slot, -1, 0x7fff_ffff);
  else wide(slot, 0, -0x8000_0000);
}

function saturateU64(slot: number, x: number): void {
  if (fitsU64(x)) truncated(slot, Math.trunc(x));
  else if (x > 0) wide(slot, -1, -1);
  else wide(slot, 0, 0);
}

/** Bytes of the loads and stores 0x28 to 0x3e. */
const ACCESS_BYTES = [4, 8, 4, 8, 1, 1, 2, 2, 1, 1, 2, 2, 4, 4, 4, 8, 4, 8, 1, 2, 1, 2, 4];

/** `instruction memory a value offsetLow offsetHigh` */
function access(pc: number, fp: number, depth: number, instance: Instance): void {
  const instruction = C[pc + 1]!;
  const memory = instance.memories[C[pc + 2]!]!;
  const value = fp + C[pc + 4]!;
  const size = ACCESS_BYTES[instruction - 0x28]!;
  const address = (S[fp + C[pc + 3]!]! >>> 0) + (C[pc + 5]! >>> 0) + C[pc + 6]! * 2 ** 32;
  if (!memory.holds(address + size)) throw stop(MEMORY_BOUNDS, pc, depth);
  const { u8 } = memory;
  const isWide = instruction === 0x29 || instruction === 0x2b || (instruction >= 0x30 && instruction <= 0x35) || instruction === 0x37 || instruction === 0x39 || instruction >= 0x3c;
  if (instruction >= 0x36) {
    const low = isWide ? W[2 * value]! : S[value]!;
    const high = W[2 * value + 1]!;
    for (let at = 0; at < size; at++) u8[address + at] = at < 4 ? low >>> (8 * at) : high >>> (8 * (at - 4));
    return;
  }
  let low = 0;
  let high = 0;
  for (let at = size - 1; at >= 4; at--) high = (high << 8) | u8[address + at]!;
  for (let at = Math.min(size, 4) - 1; at >= 0; at--) low = (low << 8) | u8[address + at]!;
  // From i32.load8_s on, signed and unsigned take turns.
  const signed = instruction >= 0x2c && (instruction & 1) === 0;
  if (signed && size < 4) low = (low << (32 - 8 * size)) >> (32 - 8 * size);
  if (size < 8) high = signed ? low >> 31 : 0;
  if (isWide) wide(value, low, high);
  else S[value] = low;
}
