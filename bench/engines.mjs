// The engines side by side: what a user would pick instead of ours. Each says why it is not there, when it is not.
import { fetchPolywasm } from './fetch.mjs';
import { isInstalled, measureInChild, timeProcess } from './processes.mjs';

const inProcess = (engine, extra = {}) => ({
  measure: (kernel, file, size) => measureInChild('kernel-child.mjs', { engine, file, kernel: kernel.name, kind: kernel.kind, size, ...extra }),
});

/** A program of its own, measured from its start to its end: what a first call is for the others. It calls `run`, see build.mjs. */
const outside = (program, args) => ({
  kinds: ['function'],
  takesRun: true,
  measure: (_kernel, file) => {
    const { stdout, processor } = timeProcess(program, [...args, file]);
    // Steps of 10 ms: less than one is not known.
    return { cold: Math.max(processor, 5), checksum: /(?::|=\s*)(-?\d+)\s*$/.exec(stdout)?.[1] ?? stdout };
  },
});

export function makeEngines(directory, only) {
  const makers = {
    host: () => inProcess('host'),
    wasienv: () => inProcess('wasienv'),
    'the loop alone': () => inProcess('wasienv', { emit: false }),
    polywasm: () => ({ ...inProcess('polywasm', { polywasm: fetchPolywasm(directory) }), kinds: ['function'] }),
    'wasm-interp': () => needs('wasm-interp', () => outside('wasm-interp', ['--run-all-exports'])),
    wasm3: () => needs('wasm3', () => outside('wasm3', ['--func', 'run'])),
  };
  const engines = {};
  const missing = {};
  for (const [name, make] of Object.entries(makers)) {
    if (only !== undefined && !only.includes(name)) continue;
    try {
      engines[name] = make();
    } catch (error) {
      missing[name] = error.message.split('\n')[0].slice(0, 200);
    }
  }
  return { engines, missing };
}

function needs(program, make) {
  if (!isInstalled(program)) throw new Error('not installed');
  return make();
}
