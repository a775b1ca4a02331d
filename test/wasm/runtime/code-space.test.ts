// Where lowered code rests: places are used again, owners are found, and words that are addresses are set right.
import { describe, expect, test } from 'vitest';
import { CODE, floatConstant, FLOAT_CONSTANTS, ownerOf, placeCode, registerOwner, releaseCode } from '../../../src/wasm/runtime/code-space.js';

const owner = { ranges: [] as number[] };
registerOwner(owner);
const place = (words: readonly number[], index: number): number => placeCode([], Int32Array.from(words), [], owner, index);

describe('code space', () => {
  test('adds the place to the words that are addresses', () => {
    const start = placeCode([91, 92], Int32Array.of(5, 1, 7), [1], owner, 3);
    expect([...CODE.subarray(start, start + 5)]).toEqual([91, 92, 5, start + 2 + 1, 7]);
    expect(ownerOf(start + 4)).toEqual({ owner, functionIndex: 3, bodyStart: start + 2, end: start + 5 });
    releaseCode(owner, start);
    expect(ownerOf(start + 4)).toBeUndefined();
  });

  test('gives released places again, joined with their neighbours', () => {
    const places = [10, 20, 30, 40].map((length, index) => place(new Array<number>(length).fill(index), index));
    for (const start of [places[0]!, places[2]!, places[1]!]) releaseCode(owner, start);
    expect(ownerOf(places[3]!)?.functionIndex).toBe(3);
    const whole = place(new Array<number>(60).fill(9), 9);
    expect(whole + 60).toBeLessThanOrEqual(places[3]!);
    expect(ownerOf(whole + 59)?.functionIndex).toBe(9);
    releaseCode(owner, whole);
    releaseCode(owner, places[3]!);
    expect(owner.ranges).toEqual([]);
  });

  test('keeps each f64 constant once, and none whose bits a number does not keep', () => {
    const index = floatConstant(0.1);
    expect(FLOAT_CONSTANTS[index]).toBe(0.1);
    expect(floatConstant(0.1)).toBe(index);
    expect(floatConstant(0)).toBeGreaterThanOrEqual(0);
    expect([floatConstant(NaN), floatConstant(-0)]).toEqual([-1, -1]);
  });
});
