// What of `run` does not go with a program that has threads: what would be the same in every run, or counted in one place, is
// not while several threads take turns as the machine pleases. Loaded for such programs alone. Pure.
import { WasienvError } from '../base/errors.js';

interface Given {
  readonly 'cross-check': boolean;
  readonly deterministic: boolean;
  readonly seed: string | undefined;
  readonly record: string | undefined;
  readonly replay: string | undefined;
  readonly fuel: string | undefined;
  readonly profile: string | undefined;
  readonly coverage: string | undefined;
}

const ORDER = 'the order in which its threads do things is another one in every run';
const COUNTED = 'the instructions of several threads are not counted together';

const WHY: Readonly<Record<keyof Given, string>> = {
  'cross-check': ORDER, deterministic: ORDER, seed: ORDER, record: ORDER, replay: ORDER,
  fuel: COUNTED, profile: COUNTED, coverage: COUNTED,
};

/** Throws E_USAGE for the first of them that was given. */
export function refuseBesideThreads(options: Given, file: string): void {
  const name = (Object.keys(WHY) as (keyof Given)[]).find((each) => options[each] !== undefined && options[each] !== false);
  if (name === undefined) return;
  throw new WasienvError('E_USAGE', `\`--${name}\` does not go with a program that has threads: ${WHY[name]}`, {
    where: [['file', file]],
    next: name === 'fuel' ? 'leave it out; `--timeout` stops a program with threads' : `leave out \`--${name}\`, or build the program without threads`,
  });
}
