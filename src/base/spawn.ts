// The one door to other programs (the only file that imports execa). Nothing here goes through a shell.
import { setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';
import type { WritableStream } from 'node:stream/web';

export interface SpawnOptions {
  readonly cwd?: string;
  /** The whole environment of the child: nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin?: 'inherit' | 'ignore' | Readable | Uint8Array | string;
  /** `capture` collects; a stream receives bytes as they come; `inherit` hands our own descriptor over. */
  readonly stdout?: 'inherit' | 'ignore' | 'capture' | WritableStream;
  readonly stderr?: 'inherit' | 'ignore' | 'capture' | WritableStream;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface SpawnResult {
  /** Exit code; `undefined` when a signal ended the child or it never started. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** Captured text, empty when not captured. */
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** Set when the program could not be started at all (ENOENT, EACCES …). */
  readonly startError: NodeJS.ErrnoException | undefined;
}

/** Runs `file` with `args` and waits for it. Never throws for the child's own failure; read the result. */
export async function spawn(file: string, args: readonly string[], options: SpawnOptions): Promise<SpawnResult> {
  const output = (kind: SpawnOptions['stdout']) => (kind === undefined || kind === 'capture' ? 'pipe' : kind);
  const input = options.stdin ?? 'ignore';
  // As many programs are asked at once as a machine has compilers; from the eleventh on Node would speak of a leak.
  if (options.signal !== undefined) setMaxListeners(0, options.signal);
  const { execa } = await import('execa');
  const result = await execa(file, [...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env as Record<string, string>,
    extendEnv: false,
    ...(typeof input === 'string' && input !== 'inherit' && input !== 'ignore'
      ? { input }
      : input instanceof Uint8Array
        ? { input }
        : { stdin: input as 'inherit' | 'ignore' | Readable }),
    stdout: output(options.stdout),
    stderr: output(options.stderr),
    stripFinalNewline: false,
    reject: false,
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  const cause = (result as { cause?: NodeJS.ErrnoException }).cause;
  return {
    exitCode: result.exitCode,
    signal: result.signal,
    stdout: typeof result.stdout === 'string' ? result.stdout : '',
    stderr: typeof result.stderr === 'string' ? result.stderr : '',
    timedOut: result.timedOut,
    startError: result.exitCode === undefined && cause?.syscall?.startsWith('spawn') ? cause : undefined,
  };
}
