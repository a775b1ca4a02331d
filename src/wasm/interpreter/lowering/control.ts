// Blocks, branches and handlers. Where control flow meets, the values that flow there are at home.
import { CatchCode, skipInstruction } from '../../binary/immediates.js';
import { Reader } from '../../binary/reader.js';
import { isConcrete, isReference, Type, typeIndexOf, type ValueType } from '../../types.js';
import { Code } from '../codes.js';
import { Op } from '../ops.js';
import { Flow, newFrame, type Frame, type OpenRegion } from './blocks.js';
import { MemoryAccess } from './memory.js';
import { Kind } from './operands.js';
import { is32, NONE, single } from './value-types.js';

export abstract class Control extends MemoryAccess {
  protected reader = new Reader(new Uint8Array(0));
  /** Loops some branch goes back to. */
  protected loops: Frame[] = [];
  protected regions: OpenRegion[] = [];
  protected dead = false;

  /** Behind the code, an operation for each loop that its branches back lead through while it is new. */
  protected addLoops(): void {
    for (const { backs, target } of this.loops) {
      const start = this.length;
      for (const at of backs) this.out[at] = start;
      this.emit1(Op.LOOP, 0);
      this.address(target);
      this.word(backs.length);
      for (const at of backs) this.address(at);
    }
  }

  protected frameAt(depth: number): Frame {
    return this.frames[this.frames.length - 1 - depth]!;
  }

  protected open(flow: Flow): void {
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

  protected openRegion(outer: number): number {
    this.barrier();
    return this.regions.push({ start: this.length, end: -1, outer, clauses: [] }) - 1;
  }

  /** The handlers of a `try_table` stand in front of its body: each takes what it is handed to its label. */
  protected openTryTable(params: readonly ValueType[], outer: number): number {
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
    for (const clause of clauses) this.regions[region]!.clauses.push(clause);
    return region;
  }

  /** A handler of a legacy `try`: `tag` -1 takes all. The exception lies in the slot below its values, for `rethrow`. */
  protected catchArm(tag: number): void {
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
  protected endArm(frame: Frame): void {
    if (this.dead) return;
    this.bringResults(frame);
    this.emit0(Op.BR);
    frame.exits.push(this.hole());
  }
  protected bringResults(frame: Frame): void {
    // In a handler the exception lies between the block's operands and its own.
    if (frame.flow === Flow.CATCH) this.moveTop(frame.results.length, frame.base);
    else this.bringTopHome(frame.results.length);
  }

  protected delegate(frame: Frame): void {
    // Labels count from outside the `try` that delegates.
    const target = this.frames[this.frames.length - 2 - this.reader.u32()]!;
    this.regions[frame.region]!.outer = target.flow === Flow.FUNCTION ? -1 : target.region;
    this.end();
  }

  protected elseArm(): void {
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

  protected end(): void {
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

  protected emitReturn(results: readonly ValueType[]): void {
    const top = this.height - 1;
    if (results.length === 1 && this.kinds[top] !== Kind.CONST && !isReference(results[0]!) && results[0] !== Type.V128) {
      this.emit1(is32(results[0]!) ? Op.RETURN32 : results[0] === Type.F64 ? Op.RETURN_F64 : Op.RETURN64, this.slot(top));
      return;
    }
    this.moveTop(results.length, 0);
    this.emit0(Op.RETURN);
  }

  /** The words of an address that leads to the label of `frame`, which is no function with results. */
  protected addressOf(frame: Frame): void {
    if (frame.flow === Flow.LOOP) {
      frame.backs.push(this.length);
      this.address(frame.target);
    } else frame.exits.push(this.hole());
  }
  protected static labelTypes(frame: Frame): readonly ValueType[] {
    return frame.flow === Flow.LOOP ? frame.params : frame.results;
  }
  /** Whether the operands a branch takes with it are not yet where they belong, once at home. */
  protected mustMove(frame: Frame): boolean {
    const count = Control.labelTypes(frame).length;
    return count > 0 && (frame.flow === Flow.FUNCTION || this.homes[this.height - count] !== frame.base);
  }

  /** Code that goes to a label, operands included. */
  protected emitBranch(frame: Frame): void {
    const types = Control.labelTypes(frame);
    if (frame.flow === Flow.FUNCTION) {
      this.emitReturn(types);
      return;
    }
    if (this.mustMove(frame)) this.moveTop(types.length, frame.base);
    else this.bringTopHome(types.length);
    this.emit0(Op.BR);
    this.addressOf(frame);
  }

  protected branchIf(frame: Frame): void {
    this.takeCondition();
    this.branchOnCondition(frame);
  }

  protected branchOnCondition(frame: Frame): void {
    const count = Control.labelTypes(frame).length;
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

  protected branchTable(): void {
    const { reader } = this;
    const count = reader.u32();
    const frames: Frame[] = [];
    for (let left = count; left >= 0; left--) frames.push(this.frameAt(reader.u32()));
    const a = this.slot(this.height - 1);
    this.pop();
    this.bringTopHome(Control.labelTypes(frames[0]!).length);
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

  /** Reads over instructions that are never reached, up to the `else` or `end` that belongs to the innermost frame. */
  protected skipDeadCode(): void {
    const { reader } = this;
    for (let nested = 0; ; ) {
      const byte = reader.bytes[reader.position]!;
      if (nested === 0 && (byte === Code.END || byte === Code.ELSE || byte === Code.CATCH || byte === Code.CATCH_ALL || byte === Code.DELEGATE)) return;
      if (byte === Code.BLOCK || byte === Code.LOOP || byte === Code.IF || byte === Code.TRY || byte === Code.TRY_TABLE) nested++;
      else if (byte === Code.END || byte === Code.DELEGATE) nested--;
      skipInstruction(reader);
    }
  }
}
