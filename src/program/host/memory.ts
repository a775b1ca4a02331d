// A memory of the host's engine as the counter sees it.
import { LimitError } from '../../wasm/errors.js';
import type { HostMemory } from './web-assembly.js';

/** The host gives a new buffer each time a memory grows. */
export function viewOf(memory: HostMemory): { view(): Uint8Array } {
  let view = new Uint8Array(memory.buffer);
  return { view: () => (view.buffer === memory.buffer ? view : (view = new Uint8Array(memory.buffer))) };
}

/** What the interpreter says of a memory for which there is no room. */
export function memoryError(thrown: unknown): LimitError | undefined {
  return thrown instanceof RangeError && /memory/i.test(thrown.message) ? new LimitError('a memory of the module is more than this machine has', { cause: thrown }) : undefined;
}
