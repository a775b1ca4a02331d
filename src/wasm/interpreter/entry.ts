// Where a function's code starts: lowers it when it is first called.
import { placeCode } from '../runtime/code-space.js';
import type { ModuleCode } from '../runtime/module-code.js';
import { sharedRegistry, type CanonicalId } from '../validate/type-registry.js';
import { lowerFunction } from './lower.js';

/** The code address of a defined function. Throws Unsupported and LimitError. */
export function entryOf(code: ModuleCode, functionIndex: number): number {
  const at = functionIndex - code.importedFunctions;
  const known = code.entries[at]!;
  if (known >= 0) return known;
  const { words, addresses } = lowerFunction(code, functionIndex, false);
  const entry = placeCode(words, addresses, code, functionIndex);
  code.entries[at] = entry;
  return entry;
}

export const canonicalSubtype = (sub: CanonicalId, sup: CanonicalId): boolean => sharedRegistry.isSubtype(sub, sup);
