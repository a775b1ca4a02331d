// Lowers the body of one function to register-form code (`ops.ts`): one walk over the bytes with a stack of descriptions in
// place of values. A `local.get` or a constant is only described, and becomes an operand of whoever consumes it; results are
// written where they are wanted; a comparison melts into the branch behind it. The body is trusted to be valid.
//
// The frame: parameters, declared locals, operands. Every position of the operand stack has its own slot ("home"). Where
// control flow meets, the values that flow there are at home.
import { InternalError } from '../../base/errors.js';
import { HAS_MEMORY_INDEX, skipInstruction } from '../binary/immediates.js';
import { Reader } from '../binary/reader.js';
import { LimitError, Unsupported } from '../errors.js';
import { INSTRUCTION_INFOS, ordinalOfPrefixed, type ImmediateKind, type InstructionInfo } from '../instructions.js';
import type { Expression, FunctionBody } from '../module.js';
import { isReference, Type, type FunctionType, type ValueType } from '../types.js';
import { MAX_FRAME_SLOTS } from '../runtime/machine.js';
import type { ModuleCode, Region } from '../runtime/module-code.js';
import { Code } from './codes.js';
import { IS_BINARY, RESULT_TYPES } from './lowering/arithmetic.js';
import { Flow, newFrame } from './lowering/blocks.js';
import { Kind } from './lowering/operands.js';
import { Stretches } from './lowering/stretches.js';
import { is32, NONE, slotsOf, TYPE_OF_LETTER } from './lowering/value-types.js';
import { Group, NUMERIC_BASE, Op } from './ops.js';
import { VectorOp } from './vector-ops.js';

export interface LoweredFunction {
  /** The code in front of that of the body. */
  readonly prologue: readonly number[];
  /** A view that the next lowering writes over. */
  readonly words: Int32Array;
  /** Indices in `words` of those that are addresses, counted from the first word of `words`. */
  readonly addresses: readonly number[];
  readonly regions: readonly Region[];
  /** Index in `words` of the first of each instruction's code, ascending, and the instruction's position in the module's bytes. */
  readonly positions: ReadonlyArray<readonly [word: number, position: number]> | null;
}

/** Throws Unsupported (naming instruction and function) and LimitError (a frame beyond `MAX_FRAME_SLOTS`). */
export function lowerFunction(code: ModuleCode, functionIndex: number, withPositions: boolean): LoweredFunction {
  return lowering.lower(code, functionIndex, code.body(functionIndex), code.functionType(functionIndex), withPositions);
}

/** A constant expression, as the body of a function that returns its value. */
export function lowerExpression(code: ModuleCode, expression: Expression, type: ValueType): LoweredFunction {
  return lowering.lower(code, -1, { locals: [], code: expression }, { kind: 'func', params: NONE, results: [type] }, false);
}

/** Each class up the chain knows one subject: code-writer, operands, arithmetic, memory, control, calls, objects, stretches. */
class Lowering extends Stretches {
  lower(code: ModuleCode, functionIndex: number, body: FunctionBody, type: FunctionType, withPositions: boolean): LoweredFunction {
    this.start(code, functionIndex, body, type, withPositions);
    while (this.frames.length > 0) this.next();
    if (this.frameSize > MAX_FRAME_SLOTS) {
      throw new LimitError(`${this.subject()} needs a frame of ${this.frameSize} slots, more than the ${MAX_FRAME_SLOTS} of this engine`);
    }
    this.addLoops();
    const prologue = this.prologue();
    return { prologue, words: this.out.subarray(0, this.length), addresses: this.addresses, regions: this.regions, positions: this.positions };
  }

  /** Of instructions that are only described, the last is kept: thirty megabytes of them are one entry. */
  private notePosition(positions: Array<readonly [number, number]>, position: number): void {
    const last = positions.length - 1;
    positions[last >= 0 && positions[last]![0] === this.length ? last : last + 1] = [this.length, position];
  }

  /** One instruction, and the dead code before it. Apart from the loop, which V8 else compiles twice with all of this in it: 9 of the 97 ms a printf took. */
  private next(): void {
    if (this.dead) {
      if (this.probes !== null) this.endStretch(this.reader.position);
      this.skipDeadCode();
    }
    const position = this.reader.position;
    if (this.positions !== null) this.notePosition(this.positions, position);
    if (this.probes !== null) this.probe(position);
    this.lowerInstruction(this.reader.byte());
  }

  /** Everything as before the first instruction; what the last function left, whether it ended well or not, is gone. */
  protected start(code: ModuleCode, functionIndex: number, body: FunctionBody, { params, results }: FunctionType, withPositions: boolean): void {
    this.code = code;
    this.functionIndex = functionIndex;
    this.reader = new Reader(body.code.bytes, body.code.start, body.code.end);
    this.positions = withPositions ? [] : null;
    this.length = 0;
    this.addresses = [];
    this.localSlots = [];
    this.localTypes = [];
    this.firstWrites = [];
    this.zeroed = [];
    this.aliases = [];
    this.height = 0;
    this.settled = 0;
    this.hasReferences = false;
    this.loops = [];
    this.regions = [];
    this.dead = false;
    this.barrier();
    this.parameters = params.length;
    let slot = 0;
    for (const type of params) slot = this.addLocal(type, slot);
    for (const { count, type } of body.locals) for (let left = count; left > 0; left--) slot = this.addLocal(type, slot);
    // Slot 0 is never an operand's home: each callee's frame starts above its caller's, which bounds the depth of calls.
    this.nextHome = Math.max(slot, 1);
    this.frameSize = Math.max(this.nextHome, results.reduce((sum, type) => sum + slotsOf(type), 0));
    this.frames = [newFrame(Flow.FUNCTION, NONE, results, 0, this.nextHome, -1, -1)];
    this.probes = functionIndex < 0 ? null : code.probes;
    if (this.probes !== null) this.probeEntry(body.code.start);
  }

  /** The code in front of the body's: room for references, and locals that start as zero or null. */
  protected prologue(): number[] {
    const words: number[] = [Op.ENTER, 0];
    if (this.hasReferences) words.push(Op.REF_FRAME, this.frameSize);
    let from = -1;
    let end = -1;
    const flush = (): void => {
      if (from >= 0) words.push(Op.ZERO, from, end - from);
      from = -1;
    };
    for (let local = this.parameters; local < this.localSlots.length; local++) {
      if (!this.zeroed[local]) continue;
      const slot = this.localSlots[local]!;
      const type = this.localTypes[local]!;
      if (isReference(type)) words.push(Op.REF_NULL, slot);
      else {
        if (slot !== end) flush();
        if (from < 0) from = slot;
        end = slot + slotsOf(type);
      }
    }
    flush();
    return words;
  }

  // ---- Vector and atomic instructions: their rows say all there is to know (`vector-ops.ts`).

  protected vectorGlobalGet(previous: number, d: number, index: number, word: number): void {
    if (word < 0) this.result(previous, VectorOp.FAR_GLOBAL_GET, d, index);
    else {
      this.emit2(Op.GLOBAL_GET64, d, word);
      this.emit2(Op.GLOBAL_GET64, d + 1, word + 2);
    }
  }

  protected vectorGlobalSet(a: number, index: number, word: number): void {
    if (word < 0) this.emit2(VectorOp.FAR_GLOBAL_SET, a, index);
    else {
      this.emit2(Op.GLOBAL_SET64, a, word);
      this.emit2(Op.GLOBAL_SET64, a + 1, word + 2);
    }
  }

  protected fromTable(prefix: number, firstOp: number): void {
    const sub = this.reader.u32();
    const { type, immediates } = INSTRUCTION_INFOS[ordinalOfPrefixed(prefix, sub)]!;
    const { params, results } = type!;
    const height = this.height - params.length;
    const words = [firstOp + sub];
    for (let index = height; index < this.height; index++) words.push(this.slot(index));
    this.last = -1;
    this.popTo(height);
    if (results !== '') {
      words.splice(1, 0, this.pushHome(TYPE_OF_LETTER[results]!));
      this.last = this.length;
    }
    for (const kind of immediates) this.immediateWords(kind, words);
    for (const word of words) this.word(word);
  }

  protected immediateWords(kind: ImmediateKind, words: number[]): void {
    const { reader } = this;
    switch (kind) {
      case 'memarg1': case 'memarg2': case 'memarg4': case 'memarg8': case 'memarg16': {
        const memory = reader.u32() & HAS_MEMORY_INDEX ? reader.u32() : 0;
        const offset = this.offset();
        const high = Math.min(Math.floor(offset / 2 ** 32), 2 ** 30);
        const isFar = high > 0 || this.code.memories[memory]!.limits.address === 'i64';
        words.push(2 * memory + (isFar ? 1 : 0), offset | 0, high);
        return;
      }
      case 'lane2': case 'lane4': case 'lane8': case 'lane16': words.push(reader.byte()); return;
      case 'lanes16': case 'v128':
        for (let left = 4; left > 0; left--) words.push(this.fixed32());
        return;
      case 'zeroByte': reader.byte(); return;
      default: throw new InternalError(`immediate ${kind} of a vector or atomic instruction`);
    }
  }

  // ---- One instruction.

  protected lowerInstruction(code: number): void {
    const { reader } = this;
    if (code >= Code.I32_EQZ && code <= Code.LAST_NUMERIC) {
      if (IS_BINARY[code]) this.binary(code);
      else if (code === Code.I32_EQZ) this.eqz();
      else if (code >= Code.I32_REINTERPRET_F32 && code <= Code.F64_REINTERPRET_I64) this.types[this.height - 1] = RESULT_TYPES[code]!;
      else this.unary(code - NUMERIC_BASE, RESULT_TYPES[code]!);
      return;
    }
    if (code >= Code.FIRST_LOAD && code <= Code.LAST_STORE) {
      this.access(code);
      return;
    }
    switch (code) {
      case Code.UNREACHABLE:
        this.emit0(Op.UNREACHABLE);
        this.dead = true;
        return;
      case Code.NOP: return;
      case Code.BLOCK: this.open(Flow.BLOCK); return;
      case Code.LOOP: this.open(Flow.LOOP); return;
      case Code.IF: this.open(Flow.IF); return;
      case Code.ELSE: this.elseArm(); return;
      case Code.END: this.end(); return;
      case Code.BR:
        this.emitBranch(this.frameAt(reader.u32()));
        this.dead = true;
        return;
      case Code.BR_IF: this.branchIf(this.frameAt(reader.u32())); return;
      case Code.BR_TABLE: this.branchTable(); return;
      case Code.RETURN:
        this.emitReturn(this.frames[0]!.results);
        this.dead = true;
        return;
      case Code.CALL: this.call(reader.u32()); return;
      case Code.CALL_INDIRECT: this.callIndirect(); return;
      case Code.RETURN_CALL: this.tailCall(reader.u32()); return;
      case Code.RETURN_CALL_INDIRECT: this.tailCallIndirect(); return;
      case Code.CALL_REF: this.callRef(); return;
      case Code.RETURN_CALL_REF: this.tailCallRef(); return;
      case Code.TRY_TABLE: this.open(Flow.TRY_TABLE); return;
      case Code.TRY: this.open(Flow.TRY); return;
      case Code.CATCH: this.catchArm(reader.u32()); return;
      case Code.CATCH_ALL: this.catchArm(-1); return;
      case Code.DELEGATE: this.delegate(this.frameAt(0)); return;
      case Code.THROW: {
        const tag = reader.u32();
        this.emit2(Op.THROW, tag, this.takeAdjacent(this.code.typeAt(this.code.tagTypes[tag]!).params.length));
        this.dead = true;
        return;
      }
      case Code.RETHROW:
        this.emit1(Op.THROW_REF, this.frameAt(reader.u32()).base);
        this.dead = true;
        return;
      case Code.THROW_REF:
        this.emit1(Op.THROW_REF, this.slot(this.height - 1));
        this.dead = true;
        return;
      case Code.DROP: this.pop(); return;
      case Code.SELECT: this.select(); return;
      case Code.SELECT_TYPED:
        for (let left = reader.u32(); left > 0; left--) reader.valueType();
        this.select();
        return;
      case Code.LOCAL_GET: this.getLocal(reader.u32()); return;
      case Code.LOCAL_SET: this.setLocal(reader.u32()); return;
      case Code.LOCAL_TEE: {
        const local = reader.u32();
        this.setLocal(local);
        this.getLocal(local);
        return;
      }
      case Code.GLOBAL_GET: this.globalGet(reader.u32()); return;
      case Code.GLOBAL_SET: this.globalSet(reader.u32()); return;
      case Code.TABLE_GET: {
        const table = reader.u32();
        const a = this.narrow(this.height - 1, this.table(table));
        this.pop();
        this.emit(Op.TABLE_GET, this.pushHome(this.code.tables[table]!.element), a, table);
        return;
      }
      case Code.TABLE_SET: {
        const table = reader.u32();
        const top = this.height - 1;
        const a = this.narrow(top - 1, this.table(table));
        const b = this.slot(top);
        this.popTo(top - 1);
        this.emit(Op.TABLE_SET, a, b, table);
        return;
      }
      case Code.MEMORY_SIZE: {
        const memory = reader.u32();
        const d = this.pushHome(Type.I32);
        if (memory === 0) this.emit1(Op.MEMORY_SIZE, d);
        else this.emit2(Op.MEMORY_SIZE_OF, d, memory);
        this.widen(this.memory(memory), false);
        return;
      }
      case Code.MEMORY_GROW: {
        const memory = reader.u32();
        const a = this.narrow(this.height - 1, this.memory(memory));
        this.pop();
        const d = this.pushHome(Type.I32);
        this.emit(Op.MEMORY_GROW, d, a, memory);
        this.widen(this.memory(memory), true);
        return;
      }
      case Code.I32_CONST: this.push(Type.I32, Kind.CONST, reader.s32(), 0); return;
      case Code.I64_CONST: this.constant64(); return;
      case Code.F32_CONST: this.push(Type.F32, Kind.CONST, this.fixed32(), 0); return;
      case Code.F64_CONST: {
        const low = this.fixed32();
        this.push(Type.F64, Kind.CONST, low, this.fixed32());
        return;
      }
      case Code.REF_NULL: {
        const heap = reader.heapType();
        this.emit1(Op.REF_NULL, this.pushHome(Type.REF | Type.NULLABLE | heap));
        return;
      }
      case Code.REF_IS_NULL: {
        const a = this.slot(this.height - 1);
        this.pop();
        this.emit2(Op.REF_IS_NULL, this.pushHome(Type.I32), a);
        return;
      }
      case Code.REF_FUNC: this.emit2(Op.REF_FUNC, this.pushHome(Type.FUNCREF), reader.u32()); return;
      case Code.REF_EQ: {
        const top = this.height - 1;
        const a = this.slot(top - 1);
        const b = this.slot(top);
        this.popTo(top - 1);
        this.emit(Op.REF_EQ, this.pushHome(Type.I32), a, b);
        return;
      }
      case Code.REF_AS_NON_NULL: this.emit1(Op.REF_AS_NON_NULL, this.slot(this.height - 1)); return;
      case Code.BR_ON_NULL: this.branchOnNull(this.frameAt(reader.u32())); return;
      case Code.BR_ON_NON_NULL:
        this.testTop(Op.REF_IS_NULL, 0, false);
        this.branchOnCondition(this.frameAt(reader.u32()));
        this.pop();
        return;
      case Code.PREFIX_OBJECT: this.objectInstruction(); return;
      case Code.PREFIX_BULK: this.bulk(); return;
      case Code.PREFIX_VECTOR: this.fromTable(Code.PREFIX_VECTOR, Group.VECTOR); return;
      case Code.PREFIX_ATOMIC: this.fromTable(Code.PREFIX_ATOMIC, Group.ATOMIC); return;
      default:
        reader.position--;
        this.unsupported(INSTRUCTION_INFOS[skipInstruction(reader)]!);
    }
  }

  protected select(): void {
    const top = this.height - 1;
    const type = this.types[top - 1]!;
    const a = this.slot(top - 2);
    const b = this.slot(top - 1);
    const c = this.slot(top);
    const previous = this.last;
    this.popTo(top - 2);
    const d = this.pushHome(type);
    const op = is32(type) ? Op.SELECT32 : isReference(type) ? Op.REF_SELECT : type === Type.F64 ? Op.SELECT_F64 : type === Type.V128 ? VectorOp.SELECT : Op.SELECT64;
    this.result3(previous, op, d, a, b);
    this.word(c);
  }

  protected constant64(): void {
    const { reader } = this;
    const byte = reader.bytes[reader.position]!;
    if (byte < 0x80) {
      reader.position++;
      const low = (byte << 25) >> 25;
      this.push(Type.I64, Kind.CONST, low, low >> 31);
      return;
    }
    const value = reader.s64();
    this.push(Type.I64, Kind.CONST, Number(BigInt.asIntN(32, value)), Number(value >> 32n));
  }

  protected unsupported(info: InstructionInfo, detail = ''): never {
    throw new Unsupported(`this engine does not run ${info.mnemonic}${detail === '' ? '' : ` ${detail}`} yet (feature ${info.feature})`, { where: [['in', this.subject()]] });
  }

  protected globalGet(index: number): void {
    const { type: { type }, word } = this.code.globals[index]!;
    const previous = this.last;
    const d = this.pushHome(type);
    if (isReference(type)) this.result(previous, Op.REF_GLOBAL_GET, d, index);
    else if (type === Type.V128) this.vectorGlobalGet(previous, d, index, word);
    else if (word < 0) this.result(previous, is32(type) ? Op.FAR_GLOBAL_GET32 : Op.FAR_GLOBAL_GET64, d, index);
    else this.result(previous, is32(type) ? Op.GLOBAL_GET32 : Op.GLOBAL_GET64, d, word);
  }

  protected globalSet(index: number): void {
    const { type: { type }, word } = this.code.globals[index]!;
    const a = this.slot(this.height - 1);
    this.pop();
    if (isReference(type)) this.emit2(Op.REF_GLOBAL_SET, a, index);
    else if (type === Type.V128) this.vectorGlobalSet(a, index, word);
    else if (word < 0) this.emit2(is32(type) ? Op.FAR_GLOBAL_SET32 : Op.FAR_GLOBAL_SET64, a, index);
    else this.emit2(is32(type) ? Op.GLOBAL_SET32 : Op.GLOBAL_SET64, a, word);
  }

  protected fixed32(): number {
    const { bytes, position } = this.reader;
    this.reader.position = position + 4;
    return bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16) | (bytes[position + 3]! << 24);
  }
}

/** One for all, so that its arrays are made and grown once. Lowering never nests. */
const lowering = new Lowering();
