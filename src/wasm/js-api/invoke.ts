// Calls an exported function with values by their bits. JavaScript numbers quiet signalling NaNs and have no vectors; who
// must see every bit (the specification's test suite, fuzzers) calls this way.
import { formatType, isReference } from '../types.js';
import type { HostFunction } from '../runtime/function.js';
import { functionOfCallable } from '../runtime/host-values.js';
import { invokeWithBits, type Value } from '../interpreter/invoke.js';

/** Throws Trap, Exhaustion, and TypeError when `callable` is no exported function or `args` are not what it takes. */
export function invoke(callable: HostFunction, args: readonly Value[]): Value[] {
  const func = functionOfCallable(callable);
  if (func === undefined) throw new TypeError('not an exported function of an instance');
  const { params } = func.type;
  if (args.length !== params.length) throw new TypeError(`${params.length} arguments expected, ${args.length} given`);
  params.forEach((type, index) => {
    const wanted = isReference(type) ? 'ref' : formatType(type);
    const given = args[index]!;
    if (given.type !== wanted) throw new TypeError(`argument ${index} is of type ${given.type}, ${wanted} is expected`);
    if (given.type === 'v128' && given.bytes.length !== 16) throw new TypeError(`argument ${index} has ${given.bytes.length} bytes, 16 are expected`);
  });
  return invokeWithBits(func, args);
}
