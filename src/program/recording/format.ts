// A recording: what WASI answered to a program, call by call, so that the run can be repeated elsewhere without its files.
// Lines of JSON: a header, a line a call, the end. Each line is written when its call has answered, so a run that was killed
// leaves all but the call it was in. Version 1; manifests/recording.schema.json describes it, `wasienv help recording` too.
import { signatureOf } from '../../wasi/call.js';
import type { Write } from '../../wasi/observe/journal.js';
import { PREVIEW1, preview1Calls } from '../../wasi/preview1.js';
import { PREVIEW0 } from '../../wasi/preview0.js';
import type { ExitStatus } from '../run.js';
import { notARecording, tooMuch } from './errors.js';

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

/** What one call may have written: JavaScript has no text for twice as much. */
export const MOST_CALL_BYTES = 250_000_000;
/** In bytes; beyond the text of the most that a call may write. */
export const LONGEST_LINE = 400_000_000;

/**
 * `[name, arguments, inputs, errno, writes]`, or `{ "exit": code }` in place of the errno; 64-bit arguments are strings. Throws
 * E_RECORDING for a call that wrote more than `MOST_CALL_BYTES`.
 */
export function callLine({ snapshot, name, args, inputs, errno, exit, writes }: RecordedCall): string {
  const writtenBytes = writes.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (writtenBytes > MOST_CALL_BYTES) throw tooMuch(name, writtenBytes, MOST_CALL_BYTES);
  const fields = [
    snapshot === PREVIEW1 ? name : `${snapshot}.${name}`,
    args.map((arg) => (typeof arg === 'bigint' ? String(arg) : arg)),
    inputs,
    exit === undefined ? errno : { exit },
    writes.map(({ address, bytes }) => [address, base64(bytes)]),
  ];
  return `${JSON.stringify(fields)}\n`;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const areTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isUnsigned = (value: unknown, most = 0xffff_ffff): value is number => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;

/** Throws E_RECORDING for what is no header of this version. */
export function parseHeader(file: string, line: string): Header {
  const header = parseJson(file, 1, line) as Partial<Header> | undefined;
  if (typeof header !== 'object' || header === null || header.wasienv !== 'recording') throw notARecording(file, 'it does not begin like one');
  if (header.version !== VERSION) throw notARecording(file, `${typeof header.version === 'number' ? `it is of version ${header.version}` : 'it does not say of which version it is'}, and this wasienv reads version ${VERSION}`);
  const { module, args, env, preopens } = header;
  const fits = isText(module?.name) && isText(module.sha256) && areTexts(args) && areTexts(preopens) && typeof env === 'object' && env !== null && areTexts(Object.values(env));
  if (!fits) throw notARecording(file, 'line 1 is not its header');
  return header as Header;
}

/** By name, with which of its arguments have 64 bits. */
const ROWS = new Map(preview1Calls.map((row) => [row.name, signatureOf(row).params.map((type) => type === 'i64')]));
const MOST_ERRNO = 0xffff;

/** A call, or the end: all in it is what a recorder could have written, so that whoever uses it need not ask. Throws E_RECORDING. */
export function parseLine(file: string, number: number, line: string): RecordedCall | { readonly end: End } {
  const wrong = () => notARecording(file, `line ${number} is no call`);
  const value = parseJson(file, number, line);
  if (!Array.isArray(value)) {
    const end = (value as { end?: { exit?: unknown; trap?: unknown } | null } | null)?.end;
    if (isUnsigned(end?.exit)) return { end: { exit: end.exit } };
    if (isText(end?.trap)) return { end: { trap: end.trap } };
    throw wrong();
  }
  const [called, args, inputs, answer, writes] = value as unknown[];
  if (!isText(called) || !Array.isArray(args) || !areTexts(inputs) || !Array.isArray(writes)) throw wrong();
  const old = called.startsWith(`${PREVIEW0}.`);
  const name = old ? called.slice(PREVIEW0.length + 1) : called;
  const wide = ROWS.get(name);
  if (wide === undefined || args.length !== wide.length) throw wrong();
  const exit = (answer as { exit?: unknown } | null)?.exit;
  if (!isUnsigned(answer, MOST_ERRNO) && !isUnsigned(exit)) throw wrong();
  return {
    snapshot: old ? PREVIEW0 : PREVIEW1,
    name,
    args: args.map((arg: unknown, index) => {
      if (wide[index]) {
        if (isText(arg) && /^-?\d{1,20}$/.test(arg)) return BigInt(arg);
      } else if (isUnsigned(arg)) return arg;
      throw wrong();
    }),
    inputs,
    errno: typeof answer === 'number' ? answer : 0,
    ...(isUnsigned(exit) ? { exit } : {}),
    writes: writes.map((write: unknown) => {
      const [address, text] = (Array.isArray(write) ? write : []) as unknown[];
      if (!isUnsigned(address) || !isText(text)) throw wrong();
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
