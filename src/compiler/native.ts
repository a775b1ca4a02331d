// A command of an adopted toolchain: the host's own clang, started as it is. Only its environment is cleaned.
import type { Environment } from '../base/surroundings.js';
import { interrupted, toolKilled, toolNotStarted } from './errors.js';
import type { ToolIo } from './io.js';

/**
 * Variables through which clang would take headers, libraries, options or helpers meant for the host's own builds.
 * source: clang CommandLineReference; llvm-project clang/lib/Driver, clang/lib/Frontend (`getenv`).
 */
const LEAKING = new Set([
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

/** The variables of `env` that `cleanEnvironment` takes away; for doctor. */
export function leakingVariables(env: Environment): string[] {
  return Object.keys(env).filter((name) => env[name] !== undefined && LEAKING.has(name.toUpperCase()));
}

/** Runs `file` and gives its exit code. Throws E_COMPILER when it cannot be started or is ended by a signal. */
export async function runNative(file: string, args: readonly string[], options: {
  readonly cwd: string;
  readonly env: Environment;
  readonly io: ToolIo;
  readonly signal?: AbortSignal;
}): Promise<number> {
  const { io } = options;
  // Here and not at the top: the portable compiler, which most people have, never starts a process.
  const { spawn } = await import('../base/spawn.js');
  const result = await spawn(file, args, {
    cwd: options.cwd,
    env: cleanEnvironment(options.env),
    stdin: io.stdin ?? 'inherit',
    stdout: io.stdout === 'inherit' ? 'inherit' : 'capture',
    stderr: io.stderr === 'inherit' ? 'inherit' : 'capture',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (io.stdout !== 'inherit') io.stdout.write(Buffer.from(result.stdout));
  if (io.stderr !== 'inherit') io.stderr.write(Buffer.from(result.stderr));
  if (options.signal?.aborted === true) throw interrupted();
  if (result.startError !== undefined) throw toolNotStarted(file, result.startError);
  if (result.exitCode === undefined) throw toolKilled(file, result.signal ?? 'an unknown signal');
  return result.exitCode;
}
