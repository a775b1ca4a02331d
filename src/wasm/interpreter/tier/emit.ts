// The code of one function as the text of a JavaScript function. Slots become variables: `i` of 32 bits, `l` and `h` the words
// of 64 bits, `d` an f64 (a slot that is used as both has all three, see views.ts). Whatever is rare or wrong - a trap,
// a NaN whose bits matter, a stack too deep - is left to the loop: the variables go back to their slots, and the loop goes on
// with the very operation, whose arm in `loop.ts` says what happens. So no trap is worded here, and a stack trace is the loop's.
//
// The text is made of templates and numbers; no name or other bytes of a module get into it.
//
// Bits of NaNs: a variable `d` never holds a NaN that came from elsewhere (a load, an argument, a result: who meets one leaves
// the call to the loop), only one that arithmetic made here, whose sign and payload are free.
import { isReference, Type, type FunctionType, type ValueType } from '../../types.js';
import { FLOAT_CONSTANTS } from '../../runtime/code-space.js';
import type { ModuleCode } from '../../runtime/module-code.js';
import { Op } from '../ops.js';
import type { Flow, Instruction } from './flow.js';
import { FORMATS } from './formats.js';
import { findViews, type Access, type Views } from './views.js';

/** Where a function is entered: at its start, or at the head of a loop (an index of an instruction). */
export type Entry = 'start' | number;

const COMPARISONS = ['===', '!==', '<', '<', '>', '>', '<=', '<=', '>=', '>='];
const FLOAT_COMPARISONS = ['===', '!==', '<', '>', '<=', '>='];
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

/** `i` or `u` and bytes of an access, from its operation. */
const ACCESSES: Readonly<Partial<Record<Op, string>>> = {
  [Op.LOAD32]: 'u4', [Op.LOAD8_S]: 'i1', [Op.LOAD8_U]: 'u1', [Op.LOAD16_S]: 'i2', [Op.LOAD16_U]: 'u2',
  [Op.I64_LOAD8_S]: 'i1', [Op.I64_LOAD8_U]: 'u1', [Op.I64_LOAD16_S]: 'i2', [Op.I64_LOAD16_U]: 'u2', [Op.I64_LOAD32_S]: 'i4', [Op.I64_LOAD32_U]: 'u4',
  [Op.LOAD32_AT]: 'u4', [Op.LOAD8_U_AT]: 'u1',
  [Op.LOAD32_SUM]: 'u4', [Op.LOAD8_S_SUM]: 'i1', [Op.LOAD8_U_SUM]: 'u1', [Op.LOAD16_S_SUM]: 'i2', [Op.LOAD16_U_SUM]: 'u2',
  [Op.LOAD32_INDEX]: 'u4', [Op.LOAD8_U_INDEX]: 'u1', [Op.LOAD16_S_INDEX]: 'i2', [Op.LOAD16_U_INDEX]: 'u2',
  [Op.STORE32]: 'u4', [Op.STORE8]: 'u1', [Op.STORE16]: 'u2', [Op.I64_STORE8]: 'u1', [Op.I64_STORE16]: 'u2', [Op.I64_STORE32]: 'u4',
  [Op.STORE32_AT]: 'u4', [Op.STORE8_AT]: 'u1', [Op.STORE32_SUM]: 'u4', [Op.STORE8_SUM]: 'u1', [Op.STORE16_SUM]: 'u2',
  [Op.STORE32_K]: 'u4', [Op.STORE8_K]: 'u1',
};

const isNarrow = (type: ValueType): boolean => type === Type.I32 || type === Type.F32;

/** Whether values of the type have variables. Of several results, a NaN's bits would be lost. */
export const canPass = ({ params, results }: FunctionType): boolean =>
  ![...params, ...results].some((type) => type === Type.V128 || isReference(type)) && !(results.length > 1 && results.includes(Type.F64));

export class FunctionEmitter {
  /** Slots by the variables they need. */
  private readonly narrow = new Set<number>();
  private readonly words = new Set<number>();
  private readonly doubles = new Set<number>();
  private readonly wideViews: Views;
  /** Bits of the slots used in both ways that hold an f64 where text is being made for. */
  private asDouble = 0;
  private readonly views = new Set<string>();
  /** f64 slots that take the results of calls. */
  private readonly resultSlots = new Set<number>();
  private readonly lines: string[] = [];
  private readonly type: FunctionType;
  private hasCalls = false;

  constructor(
    code: ModuleCode,
    private readonly functionIndex: number,
    private readonly flow: Flow,
    /** Code address of the body. */
    private readonly base: number,
    private readonly entry: Entry,
  ) {
    this.type = code.functionType(functionIndex);
    this.wideViews = this.findVariables();
  }

  /**
   * An expression for a function of `fp` and `cp` that performs a call whose arguments, or whose whole frame, are in slots, puts the
   * results in theirs, and returns true; or returns false, and has done nothing; and, from `start`, for the function other emitted
   * functions call, as `[enter, call]`.
   */
  emit(): string {
    this.emitBody();
    return this.entry === 'start' ? this.fromStart() : this.fromLoop();
  }

  // ---- Around the body.

  private fromStart(): string {
    const { params } = this.type;
    const name = `f${this.functionIndex}`;
    const names = parameterNames(params);
    this.asDouble = this.wideViews.asDouble[0]!;
    // Of an f64 that is words here, the words are made of what is passed.
    const own = params.flatMap((type, slot) => (type === Type.F64 && !this.writesDouble(slot) ? [`let l${slot}=(N8[0]=d${slot},N8I[0]),h${slot}=N8I[1];`] : []));
    const declared = new Set(params.flatMap((type, slot) => variablesOf(type, slot)));
    for (const [slot, type] of params.entries()) if (type === Type.F64 && !this.writesDouble(slot)) for (const each of [`l${slot}`, `h${slot}`]) declared.add(each);
    // A leaf takes no more stack than its caller was granted. Behind `ENTER`, which stands there no more.
    const guard = this.hasCalls ? `if(fp>LIMITS[0]||cp>LIMITS[1])${this.leaveAt(this.base - this.flow.prologueWords + 2)}` : '';
    const call = `function ${name}(${['fp', 'cp', ...names].join(',')}){${own.join('')}${this.declarations(declared)}
X:{${guard}${this.viewsText('let ')}
${this.lines.join('\n')}
}
${this.leaving()}}`;
    const reads = params.flatMap((type, slot) => readSlots(type, slot));
    const nans = params.flatMap((type, slot) => (type === Type.F64 ? [`if(D[fp+${slot}]!==D[fp+${slot}])return false;`] : []));
    return `(()=>{${call}
return[function(fp,cp){${nans.join('')}const x=${name}(${['fp', 'cp', ...reads].join(',')});${this.keepResult()}return true;},${name}];})()`;
  }

  private fromLoop(): string {
    const loads: string[] = [];
    for (const slot of this.narrow) loads.push(`let i${slot}=S[fp+${slot}];`);
    const asDouble = this.wideViews.asDouble[this.entry as number]!;
    const holdsDouble = (slot: number): boolean => this.doubles.has(slot) || (asDouble & this.bitOf(slot)) !== 0;
    for (const slot of this.words) if (!holdsDouble(slot)) loads.push(`let l${slot}=W[(fp<<1)+${2 * slot}],h${slot}=W[(fp<<1)+${2 * slot + 1}];`);
    for (const slot of this.allDoubles()) if (holdsDouble(slot)) loads.push(`let d${slot}=D[fp+${slot}];if(d${slot}!==d${slot})return false;`);
    const declared = new Set(
      [...this.narrow].map((slot) => `i${slot}`).concat([...this.words].filter((slot) => !holdsDouble(slot)).flatMap((slot) => [`l${slot}`, `h${slot}`]), this.allDoubles().filter(holdsDouble).map((slot) => `d${slot}`)),
    );
    const call = `function o${this.functionIndex}(fp,cp){
${loads.join('')}${this.declarations(declared)}let outside=1;
X:{${this.viewsText('let ')}
${this.lines.join('\n')}
}
${this.leaving()}}`;
    // A result may be anything but false.
    return `(()=>{${call}
return function(fp,cp){const x=o${this.functionIndex}(fp,cp);if(x===false)return false;${this.keepResult()}return true;};})()`;
  }

  /** Puts the result `x` of the function into its slot. Of a NaN, and of more than one, the slots have it. */
  private keepResult(): string {
    const { results } = this.type;
    if (results.length !== 1) return '';
    if (isNarrow(results[0]!)) return 'S[fp]=x;';
    return results[0] === Type.I64 ? 'W[fp<<1]=x;W[(fp<<1)+1]=HIGH[0];' : 'if(x===x)D[fp]=x;';
  }

  private declarations(declared: ReadonlySet<string>): string {
    const names = [...this.narrow].map((slot) => `i${slot}`).concat([...this.words].flatMap((slot) => [`l${slot}`, `h${slot}`]), this.allDoubles().map((slot) => `d${slot}`));
    return `let ${[...names.filter((name) => !declared.has(name)), 'x', 'y', 'n', 'at', 'pc', 'doubles'].map((name) => `${name}=0`).join(',')},nan=-1;`;
  }

  /** What follows the body: the loop takes over at `pc`. */
  private leaving(): string {
    const parts: string[] = [];
    for (const slot of this.narrow) parts.push(`S[fp+${slot}]=i${slot};`);
    const saveDouble = (slot: number): string => `${this.resultSlots.has(slot) ? `if(nan!==${slot})` : ''}D[fp+${slot}]=d${slot};`;
    for (const slot of this.words) {
      const words = `W[(fp<<1)+${2 * slot}]=l${slot};W[(fp<<1)+${2 * slot + 1}]=h${slot};`;
      const bit = this.bitOf(slot);
      parts.push(bit === 0 ? words : `if((doubles&${bit})!==0){${saveDouble(slot)}}else{${words}}`);
    }
    for (const slot of this.doubles) parts.push(saveDouble(slot));
    const { results } = this.type;
    const result = results.length !== 1 ? '0' : isNarrow(results[0]!) ? 'S[fp]' : results[0] === Type.I64 ? '(HIGH[0]=W[(fp<<1)+1],W[fp<<1])' : 'D[fp]';
    return `${parts.join('')}leave(pc,fp,cp,${this.functionIndex});return ${result};`;
  }

  private viewsText(keyword: string): string {
    if (this.views.size === 0) return '';
    const fields: Readonly<Record<string, string>> = { M8: 'u8', M16: 'u16', M32: 'i32', MD: 'f64', limit: 'byteLength' };
    return `${keyword}${[...this.views].map((view) => `${view}=memory.${fields[view]}`).join(',')};`;
  }

  // ---- Variables.

  /** The slots an instruction reads and writes, by letters as in formats.ts: reads first. */
  private slotsOf({ op, words, callee }: Instruction): Array<readonly [letter: string, slot: number]> {
    const byTypes = (types: readonly ValueType[], from: number, letters: string): Array<readonly [string, number]> =>
      types.map((type, index) => [isNarrow(type) ? letters[0]! : type === Type.I64 ? letters[1]! : letters[2]!, from + index] as const);
    if (callee !== undefined) {
      const delta = words[words.length - 1]!;
      return [...(op === Op.CALL_INDIRECT ? [['s', words[2]!] as const] : []), ...byTypes(callee.params, delta, 'swd'), ...byTypes(callee.results, delta, 'SWD')];
    }
    switch (op) {
      case Op.BR_TABLE: case Op.RETURN32: return [['s', words[0]!]];
      case Op.RETURN64: return [['w', words[0]!]];
      case Op.RETURN_F64: return [['d', words[0]!]];
      case Op.RETURN: return byTypes(this.type.results, 0, 'swd');
      default: {
        const all = Array.from(FORMATS[op]!, (letter, index) => [letter, words[index]!] as const).filter(([letter]) => letter !== 'k' && letter !== 't');
        return [...all.filter(([letter]) => letter >= 'a'), ...all.filter(([letter]) => letter < 'a')];
      }
    }
  }

  private findVariables(): Views {
    const asWords = new Set<number>();
    const asDouble = new Set<number>();
    const see = (letter: string, slot: number): Access[] => {
      const kind = letter.toLowerCase();
      if (kind === 's' || kind === 'f') {
        this.narrow.add(slot);
        return [];
      }
      (kind === 'd' ? asDouble : asWords).add(slot);
      return [{ slot, asDouble: kind === 'd', isWrite: letter < 'a' }];
    };
    const start = this.type.params.flatMap((type, slot) => see(isNarrow(type) ? 'S' : type === Type.I64 ? 'W' : 'D', slot));
    const { instructions } = this.flow;
    const accesses = instructions.map((instruction) => {
      const { op, words, callee } = instruction;
      if (callee !== undefined) this.hasCalls = true;
      if (callee?.results.length === 1 && callee.results[0] === Type.F64) this.resultSlots.add(words[words.length - 1]!);
      for (const view of viewsOf(op)) this.views.add(view);
      return this.slotsOf(instruction).flatMap(([letter, slot]) => see(letter, slot));
    });
    for (const slot of asWords) this.words.add(slot);
    for (const slot of asDouble) if (!asWords.has(slot)) this.doubles.add(slot);
    return findViews(instructions, accesses, start, [...asWords].filter((slot) => asDouble.has(slot)));
  }

  /** Of a slot used in both ways; 0 for others. */
  private bitOf(slot: number): number {
    return this.wideViews.mixed.get(slot) ?? 0;
  }
  private allDoubles(): number[] {
    return [...this.doubles, ...this.wideViews.mixed.keys()];
  }
  /** Whether what is written to the slot as an f64 goes to its `d`. */
  private writesDouble(slot: number): boolean {
    return this.doubles.has(slot) || this.bitOf(slot) !== 0;
  }
  /** Whether an f64 in the slot is in its `d`. */
  private readsDouble(slot: number): boolean {
    return this.doubles.has(slot) || (this.asDouble & this.bitOf(slot)) !== 0;
  }

  private d(slot: number): string {
    return this.readsDouble(slot) ? `d${slot}` : `asF64(l${slot},h${slot})`;
  }
  private setD(slot: number, value: string): string {
    return this.writesDouble(slot) ? `d${slot}=${value};` : `N8[0]=${value};l${slot}=N8I[0];h${slot}=N8I[1];`;
  }
  private f(slot: number): string {
    return `asF32(i${slot})`;
  }

  // ---- The body.

  private emitBody(): void {
    const { instructions, stretches } = this.flow;
    const open: Array<{ readonly name: string; readonly isLoop: boolean; readonly start: number; readonly end: number }> = [];
    const { entry } = this;
    const isAround = ({ start, end }: { start: number; end: number }): boolean => entry !== 'start' && start <= entry && entry < end;
    /** What comes before the loop the function is entered at is passed over the first time. */
    let passing = entry !== 'start';
    if (passing) this.lines.push('if(outside===0){');
    let next = 0;
    for (let index = 0; index <= instructions.length; index++) {
      while (open.length > 0 && open[open.length - 1]!.end === index) this.lines.push(open.pop()!.isLoop ? 'break;}' : '}');
      if (index === instructions.length) break;
      for (; next < stretches.length && stretches[next]!.start === index; next++) {
        const { isLoop, start, end } = stretches[next]!;
        const name = `${isLoop ? 'L' : 'B'}${isLoop ? start : end}`;
        open.push({ name, isLoop, start, end });
        const around = passing && isAround(stretches[next]!);
        this.lines.push(`${around ? '}' : ''}${name}:${isLoop ? 'for(;;)' : ''}{${around && !(isLoop && start === entry) ? 'if(outside===0){' : ''}`);
        if (around && isLoop && start === entry) {
          this.lines.push('outside=0;');
          passing = false;
        }
      }
      this.asDouble = this.wideViews.asDouble[index]!;
      for (const [letter, slot] of this.slotsOf(instructions[index]!)) {
        if (letter === 'w' && (this.asDouble & this.bitOf(slot)) !== 0) this.lines.push(`N8[0]=d${slot};l${slot}=N8I[0];h${slot}=N8I[1];`);
      }
      this.lines.push(this.text(instructions[index]!, (target) => (target > index ? `break B${target};` : `continue L${target};`)));
    }
  }

  /** Leaves the call to the loop, from this instruction on. */
  private leave({ at }: Instruction): string {
    return this.leaveAt(this.base + at);
  }
  private leaveAt(pc: number): string {
    return `{pc=${pc};${this.asDouble === 0 ? '' : `doubles=${this.asDouble};`}break X;}`;
  }

  private text(instruction: Instruction, go: (target: number) => string): string {
    const { op, words, targets, callee } = instruction;
    const [d = 0, a = 0, b = 0, c = 0] = words;
    const leave = this.leave(instruction);
    if (callee !== undefined) return this.call(instruction, callee);
    if (op >= Op.I32_EQ && op <= Op.I32_GE_U) return `i${d}=${compare(op - Op.I32_EQ, `i${a}`, `i${b}`)}?1:0;`;
    if (op >= Op.I32_EQ_K && op <= Op.I32_GE_U_K) return `i${d}=${compare(op - Op.I32_EQ_K, `i${a}`, constant(b))}?1:0;`;
    if (op >= Op.I64_EQ && op <= Op.I64_GE_U) return `i${d}=${compareWide(op - Op.I64_EQ, a, b)}?1:0;`;
    if (op >= Op.F32_EQ && op <= Op.F32_GE) return `i${d}=${this.f(a)}${FLOAT_COMPARISONS[op - Op.F32_EQ]}${this.f(b)}?1:0;`;
    if (op >= Op.F64_EQ && op <= Op.F64_GE) return `i${d}=${this.d(a)}${FLOAT_COMPARISONS[op - Op.F64_EQ]}${this.d(b)}?1:0;`;
    if (op >= Op.BR_I32_EQ && op <= Op.BR_I32_GE_U) return `if(${compare(op - Op.BR_I32_EQ, `i${d}`, `i${a}`)})${go(targets[0]!)}`;
    if (op >= Op.BR_I32_EQ_K && op <= Op.BR_I32_GE_U_K) return `if(${compare(op - Op.BR_I32_EQ_K, `i${d}`, constant(a))})${go(targets[0]!)}`;
    if (op >= Op.BR_I64_EQ && op <= Op.BR_I64_GE_U) return `if(${compareWide(op - Op.BR_I64_EQ, d, a)})${go(targets[0]!)}`;
    if (op >= Op.BR_F64_EQ && op <= Op.BR_F64_GE) return `if(${this.d(d)}${FLOAT_COMPARISONS[op - Op.BR_F64_EQ]}${this.d(a)})${go(targets[0]!)}`;
    if (op >= Op.BR_F64_NOT_EQ && op <= Op.BR_F64_NOT_GE) return `if(!(${this.d(d)}${FLOAT_COMPARISONS[op - Op.BR_F64_NOT_EQ]}${this.d(a)}))${go(targets[0]!)}`;
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
    if (ACCESSES[op] !== undefined) return this.access(instruction, ACCESSES[op]);
    switch (op) {
      // Probes: what stops the program is done by the loop, and once more.
      case Op.FUEL: return `if((meter[0]-=${d})<0){meter[0]+=${d};${leave}}`;
      case Op.TALLY: return `probes.counts[${d}]++;`;
      case Op.ENTERED: case Op.TICK: return `if(--probes.ticksLeft<=0&&probes.tick()!==undefined)${leave}`;
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

      case Op.LOAD64: case Op.LOAD64_AT: case Op.LOAD64_SUM: {
        const { check } = this.address(instruction, 8, false);
        return `${check}if((at&3)===0){l${d}=M32[at>>>2];h${d}=M32[(at>>>2)+1];}else{l${d}=load32(M8,at);h${d}=load32(M8,at+4);}`;
      }
      case Op.STORE64: case Op.STORE64_AT: case Op.STORE64_SUM: {
        const { check } = this.address(instruction, 8, true);
        return `${check}if((at&3)===0){M32[at>>>2]=l${a};M32[(at>>>2)+1]=h${a};}else{store32(M8,at,l${a});store32(M8,at+4,h${a});}`;
      }
      case Op.F64_LOAD: case Op.F64_LOAD_AT: case Op.F64_LOAD_SUM: case Op.F64_LOAD_INDEX: {
        const { check } = this.address(instruction, 8, false);
        if (!this.writesDouble(d)) return `${check}if((at&3)===0){l${d}=M32[at>>>2];h${d}=M32[(at>>>2)+1];}else{l${d}=load32(M8,at);h${d}=load32(M8,at+4);}`;
        return `${check}x=(at&7)===0?MD[at>>>3]:loadF64(M8,at);if(x!==x)${leave}d${d}=x;`;
      }
      case Op.F64_STORE: case Op.F64_STORE_AT: case Op.F64_STORE_SUM: {
        const { check } = this.address(instruction, 8, true);
        if (!this.readsDouble(a)) return `${check}if((at&3)===0){M32[at>>>2]=l${a};M32[(at>>>2)+1]=h${a};}else{store32(M8,at,l${a});store32(M8,at+4,h${a});}`;
        return `${check}if((at&7)===0)MD[at>>>3]=d${a};else storeF64(M8,at,d${a});`;
      }
      case Op.I32_ADD_LOAD: return `at=(i${b}>>>0)+${c >>> 0};if(at+4>limit)${leave}i${d}=(i${a}+((at&3)===0?M32[at>>>2]:load32(M8,at)))|0;`;
      case Op.F64_ADD_LOAD: case Op.F64_SUB_LOAD: case Op.F64_MUL_LOAD: {
        const sign = op === Op.F64_ADD_LOAD ? '+' : op === Op.F64_SUB_LOAD ? '-' : '*';
        return `at=(i${b}>>>0)+${c >>> 0};if(at+8>limit)${leave}${this.setD(d, `${this.d(a)}${sign}((at&7)===0?MD[at>>>3]:loadF64(M8,at))`)}`;
      }
      case Op.MEMORY_SIZE: return `i${d}=memory.size();`;
      case Op.MEMORY_GROW: return `i${d}=memories[${b}].grow(i${a}>>>0);${this.viewsText('')}`;

      case Op.BR: return go(targets[0]!);
      case Op.BR_IF: return `if(i${d}!==0)${go(targets[0]!)}`;
      case Op.BR_UNLESS: return `if(i${d}===0)${go(targets[0]!)}`;
      case Op.BR_I64_EQZ: return `if((l${d}|h${d})===0)${go(targets[0]!)}`;
      case Op.BR_I64_NEZ: return `if((l${d}|h${d})!==0)${go(targets[0]!)}`;
      case Op.ADD_BR_IF: return `i${d}=(i${a}+${constant(b)})|0;if(i${d}!==0)${go(targets[0]!)}`;
      case Op.ADD_BR_NE: return `i${d}=(i${a}+${constant(b)})|0;if(i${d}!==i${c})${go(targets[0]!)}`;
      case Op.ADD_BR_NE_K: return `i${d}=(i${a}+${constant(b)})|0;if(i${d}!==${constant(c)})${go(targets[0]!)}`;
      case Op.BR_TABLE: {
        const last = targets[targets.length - 1]!;
        const cases = new Map<number, string>();
        targets.slice(0, -1).forEach((target, at) => {
          if (target !== last) cases.set(target, `${cases.get(target) ?? ''}case ${at}:`);
        });
        return `switch(i${d}){${[...cases].map(([target, labels]) => `${labels}${go(target)}`).join('')}default:${go(last)}}`;
      }
      case Op.RETURN32: return `return i${d};`;
      case Op.RETURN64: return `HIGH[0]=h${d};return l${d};`;
      case Op.RETURN_F64: return `x=${this.d(d)};if(x!==x)${leave}return x;`;
      case Op.RETURN: return this.returnText(leave);
      case Op.UNREACHABLE: return leave.slice(1, -1);
      default: return this.byLoop(instruction);
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

  /** An operation of `cold.ts`, on slots. */
  private byLoop({ op, at, words }: Instruction): string {
    const before: string[] = [];
    const after: string[] = [];
    Array.from(FORMATS[op]!).forEach((letter, index) => {
      const slot = words[index]!;
      switch (letter) {
        case 's': case 'f': before.push(`S[fp+${slot}]=i${slot};`); break;
        case 'w': before.push(`W[(fp<<1)+${2 * slot}]=l${slot};W[(fp<<1)+${2 * slot + 1}]=h${slot};`); break;
        case 'd': before.push(this.readsDouble(slot) ? `D[fp+${slot}]=d${slot};` : `W[(fp<<1)+${2 * slot}]=l${slot};W[(fp<<1)+${2 * slot + 1}]=h${slot};`); break;
        case 'S': case 'F': after.push(`i${slot}=S[fp+${slot}];`); break;
        case 'W': after.push(`l${slot}=W[(fp<<1)+${2 * slot}];h${slot}=W[(fp<<1)+${2 * slot + 1}];`); break;
        case 'D': after.push(this.writesDouble(slot) ? `d${slot}=D[fp+${slot}];` : `l${slot}=W[(fp<<1)+${2 * slot}];h${slot}=W[(fp<<1)+${2 * slot + 1}];`); break;
      }
    });
    return `${before.join('')}cold(${this.base + at},fp,cp,instance);${after.join('')}`;
  }

  private returnText(leave: string): string {
    const { results } = this.type;
    if (results.length === 0) return 'return 0;';
    if (results.length === 1) {
      if (isNarrow(results[0]!)) return 'return i0;';
      return results[0] === Type.I64 ? 'HIGH[0]=h0;return l0;' : `x=${this.d(0)};if(x!==x)${leave}return x;`;
    }
    return `${results.map((type, slot) => this.writeSlot(type, slot)).join('')}return 0;`;
  }

  // ---- Calls.

  private writeSlot(type: ValueType, slot: number): string {
    if (isNarrow(type)) return `S[fp+${slot}]=i${slot};`;
    if (type === Type.F64 && this.readsDouble(slot)) return `D[fp+${slot}]=d${slot};`;
    return `W[(fp<<1)+${2 * slot}]=l${slot};W[(fp<<1)+${2 * slot + 1}]=h${slot};`;
  }
  private readSlot(type: ValueType, slot: number): string {
    if (isNarrow(type)) return `i${slot}=S[fp+${slot}];`;
    if (type === Type.F64 && this.writesDouble(slot)) return `d${slot}=D[fp+${slot}];`;
    return `l${slot}=W[(fp<<1)+${2 * slot}];h${slot}=W[(fp<<1)+${2 * slot + 1}];`;
  }

  private call(instruction: Instruction, { params, results }: FunctionType): string {
    const { op, at, words } = instruction;
    const delta = words[words.length - 1]!;
    const behind = this.base + at + 1 + words.length;
    const leave = this.leave(instruction);
    /** On slots, for functions of the host and of other instances. */
    const slowly = (name: string): string => `${params.map((type, index) => this.writeSlot(type, delta + index)).join('')}${name}fp+${delta},cp+1);${results.map((type, index) => this.readSlot(type, delta + index)).join('')}`;
    const nans = results.flatMap((type, index) => (type === Type.F64 && this.writesDouble(delta + index) ? [`if(d${delta + index}!==d${delta + index}){nan=${delta + index};doubles=${this.asDouble | this.bitOf(delta + index)};pc=${behind};break X;}`] : []));
    const after = `${nans.join('')}${this.viewsText('')}`;
    if (op === Op.CALL_IMPORT) return `CALLS[cp]=${behind};${slowly(`callImport(${words[0]},`)}${after}`;

    const checks: string[] = [];
    const passed: string[] = [];
    params.forEach((type, index) => {
      const slot = delta + index;
      if (isNarrow(type)) passed.push(`i${slot}`);
      else if (type === Type.I64) passed.push(`l${slot}`, `h${slot}`);
      else if (this.readsDouble(slot)) passed.push(`d${slot}`);
      else {
        checks.push(`x=asF64(l${slot},h${slot});if(x!==x)${leave}`);
        passed.push(`asF64(l${slot},h${slot})`);
      }
    });
    const takeResults = (value: string): string => {
      if (results.length === 0) return `${value};`;
      if (results.length > 1) return `${value};${results.map((type, index) => this.readSlot(type, delta + index)).join('')}`;
      if (isNarrow(results[0]!)) return `i${delta}=${value};`;
      if (results[0] === Type.I64) return `l${delta}=${value};h${delta}=HIGH[0];`;
      if (this.writesDouble(delta)) return `d${delta}=${value};`;
      // A NaN's words are in its slot.
      return `x=${value};if(x===x){${this.setD(delta, 'x')}}else{l${delta}=W[(fp<<1)+${2 * delta}];h${delta}=W[(fp<<1)+${2 * delta + 1}];}`;
    };
    const args = [`fp+${delta}`, 'cp+1', ...passed].join(',');
    if (op === Op.CALL_FIRST) return `${checks.join('')}CALLS[cp]=${behind};${takeResults(`F[${words[0]}](${args})`)}${after}`;
    return `${checks.join('')}n=target(${this.base + at},i${words[2]},cp);CALLS[cp]=${behind};if(n>=0){${takeResults(`F[n](${args})`)}}else{${slowly(`callOther(`)}}${after}`;
  }

  // ---- Memory.

  /** `at`, checked. */
  private address(instruction: Instruction, bytes: number, isStore: boolean): { readonly check: string } {
    const { op, words } = instruction;
    const base = isStore ? words[0]! : words[1]!;
    const format = FORMATS[op]!;
    let at: string;
    if (format.length === 2) at = String((isStore ? words[0]! : words[1]!) >>> 0);
    else if (format === 'Sssk' || format === 'Dssk') at = `((i${words[1]}+i${words[2]})>>>0)+${words[3]! >>> 0}`;
    else if (format.endsWith('kk') && format !== 'skk') at = `((i${base}+${constant(words[3]!)})>>>0)+${words[2]! >>> 0}`;
    else at = `(i${base}>>>0)+${words[2]! >>> 0}`;
    return { check: `at=${at};if(at+${bytes}>limit)${this.leave(instruction)}` };
  }

  private access(instruction: Instruction, kind: string): string {
    const { op, words } = instruction;
    const format = FORMATS[op]!;
    const isStore = !/^[SW]/.test(format);
    const bytes = Number(kind[1]);
    const { check } = this.address(instruction, bytes, isStore);
    if (isStore) {
      const value = format === 'skk' ? constant(words[1]!) : /w/.test(format) ? `l${words[1]}` : `i${words[1]}`;
      if (bytes === 1) return `${check}M8[at]=${value};`;
      return bytes === 2 ? `${check}if((at&1)===0)M16[at>>>1]=${value};else store16(M8,at,${value});` : `${check}if((at&3)===0)M32[at>>>2]=${value};else store32(M8,at,${value});`;
    }
    const raw = bytes === 1 ? 'M8[at]' : bytes === 2 ? '((at&1)===0?M16[at>>>1]:load16(M8,at))' : '((at&3)===0?M32[at>>>2]:load32(M8,at))';
    const value = kind[0] === 'i' && bytes < 4 ? `${raw}<<${32 - 8 * bytes}>>${32 - 8 * bytes}` : raw;
    if (format.startsWith('S')) return `${check}i${words[0]}=${value};`;
    return `${check}x=${value};l${words[0]}=x;h${words[0]}=${kind[0] === 'i' ? 'x>>31' : '0'};`;
  }
}

/** Names of the parameters of an emitted function. */
export const parameterNames = (params: readonly ValueType[]): string[] => params.flatMap((type, slot) => variablesOf(type, slot));
const variablesOf = (type: ValueType, slot: number): string[] => (isNarrow(type) ? [`i${slot}`] : type === Type.I64 ? [`l${slot}`, `h${slot}`] : [`d${slot}`]);
/** The same from the slots of a frame at `fp`. */
const readSlots = (type: ValueType, slot: number): string[] =>
  isNarrow(type) ? [`S[fp+${slot}]`] : type === Type.I64 ? [`W[(fp<<1)+${2 * slot}]`, `W[(fp<<1)+${2 * slot + 1}]`] : [`D[fp+${slot}]`];

/** Text of a function that makes of an index a function `(fp, cp, …)` that has calls of that index performed by the loop. */
export function standInText({ params, results }: FunctionType): string {
  const writes = params.map((type, slot) => (isNarrow(type) ? `S[fp+${slot}]=i${slot};` : type === Type.I64 ? `W[(fp<<1)+${2 * slot}]=l${slot};W[(fp<<1)+${2 * slot + 1}]=h${slot};` : `D[fp+${slot}]=d${slot};`));
  const result = results.length !== 1 ? '0' : isNarrow(results[0]!) ? 'S[fp]' : results[0] === Type.I64 ? '(HIGH[0]=W[(fp<<1)+1],W[fp<<1])' : 'D[fp]';
  return `index=>function(${['fp', 'cp', ...parameterNames(params)].join(',')}){${writes.join('')}callLoop(index,fp,cp);return ${result};}`;
}

function viewsOf(op: Op): readonly string[] {
  if (op === Op.I32_ADD_LOAD || op === Op.LOAD64 || op === Op.LOAD64_AT || op === Op.LOAD64_SUM || op === Op.STORE64 || op === Op.STORE64_AT || op === Op.STORE64_SUM) return ['M8', 'M32', 'limit'];
  const bytes = ACCESSES[op]?.[1];
  if (bytes !== undefined) return bytes === '1' ? ['M8', 'limit'] : bytes === '2' ? ['M8', 'M16', 'limit'] : ['M8', 'M32', 'limit'];
  switch (op) {
    case Op.F64_LOAD: case Op.F64_LOAD_AT: case Op.F64_LOAD_SUM: case Op.F64_LOAD_INDEX: case Op.F64_STORE: case Op.F64_STORE_AT: case Op.F64_STORE_SUM:
    case Op.F64_ADD_LOAD: case Op.F64_SUB_LOAD: case Op.F64_MUL_LOAD: return ['M8', 'M32', 'MD', 'limit'];
    default: return [];
  }
}

/** A constant as an operand: `-1` needs its brackets behind a minus. */
const constant = (value: number): string => (value < 0 ? `(${value})` : String(value));

function compare(index: number, a: string, b: string): string {
  return isUnsigned(index) ? `(${a}>>>0)${COMPARISONS[index]}(${b}>>>0)` : `${a}${COMPARISONS[index]}${b}`;
}

function compareWide(index: number, a: number, b: number): string {
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
