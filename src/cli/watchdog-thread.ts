// The thread of watchdog.ts. No exit code can be chosen from here: a signal ends the process (137 in a shell).
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const { off, afterMs, message } = workerData as { readonly off: Int32Array; readonly afterMs: number; readonly message: string };
if (Atomics.wait(off, 0, 0, afterMs) === 'timed-out') {
  writeSync(2, message);
  process.kill(process.pid, 'SIGKILL');
}
