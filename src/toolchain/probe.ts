// Asks a program of this machine what it is (`clang --version`, `rustc -vV`), and says why it gave no answer.
import { spawn, type SpawnResult } from '../base/spawn.js';
import type { Environment } from '../base/surroundings.js';

/** Long enough for a cold start from a network disk under a virus scanner; a compiler that hangs must not hang setup. */
const PROBE_TIMEOUT_MS = 20_000;

export interface ProbeOptions {
  readonly env: Environment;
  readonly cwd?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Asked in the C locale: answers are read by programs. Never throws for the program's own failure. */
export function probe(file: string, args: readonly string[], { env, cwd, signal }: ProbeOptions): Promise<SpawnResult> {
  return spawn(file, args, { ...(cwd === undefined ? {} : { cwd }), env: { ...env, LC_ALL: 'C' }, stdin: 'ignore', timeoutMs: PROBE_TIMEOUT_MS, signal });
}

/** Behind the name of what was asked, for people. `unclear`: what to say of an answer that came and was not the one hoped for. */
export function whyNot(result: SpawnResult, unclear: string): string {
  if (result.startError !== undefined) return `cannot be started (${result.startError.code ?? result.startError.message})`;
  if (result.timedOut) return `did not answer within ${PROBE_TIMEOUT_MS / 1000} s`;
  if (result.exitCode === 0) return unclear;
  // rustup prints a trace of its calls behind the error.
  const said = result.stderr.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  return `fails: ${said.find((line) => line.startsWith('error')) ?? said.at(-1) ?? `exit code ${result.exitCode ?? result.signal}`}`;
}
