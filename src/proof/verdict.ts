// Whose fault it is when a proof program fails. Pure: from what was seen to a verdict.
// A person who reads "your toolchain is broken" must be able to trust it, so a limit of our own interpreter is never
// booked to the compiler; where both could be at fault the verdict says only that the program went wrong.
import { WasienvError, type ErrorCode } from '../base/errors.js';
import { firstDifference, renderDifference } from './compare.js';
import type { ProofProgram } from './catalogue.js';

/**
 * `compiler`: it failed, or what it made is no program. `interpreter`: our engine met a limit or a fault of its own.
 * `program`: it was built and ran, but did something else than the source says.
 */
export type Fault = 'compiler' | 'interpreter' | 'program';

export interface Verdict {
  readonly fault: Fault | null;
  /** One line for people, null when all is well. */
  readonly detail: string | null;
}

const PASSED: Verdict = { fault: null, detail: null };

export interface Outcome {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** How it ended: by itself, or by a trap with its name. */
  readonly end: { readonly kind: 'exit'; readonly code: number } | { readonly kind: 'trap'; readonly name: string };
}

/** A compiler that ended with another code than 0, or wrote no module. */
export function judgeCompiler(exitCode: number, stderr: string): Verdict {
  const said = firstError(stderr);
  return { fault: 'compiler', detail: exitCode === 0 ? 'the compiler reported success and wrote no module' : `the compiler ended with ${exitCode}${said === '' ? '' : `: ${said}`}` };
}

/** The line of a compiler's output that says most: the first error, else the first line. */
export function firstError(stderr: string): string {
  const lines = stderr.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
  return lines.find((line) => /\b(?:fatal )?error\b/i.test(line)) ?? lines[0] ?? '';
}

/** What the engine could not run because it does not go that far: no statement about the toolchain. */
const LIMITS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['E_UNSUPPORTED', 'E_LIMIT', 'E_EXHAUSTION', 'E_INTERNAL']);
/** What the compiler made is not a program for WASI preview 1. */
const NO_PROGRAM: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['E_NOT_WASM', 'E_COMPONENT', 'E_DECODE', 'E_INVALID', 'E_LINK', 'E_NO_START']);

/** An error thrown while a built module was loaded or run. */
export function judgeError(error: unknown): Verdict {
  if (!(error instanceof WasienvError)) return { fault: 'interpreter', detail: `the interpreter failed: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}` };
  const detail = `${error.code}: ${error.message}`;
  if (LIMITS.has(error.code)) return { fault: 'interpreter', detail };
  if (NO_PROGRAM.has(error.code)) return { fault: 'compiler', detail };
  return { fault: 'program', detail };
}

/** A program that ran to its end, one way or another. The streams are compared before the exit code: they say more. */
export function judgeOutcome(program: Pick<ProofProgram, 'expectedExit' | 'expectedTrap' | 'expectedStderr'>, expectedStdout: Uint8Array, outcome: Outcome): Verdict {
  const wanted = program.expectedTrap === null ? `exit code ${program.expectedExit}` : `trap: ${program.expectedTrap}`;
  const got = outcome.end.kind === 'trap' ? `trap: ${outcome.end.name}` : `exit code ${outcome.end.code}`;
  const ended = got === wanted ? null : outcome.end.kind === 'trap' && program.expectedTrap === null ? got : `${got} instead of ${wanted.replace('exit code ', '')}`;
  const stderr = firstDifference(new TextEncoder().encode(program.expectedStderr), outcome.stderr);
  const stdout = firstDifference(expectedStdout, outcome.stdout);
  const found = [
    ended,
    stderr === null ? null : renderDifference('stderr', stderr),
    stdout === null ? null : renderDifference('stdout', stdout),
  ].filter((each) => each !== null);
  return found.length === 0 ? PASSED : { fault: 'program', detail: found.join('; ') };
}
