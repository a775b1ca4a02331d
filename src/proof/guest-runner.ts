// Keeps the thread that runs proof programs. A thread of its own, because a broken program may never end, and nothing
// else can stop the interpreter's loop; the thread that waits stays free for the clock, the drawing and Ctrl-C.
import { Worker } from 'node:worker_threads';
import { proofInterrupted } from './errors.js';
import type { GuestJob, GuestReport } from './run-guest.js';

export class GuestRunner {
  readonly #timeoutMs: number;
  #worker: Worker | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Runs one program; not to be called again before it is done. Rejects with E_INTERRUPTED when `signal` aborts. */
  async run(job: GuestJob, signal: AbortSignal | undefined): Promise<GuestReport> {
    const worker = (this.#worker ??= new Worker(new URL('./guest-thread.js', import.meta.url), { execArgv: [], env: {} }));
    return new Promise<GuestReport>((resolve, reject) => {
      const settle = (finish: () => void, keepThread: boolean): void => {
        clearTimeout(timer);
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        signal?.removeEventListener('abort', onAbort);
        if (keepThread) return finish();
        this.#worker = undefined;
        // Only when the thread is gone: it may hold descriptors in a directory that is removed next.
        void worker.terminate().then(finish, finish);
      };
      const fail = (fault: 'interpreter' | 'program', detail: string): void => settle(() => resolve({ kind: 'failure', verdict: { fault, detail } }), false);
      const onAbort = (): void => settle(() => reject(proofInterrupted()), false);
      const timer = setTimeout(() => fail('program', `it had not ended after ${this.#timeoutMs / 1000} s`), this.#timeoutMs);
      const onMessage = (report: GuestReport): void => settle(() => resolve(report), true);
      const onError = (error: Error): void => fail('interpreter', `the interpreter failed: ${String(error)}`);
      const onExit = (code: number): void => fail('interpreter', `the interpreter's thread ended with ${code}`);
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      signal?.addEventListener('abort', onAbort, { once: true });
      if (signal?.aborted === true) return onAbort();
      worker.postMessage(job);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}
