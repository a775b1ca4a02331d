// Tags of exceptions: told apart by identity alone.
// spec: exec/runtime#tag-instances
import type { FunctionType } from '../types.js';
import type { CanonicalId } from '../validate/type-registry.js';

/** What kind of exception one is. Two tags are never the same, whatever their types. */
export class Tag {
  constructor(
    readonly typeId: CanonicalId,
    readonly type: FunctionType,
  ) {}
}
