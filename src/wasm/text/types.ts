// Types in the text format: value types, heap types, limits, type definitions and type uses.
// spec: text/types
import { Heap, Type, concreteHeap, referenceTo, type CompositeType, type FieldType, type GlobalType, type HeapType, type Limits, type MemoryType, type StorageType, type SubType, type TableType, type ValueType } from '../types.js';
import { quoted } from './errors.js';
import { HEAP_OF_WORD, TYPE_OF_WORD } from './keywords.js';
import { parseUnsigned } from './numbers.js';
import { MAX_TYPE_INDEX, type LocalNames, type Scope, type TypeUse } from './scope.js';
import { Token } from './tokens.js';

export function parseHeapType(scope: Scope): HeapType {
  const { cursor } = scope;
  if (cursor.isIndex()) return concreteHeap(Math.min(scope.index('type'), MAX_TYPE_INDEX));
  const heap = cursor.kind() === Token.KEYWORD ? HEAP_OF_WORD.get(cursor.text()) : undefined;
  if (heap === undefined) throw cursor.unexpected('a heap type');
  cursor.at++;
  return heap;
}

/** A value type, or undefined when none is next. */
export function takeValueType(scope: Scope): ValueType | undefined {
  const { cursor } = scope;
  if (cursor.kind() === Token.KEYWORD) {
    let word = cursor.text();
    if (scope.legacyNames && word === 'anyfunc') word = 'funcref';
    const type = TYPE_OF_WORD.get(word);
    if (type !== undefined) cursor.at++;
    return type;
  }
  if (!cursor.takeOpening('ref')) return undefined;
  const nullable = cursor.takeKeyword('null');
  const heap = parseHeapType(scope);
  cursor.expectClose();
  return referenceTo(heap, nullable);
}

export function parseValueType(scope: Scope): ValueType {
  const type = takeValueType(scope);
  if (type === undefined) throw scope.cursor.unexpected('a value type');
  return type;
}

export function parseReferenceType(scope: Scope): ValueType {
  const { cursor } = scope;
  const at = cursor.at;
  const type = takeValueType(scope);
  if (type !== undefined && (type & Type.REF) !== 0) return type;
  cursor.at = at;
  throw cursor.unexpected('a reference type');
}

function parseStorageType(scope: Scope): StorageType {
  const { cursor } = scope;
  if (cursor.takeKeyword('i8')) return Type.I8;
  if (cursor.takeKeyword('i16')) return Type.I16;
  return parseValueType(scope);
}

function parseFieldType(scope: Scope): FieldType {
  const { cursor } = scope;
  if (!cursor.takeOpening('mut')) return { storage: parseStorageType(scope), mutable: false };
  const storage = parseStorageType(scope);
  cursor.expectClose();
  return { storage, mutable: true };
}

export function parseGlobalType(scope: Scope): GlobalType {
  const { cursor } = scope;
  if (!cursor.takeOpening('mut')) return { type: parseValueType(scope), mutable: false };
  const type = parseValueType(scope);
  cursor.expectClose();
  return { type, mutable: true };
}

/**
 * `(word $x type)` and `(word type…)`, any number of them, one after the other. With `names`, identifiers are bound
 * from the index `types.length`; without, they are refused.
 */
export function parseTypeList(scope: Scope, word: 'param' | 'result' | 'local', types: ValueType[], names: LocalNames | null): void {
  const { cursor } = scope;
  while (cursor.takeOpening(word)) {
    const first = types.length;
    if (names !== null && (cursor.kind() === Token.ID || scope.annotations.any)) {
      const identifier = scope.takeIdentifier(names.byName, 'duplicate local', types.length);
      const name = scope.annotations.takeName() ?? identifier;
      if (name !== undefined) names.names.set(types.length, name);
      if (identifier !== undefined) {
        types.push(parseValueType(scope));
        cursor.expectClose();
        continue;
      }
    }
    for (let type = takeValueType(scope); type !== undefined; type = takeValueType(scope)) types.push(type);
    if (cursor.kind() !== Token.CLOSE) throw cursor.unexpected('a value type');
    cursor.at++;
    // An annotation in an empty list names nothing.
    if (types.length === first) names?.names.delete(first);
  }
}

/** `(type …)? (param …)* (result …)*`. `counted`: locals will be numbered behind the parameters. */
export function parseTypeUse(scope: Scope, names: LocalNames | null, counted: boolean): TypeUse {
  const { cursor } = scope;
  let explicit: number | null = null;
  let token = cursor.at;
  if (cursor.takeOpening('type')) {
    token = cursor.at;
    explicit = scope.index('type');
    cursor.expectClose();
  }
  const inlineAt = cursor.at;
  const params: ValueType[] = [];
  const results: ValueType[] = [];
  parseTypeList(scope, 'param', params, names);
  parseTypeList(scope, 'result', results, null);
  if (cursor.opens('param') || cursor.opens('type')) {
    cursor.at++;
    throw cursor.fail('unexpected token', 'a type use is written (type …) (param …) (result …), in this order');
  }
  return scope.settle(explicit, token, params, results, cursor.at !== inlineAt, counted);
}

/** `i32`, `i64` or nothing in front of limits. */
export function takeAddressType(scope: Scope): Limits['address'] {
  const { cursor } = scope;
  if (cursor.takeKeyword('i64')) return 'i64';
  cursor.takeKeyword('i32');
  return 'i32';
}

function parseLimit(scope: Scope): bigint {
  const { cursor } = scope;
  if (cursor.kind() !== Token.NATURAL) throw cursor.unexpected('a number');
  const value = parseUnsigned(cursor.text(), 64);
  if (value === null) throw cursor.fail('i64 constant out of range', `${quoted(cursor.text())} is above 2^64 - 1`);
  cursor.at++;
  return value;
}

function parseLimits(scope: Scope, address: Limits['address']): Limits {
  const { cursor } = scope;
  const min = parseLimit(scope);
  const max = cursor.kind() === Token.NATURAL ? parseLimit(scope) : null;
  return { address, min, max, shared: false };
}

/** Behind the address type. */
export function parseMemoryLimits(scope: Scope, address: Limits['address']): MemoryType {
  const limits = parseLimits(scope, address);
  return { limits: { ...limits, shared: scope.cursor.takeKeyword('shared') } };
}

/** Behind the address type. */
export function parseTableLimits(scope: Scope, address: Limits['address']): TableType {
  const limits = parseLimits(scope, address);
  return { limits, element: parseReferenceType(scope) };
}

function parseComposite(scope: Scope, typeIndex: number): CompositeType {
  const { cursor } = scope;
  if (cursor.takeOpening('func')) {
    const params: ValueType[] = [];
    const results: ValueType[] = [];
    parseTypeList(scope, 'param', params, { byName: new Map(), names: new Map() });
    parseTypeList(scope, 'result', results, null);
    cursor.expectClose();
    return { kind: 'func', params, results };
  }
  if (cursor.takeOpening('array')) {
    const field = parseFieldType(scope);
    cursor.expectClose();
    return { kind: 'array', field };
  }
  if (!cursor.takeOpening('struct')) throw cursor.unexpected('(func, (struct or (array');
  const fields: FieldType[] = [];
  const names: LocalNames = { byName: new Map(), names: new Map() };
  while (cursor.takeOpening('field')) {
    const first = fields.length;
    const identifier = scope.takeIdentifier(names.byName, 'duplicate field', first);
    const name = scope.annotations.takeName() ?? identifier;
    if (identifier !== undefined) fields.push(parseFieldType(scope));
    else while (cursor.kind() !== Token.CLOSE) fields.push(parseFieldType(scope));
    if (name !== undefined && fields.length > first) names.names.set(first, name);
    cursor.expectClose();
  }
  cursor.expectClose();
  if (names.names.size > 0 || names.byName.size > 0) scope.fields.set(typeIndex, names);
  return { kind: 'struct', fields };
}

/** `(type $id …)`, from behind `(type`; its identifier was bound by the first pass. */
export function parseTypeDefinition(scope: Scope, typeIndex: number): SubType {
  const { cursor } = scope;
  scope.skipIdentifier();
  if (!cursor.takeOpening('sub')) {
    const composite = parseComposite(scope, typeIndex);
    cursor.expectClose();
    return { final: true, supertypes: [], composite };
  }
  const final = cursor.takeKeyword('final');
  const supertypes: number[] = [];
  while (cursor.isIndex()) supertypes.push(scope.index('type'));
  const composite = parseComposite(scope, typeIndex);
  cursor.expectClose();
  cursor.expectClose();
  return { final, supertypes, composite };
}

/** The reference type that a list of function indices has: none of them can be null. */
export const FUNCTION_REFERENCE = referenceTo(Heap.FUNC, false);
