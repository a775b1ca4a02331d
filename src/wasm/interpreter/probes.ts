// The operations that probes (`runtime/probes.ts`) have lowering emit. They are reached through `cold.ts`: the loop knows
// nothing of them, so that what nobody asked for costs nothing.
import { CODE } from '../runtime/code-space.js';
import type { Instance } from '../runtime/instance.js';
import { Exhaustion } from '../errors.js';
import { stopAt, traceStack } from './trace.js';

/** `FUEL instructions` */
export function charge(pc: number, depth: number, instance: Instance): void {
  const probes = instance.code.probes!;
  if ((probes.meter[0]! -= CODE[pc + 1]!) < 0) {
    throw new Exhaustion('all fuel is used up', `${probes.fuel} instructions were allowed`, traceStack(pc, depth), { code: 'E_LIMIT_FUEL' });
  }
}

/** `ENTERED function` */
export function enter(pc: number, depth: number, instance: Instance): void {
  const probes = instance.code.probes!;
  if (depth > probes.depth) {
    throw new Exhaustion('calls are nested too deep', `${probes.depth} were allowed at once`, traceStack(pc, depth), { code: 'E_LIMIT_DEPTH' });
  }
  if (probes.calls !== null) probes.calls.enter(CODE[pc + 1]!, depth);
  if (probes.interrupt !== null) tick(pc, depth, instance);
}

/** `TICK` */
export function tick(pc: number, depth: number, instance: Instance): void {
  const reason = instance.code.probes!.tick();
  if (reason !== undefined) throw stopAt(reason, pc, depth);
}
