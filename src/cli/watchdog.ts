// The last resort of `--timeout`: a program that is inside a system call which does not come back (a read from a FIFO, a write
// to a pipe that nobody reads) is out of reach of all code of ours but this thread, which ends the process.
import { Worker } from 'node:worker_threads';
import { killedMessage } from './limit-hints.js';

/** The program gets this long to be stopped properly. */
const GRACE_MS = 1000;

/** Returns what calls the watchdog off. */
export function startWatchdog(timeoutMs: number): () => void {
  const off = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./watchdog-thread.js', import.meta.url), { workerData: { off, afterMs: timeoutMs + GRACE_MS, message: killedMessage(timeoutMs) } });
  worker.unref();
  return () => {
    Atomics.store(off, 0, 1);
    Atomics.notify(off, 0);
  };
}
