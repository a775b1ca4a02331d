// The modes of `wasienv cc`: what plain clang does for WASI only with options that nobody finds, each by one name.
// Here they are read out of a command line, compared with what the sysroot has, and turned into clang's own options;
// arguments.ts puts those where they belong. Pure: which files exist is asked of its caller.
// source: wasi-sdk's CppExceptions.md and SetjmpLongjmp.md, wasi-libc's emulation headers, lld/docs/WebAssembly.rst.
import { parseBytes } from '../base/text.js';
import { badStackSize, emulationUnknown, modeUnavailable, modeWithoutValue } from './errors.js';
import { splitOption } from './options.js';

/** The options of ours that `cc` and `c++` take beside clang's. clang has none of these names. */
export const MODE_NAMES = ['exceptions', 'setjmp', 'threads', 'lto', 'emulate', 'stack-size', 'reactor'] as const;
export type ModeName = (typeof MODE_NAMES)[number];

/** What wasi-libc can pretend: the macro its headers ask for, and the library behind it. */
export const EMULATIONS = {
  signal: { macro: '_WASI_EMULATED_SIGNAL', library: 'wasi-emulated-signal' },
  getpid: { macro: '_WASI_EMULATED_GETPID', library: 'wasi-emulated-getpid' },
  mman: { macro: '_WASI_EMULATED_MMAN', library: 'wasi-emulated-mman' },
  clocks: { macro: '_WASI_EMULATED_PROCESS_CLOCKS', library: 'wasi-emulated-process-clocks' },
} as const;
export type Emulation = keyof typeof EMULATIONS;

/** wasm-ld gives 64 KiB and, before LLVM 22, puts the program's data below: a deep call overwrites them without a word. */
const DEFAULT_STACK_BYTES = 1 << 20;
/** A shared memory has to say its largest size; wasm-ld has no default for it. */
const THREADS_MAX_MEMORY_BYTES = 1 << 30;

export interface Modes {
  readonly exceptions: boolean;
  readonly setjmp: boolean;
  readonly threads: boolean;
  readonly lto: boolean;
  readonly reactor: boolean;
  readonly emulate: readonly Emulation[];
  /** Of the C stack; undefined where nobody said. */
  readonly stackBytes: number | undefined;
}

const NO_MODES: Modes = { exceptions: false, setjmp: false, threads: false, lto: false, reactor: false, emulate: [], stackBytes: undefined };

const MODE_OPTION = new RegExp(`^--(${MODE_NAMES.join('|')})(?:=(.*))?$`, 's');
const WITH_VALUE: ReadonlySet<string> = new Set<ModeName>(['emulate', 'stack-size']);

/** The modes in a command line, and the command line without them. Throws E_USAGE for a value that is missing or wrong. */
export function takeModes(args: readonly string[]): { readonly modes: Modes; readonly rest: readonly string[] } {
  if (!args.some((argument) => MODE_OPTION.test(argument))) return { modes: NO_MODES, rest: args };
  const rest: string[] = [];
  const switches = { exceptions: false, setjmp: false, threads: false, lto: false, reactor: false };
  const emulate = new Set<Emulation>();
  let stackBytes: number | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] as string;
    if (argument === '--') {
      rest.push(...args.slice(index));
      break;
    }
    const [, name, joined] = MODE_OPTION.exec(argument) ?? [];
    if (name === undefined || (joined !== undefined && !WITH_VALUE.has(name))) {
      rest.push(argument);
      // The value of clang's own option is no mode: `-D --lto`.
      const [option, value] = splitOption(argument);
      if (option !== undefined && value === undefined && index + 1 < args.length) rest.push(args[index += 1] as string);
    } else if (name === 'emulate' || name === 'stack-size') {
      const value = joined ?? args[index += 1];
      if (value === undefined || value === '') throw modeWithoutValue(name);
      if (name === 'stack-size') stackBytes = parseStackSize(value);
      else for (const each of value.split(',')) emulate.add(parseEmulation(each));
    } else {
      switches[name as keyof typeof switches] = true;
    }
  }
  return { modes: { ...switches, emulate: [...emulate], stackBytes }, rest };
}

/** In whole 16 bytes, as the calling convention wants. */
function parseStackSize(text: string): number {
  const bytes = parseBytes(text) ?? NaN;
  if (!(bytes >= 1 && bytes < 2 ** 32)) throw badStackSize(text);
  return Math.ceil(bytes / 16) * 16;
}

function parseEmulation(name: string): Emulation {
  if (Object.hasOwn(EMULATIONS, name)) return name as Emulation;
  throw emulationUnknown(name, Object.keys(EMULATIONS));
}

/** What of a toolchain decides whether a mode can be had. */
export interface ModeGround {
  readonly target: string;
  readonly sysroot: string;
  readonly clangMajor: number;
  /** The directory of `setjmp.s`. */
  readonly runtime: string;
  readonly exists: (file: string) => boolean;
}

/** What a mode cannot be had without: any of `files` below the sysroot, and for some a clang that is new enough. */
interface Need {
  readonly files?: (target: string) => readonly string[];
  readonly lacks?: string;
  readonly clang?: { readonly major: number; readonly lacks: string };
  readonly next: string;
}

const OTHER_COMPILER = 'install one that has it (`wasienv setup` for the portable toolchain, `wasienv setup wasi-sdk` for the native one), or leave the option out';

/** What each mode needs of the sysroot. `help modes` says the same for people. */
const NEEDS: Readonly<Record<Exclude<ModeName, 'lto' | 'stack-size' | 'emulate'> | `emulate ${Emulation}` | 'setjmp with --threads', Need>> = {
  exceptions: {
    files: (target) => [`lib/${target}/eh/libunwind.a`, `lib/${target}/libunwind.a`],
    lacks: 'its sysroot lacks libunwind, and its C++ library is built without exceptions',
    // Objects and libraries of the two encodings do not go together in one module: V8 and others refuse it.
    clang: { major: 20, lacks: 'the exception instructions of the standard, in which the libraries are written: they came with LLVM 20' },
    next: 'wasi-sdk 33 and later have both: `wasienv setup wasi-sdk`',
  },
  // Where the sysroot has no libsetjmp, ours is linked: runtime/setjmp.s.
  setjmp: {
    clang: { major: 14, lacks: '-wasm-enable-sjlj, which came with LLVM 14' },
    next: OTHER_COMPILER,
  },
  'setjmp with --threads': { files: (target) => [`lib/${target}/libsetjmp.a`], lacks: 'its sysroot lacks libsetjmp for threads', next: OTHER_COMPILER },
  threads: {
    files: (target) => [`lib/${target}/libc.a`],
    lacks: 'its sysroot lacks a C library for threads',
    next: 'wasi-sdk has one: `wasienv setup wasi-sdk`',
  },
  reactor: { files: (target) => [`lib/${target}/crt1-reactor.o`], lacks: 'its sysroot lacks crt1-reactor.o, the start of a library', next: OTHER_COMPILER },
  'emulate signal': emulationNeed('signal'),
  'emulate getpid': emulationNeed('getpid'),
  'emulate mman': emulationNeed('mman'),
  'emulate clocks': emulationNeed('clocks'),
};

function emulationNeed(name: Emulation): Need {
  const { library } = EMULATIONS[name];
  return { files: (target) => [`lib/${target}/lib${library}.a`], lacks: `its sysroot lacks lib${library}`, next: OTHER_COMPILER };
}

/** The name of the same target with threads: wasi-libc builds a C library of its own for it. */
export function threadsTarget(target: string): string {
  return `${target}-threads`;
}

/** Throws E_MODE for the first of these modes that a toolchain cannot do. */
function requireModes(modes: Modes, { target, sysroot, clangMajor, exists }: ModeGround): void {
  const wanted: (keyof typeof NEEDS)[] = [
    ...(['threads', 'exceptions', 'setjmp', 'reactor'] as const).filter((name) => modes[name]),
    ...(modes.setjmp && modes.threads ? ['setjmp with --threads' as const] : []),
    ...modes.emulate.map((name) => `emulate ${name}` as const),
  ];
  for (const name of wanted) {
    const { files, lacks = '', clang, next } = NEEDS[name];
    const looked = files?.(target).map((file) => `${sysroot}/${file}`);
    if (looked?.some(exists) === false) throw modeUnavailable(name, lacks, looked, next);
    if (clang !== undefined && clangMajor < clang.major) throw modeUnavailable(name, `clang ${clangMajor} lacks ${clang.lacks}`, [], next);
  }
}

/** The calls that LLVM makes changed with 19: a libsetjmp of the same sysroot may not be the one that this clang means. */
function needsRuntime({ target, sysroot, clangMajor, exists }: ModeGround): boolean {
  return clangMajor < 19 || !exists(`${sysroot}/lib/${target}/libsetjmp.a`);
}

export interface ModeUse {
  /** The command as clang will see it, for what the user says himself. */
  readonly typed: readonly string[];
  readonly compiles: boolean;
  readonly links: boolean;
}

/** clang's options for these modes: what stands in front of the user's own, and what after. Throws E_MODE. */
export function modeArguments(modes: Modes, ground: ModeGround, { typed, compiles, links }: ModeUse): { readonly front: readonly string[]; readonly after: readonly string[] } {
  requireModes(modes, ground);
  const front: string[] = [];
  const after: string[] = [];
  // An option of LLVM's own may be said only once.
  const said = (option: string): boolean => typed.some((word) => word === option || word.startsWith(`${option}=`));
  const llvm = (...options: string[]): void => void front.push(...options.filter((option) => !said(option.replace(/=.*/, ''))).flatMap((option) => ['-mllvm', option]));
  // Code is made at link time: then LLVM has to hear it there.
  const linksBitcode = links && (modes.lto || typed.some((word) => /^-flto(?:=|$)/.test(word)));
  const atLink: string[] = [];

  if (modes.lto) front.push('-flto');
  if (modes.exceptions) {
    front.push('-fwasm-exceptions');
    // The libraries use the instructions of the standard; LLVM's own default is still those it had before.
    if (compiles) llvm('-wasm-use-legacy-eh=false');
    if (links) after.push('-lunwind');
    atLink.push('-wasm-enable-eh', '-wasm-use-legacy-eh=false');
  }
  if (modes.setjmp) {
    const { runtime } = ground;
    if (compiles) llvm('-wasm-enable-sjlj');
    atLink.push('-wasm-enable-sjlj');
    if (!needsRuntime(ground)) {
      if (links) after.push('-lsetjmp');
    } else {
      if (compiles) front.push('-idirafter', `${runtime}/include`);
      // Options for C in a command that only links are silently unused; clang 22 would warn of them beside assembly.
      if (links) front.push(...(compiles ? [] : ['-Qunused-arguments']), '-mexception-handling', `${runtime}/setjmp.s`);
    }
  }
  // Without the model, setjmp is translated and its catch is left out: every longjmp then ends the program.
  if (linksBitcode && atLink.length > 0) {
    const missing = [...atLink, '-exception-model=wasm'].filter((option) => !typed.some((word) => word.startsWith('-Wl,') && word.split(',').some((part) => part.replace(/=.*/, '') === option.replace(/=.*/, ''))));
    if (missing.length > 0) front.push(`-Wl,${missing.flatMap((option) => ['-mllvm', option]).join(',')}`);
  }
  if (modes.threads) {
    front.push('-pthread');
    if (links) front.push(`-Wl,--import-memory,--export-memory,--max-memory=${THREADS_MAX_MEMORY_BYTES}`);
  }
  for (const name of modes.emulate) {
    if (compiles) front.push(`-D${EMULATIONS[name].macro}`);
    if (links) after.push(`-l${EMULATIONS[name].library}`);
  }
  if (modes.reactor && links) front.push('-mexec-model=reactor');
  return { front, after };
}

/**
 * wasm-ld's options for the C stack. 1 MiB where nobody says, at the low end of memory: then a stack that is too deep
 * traps instead of overwriting data. Who lays out the memory himself, and leaves no room for that, gets wasm-ld's own.
 */
export function stackArguments(stackBytes: number | undefined, typed: readonly string[]): readonly string[] {
  const size = `-Wl,-z,stack-size=${stackBytes ?? DEFAULT_STACK_BYTES}`;
  if (!layoutIsTight(typed)) return [size, '-Wl,--stack-first'];
  return stackBytes === undefined ? [] : [size];
}

/** Options of wasm-ld beside which the default stack may not fit. The shims leave a command with one of them to wasienv. */
export const MEMORY_LAYOUT: readonly string[] = ['--global-base', '--initial-memory', '--max-memory'];

function layoutIsTight(typed: readonly string[]): boolean {
  return typed.some((word) => word.includes('--global-base') || [...word.matchAll(/--(?:initial|max)-memory[=,](\d+)/g)].some(([, bytes]) => Number(bytes) < 2 * DEFAULT_STACK_BYTES));
}
