// Vector operations on lanes of 8 and 16 bits: those left by `vectors.ts`, which calls this for each of them.
// Lane by lane on the views of the frame. The result may take the place of an operand: lanes of one width are read before
// they are written in their place; what is put together from anywhere goes through scratch.
// spec: exec/numerics#integer-operations, exec/instructions#vector-instructions
import { popcnt32 } from '../numeric/int64.js';
import { CODE } from '../runtime/code-space.js';
import * as machine from '../runtime/machine.js';
import { VectorOp } from './vector-ops.js';

const C = CODE;
const CODE_BYTES = new Uint8Array(C.buffer);
/** Slots of scalars, and lanes: bytes, half words, words; the S in front for signed. */
const S = machine.I32;
const W = machine.HALVES;
const B = new Uint8Array(W.buffer);
const SB = new Int8Array(W.buffer);
const H = new Uint16Array(W.buffer);
const SH = new Int16Array(W.buffer);

const SCRATCH = new Int32Array(4);
const T8 = new Uint8Array(SCRATCH.buffer);
const T16 = new Uint16Array(SCRATCH.buffer);

type Names = keyof typeof VectorOp;
type Small = `I8X16_${string}` | `I16X8_${string}` | `I32X4_EXT${string}_I16X8_${string}` | `I32X4_${'' | 'RELAXED_'}DOT_${string}`;
/** What moves lanes or takes bits as they are is with its like for wider lanes. */
type Elsewhere = `${string}_SPLAT` | `${string}_LANE${string}`;
export type SmallLaneOp = (typeof VectorOp)[Exclude<Extract<Names, Small>, Elsewhere>];

/** Performs the operation `op` at `pc`, whose first three operands are the slots `d`, `a` and `b`, in the frame at `fp`. */
export function smallLanes(op: SmallLaneOp, pc: number, fp: number, d: number, a: number, b: number): void {
  const dw = d << 1;
  const aw = a << 1;
  const bw = b << 1;
  const cw = (fp + C[pc + 4]) << 1;
  const dh = d << 2;
  const ah = a << 2;
  const bh = b << 2;
  const db = d << 3;
  const ab = a << 3;
  const bb = b << 3;
  let i = 0;
  let x = 0;
  switch (op) {
    // Sixteen of 8 bits.
    case VectorOp.I8X16_EQ: for (i = 0; i < 16; i++) B[db + i] = B[ab + i] === B[bb + i] ? -1 : 0; break;
    case VectorOp.I8X16_NE: for (i = 0; i < 16; i++) B[db + i] = B[ab + i] !== B[bb + i] ? -1 : 0; break;
    case VectorOp.I8X16_LT_S: for (i = 0; i < 16; i++) B[db + i] = SB[ab + i] < SB[bb + i] ? -1 : 0; break;
    case VectorOp.I8X16_LT_U: for (i = 0; i < 16; i++) B[db + i] = B[ab + i] < B[bb + i] ? -1 : 0; break;
    case VectorOp.I8X16_GT_S: for (i = 0; i < 16; i++) B[db + i] = SB[ab + i] > SB[bb + i] ? -1 : 0; break;
    case VectorOp.I8X16_GT_U: for (i = 0; i < 16; i++) B[db + i] = B[ab + i] > B[bb + i] ? -1 : 0; break;
    case VectorOp.I8X16_LE_S: for (i = 0; i < 16; i++) B[db + i] = SB[ab + i] <= SB[bb + i] ? -1 : 0; break;
    case VectorOp.I8X16_LE_U: for (i = 0; i < 16; i++) B[db + i] = B[ab + i] <= B[bb + i] ? -1 : 0; break;
    case VectorOp.I8X16_GE_S: for (i = 0; i < 16; i++) B[db + i] = SB[ab + i] >= SB[bb + i] ? -1 : 0; break;
    case VectorOp.I8X16_GE_U: for (i = 0; i < 16; i++) B[db + i] = B[ab + i] >= B[bb + i] ? -1 : 0; break;
    case VectorOp.I8X16_ABS: for (i = 0; i < 16; i++) B[db + i] = Math.abs(SB[ab + i]); break;
    case VectorOp.I8X16_NEG: for (i = 0; i < 16; i++) B[db + i] = -B[ab + i]; break;
    case VectorOp.I8X16_ALL_TRUE:
      x = 1;
      for (i = 0; i < 16; i++) if (B[ab + i] === 0) x = 0;
      S[d] = x;
      break;
    case VectorOp.I8X16_BITMASK:
      x = 0;
      for (i = 0; i < 16; i++) x |= (B[ab + i] >>> 7) << i;
      S[d] = x;
      break;
    case VectorOp.I8X16_SHL:
      x = S[b] & 7;
      for (i = 0; i < 16; i++) B[db + i] = B[ab + i] << x;
      break;
    case VectorOp.I8X16_SHR_S:
      x = S[b] & 7;
      for (i = 0; i < 16; i++) B[db + i] = SB[ab + i] >> x;
      break;
    case VectorOp.I8X16_SHR_U:
      x = S[b] & 7;
      for (i = 0; i < 16; i++) B[db + i] = B[ab + i] >>> x;
      break;
    case VectorOp.I8X16_ADD: for (i = 0; i < 16; i++) B[db + i] = B[ab + i] + B[bb + i]; break;
    case VectorOp.I8X16_ADD_SAT_S: for (i = 0; i < 16; i++) B[db + i] = clamp(SB[ab + i] + SB[bb + i], -128, 127); break;
    case VectorOp.I8X16_ADD_SAT_U: for (i = 0; i < 16; i++) B[db + i] = clamp(B[ab + i] + B[bb + i], 0, 255); break;
    case VectorOp.I8X16_SUB: for (i = 0; i < 16; i++) B[db + i] = B[ab + i] - B[bb + i]; break;
    case VectorOp.I8X16_SUB_SAT_S: for (i = 0; i < 16; i++) B[db + i] = clamp(SB[ab + i] - SB[bb + i], -128, 127); break;
    case VectorOp.I8X16_SUB_SAT_U: for (i = 0; i < 16; i++) B[db + i] = clamp(B[ab + i] - B[bb + i], 0, 255); break;
    case VectorOp.I8X16_MIN_S: for (i = 0; i < 16; i++) B[db + i] = Math.min(SB[ab + i], SB[bb + i]); break;
    case VectorOp.I8X16_MIN_U: for (i = 0; i < 16; i++) B[db + i] = Math.min(B[ab + i], B[bb + i]); break;
    case VectorOp.I8X16_MAX_S: for (i = 0; i < 16; i++) B[db + i] = Math.max(SB[ab + i], SB[bb + i]); break;
    case VectorOp.I8X16_MAX_U: for (i = 0; i < 16; i++) B[db + i] = Math.max(B[ab + i], B[bb + i]); break;
    case VectorOp.I8X16_AVGR_U: for (i = 0; i < 16; i++) B[db + i] = (B[ab + i] + B[bb + i] + 1) >> 1; break;
    case VectorOp.I8X16_POPCNT: for (i = 0; i < 16; i++) B[db + i] = popcnt32(B[ab + i]); break;

    // Eight of 16 bits.
    case VectorOp.I16X8_EQ: for (i = 0; i < 8; i++) H[dh + i] = H[ah + i] === H[bh + i] ? -1 : 0; break;
    case VectorOp.I16X8_NE: for (i = 0; i < 8; i++) H[dh + i] = H[ah + i] !== H[bh + i] ? -1 : 0; break;
    case VectorOp.I16X8_LT_S: for (i = 0; i < 8; i++) H[dh + i] = SH[ah + i] < SH[bh + i] ? -1 : 0; break;
    case VectorOp.I16X8_LT_U: for (i = 0; i < 8; i++) H[dh + i] = H[ah + i] < H[bh + i] ? -1 : 0; break;
    case VectorOp.I16X8_GT_S: for (i = 0; i < 8; i++) H[dh + i] = SH[ah + i] > SH[bh + i] ? -1 : 0; break;
    case VectorOp.I16X8_GT_U: for (i = 0; i < 8; i++) H[dh + i] = H[ah + i] > H[bh + i] ? -1 : 0; break;
    case VectorOp.I16X8_LE_S: for (i = 0; i < 8; i++) H[dh + i] = SH[ah + i] <= SH[bh + i] ? -1 : 0; break;
    case VectorOp.I16X8_LE_U: for (i = 0; i < 8; i++) H[dh + i] = H[ah + i] <= H[bh + i] ? -1 : 0; break;
    case VectorOp.I16X8_GE_S: for (i = 0; i < 8; i++) H[dh + i] = SH[ah + i] >= SH[bh + i] ? -1 : 0; break;
    case VectorOp.I16X8_GE_U: for (i = 0; i < 8; i++) H[dh + i] = H[ah + i] >= H[bh + i] ? -1 : 0; break;
    case VectorOp.I16X8_ABS: for (i = 0; i < 8; i++) H[dh + i] = Math.abs(SH[ah + i]); break;
    case VectorOp.I16X8_NEG: for (i = 0; i < 8; i++) H[dh + i] = -H[ah + i]; break;
    case VectorOp.I16X8_ALL_TRUE:
      x = 1;
      for (i = 0; i < 8; i++) if (H[ah + i] === 0) x = 0;
      S[d] = x;
      break;
    case VectorOp.I16X8_BITMASK:
      x = 0;
      for (i = 0; i < 8; i++) x |= (H[ah + i] >>> 15) << i;
      S[d] = x;
      break;
    case VectorOp.I16X8_SHL:
      x = S[b] & 15;
      for (i = 0; i < 8; i++) H[dh + i] = H[ah + i] << x;
      break;
    case VectorOp.I16X8_SHR_S:
      x = S[b] & 15;
      for (i = 0; i < 8; i++) H[dh + i] = SH[ah + i] >> x;
      break;
    case VectorOp.I16X8_SHR_U:
      x = S[b] & 15;
      for (i = 0; i < 8; i++) H[dh + i] = H[ah + i] >>> x;
      break;
    case VectorOp.I16X8_ADD: for (i = 0; i < 8; i++) H[dh + i] = H[ah + i] + H[bh + i]; break;
    case VectorOp.I16X8_ADD_SAT_S: for (i = 0; i < 8; i++) H[dh + i] = clamp(SH[ah + i] + SH[bh + i], -32768, 32767); break;
    case VectorOp.I16X8_ADD_SAT_U: for (i = 0; i < 8; i++) H[dh + i] = clamp(H[ah + i] + H[bh + i], 0, 65535); break;
    case VectorOp.I16X8_SUB: for (i = 0; i < 8; i++) H[dh + i] = H[ah + i] - H[bh + i]; break;
    case VectorOp.I16X8_SUB_SAT_S: for (i = 0; i < 8; i++) H[dh + i] = clamp(SH[ah + i] - SH[bh + i], -32768, 32767); break;
    case VectorOp.I16X8_SUB_SAT_U: for (i = 0; i < 8; i++) H[dh + i] = clamp(H[ah + i] - H[bh + i], 0, 65535); break;
    case VectorOp.I16X8_MUL: for (i = 0; i < 8; i++) H[dh + i] = Math.imul(H[ah + i], H[bh + i]); break;
    case VectorOp.I16X8_MIN_S: for (i = 0; i < 8; i++) H[dh + i] = Math.min(SH[ah + i], SH[bh + i]); break;
    case VectorOp.I16X8_MIN_U: for (i = 0; i < 8; i++) H[dh + i] = Math.min(H[ah + i], H[bh + i]); break;
    case VectorOp.I16X8_MAX_S: for (i = 0; i < 8; i++) H[dh + i] = Math.max(SH[ah + i], SH[bh + i]); break;
    case VectorOp.I16X8_MAX_U: for (i = 0; i < 8; i++) H[dh + i] = Math.max(H[ah + i], H[bh + i]); break;
    case VectorOp.I16X8_AVGR_U: for (i = 0; i < 8; i++) H[dh + i] = (H[ah + i] + H[bh + i] + 1) >> 1; break;
    case VectorOp.I16X8_RELAXED_Q15MULR_S:
    case VectorOp.I16X8_Q15MULR_SAT_S: for (i = 0; i < 8; i++) H[dh + i] = clamp((SH[ah + i] * SH[bh + i] + 0x4000) >> 15, -32768, 32767); break;

    // Between the widths. Where the result may lie on what is still to be read, the order of lanes sees to it that it does not matter.
    case VectorOp.I16X8_EXTEND_LOW_I8X16_S: for (i = 7; i >= 0; i--) H[dh + i] = SB[ab + i]; break;
    case VectorOp.I16X8_EXTEND_LOW_I8X16_U: for (i = 7; i >= 0; i--) H[dh + i] = B[ab + i]; break;
    case VectorOp.I16X8_EXTEND_HIGH_I8X16_S: for (i = 0; i < 8; i++) H[dh + i] = SB[ab + 8 + i]; break;
    case VectorOp.I16X8_EXTEND_HIGH_I8X16_U: for (i = 0; i < 8; i++) H[dh + i] = B[ab + 8 + i]; break;
    case VectorOp.I16X8_EXTMUL_LOW_I8X16_S: for (i = 7; i >= 0; i--) H[dh + i] = Math.imul(SB[ab + i], SB[bb + i]); break;
    case VectorOp.I16X8_EXTMUL_LOW_I8X16_U: for (i = 7; i >= 0; i--) H[dh + i] = Math.imul(B[ab + i], B[bb + i]); break;
    case VectorOp.I16X8_EXTMUL_HIGH_I8X16_S: for (i = 0; i < 8; i++) H[dh + i] = Math.imul(SB[ab + 8 + i], SB[bb + 8 + i]); break;
    case VectorOp.I16X8_EXTMUL_HIGH_I8X16_U: for (i = 0; i < 8; i++) H[dh + i] = Math.imul(B[ab + 8 + i], B[bb + 8 + i]); break;
    case VectorOp.I16X8_EXTADD_PAIRWISE_I8X16_S: for (i = 0; i < 8; i++) H[dh + i] = SB[ab + 2 * i] + SB[ab + 2 * i + 1]; break;
    case VectorOp.I16X8_EXTADD_PAIRWISE_I8X16_U: for (i = 0; i < 8; i++) H[dh + i] = B[ab + 2 * i] + B[ab + 2 * i + 1]; break;
    case VectorOp.I32X4_EXTEND_LOW_I16X8_S: for (i = 3; i >= 0; i--) W[dw + i] = SH[ah + i]; break;
    case VectorOp.I32X4_EXTEND_LOW_I16X8_U: for (i = 3; i >= 0; i--) W[dw + i] = H[ah + i]; break;
    case VectorOp.I32X4_EXTEND_HIGH_I16X8_S: for (i = 0; i < 4; i++) W[dw + i] = SH[ah + 4 + i]; break;
    case VectorOp.I32X4_EXTEND_HIGH_I16X8_U: for (i = 0; i < 4; i++) W[dw + i] = H[ah + 4 + i]; break;
    case VectorOp.I32X4_EXTMUL_LOW_I16X8_S: for (i = 3; i >= 0; i--) W[dw + i] = Math.imul(SH[ah + i], SH[bh + i]); break;
    case VectorOp.I32X4_EXTMUL_LOW_I16X8_U: for (i = 3; i >= 0; i--) W[dw + i] = Math.imul(H[ah + i], H[bh + i]); break;
    case VectorOp.I32X4_EXTMUL_HIGH_I16X8_S: for (i = 0; i < 4; i++) W[dw + i] = Math.imul(SH[ah + 4 + i], SH[bh + 4 + i]); break;
    case VectorOp.I32X4_EXTMUL_HIGH_I16X8_U: for (i = 0; i < 4; i++) W[dw + i] = Math.imul(H[ah + 4 + i], H[bh + 4 + i]); break;
    case VectorOp.I32X4_EXTADD_PAIRWISE_I16X8_S: for (i = 0; i < 4; i++) W[dw + i] = SH[ah + 2 * i] + SH[ah + 2 * i + 1]; break;
    case VectorOp.I32X4_EXTADD_PAIRWISE_I16X8_U: for (i = 0; i < 4; i++) W[dw + i] = H[ah + 2 * i] + H[ah + 2 * i + 1]; break;
    case VectorOp.I32X4_DOT_I16X8_S: for (i = 0; i < 4; i++) W[dw + i] = SH[ah + 2 * i] * SH[bh + 2 * i] + SH[ah + 2 * i + 1] * SH[bh + 2 * i + 1]; break;
    case VectorOp.I16X8_RELAXED_DOT_I8X16_I7X16_S: for (i = 0; i < 8; i++) H[dh + i] = pairOfProducts(ab + 2 * i, bb + 2 * i); break;
    case VectorOp.I32X4_RELAXED_DOT_I8X16_I7X16_ADD_S: for (i = 0; i < 4; i++) W[dw + i] = pairOfProducts(ab + 4 * i, bb + 4 * i) + pairOfProducts(ab + 4 * i + 2, bb + 4 * i + 2) + W[cw + i]; break;
    case VectorOp.I8X16_NARROW_I16X8_S:
      for (i = 0; i < 8; i++) T8[i] = clamp(SH[ah + i], -128, 127);
      for (i = 0; i < 8; i++) T8[8 + i] = clamp(SH[bh + i], -128, 127);
      writeScratch(dw);
      break;
    case VectorOp.I8X16_NARROW_I16X8_U:
      for (i = 0; i < 8; i++) T8[i] = clamp(SH[ah + i], 0, 255);
      for (i = 0; i < 8; i++) T8[8 + i] = clamp(SH[bh + i], 0, 255);
      writeScratch(dw);
      break;
    case VectorOp.I16X8_NARROW_I32X4_S:
      for (i = 0; i < 4; i++) T16[i] = clamp(W[aw + i], -32768, 32767);
      for (i = 0; i < 4; i++) T16[4 + i] = clamp(W[bw + i], -32768, 32767);
      writeScratch(dw);
      break;
    case VectorOp.I16X8_NARROW_I32X4_U:
      for (i = 0; i < 4; i++) T16[i] = clamp(W[aw + i], 0, 65535);
      for (i = 0; i < 4; i++) T16[4 + i] = clamp(W[bw + i], 0, 65535);
      writeScratch(dw);
      break;

    // Bytes from anywhere.
    case VectorOp.I8X16_SHUFFLE:
      for (i = 0; i < 16; i++) {
        x = CODE_BYTES[4 * (pc + 4) + i];
        T8[i] = x < 16 ? B[ab + x] : B[bb + x - 16];
      }
      writeScratch(dw);
      break;
    case VectorOp.I8X16_RELAXED_SWIZZLE:
    case VectorOp.I8X16_SWIZZLE:
      for (i = 0; i < 16; i++) {
        x = B[bb + i];
        T8[i] = x < 16 ? B[ab + x] : 0;
      }
      writeScratch(dw);
      break;
    default: op satisfies never;
  }
}

const clamp = (x: number, least: number, most: number): number => (x < least ? least : x > most ? most : x);

/** Two products of signed bytes, added with saturation to 16 bits. */
const pairOfProducts = (a: number, b: number): number => clamp(SB[a] * SB[b] + SB[a + 1] * SB[b + 1], -32768, 32767);

function writeScratch(word: number): void {
  for (let i = 0; i < 4; i++) W[word + i] = SCRATCH[i];
}
