// A call from lowered code to a function of the host.
// spec: exec/instructions#host-functions, js-api#run-a-host-function
import { Exhaustion } from '../errors.js';
import type { FunctionInstance } from '../runtime/function.js';
import { Exception } from '../runtime/exception.js';
import { fromHost, refuseVectors, toHost } from '../runtime/host-values.js';
import { CALLS, machine } from '../runtime/machine.js';
import { slotsOfType, slotsOfTypes } from '../runtime/slots.js';
import { stopAt } from './trace.js';

/**
 * Arguments stand from slot `base` on, and results go there. While the host runs, calls it makes start above them, with
 * `depth` return addresses below. Returns the exception of WebAssembly that ended the call, if one did; whatever else the host
 * throws is thrown on: code cannot catch it, so that an exit of the program is no exception of its own.
 */
export function callHost(func: FunctionInstance, base: number, depth: number): Exception | null {
  try {
    callWithSlots(func, base, depth);
    return null;
  } catch (error) {
    if (error instanceof Exception) return error;
    // Thrown while the program waited, for instance: what the host does not know is where the program is.
    throw error instanceof Exhaustion && depth > 0 ? stopAt(error, CALLS[depth - 1]! - 1, depth - 1) : error;
  }
}

function callWithSlots(func: FunctionInstance, base: number, depth: number): void {
  const { params, results } = func.type;
  refuseVectors(func.type);
  const args: unknown[] = [];
  let slot = base;
  for (let index = 0; index < params.length; index++) {
    const type = params[index]!;
    args.push(toHost(type, slot));
    slot += slotsOfType(type);
  }
  machine.top = Math.max(slot, base + slotsOfTypes(results));
  machine.depth = depth;
  const result = func.host!(...args);
  if (results.length === 1) fromHost(results[0]!, result, base);
  else if (results.length > 1) writeResults(func, result, base);
}

function writeResults({ type: { results } }: FunctionInstance, result: unknown, base: number): void {
  const values = [...(result as Iterable<unknown>)];
  if (values.length !== results.length) throw new TypeError(`the host function returned ${values.length} values, ${results.length} are expected`);
  let slot = base;
  results.forEach((type, index) => {
    fromHost(type, values[index], slot);
    slot += slotsOfType(type);
  });
}
