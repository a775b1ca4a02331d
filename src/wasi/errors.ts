// What can go wrong at the counter, in two tongues: errnos for the guest (`WasiError`) and WasienvErrors for the
// person (`preopenError`). Host errors become errnos here, by code; their text, which names host paths, stays here.
import { WasienvError } from '../base/errors.js';
import { Errno, type ErrnoName } from './abi.js';

/** Thrown by a handler, turned into its errno by the call table. Carries no message: the guest sees a number only. */
export class WasiError extends Error {
  override readonly name = 'WasiError';
  constructor(readonly errno: Errno) {
    super();
  }
}

// One object an errno: a failed lookup is an everyday answer (a compiler asks for thousands of files that are not
// there), and an Error with a stack costs more than the system call it reports.
const thrown = new Map<ErrnoName, WasiError>();

/** The error to throw for an errno. */
export function wasiError(name: ErrnoName): WasiError {
  let error = thrown.get(name);
  if (error === undefined) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    error = new WasiError(Errno[name]);
    Error.stackTraceLimit = limit;
    thrown.set(name, error);
  }
  return error;
}

/** Thrown through the guest's frames by `proc_exit`; `program/` catches it. Not an error of anyone. */
export class ProcExit extends Error {
  override readonly name = 'ProcExit';
  /** The guest's exit code, 0 to 2^32 - 1. */
  constructor(readonly code: number) {
    super(`the program exited with code ${code}`);
  }
}

// Names where the host and the interface differ; all others are `E` + the interface's name in capitals.
const OTHER_NAMES: Readonly<Record<string, ErrnoName>> = {
  EWOULDBLOCK: 'again',
  EOPNOTSUPP: 'notsup',
  // libuv's name for a Windows error it has no other name for.
  UNKNOWN: 'io',
  ESHUTDOWN: 'pipe',
  EFTYPE: 'inval',
  ECHARSET: 'ilseq',
  ERR_FS_FILE_TOO_LARGE: 'fbig',
};
const BY_CODE = new Map<string, Errno>([
  ...(Object.keys(Errno) as ErrnoName[]).map((name): [string, Errno] => [`E${name.toUpperCase()}`, Errno[name]]),
  ...Object.entries(OTHER_NAMES).map(([code, name]): [string, Errno] => [code, Errno[name]]),
]);

/** The errno for whatever a handler threw, or undefined when it is a fault of ours that must not be hidden. */
export function errnoOf(error: unknown): Errno | undefined {
  if (error instanceof WasiError) return error.errno;
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return undefined;
  const errno = BY_CODE.get(code);
  if (errno !== undefined) return errno;
  // Node refused an argument that the guest chose (an offset too large, a NUL in a path); a system error without a
  // counterpart in the interface is EIO.
  if (code.startsWith('ERR_')) return Errno.inval;
  return (error as NodeJS.ErrnoException).syscall === undefined ? undefined : Errno.io;
}

export function preopenError(host: string, guest: string, cause: unknown): WasienvError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const fact =
    code === 'ENOENT' ? 'does not exist'
    : code === 'ENOTDIR' ? 'is not a directory'
    : code === 'EACCES' || code === 'EPERM' ? 'may not be opened by you'
    : 'cannot be opened';
  return new WasienvError('E_PREOPEN', `the directory ${host} ${fact}, so the program cannot be given it as ${guest}`, {
    where: [['host', host], ['guest', guest]],
    next:
      code === 'ENOENT' ? 'create it, or correct the path; the order is `--dir HOST::GUEST`'
      : code === 'ENOTDIR' ? 'give a directory; a single file is reached through the directory that holds it'
      : 'correct its permissions, or give another directory',
    cause,
  });
}

export function preopenNameError(guest: string): WasienvError {
  return new WasienvError('E_PREOPEN', `the guest path ${JSON.stringify(guest)} of a preopen cannot be used`, {
    next: 'give a path that is not empty and holds no NUL character, such as `/data` or `.`',
  });
}

export function listenError({ host, port }: { readonly host: string; readonly port: number }, code: string, message: string): WasienvError {
  const at = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const fact =
    code === 'EADDRINUSE' ? 'is taken by another program'
    : code === 'EACCES' || code === 'EPERM' ? 'may not be used by you'
    : code === 'EADDRNOTAVAIL' ? 'is no address of this machine'
    : code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? 'has a name that nobody knows'
    : `cannot be listened on (${message})`;
  return new WasienvError('E_LISTEN', `${at} ${fact}`, {
    next:
      code === 'EADDRINUSE' ? 'give another port, end the other program, or take any free port with `--listen 0`'
      : code === 'EACCES' || code === 'EPERM' ? 'give a port above 1023'
      : 'give an address of this machine, for example `--listen 127.0.0.1:8080`',
  });
}

/** Arguments and environment are NUL-terminated strings for the guest: one with a NUL inside would read as two. */
export function nulError(kind: 'argument' | 'environment variable', text: string): WasienvError {
  return new WasienvError('E_USAGE', `an ${kind} of the program holds a NUL character: ${JSON.stringify(text)}`, {
    next: 'remove the NUL; programs receive their arguments and environment as NUL-terminated strings',
  });
}
