// The engine's front door: `import { decode, validate } from 'wasienv/wasm'`.
export { decode } from './binary/decode.js';
export { encode, type EncodeOptions } from './binary/encode.js';
export { readInstruction, type Instruction } from './binary/immediates.js';
export { Reader } from './binary/reader.js';
export { DecodeError, Exhaustion, LimitError, LinkError, ParseError, Trap, Unsupported, ValidationError, type ModulePlace, type StackFrame } from './errors.js';
export type * from './module.js';
export { parse, type ParseOptions } from './text/parse.js';
export { formatType } from './types.js';
export type { ArrayType, CompositeType, FieldType, FunctionType, GlobalType, Limits, MemoryType, StructType, SubType, TableType, TagType, ValueType } from './types.js';
export { validate } from './validate/validate.js';
