// The exit codes of wasienv. A guest's own code, and clang's, pass through unchanged and may be any of these.

import type { ErrorCode } from '../base/errors.js';

export const EXIT = {
  OK: 0,
  FAILURE: 1,
  USAGE: 2,
  /** 128 + SIGABRT, what a shell shows for a native program that aborted. */
  TRAP: 134,
  INTERRUPTED: 130,
  TERMINATED: 143,
  /** 128 + SIGPIPE: whoever read our output has gone. */
  BROKEN_PIPE: 141,
  /** Limits of `run`. That of time is what timeout(1) has for it; the others stand beside it. */
  LIMIT_MEMORY: 121,
  LIMIT_DEPTH: 122,
  LIMIT_FUEL: 123,
  LIMIT_TIME: 124,
} as const;

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  E_USAGE: EXIT.USAGE,
  E_INTERRUPTED: EXIT.INTERRUPTED,
  E_LIMIT_MEMORY: EXIT.LIMIT_MEMORY,
  E_LIMIT_DEPTH: EXIT.LIMIT_DEPTH,
  E_LIMIT_FUEL: EXIT.LIMIT_FUEL,
  E_LIMIT_TIME: EXIT.LIMIT_TIME,
};

/** The exit code that tells of an error. */
export const exitCodeOf = (code: ErrorCode): number => BY_CODE[code] ?? EXIT.FAILURE;
