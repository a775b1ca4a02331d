// What can go wrong in this room, worded once. Diagnostics of the user's program are not here: they are clang's own.
import { InternalError, WasienvError } from '../base/errors.js';

/** Targets that sound like preview 1 and are something else. */
const OTHER_WASI: ReadonlyArray<readonly [name: RegExp, what: string]> = [
  [/-threads$/, 'makes modules with a shared memory and threads, for which this toolchain has no C library'],
  [/-wasip2$/, 'makes components for WASI 0.2, which are not modules for preview 1'],
  [/-wasip3$/, 'makes components for WASI 0.3, which are not modules for preview 1'],
];

export function targetRefused(asked: string, target: string): WasienvError {
  const what = /^wasm(?:32|64)-/.test(asked) ? OTHER_WASI.find(([name]) => name.test(asked))?.[1] : undefined;
  return new WasienvError('E_USAGE', what === undefined ? `--target=${asked} is not a target of the installed toolchain` : `--target=${asked} ${what}`, {
    where: [['target', `wasienv compiles for ${target}: modules for WASI preview 1`]],
    next: `leave --target out, or write --target=${target}; for other targets start a clang that has them yourself`,
  });
}

export function memory64Refused(target: string): WasienvError {
  return new WasienvError('E_USAGE', '-m64 asks for 64-bit memories, and there is no C library for them', {
    where: [['target', `wasienv compiles for ${target}: modules for WASI preview 1, whose pointers have 32 bits`]],
    next: 'leave -m64 out',
  });
}

/** `need`: a mode, or `emulate NAME`. */
export function modeUnavailable(need: string, lacks: string, looked: readonly string[], next: string): WasienvError {
  return new WasienvError('E_MODE', `--${need} cannot be had from this toolchain: ${lacks}`, {
    where: looked.map((file, index) => [index === 0 ? 'no file' : 'nor', file] as const),
    next,
  });
}

export function modeWithoutValue(name: string): WasienvError {
  return new WasienvError('E_USAGE', `--${name} needs a value`, {
    next: name === 'emulate' ? 'name what to emulate, as in --emulate signal,getpid' : 'say a size, as in --stack-size 8MiB',
  });
}

export function emulationUnknown(name: string, known: readonly string[]): WasienvError {
  return new WasienvError('E_USAGE', `--emulate ${name}: wasi-libc does not emulate that`, { next: `name some of ${known.join(', ')}, with commas between` });
}

export function badStackSize(text: string): WasienvError {
  return new WasienvError('E_USAGE', `--stack-size ${text} is not a size`, { next: 'write bytes, or a number with K, M or G (1024 times; kB, MB and GB are 1000 times), below 4 GiB: --stack-size 8MiB' });
}

export function compilerCrashed(program: string, args: readonly string[], cause: unknown): WasienvError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  // A stack overflow shows as either: V8's own check, or a write below the guest's memory.
  const deep = /call stack|out of bounds/i.test(reason) ? 'the usual cause is source that nests very deeply; else ' : '';
  return new WasienvError('E_COMPILER', `${program} crashed: ${reason}`, {
    where: [['command', [program, ...args].join(' ')]],
    next: `the crash is in the compiler, not in wasienv: ${deep}try another -O level or a smaller input;\n`
      + 'to tell its makers, send the file made by the same command with -E',
    cause,
  });
}

export function compilerOutOfMemory(program: string, args: readonly string[], cause: unknown): WasienvError {
  return new WasienvError('E_COMPILER', `${program} ran out of memory`, {
    where: [['command', [program, ...args].join(' ')]],
    next: 'the portable compiler has 4 GB at most: lower -O or -g, split the file, or link without -flto',
    cause,
  });
}

export function compilerUnreadable(file: string, cause: unknown): WasienvError {
  return new WasienvError('E_DAMAGED', 'the portable compiler cannot be loaded', {
    where: [['file', file]],
    next: 'run `wasienv setup` to repair the installation',
    cause,
  });
}

export function compilerUnsuitable(file: string, fact: string): WasienvError {
  return new WasienvError('E_COMPILER', `this build of the portable compiler is not understood: ${fact}`, {
    where: [['file', file]],
    next: 'run `wasienv setup` to install the version this wasienv was made for',
  });
}

export function noTool(tool: string, toolchain: string): WasienvError {
  return new WasienvError('E_NO_TOOL', `${toolchain} has no ${tool}`, {
    next: 'run `wasienv setup --source npm` for the portable toolchain, or install the LLVM tools beside this clang',
  });
}

export function execNotFound(program: string): WasienvError {
  return new WasienvError('E_USAGE', program === '' ? 'there is no command to execute' : `there is no program \`${program}\``, {
    next: program.includes('/') ? 'give the path of a program that is there, for example `wasienv exec -- ./configure`' : 'install it, or give its path; PATH is that of this shell, with the directory of the cross tools in front',
  });
}

export function notRunnable(run: string, why: string): WasienvError {
  return new WasienvError('E_USAGE', `--runnable is not possible here: programs begin with the name of what runs them, and ${why}`, {
    where: [['runner', run]],
    next: 'set WASIENV_HOME to a directory with a shorter, plain path and run `wasienv setup` there',
  });
}

export function noCargo(rustc: string): WasienvError {
  return new WasienvError('E_NO_TOOL', 'there is no cargo beside this rustc or on PATH', {
    where: [['rustc', rustc]],
    next: 'install cargo (Debian, Ubuntu: `apt install cargo`), or use Rust of rustup (https://rustup.rs), which brings both',
  });
}

export function toolNotStarted(file: string, cause: unknown): WasienvError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new WasienvError('E_COMPILER', `the compiler could not be started: ${reason}`, {
    where: [['file', file]],
    next: 'run `wasienv doctor` to see which compilers work on this machine',
    cause,
  });
}

export function toolKilled(file: string, signal: string): WasienvError {
  return new WasienvError('E_COMPILER', `${file} was ended by ${signal}`, {
    next: 'run the same command again; if it repeats, the machine is short of memory or the compiler is broken',
  });
}

export function temporaryDirectoryFailed(directory: string, cause: unknown): WasienvError {
  return new WasienvError('E_FILE', 'no temporary directory can be made for the parts of this compilation', {
    where: [['directory', directory]],
    next: 'set TMPDIR to a directory you can write',
    cause,
  });
}

export function databaseUnwritable(file: string, cause: unknown): WasienvError {
  return new WasienvError('E_FILE', `the compilation database of -MJ cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, {
    where: [['file', file]],
    next: 'name a file in a directory that is there and that you may write to',
    cause,
  });
}

export function foreignProgram(program: string): WasienvError {
  return new WasienvError('E_NO_TOOL', `the portable compiler cannot start ${program}: it has only its own clang and wasm-ld`, {
    next: 'leave out the option that names it (-fuse-ld=, -B, -fno-integrated-as …), or use a native clang: `wasienv setup --source system`',
  });
}

export function commandsNotUnderstood(line: string): InternalError {
  return new InternalError(`clang -### printed a line that is not a command: ${line}`);
}

export function interrupted(): WasienvError {
  return new WasienvError('E_INTERRUPTED', 'the compilation was stopped', { next: 'run the same command again' });
}
