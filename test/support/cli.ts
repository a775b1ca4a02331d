// Runs the real command line in a real child process, with an environment made for the test and nothing of ours.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';

export const ROOT = path.resolve(import.meta.dirname, '..', '..');
export const BIN = path.join(ROOT, 'bin', 'wasienv.js');

export interface CliResult {
  /** Exit code, or the name of the signal that ended the process. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  /** Added to an environment that holds only PATH, HOME and WASIENV_HOME. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** A descriptor to be its input, in place of a pipe with `input`. */
  readonly stdin?: number;
  /** The script, when it is not bin/wasienv.js. */
  readonly script?: string;
  /** Arguments for node itself, before the script. */
  readonly nodeArgs?: readonly string[];
  /** Called once the child runs, to send it signals or close its pipes. */
  readonly whileRunning?: (child: ReturnType<typeof spawn>) => void;
}

/** A directory that is gone after the test: `using`-less so that Node 20 can run it. */
export function withDirectory<Result>(use: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = mkdtempSync(path.join(tmpdir(), 'wasienv-cli-'));
  return use(directory).finally(() => rmSync(directory, { recursive: true, force: true }));
}

export function bareEnvironment(home: string): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: home, WASIENV_HOME: path.join(home, 'wasienv-home'), LANG: 'C.UTF-8' };
}

/** `wasienv ARGS…`; resolves whatever the exit code. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const run = (home: string): Promise<CliResult> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [...(options.nodeArgs ?? []), options.script ?? BIN, ...args], {
        cwd: options.cwd ?? home,
        env: { ...bareEnvironment(home), ...options.env },
        stdio: [options.stdin ?? 'pipe', 'pipe', 'pipe'],
      });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout!.on('data', (chunk: Buffer) => out.push(chunk));
      child.stderr!.on('data', (chunk: Buffer) => err.push(chunk));
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }));
      child.stdin?.on('error', () => {}); // a guest that does not read its input closes the pipe
      child.stdin?.end(options.input ?? '');
      options.whileRunning?.(child);
    });
  return withDirectory(run);
}

/** The transcript of a run as a golden file holds it. `replacements` hide what differs from machine to machine. */
export function transcript(args: readonly string[], { code, stdout, stderr }: CliResult, replacements: readonly (readonly [RegExp | string, string])[] = []): string {
  const clean = (text: string) => replacements.reduce((result, [from, to]) => result.replaceAll(typeof from === 'string' ? from : new RegExp(from, from.flags.includes('g') ? from.flags : `${from.flags}g`), to), text);
  const sections = [`$ wasienv ${args.join(' ')}`.trimEnd(), ...(stdout === '' ? [] : [`--- stdout`, clean(stdout).replace(/\n$/, '')]), ...(stderr === '' ? [] : ['--- stderr', clean(stderr).replace(/\n$/, '')]), `--- exit ${code}`];
  return `${sections.join('\n')}\n`;
}

/** Compares with `test/cli/golden/NAME.txt`; `BLESS=1` writes it instead. */
export function expectGolden(name: string, actual: string): void {
  const file = path.join(ROOT, 'test', 'cli', 'golden', `${name}.txt`);
  if (process.env['BLESS'] === '1') {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, actual);
  }
  expect(actual).toBe(readFileSync(file, 'utf8'));
}
