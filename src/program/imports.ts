// What a module wants from its surroundings, against what a program is given: the functions of WASI previews 1 and 0. All that
// is missing is found before anything runs, and named at once, with what it belongs to. Pure.
import { PREVIEW0, preview0Signatures, PREVIEW1, preview1Signatures } from '../wasi/index.js';
import type { ExternalType, Import, Module } from '../wasm/index.js';
import { formatType } from '../wasm/types.js';

export interface UnmetImport {
  readonly module: string;
  readonly name: string;
  /** `function`, `memory`, `table`, `global`, `tag`. */
  readonly kind: string;
  /** For a function that exists with another type: the type the module wants and the one there is. */
  readonly typeClash?: { readonly wanted: string; readonly given: string };
}

const SIGNATURES: ReadonlyMap<string, typeof preview1Signatures> = new Map([[PREVIEW1, preview1Signatures], [PREVIEW0, preview0Signatures]]);

/** The function of wasi-threads: `thread-spawn`, or `thread_spawn` as it was first called. */
const SPAWN = { params: ['i32'], results: ['i32'] } as const;
const SPAWN_NAMES = ['thread-spawn', 'thread_spawn'];

export const isThreadSpawn = ({ module, name, description }: Import): boolean => module === 'wasi' && SPAWN_NAMES.includes(name) && description.kind === 'func';
/** The memory that threads of a program share. */
export const isSharedMemory = ({ description }: Import): boolean => description.kind === 'memory' && description.type.limits.shared;

/** Whether a module is to be run with threads: it starts some, or works on a memory made for them. */
export const needsThreads = (module: Module): boolean => module.imports.some((each) => isThreadSpawn(each) || isSharedMemory(each));

/** Every import that a program of ours cannot be given, in the module's order. */
export function unmetImports(module: Module): UnmetImport[] {
  return module.imports.flatMap((wanted): UnmetImport[] => {
    if (isSharedMemory(wanted)) return [];
    const about = { module: wanted.module, name: wanted.name, kind: kindOf(wanted.description) };
    const given = isThreadSpawn(wanted) ? SPAWN : wanted.description.kind === 'func' ? SIGNATURES.get(wanted.module)?.get(wanted.name) : undefined;
    if (given === undefined) return [about];
    const asked = signature(module, wanted);
    const offered = shown(given.params, given.results);
    return asked === offered ? [] : [{ ...about, typeClash: { wanted: asked, given: offered } }];
  });
}

const kindOf = (description: ExternalType): string => (description.kind === 'func' ? 'function' : description.kind);

const shown = (params: readonly string[], results: readonly string[]): string => `(${params.join(', ')}) -> (${results.join(', ')})`;

function signature(module: Module, { description }: Import): string {
  const composite = description.kind === 'func' ? module.types[description.typeIndex]?.composite : undefined;
  if (composite?.kind !== 'func') return '?';
  return shown(composite.params.map((type) => formatType(type)), composite.results.map((type) => formatType(type)));
}

interface Origin {
  readonly matches: (unmet: UnmetImport) => boolean;
  readonly what: string;
  readonly next: string;
}

const from = (...modules: string[]) => ({ module }: UnmetImport): boolean => modules.includes(module);
const named = (pattern: RegExp) => ({ name }: UnmetImport): boolean => pattern.test(name);
const both = (...tests: ((unmet: UnmetImport) => boolean)[]) => (unmet: UnmetImport): boolean => tests.every((test) => test(unmet));

/** Where imports come from that are not ours, the narrower first: what builds them, and what the person can do. */
const ORIGINS: readonly Origin[] = [
  {
    matches: ({ typeClash }) => typeClash !== undefined,
    what: 'a function of WASI with another type than the interface gives it',
    next: 'rebuild the program with a current wasi-libc',
  },
  { matches: from(PREVIEW1), what: 'not one of the 46 functions of WASI preview 1', next: 'correct the name in the source that declares it; `wasi/api.h` has the right ones' },
  {
    matches: from(PREVIEW0),
    what: 'not one of the 45 functions of WASI preview 0, the WASI of 2019',
    next: 'rebuild the program with `wasienv cc`, which builds for preview 1; preview 0 is run with the functions it had',
  },
  {
    matches: from('wasi'),
    what: 'not a function of WASI with threads, which has `thread-spawn` alone',
    next: 'correct the name in the source that declares it',
  },
  {
    matches: ({ module }) => module.startsWith('wasi:') || module === '[export]' || module.startsWith('[export]') || module === 'cm32p2',
    what: 'the component model (WASI preview 2 or later)',
    next: 'build for preview 1: `--target=wasm32-wasip1`',
  },
  { matches: ({ module }) => /^wasi_(ephemeral|snapshot_preview2|nn|experimental|crypto)/.test(module), what: 'an experimental WASI interface', next: 'build without it; only WASI preview 1 is run' },
  { matches: from('__wbindgen_placeholder__', 'wbg', '__wbindgen_externref_xform__'), what: 'wasm-bindgen: Rust for a browser', next: 'build with `--target wasm32-wasip1` in place of wasm32-unknown-unknown' },
  { matches: from('gojs', 'go'), what: 'Go for a browser', next: 'build with `GOOS=wasip1 GOARCH=wasm`' },
  { matches: from('GOT.mem', 'GOT.func'), what: 'dynamic linking', next: 'link statically: without `-shared` and `-fPIC`' },
  {
    matches: both(from('env'), named(/^(emscripten_|invoke_|_?_?emscripten|_?_?syscall|segfault|alignfault|_emval_|_embind_|abortOnCannotGrowMemory|setTempRet0|getTempRet0)/)),
    what: 'Emscripten',
    next: 'build with `wasienv cc`, or with `emcc -sSTANDALONE_WASM`',
  },
  { matches: both(from('env'), named(/^__cxa_(allocate_exception|throw|begin_catch)$|^_Unwind_/)), what: 'C++ exceptions, which this C++ library was built without', next: 'compile with `-fno-exceptions`' },
  { matches: both(from('env'), named(/^(setjmp|longjmp|__wasm_setjmp|__wasm_longjmp|saveSetjmp|testSetjmp)$/)), what: 'setjmp and longjmp', next: 'compile with `-mllvm -wasm-enable-sjlj` and link with `-lsetjmp`' },
  {
    matches: both(from('env'), ({ kind }) => kind === 'function'),
    what: 'a function that was declared but never defined',
    next: 'link the object or library that defines it, and without `-Wl,--allow-undefined`, so that the linker names it',
  },
  { matches: ({ kind }) => kind === 'memory', what: 'a memory made by somebody else', next: 'link without `--import-memory`; for a program with threads, with `--shared-memory` too' },
  { matches: from('env'), what: 'something a program of its own host expects', next: 'link without `--import-memory`, `--import-table` and `-shared`' },
];

/** What an import belongs to, and what to do; undefined when nobody we know makes such a one. */
export function originOf(unmet: UnmetImport): { readonly what: string; readonly next: string } | undefined {
  return ORIGINS.find(({ matches }) => matches(unmet));
}
