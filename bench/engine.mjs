// How fast the engine runs, beside the host's own WebAssembly (a compiler; the ratio tells more of the machine's noise than of
// what is possible) and, with the directory of the npm package `polywasm` (an engine in JavaScript that emits JavaScript),
// beside that. Every figure is the median of fresh processes, in CPU time, for wall clock tells of the neighbours.
//   npm run build && npx wasienv setup && node bench/engine.mjs [POLYWASM-DIRECTORY]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const PROCESSES = 5;
const KERNELS = [['fib', 33], ['nbody', 100_000], ['sieve_matrix', 30], ['dispatch', 4_000_000], ['lists_states', 1000], ['wide', 3_000_000]];
const root = path.resolve(import.meta.dirname, '..');

/** In a process of its own: the first call, and the best of the next three. */
async function measure(engine, file, kernel, size) {
  const bytes = new Uint8Array(readFileSync(file));
  let call;
  if (engine === 'wasienv') {
    const { decode, instantiate } = await import(pathToFileURL(path.join(root, 'dist/wasm/index.js')).href);
    call = instantiate(decode(bytes)).exports[kernel];
  } else {
    const api = engine === 'host' ? WebAssembly : (await import(pathToFileURL(path.join(engine, 'index.js')).href)).WebAssembly;
    call = new api.Instance(new api.Module(bytes)).exports[kernel];
  }
  const times = Array.from({ length: 4 }, () => {
    const start = process.cpuUsage();
    call(Number(size));
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  console.log(JSON.stringify([times[0], Math.min(...times.slice(1))]));
}

function compare() {
  const directory = mkdtempSync(path.join(tmpdir(), 'wasienv-bench-'));
  try {
    const file = path.join(directory, 'kernels.wasm');
    const flags = ['-O2', '-nostdlib', '-Wl,--no-entry,--export-all', '-o', file];
    execFileSync(process.execPath, [path.join(root, 'bin/wasienv.js'), 'cc', ...flags, path.join(root, 'bench/engine-kernels.c')], { stdio: 'inherit' });
    const engines = ['host', 'wasienv', ...process.argv.slice(2).map((each) => path.resolve(each))];
    console.log(`${process.version}, median of ${PROCESSES} processes, CPU ms: first call / best of the next three`);
    for (const [kernel, size] of KERNELS) {
      const cells = engines.map((engine) => {
        const runs = Array.from({ length: PROCESSES }, () =>
          JSON.parse(execFileSync(process.execPath, [import.meta.filename, '--measure', engine, file, kernel, String(size)], { encoding: 'utf8' })));
        const median = (column) => runs.map((run) => run[column]).sort((left, right) => left - right)[PROCESSES >> 1].toFixed(0).padStart(5);
        return `${path.basename(engine)} ${median(0)} / ${median(1)}`;
      });
      console.log(`${kernel.padEnd(13)} ${cells.join('   ')}`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (process.argv[2] === '--measure') await measure(...process.argv.slice(3));
else compare();
