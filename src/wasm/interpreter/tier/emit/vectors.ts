// Vectors as four words, in the variables of their two slots. Lanes of 8 and 16 bits are computed four and two at a time, with the
// top bit of each kept from its neighbour; what is not worded here is performed by `vectors.ts`, on slots.
import { Group } from '../../ops.js';
import { VectorOp } from '../../vector-ops.js';
import type { Instruction } from '../flow.js';
import { placeWordOf } from '../formats.js';
import { Numbers } from './numbers.js';

const LANES = [0, 1, 2, 3] as const;
type Lanewise = (a: string, b: string) => string;

const mask = (condition: string): string => `(${condition})?-1:0`;
/** Lanes of 8 or 16 bits in a word: the top bits of all, the others, and what makes of a lowest bit a whole lane. */
const TOP = { 8: '-2139062144', 16: '-2147450880' } as const;
const REST = { 8: '2139062143', 16: '2147450879' } as const;
const WHOLE = { 8: 255, 16: 65535 } as const;
type Small = 8 | 16;

const add = (bits: Small): Lanewise => (a, b) => `((${a}&${REST[bits]})+(${b}&${REST[bits]}))^((${a}^${b})&${TOP[bits]})`;
const subtract = (bits: Small): Lanewise => (a, b) => `((${a}|${TOP[bits]})-(${b}&${REST[bits]}))^((${a}^~${b})&${TOP[bits]})`;
/** Of lanes whose top bits say yes. */
const spread = (bits: Small, tops: string): string => `Math.imul((${tops})>>>${bits - 1},${WHOLE[bits]})`;
/** Top bits of the lanes that are not zero. */
const nonZero = (bits: Small, a: string): string => `((((${a})&${REST[bits]})+${REST[bits]})|(${a}))&${TOP[bits]}`;
const equal = (bits: Small): Lanewise => (a, b) => spread(bits, `${nonZero(bits, `${a}^${b}`)}^${TOP[bits]}`);
/** Top bits of the lanes of `a` that are below those of `b`, by the borrow of their difference. */
const below = (bits: Small): Lanewise => (a, b) => `((~${a}&${b})|((~${a}|${b})&(${subtract(bits)(a, b)})))&${TOP[bits]}`;
const signed = (bits: Small, compare: Lanewise): Lanewise => (a, b) => compare(`(${a}^${TOP[bits]})`, `(${b}^${TOP[bits]})`);
const less = (bits: Small): Lanewise => (a, b) => spread(bits, below(bits)(a, b));
const swapped = (compare: Lanewise): Lanewise => (a, b) => compare(b, a);
const not = (compare: Lanewise): Lanewise => (a, b) => `~${compare(a, b)}`;
const choose = (first: Lanewise): Lanewise => (a, b) => `(n=${first(a, b)},(${a}&n)|(${b}&~n))`;

const compare32 = (sign: string, isUnsigned = false): Lanewise => (a, b) => (isUnsigned ? mask(`(${a}>>>0)${sign}(${b}>>>0)`) : mask(`${a}${sign}${b}`));
const compareF32 = (sign: string): Lanewise => (a, b) => mask(`asF32(${a})${sign}asF32(${b})`);
const onF32 = (sign: string): Lanewise => (a, b) => `bitsF32(asF32(${a})${sign}asF32(${b}))`;

/** Word by word, of one vector or two. */
const WORDWISE: Readonly<Partial<Record<VectorOp, Lanewise>>> = {
  [VectorOp.V128_NOT]: (a) => `~${a}`,
  [VectorOp.V128_AND]: (a, b) => `${a}&${b}`,
  [VectorOp.V128_ANDNOT]: (a, b) => `${a}&~${b}`,
  [VectorOp.V128_OR]: (a, b) => `${a}|${b}`,
  [VectorOp.V128_XOR]: (a, b) => `${a}^${b}`,
  [VectorOp.I32X4_EQ]: compare32('==='), [VectorOp.I32X4_NE]: compare32('!=='),
  [VectorOp.I32X4_LT_S]: compare32('<'), [VectorOp.I32X4_LT_U]: compare32('<', true), [VectorOp.I32X4_GT_S]: compare32('>'), [VectorOp.I32X4_GT_U]: compare32('>', true),
  [VectorOp.I32X4_LE_S]: compare32('<='), [VectorOp.I32X4_LE_U]: compare32('<=', true), [VectorOp.I32X4_GE_S]: compare32('>='), [VectorOp.I32X4_GE_U]: compare32('>=', true),
  [VectorOp.I32X4_ABS]: (a) => `${a}<0?-${a}|0:${a}`,
  [VectorOp.I32X4_NEG]: (a) => `-${a}|0`,
  [VectorOp.I32X4_ADD]: (a, b) => `(${a}+${b})|0`,
  [VectorOp.I32X4_SUB]: (a, b) => `(${a}-${b})|0`,
  [VectorOp.I32X4_MUL]: (a, b) => `Math.imul(${a},${b})`,
  [VectorOp.I32X4_MIN_S]: (a, b) => `${a}<${b}?${a}:${b}`, [VectorOp.I32X4_MIN_U]: (a, b) => `(${a}>>>0)<(${b}>>>0)?${a}:${b}`,
  [VectorOp.I32X4_MAX_S]: (a, b) => `${a}>${b}?${a}:${b}`, [VectorOp.I32X4_MAX_U]: (a, b) => `(${a}>>>0)>(${b}>>>0)?${a}:${b}`,
  [VectorOp.I8X16_ADD]: add(8), [VectorOp.I16X8_ADD]: add(16), [VectorOp.I8X16_SUB]: subtract(8), [VectorOp.I16X8_SUB]: subtract(16),
  [VectorOp.I8X16_EQ]: equal(8), [VectorOp.I16X8_EQ]: equal(16), [VectorOp.I8X16_NE]: not(equal(8)), [VectorOp.I16X8_NE]: not(equal(16)),
  [VectorOp.I8X16_LT_U]: less(8), [VectorOp.I16X8_LT_U]: less(16), [VectorOp.I8X16_GT_U]: swapped(less(8)), [VectorOp.I16X8_GT_U]: swapped(less(16)),
  [VectorOp.I8X16_GE_U]: not(less(8)), [VectorOp.I16X8_GE_U]: not(less(16)), [VectorOp.I8X16_LE_U]: not(swapped(less(8))), [VectorOp.I16X8_LE_U]: not(swapped(less(16))),
  [VectorOp.I8X16_LT_S]: signed(8, less(8)), [VectorOp.I16X8_LT_S]: signed(16, less(16)), [VectorOp.I8X16_GT_S]: signed(8, swapped(less(8))), [VectorOp.I16X8_GT_S]: signed(16, swapped(less(16))),
  [VectorOp.I8X16_GE_S]: signed(8, not(less(8))), [VectorOp.I16X8_GE_S]: signed(16, not(less(16))), [VectorOp.I8X16_LE_S]: signed(8, not(swapped(less(8)))), [VectorOp.I16X8_LE_S]: signed(16, not(swapped(less(16)))),
  [VectorOp.I8X16_MIN_U]: choose(less(8)), [VectorOp.I16X8_MIN_U]: choose(less(16)), [VectorOp.I8X16_MAX_U]: choose(swapped(less(8))), [VectorOp.I16X8_MAX_U]: choose(swapped(less(16))),
  [VectorOp.I8X16_MIN_S]: choose(signed(8, less(8))), [VectorOp.I16X8_MIN_S]: choose(signed(16, less(16))), [VectorOp.I8X16_MAX_S]: choose(signed(8, swapped(less(8)))), [VectorOp.I16X8_MAX_S]: choose(signed(16, swapped(less(16)))),
  [VectorOp.I16X8_MUL]: (a, b) => `(Math.imul(${a},${b})&65535)|(Math.imul(${a}>>>16,${b}>>>16)<<16)`,
  [VectorOp.I32X4_DOT_I16X8_S]: (a, b) => `(Math.imul(${a}<<16>>16,${b}<<16>>16)+Math.imul(${a}>>16,${b}>>16))|0`,
  [VectorOp.F32X4_EQ]: compareF32('==='), [VectorOp.F32X4_NE]: compareF32('!=='), [VectorOp.F32X4_LT]: compareF32('<'), [VectorOp.F32X4_GT]: compareF32('>'), [VectorOp.F32X4_LE]: compareF32('<='), [VectorOp.F32X4_GE]: compareF32('>='),
  [VectorOp.F32X4_ADD]: onF32('+'), [VectorOp.F32X4_SUB]: onF32('-'), [VectorOp.F32X4_MUL]: onF32('*'), [VectorOp.F32X4_DIV]: onF32('/'),
  [VectorOp.F32X4_SQRT]: (a) => `bitsF32(Math.sqrt(asF32(${a})))`,
  [VectorOp.F32X4_ABS]: (a) => `${a}&2147483647`,
  [VectorOp.F32X4_NEG]: (a) => `${a}^-2147483648`,
  [VectorOp.F32X4_PMIN]: (a, b) => `asF32(${b})<asF32(${a})?${b}:${a}`,
  [VectorOp.F32X4_PMAX]: (a, b) => `asF32(${a})<asF32(${b})?${b}:${a}`,
  [VectorOp.F32X4_CONVERT_I32X4_S]: (a) => `bitsF32(${a})`,
  [VectorOp.F32X4_CONVERT_I32X4_U]: (a) => `bitsF32(${a}>>>0)`,
};

/** By the count of a shift, `n`. */
const SHIFTS: Readonly<Partial<Record<VectorOp, readonly [bits: number, shift: (a: string) => string]>>> = {
  [VectorOp.I32X4_SHL]: [31, (a) => `${a}<<n`], [VectorOp.I32X4_SHR_S]: [31, (a) => `${a}>>n`], [VectorOp.I32X4_SHR_U]: [31, (a) => `${a}>>>n|0`],
  [VectorOp.I16X8_SHL]: [15, (a) => `(${a}<<n&65535)|(${a}>>>16<<n<<16)`],
  [VectorOp.I16X8_SHR_U]: [15, (a) => `((${a}&65535)>>>n)|(${a}>>>16>>>n<<16)`],
  [VectorOp.I16X8_SHR_S]: [15, (a) => `(${a}<<16>>16>>n&65535)|(${a}>>16>>n<<16)`],
  [VectorOp.I8X16_SHL]: [7, (a) => `${a}<<n&Math.imul(255<<n&255,16843009)`],
  [VectorOp.I8X16_SHR_U]: [7, (a) => `${a}>>>n&Math.imul(255>>>n,16843009)`],
};

const F64_BINARY: Readonly<Partial<Record<VectorOp, string>>> = { [VectorOp.F64X2_ADD]: '+', [VectorOp.F64X2_SUB]: '-', [VectorOp.F64X2_MUL]: '*', [VectorOp.F64X2_DIV]: '/' };
const F64_COMPARE: Readonly<Partial<Record<VectorOp, string>>> = {
  [VectorOp.F64X2_EQ]: '===', [VectorOp.F64X2_NE]: '!==', [VectorOp.F64X2_LT]: '<', [VectorOp.F64X2_GT]: '>', [VectorOp.F64X2_LE]: '<=', [VectorOp.F64X2_GE]: '>=',
};

/** Half words and bytes widened to words: by the first lane, from 16 or 8 bits, and the sign. */
const EXTEND16: Readonly<Partial<Record<VectorOp, readonly [word: number, shift: string]>>> = {
  [VectorOp.I32X4_EXTEND_LOW_I16X8_S]: [0, '>>'], [VectorOp.I32X4_EXTEND_HIGH_I16X8_S]: [2, '>>'], [VectorOp.I32X4_EXTEND_LOW_I16X8_U]: [0, '>>>'], [VectorOp.I32X4_EXTEND_HIGH_I16X8_U]: [2, '>>>'],
};
const EXTEND8: Readonly<Partial<Record<VectorOp, readonly [word: number, shift: string]>>> = {
  [VectorOp.I16X8_EXTEND_LOW_I8X16_S]: [0, '>>'], [VectorOp.I16X8_EXTEND_HIGH_I8X16_S]: [2, '>>'], [VectorOp.I16X8_EXTEND_LOW_I8X16_U]: [0, '>>>'], [VectorOp.I16X8_EXTEND_HIGH_I8X16_U]: [2, '>>>'],
};

export abstract class Vectors extends Numbers {
  /** Undefined: it is no operation on vectors, or is performed on slots. */
  protected vectorText(instruction: Instruction): string | undefined {
    const op = instruction.op as unknown as VectorOp;
    const { words } = instruction;
    const place = placeWordOf(instruction.op);
    if (instruction.op < Group.VECTOR || (place !== undefined && words[place - 1] !== 0)) return undefined;
    const [d = 0, a = 0, b = 0, c = 0] = words;
    const [A, B] = [wordsOf(a), wordsOf(b)];
    const wordwise = WORDWISE[op];
    if (wordwise !== undefined) return LANES.map((lane) => `${wordOf(d, lane)}=${wordwise(A[lane]!, B[lane]!)};`).join('');
    const shift = SHIFTS[op];
    if (shift !== undefined) return `n=i${b}&${shift[0]};${LANES.map((lane) => `${wordOf(d, lane)}=${shift[1](A[lane]!)};`).join('')}`;
    const binary = F64_BINARY[op];
    if (binary !== undefined) return [0, 1].map((lane) => setF64(d + lane, `asF64(l${a + lane},h${a + lane})${binary}asF64(l${b + lane},h${b + lane})`)).join('');
    const compare = F64_COMPARE[op];
    if (compare !== undefined) return [0, 1].map((lane) => `l${d + lane}=h${d + lane}=${mask(`asF64(l${a + lane},h${a + lane})${compare}asF64(l${b + lane},h${b + lane})`)};`).join('');
    const extend = EXTEND16[op];
    if (extend !== undefined) {
      const [first, sign] = extend;
      return `x=${A[first]};y=${A[first + 1]};${set(d, [`x<<16${sign}16|0`, `x${sign}16|0`, `y<<16${sign}16|0`, `y${sign}16|0`])}`;
    }
    const extend8 = EXTEND8[op];
    if (extend8 !== undefined) {
      const [first, sign] = extend8;
      const pair = (from: string, low: number): string => `(${from}<<${24 - low}${sign}24&65535)|(${from}<<${16 - low}${sign}24<<16)`;
      return `x=${A[first]};y=${A[first + 1]};${set(d, [pair('x', 0), pair('x', 16), pair('y', 0), pair('y', 16)])}`;
    }
    switch (op) {
      case VectorOp.V128_LOAD: return `${this.vectorAddress(instruction, 1, 16)}${this.loadVector(d)}`;
      case VectorOp.V128_STORE: return `${this.vectorAddress(instruction, 0, 16)}${this.storeVector(a)}`;
      case VectorOp.V128_LOAD8_SPLAT: return `${this.vectorAddress(instruction, 1, 1)}x=Math.imul(M8[at],16843009);${set(d, ['x', 'x', 'x', 'x'])}`;
      case VectorOp.V128_LOAD16_SPLAT: return `${this.vectorAddress(instruction, 1, 2)}x=Math.imul(load16(M8,at),65537);${set(d, ['x', 'x', 'x', 'x'])}`;
      case VectorOp.V128_LOAD32_SPLAT: return `${this.vectorAddress(instruction, 1, 4)}x=${LOAD32};${set(d, ['x', 'x', 'x', 'x'])}`;
      case VectorOp.V128_LOAD64_SPLAT: return `${this.vectorAddress(instruction, 1, 8)}x=${LOAD32};at+=4;y=${LOAD32};${set(d, ['x', 'y', 'x', 'y'])}`;
      case VectorOp.V128_LOAD32_ZERO: return `${this.vectorAddress(instruction, 1, 4)}${set(d, [LOAD32, '0', '0', '0'])}`;
      case VectorOp.V128_LOAD64_ZERO: return `${this.vectorAddress(instruction, 1, 8)}x=${LOAD32};at+=4;${set(d, ['x', LOAD32, '0', '0'])}`;
      case VectorOp.V128_CONST: return set(d, words.slice(1, 5).map(String));
      case VectorOp.SELECT: return `if(i${c}!==0){${set(d, A)}}else{${set(d, B)}}`;
      case VectorOp.I8X16_SPLAT: return `x=Math.imul(i${a}&255,16843009);${set(d, ['x', 'x', 'x', 'x'])}`;
      case VectorOp.I16X8_SPLAT: return `x=Math.imul(i${a}&65535,65537);${set(d, ['x', 'x', 'x', 'x'])}`;
      case VectorOp.F32X4_SPLAT: case VectorOp.I32X4_SPLAT: return set(d, [`i${a}`, `i${a}`, `i${a}`, `i${a}`]);
      case VectorOp.F64X2_SPLAT: case VectorOp.I64X2_SPLAT: return `x=l${a};y=h${a};${set(d, ['x', 'y', 'x', 'y'])}`;
      case VectorOp.I8X16_EXTRACT_LANE_S: return `i${d}=${A[b >> 2]}<<${24 - 8 * (b & 3)}>>24;`;
      case VectorOp.I8X16_EXTRACT_LANE_U: return `i${d}=${A[b >> 2]}>>>${8 * (b & 3)}&255;`;
      case VectorOp.I16X8_EXTRACT_LANE_S: return `i${d}=${A[b >> 1]}<<${16 - 16 * (b & 1)}>>16;`;
      case VectorOp.I16X8_EXTRACT_LANE_U: return `i${d}=${A[b >> 1]}>>>${16 * (b & 1)}&65535;`;
      case VectorOp.F32X4_EXTRACT_LANE: case VectorOp.I32X4_EXTRACT_LANE: return `i${d}=${A[b]};`;
      case VectorOp.F64X2_EXTRACT_LANE: case VectorOp.I64X2_EXTRACT_LANE: return `l${d}=l${a + b};h${d}=h${a + b};`;
      case VectorOp.I8X16_REPLACE_LANE: return `${copy(d, a)}${wordOf(d, c >> 2)}=${wordOf(d, c >> 2)}&${~(255 << (8 * (c & 3)))}|(i${b}&255)<<${8 * (c & 3)};`;
      case VectorOp.I16X8_REPLACE_LANE: return `${copy(d, a)}${wordOf(d, c >> 1)}=${wordOf(d, c >> 1)}&${~(65535 << (16 * (c & 1)))}|(i${b}&65535)<<${16 * (c & 1)};`;
      case VectorOp.F32X4_REPLACE_LANE: case VectorOp.I32X4_REPLACE_LANE: return `${copy(d, a)}${wordOf(d, c)}=i${b};`;
      case VectorOp.F64X2_REPLACE_LANE: case VectorOp.I64X2_REPLACE_LANE: return `x=l${b};y=h${b};${copy(d, a)}l${d + c}=x;h${d + c}=y;`;
      case VectorOp.V128_BITSELECT: return LANES.map((lane) => `${wordOf(d, lane)}=(${A[lane]}&${wordOf(c, lane)})|(${B[lane]}&~${wordOf(c, lane)});`).join('');
      case VectorOp.V128_ANY_TRUE: return `i${d}=(${A.join('|')})!==0?1:0;`;
      case VectorOp.I32X4_ALL_TRUE: return `i${d}=${A.map((word) => `${word}!==0`).join('&&')}?1:0;`;
      case VectorOp.I64X2_ALL_TRUE: return `i${d}=(l${a}|h${a})!==0&&(l${a + 1}|h${a + 1})!==0?1:0;`;
      case VectorOp.I8X16_ALL_TRUE: return `i${d}=(${A.map((word) => `(${nonZero(8, word)})`).join('&')})===${TOP[8]}?1:0;`;
      case VectorOp.I16X8_ALL_TRUE: return `i${d}=(${A.map((word) => `(${nonZero(16, word)})`).join('&')})===${TOP[16]}?1:0;`;
      // The four top bits of a word side by side at its top: 2^28 + 2^21 + 2^14 + 2^7.
      case VectorOp.I8X16_BITMASK: return `i${d}=${A.map((word, lane) => `Math.imul(${word}>>>7&16843009,270549120)>>>28<<${4 * lane}`).join('|')};`;
      case VectorOp.I16X8_BITMASK: return `i${d}=${A.map((word, lane) => `(${word}>>>15&1|${word}>>>30&2)<<${2 * lane}`).join('|')};`;
      case VectorOp.I32X4_BITMASK: return `i${d}=${A.map((word, lane) => `${word}>>>31<<${lane}`).join('|')};`;
      case VectorOp.I64X2_BITMASK: return `i${d}=h${a}>>>31|h${a + 1}>>>31<<1;`;
      case VectorOp.I64X2_ADD: return [0, 1].map((lane) => `x=l${a + lane};y=(x+l${b + lane})|0;h${d + lane}=(h${a + lane}+h${b + lane}+((y>>>0)<(x>>>0)?1:0))|0;l${d + lane}=y;`).join('');
      case VectorOp.I64X2_SUB: return [0, 1].map((lane) => `x=l${a + lane};y=l${b + lane};h${d + lane}=(h${a + lane}-h${b + lane}-((x>>>0)<(y>>>0)?1:0))|0;l${d + lane}=(x-y)|0;`).join('');
      case VectorOp.I64X2_EXTEND_LOW_I32X4_S: case VectorOp.I64X2_EXTEND_HIGH_I32X4_S: {
        const first = op === VectorOp.I64X2_EXTEND_LOW_I32X4_S ? 0 : 2;
        return `x=${A[first]};y=${A[first + 1]};${set(d, ['x', 'x>>31', 'y', 'y>>31'])}`;
      }
      case VectorOp.I64X2_EXTEND_LOW_I32X4_U: case VectorOp.I64X2_EXTEND_HIGH_I32X4_U: {
        const first = op === VectorOp.I64X2_EXTEND_LOW_I32X4_U ? 0 : 2;
        return `x=${A[first]};y=${A[first + 1]};${set(d, ['x', '0', 'y', '0'])}`;
      }
      case VectorOp.F64X2_SQRT: return [0, 1].map((lane) => setF64(d + lane, `Math.sqrt(asF64(l${a + lane},h${a + lane}))`)).join('');
      case VectorOp.F64X2_CONVERT_LOW_I32X4_S: return `x=${A[0]};y=${A[1]};${setF64(d, 'x')}${setF64(d + 1, 'y')}`;
      case VectorOp.F64X2_CONVERT_LOW_I32X4_U: return `x=${A[0]};y=${A[1]};${setF64(d, 'x>>>0')}${setF64(d + 1, 'y>>>0')}`;
      case VectorOp.F64X2_PROMOTE_LOW_F32X4: return `x=${A[0]};y=${A[1]};${setF64(d, 'asF32(x)')}${setF64(d + 1, 'asF32(y)')}`;
      case VectorOp.I8X16_SHUFFLE: return shuffle(d, [...A, ...B], words.slice(3, 7));
      default: return undefined;
    }
  }

  /** `at` of an access to memory 0 with a base of 32 bits. */
  private vectorAddress(instruction: Instruction, base: number, bytes: number): string {
    return this.checked(`(i${instruction.words[base]}>>>0)+${instruction.words[3]! >>> 0}`, bytes, instruction);
  }
  private loadVector(d: number): string {
    const aligned = LANES.map((lane) => `${wordOf(d, lane)}=M32[n+${lane}];`).join('');
    const bytes = LANES.map((lane) => `${wordOf(d, lane)}=load32(M8,at+${4 * lane});`).join('');
    return `if((at&3)===0){n=at>>>2;${aligned}}else{${bytes}}`;
  }
  private storeVector(a: number): string {
    const aligned = LANES.map((lane) => `M32[n+${lane}]=${wordOf(a, lane)};`).join('');
    const bytes = LANES.map((lane) => `store32(M8,at+${4 * lane},${wordOf(a, lane)});`).join('');
    return `if((at&3)===0){n=at>>>2;${aligned}}else{${bytes}}`;
  }
}

const LOAD32 = '((at&3)===0?M32[at>>>2]:load32(M8,at))';

const wordOf = (slot: number, lane: number): string => `${lane % 2 === 0 ? 'l' : 'h'}${slot + (lane >> 1)}`;
const wordsOf = (slot: number): string[] => LANES.map((lane) => wordOf(slot, lane));
const set = (slot: number, values: readonly string[]): string => values.map((value, lane) => `${wordOf(slot, lane)}=${value};`).join('');
const copy = (to: number, from: number): string => (to === from ? '' : set(to, wordsOf(from)));
const setF64 = (slot: number, value: string): string => `N8[0]=${value};l${slot}=N8I[0];h${slot}=N8I[1];`;

/** Sixteen of 32 bytes. Runs that stay side by side go together. */
function shuffle(d: number, sources: readonly string[], lanes: readonly number[]): string {
  const words = lanes.map((four) => {
    const parts = new Map<string, number>();
    for (let byte = 0; byte < 4; byte++) {
      const from = (four >>> (8 * byte)) & 31;
      const shift = 8 * (from & 3) - 8 * byte;
      const key = `${sources[from >> 2]} ${shift}`;
      parts.set(key, (parts.get(key) ?? 0) | (255 << (8 * byte)));
    }
    return [...parts].map(([key, kept]) => {
      const [word, shift] = key.split(' ');
      const moved = Number(shift) === 0 ? word! : Number(shift) > 0 ? `${word}>>>${shift}` : `${word}<<${-Number(shift)}`;
      return kept === -1 ? moved : `${moved}&${kept}`;
    }).join('|');
  });
  return `x=${words[0]};y=${words[1]};n=${words[2]};${wordOf(d, 3)}=${words[3]};${wordOf(d, 0)}=x;${wordOf(d, 1)}=y;${wordOf(d, 2)}=n;`;
}
