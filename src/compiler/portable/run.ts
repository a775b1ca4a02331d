// A command of the portable toolchain, from the driver's question to the last job. Plays the part of clang's driver
// where WASI keeps the driver from playing it: starting jobs, going on after a failed one, the last words, cleaning up.
// source: clang/lib/Driver/Compilation.cpp ExecuteJobs, Driver.cpp ExecuteCompilation.
import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { compilerCrashed, compilerOutOfMemory, compilerUnsuitable, databaseUnwritable, foreignProgram, temporaryDirectoryFailed } from '../errors.js';
import { dependsOn, isSingleJob, outputOf, parseDriverAnswer } from '../driver.js';
import { asksLinker, type Scan } from '../options.js';
import { Collector, say, type ToolIo } from '../io.js';
import { shellCommand } from '../../base/quote.js';
import { expandResponseFiles } from '../response-file.js';
import { databaseEntries, databaseFile } from './compilation-database.js';
import { guestArguments, guestPath, guestPreopens } from './guest-paths.js';
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
  readonly signal?: AbortSignal | undefined;
}

/** One program, once: llvm-ar, wasm-ld, or clang where it needs no second job. */
export async function runProgram(command: PortableCommand): Promise<number> {
  const { io } = command;
  const argv = guestArguments(command.argv, command.platform);
  const result = await command.threads.run(job(command, argv, {
    stdin: io.stdin ?? 'inherit',
    stdout: io.stdout === 'inherit' ? 'inherit' : 'collect',
    stderr: io.stderr === 'inherit' ? 'inherit' : 'collect',
  }), command.signal);
  return deliver(command, argv, result);
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
  const hasInputs = scan.inputs.length > 0 || asksLinker(argv);
  if (!hasInputs || isSingleJob(argv.slice(1))) return runProgram(command);

  const scratch = makeScratch(command.temporaryDir);
  try {
    const inScratch: PortableCommand = { ...command, env: { ...command.env, TMPDIR: guestPath(scratch, command.platform) } };
    const asked = [program, '-###', ...guestArguments(argv.slice(1), command.platform)];
    const question = await threads.run(job(inScratch, asked, { stdin: 'ignore', stdout: 'collect', stderr: 'collect' }), signal);
    if (question.end.kind !== 'exit') return deliver(command, asked, question);
    // The driver refuses: then it starts nothing, and can be left to say so itself. Under -### it says less.
    if (question.end.code !== 0) return await runProgram(command);
    const answer = parseDriverAnswer(Buffer.from(question.stderr).toString('utf8'));
    say(io, 'stdout', question.stdout);
    if (verbose) say(io, 'stderr', answer.banner);
    say(io, 'stderr', answer.diagnostics);
    writeDatabase(command, answer.jobs);
    return await runJobs(inScratch, answer.jobs.map((argv) => coloured(argv, io)), verbose);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Adds to the file of `-MJ`; one that cannot be written is as fatal as clang makes it. */
function writeDatabase(command: PortableCommand, jobs: ReadonlyArray<readonly string[]>): void {
  if (!command.argv.some((argument) => argument.startsWith('-MJ') || argument.startsWith('@'))) return;
  const args = expandResponseFiles(command.argv.slice(1), (file) => readIfThere(path.resolve(command.cwd, file)));
  const file = databaseFile(args);
  if (file === undefined) return;
  const text = databaseEntries(command.argv[0] as string, args, jobs, command.cwd);
  if (file === '-') return say(command.io, 'stdout', text);
  try {
    appendFileSync(path.resolve(command.cwd, file), text);
  } catch (cause) {
    throw databaseUnwritable(file, cause);
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Runs the driver's jobs, as many at a time as there are cores, and delivers what each says in the driver's order.
 * A failed job does not stop the others, only those that need its output: so says clang's driver.
 */
async function runJobs(command: PortableCommand, jobs: ReadonlyArray<readonly string[]>, verbose: boolean): Promise<number> {
  const { io, threads, signal } = command;
  const failed = new Set<string>();
  let exitCode = 0;
  for (const batch of batches(jobs)) {
    const able = batch.filter((argv) => !dependsOn(argv, failed));
    for (const argv of batch) if (dependsOn(argv, failed)) markFailed(argv);
    const width = verbose ? 1 : Math.min(threads.width, able.length);
    await inOrder(able, width, async (argv) => {
      requireProgram(argv[0]!);
      if (verbose) say(io, 'stderr', ` ${shellCommand(argv)}\n`);
      // A job that runs alone writes as it goes; the words of jobs that run together are kept apart.
      const alone = width === 1;
      return threads.run(job(command, argv, {
        stdin: usesStandardStreams(argv) ? (io.stdin ?? 'inherit') : 'ignore',
        stdout: alone && io.stdout === 'inherit' ? 'inherit' : 'collect',
        stderr: alone && io.stderr === 'inherit' ? 'inherit' : 'collect',
      }), signal);
    }, (argv, result) => {
      const code = deliver(command, argv, result);
      if (code === 0) {
        if (argv[0] === 'wasm-ld') makeExecutable(path.resolve(command.cwd, outputOf(argv) ?? 'a.out'));
        return;
      }
      markFailed(argv);
      if (exitCode === 0) exitCode = code;
      lastWords(command, argv, code);
    });
  }
  return exitCode;

  function markFailed(argv: readonly string[]): void {
    const output = outputOf(argv);
    if (output !== undefined) failed.add(output);
  }
}

/** Runs `work` on every item, `width` at a time, and hands the results on in the order of the items. Stops at the first rejection. */
async function inOrder<Item, Result>(items: readonly Item[], width: number, work: (item: Item) => Promise<Result>, deliver: (item: Item, result: Result) => void): Promise<void> {
  const results = new Map<number, Result>();
  let next = 0;
  let delivered = 0;
  let stopped = false;
  const runSome = async (): Promise<void> => {
    while (next < items.length && !stopped) {
      const index = next++;
      try {
        results.set(index, await work(items[index]!));
        for (; results.has(delivered); delivered += 1) {
          deliver(items[delivered]!, results.get(delivered)!);
          results.delete(delivered);
        }
      } catch (error) {
        stopped = true;
        throw error;
      }
    }
  };
  const runs = await Promise.allSettled(Array.from({ length: width }, runSome));
  for (const run of runs) if (run.status === 'rejected') throw run.reason;
}

/**
 * Cuts the driver's list so that no job of a batch names the output of another in it (to read it, or to write it once
 * more: `-c a.c sub/a.c`), or shares standard streams with one.
 */
export function batches(jobs: ReadonlyArray<readonly string[]>): string[][][] {
  const cut: string[][][] = [];
  let pending = new Set<string>();
  let closed = true;
  for (const argv of jobs) {
    const streams = usesStandardStreams(argv);
    if (closed || streams || dependsOn(argv, pending)) {
      cut.push([]);
      pending = new Set();
    }
    cut.at(-1)!.push([...argv]);
    const output = outputOf(argv);
    if (output !== undefined) pending.add(output);
    closed = streams;
  }
  return cut;
}

/** `-` names standard input or output, in which the order of jobs shows. */
function usesStandardStreams(argv: readonly string[]): boolean {
  return argv.includes('-');
}

/** `-fuse-ld=` and the like can name programs of the host, which no WebAssembly module can start. */
function requireProgram(program: string): void {
  if (!/^(?:clang|clang\+\+|wasm-ld|lld|llvm-[\w-]+)$/.test(program)) throw foreignProgram(program);
}

/** The driver tells the compiler about colours, the linker looks at its own standard error, which may be collected. */
function coloured(argv: readonly string[], io: ToolIo): readonly string[] {
  return argv[0] === 'wasm-ld' && io.color === true ? [...argv, '--color-diagnostics'] : argv;
}

/**
 * What a native wasm-ld does to its output and preview 1 has no call for: whoever may read the module may run it, as
 * systems with binfmt_misc do.
 */
function makeExecutable(file: string): void {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) return;
  try {
    chmodSync(file, stat.mode | ((stat.mode & 0o444) >> 2));
  } catch {
    // Not ours, or a file system without modes: the module is whole all the same.
  }
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
