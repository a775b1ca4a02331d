// What can be wrong with a program before it starts.
import { WasienvError, type ErrorCode } from '../base/errors.js';
import { Trap, type StackFrame } from '../wasm/errors.js';
import type { CStack } from './c-stack.js';
import { originOf, type UnmetImport } from './imports.js';

const MOST_SHOWN = 20;

/** What a person can do about an engine's error that knows no better itself. */
const NEXT: Partial<Record<ErrorCode, string>> = {
  E_PARSE: 'mend the text there',
  E_DECODE: 'the file is damaged or was cut short: build it or fetch it again',
  E_INVALID: 'the compiler or tool that wrote the file made a mistake: build it with another version, and report it there',
  E_UNSUPPORTED: 'build it without this feature, for example with `-mcpu=mvp` or without `-pthread` and `-msimd128`',
};
const NEXT_OTHER = 'build the program anew, with `wasienv cc` for example';

/** The same error with the file it is about: the engine knows bytes, not names. */
export function aboutFile(name: string, error: unknown, more: ReadonlyArray<readonly [string, string]> = []): unknown {
  if (!(error instanceof WasienvError) || error.code === 'E_INTERNAL') return error;
  return new WasienvError(error.code, error.message, {
    where: [['file', name], ...error.where, ...more],
    next: error.next ?? (more.length > 0 ? NEXT.E_PARSE : NEXT[error.code]) ?? NEXT_OTHER,
    cause: error,
  });
}

/** E_LINK for all imports at once, grouped by what they belong to. */
export function unmetImportsError(name: string, unmet: readonly UnmetImport[]): WasienvError {
  const first = unmet[0]!;
  const fact =
    unmet.length > 1 ? `the program needs ${unmet.length} imports that it cannot be given`
    : first.typeClash === undefined ? `the program needs ${describe(first)}, which it cannot be given`
    : `the program imports ${describe(first)}`;
  const groups = new Map<string, UnmetImport[]>();
  for (const one of unmet) {
    const what = originOf(one)?.what ?? 'of a host we do not know';
    groups.set(what, [...(groups.get(what) ?? []), one]);
  }
  const where: [string, string][] = [['file', name]];
  for (const [what, members] of groups) {
    const shown = members.slice(0, MOST_SHOWN).map(describe);
    if (members.length > MOST_SHOWN) shown.push(`… and ${members.length - MOST_SHOWN} more`);
    where.push(['imports', `${shown.join('\n')}\n(${what})`]);
  }
  const steps = new Set(unmet.map((one) => originOf(one)?.next ?? 'a program run here can import the functions of wasi_snapshot_preview1 and nothing else'));
  return new WasienvError('E_LINK', fact, { where, next: [...steps].join('\n') });
}

/** A module that starts threads and is not made for it. */
export function threadsError(name: string, why: string): WasienvError {
  return new WasienvError('E_LINK', `the program starts threads, but ${why}`, {
    where: [['file', name]],
    next: 'build it with `wasienv cc --threads`; with another clang: `--target=wasm32-wasip1-threads -pthread -Wl,--import-memory,--export-memory,--max-memory=1073741824`',
  });
}

/** A module with threads where there are none. `next` says how it gets them. */
export function noThreadsError(name: string, why: string, next: string): WasienvError {
  return new WasienvError('E_LINK', `the program needs threads, and ${why}`, { where: [['file', name], ['imports', '`wasi.thread-spawn`, or a shared memory']], next });
}

function describe({ module, name, kind, typeClash }: UnmetImport): string {
  const clash = typeClash === undefined ? '' : ` with the type ${typeClash.wanted}, but it has ${typeClash.given}`;
  return `${kind} ${module}.${name}${clash}`;
}

/** A trap, called by what led to it. */
export function stackOverflowTrap(trap: string, { sizeBytes }: CStack, frames: readonly StackFrame[], where: WasienvError['where'] = []): Trap {
  const size = sizeBytes === undefined ? '' : sizeBytes % 2 ** 20 === 0 ? ` of ${sizeBytes / 2 ** 20} MiB` : ` of ${Math.round(sizeBytes / 1024)} KiB`;
  return new Trap(trap, `the program's own C stack${size} overflowed${sizeBytes === undefined ? ', into its data' : ''}`, frames, { where });
}

/** What the module offers in place of a start. */
export interface StartFacts {
  readonly reactor: boolean;
  /** `_start` is exported, but is no function without parameters and results. */
  readonly wrongStart: boolean;
  readonly functionExports: readonly string[];
}

export function noStartError(name: string, { reactor, wrongStart, functionExports }: StartFacts): WasienvError {
  const fact = wrongStart
    ? 'the export `_start` is not a function without parameters and results'
    : reactor
      ? 'the module is a WASI reactor, a library with `_initialize`, and not a command with `_start`'
      : 'the module has no export `_start`, so there is nothing to run';
  const shown = functionExports.slice(0, MOST_SHOWN).join(', ');
  const more = functionExports.length > MOST_SHOWN ? ` … and ${functionExports.length - MOST_SHOWN} more` : '';
  return new WasienvError('E_NO_START', fact, {
    where: [['file', name], ['exports', functionExports.length === 0 ? 'no functions' : shown + more]],
    next: reactor
      ? 'link it as a command: without `-mexec-model=reactor`, and with a `main`'
      : 'link a `main` into it, without `-nostartfiles` and `--no-entry`; a Rust library needs `--bin` or `fn main`',
  });
}
