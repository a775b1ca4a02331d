// What `wasienv help TOPIC` knows beside the commands. The README repeats none of it.
import { ERROR_CODES } from '../base/errors.js';
import { EXIT } from './exit-codes.js';

interface Topic {
  readonly summary: string;
  readonly introduction: string;
  readonly rows: readonly (readonly [name: string, meaning: string])[];
}

/** Variables wasienv itself reads; a test compares this list with the code. */
export const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ['WASIENV_HOME', 'where toolchains, receipts and the lock live; by default a wasienv directory where the platform keeps data'],
  ['XDG_DATA_HOME', 'Linux and other Unix: the directory that holds wasienv’s home when WASIENV_HOME is not set; else ~/.local/share'],
  ['NO_COLOR', 'any non-empty value: no colours'],
  ['FORCE_COLOR', 'colours even when the output is not a terminal; 0 for none; stronger than NO_COLOR'],
];

export const TOPICS: Readonly<Record<string, Topic>> = {
  errors: {
    summary: 'every error code and what it means',
    introduction: 'Codes are stable: a script may rely on them. `wasienv COMMAND --json` prints them as data.',
    rows: Object.entries(ERROR_CODES),
  },
  environment: {
    summary: 'environment variables wasienv reads',
    introduction: '`wasienv doctor` tells which variables of this shell change what is compiled.',
    rows: ENVIRONMENT,
  },
  'exit-codes': {
    summary: 'exit codes of wasienv',
    introduction: 'The exit code of a guest (`run`) and of clang (`cc`, `c++`, `ar` …) passes through unchanged. Beside these:',
    rows: [
      [String(EXIT.OK), 'done'],
      [String(EXIT.FAILURE), 'wasienv could not do it; the error says why'],
      [String(EXIT.USAGE), 'the command line was not understood'],
      [String(EXIT.INTERRUPTED), 'stopped by Ctrl-C'],
      [String(EXIT.TRAP), 'the guest trapped, or called too deep'],
      [String(EXIT.BROKEN_PIPE), 'whoever read the output has gone'],
      [String(EXIT.TERMINATED), 'stopped by SIGTERM'],
    ],
  },
};

export function renderTopic(name: string): string {
  const topic = TOPICS[name]!;
  const width = Math.max(...topic.rows.map(([left]) => left.length));
  return [topic.introduction, '', ...topic.rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)].join('\n');
}
