// The rules of instructions whose types depend on more than their row: one function each, in the order of the table.
// `Record<SpecialMnemonic, Rule>` makes a missing rule a compile error. A rule reads its immediates and moves operands;
// the order is immediates first, so that a malformed one is seen before a wrong type.
// spec: valid/instructions; legacy exceptions: their proposal
import { MAX_FIELDS } from '../limits.js';
import type { SpecialMnemonic } from '../instructions.js';
import { Heap, heapTypeOf, isConcrete, isNullable, isReference, Type, referenceTo, concreteHeap, typeIndexOf, type FieldType, type FunctionType, type HeapType, type StorageType, type ValueType } from '../types.js';
import { CatchCode, illegalOpcode, readCastFlags, readCatchCode } from '../binary/immediates.js';
import type { BodyValidator } from './body.js';
import { FrameKind } from './frame-kind.js';
import { heapOfComposite } from './type-registry.js';

/** Checks one instruction whose opcode has been read: reads its immediates, moves the operands. */
export type Rule = (body: BodyValidator) => void;

const concrete = (typeIndex: number, nullable: boolean): ValueType => referenceTo(concreteHeap(typeIndex), nullable);
const isPacked = (storage: StorageType): boolean => storage === Type.I8 || storage === Type.I16;
/** What a field's value is on the stack. */
const unpacked = (storage: StorageType): ValueType => (isPacked(storage) ? Type.I32 : storage);
const isNumericOrVector = (type: StorageType): boolean => !isReference(type);

const ARRAYREF = referenceTo(Heap.ARRAY, true);
const I31REF = referenceTo(Heap.I31, true);

// --- Blocks.

function open(body: BodyValidator, kind: FrameKind): void {
  body.readBlockType();
  if (kind === FrameKind.IF) body.pop(Type.I32);
  const { blockParams, blockResults } = body;
  body.popTypes(blockParams);
  body.pushFrame(kind, blockParams, blockResults);
}

/** An opcode of a block's grammar where the grammar has no place for it. */
function misplaced(body: BodyValidator): never {
  return illegalOpcode(body.reader, body.at);
}

function requireTry(body: BodyValidator): void {
  if (body.frameKind() !== FrameKind.TRY && body.frameKind() !== FrameKind.CATCH) misplaced(body);
}

function tryTable(body: BodyValidator): void {
  const { reader } = body;
  body.readBlockType();
  const { blockParams, blockResults } = body;
  for (let left = reader.count('catch clauses'); left > 0; left--) {
    const code = readCatchCode(reader);
    const carried: ValueType[] = code <= CatchCode.CATCH_REF ? [...body.tagParams()] : [];
    if (code === CatchCode.CATCH_REF || code === CatchCode.CATCH_ALL_REF) carried.push(referenceTo(Heap.EXN, false));
    const wanted = body.labelTypes(body.label());
    if (carried.length !== wanted.length || !carried.every((type, index) => body.context.matches(type, wanted[index]!))) {
      body.fail('type mismatch', `the clause carries ${body.context.formatTypes(carried)}, its label takes ${body.context.formatTypes(wanted)}`);
    }
  }
  body.popTypes(blockParams);
  body.pushFrame(FrameKind.TRY_TABLE, blockParams, blockResults);
}

// --- Calls.

function call(body: BodyValidator, type: FunctionType): void {
  body.popTypes(type.params);
  body.pushTypes(type.results);
}

function tailCall(body: BodyValidator, type: FunctionType): void {
  const results = body.functionResults();
  if (type.results.length !== results.length || !type.results.every((result, index) => body.context.matches(result, results[index]!))) {
    body.fail('type mismatch', `the callee returns ${body.context.formatTypes(type.results)}, the caller ${body.context.formatTypes(results)}`);
  }
  body.popTypes(type.params);
  body.setUnreachable();
}

function indirectType(body: BodyValidator): FunctionType {
  const typeIndex = body.reader.u32();
  const table = body.tableIndex();
  const type = body.functionTypeAt(typeIndex);
  const { element } = body.context.tables[table]!;
  if (!body.context.matches(element, Type.FUNCREF)) body.misfit(Type.FUNCREF, element);
  body.pop(body.tableAddress(table));
  return type;
}

function referencedType(body: BodyValidator): FunctionType {
  const typeIndex = body.typeIndex();
  const type = body.functionTypeAt(typeIndex);
  body.pop(concrete(typeIndex, true));
  return type;
}

// --- References.

/** The top of the hierarchy a heap type stands in. */
function topOf(body: BodyValidator, heap: HeapType): Heap {
  const abstract = isConcrete(heap) ? heapOfComposite(body.context.composite(typeIndexOf(heap))) : heap;
  switch (abstract) {
    case Heap.FUNC: case Heap.NOFUNC: return Heap.FUNC;
    case Heap.EXTERN: case Heap.NOEXTERN: return Heap.EXTERN;
    case Heap.EXN: case Heap.NOEXN: return Heap.EXN;
    default: return Heap.ANY;
  }
}

function test(body: BodyValidator): void {
  const heap = body.heapType();
  body.pop(referenceTo(topOf(body, heap), true));
  body.push(Type.I32);
}

function cast(body: BodyValidator, nullable: boolean): void {
  const heap = body.heapType();
  body.pop(referenceTo(topOf(body, heap), true));
  body.push(referenceTo(heap, nullable));
}

/** `br_on_cast` and `br_on_cast_fail`: what the branch carries and what goes on, as its last operand. */
function branchOnCast(body: BodyValidator, branchesOnSuccess: boolean): void {
  const { reader, context } = body;
  const flags = readCastFlags(reader);
  const label = reader.u32();
  const from = referenceTo(reader.heapType(), (flags & 1) !== 0);
  const to = referenceTo(reader.heapType(), (flags & 2) !== 0);
  const frame = body.frameOf(label);
  body.requireType(heapTypeOf(from));
  body.requireType(heapTypeOf(to));
  if (!context.matches(to, from)) body.fail('type mismatch', `${context.formatType(to)} is no subtype of ${context.formatType(from)}`);
  const rest = isNullable(to) ? referenceTo(heapTypeOf(from), false) : from;
  body.pop(from);
  branchWith(body, frame, branchesOnSuccess ? to : rest);
  body.push(branchesOnSuccess ? rest : to);
}

/** A conditional branch that carries `last` on top of operands that stay when it is not taken. */
function branchWith(body: BodyValidator, frame: number, last: ValueType): void {
  const { context } = body;
  const types = body.labelTypes(frame);
  const expected = types.at(-1);
  if (expected === undefined || !context.matches(last, expected)) body.fail('type mismatch', `the branch carries ${context.formatType(last)} last, its label takes ${context.formatTypes(types)}`);
  body.popTypes(types, types.length - 1);
  body.pushTypes(types, types.length - 1);
}

/** A reference with its null taken away; the bottom type stays what it is. */
const nonNull = (type: ValueType): ValueType => type & ~Type.NULLABLE;

// --- Structures and arrays.

function requireUnpacking(body: BodyValidator, field: FieldType, extends_: boolean): void {
  if (isPacked(field.storage) !== extends_) body.fail('type mismatch', extends_ ? `the field is ${body.context.formatType(field.storage)}, not packed` : `the field is packed; say _s or _u`);
}

function fieldOf(body: BodyValidator): { readonly typeIndex: number; readonly field: FieldType } {
  const typeIndex = body.reader.u32();
  const index = body.reader.u32();
  body.requireTypeIndex(typeIndex);
  const field = body.structTypeAt(typeIndex).fields[index] ?? body.fail(`unknown field ${index}`, `of type ${typeIndex}`);
  return { typeIndex, field };
}

function structGet(body: BodyValidator, extends_: boolean): void {
  const { typeIndex, field } = fieldOf(body);
  requireUnpacking(body, field, extends_);
  body.pop(concrete(typeIndex, true));
  body.push(unpacked(field.storage));
}

function arrayGet(body: BodyValidator, extends_: boolean): void {
  const typeIndex = body.typeIndex();
  const { field } = body.arrayTypeAt(typeIndex);
  requireUnpacking(body, field, extends_);
  body.pop(Type.I32);
  body.pop(concrete(typeIndex, true));
  body.push(unpacked(field.storage));
}

/** The element type of a mutable array type. */
function mutableArray(body: BodyValidator, typeIndex: number): FieldType {
  const { field } = body.arrayTypeAt(typeIndex);
  if (!field.mutable) body.fail('immutable array', `type ${typeIndex}`);
  return field;
}

function requireDefaults(body: BodyValidator, typeIndex: number): void {
  const without = body.context.fieldWithoutDefault(typeIndex);
  if (without !== null) body.fail('type mismatch', `${body.context.formatType(without)} has no default`);
}

function requireData(body: BodyValidator, field: FieldType): void {
  if (!isNumericOrVector(field.storage)) body.fail('array type is not numeric or vector', body.context.formatType(field.storage));
}

function requireElements(body: BodyValidator, element: number, field: FieldType): void {
  const { type } = body.context.module.elements[element]!;
  if (!body.context.matches(type, field.storage)) body.misfit(field.storage, type);
}

/** `i64` only when both ends are. */
const smallerAddress = (a: ValueType, b: ValueType): ValueType => (a === Type.I64 && b === Type.I64 ? Type.I64 : Type.I32);

function convert(body: BodyValidator, from: Heap, to: Heap): void {
  const found = body.pop(referenceTo(from, true));
  body.push(referenceTo(to, found !== Type.BOTTOM && isNullable(found)));
}

export const RULES: Readonly<Record<SpecialMnemonic, Rule>> = {
  unreachable: (body) => body.setUnreachable(),
  block: (body) => open(body, FrameKind.BLOCK),
  loop: (body) => open(body, FrameKind.LOOP),
  if: (body) => open(body, FrameKind.IF),
  else: (body) => {
    if (body.frameKind() !== FrameKind.IF) misplaced(body);
    body.nextPart(FrameKind.ELSE, null);
  },
  try: (body) => open(body, FrameKind.TRY),
  catch: (body) => {
    const params = body.tagParams();
    requireTry(body);
    body.nextPart(FrameKind.CATCH, params);
  },
  throw: (body) => {
    body.popTypes(body.tagParams());
    body.setUnreachable();
  },
  rethrow: (body) => {
    const frame = body.label();
    if (!body.isCatch(frame)) body.fail('invalid rethrow label', 'it names no catch');
    body.setUnreachable();
  },
  throw_ref: (body) => {
    body.pop(Type.EXNREF);
    body.setUnreachable();
  },
  end: (body) => body.pushTypes(body.closeFrame()),
  br: (body) => {
    body.popTypes(body.labelTypes(body.label()));
    body.setUnreachable();
  },
  br_if: (body) => {
    const types = body.labelTypes(body.label());
    body.pop(Type.I32);
    body.popTypes(types);
    body.pushTypes(types);
  },
  br_table: (body) => {
    body.pop(Type.I32);
    body.branchTable();
  },
  return: (body) => {
    body.popTypes(body.functionResults());
    body.setUnreachable();
  },
  call: (body) => call(body, body.calledType()),
  call_indirect: (body) => call(body, indirectType(body)),
  return_call: (body) => tailCall(body, body.calledType()),
  return_call_indirect: (body) => tailCall(body, indirectType(body)),
  call_ref: (body) => call(body, referencedType(body)),
  return_call_ref: (body) => tailCall(body, referencedType(body)),
  delegate: (body) => {
    const label = body.reader.u32();
    if (body.frameKind() !== FrameKind.TRY) misplaced(body);
    body.frameOf(label, 1);
    body.pushTypes(body.closeFrame());
  },
  catch_all: (body) => {
    requireTry(body);
    body.nextPart(FrameKind.CATCH_ALL, []);
  },
  drop: (body) => {
    body.popAny();
  },
  select: (body) => {
    body.pop(Type.I32);
    const second = body.popAny();
    const first = body.popAny();
    if (isReference(first) || isReference(second)) body.mismatch('a number or vector, or select with its type written', isReference(first) ? first : second);
    if (first !== second && first !== Type.BOTTOM && second !== Type.BOTTOM) body.mismatch(`[${body.context.formatType(first)}]`, second);
    body.push(first === Type.BOTTOM ? second : first);
  },
  'select (result)': (body) => {
    const count = body.reader.count('types');
    const types: ValueType[] = [];
    for (let left = count; left > 0; left--) types.push(body.valueType());
    const [type] = types;
    if (type === undefined || count !== 1) return body.fail('invalid result arity', `select has ${count} types, it takes 1`);
    body.pop(Type.I32);
    body.pop(type);
    body.pop(type);
    body.push(type);
  },
  try_table: tryTable,

  'local.get': (body) => {
    const index = body.localIndex();
    body.requireSet(index);
    body.push(body.localType(index));
  },
  'local.set': (body) => {
    const index = body.localIndex();
    body.pop(body.localType(index));
    body.markSet(index);
  },
  'local.tee': (body) => {
    const index = body.localIndex();
    body.pop(body.localType(index));
    body.markSet(index);
    body.push(body.localType(index));
  },
  'global.get': (body) => body.push(body.context.globals[body.globalIndex()]!.type),
  'global.set': (body) => {
    const index = body.globalIndex();
    const global = body.context.globals[index]!;
    if (!global.mutable) body.fail('immutable global', `global ${index}`);
    body.pop(global.type);
  },
  'table.get': (body) => {
    const table = body.tableIndex();
    body.pop(body.tableAddress(table));
    body.push(body.context.tables[table]!.element);
  },
  'table.set': (body) => {
    const table = body.tableIndex();
    body.pop(body.context.tables[table]!.element);
    body.pop(body.tableAddress(table));
  },

  'ref.null': (body) => body.push(referenceTo(body.heapType(), true)),
  'ref.is_null': (body) => {
    body.popReference();
    body.push(Type.I32);
  },
  'ref.func': (body) => {
    const index = body.functionIndexImmediate();
    const { declared, functions } = body.context;
    if (body.constant) declared[index] = 1;
    else if (declared[index] === 0) body.fail('undeclared function reference', `${body.context.describeFunction(index)} stands in no element segment, export or global`);
    body.push(concrete(functions[index]!, false));
  },
  'ref.eq': (body) => {
    body.pop(Type.EQREF);
    body.pop(Type.EQREF);
    body.push(Type.I32);
  },
  'ref.as_non_null': (body) => body.push(nonNull(body.popReference())),
  br_on_null: (body) => {
    const types = body.labelTypes(body.label());
    const found = body.popReference();
    body.popTypes(types);
    body.pushTypes(types);
    body.push(nonNull(found));
  },
  br_on_non_null: (body) => {
    const frame = body.label();
    branchWith(body, frame, nonNull(body.popReference()));
  },

  'struct.new': (body) => {
    const typeIndex = body.typeIndex();
    const { fields } = body.structTypeAt(typeIndex);
    for (let index = fields.length - 1; index >= 0 && !body.yieldsAnything(); index--) body.pop(unpacked(fields[index]!.storage));
    body.push(concrete(typeIndex, false));
  },
  'struct.new_default': (body) => {
    const typeIndex = body.typeIndex();
    body.structTypeAt(typeIndex);
    requireDefaults(body, typeIndex);
    body.push(concrete(typeIndex, false));
  },
  'struct.get': (body) => structGet(body, false),
  'struct.get_s': (body) => structGet(body, true),
  'struct.get_u': (body) => structGet(body, true),
  'struct.set': (body) => {
    const { typeIndex, field } = fieldOf(body);
    if (!field.mutable) body.fail('immutable field', `of type ${typeIndex}`);
    body.pop(unpacked(field.storage));
    body.pop(concrete(typeIndex, true));
  },
  'array.new': (body) => {
    const typeIndex = body.typeIndex();
    const { field } = body.arrayTypeAt(typeIndex);
    body.pop(Type.I32);
    body.pop(unpacked(field.storage));
    body.push(concrete(typeIndex, false));
  },
  'array.new_default': (body) => {
    const typeIndex = body.typeIndex();
    body.arrayTypeAt(typeIndex);
    requireDefaults(body, typeIndex);
    body.pop(Type.I32);
    body.push(concrete(typeIndex, false));
  },
  'array.new_fixed': (body) => {
    const typeIndex = body.reader.u32();
    const count = body.reader.u32();
    body.requireTypeIndex(typeIndex);
    const type = unpacked(body.arrayTypeAt(typeIndex).field.storage);
    if (count > MAX_FIELDS) body.refuse(`array.new_fixed has ${count} operands; the engine takes at most ${MAX_FIELDS}`);
    for (let left = count; left > 0 && !body.yieldsAnything(); left--) body.pop(type);
    body.push(concrete(typeIndex, false));
  },
  'array.new_data': (body) => {
    const typeIndex = body.reader.u32();
    body.dataIndex();
    body.requireTypeIndex(typeIndex);
    requireData(body, body.arrayTypeAt(typeIndex).field);
    body.pop(Type.I32);
    body.pop(Type.I32);
    body.push(concrete(typeIndex, false));
  },
  'array.new_elem': (body) => {
    const typeIndex = body.typeIndex();
    const element = body.elementIndex();
    requireElements(body, element, body.arrayTypeAt(typeIndex).field);
    body.pop(Type.I32);
    body.pop(Type.I32);
    body.push(concrete(typeIndex, false));
  },
  'array.get': (body) => arrayGet(body, false),
  'array.get_s': (body) => arrayGet(body, true),
  'array.get_u': (body) => arrayGet(body, true),
  'array.set': (body) => {
    const typeIndex = body.typeIndex();
    const { storage } = mutableArray(body, typeIndex);
    body.pop(unpacked(storage));
    body.pop(Type.I32);
    body.pop(concrete(typeIndex, true));
  },
  'array.len': (body) => {
    body.pop(ARRAYREF);
    body.push(Type.I32);
  },
  'array.fill': (body) => {
    const typeIndex = body.typeIndex();
    const { storage } = mutableArray(body, typeIndex);
    body.pop(Type.I32);
    body.pop(unpacked(storage));
    body.pop(Type.I32);
    body.pop(concrete(typeIndex, true));
  },
  'array.copy': (body) => {
    const target = body.typeIndex();
    const source = body.typeIndex();
    const { storage } = mutableArray(body, target);
    if (!body.context.matches(body.arrayTypeAt(source).field.storage, storage)) body.fail('array types do not match', `from type ${source} to type ${target}`);
    body.pop(Type.I32);
    body.pop(Type.I32);
    body.pop(concrete(source, true));
    body.pop(Type.I32);
    body.pop(concrete(target, true));
  },
  'array.init_data': (body) => {
    const typeIndex = body.reader.u32();
    body.dataIndex();
    body.requireTypeIndex(typeIndex);
    requireData(body, mutableArray(body, typeIndex));
    body.pop(Type.I32);
    body.pop(Type.I32);
    body.pop(Type.I32);
    body.pop(concrete(typeIndex, true));
  },
  'array.init_elem': (body) => {
    const typeIndex = body.typeIndex();
    const element = body.elementIndex();
    requireElements(body, element, mutableArray(body, typeIndex));
    body.pop(Type.I32);
    body.pop(Type.I32);
    body.pop(Type.I32);
    body.pop(concrete(typeIndex, true));
  },
  'ref.test': test,
  'ref.test null': test,
  'ref.cast': (body) => cast(body, false),
  'ref.cast null': (body) => cast(body, true),
  br_on_cast: (body) => branchOnCast(body, true),
  br_on_cast_fail: (body) => branchOnCast(body, false),
  'any.convert_extern': (body) => convert(body, Heap.EXTERN, Heap.ANY),
  'extern.convert_any': (body) => convert(body, Heap.ANY, Heap.EXTERN),
  'ref.i31': (body) => {
    body.pop(Type.I32);
    body.push(referenceTo(Heap.I31, false));
  },
  'i31.get_s': (body) => {
    body.pop(I31REF);
    body.push(Type.I32);
  },
  'i31.get_u': (body) => {
    body.pop(I31REF);
    body.push(Type.I32);
  },

  'memory.init': (body) => {
    const data = body.reader.u32();
    const address = body.memoryAddress(body.reader.u32());
    body.requireData(data);
    body.pop(Type.I32);
    body.pop(Type.I32);
    body.pop(address);
  },
  'memory.copy': (body) => {
    const target = body.reader.u32();
    const source = body.reader.u32();
    const targetAddress = body.memoryAddress(target);
    const sourceAddress = body.memoryAddress(source);
    body.pop(smallerAddress(targetAddress, sourceAddress));
    body.pop(sourceAddress);
    body.pop(targetAddress);
  },
  'memory.fill': (body) => {
    const address = body.memoryAddress(body.reader.u32());
    body.pop(address);
    body.pop(Type.I32);
    body.pop(address);
  },
  'table.init': (body) => {
    const element = body.reader.u32();
    const table = body.tableIndex();
    body.requireElement(element);
    const { type } = body.context.module.elements[element]!;
    const wanted = body.context.tables[table]!.element;
    if (!body.context.matches(type, wanted)) body.misfit(wanted, type);
    body.pop(Type.I32);
    body.pop(Type.I32);
    body.pop(body.tableAddress(table));
  },
  'table.copy': (body) => {
    const target = body.tableIndex();
    const source = body.tableIndex();
    const wanted = body.context.tables[target]!.element;
    const found = body.context.tables[source]!.element;
    if (!body.context.matches(found, wanted)) body.misfit(wanted, found);
    const targetAddress = body.tableAddress(target);
    const sourceAddress = body.tableAddress(source);
    body.pop(smallerAddress(targetAddress, sourceAddress));
    body.pop(sourceAddress);
    body.pop(targetAddress);
  },
  'table.grow': (body) => {
    const table = body.tableIndex();
    body.pop(body.tableAddress(table));
    body.pop(body.context.tables[table]!.element);
    body.push(body.tableAddress(table));
  },
  'table.size': (body) => body.push(body.tableAddress(body.tableIndex())),
  'table.fill': (body) => {
    const table = body.tableIndex();
    body.pop(body.tableAddress(table));
    body.pop(body.context.tables[table]!.element);
    body.pop(body.tableAddress(table));
  },
};
