// Prints, after a run with trials of faults in it, how often each was tried, how often setup survived it and how often it
// did not; what could not be tried on this machine stands there with the reason.
import type { Reporter, TestModule } from 'vitest/node';
import { FAULTS, type TrialCount } from './fault-list.js';

export class FaultTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = addUp(modules);
    if (counts.size > 0) process.stdout.write(`\n${renderTable(counts)}\n`);
  }
}

function addUp(modules: readonly TestModule[]): ReadonlyMap<string, TrialCount> {
  const sums = new Map<string, TrialCount>();
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const counts = Object.entries(test.meta().trials ?? {});
      // What a test asserts after its trials belongs to the last of them.
      const late = test.result().state === 'failed' && counts.every(([, { tried, survived }]) => survived === tried);
      counts.forEach(([fault, { tried, survived, skipped }], index) => {
        const sum = sums.get(fault) ?? { tried: 0, survived: 0 };
        sums.set(fault, sum);
        sum.tried += tried;
        sum.survived += survived - (late && index === counts.length - 1 && survived > 0 ? 1 : 0);
        if (skipped !== undefined) sum.skipped = skipped;
      });
    }
  }
  return sums;
}

/** The table as text; its last line of each part is the sum. Pure. */
export function renderTable(counts: ReadonlyMap<string, TrialCount>): string {
  const width = Math.max(...Object.values(FAULTS).flat().map((fault) => fault.length)) + 2;
  const figures = (name: string, { tried, survived }: TrialCount): string => `  ${name.padEnd(width)}${String(tried).padStart(6)}${String(survived).padStart(10)}${String(tried - survived).padStart(6)}`;
  const total: TrialCount = { tried: 0, survived: 0 };
  const lines = [`  ${'faults that setup met'.padEnd(width)} tried  survived  lost`];
  for (const [part, faults] of Object.entries(FAULTS)) {
    const known = faults.filter((fault) => counts.has(fault));
    if (known.length === 0) continue;
    const sum: TrialCount = { tried: 0, survived: 0 };
    lines.push('');
    for (const fault of known) {
      const count = counts.get(fault)!;
      for (const each of [sum, total]) {
        each.tried += count.tried;
        each.survived += count.survived;
      }
      lines.push(count.tried === 0 ? `  ${fault.padEnd(width)} not tried: ${count.skipped ?? 'the test failed before'}` : figures(fault, count));
    }
    lines.push(figures(`all of ${part}`, sum));
  }
  lines.push('', figures('all', total));
  return lines.join('\n');
}
