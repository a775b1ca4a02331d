// Runs `setup-child.mjs` in a process of its own and reads what it says.
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { WasienvError, type ErrorCode } from '../../src/base/errors.js';
import type { SetupEvent, SetupRequest } from '../../src/toolchain/index.js';
import { SHORT_PATIENCE, type Workshop } from './workshop.js';

const SCRIPT = path.resolve(import.meta.dirname, 'setup-child.mjs');

export interface ChildEnd {
  readonly events: readonly SetupEvent[];
  /** What it said last: `{ ok, changed, version }`, `{ error }`, or undefined when it was killed first. */
  readonly outcome: { readonly ok?: true; readonly changed?: boolean; readonly version?: string; readonly error?: { readonly code: string; readonly message: string; readonly where?: WasienvError['where']; readonly next?: string; readonly stack: string } } | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface ChildOptions {
  readonly request?: Partial<SetupRequest>;
  readonly home?: string;
  /** Words before `node`: a shell that sets a limit first, for instance. */
  readonly wrapper?: readonly string[];
  /** Added to the environment of the process alone, not to the one that setup is told of. */
  readonly env?: Readonly<Record<string, string>>;
  /** The user it runs as; only root may choose. */
  readonly user?: number;
  readonly onLine?: (line: Record<string, unknown>, count: number, child: ChildProcess) => void;
  readonly onStart?: (child: ChildProcess) => void;
}

export function setupInChild(workshop: Workshop, { request = {}, home = workshop.home, wrapper = [], env = {}, user, onLine, onStart }: ChildOptions = {}): Promise<ChildEnd> {
  const world = JSON.stringify({ request: { source: 'npm', refetch: false, ...request }, home, env: workshop.env, cwd: workshop.cwd, transfer: SHORT_PATIENCE });
  const [program, ...words] = [...wrapper, process.execPath, SCRIPT, world];
  return new Promise((resolve, reject) => {
    const child = spawn(program!, words, { stdio: ['ignore', 'pipe', 'pipe'], cwd: workshop.cwd, env: { ...workshop.env, ...env }, ...(user === undefined ? {} : { uid: user, gid: user }) });
    const lines: Record<string, unknown>[] = [];
    let rest = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop()!;
      for (const part of parts) {
        const line = JSON.parse(part) as Record<string, unknown>;
        lines.push(line);
        onLine?.(line, lines.length, child);
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const last = lines.at(-1);
      const ended = last !== undefined && ('ok' in last || 'error' in last);
      resolve({ events: (ended ? lines.slice(0, -1) : lines) as unknown as SetupEvent[], outcome: ended ? (last as ChildEnd['outcome']) : undefined, code, signal, stderr });
    });
    onStart?.(child);
  });
}

/** The same, as a call: throws the error that the process ended with. */
export async function setupInChildOrThrow(workshop: Workshop, options: ChildOptions = {}): Promise<void> {
  const { outcome, stderr, code, signal } = await setupInChild(workshop, options);
  if (outcome?.ok === true) return;
  if (outcome?.error === undefined) throw new Error(`the process ended with ${code ?? signal}: ${stderr}`);
  const { code: name, message, next, where } = outcome.error;
  throw new WasienvError(name as ErrorCode, message, { ...(next === undefined ? {} : { next }), where: where ?? [] });
}
