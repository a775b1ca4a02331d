// `--max-memory`, `--fuel`, `--max-depth`, `--timeout`: what a guest may use up. Pure.
import { WasienvError } from '../base/errors.js';
import { parseBytes, parseQuantity } from '../base/text.js';
import type { ProgramLimits } from '../program/index.js';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, '': 1000, m: 60_000, min: 60_000, h: 3_600_000 };
const COUNTS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** Beyond, fuel would not be counted to the last instruction. */
const MOST_FUEL = 2 ** 51;
/** What timers of the host take. */
const MOST_MILLISECONDS = 2 ** 31 - 1;
const PAGE_BYTES = 65_536;

/** Bytes, in the words of `parseBytes`. */
export const parseSize = (option: string, text: string): number =>
  within(parseBytes(text), PAGE_BYTES, Number.MAX_SAFE_INTEGER) ?? refuse(option, text, 'is no size of at least one page of 64 KiB', '256M, 64MiB or 1G');

/** `10s`, `500ms`, `2m`, `1.5`: milliseconds; without a unit, seconds. */
export const parseDuration = (option: string, text: string): number =>
  within(parseQuantity(text, MILLISECONDS), 1, MOST_MILLISECONDS) ?? refuse(option, text, 'is no length of time', '10s, 500ms, 2m or 1.5');

/** `1000000`, `1e6`, `5M`, `1_000_000`. */
export const parseCount = (option: string, text: string, most = MOST_FUEL): number => {
  const count = within(parseQuantity(text.replaceAll('_', ''), COUNTS), 1, most);
  return count !== undefined && Number.isInteger(count) ? count : refuse(option, text, 'is no number of at least 1', '1000000, 1e6 or 5M');
};

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

function refuse(option: string, text: string, what: string, examples: string): never {
  throw new WasienvError('E_USAGE', `\`--${option} ${text}\` ${what}`, { next: `write for example ${examples}` });
}

export interface LimitOptions {
  readonly 'max-memory': string | undefined;
  readonly fuel: string | undefined;
  readonly 'max-depth': string | undefined;
  readonly timeout: string | undefined;
  readonly 'max-threads': string | undefined;
}

export const LIMIT_OPTIONS = {
  'max-memory': { value: 'SIZE', group: 'Limits', summary: 'give the program no more memory than this, such as 256M: a request beyond it fails' },
  fuel: { value: 'COUNT', group: 'Limits', summary: 'stop it after so many instructions; the same ones on every machine' },
  'max-depth': { value: 'COUNT', group: 'Limits', summary: 'stop it when more calls than this are under way at once' },
  'max-threads': { value: 'COUNT', group: 'Limits', summary: 'let it have so many threads at once beside its first (default 64): starting one more fails; 0 refuses a program that needs threads' },
  timeout: { value: 'DURATION', group: 'Limits', summary: 'stop it after this time, such as 10s or 500ms, whether it computes or waits' },
} as const;

/** Beyond, each would still take a stack of its own. */
const MOST_THREADS = 4096;

/** Throws E_USAGE for what is no number. Undefined: not told. */
export function parseMaxThreads(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return text === '0' ? 0 : parseCount('max-threads', text, MOST_THREADS);
}

/** Throws E_USAGE for what is no size, count or time. */
export function parseLimits(options: LimitOptions): ProgramLimits {
  const { fuel, timeout } = options;
  const memory = options['max-memory'];
  const depth = options['max-depth'];
  return {
    ...(memory === undefined ? {} : { maxMemoryBytes: parseSize('max-memory', memory) }),
    ...(fuel === undefined ? {} : { fuel: parseCount('fuel', fuel) }),
    ...(depth === undefined ? {} : { maxDepth: parseCount('max-depth', depth, 2 ** 31) }),
    ...(timeout === undefined ? {} : { timeoutMs: parseDuration('timeout', timeout) }),
  };
}
