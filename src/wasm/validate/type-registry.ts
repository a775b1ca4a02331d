// When are two types the same, and when is one a subtype of the other? Recursion groups are equal when they look the same
// up to where they stand (iso-recursive), so each distinct group gets canonical ids once, and from there on equality is `===`
// of ids and subtyping a walk up declared supertypes. The validator has a registry for each module; the runtime has one
// for all (`sharedRegistry`), which is how types meet across modules.
// spec: valid/matching, valid/conventions#rolling-and-unrolling; no function here recurses, whatever the depth of a chain
import { LimitError } from '../errors.js';
import { concreteHeap, Heap, heapTypeOf, isConcrete, isNullable, isReference, Type, typeIndexOf, type CompositeType, type FieldType, type FunctionType, type HeapType, type StorageType, type SubType, type ValueType } from '../types.js';
import type { Module } from '../module.js';

/** Dense number of a type in a registry, the same for all equal types. */
export type CanonicalId = number;

/** A canonical id must fit where a packed reference has its index. */
const MAX_CANONICAL = 0x1ffffe;

/** Code -> bits of the codes it is a subtype of, itself included; bit 0 is `EXN`. */
const ABSTRACT_SUPERTYPES: Readonly<Record<number, number>> = (() => {
  const bit = (heap: Heap): number => 1 << (heap - Heap.EXN);
  const any = bit(Heap.ANY);
  const eq = bit(Heap.EQ) | any;
  const i31 = bit(Heap.I31) | eq;
  const struct = bit(Heap.STRUCT) | eq;
  const array = bit(Heap.ARRAY) | eq;
  const func = bit(Heap.FUNC);
  const extern = bit(Heap.EXTERN);
  const exn = bit(Heap.EXN);
  return {
    [Heap.ANY]: any, [Heap.EQ]: eq, [Heap.I31]: i31, [Heap.STRUCT]: struct, [Heap.ARRAY]: array, [Heap.NONE]: bit(Heap.NONE) | i31 | struct | array,
    [Heap.FUNC]: func, [Heap.NOFUNC]: bit(Heap.NOFUNC) | func, [Heap.EXTERN]: extern, [Heap.NOEXTERN]: bit(Heap.NOEXTERN) | extern,
    [Heap.EXN]: exn, [Heap.NOEXN]: bit(Heap.NOEXN) | exn,
  };
})();

const abstractMatches = (sub: HeapType, sup: HeapType): boolean => (ABSTRACT_SUPERTYPES[sub]! & (1 << (sup - Heap.EXN))) !== 0;

const HEAP_OF_KIND = { func: Heap.FUNC, struct: Heap.STRUCT, array: Heap.ARRAY } as const;
const KIND_CODE = { func: 0, struct: 1, array: 2 } as const;

/** The abstract heap type of all types of a composite type's kind. */
export const heapOfComposite = (composite: CompositeType): Heap => HEAP_OF_KIND[composite.kind];

export class TypeRegistry {
  /** Shape of a group -> id of its first type. */
  private readonly groups = new Map<string, CanonicalId>();
  private readonly heaps: Heap[] = [];
  private readonly depths: number[] = [];
  private readonly parents: CanonicalId[] = [];
  /** An ancestor further up, chosen so that any ancestor is found in logarithmic steps (skew-binary jump pointers). */
  private readonly jumps: CanonicalId[] = [];

  /**
   * Canonical ids of a group's types, written to `ids` at the same indices. `ids` must already hold those of all earlier
   * types, the group may refer to nothing beyond itself, and supertypes must stand before their subtypes (the validator
   * checks that first).
   */
  addGroup(types: readonly SubType[], start: number, count: number, ids: Int32Array): void {
    const key = shapeOfGroup(types, start, count, ids);
    const known = this.groups.get(key);
    const first = known ?? this.heaps.length;
    if (first + count > MAX_CANONICAL) throw new LimitError(`more than ${MAX_CANONICAL} different types`);
    for (let index = 0; index < count; index++) ids[start + index] = first + index;
    if (known !== undefined) return;
    this.groups.set(key, first);
    for (let index = start; index < start + count; index++) {
      const { composite, supertypes } = types[index]!;
      this.heaps.push(heapOfComposite(composite));
      this.addParent(supertypes.length === 0 ? -1 : ids[supertypes[0]!]!);
    }
  }

  private addParent(parent: CanonicalId): void {
    const id = this.parents.length;
    this.parents.push(parent);
    if (parent < 0) {
      this.depths.push(0);
      this.jumps.push(id);
      return;
    }
    const jump = this.jumps[parent]!;
    const even = this.depths[parent]! - this.depths[jump]! === this.depths[jump]! - this.depths[this.jumps[jump]!]!;
    this.depths.push(this.depths[parent]! + 1);
    this.jumps.push(even ? this.jumps[jump]! : parent);
  }

  /** Ids of all types of a module that has been validated. */
  addModule(module: Pick<Module, 'types' | 'groups'>): Int32Array {
    const ids = new Int32Array(module.types.length);
    for (const { start, count } of module.groups) this.addGroup(module.types, start, count, ids);
    return ids;
  }

  /** `FUNC`, `STRUCT` or `ARRAY`. */
  heapOf(id: CanonicalId): Heap {
    return this.heaps[id]!;
  }

  isSubtype(sub: CanonicalId, sup: CanonicalId): boolean {
    const depth = this.depths[sup]!;
    let at = sub;
    while (this.depths[at]! > depth) at = this.depths[this.jumps[at]!]! >= depth ? this.jumps[at]! : this.parents[at]!;
    return at === sup;
  }

  /** Both heap types canonical: concrete ones carry ids. */
  heapMatches(sub: HeapType, sup: HeapType): boolean {
    if (sub === sup) return true;
    if (sub === 0) return true;
    if (sup === 0) return false;
    if (isConcrete(sub)) {
      return isConcrete(sup) ? this.isSubtype(typeIndexOf(sub), typeIndexOf(sup)) : abstractMatches(this.heapOf(typeIndexOf(sub)), sup);
    }
    if (!isConcrete(sup)) return abstractMatches(sub, sup);
    return sub === (this.heapOf(typeIndexOf(sup)) === Heap.FUNC ? Heap.NOFUNC : Heap.NONE);
  }

  /** Whether a value of type `sub` may stand where `sup` is expected; both canonical. */
  matches(sub: StorageType, sup: StorageType): boolean {
    if (sub === sup || sub === Type.BOTTOM) return true;
    if (!isReference(sub) || !isReference(sup)) return false;
    return (!isNullable(sub) || isNullable(sup)) && this.heapMatches(heapTypeOf(sub), heapTypeOf(sup));
  }
}

/** The registry of the runtime. It grows with the distinct types of all modules ever instantiated. */
export const sharedRegistry = new TypeRegistry();

/** A type of a module with canonical ids in place of its indices. */
export function canonicalType(type: StorageType, ids: Int32Array): StorageType {
  if ((type & Type.CONCRETE) === 0) return type;
  return (type & (Type.REF | Type.NULLABLE)) | concreteHeap(ids[typeIndexOf(type)]!);
}

const enum Shape {
  FINAL = 1,
  OPEN = 2,
  MUTABLE = 1,
  /** Bits of a packed type below its index. */
  BELOW_INDEX = 0x7ff,
}

/** A group as text that two groups share exactly when they are equal: references inside by place, others by canonical id. */
function shapeOfGroup(types: readonly SubType[], start: number, count: number, ids: Int32Array): string {
  const shape: number[] = [];
  const pushIndex = (index: number): void => void shape.push(index >= start ? 2 * (index - start) + 1 : 2 * ids[index]!);
  const pushType = (type: StorageType): void => {
    shape.push(type & Shape.BELOW_INDEX);
    if (isConcrete(type)) pushIndex(typeIndexOf(type));
  };
  const pushTypes = (list: readonly ValueType[]): void => {
    shape.push(list.length);
    for (const type of list) pushType(type);
  };
  const pushField = ({ storage, mutable }: FieldType): void => {
    pushType(storage);
    shape.push(mutable ? Shape.MUTABLE : 0);
  };
  for (let index = start; index < start + count; index++) {
    const { final, supertypes, composite } = types[index]!;
    shape.push(final ? Shape.FINAL : Shape.OPEN, supertypes.length);
    supertypes.forEach(pushIndex);
    shape.push(KIND_CODE[composite.kind]);
    if (composite.kind === 'func') {
      pushTypes(composite.params);
      pushTypes(composite.results);
    } else if (composite.kind === 'struct') {
      shape.push(composite.fields.length);
      composite.fields.forEach(pushField);
    } else {
      pushField(composite.field);
    }
  }
  return shape.join();
}

/** How a composite type may differ from its supertype's. `ids` as of the module both stand in. */
export function compositeMatches(registry: TypeRegistry, ids: Int32Array, sub: CompositeType, sup: CompositeType): boolean {
  const matches = (a: StorageType, b: StorageType): boolean => registry.matches(canonicalType(a, ids), canonicalType(b, ids));
  const fieldMatches = (a: FieldType, b: FieldType): boolean =>
    a.mutable === b.mutable && matches(a.storage, b.storage) && (!a.mutable || matches(b.storage, a.storage));
  if (sub.kind === 'func' && sup.kind === 'func') return functionMatches(matches, sub, sup);
  if (sub.kind === 'struct' && sup.kind === 'struct') {
    return sub.fields.length >= sup.fields.length && sup.fields.every((field, index) => fieldMatches(sub.fields[index]!, field));
  }
  return sub.kind === 'array' && sup.kind === 'array' && fieldMatches(sub.field, sup.field);
}

function functionMatches(matches: (a: StorageType, b: StorageType) => boolean, sub: FunctionType, sup: FunctionType): boolean {
  return (
    sub.params.length === sup.params.length &&
    sub.results.length === sup.results.length &&
    sub.params.every((type, index) => matches(sup.params[index]!, type)) &&
    sub.results.every((type, index) => matches(type, sup.results[index]!))
  );
}
