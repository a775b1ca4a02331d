// Where lowered code rests: one Int32Array for all modules, so that its address is a constant of the loop. Gives out
// ranges, takes them back when their owner is garbage, and finds the owner of an address for stack traces.
import { LimitError } from '../errors.js';
import { reserveZeros } from './reservation.js';

/** 64 MiB: about 20 MB of WebAssembly that was really called. Pages never used cost nothing. */
const WORDS = 1 << 24;
/** Words behind the last that code may use: the loop looks at operands before it knows whether there are any. */
const MARGIN = 8;
export const CODE = new Int32Array(reserveZeros(4 * (WORDS + MARGIN)));

/** f64 constants of all code, each once, none a NaN; code holds their indices. */
export const FLOAT_CONSTANTS = new Float64Array(reserveZeros(8 << 16));
const floatIndices = new Map<number, number>();

/** The index of a constant in `FLOAT_CONSTANTS`, or -1: a NaN or -0 (which a Map takes for 0), or no room is left. */
export function floatConstant(value: number): number {
  if (Number.isNaN(value) || Object.is(value, -0)) return -1;
  const known = floatIndices.get(value);
  if (known !== undefined) return known;
  const index = floatIndices.size;
  if (index === FLOAT_CONSTANTS.length) return -1;
  FLOAT_CONSTANTS[index] = value;
  floatIndices.set(value, index);
  return index;
}

/** What a range belongs to: a function of a module's code. */
export interface CodeOwner {
  readonly ranges: number[];
}

interface Range {
  start: number;
  end: number;
}
interface UsedRange extends Range {
  /** Behind the prologue. */
  readonly bodyStart: number;
  readonly owner: WeakRef<CodeOwner>;
  readonly functionIndex: number;
}

/** Free ranges below `top`, ascending, never touching. */
const free: Range[] = [];
/** Used ranges, ascending. */
const used: UsedRange[] = [];
/** Below: words that belong to nobody (`HALT_ADDRESS` and the addresses behind it). */
let top = 9;
/** Return addresses that are no function's code: the loop writes an operation there, and in front of it a delta of 0. */
export const HALT_ADDRESS = 1;
export const LEAVE_ADDRESS = 3;
/** Where the loop goes on when emitted code has performed a call, and when that threw the exception in the frame's first slot. */
export const RETURN_ADDRESS = 5;
export const RAISE_ADDRESS = 7;

const reclaim = new FinalizationRegistry<readonly number[]>((starts) => {
  for (const start of starts) release(start);
});

/** To be called once for each owner, before its first range. */
export function registerOwner(owner: CodeOwner): void {
  reclaim.register(owner, owner.ranges);
}

/** Copies code to a place of its own and returns the address of its first word. `addresses` lists the words of `body` that hold addresses, as yet counted from its own first word. */
export function placeCode(prologue: readonly number[], body: Int32Array, addresses: readonly number[], owner: CodeOwner, functionIndex: number): number {
  const start = allocate(prologue.length + body.length);
  const bodyStart = start + prologue.length;
  CODE.set(prologue, start);
  CODE.set(body, bodyStart);
  for (const at of addresses) CODE[bodyStart + at]! += bodyStart;
  const range = { start, bodyStart, end: bodyStart + body.length, owner: new WeakRef(owner), functionIndex };
  if (used.length === 0 || used[used.length - 1]!.start < start) used.push(range);
  else used.splice(indexAbove(start), 0, range);
  owner.ranges.push(start);
  return start;
}

function allocate(length: number): number {
  const at = free.findIndex((range) => range.end - range.start >= length);
  if (at >= 0) {
    const range = free[at]!;
    const start = range.start;
    range.start += length;
    if (range.start === range.end) free.splice(at, 1);
    return start;
  }
  if (top + length > WORDS) throw new LimitError(`the code of all running modules takes more than ${WORDS * 4} bytes`);
  top += length;
  return top - length;
}

/** Index of the first used range that starts above `address`. */
function indexAbove(address: number): number {
  let low = 0;
  let high = used.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (used[middle]!.start > address) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Takes a place back before its owner is garbage. */
export function releaseCode(owner: CodeOwner, start: number): void {
  owner.ranges.splice(owner.ranges.lastIndexOf(start), 1);
  release(start);
}

function release(start: number): void {
  const index = indexAbove(start) - 1;
  const { end } = used[index]!;
  used.splice(index, 1);
  let at = free.findIndex((range) => range.start > start);
  if (at < 0) at = free.length;
  free.splice(at, 0, { start, end });
  if (free[at + 1]?.start === end) free.splice(at, 2, { start, end: free[at + 1]!.end });
  if (at > 0 && free[at - 1]!.end === start) free.splice(at - 1, 2, { start: free[at - 1]!.start, end: free[at]!.end });
}

/** The function whose code `address` lies in; `end` is behind its last word. */
export function ownerOf(address: number): { readonly owner: CodeOwner; readonly functionIndex: number; readonly bodyStart: number; readonly end: number } | undefined {
  const range = used[indexAbove(address) - 1];
  const owner = range?.owner.deref();
  return owner === undefined || address >= range!.end ? undefined : { owner, functionIndex: range!.functionIndex, bodyStart: range!.bodyStart, end: range!.end };
}
