// Arithmetic, comparisons and conversions, and values from one place to another. What has no text is performed by the functions
// that perform it for the loop, on slots.
import { FLOAT_CONSTANTS } from '../../../runtime/code-space.js';
import { Group, Op } from '../../ops.js';
import type { Instruction } from '../flow.js';
import { formatOf } from '../formats.js';
import { MemoryAccess } from './memory.js';
import { constant, readNarrow, readWords, writeDouble, writeNarrow, writeWords } from './variables.js';

const COMPARISONS = ['===', '!==', '<', '<', '>', '>', '<=', '<=', '>=', '>='];
export const FLOAT_COMPARISONS = ['===', '!==', '<', '>', '<=', '>='];
const isUnsigned = (index: number): boolean => index >= 3 && index % 2 === 1;
const I32_BINARY: Readonly<Partial<Record<Op, (a: string, b: string) => string>>> = {
  [Op.I32_ADD]: (a, b) => `(${a}+${b})|0`,
  [Op.I32_SUB]: (a, b) => `(${a}-${b})|0`,
  [Op.I32_MUL]: (a, b) => `Math.imul(${a},${b})`,
  [Op.I32_AND]: (a, b) => `${a}&${b}`,
  [Op.I32_OR]: (a, b) => `${a}|${b}`,
  [Op.I32_XOR]: (a, b) => `${a}^${b}`,
  [Op.I32_SHL]: (a, b) => `${a}<<${b}`,
  [Op.I32_SHR_S]: (a, b) => `${a}>>${b}`,
  [Op.I32_SHR_U]: (a, b) => `${a}>>>${b}|0`,
  [Op.I32_ROTL]: (a, b) => `(${a}<<${b})|(${a}>>>-${b})`,
  [Op.I32_ROTR]: (a, b) => `(${a}>>>${b})|(${a}<<-${b})`,
};
/** The forms with a constant, in the order of their operations from `I32_ADD_K` on. */
const WITH_CONSTANT: readonly Op[] = [Op.I32_ADD, Op.I32_MUL, Op.I32_AND, Op.I32_OR, Op.I32_XOR, Op.I32_SHL, Op.I32_SHR_S, Op.I32_SHR_U, Op.I32_ROTL];
const F64_BINARY: Readonly<Partial<Record<Op, string>>> = { [Op.F64_ADD]: '+', [Op.F64_SUB]: '-', [Op.F64_MUL]: '*', [Op.F64_DIV]: '/' };
const F32_BINARY: Readonly<Partial<Record<Op, string>>> = { [Op.F32_ADD]: '+', [Op.F32_SUB]: '-', [Op.F32_MUL]: '*', [Op.F32_DIV]: '/' };


export abstract class Numbers extends MemoryAccess {
  /** Undefined: no arithmetic. */
  protected numberText(instruction: Instruction): string | undefined {
    const { op, words } = instruction;
    const [d = 0, a = 0, b = 0, c = 0] = words;
    const leave = this.leave(instruction);
    if (op >= Op.I32_EQ && op <= Op.I32_GE_U) return `i${d}=${compare(op - Op.I32_EQ, `i${a}`, `i${b}`)}?1:0;`;
    if (op >= Op.I32_EQ_K && op <= Op.I32_GE_U_K) return `i${d}=${compare(op - Op.I32_EQ_K, `i${a}`, constant(b))}?1:0;`;
    if (op >= Op.I64_EQ && op <= Op.I64_GE_U) return `i${d}=${compareWide(op - Op.I64_EQ, a, b)}?1:0;`;
    if (op >= Op.F32_EQ && op <= Op.F32_GE) return `i${d}=${this.f(a)}${FLOAT_COMPARISONS[op - Op.F32_EQ]}${this.f(b)}?1:0;`;
    if (op >= Op.F64_EQ && op <= Op.F64_GE) return `i${d}=${this.d(a)}${FLOAT_COMPARISONS[op - Op.F64_EQ]}${this.d(b)}?1:0;`;
    const integer = I32_BINARY[op];
    if (integer !== undefined) return `i${d}=${integer(`i${a}`, `i${b}`)};`;
    if (op >= Op.I32_ADD_K && op <= Op.I32_ROTL_K) {
      const known = op === Op.I32_ROTL_K ? String(b & 31) : constant(b);
      return `i${d}=${op === Op.I32_ROTL_K ? `(i${a}<<${known})|(i${a}>>>${-b & 31})` : I32_BINARY[WITH_CONSTANT[op - Op.I32_ADD_K]!]!(`i${a}`, known)};`;
    }
    const double = F64_BINARY[op];
    if (double !== undefined) return this.setD(d, `${this.d(a)}${double}${this.d(b)}`);
    const single = F32_BINARY[op];
    if (single !== undefined) return `i${d}=bitsF32(${this.f(a)}${single}${this.f(b)});`;
    switch (op) {
      case Op.I32_EQZ: return `i${d}=i${a}===0?1:0;`;
      case Op.I32_CLZ: return `i${d}=Math.clz32(i${a});`;
      case Op.I32_CTZ: return `i${d}=i${a}===0?32:31-Math.clz32(i${a}&-i${a});`;
      case Op.I32_DIV_S: return `if(i${b}===0||(i${b}===-1&&i${a}===-2147483648))${leave}i${d}=(i${a}/i${b})|0;`;
      case Op.I32_DIV_U: return `if(i${b}===0)${leave}i${d}=((i${a}>>>0)/(i${b}>>>0))|0;`;
      case Op.I32_REM_S: return `if(i${b}===0)${leave}i${d}=i${a}%i${b}|0;`;
      case Op.I32_REM_U: return `if(i${b}===0)${leave}i${d}=((i${a}>>>0)%(i${b}>>>0))|0;`;
      case Op.I32_BITS: return `i${d}=(i${a}>>>${b & 31})&${constant(c)};`;
      case Op.I32_EXTEND8_S: return `i${d}=i${a}<<24>>24;`;
      case Op.I32_EXTEND16_S: return `i${d}=i${a}<<16>>16;`;
      case Op.I32_WRAP_I64: return `i${d}=l${a};`;
      case Op.I32_TRUNC_F64_S: return `x=${this.d(a)};if(!(x>-2147483649&&x<2147483648))${leave}i${d}=x|0;`;
      case Op.I32_TRUNC_F64_U: return `x=${this.d(a)};if(!(x>-1&&x<4294967296))${leave}i${d}=x|0;`;
      case Op.I32_TRUNC_F32_S: return `x=${this.f(a)};if(!(x>-2147483649&&x<2147483648))${leave}i${d}=x|0;`;
      case Op.I32_TRUNC_F32_U: return `x=${this.f(a)};if(!(x>-1&&x<4294967296))${leave}i${d}=x|0;`;

      case Op.I64_EQZ: return `i${d}=(l${a}|h${a})===0?1:0;`;
      case Op.I64_ADD: return `x=l${a};y=(x+l${b})|0;h${d}=(h${a}+h${b}+((y>>>0)<(x>>>0)?1:0))|0;l${d}=y;`;
      case Op.I64_ADD_K: return `x=l${a};y=(x+${constant(b)})|0;h${d}=(h${a}+${constant(b >> 31)}+((y>>>0)<(x>>>0)?1:0))|0;l${d}=y;`;
      case Op.I64_SUB: return `x=l${a};y=l${b};h${d}=(h${a}-h${b}-((x>>>0)<(y>>>0)?1:0))|0;l${d}=(x-y)|0;`;
      case Op.I64_MUL: return `x=l${a};y=l${b};h${d}=(mulHigh(x,y)+Math.imul(h${a},y)+Math.imul(x,h${b}))|0;l${d}=Math.imul(x,y);`;
      case Op.I64_AND: return `l${d}=l${a}&l${b};h${d}=h${a}&h${b};`;
      case Op.I64_OR: return `l${d}=l${a}|l${b};h${d}=h${a}|h${b};`;
      case Op.I64_XOR: return `l${d}=l${a}^l${b};h${d}=h${a}^h${b};`;
      case Op.I64_AND_K: return `l${d}=l${a}&${constant(b)};h${d}=h${a}&${constant(b >> 31)};`;
      case Op.I64_SHL: return `n=l${b}&63;x=l${a};y=h${a};if(n<32){l${d}=x<<n;h${d}=y<<n|x>>>1>>>31-n;}else{l${d}=0;h${d}=x<<n;}`;
      case Op.I64_SHR_S: return `n=l${b}&63;x=l${a};y=h${a};if(n<32){l${d}=x>>>n|y<<1<<31-n;h${d}=y>>n;}else{l${d}=y>>n;h${d}=y>>31;}`;
      case Op.I64_SHR_U: return `n=l${b}&63;x=l${a};y=h${a};if(n<32){l${d}=x>>>n|y<<1<<31-n;h${d}=y>>>n|0;}else{l${d}=y>>>n|0;h${d}=0;}`;
      case Op.I64_SHL_K: return shiftLeft(d, a, b & 63);
      case Op.I64_SHR_S_K: return shiftRight(d, a, b & 63, true);
      case Op.I64_SHR_U_K: return shiftRight(d, a, b & 63, false);
      case Op.I64_ROTL: return rotate(d, a, `l${b}`);
      case Op.I64_ROTR: return rotate(d, a, `-l${b}`);
      case Op.I64_DIV_U: return this.divide(instruction, `(h${a}>>>0)<2097152&&(l${b}|h${b})!==0`, 'Math.floor(x/y)');
      case Op.I64_REM_U: return this.divide(instruction, `(h${a}>>>0)<2097152&&(l${b}|h${b})!==0`, 'x-Math.floor(x/y)*y');
      case Op.I64_DIV_S: return this.divide(instruction, `(h${a}>>>0)<2097152&&h${b}>=0&&(l${b}|h${b})!==0`, 'Math.floor(x/y)');
      case Op.I64_REM_S: return this.divide(instruction, `(h${a}>>>0)<2097152&&h${b}>=0&&(l${b}|h${b})!==0`, 'x-Math.floor(x/y)*y');
      case Op.I64_EXTEND_I32_S: return `l${d}=i${a};h${d}=i${a}>>31;`;
      case Op.I64_EXTEND_I32_U: return `l${d}=i${a};h${d}=0;`;
      case Op.I64_EXTEND8_S: return `x=l${a}<<24>>24;l${d}=x;h${d}=x>>31;`;
      case Op.I64_EXTEND16_S: return `x=l${a}<<16>>16;l${d}=x;h${d}=x>>31;`;
      case Op.I64_EXTEND32_S: return `x=l${a};l${d}=x;h${d}=x>>31;`;

      case Op.F32_ABS: return `i${d}=i${a}&2147483647;`;
      case Op.F32_NEG: return `i${d}=i${a}^-2147483648;`;
      case Op.F32_SQRT: return `i${d}=bitsF32(Math.sqrt(${this.f(a)}));`;
      case Op.F32_COPYSIGN: return `i${d}=i${a}&2147483647|i${b}&-2147483648;`;
      case Op.F32_DEMOTE_F64: return `i${d}=bitsF32(${this.d(a)});`;
      case Op.F32_CONVERT_I32_S: return `i${d}=bitsF32(i${a});`;
      case Op.F32_CONVERT_I32_U: return `i${d}=bitsF32(i${a}>>>0);`;
      case Op.F64_ABS: return this.ofSign(d, a, leave, (h) => `${h}&2147483647`, (x) => `Math.abs(${x})`);
      case Op.F64_NEG: return this.ofSign(d, a, leave, (h) => `${h}^-2147483648`, (x) => `-${x}`);
      case Op.F64_SQRT: return this.setD(d, `Math.sqrt(${this.d(a)})`);
      case Op.F64_CEIL: return this.setD(d, `Math.ceil(${this.d(a)})`);
      case Op.F64_FLOOR: return this.setD(d, `Math.floor(${this.d(a)})`);
      case Op.F64_TRUNC: return this.setD(d, `Math.trunc(${this.d(a)})`);
      case Op.F64_MIN: return this.setD(d, `Math.min(${this.d(a)},${this.d(b)})`);
      case Op.F64_MAX: return this.setD(d, `Math.max(${this.d(a)},${this.d(b)})`);
      case Op.F64_ADD_K: return this.setD(d, `${this.d(a)}+${FLOAT_CONSTANTS[b]}`);
      case Op.F64_MUL_K: return this.setD(d, `${this.d(a)}*${FLOAT_CONSTANTS[b]}`);
      case Op.F64_CONVERT_I32_S: return this.setD(d, `i${a}`);
      case Op.F64_CONVERT_I32_U: return this.setD(d, `i${a}>>>0`);
      case Op.F64_CONVERT_I64_S: return this.setD(d, `h${a}*4294967296+(l${a}>>>0)`);
      case Op.F64_CONVERT_I64_U: return this.setD(d, `(h${a}>>>0)*4294967296+(l${a}>>>0)`);
      case Op.F64_PROMOTE_F32: return this.setD(d, this.f(a));

      case Op.MOVE32: return `i${d}=i${a};`;
      case Op.MOVE32_TWICE: return `i${d}=i${a};i${b}=i${c};`;
      case Op.MOVE64: return `l${d}=l${a};h${d}=h${a};`;
      case Op.MOVE_F64: return this.moveDouble(d, a, leave);
      case Op.CONST32: return `i${d}=${constant(a)};`;
      case Op.CONST64: return `l${d}=${constant(a)};h${d}=${constant(b)};`;
      case Op.CONST_F64: return this.setD(d, String(FLOAT_CONSTANTS[a]));
      case Op.SELECT32: return `i${d}=i${c}!==0?i${a}:i${b};`;
      case Op.SELECT64: return `if(i${c}!==0){l${d}=l${a};h${d}=h${a};}else{l${d}=l${b};h${d}=h${b};}`;
      case Op.SELECT_F64: return `if(i${c}!==0){${this.moveDouble(d, a, leave)}}else{${this.moveDouble(d, b, leave)}}`;
      case Op.GLOBAL_GET32: return `i${d}=G[${a}];`;
      case Op.GLOBAL_SET32: return `G[${a}]=i${d};`;
      case Op.GLOBAL_GET64: return `l${d}=G[${a}];h${d}=G[${a + 1}];`;
      case Op.GLOBAL_SET64: return `G[${a}]=l${d};G[${a + 1}]=h${d};`;

      default: return undefined;
    }
  }

  private moveDouble(d: number, a: number, leave: string): string {
    if (this.readsDouble(a)) return this.setD(d, `d${a}`);
    if (this.writesDouble(d)) return `x=asF64(l${a},h${a});if(x!==x)${leave}d${d}=x;`;
    return `l${d}=l${a};h${d}=h${a};`;
  }

  /** `abs` and `neg`, which change the sign of a NaN and nothing else. */
  private ofSign(d: number, a: number, leave: string, onWord: (h: string) => string, onNumber: (x: string) => string): string {
    if (!this.writesDouble(d) && !this.readsDouble(a)) return `l${d}=l${a};h${d}=${onWord(`h${a}`)};`;
    return `x=${this.d(a)};if(x!==x)${leave}${this.setD(d, onNumber('x'))}`;
  }

  /** Where the dividend is below 2^53 a double divides exactly: the quotient of such is never rounded up to an integer. */
  private divide(instruction: Instruction, condition: string, value: string): string {
    const [d = 0, a = 0, b = 0] = instruction.words;
    return `if(${condition}){x=h${a}*4294967296+(l${a}>>>0);y=(h${b}>>>0)*4294967296+(l${b}>>>0);x=${value};l${d}=x|0;h${d}=x/4294967296|0;}else{${this.byLoop(instruction)}}`;
  }

  /** An operation of `cold.ts`, `vectors.ts` or `atomics.ts`, on slots. */
  protected byLoop({ op, at, words }: Instruction): string {
    const before: string[] = [];
    const after: string[] = [];
    Array.from(formatOf(op)!).forEach((letter, index) => {
      const slot = words[index]!;
      switch (letter) {
        case 's': case 'f': before.push(writeNarrow(slot)); break;
        case 'w': before.push(writeWords(slot)); break;
        case 'v': before.push(writeWords(slot), writeWords(slot + 1)); break;
        case 'V': after.push(readWords(slot), readWords(slot + 1)); break;
        case 'd': before.push(this.readsDouble(slot) ? writeDouble(slot) : writeWords(slot)); break;
        case 'S': case 'F': after.push(readNarrow(slot)); break;
        case 'W': after.push(readWords(slot)); break;
        case 'D': after.push(this.writesDouble(slot) ? `d${slot}=D[fp+${slot}];` : readWords(slot)); break;
      }
    });
    const pc = this.source.base + at;
    const call = op < Group.VECTOR ? `cold(${pc},fp,cp,instance)` : op < Group.ATOMIC ? `vectors(${pc},fp,cp,instance,${pc + 1 + words.length})` : `atomic(${pc},fp,cp,instance)`;
    return `${before.join('')}${call};${after.join('')}`;
  }
}

export function compare(index: number, a: string, b: string): string {
  return isUnsigned(index) ? `(${a}>>>0)${COMPARISONS[index]}(${b}>>>0)` : `${a}${COMPARISONS[index]}${b}`;
}

export function compareWide(index: number, a: number, b: number): string {
  if (index === 0) return `(l${a}===l${b}&&h${a}===h${b})`;
  if (index === 1) return `(l${a}!==l${b}||h${a}!==h${b})`;
  const sign = COMPARISONS[index];
  return isUnsigned(index) ? `(h${a}===h${b}?(l${a}>>>0)${sign}(l${b}>>>0):(h${a}>>>0)${sign}(h${b}>>>0))` : `(h${a}===h${b}?(l${a}>>>0)${sign}(l${b}>>>0):h${a}${sign}h${b})`;
}

function shiftLeft(d: number, a: number, n: number): string {
  if (n === 0) return `l${d}=l${a};h${d}=h${a};`;
  return n < 32 ? `h${d}=h${a}<<${n}|l${a}>>>${32 - n};l${d}=l${a}<<${n};` : `h${d}=l${a}<<${n - 32};l${d}=0;`;
}

function shiftRight(d: number, a: number, n: number, signed: boolean): string {
  if (n === 0) return `l${d}=l${a};h${d}=h${a};`;
  const shift = signed ? '>>' : '>>>';
  const fixed = signed ? '' : '|0';
  return n < 32 ? `l${d}=l${a}>>>${n}|h${a}<<${32 - n};h${d}=h${a}${shift}${n}${fixed};` : `l${d}=h${a}${shift}${n - 32}${fixed};h${d}=${signed ? `h${a}>>31` : '0'};`;
}

function rotate(d: number, a: number, by: string): string {
  return `n=${by};if((n&32)===0){x=l${a};y=h${a};}else{x=h${a};y=l${a};}n&=31;l${d}=x<<n|y>>>1>>>31-n;h${d}=y<<n|x>>>1>>>31-n;`;
}
