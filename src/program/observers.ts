// Several observers as one.
import type { WasiObserver } from '../wasi/index.js';

/** Undefined for none; itself for one. At most one may stand between handlers and memory. */
export function together(observers: readonly WasiObserver[]): WasiObserver | undefined {
  const [first] = observers;
  if (first === undefined || observers.length === 1) return first;
  const memory = observers.find((each) => each.memory !== undefined)?.memory;
  return {
    ...(memory === undefined ? {} : { memory }),
    now: first.now,
    before: (call) => observers.forEach((each) => each.before?.(call)),
    after: (call, answer) => observers.forEach((each) => each.after(call, answer)),
  };
}

/** Durations of real calls. */
export const realNow = (): bigint => process.hrtime.bigint();
/** For output that is the same in each run. */
export const noTime = (): bigint => 0n;
