// After a program has failed: what it was probably not granted, and the option that grants it; and before it starts, a
// `--dir` written the wrong way round. Loaded only then.
import { statSync } from 'node:fs';
import { WasienvError } from '../base/errors.js';
import { visible } from '../base/text.js';
import type { Paint } from '../base/paint.js';
import { lessons, type Situation } from '../program/lessons.js';

/** A `hint` of two lines for each lesson; empty when there is none. */
export function renderLessons(situation: Omit<Situation, 'look'>, colour: Paint): string {
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
