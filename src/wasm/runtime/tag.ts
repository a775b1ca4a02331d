// Tags of exceptions: told apart by identity alone.
// spec: exec/runtime#tag-instances
import type { FunctionType } from '../types.js';
import type { CanonicalId } from '../validate/type-registry.js';

export class Tag {
  constructor(
    readonly typeId: CanonicalId,
    readonly type: FunctionType,
  ) {}
}
