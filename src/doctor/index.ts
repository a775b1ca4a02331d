// Looks at the machine and the installation, and says what is wrong, why, and what to run.
import type { Finding } from './finding.js';
import { CHECKS, runAndFix, runCheck } from './checks.js';
import { makeContext, type DoctorOptions, type DoctorSurroundings } from './context.js';

/**
 * Every finding, in the order of the checks. With `fix`, a check that found something it can mend mends it and looks
 * again. Throws only what is a fault of wasienv itself.
 */
export async function runDoctor(surroundings: DoctorSurroundings, options: DoctorOptions): Promise<Finding[]> {
  const context = makeContext(surroundings, options);
  const findings: Finding[] = [];
  for (const check of CHECKS) findings.push(...(options.fix === true ? await runAndFix(check, context) : await runCheck(check, context)));
  return findings;
}

export { buildWorks, reportOf, type DoctorReport, type Effect, type Finding, type Status } from './finding.js';
export { renderFindings } from './render.js';
export type { DoctorOptions, DoctorSurroundings } from './context.js';
