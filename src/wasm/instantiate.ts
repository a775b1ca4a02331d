// Module and imports -> instance: imports are checked all together, then everything is allocated, then active segments are
// written and the start function runs, in the order of the specification. What ran before a trap stays done.
// spec: exec/modules#instantiation, valid/matching
import { LimitError, LinkError, Trap } from './errors.js';
import type { ExternalType, Import, Module } from './module.js';
import { formatType, isReference, Type, type GlobalType, type Limits, type ValueType } from './types.js';
import { evaluate } from './interpreter/evaluate.js';
import { invokeFromHost } from './interpreter/invoke.js';
import { FunctionInstance, type HostFunction } from './runtime/function.js';
import { Global } from './runtime/global.js';
import { callableOf, canonicalFunctionType, functionOfCallable } from './runtime/host-values.js';
import { Instance, type ExportValue } from './runtime/instance.js';
import { MAX_MEMORY_PAGES, Memory } from './runtime/memory.js';
import { ModuleCode } from './runtime/module-code.js';
import type { Probes } from './runtime/probes.js';
import { MAX_TABLE_ELEMENTS, Table } from './runtime/table.js';
import { Tag } from './runtime/tag.js';
import { canonicalType, sharedRegistry } from './validate/type-registry.js';
import { isKnownValid, validate } from './validate/validate.js';

/** What a module may import: module name -> name -> function, object, or (for immutable globals) a plain value. */
export type ImportObject = Readonly<Record<string, Readonly<Record<string, ExportValue | number | bigint>>>>;

export interface InstantiateOptions {
  readonly limits?: {
    /** Pages each memory of the module may have; 65,536 unless told. */
    readonly memoryPages?: number;
  };
  /** Whether functions and loops that run often may become JavaScript (`interpreter/tier/`); true unless told. What they do is the same. */
  readonly emit?: boolean;
  /** Limits and measures what the instance's code does. */
  readonly probes?: Probes;
}

/**
 * An instance of a module, which is validated first unless it was before. Throws what `validate` throws, LinkError naming
 * every import that is missing or of another type, LimitError, Trap and Exhaustion of segments and start function, and what functions of the host throw.
 */
export function instantiate(module: Module, imports: ImportObject = {}, options: InstantiateOptions = {}): Instance {
  if (!isKnownValid(module)) validate(module);
  const code = ModuleCode.of(module, options.probes);
  const linked = link(code, imports);
  const instance = new Instance(code, linked.functions);
  instance.mayEmit = options.emit ?? true;
  for (const memory of linked.memories) instance.memories.push(memory);
  for (const table of linked.tables) instance.tables.push(table);
  for (const tag of linked.tags) instance.tags.push(tag);
  addGlobals(instance, linked.globals);
  allocate(instance, module, options.limits?.memoryPages ?? MAX_MEMORY_PAGES);
  addExports(instance, module);
  writeSegments(instance, module);
  if (module.start !== null) invokeFromHost(instance.functionAt(module.start), []);
  return instance;
}

// ---- Linking.

interface Linked {
  readonly functions: FunctionInstance[];
  readonly tables: Table[];
  readonly memories: Memory[];
  readonly globals: Global[];
  readonly tags: Tag[];
}

function link(code: ModuleCode, imports: ImportObject): Linked {
  const linked: Linked = { functions: [], tables: [], memories: [], globals: [], tags: [] };
  const failures: Array<readonly [wording: string, detail: string]> = [];
  for (const each of code.module.imports) {
    const subject = `${each.description.kind} ${JSON.stringify(each.module)} ${JSON.stringify(each.name)}`;
    const value = (imports as Partial<Readonly<Record<string, Partial<Readonly<Record<string, unknown>>>>>>)[each.module]?.[each.name];
    if (value === undefined) {
      failures.push(['unknown import', subject]);
      continue;
    }
    const problem = linkOne(code, each, value, linked);
    if (problem !== null) failures.push(['incompatible import type', `${subject}: ${problem}`]);
  }
  if (failures.length > 0) {
    // The first failure gives the error its wording; those of the other kind follow under theirs.
    const wording = failures[0]![0];
    const details = (of: (each: string) => boolean): string => failures.filter(([each]) => of(each)).map(([, detail]) => detail).join(', ');
    const others = details((each) => each !== wording);
    const otherWording = failures.find(([each]) => each !== wording)?.[0];
    throw new LinkError(wording, details((each) => each === wording) + (others === '' ? '' : `; ${otherWording}: ${others}`));
  }
  return linked;
}

/** Adds one import to what is linked, or tells what is wrong with it. */
function linkOne(code: ModuleCode, { description }: Import, value: unknown, linked: Linked): string | null {
  switch (description.kind) {
    case 'func': {
      const typeId = code.typeIds[description.typeIndex]!;
      const known = functionOfCallable(value);
      if (known !== undefined) {
        if (!sharedRegistry.isSubtype(known.typeId, typeId)) return 'a function of another type';
        linked.functions.push(known);
        return null;
      }
      if (typeof value !== 'function') return `${describe(value)} is no function`;
      const type = canonicalFunctionType(code.typeAt(description.typeIndex), code.typeIds);
      linked.functions.push(new FunctionInstance(typeId, type, null, linked.functions.length, value as HostFunction));
      return null;
    }
    case 'table': {
      if (!(value instanceof Table)) return `${describe(value)} is no table`;
      const element = canonicalType(description.type.element, code.typeIds);
      if (!sameType(value.element, element)) return `its elements are ${formatType(value.element)}`;
      linked.tables.push(value);
      return limitsProblem(value.length, value.type.limits, description.type.limits);
    }
    case 'memory': {
      if (!(value instanceof Memory)) return `${describe(value)} is no memory`;
      linked.memories.push(value);
      return limitsProblem(value.size(), value.type.limits, description.type.limits);
    }
    case 'global': return linkGlobal(code, description.type, value, linked);
    case 'tag':
      if (!(value instanceof Tag)) return `${describe(value)} is no tag`;
      if (value.typeId !== code.typeIds[description.type.typeIndex]) return 'a tag of another type';
      linked.tags.push(value);
      return null;
  }
}

function linkGlobal(code: ModuleCode, type: GlobalType, value: unknown, linked: Linked): string | null {
  const valueType = canonicalType(type.type, code.typeIds);
  if (value instanceof Global) {
    if (value.type.mutable !== type.mutable) return value.type.mutable ? 'it is mutable' : 'it is not mutable';
    if (type.mutable ? !sameType(value.valueType, valueType) : !sharedRegistry.matches(value.valueType, valueType)) return `it is ${formatType(value.valueType)}`;
    linked.globals.push(value);
    return null;
  }
  if (type.mutable) return `${describe(value)} is no global`;
  const fits = isReference(valueType) || typeof value === (valueType === Type.I64 ? 'bigint' : 'number');
  if (!fits) return `${describe(value)} is no ${formatType(valueType)}`;
  try {
    linked.globals.push(Global.of({ type: valueType, mutable: false }, value));
    return null;
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

const sameType = (a: ValueType, b: ValueType): boolean => sharedRegistry.matches(a, b) && sharedRegistry.matches(b, a);

/** `size` and `limits` are what is given, `wanted` what the module asks for. */
function limitsProblem(size: number, limits: Limits, wanted: Limits): string | null {
  if (limits.address !== wanted.address) return `its addresses are ${limits.address}`;
  if (limits.shared !== wanted.shared) return limits.shared ? 'it is shared' : 'it is not shared';
  if (BigInt(size) < wanted.min) return `its size is ${size}, at least ${wanted.min} is wanted`;
  if (wanted.max !== null && (limits.max === null || limits.max > wanted.max)) return `its maximum is ${limits.max ?? 'none'}, at most ${wanted.max} is wanted`;
  return null;
}

function describe(value: unknown): string {
  const kind: ExternalType['kind'] | null =
    typeof value === 'function' ? 'func' : value instanceof Memory ? 'memory' : value instanceof Table ? 'table' : value instanceof Global ? 'global' : value instanceof Tag ? 'tag' : null;
  return kind === null ? `a ${value === null ? 'null' : typeof value}` : `a ${kind}`;
}

// ---- Allocation.

function addGlobals(instance: Instance, imported: readonly Global[]): void {
  const { code } = instance;
  imported.forEach((global, index) => {
    const { word } = code.globals[index]!;
    // What never changes is copied, and read like an own global.
    if (word >= 0) instance.globalWords.set(global.words.subarray(global.at, global.at + (global.valueType === Type.V128 ? 4 : 2)), word);
    instance.globals.push(global);
  });
  code.module.globals.forEach(({ type, init }, index) => {
    const global = new Global(type, canonicalType(type.type, code.typeIds), instance.globalWords, code.globals[imported.length + index]!.word);
    global.bits = evaluate(instance, init, global.valueType);
    instance.globals.push(global);
  });
}

function allocate(instance: Instance, module: Module, memoryPages: number): void {
  const { code } = instance;
  for (const type of module.memories) instance.memories.push(new Memory(type, memoryPages));
  if (instance.memories.length > 0) instance.memory = instance.memories[0]!;
  let elements = 0;
  for (const { type, init } of module.tables) {
    // One that is too large by itself is told by `Table`.
    if (elements > 0 && elements + Number(type.limits.min) > MAX_TABLE_ELEMENTS) throw new LimitError(`the tables of the module start with more than ${MAX_TABLE_ELEMENTS} elements together; that is the engine's limit`);
    elements += Number(type.limits.min);
    instance.tables.push(new Table(type, canonicalType(type.element, code.typeIds), init === null ? null : evaluate(instance, init, type.element)));
  }
  for (const { typeIndex } of module.tags) instance.tags.push(new Tag(code.typeIds[typeIndex]!, canonicalFunctionType(code.typeAt(typeIndex), code.typeIds)));
  for (const { items, type } of module.elements) {
    instance.elements.push(items.kind === 'functions' ? items.indices.map((index) => instance.functionAt(index)) : items.expressions.map((expression) => evaluate(instance, expression, type)));
  }
  for (const { bytes } of module.data) instance.data.push(bytes);
}

function addExports(instance: Instance, module: Module): void {
  for (const { name, kind, index } of module.exports) {
    switch (kind) {
      case 'func': instance.exports[name] = callableOf(instance.functionAt(index)); break;
      case 'table': instance.exports[name] = instance.tables[index]!; break;
      case 'memory': instance.exports[name] = instance.memories[index]!; break;
      case 'global': instance.exports[name] = instance.globals[index]!; break;
      case 'tag': instance.exports[name] = instance.tags[index]!; break;
    }
  }
}

function writeSegments(instance: Instance, module: Module): void {
  module.elements.forEach(({ mode }, index) => {
    if (mode.kind === 'active') {
      const target = instance.tables[mode.table]!.elements;
      const values = instance.elements[index]!;
      const at = addressFrom(evaluate(instance, mode.offset, addressType(instance.code.tables[mode.table]!.limits)));
      if (at + values.length > target.length) throw new Trap('out of bounds table access', `element segment ${index}: ${values.length} elements at ${at}, the table has ${target.length}`);
      for (let each = 0; each < values.length; each++) target[at + each] = values[each];
    }
    if (mode.kind !== 'passive') instance.elements[index] = [];
  });
  module.data.forEach(({ mode, bytes }, index) => {
    if (mode.kind !== 'active') return;
    const memory = instance.memories[mode.memory]!;
    const at = addressFrom(evaluate(instance, mode.offset, addressType(memory.type.limits)));
    if (!memory.holds(at + bytes.length)) throw new Trap('out of bounds memory access', `data segment ${index}: ${bytes.length} bytes at ${at}, the memory has ${memory.byteLength}`);
    memory.u8.set(bytes, at);
    instance.data[index] = bytes.subarray(0, 0);
  });
}

const addressType = (limits: Limits): ValueType => (limits.address === 'i64' ? Type.I64 : Type.I32);

/** An address of 32 or 64 bits; inexact only where it is beyond everything. */
function addressFrom(bits: unknown): number {
  return typeof bits === 'bigint' ? Number(BigInt.asUintN(64, bits)) : (bits as number) >>> 0;
}
