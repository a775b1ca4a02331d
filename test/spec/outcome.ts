// What the runner finds out, as data: printed by `report.ts`, written with `--json`.

export interface Failure {
  /** Path below the suite's directory. */
  readonly file: string;
  readonly line: number;
  readonly command: string;
  readonly reason: string;
  /** The feature of the instruction table that the engine said it does not run yet. */
  readonly feature?: string;
}

/** A refusal that is right, in other words than the suite's. */
export interface Rewording {
  readonly file: string;
  readonly line: number;
  readonly wanted: string;
  readonly said: string;
}

export interface FileOutcome {
  readonly file: string;
  /** Top-level forms counted without the parser. */
  readonly forms: number;
  /** Commands of the script; each is passed or failed. */
  readonly commands: number;
  /** How many of the commands are assertions. */
  readonly assertions: number;
  readonly passed: number;
  readonly failures: readonly Failure[];
  readonly rewordings: readonly Rewording[];
  readonly ms: number;
}

/**
 * An entry of expectations.json: what is not met, and why. One line of a file; or without `line` every failure of the
 * file; or without `file` everything the engine refuses as a feature it does not run yet. With `says`: the verdict is
 * met, and only the words differ; ours open with these.
 */
export interface Expectation {
  readonly file?: string;
  readonly line?: number;
  readonly feature?: string;
  readonly says?: string;
  readonly reason: string;
  /** Do not even run the file: it would not end. */
  readonly run?: false;
}

/** What text modules go through before they run. */
export type Detour = 'nothing' | 'binary' | 'text';
export const isDetour = (word: string): word is Detour => ['nothing', 'binary', 'text'].includes(word);

/** Which functions are emitted as JavaScript. */
export type Tier = 'as-shipped' | 'first-call' | 'first-turn' | 'parts' | 'loop';
export const isTier = (word: string): word is Tier => ['as-shipped', 'first-call', 'first-turn', 'parts', 'loop'].includes(word);
