// Options of `run` that choose the engine, show what a program does, or make runs alike; and what does not go together. Pure.
import { WasienvError } from '../base/errors.js';
import type { OptionTable } from './command.js';

export const WATCH_OPTIONS = {
  engine: { value: 'NAME', choices: ['interpreter', 'host'], group: 'Engine', summary: 'what runs it: the interpreter of wasienv (default), or Node’s own WebAssembly, which is faster' },
  'no-emit': { group: 'Engine', summary: 'interpret all of it: make no JavaScript of functions and loops that run often (see `wasienv help speed`)' },
  'cross-check': { group: 'Engine', summary: 'run it on both engines and tell the first difference in output, WASI calls or end; files and input are touched once' },
  strace: { value: 'json', optional: true, choices: ['json'], group: 'Watching', summary: 'show every WASI call with its arguments, answer and time, on stderr; `=json` for an object a line' },
  'strace-filter': { value: 'CALLS', group: 'Watching', summary: 'show these calls: names, patterns (`fd_*`), groups (`file`, `read`, `write` …), `failed`; `-NAME` leaves one out' },
  'strace-output': { value: 'FILE', group: 'Watching', summary: 'write the calls to FILE' },
  deterministic: { group: 'Repeating', summary: 'a world that is the same in every run: fixed clock, seeded random numbers, sorted directories, numbers and times of files' },
  seed: { value: 'N', group: 'Repeating', summary: 'what the random numbers of --deterministic come from (default 0)' },
  record: { value: 'FILE', group: 'Repeating', summary: 'keep everything WASI answered, so that the run can be repeated elsewhere without its files' },
  replay: { value: 'FILE', group: 'Repeating', summary: 'repeat a recorded run: arguments, environment, files and input come from FILE' },
} as const satisfies OptionTable;

interface Given {
  readonly 'cross-check': boolean;
  readonly strace: '' | 'json' | undefined;
  readonly 'strace-filter': string | undefined;
  readonly 'strace-output': string | undefined;
  readonly deterministic: boolean;
  readonly seed: string | undefined;
  readonly record: string | undefined;
  readonly replay: string | undefined;
}

/** Options of other files that do not go with some of these. */
interface Beside {
  readonly dir: readonly string[];
  readonly env: readonly string[];
  readonly listen: readonly string[];
  readonly fuel: string | undefined;
  readonly 'max-depth': string | undefined;
  readonly timeout: string | undefined;
  readonly profile: string | undefined;
  readonly coverage: string | undefined;
}

export interface Watching {
  readonly strace: { readonly format: 'text' | 'json'; readonly filter: string | undefined; readonly output: string | undefined } | undefined;
  readonly mode: { readonly kind: 'plain' | 'cross-check' } | { readonly kind: 'record' | 'replay'; readonly file: string };
  /** The seed of a deterministic world. */
  readonly seed: bigint | undefined;
}

/** Throws E_USAGE for what does not go together. `args` are the program's. */
export function watchingOf(options: Given & Beside, args: readonly string[]): Watching {
  const { strace, 'strace-filter': filter, 'strace-output': output, deterministic, seed, record, replay } = options;
  const crossCheck = options['cross-check'];
  if (replay !== undefined) refuseBesideReplay(options, args);
  if (crossCheck) refuseBesideCrossCheck(options);
  return {
    strace: strace === undefined && filter === undefined && output === undefined ? undefined : { format: strace === 'json' ? 'json' : 'text', filter, output },
    mode: replay !== undefined ? { kind: 'replay', file: replay } : record !== undefined ? { kind: 'record', file: record } : { kind: crossCheck ? 'cross-check' : 'plain' },
    seed: deterministic || seed !== undefined ? seedOf(seed) : undefined,
  };
}

function seedOf(text = '0'): bigint {
  if (/^(\d{1,20}|0x[\da-f]{1,16})$/i.test(text) && BigInt(text) < 1n << 64n) return BigInt(text);
  throw new WasienvError('E_USAGE', `\`--seed ${text}\` is not a number from 0 to 2^64 - 1`, { next: 'give a whole number, such as `--seed 7`' });
}

/** A replay is the recorded run and no other. */
function refuseBesideReplay(options: Given & Beside, args: readonly string[]): void {
  const lists = (['dir', 'env', 'listen'] as const).find((name) => options[name].length > 0);
  const given = options['cross-check'] ? 'cross-check' : (['record', 'seed'] as const).find((name) => options[name] !== undefined) ?? lists ?? (options.deterministic ? 'deterministic' : undefined);
  const what = given !== undefined ? `\`--${given}\`` : args.length > 0 ? `the argument ${JSON.stringify(args[0])}` : undefined;
  if (what === undefined) return;
  throw new WasienvError('E_USAGE', `${what} does not go with \`--replay\`: all that the program gets comes from the recording`, { next: `leave out ${what}` });
}

/** What one engine alone can do, or does at a moment of its own. */
function refuseBesideCrossCheck(options: Given & Beside): void {
  if (options.record !== undefined) {
    throw new WasienvError('E_USAGE', '`--record` does not go with `--cross-check`', { next: 'record first; then replay the recording with `--engine host`, which compares too' });
  }
  const given = (['fuel', 'max-depth', 'timeout', 'profile', 'coverage'] as const).find((name) => options[name] !== undefined);
  if (given !== undefined) throw new WasienvError('E_USAGE', `\`--${given}\` does not go with \`--cross-check\`, where two engines must do the same`, { next: 'leave out one of the two' });
}
