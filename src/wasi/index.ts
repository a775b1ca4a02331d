// The counter between a guest and the host: what a WASI program may ask for, and how it is answered. Knows nothing of
// engines but a view of the guest's memory, so the same object serves our interpreter and the host's WebAssembly.
//
// The sandbox. A program reaches the directories it was granted and nothing else: paths are resolved here, name by
// name, links included (resolve.ts); every pointer and length is checked (memory.ts); an error is a number, and no
// text of the host, in particular no path, crosses over. On Linux directories are held by handle and no step of a
// path can be swapped by another process. On other hosts, whose file system calls Node offers by path only, a process
// of the host (not the guest) that swaps a directory for a link at the right microsecond can lead one call outside.
import { answering, makeImport, makeObservedImport, type Call, type Import } from './call.js';
import type { GuestMemory } from './memory.js';
import { PREVIEW0, preview0Calls } from './preview0.js';
import { PREVIEW1, preview1Calls } from './preview1.js';
import { WasiHost, type WasiOptions } from './wasi-host.js';

export interface Wasi {
  /** By module and name, to instantiate with. */
  readonly imports: Readonly<Record<string, Readonly<Record<string, Import>>>>;
  /** Gives the program's memory, before it starts. */
  bind(memory: GuestMemory): void;
  /** Gives back every descriptor of the host that the program still held. */
  close(): void;
}

/**
 * One program's side of the counter; not to be used for a second program.
 * Throws E_PREOPEN for a directory that cannot be granted, E_USAGE for a NUL in an argument or the environment.
 */
export function createWasi(options: WasiOptions): Wasi {
  const host = new WasiHost(options);
  const { observer } = options;
  const counter = { memory: () => host.observedMemory, answer: answering(host) };
  const functions = (snapshot: string, rows: readonly Call[]): Record<string, Import> =>
    Object.fromEntries(rows.map((row) => [row.name, observer === undefined ? makeImport(host, row) : makeObservedImport(counter, snapshot, row, observer)]));
  let unstable: Wasi['imports'][string] | undefined;
  return {
    imports: {
      [PREVIEW1]: functions(PREVIEW1, preview1Calls),
      // Hardly any program asks for these: they are made for the one that does.
      get [PREVIEW0]() {
        return (unstable ??= functions(PREVIEW0, preview0Calls));
      },
    },
    bind: (memory) => host.bind(memory),
    close: () => host.close(),
  };
}

export { errnoName } from './abi.js';
export type { Answer, ObservedCall, WasiObserver } from './call.js';
export { ProcExit } from './errors.js';
export type { Clock, Random } from './host/clock.js';
export type { ListenAddress, Sockets } from './host/sockets.js';
export type { InputStream, OutputStream } from './host/streams.js';
export type { GuestMemory } from './memory.js';
export { PREVIEW0, preview0Signatures } from './preview0.js';
export { PREVIEW1, preview1Signatures } from './preview1.js';
export { Clues, requirePreopens, type Preopen, type Refusal, type WasiOptions } from './wasi-host.js';
