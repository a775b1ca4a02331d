// Stops a program: makes the Trap or Exhaustion with its call stack. Lowered code carries no positions; whoever traps has
// time, so the functions on the stack are lowered once more, noting where each instruction's code starts.
import { Exhaustion, Trap, type StackFrame } from '../errors.js';
import { ownerOf } from '../runtime/code-space.js';
import { CALLS } from '../runtime/machine.js';
import { ModuleCode } from '../runtime/module-code.js';
import { lowerFunction } from './lower.js';

/** Calls kept at each end of a stack, the innermost and the outermost; recursion that runs away has a million. */
const KEPT_CALLS = 50;

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

/** The calls on the stack, innermost first; of a deep one both ends. */
export const traceStack = (pc: number, depth: number): StackFrame[] => framesOf(pc, CALLS, depth);

/** The same to be had later: for what is mostly caught, and seldom looked at. */
export function traceLater(pc: number, depth: number): () => StackFrame[] {
  const calls = CALLS.slice(0, depth);
  return () => framesOf(pc, calls, depth);
}

function framesOf(pc: number, calls: Int32Array, depth: number): StackFrame[] {
  const positions = new Map<number, ReturnType<typeof positionsOf>>();
  // Constant expressions belong to no function, and JavaScript that was left puts an address of nobody between calls.
  const callOf = (address: number) => {
    const place = ownerOf(address);
    return place !== undefined && place.functionIndex >= 0 && place.owner instanceof ModuleCode ? { ...place, owner: place.owner, address } : undefined;
  };
  const frameOf = ({ owner, functionIndex, bodyStart, address }: NonNullable<ReturnType<typeof callOf>>): StackFrame => {
    let list = positions.get(bodyStart);
    if (list === undefined) positions.set(bodyStart, (list = positionsOf(owner, functionIndex)));
    const offset = list.findLast(([word]) => word <= address - bodyStart)?.[1];
    const name = owner.functionName(functionIndex);
    return { functionIndex, ...(name === undefined ? {} : { name }), ...(offset === undefined ? {} : { offset }) };
  };
  const innermost: StackFrame[] = [];
  const innermostCall = callOf(pc);
  if (innermostCall !== undefined) innermost.push(frameOf(innermostCall));
  let top = depth - 1;
  for (; top >= 0 && innermost.length < KEPT_CALLS; top--) {
    const call = callOf(calls[top]! - 1);
    if (call !== undefined) innermost.push(frameOf(call));
  }
  const outermost: StackFrame[] = [];
  let bottom = 0;
  for (; bottom <= top && outermost.length < KEPT_CALLS; bottom++) {
    const call = callOf(calls[bottom]! - 1);
    if (call !== undefined) outermost.unshift(frameOf(call));
  }
  let callsBetween = 0;
  for (let at = bottom; at <= top; at++) if (callOf(calls[at]! - 1) !== undefined) callsBetween++;
  const [first, ...others] = outermost;
  return first === undefined || callsBetween === 0 ? [...innermost, ...outermost] : [...innermost, { ...first, callsBetween }, ...others];
}

const positionsOf = (code: ModuleCode, functionIndex: number) => lowerFunction(code, functionIndex, true).positions!;
