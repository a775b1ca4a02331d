// Globals: two words (a vector: four) in the words of the instance that defines them, or a reference.
// spec: exec/runtime#global-instances, js-api#globals
import { isReference, Type, type GlobalType, type ValueType } from '../types.js';
import { referenceFromHost, referenceToHost } from './host-values.js';
import type { Bits } from './slots.js';

/** A global of an instance, or one of the host's own (`Global.of`) to be imported. The host uses `value`, by the rules of the JavaScript API. */
export class Global {
  /** For reference types. */
  reference: unknown = null;

  constructor(
    readonly type: GlobalType,
    /** Canonical. */
    readonly valueType: ValueType,
    /** Shared with the instance that defines the global; the value's low word is at `at`. */
    readonly words: Int32Array,
    readonly at: number,
  ) {}

  /** A global of the host's own, its value by the rules of the JavaScript API. Concrete references in `type` are canonical. */
  static of(type: GlobalType, value: unknown): Global {
    const global = new Global(type, type.type, new Int32Array(4), 0);
    global.write(value);
    return global;
  }

  get value(): unknown {
    const { words, at } = this;
    switch (this.valueType) {
      case Type.I32: return words[at];
      case Type.F32: return new Float32Array(words.slice(at, at + 1).buffer)[0];
      case Type.I64: return new BigInt64Array(words.slice(at, at + 2).buffer)[0];
      case Type.F64: return new Float64Array(words.slice(at, at + 2).buffer)[0];
      case Type.V128: throw new TypeError('a v128 has no JavaScript value');
      default: return referenceToHost(this.reference);
    }
  }
  set value(value: unknown) {
    if (!this.type.mutable) throw new TypeError('the global is immutable');
    this.write(value);
  }

  private write(value: unknown): void {
    const { words, at } = this;
    switch (this.valueType) {
      case Type.I32: words[at] = value as number; return;
      case Type.F32: words.set(new Int32Array(Float32Array.of(value as number).buffer), at); return;
      case Type.I64: words.set(new Int32Array(BigInt64Array.of(value as bigint).buffer), at); return;
      case Type.F64: words.set(new Int32Array(Float64Array.of(value as number).buffer), at); return;
      case Type.V128: throw new TypeError('a v128 has no JavaScript value');
      default: this.reference = referenceFromHost(this.valueType, value);
    }
  }

  get bits(): Bits {
    const { words, at } = this;
    if (isReference(this.valueType)) return this.reference;
    switch (this.valueType) {
      case Type.I32: return words[at];
      case Type.F32: return words[at]! >>> 0;
      case Type.I64: return new BigInt64Array(words.slice(at, at + 2).buffer)[0];
      case Type.F64: return new BigUint64Array(words.slice(at, at + 2).buffer)[0];
      default: return new Uint8Array(words.slice(at, at + 4).buffer);
    }
  }
  /** Sets the value while the instance is made; afterwards only code and `value` do. */
  set bits(bits: Bits) {
    const { words, at } = this;
    if (isReference(this.valueType)) this.reference = bits;
    else if (bits instanceof Uint8Array) words.set(new Int32Array(bits.slice().buffer), at);
    else if (typeof bits === 'bigint') words.set(new Int32Array(BigInt64Array.of(bits).buffer), at);
    else words[at] = bits as number;
  }
}
