// Slots as variables: `i` of 32 bits, `l` and `h` the words of 64 bits, `d` an f64. A slot used both as words and as an f64 has all
// three, and views.ts says which count where.
//
// Bits of NaNs: a variable `d` never holds a NaN that came from elsewhere (a load, an argument, a result: who meets one leaves
// the call to the loop), only one that arithmetic made here, whose sign and payload are free.
import { Type, type FunctionType, type ValueType } from '../../../types.js';
import type { ModuleCode } from '../../../runtime/module-code.js';
import { isDoubleLetter, isNarrow, isNarrowLetter, isWrite, slotsOf, type SlotUse } from '../accesses.js';
import type { Instruction, Stretch } from '../flow.js';
import { findViews, type Access, type Views } from '../views.js';

/** What text is made of. */
export interface Source {
  readonly code: ModuleCode;
  readonly functionIndex: number;
  /** Code address of the body. */
  readonly base: number;
  readonly instructions: readonly Instruction[];
  readonly stretches: readonly Stretch[];
  /** Of a part of a function. */
  readonly surroundings?: Surroundings;
}

export interface Surroundings {
  /** The instruction here that a target below zero comes back to; below zero: none. */
  positionOf(target: number): number;
  /** Of some 64-bit slots, those that others read when control leaves from an instruction. */
  readBehind(index: number, slots: readonly number[]): readonly number[];
}

export abstract class Variables {
  /** Slots by the variables they need. */
  protected readonly narrow = new Set<number>();
  protected readonly words = new Set<number>();
  protected readonly doubles = new Set<number>();
  private readonly wideViews: Views;
  /** Bits of the slots used in both ways that hold an f64 where text is being made for. */
  protected asDouble = 0;
  /** f64 slots that take the results of calls. */
  private readonly resultSlots = new Set<number>();
  protected readonly lines: string[] = [];
  protected readonly type: FunctionType;
  protected readonly uses: ReadonlyArray<readonly SlotUse[]>;
  protected hasCalls = false;

  /** `atStart`: what slots are when it is entered, if they are written then; null: words, as all that are not f64 only. */
  constructor(
    protected readonly source: Source,
    atStart: readonly SlotUse[] | null,
  ) {
    const { code, functionIndex, instructions } = source;
    this.type = code.functionType(functionIndex);
    this.uses = instructions.map((instruction) => slotsOf(instruction, this.type.results));
    const asWords = new Set<number>();
    const asDouble = new Set<number>();
    const see = ([letter, slot]: SlotUse): void => {
      if (isNarrowLetter(letter)) this.narrow.add(slot);
      else if (isDoubleLetter(letter)) asDouble.add(slot);
      else asWords.add(slot);
    };
    atStart?.forEach(see);
    for (const each of this.uses) each.forEach(see);
    for (const { callee, words } of instructions) {
      if (callee === undefined) continue;
      this.hasCalls = true;
      if (callee.results.length === 1 && callee.results[0] === Type.F64) this.resultSlots.add(words[words.length - 1]!);
    }
    for (const slot of asWords) this.words.add(slot);
    for (const slot of asDouble) if (!asWords.has(slot)) this.doubles.add(slot);
    this.wideViews = this.findViews([...asWords].filter((slot) => asDouble.has(slot)), atStart);
  }

  private findViews(both: readonly number[], atStart: readonly SlotUse[] | null): Views {
    const { instructions, surroundings } = this.source;
    const accessOf = ([letter, slot]: SlotUse): Access => ({ slot, asDouble: isDoubleLetter(letter), isWrite: isWrite(letter) });
    const accesses = both.length === 0 ? [] : instructions.map((_, index) => {
      const own = this.uses[index]!.filter(([letter, slot]) => !isNarrowLetter(letter) && both.includes(slot)).map(accessOf);
      for (const slot of surroundings?.readBehind(index, both) ?? []) own.push({ slot, asDouble: false, isWrite: false });
      return own;
    });
    const start = atStart === null ? both.map((slot) => ({ slot, asDouble: false, isWrite: true })) : atStart.map(accessOf);
    return findViews(instructions, accesses, start, both, (target) => (target >= 0 ? target : surroundings!.positionOf(target)));
  }

  // ---- Slots used in both ways.

  /** The view of each before an instruction. */
  protected viewsAt(index: number): number {
    return this.wideViews.asDouble[index]!;
  }
  /** Of a slot used in both ways; 0 for others. */
  protected bitOf(slot: number): number {
    return this.wideViews.mixed.get(slot) ?? 0;
  }
  protected allDoubles(): number[] {
    return [...this.doubles, ...this.wideViews.mixed.keys()];
  }
  /** Whether what is written to the slot as an f64 goes to its `d`. */
  protected writesDouble(slot: number): boolean {
    return this.doubles.has(slot) || this.bitOf(slot) !== 0;
  }
  /** Whether an f64 in the slot is in its `d`. */
  protected readsDouble(slot: number): boolean {
    return this.doubles.has(slot) || (this.asDouble & this.bitOf(slot)) !== 0;
  }

  // ---- Values.

  protected d(slot: number): string {
    return this.readsDouble(slot) ? `d${slot}` : `asF64(l${slot},h${slot})`;
  }
  protected setD(slot: number, value: string): string {
    return this.writesDouble(slot) ? `d${slot}=${value};` : `N8[0]=${value};l${slot}=N8I[0];h${slot}=N8I[1];`;
  }
  protected f(slot: number): string {
    return `asF32(i${slot})`;
  }

  // ---- Between variables and slots.

  protected writeSlot(type: ValueType, slot: number): string {
    if (isNarrow(type)) return writeNarrow(slot);
    return type === Type.F64 && this.readsDouble(slot) ? writeDouble(slot) : writeWords(slot);
  }
  protected readSlot(type: ValueType, slot: number): string {
    if (isNarrow(type)) return readNarrow(slot);
    return type === Type.F64 && this.writesDouble(slot) ? `d${slot}=D[fp+${slot}];` : readWords(slot);
  }

  /** All that is in variables, into slots: which of those used in both ways are f64 is in `doubles`; that of a NaN, in `nan`, has its words. */
  protected writeAll(): string {
    const parts: string[] = [];
    for (const slot of this.narrow) parts.push(writeNarrow(slot));
    for (const slot of this.words) parts.push(this.writeWide(slot));
    for (const slot of this.doubles) parts.push(this.writeWide(slot));
    return parts.join('');
  }
  protected writeWide(slot: number): string {
    const double = `${this.resultSlots.has(slot) ? `if(nan!==${slot})` : ''}${writeDouble(slot)}`;
    if (this.doubles.has(slot)) return double;
    const bit = this.bitOf(slot);
    return bit === 0 ? writeWords(slot) : `if((doubles&${bit})!==0){${double}}else{${writeWords(slot)}}`;
  }

  /** As things stand where text is being made for. */
  protected writeWideHere(slot: number): string {
    return this.readsDouble(slot) ? writeDouble(slot) : writeWords(slot);
  }

  protected declarations(declared: ReadonlySet<string>): string {
    const names = [...this.narrow].map((slot) => `i${slot}`).concat([...this.words].flatMap((slot) => [`l${slot}`, `h${slot}`]), this.allDoubles().map((slot) => `d${slot}`));
    return `let ${[...names.filter((name) => !declared.has(name)), 'x', 'y', 'n', 'pc', 'doubles'].map((name) => `${name}=0`).join(',')},at=0,nan=-1;`;
  }

  // ---- To the loop.

  /** Leaves the call to the loop, from this instruction on. */
  protected leave({ at }: Instruction): string {
    return this.leaveAt(this.source.base + at);
  }
  protected leaveAt(pc: number): string {
    return `{pc=${pc};${this.asDouble === 0 ? '' : `doubles=${this.asDouble};`}break X;}`;
  }
}

export const writeNarrow = (slot: number): string => `S[fp+${slot}]=i${slot};`;
export const readNarrow = (slot: number): string => `i${slot}=S[fp+${slot}];`;
export const writeDouble = (slot: number): string => `D[fp+${slot}]=d${slot};`;
export const writeWords = (slot: number): string => `W[(fp<<1)+${2 * slot}]=l${slot};W[(fp<<1)+${2 * slot + 1}]=h${slot};`;
export const readWords = (slot: number): string => `l${slot}=W[(fp<<1)+${2 * slot}];h${slot}=W[(fp<<1)+${2 * slot + 1}];`;

/** A constant as an operand: `-1` needs its brackets behind a minus. */
export const constant = (value: number): string => (value < 0 ? `(${value})` : String(value));

/** Names of the parameters of an emitted function. */
export const parameterNames = (params: readonly ValueType[]): string[] => params.flatMap((type, slot) => variablesOf(type, slot));
export const variablesOf = (type: ValueType, slot: number): string[] => (isNarrow(type) ? [`i${slot}`] : type === Type.I64 ? [`l${slot}`, `h${slot}`] : [`d${slot}`]);
/** Parameters into the slots of a frame. */
export const writeParameter = (type: ValueType, slot: number): string => (isNarrow(type) ? writeNarrow(slot) : type === Type.I64 ? writeWords(slot) : writeDouble(slot));
/** The same from the slots of a frame at `fp`. */
export const readParameters = (params: readonly ValueType[]): string[] =>
  params.flatMap((type, slot) => (isNarrow(type) ? [`S[fp+${slot}]`] : type === Type.I64 ? [`W[(fp<<1)+${2 * slot}]`, `W[(fp<<1)+${2 * slot + 1}]`] : [`D[fp+${slot}]`]));
/** The result of a function, from slots. */
export const resultInSlots = ({ results }: FunctionType): string =>
  results.length !== 1 ? '0' : isNarrow(results[0]!) ? 'S[fp]' : results[0] === Type.I64 ? '(HIGH[0]=W[(fp<<1)+1],W[fp<<1])' : 'D[fp]';
