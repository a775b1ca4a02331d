// Bytes -> Module: sections in order, counts and sizes that agree, every limit checked before anything is allocated.
// Function bodies are skimmed by their size alone; malformed instructions show when a body is walked (`validate`).
// Data and bodies are ranges of the given bytes, which therefore must not change afterwards.
// spec: binary/modules
import { DecodeError } from '../errors.js';
import type { CustomSection, DataSegment, ElementSegment, Export, Expression, ExternalKind, ExternalType, FunctionBody, Global, Import, LocalRun, Module, Names, Table } from '../module.js';
import { MAX_ELEMENTS, MAX_ITEMS, MAX_TYPES } from '../limits.js';
import { requireBytes } from '../module-form.js';
import { Heap, referenceTo, Type, type CompositeType, type FieldType, type GlobalType, type Limits, type MemoryType, type StorageType, type SubType, type TableType, type TagType, type ValueType } from '../types.js';
import { readZeroByte } from './immediates.js';
import { decodeNames } from './names.js';
import { Reader } from './reader.js';
import { DataFlag, ElementFlag, EXTERNAL_KINDS, LimitsFlag, Section, SECTION_ORDER, TypeForm } from './sections.js';
import { checkWellFormed, skipExpression } from './well-formed.js';
import { checkHeader } from './header.js';

/** What the sections fill in; becomes a `Module` when the last byte is read. */
class Parts {
  readonly types: SubType[] = [];
  readonly groups: Array<{ readonly start: number; readonly count: number }> = [];
  readonly imports: Import[] = [];
  readonly functions: number[] = [];
  readonly tables: Table[] = [];
  readonly memories: MemoryType[] = [];
  readonly tags: TagType[] = [];
  readonly globals: Global[] = [];
  readonly exports: Export[] = [];
  start: number | null = null;
  readonly elements: ElementSegment[] = [];
  dataCount: number | null = null;
  readonly bodies: FunctionBody[] = [];
  readonly data: DataSegment[] = [];
  readonly customs: CustomSection[] = [];
}

/**
 * The module in `bytes`. Nothing is copied: do not change `bytes` while the module is in use.
 * Throws DecodeError (E_NOT_WASM, E_COMPONENT, E_DECODE), LimitError beyond `limits.ts`, TypeError for no bytes.
 */
export function decode(bytes: Uint8Array): Module {
  requireBytes(bytes);
  checkHeader(bytes);
  const parts = new Parts();
  try {
    readSections(bytes, parts);
    checkCounts(parts, bytes.length);
  } catch (error) {
    // Bodies are skimmed here and walked by the validator. Where one is malformed, what follows it often is as well; the first mistake in the file is the one to tell.
    if (error instanceof DecodeError) checkWellFormed(finish(parts));
    throw error;
  }
  return finish(parts);
}

function readSections(bytes: Uint8Array, parts: Parts): void {
  const reader = new Reader(bytes, 8);
  /** Place in `SECTION_ORDER` of the last section that is not custom; -1 before the first. */
  let place = -1;
  while (reader.position < bytes.length) {
    const at = reader.position;
    const id = reader.byte();
    const found = id === Section.CUSTOM ? place : SECTION_ORDER.findIndex(([each]) => each === id);
    const subject = id === Section.CUSTOM ? 'custom section' : `${SECTION_ORDER[found]?.[1]} section`;
    if (id !== Section.CUSTOM && found < 0) reader.fail('malformed section id', at, String(id));
    reader.subject = subject;
    const size = reader.u32();
    const start = reader.position;
    if (size > bytes.length - start) reader.fail('length out of bounds', at, `a section of ${size} bytes, ${bytes.length - start} left in the file`);
    if (id !== Section.CUSTOM && found <= place) {
      reader.fail('unexpected content after last section', at, found === place ? `a second ${subject}` : `the ${subject} stands after the ${SECTION_ORDER[place]![1]} section`);
    }
    reader.end = start + size;
    place = found;
    readSection(reader, id, parts, place < 0 ? 0 : SECTION_ORDER[place]![0]);
    if (reader.position !== reader.end) reader.fail('section size mismatch', reader.position, `${reader.end - reader.position} of ${size} bytes left over`);
    reader.end = bytes.length;
    reader.subject = '';
  }
}

/** Names are read when first asked for: most programs that run never trap, and a large module has many of them. */
function finish(parts: Parts): Module {
  let names: Names | undefined;
  return {
    ...parts,
    get names() {
      return (names ??= decodeNames(parts.customs));
    },
  };
}

function checkCounts(parts: Parts, end: number): void {
  const { functions, bodies, dataCount, data } = parts;
  if (functions.length !== bodies.length) throw new DecodeError('function and code section have inconsistent lengths', end, `${functions.length} functions, ${bodies.length} bodies`);
  if (dataCount !== null && dataCount !== data.length) throw new DecodeError('data count and data section have inconsistent lengths', end, `${dataCount} announced, ${data.length} segments`);
}

function readSection(reader: Reader, id: Section, parts: Parts, after: number): void {
  switch (id) {
    case Section.CUSTOM: {
      const name = reader.name();
      parts.customs.push({ name, bytes: reader.bytes.subarray(reader.position, reader.end), after });
      reader.position = reader.end;
      return;
    }
    case Section.TYPE: return readTypes(reader, parts);
    case Section.IMPORT: return each(reader, 'imports', () => parts.imports.push(readImport(reader)));
    case Section.FUNCTION: return each(reader, 'functions', () => parts.functions.push(reader.u32()));
    case Section.TABLE: return each(reader, 'tables', () => parts.tables.push(readTable(reader)));
    case Section.MEMORY: return each(reader, 'memories', () => parts.memories.push(readMemoryType(reader)));
    case Section.TAG: return each(reader, 'tags', () => parts.tags.push(readTagType(reader)));
    case Section.GLOBAL: return each(reader, 'globals', () => parts.globals.push({ type: readGlobalType(reader), init: readExpression(reader) }));
    case Section.EXPORT: return each(reader, 'exports', () => parts.exports.push({ name: reader.name(), kind: readExternalKind(reader, 'malformed export kind'), index: reader.u32() }));
    case Section.START:
      parts.start = reader.u32();
      return;
    case Section.ELEMENT: return each(reader, 'element segments', () => parts.elements.push(readElementSegment(reader)));
    case Section.DATA_COUNT:
      parts.dataCount = reader.u32();
      return;
    case Section.CODE: return readBodies(reader, parts);
    case Section.DATA: return each(reader, 'data segments', () => parts.data.push(readDataSegment(reader)));
  }
}

function each(reader: Reader, what: string, read: () => void, most = MAX_ITEMS): void {
  for (let left = reader.count(what, most); left > 0; left--) read();
}

function readTypes(reader: Reader, parts: Parts): void {
  each(reader, 'types', () => {
    const start = parts.types.length;
    if (reader.bytes[reader.position] === TypeForm.REC && reader.position < reader.end) {
      reader.position++;
      each(reader, 'types', () => parts.types.push(readSubType(reader)), MAX_TYPES - start);
    } else {
      parts.types.push(readSubType(reader));
    }
    parts.groups.push({ start, count: parts.types.length - start });
  }, MAX_TYPES);
}

const NO_SUPERTYPES: readonly number[] = [];

function readSubType(reader: Reader): SubType {
  const form = reader.byte();
  if (form !== TypeForm.SUB && form !== TypeForm.SUB_FINAL) return { final: true, supertypes: NO_SUPERTYPES, composite: readCompositeType(reader, form) };
  const supertypes: number[] = [];
  each(reader, 'supertypes', () => supertypes.push(reader.u32()));
  return { final: form === TypeForm.SUB_FINAL, supertypes, composite: readCompositeType(reader, reader.byte()) };
}

function readCompositeType(reader: Reader, form: number): CompositeType {
  switch (form) {
    case TypeForm.FUNC: return { kind: 'func', params: readValueTypes(reader), results: readValueTypes(reader) };
    case TypeForm.STRUCT: {
      const fields: FieldType[] = [];
      each(reader, 'fields', () => fields.push(readFieldType(reader)));
      return { kind: 'struct', fields };
    }
    case TypeForm.ARRAY: return { kind: 'array', field: readFieldType(reader) };
    // Forms are negative numbers of seven bits: a byte that announces another is too long for one.
    default: return reader.fail(form < 0x80 ? 'malformed composite type' : 'integer representation too long', reader.position - 1, `0x${form.toString(16)}`);
  }
}

function readValueTypes(reader: Reader): ValueType[] {
  const types: ValueType[] = [];
  for (let left = reader.count('types'); left > 0; left--) types.push(reader.valueType());
  return types;
}

function readFieldType(reader: Reader): FieldType {
  const storage: StorageType = isPacked(reader.bytes[reader.position]!) ? reader.byte() : reader.valueType();
  return { storage, mutable: readMutability(reader) };
}
const isPacked = (code: number): boolean => code === Type.I8 || code === Type.I16;

function readMutability(reader: Reader): boolean {
  const flag = reader.byte();
  if (flag > 1) reader.fail('malformed mutability', reader.position - 1);
  return flag === 1;
}

function readImport(reader: Reader): Import {
  return { module: reader.name(), name: reader.name(), description: readExternalType(reader) };
}

function readExternalKind(reader: Reader, wording: string): ExternalKind {
  const code = reader.byte();
  return EXTERNAL_KINDS[code] ?? reader.fail(wording, reader.position - 1, String(code));
}

function readExternalType(reader: Reader): ExternalType {
  const kind = readExternalKind(reader, 'malformed import kind');
  switch (kind) {
    case 'func': return { kind, typeIndex: reader.u32() };
    case 'table': return { kind, type: readTableType(reader) };
    case 'memory': return { kind, type: readMemoryType(reader) };
    case 'global': return { kind, type: readGlobalType(reader) };
    case 'tag': return { kind, type: readTagType(reader) };
  }
}

function readLimits(reader: Reader, allowed: number): Limits {
  const flags = reader.byte();
  if (flags & ~allowed) reader.fail('malformed limits flags', reader.position - 1, `0x${flags.toString(16)}`);
  const min = reader.u64();
  const max = flags & LimitsFlag.MAX ? reader.u64() : null;
  return { address: flags & LimitsFlag.I64 ? 'i64' : 'i32', min, max, shared: (flags & LimitsFlag.SHARED) !== 0 };
}

const readMemoryType = (reader: Reader): MemoryType => ({ limits: readLimits(reader, LimitsFlag.MAX | LimitsFlag.SHARED | LimitsFlag.I64) });

function readTableType(reader: Reader): TableType {
  const element = reader.referenceType();
  return { element, limits: readLimits(reader, LimitsFlag.MAX | LimitsFlag.I64) };
}

function readTable(reader: Reader): Table {
  if (reader.bytes[reader.position] !== 0x40) return { type: readTableType(reader), init: null };
  reader.byte();
  readZeroByte(reader);
  return { type: readTableType(reader), init: readExpression(reader) };
}

function readGlobalType(reader: Reader): GlobalType {
  return { type: reader.valueType(), mutable: readMutability(reader) };
}

function readTagType(reader: Reader): TagType {
  if (reader.byte() !== 0) reader.fail('malformed tag attribute', reader.position - 1);
  return { typeIndex: reader.u32() };
}

function readExpression(reader: Reader): Expression {
  const start = reader.position;
  skipExpression(reader);
  return { bytes: reader.bytes, start, end: reader.position };
}

function readElementSegment(reader: Reader): ElementSegment {
  const at = reader.position;
  const flags = reader.u32();
  if (flags > (ElementFlag.NOT_ACTIVE | ElementFlag.EXPLICIT | ElementFlag.EXPRESSIONS)) reader.fail('malformed elements segment kind', at, String(flags));
  const mode = readElementMode(reader, flags);
  const typed = (flags & (ElementFlag.NOT_ACTIVE | ElementFlag.EXPLICIT)) !== 0;
  if (flags & ElementFlag.EXPRESSIONS) {
    const type = typed ? reader.referenceType() : Type.FUNCREF;
    const expressions: Expression[] = [];
    each(reader, 'element expressions', () => expressions.push(readExpression(reader)), MAX_ELEMENTS);
    return { type, mode, items: { kind: 'expressions', expressions } };
  }
  if (typed && reader.byte() !== 0) reader.fail('malformed element kind', reader.position - 1);
  const indices: number[] = [];
  for (let left = reader.count('elements'); left > 0; left--) indices.push(reader.u32());
  return { type: FUNCTION_REFERENCE, mode, items: { kind: 'functions', indices } };
}

/** Function indices never give null: `(ref func)`. spec: binary/modules#element-section */
const FUNCTION_REFERENCE = referenceTo(Heap.FUNC, false);

function readElementMode(reader: Reader, flags: number): ElementSegment['mode'] {
  if (flags & ElementFlag.NOT_ACTIVE) return { kind: flags & ElementFlag.EXPLICIT ? 'declarative' : 'passive' };
  return { kind: 'active', table: flags & ElementFlag.EXPLICIT ? reader.u32() : 0, offset: readExpression(reader) };
}

const MAX_LOCALS_OF_FORMAT = 0xffff_ffff;

function readBodies(reader: Reader, parts: Parts): void {
  const sectionEnd = reader.end;
  const count = reader.count('function bodies', MAX_ITEMS);
  const firstIndex = parts.imports.reduce((sum, { description }) => sum + (description.kind === 'func' ? 1 : 0), 0);
  for (let index = 0; index < count; index++) {
    const size = reader.u32();
    const end = reader.position + size;
    if (end > sectionEnd) reader.unexpectedEnd(`body ${index}, function ${firstIndex + index}, has ${size} bytes, ${sectionEnd - reader.position} left`);
    reader.end = end;
    const locals = readLocals(reader, firstIndex + index);
    parts.bodies.push({ locals, code: { bytes: reader.bytes, start: reader.position, end } });
    reader.position = end;
    reader.end = sectionEnd;
  }
}

const NO_LOCALS: readonly LocalRun[] = [];

function readLocals(reader: Reader, functionIndex: number): readonly LocalRun[] {
  const at = reader.position;
  const runs = reader.count(`runs of locals in function ${functionIndex}`);
  if (runs === 0) return NO_LOCALS;
  const locals: LocalRun[] = [];
  let total = 0;
  for (let left = runs; left > 0; left--) {
    const count = reader.u32();
    locals.push({ count, type: reader.valueType() });
    total += count;
  }
  if (total > MAX_LOCALS_OF_FORMAT) reader.fail('too many locals', at, `${total} in function ${functionIndex}`);
  return locals;
}

function readDataSegment(reader: Reader): DataSegment {
  const at = reader.position;
  const flags = reader.u32();
  if (flags > DataFlag.ACTIVE_IN_MEMORY) reader.fail('malformed data segment kind', at, String(flags));
  const mode: DataSegment['mode'] =
    flags === DataFlag.PASSIVE ? { kind: 'passive' } : { kind: 'active', memory: flags === DataFlag.ACTIVE_IN_MEMORY ? reader.u32() : 0, offset: readExpression(reader) };
  const size = reader.u32();
  const start = reader.position;
  if (size > reader.end - start) reader.unexpectedEnd(`a data segment of ${size} bytes, ${reader.end - start} left`);
  reader.position = start + size;
  return { mode, bytes: reader.bytes.subarray(start, reader.position) };
}
