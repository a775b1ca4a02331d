// The loop: performs lowered code (`ops.ts`) until the call from the host it serves returns. One `switch` on integer
// literals over constant typed arrays; what the design rests on was measured (bench/README.md):
// - V8 never optimises a function beyond 60 KB of bytecode (test/wasm/interpreter/built-loop.test.ts holds the size), so rare
//   operations are in `cold.ts` and slow halves of common ones in functions below;
// - all address arithmetic ends in `| 0`, which spares the check for overflow;
// - the arrays of stack and code are constants of this module, not exported (an exported binding is looked up each time);
//   the memory of the instance is in variables that change only in the outer loop.
// spec: exec/instructions
import { CODE, FLOAT_CONSTANTS, HALT_ADDRESS, LEAVE_ADDRESS, RAISE_ADDRESS, RETURN_ADDRESS } from '../runtime/code-space.js';
import type { Exception } from '../runtime/exception.js';
import type { FunctionInstance } from '../runtime/function.js';
import type { Instance } from '../runtime/instance.js';
import * as stack from '../runtime/machine.js';
import { fitsI32, truncationTrap } from '../numeric/truncate.js';
import { entryOf, tableFunction } from './entry.js';
import { atomic } from './atomics.js';
import { cold } from './cold.js';
import { callHost } from './host-call.js';
import { objects } from './objects.js';
import { Group, Op } from './ops.js';
import { exhausted, stop } from './trace.js';
import { enterFunction } from './tier/link.js';
import { exceptionFrom, unwind } from './unwind.js';
import { vectors } from './vectors.js';
import { comeAgain, entered, turn } from './warm-up.js';

/** Code. */
const C = CODE;
/** Slots: 32-bit integers, f32, f64, 64-bit integers, the words of 64-bit slots, references. */
const S = stack.I32;
const F = stack.F32;
const D = stack.F64;
const L = stack.I64;
const W = stack.HALVES;
const FLOATS = FLOAT_CONSTANTS;
const R = stack.REFS;
const CALLS = stack.CALLS;
const STACK_SLOTS = stack.STACK_SLOTS;

C.set([0, Op.HALT], HALT_ADDRESS - 1);
C.set([0, Op.LEAVE_INSTANCE], LEAVE_ADDRESS - 1);
C.set([0, Op.RETURN], RETURN_ADDRESS - 1);
C.set([Op.THROW_REF, 0], RAISE_ADDRESS);

const MEMORY_BOUNDS = 'out of bounds memory access';
const DIVIDE_BY_ZERO = 'integer divide by zero';
const OVERFLOW = 'integer overflow';
const NULL_FUNCTION = 'null function reference';

/**
 * Runs from the code address `pc`, the frame at `fp`, with `cp` return addresses in `CALLS`, to the `HALT` its last return
 * leads to, and returns false; or returns true to be called again from where `machine` says. Throws Trap and Exhaustion, and whatever a function of the host throws; the caller restores the stack then.
 */
export function run(pc: number, fp: number, cp: number, instance: Instance): boolean {
  // Used by all arms. Variables of their blocks would take a register each, 150 in all: larger code, and a frame so large that
  // entering and leaving optimised code shows.
  let k = 0;
  let n = 0;
  let m = 0;
  let x = 0;
  let y = 0;
  let low = 0;
  let high = 0;
  let sum = 0;
  let at = 0;
  let word = 0;
  let index = 0;
  let count = 0;
  let end = 0;
  // Each turn of the outer loop: what the code of the inner loop may take for granted changes here alone.
  for (;;) {
    const memory = instance.memory;
    const M8 = memory.u8;
    const M16 = memory.u16;
    const M32 = memory.i32;
    const MD = memory.f64;
    const limit = memory.byteLength;
    const G = instance.globalWords;
    const ENTRIES = instance.code.entries;
    /**
     * Function (mostly outside this instance) to be called by the operation at `pc`, which has `width` words, or none
     * for a tail call; null: only come round.
     */
    let callee: FunctionInstance | null = null;
    let width = 0;
    /** An exception to be raised by the operation at `pc`. */
    let raised: Exception | null = null;
    // With neither, `at` tells why the inner loop was left: an access of the operation at `pc` that ends beyond `limit`, or -1.

    inner: for (;;) {
      // Operands are decoded ahead of the switch, needed or not: it halves the code of the arms, and so the time V8 takes to
      // optimise them, for 5 % of the speed then.
      const d = (fp + C[(pc + 1) | 0]) | 0;
      const a = (fp + C[(pc + 2) | 0]) | 0;
      const b = (fp + C[(pc + 3) | 0]) | 0;
      switch (C[pc] as Op) {
        // i32.
        case Op.I32_EQZ:
          S[d] = S[a] === 0 ? 1 : 0;
          pc = (pc + 3) | 0;
          continue;
        case Op.I32_EQ:
          S[d] = S[a] === S[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_NE:
          S[d] = S[a] !== S[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_LT_S:
          S[d] = S[a] < S[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_LT_U:
          S[d] = (S[a] >>> 0) < (S[b] >>> 0) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_GT_S:
          S[d] = S[a] > S[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_GT_U:
          S[d] = (S[a] >>> 0) > (S[b] >>> 0) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_LE_S:
          S[d] = S[a] <= S[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_LE_U:
          S[d] = (S[a] >>> 0) <= (S[b] >>> 0) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_GE_S:
          S[d] = S[a] >= S[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_GE_U:
          S[d] = (S[a] >>> 0) >= (S[b] >>> 0) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_EQ_K:
          S[d] = S[a] === C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_NE_K:
          S[d] = S[a] !== C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_LT_S_K:
          S[d] = S[a] < C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_LT_U_K:
          S[d] = (S[a] >>> 0) < (C[(pc + 3) | 0] >>> 0) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_GT_S_K:
          S[d] = S[a] > C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_GT_U_K:
          S[d] = (S[a] >>> 0) > (C[(pc + 3) | 0] >>> 0) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_LE_S_K:
          S[d] = S[a] <= C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_LE_U_K:
          S[d] = (S[a] >>> 0) <= (C[(pc + 3) | 0] >>> 0) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_GE_S_K:
          S[d] = S[a] >= C[(pc + 3) | 0] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_GE_U_K:
          S[d] = (S[a] >>> 0) >= (C[(pc + 3) | 0] >>> 0) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_CLZ:
          S[d] = Math.clz32(S[a]);
          pc = (pc + 3) | 0;
          continue;
        case Op.I32_ADD:
          S[d] = (S[a] + S[b]) | 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_ADD_K:
          S[d] = (S[a] + C[(pc + 3) | 0]) | 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_SUB:
          S[d] = (S[a] - S[b]) | 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_MUL:
          S[d] = Math.imul(S[a], S[b]);
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_MUL_K:
          S[d] = Math.imul(S[a], C[(pc + 3) | 0]);
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_DIV_S:
          x = S[a];
          y = S[b];
          if (y === 0) throw stop(DIVIDE_BY_ZERO, pc, cp);
          if (y === -1 && x === -0x8000_0000) throw stop(OVERFLOW, pc, cp);
          S[d] = (x / y) | 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_DIV_U:
          y = S[b] >>> 0;
          if (y === 0) throw stop(DIVIDE_BY_ZERO, pc, cp);
          S[d] = ((S[a] >>> 0) / y) | 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_REM_S:
          y = S[b];
          if (y === 0) throw stop(DIVIDE_BY_ZERO, pc, cp);
          S[d] = S[a] % y | 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_REM_U:
          y = S[b] >>> 0;
          if (y === 0) throw stop(DIVIDE_BY_ZERO, pc, cp);
          S[d] = ((S[a] >>> 0) % y) | 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_AND:
          S[d] = S[a] & S[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_AND_K:
          S[d] = S[a] & C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_OR:
          S[d] = S[a] | S[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_OR_K:
          S[d] = S[a] | C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_XOR:
          S[d] = S[a] ^ S[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_XOR_K:
          S[d] = S[a] ^ C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_SHL:
          S[d] = S[a] << S[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_SHL_K:
          S[d] = S[a] << C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_SHR_S:
          S[d] = S[a] >> S[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_SHR_S_K:
          S[d] = S[a] >> C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_SHR_U:
          S[d] = S[a] >>> S[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_SHR_U_K:
          S[d] = S[a] >>> C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_ROTL:
          x = S[a];
          n = S[b];
          S[d] = (x << n) | (x >>> -n);
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_ROTL_K:
          x = S[a];
          n = C[(pc + 3) | 0];
          S[d] = (x << n) | (x >>> -n);
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_ROTR:
          x = S[a];
          n = S[b];
          S[d] = (x >>> n) | (x << -n);
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_BITS:
          S[d] = (S[a] >>> C[(pc + 3) | 0]) & C[(pc + 4) | 0];
          pc = (pc + 5) | 0;
          continue;
        case Op.I32_EXTEND8_S:
          S[d] = (S[a] << 24) >> 24;
          pc = (pc + 3) | 0;
          continue;
        case Op.I32_EXTEND16_S:
          S[d] = (S[a] << 16) >> 16;
          pc = (pc + 3) | 0;
          continue;
        case Op.I32_WRAP_I64:
          S[d] = W[a << 1];
          pc = (pc + 3) | 0;
          continue;
        case Op.I32_TRUNC_F64_S:
          x = D[a];
          if (!fitsI32(x)) throw stop(truncationTrap(x), pc, cp);
          S[d] = x | 0;
          pc = (pc + 3) | 0;
          continue;

        // i64, on words: a 64-bit read of what was just written in halves stalls the processor, and boxed bigints are slow while cold. Products are bigints.
        case Op.I64_EQZ:
          S[d] = (W[a << 1] | W[(a << 1) | 1]) === 0 ? 1 : 0;
          pc = (pc + 3) | 0;
          continue;
        case Op.I64_EQ:
          S[d] = W[a << 1] === W[b << 1] && W[(a << 1) | 1] === W[(b << 1) | 1] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_NE:
          S[d] = W[a << 1] !== W[b << 1] || W[(a << 1) | 1] !== W[(b << 1) | 1] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_LT_S:
          x = W[(a << 1) | 1];
          y = W[(b << 1) | 1];
          S[d] = (x === y ? W[a << 1] >>> 0 < W[b << 1] >>> 0 : x < y) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_LT_U:
          x = W[(a << 1) | 1];
          y = W[(b << 1) | 1];
          S[d] = (x === y ? W[a << 1] >>> 0 < W[b << 1] >>> 0 : x >>> 0 < y >>> 0) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_GT_S:
          x = W[(a << 1) | 1];
          y = W[(b << 1) | 1];
          S[d] = (x === y ? W[a << 1] >>> 0 > W[b << 1] >>> 0 : x > y) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_GT_U:
          x = W[(a << 1) | 1];
          y = W[(b << 1) | 1];
          S[d] = (x === y ? W[a << 1] >>> 0 > W[b << 1] >>> 0 : x >>> 0 > y >>> 0) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_LE_S:
          x = W[(a << 1) | 1];
          y = W[(b << 1) | 1];
          S[d] = (x === y ? W[a << 1] >>> 0 <= W[b << 1] >>> 0 : x < y) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_LE_U:
          x = W[(a << 1) | 1];
          y = W[(b << 1) | 1];
          S[d] = (x === y ? W[a << 1] >>> 0 <= W[b << 1] >>> 0 : x >>> 0 < y >>> 0) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_GE_S:
          x = W[(a << 1) | 1];
          y = W[(b << 1) | 1];
          S[d] = (x === y ? W[a << 1] >>> 0 >= W[b << 1] >>> 0 : x > y) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_GE_U:
          x = W[(a << 1) | 1];
          y = W[(b << 1) | 1];
          S[d] = (x === y ? W[a << 1] >>> 0 >= W[b << 1] >>> 0 : x >>> 0 > y >>> 0) ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_ADD:
          low = W[a << 1];
          sum = (low + W[b << 1]) | 0;
          high = (W[(a << 1) | 1] + W[(b << 1) | 1] + (sum >>> 0 < low >>> 0 ? 1 : 0)) | 0;
          W[d << 1] = sum;
          W[(d << 1) | 1] = high;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_SUB:
          low = W[a << 1];
          y = W[b << 1];
          high = (W[(a << 1) | 1] - W[(b << 1) | 1] - (low >>> 0 < y >>> 0 ? 1 : 0)) | 0;
          W[d << 1] = (low - y) | 0;
          W[(d << 1) | 1] = high;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_MUL:
          L[d] = L[a] * L[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_ADD_K:
          k = C[(pc + 3) | 0];
          low = W[a << 1];
          sum = (low + k) | 0;
          high = (W[(a << 1) | 1] + (k >> 31) + (sum >>> 0 < low >>> 0 ? 1 : 0)) | 0;
          W[d << 1] = sum;
          W[(d << 1) | 1] = high;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_AND:
          low = W[a << 1] & W[b << 1];
          high = W[(a << 1) | 1] & W[(b << 1) | 1];
          W[d << 1] = low;
          W[(d << 1) | 1] = high;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_OR:
          low = W[a << 1] | W[b << 1];
          high = W[(a << 1) | 1] | W[(b << 1) | 1];
          W[d << 1] = low;
          W[(d << 1) | 1] = high;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_XOR:
          low = W[a << 1] ^ W[b << 1];
          high = W[(a << 1) | 1] ^ W[(b << 1) | 1];
          W[d << 1] = low;
          W[(d << 1) | 1] = high;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_AND_K:
          k = C[(pc + 3) | 0];
          low = W[a << 1] & k;
          high = W[(a << 1) | 1] & (k >> 31);
          W[d << 1] = low;
          W[(d << 1) | 1] = high;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_SHL:
          n = W[b << 1] & 63;
          low = W[a << 1];
          high = W[(a << 1) | 1];
          if (n < 32) {
            W[d << 1] = low << n;
            W[(d << 1) | 1] = (high << n) | (low >>> 1 >>> (31 - n));
          } else {
            W[d << 1] = 0;
            W[(d << 1) | 1] = low << n;
          }
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_SHR_S:
          n = W[b << 1] & 63;
          low = W[a << 1];
          high = W[(a << 1) | 1];
          if (n < 32) {
            W[d << 1] = (low >>> n) | (high << 1 << (31 - n));
            W[(d << 1) | 1] = high >> n;
          } else {
            W[d << 1] = high >> n;
            W[(d << 1) | 1] = high >> 31;
          }
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_SHR_U:
          n = W[b << 1] & 63;
          low = W[a << 1];
          high = W[(a << 1) | 1];
          if (n < 32) {
            W[d << 1] = (low >>> n) | (high << 1 << (31 - n));
            W[(d << 1) | 1] = high >>> n;
          } else {
            W[d << 1] = high >>> n;
            W[(d << 1) | 1] = 0;
          }
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_SHL_K:
          n = C[(pc + 3) | 0] & 63;
          low = W[a << 1];
          high = W[(a << 1) | 1];
          if (n < 32) {
            W[d << 1] = low << n;
            W[(d << 1) | 1] = (high << n) | (low >>> 1 >>> (31 - n));
          } else {
            W[d << 1] = 0;
            W[(d << 1) | 1] = low << n;
          }
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_SHR_S_K:
          n = C[(pc + 3) | 0] & 63;
          low = W[a << 1];
          high = W[(a << 1) | 1];
          if (n < 32) {
            W[d << 1] = (low >>> n) | (high << 1 << (31 - n));
            W[(d << 1) | 1] = high >> n;
          } else {
            W[d << 1] = high >> n;
            W[(d << 1) | 1] = high >> 31;
          }
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_SHR_U_K:
          n = C[(pc + 3) | 0] & 63;
          low = W[a << 1];
          high = W[(a << 1) | 1];
          if (n < 32) {
            W[d << 1] = (low >>> n) | (high << 1 << (31 - n));
            W[(d << 1) | 1] = high >>> n;
          } else {
            W[d << 1] = high >>> n;
            W[(d << 1) | 1] = 0;
          }
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_ROTL:
          n = W[b << 1];
          low = (n & 32) === 0 ? W[a << 1] : W[(a << 1) | 1];
          high = (n & 32) === 0 ? W[(a << 1) | 1] : W[a << 1];
          m = n & 31;
          W[d << 1] = (low << m) | (high >>> 1 >>> (31 - m));
          W[(d << 1) | 1] = (high << m) | (low >>> 1 >>> (31 - m));
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_ROTR:
          n = -W[b << 1];
          low = (n & 32) === 0 ? W[a << 1] : W[(a << 1) | 1];
          high = (n & 32) === 0 ? W[(a << 1) | 1] : W[a << 1];
          m = n & 31;
          W[d << 1] = (low << m) | (high >>> 1 >>> (31 - m));
          W[(d << 1) | 1] = (high << m) | (low >>> 1 >>> (31 - m));
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_EXTEND_I32_S:
          x = S[a];
          W[d << 1] = x;
          W[(d << 1) | 1] = x >> 31;
          pc = (pc + 3) | 0;
          continue;
        case Op.I64_EXTEND_I32_U:
          W[d << 1] = S[a];
          W[(d << 1) | 1] = 0;
          pc = (pc + 3) | 0;
          continue;
        case Op.I64_EXTEND8_S:
          x = (W[a << 1] << 24) >> 24;
          W[d << 1] = x;
          W[(d << 1) | 1] = x >> 31;
          pc = (pc + 3) | 0;
          continue;
        case Op.I64_EXTEND16_S:
          x = (W[a << 1] << 16) >> 16;
          W[d << 1] = x;
          W[(d << 1) | 1] = x >> 31;
          pc = (pc + 3) | 0;
          continue;
        case Op.I64_EXTEND32_S:
          x = W[a << 1];
          W[d << 1] = x;
          W[(d << 1) | 1] = x >> 31;
          pc = (pc + 3) | 0;
          continue;

        // f32: an assignment to a Float32Array rounds. What only touches the sign works on the bits.
        case Op.F32_EQ:
          S[d] = F[a] === F[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.F32_NE:
          S[d] = F[a] !== F[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.F32_LT:
          S[d] = F[a] < F[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.F32_GT:
          S[d] = F[a] > F[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.F32_LE:
          S[d] = F[a] <= F[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.F32_GE:
          S[d] = F[a] >= F[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.F32_ABS:
          S[d] = S[a] & 0x7fff_ffff;
          pc = (pc + 3) | 0;
          continue;
        case Op.F32_NEG:
          S[d] = S[a] ^ -0x8000_0000;
          pc = (pc + 3) | 0;
          continue;
        case Op.F32_SQRT:
          F[d] = Math.sqrt(F[a]);
          pc = (pc + 3) | 0;
          continue;
        case Op.F32_ADD:
          F[d] = F[a] + F[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.F32_SUB:
          F[d] = F[a] - F[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.F32_MUL:
          F[d] = F[a] * F[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.F32_DIV:
          F[d] = F[a] / F[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.F32_DEMOTE_F64:
          F[d] = D[a];
          pc = (pc + 3) | 0;
          continue;

        // f64.
        case Op.F64_EQ:
          S[d] = D[a] === D[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_NE:
          S[d] = D[a] !== D[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_LT:
          S[d] = D[a] < D[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_GT:
          S[d] = D[a] > D[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_LE:
          S[d] = D[a] <= D[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_GE:
          S[d] = D[a] >= D[b] ? 1 : 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_ABS:
          x = D[a];
          if (x === x) D[d] = Math.abs(x);
          else copyNan(d, a, 0x7fff_ffff, 0);
          pc = (pc + 3) | 0;
          continue;
        case Op.F64_NEG:
          x = D[a];
          if (x === x) D[d] = -x;
          else copyNan(d, a, -1, -0x8000_0000);
          pc = (pc + 3) | 0;
          continue;
        case Op.F64_SQRT:
          D[d] = Math.sqrt(D[a]);
          pc = (pc + 3) | 0;
          continue;
        case Op.F64_ADD:
          D[d] = D[a] + D[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_SUB:
          D[d] = D[a] - D[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_MUL:
          D[d] = D[a] * D[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_DIV:
          D[d] = D[a] / D[b];
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_ADD_K:
          D[d] = D[a] + FLOATS[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_MUL_K:
          D[d] = D[a] * FLOATS[C[(pc + 3) | 0]];
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_CONVERT_I32_S:
          D[d] = S[a];
          pc = (pc + 3) | 0;
          continue;
        case Op.F64_CONVERT_I32_U:
          D[d] = S[a] >>> 0;
          pc = (pc + 3) | 0;
          continue;
        case Op.F64_PROMOTE_F32:
          D[d] = F[a];
          pc = (pc + 3) | 0;
          continue;

        // Values from one place to another: bits. A NaN that passes through a number may lose its payload, so NaNs go by words; other f64 go whole, for the sake of those who read them next.
        case Op.MOVE32:
          S[d] = S[a];
          pc = (pc + 3) | 0;
          continue;
        case Op.MOVE32_TWICE:
          S[d] = S[a];
          S[b] = S[(fp + C[(pc + 4) | 0]) | 0];
          pc = (pc + 5) | 0;
          continue;
        case Op.MOVE64:
          W[d << 1] = W[a << 1];
          W[(d << 1) | 1] = W[(a << 1) | 1];
          pc = (pc + 3) | 0;
          continue;
        case Op.MOVE_F64:
          x = D[a];
          if (x === x) D[d] = x;
          else copyNan(d, a, -1, 0);
          pc = (pc + 3) | 0;
          continue;
        case Op.CONST32:
          S[d] = C[(pc + 2) | 0];
          pc = (pc + 3) | 0;
          continue;
        case Op.CONST64:
          W[d << 1] = C[(pc + 2) | 0];
          W[(d << 1) | 1] = C[(pc + 3) | 0];
          pc = (pc + 4) | 0;
          continue;
        case Op.CONST_F64:
          D[d] = FLOATS[C[(pc + 2) | 0]];
          pc = (pc + 3) | 0;
          continue;
        case Op.SELECT32:
          S[d] = S[(fp + C[(pc + 4) | 0]) | 0] !== 0 ? S[a] : S[b];
          pc = (pc + 5) | 0;
          continue;
        case Op.SELECT64:
          n = (S[(fp + C[(pc + 4) | 0]) | 0] !== 0 ? a : b) << 1;
          W[d << 1] = W[n];
          W[(d << 1) | 1] = W[n | 1];
          pc = (pc + 5) | 0;
          continue;
        case Op.SELECT_F64:
          n = S[(fp + C[(pc + 4) | 0]) | 0] !== 0 ? a : b;
          x = D[n];
          if (x === x) D[d] = x;
          else copyNan(d, n, -1, 0);
          pc = (pc + 5) | 0;
          continue;
        case Op.GLOBAL_GET32:
          S[d] = G[C[(pc + 2) | 0]];
          pc = (pc + 3) | 0;
          continue;
        case Op.GLOBAL_SET32:
          G[C[(pc + 2) | 0]] = S[d];
          pc = (pc + 3) | 0;
          continue;
        case Op.GLOBAL_GET64:
          word = C[(pc + 2) | 0];
          W[d << 1] = G[word];
          W[(d << 1) | 1] = G[word + 1];
          pc = (pc + 3) | 0;
          continue;
        case Op.GLOBAL_SET64:
          word = C[(pc + 2) | 0];
          G[word] = W[d << 1];
          G[word + 1] = W[(d << 1) | 1];
          pc = (pc + 3) | 0;
          continue;
        case Op.ZERO:
          end = (d + C[(pc + 2) | 0]) | 0;
          for (let slot = d; slot < end; slot = (slot + 1) | 0) {
            S[slot] = 0;
            W[slot << 1] = 0;
            W[(slot << 1) | 1] = 0;
          }
          pc = (pc + 3) | 0;
          continue;

        // Memory 0. `at` is exact, below 2^33; it is checked against the limit before anything is read or written. What lies
        // beyond is for the outer loop to judge.
        case Op.LOAD32:
          at = (S[a] >>> 0) + C[(pc + 3) | 0];
          if (at + 4 > limit) break inner;
          S[d] = (at & 3) === 0 ? M32[at >>> 2] : load32(M8, at);
          pc = (pc + 4) | 0;
          continue;
        case Op.LOAD32_AT:
          at = C[(pc + 2) | 0];
          if (at + 4 > limit) break inner;
          S[d] = (at & 3) === 0 ? M32[at >>> 2] : load32(M8, at);
          pc = (pc + 3) | 0;
          continue;
        case Op.LOAD64:
          at = (S[a] >>> 0) + C[(pc + 3) | 0];
          if (at + 8 > limit) break inner;
          if ((at & 3) === 0) {
            W[d << 1] = M32[at >>> 2];
            W[(d << 1) | 1] = M32[(at >>> 2) + 1];
          } else {
            W[d << 1] = load32(M8, at);
            W[(d << 1) | 1] = load32(M8, at + 4);
          }
          pc = (pc + 4) | 0;
          continue;
        case Op.LOAD64_AT:
          at = C[(pc + 2) | 0];
          if (at + 8 > limit) break inner;
          if ((at & 3) === 0) {
            W[d << 1] = M32[at >>> 2];
            W[(d << 1) | 1] = M32[(at >>> 2) + 1];
          } else {
            W[d << 1] = load32(M8, at);
            W[(d << 1) | 1] = load32(M8, at + 4);
          }
          pc = (pc + 3) | 0;
          continue;
        case Op.F64_LOAD:
          at = (S[a] >>> 0) + C[(pc + 3) | 0];
          if (at + 8 > limit) break inner;
          x = (at & 7) === 0 ? MD[at >>> 3] : NaN;
          if (x === x) D[d] = x;
          else loadWords(d, M8, at);
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_LOAD_AT:
          at = C[(pc + 2) | 0];
          if (at + 8 > limit) break inner;
          x = (at & 7) === 0 ? MD[at >>> 3] : NaN;
          if (x === x) D[d] = x;
          else loadWords(d, M8, at);
          pc = (pc + 3) | 0;
          continue;
        case Op.LOAD8_S:
          at = (S[a] >>> 0) + C[(pc + 3) | 0];
          if (at + 1 > limit) break inner;
          S[d] = (M8[at] << 24) >> 24;
          pc = (pc + 4) | 0;
          continue;
        case Op.LOAD8_U:
          at = (S[a] >>> 0) + C[(pc + 3) | 0];
          if (at + 1 > limit) break inner;
          S[d] = M8[at];
          pc = (pc + 4) | 0;
          continue;
        case Op.LOAD8_U_AT:
          at = C[(pc + 2) | 0];
          if (at + 1 > limit) break inner;
          S[d] = M8[at];
          pc = (pc + 3) | 0;
          continue;
        case Op.LOAD16_S:
          at = (S[a] >>> 0) + C[(pc + 3) | 0];
          if (at + 2 > limit) break inner;
          S[d] = (((at & 1) === 0 ? M16[at >>> 1] : load16(M8, at)) << 16) >> 16;
          pc = (pc + 4) | 0;
          continue;
        case Op.LOAD16_U:
          at = (S[a] >>> 0) + C[(pc + 3) | 0];
          if (at + 2 > limit) break inner;
          S[d] = (at & 1) === 0 ? M16[at >>> 1] : load16(M8, at);
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_LOAD8_S:
          at = (S[a] >>> 0) + C[(pc + 3) | 0];
          if (at + 1 > limit) break inner;
          x = (M8[at] << 24) >> 24;
          W[d << 1] = x;
          W[(d << 1) | 1] = x >> 31;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_LOAD8_U:
          at = (S[a] >>> 0) + C[(pc + 3) | 0];
          if (at + 1 > limit) break inner;
          x = M8[at];
          W[d << 1] = x;
          W[(d << 1) | 1] = 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_LOAD16_S:
          at = (S[a] >>> 0) + C[(pc + 3) | 0];
          if (at + 2 > limit) break inner;
          x = (((at & 1) === 0 ? M16[at >>> 1] : load16(M8, at)) << 16) >> 16;
          W[d << 1] = x;
          W[(d << 1) | 1] = x >> 31;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_LOAD16_U:
          at = (S[a] >>> 0) + C[(pc + 3) | 0];
          if (at + 2 > limit) break inner;
          x = (at & 1) === 0 ? M16[at >>> 1] : load16(M8, at);
          W[d << 1] = x;
          W[(d << 1) | 1] = 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_LOAD32_S:
          at = (S[a] >>> 0) + C[(pc + 3) | 0];
          if (at + 4 > limit) break inner;
          x = (at & 3) === 0 ? M32[at >>> 2] : load32(M8, at);
          W[d << 1] = x;
          W[(d << 1) | 1] = x >> 31;
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_LOAD32_U:
          at = (S[a] >>> 0) + C[(pc + 3) | 0];
          if (at + 4 > limit) break inner;
          x = (at & 3) === 0 ? M32[at >>> 2] : load32(M8, at);
          W[d << 1] = x;
          W[(d << 1) | 1] = 0;
          pc = (pc + 4) | 0;
          continue;
        case Op.STORE32:
          at = (S[d] >>> 0) + C[(pc + 3) | 0];
          if (at + 4 > limit) break inner;
          if ((at & 3) === 0) M32[at >>> 2] = S[a];
          else store32(M8, at, S[a]);
          pc = (pc + 4) | 0;
          continue;
        case Op.STORE32_AT:
          at = C[(pc + 1) | 0];
          if (at + 4 > limit) break inner;
          if ((at & 3) === 0) M32[at >>> 2] = S[a];
          else store32(M8, at, S[a]);
          pc = (pc + 3) | 0;
          continue;
        case Op.STORE64:
          at = (S[d] >>> 0) + C[(pc + 3) | 0];
          if (at + 8 > limit) break inner;
          if ((at & 3) === 0) {
            M32[at >>> 2] = W[a << 1];
            M32[(at >>> 2) + 1] = W[(a << 1) | 1];
          } else {
            store32(M8, at, W[a << 1]);
            store32(M8, at + 4, W[(a << 1) | 1]);
          }
          pc = (pc + 4) | 0;
          continue;
        case Op.STORE64_AT:
          at = C[(pc + 1) | 0];
          if (at + 8 > limit) break inner;
          if ((at & 3) === 0) {
            M32[at >>> 2] = W[a << 1];
            M32[(at >>> 2) + 1] = W[(a << 1) | 1];
          } else {
            store32(M8, at, W[a << 1]);
            store32(M8, at + 4, W[(a << 1) | 1]);
          }
          pc = (pc + 3) | 0;
          continue;
        case Op.F64_STORE:
          at = (S[d] >>> 0) + C[(pc + 3) | 0];
          if (at + 8 > limit) break inner;
          x = D[a];
          if (x === x && (at & 7) === 0) MD[at >>> 3] = x;
          else storeWords(a, M8, at);
          pc = (pc + 4) | 0;
          continue;
        case Op.F64_STORE_AT:
          at = C[(pc + 1) | 0];
          if (at + 8 > limit) break inner;
          x = D[a];
          if (x === x && (at & 7) === 0) MD[at >>> 3] = x;
          else storeWords(a, M8, at);
          pc = (pc + 3) | 0;
          continue;
        case Op.STORE8:
          at = (S[d] >>> 0) + C[(pc + 3) | 0];
          if (at + 1 > limit) break inner;
          M8[at] = S[a];
          pc = (pc + 4) | 0;
          continue;
        case Op.STORE8_AT:
          at = C[(pc + 1) | 0];
          if (at + 1 > limit) break inner;
          M8[at] = S[a];
          pc = (pc + 3) | 0;
          continue;
        case Op.STORE16:
          at = (S[d] >>> 0) + C[(pc + 3) | 0];
          if (at + 2 > limit) break inner;
          if ((at & 1) === 0) M16[at >>> 1] = S[a];
          else store16(M8, at, S[a]);
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_STORE8:
          at = (S[d] >>> 0) + C[(pc + 3) | 0];
          if (at + 1 > limit) break inner;
          M8[at] = W[a << 1];
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_STORE16:
          at = (S[d] >>> 0) + C[(pc + 3) | 0];
          if (at + 2 > limit) break inner;
          if ((at & 1) === 0) M16[at >>> 1] = W[a << 1];
          else store16(M8, at, W[a << 1]);
          pc = (pc + 4) | 0;
          continue;
        case Op.I64_STORE32:
          at = (S[d] >>> 0) + C[(pc + 3) | 0];
          if (at + 4 > limit) break inner;
          if ((at & 3) === 0) M32[at >>> 2] = W[a << 1];
          else store32(M8, at, W[a << 1]);
          pc = (pc + 4) | 0;
          continue;
        case Op.LOAD32_SUM:
          at = ((S[a] + C[(pc + 4) | 0]) >>> 0) + C[(pc + 3) | 0];
          if (at + 4 > limit) break inner;
          S[d] = (at & 3) === 0 ? M32[at >>> 2] : load32(M8, at);
          pc = (pc + 5) | 0;
          continue;
        case Op.LOAD64_SUM:
          at = ((S[a] + C[(pc + 4) | 0]) >>> 0) + C[(pc + 3) | 0];
          if (at + 8 > limit) break inner;
          if ((at & 3) === 0) {
            W[d << 1] = M32[at >>> 2];
            W[(d << 1) | 1] = M32[(at >>> 2) + 1];
          } else {
            W[d << 1] = load32(M8, at);
            W[(d << 1) | 1] = load32(M8, at + 4);
          }
          pc = (pc + 5) | 0;
          continue;
        case Op.LOAD8_S_SUM:
          at = ((S[a] + C[(pc + 4) | 0]) >>> 0) + C[(pc + 3) | 0];
          if (at + 1 > limit) break inner;
          S[d] = (M8[at] << 24) >> 24;
          pc = (pc + 5) | 0;
          continue;
        case Op.LOAD8_U_SUM:
          at = ((S[a] + C[(pc + 4) | 0]) >>> 0) + C[(pc + 3) | 0];
          if (at + 1 > limit) break inner;
          S[d] = M8[at];
          pc = (pc + 5) | 0;
          continue;
        case Op.LOAD16_S_SUM:
          at = ((S[a] + C[(pc + 4) | 0]) >>> 0) + C[(pc + 3) | 0];
          if (at + 2 > limit) break inner;
          S[d] = (((at & 1) === 0 ? M16[at >>> 1] : load16(M8, at)) << 16) >> 16;
          pc = (pc + 5) | 0;
          continue;
        case Op.LOAD16_U_SUM:
          at = ((S[a] + C[(pc + 4) | 0]) >>> 0) + C[(pc + 3) | 0];
          if (at + 2 > limit) break inner;
          S[d] = (at & 1) === 0 ? M16[at >>> 1] : load16(M8, at);
          pc = (pc + 5) | 0;
          continue;
        case Op.F64_LOAD_SUM:
          at = ((S[a] + C[(pc + 4) | 0]) >>> 0) + C[(pc + 3) | 0];
          if (at + 8 > limit) break inner;
          x = (at & 7) === 0 ? MD[at >>> 3] : NaN;
          if (x === x) D[d] = x;
          else loadWords(d, M8, at);
          pc = (pc + 5) | 0;
          continue;
        case Op.STORE32_SUM:
          at = ((S[d] + C[(pc + 4) | 0]) >>> 0) + C[(pc + 3) | 0];
          if (at + 4 > limit) break inner;
          if ((at & 3) === 0) M32[at >>> 2] = S[a];
          else store32(M8, at, S[a]);
          pc = (pc + 5) | 0;
          continue;
        case Op.STORE64_SUM:
          at = ((S[d] + C[(pc + 4) | 0]) >>> 0) + C[(pc + 3) | 0];
          if (at + 8 > limit) break inner;
          if ((at & 3) === 0) {
            M32[at >>> 2] = W[a << 1];
            M32[(at >>> 2) + 1] = W[(a << 1) | 1];
          } else {
            store32(M8, at, W[a << 1]);
            store32(M8, at + 4, W[(a << 1) | 1]);
          }
          pc = (pc + 5) | 0;
          continue;
        case Op.STORE8_SUM:
          at = ((S[d] + C[(pc + 4) | 0]) >>> 0) + C[(pc + 3) | 0];
          if (at + 1 > limit) break inner;
          M8[at] = S[a];
          pc = (pc + 5) | 0;
          continue;
        case Op.STORE16_SUM:
          at = ((S[d] + C[(pc + 4) | 0]) >>> 0) + C[(pc + 3) | 0];
          if (at + 2 > limit) break inner;
          if ((at & 1) === 0) M16[at >>> 1] = S[a];
          else store16(M8, at, S[a]);
          pc = (pc + 5) | 0;
          continue;
        case Op.F64_STORE_SUM:
          at = ((S[d] + C[(pc + 4) | 0]) >>> 0) + C[(pc + 3) | 0];
          if (at + 8 > limit) break inner;
          x = D[a];
          if (x === x && (at & 7) === 0) MD[at >>> 3] = x;
          else storeWords(a, M8, at);
          pc = (pc + 5) | 0;
          continue;
        case Op.LOAD32_INDEX:
          at = ((S[a] + S[b]) >>> 0) + C[(pc + 4) | 0];
          if (at + 4 > limit) break inner;
          S[d] = (at & 3) === 0 ? M32[at >>> 2] : load32(M8, at);
          pc = (pc + 5) | 0;
          continue;
        case Op.LOAD8_U_INDEX:
          at = ((S[a] + S[b]) >>> 0) + C[(pc + 4) | 0];
          if (at + 1 > limit) break inner;
          S[d] = M8[at];
          pc = (pc + 5) | 0;
          continue;
        case Op.LOAD16_S_INDEX:
          at = ((S[a] + S[b]) >>> 0) + C[(pc + 4) | 0];
          if (at + 2 > limit) break inner;
          S[d] = (((at & 1) === 0 ? M16[at >>> 1] : load16(M8, at)) << 16) >> 16;
          pc = (pc + 5) | 0;
          continue;
        case Op.LOAD16_U_INDEX:
          at = ((S[a] + S[b]) >>> 0) + C[(pc + 4) | 0];
          if (at + 2 > limit) break inner;
          S[d] = (at & 1) === 0 ? M16[at >>> 1] : load16(M8, at);
          pc = (pc + 5) | 0;
          continue;
        case Op.F64_LOAD_INDEX:
          at = ((S[a] + S[b]) >>> 0) + C[(pc + 4) | 0];
          if (at + 8 > limit) break inner;
          x = (at & 7) === 0 ? MD[at >>> 3] : NaN;
          if (x === x) D[d] = x;
          else loadWords(d, M8, at);
          pc = (pc + 5) | 0;
          continue;
        case Op.STORE32_K:
          at = (S[d] >>> 0) + C[(pc + 3) | 0];
          if (at + 4 > limit) break inner;
          if ((at & 3) === 0) M32[at >>> 2] = C[(pc + 2) | 0];
          else store32(M8, at, C[(pc + 2) | 0]);
          pc = (pc + 4) | 0;
          continue;
        case Op.STORE8_K:
          at = (S[d] >>> 0) + C[(pc + 3) | 0];
          if (at + 1 > limit) break inner;
          M8[at] = C[(pc + 2) | 0];
          pc = (pc + 4) | 0;
          continue;
        case Op.I32_ADD_LOAD:
          at = (S[b] >>> 0) + C[(pc + 4) | 0];
          if (at + 4 > limit) break inner;
          S[d] = (S[a] + ((at & 3) === 0 ? M32[at >>> 2] : load32(M8, at))) | 0;
          pc = (pc + 5) | 0;
          continue;
        case Op.F64_ADD_LOAD:
          at = (S[b] >>> 0) + C[(pc + 4) | 0];
          if (at + 8 > limit) break inner;
          D[d] = D[a] + ((at & 7) === 0 ? MD[at >>> 3] : loadF64(M8, at));
          pc = (pc + 5) | 0;
          continue;
        case Op.F64_SUB_LOAD:
          at = (S[b] >>> 0) + C[(pc + 4) | 0];
          if (at + 8 > limit) break inner;
          D[d] = D[a] - ((at & 7) === 0 ? MD[at >>> 3] : loadF64(M8, at));
          pc = (pc + 5) | 0;
          continue;
        case Op.F64_MUL_LOAD:
          at = (S[b] >>> 0) + C[(pc + 4) | 0];
          if (at + 8 > limit) break inner;
          D[d] = D[a] * ((at & 7) === 0 ? MD[at >>> 3] : loadF64(M8, at));
          pc = (pc + 5) | 0;
          continue;
        case Op.MEMORY_SIZE:
          S[d] = memory.size();
          pc = (pc + 2) | 0;
          continue;
        case Op.MEMORY_GROW:
          S[d] = instance.memories[C[(pc + 3) | 0]].grow(S[a] >>> 0);
          pc = (pc + 4) | 0;
          at = -1;
          break inner;

        // Control.
        case Op.BR:
          pc = C[(pc + 1) | 0];
          continue;
        case Op.BR_IF:
          if (S[d] !== 0) pc = C[(pc + 2) | 0];
          else pc = (pc + 3) | 0;
          continue;
        case Op.BR_UNLESS:
          if (S[d] === 0) pc = C[(pc + 2) | 0];
          else pc = (pc + 3) | 0;
          continue;
        case Op.BR_TABLE:
          index = S[d] >>> 0;
          count = C[(pc + 2) | 0];
          if (index > count) index = count;
          pc = C[(pc + 3 + index) | 0];
          continue;
        case Op.BR_I32_EQ:
          if (S[d] === S[a]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_NE:
          if (S[d] !== S[a]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_LT_S:
          if (S[d] < S[a]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_LT_U:
          if ((S[d] >>> 0) < (S[a] >>> 0)) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_GT_S:
          if (S[d] > S[a]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_GT_U:
          if ((S[d] >>> 0) > (S[a] >>> 0)) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_LE_S:
          if (S[d] <= S[a]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_LE_U:
          if ((S[d] >>> 0) <= (S[a] >>> 0)) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_GE_S:
          if (S[d] >= S[a]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_GE_U:
          if ((S[d] >>> 0) >= (S[a] >>> 0)) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_EQ_K:
          if (S[d] === C[(pc + 2) | 0]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_NE_K:
          if (S[d] !== C[(pc + 2) | 0]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_LT_S_K:
          if (S[d] < C[(pc + 2) | 0]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_LT_U_K:
          if ((S[d] >>> 0) < (C[(pc + 2) | 0] >>> 0)) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_GT_S_K:
          if (S[d] > C[(pc + 2) | 0]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_GT_U_K:
          if ((S[d] >>> 0) > (C[(pc + 2) | 0] >>> 0)) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_LE_S_K:
          if (S[d] <= C[(pc + 2) | 0]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_LE_U_K:
          if ((S[d] >>> 0) <= (C[(pc + 2) | 0] >>> 0)) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_GE_S_K:
          if (S[d] >= C[(pc + 2) | 0]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I32_GE_U_K:
          if ((S[d] >>> 0) >= (C[(pc + 2) | 0] >>> 0)) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I64_EQ:
          if (W[d << 1] === W[a << 1] && W[(d << 1) | 1] === W[(a << 1) | 1]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I64_NE:
          if (W[d << 1] !== W[a << 1] || W[(d << 1) | 1] !== W[(a << 1) | 1]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I64_LT_S:
          x = W[(d << 1) | 1];
          y = W[(a << 1) | 1];
          if (x === y ? W[d << 1] >>> 0 < W[a << 1] >>> 0 : x < y) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I64_LT_U:
          x = W[(d << 1) | 1];
          y = W[(a << 1) | 1];
          if (x === y ? W[d << 1] >>> 0 < W[a << 1] >>> 0 : x >>> 0 < y >>> 0) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I64_GT_S:
          x = W[(d << 1) | 1];
          y = W[(a << 1) | 1];
          if (x === y ? W[d << 1] >>> 0 > W[a << 1] >>> 0 : x > y) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I64_GT_U:
          x = W[(d << 1) | 1];
          y = W[(a << 1) | 1];
          if (x === y ? W[d << 1] >>> 0 > W[a << 1] >>> 0 : x >>> 0 > y >>> 0) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I64_LE_S:
          x = W[(d << 1) | 1];
          y = W[(a << 1) | 1];
          if (x === y ? W[d << 1] >>> 0 <= W[a << 1] >>> 0 : x < y) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I64_LE_U:
          x = W[(d << 1) | 1];
          y = W[(a << 1) | 1];
          if (x === y ? W[d << 1] >>> 0 <= W[a << 1] >>> 0 : x >>> 0 < y >>> 0) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I64_GE_S:
          x = W[(d << 1) | 1];
          y = W[(a << 1) | 1];
          if (x === y ? W[d << 1] >>> 0 >= W[a << 1] >>> 0 : x > y) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_I64_GE_U:
          x = W[(d << 1) | 1];
          y = W[(a << 1) | 1];
          if (x === y ? W[d << 1] >>> 0 >= W[a << 1] >>> 0 : x >>> 0 > y >>> 0) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.ADD_BR_IF:
          x = (S[a] + C[(pc + 3) | 0]) | 0;
          S[d] = x;
          if (x !== 0) pc = C[(pc + 4) | 0];
          else pc = (pc + 5) | 0;
          continue;
        case Op.ADD_BR_NE:
          x = (S[a] + C[(pc + 3) | 0]) | 0;
          S[d] = x;
          if (x !== S[(fp + C[(pc + 4) | 0]) | 0]) pc = C[(pc + 5) | 0];
          else pc = (pc + 6) | 0;
          continue;
        case Op.ADD_BR_NE_K:
          x = (S[a] + C[(pc + 3) | 0]) | 0;
          S[d] = x;
          if (x !== C[(pc + 4) | 0]) pc = C[(pc + 5) | 0];
          else pc = (pc + 6) | 0;
          continue;
        case Op.BR_I64_EQZ:
          if ((W[d << 1] | W[(d << 1) | 1]) === 0) pc = C[(pc + 2) | 0];
          else pc = (pc + 3) | 0;
          continue;
        case Op.BR_I64_NEZ:
          if ((W[d << 1] | W[(d << 1) | 1]) !== 0) pc = C[(pc + 2) | 0];
          else pc = (pc + 3) | 0;
          continue;
        case Op.BR_F64_EQ:
          if (D[d] === D[a]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_F64_NE:
          if (D[d] !== D[a]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_F64_LT:
          if (D[d] < D[a]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_F64_GT:
          if (D[d] > D[a]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_F64_LE:
          if (D[d] <= D[a]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_F64_GE:
          if (D[d] >= D[a]) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_F64_NOT_EQ:
          if (!(D[d] === D[a])) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_F64_NOT_NE:
          if (!(D[d] !== D[a])) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_F64_NOT_LT:
          if (!(D[d] < D[a])) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_F64_NOT_GT:
          if (!(D[d] > D[a])) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_F64_NOT_LE:
          if (!(D[d] <= D[a])) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;
        case Op.BR_F64_NOT_GE:
          if (!(D[d] >= D[a])) pc = C[(pc + 3) | 0];
          else pc = (pc + 4) | 0;
          continue;

        // Calls.
        case Op.CALL:
          fp = (fp + C[(pc + 2) | 0]) | 0;
          if (fp > STACK_SLOTS) throw exhausted(pc, cp);
          CALLS[cp] = pc + 3;
          cp = (cp + 1) | 0;
          pc = C[(pc + 1) | 0];
          continue;
        case Op.CALL_FIRST:
          C[pc + 1] = entryOf(instance.code, C[(pc + 1) | 0]);
          C[pc] = Op.CALL;
          continue;
        case Op.CALL_IMPORT:
          callee = instance.functionAt(C[(pc + 1) | 0]);
          width = 3;
          break inner;
        case Op.CALL_INDIRECT:
          callee = tableFunction(instance, pc, S[b] >>> 0, cp);
          if (callee.instance !== instance) {
            width = 5;
            break inner;
          }
          fp = (fp + C[(pc + 4) | 0]) | 0;
          if (fp > STACK_SLOTS) throw exhausted(pc, cp);
          CALLS[cp] = pc + 5;
          cp = (cp + 1) | 0;
          pc = ENTRIES[callee.index];
          if (pc < 0) pc = entryOf(instance.code, callee.index);
          callee = null;
          continue;
        case Op.RETURN:
          cp = (cp - 1) | 0;
          pc = CALLS[cp];
          fp = (fp - C[(pc - 1) | 0]) | 0;
          continue;
        case Op.RETURN32:
          S[fp] = S[d];
          cp = (cp - 1) | 0;
          pc = CALLS[cp];
          fp = (fp - C[(pc - 1) | 0]) | 0;
          continue;
        case Op.RETURN64:
          W[fp << 1] = W[d << 1];
          W[(fp << 1) | 1] = W[(d << 1) | 1];
          cp = (cp - 1) | 0;
          pc = CALLS[cp];
          fp = (fp - C[(pc - 1) | 0]) | 0;
          continue;
        case Op.RETURN_F64:
          x = D[d];
          if (x === x) D[fp] = x;
          else copyNan(fp, d, -1, 0);
          cp = (cp - 1) | 0;
          pc = CALLS[cp];
          fp = (fp - C[(pc - 1) | 0]) | 0;
          continue;
        case Op.LOOP:
          pc = turn(pc, fp, cp, instance);
          if (comeAgain(pc, fp, cp, instance)) return true;
          if (memory.byteLength === limit) continue;
          at = -1;
          break inner;
        case Op.ENTER:
          pc = entered(pc, cp, instance);
          if (comeAgain(pc, fp, cp, instance)) return true;
          continue;
        case Op.EMITTED:
          pc = enterFunction(pc, fp, cp, instance);
          // The memory may have grown.
          if (memory.byteLength === limit) continue;
          at = -1;
          break inner;
        case Op.CALL_REF:
          callee = R[d] as FunctionInstance | null;
          if (callee === null) throw stop(NULL_FUNCTION, pc, cp);
          width = 3;
          break inner;
        case Op.TAIL_CALL:
          pc = C[(pc + 1) | 0];
          continue;
        case Op.TAIL_CALL_FIRST:
          C[pc + 1] = entryOf(instance.code, C[(pc + 1) | 0]);
          C[pc] = Op.TAIL_CALL;
          continue;
        case Op.TAIL_CALL_IMPORT:
          callee = instance.functionAt(C[(pc + 1) | 0]);
          break inner;
        case Op.TAIL_CALL_INDIRECT:
          callee = tableFunction(instance, pc, S[b] >>> 0, cp);
          break inner;
        case Op.TAIL_CALL_REF:
          callee = R[d] as FunctionInstance | null;
          if (callee === null) throw stop(NULL_FUNCTION, pc, cp);
          break inner;
        case Op.THROW:
          raised = exceptionFrom(instance.tags[C[(pc + 1) | 0]], a);
          break inner;
        case Op.THROW_REF:
          raised = R[d] as Exception | null;
          if (raised === null) throw stop('null exception reference', pc, cp);
          break inner;
        case Op.UNREACHABLE:
          throw stop('unreachable', pc, cp);
        case Op.HALT:
          return false;
        case Op.LEAVE_INSTANCE:
          instance = stack.machine.left.pop() as Instance;
          cp = (cp - 1) | 0;
          pc = CALLS[cp];
          fp = (fp - C[(pc - 1) | 0]) | 0;
          at = -1;
          break inner;
        default:
          pc = C[pc] < Group.VECTOR ? (C[pc] < Op.FIRST_OBJECT ? cold : objects)(pc, fp, cp, instance) : C[pc] < Group.ATOMIC ? vectors(pc, fp, cp, instance) : atomic(pc, fp, cp, instance);
          continue;
      }
    }

    if (callee === null && raised === null) {
      // Another thread may have made room; then the operation is performed again.
      if (at >= 0 && memory.byteLength === limit && !memory.refresh()) throw stop(MEMORY_BOUNDS, pc, cp);
      continue;
    }
    if (callee !== null) {
      if (width === 0) {
        // A tail call: nothing is left of the caller but, at most, the way back into its caller's instance.
        if (callee.host !== null) {
          raised = callHost(callee, fp, cp);
          if (raised === null) {
            cp = (cp - 1) | 0;
            pc = CALLS[cp];
            fp = (fp - C[pc - 1]) | 0;
          }
        } else {
          const back = CALLS[cp - 1];
          if (callee.instance !== instance && back !== LEAVE_ADDRESS && back !== HALT_ADDRESS) {
            stack.machine.left.push(instance);
            CALLS[cp] = LEAVE_ADDRESS;
            cp = (cp + 1) | 0;
          }
          instance = callee.instance!;
          pc = entryOf(instance.code, callee.index);
        }
      } else {
        const after = (pc + width) | 0;
        const base = (fp + C[after - 1]) | 0;
        if (base > STACK_SLOTS) throw exhausted(pc, cp);
        CALLS[cp] = after;
        cp = (cp + 1) | 0;
        if (callee.host !== null) {
          raised = callHost(callee, base, cp);
          cp = (cp - 1) | 0;
          if (raised === null) pc = after;
        } else {
          if (callee.instance !== instance) {
            stack.machine.left.push(instance);
            CALLS[cp] = LEAVE_ADDRESS;
            cp = (cp + 1) | 0;
          }
          fp = base;
          instance = callee.instance!;
          pc = entryOf(instance.code, callee.index);
        }
      }
    }
    if (raised !== null) {
      unwind(raised, pc, fp, cp, instance);
      const { resume } = stack.machine;
      pc = resume.pc;
      fp = resume.fp;
      cp = resume.cp;
      instance = resume.instance as Instance;
    }
  }
}

// Accesses that are not aligned, byte by byte: memory is little-endian and so is every host of V8.

function load16(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}
function load32(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
const FLOAT = new Float64Array(1);
const FLOAT_WORDS = new Int32Array(FLOAT.buffer);
/** To be computed with: of a NaN, the payload may get lost. */
function loadF64(bytes: Uint8Array, at: number): number {
  FLOAT_WORDS[0] = load32(bytes, at);
  FLOAT_WORDS[1] = load32(bytes, at + 4);
  return FLOAT[0];
}
/** The words of an f64 that is not aligned, or a NaN. */
function loadWords(slot: number, bytes: Uint8Array, at: number): void {
  W[slot << 1] = load32(bytes, at);
  W[(slot << 1) | 1] = load32(bytes, at + 4);
}
function storeWords(slot: number, bytes: Uint8Array, at: number): void {
  store32(bytes, at, W[slot << 1]);
  store32(bytes, at + 4, W[(slot << 1) | 1]);
}
/** A NaN from slot to slot, its high word changed: those of its bits kept that `and` has, those turned that `xor` has. */
function copyNan(to: number, from: number, and: number, xor: number): void {
  const high = W[(from << 1) | 1];
  W[to << 1] = W[from << 1];
  W[(to << 1) | 1] = (high & and) ^ xor;
}
function store16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}
function store32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
