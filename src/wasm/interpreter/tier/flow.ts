// The code of one function as instructions, and its branches as JavaScript can say them: labelled blocks to leave, and loops to
// go on with. Lowered code comes from structured code in order, so each loop is one stretch, and a branch ahead is the end of
// a block that may start anywhere before it.
import { InternalError } from '../../../base/errors.js';
import type { FunctionType } from '../../types.js';
import type { ModuleCode } from '../../runtime/module-code.js';
import { lowerFunction } from '../lower.js';
import { Op } from '../ops.js';
import { FORMATS } from './formats.js';

/** Larger functions stay with the loop: V8 does not optimise what they become, 9 to 12 bytes of bytecode a word, beyond 60 KB. */
const MAX_WORDS = 6_500;
/** Blocks inside each other; each takes a piece of the stack of V8's parser. */
const MAX_NESTING = 300;

export interface Instruction {
  readonly op: Op;
  /** Index of its first word in the code of the body. */
  readonly at: number;
  readonly words: readonly number[];
  /** Of a call. */
  readonly callee?: FunctionType;
  /** Indices of the instructions it may go to; those of a `BR_TABLE` in order. */
  readonly targets: readonly number[];
}

/** Instructions from `start` on, before `end`. Of two that overlap one holds the other. */
export interface Stretch {
  readonly isLoop: boolean;
  start: number;
  end: number;
}

export interface Flow {
  readonly instructions: readonly Instruction[];
  /** Outer ones first, by their starts. */
  readonly stretches: readonly Stretch[];
  /** Words of the prologue in front of the body. */
  readonly prologueWords: number;
}

/** Null: a function that stays with the loop. */
export function flowOf(code: ModuleCode, functionIndex: number): Flow | null {
  const { prologue, words, regions } = lowerFunction(code, functionIndex, false);
  if (regions.length > 0 || words.length > MAX_WORDS) return null;
  const instructions = decode(code, words);
  if (instructions === null) return null;
  const stretches = nest(instructions);
  return stretches === null ? null : { instructions, stretches, prologueWords: prologue.length };
}

function decode(code: ModuleCode, words: Int32Array): Instruction[] | null {
  const starts = new Map<number, number>();
  const raw: Array<Omit<Instruction, 'targets'> & { readonly addresses: readonly number[] }> = [];
  for (let at = 0; at < words.length && words[at] !== Op.LOOP; ) {
    const op = words[at]! as Op;
    const shape = shapeOf(code, op, words, at);
    if (shape === null) return null;
    starts.set(at, raw.length);
    const { length, addresses, callee } = shape;
    raw.push({ op, at, words: Array.from(words.subarray(at + 1, at + length)), addresses, ...(callee === undefined ? {} : { callee }) });
    at += length;
  }
  // A new loop's branches back lead through an operation behind the code.
  const resolve = (address: number): number => starts.get(words[address] === Op.LOOP ? words[address + 2]! : address) ?? -1;
  const instructions = raw.map(({ addresses, ...rest }) => ({ ...rest, targets: addresses.map(resolve) }));
  if (instructions.some(({ targets }) => targets.includes(-1))) throw new InternalError('lowered code branches to where no operation starts');
  return instructions;
}

function shapeOf(code: ModuleCode, op: Op, words: Int32Array, at: number): { readonly length: number; readonly addresses: readonly number[]; readonly callee?: FunctionType } | null {
  switch (op) {
    case Op.BR_TABLE: {
      const count = words[at + 2]! + 1;
      return { length: 3 + count, addresses: Array.from(words.subarray(at + 3, at + 3 + count)) };
    }
    case Op.CALL_FIRST:
    case Op.CALL_IMPORT: return { length: 3, addresses: [], callee: code.functionType(words[at + 1]!) };
    case Op.CALL_INDIRECT: {
      const index = code.typeIds.indexOf(words[at + 2]!);
      return { length: 5, addresses: [], callee: code.typeAt(index) };
    }
    case Op.RETURN: return { length: 1, addresses: [] };
    case Op.RETURN32:
    case Op.RETURN64:
    case Op.RETURN_F64: return { length: 2, addresses: [] };
    default: {
      const format = FORMATS[op];
      if (format === undefined) return null;
      const target = format.indexOf('t');
      return { length: 1 + format.length, addresses: target < 0 ? [] : [words[at + 1 + target]!] };
    }
  }
}

function nest(instructions: readonly Instruction[]): Stretch[] | null {
  const loops = new Map<number, Stretch>();
  const blocks = new Map<number, Stretch>();
  instructions.forEach(({ targets }, index) => {
    for (const target of targets) {
      if (target <= index) {
        const loop = loops.get(target);
        if (loop === undefined) loops.set(target, { isLoop: true, start: target, end: index + 1 });
        else loop.end = Math.max(loop.end, index + 1);
      } else {
        const block = blocks.get(target);
        if (block === undefined) blocks.set(target, { isLoop: false, start: index, end: target });
        else block.start = Math.min(block.start, index);
      }
    }
  });
  const all = [...loops.values(), ...blocks.values()];
  // A loop ends behind its last branch back, which may lie inside a loop within it; a block starts at its first branch, which
  // may lie inside a stretch that ends before the block does.
  for (let changed = true; changed; ) {
    changed = false;
    for (const one of all) {
      for (const other of all) {
        if (!(one.start < other.start && other.start < one.end && one.end < other.end)) continue;
        if (other.isLoop) {
          if (!one.isLoop) return null;
          one.end = other.end;
        } else other.start = one.start;
        changed = true;
      }
    }
  }
  all.sort((left, right) => left.start - right.start || right.end - left.end || Number(left.isLoop) - Number(right.isLoop));
  return depthOf(all) > MAX_NESTING ? null : all;
}

function depthOf(stretches: readonly Stretch[]): number {
  const open: number[] = [];
  let deepest = 0;
  for (const { start, end } of stretches) {
    while (open.length > 0 && open[open.length - 1]! <= start) open.pop();
    open.push(end);
    deepest = Math.max(deepest, open.length);
  }
  return deepest;
}
