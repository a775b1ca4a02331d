// Checks one sequence of instructions, a function body or a constant expression, by the algorithm of the specification's
// appendix, with nothing allocated an instruction: what is known at each is in `code-state.ts`. `run` has the frequent
// instructions inline for their frequent case; everything else goes through `STEPS`, which is complete: the table's types for
// simple instructions, `rules.ts` for the others.
// spec: appendix/algorithm, valid/instructions
import { INSTRUCTION_INFOS, NO_INSTRUCTION, ORDINAL_OF_BYTE, type ImmediateKind, type InstructionInfo, type Mnemonic, type SpecialMnemonic } from '../instructions.js';
import type { Expression, FunctionBody } from '../module.js';
import { isConcrete, isReference, Type, typeIndexOf, type ArrayType, type FunctionType, type HeapType, type StructType, type ValueType } from '../types.js';
import { HAS_MEMORY_INDEX, readMemoryFlags, readOrdinal, readZeroByte, skipInstruction } from '../binary/immediates.js';
import { Reader } from '../binary/reader.js';
import { CodeState, NONE, type Types } from './code-state.js';
import { isArrayType, isFunctionType, isStructType } from './context.js';
import { ALIGNMENT, CONSTANT_BYTES, Fast, FAST_KIND, LAST_PARAM, NATURAL_ALIGNMENT, RESULT, TYPE_OF_LETTER } from './fast-table.js';
import { FrameKind } from './frame-kind.js';
import { RULES, type Rule } from './rules.js';

/** Results of blocks with one result, by type: block types of numbers are so frequent that they are not allocated each time. */
const ONE_RESULT: ReadonlyMap<ValueType, Types> = new Map([Type.I32, Type.I64, Type.F32, Type.F64, Type.V128].map((type) => [type, [type]]));

export class BodyValidator extends CodeState {
  /** Constant expressions may name any function, and by that declare it. */
  constant = false;

  /** Set by `readBlockType`. */
  blockParams: Types = NONE;
  blockResults: Types = NONE;

  // --- Entrances.

  checkFunction(functionIndex: number, type: FunctionType, body: FunctionBody): void {
    this.functionIndex = functionIndex;
    this.constant = false;
    this.declareLocals(type, body);
    this.check(body.code, type.results, `function ${functionIndex}`);
  }

  /** `subject` names the expression in errors: `global 3`. */
  checkConstant(expression: Expression, type: ValueType, subject: string): void {
    this.functionIndex = -1;
    this.place = { subject };
    this.constant = true;
    this.localCount = 0;
    this.tracksLocals = false;
    this.requireConstant(expression);
    this.check(expression, [type], subject);
  }

  private check(code: Expression, results: Types, subject: string): void {
    if (this.reader.bytes !== code.bytes) this.reader = new Reader(code.bytes);
    const reader = this.reader;
    reader.position = code.start;
    reader.end = code.end;
    reader.subject = subject;
    this.at = code.start;
    this.height = 0;
    this.depth = 0;
    this.setLocals.length = 0;
    this.reserve(0);
    this.pushFrame(FrameKind.BODY, NONE, results);
    this.run();
    if (reader.position !== code.end) reader.fail('section size mismatch', reader.position, `${code.end - reader.position} bytes after the last end`);
  }

  private requireConstant(expression: Expression): void {
    const reader = (this.reader = new Reader(expression.bytes, expression.start, expression.end));
    while (reader.position < reader.end) {
      this.at = reader.position;
      const info = INSTRUCTION_INFOS[readOrdinal(reader)]!;
      reader.position = this.at;
      if (!CONSTANT.has(info.mnemonic)) this.fail('constant expression required');
      if (info.mnemonic === 'global.get') {
        reader.position++;
        const index = reader.u32();
        if (this.context.globals[index]?.mutable === true) this.fail('constant expression required', `global ${index} is mutable`);
        continue;
      }
      skipInstruction(reader);
    }
  }

  // --- The loop.

  private run(): void {
    const { reader } = this;
    const { bytes, end } = reader;
    const { locals, localCount } = this;
    // Imports are looked up at each use until the loop is optimised, and a module is mostly validated before that.
    const kinds = FAST_KIND;
    const lastParam = LAST_PARAM;
    const result = RESULT;
    const alignment = ALIGNMENT;
    const constantBytes = CONSTANT_BYTES;
    const plainLocals = !this.tracksLocals;
    const plainMemory = this.context.memories[0]?.limits.address === 'i32';
    let { stack, height, base } = this;
    let position = reader.position;
    while (this.depth > 0) {
      if (position >= end) this.missingEnd();
      const start = position;
      const byte = bytes[position++]!;
      // Each case ends in `continue` when it holds to the letter; everything doubtful falls out to the complete way below.
      switch (kinds[byte]!) {
        case Fast.UNARY:
          if (height > base && stack[height - 1] === lastParam[byte]) {
            stack[height - 1] = result[byte]!;
            continue;
          }
          break;
        case Fast.BINARY:
          if (height >= base + 2 && stack[height - 1] === lastParam[byte] && stack[height - 2] === lastParam[byte]) {
            height--;
            stack[height - 1] = result[byte]!;
            continue;
          }
          break;
        case Fast.CONSTANT: {
          // One byte less than the longest form, whose last byte has unused bits to check.
          const limit = position + constantBytes[byte]!;
          let at = position;
          while (bytes[at]! >= 0x80) at++;
          if (at < limit && at < end) {
            position = at + 1;
            stack[height++] = result[byte]!;
            continue;
          }
          break;
        }
        case Fast.FLOAT:
          if (position + constantBytes[byte]! <= end) {
            position += constantBytes[byte]!;
            stack[height++] = result[byte]!;
            continue;
          }
          break;
        case Fast.LOCAL_GET: {
          const index = bytes[position]!;
          if (index < 0x80 && index < localCount && plainLocals && position < end) {
            position++;
            stack[height++] = locals[index]!;
            continue;
          }
          break;
        }
        case Fast.LOCAL_SET: {
          const index = bytes[position]!;
          if (index < 0x80 && index < localCount && plainLocals && position < end && height > base && stack[height - 1] === locals[index]) {
            position++;
            height--;
            continue;
          }
          break;
        }
        case Fast.LOCAL_TEE: {
          const index = bytes[position]!;
          if (index < 0x80 && index < localCount && plainLocals && position < end && height > base && stack[height - 1] === locals[index]) {
            position++;
            continue;
          }
          break;
        }
        case Fast.LOAD:
          if (plainMemory && bytes[position]! <= alignment[byte]! && height > base && stack[height - 1] === Type.I32) {
            const at = shortNumber(bytes, position + 1);
            if (at < end && at !== 0) {
              position = at + 1;
              stack[height - 1] = result[byte]!;
              continue;
            }
          }
          break;
        case Fast.STORE:
          if (plainMemory && bytes[position]! <= alignment[byte]! && height >= base + 2 && stack[height - 1] === lastParam[byte] && stack[height - 2] === Type.I32) {
            const at = shortNumber(bytes, position + 1);
            if (at < end && at !== 0) {
              position = at + 1;
              height -= 2;
              continue;
            }
          }
          break;
      }
      this.at = start;
      this.height = height;
      reader.position = position;
      let ordinal = ORDINAL_OF_BYTE[byte]!;
      if (ordinal === NO_INSTRUCTION) {
        reader.position = start;
        ordinal = readOrdinal(reader);
      }
      STEPS[ordinal]!(this);
      position = reader.position;
      ({ stack, height, base } = this);
    }
  }

  /** The expression is over and blocks are open. The last one in a file shows this only at the end of the bytes. */
  private missingEnd(): never {
    const reader: Reader = this.reader;
    if (reader.end === reader.bytes.length) reader.unexpectedEnd('END opcode expected');
    reader.fail('END opcode expected', reader.end);
  }

  /** An instruction that its row of the table describes. */
  simple(info: InstructionInfo, params: readonly string[], results: readonly string[]): void {
    let address: ValueType = Type.I32;
    for (let index = 0; index < info.immediates.length; index++) {
      const kind = info.immediates[index]!;
      if (kind === 'memory') address = this.memoryAddress(this.reader.u32());
      else if (NATURAL_ALIGNMENT[kind] !== undefined) address = this.memoryArgument(NATURAL_ALIGNMENT[kind], info);
      else this.simpleImmediate(kind);
    }
    for (let index = params.length - 1; index >= 0; index--) this.pop(typeOfLetter(params[index]!, address));
    for (let index = 0; index < results.length; index++) this.push(typeOfLetter(results[index]!, address));
  }

  private simpleImmediate(kind: ImmediateKind): void {
    const { reader } = this;
    switch (kind) {
      case 'i32': reader.s32(); return;
      case 'i64': reader.skipS64(); return;
      case 'f32': reader.skip(4); return;
      case 'f64': reader.skip(8); return;
      case 'v128': reader.skip(16); return;
      case 'lane2': this.lane(2); return;
      case 'lane4': this.lane(4); return;
      case 'lane8': this.lane(8); return;
      case 'lane16': this.lane(16); return;
      case 'lanes16':
        for (let count = 0; count < 16; count++) this.lane(32);
        return;
      case 'zeroByte': readZeroByte(reader); return;
      case 'data': this.dataIndex(); return;
      case 'elem': this.elementIndex(); return;
    }
  }

  private lane(count: number): void {
    const lane = this.reader.byte();
    if (lane >= count) this.fail('invalid lane index', `${lane}; there are ${count} lanes`);
  }

  private memoryArgument(natural: number, info: InstructionInfo): ValueType {
    const { reader } = this;
    const flags = readMemoryFlags(reader);
    const memory = flags & HAS_MEMORY_INDEX ? reader.u32() : 0;
    const align = flags & ~HAS_MEMORY_INDEX;
    const offsetStart = reader.position;
    reader.skipU64();
    const address = this.memoryAddress(memory);
    if (align > natural) this.fail('alignment must not be larger than natural', `2^${align} bytes; ${info.mnemonic} accesses 2^${natural}`);
    if (info.feature === 'threads' && align < natural) this.fail('atomic alignment must be natural', `2^${align} bytes; ${info.mnemonic} accesses 2^${natural}`);
    if (address === Type.I32 && reader.position - offsetStart >= 5) {
      const offset = new Reader(reader.bytes, offsetStart, reader.end).u64();
      if (offset > 0xffff_ffffn) this.fail('offset out of range', `${offset} in a 32-bit memory`);
    }
    return address;
  }

  // --- Immediates and what they name.

  readBlockType(): void {
    const type = this.reader.blockType();
    this.blockParams = NONE;
    if (type === Type.BOTTOM) {
      this.blockResults = NONE;
    } else if (isConcrete(type) && !isReference(type)) {
      const signature = this.functionTypeAt(typeIndexOf(type));
      this.blockParams = signature.params;
      this.blockResults = signature.results;
    } else {
      if (isReference(type)) this.requireType(type);
      this.blockResults = ONE_RESULT.get(type) ?? [type];
    }
  }

  /** The types it refers to exist. */
  requireType(type: ValueType | HeapType): void {
    if (isConcrete(type)) this.requireTypeIndex(typeIndexOf(type));
  }

  requireTypeIndex(index: number): void {
    if (index >= this.context.typeCount) this.unknown('type', index, this.context.typeCount);
  }

  valueType(): ValueType {
    const type = this.reader.valueType();
    this.requireType(type);
    return type;
  }

  heapType(): HeapType {
    const heap = this.reader.heapType();
    this.requireType(heap);
    return heap;
  }

  typeIndex(): number {
    const index = this.reader.u32();
    this.requireTypeIndex(index);
    return index;
  }

  functionTypeAt(index: number): FunctionType {
    this.requireTypeIndex(index);
    const composite = this.context.composite(index);
    return isFunctionType(composite) ? composite : this.fail('type mismatch', `type ${index} is no function type`);
  }

  structTypeAt(index: number): StructType {
    const composite = this.context.composite(index);
    return isStructType(composite) ? composite : this.fail('type mismatch', `type ${index} is no structure type`);
  }

  arrayTypeAt(index: number): ArrayType {
    const composite = this.context.composite(index);
    return isArrayType(composite) ? composite : this.fail('type mismatch', `type ${index} is no array type`);
  }

  functionIndexImmediate(): number {
    const index = this.reader.u32();
    if (index >= this.context.functions.length) this.unknown('function', index, this.context.functions.length);
    return index;
  }

  /** Type of the function a `func` immediate names. */
  calledType(): FunctionType {
    return this.context.composite(this.context.functions[this.functionIndexImmediate()]!) as FunctionType;
  }

  tagParams(): Types {
    const index = this.reader.u32();
    if (index >= this.context.tags.length) this.unknown('tag', index, this.context.tags.length);
    return (this.context.composite(this.context.tags[index]!.typeIndex) as FunctionType).params;
  }

  tableIndex(): number {
    const index = this.reader.u32();
    if (index >= this.context.tables.length) this.unknown('table', index, this.context.tables.length);
    return index;
  }

  tableAddress(index: number): ValueType {
    return this.context.tables[index]!.limits.address === 'i64' ? Type.I64 : Type.I32;
  }

  memoryIndex(): number {
    const index = this.reader.u32();
    this.memoryAddress(index);
    return index;
  }

  memoryAddress(index: number): ValueType {
    const memory = this.context.memories[index] ?? this.unknown('memory', index, this.context.memories.length);
    return memory.limits.address === 'i64' ? Type.I64 : Type.I32;
  }

  globalIndex(): number {
    const index = this.reader.u32();
    if (index >= this.context.visibleGlobals) this.unknown('global', index, this.context.visibleGlobals);
    return index;
  }

  elementIndex(): number {
    const index = this.reader.u32();
    this.requireElement(index);
    return index;
  }

  /** Element segments are known from the module: they stand before the code. */
  requireElement(index: number): void {
    const { elements } = this.context.module;
    if (index >= elements.length) this.unknown('elem segment', index, elements.length);
  }

  dataIndex(): void {
    this.requireData(this.reader.u32());
  }

  requireData(index: number): void {
    const count = this.context.module.dataCount;
    if (count === null) return this.reader.fail('data count section required', this.at);
    if (index >= count) this.unknown('data segment', index, count);
  }
}

const typeOfLetter = (letter: string, address: ValueType): ValueType => (letter === 'a' ? address : TYPE_OF_LETTER[letter]!);

/** How to check each instruction, by ordinal. */
const STEPS: readonly Rule[] = INSTRUCTION_INFOS.map((info) => {
  if (info.type === null) return RULES[info.mnemonic as SpecialMnemonic];
  const params = [...info.type.params];
  const results = [...info.type.results];
  return (body) => body.simple(info, params, results);
});

/** What may stand in constant expressions. spec: valid/instructions#constant-expressions */
const CONSTANT: ReadonlySet<Mnemonic> = new Set<Mnemonic>([
  'i32.const', 'i64.const', 'f32.const', 'f64.const', 'v128.const', 'i32.add', 'i32.sub', 'i32.mul', 'i64.add', 'i64.sub', 'i64.mul',
  'ref.null', 'ref.func', 'ref.i31', 'struct.new', 'struct.new_default', 'array.new', 'array.new_default', 'array.new_fixed',
  'any.convert_extern', 'extern.convert_any', 'global.get', 'end',
]);

/** Index of the last byte of a LEB128 number of at most four bytes, or 0. */
function shortNumber(bytes: Uint8Array, start: number): number {
  if (bytes[start]! < 0x80) return start;
  if (bytes[start + 1]! < 0x80) return start + 1;
  if (bytes[start + 2]! < 0x80) return start + 2;
  return bytes[start + 3]! < 0x80 ? start + 3 : 0;
}
