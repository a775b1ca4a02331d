// Numeric instructions: forms with a constant, sums put off, operands taken from memory; and comparisons, which melt into the
// branch behind them.
import { INSTRUCTION_INFOS, infoOf } from '../../instructions.js';
import { Type, type ValueType } from '../../types.js';
import { floatConstant } from '../../runtime/code-space.js';
import { Code } from '../codes.js';
import { NUMERIC_BASE, Op } from '../ops.js';
import { FLOAT, Kind, Operands, WORDS } from './operands.js';
import { TYPE_OF_LETTER } from './value-types.js';

/** What a condition turned out to be, `CondKind` and its operands. */
export const enum Cond {
  VALUE,
  I32,
  I32_K,
  I64,
  I64_ZERO,
  F64,
}

/** Index in the families of ten integer comparisons -> the opposite comparison. */
const OPPOSITE = [1, 0, 8, 9, 6, 7, 4, 5, 2, 3];
const NOT_EQUAL = 1;
/** -> the same comparison with its operands swapped. */
const SWAPPED = [0, 1, 4, 5, 2, 3, 8, 9, 6, 7];

/** Instruction byte -> type of its result, and whether it has two operands, from the table. */
export const RESULT_TYPES = new Uint8Array(256);
export const IS_BINARY = new Uint8Array(256);
for (const { code, type } of INSTRUCTION_INFOS) {
  if (code > 0xff || type === null) continue;
  RESULT_TYPES[code] = TYPE_OF_LETTER[type.results] ?? 0;
  IS_BINARY[code] = type.params.length === 2 ? 1 : 0;
}

const I32_CONST_FORMS = constForms([
  ['i32.eq', Op.I32_EQ_K], ['i32.ne', Op.I32_NE_K], ['i32.lt_s', Op.I32_LT_S_K], ['i32.lt_u', Op.I32_LT_U_K], ['i32.gt_s', Op.I32_GT_S_K],
  ['i32.gt_u', Op.I32_GT_U_K], ['i32.le_s', Op.I32_LE_S_K], ['i32.le_u', Op.I32_LE_U_K], ['i32.ge_s', Op.I32_GE_S_K], ['i32.ge_u', Op.I32_GE_U_K],
  ['i32.add', Op.I32_ADD_K], ['i32.mul', Op.I32_MUL_K], ['i32.and', Op.I32_AND_K], ['i32.or', Op.I32_OR_K], ['i32.xor', Op.I32_XOR_K],
  ['i32.shl', Op.I32_SHL_K], ['i32.shr_s', Op.I32_SHR_S_K], ['i32.shr_u', Op.I32_SHR_U_K], ['i32.rotl', Op.I32_ROTL_K],
]);
const I64_CONST_FORMS = constForms([
  ['i64.add', Op.I64_ADD_K], ['i64.and', Op.I64_AND_K], ['i64.shl', Op.I64_SHL_K], ['i64.shr_s', Op.I64_SHR_S_K], ['i64.shr_u', Op.I64_SHR_U_K],
]);
const COMMUTATIVE = new Set(
  (['i32.add', 'i32.mul', 'i32.and', 'i32.or', 'i32.xor', 'i32.eq', 'i32.ne', 'i64.add', 'i64.and', 'f64.add', 'f64.mul'] as const).map((mnemonic) => infoOf(mnemonic).code),
);

function constForms(forms: ReadonlyArray<readonly [Parameters<typeof infoOf>[0], Op]>): Int16Array {
  const table = new Int16Array(256).fill(-1);
  for (const [mnemonic, op] of forms) table[infoOf(mnemonic).code] = op;
  return table;
}

/** Whether an operation yields 0 or 1 and nothing else. */
const isTruth = (op: number): boolean => op <= Op.F64_GE || (op >= Op.I32_EQ_K && op <= Op.I32_GE_U_K);

export abstract class Arithmetic extends Operands {
  // The condition of a branch: see `takeCondition`.
  protected cond = Cond.VALUE;
  protected condIndex = 0;
  protected condA = 0;
  protected condB = 0;
  /** Whether the branch is to be taken when the condition does not hold. */
  protected condNegated = false;

  protected unary(op: Op, type: ValueType): void {
    const a = this.slot(this.height - 1);
    const previous = this.last;
    this.pop();
    const d = this.pushHome(type);
    this.result(previous, op, d, a);
  }

  protected binary(code: number): void {
    const right = this.height - 1;
    if (this.kinds[right - 1] === Kind.CONST && this.kinds[right] !== Kind.CONST) {
      const swapped = COMMUTATIVE.has(code) ? code : code >= Code.I32_EQ && code <= Code.I32_GE_U ? Code.I32_EQ + SWAPPED[code - Code.I32_EQ]! : -1;
      if (swapped >= 0 && this.binaryConst(swapped, right - 1, right)) return;
    }
    if (this.kinds[right] === Kind.CONST && this.binaryConst(code, right, right - 1)) return;
    if (this.binaryLoad(code, right - 1, right) || (COMMUTATIVE.has(code) && this.binaryLoad(code, right, right - 1))) return;
    const a = this.slot(right - 1);
    const b = this.slot(right);
    const previous = this.last;
    this.pop();
    this.pop();
    const d = this.pushHome(RESULT_TYPES[code]!);
    this.result3(previous, code - NUMERIC_BASE, d, a, b);
  }

  /** The form with a constant, when there is one for it. */
  protected binaryConst(code: number, constant: number, other: number): boolean {
    let k = this.values[constant]!;
    let op: number;
    if (this.types[constant] === Type.I32) {
      op = I32_CONST_FORMS[code]!;
      if (code === Code.I32_SUB) {
        op = Op.I32_ADD_K;
        k = -k | 0;
      }
      if (op === Op.I32_ADD_K && this.pushSum(other, k)) return true;
      if (op === Op.I32_AND_K && k === 1 && other < constant && this.isFresh(other) && isTruth(this.out[this.last]!)) {
        this.pop();
        return true;
      }
    } else if (this.types[constant] === Type.F64) {
      const negated = code === Code.F64_SUB && other < constant;
      op = code === Code.F64_MUL ? Op.F64_MUL_K : code === Code.F64_ADD || negated ? Op.F64_ADD_K : -1;
      WORDS[0] = k;
      WORDS[1] = this.highs[constant]!;
      k = op < 0 ? -1 : floatConstant(negated ? -FLOAT[0]! : FLOAT[0]!);
      if (k < 0) return false;
    } else if (this.types[constant] === Type.I64 && this.highs[constant] === k >> 31) {
      op = I64_CONST_FORMS[code]!;
      if (code === Code.I64_SUB && k !== -0x8000_0000) {
        op = Op.I64_ADD_K;
        k = -k;
      }
    } else {
      return false;
    }
    if (op < 0) return false;
    if (op === Op.I32_AND_K && other < constant && this.isFresh(other) && this.out[this.last] === Op.I32_SHR_U_K) {
      this.pop();
      this.out[this.last] = Op.I32_BITS;
      this.word(k);
      return true;
    }
    const a = this.slot(other);
    const previous = this.last;
    this.pop();
    this.pop();
    const d = this.pushHome(RESULT_TYPES[code]!);
    this.result3(previous, op, d, a, k);
    return true;
  }

  /** Whether the last operation wrote operand `index`, and may still be changed or taken back. */
  protected isFresh(index: number): boolean {
    return this.last >= 0 && this.kinds[index] === Kind.HOME && this.out[this.last + 1] === this.homes[index];
  }

  /** The sum of operand `other` and a constant, put off until somebody needs it: a load or store adds by itself. Takes both operands. */
  protected pushSum(other: number, k: number): boolean {
    const kind = this.kinds[other] as Kind;
    const local = this.locals[other]!;
    // In its home it can only stay where that is the home of the sum.
    if (kind === Kind.CONST || (local < 0 && other !== this.height - 2)) return false;
    const base = this.slotOfSum(other);
    const sum = kind === Kind.SUM ? (this.highs[other]! + k) | 0 : k;
    this.pop();
    this.pop();
    this.push(Type.I32, Kind.SUM, base, sum);
    if (local >= 0) {
      this.locals[this.height - 1] = local;
      this.aliases[local]!++;
    }
    return true;
  }
  protected slotOfSum(index: number): number {
    return this.kinds[index] === Kind.HOME ? this.homes[index]! : this.values[index]!;
  }

  /** The form that loads its right operand, when that was loaded by the last operation and `left` needs no code. */
  protected binaryLoad(code: number, left: number, loaded: number): boolean {
    const { out, last } = this;
    if (!this.isFresh(loaded) || this.kinds[left] === Kind.CONST || this.kinds[left] === Kind.SUM) return false;
    let op: Op;
    if (out[last] === Op.LOAD32 && code === Code.I32_ADD) op = Op.I32_ADD_LOAD;
    else if (out[last] !== Op.F64_LOAD) return false;
    else if (code === Code.F64_ADD) op = Op.F64_ADD_LOAD;
    else if (code === Code.F64_SUB) op = Op.F64_SUB_LOAD;
    else if (code === Code.F64_MUL) op = Op.F64_MUL_LOAD;
    else return false;
    const base = out[last + 2]!;
    const offset = out[last + 3]!;
    const a = this.slot(left);
    this.unemit(last);
    this.pop();
    this.pop();
    this.result3(-1, op, this.pushHome(RESULT_TYPES[code]!), a, base);
    this.word(offset);
    return true;
  }

  /** `i32.eqz` behind an integer comparison turns it round. */
  protected eqz(): void {
    const { last, out } = this;
    if (this.isFresh(this.height - 1)) {
      const op = out[last]!;
      for (const first of [Op.I32_EQ, Op.I32_EQ_K, Op.I64_EQ] as const) {
        if (op >= first && op < first + 10) {
          out[last] = first + OPPOSITE[op - first]!;
          return;
        }
      }
      if (op === Op.I32_EQZ) {
        out[last] = Op.I32_NE_K;
        this.word(0);
        return;
      }
    }
    this.unary(Op.I32_EQZ, Type.I32);
  }

  // ---- Conditions: taken off the stack first, then other code may be emitted, then the branch.

  protected takeCondition(): void {
    const { last, out } = this;
    const top = this.height - 1;
    this.condNegated = false;
    this.cond = Cond.VALUE;
    if (!this.isFresh(top)) {
      this.condA = this.slot(top);
      this.pop();
      return;
    }
    let start = last;
    if (out[start] === Op.I32_EQZ) {
      this.condNegated = true;
      const before = this.beforeLast;
      // A float comparison has no opposite to turn it into: the pair melts into a negated branch.
      if (before >= 0 && out[before + 1] === out[start + 2] && out[before]! >= Op.F64_EQ && out[before]! <= Op.F64_GE && before + 4 === start) start = before;
    }
    const op = out[start]!;
    this.condA = out[start + 2]!;
    this.condB = out[start + 3]!;
    if (op === Op.I32_EQZ) {
      this.cond = Cond.VALUE;
    } else if (op >= Op.I32_EQ && op <= Op.I32_GE_U) {
      this.cond = Cond.I32;
      this.condIndex = op - Op.I32_EQ;
    } else if (op >= Op.I32_EQ_K && op <= Op.I32_GE_U_K) {
      this.cond = Cond.I32_K;
      this.condIndex = op - Op.I32_EQ_K;
    } else if (op >= Op.I64_EQ && op <= Op.I64_GE_U) {
      this.cond = Cond.I64;
      this.condIndex = op - Op.I64_EQ;
    } else if (op === Op.I64_EQZ) {
      this.cond = Cond.I64_ZERO;
    } else if (op >= Op.F64_EQ && op <= Op.F64_GE) {
      this.cond = Cond.F64;
      this.condIndex = op - Op.F64_EQ;
    } else {
      this.condA = this.homes[top]!;
      this.pop();
      return;
    }
    this.unemit(start);
    this.pop();
  }

  /** A branch taken when the condition holds, or when it does not; leaves the address to be written. */
  protected branchOn(holds: boolean): void {
    const sense = holds !== this.condNegated;
    if (this.branchOnSum(sense)) return;
    const index = sense ? this.condIndex : OPPOSITE[this.condIndex]!;
    switch (this.cond) {
      case Cond.VALUE: this.emit1(sense ? Op.BR_IF : Op.BR_UNLESS, this.condA); return;
      case Cond.I32: this.emit2(Op.BR_I32_EQ + index, this.condA, this.condB); return;
      case Cond.I32_K: this.emit2(Op.BR_I32_EQ_K + index, this.condA, this.condB); return;
      case Cond.I64: this.emit2(Op.BR_I64_EQ + index, this.condA, this.condB); return;
      case Cond.I64_ZERO: this.emit1(sense ? Op.BR_I64_EQZ : Op.BR_I64_NEZ, this.condA); return;
      case Cond.F64: this.emit2((sense ? Op.BR_F64_EQ : Op.BR_F64_NOT_EQ) + this.condIndex, this.condA, this.condB); return;
    }
  }

  /** The form that adds and branches in one, when the last operation was the addition the condition looks at. */
  protected branchOnSum(sense: boolean): boolean {
    const { lastSum, out, cond, condA } = this;
    if (lastSum < 0 || lastSum + 4 !== this.length || out[lastSum + 1] !== condA) return false;
    let op: Op;
    if (cond === Cond.VALUE && sense) op = Op.ADD_BR_IF;
    else if ((sense ? this.condIndex : OPPOSITE[this.condIndex]) !== NOT_EQUAL) return false;
    else if (cond === Cond.I32 && this.condB !== condA) op = Op.ADD_BR_NE;
    else if (cond === Cond.I32_K) op = Op.ADD_BR_NE_K;
    else return false;
    out[lastSum] = op;
    if (op !== Op.ADD_BR_IF) this.word(this.condB);
    this.last = -1;
    return true;
  }
}
