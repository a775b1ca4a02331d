// What one function of the interface is: its name, its parameters with their types, and its handler. A handler
// reads, acts and writes; it throws to refuse. The table's wrapper (below) makes that an errno, so no exception of ours
// ever reaches guest code. Tables of other snapshots are built from the same rows, and an observer sees each call with
// its row: what watches, records or replays a program needs no list of functions of its own.
import { errnoOf, ProcExit, wasiError } from './errors.js';
import type { GuestMemory, Memory } from './memory.js';
import type { WasiHost } from './wasi-host.js';
import { Errno, type ErrnoName } from './abi.js';

/** Interface types as they cross: 64-bit ones are bigint, all others u32. `ptr` is an address, `size` a length. */
const WIDE = { filesize: 'u64', filedelta: 's64', timestamp: 'u64', rights: 'u64', dircookie: 'u64' } as const;
type WideType = keyof typeof WIDE;
type NarrowType =
  | 'fd' | 'ptr' | 'size' | 'path' | 'clockid' | 'advice' | 'whence' | 'fdflags' | 'oflags' | 'fstflags' | 'lookupflags'
  | 'riflags' | 'siflags' | 'sdflags' | 'signal' | 'exitcode' | 'iovs' | 'result';
export type ParamType = WideType | NarrowType;

export type Params = readonly (readonly [name: string, type: ParamType])[];
type Arguments<P extends Params> = { -readonly [K in keyof P]: P[K][1] extends WideType ? bigint : number };

export interface Call<Host = WasiHost> {
  readonly name: string;
  readonly params: Params;
  readonly run: (host: Host, ...args: (number | bigint)[]) => void;
}

/** One row. The handler's parameter types follow from the row's. */
export function call<const P extends Params, Host = WasiHost>(name: string, params: P, run: (host: Host, ...args: Arguments<P>) => void): Call<Host> {
  return { name, params, run: run as Call<Host>['run'] };
}

export type Import = (...args: (number | bigint)[]) => number;

/** Sees every call of a program, before it acts and after it has answered. A program without one pays nothing. */
export interface WasiObserver {
  /** Stands between the handlers and the guest's memory, for observers that must know what a call wrote. */
  readonly memory?: (guest: GuestMemory) => Memory;
  /** What durations are measured with, nanoseconds. */
  readonly now: () => bigint;
  before?(call: ObservedCall): void;
  after(call: ObservedCall, answer: Answer): void;
}

export interface ObservedCall {
  /** The interface it belongs to: `wasi_snapshot_preview1`. */
  readonly snapshot: string;
  readonly name: string;
  readonly params: Params;
  /** As handlers get them: u32 without a sign, 64-bit ones as bigint. */
  readonly args: readonly (number | bigint)[];
  /** The guest's memory as it is now: before the call acts in `before`, and with its results in `after`. */
  readonly memory: Memory;
}

export interface Answer {
  readonly errno: Errno;
  /** The call ended the program, with this code. */
  readonly exit?: number;
  readonly durationNs: bigint;
}

type Arity = (number | bigint)[];

/** A function that gets its arguments as rows say and answers with an errno. Throws ProcExit, and what is no answer. */
function typed({ params }: Pick<Call, 'params'>, answer: (args: Arity) => Errno): Import {
  const kinds = params.map(([, type]) => (type in WIDE ? WIDE[type as WideType] : 'u32'));
  return (...args) => {
    for (let index = 0; index < kinds.length; index += 1) {
      const kind = kinds[index];
      const arg = args[index]!;
      args[index] =
        kind === 'u32' ? (arg as number) >>> 0
        : kind === 'u64' ? BigInt.asUintN(64, arg as bigint)
        : BigInt.asIntN(64, arg as bigint);
    }
    return answer(args);
  };
}

/** For handlers that need less than a whole host, and whose refusals nobody asks about. */
export const makeOwnImport = <Host>(host: Host, row: Call<Host>): Import => typed(row, (args) => {
  try {
    row.run(host, ...args);
    return Errno.success;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno;
  }
});

function answerOf(host: WasiHost, row: Call, args: Arity): Errno {
  try {
    row.run(host, ...args);
    return Errno.success;
  } catch (error) {
    if (error instanceof ProcExit) throw error;
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    if (host.clues !== undefined && errno in REFUSALS) noteRefusal(host, row, args, REFUSALS[errno as keyof typeof REFUSALS]);
    return errno;
  }
}

/** The answers that say "you may not". */
const REFUSALS = { [Errno.perm]: 'perm', [Errno.notcapable]: 'notcapable', [Errno.rofs]: 'rofs' } as const;

function noteRefusal(host: WasiHost, { name, params }: Call, args: Arity, errno: ErrnoName): void {
  // The last path is the one that is made or changed, where there are two.
  const at = params.findLastIndex(([, type]) => type === 'path');
  const fd = params.findLastIndex(([, type], index) => type === 'fd' && index < (at < 0 ? 1 : at));
  if (at < 0 || fd < 0) return;
  try {
    host.clues!.refused({ call: name, fd: args[fd] as number, path: host.observedMemory.path(args[at] as number, args[at + 1] as number), errno });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

/** The function the guest imports for a row. */
export const makeImport = (host: WasiHost, row: Call): Import => typed(row, (args) => answerOf(host, row, args));

/** What an observed function needs of the counter. `answer` is the host's, or a recording's. */
export interface ObservedCounter {
  readonly memory: () => Memory;
  readonly answer: (row: Call, args: readonly (number | bigint)[]) => Errno;
}

export const answering = (host: WasiHost) => (row: Call, args: readonly (number | bigint)[]): Errno => answerOf(host, row, args as Arity);

/** The same with an observer, which also sees the call that ends the program. */
export function makeObservedImport(counter: ObservedCounter, snapshot: string, row: Call, observer: WasiObserver): Import {
  const { name, params } = row;
  return typed(row, (args) => {
    const call: ObservedCall = {
      snapshot, name, params, args,
      get memory() {
        return counter.memory();
      },
    };
    observer.before?.(call);
    const start = observer.now();
    try {
      const errno = counter.answer(row, args);
      observer.after(call, { errno, durationNs: observer.now() - start });
      return errno;
    } catch (error) {
      if (error instanceof ProcExit) observer.after(call, { errno: Errno.success, exit: error.code, durationNs: observer.now() - start });
      throw error;
    }
  });
}

/** A row as a WebAssembly function type. Only `proc_exit` has no result: it does not return. */
export function signatureOf({ name, params }: Call): { readonly params: readonly ('i32' | 'i64')[]; readonly results: readonly 'i32'[] } {
  return { params: params.map(([, type]) => (type in WIDE ? 'i64' : 'i32')), results: name === 'proc_exit' ? [] : ['i32'] };
}

/** EINVAL unless `flags` has no bit beside `known`. */
export function requireFlags(flags: number, known: number): void {
  if ((flags & ~known) !== 0) throw wasiError('inval');
}
