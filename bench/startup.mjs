// Start-up: decoding, hello in a process and as a process, many instances at once.
import { readFileSync } from 'node:fs';
import { CLI, measureInChild, timeProcess } from './processes.mjs';
import { median, summary } from './statistics.mjs';

/** Rows `{ name, unit, median, least, most, detail? }`. `files.hello` must be there; `large` is decoded, the larger the better. */
export function measureStartup(files, large, { processes, instances }) {
  const rows = [];
  const row = (name, unit, values, detail) => rows.push({ name, unit, ...summary(values), ...(detail === undefined ? {} : { detail }) });
  const times = (work) => Array.from({ length: processes }, work);
  const child = (job) => measureInChild('startup-child.mjs', job);

  const rates = times(() => child({ what: 'decode', file: large }));
  const size = `${(readFileSync(large).length / 1e3).toFixed(0)} KB, best of ten`;
  row('decode', 'MB/s', rates.map((each) => each.decode), size);
  row('decode and validate', 'MB/s', rates.map((each) => each.decodeAndValidate), size);

  const hellos = times(() => child({ what: 'hello', file: files.hello }));
  row('hello in a process, first', 'ms', hellos.map((each) => each.cold));
  row('hello in a process, again', 'ms', hellos.map((each) => each.warm));

  // Certificates that Node reads before anything else would be half of its own start: of some machines, not of wasienv.
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
  const compiling = { ...env, NODE_DISABLE_COMPILE_CACHE: '1' };
  const hello = [CLI, 'run', files.hello];
  const lines = [['node -e 0', ['-e', '0'], env], ['wasienv --version', [CLI, '--version'], env], ['wasienv run hello.wasm', hello, env], ['the same, compiling its own code anew', hello, compiling]];
  // What the first one leaves behind is there for the others.
  for (const [, args] of lines) timeProcess(process.execPath, args, { env });
  const taken = times(() => lines.map(([, args, env]) => timeProcess(process.execPath, args, { env, runs: 10 })));
  lines.forEach(([name], index) => {
    const beside = (key) => median(taken.map((round) => round[index][key] / round[0][key])).toFixed(2);
    row(name, 'ms', taken.map((round) => round[index].clock), index === 0 ? undefined : `${beside('clock')} times node -e 0, ${beside('processor')} in time of the processor`);
  });

  const many = times(() => child({ what: 'instances', file: files.hello, count: instances }));
  row('instances a second', '', many.map((each) => each.perSecond), `hello run and kept, ${instances} of them`);
  row('memory of each', 'KB', many.map((each) => each.kilobytesEach), 'resident');
  return rows;
}
