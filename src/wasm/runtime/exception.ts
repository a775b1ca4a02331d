// Exceptions of WebAssembly: a tag and the values thrown with it. One that no code catches reaches the host as this error.
// spec: exec/runtime#exception-instances, js-api#exceptions
import { WasienvError } from '../../base/errors.js';
import type { StackFrame } from '../errors.js';
import { fromHost } from './host-values.js';
import { machine } from './machine.js';
import { readSlots, slotsOfType, slotsOfTypes, type Bits } from './slots.js';
import type { Tag } from './tag.js';

/** Thrown to the host by code whose exception nothing caught; thrown by the host (`Exception.of`), code can catch it. */
export class Exception extends WasienvError {
  override readonly name = 'Exception';
  /** What finds `frames`; null: they are known. */
  private trace: (() => readonly StackFrame[]) | null = null;
  private known: readonly StackFrame[] = [];

  constructor(
    readonly tag: Tag,
    /** By their bits, see `slots.ts`. */
    readonly bits: readonly Bits[],
  ) {
    super('E_EXCEPTION', 'an exception was thrown that nothing caught');
  }

  get frames(): readonly StackFrame[] {
    if (this.trace !== null) this.frames = this.trace();
    return this.known;
  }
  set frames(frames: readonly StackFrame[]) {
    this.known = frames;
    this.trace = null;
  }

  /** Where it was raised, as far as that is not known yet. */
  raisedIn(trace: () => readonly StackFrame[]): void {
    if (this.trace === null && this.known.length === 0) this.trace = trace;
  }

  /** An exception for the host to throw; `values` by the rules of the JavaScript API. Throws TypeError when they are not what the tag takes. */
  static of(tag: Tag, values: readonly unknown[]): Exception {
    const { params } = tag.type;
    const base = machine.top;
    // Converting a value may run code of the host, which may call in: such a call starts above.
    machine.top = base + slotsOfTypes(params);
    try {
      let slot = base;
      params.forEach((type, index) => {
        fromHost(type, values[index], slot);
        slot += slotsOfType(type);
      });
      return new Exception(tag, readSlots(params, base));
    } finally {
      machine.top = base;
    }
  }
}
