// `npm run spec`: runs the official test suite on the built engine.
//   --filter TEXT   only files whose path contains TEXT (may be given several times)
//   --json FILE     everything found, as JSON
//   --through FORM  turn every text module into binary, or into text, and back before it runs
//   --tier HOW      emit all functions that can be: `first-call` at their first call, `first-turn` at their first loop, `parts` in small parts; `loop`: none
//   --jobs N        files run side by side (default: as many as there are processors, at most 4)
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { isDetour, isTier, type Expectation } from './outcome.js';
import { runFiles } from './pool.js';
import { HEADER, fileLine, judge, summary } from './report.js';
import { HOW_TO_GET_IT, SUITE_DIRECTORY, suiteExists, suiteFiles } from './suite.js';

const EXPECTATIONS = path.resolve(import.meta.dirname, '../../test/spec/expectations.json');

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { filter: { type: 'string', multiple: true }, json: { type: 'string' }, through: { type: 'string' }, tier: { type: 'string' }, jobs: { type: 'string' } } });
  if (!suiteExists()) {
    console.error(HOW_TO_GET_IT);
    return 2;
  }
  const filters = values.filter ?? [''];
  const files = suiteFiles().filter((file) => filters.some((filter) => file.includes(filter)));
  if (files.length === 0) {
    console.error(`no file of ${SUITE_DIRECTORY} has ${filters.map((filter) => JSON.stringify(filter)).join(' or ')} in its path`);
    return 2;
  }
  const { through = 'nothing' } = values;
  if (!isDetour(through)) {
    console.error('--through takes binary or text');
    return 2;
  }
  const { tier = 'as-shipped' } = values;
  if (!isTier(tier)) {
    console.error('--tier takes first-call, first-turn, parts or loop');
    return 2;
  }
  const expectations = JSON.parse(readFileSync(EXPECTATIONS, 'utf8')) as Expectation[];
  const jobs = Math.max(1, Number(values.jobs ?? Math.min(4, os.availableParallelism())));
  console.log(HEADER);
  const outcomes = await runFiles(files, { expectations, jobs, through, tier }, (outcome) => console.log(fileLine(outcome)));
  const verdict = judge(outcomes, expectations, values.filter === undefined);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(verdict, null, 1)}\n`);
  for (const line of summary(verdict)) console.log(line);
  return verdict.ok ? 0 : 1;
}

process.exitCode = await main();
