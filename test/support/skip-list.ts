// Prints, after a run, which tests were skipped and why, the reason once for all that share it. A test that gives none makes
// the run fail: nobody would know what was not tried.
import type { Reporter, TestModule, Vitest } from 'vitest/node';

export interface Skipped {
  readonly name: string;
  /** Null where none is given. */
  readonly reason: string | null;
}

export class SkipList implements Reporter {
  #isFiltered = false;

  onInit({ config }: Vitest): void {
    // Who names a test leaves the others out himself.
    this.#isFiltered = config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#isFiltered) return;
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')].map((test): Skipped => {
      const result = test.result();
      return { name: `${module.relativeModuleId} > ${test.fullName}`, reason: (result.state === 'skipped' ? result.note : undefined) ?? reasonIn(test.fullName) };
    }));
    if (skipped.length === 0) return;
    process.stdout.write(`\n${renderSkips(skipped)}\n`);
    if (skipped.some(({ reason }) => reason === null)) process.exitCode = 1;
  }
}

/** The reason in a test's name, or in that of a suite it stands in. Pure. */
export function reasonIn(fullName: string): string | null {
  return fullName.split(' > ').map((part) => /\(skipped: (.+)\)/.exec(part)?.[1]).find((reason) => reason !== undefined) ?? null;
}

/** Pure. */
export function renderSkips(skipped: readonly Skipped[]): string {
  const reasons = new Map<string, string[]>();
  for (const { name, reason } of skipped) {
    const key = reason ?? 'NO REASON IS GIVEN: name one with test/support/skips.ts';
    reasons.set(key, [...(reasons.get(key) ?? []), name]);
  }
  const lines = [...reasons].flatMap(([reason, names]) => [`  ${String(names.length).padStart(4)}  ${reason}`, ...names.slice(0, 3).map((name) => `          ${name}`), ...(names.length > 3 ? [`          … and ${names.length - 3} more`] : [])]);
  return ['  skipped, and why', '', ...lines].join('\n');
}
