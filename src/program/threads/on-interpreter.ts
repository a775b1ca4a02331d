// Threads on the interpreter: each decodes the module for itself, because code is made as it runs, and attaches to the memories.
import { decode } from '../../wasm/binary/decode.js';
import { instantiate, type ImportObject } from '../../wasm/instantiate.js';
import type { Instance } from '../../wasm/runtime/instance.js';
import { Memory, type SharedMemoryHandle } from '../../wasm/runtime/memory.js';
import { Probes } from '../../wasm/runtime/probes.js';
import { assumeValid } from '../../wasm/validate/validate.js';
import { overflownStack } from '../c-stack.js';
import type { ThreadSetup } from './protocol.js';
import type { Player } from './seat.js';

export function onInterpreter({ bytes, memories: sent, wasiMemory, emit, maxDepth }: ThreadSetup): Player {
  const module = decode(bytes);
  // Whoever sent it has seen that it is.
  assumeValid(module);
  const memories = sent.map((each) => ({ ...each, memory: Memory.attach(each.memory as SharedMemoryHandle) }));
  let instance: Instance | undefined;
  return {
    view: () => memories[wasiMemory]!.memory.view(),
    run(functions, name, args) {
      const imports: Record<string, Record<string, unknown>> = {};
      for (const [from, each] of Object.entries(functions)) imports[from] = { ...each };
      for (const { module: from, name: field, memory } of memories) (imports[from] ??= {})[field] = memory;
      const probes = maxDepth === undefined ? undefined : new Probes({ depth: maxDepth, tally: false, profile: false });
      instance = instantiate(module, imports as ImportObject, { emit, ...(probes === undefined ? {} : { probes }) });
      (instance.exports[name] as (...args: readonly number[]) => void)(...args);
    },
    judge: async (thrown) => thrown,
    overflown: (trap) => (instance === undefined ? undefined : overflownStack(module, instance, trap)),
  };
}
