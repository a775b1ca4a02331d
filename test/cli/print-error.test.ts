// How a failure is shown: the format of every error, and that text chosen by others cannot play with the terminal.
import { describe, expect, test } from 'vitest';
import { InternalError, WasienvError } from '../../src/base/errors.js';
import { NO_PAINT } from '../../src/base/paint.js';
import { asWasienvError, failureEvent, renderError } from '../../src/cli/print-error.js';

const render = (error: WasienvError, debug = false) => renderError(error, NO_PAINT, debug).split('\n');

test('fact, place, next step; labels line up; values keep their indent', () => {
  const error = new WasienvError('E_DIGEST', 'a does not match', { where: [['from', 'https://example.test/a'], ['expected', 'one\ntwo']], next: 'do this\nor that' });
  expect(render(error)).toEqual([
    'error[E_DIGEST]: a does not match',
    '  from       https://example.test/a',
    '  expected   one',
    '             two',
    '  next       do this',
    '             or that',
  ]);
  expect(failureEvent(error)).toEqual({ type: 'error', code: 'E_DIGEST', fact: 'a does not match', where: [['from', 'https://example.test/a'], ['expected', 'one\ntwo']], next: 'do this\nor that' });
});

test('the stack and its causes only with --debug', () => {
  const error = new WasienvError('E_FILE', 'no', { cause: new Error('because', { cause: 'of this' }) });
  expect(render(error)).toEqual(['error[E_FILE]: no']);
  const text = render(error, true).join('\n');
  expect(text).toMatch(/WasienvError: no\n {4}at [\s\S]*caused by Error: because\n {4}at [\s\S]*caused by of this$/);
});

describe('what nobody foresaw', () => {
  test.each([
    [new RangeError('too long'), 'RangeError: too long'],
    ['a string', 'a string'],
    [undefined, 'undefined'],
  ])('%s is a fault of ours and says how to report it', (thrown, text) => {
    const error = asWasienvError(thrown);
    expect(error.code).toBe('E_INTERNAL');
    expect(error.message).toContain(text);
    expect(render(error).at(-1)).toMatch(/^ {2}next .*--debug.*report/);
  });
  test('a BUG says so, too', () => {
    expect(render(new InternalError('two receipts'))).toEqual(['error[E_INTERNAL]: BUG: two receipts', expect.stringMatching(/^ {2}next .*report/)]);
  });
});

describe('the calls a trap left', () => {
  const trap = (frames: readonly { functionIndex: number; name?: string; offset?: number; callsBetween?: number }[]) => Object.assign(new WasienvError('E_TRAP', 'unreachable'), { frames });
  test('innermost first, with what is known of each', () => {
    expect(render(trap([{ functionIndex: 12, name: 'abort', offset: 0x1a3 }, { functionIndex: 7 }]))).toEqual([
      'error[E_TRAP]: unreachable',
      '  stack   abort  function 12, byte 0x1a3',
      '          (no name)  function 7',
    ]);
  });
  test('a deep recursion is told by its ends and its number', () => {
    const lines = render(trap(Array.from({ length: 1000 }, (_, index) => ({ functionIndex: index }))));
    expect(lines).toHaveLength(1 + 17);
    expect(lines[9]).toBe('          … 984 more calls …');
    expect(lines.at(-1)).toContain('function 999');
  });
  test('calls alike, one after the other, are told by the first and the last, with those that were not kept', () => {
    const walk = Array.from({ length: 50 }, () => ({ functionIndex: 1, name: 'walk', offset: 16 }));
    const outer = walk.map((frame, index) => (index === 0 ? { ...frame, callsBetween: 900 } : frame));
    expect(render(trap([{ functionIndex: 1, name: 'walk', offset: 5 }, ...walk, ...outer, { functionIndex: 2, name: 'main' }]))).toEqual([
      'error[E_TRAP]: unreachable',
      '  stack   walk  function 1, byte 0x5',
      '          walk  function 1, byte 0x10',
      '          … 998 more calls …',
      '          walk  function 1, byte 0x10',
      '          main  function 2',
    ]);
  });
  test('calls that were not kept stand between those that were', () => {
    expect(render(trap([{ functionIndex: 1, name: 'even' }, { functionIndex: 2, name: 'odd', callsBetween: 7 }]))).toEqual([
      'error[E_TRAP]: unreachable',
      '  stack   even  function 1',
      '          … 7 more calls …',
      '          odd  function 2',
    ]);
  });
  test('a name cannot move the cursor or forge a line', () => {
    const lines = render(trap([{ functionIndex: 1, name: 'evil\u001b[2Jname\nerror[E_X]: forged' }]));
    expect(lines).toEqual(['error[E_TRAP]: unreachable', '  stack   evil\\x1b[2Jname\\nerror[E_X]: forged  function 1']);
  });
});
