// Counts what a fault test tried and prints it when the file is done: tried, survived, lost.
import { afterAll } from 'vitest';

export interface Tally {
  /** Runs one trial; a failure counts as lost and is thrown on. */
  trial<T>(fault: string, work: () => Promise<T>): Promise<T>;
}

/** The tally of one test file, printed at its end. */
export function makeTally(title: string): Tally {
  const rows = new Map<string, { tried: number; survived: number }>();
  afterAll(() => {
    const lines = [...rows].map(([fault, { tried, survived }]) => `  ${fault.padEnd(44)} tried ${String(tried).padStart(4)}, survived ${String(survived).padStart(4)}, lost ${String(tried - survived).padStart(3)}`);
    if (lines.length > 0) console.log([title, ...lines].join('\n'));
  });
  return {
    async trial(fault, work) {
      const row = rows.get(fault) ?? { tried: 0, survived: 0 };
      rows.set(fault, row);
      row.tried += 1;
      const result = await work();
      row.survived += 1;
      return result;
    },
  };
}

/** `FAULTS_LONG=1` tries more often than a machine that checks every change has time for. */
export function trials(usual: number, long: number): number {
  return process.env['FAULTS_LONG'] === '1' ? long : usual;
}
