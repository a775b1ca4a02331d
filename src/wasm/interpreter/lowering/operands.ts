// The stack of operands as descriptions in place of values, and the locals they may stand for. A `local.get` or a constant is
// only described, and becomes an operand of whoever consumes it; results are written where they are wanted.
import { isReference, Type, type ValueType } from '../../types.js';
import { floatConstant } from '../../runtime/code-space.js';
import { Op } from '../ops.js';
import type { Frame } from './blocks.js';
import { CodeWriter, doubled } from './code-writer.js';
import { is32, slotsOf } from './value-types.js';

/** How an operand is known. */
export const enum Kind {
  /** In its home slot. */
  HOME,
  /** In the slot of a local. */
  LOCAL,
  CONST,
  /** An i32 not added up yet: the slot of a local, or the operand's own home, plus a constant. */
  SUM,
}

/** One f64 and its words. */
export const FLOAT = new Float64Array(1);
export const WORDS = new Int32Array(FLOAT.buffer);

export abstract class Operands extends CodeWriter {
  protected localSlots: number[] = [];
  protected localTypes: ValueType[] = [];
  /** The frame a declared local was first written in; null while neither read nor written. */
  protected firstWrites: Array<Frame | null> = [];
  protected parameters = 0;
  /** Declared locals that must start as zero or null. */
  protected zeroed: boolean[] = [];
  /** Operands that are the value of a local, by local. */
  protected aliases: number[] = [];

  protected height = 0;
  protected types = new Int32Array(64);
  protected kinds = new Int32Array(64);
  protected homes = new Int32Array(64);
  /** Slot of the local, or low word of the constant. */
  protected values = new Int32Array(64);
  /** High word of the constant, or what is added to the slot. */
  protected highs = new Int32Array(64);
  /** The local whose slot it depends on; -1: none. */
  protected locals = new Int32Array(64);
  /** Operands below this one are no aliases. */
  protected settled = 0;
  protected nextHome = 1;
  protected frameSize = 1;
  protected hasReferences = false;

  protected frames: Frame[] = [];

  protected push(type: ValueType, kind: Kind, value: number, high: number): void {
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
  protected growOperands(): void {
    this.types = doubled(this.types);
    this.kinds = doubled(this.kinds);
    this.homes = doubled(this.homes);
    this.values = doubled(this.values);
    this.highs = doubled(this.highs);
    this.locals = doubled(this.locals);
  }
  protected pushHome(type: ValueType): number {
    this.push(type, Kind.HOME, 0, 0);
    return this.nextHome - slotsOf(type);
  }
  protected pushAll(types: readonly ValueType[]): void {
    for (const type of types) this.pushHome(type);
  }

  protected pop(): void {
    const index = --this.height;
    this.forgetLocal(index);
    this.nextHome = this.homes[index]!;
    if (this.settled > index) this.settled = index;
  }
  /** Operand `index` no longer depends on a local. */
  protected forgetLocal(index: number): void {
    const local = this.locals[index]!;
    if (local < 0) return;
    this.aliases[local]!--;
    this.locals[index] = -1;
  }
  protected popTo(height: number): void {
    while (this.height > height) this.pop();
  }

  /** The slot operand `index` can be read from; a constant is written home first. */
  protected slot(index: number): number {
    switch (this.kinds[index] as Kind) {
      case Kind.HOME: return this.homes[index]!;
      case Kind.LOCAL: return this.values[index]!;
      case Kind.CONST:
      case Kind.SUM:
        this.bringHome(index);
        return this.homes[index]!;
    }
  }

  protected bringHome(index: number): void {
    if (this.kinds[index] === Kind.HOME) return;
    this.copyTo(this.homes[index]!, index);
    this.forgetLocal(index);
    this.kinds[index] = Kind.HOME;
  }
  /** Brings the uppermost operands home. */
  protected bringTopHome(count: number): void {
    for (let index = this.height - count; index < this.height; index++) this.bringHome(index);
  }

  /** Writes operand `index` to a slot, where it keeps its type. */
  protected copyTo(target: number, index: number): void {
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
  protected emitFloat(target: number, low: number, high: number): void {
    WORDS[0] = low;
    WORDS[1] = high;
    const index = floatConstant(FLOAT[0]!);
    if (index < 0) this.emit(Op.CONST64, target, low, high);
    else this.emit2(Op.CONST_F64, target, index);
  }
  protected move(type: ValueType, target: number, source: number): void {
    if (target === source) return;
    if (is32(type)) this.move32(target, source);
    else if (isReference(type)) this.emit2(Op.REF_MOVE, target, source);
    else if (type === Type.F64) this.emit2(Op.MOVE_F64, target, source);
    else {
      this.emit2(Op.MOVE64, target, source);
      if (type === Type.V128) this.emit2(Op.MOVE64, target + 1, source + 1);
    }
  }

  protected move32(target: number, source: number): void {
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
  protected settleAliases(local: number): void {
    for (let index = this.height - 1; this.aliases[local]! > 0; index--) {
      if (this.locals[index] === local) this.bringHome(index);
    }
  }
  /** Before control flow divides: no operand may depend on a local that only one way changes. */
  protected settleAll(): void {
    for (let index = this.settled; index < this.height; index++) if (this.kinds[index] !== Kind.CONST) this.bringHome(index);
    this.settled = this.height;
  }

  /** Moves the uppermost `count` operands to adjacent slots from `target` on, below or at their homes. */
  protected moveTop(count: number, target: number): void {
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

  /** Returns the slot behind the local's. */
  protected addLocal(type: ValueType, slot: number): number {
    this.localSlots.push(slot);
    this.localTypes.push(type);
    this.firstWrites.push(null);
    this.zeroed.push(false);
    this.aliases.push(0);
    if (isReference(type)) this.hasReferences = true;
    return slot + slotsOf(type);
  }

  protected readLocal(local: number): void {
    if (local >= this.parameters && !this.zeroed[local]) {
      const frame = this.firstWrites[local]!;
      if (frame === null || frame.ended) this.zeroed[local] = true;
    }
  }
  /** A first write makes later reads safe as long as its block lasts: whatever leads to them leads through it. */
  protected writeLocal(local: number): void {
    if (local >= this.parameters && !this.zeroed[local]) {
      const frame = this.firstWrites[local]!;
      if (frame === null) this.firstWrites[local] = this.frames[this.frames.length - 1]!;
      else if (frame.ended) this.zeroed[local] = true;
    }
  }

  protected getLocal(local: number): void {
    this.readLocal(local);
    this.aliases[local]!++;
    this.push(this.localTypes[local]!, Kind.LOCAL, this.localSlots[local]!, 0);
    this.locals[this.height - 1] = local;
  }

  protected setLocal(local: number): void {
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
}
