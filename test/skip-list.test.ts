// What a run says of the tests it skipped.
import { expect, test } from 'vitest';
import { reasonIn, renderSkips } from './support/skip-list.js';
import { available, need } from './support/skips.js';

test('the reason is read out of the name of a test or of its suite', () => {
  expect(reasonIn(`fish > completes${need(false, 'there is no fish').why}`)).toBe('there is no fish');
  expect(reasonIn(`Debian’s clang${available({ missing: 'no apt (and no lists)' }).why} > compiles`)).toBe('no apt (and no lists)');
  expect(reasonIn(`a (bracket) > a test${need(true, 'never').why}`)).toBeNull();
});

test('a reason that many share is told once, and a test without one stands out', () => {
  const tests = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, reason: 'there is no fish' }));
  expect(renderSkips([...tests, { name: 'f', reason: null }])).toBe([
    '  skipped, and why', '',
    '     5  there is no fish', '          a', '          b', '          c', '          … and 2 more',
    '     1  NO REASON IS GIVEN: name one with test/support/skips.ts', '          f',
  ].join('\n'));
});
