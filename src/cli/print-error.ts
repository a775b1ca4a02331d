// The one spot where failures become text: code and fact, where it happened, what to do next.
import { WasienvError, type ErrorCode } from '../base/errors.js';
import { readableName } from '../base/rust-names.js';
import { visible } from '../base/text.js';
import type { Paint } from '../base/paint.js';
import type { StackFrame } from '../program/index.js';

/** A failure as data: what `--json` prints as its last event. */
export interface FailureEvent {
  readonly type: 'error';
  readonly code: ErrorCode;
  readonly fact: string;
  readonly where: ReadonlyArray<readonly [label: string, value: string]>;
  readonly next: string | null;
}

/** Makes a known failure of anything thrown. What no room foresaw is a fault of ours and says how to report it. */
export function asWasienvError(thrown: unknown): WasienvError {
  if (thrown instanceof WasienvError) return thrown;
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new WasienvError('E_INTERNAL', `wasienv stumbled over something it did not expect: ${text}`, { cause: thrown });
}

const REPORT = 'run it again with `wasienv --debug …` and report the output, the command and `wasienv doctor --json` to the project';

export function failureEvent(error: WasienvError): FailureEvent {
  return { type: 'error', code: error.code, fact: error.message, where: error.where, next: error.next ?? (error.code === 'E_INTERNAL' ? REPORT : null) };
}

/**
 * `error[E_X]: fact`, then `  label  value` lines, then `  next   …`; values line up and keep their indent over
 * several lines. The stack, and the chain of causes, only with `--debug`. `hint` is the next step when the error has none, `frames` what is better known of its calls.
 */
export function renderError(error: WasienvError, colour: Paint, debug: boolean, hint?: string, frames: readonly StackFrame[] = (error as { frames?: readonly StackFrame[] }).frames ?? []): string {
  const { code, fact, where, ...event } = failureEvent(error);
  const next = event.next ?? hint ?? null;
  const stack = callStack(frames);
  const rows: (readonly [string, string])[] = [...where, ...(stack === undefined ? [] : [['stack', stack] as const]), ...(next === null ? [] : [['next', next] as const])];
  const width = Math.max(4, ...rows.map(([label]) => label.length)) + 3;
  const lines = [`${colour.red(colour.bold(`error[${code}]`))}${colour.bold(`: ${visible(fact)}`)}`];
  for (const [label, value] of rows) {
    const [first, ...rest] = visible(value).split('\n');
    const shown = label === 'next' ? colour.cyan(label.padEnd(width)) : colour.dim(label.padEnd(width));
    lines.push(`  ${shown}${first}`, ...rest.map((line) => `  ${' '.repeat(width)}${line}`));
  }
  if (debug) lines.push(...stackLines(error).map((line) => colour.dim(line)));
  return lines.join('\n');
}

const SHOWN_FRAMES = 16;
/** From so many calls alike on, only the first and the last are shown. */
const MANY_ALIKE = 4;

/** The WebAssembly calls a trap left, innermost first; the middle of a recursion, and of whatever is deep, is told by its number. */
function callStack(frames: readonly StackFrame[]): string | undefined {
  if (frames.length === 0) return undefined;
  // A number is calls that are not shown.
  const lines: (string | number)[] = [];
  for (let first = 0, next; first < frames.length; first = next) {
    const line = describeCall(frames[first]!);
    const between = (at: number): number => frames[at]!.callsBetween ?? 0;
    if (between(first) > 0) lines.push(between(first));
    let left = 0;
    for (next = first + 1; next < frames.length && describeCall(frames[next]!) === line; next++) left += 1 + between(next);
    if (left + 1 < MANY_ALIKE) for (let at = first; at < next; at++) lines.push(line);
    else lines.push(line, left - 1, line);
  }
  if (lines.length > SHOWN_FRAMES) {
    const half = SHOWN_FRAMES / 2;
    const left = lines.splice(half, lines.length - SHOWN_FRAMES).reduce<number>((sum, line) => sum + (typeof line === 'number' ? line : 1), 0);
    lines.splice(half, 0, left);
  }
  return lines.map((line) => (typeof line === 'number' ? `… ${line} more calls …` : line)).join('\n');
}

function describeCall({ functionIndex, name, offset, line, column, file, inlined }: StackFrame): string {
  const called = name === undefined ? '(no name)' : readableName(name).replaceAll('\n', '\\n');
  if (file !== undefined) return `${called}  ${file}:${line}${column === undefined ? '' : `:${column}`}${inlined === true ? ' (inlined)' : ''}`;
  const place = line !== undefined ? `, line ${line}, column ${column}` : offset === undefined ? '' : `, byte 0x${offset.toString(16)}`;
  return `${called}  function ${functionIndex}${place}`;
}

function stackLines(thrown: unknown, prefix = ''): string[] {
  if (!(thrown instanceof Error)) return thrown === undefined ? [] : [`${prefix}${String(thrown)}`];
  return [`${prefix}${thrown.stack ?? thrown.message}`, ...stackLines(thrown.cause, 'caused by ')];
}
