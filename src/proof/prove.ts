// Proves a toolchain: every program of the catalogue is compiled with it and run on our interpreter, and what comes
// out is compared to the byte. Compilations run beside each other, programs one after the other in their order.
// A program that fails is a result, not an error; errors are for a proof that could not be made.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { makeDirectories } from '../base/directories.js';
import { WasienvError } from '../base/errors.js';
import type { Environment } from '../base/surroundings.js';
import { Collector, takeModes } from '../compiler/index.js';
import { wasienvVersion, type Emit } from '../toolchain/index.js';
import type { ProofProgram } from './catalogue.js';
import { keepDirectoryInUse, proofInterrupted } from './errors.js';
import { GuestRunner } from './guest-runner.js';
import { inParallel } from './in-parallel.js';
import { compileProgram, compilerArguments, describe, hashParts, programsFor, type Provable } from './provable.js';
import { readProgramFiles, type ProgramFiles } from './program-files.js';
import { writeProof, type ProgramResult, type ProofReceipt } from './receipt.js';
import { judgeCompiler, judgeOutcome, type Verdict } from './verdict.js';

export interface ProveOptions {
  readonly toolchain: Provable;
  /** Where the receipt goes; null proves without leaving one. */
  readonly home: string | null;
  readonly env: Environment;
  readonly emit: Emit;
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  readonly programs?: readonly ProofProgram[];
  /** Leave sources and modules in this directory, for a person who wants to look; otherwise nothing is left. */
  readonly keep?: string;
  /** How long one program may run. */
  readonly timeoutMs?: number;
}

/** The slowest program takes about a second where everything is slow. */
const RUN_TIMEOUT_MS = 60_000;

/** Proves, writes the receipt, and returns it. Throws E_INTERRUPTED, and what compiler and disk throw beyond a failing compilation. */
export async function proveToolchain(options: ProveOptions): Promise<ProofReceipt> {
  const { toolchain, home, emit, now, signal, programs = programsFor(options.toolchain) } = options;
  const start = performance.now();
  const results: ProgramResult[] = [];
  const stop = new AbortController();
  const runner = new GuestRunner(options.timeoutMs ?? RUN_TIMEOUT_MS);
  const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  await inWorkDirectory(options.keep, async (directory) => {
    const built = inParallel(programs, availableParallelism(), (program) => build(program, { ...options, signal: either, directory: path.join(directory, program.id) }));
    try {
      for (const [index, program] of programs.entries()) {
        emit({ type: 'proof-start', program: program.id, index, count: programs.length });
        const result = await run(await built[index]!, runner, signal);
        results.push(result);
        emit({
          type: 'proof-end', program: program.id, ok: result.fault === null, durationMs: result.compileMs + result.runMs,
          ...(result.detail === null ? {} : { detail: result.detail }),
        });
      }
    } finally {
      stop.abort();
      await Promise.allSettled([...built, runner.close()]);
    }
  });
  const sum = (pick: (result: ProgramResult) => number): number => Math.round(results.reduce((total, each) => total + pick(each), 0));
  const receipt: ProofReceipt = {
    schema: 1,
    ok: results.every((each) => each.fault === null),
    provedAt: new Date(now()).toISOString(),
    wasienvVersion: wasienvVersion(),
    nodeVersion: process.versions.node,
    host: { platform: process.platform, arch: process.arch },
    toolchain: describe(toolchain),
    parts: hashParts(toolchain),
    programs: results,
    modes: [...new Set(results.filter((each) => each.fault === null && each.language !== 'rust').flatMap(modesOf))],
    timings: { compileMs: sum((each) => each.compileMs), runMs: sum((each) => each.runMs), totalMs: Math.round(performance.now() - start) },
  };
  if (home !== null) await writeProof(home, receipt);
  return receipt;
}

/** The modes among its options, as a person would name them. */
function modesOf({ compilerArgs }: ProgramResult): string[] {
  const { emulate, stackBytes: _, ...switches } = takeModes(compilerArgs).modes;
  return [...Object.entries(switches).flatMap(([name, on]) => (on ? [name] : [])), ...emulate.map((name) => `emulate ${name}`)];
}

/** Proves with one program and leaves nothing behind; for doctor. */
export async function proveProgram(program: ProofProgram, options: Pick<ProveOptions, 'toolchain' | 'env' | 'signal'>): Promise<ProgramResult> {
  const runner = new GuestRunner(RUN_TIMEOUT_MS);
  try {
    return await inWorkDirectory(undefined, async (directory) => run(await build(program, { ...options, directory: path.join(directory, program.id) }), runner, options.signal));
  } finally {
    await runner.close();
  }
}

async function inWorkDirectory<T>(keep: string | undefined, work: (directory: string) => Promise<T>): Promise<T> {
  if (keep !== undefined) {
    makeDirectories(path.resolve(keep));
    return work(path.resolve(keep));
  }
  const directory = await mkdtemp(path.join(tmpdir(), 'wasienv-proof-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

export interface Built {
  readonly program: ProofProgram;
  readonly files: ProgramFiles;
  readonly directory: string;
  readonly compilerArgs: readonly string[];
  readonly compileMs: number;
  readonly module: Uint8Array | null;
  /** What went wrong when there is no module. */
  readonly failure: Verdict | null;
}

/** Compiles one program in `directory`, which must not be there yet. A compiler that fails is part of the result. */
export async function build(program: ProofProgram, options: Pick<ProveOptions, 'toolchain' | 'env' | 'signal'> & { readonly directory: string }): Promise<Built> {
  const { toolchain, env, signal, directory } = options;
  throwIfStopped(signal);
  const files = readProgramFiles(program);
  await mkdir(directory).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? keepDirectoryInUse(directory, error) : error;
  });
  // Sources are copied, so that no path of this machine gets into a module: its digest is the same everywhere.
  for (const { name, bytes } of files.sources) await writeFile(path.join(directory, name), bytes);
  const output = `${program.id}.wasm`;
  const compilerArgs = compilerArguments(program, output);
  const stderr = new Collector();
  const start = performance.now();
  let exitCode: number;
  try {
    exitCode = await compileProgram({
      toolchain, program, output, cwd: directory, env,
      io: { stdin: 'ignore', stdout: stderr, stderr, color: false }, signal,
    });
  } catch (error) {
    // E_DAMAGED: its module cannot be loaded, whatever the sizes of its files say.
    if (!(error instanceof WasienvError) || (error.code !== 'E_COMPILER' && error.code !== 'E_DAMAGED')) throw error;
    return { program, files, directory, compilerArgs, compileMs: performance.now() - start, module: null, failure: { fault: 'compiler', detail: `${error.code}: ${error.message}` } };
  }
  const compileMs = performance.now() - start;
  const module = exitCode === 0 ? await readFile(path.join(directory, output)).catch(() => null) : null;
  return { program, files, directory, compilerArgs, compileMs, module, failure: module === null ? judgeCompiler(exitCode, stderr.text()) : null };
}

/** Runs a built program on the interpreter and judges it. */
async function run({ program, files, directory, compilerArgs, compileMs, module, failure }: Built, runner: GuestRunner, signal: AbortSignal | undefined): Promise<ProgramResult> {
  const about = {
    id: program.id, title: program.title, shows: program.shows, language: program.language,
    sources: files.sources.map(({ name, bytes }) => ({ path: name, sizeBytes: bytes.byteLength, sha256: sha256(bytes) })),
    compilerArgs: [...compilerArgs],
    module: module === null ? null : { path: `${program.id}.wasm`, sizeBytes: module.byteLength, sha256: sha256(module) },
    compileMs: Math.round(compileMs),
  };
  if (module === null) return { ...about, ...failure!, output: null, runMs: 0 };
  let scratch: string | null = null;
  if (program.scratch !== null) await mkdir((scratch = path.join(directory, 'scratch')));
  const start = performance.now();
  const report = await runner.run({ program, module, scratch }, signal);
  const runMs = Math.round(performance.now() - start);
  const outcome = report.kind === 'outcome' ? report.outcome : null;
  const verdict = report.kind === 'outcome' ? judgeOutcome(program, files.expectedStdout, report.outcome) : report.verdict;
  return {
    ...about, ...verdict,
    output: outcome === null ? null : {
      stdoutSha256: sha256(outcome.stdout), stderrSha256: sha256(outcome.stderr),
      end: outcome.end.kind === 'exit' ? `exit ${outcome.end.code}` : `trap: ${outcome.end.name}`,
    },
    runMs,
  };
}

function throwIfStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw proofInterrupted();
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
