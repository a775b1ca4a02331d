// Memories as the runtime and the host see them: growth inside and beyond the buffer, limits, many at once.
import { describe, expect, test } from 'vitest';
import { instantiate, LimitError, Memory, parse, type ExportedFunction } from '../../../src/wasm/index.js';
import { PAGE_BYTES, type Limits } from '../../../src/wasm/types.js';

const limits = (min: number, max: number | null, address: Limits['address'] = 'i32') => ({ limits: { address, min: BigInt(min), max: max === null ? null : BigInt(max), shared: false } });

describe('growing', () => {
  test('keeps what was there, shows zeros behind it, and makes earlier views stale', () => {
    const memory = new Memory(limits(1, null));
    memory.view().fill(7);
    const before = memory.view();
    expect(memory.grow(1)).toBe(1);
    expect(memory.grow(500)).toBe(2);
    expect(before.length).toBe(PAGE_BYTES);
    const view = memory.view();
    expect(view.length).toBe(502 * PAGE_BYTES);
    expect([view[0], view[PAGE_BYTES - 1], view[PAGE_BYTES], view[502 * PAGE_BYTES - 1]]).toEqual([7, 7, 0, 0]);
    expect(memory.view()).toBe(view);
  });

  test.each([
    ['its maximum', limits(1, 3), undefined, 3],
    ['the limit of who made it', limits(1, null), 2, 2],
    ['65536 pages', limits(1, null), undefined, 65_537],
    ['a page less with 64-bit addresses', limits(1, null, 'i64'), undefined, 65_536],
  ])('beyond %s fails and changes nothing', (_name, type, most, beyond) => {
    const memory = most === undefined ? new Memory(type) : new Memory(type, most);
    expect(memory.grow(beyond)).toBe(-1);
    expect(memory.grow(0xffff_ffff)).toBe(-1);
    expect(memory.pages).toBe(1);
  });

  test('a minimum there is no room for is refused', () => {
    expect(() => new Memory(limits(3, null), 2)).toThrow(LimitError);
  });
});

test.each([false, true])('filling sets what it is told and nothing else, whatever the alignment; shared: %s', (shared) => {
  const memory = new Memory({ limits: { address: 'i32', min: 1n, max: 1n, shared } });
  const expected = new Uint8Array(PAGE_BYTES);
  let value = 0;
  for (const start of [0, 1, 7, 8, 13]) {
    for (const count of [0, 1, 9, 255, 256, 257, 263, 1000]) {
      value = (value + 0x35) & 0x1ff;
      memory.fill(value, start, start + count);
      expected.fill(value, start, start + count);
      expect(Buffer.compare(memory.view(), expected), `${count} bytes at ${start}`).toBe(0);
    }
  }
});

test('a thousand instances live at once, each with a memory of its own', () => {
  const module = parse(`(module (memory 1) (global $g (mut i32) (i32.const 0))
    (func (export "put") (param i32) (i32.store (i32.const 8) (local.get 0)) (global.set $g (local.get 0)))
    (func (export "get") (result i32) (i32.add (i32.load (i32.const 8)) (global.get $g))))`);
  const instances = Array.from({ length: 1000 }, () => instantiate(module).exports as Record<string, ExportedFunction>);
  instances.forEach(({ put }, index) => put!(index));
  expect(instances.every(({ get }, index) => get!() === 2 * index)).toBe(true);
});
