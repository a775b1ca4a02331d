// Where a function's code starts: lowers it when it is first called.
import { placeCode } from '../runtime/code-space.js';
import type { ModuleCode } from '../runtime/module-code.js';
import { sharedRegistry, type CanonicalId } from '../validate/type-registry.js';
import { lowerFunction } from './lower.js';

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

export const canonicalSubtype = (sub: CanonicalId, sup: CanonicalId): boolean => sharedRegistry.isSubtype(sub, sup);
