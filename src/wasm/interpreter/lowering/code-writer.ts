// Writes the words of one function: operations one by one, addresses that are known later, and what may still be changed
// of the words written last. What an operation means is for others to know.
import { describeFunction, LimitError } from '../../errors.js';
import type { ModuleCode } from '../../runtime/module-code.js';
import type { Op } from '../ops.js';
import type { VectorOp } from '../vector-ops.js';

/** Of one function. Branches that carry a thousand operands can make code a thousand times larger than the bytes it comes from. */
const MAX_FUNCTION_WORDS = 1 << 22;

export function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}

export abstract class CodeWriter {
  /** The code, `length` words of it. */
  protected out = new Int32Array(1024);
  protected length = 0;
  protected addresses: number[] = [];
  protected positions: Array<readonly [number, number]> | null = null;

  /** Where the last operation starts that wrote an operand's home as its first operand; -1 when there is none to change. */
  protected last = -1;
  /** Where a MOVE32 starts that nothing jumps behind; -1: none. */
  protected lastMove = -1;
  /** Where an I32_ADD_K starts that nothing jumps behind; -1: none. */
  protected lastSum = -1;
  /** The operation before `last`, when it is one too. */
  protected beforeLast = -1;

  protected code!: ModuleCode;
  protected functionIndex = 0;

  protected growCode(): void {
    if (this.length >= MAX_FUNCTION_WORDS) throw new LimitError(`the code of ${this.subject()} takes more than ${4 * MAX_FUNCTION_WORDS} bytes`);
    this.out = doubled(this.out);
  }
  /** One word more. */
  protected word(word: number): void {
    if (this.length === this.out.length) this.growCode();
    this.out[this.length++] = word;
  }
  protected emit(op: Op, a: number, b: number, c: number): void {
    this.last = -1;
    this.word(op);
    this.word(a);
    this.word(b);
    this.word(c);
  }
  protected emit2(op: Op | VectorOp, a: number, b: number): void {
    this.last = -1;
    this.word(op);
    this.word(a);
    this.word(b);
  }
  protected emit1(op: Op, a: number): void {
    this.last = -1;
    this.word(op);
    this.word(a);
  }
  protected emit0(op: Op): void {
    this.last = -1;
    this.word(op);
  }

  /** An operation whose first operand is the home of the operand pushed last: who takes that may change it. */
  protected result(previous: number, op: Op | VectorOp, d: number, a: number): void {
    this.beforeLast = previous;
    this.last = this.length;
    this.word(op);
    this.word(d);
    this.word(a);
  }
  protected result3(previous: number, op: Op | VectorOp, d: number, a: number, b: number): void {
    this.result(previous, op, d, a);
    this.word(b);
  }

  /** Takes back the last operation. What follows in its place counts as its instruction, or as the one being lowered (`asCurrent`). */
  protected unemit(start: number, asCurrent = false): void {
    this.length = start;
    this.last = -1;
    const { positions } = this;
    if (positions === null) return;
    const [, current] = positions[positions.length - 1]!;
    while (positions.length > 0 && positions[positions.length - 1]![0] > start) positions.pop();
    if (asCurrent) positions.push([start, current]);
  }

  /** A word for an address known later. */
  protected hole(): number {
    this.address(0);
    return this.length - 1;
  }
  protected address(target: number): void {
    this.addresses.push(this.length);
    this.word(target);
  }
  /** Control may arrive here from elsewhere: what was written before must stay as it is. */
  protected barrier(): void {
    this.last = -1;
    this.lastMove = -1;
    this.lastSum = -1;
  }
  /** The words get this place's address. */
  protected bind(holes: readonly number[]): void {
    for (const hole of holes) this.out[hole] = this.length;
    this.barrier();
  }

  protected subject(): string {
    return this.functionIndex < 0 ? 'a constant expression' : describeFunction(this.functionIndex, this.code.functionName(this.functionIndex));
  }
}
