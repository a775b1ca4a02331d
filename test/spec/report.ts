// Prints outcomes: a line a file, what failed and is not expected to, totals, and a closing line of two figures.
import type { Expectation, Failure, FileOutcome, Rewording } from './outcome.js';

export interface Verdict {
  readonly files: readonly FileOutcome[];
  readonly commands: number;
  readonly assertions: number;
  readonly passed: number;
  readonly failed: number;
  /** Failures that expectations.json does not have. */
  readonly unexpected: readonly Failure[];
  /** Refusals in words that are neither the suite's nor listed. */
  readonly reworded: readonly Rewording[];
  readonly listedRewordings: number;
  /** Entries of expectations.json that stand for nothing any more. */
  readonly stale: readonly Expectation[];
  /** Files where commands and top-level forms differ in number. */
  readonly miscounted: readonly FileOutcome[];
  readonly ok: boolean;
}

const covers = (entry: Expectation, failure: Failure): boolean =>
  entry.says === undefined && (entry.file === undefined ? entry.feature !== undefined && entry.feature === failure.feature : entry.file === failure.file && (entry.line === undefined || entry.line === failure.line));

const allows = (entry: Expectation, { file, line, said }: Rewording): boolean => entry.says !== undefined && entry.file === file && entry.line === line && said.startsWith(entry.says);

/** `isWhole`: all files ran; else entries that may belong to other files say nothing. */
export function judge(files: readonly FileOutcome[], expectations: readonly Expectation[], isWhole: boolean): Verdict {
  const failures = files.flatMap((file) => file.failures);
  const ran = new Set(files.map(({ file }) => file));
  const unexpected = failures.filter((failure) => !expectations.some((entry) => covers(entry, failure)));
  const rewordings = files.flatMap((file) => file.rewordings);
  const reworded = rewordings.filter((each) => !expectations.some((entry) => allows(entry, each)));
  const applies = (entry: Expectation): boolean => failures.some((failure) => covers(entry, failure)) || rewordings.some((each) => allows(entry, each));
  const stale = expectations.filter((entry) => (entry.file === undefined ? isWhole : ran.has(entry.file)) && !applies(entry));
  const miscounted = files.filter(({ forms, commands }) => forms !== commands);
  const sum = (count: (file: FileOutcome) => number): number => files.reduce((total, file) => total + count(file), 0);
  return {
    files, unexpected, reworded, listedRewordings: rewordings.length - reworded.length, stale, miscounted,
    commands: sum((file) => file.commands), assertions: sum((file) => file.assertions), passed: sum((file) => file.passed), failed: failures.length,
    ok: unexpected.length === 0 && reworded.length === 0 && stale.length === 0 && miscounted.length === 0 && files.length > 0,
  };
}

const column = (value: number | string, width: number): string => String(value).padStart(width);

export const HEADER = `${'file'.padEnd(44)}${column('passed', 8)}${column('failed', 8)}${column('skipped', 8)}`;

/** Skipped is what was counted and not run: always 0, unless a file is listed with `run: false`. */
export function fileLine(outcome: FileOutcome): string {
  const skipped = outcome.commands - outcome.passed - outcome.failures.length;
  return `${outcome.file.padEnd(44)}${column(outcome.passed, 8)}${column(outcome.failures.length, 8)}${column(skipped, 8)}`;
}

const SHOWN = 60;

export function summary(verdict: Verdict): string[] {
  const { files, commands, assertions, passed, failed, unexpected, reworded, listedRewordings, stale, miscounted } = verdict;
  const skipped = commands - passed - failed;
  const lines = ['', `${files.length} files, ${commands} commands, ${assertions} of them assertions; ${skipped} not run`];
  for (const { file, line, command, reason } of unexpected.slice(0, SHOWN)) lines.push(`  ${file}:${line}  ${command}  ${reason.slice(0, 300)}`);
  if (unexpected.length > SHOWN) lines.push(`  … and ${unexpected.length - SHOWN} more (--json FILE writes all)`);
  for (const { file, line, wanted, said } of reworded) lines.push(`  ${file}:${line}  in other words: ${JSON.stringify(wanted)} is wanted, ours are ${JSON.stringify(said)}`);
  if (listedRewordings > 0) lines.push(`${listedRewordings} refusals are right but in other words than the suite's, as listed in test/spec/expectations.json`);
  if (failed > unexpected.length) lines.push(`${failed - unexpected.length} of the failures are listed in test/spec/expectations.json, with their reasons`);
  for (const { file, line, feature } of stale) lines.push(`expectations.json: ${file ?? `feature ${feature}`}${line === undefined ? '' : `:${line}`} passes now: remove the entry`);
  for (const { file, forms, commands: read } of miscounted) lines.push(`${file}: ${forms} forms in the file, ${read} commands read`);
  lines.push('', `${passed} passed, ${failed} failed`);
  return lines;
}
