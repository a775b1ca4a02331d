// Runs vector operations (`vector-ops.ts`), apart from the main loop to keep that small: as many as stand in a row. Lanes of
// 8 and 16 bits are in a function of their own (`small-lanes.ts`), for the same reason. A vector is two adjacent slots; lanes
// are elements of views on the frames, so nothing is allocated. (Lanes written out instead of in loops: a tenth faster at most,
// and the function twice as large.) Relaxed operations do what the deterministic profile says.
// spec: exec/instructions#vector-instructions, exec/numerics, appendix/profiles#deterministic-profile
import { nearest, quiet } from '../numeric/float.js';
import { saturateI32, saturateU32 } from '../numeric/truncate.js';
import { CODE } from '../runtime/code-space.js';
import type { Instance } from '../runtime/instance.js';
import * as machine from '../runtime/machine.js';
import type { Memory } from '../runtime/memory.js';
import { addressAt } from './addresses.js';
import { Group } from './ops.js';
import { smallLanes } from './small-lanes.js';
import { VECTOR_WORDS, VectorOp } from './vector-ops.js';

const C = CODE;
const WORDS = VECTOR_WORDS;
/** Slots of scalars; lanes: bytes, half words, words, f32, f64, 64-bit integers. */
const S = machine.I32;
const W = machine.HALVES;
const B = new Uint8Array(W.buffer);
const H = new Uint16Array(W.buffer);
const U = new Uint32Array(W.buffer);
const F = new Float32Array(W.buffer);
const D = machine.F64;
const L = machine.I64;

/** Performs the vector operations from `pc` on, before `end`; returns where the first other operation is. Throws Trap. */
export function vectors(pc: number, fp: number, depth: number, instance: Instance, end = -1): number {
  let memory: Memory;
  let at = 0;
  let i = 0;
  let x = 0;
  let y = 0;
  for (;;) {
    if (C[pc] < Group.VECTOR || C[pc] >= Group.ATOMIC || pc === end) return pc;
    const op = C[pc] as VectorOp;
    const d = (fp + C[(pc + 1) | 0]) | 0;
    const a = (fp + C[(pc + 2) | 0]) | 0;
    const b = (fp + C[(pc + 3) | 0]) | 0;
    const c = (fp + C[(pc + 4) | 0]) | 0;
    const dw = d << 1;
    const aw = a << 1;
    const bw = b << 1;
    const cw = c << 1;
    const db = d << 3;
    const ab = a << 3;
    switch (op) {
      // Memory. Loads: `d a` and a memory argument; stores: address, vector and a memory argument.
      case VectorOp.V128_LOAD:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, a, pc + 3, 16, pc, depth);
        if ((at & 3) === 0) for (i = 0; i < 4; i++) W[dw + i] = memory.i32[(at >>> 2) + i];
        else for (i = 0; i < 16; i++) B[db + i] = memory.u8[at + i];
        break;
      case VectorOp.V128_STORE:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, d, pc + 3, 16, pc, depth);
        if ((at & 3) === 0) for (i = 0; i < 4; i++) memory.i32[(at >>> 2) + i] = W[aw + i];
        else for (i = 0; i < 16; i++) memory.u8[at + i] = B[ab + i];
        break;
      case VectorOp.V128_LOAD8X8_S:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, a, pc + 3, 8, pc, depth);
        for (i = 0; i < 8; i++) H[(d << 2) + i] = (memory.u8[at + i] << 24) >> 24;
        break;
      case VectorOp.V128_LOAD8X8_U:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, a, pc + 3, 8, pc, depth);
        for (i = 0; i < 8; i++) H[(d << 2) + i] = memory.u8[at + i];
        break;
      case VectorOp.V128_LOAD16X4_S:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, a, pc + 3, 8, pc, depth);
        for (i = 0; i < 4; i++) W[dw + i] = ((memory.u8[at + 2 * i] | (memory.u8[at + 2 * i + 1] << 8)) << 16) >> 16;
        break;
      case VectorOp.V128_LOAD16X4_U:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, a, pc + 3, 8, pc, depth);
        for (i = 0; i < 4; i++) W[dw + i] = memory.u8[at + 2 * i] | (memory.u8[at + 2 * i + 1] << 8);
        break;
      case VectorOp.V128_LOAD32X2_S:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, a, pc + 3, 8, pc, depth);
        for (i = 0; i < 2; i++) {
          x = word(memory.u8, at + 4 * i);
          words64(dw + 2 * i, x, x >> 31);
        }
        break;
      case VectorOp.V128_LOAD32X2_U:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, a, pc + 3, 8, pc, depth);
        for (i = 0; i < 2; i++) {
          x = word(memory.u8, at + 4 * i);
          words64(dw + 2 * i, x, 0);
        }
        break;
      case VectorOp.V128_LOAD8_SPLAT:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, a, pc + 3, 1, pc, depth);
        for (i = 0; i < 16; i++) B[db + i] = memory.u8[at];
        break;
      case VectorOp.V128_LOAD16_SPLAT:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, a, pc + 3, 2, pc, depth);
        for (i = 0; i < 16; i++) B[db + i] = memory.u8[at + (i & 1)];
        break;
      case VectorOp.V128_LOAD32_SPLAT:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, a, pc + 3, 4, pc, depth);
        for (i = 0; i < 16; i++) B[db + i] = memory.u8[at + (i & 3)];
        break;
      case VectorOp.V128_LOAD64_SPLAT:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, a, pc + 3, 8, pc, depth);
        for (i = 0; i < 16; i++) B[db + i] = memory.u8[at + (i & 7)];
        break;
      case VectorOp.V128_LOAD32_ZERO:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, a, pc + 3, 4, pc, depth);
        for (i = 0; i < 16; i++) B[db + i] = i < 4 ? memory.u8[at + i] : 0;
        break;
      case VectorOp.V128_LOAD64_ZERO:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, a, pc + 3, 8, pc, depth);
        for (i = 0; i < 16; i++) B[db + i] = i < 8 ? memory.u8[at + i] : 0;
        break;
      case VectorOp.V128_LOAD8_LANE:
        memory = instance.memories[C[pc + 4] >>> 1];
        at = addressAt(memory, a, pc + 4, 1, pc, depth);
        move128(dw, bw);
        B[db + C[pc + 7]] = memory.u8[at];
        break;
      case VectorOp.V128_LOAD16_LANE:
        memory = instance.memories[C[pc + 4] >>> 1];
        at = addressAt(memory, a, pc + 4, 2, pc, depth);
        move128(dw, bw);
        for (i = 0; i < 2; i++) B[db + 2 * C[pc + 7] + i] = memory.u8[at + i];
        break;
      case VectorOp.V128_LOAD32_LANE:
        memory = instance.memories[C[pc + 4] >>> 1];
        at = addressAt(memory, a, pc + 4, 4, pc, depth);
        move128(dw, bw);
        for (i = 0; i < 4; i++) B[db + 4 * C[pc + 7] + i] = memory.u8[at + i];
        break;
      case VectorOp.V128_LOAD64_LANE:
        memory = instance.memories[C[pc + 4] >>> 1];
        at = addressAt(memory, a, pc + 4, 8, pc, depth);
        move128(dw, bw);
        for (i = 0; i < 8; i++) B[db + 8 * C[pc + 7] + i] = memory.u8[at + i];
        break;
      case VectorOp.V128_STORE8_LANE:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, d, pc + 3, 1, pc, depth);
        memory.u8[at] = B[ab + C[pc + 6]];
        break;
      case VectorOp.V128_STORE16_LANE:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, d, pc + 3, 2, pc, depth);
        for (i = 0; i < 2; i++) memory.u8[at + i] = B[ab + 2 * C[pc + 6] + i];
        break;
      case VectorOp.V128_STORE32_LANE:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, d, pc + 3, 4, pc, depth);
        for (i = 0; i < 4; i++) memory.u8[at + i] = B[ab + 4 * C[pc + 6] + i];
        break;
      case VectorOp.V128_STORE64_LANE:
        memory = instance.memories[C[pc + 3] >>> 1];
        at = addressAt(memory, d, pc + 3, 8, pc, depth);
        for (i = 0; i < 8; i++) memory.u8[at + i] = B[ab + 8 * C[pc + 6] + i];
        break;

      // Constants, and moving whole vectors and lanes.
      case VectorOp.V128_CONST: for (i = 0; i < 4; i++) W[dw + i] = C[pc + 2 + i]; break;
      case VectorOp.SELECT: move128(dw, S[c] !== 0 ? aw : bw); break;
      case VectorOp.FAR_GLOBAL_GET: {
        const { words, at: first } = instance.globals[C[pc + 2]];
        for (i = 0; i < 4; i++) W[dw + i] = words[first + i];
        break;
      }
      case VectorOp.FAR_GLOBAL_SET: {
        const { words, at: first } = instance.globals[C[pc + 2]];
        for (i = 0; i < 4; i++) words[first + i] = W[dw + i];
        break;
      }
      case VectorOp.I8X16_SPLAT: for (i = 0; i < 16; i++) B[db + i] = S[a]; break;
      case VectorOp.I16X8_SPLAT: for (i = 0; i < 8; i++) H[(d << 2) + i] = S[a]; break;
      // An f32 by its bits, which a JavaScript number would not keep.
      case VectorOp.F32X4_SPLAT:
      case VectorOp.I32X4_SPLAT: for (i = 0; i < 4; i++) W[dw + i] = S[a]; break;
      case VectorOp.F64X2_SPLAT:
      case VectorOp.I64X2_SPLAT:
        move64(dw, aw);
        move64(dw + 2, dw);
        break;
      case VectorOp.I8X16_EXTRACT_LANE_S: S[d] = (B[ab + C[pc + 3]] << 24) >> 24; break;
      case VectorOp.I8X16_EXTRACT_LANE_U: S[d] = B[ab + C[pc + 3]]; break;
      case VectorOp.I16X8_EXTRACT_LANE_S: S[d] = (H[(a << 2) + C[pc + 3]] << 16) >> 16; break;
      case VectorOp.I16X8_EXTRACT_LANE_U: S[d] = H[(a << 2) + C[pc + 3]]; break;
      case VectorOp.F32X4_EXTRACT_LANE:
      case VectorOp.I32X4_EXTRACT_LANE: S[d] = W[aw + C[pc + 3]]; break;
      case VectorOp.F64X2_EXTRACT_LANE:
      case VectorOp.I64X2_EXTRACT_LANE: move64(dw, aw + 2 * C[pc + 3]); break;
      case VectorOp.I8X16_REPLACE_LANE:
        move128(dw, aw);
        B[db + C[pc + 4]] = S[b];
        break;
      case VectorOp.I16X8_REPLACE_LANE:
        move128(dw, aw);
        H[(d << 2) + C[pc + 4]] = S[b];
        break;
      case VectorOp.F32X4_REPLACE_LANE:
      case VectorOp.I32X4_REPLACE_LANE:
        move128(dw, aw);
        W[dw + C[pc + 4]] = S[b];
        break;
      case VectorOp.F64X2_REPLACE_LANE:
      case VectorOp.I64X2_REPLACE_LANE:
        move128(dw, aw);
        move64(dw + 2 * C[pc + 4], bw);
        break;

      // All 128 bits.
      case VectorOp.V128_NOT: for (i = 0; i < 4; i++) W[dw + i] = ~W[aw + i]; break;
      case VectorOp.V128_AND: for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] & W[bw + i]; break;
      case VectorOp.V128_ANDNOT: for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] & ~W[bw + i]; break;
      case VectorOp.V128_OR: for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] | W[bw + i]; break;
      case VectorOp.V128_XOR: for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] ^ W[bw + i]; break;
      case VectorOp.V128_ANY_TRUE: S[d] = (W[aw] | W[aw + 1] | W[aw + 2] | W[aw + 3]) !== 0 ? 1 : 0; break;
      case VectorOp.I8X16_RELAXED_LANESELECT:
      case VectorOp.I16X8_RELAXED_LANESELECT:
      case VectorOp.I32X4_RELAXED_LANESELECT:
      case VectorOp.I64X2_RELAXED_LANESELECT:
      case VectorOp.V128_BITSELECT:
        for (i = 0; i < 4; i++) W[dw + i] = (W[aw + i] & W[cw + i]) | (W[bw + i] & ~W[cw + i]);
        break;

      // Four integers of 32 bits.
      case VectorOp.I32X4_EQ: for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] === W[bw + i] ? -1 : 0; break;
      case VectorOp.I32X4_NE: for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] !== W[bw + i] ? -1 : 0; break;
      case VectorOp.I32X4_LT_S: for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] < W[bw + i] ? -1 : 0; break;
      case VectorOp.I32X4_LT_U: for (i = 0; i < 4; i++) W[dw + i] = U[aw + i] < U[bw + i] ? -1 : 0; break;
      case VectorOp.I32X4_GT_S: for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] > W[bw + i] ? -1 : 0; break;
      case VectorOp.I32X4_GT_U: for (i = 0; i < 4; i++) W[dw + i] = U[aw + i] > U[bw + i] ? -1 : 0; break;
      case VectorOp.I32X4_LE_S: for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] <= W[bw + i] ? -1 : 0; break;
      case VectorOp.I32X4_LE_U: for (i = 0; i < 4; i++) W[dw + i] = U[aw + i] <= U[bw + i] ? -1 : 0; break;
      case VectorOp.I32X4_GE_S: for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] >= W[bw + i] ? -1 : 0; break;
      case VectorOp.I32X4_GE_U: for (i = 0; i < 4; i++) W[dw + i] = U[aw + i] >= U[bw + i] ? -1 : 0; break;
      case VectorOp.I32X4_ABS: for (i = 0; i < 4; i++) W[dw + i] = Math.abs(W[aw + i]); break;
      case VectorOp.I32X4_NEG: for (i = 0; i < 4; i++) W[dw + i] = -W[aw + i]; break;
      case VectorOp.I32X4_ALL_TRUE:
        x = 1;
        for (i = 0; i < 4; i++) if (W[aw + i] === 0) x = 0;
        S[d] = x;
        break;
      case VectorOp.I32X4_BITMASK:
        x = 0;
        for (i = 0; i < 4; i++) x |= (W[aw + i] >>> 31) << i;
        S[d] = x;
        break;
      case VectorOp.I32X4_SHL:
        x = S[b] & 31;
        for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] << x;
        break;
      case VectorOp.I32X4_SHR_S:
        x = S[b] & 31;
        for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] >> x;
        break;
      case VectorOp.I32X4_SHR_U:
        x = S[b] & 31;
        for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] >>> x;
        break;
      case VectorOp.I32X4_ADD: for (i = 0; i < 4; i++) W[dw + i] = (W[aw + i] + W[bw + i]) | 0; break;
      case VectorOp.I32X4_SUB: for (i = 0; i < 4; i++) W[dw + i] = (W[aw + i] - W[bw + i]) | 0; break;
      case VectorOp.I32X4_MUL: for (i = 0; i < 4; i++) W[dw + i] = Math.imul(W[aw + i], W[bw + i]); break;
      case VectorOp.I32X4_MIN_S: for (i = 0; i < 4; i++) W[dw + i] = Math.min(W[aw + i], W[bw + i]); break;
      case VectorOp.I32X4_MIN_U: for (i = 0; i < 4; i++) W[dw + i] = Math.min(U[aw + i], U[bw + i]); break;
      case VectorOp.I32X4_MAX_S: for (i = 0; i < 4; i++) W[dw + i] = Math.max(W[aw + i], W[bw + i]); break;
      case VectorOp.I32X4_MAX_U: for (i = 0; i < 4; i++) W[dw + i] = Math.max(U[aw + i], U[bw + i]); break;

      // Two integers of 64 bits, on words.
      case VectorOp.I64X2_EQ: for (i = 0; i < 2; i++) both(dw + 2 * i, equal64(aw + 2 * i, bw + 2 * i) ? -1 : 0); break;
      case VectorOp.I64X2_NE: for (i = 0; i < 2; i++) both(dw + 2 * i, equal64(aw + 2 * i, bw + 2 * i) ? 0 : -1); break;
      case VectorOp.I64X2_LT_S: for (i = 0; i < 2; i++) both(dw + 2 * i, less64(aw + 2 * i, bw + 2 * i) ? -1 : 0); break;
      case VectorOp.I64X2_GT_S: for (i = 0; i < 2; i++) both(dw + 2 * i, less64(bw + 2 * i, aw + 2 * i) ? -1 : 0); break;
      case VectorOp.I64X2_LE_S: for (i = 0; i < 2; i++) both(dw + 2 * i, less64(bw + 2 * i, aw + 2 * i) ? 0 : -1); break;
      case VectorOp.I64X2_GE_S: for (i = 0; i < 2; i++) both(dw + 2 * i, less64(aw + 2 * i, bw + 2 * i) ? 0 : -1); break;
      case VectorOp.I64X2_ABS:
        for (i = 0; i < 4; i += 2) {
          if (W[aw + i + 1] < 0) subtract64(dw + i, 0, 0, aw + i);
          else move64(dw + i, aw + i);
        }
        break;
      case VectorOp.I64X2_NEG: for (i = 0; i < 4; i += 2) subtract64(dw + i, 0, 0, aw + i); break;
      case VectorOp.I64X2_ALL_TRUE: S[d] = (W[aw] | W[aw + 1]) !== 0 && (W[aw + 2] | W[aw + 3]) !== 0 ? 1 : 0; break;
      case VectorOp.I64X2_BITMASK: S[d] = (W[aw + 1] >>> 31) | ((W[aw + 3] >>> 31) << 1); break;
      case VectorOp.I64X2_SHL: for (i = 0; i < 4; i += 2) shiftLeft64(dw + i, aw + i, S[b] & 63); break;
      case VectorOp.I64X2_SHR_S: for (i = 0; i < 4; i += 2) shiftRight64(dw + i, aw + i, W[aw + i + 1] >> 31, S[b] & 63); break;
      case VectorOp.I64X2_SHR_U: for (i = 0; i < 4; i += 2) shiftRight64(dw + i, aw + i, 0, S[b] & 63); break;
      case VectorOp.I64X2_ADD: for (i = 0; i < 4; i += 2) add64(dw + i, aw + i, bw + i); break;
      case VectorOp.I64X2_SUB: for (i = 0; i < 4; i += 2) subtract64(dw + i, W[aw + i], W[aw + i + 1], bw + i); break;
      case VectorOp.I64X2_MUL: for (i = 0; i < 2; i++) L[d + i] = L[a + i] * L[b + i]; break;
      case VectorOp.I64X2_EXTEND_LOW_I32X4_S:
        x = W[aw];
        y = W[aw + 1];
        words64(dw, x, x >> 31);
        words64(dw + 2, y, y >> 31);
        break;
      case VectorOp.I64X2_EXTEND_LOW_I32X4_U:
        x = W[aw];
        y = W[aw + 1];
        words64(dw, x, 0);
        words64(dw + 2, y, 0);
        break;
      case VectorOp.I64X2_EXTEND_HIGH_I32X4_S:
        x = W[aw + 2];
        y = W[aw + 3];
        words64(dw, x, x >> 31);
        words64(dw + 2, y, y >> 31);
        break;
      case VectorOp.I64X2_EXTEND_HIGH_I32X4_U:
        x = W[aw + 2];
        y = W[aw + 3];
        words64(dw, x, 0);
        words64(dw + 2, y, 0);
        break;
      case VectorOp.I64X2_EXTMUL_LOW_I32X4_S: multiplySigned(dw, aw, bw); break;
      case VectorOp.I64X2_EXTMUL_LOW_I32X4_U: multiplyUnsigned(dw, aw, bw); break;
      case VectorOp.I64X2_EXTMUL_HIGH_I32X4_S: multiplySigned(dw, aw + 2, bw + 2); break;
      case VectorOp.I64X2_EXTMUL_HIGH_I32X4_U: multiplyUnsigned(dw, aw + 2, bw + 2); break;

      // Four f32.
      case VectorOp.F32X4_EQ: for (i = 0; i < 4; i++) W[dw + i] = F[aw + i] === F[bw + i] ? -1 : 0; break;
      case VectorOp.F32X4_NE: for (i = 0; i < 4; i++) W[dw + i] = F[aw + i] !== F[bw + i] ? -1 : 0; break;
      case VectorOp.F32X4_LT: for (i = 0; i < 4; i++) W[dw + i] = F[aw + i] < F[bw + i] ? -1 : 0; break;
      case VectorOp.F32X4_GT: for (i = 0; i < 4; i++) W[dw + i] = F[aw + i] > F[bw + i] ? -1 : 0; break;
      case VectorOp.F32X4_LE: for (i = 0; i < 4; i++) W[dw + i] = F[aw + i] <= F[bw + i] ? -1 : 0; break;
      case VectorOp.F32X4_GE: for (i = 0; i < 4; i++) W[dw + i] = F[aw + i] >= F[bw + i] ? -1 : 0; break;
      case VectorOp.F32X4_CEIL: for (i = 0; i < 4; i++) F[dw + i] = Math.ceil(F[aw + i]); break;
      case VectorOp.F32X4_FLOOR: for (i = 0; i < 4; i++) F[dw + i] = Math.floor(F[aw + i]); break;
      case VectorOp.F32X4_TRUNC: for (i = 0; i < 4; i++) F[dw + i] = Math.trunc(F[aw + i]); break;
      case VectorOp.F32X4_SQRT: for (i = 0; i < 4; i++) F[dw + i] = Math.sqrt(F[aw + i]); break;
      case VectorOp.F32X4_NEAREST: for (i = 0; i < 4; i++) F[dw + i] = nearest(F[aw + i]); break;
      case VectorOp.F32X4_ADD: for (i = 0; i < 4; i++) F[dw + i] = F[aw + i] + F[bw + i]; break;
      case VectorOp.F32X4_SUB: for (i = 0; i < 4; i++) F[dw + i] = F[aw + i] - F[bw + i]; break;
      case VectorOp.F32X4_MUL: for (i = 0; i < 4; i++) F[dw + i] = F[aw + i] * F[bw + i]; break;
      case VectorOp.F32X4_DIV: for (i = 0; i < 4; i++) F[dw + i] = F[aw + i] / F[bw + i]; break;
      case VectorOp.F32X4_RELAXED_MIN:
      case VectorOp.F32X4_MIN: for (i = 0; i < 4; i++) F[dw + i] = quiet(Math.min(F[aw + i], F[bw + i])); break;
      case VectorOp.F32X4_RELAXED_MAX:
      case VectorOp.F32X4_MAX: for (i = 0; i < 4; i++) F[dw + i] = quiet(Math.max(F[aw + i], F[bw + i])); break;
      case VectorOp.F32X4_PMIN: for (i = 0; i < 4; i++) W[dw + i] = F[bw + i] < F[aw + i] ? W[bw + i] : W[aw + i]; break;
      case VectorOp.F32X4_PMAX: for (i = 0; i < 4; i++) W[dw + i] = F[aw + i] < F[bw + i] ? W[bw + i] : W[aw + i]; break;
      case VectorOp.F32X4_ABS: for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] & 0x7fff_ffff; break;
      case VectorOp.F32X4_NEG: for (i = 0; i < 4; i++) W[dw + i] = W[aw + i] ^ -0x8000_0000; break;
      case VectorOp.F32X4_RELAXED_MADD: for (i = 0; i < 4; i++) F[dw + i] = Math.fround(F[aw + i] * F[bw + i]) + F[cw + i]; break;
      case VectorOp.F32X4_RELAXED_NMADD: for (i = 0; i < 4; i++) F[dw + i] = Math.fround(-F[aw + i] * F[bw + i]) + F[cw + i]; break;

      // Two f64.
      case VectorOp.F64X2_EQ: for (i = 0; i < 2; i++) both(dw + 2 * i, D[a + i] === D[b + i] ? -1 : 0); break;
      case VectorOp.F64X2_NE: for (i = 0; i < 2; i++) both(dw + 2 * i, D[a + i] !== D[b + i] ? -1 : 0); break;
      case VectorOp.F64X2_LT: for (i = 0; i < 2; i++) both(dw + 2 * i, D[a + i] < D[b + i] ? -1 : 0); break;
      case VectorOp.F64X2_GT: for (i = 0; i < 2; i++) both(dw + 2 * i, D[a + i] > D[b + i] ? -1 : 0); break;
      case VectorOp.F64X2_LE: for (i = 0; i < 2; i++) both(dw + 2 * i, D[a + i] <= D[b + i] ? -1 : 0); break;
      case VectorOp.F64X2_GE: for (i = 0; i < 2; i++) both(dw + 2 * i, D[a + i] >= D[b + i] ? -1 : 0); break;
      case VectorOp.F64X2_CEIL: for (i = 0; i < 2; i++) D[d + i] = quiet(Math.ceil(D[a + i])); break;
      case VectorOp.F64X2_FLOOR: for (i = 0; i < 2; i++) D[d + i] = quiet(Math.floor(D[a + i])); break;
      case VectorOp.F64X2_TRUNC: for (i = 0; i < 2; i++) D[d + i] = quiet(Math.trunc(D[a + i])); break;
      case VectorOp.F64X2_SQRT: for (i = 0; i < 2; i++) D[d + i] = Math.sqrt(D[a + i]); break;
      case VectorOp.F64X2_NEAREST: for (i = 0; i < 2; i++) D[d + i] = quiet(nearest(D[a + i])); break;
      case VectorOp.F64X2_ADD: for (i = 0; i < 2; i++) D[d + i] = D[a + i] + D[b + i]; break;
      case VectorOp.F64X2_SUB: for (i = 0; i < 2; i++) D[d + i] = D[a + i] - D[b + i]; break;
      case VectorOp.F64X2_MUL: for (i = 0; i < 2; i++) D[d + i] = D[a + i] * D[b + i]; break;
      case VectorOp.F64X2_DIV: for (i = 0; i < 2; i++) D[d + i] = D[a + i] / D[b + i]; break;
      case VectorOp.F64X2_RELAXED_MIN:
      case VectorOp.F64X2_MIN: for (i = 0; i < 2; i++) D[d + i] = quiet(Math.min(D[a + i], D[b + i])); break;
      case VectorOp.F64X2_RELAXED_MAX:
      case VectorOp.F64X2_MAX: for (i = 0; i < 2; i++) D[d + i] = quiet(Math.max(D[a + i], D[b + i])); break;
      case VectorOp.F64X2_PMIN: for (i = 0; i < 2; i++) move64(dw + 2 * i, D[b + i] < D[a + i] ? bw + 2 * i : aw + 2 * i); break;
      case VectorOp.F64X2_PMAX: for (i = 0; i < 2; i++) move64(dw + 2 * i, D[a + i] < D[b + i] ? bw + 2 * i : aw + 2 * i); break;
      case VectorOp.F64X2_ABS: for (i = 0; i < 2; i++) words64(dw + 2 * i, W[aw + 2 * i], W[aw + 2 * i + 1] & 0x7fff_ffff); break;
      case VectorOp.F64X2_NEG: for (i = 0; i < 2; i++) words64(dw + 2 * i, W[aw + 2 * i], W[aw + 2 * i + 1] ^ -0x8000_0000); break;
      case VectorOp.F64X2_RELAXED_MADD: for (i = 0; i < 2; i++) D[d + i] = D[a + i] * D[b + i] + D[c + i]; break;
      case VectorOp.F64X2_RELAXED_NMADD: for (i = 0; i < 2; i++) D[d + i] = -D[a + i] * D[b + i] + D[c + i]; break;

      // Conversions.
      case VectorOp.I32X4_RELAXED_TRUNC_F32X4_S:
      case VectorOp.I32X4_TRUNC_SAT_F32X4_S: for (i = 0; i < 4; i++) W[dw + i] = saturateI32(F[aw + i]); break;
      case VectorOp.I32X4_RELAXED_TRUNC_F32X4_U:
      case VectorOp.I32X4_TRUNC_SAT_F32X4_U: for (i = 0; i < 4; i++) W[dw + i] = saturateU32(F[aw + i]); break;
      case VectorOp.I32X4_RELAXED_TRUNC_F64X2_S_ZERO:
      case VectorOp.I32X4_TRUNC_SAT_F64X2_S_ZERO:
        x = saturateI32(D[a]);
        y = saturateI32(D[a + 1]);
        words64(dw, x, y);
        words64(dw + 2, 0, 0);
        break;
      case VectorOp.I32X4_RELAXED_TRUNC_F64X2_U_ZERO:
      case VectorOp.I32X4_TRUNC_SAT_F64X2_U_ZERO:
        x = saturateU32(D[a]);
        y = saturateU32(D[a + 1]);
        words64(dw, x, y);
        words64(dw + 2, 0, 0);
        break;
      case VectorOp.F32X4_CONVERT_I32X4_S: for (i = 0; i < 4; i++) F[dw + i] = W[aw + i]; break;
      case VectorOp.F32X4_CONVERT_I32X4_U: for (i = 0; i < 4; i++) F[dw + i] = U[aw + i]; break;
      case VectorOp.F64X2_CONVERT_LOW_I32X4_S:
        x = W[aw];
        y = W[aw + 1];
        D[d] = x;
        D[d + 1] = y;
        break;
      case VectorOp.F64X2_CONVERT_LOW_I32X4_U:
        x = U[aw];
        y = U[aw + 1];
        D[d] = x;
        D[d + 1] = y;
        break;
      case VectorOp.F32X4_DEMOTE_F64X2_ZERO:
        x = D[a];
        y = D[a + 1];
        F[dw] = x;
        F[dw + 1] = y;
        words64(dw + 2, 0, 0);
        break;
      case VectorOp.F64X2_PROMOTE_LOW_F32X4:
        x = F[aw];
        y = F[aw + 1];
        D[d] = x;
        D[d + 1] = y;
        break;
      default: smallLanes(op, pc, fp, d, a, b);
    }
    pc = (pc + WORDS[op - Group.VECTOR]) | 0;
  }
}

function move64(target: number, source: number): void {
  const low = W[source];
  const high = W[source + 1];
  W[target] = low;
  W[target + 1] = high;
}
/** The target may lie below the source on the same words. */
function move128(target: number, source: number): void {
  for (let i = 0; i < 4; i++) W[target + i] = W[source + i];
}
function words64(target: number, low: number, high: number): void {
  W[target] = low;
  W[target + 1] = high;
}
function both(target: number, word: number): void {
  W[target] = word;
  W[target + 1] = word;
}
function word(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

// 64-bit integers, by the indices of their low words.

const equal64 = (a: number, b: number): boolean => W[a] === W[b] && W[a + 1] === W[b + 1];
const less64 = (a: number, b: number): boolean => (W[a + 1] === W[b + 1] ? U[a] < U[b] : W[a + 1] < W[b + 1]);

function add64(target: number, a: number, b: number): void {
  const low = W[a];
  const sum = (low + W[b]) | 0;
  words64(target, sum, (W[a + 1] + W[b + 1] + (sum >>> 0 < low >>> 0 ? 1 : 0)) | 0);
}
function subtract64(target: number, low: number, high: number, b: number): void {
  words64(target, (low - W[b]) | 0, (high - W[b + 1] - (low >>> 0 < U[b] ? 1 : 0)) | 0);
}
function shiftLeft64(target: number, source: number, count: number): void {
  const low = W[source];
  const high = W[source + 1];
  if (count < 32) words64(target, low << count, (high << count) | (low >>> 1 >>> (31 - count)));
  else words64(target, 0, low << count);
}
/** `fill` is the word that comes in from above. */
function shiftRight64(target: number, source: number, fill: number, count: number): void {
  const low = W[source];
  const high = W[source + 1];
  if (count < 32) words64(target, (low >>> count) | (high << 1 << (31 - count)), (high >>> count) | (fill << 1 << (31 - count)));
  else words64(target, (high >>> count) | (fill << 1 << (31 - count)), fill);
}

/** Two 64-bit products of the words at `a` and `b`. */
function multiplySigned(target: number, a: number, b: number): void {
  const x = W[a + 1];
  const y = W[b + 1];
  multiply(target, W[a] >> 16, W[a] & 0xffff, W[b]);
  multiply(target + 2, x >> 16, x & 0xffff, y);
}
function multiplyUnsigned(target: number, a: number, b: number): void {
  const x = U[a + 1];
  const y = U[b + 1];
  multiply(target, U[a] >>> 16, U[a] & 0xffff, U[b]);
  multiply(target + 2, x >>> 16, x & 0xffff, y);
}
/** (high * 2^16 + low) * y. Partial products and their sums are below 2^53, so the high word is exact. */
function multiply(target: number, high: number, low: number, y: number): void {
  words64(target, Math.imul((high << 16) | low, y), Math.floor((high * y + Math.floor((low * y) / 65536)) / 65536));
}
