// Input whose pieces do not depend on how fast somebody writes: every read waits until it has all it asked for, or the end.
import fs from 'node:fs';
import { isTerminal } from '../../base/terminal.js';
import type { InputStream } from './streams.js';

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Of a pipe; files give whole pieces as they are, and a person at a terminal is asked line by line. */
export function wholeInput(descriptor: number): InputStream {
  let file: boolean;
  try {
    file = fs.fstatSync(descriptor).isFile() || isTerminal(descriptor);
  } catch {
    // Not open: the program has no input either.
    return descriptor;
  }
  if (file) return descriptor;
  return {
    read(into) {
      let filled = 0;
      while (filled < into.length) {
        try {
          const count = fs.readSync(descriptor, into, filled, into.length - filled, null);
          if (count === 0) break;
          filled += count;
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          if (code === 'EOF') break;
          if (code !== 'EAGAIN' && code !== 'EINTR') throw error;
          Atomics.wait(sleeper, 0, 0, 1);
        }
      }
      return filled;
    },
  };
}
