// Threads of a program, for tests: see `memory-thread.mjs`. Nothing waits for time: who has to wait does so for another thread.
import { Worker } from 'node:worker_threads';
import { tier } from '../../src/wasm/interpreter/tier/link.js';
import { Memory, type SharedMemoryHandle } from '../../src/wasm/index.js';

type Call = readonly [name: string, ...args: unknown[]];

export interface Thread {
  /** Its modules are instantiated, and its calls begin. */
  readonly ready: Promise<void>;
  /** What its calls returned, in order; of one that failed, `Trap: …`. */
  readonly outcomes: Promise<unknown[]>;
  /** Ends it, wherever it is. */
  end(): Promise<number>;
}

const running = new Set<Worker>();

/** A module that imports `env.memory`, what it is given for that, and what is called. */
export interface Program {
  readonly text: string;
  readonly memory: Memory | SharedMemoryHandle;
  readonly calls: readonly Call[];
}

/** Performs calls of each program in turn in a thread of its own, with the tier that is in use here. */
export const startThread = (...programs: readonly Program[]): Thread =>
  start({ programs: programs.map(({ text, memory, calls }) => ({ text, calls, handle: memory instanceof Memory ? memory.handle() : memory })), settings: { ...tier } });

/** The same on the host's own engine. */
export const startHostThread = (...programs: ReadonlyArray<Omit<Program, 'memory'> & { readonly memory: HostMemory }>): Thread =>
  start({ programs: programs.map(({ text, memory, calls }) => ({ text, calls, hostMemory: memory })), settings: {} });

/** A shared memory of the host's engine. */
export interface HostMemory {
  readonly buffer: SharedArrayBuffer;
}

/** One shared memory, as the host's engine has it and as ours does. It cannot grow. */
export function memoryOfBoth(pages: number): { readonly hostMemory: HostMemory; readonly memory: SharedMemoryHandle } {
  const { Memory: Made } = (globalThis as unknown as { readonly WebAssembly: { readonly Memory: new (type: object) => HostMemory } }).WebAssembly;
  const hostMemory = new Made({ initial: pages, maximum: pages, shared: true });
  const type = { limits: { address: 'i32' as const, min: BigInt(pages), max: BigInt(pages), shared: true } };
  return { hostMemory, memory: { ...new Memory(type).handle()!, buffer: hostMemory.buffer } };
}

function start(workerData: object): Thread {
  const worker = new Worker(new URL('memory-thread.mjs', import.meta.url), { workerData });
  running.add(worker);
  let isReady = (): void => {};
  const ready = new Promise<void>((resolve) => (isReady = resolve));
  const outcomes = new Promise<unknown[]>((resolve, reject) => {
    worker.on('message', (message: unknown) => (message === 'ready' ? isReady() : resolve(message as unknown[])));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread ended with ${code}`)));
  });
  // Who ends a thread does not ask for its outcomes.
  outcomes.catch(() => {});
  return { ready, outcomes, end: () => worker.terminate() };
}

/** For `afterEach`. */
export async function endThreads(): Promise<void> {
  await Promise.all([...running].map((worker) => worker.terminate()));
  running.clear();
}
