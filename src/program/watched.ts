// A run with somebody looking: traced, recorded, replayed, compared. Puts observers and counters together; what each of them
// does is in its own file, and where text and bytes go is for whoever calls.
import type { WasiObserver, WasiOptions } from '../wasi/index.js';
import type { Module } from '../wasm/index.js';
import { crossCheck } from './cross-check.js';
import type { Engine } from './engine.js';
import { together } from './observers.js';
import { Diverged, otherModule } from './recording/errors.js';
import { digestOf, readRecording, writeRecording, type RecordingReader } from './recording/file.js';
import { VERSION } from './recording/format.js';
import { recorder } from './recording/record.js';
import { replay, type Difference } from './recording/replay.js';
import type { ProgramLimits } from './limits.js';
import { loadEngine, runProgram, type Counting, type ExitStatus } from './run.js';
import { needsThreads } from './imports.js';
import { makeStrace, makeThreadsStrace, type CallFilter, type Strace } from './strace.js';
import { runThreads } from './with-threads.js';

export interface WatchedRun {
  readonly module: Module;
  /** Of the file, in binary or text form. */
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly wasi: WasiOptions;
  readonly engine: Engine | undefined;
  /** For a program with threads, of which nothing but its calls can be watched. */
  readonly maxThreads?: number;
  readonly limits?: ProgramLimits;
  readonly emit?: boolean;
  readonly counting?: Counting;
  readonly strace?: { readonly format: 'text' | 'json'; readonly shows: CallFilter; readonly write: (text: string) => void; readonly sameScreen: readonly string[] };
  /** Whether durations are shown. */
  readonly durations: boolean;
  /** What happens besides: the run is recorded into a file, comes from one, or is repeated on the other engine. */
  readonly mode: { readonly kind: 'plain' | 'cross-check' } | { readonly kind: 'record' | 'replay'; readonly file: string };
  /** What a replayed program writes; a real one writes to its own streams. */
  readonly output: (stream: '<stdout>' | '<stderr>', bytes: Uint8Array) => void;
}

/** Throws what `runProgram` throws; E_RECORDING and E_FILE for recordings, E_DIVERGED where a second run parts from the first. */
export async function runWatched(request: WatchedRun): Promise<ExitStatus> {
  const { module, bytes, name, engine, mode, wasi } = request;
  const { limits, emit = true, counting } = request;
  const program = { module, name, emit, ...(limits === undefined ? {} : { limits }), ...(counting === undefined ? {} : { counting }), ...(module.textPlaces === undefined ? { bytes } : {}) };
  const running = { ...program, ...(engine === undefined ? {} : { engine }) };
  if (mode.kind === 'replay') {
    const recording = openRecording(mode.file, bytes);
    try {
      const strace = straceOf(request, recording.header.preopens, false);
      const counter = replay({
        calls: recording,
        granted: recording.header.preopens,
        output: request.output,
        differs: (difference) => notAsRecorded(mode.file, difference),
        ...observedBy([strace]),
      });
      const status = runProgram({ ...running, wasi: counter });
      strace?.finish(status);
      counter.finish(status);
      return status;
    } finally {
      recording.close();
    }
  }
  if (needsThreads(module) && mode.kind === 'plain') {
    const { maxThreads, strace: asked } = request;
    const strace = asked === undefined ? undefined : makeThreadsStrace({ ...asked, granted: namesOf(wasi), durations: request.durations });
    const status = await runThreads({ ...running, wasi, ...(maxThreads === undefined ? {} : { maxThreads }), ...(strace === undefined ? {} : { watcher: strace }) });
    strace?.finish(status);
    return status;
  }
  const strace = straceOf(request, namesOf(wasi), request.durations);
  if (mode.kind === 'cross-check') {
    const other = await loadEngine(engine === undefined ? 'host' : 'interpreter');
    const status = crossCheck({ ...program, ...observedBy([strace]), wasi, engines: [engine, other] });
    strace?.finish(status);
    return status;
  }
  const file = mode.kind !== 'record' ? undefined : writeRecording(mode.file, {
    wasienv: 'recording',
    version: VERSION,
    module: { name, sha256: digestOf(bytes), sizeBytes: bytes.length },
    args: wasi.args,
    env: wasi.env,
    preopens: namesOf(wasi),
  });
  try {
    const status = runProgram({ ...running, wasi, ...observedBy([file === undefined ? undefined : recorder(file.record), strace]) });
    file?.finish(status);
    strace?.finish(status);
    return status;
  } finally {
    file?.close();
  }
}

/** What the descriptors after the standard streams are open on. */
const namesOf = ({ preopens, sockets }: WasiOptions): string[] => [...preopens.map(({ guest }) => guest), ...(sockets?.addresses ?? []).map(({ host, port }) => `<${host}:${port}>`)];

const observedBy = (observers: readonly (WasiObserver | undefined)[]) => {
  const observer = together(observers.filter((each) => each !== undefined));
  return observer === undefined ? {} : { observer };
};

function straceOf({ strace }: WatchedRun, granted: readonly string[], durations: boolean): Strace | undefined {
  return strace === undefined ? undefined : makeStrace({ ...strace, granted, durations });
}

function openRecording(file: string, bytes: Uint8Array): RecordingReader {
  const recording = readRecording(file);
  const digest = digestOf(bytes);
  if (recording.header.module.sha256 === digest) return recording;
  recording.close();
  throw otherModule(file, recording.header.module, digest);
}

function notAsRecorded(file: string, { calls, now, then }: Difference): Diverged {
  return new Diverged(
    calls,
    `the program does something else than was recorded, after ${calls === 1 ? '1 call' : `${calls} calls`}`,
    [{ who: 'recorded', did: then }, { who: 'now', did: now }, { who: 'recording', did: file }],
    'the recording has been changed, or an engine is at fault: `wasienv run --cross-check` compares the two',
  );
}
