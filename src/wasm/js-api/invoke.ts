// Calls an exported function with values by their bits. JavaScript numbers quiet signalling NaNs and have no vectors; who
// must see every bit (the specification's test suite, fuzzers) calls this way.
import type { HostFunction } from '../runtime/function.js';
import { functionOfCallable } from '../runtime/host-values.js';
import { invokeWithBits, type Value } from '../interpreter/invoke.js';

/** Throws Trap, Exhaustion, and TypeError when `callable` is no exported function or `args` are not what it takes. */
export function invoke(callable: HostFunction, args: readonly Value[]): Value[] {
  const func = functionOfCallable(callable);
  if (func === undefined) throw new TypeError('not an exported function of an instance');
  if (args.length !== func.type.params.length) throw new TypeError(`${func.type.params.length} arguments expected, ${args.length} given`);
  return invokeWithBits(func, args);
}
