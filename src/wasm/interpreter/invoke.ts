// Calls from the host into WebAssembly: arguments to slots, the loop, results back; and the stack as it was, however the
// call ends.
// spec: exec/modules#invocation, js-api#call-an-exported-function
import { Exhaustion } from '../errors.js';
import { Type, type ValueType } from '../types.js';
import { HALT_ADDRESS } from '../runtime/code-space.js';
import type { FunctionInstance } from '../runtime/function.js';
import type { Instance } from '../runtime/instance.js';
import { fromHost, invoker, refuseVectors, toHost } from '../runtime/host-values.js';
import { CALLS, HALVES, I32, machine, MAX_HOST_NESTING, REFS, reserveReferences, STACK_SLOTS } from '../runtime/machine.js';
import { readSlot, slotsOfType, slotsOfTypes, type Bits } from '../runtime/slots.js';
import { callHost } from './host-call.js';
import { entryOf } from './entry.js';
import { run } from './loop.js';
import { loop } from './tier/link.js';
import { exhausted } from './trace.js';

/** A value by its bits: what a test suite needs, where JavaScript numbers would change NaNs. */
export type Value =
  | { readonly type: 'i32'; readonly value: number }
  | { readonly type: 'i64'; readonly value: bigint }
  /** Bits, signed or unsigned. */
  | { readonly type: 'f32'; readonly bits: number }
  | { readonly type: 'f64'; readonly bits: bigint }
  /** Sixteen bytes. */
  | { readonly type: 'v128'; readonly bytes: Uint8Array }
  /** A reference as the runtime holds it; null is the null reference. */
  | { readonly type: 'ref'; readonly value: unknown };

/** Calls a function with values of the JavaScript API. Throws Trap, Exhaustion, what the host throws, and TypeError for arguments of no such type. */
export function invokeFromHost(func: FunctionInstance, args: readonly unknown[]): unknown {
  refuseVectors(func.type);
  return enter(
    func,
    (type, slot, index) => fromHost(type, args[index], slot),
    (types, base) => {
      if (types.length === 0) return undefined;
      if (types.length === 1) return toHost(types[0]!, base);
      let slot = base;
      return types.map((type) => {
        const value = toHost(type, slot);
        slot += slotsOfType(type);
        return value;
      });
    },
  );
}

/** Calls a function with values by their bits. */
export function invokeWithBits(func: FunctionInstance, args: readonly Value[]): Value[] {
  return enter(
    func,
    (_type, slot, index) => writeValue(args[index]!, slot),
    (types, base) => {
      let slot = base;
      return types.map((type) => {
        const value = readValue(type, slot);
        slot += slotsOfType(type);
        return value;
      });
    },
  );
}

function enter<Result>(
  func: FunctionInstance,
  writeArgument: (type: ValueType, slot: number, index: number) => void,
  readResults: (types: readonly ValueType[], base: number) => Result,
): Result {
  const base = machine.top;
  const depth = machine.depth;
  const left = machine.left.length;
  const { params, results } = func.type;
  if (base > STACK_SLOTS) throw exhausted(0, depth);
  if (machine.nesting >= MAX_HOST_NESTING) throw new Exhaustion('call stack exhausted', `calls from the host nested more than ${MAX_HOST_NESTING} deep`);
  reserveIfNeeded(params, results, base);
  machine.nesting++;
  // Converting an argument may run code of the host, which may call in turn: such a call starts above the arguments.
  machine.top = base + Math.max(slotsOfTypes(params), slotsOfTypes(results));
  try {
    let slot = base;
    for (let index = 0; index < params.length; index++) {
      const type = params[index]!;
      writeArgument(type, slot, index);
      slot += slotsOfType(type);
    }
    if (func.host !== null) {
      const raised = callHost(func, base, depth);
      if (raised !== null) throw raised;
    } else {
      perform(func.instance!, entryOf(func.instance!.code, func.index), base, depth);
    }
  } catch (error) {
    throw isStackOverflow(error) ? new Exhaustion('call stack exhausted', undefined, [], { cause: error }) : error;
  } finally {
    machine.nesting--;
    machine.top = base;
    machine.depth = depth;
    machine.left.length = left;
  }
  const read = readResults(results, base);
  // References in slots nobody uses would keep their objects alive.
  if (machine.nesting === 0 && REFS.length > 0) REFS.length = 0;
  return read;
}
invoker.invoke = invokeFromHost;

function perform(instance: Instance, entry: number, base: number, depth: number): void {
  CALLS[depth] = HALT_ADDRESS;
  runToHalt(instance, entry, base, depth + 1);
}

/** The loop, called as often as it asks for. */
function runToHalt(instance: Instance, entry: number, base: number, depth: number): void {
  let again = run(entry, base, depth, instance);
  while (again) {
    const { pc, fp, cp, instance: next } = machine.resume;
    again = run(pc, fp, cp, next as Instance);
  }
}
loop.run = runToHalt;

/** Runs code without parameters and returns its one result by its bits. */
export function runCode(instance: Instance, entry: number, type: ValueType): Bits {
  const { top: base, depth } = machine;
  if (base > STACK_SLOTS) throw exhausted(0, depth);
  reserveIfNeeded([], [type], base);
  try {
    perform(instance, entry, base, depth);
  } finally {
    machine.top = base;
    machine.depth = depth;
  }
  return readSlot(type, base);
}

/** JavaScript's own stack, used up by host functions that call back. */
const isStackOverflow = (error: unknown): boolean => error instanceof RangeError && error.message === 'Maximum call stack size exceeded';

function reserveIfNeeded(params: readonly ValueType[], results: readonly ValueType[], base: number): void {
  for (const types of [params, results]) {
    for (const type of types) {
      if (type & Type.REF) {
        reserveReferences(base + Math.max(slotsOfTypes(params), slotsOfTypes(results)));
        return;
      }
    }
  }
}

function writeValue(value: Value, slot: number): void {
  switch (value.type) {
    case 'i32': I32[slot] = value.value; return;
    case 'f32': I32[slot] = value.bits; return;
    case 'i64': writeHalves(value.value, slot); return;
    case 'f64': writeHalves(value.bits, slot); return;
    case 'v128': HALVES.set(new Int32Array(value.bytes.slice().buffer), 2 * slot); return;
    case 'ref': REFS[slot] = value.value; return;
  }
}
function writeHalves(value: bigint, slot: number): void {
  HALVES[2 * slot] = Number(BigInt.asIntN(32, value));
  HALVES[2 * slot + 1] = Number(BigInt.asIntN(32, value >> 32n));
}

function readValue(type: ValueType, slot: number): Value {
  const wide = (): bigint => (BigInt(HALVES[2 * slot + 1]!) << 32n) | BigInt(HALVES[2 * slot]! >>> 0);
  switch (type) {
    case Type.I32: return { type: 'i32', value: I32[slot]! };
    case Type.I64: return { type: 'i64', value: wide() };
    case Type.F32: return { type: 'f32', bits: I32[slot]! >>> 0 };
    case Type.F64: return { type: 'f64', bits: BigInt.asUintN(64, wide()) };
    case Type.V128: return { type: 'v128', bytes: new Uint8Array(HALVES.slice(2 * slot, 2 * slot + 4).buffer) };
    default: return { type: 'ref', value: REFS[slot] };
  }
}
