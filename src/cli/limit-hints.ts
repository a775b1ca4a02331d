// What to say when a limit of `run` stopped a program, beside what happened. Pure.
import type { ErrorCode } from '../base/errors.js';
import { formatBytes, formatDuration } from '../base/text.js';

const HINTS: Partial<Record<ErrorCode, string>> = {
  E_LIMIT_FUEL: 'if it needs more, raise `--fuel`; the same program stops at the same place every time',
  E_LIMIT_DEPTH: 'if it is meant to go so deep, raise `--max-depth`',
  E_LIMIT_TIME: 'if it is meant to take so long, raise `--timeout`',
};

export function limitHint(code: ErrorCode, onHost: boolean, isPlaceKnown: boolean): string | undefined {
  const where = isPlaceKnown ? '' : '; `--fuel COUNT` stops it too, and tells where it is';
  return code === 'E_LIMIT_TIME' && !onHost ? `${HINTS[code]}${where}` : HINTS[code];
}

/** Said when a program failed that had been refused memory: the two may well belong together. */
export const refusedNote = (wantedBytes: number): string =>
  `note: the program asked for ${formatBytes(wantedBytes)} of memory and was refused more than --max-memory allows`;

/** The last words of a process whose program is in a system call that does not return. */
export const killedMessage = (timeoutMs: number): string =>
  `error[E_LIMIT_TIME]: the time is over: the program had ${formatDuration(timeoutMs)}\n  next   it is inside a system call that does not return, so this process is killed (exit code 137)\n`;
