// Instructions on references, structures and arrays.
import { concreteHeap, referenceTo, Type, type ArrayType, type HeapType, type StorageType, type StructType, type ValueType } from '../../types.js';
import { canonicalType } from '../../validate/type-registry.js';
import { fieldKind } from '../../runtime/objects.js';
import { Code } from '../codes.js';
import { Op } from '../ops.js';
import { Cond } from './arithmetic.js';
import type { Frame } from './blocks.js';
import { Calls } from './calls.js';
import { unpacked } from './value-types.js';

export abstract class Objects extends Calls {
  /** A reference type as code has it: canonical. */
  protected canonical(heap: HeapType, nullable: boolean): ValueType {
    return canonicalType(referenceTo(heap, nullable), this.code.typeIds);
  }

  /** The branch depends on a test of the uppermost operand, a reference that stays. The outcome is in its home, of the 32-bit slots. */
  protected testTop(op: Op, type: number, holds: boolean): void {
    const top = this.height - 1;
    const a = this.slot(top);
    this.cond = Cond.VALUE;
    this.condA = this.homes[top]!;
    this.condNegated = !holds;
    if (op === Op.REF_TEST) this.emit(op, this.condA, a, type);
    else this.emit2(op, this.condA, a);
  }

  protected branchOnNull(frame: Frame): void {
    this.testTop(Op.REF_IS_NULL, 0, true);
    // The reference is none of the operands the branch takes along, and is on top again behind it.
    const top = this.height - 1;
    const type = this.types[top]!;
    this.bringHome(top);
    this.pop();
    this.branchOnCondition(frame);
    this.pushHome(type);
  }

  protected castBranch(holds: boolean): void {
    const { reader } = this;
    const flags = reader.byte();
    const frame = this.frameAt(reader.u32());
    reader.heapType();
    this.testTop(Op.REF_TEST, this.canonical(reader.heapType(), (flags & 2) !== 0), holds);
    this.branchOnCondition(frame);
  }

  protected fieldsOf(typeIndex: number): StructType['fields'] {
    return (this.code.module.types[typeIndex]!.composite as StructType).fields;
  }
  protected elementOf(typeIndex: number): StorageType {
    return (this.code.module.types[typeIndex]!.composite as ArrayType).field.storage;
  }

  /** Operands at home, in adjacent slots: the first one, or where the next operand will be. */
  protected takeAdjacent(count: number): number {
    this.bringTopHome(count);
    this.popTo(this.height - count);
    return this.nextHome;
  }

  protected objectInstruction(): void {
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

  protected pushReference(typeIndex: number): number {
    return this.pushHome(referenceTo(concreteHeap(typeIndex), false));
  }
  protected oneToOne(op: Op, type: ValueType): void {
    const a = this.slot(this.height - 1);
    this.pop();
    this.emit2(op, this.pushHome(type), a);
  }
  /** An operation on the uppermost operands, without a result. */
  protected slots(op: Op, count: number): void {
    const first = this.height - count;
    const slots: number[] = [];
    for (let index = first; index < this.height; index++) slots.push(this.slot(index));
    this.popTo(first);
    this.emit0(op);
    for (const slot of slots) this.word(slot);
  }
}
