// The way to programs with threads, whose files are loaded for them alone.
import type { ExitStatus } from './run.js';
import type { ThreadsOptions } from './threads/run.js';

/** `runThreads` of threads/run.ts. */
export async function runThreads(options: ThreadsOptions): Promise<ExitStatus> {
  const threads = await import('./threads/run.js');
  return threads.runThreads(options);
}
