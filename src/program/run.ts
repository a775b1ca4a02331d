// A program's run: instantiate with WASI, call `_start`, and tell how it ended. What a program may see of the host is
// decided by wasi, how it runs by wasm, whether it can be run at all by load.ts.
import { createWasi, ProcExit, type WasiOptions } from '../wasi/index.js';
import { Exhaustion, Trap, type StackFrame } from '../wasm/errors.js';
import type { InstantiateOptions, Module } from '../wasm/index.js';
import { instantiate } from '../wasm/instantiate.js';
import { Exception } from '../wasm/runtime/exception.js';
import { Memory } from '../wasm/runtime/memory.js';
import { textPlaceOf } from '../wasm/validate/text-place.js';
import { aboutFile } from './errors.js';
import { loadModule, requireCommand } from './load.js';

export type ProgramOptions = {
  /** What to call the program in errors: its file's name. */
  readonly name: string;
  readonly wasi: WasiOptions;
  readonly limits?: InstantiateOptions['limits'];
} & (
  | { readonly bytes: Uint8Array }
  /** As `loadModule` gives it: valid. */
  | { readonly module: Module }
);

/** How a program ended. A trap is the program's own doing and thus not thrown. */
export type ExitStatus =
  | { readonly kind: 'exit'; readonly code: number }
  | {
      readonly kind: 'trap';
      /** The specification's words: `unreachable`, `integer divide by zero`, `call stack exhausted` …; or `uncaught exception`. */
      readonly name: string;
      /** With the calls it happened in. */
      readonly error: Trap | Exhaustion | Exception;
    };

/**
 * Runs a WASI command to its end.
 * Throws, before anything of it runs: what `loadModule` throws; E_LINK for imports that no program can be given, all of
 * them at once; E_NO_START for a module that is no command; E_PREOPEN for a directory that cannot be opened; E_LIMIT
 * for a memory this machine does not have. E_UNSUPPORTED, which may come late, for what the engine does not run yet.
 */
export function runProgram(options: ProgramOptions): ExitStatus {
  const { name } = options;
  const module = 'module' in options ? options.module : loadModule(options.bytes, name);
  requireCommand(module, name);
  const wasi = createWasi(options.wasi);
  try {
    // A module's own start function runs inside `instantiate`, before its memory can be known here: its pointers are
    // faults. The interface says that a command's start is `_start`. Likewise for a module without memory.
    wasi.bind({ view: () => new Uint8Array() });
    const instance = instantiate(module, wasi.imports, options.limits === undefined ? {} : { limits: options.limits });
    const { memory, _start } = instance.exports;
    if (memory instanceof Memory) wasi.bind(memory);
    (_start as () => void)();
    return { kind: 'exit', code: 0 };
  } catch (error) {
    if (error instanceof ProcExit) return { kind: 'exit', code: error.code };
    if (error instanceof Trap || error instanceof Exhaustion || error instanceof Exception) {
      error.frames = describedFrames(error.frames, module);
      return { kind: 'trap', name: error instanceof Trap ? error.trap : error instanceof Exhaustion ? error.wording : 'uncaught exception', error };
    }
    throw aboutFile(name, error);
  } finally {
    wasi.close();
  }
}

/** Calls as the person who wrote the program knows them: by line when it was text, by export where a function has no other name. */
function describedFrames(frames: readonly StackFrame[], { exports, textPlaces }: Module): StackFrame[] {
  return frames.map((frame) => {
    const name = frame.name ?? exports.find(({ kind, index }) => kind === 'func' && index === frame.functionIndex)?.name;
    return { ...frame, ...(name === undefined ? {} : { name }), ...(frame.offset === undefined ? {} : textPlaceOf(textPlaces, frame.offset)) };
  });
}
