// `wasienv run` with somebody looking: the options of it, and where text goes. Loaded when one of them is given, so that a
// plain run waits for none of it.
import { closeSync, openSync, writeSync } from 'node:fs';
import { WasienvError } from '../base/errors.js';
import type { Paint } from '../base/paint.js';
import { isTerminal } from '../base/terminal.js';
import type { ExitStatus } from '../program/index.js';
import { CALL_GROUPS, parseFilter } from '../program/strace.js';
import { runWatched, type WatchedRun } from '../program/watched.js';
import { unwritableFile } from './errors.js';
import type { Watching } from './watch-options.js';

type Program = Pick<WatchedRun, 'module' | 'bytes' | 'name' | 'wasi' | 'engine' | 'limits' | 'emit' | 'counting' | 'durations'>;

/** Throws what `runWatched` throws, E_USAGE for a filter nobody understands, E_FILE for an output that cannot be written. */
export async function watchedRun(program: Program, { strace, mode }: Watching, colour: Paint): Promise<ExitStatus> {
  const shows = parseFilter(strace?.filter);
  if ('unknown' in shows) {
    throw new WasienvError('E_USAGE', `\`--strace-filter\` does not know ${JSON.stringify(shows.unknown)}`, {
      next: `give names of calls (path_open), patterns (fd_*), groups (${Object.keys(CALL_GROUPS).join(', ')}) or \`failed\`, with commas between and \`-\` before what is to be left out`,
    });
  }
  const descriptor = strace?.output === undefined ? 2 : openOutput(strace.output);
  const trace = syncWriter(descriptor);
  const write = { '<stdout>': syncWriter(1), '<stderr>': syncWriter(2) };
  // On a screen with colours what the program itself says stands out.
  const shade = descriptor === 2 && strace?.format === 'text' ? (text: string) => text.replace(/[^\n]+/g, colour.dim) : (text: string) => text;
  try {
    return await runWatched({
      ...program,
      ...(strace === undefined ? {} : { strace: { format: strace.format, shows, write: (text) => trace(Buffer.from(shade(text))), sameScreen: screenOf(descriptor) } }),
      mode,
      output: (stream, bytes) => write[stream](bytes),
    });
  } finally {
    if (descriptor !== 2) closeSync(descriptor);
  }
}

/** The program's streams that go where the trace goes. */
const screenOf = (descriptor: number): string[] => (descriptor !== 2 ? [] : isTerminal(1) && isTerminal(2) ? ['<stdout>', '<stderr>'] : ['<stderr>']);

function openOutput(file: string): number {
  try {
    return openSync(file, 'w');
  } catch (error) {
    throw unwritableFile(file, error as NodeJS.ErrnoException, '--strace-output');
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
