// What a trap is said to mean, as a table.
import { expect, test } from 'vitest';
import { trapHint } from '../../src/cli/trap-hints.js';

const calls = (...names: string[]) => names.map((name, functionIndex) => (name === '' ? { functionIndex } : { functionIndex, name }));
const recursion = (count: number) => Array.from({ length: count }, () => ({ functionIndex: 5, name: 'fib' }));

test.each([
  ['call stack exhausted', recursion(100), /`fib` calls itself .*no end/],
  ['call stack exhausted', calls('a', 'b'), /^the recursion has no end/],
  ['out of bounds memory access', recursion(100), /`fib` calls itself .*stack-size/],
  ['out of bounds memory access', recursion(10), undefined],
  ['out of bounds memory access', calls('', ''), /names of the functions/],
  ['unreachable', calls('abort', 'main'), /ended itself/],
  ['unreachable', calls('abort', '__assert_fail', 'main'), /ended itself/],
  ['unreachable', calls('_ZSt9terminatev', 'main'), /ended itself/],
  ['unreachable', calls('__rust_start_panic', 'rust_panic', 'main'), /panicked; the message above/],
  ['unreachable', calls('main'), /never come/],
  ['integer divide by zero', calls('main'), undefined],
  ['integer divide by zero', [], undefined],
])('%s', (trap, frames, hint) => {
  const text = trapHint(trap, frames);
  if (hint === undefined) expect(text).toBeUndefined();
  else expect(text).toMatch(hint);
});
