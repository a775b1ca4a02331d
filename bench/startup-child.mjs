// What starting costs, in a process of its own. Argument: `{ what, file, count? }`.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './processes.mjs';

const job = JSON.parse(process.argv[2]);
const load = (file) => import(pathToFileURL(path.join(ROOT, 'dist', file)).href);

const JOBS = {
  /** Megabytes a second, best of ten. */
  async decode() {
    const { decode, validate } = await load('wasm/index.js');
    const bytes = new Uint8Array(readFileSync(job.file));
    const best = (work) => Math.min(...Array.from({ length: 10 }, () => {
      const started = performance.now();
      work();
      return performance.now() - started;
    }));
    const rate = (ms) => bytes.length / 1e3 / ms;
    return { decode: rate(best(() => decode(bytes))), decodeAndValidate: rate(best(() => validate(decode(bytes)))) };
  },
  /** Milliseconds of hello from bytes to its end: the first, and the median of the next twenty. */
  async hello() {
    const { Collector, loadModule, runProgram } = await load('index.js');
    const bytes = new Uint8Array(readFileSync(job.file));
    const times = Array.from({ length: 21 }, () => {
      const stdout = new Collector();
      const started = performance.now();
      runProgram({ name: 'hello', module: loadModule(bytes, 'hello'), wasi: { args: ['hello'], env: {}, stdin: { read: () => 0 }, stdout, stderr: stdout, preopens: [] } });
      return performance.now() - started;
    });
    return { cold: times[0], warm: times.slice(1).sort((left, right) => left - right)[10] };
  },
  /** Instances of hello, all kept, each run to its end. */
  async instances() {
    const [{ createWasi }, { decode, instantiate }] = [await load('wasi/index.js'), await load('wasm/index.js')];
    const module = decode(new Uint8Array(readFileSync(job.file)));
    const kept = [];
    const make = () => {
      const sink = { write: () => {} };
      const wasi = createWasi({ args: ['hello'], env: {}, stdin: { read: () => 0 }, stdout: sink, stderr: sink, preopens: [] });
      const instance = instantiate(module, wasi.imports);
      wasi.bind(instance.exports.memory);
      try {
        instance.exports._start();
      } catch (error) {
        if (error.code !== 0) throw error;
      }
      kept.push(instance);
    };
    make();
    const memory = process.memoryUsage().rss;
    const started = performance.now();
    for (let left = job.count; left > 0; left--) make();
    const seconds = (performance.now() - started) / 1000;
    return { perSecond: job.count / seconds, kilobytesEach: (process.memoryUsage().rss - memory) / 1024 / kept.length };
  },
};

console.log(JSON.stringify(await JOBS[job.what]()));
