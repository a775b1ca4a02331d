// The exit codes of wasienv. A guest's own code, and clang's, pass through unchanged and may be any of these.

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
} as const;
