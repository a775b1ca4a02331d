import { describe, expect, test } from 'vitest';
import { firstDifference, renderDifference } from '../../src/proof/compare.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the first difference', () => {
  const rows: readonly [string, string, string, string | null][] = [
    ['nothing and nothing', '', '', null],
    ['the same', 'a\nb\n', 'a\nb\n', null],
    ['another line', 'a\nb\nc\n', 'a\nB\nc\n', 'stdout line 2: expected "b\\n", got "B\\n"'],
    ['a missing newline at the end', 'a\n', 'a', 'stdout line 1: expected "a\\n", got "a"'],
    ['a newline too much', 'a', 'a\n', 'stdout line 1: expected "a", got "a\\n"'],
    ['too little', 'a\nb\n', 'a\n', 'stdout line 2: expected "b\\n", got the end'],
    ['too much', 'a\n', 'a\nb\n', 'stdout line 2: expected the end, got "b\\n"'],
    ['nothing where something was due', 'a\n', '', 'stdout line 1: expected "a\\n", got the end'],
    ['carriage returns', 'a\n', 'a\r\n', 'stdout line 1: expected "a\\n", got "a\\r\\n"'],
    ['letters beyond ASCII', 'größer\n', 'grösser\n', 'stdout line 1: expected "größer\\n", got "grösser\\n"'],
    ['an empty line', 'a\n\nb\n', 'a\nb\n', 'stdout line 2: expected "\\n", got "b\\n"'],
  ];
  test.each(rows)('%s', (_, expected, actual, rendered) => {
    const difference = firstDifference(bytes(expected), bytes(actual));
    expect(difference === null ? null : renderDifference('stdout', difference)).toBe(rendered);
  });

  test('bytes that are not UTF-8 are shown as bytes', () => {
    const difference = firstDifference(Uint8Array.of(0x61, 0xff, 0x0a), Uint8Array.of(0x61, 0xfe, 0x0a));
    expect(difference).toEqual({ line: 1, expected: '61 ff 0a', actual: '61 fe 0a' });
  });

  test('a long line is cut to where it differs', () => {
    const difference = firstDifference(bytes(`${'x'.repeat(5000)}A${'y'.repeat(5000)}\n`), bytes(`${'x'.repeat(5000)}B${'y'.repeat(5000)}\n`));
    expect(difference!.expected).toBe(`…${'x'.repeat(16)}A${'y'.repeat(55)}…`);
    expect(difference!.actual).toBe(`…${'x'.repeat(16)}B${'y'.repeat(55)}…`);
  });
});
