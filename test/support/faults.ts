// Trials of the faults in `fault-list.ts`. A test says which of them it tries; what became of all trials of a run is added
// up and printed by `fault-table.ts`.
import { TestRunner, expect, type TestContext } from 'vitest';
import { WasienvError } from '../../src/base/errors.js';
import type { Fault } from './fault-list.js';
import { PACKAGE, faultsOfHome, versionInUse, type Workshop } from './workshop.js';

const currentTest = (): TestContext['task'] => TestRunner.getCurrentTest<TestContext['task']>();

/** Ends the test that runs: what the trial needs is not here. The reason is printed in the table. */
export function cannotTry(reason: string): never {
  return currentTest().context.skip(reason);
}

/** One trial of a fault; a failure counts as lost and is thrown on. A test that is skipped inside has tried nothing. */
export async function trial<T>(fault: Fault, work: () => Promise<T>): Promise<T> {
  const { meta } = currentTest();
  const count = ((meta.trials ??= {})[fault] ??= { tried: 0, survived: 0 });
  count.tried += 1;
  try {
    const result = await work();
    count.survived += 1;
    return result;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'VITEST_PENDING') {
      count.tried -= 1;
      count.skipped = (error as { note?: string }).note ?? 'no reason was given';
    }
    throw error;
  }
}

/**
 * A whole trial. The home has version 1, at least once it is prepared; `attempt`, which wants version 2, must fail with an error that says what to do
 * next. After it version 1 is whole and in use, nothing is left over, nothing was written outside the home; and once
 * `mend` took the fault away the next setup ends well. Returns the error.
 */
export function ordeal(fault: Fault, workshop: Workshop, attempt: () => Promise<unknown>, mend: () => unknown, prepare: () => Promise<unknown> = async () => undefined): Promise<WasienvError> {
  return trial(fault, async () => {
    await prepare();
    const outside = workshop.outside();
    const error = await attempt().then(() => expect.unreachable('setup succeeded'), (caught: unknown) => caught);
    expect(error).toBeInstanceOf(WasienvError);
    expect((error as WasienvError).next).toMatch(/\w/);
    expect(await versionInUse(workshop.home)).toBe(PACKAGE.one);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
    expect(workshop.outside()).toEqual(outside);
    mend();
    await expectNextSetupWell(workshop);
    return error as WasienvError;
  });
}

export async function expectNextSetupWell(workshop: Workshop): Promise<void> {
  await workshop.setup({ version: PACKAGE.two });
  expect(await versionInUse(workshop.home)).toBe(PACKAGE.two);
  expect(await faultsOfHome(workshop.home)).toEqual([]);
}

/** `FAULTS_LONG=1` tries more often than a machine that checks every change has time for. */
export function trials(usual: number, long: number): number {
  return process.env['FAULTS_LONG'] === '1' ? long : usual;
}
