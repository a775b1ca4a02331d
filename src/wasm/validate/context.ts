// What a module's parts are, by index, as far as validation has come: imports and definitions joined into index spaces.
// Decides nothing but that an index names something. spec: valid/conventions#contexts
import { describeFunction, LimitError, ValidationError, type ModulePlace } from '../errors.js';
import { MAX_PARAMS, MAX_RESULTS, MAX_TYPES } from '../limits.js';
import type { Module } from '../module.js';
import { formatType, isNullable, isReference, type ArrayType, type CompositeType, type FunctionType, type GlobalType, type MemoryType, type StorageType, type StructType, type TableType, type TagType, type ValueType } from '../types.js';
import { canonicalType, TypeRegistry } from './type-registry.js';

export class Context {
  readonly registry = new TypeRegistry();
  readonly canonicalIds: Int32Array;
  /** Types that have been found valid: the first `typeCount` of the module. */
  typeCount = 0;
  /** Type index of each function, imports first. */
  readonly functions: number[] = [];
  readonly tables: TableType[] = [];
  readonly memories: MemoryType[] = [];
  readonly globals: GlobalType[] = [];
  readonly tags: TagType[] = [];
  /** `global.get` sees globals below; constant expressions do not see all. */
  visibleGlobals = 0;
  /** Functions that occur outside of bodies, which alone `ref.func` may name. */
  declared = new Uint8Array(0);
  private readonly withoutDefault = new Map<number, StorageType | null>();

  constructor(readonly module: Module) {
    if (module.types.length > MAX_TYPES) throw new LimitError(`the module has ${module.types.length} types; the engine takes at most ${MAX_TYPES}`);
    this.canonicalIds = new Int32Array(module.types.length);
  }

  /** A rule that is broken outside of bodies. */
  fail(wording: string, subject: string, detail?: string): never {
    throw new ValidationError(wording, { subject }, detail);
  }

  matches(sub: StorageType, sup: StorageType): boolean {
    return sub === sup || this.registry.matches(canonicalType(sub, this.canonicalIds), canonicalType(sup, this.canonicalIds));
  }

  /** The type of an index that has been checked. */
  composite(index: number): CompositeType {
    return this.module.types[index]!.composite;
  }

  /** The type of a field that `new_default` cannot fill, looked for once a type. */
  fieldWithoutDefault(index: number): StorageType | null {
    let found = this.withoutDefault.get(index);
    if (found === undefined) {
      const composite = this.composite(index);
      const fields = composite.kind === 'struct' ? composite.fields : composite.kind === 'array' ? [composite.field] : [];
      found = fields.find(({ storage }) => isReference(storage) && !isNullable(storage))?.storage ?? null;
      this.withoutDefault.set(index, found);
    }
    return found;
  }

  formatType(type: StorageType): string {
    return formatType(type, (index) => typeName(this.module, index));
  }

  formatTypes(types: readonly ValueType[]): string {
    return `[${types.map((type) => this.formatType(type)).join(' ')}]`;
  }

  functionPlace(index: number, more: ModulePlace = {}): ModulePlace {
    const name = this.module.names.functions.get(index);
    return { functionIndex: index, ...(name === undefined ? {} : { functionName: name }), ...more };
  }

  describeFunction(index: number): string {
    return describeFunction(index, this.module.names.functions.get(index));
  }
}

const typeName = (module: Module, index: number): string => {
  const name = module.names.types.get(index);
  return name === undefined ? String(index) : `$${name}`;
};

export const isFunctionType = (composite: CompositeType): composite is FunctionType => composite.kind === 'func';
export const isStructType = (composite: CompositeType): composite is StructType => composite.kind === 'struct';
export const isArrayType = (composite: CompositeType): composite is ArrayType => composite.kind === 'array';

/** So many operands can one instruction move. */
export function checkArity(type: FunctionType, subject: string): void {
  if (type.params.length > MAX_PARAMS) throw new LimitError(`${subject} has ${type.params.length} parameters; the engine takes at most ${MAX_PARAMS}`);
  if (type.results.length > MAX_RESULTS) throw new LimitError(`${subject} has ${type.results.length} results; the engine takes at most ${MAX_RESULTS}`);
}
