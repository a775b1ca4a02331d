// Checks one sequence of instructions, a function body or a constant expression, by the algorithm of the specification's
// appendix: a stack of operand types and a stack of control frames, both in typed arrays, nothing allocated an instruction.
// `run` has the frequent instructions inline for their frequent case; everything else goes through `STEPS`, which is
// complete: the table's types for simple instructions, `rules.ts` for the others.
// spec: appendix/algorithm, valid/instructions
import { LimitError, ValidationError, type ModulePlace } from '../errors.js';
import { INSTRUCTION_INFOS, NO_INSTRUCTION, ORDINAL_OF_BYTE, type ImmediateKind, type InstructionInfo, type Mnemonic, type SpecialMnemonic } from '../instructions.js';
import { MAX_LOCALS, MAX_OPERANDS } from '../limits.js';
import type { Expression, FunctionBody } from '../module.js';
import { isConcrete, isNullable, isReference, Type, typeIndexOf, type ArrayType, type FunctionType, type HeapType, type StructType, type ValueType } from '../types.js';
import { HAS_MEMORY_INDEX, readMemoryFlags, readOrdinal, readZeroByte, skipInstruction } from '../binary/immediates.js';
import { Reader } from '../binary/reader.js';
import { isArrayType, isFunctionType, isStructType, type Context } from './context.js';
import { FrameKind } from './frame-kind.js';
import { RULES, type Rule } from './rules.js';
import { textPlaceOf } from './text-place.js';

type Types = readonly ValueType[];
const NONE: Types = [];
/** Results of blocks with one result, by type: block types of numbers are so frequent that they are not allocated each time. */
const ONE_RESULT: ReadonlyMap<ValueType, Types> = new Map([Type.I32, Type.I64, Type.F32, Type.F64, Type.V128].map((type) => [type, [type]]));

/** Pushes that one instruction may make without asking for room; see `reserve`. */
const SLACK = 16;

export class BodyValidator {
  reader: Reader = new Reader(new Uint8Array(0));
  /** Position of the instruction being checked. */
  at = 0;
  /** Constant expressions may name any function, and by that declare it. */
  constant = false;

  private stack = new Int32Array(1024);
  height = 0;
  /** Operands below belong to outer blocks. */
  base = 0;
  /** After `unreachable`, `br` …: the stack yields whatever is asked for. */
  polymorphic = false;

  /** Control frames, outermost first, a column each. */
  depth = 0;
  private kinds = new Uint8Array(64);
  private bases = new Int32Array(64);
  private polymorphics = new Uint8Array(64);
  /** How many locals were set when the frame was opened. */
  private setMarks = new Int32Array(64);
  /** Which `br_table` last looked at the frame. */
  private visits = new Int32Array(64);
  private visit = 0;
  private readonly params: Types[] = [];
  private readonly results: Types[] = [];

  private locals = new Int32Array(256);
  localCount = 0;
  /** 1 for locals without a default that are not set yet; looked at only while `tracksLocals`. */
  private unset = new Uint8Array(0);
  private tracksLocals = false;
  private readonly setLocals: number[] = [];

  /** Set by `readBlockType`. */
  blockParams: Types = NONE;
  blockResults: Types = NONE;

  private place: ModulePlace = {};
  /** Index of the function being checked; -1 in constant expressions. */
  private functionIndex = -1;

  constructor(readonly context: Context) {}

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

  private declareLocals(type: FunctionType, body: FunctionBody): void {
    let count = type.params.length;
    for (const run of body.locals) count += run.count;
    if (count > MAX_LOCALS) throw new LimitError(`${this.context.describeFunction(this.functionIndex)} has ${count} locals; the engine takes at most ${MAX_LOCALS}`);
    if (count > this.locals.length) this.locals = new Int32Array(2 * count);
    this.locals.set(type.params);
    let index = type.params.length;
    this.tracksLocals = false;
    for (const run of body.locals) {
      if (isReference(run.type)) {
        if (isConcrete(run.type) && typeIndexOf(run.type) >= this.context.typeCount) {
          throw new ValidationError(`unknown type ${typeIndexOf(run.type)}`, this.context.functionPlace(this.functionIndex), `of local ${index}`);
        }
        if (!isNullable(run.type) && run.count > 0) this.trackLocals(index, run.count);
      }
      this.locals.fill(run.type, index, (index += run.count));
    }
    this.localCount = count;
  }

  private trackLocals(start: number, count: number): void {
    if (!this.tracksLocals) {
      this.unset = new Uint8Array(this.locals.length);
      this.tracksLocals = true;
    }
    this.unset.fill(1, start, start + count);
  }

  // --- The loop.

  private run(): void {
    const { reader } = this;
    const { bytes, end } = reader;
    const { locals, localCount } = this;
    const plainLocals = !this.tracksLocals;
    const plainMemory = this.context.memories[0]?.limits.address === 'i32';
    let { stack, height, base } = this;
    let position = reader.position;
    while (this.depth > 0) {
      if (position >= end) this.missingEnd();
      const start = position;
      const byte = bytes[position++]!;
      // Each case ends in `continue` when it holds to the letter; everything doubtful falls out to the complete way below.
      switch (FAST_KIND[byte]!) {
        case Fast.UNARY:
          if (height > base && stack[height - 1] === LAST_PARAM[byte]) {
            stack[height - 1] = RESULT[byte]!;
            continue;
          }
          break;
        case Fast.BINARY:
          if (height >= base + 2 && stack[height - 1] === LAST_PARAM[byte] && stack[height - 2] === LAST_PARAM[byte]) {
            height--;
            stack[height - 1] = RESULT[byte]!;
            continue;
          }
          break;
        case Fast.CONSTANT: {
          // One byte less than the longest form, whose last byte has unused bits to check.
          const limit = position + CONSTANT_BYTES[byte]!;
          let at = position;
          while (bytes[at]! >= 0x80) at++;
          if (at < limit && at < end) {
            position = at + 1;
            stack[height++] = RESULT[byte]!;
            continue;
          }
          break;
        }
        case Fast.FLOAT:
          if (position + CONSTANT_BYTES[byte]! <= end) {
            position += CONSTANT_BYTES[byte]!;
            stack[height++] = RESULT[byte]!;
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
          if (plainMemory && bytes[position]! <= ALIGNMENT[byte]! && height > base && stack[height - 1] === Type.I32) {
            const at = shortNumber(bytes, position + 1);
            if (at < end && at !== 0) {
              position = at + 1;
              stack[height - 1] = RESULT[byte]!;
              continue;
            }
          }
          break;
        case Fast.STORE:
          if (plainMemory && bytes[position]! <= ALIGNMENT[byte]! && height >= base + 2 && stack[height - 1] === LAST_PARAM[byte] && stack[height - 2] === Type.I32) {
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

  // --- Operands.

  /** Makes room for `count` operands beyond one push for each byte of code that is left, which is what single pushes rely on. */
  private reserve(count: number): void {
    if (this.height + count > MAX_OPERANDS) this.refuse(`more than ${MAX_OPERANDS} operands on the stack; that is the engine's limit`);
    const needed = this.height + count + (this.reader.end - this.reader.position) + SLACK;
    if (needed <= this.stack.length) return;
    // A body of many megabytes needs four bytes a byte already: grow by an eighth, not by doubling.
    const larger = new Int32Array(needed + (needed >>> 3));
    larger.set(this.stack.subarray(0, this.height));
    this.stack = larger;
  }

  /** At most twice an instruction; more operands go through `pushTypes`. */
  push(type: ValueType): void {
    this.stack[this.height++] = type;
  }

  pushTypes(types: Types, count = types.length): void {
    if (count > 1) this.reserve(count);
    for (let index = 0; index < count; index++) this.stack[this.height++] = types[index]!;
  }

  /** The operand's own type, which may be a subtype of `expected`, or `BOTTOM`. */
  pop(expected: ValueType): ValueType {
    if (this.height > this.base) {
      const found = this.stack[--this.height]!;
      if (found === expected || found === Type.BOTTOM || this.context.matches(found, expected)) return found;
      this.mismatch(`[${this.context.formatType(expected)}]`, found);
    }
    if (!this.polymorphic) this.underflow(`[${this.context.formatType(expected)}]`);
    return Type.BOTTOM;
  }

  popAny(): ValueType {
    if (this.height > this.base) return this.stack[--this.height]!;
    if (!this.polymorphic) this.underflow('a value');
    return Type.BOTTOM;
  }

  /** A reference of any type; `BOTTOM_REFERENCE` when it could be any. */
  popReference(): ValueType {
    const found = this.popAny();
    if (found === Type.BOTTOM) return Type.BOTTOM_REFERENCE;
    if (!isReference(found)) this.mismatch('a reference', found);
    return found;
  }

  popTypes(types: Types, count = types.length): void {
    for (let index = count - 1; index >= 0 && !this.yieldsAnything(); index--) this.pop(types[index]!);
  }

  /** Whatever is asked for from here on is there: loops over operands may stop, which keeps small hostile code cheap. */
  yieldsAnything(): boolean {
    return this.height === this.base && this.polymorphic;
  }

  /** As `popTypes`, but leaves the operands. */
  private peekTypes(types: Types): void {
    const { height } = this;
    this.popTypes(types);
    this.height = height;
  }

  setUnreachable(): void {
    this.height = this.base;
    this.polymorphic = true;
    this.polymorphics[this.depth - 1] = 1;
  }

  // --- Control frames.

  pushFrame(kind: FrameKind, params: Types, results: Types): void {
    const frame = this.depth++;
    if (frame === this.kinds.length) this.growFrames();
    this.kinds[frame] = kind;
    this.bases[frame] = this.base = this.height;
    this.polymorphics[frame] = 0;
    this.polymorphic = false;
    this.setMarks[frame] = this.setLocals.length;
    this.visits[frame] = 0;
    this.params[frame] = params;
    this.results[frame] = results;
    this.pushTypes(params);
  }

  private growFrames(): void {
    const larger = <Column extends Uint8Array | Int32Array>(column: Column, make: (length: number) => Column): Column => {
      const grown = make(2 * column.length);
      grown.set(column);
      return grown;
    };
    this.kinds = larger(this.kinds, (length) => new Uint8Array(length));
    this.polymorphics = larger(this.polymorphics, (length) => new Uint8Array(length));
    this.bases = larger(this.bases, (length) => new Int32Array(length));
    this.setMarks = larger(this.setMarks, (length) => new Int32Array(length));
    this.visits = larger(this.visits, (length) => new Int32Array(length));
  }

  frameKind(): FrameKind {
    return this.kinds[this.depth - 1]!;
  }

  /** The frame's own operands must be its results, and no more; they stay for `pushTypes(results)` of the caller. */
  closeFrame(): Types {
    const frame = this.depth - 1;
    const results = this.results[frame]!;
    if (this.kinds[frame] === FrameKind.IF) this.requireSameTypes(this.params[frame]!, results);
    this.popTypes(results);
    if (this.height !== this.base) this.leftOver(results);
    this.forgetSetLocals(this.setMarks[frame]!);
    this.depth = frame;
    if (frame > 0) {
      this.base = this.bases[frame - 1]!;
      this.polymorphic = this.polymorphics[frame - 1] === 1;
    }
    return results;
  }

  /** `else`, `catch`, `catch_all`: closes the part before and opens the next of the same block. */
  nextPart(kind: FrameKind, operands: Types | null): void {
    const frame = this.depth - 1;
    const params = this.params[frame]!;
    this.kinds[frame] = kind;
    const results = this.closeFrame();
    this.pushFrame(kind, params, results);
    if (operands === null) return;
    this.height = this.base;
    this.pushTypes(operands);
  }

  /** Without `else`, the parameters pass through and are the results. */
  private requireSameTypes(params: Types, results: Types): void {
    if (params.length === results.length && params.every((type, index) => this.context.matches(type, results[index]!))) return;
    const { context } = this;
    this.fail('type mismatch', `an if without else leaves its parameters ${context.formatTypes(params)}, expected ${context.formatTypes(results)}`);
  }

  /** Reads a label; the frame it names. */
  label(): number {
    return this.frameOf(this.reader.u32());
  }

  /** `skipped` frames are open but not yet visible to the instruction. */
  frameOf(label: number, skipped = 0): number {
    if (label >= this.depth - skipped) this.unknown('label', label, this.depth - skipped);
    return this.depth - skipped - 1 - label;
  }

  isCatch(frame: number): boolean {
    return this.kinds[frame] === FrameKind.CATCH || this.kinds[frame] === FrameKind.CATCH_ALL;
  }

  /** What a branch to the frame carries. */
  labelTypes(frame: number): Types {
    return (this.kinds[frame] === FrameKind.LOOP ? this.params : this.results)[frame]!;
  }

  /** `br_table` after its index operand. Labels that were looked at are skipped: a large table names few distinct ones. */
  branchTable(): void {
    const { reader } = this;
    const count = reader.count('labels');
    const visit = ++this.visit;
    const start = reader.position;
    for (let left = count; left > 0; left--) reader.u32();
    const defaultTypes = this.labelTypes(this.label());
    const end = reader.position;
    reader.position = start;
    for (let left = count; left > 0; left--) {
      const frame = this.label();
      if (this.visits[frame] === visit) continue;
      this.visits[frame] = visit;
      const types = this.labelTypes(frame);
      if (types.length !== defaultTypes.length) this.fail('type mismatch', `a label takes ${types.length} values, the default label ${defaultTypes.length}`);
      this.peekTypes(types);
    }
    reader.position = end;
    this.popTypes(defaultTypes);
    this.setUnreachable();
  }

  /** The results of the function being checked. */
  functionResults(): Types {
    return this.results[0]!;
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

  // --- Locals.

  localIndex(): number {
    const index = this.reader.u32();
    if (index >= this.localCount) this.unknown('local', index, this.localCount);
    return index;
  }

  localType(index: number): ValueType {
    return this.locals[index]!;
  }

  requireSet(index: number): void {
    if (this.tracksLocals && this.unset[index] === 1) this.fail('uninitialized local', `local ${index} of type ${this.context.formatType(this.locals[index]!)} is read before it is set`);
  }

  markSet(index: number): void {
    if (!this.tracksLocals || this.unset[index] === 0) return;
    this.unset[index] = 0;
    this.setLocals.push(index);
  }

  /** What was set inside a block counts as unset after it. */
  private forgetSetLocals(mark: number): void {
    while (this.setLocals.length > mark) this.unset[this.setLocals.pop()!] = 1;
  }

  // --- Errors.

  private subject(): string {
    return this.functionIndex < 0 ? (this.place.subject ?? '') : this.context.describeFunction(this.functionIndex);
  }

  /** Breaks off with the instruction's place. */
  fail(wording: string, detail?: string): never {
    const { bytes } = this.reader;
    const place: ModulePlace = this.functionIndex < 0 ? this.place : this.context.functionPlace(this.functionIndex);
    throw new ValidationError(wording, { ...place, ...mnemonicAt(bytes, this.at, this.reader.end), position: this.at, ...textPlaceOf(this.context.module.textPlaces, this.at) }, detail);
  }

  /** Well-formed, but more than the engine takes. */
  refuse(what: string): never {
    throw new LimitError(what, { where: [['in', this.subject()]] });
  }

  private unknown(what: string, index: number, count: number): never {
    this.fail(`unknown ${what} ${index}`, count === 0 ? 'there are none' : `there are ${count}`);
  }

  /** An operand is not what the instruction takes. */
  mismatch(expected: string, found: ValueType): never {
    this.fail('type mismatch', `instruction requires ${expected} but stack has [${this.context.formatType(found)}]`);
  }

  private underflow(expected: string): never {
    this.fail('type mismatch', `instruction requires ${expected} but stack has []`);
  }

  /** Two things that an instruction names, not operands, do not fit. */
  misfit(expected: ValueType, found: ValueType): never {
    this.fail('type mismatch', `expected ${this.context.formatType(expected)}, found ${this.context.formatType(found)}`);
  }

  private leftOver(results: Types): never {
    const top = this.height + results.length;
    const left = Array.from(this.stack.subarray(Math.max(this.base, top - 8), top));
    const more = top - this.base > left.length ? `${top - this.base - left.length} more and ` : '';
    this.fail('type mismatch', `block requires ${this.context.formatTypes(results)} but stack has ${more}${this.context.formatTypes(left)}`);
  }
}

function mnemonicAt(bytes: Uint8Array, at: number, end: number): { readonly mnemonic?: Mnemonic } {
  const ordinal = at < end ? ORDINAL_OF_BYTE[bytes[at]!]! : NO_INSTRUCTION;
  if (ordinal !== NO_INSTRUCTION) return { mnemonic: INSTRUCTION_INFOS[ordinal]!.mnemonic };
  return at < end ? { mnemonic: INSTRUCTION_INFOS[readOrdinal(new Reader(bytes, at, end))]!.mnemonic } : {};
}

// --- The table, arranged by ordinal and by byte.

const NATURAL_ALIGNMENT: Partial<Record<ImmediateKind, number>> = { memarg1: 0, memarg2: 1, memarg4: 2, memarg8: 3, memarg16: 4 };

const TYPE_OF_LETTER: Readonly<Record<string, ValueType>> = { i: Type.I32, l: Type.I64, f: Type.F32, d: Type.F64, v: Type.V128 };
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

/** Instructions of one byte that `run` has inline; 0 for the others. */
const enum Fast {
  UNARY = 1,
  BINARY,
  CONSTANT,
  FLOAT,
  LOCAL_GET,
  LOCAL_SET,
  LOCAL_TEE,
  LOAD,
  STORE,
}
const FAST_KIND = new Uint8Array(256);
const LAST_PARAM = new Uint8Array(256);
const RESULT = new Uint8Array(256);
const ALIGNMENT = new Uint8Array(256);
const CONSTANT_BYTES = new Uint8Array(256);

const fastKindOf = ({ mnemonic, immediates, type }: InstructionInfo): Fast | 0 => {
  if (mnemonic === 'local.get') return Fast.LOCAL_GET;
  if (mnemonic === 'local.set') return Fast.LOCAL_SET;
  if (mnemonic === 'local.tee') return Fast.LOCAL_TEE;
  if (type === null) return 0;
  const [immediate] = immediates;
  if (immediate === 'i32' || immediate === 'i64') return Fast.CONSTANT;
  if (immediate === 'f32' || immediate === 'f64') return Fast.FLOAT;
  if (immediate !== undefined && NATURAL_ALIGNMENT[immediate] !== undefined) return type.results === '' ? Fast.STORE : Fast.LOAD;
  if (immediate !== undefined || type.results === '') return 0;
  if (type.params.length === 1) return Fast.UNARY;
  return type.params.length === 2 && type.params[0] === type.params[1] ? Fast.BINARY : 0;
};
const LONGEST_FAST_CONSTANT: Partial<Record<ImmediateKind, number>> = { i32: 4, i64: 9, f32: 4, f64: 8 };

for (const info of INSTRUCTION_INFOS) {
  const { code, immediates, type } = info;
  if (code > 0xff) continue;
  FAST_KIND[code] = fastKindOf(info);
  if (type === null || FAST_KIND[code] === 0) continue;
  const [immediate = 'type'] = immediates;
  LAST_PARAM[code] = TYPE_OF_LETTER[type.params.at(-1) ?? ''] ?? 0;
  RESULT[code] = TYPE_OF_LETTER[type.results] ?? 0;
  ALIGNMENT[code] = NATURAL_ALIGNMENT[immediate] ?? 0;
  CONSTANT_BYTES[code] = LONGEST_FAST_CONSTANT[immediate] ?? 0;
}

/** Index of the last byte of a LEB128 number of at most four bytes, or 0. */
function shortNumber(bytes: Uint8Array, start: number): number {
  if (bytes[start]! < 0x80) return start;
  if (bytes[start + 1]! < 0x80) return start + 1;
  if (bytes[start + 2]! < 0x80) return start + 2;
  return bytes[start + 3]! < 0x80 ? start + 3 : 0;
}
