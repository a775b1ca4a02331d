// From what the user typed to what clang is given. Pure. Everything passes through as it is; what is added stands in
// front, so that the user's own option of the same kind wins, except the default name of the output and the target.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { memory64Refused, targetRefused } from './errors.js';
import { modeArguments, stackArguments, takeModes, threadsTarget } from './modes.js';
import { asksLinker, scanArguments, splitOption, type Scan } from './options.js';
import type { Toolchain } from '../toolchain/types.js';

export interface CompilerParts {
  readonly driver: 'clang' | 'clang++';
  readonly target: string;
  /** Every name of preview 1 that this sysroot has libraries under, `target` among them. */
  readonly targets: readonly string[];
  readonly sysroot: string;
  readonly resourceDir: string;
  readonly clangMajor: number;
  /**
   * The wasm-ld that belongs to this clang, absolute; undefined where clang cannot miss it. A native clang is always
   * told: Debian's looks for `wasm-ld-19` along PATH, others for `wasm-ld`, and PATH may hold one of another LLVM.
   */
  readonly linker?: string;
  /** This clang has to be told which library of builtins to link. */
  readonly namesRuntime?: boolean;
  /** libc++ lies below `eh` and `noeh`, and this clang does not look there by itself. */
  readonly exceptionVariants?: boolean;
  /** Whether this clang can do `--no-wasm-opt`: LLVM 20 and later. LLVM 19 knows it, and then does not link at all. */
  readonly knowsNoWasmOpt: boolean;
  /** Where what wasienv itself gives to a program lies: `runtime/setjmp.s`. */
  readonly runtime: string;
  /** Whether a file is there; asked only where a mode depends on it. */
  readonly exists: (file: string) => boolean;
}

const RUNTIME = fileURLToPath(new URL('../../src/compiler/runtime', import.meta.url));

/** What of a toolchain takes part in a command line. */
export function compilerParts({ layout, clangVersion }: Toolchain, driver: CompilerParts['driver'], exists: CompilerParts['exists'] = existsSync): CompilerParts {
  const linker = layout.programs.kind === 'native' ? layout.programs.tools['wasm-ld'] : undefined;
  const major = Number.parseInt(clangVersion, 10);
  return {
    driver,
    target: layout.target,
    // From 22 on clang has a warning for every use of the old name.
    targets: major >= 22 ? [layout.target] : (layout.targets ?? [layout.target]),
    sysroot: layout.sysroot,
    resourceDir: layout.resourceDir,
    clangMajor: major,
    ...(layout.exceptionVariants === true && major < 23 ? { exceptionVariants: true } : {}),
    ...(linker === undefined ? {} : { linker }),
    ...(layout.defaultsToLibgcc === true ? { namesRuntime: true } : {}),
    // The portable compiler sees no PATH and so never finds a wasm-opt.
    knowsNoWasmOpt: layout.programs.kind === 'native' && major >= 20,
    runtime: RUNTIME,
    exists,
  };
}

export interface CompilerArguments {
  readonly args: readonly string[];
  readonly scan: Scan;
  /** What was changed in what the user typed, for `-v` and `--show`. */
  readonly notes: readonly string[];
}

/** The names that preview 1 goes by: LLVM, Rust and wasi-sdk renamed it in different years. */
export const PREVIEW1_NAMES: readonly string[] = ['wasm32', 'wasm32-unknown'].flatMap((start) => ['wasi', 'wasip1', 'wasi-preview1'].map((end) => `${start}-${end}`)).concat('wasm32-unknown-unknown-wasi');
export const CXX_ENDINGS: readonly string[] = ['cc', 'cp', 'cxx', 'cpp', 'c++', 'C', 'CPP', 'ii', 'iim', 'mii', 'mm', 'cppm', 'ccm', 'cxxm'];
/** WebAssembly without an operating system: clang needs nothing of the sysroot for it, so it passes. */
const FREESTANDING = /^wasm(?:32|64)(?:-unknown){0,3}(?:-none)?(?:-wasm)?$/;

/**
 * `args`: as typed. `expanded`: the same with response files expanded; only read, never passed on.
 * Throws E_USAGE for a target that this toolchain cannot link.
 */
export function compilerArguments(parts: CompilerParts, args: readonly string[], expanded: readonly string[] = args): CompilerArguments {
  // The front end itself: it is only found in front, and knows none of the driver's options.
  if (/^-cc1/.test(args[0] ?? '')) return { args, scan: { ...scanArguments([]), mode: 'question' }, notes: [] };
  const { modes, rest: said } = takeModes(expanded);
  // A mode in a response file has to be taken out of it: then its words are passed on instead of its name.
  let typed = said === expanded ? args : takeModes(args).rest;
  if (said !== expanded && args.length - typed.length !== expanded.length - said.length) typed = said;
  const scan = scanArguments(said);
  const notes: string[] = [];
  let target: string | undefined = parts.target;
  if (scan.target !== undefined && scan.target !== parts.target) {
    const plain = scan.target.replace('-unknown-', '-');
    if (parts.targets.includes(plain)) {
      // The sysroot has both: `__wasip1__` is defined under one name and not under the other.
      typed = withoutTarget(typed);
      target = plain;
    } else if (PREVIEW1_NAMES.includes(scan.target)) {
      typed = withoutTarget(typed);
      notes.push(`${scan.target} is called ${parts.target} by this toolchain`);
    } else if (FREESTANDING.test(scan.target)) {
      target = undefined;
    } else if (parts.targets.map(threadsTarget).includes(plain) && parts.exists(`${parts.sysroot}/lib/${plain}/libc.a`)) {
      // Asked for by its own name: every option that goes with it is then the user's.
      typed = withoutTarget(typed);
      target = plain;
    } else {
      throw targetRefused(scan.target, parts.target);
    }
  } else if (scan.target !== undefined) {
    typed = withoutTarget(typed);
  }

  if (target !== undefined && said.findLast((each) => each === '-m64' || each === '-m32') === '-m64') throw memory64Refused(parts.target);

  const added: string[] = [];
  // `-###` shows what would be done without it.
  const { mode } = scan.mode === 'question' && said.includes('-###') ? scanArguments(said.filter((each) => each !== '-###')) : scan;
  const links = (mode === 'link' || mode === 'shared') && (scan.inputs.length > 0 || asksLinker(expanded));
  const compiles = mode !== 'question' && scan.inputs.some((input) => !MADE_BEFORE.test(input));
  if (modes.threads && target !== undefined && !target.endsWith('-threads')) target = threadsTarget(target);
  const ofModes = modeArguments(modes, { ...parts, target: target ?? parts.target }, { typed: said, compiles, links });
  if (target !== undefined) added.push(`--target=${target}`);
  // Also without an operating system: clang would take the headers of this machine from /usr/include.
  added.push(`--sysroot=${parts.sysroot}`);
  added.push(`-resource-dir=${parts.resourceDir}`);
  const exceptions = modes.exceptions || said.includes('-fwasm-exceptions');
  // Without exceptions in the C++ library a plain std::vector would leave `__cxa_throw` undefined at link time. So a
  // `throw` is refused where it stands; the user's own -fexceptions wins.
  const cxx = compilesCxx(parts.driver, scan);
  if (cxx && !exceptions) added.push('-fno-exceptions');
  if (parts.exceptionVariants === true && target !== undefined) {
    const variant = exceptions ? 'eh' : 'noeh';
    if (cxx) added.push('-stdlib++-isystem', `${parts.sysroot}/include/${target}/${variant}/c++/v1`);
    if (links) added.push(`-L${parts.sysroot}/lib/${target}/${variant}`);
  }
  if (links) {
    if (parts.linker !== undefined) added.push(`-fuse-ld=${parts.linker}`);
    // Without libraries clang would warn of an option that goes unused.
    if (parts.namesRuntime === true && !said.some((each) => each === '-nostdlib' || each === '-nodefaultlibs')) added.push('--rtlib=compiler-rt');
    // clang runs any wasm-opt it finds on PATH, silently: llvm/llvm-project#55781, #95208.
    if (parts.knowsNoWasmOpt) added.push('--no-wasm-opt');
    if (target !== undefined) added.push(...stackArguments(modes.stackBytes, said));
  }
  added.push(...ofModes.front);
  const after = [...ofModes.after];
  if (mode === 'link' && scan.inputs.length > 0 && scan.output === undefined) {
    const name = defaultOutput(scan.inputs[0] as string);
    after.push('-o', name);
  }
  // After a `--` everything is an input, so what we add must stand before it.
  const end = typed.indexOf('--');
  const [options, files] = end < 0 ? [typed, []] : [typed.slice(0, end), typed.slice(end)];
  return { args: [...added, ...options, ...after, ...files], scan, notes };
}

/** What only the linker reads. */
const MADE_BEFORE = /\.(?:o|obj|lo|a|lib|so|wasm)$/;

function compilesCxx(driver: CompilerParts['driver'], { inputs, language }: Scan): boolean {
  if (language !== undefined && language !== 'none') return /c\+\+/.test(language);
  return driver === 'clang++' || inputs.some((input) => CXX_ENDINGS.includes(path.posix.extname(input).slice(1)));
}

/** `dir/first.c` -> `first.wasm`, in the current directory as clang's own `a.out` would be. Standard input -> `a.wasm`. */
export function defaultOutput(input: string): string {
  if (input === '-') return 'a.wasm';
  const base = path.posix.basename(path.sep === '\\' ? input.replaceAll('\\', '/') : input);
  const stem = base.replace(/(?!^)\.[^.]*$/, '');
  return `${stem === '' || stem.startsWith('@') ? 'a' : stem}.wasm`;
}

/** The command line without any option that names a target; values of other options are not mistaken for one. */
function withoutTarget(args: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] as string;
    if (argument === '--') return [...kept, ...args.slice(index)];
    if (argument.startsWith('--target=')) continue;
    if (argument === '-target') {
      index += 1;
      continue;
    }
    kept.push(argument);
    const [option, joined] = splitOption(argument);
    if (option !== undefined && joined === undefined && index + 1 < args.length) {
      index += 1;
      kept.push(args[index] as string);
    }
  }
  return kept;
}
