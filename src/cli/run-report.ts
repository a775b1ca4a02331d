// How a program ended otherwise than well: why it was stopped, what it was probably not granted and the option that grants
// it, and which exit code says so; and, before it starts, a `--dir` written the wrong way round. Loaded only then.
import { statSync } from 'node:fs';
import { WasienvError } from '../base/errors.js';
import { visible } from '../base/text.js';
import type { Paint } from '../base/paint.js';
import { withSourceLines, type ExitStatus } from '../program/index.js';
import { lessons, type Situation } from '../program/lessons.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { limitHint, refusedNote } from './limit-hints.js';
import type { Output } from './output.js';
import { renderError } from './print-error.js';
import { trapHint } from './trap-hints.js';

export interface Ended {
  readonly situation: Omit<Situation, 'look'>;
  readonly output: Output;
  readonly debug: boolean;
  /** Whether the program's failures may come from what it was not granted, and may be spoken of. */
  readonly teach: boolean;
  readonly onHost: boolean;
}

/** Says what there is to say of a program that trapped, met a limit or failed; returns the exit code. */
export async function reportEnd(status: ExitStatus, { situation, output, debug, teach, onHost }: Ended): Promise<number> {
  if (status.refusedBytes !== undefined) output.note(refusedNote(status.refusedBytes));
  if (status.kind !== 'exit') {
    const frames = await withSourceLines(status.error.frames, situation.module);
    const hint = status.kind === 'limit' ? limitHint(status.error.code, onHost, frames.length > 0) : trapHint(status.name, frames, status.overflown);
    output.note(renderError(status.error, output.errorColour, debug, hint, frames));
  }
  const text = teach && status.kind !== 'limit' ? renderLessons(situation, output.errorColour) : '';
  if (text !== '') output.note(text);
  return status.kind === 'exit' ? status.code : status.kind === 'limit' ? exitCodeOf(status.error.code) : EXIT.TRAP;
}

/** A `hint` of two lines for each lesson; empty when there is none. */
function renderLessons(situation: Omit<Situation, 'look'>, colour: Paint): string {
  return lessons({ ...situation, look })
    .flatMap(({ fact, option, instead }) => [`${colour.yellow(colour.bold('hint'))}: ${visible(fact)}`, `  ${colour.cyan('next')}   ${instead ?? 'run it with'} \`${visible(option)}\``])
    .join('\n');
}

function look(hostPath: string): 'file' | 'directory' | undefined {
  try {
    return statSync(hostPath).isDirectory() ? 'directory' : 'file';
  } catch {
    return undefined;
  }
}

/** The same E_PREOPEN with the right spelling for its next step, when one of the `--dir` can only have been meant otherwise. */
export function withRightOrder(error: WasienvError, given: readonly string[]): WasienvError {
  const host = error.where.find(([label]) => label === 'host')?.[1];
  const text = given.find((each) => each === host || each.startsWith(`${host}::`));
  const meant = text === undefined ? undefined : rightOrder(text);
  return meant === undefined ? error : new WasienvError(error.code, error.message, { where: error.where, next: `the order is HOST::GUEST; write \`--dir ${meant}\``, cause: error });
}

function rightOrder(text: string): string | undefined {
  const isDirectory = (path: string): boolean => look(path) === 'directory';
  const readOnly = text.endsWith(':ro') ? ':ro' : '';
  const plain = readOnly === '' ? text : text.slice(0, -readOnly.length);
  if (isDirectory(plain) && readOnly !== '') return `${plain}::${plain}:ro`;
  const [first, second, ...more] = plain.split(/::?/);
  if (first === undefined || second === undefined || first === '' || second === '' || more.length > 0) return undefined;
  if (!isDirectory(first) && isDirectory(second)) return `${second}::${first}${readOnly}`;
  return isDirectory(first) && !plain.includes('::') ? `${first}::${second}${readOnly}` : undefined;
}
