// The environment of a native clang: the user's own, without what is meant for the host's builds.
import { statSync } from 'node:fs';
import path from 'node:path';
import { pathVariable } from '../base/look.js';
import type { Environment } from '../base/surroundings.js';

/**
 * Variables through which clang would take headers, libraries, options or helpers meant for the host's own builds.
 * source: clang CommandLineReference; llvm-project clang/lib/Driver, clang/lib/Frontend (`getenv`).
 */
export const LEAKING: ReadonlySet<string> = new Set([
  'CPATH', 'C_INCLUDE_PATH', 'CPLUS_INCLUDE_PATH', 'OBJC_INCLUDE_PATH', 'OBJCPLUS_INCLUDE_PATH',
  'LIBRARY_PATH', 'COMPILER_PATH', 'GCC_EXEC_PREFIX', 'SDKROOT', 'MACOSX_DEPLOYMENT_TARGET',
  'CCC_OVERRIDE_OPTIONS', 'CCC_ADD_ARGS', 'CC_PRINT_OPTIONS', 'CC_PRINT_HEADERS', 'CC_LOG_DIAGNOSTICS', 'CC_PRINT_PROC_STAT',
  'RC_DEBUG_OPTIONS', 'CLANG_CONFIG_FILE_SYSTEM_DIR', 'CLANG_CONFIG_FILE_USER_DIR', 'DEPENDENCIES_OUTPUT', 'SUNPRO_DEPENDENCIES',
  'CL', '_CL_', 'INCLUDE', 'LIB',
]);

/** The environment of a native clang: the user's, without what leaks into a cross build. Pure. */
export function cleanEnvironment(env: Environment): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !LEAKING.has(name.toUpperCase())) kept[name] = value;
  }
  return kept;
}

/**
 * PATH without the directories that have a wasm-opt. clang before 20 runs any it finds there when it links with -O,
 * without a word, and has no option against it that works: llvm/llvm-project#55781. What clang itself needs it has beside it.
 */
export function withoutWasmOpt(env: Environment, platform: NodeJS.Platform): Environment {
  const name = platform === 'win32' ? 'wasm-opt.exe' : 'wasm-opt';
  const separator = platform === 'win32' ? ';' : ':';
  const variable = pathVariable(env, platform);
  const value = env[variable];
  if (value === undefined) return env;
  const kept = value.split(separator).filter((directory) => statSync(path.join(directory, name), { throwIfNoEntry: false }) === undefined);
  return { ...env, [variable]: kept.join(separator) };
}
