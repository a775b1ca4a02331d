// CMake: a toolchain file, and a Platform/WASI module for CMakes that have none (before 3.31), without which every
// project begins with `System is unknown to cmake`.
// source: cmake-toolchains(7), cmake-variables(7); CMake's Modules/CMakeGenericSystem.cmake for what a platform starts with.
import type { CrossTool, CrossTools } from './cross.js';

/** Directories beside the toolchain file. */
export const CMAKE_FILE = 'wasi.cmake';
export const CMAKE_PLATFORM = 'cmake/Platform/WASI.cmake';

/** A value as CMake reads it again: a bracket argument holds anything but its own end. */
export function cmakeWord(value: string): string {
  if (/^[\w@%+,./:=-]+$/.test(value)) return `"${value}"`;
  let level = 0;
  while (value.includes(`]${'='.repeat(level)}]`) || value.endsWith(`]${'='.repeat(level)}`)) level += 1;
  return `[${'='.repeat(level)}[${value.startsWith('\n') ? `\n${value}` : value}]${'='.repeat(level)}]`;
}

const PROGRAMS: readonly (readonly [variable: string, tool: CrossTool])[] = [
  ['CMAKE_C_COMPILER', 'CC'], ['CMAKE_CXX_COMPILER', 'CXX'], ['CMAKE_ASM_COMPILER', 'CC'],
  ['CMAKE_AR', 'AR'], ['CMAKE_RANLIB', 'RANLIB'], ['CMAKE_NM', 'NM'], ['CMAKE_LINKER', 'LD'], ['CMAKE_STRIP', 'STRIP'], ['CMAKE_OBJDUMP', 'OBJDUMP'],
];

/** The toolchain file, for CMake 3.5 and later. Absolute throughout: it may be copied anywhere on this machine. */
export function cmakeToolchain({ tools, run, target, sysroot, directory }: CrossTools, title: string): string {
  const slash = (file: string): string => cmakeWord(file.replaceAll('\\', '/'));
  const programs = PROGRAMS.flatMap(([variable, tool]) => {
    const file = tools[tool];
    if (file === undefined) return [];
    // Compilers are plain variables, as CMake's manual has it; the rest it would look for itself if they were not in the cache.
    return [variable.endsWith('_COMPILER') ? `set(${variable} ${slash(file)})` : `set(${variable} ${slash(file)} CACHE FILEPATH "")`];
  });
  return `# ${title}
# For CMake: cmake --toolchain FILE (3.21 and later) or -DCMAKE_TOOLCHAIN_FILE=FILE.
set(CMAKE_SYSTEM_NAME WASI)
set(CMAKE_SYSTEM_VERSION 1)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
list(APPEND CMAKE_MODULE_PATH ${slash(`${directory}/cmake`)})

${programs.join('\n')}
foreach(language C CXX ASM)
  set(CMAKE_\${language}_COMPILER_TARGET ${target})
endforeach()

# What \`wasienv exec\` was told stays with the build directory: the modes of the compiler, and programs that start by themselves.
foreach(language C CXX)
  set(CMAKE_\${language}_FLAGS_INIT "$ENV{WASIENV_MODES}")
  if(DEFINED ENV{WASIENV_RUNNABLE})
    set(CMAKE_\${language}_LINKER_LAUNCHER env "WASIENV_RUNNABLE=$ENV{WASIENV_RUNNABLE}" CACHE STRING "")
  endif()
endforeach()

# try_run and ctest run modules with it; an empty one means that the user wants none.
if(NOT DEFINED CMAKE_CROSSCOMPILING_EMULATOR)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${slash(run)})
endif()

# The sysroot keeps headers and libraries in directories of this name.
set(CMAKE_LIBRARY_ARCHITECTURE ${target})

# Libraries and headers come from the sysroot and from where the user says, never from this machine; programs from this machine.
# CMAKE_SYSROOT is not set: the compiler knows its own, and an option with its path would keep ccache from sharing.
list(APPEND CMAKE_FIND_ROOT_PATH ${slash(sysroot)} \${CMAKE_PREFIX_PATH})
foreach(kind LIBRARY INCLUDE PACKAGE)
  if(NOT DEFINED CMAKE_FIND_ROOT_PATH_MODE_\${kind})
    set(CMAKE_FIND_ROOT_PATH_MODE_\${kind} ONLY)
  endif()
endforeach()
if(NOT DEFINED CMAKE_FIND_ROOT_PATH_MODE_PROGRAM)
  set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
endif()
`;
}

/** What CMake reads for CMAKE_SYSTEM_NAME WASI. Where CMake has one of its own, ours comes first and says the same. */
export const CMAKE_PLATFORM_TEXT = `# WASI as a platform of CMake: programs and static libraries. Written by wasienv.
set(WASI 1)
set_property(GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS FALSE)
# Newer sysroots have libc.so and others, for programs that are linked when they start; nothing here starts those.
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
# The sysroot has include and lib, no usr.
list(APPEND CMAKE_SYSTEM_PREFIX_PATH /)
# The generic platform links programs with -rdynamic, which would export every function of a module.
foreach(language C CXX)
  set(CMAKE_SHARED_LIBRARY_LINK_\${language}_FLAGS "")
endforeach()
set(CMAKE_DL_LIBS "")
`;

/** Ways to call cmake that do not configure a build directory. */
const NOT_CONFIGURING = /^(?:--build|--install|--open|-E|-P|--find-package|--workflow|-h|-H|--?help.*|\/\?|--version|-version|\/V|--print-config-dir|--system-information)$/;

/** `cmake ARGS` with the toolchain file, unless the user names one or configures nothing. */
export function cmakeArguments(args: readonly string[], file: string): readonly string[] {
  if (args.length === 0 || args.some((argument) => NOT_CONFIGURING.test(argument))) return args;
  if (args.some((argument) => /^(?:--toolchain\b|-D ?CMAKE_TOOLCHAIN_FILE\b)/.test(argument) || /^CMAKE_TOOLCHAIN_FILE\b/.test(argument))) return args;
  return [`-DCMAKE_TOOLCHAIN_FILE=${file}`, ...args];
}
