// Module -> bytes, with integers, segment kinds and type forms always in their shortest spelling: `decode(encode(m))` is
// `m` again, and bytes that are already spelt so come out as they went in. Custom sections go back to their places.
// spec: binary/modules
import { infoOf } from '../instructions.js';
import type { DataSegment, ElementSegment, Export, ExternalType, FunctionBody, Import, Module, Table } from '../module.js';
import { Heap, referenceTo, Type, type CompositeType, type FieldType, type GlobalType, type Limits, type SubType, type TableType, type TagType } from '../types.js';
import { writeInstruction } from './immediates.js';
import { encodeNames } from './names.js';
import { DataFlag, ElementFlag, EXTERNAL_KINDS, LimitsFlag, Section, SECTION_ORDER, TypeForm } from './sections.js';
import { ByteWriter } from './writer.js';

export interface EncodeOptions {
  /** Write `module.names` as a name section when the module carries none: for parsed text, whose names are identifiers. */
  readonly names?: boolean;
}

/** The module in binary form, numbers as short as they can be; it need not be valid. */
export function encode(module: Module, options: EncodeOptions = {}): Uint8Array {
  const writer = new ByteWriter(1 << 16);
  writer.bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  writeCustoms(writer, module, Section.CUSTOM);
  for (const [id] of SECTION_ORDER) {
    const write = contentOf(id, module);
    if (write !== null) {
      writer.byte(id);
      writer.sized(() => write(writer));
    }
    writeCustoms(writer, module, id);
  }
  if (options.names === true && !module.customs.some(({ name }) => name === 'name')) {
    const bytes = encodeNames(module.names);
    if (bytes !== null) writeCustom(writer, 'name', bytes);
  }
  return writer.take();
}

function writeCustoms(writer: ByteWriter, { customs }: Module, after: number): void {
  for (const custom of customs) if (custom.after === after) writeCustom(writer, custom.name, custom.bytes);
}

function writeCustom(writer: ByteWriter, name: string, bytes: Uint8Array): void {
  writer.byte(Section.CUSTOM);
  writer.sized(() => {
    writer.name(name);
    writer.bytes(bytes);
  });
}

/** Writes the section's content; null when it has none and is left out. */
function contentOf(id: Section, module: Module): ((writer: ByteWriter) => void) | null {
  const vector = <Item>(items: readonly Item[], write: (writer: ByteWriter, item: Item) => void) =>
    items.length === 0 ? null : (writer: ByteWriter): void => writer.vector(items, (item) => write(writer, item));
  switch (id) {
    case Section.TYPE: return vector(module.groups, (writer, group) => writeGroup(writer, module.types.slice(group.start, group.start + group.count)));
    case Section.IMPORT: return vector(module.imports, writeImport);
    case Section.FUNCTION: return vector(module.functions, (writer, typeIndex) => writer.u32(typeIndex));
    case Section.TABLE: return vector(module.tables, writeTable);
    case Section.MEMORY: return vector(module.memories, (writer, { limits }) => writeLimits(writer, limits));
    case Section.TAG: return vector(module.tags, writeTagType);
    case Section.GLOBAL: return vector(module.globals, (writer, { type, init }) => {
      writeGlobalType(writer, type);
      writeExpression(writer, init);
    });
    case Section.EXPORT: return vector(module.exports, writeExport);
    case Section.START: return module.start === null ? null : (writer) => writer.u32(module.start!);
    case Section.ELEMENT: return vector(module.elements, writeElementSegment);
    case Section.DATA_COUNT: return module.dataCount === null ? null : (writer) => writer.u32(module.dataCount!);
    case Section.CODE: return vector(module.bodies, writeBody);
    case Section.DATA: return vector(module.data, writeDataSegment);
    case Section.CUSTOM: return null;
  }
}

function writeGroup(writer: ByteWriter, types: readonly SubType[]): void {
  if (types.length !== 1) {
    writer.byte(TypeForm.REC);
    writer.u32(types.length);
  }
  for (const type of types) writeSubType(writer, type);
}

function writeSubType(writer: ByteWriter, { final, supertypes, composite }: SubType): void {
  if (!final || supertypes.length > 0) {
    writer.byte(final ? TypeForm.SUB_FINAL : TypeForm.SUB);
    writer.vector(supertypes, (index) => writer.u32(index));
  }
  writeComposite(writer, composite);
}

function writeComposite(writer: ByteWriter, composite: CompositeType): void {
  switch (composite.kind) {
    case 'func':
      writer.byte(TypeForm.FUNC);
      writer.vector(composite.params, (type) => writer.valueType(type));
      writer.vector(composite.results, (type) => writer.valueType(type));
      return;
    case 'struct':
      writer.byte(TypeForm.STRUCT);
      writer.vector(composite.fields, (field) => writeField(writer, field));
      return;
    case 'array':
      writer.byte(TypeForm.ARRAY);
      writeField(writer, composite.field);
  }
}

function writeField(writer: ByteWriter, { storage, mutable }: FieldType): void {
  writer.valueType(storage);
  writer.byte(mutable ? 1 : 0);
}

function writeLimits(writer: ByteWriter, { address, min, max, shared }: Limits): void {
  writer.byte((max === null ? 0 : LimitsFlag.MAX) | (shared ? LimitsFlag.SHARED : 0) | (address === 'i64' ? LimitsFlag.I64 : 0));
  writer.u64(min);
  if (max !== null) writer.u64(max);
}

function writeTableType(writer: ByteWriter, { element, limits }: TableType): void {
  writer.valueType(element);
  writeLimits(writer, limits);
}

function writeTable(writer: ByteWriter, { type, init }: Table): void {
  if (init === null) return writeTableType(writer, type);
  writer.bytes([0x40, 0x00]);
  writeTableType(writer, type);
  writeExpression(writer, init);
}

function writeGlobalType(writer: ByteWriter, { type, mutable }: GlobalType): void {
  writer.valueType(type);
  writer.byte(mutable ? 1 : 0);
}

function writeTagType(writer: ByteWriter, { typeIndex }: TagType): void {
  writer.byte(0);
  writer.u32(typeIndex);
}

function writeImport(writer: ByteWriter, { module, name, description }: Import): void {
  writer.name(module);
  writer.name(name);
  writer.byte(EXTERNAL_KINDS.indexOf(description.kind));
  writeExternalType(writer, description);
}

function writeExternalType(writer: ByteWriter, description: ExternalType): void {
  switch (description.kind) {
    case 'func': return writer.u32(description.typeIndex);
    case 'table': return writeTableType(writer, description.type);
    case 'memory': return writeLimits(writer, description.type.limits);
    case 'global': return writeGlobalType(writer, description.type);
    case 'tag': return writeTagType(writer, description.type);
  }
}

function writeExport(writer: ByteWriter, { name, kind, index }: Export): void {
  writer.name(name);
  writer.byte(EXTERNAL_KINDS.indexOf(kind));
  writer.u32(index);
}

function writeExpression(writer: ByteWriter, { bytes, start, end }: { readonly bytes: Uint8Array; readonly start: number; readonly end: number }): void {
  writer.bytes(bytes.subarray(start, end));
}

const REF_FUNC = infoOf('ref.func');
const END = infoOf('end');
const FUNCTION_REFERENCE = referenceTo(Heap.FUNC, false);

function writeElementSegment(writer: ByteWriter, { type, mode, items }: ElementSegment): void {
  // Bare function indices always have type (ref func); of another type they are written as expressions.
  const asExpressions = items.kind === 'expressions' || type !== FUNCTION_REFERENCE;
  const plainType = asExpressions ? Type.FUNCREF : FUNCTION_REFERENCE;
  const plain = mode.kind === 'active' && mode.table === 0 && type === plainType;
  const kind = mode.kind === 'active' ? (plain ? 0 : ElementFlag.EXPLICIT) : mode.kind === 'passive' ? ElementFlag.NOT_ACTIVE : ElementFlag.NOT_ACTIVE | ElementFlag.EXPLICIT;
  writer.u32(kind | (asExpressions ? ElementFlag.EXPRESSIONS : 0));
  if (mode.kind === 'active') {
    if (!plain) writer.u32(mode.table);
    writeExpression(writer, mode.offset);
  }
  if (!plain) {
    if (asExpressions) writer.valueType(type);
    else writer.byte(0);
  }
  if (items.kind === 'expressions') return writer.vector(items.expressions, (expression) => writeExpression(writer, expression));
  writer.vector(items.indices, (index) => {
    if (!asExpressions) return writer.u32(index);
    writeInstruction(writer, REF_FUNC, index);
    writeInstruction(writer, END);
  });
}

function writeBody(writer: ByteWriter, { locals, code }: FunctionBody): void {
  writer.sized(() => {
    writer.vector(locals, ({ count, type }) => {
      writer.u32(count);
      writer.valueType(type);
    });
    writeExpression(writer, code);
  });
}

function writeDataSegment(writer: ByteWriter, { mode, bytes }: DataSegment): void {
  if (mode.kind !== 'active') writer.u32(DataFlag.PASSIVE);
  else {
    writer.u32(mode.memory === 0 ? DataFlag.ACTIVE : DataFlag.ACTIVE_IN_MEMORY);
    if (mode.memory !== 0) writer.u32(mode.memory);
    writeExpression(writer, mode.offset);
  }
  writer.u32(bytes.length);
  writer.bytes(bytes);
}
