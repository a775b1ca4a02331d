// The body of a compiling thread: takes jobs one after another and runs them. A thread and not the main one, because
// a thread's stack can be chosen: V8 gives the main thread 1 MB, and clang needs more than that for 1000 nested
// templates or 500 nested parentheses, which every native clang accepts.
import { parentPort } from 'node:worker_threads';
import type { InputStream } from '../../wasi/index.js';
import { Collector } from '../io.js';
import { discoverCell, runGuest, UnsuitableModule } from './guest.js';
import type { JobMessage, JobResult } from './protocol.js';

parentPort?.on('message', (job: JobMessage) => {
  parentPort?.postMessage(perform(job));
});

function perform(job: JobMessage): JobResult {
  const stdout = new Collector();
  const stderr = new Collector();
  let cell = job.cell;
  const result = (end: JobResult['end']): JobResult => ({ stdout: stdout.bytes(), stderr: stderr.bytes(), cell, end });
  try {
    cell ??= discoverCell(job.module, job.experimentDir);
    const code = runGuest(job.module, cell, {
      argv: job.argv,
      cwd: job.cwd,
      env: job.env,
      preopens: job.preopens,
      stdin: inputStream(job.stdin),
      stdout: job.stdout === 'inherit' ? 1 : stdout,
      stderr: job.stderr === 'inherit' ? 2 : stderr,
    });
    return result({ kind: 'exit', code });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const stack = (error instanceof Error ? error.stack : undefined) ?? message;
    if (error instanceof UnsuitableModule) return result({ kind: 'unsuitable', message, stack });
    if (error instanceof RangeError && /memory|allocation/i.test(message)) return result({ kind: 'out-of-memory', message, stack });
    return result({ kind: 'crash', message, stack });
  }
}

function inputStream(stdin: JobMessage['stdin']): InputStream {
  if (stdin === 'inherit') return 0;
  const bytes = stdin === 'ignore' ? new Uint8Array() : stdin;
  let position = 0;
  return {
    read(into: Uint8Array): number {
      const count = Math.min(into.byteLength, bytes.byteLength - position);
      into.set(bytes.subarray(position, position + count));
      position += count;
      return count;
    },
  };
}
