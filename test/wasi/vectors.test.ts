import fc from 'fast-check';
import { expect, test } from 'vitest';
import { restOf } from '../../src/wasi/host/vectors.js';

test('what is left after any count is the end of the same bytes, in buffers of the same memory, none of them empty', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 6 }), { maxLength: 8 }), fc.nat(50), (buffers, done) => {
      const all = Buffer.concat(buffers);
      const rest = restOf(buffers, done);
      expect(Buffer.concat(rest).equals(all.subarray(Math.min(done, all.length)))).toBe(true);
      expect(rest.every((part) => part.length > 0 && buffers.some((buffer) => buffer.buffer === part.buffer))).toBe(true);
    }),
    { seed: 11 },
  );
});

test('no more bytes at once than a host takes', () => {
  // Never touched, so that no machine has to have it.
  const memory = new Uint8Array(new ArrayBuffer(0x9000_0000));
  const halves = [memory.subarray(0, 0x4800_0000), memory.subarray(0x4800_0000)];
  for (const buffers of [[memory], halves]) {
    const first = restOf(buffers);
    expect(first.reduce((sum, { length }) => sum + length, 0)).toBe(0x7fff_f000);
    const second = restOf(buffers, 0x7fff_f000);
    expect(second.map(({ byteOffset, length }) => [byteOffset, length])).toEqual([[0x7fff_f000, 0x1000_1000]]);
  }
});
