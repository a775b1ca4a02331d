// A command of an adopted toolchain: the host's own clang, started as it is. Only its environment is cleaned
// (environment.ts). Loaded only for adopted toolchains: starting processes brings execa, 60 ms that `cc` need not pay.
import { WritableStream } from 'node:stream/web';
import { spawn } from '../base/spawn.js';
import type { Environment } from '../base/surroundings.js';
import { cleanEnvironment } from './environment.js';
import { interrupted, toolKilled, toolNotStarted } from './errors.js';
import type { ByteSink, ToolIo } from './io.js';

interface HostOptions {
  readonly cwd: string;
  readonly env: Environment;
  readonly io: ToolIo;
  readonly signal?: AbortSignal | undefined;
}

/** Runs a compiler that only builds for WASI. Throws as `runHostProgram` does. */
export function runNative(file: string, args: readonly string[], options: HostOptions): Promise<number> {
  return runHostProgram(file, args, { ...options, env: cleanEnvironment(options.env) });
}

/** Runs `file` with the environment as it is, and gives its exit code. Throws E_COMPILER when it cannot be started or is ended by a signal. */
export async function runHostProgram(file: string, args: readonly string[], options: HostOptions): Promise<number> {
  const { io } = options;
  const result = await spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    stdin: io.stdin ?? 'inherit',
    stdout: io.stdout === 'inherit' ? 'inherit' : intoSink(io.stdout),
    stderr: io.stderr === 'inherit' ? 'inherit' : intoSink(io.stderr),
    signal: options.signal,
  });
  if (options.signal?.aborted === true) throw interrupted();
  if (result.startError !== undefined) throw toolNotStarted(file, result.startError);
  if (result.exitCode === undefined) throw toolKilled(file, result.signal ?? 'an unknown signal');
  return result.exitCode;
}

/** Bytes reach the sink as they come, so that a long build is heard while it works. */
function intoSink(sink: ByteSink): WritableStream<Uint8Array> {
  return new WritableStream({ write: (chunk) => sink.write(chunk) });
}
