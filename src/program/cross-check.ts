// `--cross-check`: one program on two engines, which must do the same. The first run is the real one and is recorded; the
// second gets what was recorded, so that the disk is touched once, input is read once, and both see the same world to the
// last byte of the clock. What they can differ in is the program's own doing: calls, their arguments, their data, the end.
import type { Module } from '../wasm/index.js';
import { together } from './observers.js';
import { Diverged } from './recording/errors.js';
import { endOf, type RecordedCall, type RecordedCalls } from './recording/format.js';
import { recorder } from './recording/record.js';
import { callText, endText, replay, type Difference } from './recording/replay.js';
import type { Engine } from './engine.js';
import { runProgram, type ExitStatus, type ProgramOptions } from './run.js';
import type { WasiOptions } from '../wasi/index.js';

export type CrossCheckOptions = Omit<ProgramOptions, 'wasi' | 'engine'> & {
  readonly module: Module;
  readonly bytes?: Uint8Array;
  readonly wasi: WasiOptions;
  /** The one whose run counts, then the one that is compared with it; undefined stands for the interpreter. */
  readonly engines: readonly [Engine | undefined, Engine | undefined];
};

/**
 * How the program ended, on both engines. Throws E_DIVERGED at the first difference, and what `runProgram` throws; what
 * one engine does not know is refused before anything runs.
 */
export function crossCheck(options: CrossCheckOptions): ExitStatus {
  const { engines, ...program } = options;
  const [first, second] = engines;
  for (const engine of engines) engine?.check(options.module, options.bytes);

  const calls: RecordedCall[] = [];
  const recording = recorder((call) => calls.push(call));
  const status = runProgram({ ...program, ...on(first), observer: together([recording, ...(options.observer === undefined ? [] : [options.observer])])! });
  // Stopped by us: there is no end to compare.
  if (status.kind === 'limit') return status;
  const recorded = (): RecordedCalls => {
    let index = 0;
    return { next: () => calls[index++], end: endOf(status) };
  };
  const granted = options.wasi.preopens.map(({ guest }) => guest);
  const silent = { granted, output: () => {} };
  const again = replay({ ...silent, calls: recorded(), differs: (difference) => new Parted(difference) });
  try {
    again.finish(runProgram({ ...program, ...on(second), wasi: again }));
    return status;
  } catch (error) {
    if (!(error instanceof Parted)) throw error;
    throw report(error.difference);
  }

  function report({ calls: alike, now, then }: Difference): Diverged {
    const name = (engine: Engine | undefined) => engine?.name ?? 'interpreter';
    const ended = alike >= calls.length;
    const made = ended ? endText(endOf(status)!) : (madeBy(alike) ?? then);
    const fact = ended ? `the engines part after WASI call ${alike}` : `the engines part at WASI call ${alike + 1}, ${calls[alike]!.name}`;
    return new Diverged(alike, fact, [{ who: name(first), did: made }, { who: name(second), did: now }], NEXT);
  }

  /** A call of the first run, decoded: its memory is gone, but the run can be had again, as often as one likes. */
  function madeBy(index: number): string | undefined {
    let text: string | undefined;
    const once = replay({
      ...silent,
      calls: recorded(),
      differs: (difference) => new Parted(difference),
      beforeCall: (call, at, names) => {
        if (at !== index) return;
        text = callText(call, names);
        throw new Parted({ calls: index, now: '', then: '' });
      },
    });
    try {
      runProgram({ ...program, ...on(first), wasi: once });
    } catch (error) {
      if (!(error instanceof Parted)) throw error;
    }
    return text;
  }
}

const on = (engine: Engine | undefined) => (engine === undefined ? {} : { engine });

const NEXT = 'the specification leaves some things open: bits of NaN, relaxed vector instructions, how deep calls go, whether memory grows;\nanything else is a fault of an engine: report it with the module'

/** Ends a run from inside a call. */
class Parted extends Error {
  constructor(readonly difference: Difference) {
    super('the engines part');
  }
}
