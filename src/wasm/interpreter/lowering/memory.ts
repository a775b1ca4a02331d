// Loads, stores, and what works on memories and tables as a whole. Which form a load or store takes depends on how its address
// is known: a constant, a slot plus a constant, the sum of two slots, any slot.
import type { Reader } from '../../binary/reader.js';
import { Type, type Limits } from '../../types.js';
import { Code } from '../codes.js';
import { Op } from '../ops.js';
import { Arithmetic, RESULT_TYPES } from './arithmetic.js';
import { Kind } from './operands.js';

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

/** Of what is 32 bits whatever the memory or table. */
const NARROW: Limits = { address: 'i32', min: 0n, max: null, shared: false };

export abstract class MemoryAccess extends Arithmetic {
  protected abstract reader: Reader;

  /** The offset of a memory argument; inexact only where it is beyond every memory anyway. */
  protected offset(): number {
    const { reader } = this;
    let result = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = reader.byte();
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return result;
    }
  }

  protected access(code: number): void {
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

  protected accessAt(code: number, op: Op, address: number): void {
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

  protected accessSum(code: number, op: Op, at: number, offset: number): void {
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

  protected accessAnywhere(code: number, memory: number, a: number, value: number, offset: number): void {
    this.emit(Op.ACCESS, code, memory, a);
    this.word(value);
    this.word(offset | 0);
    this.word(Math.min(Math.floor(offset / 2 ** 32), 2 ** 30));
  }

  /**
   * The slot of an address, count or index. One of 64 bits is brought to 32 first, where what does not fit becomes
   * 0xffffffff: beyond every table, and beyond every 64-bit memory, which have a page less for that.
   */
  protected narrow(index: number, limits: Limits): number {
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
  protected widen(limits: Limits, signed: boolean): void {
    if (limits.address !== 'i64') return;
    const top = this.height - 1;
    const home = this.homes[top]!;
    this.emit2(signed ? Op.I64_EXTEND_I32_S : Op.I64_EXTEND_I32_U, home, home);
    this.types[top] = Type.I64;
  }

  /** Operands `a b c`, each an address, index or count as its limits say, then immediates. */
  protected three(op: Op, limits: readonly [a: Limits, b: Limits, c: Limits], first: number, second: number): void {
    const top = this.height - 1;
    const a = this.narrow(top - 2, limits[0]);
    const b = this.narrow(top - 1, limits[1]);
    const c = this.narrow(top, limits[2]);
    this.popTo(top - 2);
    this.emit(op, a, b, c);
    this.word(first);
    if (second >= 0) this.word(second);
  }

  protected bulk(): void {
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

  protected memory(index: number): Limits {
    return this.code.memories[index]!.limits;
  }
  protected table(index: number): Limits {
    return this.code.tables[index]!.limits;
  }
}
