// What can be wrong with a recording, and what a program can do that it did not do then.
import { WasienvError } from '../../base/errors.js';
import { formatBytes } from '../../base/text.js';

export function notARecording(file: string, why: string): WasienvError {
  return new WasienvError('E_RECORDING', `${file} cannot be replayed: ${why}`, {
    where: [['file', file]],
    next: 'give a file that `wasienv run --record FILE` wrote',
  });
}

export function otherModule(file: string, recorded: { readonly name: string; readonly sha256: string }, given: string): WasienvError {
  return new WasienvError('E_RECORDING', 'the recording is of another module', {
    where: [['file', file], ['recorded', `${recorded.name}, sha256 ${recorded.sha256}`], ['given', `sha256 ${given}`]],
    next: 'replay it with the very module it was made of; a new build needs a new recording',
  });
}

export function cutOff(calls: number): WasienvError {
  return new WasienvError('E_RECORDING', `the recording ends here, after ${calls} calls, and the program goes on`, {
    where: [['why', 'the run it was made of was killed, or reached a limit']],
    next: 'everything up to here was replayed as it was; record a whole run to see the rest',
  });
}

export function tooMuch(call: string, sizeBytes: number, mostBytes: number): WasienvError {
  return new WasienvError('E_RECORDING', `${call} gave the program ${formatBytes(sizeBytes)} at once, and a recording takes at most ${formatBytes(mostBytes)} a call`, {
    next: 'let the program read in smaller pieces, or run it without `--record`',
  });
}

/** One side of a difference. */
export interface Side {
  readonly who: string;
  /** The call, or how the program ended. */
  readonly did: string;
}

/** `calls`: how many were alike. */
export class Diverged extends WasienvError {
  override readonly name = 'Diverged';
  constructor(
    readonly calls: number,
    fact: string,
    sides: readonly Side[],
    next: string,
  ) {
    super('E_DIVERGED', fact, { where: [['alike', calls === 1 ? '1 call' : `${calls} calls`], ...sides.map(({ who, did }) => [who, did] as const)], next });
  }
}
