// The memories that threads of a program share: made once by whoever serves the program, in the form its engine has them,
// and never larger than a limit allows.
import type { GuestMemory } from '../../wasi/index.js';
import type { ExternalType, Module } from '../../wasm/index.js';
import { Memory } from '../../wasm/runtime/memory.js';
import type { MemoryType } from '../../wasm/types.js';
import type { EngineName } from '../engine.js';
import { isSharedMemory } from '../imports.js';
import { mostPages, type ProgramLimits } from '../limits.js';
import type { SentMemory } from './protocol.js';

export interface SharedMemories {
  readonly sent: readonly SentMemory[];
  /** Which of them WASI's pointers point into, and its bytes. */
  readonly wasiMemory: number;
  readonly guest: GuestMemory;
  /** The most pages a thread once asked for and did not get because of the limit; 0 where the engine does not tell. */
  refusedPages(): number;
}

/** Throws E_LIMIT for a memory this machine does not have. */
export async function sharedMemories(module: Module, engine: EngineName, limits: ProgramLimits): Promise<SharedMemories> {
  const imports = module.imports.filter(isSharedMemory);
  const types = imports.map(({ description }) => (description as Extract<ExternalType, { readonly kind: 'memory' }>).type);
  const most = mostPages(limits);
  const made = engine === 'host' ? await onHost(types, most) : onInterpreter(types, most);
  const exported = module.exports.find(({ name, kind }) => kind === 'memory' && name === 'memory')?.index ?? 0;
  const wasiMemory = exported < made.length ? exported : 0;
  return {
    sent: imports.map(({ module: from, name }, index) => ({ module: from, name, memory: made[index]!.sent })),
    wasiMemory,
    guest: made[wasiMemory]?.guest ?? { view: () => new Uint8Array() },
    refusedPages: () => Math.max(0, ...made.map(({ refused }) => refused?.() ?? 0)),
  };
}

interface Made {
  readonly sent: unknown;
  readonly guest: GuestMemory;
  readonly refused?: () => number;
}

/** The host takes no limit but the memory's own maximum. */
async function onHost(types: readonly MemoryType[], most = Infinity): Promise<Made[]> {
  const [{ webAssembly }, { viewOf, memoryError }] = await Promise.all([import('../host/web-assembly.js'), import('../host/memory.js')]);
  return types.map(({ limits }) => {
    try {
      const memory = new webAssembly.Memory({ initial: Number(limits.min), maximum: Math.min(Number(limits.max), most), shared: true });
      return { sent: memory, guest: viewOf(memory) };
    } catch (thrown) {
      throw memoryError(thrown) ?? thrown;
    }
  });
}

function onInterpreter(types: readonly MemoryType[], most: number | undefined): Made[] {
  return types.map((type) => {
    const memory = new Memory(type, most);
    return { sent: memory.handle(), guest: memory, refused: () => memory.refusedPages };
  });
}
