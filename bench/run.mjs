// `npm run bench`: where the engine stands beside what a user would pick instead, as ratios from one run on one machine.
//   npm run bench -- [--quick] [--json] [--filter PATTERN] [--engines NAME,…]
// Builds the kernels with the installed toolchain, then takes turns: in each round every engine runs every kernel in a fresh
// process. Figures are medians of the rounds, ratios medians of the rounds' own ratios, brackets the least and the most.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build, buildRun } from './build.mjs';
import { makeEngines } from './engines.mjs';
import { KERNELS } from './kernels.mjs';
import { report } from './report.mjs';
import { measureStartup } from './startup.mjs';
import { geometricMean, summary } from './statistics.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false }, filter: { type: 'string', default: '' }, engines: { type: 'string' } },
});
const pattern = new RegExp(options.filter);
const rounds = options.quick ? 1 : 5;
const directory = mkdtempSync(path.join(tmpdir(), 'wasienv-bench-'));
try {
  const kernels = KERNELS.filter(({ name }) => pattern.test(name)).map((kernel) => ({ ...kernel, size: options.quick ? kernel.quick : kernel.size }));
  const withStartup = pattern.test('startup');
  const { files, missing } = build([...kernels.map(({ module }) => module), ...(withStartup ? ['hello'] : [])], directory);
  const { engines, missing: missingEngines } = makeEngines(directory, options.engines?.split(','));
  const results = {
    date: new Date().toISOString().slice(0, 10),
    machine: { node: process.version, v8: process.versions.v8, processor: cpus()[0]?.model ?? 'unknown', processors: cpus().length, platform: `${process.platform}-${process.arch}` },
    rounds,
    missing: { ...missing, ...missingEngines },
    kernels: kernels.filter(({ module }) => module in files).map((kernel) => measureKernel(kernel, files[kernel.module], engines)),
    startup: withStartup && 'hello' in files ? measureStartup(files, files.lua ?? files.text ?? files.hello, { processes: rounds, instances: options.quick ? 50 : 1000 }) : [],
  };
  results.geometricMeans = means(results.kernels);
  console.log(options.json ? JSON.stringify(results, null, 2) : report(results));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function measureKernel(kernel, file, engines) {
  const present = Object.entries(engines).filter(([name, { kinds }]) => (kinds ?? [kernel.kind]).includes(kernel.kind) && kernel.lacks?.[name] === undefined);
  const runFile = present.some(([, { takesRun }]) => takesRun) ? buildRun(kernel, directory) : undefined;
  const taken = Object.fromEntries(present.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, engine] of present) taken[name].push(engine.measure(kernel, engine.takesRun ? runFile : file, kernel.size));
  }
  const checksums = Object.entries(taken).map(([name, runs]) => `${name}: ${[...new Set(runs.map(({ checksum }) => same(checksum)))].join(' and ')}`);
  if (new Set(checksums.map((each) => each.split(': ')[1])).size > 1) throw new Error(`${kernel.name} gives different results: ${checksums.join('; ')}`);
  const figures = {};
  const ratios = {};
  for (const [name, runs] of Object.entries(taken)) {
    figures[name] = each(runs, (key) => summary(runs.map((run) => run[key])));
    // Of whoever has only a first call, that is compared with our first call.
    if (name !== 'wasienv' && taken.wasienv !== undefined) ratios[name] = each(runs, (key) => summary(runs.map((run, round) => taken.wasienv[round][key] / run[key])));
  }
  return { name: kernel.name, about: kernel.about, size: kernel.size, milliseconds: figures, wasienvBeside: ratios };
}

/** What there is of the first call and the later ones. */
function each(runs, make) {
  return Object.fromEntries(['cold', 'hot'].filter((key) => runs[0][key] !== undefined).map((key) => [key, make(key)]));
}

/** Checksums as signed 32 or 64 bits: engines print the same bits with and without a sign. */
function same(checksum) {
  const text = String(checksum);
  return /^-?\d+$/.test(text) ? String(BigInt.asIntN(64, BigInt(text)) === BigInt.asIntN(32, BigInt(text)) ? BigInt.asIntN(32, BigInt(text)) : BigInt.asIntN(64, BigInt(text))) : text;
}

function means(kernels) {
  const result = {};
  for (const name of new Set(kernels.flatMap(({ wasienvBeside }) => Object.keys(wasienvBeside)))) {
    const rows = kernels.map(({ wasienvBeside }) => wasienvBeside[name]).filter((row) => row !== undefined);
    result[name] = Object.fromEntries(['cold', 'hot'].filter((key) => rows[0][key] !== undefined).map((key) => [key, geometricMean(rows.map((row) => row[key].median))]));
  }
  return result;
}
