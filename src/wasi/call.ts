// What one function of the interface is: its name, its parameters with their types, and its handler. A handler
// reads, acts and writes; it throws to refuse. The table's wrapper (below) makes that an errno, so no exception of ours
// ever reaches guest code. Tables of other snapshots, and tracers, are built from the same rows.
import { errnoOf, ProcExit, wasiError } from './errors.js';
import type { WasiHost } from './wasi-host.js';
import { Errno } from './abi.js';

/** Interface types as they cross: 64-bit ones are bigint, all others u32. `ptr` is an address, `size` a length. */
const WIDE = { filesize: 'u64', filedelta: 's64', timestamp: 'u64', rights: 'u64', dircookie: 'u64' } as const;
type WideType = keyof typeof WIDE;
type NarrowType =
  | 'fd' | 'ptr' | 'size' | 'path' | 'clockid' | 'advice' | 'whence' | 'fdflags' | 'oflags' | 'fstflags' | 'lookupflags'
  | 'riflags' | 'siflags' | 'sdflags' | 'signal' | 'exitcode' | 'iovs' | 'result';
export type ParamType = WideType | NarrowType;

export type Params = readonly (readonly [name: string, type: ParamType])[];
type Arguments<P extends Params> = { -readonly [K in keyof P]: P[K][1] extends WideType ? bigint : number };

export interface Call {
  readonly name: string;
  readonly params: Params;
  readonly run: (host: WasiHost, ...args: (number | bigint)[]) => void;
}

/** One row. The handler's parameter types follow from the row's. */
export function call<const P extends Params>(name: string, params: P, run: (host: WasiHost, ...args: Arguments<P>) => void): Call {
  return { name, params, run: run as Call['run'] };
}

export type Import = (...args: (number | bigint)[]) => number;

/** The function the guest imports for a row. */
export function makeImport(host: WasiHost, { params, run }: Call): Import {
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
    try {
      run(host, ...args);
      return Errno.success;
    } catch (error) {
      if (error instanceof ProcExit) throw error;
      const errno = errnoOf(error);
      if (errno === undefined) throw error;
      return errno;
    }
  };
}

/** A row as a WebAssembly function type. Only `proc_exit` has no result: it does not return. */
export function signatureOf({ name, params }: Call): { readonly params: readonly ('i32' | 'i64')[]; readonly results: readonly 'i32'[] } {
  return { params: params.map(([, type]) => (type in WIDE ? 'i64' : 'i32')), results: name === 'proc_exit' ? [] : ['i32'] };
}

/** EINVAL unless `flags` has no bit beside `known`. */
export function requireFlags(flags: number, known: number): void {
  if ((flags & ~known) !== 0) throw wasiError('inval');
}
