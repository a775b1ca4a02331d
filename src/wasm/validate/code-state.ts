// What is known at an instruction by the algorithm of the specification's appendix: the types of the operands, the open blocks, the
// locals, all in typed arrays, and the errors that tell the place. How instructions change it, is for `body.ts` and `rules.ts`.
// spec: appendix/algorithm
import { LimitError, ValidationError, type ModulePlace } from '../errors.js';
import { INSTRUCTION_INFOS, NO_INSTRUCTION, ORDINAL_OF_BYTE, type Mnemonic } from '../instructions.js';
import { MAX_LOCALS, MAX_OPERANDS } from '../limits.js';
import type { FunctionBody } from '../module.js';
import { isConcrete, isNullable, isReference, Type, typeIndexOf, type FunctionType, type ValueType } from '../types.js';
import { readOrdinal } from '../binary/immediates.js';
import { Reader } from '../binary/reader.js';
import type { Context } from './context.js';
import { FrameKind } from './frame-kind.js';
import { textPlaceOf } from './text-place.js';

export type Types = readonly ValueType[];
export const NONE: Types = [];

/** Pushes that one instruction may make without asking for room; see `reserve`. */
const SLACK = 16;

export class CodeState {
  reader: Reader = new Reader(new Uint8Array(0));
  /** Position of the instruction being checked. */
  at = 0;

  protected stack = new Int32Array(1024);
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

  protected locals = new Int32Array(256);
  localCount = 0;
  /** 1 for locals without a default that are not set yet; looked at only while `tracksLocals`. */
  private unset = new Uint8Array(0);
  protected tracksLocals = false;
  protected readonly setLocals: number[] = [];

  protected place: ModulePlace = {};
  /** Index of the function being checked; -1 in constant expressions. */
  protected functionIndex = -1;

  constructor(readonly context: Context) {}

  // --- Operands.

  /** Makes room for `count` operands beyond one push for each byte of code that is left, which is what single pushes rely on. */
  protected reserve(count: number): void {
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

  // --- Locals.

  protected declareLocals(type: FunctionType, body: FunctionBody): void {
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

  protected unknown(what: string, index: number, count: number): never {
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
