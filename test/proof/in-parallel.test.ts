import { expect, test } from 'vitest';
import { inParallel } from '../../src/proof/in-parallel.js';

test('starts in order, no more than the width at a time, and hands out what failed where it is waited for', async () => {
  const started: number[] = [];
  const finish: Array<() => void> = [];
  const results = inParallel([0, 1, 2, 3], 2, (item) => {
    started.push(item);
    return new Promise<number>((resolve, reject) => (finish[item] = () => (item === 2 ? reject(new Error('two')) : resolve(item * 10))));
  });
  expect(started).toEqual([0, 1]);
  finish[1]!();
  expect(await results[1]).toBe(10);
  await new Promise(setImmediate);
  expect(started).toEqual([0, 1, 2]);
  finish[2]!();
  await expect(results[2]).rejects.toThrow('two');
  await new Promise(setImmediate);
  expect(started).toEqual([0, 1, 2, 3]);
  finish[0]!();
  finish[3]!();
  expect(await Promise.all([results[0], results[3]])).toEqual([0, 30]);
});

test('nothing to do is done at once', () => {
  expect(inParallel([], 4, () => Promise.reject(new Error('never')))).toEqual([]);
});
