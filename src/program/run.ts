// A program's run: instantiate with WASI, call `_start`, and tell how it ended. What a program may see of the host is
// decided by wasi, how it runs by wasm, whether it can be run at all by load.ts.
import { WasienvError } from '../base/errors.js';
import { createWasi, ProcExit, type Wasi, type WasiObserver, type WasiOptions } from '../wasi/index.js';
import { Exhaustion, Trap, type StackFrame } from '../wasm/errors.js';
import type { Module } from '../wasm/index.js';
import { instantiate } from '../wasm/instantiate.js';
import type { Exception } from '../wasm/runtime/exception.js';
import type { Instance } from '../wasm/runtime/instance.js';
import { keepStack } from '../wasm/runtime/machine.js';
import { Memory } from '../wasm/runtime/memory.js';
import { Probes } from '../wasm/runtime/probes.js';
import { PAGE_BYTES } from '../wasm/types.js';
import { textPlaceOf } from '../wasm/validate/text-place.js';
import type { Engine, EngineName } from './engine.js';
import { overflownStack, type CStack } from './c-stack.js';
import { aboutFile, noThreadsError, stackOverflowTrap } from './errors.js';
import { needsThreads } from './imports.js';
import { Deadline, mostPages, requireMemoryWithin, withMemoryWithin, type ProgramLimits } from './limits.js';
import { loadModule, requireCommand } from './load.js';

export type ProgramOptions = {
  /** What to call the program in errors: its file's name. */
  readonly name: string;
  /** What the program is given, or a counter that is there already: one that replays a recording. */
  readonly wasi: WasiOptions | Wasi;
  /** What runs it: the interpreter, unless `loadEngine` gave another. */
  readonly engine?: Engine;
  /** Whether the interpreter may make JavaScript of what runs often; true unless told. What a program does is the same. */
  readonly emit?: boolean;
  /** Sees every WASI call; not for a counter that is there already. */
  readonly observer?: WasiObserver;
  readonly limits?: ProgramLimits;
  /** What to count while it runs; the interpreter's alone. `done` gets it, however the program ended. */
  readonly counting?: Counting;
} & (
  | { readonly bytes: Uint8Array }
  /** As `loadModule` gives it: valid. `bytes` are those it was decoded from, for engines that want them. */
  | { readonly module: Module; readonly bytes?: Uint8Array }
);

export interface Counting {
  /** Instructions by the calls they are performed in. */
  readonly profile: boolean;
  /** How often each stretch of code is entered. */
  readonly coverage: boolean;
  readonly done: (counted: Probes) => void;
}

/** How a program ended. A trap is the program's own doing and thus not thrown. */
export type ExitStatus = {
  /** The most memory it once asked for and did not get because of a limit. */
  readonly refusedBytes?: number;
} & (
  | { readonly kind: 'exit'; readonly code: number }
  /** Stopped by a limit somebody set. */
  | { readonly kind: 'limit'; readonly error: Exhaustion }
  | {
      readonly kind: 'trap';
      /** The specification's words: `unreachable`, `integer divide by zero`, `call stack exhausted` …; or `uncaught exception`. */
      readonly name: string;
      /** With the calls it happened in. */
      readonly error: WasienvError & { readonly frames: readonly StackFrame[] };
      /** The C stack, when the program had used it up: what became of that is the trap. */
      readonly overflown?: CStack;
    }
);

/**
 * Runs a WASI command to its end.
 * Throws, before anything of it runs: what `loadModule` throws; E_LINK for imports that no program can be given, all of
 * them at once; E_NO_START for a module that is no command; E_PREOPEN for a directory that cannot be opened; E_LIMIT
 * for a memory this machine does not have, E_LIMIT_MEMORY for one that may not be. E_UNSUPPORTED, which may come late, for what the engine does not run yet.
 */
export function runProgram(options: ProgramOptions): ExitStatus {
  const { name, limits = {} } = options;
  const module = 'module' in options ? options.module : loadModule(options.bytes, name);
  requireCommand(module, name);
  if (needsThreads(module)) throw noThreadsError(name, '`runProgram` runs one alone', 'run it with `runThreads`, which takes the same options and answers later');
  requireMemoryWithin(module, limits, name);
  refuseProbes(options);
  const deadline = limits.timeoutMs === undefined ? undefined : new Deadline(limits.timeoutMs);
  const wasi = counterOf(options, deadline);
  const running: Running = {};
  const refused = (): { refusedBytes?: number } => {
    const pages = Math.max(0, ...(running.instance?.memories ?? []).map(({ refusedPages }) => refusedPages));
    return pages === 0 ? {} : { refusedBytes: pages * PAGE_BYTES };
  };
  try {
    if (options.engine === undefined) interpret(module, wasi, options, deadline, running);
    else host(options.engine, module, wasi, options, deadline);
    return { kind: 'exit', code: 0, ...refused() };
  } catch (error) {
    if (error instanceof ProcExit) return { kind: 'exit', code: error.code, ...refused() };
    if (isStop(error)) {
      const stack = error instanceof Trap && running.instance !== undefined ? overflownStack(module, running.instance, error.trap) : undefined;
      return { ...stoppedStatus(error, module, stack), ...refused() };
    }
    throw aboutFile(name, error);
  } finally {
    wasi.close();
  }
}

/** What a run has got to. */
interface Running {
  instance?: Instance;
}

function counterOf({ wasi, observer }: ProgramOptions, deadline: Deadline | undefined): Wasi {
  if ('imports' in wasi) return wasi;
  return createWasi({ ...wasi, ...(observer === undefined ? {} : { observer }), ...(deadline === undefined ? {} : { waiting: deadline.check }) });
}

/** The engine of that name, for `runProgram`; undefined stands for the interpreter. Others are loaded when asked for. */
export async function loadEngine(name: EngineName): Promise<Engine | undefined> {
  return name === 'host' ? (await import('./host/engine.js')).hostEngine : undefined;
}

/** What the program itself did to be stopped; of any engine. */
export type Stop = WasienvError & { frames: readonly StackFrame[] };

/** How a program ended that was stopped; `stack` is its C stack, when it had used that up. */
export function stoppedStatus(error: Stop, module: Module, stack: CStack | undefined): ExitStatus {
  error.frames = describedFrames(error.frames, module);
  if (error instanceof Exhaustion && error.code !== 'E_EXHAUSTION') return { kind: 'limit', error };
  const name = error instanceof Trap ? error.trap : error instanceof Exhaustion ? error.wording : 'uncaught exception';
  return { kind: 'trap', name, ...(stack === undefined ? { error } : { error: stackOverflowTrap(name, stack, error.frames, error.where), overflown: stack }) };
}

function isStop(error: unknown): error is Trap | Exhaustion | Exception {
  return error instanceof Trap || error instanceof Exhaustion || (error instanceof WasienvError && error.code === 'E_EXCEPTION');
}

function interpret(module: Module, wasi: Wasi, { limits = {}, counting, emit = true }: ProgramOptions, deadline: Deadline | undefined, running: Running): void {
  // A module's own start function runs inside `instantiate`, before its memory can be known here: its pointers are
  // faults. The interface says that a command's start is `_start`. Likewise for a module without memory.
  wasi.bind({ view: () => new Uint8Array() });
  const probes = probesFor(limits, counting, deadline);
  const memoryPages = mostPages(limits);
  const run = (): void => {
    const instance = instantiate(module, wasi.imports, { emit, ...(memoryPages === undefined ? {} : { limits: { memoryPages } }), ...(probes === undefined ? {} : { probes }) });
    running.instance = instance;
    const { memory, _start } = instance.exports;
    if (memory instanceof Memory) wasi.bind(memory);
    (_start as () => void)();
  };
  try {
    // Probes ask for the time where they are anyway, and then know where the program is; without them it runs at full speed.
    if (deadline === undefined || probes !== undefined) run();
    else deadline.around(run, keepStack());
  } finally {
    if (probes !== undefined) counting?.done(probes);
  }
}

/** Undefined for a program whose instructions nobody limits or measures: its code has no probes, and costs nothing more. */
function probesFor({ fuel, maxDepth }: ProgramLimits, counting: Counting | undefined, deadline: Deadline | undefined): Probes | undefined {
  if (fuel === undefined && maxDepth === undefined && counting === undefined) return undefined;
  return new Probes({
    ...(fuel === undefined ? {} : { fuel }),
    ...(maxDepth === undefined ? {} : { depth: maxDepth }),
    ...(deadline === undefined ? {} : { interrupt: deadline.passed, leftMs: () => deadline.leftMs }),
    tally: counting?.coverage ?? false,
    profile: counting?.profile ?? false,
  });
}

function host(engine: Engine, module: Module, wasi: Wasi, { bytes, limits = {} }: ProgramOptions, deadline: Deadline | undefined): void {
  const limited = withMemoryWithin(module, limits);
  const run = (): void => engine.run(limited, limited === module ? bytes : undefined, wasi);
  if (deadline === undefined) run();
  else deadline.around(run);
}

/** Machine code has no room for probes: E_USAGE. */
export function refuseProbes({ engine, limits, counting }: Pick<ProgramOptions, 'engine' | 'limits' | 'counting'>): void {
  if (engine === undefined) return;
  const option = limits?.fuel !== undefined ? 'a limit of instructions' : limits?.maxDepth !== undefined ? 'a limit of calls' : counting !== undefined ? 'counting instructions' : undefined;
  if (option === undefined) return;
  throw new WasienvError('E_USAGE', `${option} needs the interpreter: the host’s engine counts nothing`, { next: 'leave `--engine host` away' });
}

/** Calls as the person who wrote the program knows them: by line when it was text, by export where a function has no other name. */
function describedFrames(frames: readonly StackFrame[], { exports, textPlaces }: Module): StackFrame[] {
  return frames.map((frame) => {
    const name = frame.name ?? exports.find(({ kind, index }) => kind === 'func' && index === frame.functionIndex)?.name;
    return { ...frame, ...(name === undefined ? {} : { name }), ...(frame.offset === undefined ? {} : textPlaceOf(textPlaces, frame.offset)) };
  });
}
