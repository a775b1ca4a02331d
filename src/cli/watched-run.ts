// `wasienv run` with somebody looking: traced, recorded, replayed, repeated, on two engines. Loaded when one of these is
// asked for, so that a plain run waits for none of it.
import { closeSync, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { WasienvError } from '../base/errors.js';
import { crossCheck } from '../program/cross-check.js';
import type { Engine } from '../program/engine.js';
import { loadEngine, runProgram, type ExitStatus } from '../program/index.js';
import { together } from '../program/observers.js';
import { Diverged } from '../program/recording/errors.js';
import { otherModule } from '../program/recording/errors.js';
import { digestOf, readRecording, writeRecording, type RecordingReader } from '../program/recording/file.js';
import { VERSION } from '../program/recording/format.js';
import { recorder } from '../program/recording/record.js';
import { replay, type Difference } from '../program/recording/replay.js';
import { CALL_GROUPS, makeStrace, parseFilter, type Strace } from '../program/strace.js';
import { preview1Calls } from '../wasi/preview1.js';
import type { WasiObserver, WasiOptions } from '../wasi/index.js';
import type { Module } from '../wasm/index.js';

export interface WatchedRun {
  readonly module: Module;
  /** Of the file, in binary or text form. */
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly wasi: WasiOptions;
  readonly engine: Engine | undefined;
  readonly crossCheck: boolean;
  readonly strace: '' | 'json' | undefined;
  readonly straceFilter: string | undefined;
  readonly straceOutput: string | undefined;
  readonly record: string | undefined;
  readonly replay: string | undefined;
  readonly deterministic: boolean;
}

export async function watchedRun(request: WatchedRun): Promise<ExitStatus> {
  const { module, bytes, name, engine } = request;
  const program = { module, name, ...(module.textPlaces === undefined ? { bytes } : {}) };
  const closers: (() => void)[] = [];
  try {
    const recording = request.replay === undefined ? undefined : openRecording(request.replay, bytes);
    if (recording !== undefined) closers.push(() => recording.close());
    const strace = straceOf(request, recording?.header.preopens ?? request.wasi.preopens.map(({ guest }) => guest), closers);
    const observers: WasiObserver[] = strace === undefined ? [] : [strace];
    const running = { ...program, ...(engine === undefined ? {} : { engine }) };
    const status =
      recording !== undefined ? replayed(request.replay!, recording, together(observers), running)
      : request.crossCheck ? crossCheck({ ...program, ...observedBy(observers), wasi: request.wasi, engines: [engine, await loadEngine(engine === undefined ? 'host' : 'interpreter')] })
      : recorded(request, observers, closers, running);
    strace?.finish(status);
    return status;
  } finally {
    for (const close of closers) close();
  }
}

type Running = { readonly module: Module; readonly name: string; readonly bytes?: Uint8Array; readonly engine?: Engine };

const observedBy = (observers: readonly WasiObserver[]) => {
  const observer = together(observers);
  return observer === undefined ? {} : { observer };
};

function recorded({ record, bytes, name, wasi }: WatchedRun, observers: readonly WasiObserver[], closers: (() => void)[], running: Running): ExitStatus {
  if (record === undefined) return runProgram({ ...running, wasi, ...observedBy(observers) });
  const file = writeRecording(record, {
    wasienv: 'recording',
    version: VERSION,
    module: { name, sha256: digestOf(bytes), sizeBytes: bytes.length },
    args: wasi.args,
    env: wasi.env,
    preopens: wasi.preopens.map(({ guest }) => guest),
  });
  closers.push(() => file.close());
  const status = runProgram({ ...running, wasi, ...observedBy([recorder(file.record), ...observers]) });
  file.finish(status);
  return status;
}

function openRecording(file: string, bytes: Uint8Array): RecordingReader {
  const recording = readRecording(file);
  const digest = digestOf(bytes);
  if (recording.header.module.sha256 === digest) return recording;
  recording.close();
  throw otherModule(file, recording.header.module, digest);
}

function replayed(file: string, recording: RecordingReader, observer: WasiObserver | undefined, running: Running): ExitStatus {
  const write = { '<stdout>': syncWriter(1), '<stderr>': syncWriter(2) };
  const differs = ({ calls, now, then }: Difference) =>
    new Diverged(calls, `the program does something else than was recorded, after ${calls === 1 ? '1 call' : `${calls} calls`}`, [{ who: 'recorded', did: then }, { who: 'now', did: now }, { who: 'file', did: file }], 'the recording has been changed, or an engine is at fault: `wasienv run --cross-check` compares the two');
  const counter = replay({
    calls: recording,
    granted: recording.header.preopens,
    output: (stream, bytes) => write[stream](bytes),
    differs,
    ...(observer === undefined ? {} : { observer }),
  });
  const status = runProgram({ ...running, wasi: counter });
  counter.finish(status);
  return status;
}

function straceOf(request: WatchedRun, granted: readonly string[], closers: (() => void)[]): Strace | undefined {
  if (request.strace === undefined) return undefined;
  const known = preview1Calls.map((call) => call.name);
  const filter = parseFilter(request.straceFilter, known);
  if ('unknown' in filter) {
    throw new WasienvError('E_USAGE', `\`--strace-filter\` does not know ${JSON.stringify(filter.unknown)}`, {
      next: `give names of calls (path_open), patterns (fd_*), groups (${Object.keys(CALL_GROUPS).join(', ')}) or \`failed\`, with commas between and \`-\` before what is to be left out`,
    });
  }
  const descriptor = request.straceOutput === undefined ? 2 : openOutput(request.straceOutput);
  if (descriptor !== 2) closers.push(() => closeSync(descriptor));
  const write = syncWriter(descriptor);
  return makeStrace({
    format: request.strace === 'json' ? 'json' : 'text',
    shows: filter,
    write: (text) => write(Buffer.from(text)),
    granted,
    durations: !request.deterministic && request.replay === undefined,
    sameScreen: descriptor !== 2 ? [] : isatty(1) && isatty(2) ? ['<stdout>', '<stderr>'] : ['<stderr>'],
  });
}

function openOutput(file: string): number {
  try {
    return openSync(file, 'w');
  } catch (error) {
    throw new WasienvError('E_FILE', `${file} cannot be written: ${(error as NodeJS.ErrnoException).code}`, { where: [['file', file]], next: 'give `--strace-output` a file that you can write', cause: error });
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Writes at once, between what the program itself writes; waits for a pipe that is full. A reader that has gone is no error. */
function syncWriter(descriptor: number): (bytes: Uint8Array) => void {
  let gone = false;
  return (bytes) => {
    for (let done = 0; done < bytes.length && !gone; ) {
      try {
        done += writeSync(descriptor, bytes, done);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') Atomics.wait(sleeper, 0, 0, 1);
        else if (code === 'EPIPE' || code === 'EBADF') gone = true;
        else throw error;
      }
    }
  };
}
