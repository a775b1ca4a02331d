// Variables of the environment that leak into cross builds: a row each, with what each program would make of it.
// `wasienv cc` itself is safe from all of them; the programs people put around it are not. Pure.
// Sources: GNU make manual "Implicit Variables"; autoconf manual "Preset Output Variables"; cmake-env-variables(7);
// docs.rs/cc "External configuration via environment variables"; clang's driver (`getenv` in clang/lib/Driver).
import { posixQuote } from '../base/quote.js';
import type { Environment } from '../base/surroundings.js';
import { powershellQuote } from '../toolchain/setenv/quote.js';
import type { Effect, Finding } from './finding.js';

interface Row {
  readonly name: string;
  readonly effects: readonly Effect[];
  /** A value for the target alone, that leaves host builds as they are. */
  readonly instead?: string;
  /** Harmless on this machine unless something reads it that seldom does. */
  readonly harmless?: boolean;
}

const effect = (tool: string, text: string): Effect => ({ tool, effect: text });
const NOT_READ = effect('clang, wasienv cc', 'do not read it');
const TAKEN_AWAY = effect('wasienv cc', 'takes it away before clang starts');

const compiler = (name: string, kind: string): Row => ({
  name,
  effects: [
    effect('make', `compiles ${kind} with it, unless the makefile sets ${name} itself`),
    effect('configure', 'takes it as it is and looks for no other compiler'),
    effect('cmake', `takes it at the first configure of a build directory; only CMAKE_${name === 'CC' ? 'C' : 'CXX'}_COMPILER in a toolchain file wins`),
    effect("cargo's cc crate", `compiles ${kind} of crates with it, for wasm too, unless ${name}_wasm32_wasip1 or TARGET_${name} is set`),
    NOT_READ,
  ],
  instead: `${name}_wasm32_wasip1`,
});
const flags = (name: string, kind: string): Row => ({
  name,
  effects: [
    effect('make', `passes it to every compilation of ${kind}`),
    effect('configure', 'writes it into every makefile'),
    ...(name === 'CPPFLAGS' ? [effect('cmake', 'does not read it')] : [effect('cmake', `starts CMAKE_${name === 'CFLAGS' ? 'C' : 'CXX'}_FLAGS with it; host directories in it (-I, -isystem) hide those of the sysroot`)]),
    ...(name === 'CPPFLAGS' ? [] : [effect("cargo's cc crate", `adds it for every target without ${name}_wasm32_wasip1 or TARGET_${name}`)]),
    NOT_READ,
  ],
  ...(name === 'CPPFLAGS' ? {} : { instead: `${name}_wasm32_wasip1` }),
});
const tool = (name: string, spoils: string): Row => ({
  name,
  effects: [effect('make, configure', `use it; ${spoils}`), ...(name === 'AR' || name === 'RANLIB' ? [effect("cargo's cc crate", `uses it for every target without ${name}_wasm32_wasip1`)] : []), NOT_READ],
  ...(name === 'AR' || name === 'RANLIB' ? { instead: `${name}_wasm32_wasip1` } : {}),
});
const headers = (name: string, order: string): Row => ({
  name,
  effects: [effect('clang', `searches these directories ${order}, for every target: headers of the host get into wasm`), effect('make, cmake, cargo', 'pass it on to clang unseen'), TAKEN_AWAY],
});

export const VARIABLES: readonly Row[] = [
  compiler('CC', 'C'),
  compiler('CXX', 'C++'),
  { name: 'CPP', effects: [effect('configure', 'preprocesses with it: checks for headers then look at the host'), NOT_READ] },
  flags('CFLAGS', 'C'),
  flags('CXXFLAGS', 'C++'),
  flags('CPPFLAGS', 'C and C++'),
  {
    name: 'LDFLAGS',
    effects: [
      effect('make, configure', 'link with it: -L directories of the host come before those of the sysroot, and wasm-ld refuses what it finds there'),
      effect('cmake', 'starts CMAKE_EXE_LINKER_FLAGS with it'),
      NOT_READ,
    ],
  },
  headers('CPATH', 'before all system directories'),
  headers('C_INCLUDE_PATH', 'as system directories of C'),
  headers('CPLUS_INCLUDE_PATH', 'as system directories of C++'),
  { name: 'LIBRARY_PATH', harmless: true, effects: [effect('clang', 'reads it when it links for the host, not for wasm'), TAKEN_AWAY] },
  { name: 'COMPILER_PATH', effects: [effect('clang', 'looks there first for the programs it starts: another wasm-ld may be found'), TAKEN_AWAY] },
  { name: 'GCC_EXEC_PREFIX', effects: [effect('gcc', 'looks there for the programs it starts'), TAKEN_AWAY] },
  { name: 'CCC_OVERRIDE_OPTIONS', effects: [effect('clang', 'edits its own command line as this says, silently when it starts with #'), TAKEN_AWAY] },
  {
    name: 'SDKROOT',
    effects: [effect('clang', 'takes it for the sysroot of Apple targets'), effect('cmake', 'takes it for CMAKE_OSX_SYSROOT and passes -isysroot with it on a Mac'), effect("rustc, cargo's cc crate", 'use it for Apple targets'), TAKEN_AWAY],
  },
  {
    name: 'MACOSX_DEPLOYMENT_TARGET', harmless: true,
    effects: [effect('clang', 'reads it for Apple targets'), effect('cmake', 'starts CMAKE_OSX_DEPLOYMENT_TARGET with it on a Mac'), TAKEN_AWAY],
  },
  tool('AR', 'an ar without LLVM writes no index for wasm objects, and wasm-ld then says the archive has none'),
  tool('RANLIB', 'a ranlib without LLVM cannot index wasm objects'),
  tool('NM', 'an nm without LLVM does not know wasm objects'),
  tool('LD', 'a linker of the host cannot link wasm'),
  tool('AS', 'an assembler of the host cannot make wasm'),
  tool('STRIP', 'a strip without LLVM refuses wasm'),
  {
    name: 'PKG_CONFIG_PATH',
    effects: [effect('configure, cmake', 'find libraries of the host and compile against their headers; set PKG_CONFIG_LIBDIR for the target instead'), NOT_READ],
  },
  { name: 'WASI_SDK_PATH', harmless: true, effects: [effect('scripts and build.rs files that know it', 'compile with that wasi-sdk and not with the toolchain of wasienv'), NOT_READ] },
  { name: 'WASI_SYSROOT', harmless: true, effects: [effect('scripts and build.rs files that know it', 'take headers and libraries from there and not from the toolchain of wasienv'), NOT_READ] },
];

const LAUNCHERS = /^(?:\S*[\\/])?(ccache|sccache|distcc|icecc)(?:\.exe)?\s+\S/;
const FOR_WASM = /wasm32|wasm-ld|wasi-sdk|wasi-sysroot|wasienv/i;

/** What stands in the environment, a finding each; one `ok` finding when nothing does. */
export function judgeVariables(env: Environment, platform: NodeJS.Platform): Finding[] {
  const findings = VARIABLES.flatMap((row) => {
    const value = env[row.name];
    return value === undefined || value.trim() === '' ? [] : [judge(row, value, platform)];
  });
  if (findings.length > 0) return findings;
  return [{ id: 'variables', title: 'environment', status: 'ok', text: 'no variable leaks into cross builds' }];
}

function judge(row: Row, value: string, platform: NodeJS.Platform): Finding {
  const { name } = row;
  const about = { id: `variable:${name}`, title: name, text: `${name}=${value}` } as const;
  const launcher = (name === 'CC' || name === 'CXX') ? LAUNCHERS.exec(value)?.[1] : undefined;
  if (launcher !== undefined) {
    const language = name === 'CC' ? 'C' : 'CXX';
    return {
      ...about, status: 'warning',
      effects: [
        effect('make', `runs ${launcher}; a makefile that quotes "$(${name})" looks for a program with a space in its name`),
        effect('configure', 'takes both words; scripts that quote it fail'),
        effect('cmake', `may take ${launcher} for the compiler, and then finds no tools beside it`),
        ...row.effects.slice(3),
      ],
      cause: `${launcher} was put in front of the compiler for host builds; cross builds inherit it, and the host's compiler with it`,
      next: `${unset(name, platform)}\n${set(`CMAKE_${language}_COMPILER_LAUNCHER`, launcher, platform)}   # ${launcher} for cmake, whatever the target`,
    };
  }
  if (FOR_WASM.test(value)) {
    return { ...about, status: 'note', effects: row.effects, cause: 'it is meant for wasm, and builds for this machine get it too', next: row.instead === undefined ? unset(name, platform) : `${unset(name, platform)}\n${set(row.instead, value, platform)}` };
  }
  return { ...about, status: row.harmless === true ? 'note' : 'warning', effects: row.effects, cause: 'it is set for builds for this machine, and cross builds inherit it', next: unset(name, platform) };
}

const unset = (name: string, platform: NodeJS.Platform): string => (platform === 'win32' ? `Remove-Item Env:${name}` : `unset ${name}`);
const set = (name: string, value: string, platform: NodeJS.Platform): string =>
  platform === 'win32' ? `$Env:${name} = ${powershellQuote(value)}` : `export ${name}=${posixQuote(value)}`;
