// A program's run: instantiate with WASI, call `_start`, and tell how it ended. What a program may see of the host is
// decided by wasi, how it runs by wasm, whether it can be run at all by load.ts.
import { WasienvError } from '../base/errors.js';
import { createWasi, ProcExit, type Wasi, type WasiObserver, type WasiOptions } from '../wasi/index.js';
import { Exhaustion, Trap, type StackFrame } from '../wasm/errors.js';
import type { InstantiateOptions, Module } from '../wasm/index.js';
import { instantiate } from '../wasm/instantiate.js';
import type { Exception } from '../wasm/runtime/exception.js';
import { Memory } from '../wasm/runtime/memory.js';
import { textPlaceOf } from '../wasm/validate/text-place.js';
import type { Engine, EngineName } from './engine.js';
import { aboutFile } from './errors.js';
import { loadModule, requireCommand } from './load.js';

export type ProgramOptions = {
  /** What to call the program in errors: its file's name. */
  readonly name: string;
  /** What the program is given, or a counter that is there already: one that replays a recording. */
  readonly wasi: WasiOptions | Wasi;
  /** What runs it: the interpreter, unless `loadEngine` gave another. */
  readonly engine?: Engine;
  /** Sees every WASI call; not for a counter that is there already. */
  readonly observer?: WasiObserver;
  readonly limits?: InstantiateOptions['limits'];
} & (
  | { readonly bytes: Uint8Array }
  /** As `loadModule` gives it: valid. `bytes` are those it was decoded from, for engines that want them. */
  | { readonly module: Module; readonly bytes?: Uint8Array }
);

/** How a program ended. A trap is the program's own doing and thus not thrown. */
export type ExitStatus =
  | { readonly kind: 'exit'; readonly code: number }
  | {
      readonly kind: 'trap';
      /** The specification's words: `unreachable`, `integer divide by zero`, `call stack exhausted` …; or `uncaught exception`. */
      readonly name: string;
      /** With the calls it happened in. */
      readonly error: WasienvError & { readonly frames: readonly StackFrame[] };
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
  const wasi = 'imports' in options.wasi ? options.wasi : createWasi(options.observer === undefined ? options.wasi : { ...options.wasi, observer: options.observer });
  try {
    if (options.engine === undefined) interpret(module, wasi, options);
    else options.engine.run(module, options.bytes, wasi);
    return { kind: 'exit', code: 0 };
  } catch (error) {
    if (error instanceof ProcExit) return { kind: 'exit', code: error.code };
    if (isStop(error)) {
      error.frames = describedFrames(error.frames, module);
      return { kind: 'trap', name: error instanceof Trap ? error.trap : error instanceof Exhaustion ? error.wording : 'uncaught exception', error };
    }
    throw aboutFile(name, error);
  } finally {
    wasi.close();
  }
}

/** The engine of that name, for `runProgram`; undefined stands for the interpreter. Others are loaded when asked for. */
export async function loadEngine(name: EngineName): Promise<Engine | undefined> {
  return name === 'host' ? (await import('./host/engine.js')).hostEngine : undefined;
}

/** What the program itself did to be stopped; of any engine. */
function isStop(error: unknown): error is Trap | Exhaustion | Exception {
  return error instanceof Trap || error instanceof Exhaustion || (error instanceof WasienvError && error.code === 'E_EXCEPTION');
}

function interpret(module: Module, wasi: Wasi, { limits }: ProgramOptions): void {
  // A module's own start function runs inside `instantiate`, before its memory can be known here: its pointers are
  // faults. The interface says that a command's start is `_start`. Likewise for a module without memory.
  wasi.bind({ view: () => new Uint8Array() });
  const instance = instantiate(module, wasi.imports, limits === undefined ? {} : { limits });
  const { memory, _start } = instance.exports;
  if (memory instanceof Memory) wasi.bind(memory);
  (_start as () => void)();
}

/** Calls as the person who wrote the program knows them: by line when it was text, by export where a function has no other name. */
function describedFrames(frames: readonly StackFrame[], { exports, textPlaces }: Module): StackFrame[] {
  return frames.map((frame) => {
    const name = frame.name ?? exports.find(({ kind, index }) => kind === 'func' && index === frame.functionIndex)?.name;
    return { ...frame, ...(name === undefined ? {} : { name }), ...(frame.offset === undefined ? {} : textPlaceOf(textPlaces, frame.offset)) };
  });
}
