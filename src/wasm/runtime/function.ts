// Functions at run time: those of instances, and those of the host. One class, so that call sites see one shape.
// spec: exec/runtime#function-instances
import type { FunctionType } from '../types.js';
import type { CanonicalId } from '../validate/type-registry.js';
import type { Instance } from './instance.js';

/** A function of the host as it is called: numbers, bigints and objects in; one value, an iterable of several, or nothing out. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type HostFunction = (...args: any[]) => unknown;

export class FunctionInstance {
  /** The JavaScript function that calls this one, once somebody asked for it. */
  callable: HostFunction | null = null;

  constructor(
    readonly typeId: CanonicalId,
    readonly type: FunctionType,
    /** Null for a function of the host. */
    readonly instance: Instance | null,
    /** In the index space of its instance. */
    readonly index: number,
    readonly host: HostFunction | null,
  ) {}
}
