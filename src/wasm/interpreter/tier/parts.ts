// A large function as parts, each a JavaScript function of its own: V8 optimises none of more than 60 KB of bytecode, and 9 to 12
// bytes come of a word of lowered code. Between parts all values are in their slots; what a part takes over and leaves behind
// is what liveness.ts finds. Loops stay whole where they are small enough. A part is made when it is first entered, so the
// parts of a large function that never run cost nothing.
//
// Where control enters a part other than by running on is an entry of it: targets of branches from other parts, heads of loops
// that reach over several parts, handlers of exceptions.
import type { ValueType } from '../../types.js';
import type { Region } from '../../runtime/module-code.js';
import { Op } from '../ops.js';
import { slotsOf, type SlotUse } from './accesses.js';
import { ENTRIES, fallsThrough, nest, type Flow, type Instruction, type Stretch } from './flow.js';
import { Liveness } from './liveness.js';

/** An entry is a number: part << PART_SHIFT | index in the part's entries. */
export const PART_SHIFT = 16;

export interface Part {
  /** Instructions, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Instructions, ascending. */
  readonly entries: readonly number[];
}

export interface Plan {
  readonly flow: Flow;
  readonly parts: readonly Part[];
  readonly liveness: Liveness;
  /** Of each instruction. */
  readonly uses: ReadonlyArray<readonly SlotUse[]>;
  /** Where control may go from an instruction when it raises an exception. */
  readonly handlersOf: (index: number) => readonly number[];
  /** Loops that stay whole, by their first instruction: where they end. */
  readonly loops: ReadonlyMap<number, number>;
}

/** Where a way out of a part leads. */
export interface Exit {
  /** Instruction of the function. */
  readonly target: number;
  /** The same part, at this entry. */
  readonly again: boolean;
}

/** The instructions of a part: the first leads to its entries. Targets are indices in the list, or `~index` of an exit. */
export interface PartCode {
  readonly instructions: readonly Instruction[];
  readonly stretches: readonly Stretch[];
  readonly exits: readonly Exit[];
}

/** `most`: words of a part. */
export function planOf(flow: Flow, results: readonly ValueType[], most: number): Plan {
  const { instructions, regions } = flow;
  const uses = instructions.map((instruction) => slotsOf(instruction, results));
  const indexAt = (word: number): number => firstFrom(instructions, word);
  const handlersOf = handlers(flow, indexAt);
  const starts = regions.flatMap(({ clauses }) => clauses.map(({ at }) => indexAt(at)));
  const loops = loopsOf(instructions);
  for (const [start, end] of loops) {
    const words = wordAt(flow, end) - wordAt(flow, start);
    if (words > most || starts.some((handler) => handler > start && handler < end)) loops.delete(start);
  }
  const cuts = cut(flow, loops, most);
  const partOf = new Int32Array(instructions.length + 1);
  cuts.slice(0, -1).forEach((from, part) => partOf.fill(part, from, cuts[part + 1]));
  const entries = new Set<number>([0, ...starts]);
  instructions.forEach(({ op, targets }, index) => {
    for (const target of targets) {
      if (partOf[target] !== partOf[index] || (target <= index && !loops.has(target))) entries.add(target);
    }
    if (fallsThrough(op) && index + 1 < instructions.length && partOf[index + 1] !== partOf[index]) entries.add(index + 1);
  });
  const ascending = [...entries].sort((left, right) => left - right);
  const parts = cuts.slice(0, -1).map((from, part) => ({ from, to: cuts[part + 1]!, entries: ascending.filter((entry) => partOf[entry] === part) }));
  return { flow, parts, uses, handlersOf, loops, liveness: new Liveness(instructions, uses, ascending, handlersOf) };
}

/** Index of the instruction at a word; behind the last one when there is none. */
function firstFrom(instructions: readonly Instruction[], word: number): number {
  let low = 0;
  let high = instructions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (instructions[middle]!.at < word) low = middle + 1;
    else high = middle;
  }
  return low;
}

const wordAt = ({ instructions, words }: Flow, index: number): number => instructions[index]?.at ?? words;

function handlers({ instructions, regions }: Flow, indexAt: (word: number) => number): (index: number) => readonly number[] {
  if (regions.length === 0) return () => [];
  const ofRegion = regions.map((region) => {
    const found: number[] = [];
    for (let each: Region | undefined = region; each !== undefined; each = regions[each.outer]) found.push(...each.clauses.map(({ at }) => indexAt(at)));
    return found;
  });
  // As `unwind.ts` looks them up: the last of those around an instruction is the innermost.
  return (index) => {
    const { at } = instructions[index]!;
    const region = regions.findLastIndex(({ start, end }) => start <= at && at < end);
    return region < 0 ? [] : ofRegion[region]!;
  };
}

/** Start -> end, of two that overlap one holds the other. */
function loopsOf(instructions: readonly Instruction[]): Map<number, number> {
  const ends = new Map<number, number>();
  instructions.forEach(({ targets }, index) => {
    for (const target of targets) if (target <= index) ends.set(target, index + 1);
  });
  const starts = [...ends.keys()].sort((left, right) => right - left);
  // A loop ends behind its last branch back, which may lie inside a loop within it. Inner ones first.
  for (const start of starts) for (const [inner, end] of ends) if (inner > start && inner < ends.get(start)! && end > ends.get(start)!) ends.set(start, end);
  return ends;
}

/** Where parts begin, and the end of the last. */
function cut(flow: Flow, loops: ReadonlyMap<number, number>, most: number): number[] {
  const { instructions } = flow;
  const cuts = [0];
  let from = 0;
  /** The last good place to cut: behind an instruction that others do not follow. */
  let good = 0;
  for (let index = 0; index < instructions.length; ) {
    const next = loops.get(index) ?? index + 1;
    if (wordAt(flow, next) - wordAt(flow, from) > most && index > from) {
      from = wordAt(flow, good) - wordAt(flow, from) > most / 2 ? good : index;
      cuts.push(from);
    }
    index = next;
    if (!fallsThrough(instructions[index - 1]!.op)) good = index;
  }
  return [...cuts, instructions.length];
}

/** Null: it cannot be said in JavaScript. `loop`: what is entered is the head of a loop within the part. */
export function codeOfPart({ flow, loops }: Plan, { from, to, entries }: Part): PartCode | null {
  const exits: Exit[] = [];
  const known = new Map<number, number>();
  const exit = (target: number, again: boolean): number => {
    let found = known.get(target);
    if (found === undefined) known.set(target, (found = exits.push({ target, again }) - 1));
    return ~found;
  };
  const position = (index: number): number => index - from + 1;
  const instructions: Instruction[] = [{ op: ENTRIES, at: 0, words: [], targets: entries.map(position) }];
  for (let index = from; index < to; index++) {
    const instruction = flow.instructions[index]!;
    const targets = instruction.targets.map((target) => {
      if (target < from || target >= to) return exit(target, false);
      return target > index || loops.has(target) ? position(target) : exit(target, true);
    });
    instructions.push(targets.length === 0 ? instruction : { ...instruction, targets });
  }
  if (to < flow.instructions.length && fallsThrough(flow.instructions[to - 1]!.op)) {
    instructions.push({ op: Op.BR, at: wordAt(flow, to), words: [0], targets: [exit(to, false)] });
  }
  const stretches = nest(instructions);
  return stretches === null ? null : { instructions, stretches, exits };
}
