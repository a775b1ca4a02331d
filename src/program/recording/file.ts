// Recordings as files: written a line at a time, read a piece at a time, so that neither end holds a long run in memory.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { WasienvError } from '../../base/errors.js';
import type { ExitStatus } from '../run.js';
import { notARecording } from './errors.js';
import { callLine, endLine, endOf, headerLine, LONGEST_LINE, parseHeader, parseLine, type End, type Header, type RecordedCall, type RecordedCalls } from './format.js';

/** How a module is known again. */
export const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface RecordingWriter {
  readonly record: (call: RecordedCall) => void;
  /** The last line. */
  finish(status: ExitStatus): void;
  close(): void;
}

/** Throws E_FILE when the file cannot be written, now or later. */
export function writeRecording(file: string, header: Header): RecordingWriter {
  const guarded = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new WasienvError('E_FILE', `the recording ${file} cannot be written: ${code === 'ENOSPC' ? 'no space left' : code === 'EISDIR' ? 'it is a directory' : (code ?? String(error))}`, {
        where: [['file', file]],
        next: 'record into a directory that you can write to, with room for all that the program reads',
        cause: error,
      });
    }
  };
  const descriptor = guarded(() => openSync(file, 'w'));
  const write = (line: string): void =>
    guarded(() => {
      const bytes = Buffer.from(line);
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    });
  write(headerLine(header));
  return {
    record: (call) => write(callLine(call)),
    finish(status) {
      const end = endOf(status);
      if (end !== undefined) write(endLine(end));
    },
    close: () => closeSync(descriptor),
  };
}

export interface RecordingReader extends RecordedCalls {
  readonly header: Header;
  close(): void;
}

/** Throws E_FILE when there is no such file, E_RECORDING when it is no recording; the latter from `next` too. */
export function readRecording(file: string): RecordingReader {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new WasienvError('E_FILE', `the recording ${file} ${code === 'ENOENT' ? 'does not exist' : `cannot be read: ${code}`}`, {
      where: [['file', file]],
      next: 'make one with `wasienv run --record FILE PROGRAM`',
      cause: error,
    });
  }
  try {
    const lines = linesOf(file, descriptor);
    const first = lines();
    if (first === undefined) throw notARecording(file, 'it is empty, or its first line was cut off');
    const header = parseHeader(file, first);
    let number = 1;
    let end: End | undefined;
    return {
      header,
      get end() {
        return end;
      },
      next() {
        if (end !== undefined) return undefined;
        const line = lines();
        if (line === undefined) return undefined;
        number += 1;
        const parsed = parseLine(file, number, line);
        if (!('end' in parsed)) return parsed;
        end = parsed.end;
        return undefined;
      },
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

const PIECE_BYTES = 1 << 18;
const NEWLINE = 0x0a;

/** The next whole line, without its end. What stands behind the last newline was being written when its writer died. */
function linesOf(file: string, descriptor: number): () => string | undefined {
  let held = Buffer.alloc(0);
  let searched = 0;
  let number = 0;
  return () => {
    number += 1;
    for (;;) {
      const at = held.indexOf(NEWLINE, searched);
      if (at >= 0) {
        const line = held.toString('utf8', 0, at);
        held = held.subarray(at + 1);
        searched = 0;
        return line;
      }
      searched = held.length;
      if (searched > LONGEST_LINE) throw notARecording(file, `line ${number} is longer than any call`);
      const piece = Buffer.alloc(Math.max(PIECE_BYTES, held.length));
      let count: number;
      try {
        count = readSync(descriptor, piece);
      } catch (error) {
        throw notARecording(file, (error as NodeJS.ErrnoException).code === 'EISDIR' ? 'it is a directory' : String((error as NodeJS.ErrnoException).code));
      }
      if (count === 0) return undefined;
      held = Buffer.concat([held, piece.subarray(0, count)]);
    }
  };
}
