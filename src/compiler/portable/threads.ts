// Threads that run the portable compiler: the module is read and compiled once a process, threads start while that
// happens and are kept for the next command (the proof compiles twenty programs). Idle threads do not keep the
// process alive.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { WasienvError } from '../../base/errors.js';
import { compilerCrashed, compilerUnreadable, interrupted } from '../errors.js';
import { setEngineFlags } from './engine-flags.js';
import { compileModule, type HostModule } from './guest.js';
import type { JobMessage, JobResult } from './protocol.js';
import { KNOWN_CELLS } from './working-directory.js';

/** Reserved, not used: pages are only touched when the program goes that deep. Native clang has 8 MB of smaller frames. */
const STACK_MB = 64;

export type Job = Omit<JobMessage, 'module' | 'cell'>;

interface Thread {
  readonly worker: Worker;
  busy: boolean;
}

export class CompilingThreads {
  readonly #file: string;
  readonly #threads: Thread[] = [];
  #module: HostModule | undefined;
  #cell: number | null;

  constructor(file: string, digest: string) {
    this.#file = file;
    this.#cell = KNOWN_CELLS.get(digest) ?? null;
  }

  /** How many jobs may run at a time. Each takes 20-100 MB. */
  get width(): number {
    return Math.min(availableParallelism(), 8);
  }

  async run(job: Job, signal?: AbortSignal): Promise<JobResult> {
    if (signal?.aborted === true) throw interrupted();
    // The thread is started before the module is compiled: both take some 40-100 ms, on different cores.
    const thread = this.#idle();
    thread.busy = true;
    thread.worker.ref();
    try {
      const message: JobMessage = { ...job, module: this.#compiled(), cell: this.#cell };
      const result = await answer(thread.worker, message, signal);
      this.#cell ??= result.cell;
      return result;
    } catch (error) {
      // Whatever happened, this thread is in the middle of something.
      this.#threads.splice(this.#threads.indexOf(thread), 1);
      await thread.worker.terminate();
      // No memory for a thread, or none left inside one.
      throw error instanceof WasienvError ? error : compilerCrashed(job.argv[0]!, job.argv.slice(1), error);
    } finally {
      thread.busy = false;
      thread.worker.unref();
    }
  }

  #idle(): Thread {
    const free = this.#threads.find((thread) => !thread.busy);
    if (free !== undefined) return free;
    const worker = new Worker(new URL('./thread.js', import.meta.url), {
      resourceLimits: { stackSizeMb: STACK_MB },
      // Standard streams are written by descriptor; nothing of the main process's options belongs in there.
      execArgv: [],
      env: {},
    });
    const thread = { worker, busy: false };
    this.#threads.push(thread);
    return thread;
  }

  #compiled(): HostModule {
    if (this.#module !== undefined) return this.#module;
    setEngineFlags();
    try {
      this.#module = compileModule(readFileSync(this.#file));
    } catch (cause) {
      throw compilerUnreadable(this.#file, cause);
    }
    return this.#module;
  }
}

function answer(worker: Worker, message: JobMessage, signal: AbortSignal | undefined): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => settle(() => reject(interrupted()));
    const onExit = (code: number): void => settle(() => reject(new Error(`the compiling thread ended with ${code}`)));
    const onError = (error: Error): void => settle(() => reject(error));
    const onMessage = (result: JobResult): void => settle(() => resolve(result));
    const settle = (finish: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal?.addEventListener('abort', onAbort, { once: true });
    worker.postMessage(message);
  });
}

const byModule = new Map<string, CompilingThreads>();

/** The threads of this module, shared by every command of the process. */
export function threadsFor(file: string, digest: string): CompilingThreads {
  let threads = byModule.get(file);
  if (threads === undefined) byModule.set(file, (threads = new CompilingThreads(file, digest)));
  return threads;
}
