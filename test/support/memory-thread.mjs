// A thread of a program: instances of modules over shared memories that are there already, on our engine or on the host's, which
// make calls one after the other and tell what came of each. `threads.ts` starts it.
import { parentPort, workerData } from 'node:worker_threads';
import { encode, instantiate, Memory, parse } from '../../dist/wasm/index.js';
import { tier } from '../../dist/wasm/interpreter/tier/link.js';

const { programs, settings } = workerData;
Object.assign(tier, settings);
const instances = programs.map(({ text, handle, hostMemory }) => {
  const module = parse(text);
  return hostMemory === undefined
    ? instantiate(module, { env: { memory: Memory.attach(handle) } })
    : new WebAssembly.Instance(new WebAssembly.Module(encode(module)), { env: { memory: hostMemory } });
});
const outcome = (run, args) => {
  try {
    return run(...args);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
parentPort.postMessage('ready');
parentPort.postMessage(programs.flatMap(({ calls }, index) => calls.map(([name, ...args]) => outcome(instances[index].exports[name], args))));
