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

  const pairs = times(() => ({ node: timeProcess(process.execPath, ['-e', '0']).clock, hello: timeProcess(process.execPath, [CLI, 'run', files.hello]).clock }));
  row('node -e 0', 'ms', pairs.map(({ node }) => node));
  row('wasienv run hello.wasm', 'ms', pairs.map(({ hello }) => hello), `${median(pairs.map(({ node, hello }) => hello / node)).toFixed(2)} times node -e 0`);

  const many = times(() => child({ what: 'instances', file: files.hello, count: instances }));
  row('instances a second', '', many.map((each) => each.perSecond), `hello run and kept, ${instances} of them`);
  row('memory of each', 'KB', many.map((each) => each.kilobytesEach), 'resident');
  return rows;
}
