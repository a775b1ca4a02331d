// The engine that Node has: machine code, many times as fast as the interpreter, on the same counter. The module has been
// validated by us before, so what is wrong with it is said in the same words; what a trap is called and where it happened
// is brought into the interpreter's terms (traps.ts).
import type { Wasi } from '../../wasi/index.js';
import { encode } from '../../wasm/binary/encode.js';
import type { Module } from '../../wasm/index.js';
import { isKnownValid, validate } from '../../wasm/validate/validate.js';
import type { Engine } from '../engine.js';
import { memoryError, viewOf } from './memory.js';
import { FRAMES_KEPT, uncatchable, wantedFunctions } from './shim.js';
import { placesOf, stopOf, type Places } from './traps.js';
import { unknownToNode } from './unsupported.js';
import { webAssembly } from './web-assembly.js';

export const hostEngine: Engine = {
  name: 'host',
  check(module, given) {
    compile(bytesOf(module, given));
  },
  run(module, given, wasi) {
    const bytes = bytesOf(module, given);
    const places = placesOf(module, bytes, given !== undefined);
    const kept = Error.stackTraceLimit;
    Error.stackTraceLimit = FRAMES_KEPT;
    try {
      start(module, bytes, wasi, places);
    } finally {
      Error.stackTraceLimit = kept;
    }
  },
};

/** What is not valid is said by us, before the host sees it. */
function bytesOf(module: Module, given: Uint8Array | undefined): Uint8Array {
  if (!isKnownValid(module)) validate(module);
  return given ?? encode(module, { names: true });
}

function start(module: Module, bytes: Uint8Array, wasi: Wasi, places: Places): void {
  const compiled = compile(bytes);
  const { imports, failure } = uncatchable(wantedFunctions(module), wasi.imports);
  // As in the interpreter: before the instance is there, its memory cannot be known.
  wasi.bind({ view: () => new Uint8Array() });
  try {
    const { exports } = new webAssembly.Instance(compiled, imports);
    if (exports['memory'] instanceof webAssembly.Memory) wasi.bind(viewOf(exports['memory']));
    (exports['_start'] as () => void)();
  } catch (thrown) {
    const own = failure();
    if (own !== undefined && !(own.error instanceof RangeError)) throw own.error;
    throw stopOf(thrown, own?.error instanceof RangeError, places) ?? memoryError(thrown) ?? thrown;
  }
}

/** Throws E_UNSUPPORTED for what this Node does not know. */
export function compile(bytes: Uint8Array): object {
  try {
    return new webAssembly.Module(bytes);
  } catch (thrown) {
    throw thrown instanceof webAssembly.CompileError ? unknownToNode(thrown, bytes) : thrown;
  }
}
