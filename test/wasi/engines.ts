// The engines a guest can run on.
import { loadModule, runProgram } from '../../src/program/index.js';
import { createWasi, ProcExit, type WasiOptions } from '../../src/wasi/index.js';

/** As much of the host's WebAssembly as is used here; Node's types do not describe it. */
interface HostWebAssembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly memory: { readonly buffer: ArrayBuffer }; _start(): void } };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: HostWebAssembly }).WebAssembly;

export interface Engine {
  readonly name: string;
  /** Runs a command to its end; its exit code. A trap is thrown as the engine throws it. */
  readonly run: (bytes: Uint8Array, options: WasiOptions) => number;
}

/** Guests are few and run often: each is made ready once. */
function once<T extends object>(make: (bytes: Uint8Array) => T): (bytes: Uint8Array) => T {
  const made = new WeakMap<Uint8Array, T>();
  return (bytes) => {
    let one = made.get(bytes);
    if (one === undefined) made.set(bytes, (one = make(bytes)));
    return one;
  };
}
const hostModule = once((bytes) => new Module(bytes));
const ourModule = once((bytes) => loadModule(bytes, 'guest.wasm'));

const hostEngine: Engine = {
  name: "the host's WebAssembly",
  run(bytes, options) {
    const wasi = createWasi(options);
    try {
      const { exports } = new Instance(hostModule(bytes), wasi.imports);
      wasi.bind({ view: () => new Uint8Array(exports.memory.buffer) });
      exports._start();
      return 0;
    } catch (error) {
      if (error instanceof ProcExit) return error.code;
      throw error;
    } finally {
      wasi.close();
    }
  },
};

const interpreter: Engine = {
  name: 'the interpreter',
  run(bytes, options) {
    const status = runProgram({ module: ourModule(bytes), name: 'guest.wasm', wasi: options });
    if (status.kind !== 'exit') throw status.error;
    return status.code;
  },
};

export const ENGINES: readonly Engine[] = [hostEngine, interpreter];
