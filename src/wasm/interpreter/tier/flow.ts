// The code of one function as instructions, and branches as JavaScript can say them: labelled blocks to leave, and loops to go on
// with. Lowered code comes from structured code in order, so each loop is one stretch, and a branch ahead is the end of a block
// that may start anywhere before it.
import { InternalError } from '../../../base/errors.js';
import type { FunctionType } from '../../types.js';
import type { ModuleCode, Region } from '../../runtime/module-code.js';
import { lowerFunction } from '../lower.js';
import { Op } from '../ops.js';
import { formatOf, placeWordOf } from './formats.js';

/** Larger functions stay with the loop: planning them takes tens of milliseconds and megabytes. */
const MAX_WORDS = 100_000;
/** Blocks inside each other; each takes a piece of the stack of V8's parser. */
const MAX_NESTING = 300;

export interface Instruction {
  readonly op: Op;
  /** Index of its first word in the code of the body. */
  readonly at: number;
  readonly words: readonly number[];
  /** Of a call. */
  readonly callee?: FunctionType;
  /** What a `THROW` takes along. */
  readonly payload?: FunctionType;
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
  /** Words of the body. */
  readonly words: number;
  /** The code in front of the body's. */
  readonly prologue: readonly number[];
  readonly regions: readonly Region[];
}

/** Null: a function that stays with the loop. */
export function flowOf(code: ModuleCode, functionIndex: number): Flow | null {
  const { prologue, words, regions } = lowerFunction(code, functionIndex, false);
  if (words.length > MAX_WORDS) return null;
  const instructions = decode(code, words);
  return instructions === null ? null : { instructions, words: words.length, prologue, regions };
}

function decode(code: ModuleCode, words: Int32Array): Instruction[] | null {
  const starts = new Int32Array(words.length).fill(-1);
  const raw: Array<Omit<Instruction, 'targets'> & { targets: readonly number[] }> = [];
  for (let at = 0; at < words.length && words[at] !== Op.LOOP; ) {
    const op = words[at]! as Op;
    const shape = shapeOf(code, op, words, at);
    if (shape === null) return null;
    starts[at] = raw.length;
    const { length, addresses, callee, payload } = shape;
    raw.push({ op, at, words: Array.from(words.subarray(at + 1, at + length)), targets: addresses, ...(callee === undefined ? {} : { callee }), ...(payload === undefined ? {} : { payload }) });
    at += length;
  }
  // A new loop's branches back lead through an operation behind the code.
  const resolve = (address: number): number => {
    const index = starts[words[address] === Op.LOOP ? words[address + 2]! : address]!;
    if (!(index >= 0)) throw new InternalError('lowered code branches to where no operation starts');
    return index;
  };
  for (const each of raw) if (each.targets.length > 0) each.targets = each.targets.map(resolve);
  return raw;
}

interface Shape {
  readonly length: number;
  readonly addresses: readonly number[];
  readonly callee?: FunctionType;
  readonly payload?: FunctionType;
}
const NONE: readonly number[] = [];

function shapeOf(code: ModuleCode, op: Op, words: Int32Array, at: number): Shape | null {
  switch (op) {
    case Op.BR_TABLE: {
      const count = words[at + 2]! + 1;
      return { length: 3 + count, addresses: Array.from(words.subarray(at + 3, at + 3 + count)) };
    }
    case Op.CALL_FIRST:
    case Op.CALL_IMPORT: return { length: 3, addresses: NONE, callee: code.functionType(words[at + 1]!) };
    case Op.CALL_INDIRECT: {
      const index = code.typeIds.indexOf(words[at + 2]!);
      return { length: 5, addresses: NONE, callee: code.typeAt(index) };
    }
    case Op.THROW: return { length: 3, addresses: NONE, payload: code.typeAt(code.tagTypes[words[at + 1]!]!) };
    case Op.RETURN: return { length: 1, addresses: NONE };
    case Op.RETURN32:
    case Op.RETURN64:
    case Op.RETURN_F64: return { length: 2, addresses: NONE };
    default: {
      const format = formatOf(op);
      const place = placeWordOf(op);
      // The address may have 64 bits.
      if (format === undefined || (place !== undefined && (words[at + place]! & 1) !== 0)) return null;
      const target = format.indexOf('t');
      return { length: 1 + format.length, addresses: target < 0 ? NONE : [words[at + 1 + target]!] };
    }
  }
}

/** Whether the next instruction may come after it. */
export const fallsThrough = (op: Op): boolean =>
  op !== Op.BR && op !== Op.BR_TABLE && op !== Op.UNREACHABLE && op !== Op.THROW && op !== Op.THROW_REF && op !== ENTRIES && !(op >= Op.RETURN && op <= Op.RETURN_F64);

/** Not an operation: what leads from the start of a part (parts.ts) to where it is entered. */
export const ENTRIES = -1 as Op;

/**
 * The stretches that branches need, outer ones first, by their starts. A target below zero leads out. Null: blocks inside each
 * other too deep, or code that was not structured.
 */
export function nest(instructions: readonly Instruction[]): Stretch[] | null {
  const loops = new Map<number, Stretch>();
  const blocks = new Map<number, Stretch>();
  instructions.forEach(({ targets }, index) => {
    for (const target of targets) {
      if (target < 0) continue;
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
    all.sort(outerFirst);
    const open: Stretch[] = [];
    for (const one of all) {
      while (open.length > 0 && open[open.length - 1]!.end <= one.start) open.pop();
      // All that are open and end inside of it: each was started before.
      for (let at = open.length - 1; at >= 0 && open[at]!.end < one.end; at--) {
        const other = open[at]!;
        if (other.start === one.start || other.end <= one.start) continue;
        if (one.isLoop) {
          if (!other.isLoop) return null;
          other.end = one.end;
        } else one.start = other.start;
        changed = true;
      }
      open.push(one);
    }
  }
  return depthOf(all) > MAX_NESTING ? null : all;
}

const outerFirst = (left: Stretch, right: Stretch): number => left.start - right.start || right.end - left.end || Number(left.isLoop) - Number(right.isLoop);

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
