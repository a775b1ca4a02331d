// Where two outputs first differ, and how to show that to a person. Pure.

export interface Difference {
  /** Counted from 1. */
  readonly line: number;
  /** The line with its newline, or null where the output has ended. */
  readonly expected: string | null;
  readonly actual: string | null;
}

/** The first line in which the two differ, or null when they are the same to the byte. */
export function firstDifference(expected: Uint8Array, actual: Uint8Array): Difference | null {
  const shared = Math.min(expected.byteLength, actual.byteLength);
  let at = 0;
  while (at < shared && expected[at] === actual[at]) at += 1;
  if (at === shared && expected.byteLength === actual.byteLength) return null;
  let start = at;
  while (start > 0 && expected[start - 1] !== NEWLINE) start -= 1;
  let line = 1;
  for (let i = 0; i < start; i += 1) if (expected[i] === NEWLINE) line += 1;
  const [wanted, got] = [lineFrom(expected, start), lineFrom(actual, start)];
  return { line, ...shown(wanted, got, at - start) };
}

const NEWLINE = 0x0a;

function lineFrom(bytes: Uint8Array, start: number): Uint8Array {
  const end = bytes.indexOf(NEWLINE, start);
  return bytes.subarray(start, end < 0 ? bytes.byteLength : end + 1);
}

/** Long lines are cut to a window around the difference. */
const WINDOW = 72;

function shown(wanted: Uint8Array, got: Uint8Array, at: number): Pick<Difference, 'expected' | 'actual'> {
  const from = at <= WINDOW - 16 ? 0 : at - 16;
  const cut = (bytes: Uint8Array, render: (part: Uint8Array) => string): string | null => {
    if (bytes.byteLength === 0) return null;
    const part = bytes.subarray(from, from + WINDOW);
    return `${from > 0 ? '…' : ''}${render(part)}${from + WINDOW < bytes.byteLength ? '…' : ''}`;
  };
  const text = (part: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(part);
  const asText = { expected: cut(wanted, text), actual: cut(got, text) };
  if (asText.expected !== asText.actual) return asText;
  // Bytes that are not UTF-8 all decode to the same replacement: then only the bytes tell.
  const hex = (part: Uint8Array): string => [...part].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return { expected: cut(wanted, hex), actual: cut(got, hex) };
}

/** `stdout line 3: expected "a\n", got "b\n"`. */
export function renderDifference(stream: 'stdout' | 'stderr', { line, expected, actual }: Difference): string {
  const quoted = (text: string | null): string => (text === null ? 'the end' : JSON.stringify(text));
  return `${stream} line ${line}: expected ${quoted(expected)}, got ${quoted(actual)}`;
}
