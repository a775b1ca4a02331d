// Runs files in worker threads: the suite uses all processors, and an engine that never comes back from a file costs
// that file alone. Outcomes come in the order of the files, whoever ran them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { countForms } from './forms.js';
import type { Detour, Expectation, FileOutcome, Tier } from './outcome.js';
import { SUITE_DIRECTORY } from './suite.js';

/** A file takes seconds at most; this is for an engine that hangs. */
const HANG_MS = 300_000;

export interface PoolOptions {
  readonly expectations: readonly Expectation[];
  readonly jobs: number;
  readonly through: Detour;
  readonly tier: Tier;
}

export async function runFiles(files: readonly string[], { expectations, jobs, through, tier }: PoolOptions, emit: (outcome: FileOutcome) => void): Promise<FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  let started = 0;
  let shown = 0;
  const work = async (): Promise<void> => {
    let worker: Worker | undefined;
    for (let index = started++; index < files.length; index = started++) {
      const file = files[index]!;
      const notRun = expectations.find((entry) => entry.file === file && entry.run === false);
      if (notRun !== undefined) outcomes[index] = wholeFile(file, notRun.reason);
      else {
        worker ??= new Worker(new URL('./worker.js', import.meta.url), { workerData: { through, tier } });
        const outcome = await runIn(worker, file);
        if (typeof outcome === 'string') {
          await worker.terminate();
          worker = undefined;
          outcomes[index] = wholeFile(file, outcome);
        } else outcomes[index] = outcome;
      }
      while (shown < files.length && outcomes[shown] !== undefined) emit(outcomes[shown++]!);
    }
    await worker?.terminate();
  };
  await Promise.all(Array.from({ length: Math.min(jobs, files.length) }, work));
  return outcomes;
}

/** The outcome, or why there is none. */
function runIn(worker: Worker, file: string): Promise<FileOutcome | string> {
  return new Promise((resolve) => {
    const settle = (result: FileOutcome | string): void => {
      clearTimeout(timer);
      worker.off('message', settle).off('error', onError).off('exit', onExit);
      resolve(result);
    };
    const onError = (error: unknown): void => settle(`the runner died: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
    const onExit = (code: number): void => settle(`the runner ended with ${code}`);
    const timer = setTimeout(() => settle(`did not end within ${HANG_MS / 1000} s`), HANG_MS);
    worker.on('message', settle).on('error', onError).on('exit', onExit);
    worker.postMessage(file);
  });
}

function wholeFile(file: string, reason: string): FileOutcome {
  const forms = countForms(readFileSync(path.join(SUITE_DIRECTORY, file)));
  return { file, forms, commands: forms, assertions: 0, passed: 0, failures: [{ file, line: 1, command: 'file', reason }], rewordings: [], ms: 0 };
}
