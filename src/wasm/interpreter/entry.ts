// Where a call leads: the code of a function, lowered when it is first called, and the function a table holds.
import { CODE, placeCode } from '../runtime/code-space.js';
import type { FunctionInstance } from '../runtime/function.js';
import type { Instance } from '../runtime/instance.js';
import type { ModuleCode } from '../runtime/module-code.js';
import { sharedRegistry, type CanonicalId } from '../validate/type-registry.js';
import { lowerFunction } from './lower.js';
import { stop } from './trace.js';

/** The code address of a defined function. Throws Unsupported and LimitError. */
export function entryOf(code: ModuleCode, functionIndex: number): number {
  const known = code.entries[functionIndex]!;
  if (known >= 0) return known;
  const { prologue, words, addresses, regions } = lowerFunction(code, functionIndex, false);
  const entry = placeCode(prologue, words, addresses, code, functionIndex);
  code.entries[functionIndex] = entry;
  if (regions.length > 0) code.regions.set(functionIndex, regions);
  return entry;
}

const canonicalSubtype = (sub: CanonicalId, sup: CanonicalId): boolean => sharedRegistry.isSubtype(sub, sup);

/** The function an indirect call leads to; its words from `pc` on: operation, table, type. */
export function tableFunction(instance: Instance, pc: number, index: number, cp: number): FunctionInstance {
  const { elements } = instance.tables[CODE[pc + 1]!]!;
  if (index >= elements.length) throw stop('undefined element', pc, cp);
  const target = elements[index] as FunctionInstance | null;
  if (target === null) throw stop(`uninitialized element ${index}`, pc, cp);
  if (target.typeId !== CODE[pc + 2]! && !canonicalSubtype(target.typeId, CODE[pc + 2]!)) throw stop('indirect call type mismatch', pc, cp);
  return target;
}
