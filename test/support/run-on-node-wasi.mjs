// Runs one module under Node's own WebAssembly and node:wasi; for comparison with ours, in tests only.
// usage: node --no-warnings --no-turbo-fast-api-calls run-on-node-wasi.mjs MODULE '{"args":[…],"env":{…},"preopens":{…}}'
// The flag: in Node 20, a fast API call of node:wasi may collect garbage where it must not, and the process dies.
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const [module, options] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', returnOnExit: true, ...JSON.parse(options) });
const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(module)), wasi.getImportObject());
process.exitCode = wasi.start(instance);
