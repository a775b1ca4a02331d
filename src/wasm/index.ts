// The engine's front door: `import { decode, instantiate } from 'wasienv/wasm'`. Nothing behind it knows a file, a clock or
// the host's own WebAssembly. Who embeds the engine uses these names and no file behind them. What a module wants to import
// and is no function is most easily had from another one: `instantiate(parse('(module (memory (export "m") 1))')).exports.m`.
export { decode } from './binary/decode.js';
export { encode, type EncodeOptions } from './binary/encode.js';
export { readInstruction, type Instruction } from './binary/immediates.js';
export { Reader } from './binary/reader.js';
export { DecodeError, Exhaustion, LimitError, LinkError, ParseError, Trap, Unsupported, ValidationError, type ModulePlace, type StackFrame } from './errors.js';
export { instantiate, type ImportObject, type InstantiateOptions } from './instantiate.js';
export type { Value } from './interpreter/invoke.js';
export { invoke } from './js-api/invoke.js';
// `Global`, `Memory` and `Table` are the running ones; those of a module are reached through its fields.
export type * from './module.js';
export type { HostFunction as ExportedFunction } from './runtime/function.js';
export { Exception } from './runtime/exception.js';
export { Global } from './runtime/global.js';
export type { ExportValue, Instance } from './runtime/instance.js';
export { Memory, type SharedMemoryHandle } from './runtime/memory.js';
export { Probes, type ProbeOptions, type Stretch } from './runtime/probes.js';
export { kindOfReference, type ReferenceKind } from './runtime/objects.js';
export { Table } from './runtime/table.js';
export { Tag } from './runtime/tag.js';
export { parse, type ParseOptions } from './text/parse.js';
export { print, printParts, type PrintOptions } from './text/print.js';
export { formatType } from './types.js';
export type { ArrayType, CompositeType, FieldType, FunctionType, GlobalType, Limits, MemoryType, StructType, SubType, TableType, TagType, ValueType } from './types.js';
export { validate } from './validate/validate.js';
