// One kernel on one engine, in a process of its own: time of the processor of the first call and of the best of the next
// three, and the checksum. Argument: `{ engine, file, kernel, kind, size, emit?, polywasm? }`.
import { openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { processorTime, ROOT } from './processes.mjs';

const job = JSON.parse(process.argv[2]);
const bytes = new Uint8Array(readFileSync(job.file));
const load = (file) => import(pathToFileURL(file).href);

const MAKERS = {
  function: {
    async wasienv() {
      const { decode, instantiate } = await load(path.join(ROOT, 'dist/wasm/index.js'));
      return instantiate(decode(bytes), {}, { emit: job.emit ?? true }).exports[job.kernel];
    },
    async host() {
      return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports[job.kernel];
    },
    async polywasm() {
      const api = (await load(path.join(job.polywasm, 'index.js'))).WebAssembly;
      return new api.Instance(new api.Module(bytes)).exports[job.kernel];
    },
  },
  // Each call is a run of its own, of one module that was decoded or compiled once.
  program: {
    async wasienv() {
      const { Collector, loadModule, runProgram } = await load(path.join(ROOT, 'dist/index.js'));
      const module = loadModule(bytes, job.kernel);
      return (size) => {
        const stdout = new Collector();
        const streams = { stdin: { read: () => 0 }, stdout, stderr: stdout };
        runProgram({ name: job.kernel, module, emit: job.emit ?? true, wasi: { args: [job.kernel, String(size)], env: {}, ...streams, preopens: [] } });
        return stdout.text();
      };
    },
    async host() {
      process.removeAllListeners('warning');
      const { WASI } = await import('node:wasi');
      const module = new WebAssembly.Module(bytes);
      return (size) => {
        const file = path.join(path.dirname(job.file), `stdout-${process.pid}`);
        const wasi = new WASI({ version: 'preview1', args: [job.kernel, String(size)], env: {}, stdout: openSync(file, 'w') });
        wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
        return readFileSync(file, 'utf8');
      };
    },
  },
};

const call = await MAKERS[job.kind][job.engine]();
let checksum;
const times = Array.from({ length: 4 }, () => {
  const start = processorTime();
  checksum = call(job.size);
  return processorTime(start);
});
console.log(JSON.stringify({ cold: times[0], hot: Math.min(...times.slice(1)), checksum: String(checksum).trim() }));
