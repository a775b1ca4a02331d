// What can run a program besides the interpreter, which run.ts knows itself: each other engine is loaded when it is asked for.
import type { Wasi } from '../wasi/index.js';
import type { Module } from '../wasm/index.js';

export type EngineName = 'interpreter' | 'host';

export interface Engine {
  readonly name: EngineName;
  /** Throws E_UNSUPPORTED for a module that the engine does not know. */
  check(module: Module, bytes: Uint8Array | undefined): void;
  /**
   * Runs a valid command to its end. `bytes` are those the module was decoded from, when it was.
   * Throws ProcExit for the program's exit, Trap, Exhaustion or Exception with the calls it happened in, E_UNSUPPORTED
   * for what the engine does not know.
   */
  run(module: Module, bytes: Uint8Array | undefined, wasi: Wasi): void;
}
