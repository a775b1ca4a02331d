// What `run` grants a guest, as a table.
import { describe, expect, test } from 'vitest';
import { parseDirectory, parseEnvironment } from '../../src/cli/guest-options.js';

describe('--dir', () => {
  test.each([
    ['.', { host: '.', guest: '.', readOnly: false }],
    ['/data', { host: '/data', guest: '/data', readOnly: false }],
    ['./a b::/data', { host: './a b', guest: '/data', readOnly: false }],
    ['data::/data:ro', { host: 'data', guest: '/data', readOnly: true }],
    ['C:\\x::/x', { host: 'C:\\x', guest: '/x', readOnly: false }],
    ['C:\\x::/x:ro', { host: 'C:\\x', guest: '/x', readOnly: true }],
    ['odd:ro', { host: 'odd:ro', guest: 'odd:ro', readOnly: false }],
    ['a::b::c', { host: 'a', guest: 'b::c', readOnly: false }],
  ])('%s', (text, grant) => {
    expect(parseDirectory(text)).toEqual(grant);
  });
  test.each(['', '::/x', 'x::', 'x:::ro'])('`%s` is refused', (text) => {
    expect(() => parseDirectory(text)).toThrow(expect.objectContaining({ code: 'E_USAGE', next: expect.stringContaining('HOST::GUEST:ro') }));
  });
});

describe('--env', () => {
  test('keeps the order, values with `=`, empty values and the last of two', () => {
    expect(Object.entries(parseEnvironment(['B=1', 'A=x=y', 'E=', '__proto__=z', 'B=2']))).toEqual([['B', '2'], ['A', 'x=y'], ['E', ''], ['__proto__', 'z']]);
  });
  test.each([['HOME', '--env HOME="$HOME"'], ['=x', 'give the variable a name']])('`%s` is refused', (text, next) => {
    expect(() => parseEnvironment([text])).toThrow(expect.objectContaining({ code: 'E_USAGE', next: expect.stringContaining(next) }));
  });
});
