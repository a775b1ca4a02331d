// Tables: references by number.
// spec: exec/runtime#table-instances, exec/instructions#table-grow, js-api#tables
import { LimitError } from '../errors.js';
import type { ValueType, TableType } from '../types.js';
import { countFromHost, referenceFromHost, referenceToHost } from './host-values.js';

/** As many elements as browsers allow. */
export const MAX_TABLE_ELEMENTS = 10_000_000;

/** A table of an instance; may be imported by others. The host uses `get`, `set`, `grow` and `length`. */
export class Table {
  readonly elements: unknown[] = [];

  /** `element` is canonical. Throws LimitError when its minimum is beyond `MAX_TABLE_ELEMENTS`. */
  constructor(
    readonly type: TableType,
    readonly element: ValueType,
    init: unknown,
  ) {
    if (type.limits.min > BigInt(MAX_TABLE_ELEMENTS)) throw new LimitError(`a table of ${type.limits.min} elements is more than the ${MAX_TABLE_ELEMENTS} of this engine`);
    this.fillTo(Number(type.limits.min), init);
  }

  get length(): number {
    return this.elements.length;
  }

  /** An element as the host sees it. Throws RangeError when there is none at `index`, TypeError when that is no index. */
  get(index: number): unknown {
    return referenceToHost(this.elements[this.place(index)]);
  }
  /** Throws what `get` throws, and TypeError when `value` is not of the table's type. */
  set(index: number, value: unknown): void {
    this.elements[this.place(index)] = referenceFromHost(this.element, value);
  }
  private place(index: number): number {
    const at = countFromHost(index);
    if (at >= this.elements.length) throw new RangeError(`no element ${at} in a table of ${this.elements.length}`);
    return at;
  }

  /** Adds elements and returns how many there were, or -1 and changes nothing. Throws TypeError for no count, and when `value` is not of the table's type. */
  grow(delta: number, value: unknown = null): number {
    return this.extend(countFromHost(delta), referenceFromHost(this.element, value));
  }

  /** The same for code: `value` is as the elements are. */
  extend(delta: number, value: unknown): number {
    const before = this.elements.length;
    const { max } = this.type.limits;
    if (before + delta > MAX_TABLE_ELEMENTS || (max !== null && BigInt(before + delta) > max)) return -1;
    this.fillTo(before + delta, value);
    return before;
  }

  private fillTo(length: number, value: unknown): void {
    while (this.elements.length < length) this.elements.push(value);
  }
}
