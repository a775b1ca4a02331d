// One run of one program (clang, wasm-ld, llvm-ar …) of the portable module, in the thread that calls. The host's
// WebAssembly runs it, with wasienv's own preview 1 over the real file system.
import { createWasi, PREVIEW1, ProcExit } from '../../wasi/index.js';
import type { InputStream, OutputStream } from '../../wasi/index.js';
import type { GuestPreopen } from './guest-paths.js';
import { EXPERIMENT, findWorkingDirectoryCell, isWorkingDirectoryCell, writePointer } from './working-directory.js';

/** As much of the host's WebAssembly as is used here; Node's types do not describe it. */
interface HostWebAssembly {
  readonly Module: new (bytes: Uint8Array) => HostModule;
  readonly Instance: new (module: HostModule, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
}
export type HostModule = object & { readonly __brand?: 'WebAssembly.Module' };

const hostWebAssembly = (globalThis as unknown as { WebAssembly: HostWebAssembly }).WebAssembly;

export function compileModule(bytes: Uint8Array): HostModule {
  return new hostWebAssembly.Module(bytes);
}

export interface GuestRun {
  /** `argv[0]` chooses the program. */
  readonly argv: readonly string[];
  /** Absolute, as the guest writes it. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly preopens: readonly GuestPreopen[];
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** Runs to the end and gives the exit code. A trap or a stack overflow of the program is thrown as the host throws it. */
export function runGuest(module: HostModule, cell: number, run: GuestRun): number {
  const { code } = start(module, run, (memory, address) => {
    if (!isWorkingDirectoryCell(memory, cell)) throw new UnsuitableModule(`no working directory at ${cell}`);
    writePointer(memory, cell, address);
  });
  return code;
}

/** Finds where this build's libc keeps the current directory; see working-directory.ts. */
export function discoverCell(module: HostModule, directory: GuestPreopen['host']): number {
  const silent = { write: () => undefined };
  let before: Uint8Array = new Uint8Array();
  const { memory } = start(module, {
    argv: EXPERIMENT.args, cwd: '/', env: {}, preopens: [{ host: directory, guest: EXPERIMENT.directory }],
    stdin: { read: () => 0 }, stdout: silent, stderr: silent,
  }, (view) => { before = view.slice(); });
  const cell = findWorkingDirectoryCell(before, memory());
  if (cell === undefined) throw new UnsuitableModule('its current directory was not found');
  return cell;
}

export class UnsuitableModule extends Error {}

/** witx: errno `pipe`. */
const ERRNO_PIPE = 64;
/** As shells count: 128 and the signal's number. */
const EXIT_SIGPIPE = 141;

/** `beforeMain` is called when libc has asked for the arguments, with the address at which the path of `cwd` stands. */
function start(module: HostModule, run: GuestRun, beforeMain: (memory: Uint8Array, cwdAddress: number) => void): { code: number; memory: () => Uint8Array } {
  const wasi = createWasi({
    args: run.argv,
    env: run.env,
    preopens: run.preopens,
    stdin: run.stdin,
    stdout: run.stdout,
    stderr: run.stderr,
  });
  const own = wasi.imports[PREVIEW1] as unknown as Record<string, (...values: number[]) => number>;
  const path = new TextEncoder().encode(`${run.cwd}\0`);
  let argumentBytes = 0;
  const imports = {
    ...own,
    args_sizes_get(count: number, size: number): number {
      const errno = own['args_sizes_get']!(count, size);
      const view = new DataView(memory.buffer);
      argumentBytes = view.getUint32(size >>> 0, true);
      view.setUint32(size >>> 0, argumentBytes + path.byteLength, true);
      return errno;
    },
    fd_write(fd: number, ...rest: number[]): number {
      const errno = own['fd_write']!(fd, ...rest);
      // A native clang is ended by SIGPIPE when its reader has gone, and says nothing: `wasienv cc -E x.c | head`.
      if (errno === ERRNO_PIPE && (fd === 1 || fd === 2)) throw new ProcExit(EXIT_SIGPIPE);
      return errno;
    },
    args_get(pointers: number, bytes: number): number {
      const errno = own['args_get']!(pointers, bytes);
      const address = (bytes >>> 0) + argumentBytes;
      view().set(path, address);
      beforeMain(view(), address);
      return errno;
    },
  };
  const instance = new hostWebAssembly.Instance(module, { [PREVIEW1]: imports });
  const memory = instance.exports['memory'] as { readonly buffer: ArrayBuffer };
  let bytes = new Uint8Array(memory.buffer);
  const view = (): Uint8Array => {
    // A grown memory has a new buffer and leaves the old one empty.
    if (bytes.buffer !== memory.buffer) bytes = new Uint8Array(memory.buffer);
    return bytes;
  };
  wasi.bind({ view });
  try {
    (instance.exports['_start'] as () => void)();
    return { code: 0, memory: view };
  } catch (error) {
    if (error instanceof ProcExit) return { code: error.code, memory: view };
    throw error;
  } finally {
    wasi.close();
  }
}
