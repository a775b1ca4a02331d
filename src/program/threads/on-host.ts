// Threads on the engine of Node: the module was compiled once for all of them, and its memory is the host's own. What tells
// of traps is loaded when there is one.
import { memoryError, viewOf } from '../host/memory.js';
import { FRAMES_KEPT, uncatchable, type Uncatchable } from '../host/shim.js';
import { webAssembly, type HostMemory } from '../host/web-assembly.js';
import type { ThreadSetup } from './protocol.js';
import type { Player } from './seat.js';

export function onHost({ compiled, functions: wanted, memories, wasiMemory, bytes }: ThreadSetup): Player {
  Error.stackTraceLimit = FRAMES_KEPT;
  let made: Uncatchable | undefined;
  const { view } = viewOf(memories[wasiMemory]?.memory as HostMemory);
  return {
    view,
    run(functions, name, args) {
      made ??= uncatchable(wanted, functions);
      const imports: Record<string, Record<string, unknown>> = {};
      for (const [module, each] of Object.entries(made.imports)) imports[module] = { ...each };
      for (const { module, name: field, memory } of memories) (imports[module] ??= {})[field] = memory;
      const { exports } = new webAssembly.Instance(compiled!, imports);
      (exports[name] as (...args: readonly number[]) => void)(...args);
    },
    async judge(thrown) {
      const own = made?.failure();
      if (own !== undefined && !(own.error instanceof RangeError)) return own.error;
      const [{ decode }, { placesOf, stopOf }] = await Promise.all([import('../../wasm/binary/decode.js'), import('../host/traps.js')]);
      return stopOf(thrown, own?.error instanceof RangeError, placesOf(decode(bytes), bytes, true)) ?? memoryError(thrown) ?? thrown;
    },
    // The host does not show what globals an instance has that it does not export.
    overflown: () => undefined,
  };
}
