// A command of the portable toolchain, from the driver's question to the last job. Plays the part of clang's driver
// where WASI keeps the driver from playing it: starting jobs, going on after a failed one, the last words, cleaning up.
// source: clang/lib/Driver/Compilation.cpp ExecuteJobs, Driver.cpp ExecuteCompilation.
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { compilerCrashed, compilerOutOfMemory, compilerUnsuitable, temporaryDirectoryFailed } from '../errors.js';
import { dependsOn, isSingleJob, outputOf, parseDriverAnswer } from '../driver.js';
import type { Scan } from '../options.js';
import { Collector, say, type ToolIo } from '../io.js';
import { shellCommand } from '../quote.js';
import { guestPath, guestPreopens } from './guest-paths.js';
import type { JobResult } from './protocol.js';
import type { CompilingThreads, Job } from './threads.js';

export interface PortableCommand {
  readonly threads: CompilingThreads;
  readonly module: string;
  /** `argv[0]` is the program. */
  readonly argv: readonly string[];
  /** Absolute host paths; `temporaryDir` must exist. */
  readonly cwd: string;
  readonly temporaryDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly io: ToolIo;
  readonly platform: NodeJS.Platform;
  readonly signal?: AbortSignal;
}

/** One program, once: llvm-ar, wasm-ld, or clang where it needs no second job. */
export async function runProgram(command: PortableCommand): Promise<number> {
  const { io } = command;
  const result = await command.threads.run(job(command, command.argv, {
    stdin: io.stdin ?? 'inherit',
    stdout: io.stdout === 'inherit' ? 'inherit' : 'collect',
    stderr: io.stderr === 'inherit' ? 'inherit' : 'collect',
  }), command.signal);
  return deliver(command, command.argv, result);
}

/**
 * llvm-strip and llvm-objcopy end by giving the output the permissions of the input, which preview 1 cannot do: they
 * say so and fail, although the file is written and whole. That one complaint is taken away; any other stays.
 * source: llvm/lib/ObjCopy, tools/llvm-objcopy/llvm-objcopy.cpp `restoreStatOnFile`, after the output is committed.
 */
export async function runCopyingProgram(command: PortableCommand): Promise<number> {
  const stderr = new Collector();
  const code = await runProgram({ ...command, io: { ...command.io, stderr } });
  const said = withoutPermissionComplaints(stderr.text());
  say(command.io, 'stderr', said.rest);
  return said.complaints > 0 && said.rest === '' ? 0 : code;
}

export function withoutPermissionComplaints(stderr: string): { readonly rest: string; readonly complaints: number } {
  let complaints = 0;
  const rest = stderr.replaceAll(/^llvm-(?:strip|objcopy): error: '.*': Function not implemented\n/gm, () => {
    complaints += 1;
    return '';
  });
  return { rest, complaints };
}

/** A whole clang command, with all its jobs. */
export async function runDriver(command: PortableCommand, scan: Scan): Promise<number> {
  const { argv, io, threads, signal } = command;
  const { verbose } = scan;
  const program = argv[0] as string;
  // Without inputs the driver has nothing to start, and `-###` would swallow its "no input files".
  if (scan.inputs.length === 0 || isSingleJob(argv.slice(1))) return runProgram(command);

  const scratch = makeScratch(command.temporaryDir);
  try {
    const inScratch: PortableCommand = { ...command, env: { ...command.env, TMPDIR: guestPath(scratch, command.platform) } };
    const asked = [program, '-###', ...argv.slice(1)];
    const question = await threads.run(job(inScratch, asked, { stdin: 'ignore', stdout: 'collect', stderr: 'collect' }), signal);
    const answer = parseDriverAnswer(Buffer.from(question.stderr).toString('utf8'));
    say(io, 'stdout', question.stdout);
    if (verbose) say(io, 'stderr', answer.banner);
    say(io, 'stderr', answer.diagnostics);
    if (question.end.kind !== 'exit') return deliver(command, asked, { ...question, stdout: new Uint8Array(), stderr: new Uint8Array() });
    if (question.end.code !== 0) return question.end.code;
    return await runJobs(inScratch, answer.jobs, verbose);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Runs jobs in order of the driver, as many at a time as there are cores, and delivers what each says in that order.
 * A failed job does not stop the others, only those that need its output: so says clang's driver.
 */
async function runJobs(command: PortableCommand, jobs: ReadonlyArray<readonly string[]>, verbose: boolean): Promise<number> {
  const { io, threads, signal } = command;
  const outputs = jobs.map(outputOf);
  const failed = new Set<string>();
  let exitCode = 0;
  let next = 0;
  while (next < jobs.length) {
    const batch = independent(jobs, outputs, next, verbose ? 1 : threads.width);
    if (verbose) say(io, 'stderr', ` ${shellCommand(jobs[next] as readonly string[])}\n`);
    const running = batch.map((index) => {
      const argv = jobs[index] as readonly string[];
      if (dependsOn(argv, failed)) return undefined;
      const alone = batch.length === 1;
      return threads.run(job(command, argv, {
        // Only one job can read standard input, and only a job alone can write while others wait.
        stdin: argv.includes('-') ? (io.stdin ?? 'inherit') : 'ignore',
        stdout: alone && io.stdout === 'inherit' ? 'inherit' : 'collect',
        stderr: alone && io.stderr === 'inherit' ? 'inherit' : 'collect',
      }), signal);
    });
    const results = await Promise.allSettled(running);
    for (const [position, index] of batch.entries()) {
      const argv = jobs[index] as readonly string[];
      const settled = results[position] as PromiseSettledResult<JobResult | undefined>;
      if (settled.status === 'rejected') throw settled.reason;
      const output = outputs[index];
      if (settled.value === undefined) {
        if (output !== undefined) failed.add(output);
        continue;
      }
      const code = deliver(command, argv, settled.value);
      if (code === 0) continue;
      if (output !== undefined) failed.add(output);
      if (exitCode === 0) exitCode = code;
      lastWords(command, argv, code);
    }
    next += batch.length;
  }
  return exitCode;
}

/** The jobs from `from` on that need nothing of each other. */
function independent(jobs: ReadonlyArray<readonly string[]>, outputs: ReadonlyArray<string | undefined>, from: number, width: number): number[] {
  const batch: number[] = [];
  const pending = new Set<string>();
  for (let index = from; index < jobs.length && batch.length < width; index += 1) {
    const argv = jobs[index] as readonly string[];
    // A job that writes to standard output or reads standard input keeps its place by running alone.
    if (batch.length > 0 && (dependsOn(argv, pending) || argv.includes('-'))) break;
    batch.push(index);
    const output = outputs[index];
    if (output !== undefined) pending.add(output);
    if (argv.includes('-')) break;
  }
  return batch;
}

/** What the driver says when a job fails that does not explain itself: linkers always, clang when the code is not 1. */
function lastWords(command: PortableCommand, argv: readonly string[], code: number): void {
  const isCompiler = argv[1] === '-cc1' || argv[1] === '-cc1as';
  if (isCompiler && code === 1) return;
  const what = isCompiler ? 'clang frontend' : 'linker';
  say(command.io, 'stderr', `${command.argv[0] as string}: error: ${what} command failed with exit code ${code} (use -v to see invocation)\n`);
}

function job(command: PortableCommand, argv: readonly string[], streams: Pick<Job, 'stdin' | 'stdout' | 'stderr'>): Job {
  const { platform } = command;
  const cwd = guestPath(command.cwd, platform);
  return {
    argv,
    cwd,
    env: { TMPDIR: guestPath(command.temporaryDir, platform), ...command.env, PWD: cwd },
    preopens: guestPreopens([command.cwd, command.temporaryDir, command.module, ...argv], platform),
    experimentDir: path.dirname(command.module),
    ...streams,
  };
}

/** Hands on what was collected, and turns the end of a job into an exit code or an error. */
function deliver(command: PortableCommand, argv: readonly string[], result: JobResult): number {
  say(command.io, 'stdout', result.stdout);
  say(command.io, 'stderr', result.stderr);
  const { end } = result;
  if (end.kind === 'exit') return end.code;
  const cause = Object.assign(new Error(end.message), { stack: end.stack });
  const program = argv[0] as string;
  if (end.kind === 'unsuitable') throw compilerUnsuitable(command.module, end.message);
  throw end.kind === 'out-of-memory' ? compilerOutOfMemory(program, argv.slice(1), cause) : compilerCrashed(program, argv.slice(1), cause);
}

function makeScratch(temporaryDir: string): string {
  try {
    return mkdtempSync(path.join(temporaryDir, 'wasienv-cc-'));
  } catch (cause) {
    throw temporaryDirectoryFailed(temporaryDir, cause);
  }
}
