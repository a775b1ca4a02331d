// Calls: arguments go to where the callee's frame starts, above ours; those of a tail call take the place of ours.
import type { ValueType } from '../../types.js';
import { Op } from '../ops.js';
import { Control } from './control.js';

export abstract class Calls extends Control {
  protected call(functionIndex: number): void {
    const { params, results } = this.code.functionType(functionIndex);
    const delta = this.prepareCall(params);
    this.emit2(functionIndex < this.code.importedFunctions ? Op.CALL_IMPORT : Op.CALL_FIRST, functionIndex, delta);
    this.pushAll(results);
  }

  protected callIndirect(): void {
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

  protected callRef(): void {
    const { params, results } = this.code.typeAt(this.reader.u32());
    const a = this.slot(this.height - 1);
    this.pop();
    const delta = this.prepareCall(params);
    this.emit2(Op.CALL_REF, a, delta);
    this.pushAll(results);
  }

  protected tailCall(functionIndex: number): void {
    this.moveTop(this.code.functionType(functionIndex).params.length, 0);
    this.emit1(functionIndex < this.code.importedFunctions ? Op.TAIL_CALL_IMPORT : Op.TAIL_CALL_FIRST, functionIndex);
    this.dead = true;
  }

  protected tailCallIndirect(): void {
    const typeIndex = this.reader.u32();
    const table = this.reader.u32();
    this.narrow(this.height - 1, this.code.tables[table]!.limits);
    const a = this.takeHome();
    this.moveTop(this.code.typeAt(typeIndex).params.length, 0);
    this.emit(Op.TAIL_CALL_INDIRECT, table, this.code.typeIds[typeIndex]!, a);
    this.dead = true;
  }

  protected tailCallRef(): void {
    const typeIndex = this.reader.u32();
    const a = this.takeHome();
    this.moveTop(this.code.typeAt(typeIndex).params.length, 0);
    this.emit1(Op.TAIL_CALL_REF, a);
    this.dead = true;
  }

  /** The slot of the uppermost operand, above all that arguments moved to slot 0 can overwrite. */
  protected takeHome(): number {
    const top = this.height - 1;
    this.bringHome(top);
    this.pop();
    return this.homes[top]!;
  }

  /** Brings the arguments to where the callee's frame starts, and returns how far above ours that is. */
  protected prepareCall(params: readonly ValueType[]): number {
    this.bringTopHome(params.length);
    this.popTo(this.height - params.length);
    return this.nextHome;
  }
}
