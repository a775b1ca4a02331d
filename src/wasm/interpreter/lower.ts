// Lowers the body of one function to register-form code (`ops.ts`): one walk over the bytes with a stack of descriptions in
// place of values. A `local.get` or a constant is only described, and becomes an operand of whoever consumes it; results are
// written where they are wanted; a comparison melts into the branch behind it. The body is trusted to be valid.
//
// The frame: parameters, declared locals, operands. Every position of the operand stack has its own slot ("home"). Where
// control flow meets, the values that flow there are at home.
import { InternalError } from '../../base/errors.js';
import { CatchCode, HAS_MEMORY_INDEX, skipInstruction } from '../binary/immediates.js';
import { Reader } from '../binary/reader.js';
import { describeFunction, LimitError, Unsupported } from '../errors.js';
import { INSTRUCTION_INFOS, infoOf, ordinalOfPrefixed, type ImmediateKind, type InstructionInfo } from '../instructions.js';
import type { Expression, FunctionBody } from '../module.js';
import { concreteHeap, isConcrete, isReference, referenceTo, Type, typeIndexOf, type ArrayType, type FunctionType, type HeapType, type Limits, type StorageType, type StructType, type ValueType } from '../types.js';
import { canonicalType } from '../validate/type-registry.js';
import { floatConstant } from '../runtime/code-space.js';
import { MAX_FRAME_SLOTS } from '../runtime/machine.js';
import type { ModuleCode, Region } from '../runtime/module-code.js';
import { fieldKind } from '../runtime/objects.js';
import { Code } from './codes.js';
import { Group, NUMERIC_BASE, Op } from './ops.js';
import { VectorOp } from './vector-ops.js';

/** How an operand is known. */
const enum Kind {
  /** In its home slot. */
  HOME,
  /** In the slot of a local. */
  LOCAL,
  CONST,
  /** An i32 not added up yet: the slot of a local, or the operand's own home, plus a constant. */
  SUM,
}

/** Of one function. Branches that carry a thousand operands can make code a thousand times larger than the bytes it comes from. */
const MAX_FUNCTION_WORDS = 1 << 22;

const enum Flow {
  FUNCTION,
  BLOCK,
  LOOP,
  IF,
  ELSE,
  TRY_TABLE,
  /** Of the legacy kind: the body, and a handler, where the exception is in the slot `base`. */
  TRY,
  CATCH,
}

/** What a condition turned out to be, `CondKind` and its operands. */
const enum Cond {
  VALUE,
  I32,
  I32_K,
  I64,
  I64_ZERO,
  F64,
}

interface Frame {
  flow: Flow;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Operands below the block's own. */
  readonly height: number;
  /** Home of the first of them. */
  readonly base: number;
  /** Of a loop: index of its first word, and of the words that will hold the address of a branch back to it. */
  readonly target: number;
  readonly backs: number[];
  /** Words to fill with the address of the end; for an `if`, those with the address of `else` apart. */
  readonly exits: number[];
  elseExit: number;
  /** Index of the innermost region with handlers around its code; -1: none in this function. */
  readonly region: number;
  /** Of a legacy `try`: the region of its body, also in its handlers. */
  readonly handlers: number;
  /** No longer the innermost or an outer frame of what is being lowered (for `else`, of its first arm). */
  ended: boolean;
}

/** Index in the families of ten integer comparisons -> the opposite comparison. */
const OPPOSITE = [1, 0, 8, 9, 6, 7, 4, 5, 2, 3];
const NOT_EQUAL = 1;
/** -> the same comparison with its operands swapped. */
const SWAPPED = [0, 1, 4, 5, 2, 3, 8, 9, 6, 7];

const TYPE_OF_LETTER: Readonly<Record<string, ValueType>> = { i: Type.I32, l: Type.I64, f: Type.F32, d: Type.F64, v: Type.V128 };
/** Instruction byte -> type of its result, and whether it has two operands, from the table. */
const RESULT_TYPES = new Uint8Array(256);
const IS_BINARY = new Uint8Array(256);
for (const { code, type } of INSTRUCTION_INFOS) {
  if (code > 0xff || type === null) continue;
  RESULT_TYPES[code] = TYPE_OF_LETTER[type.results] ?? 0;
  IS_BINARY[code] = type.params.length === 2 ? 1 : 0;
}

const I32_CONST_FORMS = constForms([
  ['i32.eq', Op.I32_EQ_K], ['i32.ne', Op.I32_NE_K], ['i32.lt_s', Op.I32_LT_S_K], ['i32.lt_u', Op.I32_LT_U_K], ['i32.gt_s', Op.I32_GT_S_K],
  ['i32.gt_u', Op.I32_GT_U_K], ['i32.le_s', Op.I32_LE_S_K], ['i32.le_u', Op.I32_LE_U_K], ['i32.ge_s', Op.I32_GE_S_K], ['i32.ge_u', Op.I32_GE_U_K],
  ['i32.add', Op.I32_ADD_K], ['i32.mul', Op.I32_MUL_K], ['i32.and', Op.I32_AND_K], ['i32.or', Op.I32_OR_K], ['i32.xor', Op.I32_XOR_K],
  ['i32.shl', Op.I32_SHL_K], ['i32.shr_s', Op.I32_SHR_S_K], ['i32.shr_u', Op.I32_SHR_U_K], ['i32.rotl', Op.I32_ROTL_K],
]);
const I64_CONST_FORMS = constForms([
  ['i64.add', Op.I64_ADD_K], ['i64.and', Op.I64_AND_K], ['i64.shl', Op.I64_SHL_K], ['i64.shr_s', Op.I64_SHR_S_K], ['i64.shr_u', Op.I64_SHR_U_K],
]);
const COMMUTATIVE = new Set(
  (['i32.add', 'i32.mul', 'i32.and', 'i32.or', 'i32.xor', 'i32.eq', 'i32.ne', 'i64.add', 'i64.and', 'f64.add', 'f64.mul'] as const).map((mnemonic) => infoOf(mnemonic).code),
);

function constForms(forms: ReadonlyArray<readonly [Parameters<typeof infoOf>[0], Op]>): Int16Array {
  const table = new Int16Array(256).fill(-1);
  for (const [mnemonic, op] of forms) table[infoOf(mnemonic).code] = op;
  return table;
}

/** From `i32.load` on: operation, and bits that tell a constant-address form. */
const LOADS: readonly Op[] = [
  Op.LOAD32, Op.LOAD64, Op.LOAD32, Op.F64_LOAD, Op.LOAD8_S, Op.LOAD8_U, Op.LOAD16_S, Op.LOAD16_U,
  Op.I64_LOAD8_S, Op.I64_LOAD8_U, Op.I64_LOAD16_S, Op.I64_LOAD16_U, Op.I64_LOAD32_S, Op.I64_LOAD32_U,
];
const STORES: readonly Op[] = [Op.STORE32, Op.STORE64, Op.STORE32, Op.F64_STORE, Op.STORE8, Op.STORE16, Op.I64_STORE8, Op.I64_STORE16, Op.I64_STORE32];
const AT_ADDRESS: Readonly<Partial<Record<Op, Op>>> = {
  [Op.LOAD32]: Op.LOAD32_AT, [Op.LOAD64]: Op.LOAD64_AT, [Op.LOAD8_U]: Op.LOAD8_U_AT,
  [Op.F64_LOAD]: Op.F64_LOAD_AT, [Op.F64_STORE]: Op.F64_STORE_AT, [Op.STORE32]: Op.STORE32_AT, [Op.STORE64]: Op.STORE64_AT, [Op.STORE8]: Op.STORE8_AT,
};

const SUMS: Readonly<Partial<Record<Op, Op>>> = {
  [Op.LOAD32]: Op.LOAD32_SUM, [Op.LOAD64]: Op.LOAD64_SUM, [Op.LOAD8_S]: Op.LOAD8_S_SUM, [Op.LOAD8_U]: Op.LOAD8_U_SUM, [Op.LOAD16_S]: Op.LOAD16_S_SUM,
  [Op.LOAD16_U]: Op.LOAD16_U_SUM, [Op.F64_LOAD]: Op.F64_LOAD_SUM, [Op.STORE32]: Op.STORE32_SUM, [Op.STORE64]: Op.STORE64_SUM,
  [Op.STORE8]: Op.STORE8_SUM, [Op.STORE16]: Op.STORE16_SUM, [Op.F64_STORE]: Op.F64_STORE_SUM,
};
const INDEXED: Readonly<Partial<Record<Op, Op>>> = {
  [Op.LOAD32]: Op.LOAD32_INDEX, [Op.LOAD8_U]: Op.LOAD8_U_INDEX, [Op.LOAD16_S]: Op.LOAD16_S_INDEX, [Op.LOAD16_U]: Op.LOAD16_U_INDEX, [Op.F64_LOAD]: Op.F64_LOAD_INDEX,
};
const CONST_STORES: Readonly<Partial<Record<Op, Op>>> = { [Op.STORE32]: Op.STORE32_K, [Op.STORE8]: Op.STORE8_K };

/** One f64 and its words. */
const FLOAT = new Float64Array(1);
const WORDS = new Int32Array(FLOAT.buffer);

/** Whether an operation yields 0 or 1 and nothing else. */
const isTruth = (op: number): boolean => op <= Op.F64_GE || (op >= Op.I32_EQ_K && op <= Op.I32_GE_U_K);

const is32 = (type: ValueType): boolean => type === Type.I32 || type === Type.F32;
const slotsOf = (type: ValueType): number => (type === Type.V128 ? 2 : 1);
/** The type of operand a field of this type is written from and read to. */
const unpacked = (storage: StorageType): ValueType => (storage === Type.I8 || storage === Type.I16 ? Type.I32 : storage);
/** Of what is 32 bits whatever the memory or table. */
const NARROW: Limits = { address: 'i32', min: 0n, max: null, shared: false };
const NONE: readonly ValueType[] = [];
const I32_ONLY: readonly ValueType[] = [Type.I32];
const SINGLE = new Map<ValueType, readonly ValueType[]>();
function single(type: ValueType): readonly ValueType[] {
  if (type === Type.I32) return I32_ONLY;
  let types = SINGLE.get(type);
  if (types === undefined) SINGLE.set(type, (types = [type]));
  return types;
}

/** A region being lowered: `end` is set when its code ends. */
interface OpenRegion {
  readonly start: number;
  end: number;
  outer: number;
  readonly clauses: Array<Region['clauses'][number]>;
}

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

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}

class Lowering {
  /** The code, `length` words of it. */
  private out = new Int32Array(1024);
  private length = 0;
  private addresses: number[] = [];
  private positions: Array<readonly [number, number]> | null = null;
  private reader = new Reader(new Uint8Array(0));

  private localSlots: number[] = [];
  private localTypes: ValueType[] = [];
  /** The frame a declared local was first written in; null while neither read nor written. */
  private firstWrites: Array<Frame | null> = [];
  private parameters = 0;
  /** Declared locals that must start as zero or null. */
  private zeroed: boolean[] = [];
  /** Operands that are the value of a local, by local. */
  private aliases: number[] = [];

  private height = 0;
  private types = new Int32Array(64);
  private kinds = new Int32Array(64);
  private homes = new Int32Array(64);
  /** Slot of the local, or low word of the constant. */
  private values = new Int32Array(64);
  /** High word of the constant, or what is added to the slot. */
  private highs = new Int32Array(64);
  /** The local whose slot it depends on; -1: none. */
  private locals = new Int32Array(64);
  /** Operands below this one are no aliases. */
  private settled = 0;
  private nextHome = 1;
  private frameSize = 1;
  private hasReferences = false;
  /** Loops some branch goes back to. */
  private loops: Frame[] = [];

  private frames: Frame[] = [];
  private regions: OpenRegion[] = [];
  private dead = false;

  /** Where the last operation starts that wrote an operand's home as its first operand; -1 when there is none to change. */
  private last = -1;
  /** Where a MOVE32 starts that nothing jumps behind; -1: none. */
  private lastMove = -1;
  /** Where an I32_ADD_K starts that nothing jumps behind; -1: none. */
  private lastSum = -1;
  /** The operation before `last`, when it is one too. */
  private beforeLast = -1;

  // The condition of a branch: see `takeCondition`.
  private cond = Cond.VALUE;
  private condIndex = 0;
  private condA = 0;
  private condB = 0;
  /** Whether the branch is to be taken when the condition does not hold. */
  private condNegated = false;

  private code!: ModuleCode;
  private functionIndex = 0;

  lower(code: ModuleCode, functionIndex: number, body: FunctionBody, type: FunctionType, withPositions: boolean): LoweredFunction {
    this.start(code, functionIndex, body, type, withPositions);
    while (this.frames.length > 0) {
      if (this.dead) this.skipDeadCode();
      const position = this.reader.position;
      this.positions?.push([this.length, position]);
      this.lowerInstruction(this.reader.byte());
    }
    if (this.frameSize > MAX_FRAME_SLOTS) {
      throw new LimitError(`${this.subject()} needs a frame of ${this.frameSize} slots, more than the ${MAX_FRAME_SLOTS} of this engine`);
    }
    this.addLoops();
    const prologue = this.prologue();
    return { prologue, words: this.out.subarray(0, this.length), addresses: this.addresses, regions: this.regions, positions: this.positions };
  }

  /** Everything as before the first instruction; what the last function left, whether it ended well or not, is gone. */
  private start(code: ModuleCode, functionIndex: number, body: FunctionBody, { params, results }: FunctionType, withPositions: boolean): void {
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
  }

  /** Returns the slot behind the local's. */
  private addLocal(type: ValueType, slot: number): number {
    this.localSlots.push(slot);
    this.localTypes.push(type);
    this.firstWrites.push(null);
    this.zeroed.push(false);
    this.aliases.push(0);
    if (isReference(type)) this.hasReferences = true;
    return slot + slotsOf(type);
  }

  // ---- Code.

  private growCode(): void {
    if (this.length >= MAX_FUNCTION_WORDS) throw new LimitError(`the code of ${this.subject()} takes more than ${4 * MAX_FUNCTION_WORDS} bytes`);
    this.out = doubled(this.out);
  }
  /** One word more. */
  private word(word: number): void {
    if (this.length === this.out.length) this.growCode();
    this.out[this.length++] = word;
  }
  private emit(op: Op, a: number, b: number, c: number): void {
    this.last = -1;
    this.word(op);
    this.word(a);
    this.word(b);
    this.word(c);
  }
  private emit2(op: Op | VectorOp, a: number, b: number): void {
    this.last = -1;
    this.word(op);
    this.word(a);
    this.word(b);
  }
  private emit1(op: Op, a: number): void {
    this.last = -1;
    this.word(op);
    this.word(a);
  }
  private emit0(op: Op): void {
    this.last = -1;
    this.word(op);
  }

  /** An operation whose first operand is the home of the operand pushed last: who takes that may change it. */
  private result(previous: number, op: Op | VectorOp, d: number, a: number): void {
    this.beforeLast = previous;
    this.last = this.length;
    this.word(op);
    this.word(d);
    this.word(a);
  }
  private result3(previous: number, op: Op | VectorOp, d: number, a: number, b: number): void {
    this.result(previous, op, d, a);
    this.word(b);
  }

  /** Takes back the last operation. What follows in its place counts as its instruction, or as the one being lowered (`asCurrent`). */
  private unemit(start: number, asCurrent = false): void {
    this.length = start;
    this.last = -1;
    const { positions } = this;
    if (positions === null) return;
    const [, current] = positions[positions.length - 1]!;
    while (positions.length > 0 && positions[positions.length - 1]![0] > start) positions.pop();
    if (asCurrent) positions.push([start, current]);
  }

  /** A word for an address known later. */
  private hole(): number {
    this.address(0);
    return this.length - 1;
  }
  private address(target: number): void {
    this.addresses.push(this.length);
    this.word(target);
  }
  /** Control may arrive here from elsewhere: what was written before must stay as it is. */
  private barrier(): void {
    this.last = -1;
    this.lastMove = -1;
    this.lastSum = -1;
  }
  /** The words get this place's address. */
  private bind(holes: readonly number[]): void {
    for (const hole of holes) this.out[hole] = this.length;
    this.barrier();
  }

  /** Behind the code, an operation for each loop that its branches back lead through while it is new. */
  private addLoops(): void {
    for (const { backs, target } of this.loops) {
      const start = this.length;
      for (const at of backs) this.out[at] = start;
      this.emit1(Op.LOOP, 0);
      this.address(target);
      this.word(backs.length);
      for (const at of backs) this.address(at);
    }
  }

  /** The code in front of the body's: room for references, and locals that start as zero or null. */
  private prologue(): number[] {
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

  // ---- Operands.

  private push(type: ValueType, kind: Kind, value: number, high: number): void {
    const home = this.nextHome;
    const index = this.height++;
    if (index === this.types.length) this.growOperands();
    this.types[index] = type;
    this.kinds[index] = kind;
    this.homes[index] = home;
    this.values[index] = value;
    this.highs[index] = high;
    this.locals[index] = -1;
    this.nextHome = home + slotsOf(type);
    if (this.nextHome > this.frameSize) this.frameSize = this.nextHome;
    if ((type & Type.REF) !== 0) this.hasReferences = true;
  }
  private growOperands(): void {
    this.types = doubled(this.types);
    this.kinds = doubled(this.kinds);
    this.homes = doubled(this.homes);
    this.values = doubled(this.values);
    this.highs = doubled(this.highs);
    this.locals = doubled(this.locals);
  }
  private pushHome(type: ValueType): number {
    this.push(type, Kind.HOME, 0, 0);
    return this.nextHome - slotsOf(type);
  }
  private pushAll(types: readonly ValueType[]): void {
    for (const type of types) this.pushHome(type);
  }

  private pop(): void {
    const index = --this.height;
    this.forgetLocal(index);
    this.nextHome = this.homes[index]!;
    if (this.settled > index) this.settled = index;
  }
  /** Operand `index` no longer depends on a local. */
  private forgetLocal(index: number): void {
    const local = this.locals[index]!;
    if (local < 0) return;
    this.aliases[local]!--;
    this.locals[index] = -1;
  }
  private popTo(height: number): void {
    while (this.height > height) this.pop();
  }

  /** The slot operand `index` can be read from; a constant is written home first. */
  private slot(index: number): number {
    switch (this.kinds[index] as Kind) {
      case Kind.HOME: return this.homes[index]!;
      case Kind.LOCAL: return this.values[index]!;
      case Kind.CONST:
      case Kind.SUM:
        this.bringHome(index);
        return this.homes[index]!;
    }
  }

  private bringHome(index: number): void {
    if (this.kinds[index] === Kind.HOME) return;
    this.copyTo(this.homes[index]!, index);
    this.forgetLocal(index);
    this.kinds[index] = Kind.HOME;
  }
  /** Brings the uppermost operands home. */
  private bringTopHome(count: number): void {
    for (let index = this.height - count; index < this.height; index++) this.bringHome(index);
  }

  /** Writes operand `index` to a slot, where it keeps its type. */
  private copyTo(target: number, index: number): void {
    const type = this.types[index]!;
    if (this.kinds[index] === Kind.CONST) {
      if (is32(type)) this.emit2(Op.CONST32, target, this.values[index]!);
      else if (type === Type.F64) this.emitFloat(target, this.values[index]!, this.highs[index]!);
      else this.emit(Op.CONST64, target, this.values[index]!, this.highs[index]!);
      return;
    }
    if (this.kinds[index] === Kind.SUM) {
      this.lastSum = this.length;
      this.emit(Op.I32_ADD_K, target, this.values[index]!, this.highs[index]!);
      return;
    }
    this.move(type, target, this.kinds[index] === Kind.LOCAL ? this.values[index]! : this.homes[index]!);
  }
  private emitFloat(target: number, low: number, high: number): void {
    WORDS[0] = low;
    WORDS[1] = high;
    const index = floatConstant(FLOAT[0]!);
    if (index < 0) this.emit(Op.CONST64, target, low, high);
    else this.emit2(Op.CONST_F64, target, index);
  }
  private move(type: ValueType, target: number, source: number): void {
    if (target === source) return;
    if (is32(type)) this.move32(target, source);
    else if (isReference(type)) this.emit2(Op.REF_MOVE, target, source);
    else if (type === Type.F64) this.emit2(Op.MOVE_F64, target, source);
    else {
      this.emit2(Op.MOVE64, target, source);
      if (type === Type.V128) this.emit2(Op.MOVE64, target + 1, source + 1);
    }
  }

  private move32(target: number, source: number): void {
    const first = this.lastMove;
    if (first >= 0 && first + 3 === this.length) {
      this.out[first] = Op.MOVE32_TWICE;
      this.word(target);
      this.word(source);
      return;
    }
    this.lastMove = this.length;
    this.emit2(Op.MOVE32, target, source);
  }

  /** Before a local changes: operands that are its value get a copy. */
  private settleAliases(local: number): void {
    for (let index = this.height - 1; this.aliases[local]! > 0; index--) {
      if (this.locals[index] === local) this.bringHome(index);
    }
  }
  /** Before control flow divides: no operand may depend on a local that only one way changes. */
  private settleAll(): void {
    for (let index = this.settled; index < this.height; index++) if (this.kinds[index] !== Kind.CONST) this.bringHome(index);
    this.settled = this.height;
  }

  /** Moves the uppermost `count` operands to adjacent slots from `target` on, below or at their homes. */
  private moveTop(count: number, target: number): void {
    const first = this.height - count;
    // The last operand that depends on a local, whose slot may be about to be overwritten.
    let last = this.height - 1;
    while (last >= first && this.locals[last]! < 0) last--;
    for (let index = first; index < this.height; index++) {
      const end = target + slotsOf(this.types[index]!);
      for (let later = index + 1; later <= last; later++) {
        if (this.locals[later]! >= 0 && this.values[later]! < end && this.values[later]! + slotsOf(this.types[later]!) > target) this.bringHome(later);
      }
      this.copyTo(target, index);
      target = end;
    }
  }

  // ---- Locals.

  private readLocal(local: number): void {
    if (local >= this.parameters && !this.zeroed[local]) {
      const frame = this.firstWrites[local]!;
      if (frame === null || frame.ended) this.zeroed[local] = true;
    }
  }
  /** A first write makes later reads safe as long as its block lasts: whatever leads to them leads through it. */
  private writeLocal(local: number): void {
    if (local >= this.parameters && !this.zeroed[local]) {
      const frame = this.firstWrites[local]!;
      if (frame === null) this.firstWrites[local] = this.frames[this.frames.length - 1]!;
      else if (frame.ended) this.zeroed[local] = true;
    }
  }

  private getLocal(local: number): void {
    this.readLocal(local);
    this.aliases[local]!++;
    this.push(this.localTypes[local]!, Kind.LOCAL, this.localSlots[local]!, 0);
    this.locals[this.height - 1] = local;
  }

  private setLocal(local: number): void {
    this.writeLocal(local);
    const index = this.height - 1;
    const slot = this.localSlots[local]!;
    if (this.kinds[index] === Kind.LOCAL && this.locals[index] === local) {
      this.pop();
      return;
    }
    // The value itself needs no copy of what the local was.
    this.forgetLocal(index);
    if (this.aliases[local]! > 0) this.settleAliases(local);
    if (this.kinds[index] === Kind.HOME && this.last >= 0 && this.out[this.last + 1] === this.homes[index]) {
      this.out[this.last + 1] = slot;
      this.last = -1;
    } else {
      this.copyTo(slot, index);
    }
    this.pop();
  }

  // ---- Numeric instructions.

  private unary(op: Op, type: ValueType): void {
    const a = this.slot(this.height - 1);
    const previous = this.last;
    this.pop();
    const d = this.pushHome(type);
    this.result(previous, op, d, a);
  }

  private binary(code: number): void {
    const right = this.height - 1;
    if (this.kinds[right - 1] === Kind.CONST && this.kinds[right] !== Kind.CONST) {
      const swapped = COMMUTATIVE.has(code) ? code : code >= Code.I32_EQ && code <= Code.I32_GE_U ? Code.I32_EQ + SWAPPED[code - Code.I32_EQ]! : -1;
      if (swapped >= 0 && this.binaryConst(swapped, right - 1, right)) return;
    }
    if (this.kinds[right] === Kind.CONST && this.binaryConst(code, right, right - 1)) return;
    if (this.binaryLoad(code, right - 1, right) || (COMMUTATIVE.has(code) && this.binaryLoad(code, right, right - 1))) return;
    const a = this.slot(right - 1);
    const b = this.slot(right);
    const previous = this.last;
    this.pop();
    this.pop();
    const d = this.pushHome(RESULT_TYPES[code]!);
    this.result3(previous, code - NUMERIC_BASE, d, a, b);
  }

  /** The form with a constant, when there is one for it. */
  private binaryConst(code: number, constant: number, other: number): boolean {
    let k = this.values[constant]!;
    let op: number;
    if (this.types[constant] === Type.I32) {
      op = I32_CONST_FORMS[code]!;
      if (code === Code.I32_SUB) {
        op = Op.I32_ADD_K;
        k = -k | 0;
      }
      if (op === Op.I32_ADD_K && this.pushSum(other, k)) return true;
      if (op === Op.I32_AND_K && k === 1 && other < constant && this.isFresh(other) && isTruth(this.out[this.last]!)) {
        this.pop();
        return true;
      }
    } else if (this.types[constant] === Type.F64) {
      const negated = code === Code.F64_SUB && other < constant;
      op = code === Code.F64_MUL ? Op.F64_MUL_K : code === Code.F64_ADD || negated ? Op.F64_ADD_K : -1;
      WORDS[0] = k;
      WORDS[1] = this.highs[constant]!;
      k = op < 0 ? -1 : floatConstant(negated ? -FLOAT[0]! : FLOAT[0]!);
      if (k < 0) return false;
    } else if (this.types[constant] === Type.I64 && this.highs[constant] === k >> 31) {
      op = I64_CONST_FORMS[code]!;
      if (code === Code.I64_SUB && k !== -0x8000_0000) {
        op = Op.I64_ADD_K;
        k = -k;
      }
    } else {
      return false;
    }
    if (op < 0) return false;
    if (op === Op.I32_AND_K && other < constant && this.isFresh(other) && this.out[this.last] === Op.I32_SHR_U_K) {
      this.pop();
      this.out[this.last] = Op.I32_BITS;
      this.word(k);
      return true;
    }
    const a = this.slot(other);
    const previous = this.last;
    this.pop();
    this.pop();
    const d = this.pushHome(RESULT_TYPES[code]!);
    this.result3(previous, op, d, a, k);
    return true;
  }

  /** Whether the last operation wrote operand `index`, and may still be changed or taken back. */
  private isFresh(index: number): boolean {
    return this.last >= 0 && this.kinds[index] === Kind.HOME && this.out[this.last + 1] === this.homes[index];
  }

  /** The sum of operand `other` and a constant, put off until somebody needs it: a load or store adds by itself. Takes both operands. */
  private pushSum(other: number, k: number): boolean {
    const kind = this.kinds[other] as Kind;
    const local = this.locals[other]!;
    // In its home it can only stay where that is the home of the sum.
    if (kind === Kind.CONST || (local < 0 && other !== this.height - 2)) return false;
    const base = this.slotOfSum(other);
    const sum = kind === Kind.SUM ? (this.highs[other]! + k) | 0 : k;
    this.pop();
    this.pop();
    this.push(Type.I32, Kind.SUM, base, sum);
    if (local >= 0) {
      this.locals[this.height - 1] = local;
      this.aliases[local]!++;
    }
    return true;
  }
  private slotOfSum(index: number): number {
    return this.kinds[index] === Kind.HOME ? this.homes[index]! : this.values[index]!;
  }

  /** The form that loads its right operand, when that was loaded by the last operation and `left` needs no code. */
  private binaryLoad(code: number, left: number, loaded: number): boolean {
    const { out, last } = this;
    if (!this.isFresh(loaded) || this.kinds[left] === Kind.CONST || this.kinds[left] === Kind.SUM) return false;
    let op: Op;
    if (out[last] === Op.LOAD32 && code === Code.I32_ADD) op = Op.I32_ADD_LOAD;
    else if (out[last] !== Op.F64_LOAD) return false;
    else if (code === Code.F64_ADD) op = Op.F64_ADD_LOAD;
    else if (code === Code.F64_SUB) op = Op.F64_SUB_LOAD;
    else if (code === Code.F64_MUL) op = Op.F64_MUL_LOAD;
    else return false;
    const base = out[last + 2]!;
    const offset = out[last + 3]!;
    const a = this.slot(left);
    this.unemit(last);
    this.pop();
    this.pop();
    this.result3(-1, op, this.pushHome(RESULT_TYPES[code]!), a, base);
    this.word(offset);
    return true;
  }

  /** `i32.eqz` behind an integer comparison turns it round. */
  private eqz(): void {
    const { last, out } = this;
    if (this.isFresh(this.height - 1)) {
      const op = out[last]!;
      for (const first of [Op.I32_EQ, Op.I32_EQ_K, Op.I64_EQ] as const) {
        if (op >= first && op < first + 10) {
          out[last] = first + OPPOSITE[op - first]!;
          return;
        }
      }
      if (op === Op.I32_EQZ) {
        out[last] = Op.I32_NE_K;
        this.word(0);
        return;
      }
    }
    this.unary(Op.I32_EQZ, Type.I32);
  }

  // ---- Conditions: taken off the stack first, then other code may be emitted, then the branch.

  private takeCondition(): void {
    const { last, out } = this;
    const top = this.height - 1;
    this.condNegated = false;
    this.cond = Cond.VALUE;
    if (!this.isFresh(top)) {
      this.condA = this.slot(top);
      this.pop();
      return;
    }
    let start = last;
    if (out[start] === Op.I32_EQZ) {
      this.condNegated = true;
      const before = this.beforeLast;
      // A float comparison has no opposite to turn it into: the pair melts into a negated branch.
      if (before >= 0 && out[before + 1] === out[start + 2] && out[before]! >= Op.F64_EQ && out[before]! <= Op.F64_GE && before + 4 === start) start = before;
    }
    const op = out[start]!;
    this.condA = out[start + 2]!;
    this.condB = out[start + 3]!;
    if (op === Op.I32_EQZ) {
      this.cond = Cond.VALUE;
    } else if (op >= Op.I32_EQ && op <= Op.I32_GE_U) {
      this.cond = Cond.I32;
      this.condIndex = op - Op.I32_EQ;
    } else if (op >= Op.I32_EQ_K && op <= Op.I32_GE_U_K) {
      this.cond = Cond.I32_K;
      this.condIndex = op - Op.I32_EQ_K;
    } else if (op >= Op.I64_EQ && op <= Op.I64_GE_U) {
      this.cond = Cond.I64;
      this.condIndex = op - Op.I64_EQ;
    } else if (op === Op.I64_EQZ) {
      this.cond = Cond.I64_ZERO;
    } else if (op >= Op.F64_EQ && op <= Op.F64_GE) {
      this.cond = Cond.F64;
      this.condIndex = op - Op.F64_EQ;
    } else {
      this.condA = this.homes[top]!;
      this.pop();
      return;
    }
    this.unemit(start);
    this.pop();
  }

  /** A branch taken when the condition holds, or when it does not; leaves the address to be written. */
  private branchOn(holds: boolean): void {
    const sense = holds !== this.condNegated;
    if (this.branchOnSum(sense)) return;
    const index = sense ? this.condIndex : OPPOSITE[this.condIndex]!;
    switch (this.cond) {
      case Cond.VALUE: this.emit1(sense ? Op.BR_IF : Op.BR_UNLESS, this.condA); return;
      case Cond.I32: this.emit2(Op.BR_I32_EQ + index, this.condA, this.condB); return;
      case Cond.I32_K: this.emit2(Op.BR_I32_EQ_K + index, this.condA, this.condB); return;
      case Cond.I64: this.emit2(Op.BR_I64_EQ + index, this.condA, this.condB); return;
      case Cond.I64_ZERO: this.emit1(sense ? Op.BR_I64_EQZ : Op.BR_I64_NEZ, this.condA); return;
      case Cond.F64: this.emit2((sense ? Op.BR_F64_EQ : Op.BR_F64_NOT_EQ) + this.condIndex, this.condA, this.condB); return;
    }
  }

  /** The form that adds and branches in one, when the last operation was the addition the condition looks at. */
  private branchOnSum(sense: boolean): boolean {
    const { lastSum, out, cond, condA } = this;
    if (lastSum < 0 || lastSum + 4 !== this.length || out[lastSum + 1] !== condA) return false;
    let op: Op;
    if (cond === Cond.VALUE && sense) op = Op.ADD_BR_IF;
    else if ((sense ? this.condIndex : OPPOSITE[this.condIndex]) !== NOT_EQUAL) return false;
    else if (cond === Cond.I32 && this.condB !== condA) op = Op.ADD_BR_NE;
    else if (cond === Cond.I32_K) op = Op.ADD_BR_NE_K;
    else return false;
    out[lastSum] = op;
    if (op !== Op.ADD_BR_IF) this.word(this.condB);
    this.last = -1;
    return true;
  }

  // ---- Control.

  private frameAt(depth: number): Frame {
    return this.frames[this.frames.length - 1 - depth]!;
  }

  private open(flow: Flow): void {
    const blockType = this.reader.blockType();
    let params = NONE;
    let results = NONE;
    if (isConcrete(blockType) && !isReference(blockType)) ({ params, results } = this.code.typeAt(typeIndexOf(blockType)));
    else if (blockType !== Type.BOTTOM) results = single(blockType);
    if (flow === Flow.IF) this.takeCondition();
    if (params.length > 0) this.bringTopHome(params.length);
    this.settleAll();
    let { region } = this.frameAt(0);
    if (flow === Flow.TRY_TABLE) region = this.openTryTable(params, region);
    else if (flow === Flow.TRY) region = this.openRegion(region);
    const height = this.height - params.length;
    const base = params.length > 0 ? this.homes[height]! : this.nextHome;
    const frame = newFrame(flow, params, results, height, base, this.length, region);
    if (flow === Flow.IF) {
      this.branchOn(false);
      frame.elseExit = this.hole();
    } else if (flow === Flow.LOOP) {
      this.barrier();
    }
    this.frames.push(frame);
  }

  private openRegion(outer: number): number {
    this.barrier();
    return this.regions.push({ start: this.length, end: -1, outer, clauses: [] }) - 1;
  }

  /** The handlers of a `try_table` stand in front of its body: each takes what it is handed to its label. */
  private openTryTable(params: readonly ValueType[], outer: number): number {
    const { reader } = this;
    const clauses: OpenRegion['clauses'] = [];
    this.emit0(Op.BR);
    const around = this.hole();
    this.popTo(this.height - params.length);
    const payload = this.nextHome;
    for (let left = reader.u32(); left > 0; left--) {
      const kind = reader.byte() as CatchCode;
      const hasTag = kind === CatchCode.CATCH || kind === CatchCode.CATCH_REF;
      const tag = hasTag ? reader.u32() : -1;
      const frame = this.frameAt(reader.u32());
      const height = this.height;
      const at = this.length;
      this.barrier();
      if (hasTag) this.pushAll(this.code.typeAt(this.code.tagTypes[tag]!).params);
      const exception = kind === CatchCode.CATCH_REF || kind === CatchCode.CATCH_ALL_REF ? this.pushHome(Type.EXNREF) : -1;
      this.emitBranch(frame);
      this.popTo(height);
      clauses.push({ tag, at, payload: hasTag ? payload : -1, exception });
    }
    this.pushAll(params);
    this.bind([around]);
    const region = this.openRegion(outer);
    this.regions[region]!.clauses.push(...clauses);
    return region;
  }

  /** A handler of a legacy `try`: `tag` -1 takes all. The exception lies in the slot below its values, for `rethrow`. */
  private catchArm(tag: number): void {
    const frame = this.frameAt(0);
    this.endArm(frame);
    if (frame.flow === Flow.TRY) this.regions[frame.region]!.end = this.length;
    frame.ended = true;
    const outer = this.regions[frame.handlers]!.outer;
    this.frames[this.frames.length - 1] = { ...frame, flow: Flow.CATCH, ended: false, region: outer };
    this.popTo(frame.height);
    this.barrier();
    const exception = this.pushHome(Type.EXNREF);
    const params = tag < 0 ? NONE : this.code.typeAt(this.code.tagTypes[tag]!).params;
    this.regions[frame.handlers]!.clauses.push({ tag, at: this.length, payload: tag < 0 ? -1 : this.nextHome, exception });
    this.pushAll(params);
    this.dead = false;
  }

  /** The results of a body or handler to where all ways out of the block leave them, and a branch to its end. */
  private endArm(frame: Frame): void {
    if (this.dead) return;
    this.bringResults(frame);
    this.emit0(Op.BR);
    frame.exits.push(this.hole());
  }
  private bringResults(frame: Frame): void {
    // In a handler the exception lies between the block's operands and its own.
    if (frame.flow === Flow.CATCH) this.moveTop(frame.results.length, frame.base);
    else this.bringTopHome(frame.results.length);
  }

  private delegate(frame: Frame): void {
    // Labels count from outside the `try` that delegates.
    const target = this.frames[this.frames.length - 2 - this.reader.u32()]!;
    this.regions[frame.region]!.outer = target.flow === Flow.FUNCTION ? -1 : target.region;
    this.end();
  }

  private elseArm(): void {
    const frame = this.frameAt(0);
    this.endArm(frame);
    this.bind([frame.elseExit]);
    frame.elseExit = -1;
    frame.ended = true;
    this.frames[this.frames.length - 1] = { ...frame, flow: Flow.ELSE, ended: false };
    this.popTo(frame.height);
    this.pushAll(frame.params);
    this.dead = false;
  }

  private end(): void {
    const frame = this.frameAt(0);
    frame.ended = true;
    this.frames.pop();
    if (frame.flow === Flow.FUNCTION) {
      if (!this.dead) this.emitReturn(frame.results);
      if (frame.exits.length > 0) {
        this.bind(frame.exits);
        this.emit0(Op.RETURN);
      }
      return;
    }
    if (frame.backs.length > 0) this.loops.push(frame);
    let live = !this.dead;
    if (live) this.bringResults(frame);
    if (frame.flow === Flow.TRY || frame.flow === Flow.TRY_TABLE) this.regions[frame.region]!.end = this.length;
    if (frame.elseExit >= 0) frame.exits.push(frame.elseExit);
    if (frame.exits.length > 0) {
      this.bind(frame.exits);
      live = true;
    }
    this.popTo(frame.height);
    this.pushAll(frame.results);
    this.barrier();
    this.dead = !live;
  }

  private emitReturn(results: readonly ValueType[]): void {
    const top = this.height - 1;
    if (results.length === 1 && this.kinds[top] !== Kind.CONST && !isReference(results[0]!) && results[0] !== Type.V128) {
      this.emit1(is32(results[0]!) ? Op.RETURN32 : results[0] === Type.F64 ? Op.RETURN_F64 : Op.RETURN64, this.slot(top));
      return;
    }
    this.moveTop(results.length, 0);
    this.emit0(Op.RETURN);
  }

  /** The words of an address that leads to the label of `frame`, which is no function with results. */
  private addressOf(frame: Frame): void {
    if (frame.flow === Flow.LOOP) {
      frame.backs.push(this.length);
      this.address(frame.target);
    } else frame.exits.push(this.hole());
  }
  private static labelTypes(frame: Frame): readonly ValueType[] {
    return frame.flow === Flow.LOOP ? frame.params : frame.results;
  }
  /** Whether the operands a branch takes with it are not yet where they belong, once at home. */
  private mustMove(frame: Frame): boolean {
    const count = Lowering.labelTypes(frame).length;
    return count > 0 && (frame.flow === Flow.FUNCTION || this.homes[this.height - count] !== frame.base);
  }

  /** Code that goes to a label, operands included. */
  private emitBranch(frame: Frame): void {
    const types = Lowering.labelTypes(frame);
    if (frame.flow === Flow.FUNCTION) {
      this.emitReturn(types);
      return;
    }
    if (this.mustMove(frame)) this.moveTop(types.length, frame.base);
    else this.bringTopHome(types.length);
    this.emit0(Op.BR);
    this.addressOf(frame);
  }

  private branchIf(frame: Frame): void {
    this.takeCondition();
    this.branchOnCondition(frame);
  }

  private branchOnCondition(frame: Frame): void {
    const count = Lowering.labelTypes(frame).length;
    this.bringTopHome(count);
    if (!this.mustMove(frame)) {
      this.branchOn(true);
      this.addressOf(frame);
      return;
    }
    this.branchOn(false);
    const around = this.hole();
    this.emitBranch(frame);
    this.bind([around]);
  }

  private branchTable(): void {
    const { reader } = this;
    const count = reader.u32();
    const frames: Frame[] = [];
    for (let left = count; left >= 0; left--) frames.push(this.frameAt(reader.u32()));
    const a = this.slot(this.height - 1);
    this.pop();
    this.bringTopHome(Lowering.labelTypes(frames[0]!).length);
    this.emit2(Op.BR_TABLE, a, count);
    /** Frames whose operands must move, with the words of the table that lead to the code that moves them. */
    const detours = new Map<Frame, number[]>();
    for (const frame of frames) {
      if (!this.mustMove(frame)) this.addressOf(frame);
      else {
        const hole = this.hole();
        const holes = detours.get(frame);
        if (holes === undefined) detours.set(frame, [hole]);
        else holes.push(hole);
      }
    }
    for (const [frame, holes] of detours) {
      this.bind(holes);
      this.emitBranch(frame);
    }
    this.dead = true;
  }

  private call(functionIndex: number): void {
    const { params, results } = this.code.functionType(functionIndex);
    const delta = this.prepareCall(params);
    this.emit2(functionIndex < this.code.importedFunctions ? Op.CALL_IMPORT : Op.CALL_FIRST, functionIndex, delta);
    this.pushAll(results);
  }

  private callIndirect(): void {
    const typeIndex = this.reader.u32();
    const table = this.reader.u32();
    const { params, results } = this.code.typeAt(typeIndex);
    const a = this.narrow(this.height - 1, this.code.tables[table]!.limits);
    this.pop();
    const delta = this.prepareCall(params);
    this.emit(Op.CALL_INDIRECT, table, this.code.typeIds[typeIndex]!, a);
    this.word(delta);
    this.pushAll(results);
  }

  private callRef(): void {
    const { params, results } = this.code.typeAt(this.reader.u32());
    const a = this.slot(this.height - 1);
    this.pop();
    const delta = this.prepareCall(params);
    this.emit2(Op.CALL_REF, a, delta);
    this.pushAll(results);
  }

  private tailCall(functionIndex: number): void {
    this.moveTop(this.code.functionType(functionIndex).params.length, 0);
    this.emit1(functionIndex < this.code.importedFunctions ? Op.TAIL_CALL_IMPORT : Op.TAIL_CALL_FIRST, functionIndex);
    this.dead = true;
  }

  private tailCallIndirect(): void {
    const typeIndex = this.reader.u32();
    const table = this.reader.u32();
    this.narrow(this.height - 1, this.code.tables[table]!.limits);
    const a = this.takeHome();
    this.moveTop(this.code.typeAt(typeIndex).params.length, 0);
    this.emit(Op.TAIL_CALL_INDIRECT, table, this.code.typeIds[typeIndex]!, a);
    this.dead = true;
  }

  private tailCallRef(): void {
    const typeIndex = this.reader.u32();
    const a = this.takeHome();
    this.moveTop(this.code.typeAt(typeIndex).params.length, 0);
    this.emit1(Op.TAIL_CALL_REF, a);
    this.dead = true;
  }

  /** The slot of the uppermost operand, above all that arguments moved to slot 0 can overwrite. */
  private takeHome(): number {
    const top = this.height - 1;
    this.bringHome(top);
    this.pop();
    return this.homes[top]!;
  }

  /** Brings the arguments to where the callee's frame starts, and returns how far above ours that is. */
  private prepareCall(params: readonly ValueType[]): number {
    this.bringTopHome(params.length);
    this.popTo(this.height - params.length);
    return this.nextHome;
  }

  /** Reads over instructions that are never reached, up to the `else` or `end` that belongs to the innermost frame. */
  private skipDeadCode(): void {
    const { reader } = this;
    for (let nested = 0; ; ) {
      const byte = reader.bytes[reader.position]!;
      if (nested === 0 && (byte === Code.END || byte === Code.ELSE || byte === Code.CATCH || byte === Code.CATCH_ALL || byte === Code.DELEGATE)) return;
      if (byte === Code.BLOCK || byte === Code.LOOP || byte === Code.IF || byte === Code.TRY || byte === Code.TRY_TABLE) nested++;
      else if (byte === Code.END || byte === Code.DELEGATE) nested--;
      skipInstruction(reader);
    }
  }

  // ---- Memory.

  /** The offset of a memory argument; inexact only where it is beyond every memory anyway. */
  private offset(): number {
    const { reader } = this;
    let result = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = reader.byte();
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return result;
    }
  }

  private access(code: number): void {
    const { reader } = this;
    const flags = reader.u32();
    const memory = flags & 0x40 ? reader.u32() : 0;
    const offset = this.offset();
    const isStore = code >= Code.FIRST_STORE;
    const plain = memory === 0 && offset < 0x8000_0000;
    const op = isStore ? STORES[code - Code.FIRST_STORE]! : LOADS[code - Code.FIRST_LOAD]!;
    const top = this.height - 1;
    const at = isStore ? top - 1 : top;
    const limits = this.memory(memory);
    if (limits.address === 'i64') this.narrow(at, limits);
    if (plain && this.kinds[at] === Kind.CONST) {
      const address = (this.values[at]! >>> 0) + offset;
      const atAddress = AT_ADDRESS[op];
      if (atAddress !== undefined && address < 0x8000_0000) {
        this.accessAt(code, atAddress, address);
        return;
      }
    }
    if (plain && this.kinds[at] === Kind.SUM && SUMS[op] !== undefined) {
      this.accessSum(code, SUMS[op], at, offset);
      return;
    }
    if (isStore) {
      const storeConst = plain && this.kinds[top] === Kind.CONST ? CONST_STORES[op] : undefined;
      if (storeConst !== undefined) {
        const k = this.values[top]!;
        const a = this.slot(at);
        this.popTo(at);
        this.emit(storeConst, a, k, offset);
        return;
      }
      const a = this.slot(at);
      const b = this.slot(top);
      this.pop();
      this.pop();
      if (plain) this.emit(op, a, b, offset);
      else this.accessAnywhere(code, memory, a, b, offset);
      return;
    }
    const indexed = INDEXED[op];
    if (plain && indexed !== undefined && this.isFresh(top) && this.out[this.last] === Op.I32_ADD) {
      const a = this.out[this.last + 2]!;
      const b = this.out[this.last + 3]!;
      this.unemit(this.last, true);
      this.pop();
      this.result3(-1, indexed, this.pushHome(RESULT_TYPES[code]!), a, b);
      this.word(offset);
      return;
    }
    const a = this.slot(top);
    const previous = this.last;
    this.pop();
    const d = this.pushHome(RESULT_TYPES[code]!);
    if (!plain) {
      this.accessAnywhere(code, memory, a, d, offset);
      return;
    }
    this.result3(previous, op, d, a, offset);
  }

  private accessAt(code: number, op: Op, address: number): void {
    if (code >= Code.FIRST_STORE) {
      const b = this.slot(this.height - 1);
      this.pop();
      this.pop();
      this.emit2(op, address, b);
      return;
    }
    const previous = this.last;
    this.pop();
    const d = this.pushHome(RESULT_TYPES[code]!);
    this.result(previous, op, d, address);
  }

  private accessSum(code: number, op: Op, at: number, offset: number): void {
    const base = this.slotOfSum(at);
    const k = this.highs[at]!;
    if (code >= Code.FIRST_STORE) {
      const b = this.slot(at + 1);
      this.popTo(at);
      this.emit(op, base, b, offset);
    } else {
      const previous = this.last;
      this.pop();
      this.result3(previous, op, this.pushHome(RESULT_TYPES[code]!), base, offset);
    }
    this.word(k);
  }

  private accessAnywhere(code: number, memory: number, a: number, value: number, offset: number): void {
    this.emit(Op.ACCESS, code, memory, a);
    this.word(value);
    this.word(offset | 0);
    this.word(Math.min(Math.floor(offset / 2 ** 32), 2 ** 30));
  }

  /**
   * The slot of an address, count or index. One of 64 bits is brought to 32 first, where what does not fit becomes
   * 0xffffffff: beyond every table, and beyond every 64-bit memory, which have a page less for that.
   */
  private narrow(index: number, limits: Limits): number {
    if (limits.address === 'i64') {
      if (this.kinds[index] === Kind.CONST) {
        if (this.highs[index] !== 0) this.values[index] = -1;
      } else {
        const a = this.slot(index);
        const home = this.homes[index]!;
        this.emit2(Op.CLAMP, home, a);
        this.forgetLocal(index);
        this.kinds[index] = Kind.HOME;
      }
      this.types[index] = Type.I32;
    }
    return this.slot(index);
  }
  /** The i32 just pushed as a number of the address type. */
  private widen(limits: Limits, signed: boolean): void {
    if (limits.address !== 'i64') return;
    const top = this.height - 1;
    const home = this.homes[top]!;
    this.emit2(signed ? Op.I64_EXTEND_I32_S : Op.I64_EXTEND_I32_U, home, home);
    this.types[top] = Type.I64;
  }

  /** Operands `a b c`, each an address, index or count as its limits say, then immediates. */
  private three(op: Op, limits: readonly [a: Limits, b: Limits, c: Limits], first: number, second: number): void {
    const top = this.height - 1;
    const a = this.narrow(top - 2, limits[0]);
    const b = this.narrow(top - 1, limits[1]);
    const c = this.narrow(top, limits[2]);
    this.popTo(top - 2);
    this.emit(op, a, b, c);
    this.word(first);
    if (second >= 0) this.word(second);
  }

  private bulk(): void {
    const { reader } = this;
    const sub = reader.u32();
    if (sub < Code.MEMORY_INIT) {
      this.unary(Op.I32_TRUNC_SAT_F32_S + sub, sub < 4 ? Type.I32 : Type.I64);
      return;
    }
    const first = reader.u32();
    switch (sub) {
      case Code.MEMORY_INIT: {
        const memory = reader.u32();
        this.three(Op.MEMORY_INIT, [this.memory(memory), NARROW, NARROW], first, memory);
        return;
      }
      case Code.DATA_DROP: this.emit1(Op.DATA_DROP, first); return;
      case Code.MEMORY_COPY: {
        const from = reader.u32();
        const [to, source] = [this.memory(first), this.memory(from)];
        this.three(Op.MEMORY_COPY, [to, source, to.address === 'i64' ? source : to], first, from);
        return;
      }
      case Code.MEMORY_FILL: {
        const memory = this.memory(first);
        this.three(Op.MEMORY_FILL, [memory, NARROW, memory], first, -1);
        return;
      }
      case Code.TABLE_INIT: {
        const table = reader.u32();
        this.three(Op.TABLE_INIT, [this.table(table), NARROW, NARROW], first, table);
        return;
      }
      case Code.ELEM_DROP: this.emit1(Op.ELEM_DROP, first); return;
      case Code.TABLE_COPY: {
        const from = reader.u32();
        const [to, source] = [this.table(first), this.table(from)];
        this.three(Op.TABLE_COPY, [to, source, to.address === 'i64' ? source : to], first, from);
        return;
      }
      case Code.TABLE_GROW: {
        const top = this.height - 1;
        const a = this.slot(top - 1);
        const b = this.narrow(top, this.table(first));
        this.popTo(top - 1);
        this.emit(Op.TABLE_GROW, this.pushHome(Type.I32), a, b);
        this.word(first);
        this.widen(this.table(first), true);
        return;
      }
      case Code.TABLE_SIZE:
        this.emit2(Op.TABLE_SIZE, this.pushHome(Type.I32), first);
        this.widen(this.table(first), false);
        return;
      case Code.TABLE_FILL: {
        const table = this.table(first);
        this.three(Op.TABLE_FILL, [table, NARROW, table], first, -1);
        return;
      }
    }
  }

  private memory(index: number): Limits {
    return this.code.memories[index]!.limits;
  }
  private table(index: number): Limits {
    return this.code.tables[index]!.limits;
  }

  // ---- References and objects.

  /** A reference type as code has it: canonical. */
  private canonical(heap: HeapType, nullable: boolean): ValueType {
    return canonicalType(referenceTo(heap, nullable), this.code.typeIds);
  }

  /** The branch depends on a test of the uppermost operand, a reference that stays. The outcome is in its home, of the 32-bit slots. */
  private testTop(op: Op, type: number, holds: boolean): void {
    const top = this.height - 1;
    const a = this.slot(top);
    this.cond = Cond.VALUE;
    this.condA = this.homes[top]!;
    this.condNegated = !holds;
    if (op === Op.REF_TEST) this.emit(op, this.condA, a, type);
    else this.emit2(op, this.condA, a);
  }

  private branchOnNull(frame: Frame): void {
    this.testTop(Op.REF_IS_NULL, 0, true);
    // The reference is none of the operands the branch takes along, and is on top again behind it.
    const top = this.height - 1;
    const type = this.types[top]!;
    this.bringHome(top);
    this.pop();
    this.branchOnCondition(frame);
    this.pushHome(type);
  }

  private castBranch(holds: boolean): void {
    const { reader } = this;
    const flags = reader.byte();
    const frame = this.frameAt(reader.u32());
    reader.heapType();
    this.testTop(Op.REF_TEST, this.canonical(reader.heapType(), (flags & 2) !== 0), holds);
    this.branchOnCondition(frame);
  }

  private fieldsOf(typeIndex: number): StructType['fields'] {
    return (this.code.module.types[typeIndex]!.composite as StructType).fields;
  }
  private elementOf(typeIndex: number): StorageType {
    return (this.code.module.types[typeIndex]!.composite as ArrayType).field.storage;
  }

  /** Operands at home, in adjacent slots: the first one, or where the next operand will be. */
  private takeAdjacent(count: number): number {
    this.bringTopHome(count);
    this.popTo(this.height - count);
    return this.nextHome;
  }

  private objectInstruction(): void {
    const { reader } = this;
    const sub = reader.u32();
    const top = this.height - 1;
    switch (sub) {
      case Code.STRUCT_NEW: {
        const type = reader.u32();
        const a = this.takeAdjacent(this.fieldsOf(type).length);
        this.emit(Op.STRUCT_NEW, this.pushReference(type), a, type);
        return;
      }
      case Code.STRUCT_NEW_DEFAULT: {
        const type = reader.u32();
        this.emit2(Op.STRUCT_NEW_DEFAULT, this.pushReference(type), type);
        return;
      }
      case Code.STRUCT_GET:
      case Code.STRUCT_GET_S:
      case Code.STRUCT_GET_U: {
        const type = reader.u32();
        const field = reader.u32();
        const { storage } = this.fieldsOf(type)[field]!;
        const a = this.slot(top);
        this.pop();
        this.emit(Op.STRUCT_GET, this.pushHome(unpacked(storage)), a, field);
        this.word(fieldKind(storage, sub === Code.STRUCT_GET_S));
        return;
      }
      case Code.STRUCT_SET: {
        const type = reader.u32();
        const field = reader.u32();
        const a = this.slot(top - 1);
        const b = this.slot(top);
        this.popTo(top - 1);
        this.emit(Op.STRUCT_SET, a, b, field);
        this.word(fieldKind(this.fieldsOf(type)[field]!.storage, false));
        return;
      }
      case Code.ARRAY_NEW: {
        const type = reader.u32();
        const a = this.slot(top - 1);
        const b = this.slot(top);
        this.popTo(top - 1);
        this.emit(Op.ARRAY_NEW, this.pushReference(type), a, b);
        this.word(type);
        return;
      }
      case Code.ARRAY_NEW_DEFAULT: {
        const type = reader.u32();
        const a = this.slot(top);
        this.pop();
        this.emit(Op.ARRAY_NEW_DEFAULT, this.pushReference(type), a, type);
        return;
      }
      case Code.ARRAY_NEW_FIXED: {
        const type = reader.u32();
        const count = reader.u32();
        const a = this.takeAdjacent(count);
        this.emit(Op.ARRAY_NEW_FIXED, this.pushReference(type), a, type);
        this.word(count);
        return;
      }
      case Code.ARRAY_NEW_DATA:
      case Code.ARRAY_NEW_ELEM: {
        const type = reader.u32();
        const segment = reader.u32();
        const a = this.slot(top - 1);
        const b = this.slot(top);
        this.popTo(top - 1);
        this.emit(sub === Code.ARRAY_NEW_DATA ? Op.ARRAY_NEW_DATA : Op.ARRAY_NEW_ELEM, this.pushReference(type), a, b);
        this.word(type);
        this.word(segment);
        return;
      }
      case Code.ARRAY_GET:
      case Code.ARRAY_GET_S:
      case Code.ARRAY_GET_U: {
        const storage = this.elementOf(reader.u32());
        const a = this.slot(top - 1);
        const b = this.slot(top);
        this.popTo(top - 1);
        this.emit(Op.ARRAY_GET, this.pushHome(unpacked(storage)), a, b);
        this.word(fieldKind(storage, sub === Code.ARRAY_GET_S));
        return;
      }
      case Code.ARRAY_SET:
        this.slots(Op.ARRAY_SET, 3);
        this.word(fieldKind(this.elementOf(reader.u32()), false));
        return;
      case Code.ARRAY_LEN: this.oneToOne(Op.ARRAY_LEN, Type.I32); return;
      case Code.ARRAY_FILL:
        this.slots(Op.ARRAY_FILL, 4);
        this.word(fieldKind(this.elementOf(reader.u32()), false));
        return;
      case Code.ARRAY_COPY:
        reader.u32();
        reader.u32();
        this.slots(Op.ARRAY_COPY, 5);
        return;
      case Code.ARRAY_INIT_DATA: {
        const type = reader.u32();
        this.slots(Op.ARRAY_INIT_DATA, 4);
        this.word(reader.u32());
        this.word(type);
        return;
      }
      case Code.ARRAY_INIT_ELEM:
        reader.u32();
        this.slots(Op.ARRAY_INIT_ELEM, 4);
        this.word(reader.u32());
        return;
      case Code.REF_TEST:
      case Code.REF_TEST_NULL: {
        const type = this.canonical(reader.heapType(), sub === Code.REF_TEST_NULL);
        const a = this.slot(top);
        this.pop();
        this.emit(Op.REF_TEST, this.pushHome(Type.I32), a, type);
        return;
      }
      case Code.REF_CAST:
      case Code.REF_CAST_NULL:
        this.emit2(Op.REF_CAST, this.slot(top), this.canonical(reader.heapType(), sub === Code.REF_CAST_NULL));
        return;
      case Code.BR_ON_CAST: this.castBranch(true); return;
      case Code.BR_ON_CAST_FAIL: this.castBranch(false); return;
      // The same reference, seen from the other side.
      case Code.ANY_CONVERT_EXTERN: this.types[top] = Type.ANYREF; return;
      case Code.EXTERN_CONVERT_ANY: this.types[top] = Type.EXTERNREF; return;
      case Code.REF_I31: this.oneToOne(Op.REF_I31, Type.ANYREF); return;
      case Code.I31_GET_S: this.oneToOne(Op.I31_GET_S, Type.I32); return;
      case Code.I31_GET_U: this.oneToOne(Op.I31_GET_U, Type.I32); return;
    }
  }

  private pushReference(typeIndex: number): number {
    return this.pushHome(referenceTo(concreteHeap(typeIndex), false));
  }
  private oneToOne(op: Op, type: ValueType): void {
    const a = this.slot(this.height - 1);
    this.pop();
    this.emit2(op, this.pushHome(type), a);
  }
  /** An operation on the uppermost operands, without a result. */
  private slots(op: Op, count: number): void {
    const first = this.height - count;
    const slots: number[] = [];
    for (let index = first; index < this.height; index++) slots.push(this.slot(index));
    this.popTo(first);
    this.emit0(op);
    for (const slot of slots) this.word(slot);
  }

  // ---- Vector and atomic instructions: their rows say all there is to know (`vector-ops.ts`).

  private vectorGlobalGet(previous: number, d: number, index: number, word: number): void {
    if (word < 0) this.result(previous, VectorOp.FAR_GLOBAL_GET, d, index);
    else {
      this.emit2(Op.GLOBAL_GET64, d, word);
      this.emit2(Op.GLOBAL_GET64, d + 1, word + 2);
    }
  }

  private vectorGlobalSet(a: number, index: number, word: number): void {
    if (word < 0) this.emit2(VectorOp.FAR_GLOBAL_SET, a, index);
    else {
      this.emit2(Op.GLOBAL_SET64, a, word);
      this.emit2(Op.GLOBAL_SET64, a + 1, word + 2);
    }
  }

  private fromTable(prefix: number, firstOp: number): void {
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

  private immediateWords(kind: ImmediateKind, words: number[]): void {
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

  private lowerInstruction(code: number): void {
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

  private select(): void {
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

  private globalGet(index: number): void {
    const { type: { type }, word } = this.code.globals[index]!;
    const previous = this.last;
    const d = this.pushHome(type);
    if (isReference(type)) this.result(previous, Op.REF_GLOBAL_GET, d, index);
    else if (type === Type.V128) this.vectorGlobalGet(previous, d, index, word);
    else if (word < 0) this.result(previous, is32(type) ? Op.FAR_GLOBAL_GET32 : Op.FAR_GLOBAL_GET64, d, index);
    else this.result(previous, is32(type) ? Op.GLOBAL_GET32 : Op.GLOBAL_GET64, d, word);
  }

  private globalSet(index: number): void {
    const { type: { type }, word } = this.code.globals[index]!;
    const a = this.slot(this.height - 1);
    this.pop();
    if (isReference(type)) this.emit2(Op.REF_GLOBAL_SET, a, index);
    else if (type === Type.V128) this.vectorGlobalSet(a, index, word);
    else if (word < 0) this.emit2(is32(type) ? Op.FAR_GLOBAL_SET32 : Op.FAR_GLOBAL_SET64, a, index);
    else this.emit2(is32(type) ? Op.GLOBAL_SET32 : Op.GLOBAL_SET64, a, word);
  }

  private constant64(): void {
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

  private fixed32(): number {
    const { bytes, position } = this.reader;
    this.reader.position = position + 4;
    return bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16) | (bytes[position + 3]! << 24);
  }

  private subject(): string {
    return this.functionIndex < 0 ? 'a constant expression' : describeFunction(this.functionIndex, this.code.functionName(this.functionIndex));
  }

  private unsupported(info: InstructionInfo, detail = ''): never {
    throw new Unsupported(`this engine does not run ${info.mnemonic}${detail === '' ? '' : ` ${detail}`} yet (feature ${info.feature})`, { where: [['in', this.subject()]] });
  }
}

function newFrame(flow: Flow, params: readonly ValueType[], results: readonly ValueType[], height: number, base: number, target: number, region: number): Frame {
  return { flow, params, results, height, base, target, backs: [], exits: [], elseExit: -1, region, handlers: region, ended: false };
}

/** One for all, so that its arrays are made and grown once. Lowering never nests. */
const lowering = new Lowering();
