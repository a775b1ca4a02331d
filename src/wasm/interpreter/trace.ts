// Stops a program: makes the Trap or Exhaustion with its call stack. Lowered code carries no positions; whoever traps has
// time, so the functions on the stack are lowered once more, noting where each instruction's code starts.
import { Exhaustion, Trap, type StackFrame } from '../errors.js';
import { ownerOf } from '../runtime/code-space.js';
import { CALLS } from '../runtime/machine.js';
import { ModuleCode } from '../runtime/module-code.js';
import { lowerFunction } from './lower.js';

/** Innermost calls shown; recursion that runs away has a million. */
const MAX_FRAMES = 100;

/** The trap of the instruction whose code is at `pc`, with `depth` return addresses below it. */
export function stop(trap: string, pc: number, depth: number, detail?: string): Trap {
  return new Trap(trap, detail, traceStack(pc, depth));
}

export function exhausted(pc: number, depth: number): Exhaustion {
  return new Exhaustion('call stack exhausted', undefined, traceStack(pc, depth));
}

/** What was thrown without knowing where, by a function of the host for instance, with the calls it happened in. */
export function stopAt(reason: Exhaustion, pc: number, depth: number): Exhaustion {
  if (reason.frames.length === 0) reason.frames = traceStack(pc, depth);
  return reason;
}

/** The calls on the stack, innermost first. */
export function traceStack(pc: number, depth: number): StackFrame[] {
  const frames: StackFrame[] = [];
  const positions = new Map<number, ReturnType<typeof positionsOf>>();
  const add = (address: number): void => {
    const place = ownerOf(address);
    // Constant expressions belong to no function.
    if (place === undefined || place.functionIndex < 0 || !(place.owner instanceof ModuleCode)) return;
    let list = positions.get(place.bodyStart);
    if (list === undefined) positions.set(place.bodyStart, (list = positionsOf(place.owner, place.functionIndex)));
    const offset = list.findLast(([word]) => word <= address - place.bodyStart)?.[1];
    const name = place.owner.functionName(place.functionIndex);
    frames.push({ functionIndex: place.functionIndex, ...(name === undefined ? {} : { name }), ...(offset === undefined ? {} : { offset }) });
  };
  add(pc);
  for (let at = depth - 1; at >= 0 && frames.length < MAX_FRAMES; at--) add(CALLS[at]! - 1);
  return frames;
}

const positionsOf = (code: ModuleCode, functionIndex: number) => lowerFunction(code, functionIndex, true).positions!;
