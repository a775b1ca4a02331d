// A recording: what WASI answered to a program, call by call, so that the run can be repeated elsewhere without its files.
// Lines of JSON: a header, a line a call, the end. Each line is written when its call has answered, so a run that was killed
// leaves all but the call it was in. Version 1; manifests/recording.schema.json describes it, `wasienv help recording` too.
import type { Write } from '../../wasi/observe/journal.js';
import { PREVIEW1, preview1Calls } from '../../wasi/preview1.js';
import { PREVIEW0 } from '../../wasi/preview0.js';
import type { ExitStatus } from '../run.js';
import { notARecording } from './errors.js';

export const VERSION = 1;

export interface Header {
  readonly wasienv: 'recording';
  readonly version: number;
  readonly module: { readonly name: string; readonly sha256: string; readonly sizeBytes: number };
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Directories as the program sees them (where they were on the host is nobody's business elsewhere), then sockets as `<HOST:PORT>`. */
  readonly preopens: readonly string[];
}

export interface RecordedCall {
  readonly snapshot: string;
  readonly name: string;
  readonly args: readonly (number | bigint)[];
  /** What the call read of the program's memory; see `inputsOf`. */
  readonly inputs: readonly string[];
  readonly errno: number;
  /** The call ended the program. */
  readonly exit?: number;
  readonly writes: readonly Write[];
}

export type End = { readonly exit: number } | { readonly trap: string };

/** Where recorded calls come from: a file, or the memory of a cross-check. */
export interface RecordedCalls {
  /** The next call; undefined when there is none any more. */
  next(): RecordedCall | undefined;
  /** How the program ended; undefined when the recording stops before. Known once `next` has answered undefined. */
  readonly end: End | undefined;
}

/** Undefined for an end that is not the program's own (a limit of ours). */
export const endOf = (status: ExitStatus): End | undefined =>
  status.kind === 'exit' ? { exit: status.code } : status.kind === 'trap' ? { trap: status.name } : undefined;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

export const headerLine = (header: Header): string => `${JSON.stringify(header)}\n`;
export const endLine = (end: End): string => `${JSON.stringify({ end })}\n`;

/** `[name, arguments, inputs, errno, writes]`, or `{ "exit": code }` in place of the errno; 64-bit arguments are strings. */
export function callLine({ snapshot, name, args, inputs, errno, exit, writes }: RecordedCall): string {
  const fields = [
    snapshot === PREVIEW1 ? name : `${snapshot}.${name}`,
    args.map((arg) => (typeof arg === 'bigint' ? String(arg) : arg)),
    inputs,
    exit === undefined ? errno : { exit },
    writes.map(({ address, bytes }) => [address, base64(bytes)]),
  ];
  return `${JSON.stringify(fields)}\n`;
}

export function parseHeader(file: string, line: string): Header {
  const header = parseJson(file, 1, line) as Partial<Header> | undefined;
  if (typeof header !== 'object' || header === null || header.wasienv !== 'recording') throw notARecording(file, 'it does not begin like one');
  if (header.version !== VERSION) throw notARecording(file, `it is of version ${JSON.stringify(header.version)}, and this wasienv reads version ${VERSION}`);
  const { module, args, env, preopens } = header;
  const strings = (value: unknown): boolean => Array.isArray(value) && value.every((each) => typeof each === 'string');
  if (typeof module?.sha256 !== 'string' || !strings(args) || !strings(preopens) || typeof env !== 'object' || env === null || !strings(Object.values(env))) throw notARecording(file, 'line 1 is not its header');
  return header as Header;
}

const ROWS = new Map(preview1Calls.map((row) => [row.name, row]));

/** A call, or the end. */
export function parseLine(file: string, number: number, line: string): RecordedCall | { readonly end: End } {
  const value = parseJson(file, number, line);
  const wrong = () => notARecording(file, `line ${number} is no call`);
  if (!Array.isArray(value)) {
    const end = (value as { end?: unknown } | null)?.end as { exit?: unknown; trap?: unknown } | undefined;
    if (typeof end?.exit === 'number' || typeof end?.trap === 'string') return { end: end as End };
    throw wrong();
  }
  const [called, args, inputs, answer, writes] = value as unknown[];
  if (typeof called !== 'string' || !Array.isArray(args) || !Array.isArray(inputs) || !Array.isArray(writes)) throw wrong();
  const old = called.startsWith(`${PREVIEW0}.`);
  const name = old ? called.slice(PREVIEW0.length + 1) : called;
  const row = ROWS.get(name);
  if (row === undefined || args.length !== row.params.length) throw wrong();
  const exit = (answer as { exit?: unknown } | null)?.exit;
  if (typeof answer !== 'number' && typeof exit !== 'number') throw wrong();
  return {
    snapshot: old ? PREVIEW0 : PREVIEW1,
    name,
    args: args.map((arg: unknown) => (typeof arg === 'string' && /^-?\d+$/.test(arg) ? BigInt(arg) : Number(arg))),
    inputs: inputs.map(String),
    errno: typeof answer === 'number' ? answer : 0,
    ...(typeof exit === 'number' ? { exit } : {}),
    writes: writes.map((write: unknown) => {
      const [address, text] = (Array.isArray(write) ? write : []) as unknown[];
      if (typeof address !== 'number' || typeof text !== 'string') throw wrong();
      return { address, bytes: Buffer.from(text, 'base64') };
    }),
  };
}

function parseJson(file: string, number: number, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw notARecording(file, number === 1 ? 'it does not begin like one' : `line ${number} is not JSON`);
  }
}
