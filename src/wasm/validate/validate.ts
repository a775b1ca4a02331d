// Is a module valid? Types first, then imports and definitions in the order in which the rules may refer to each other,
// function bodies last. Leaves instructions to `body.ts`, equality and subtyping of types to `type-registry.ts`.
// spec: valid/modules, valid/types
import { LimitError, ValidationError } from '../errors.js';
import { MAX_FIELDS, MAX_MEMORIES } from '../limits.js';
import type { ElementSegment, ExternalType, Module } from '../module.js';
import { isConcrete, isNullable, Type, typeIndexOf, type FunctionType, type GlobalType, type Limits, type MemoryType, type StorageType, type TableType, type TagType } from '../types.js';
import { BodyValidator } from './body.js';
import { checkArity, Context, isFunctionType } from './context.js';
import { compositeMatches } from './type-registry.js';
import { checkWellFormed } from '../binary/well-formed.js';

/**
 * Throws ValidationError for a module that breaks a rule, DecodeError for one whose bodies are malformed (the decoder
 * leaves them to the validator; malformed anywhere goes before invalid), LimitError for one beyond `limits.ts`.
 */
export function validate(module: Module): void {
  try {
    checkModule(module);
    valid.add(module);
  } catch (thrown) {
    if (thrown instanceof ValidationError || thrown instanceof LimitError) checkWellFormed(module);
    throw thrown;
  }
}

const valid = new WeakSet<Module>();

/** For a module decoded from bytes that were found valid before, in another thread. */
export const assumeValid = (module: Module): void => void valid.add(module);

/** Whether `validate` has seen the module and found nothing: modules never change. */
export const isKnownValid = (module: Module): boolean => valid.has(module);

function checkModule(module: Module): void {
  const context = new Context(module);
  const body = new BodyValidator(context);
  checkTypes(context);
  for (const [index, { description }] of module.imports.entries()) addImport(context, description, `import ${index} ${JSON.stringify(module.imports[index]!.module)} ${JSON.stringify(module.imports[index]!.name)}`);
  const importedGlobals = context.globals.length;
  const importedFunctions = context.functions.length;
  for (const typeIndex of module.functions) {
    requireFunctionType(context, typeIndex, `function ${context.functions.length}`);
    context.functions.push(typeIndex);
  }
  context.declared = new Uint8Array(context.functions.length);
  // Tables stand before globals in the format, and their initial values see imported globals only.
  context.visibleGlobals = importedGlobals;
  for (const { type, init } of module.tables) {
    const subject = `table ${context.tables.length}`;
    checkTableType(context, type, subject);
    if (init !== null) body.checkConstant(init, type.element, subject);
    else if (!isNullable(type.element)) context.fail('type mismatch', subject, `its elements of type ${context.formatType(type.element)} have no default and no initial value is given`);
    context.tables.push(type);
  }
  for (const memory of module.memories) {
    checkMemoryType(context, memory, `memory ${context.memories.length}`);
    context.memories.push(memory);
  }
  if (context.memories.length > MAX_MEMORIES) throw new LimitError(`the module has ${context.memories.length} memories; the engine takes at most ${MAX_MEMORIES}`);
  for (const tag of module.tags) {
    checkTagType(context, tag, `tag ${context.tags.length}`);
    context.tags.push(tag);
  }
  for (const { type, init } of module.globals) {
    const subject = `global ${context.globals.length}`;
    checkGlobalType(context, type, subject);
    context.visibleGlobals = context.globals.length;
    body.checkConstant(init, type.type, subject);
    context.globals.push(type);
  }
  context.visibleGlobals = context.globals.length;
  checkExports(context);
  checkStart(context);
  for (const [index, segment] of module.elements.entries()) checkElementSegment(context, body, segment, `element segment ${index}`);
  for (const [index, { mode }] of module.data.entries()) {
    if (mode.kind !== 'active') continue;
    const subject = `data segment ${index}`;
    const memory = context.memories[mode.memory] ?? unknown(context, 'memory', mode.memory, subject);
    body.checkConstant(mode.offset, addressType(memory.limits), subject);
  }
  for (let index = 0; index < module.bodies.length; index++) {
    const functionIndex = importedFunctions + index;
    body.checkFunction(functionIndex, context.composite(context.functions[functionIndex]!) as FunctionType, module.bodies[index]!);
  }
}

const unknown = (context: Context, what: string, index: number, subject: string): never => context.fail(`unknown ${what} ${index}`, subject);

const addressType = (limits: Limits): Type => (limits.address === 'i64' ? Type.I64 : Type.I32);

// --- Types.

function checkTypes(context: Context): void {
  const { types, groups } = context.module;
  for (const { start, count } of groups) {
    const end = start + count;
    for (let index = start; index < end; index++) {
      const { supertypes, composite } = types[index]!;
      const subject = `type ${index}`;
      for (const supertype of supertypes) if (supertype >= index) unknown(context, 'type', supertype, subject);
      if (supertypes.length > 1) context.fail('sub type', subject, `it has ${supertypes.length} supertypes`);
      if (composite.kind === 'func') {
        checkArity(composite, subject);
        for (const type of composite.params) checkTypeBelow(context, type, end, subject);
        for (const type of composite.results) checkTypeBelow(context, type, end, subject);
      } else if (composite.kind === 'struct') {
        if (composite.fields.length > MAX_FIELDS) throw new LimitError(`${subject} has ${composite.fields.length} fields; the engine takes at most ${MAX_FIELDS}`);
        for (const { storage } of composite.fields) checkTypeBelow(context, storage, end, subject);
      } else {
        checkTypeBelow(context, composite.field.storage, end, subject);
      }
    }
    context.registry.addGroup(types, start, count, context.canonicalIds);
    context.typeCount = end;
    for (let index = start; index < end; index++) checkSupertype(context, index);
  }
}

function checkTypeBelow(context: Context, type: StorageType, limit: number, subject: string): void {
  if (isConcrete(type) && typeIndexOf(type) >= limit) unknown(context, 'type', typeIndexOf(type), subject);
}

function checkSupertype(context: Context, index: number): void {
  const { types } = context.module;
  const { supertypes, composite } = types[index]!;
  const [supertype] = supertypes;
  if (supertype === undefined) return;
  const above = types[supertype]!;
  if (above.final) context.fail('sub type', `type ${index}`, `its supertype ${supertype} is final`);
  if (!compositeMatches(context.registry, context.canonicalIds, composite, above.composite)) context.fail('sub type', `type ${index}`, `it does not match its supertype ${supertype}`);
}

function checkType(context: Context, type: StorageType, subject: string): void {
  checkTypeBelow(context, type, context.typeCount, subject);
}

function requireFunctionType(context: Context, typeIndex: number, subject: string): FunctionType {
  if (typeIndex >= context.typeCount) unknown(context, 'type', typeIndex, subject);
  const composite = context.composite(typeIndex);
  return isFunctionType(composite) ? composite : context.fail('type mismatch', subject, `type ${typeIndex} is no function type`);
}

const MAX_PAGES = { i32: 65_536n, i64: 1n << 48n } as const;
const MAX_ELEMENTS = { i32: 0xffff_ffffn, i64: 0xffff_ffff_ffff_ffffn } as const;

function checkLimits(context: Context, { address, min, max }: Limits, most: Readonly<Record<'i32' | 'i64', bigint>>, wording: string, subject: string): void {
  if (min > most[address] || (max !== null && max > most[address])) context.fail(wording, subject);
  if (max !== null && min > max) context.fail('size minimum must not be greater than maximum', subject, `${min} > ${max}`);
}

function checkTableType(context: Context, { limits, element }: TableType, subject: string): void {
  checkLimits(context, limits, MAX_ELEMENTS, 'table size must be at most 2^32-1', subject);
  checkType(context, element, subject);
}

function checkMemoryType(context: Context, { limits }: MemoryType, subject: string): void {
  checkLimits(context, limits, MAX_PAGES, limits.address === 'i64' ? 'memory size must be at most 2^48 pages' : 'memory size must be at most 65536 pages (4GiB)', subject);
  if (limits.shared && limits.max === null) context.fail('shared memory must have maximum', subject);
}

function checkGlobalType(context: Context, { type }: GlobalType, subject: string): void {
  checkType(context, type, subject);
}

function checkTagType(context: Context, { typeIndex }: TagType, subject: string): void {
  const { results } = requireFunctionType(context, typeIndex, subject);
  if (results.length > 0) context.fail('non-empty tag result type', subject, context.formatTypes(results));
}

// --- What a module is made of.

function addImport(context: Context, description: ExternalType, subject: string): void {
  switch (description.kind) {
    case 'func':
      requireFunctionType(context, description.typeIndex, subject);
      context.functions.push(description.typeIndex);
      return;
    case 'table':
      checkTableType(context, description.type, subject);
      context.tables.push(description.type);
      return;
    case 'memory':
      checkMemoryType(context, description.type, subject);
      context.memories.push(description.type);
      return;
    case 'global':
      checkGlobalType(context, description.type, subject);
      context.globals.push(description.type);
      return;
    case 'tag':
      checkTagType(context, description.type, subject);
      context.tags.push(description.type);
      return;
  }
}

const EXTERNAL_NOUN = { func: 'function', table: 'table', memory: 'memory', global: 'global', tag: 'tag' } as const;

function checkExports(context: Context): void {
  const counts = { func: context.functions.length, table: context.tables.length, memory: context.memories.length, global: context.globals.length, tag: context.tags.length };
  const names = new Set<string>();
  for (const { name, kind, index } of context.module.exports) {
    const subject = `export ${JSON.stringify(name)}`;
    if (index >= counts[kind]) unknown(context, EXTERNAL_NOUN[kind], index, subject);
    if (names.has(name)) context.fail('duplicate export name', subject);
    names.add(name);
    if (kind === 'func') context.declared[index] = 1;
  }
}

function checkStart(context: Context): void {
  const { start } = context.module;
  if (start === null) return;
  if (start >= context.functions.length) unknown(context, 'function', start, 'start');
  const { params, results } = context.composite(context.functions[start]!) as FunctionType;
  if (params.length > 0 || results.length > 0) context.fail('start function', context.describeFunction(start), 'it must take and return nothing');
}

function checkElementSegment(context: Context, body: BodyValidator, { type, mode, items }: ElementSegment, subject: string): void {
  checkType(context, type, subject);
  if (items.kind === 'functions') {
    for (const index of items.indices) {
      if (index >= context.functions.length) unknown(context, 'function', index, subject);
      context.declared[index] = 1;
    }
  } else {
    for (const expression of items.expressions) body.checkConstant(expression, type, subject);
  }
  if (mode.kind !== 'active') return;
  const table = context.tables[mode.table] ?? unknown(context, 'table', mode.table, subject);
  if (!context.matches(type, table.element)) context.fail('type mismatch', subject, `its elements are ${context.formatType(type)}, table ${mode.table} has ${context.formatType(table.element)}`);
  body.checkConstant(mode.offset, addressType(table.limits), subject);
}
