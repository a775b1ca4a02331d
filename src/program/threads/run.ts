// A program of several threads: all of them run in workers, its own first one too, and this thread only serves their calls.
// So whatever they do, spin or sleep, the program ends when one of them ends it: by `proc_exit` or a trap of any thread, by
// the return of the first one, by a limit. What cannot be kept true with threads is refused here.
// https://github.com/WebAssembly/wasi-threads
import { WasienvError } from '../../base/errors.js';
import type { WasiObserver, WasiOptions } from '../../wasi/index.js';
import { clockOrigin, hostClock } from '../../wasi/host/clock.js';
import { Parking } from '../../wasi/parking.js';
import { SharedCounter } from '../../wasi/shared-counter.js';
import { encode } from '../../wasm/binary/encode.js';
import type { Module } from '../../wasm/index.js';
import { PAGE_BYTES } from '../../wasm/types.js';
import { aboutFile, noThreadsError } from '../errors.js';
import { compile } from '../host/engine.js';
import { wantedFunctions, type WantedFunction } from '../host/shim.js';
import { placesOf } from '../host/traps.js';
import { isThreadSpawn, needsThreads } from '../imports.js';
import { requireMemoryWithin, timeIsOver } from '../limits.js';
import { loadModule, requireCommand } from '../load.js';
import { refuseProbes, runProgram, stoppedStatus, type ExitStatus, type ProgramOptions } from '../run.js';
import { avoidBrokenBaselineCode } from './baseline-code.js';
import { Crew } from './crew.js';
import { inThread, receivedError, receivedStop } from './ends.js';
import { sharedMemories, type SharedMemories } from './memories.js';
import type { SentStop, ThreadEnd, ThreadSetup } from './protocol.js';

/** Each takes a worker of Node, with 8 MB on the engine of the host and 14 on the interpreter: all of them less than 1 GB. */
export const MOST_THREADS = 64;

export type ThreadsOptions = Omit<ProgramOptions, 'wasi' | 'observer'> & (
  | { readonly bytes: Uint8Array }
  | { readonly module: Module; readonly bytes?: Uint8Array }
) & {
  readonly wasi: WasiOptions;
  /** Threads alive at once beside the main one; `thread-spawn` answers below zero when there are so many. `MOST_THREADS` unless told. */
  readonly maxThreads?: number;
  readonly watcher?: ThreadsWatcher;
};

/** Sees what the threads of a program do; 0 is the main one. */
export interface ThreadsWatcher {
  /** For the WASI calls of one thread. */
  observerOf(thread: number): WasiObserver;
  /** `thread-spawn` was called, and answered so. */
  spawned(thread: number, argument: number, answer: number): void;
  /** A thread that was started has come to its end. */
  returned(thread: number): void;
}

/**
 * Runs a WASI command and its threads to their end; of a module without threads, the same as `runProgram` does.
 * Rejects with what `runProgram` throws, and E_USAGE for what cannot be counted over several threads.
 */
export async function runThreads(options: ThreadsOptions): Promise<ExitStatus> {
  const { name, limits = {}, engine } = options;
  const module = 'module' in options ? options.module : loadModule(options.bytes, name);
  requireCommand(module, name);
  if (!needsThreads(module)) return runProgram({ ...options, ...(options.watcher === undefined ? {} : { observer: options.watcher.observerOf(0) }) });
  refuse(options);
  const maxThreads = options.maxThreads ?? MOST_THREADS;
  if (maxThreads === 0) throw noThreadsError(name, 'it is given none', 'allow it some: `--max-threads 64`, or leave that option away');
  requireMemoryWithin(module, limits, name);
  try {
    return await new Program(module, options, await sharedMemories(module, engine?.name ?? 'interpreter', limits), maxThreads).run();
  } catch (error) {
    throw aboutFile(name, error);
  }
}

function refuse(options: ThreadsOptions): void {
  const { limits = {}, counting } = options;
  const what = limits.fuel !== undefined ? 'a limit of instructions' : counting !== undefined ? 'counting instructions' : undefined;
  if (what !== undefined) {
    throw new WasienvError('E_USAGE', `${what} is for programs of one thread: the instructions of several are not counted together`, {
      next: limits.fuel !== undefined ? 'leave out `--fuel`; `--timeout` stops a program with threads' : 'leave it out, or build the program without threads',
    });
  }
  refuseProbes(options);
}

/** One run. */
class Program {
  private readonly counter: SharedCounter;
  private readonly crew: Crew;
  private readonly bytes: Uint8Array;
  private readonly original: boolean;
  private timer: NodeJS.Timeout | undefined;
  private settle: (status: ExitStatus) => void = () => {};
  private fail: (error: unknown) => void = () => {};

  constructor(
    private readonly module: Module,
    private readonly options: ThreadsOptions,
    private readonly memories: SharedMemories,
    maxThreads: number,
  ) {
    const { wasi, watcher, engine, emit = true, limits = {} } = options;
    this.original = options.bytes !== undefined && module.textPlaces === undefined;
    const bytes = this.original ? options.bytes! : encode(module, { names: true });
    // One copy for all threads.
    this.bytes = shared(bytes);
    const origin = clockOrigin();
    if (engine !== undefined) avoidBrokenBaselineCode();
    const functions = wantedFunctions(module);
    const setup: ThreadSetup = {
      engine: engine?.name ?? 'interpreter',
      emit,
      maxDepth: limits.maxDepth,
      bytes: this.bytes,
      compiled: engine === undefined ? undefined : compile(bytes),
      functions,
      memories: memories.sent,
      wasiMemory: memories.wasiMemory,
      // A clock that somebody else keeps, or calls that somebody sees, are everybody's.
      clock: watcher === undefined && wasi.clock === undefined && wasi.random === undefined ? origin : undefined,
    };
    this.counter = new SharedCounter({ ...wasi, clock: wasi.clock ?? hostClock(origin) }, new Parking());
    this.counter.bind(memories.guest);
    this.crew = new Crew({
      setup,
      maxThreads,
      functionsOf: (thread) => {
        const observer = watcher?.observerOf(thread);
        return functions.map((each) => (isSpawn(each) ? undefined : this.counter.function(each.module, each.name, observer)));
      },
      ended: (outcome) => ('exit' in outcome ? this.settle({ kind: 'exit', code: outcome.exit }) : this.fail(outcome.failed)),
      spawned: (thread, argument, answer) => watcher?.spawned(thread, argument, answer),
      finished: (end, thread) => this.finished(end, thread),
      lost: (error, thread) => this.fail(lostThread(error, thread)),
    });
  }

  async run(): Promise<ExitStatus> {
    try {
      const status = await new Promise<ExitStatus>((resolve, reject) => {
        this.settle = resolve;
        this.fail = reject;
        this.setTimer();
        this.crew.begin();
      });
      const pages = this.memories.refusedPages();
      return pages === 0 ? status : { ...status, refusedBytes: pages * PAGE_BYTES };
    } finally {
      clearTimeout(this.timer);
      await this.crew.dismiss();
      this.counter.close();
    }
  }

  private setTimer(): void {
    const timeoutMs = this.options.limits?.timeoutMs;
    if (timeoutMs === undefined) return;
    this.timer = setTimeout(() => this.settle({ kind: 'limit', error: timeIsOver(timeoutMs) }), timeoutMs);
  }

  private finished(end: ThreadEnd, thread: number): void {
    if (end.kind === 'failed') this.fail(receivedError(end.error, thread));
    else if (end.kind === 'stopped') this.settle(stoppedStatus(receivedStop(this.placed(end.stop), thread), this.module, end.overflown));
    else if (thread === 0) this.settle({ kind: 'exit', code: 0 });
    else this.options.watcher?.returned(thread);
  }

  /** Threads run the binary form of a module that was text: the same instructions at other places. */
  private placed(stop: SentStop): SentStop {
    if (this.original) return stop;
    const places = placesOf(this.module, this.bytes, false);
    return {
      ...stop,
      frames: stop.frames.map(({ offset: there, ...frame }) => {
        const offset = there === undefined ? undefined : places.offsetOf(frame.functionIndex, there);
        return offset === undefined ? frame : { ...frame, offset };
      }),
    };
  }
}

const isSpawn = ({ module, name }: WantedFunction): boolean => isThreadSpawn({ module, name, description: { kind: 'func', typeIndex: 0 } });

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

function lostThread(error: Error, thread: number | undefined): WasienvError {
  const { code } = error as NodeJS.ErrnoException;
  const parts = { where: thread === undefined ? [] : [inThread(thread)], cause: error };
  const fewer = 'let the program start fewer threads at once: `--max-threads`';
  if (code === 'ERR_WORKER_INIT_FAILED') return new WasienvError('E_LIMIT', 'this machine starts no more threads', { ...parts, next: fewer });
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new WasienvError('E_LIMIT', 'Node.js has no memory left for a thread of the program', { ...parts, next: `${fewer}; or give Node.js more memory: NODE_OPTIONS=--max-old-space-size=MEGABYTES` });
  }
  return new WasienvError('E_INTERNAL', `a thread of the program was lost: ${error.message}`, parts);
}
