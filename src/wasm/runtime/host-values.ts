// Values as they cross between slots and the host, by the rules of the JavaScript API: i32, f32 and f64 are numbers, i64 is
// a bigint, functions are JavaScript functions, null references are null.
// spec: js-api#tojsvalue, #towebassemblyvalue
import { InternalError } from '../../base/errors.js';
import { concreteHeap, formatType, Heap, heapTypeOf, isConcrete, isNullable, isReference, Type, type FunctionType, type ValueType } from '../types.js';
import { canonicalType, sharedRegistry } from '../validate/type-registry.js';
import { FunctionInstance, type HostFunction } from './function.js';
import { F32, F64, I32, I64, REFS } from './machine.js';

/** A function type with canonical ids for its module's indices. */
export function canonicalFunctionType(type: FunctionType, ids: Int32Array): FunctionType {
  const refersToTypes = (each: ValueType): boolean => isReference(each) && isConcrete(each);
  if (!type.params.some(refersToTypes) && !type.results.some(refersToTypes)) return type;
  return { kind: 'func', params: type.params.map((each) => canonicalType(each, ids)), results: type.results.map((each) => canonicalType(each, ids)) };
}

/** The JavaScript function that calls `func`: always the same one. */
export function callableOf(func: FunctionInstance): HostFunction {
  if (func.callable === null) {
    const callable: HostFunction = (...args) => invoker.invoke(func, args);
    Object.defineProperties(callable, { name: { value: String(func.index) }, length: { value: func.type.params.length } });
    functionsOfCallables.set(callable, func);
    func.callable = callable;
  }
  return func.callable;
}
const functionsOfCallables = new WeakMap<HostFunction, FunctionInstance>();

/** The function a JavaScript function stands for, when it came out of `callableOf`. */
export const functionOfCallable = (value: unknown): FunctionInstance | undefined => (typeof value === 'function' ? functionsOfCallables.get(value as HostFunction) : undefined);

/** How a function is called from JavaScript; `interpreter/invoke.ts` puts itself here, which spares a circle of imports. */
export const invoker = {
  invoke(_func: FunctionInstance, _args: readonly unknown[]): unknown {
    throw new InternalError('no interpreter is loaded');
  },
};

/** Throws TypeError when a value of the type could not cross to the host: to be asked before anything runs. */
export function refuseVectors({ params, results }: FunctionType): void {
  if (params.includes(Type.V128) || results.includes(Type.V128)) throw new TypeError('a v128 has no JavaScript value');
}

/** The value of a slot. */
export function toHost(type: ValueType, slot: number): unknown {
  switch (type) {
    case Type.I32: return I32[slot];
    case Type.I64: return I64[slot];
    case Type.F32: return F32[slot];
    case Type.F64: return F64[slot];
    case Type.V128: throw new TypeError('a v128 has no JavaScript value');
    default: return referenceToHost(REFS[slot]);
  }
}

export const referenceToHost = (value: unknown): unknown => (value instanceof FunctionInstance ? callableOf(value) : value);

/** Writes a value of the host to a slot. Throws TypeError when it is none of the type; `type` is canonical. */
export function fromHost(type: ValueType, value: unknown, slot: number): void {
  switch (type) {
    case Type.I32: I32[slot] = value as number; return;
    case Type.I64: I64[slot] = value as bigint; return;
    case Type.F32: F32[slot] = value as number; return;
    case Type.F64: F64[slot] = value as number; return;
    case Type.V128: throw new TypeError('a v128 has no JavaScript value');
    default: REFS[slot] = referenceFromHost(type, value);
  }
}

/** A length or an index that the host gives. Throws TypeError for what is none: negative, beyond 32 bits, no number. spec: WebIDL, EnforceRange */
export function countFromHost(value: unknown): number {
  const count = Math.trunc(+(value as number)) + 0;
  if (!(count >= 0 && count <= 0xffff_ffff)) throw new TypeError(`${String(value)} is no count`);
  return count;
}

/** A reference as slots hold it. */
export function referenceFromHost(type: ValueType, value: unknown): unknown {
  if (value === null) {
    if (!isNullable(type)) throw new TypeError(`null is no ${formatType(type)}`);
    return null;
  }
  const heap = heapTypeOf(type);
  const func = functionOfCallable(value);
  if (func !== undefined && sharedRegistry.heapMatches(concreteHeap(func.typeId), heap)) return func;
  if (heap !== Heap.EXTERN) throw new TypeError(`the value is no ${formatType(type)}`);
  return value;
}

