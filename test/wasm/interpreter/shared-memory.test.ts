// One memory, several threads: instances of the same module, each with a `Memory` of its own on the same bytes, and the host's own
// engine on them too.
import { freemem } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { instantiate, Memory, parse, type ExportedFunction } from '../../../src/wasm/index.js';
import { PAGE_BYTES } from '../../../src/wasm/types.js';
import { need } from '../../support/skips.js';
import { endThreads, memoryOfBoth, startHostThread, startThread } from '../../support/threads.js';
import { TIERS, useTier } from '../../support/tiers.js';

afterEach(async () => {
  useTier('the loop');
  await endThreads();
});

const sharedType = (min: number, max: number) => ({ limits: { address: 'i32' as const, min: BigInt(min), max: BigInt(max), shared: true } });
const call = (text: string, memory: Memory, name: string, ...args: unknown[]): unknown => (instantiate(parse(text), { env: { memory } }).exports[name] as ExportedFunction)(...args);

const WIDTHS = [
  ['i32', '8', '_u', 1], ['i32', '16', '_u', 2], ['i32', '', '', 4],
  ['i64', '8', '_u', 1], ['i64', '16', '_u', 2], ['i64', '32', '_u', 4], ['i64', '', '', 8],
] as const;

/** At cell 16 n, by the n-th width: functions that count up with `add`, down with `sub`, and up with `cmpxchg`. */
const COUNTERS = `(module (import "env" "memory" (memory 1 4 shared))
${WIDTHS.map(([type, width, sign], index) => {
  const at = `(i32.const ${16 * index})`;
  const step = (name: string, body: string) => `(func (export "${name}${index}") (param $n i32) (loop $turn ${body} (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))`;
  const rmw = `${type}.atomic.rmw${width}`;
  return `
  ${step('add', `(drop (${rmw}.add${sign} ${at} (${type}.const 1)))`)}
  ${step('sub', `(drop (${rmw}.sub${sign} ${at} (${type}.const 1)))`)}
  (func (export "cas${index}") (param $n i32) (local $old ${type})
    (loop $turn
      (local.set $old (${type}.atomic.load${width}${sign} ${at}))
      (br_if $turn (${type}.ne (local.get $old) (${rmw}.cmpxchg${sign} ${at} (local.get $old) (${type}.add (local.get $old) (${type}.const 1)))))
      (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))`;
}).join('')})`;
const TURNS = 5_000;
const counting = WIDTHS.flatMap((_, index) => [[`add${index}`, 3 * TURNS] as const, [`cas${index}`, TURNS] as const, [`sub${index}`, TURNS] as const]);

function counts(bytes: Uint8Array): bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return WIDTHS.map(([, , , size], index) => (size === 8 ? view.getBigUint64(16 * index, true) : BigInt(size === 4 ? view.getUint32(16 * index, true) : size === 2 ? view.getUint16(16 * index, true) : view.getUint8(16 * index))));
}
const expectedCounts = (threads: number): bigint[] => WIDTHS.map(([, , , size]) => BigInt.asUintN(8 * size, BigInt(3 * TURNS * threads)));

test('threads count without losing any, by every width of add, sub and cmpxchg', async () => {
  const memory = new Memory(sharedType(1, 4));
  const threads = [1, 2, 3].map(() => startThread({ text: COUNTERS, memory, calls: counting }));
  await Promise.all(threads.map(({ outcomes }) => outcomes));
  expect(counts(memory.view())).toEqual(expectedCounts(3));
});

function sharedWords(...values: number[]): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(4 * values.length);
  new Int32Array(buffer).set(values);
  return buffer;
}

test('and together with the host’s own engine', async () => {
  const { hostMemory, memory } = memoryOfBoth(1);
  const threads = [startThread({ text: COUNTERS, memory, calls: counting }), startHostThread({ text: COUNTERS, memory: hostMemory, calls: counting }), startThread({ text: COUNTERS, memory, calls: counting })];
  expect(await Promise.all(threads.map(({ outcomes }) => outcomes))).toEqual([1, 2, 3].map(() => counting.map(() => undefined)));
  expect(counts(new Uint8Array(memory.buffer))).toEqual(expectedCounts(3));
});

/** A lock as C libraries have it: 0 free, 1 taken, 2 taken and waited for. It guards a counter of plain loads and stores. */
const LOCK = `(module (import "env" "memory" (memory 1 4 shared))
  (func $lock (local $was i32)
    (if (i32.eqz (local.tee $was (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 1)))) (then (return)))
    (loop $again
      (if (i32.or (i32.eq (local.get $was) (i32.const 2)) (i32.ne (i32.const 0) (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 1) (i32.const 2))))
        (then (drop (memory.atomic.wait32 (i32.const 0) (i32.const 2) (i64.const -1)))))
      (br_if $again (local.tee $was (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 2))))))
  (func $unlock
    (if (i32.ne (i32.atomic.rmw.sub (i32.const 0) (i32.const 1)) (i32.const 1))
      (then (i32.atomic.store (i32.const 0) (i32.const 0)) (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))))
  (func (export "count") (param $n i32)
    (loop $turn
      (call $lock)
      (i64.store (i32.const 64) (i64.add (i64.load (i32.const 64)) (i64.const 1)))
      (call $unlock)
      (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))`;

test.each(TIERS)('a lock of cmpxchg, wait and notify guards plain loads and stores: %s', async (tier) => {
  useTier(tier);
  const { hostMemory, memory } = memoryOfBoth(1);
  const threads = [startThread({ text: LOCK, memory, calls: [['count', TURNS]] }), startThread({ text: LOCK, memory, calls: [['count', TURNS]] }), startHostThread({ text: LOCK, memory: hostMemory, calls: [['count', TURNS]] })];
  await Promise.all(threads.map(({ outcomes }) => outcomes));
  expect(new BigUint64Array(memory.buffer)[8]).toBe(BigInt(3 * TURNS));
});

const WAIT = `(module (import "env" "memory" (memory 1 4 shared))
  (func (export "wait32") (param i32 i64) (result i32) (memory.atomic.wait32 (i32.const 8) (local.get 0) (local.get 1)))
  (func (export "wait64") (param i64 i64) (result i32) (memory.atomic.wait64 (i32.const 16) (local.get 0) (local.get 1)))
  (func (export "notify") (param i32 i32) (result i32) (memory.atomic.notify (local.get 0) (local.get 1))))`;

describe('wait and notify', () => {
  test('another value, no time, a time that is up', async () => {
    const memory = new Memory(sharedType(1, 4));
    const { outcomes } = startThread({ text: WAIT, memory, calls: [['wait32', 1, -1n], ['wait64', 1n << 32n, -1n], ['wait32', 0, 0n], ['wait64', 0n, 0n], ['wait32', 0, 1n], ['wait64', 0n, 1_000_000n]] });
    expect(await outcomes).toEqual([1, 1, 2, 2, 2, 2]);
  });

  test.each([['wait32', 8, 0], ['wait64', 16, 0n]] as const)('%s is woken by another thread, by as many as it says', async (name, at, value) => {
    const memory = new Memory(sharedType(1, 4));
    const threads = [1, 2, 3, 4].map((index) => startThread({ text: WAIT, memory, calls: [[name, value, index % 2 === 0 ? -1n : 2n ** 63n - 1n]] }));
    // A thread starts with the help of this one, which must not spin until then.
    await Promise.all(threads.map(({ ready }) => ready));
    const notify = (count: number): number => call(WAIT, memory, 'notify', at, count) as number;
    const woken: number[] = [];
    // Who does not wait yet is not counted.
    while (woken.length < 2) woken.push(...[notify(1)].filter((each) => each > 0));
    expect(woken).toEqual([1, 1]);
    // 0xffffffff is the largest count, not the smallest.
    let left = 2;
    while (left > 0) left -= notify(-1);
    expect(left).toBe(0);
    expect(await Promise.all(threads.map(({ outcomes }) => outcomes))).toEqual([[0], [0], [0], [0]]);
  });

  test('the host’s engine wakes ours, and ours the host’s', async () => {
    const { hostMemory, memory } = memoryOfBoth(1);
    const WAKE = WAIT.replace(/\)$/, '(func (export "wake") (param i32) (loop (br_if 0 (i32.eqz (memory.atomic.notify (local.get 0) (i32.const 1)))))))');
    const threads = [startThread({ text: WAKE, memory, calls: [['wait32', 0, -1n], ['wake', 16]] }), startHostThread({ text: WAKE, memory: hostMemory, calls: [['wake', 8], ['wait64', 0n, -1n]] })];
    expect(await Promise.all(threads.map(({ outcomes }) => outcomes))).toEqual([[0, undefined], [undefined, 0]]);
  });

  test('a thread that waits for ever is ended', async () => {
    const memory = new Memory(sharedType(1, 4));
    const thread = startThread({ text: WAIT, memory, calls: [['wait32', 0, -1n]] });
    await thread.ready;
    expect(await thread.end()).toBe(1);
  });
});

/**
 * `run` says at 0 that it is under way and then turns until 4 is not zero; until then it cannot know of pages it did not have. What
 * it does with the new ones is said by `body`.
 */
const after = (result: string, body: string): string => `(module (import "env" "memory" (memory 1 8 shared)) (data $bytes "\\07\\07\\07\\07")
  (func (export "run") ${result}
    (i32.store (i32.const 0) (i32.const 1))
    (loop $turn (br_if $turn (i32.eqz (i32.load (i32.const 4)))))
    ${body}))`;
const NEW = '(i32.const 65540)';
/** A vector, or any other thing that keeps a function from being emitted, says so by its name. */
const ACCESSES: ReadonlyArray<readonly [name: string, module: string, outcome: unknown]> = [
  ['i32.load', after('(result i32)', `(i32.load ${NEW})`), 0x01010101],
  ['i32.load8_u at a constant', after('(result i32)', `(i32.load8_u offset=65000 (i32.const 540))`), 1],
  ['i64.load', after('(result i64)', `(i64.load ${NEW})`), 0x0101010101010101n],
  ['f64.load', after('(result f64)', `(f64.load ${NEW})`), new Float64Array(new Uint8Array(8).fill(1).buffer)[0]],
  ['i32.store', after('', `(i32.store ${NEW} (i32.const 5))`), undefined],
  ['i64.store8', after('', `(i64.store8 ${NEW} (i64.const 5))`), undefined],
  ['i32.atomic.load', after('(result i32)', `(i32.atomic.load ${NEW})`), 0x01010101],
  ['i64.atomic.rmw.add', after('(result i64)', `(i64.atomic.rmw.add offset=4 ${NEW} (i64.const 1))`), 0x0101010101010101n],
  ['memory.atomic.notify', after('(result i32)', `(memory.atomic.notify ${NEW} (i32.const 1))`), 0],
  ['v128.load', after('(result i32)', `(i32x4.extract_lane 3 (v128.load ${NEW}))`), 0x01010101],
  ['v128.store', after('', `(v128.store ${NEW} (v128.const i64x2 1 2))`), undefined],
  ['memory.fill', after('', `(memory.fill ${NEW} (i32.const 3) (i32.const 100))`), undefined],
  ['memory.copy', after('', `(memory.copy (i32.const 100) ${NEW} (i32.const 100))`), undefined],
  ['memory.init', after('', `(memory.init $bytes ${NEW} (i32.const 0) (i32.const 4))`), undefined],
  ['memory.size', after('(result i32)', '(memory.size)'), 3],
  ['memory.grow', after('(result i32)', '(memory.grow (i32.const 1))'), 3],
  ['i32.load beyond the new end', after('(result i32)', '(i32.load (i32.const 196605))'), 'Trap: out of bounds memory access'],
];

test.each(TIERS)('a thread uses what another one grew: %s', async (tier) => {
  useTier(tier);
  const memories = ACCESSES.map(() => new Memory(sharedType(1, 8)));
  const thread = startThread(...ACCESSES.map(([, text], index) => ({ text, memory: memories[index]!, calls: [['run'] as const] })));
  await thread.ready;
  for (const memory of memories) {
    const words = new Int32Array(memory.view().buffer);
    while (Atomics.load(words, 0) === 0);
    expect(memory.grow(2)).toBe(1);
    memory.view().fill(1, PAGE_BYTES);
    Atomics.store(words, 1, 1);
  }
  const outcomes = await thread.outcomes;
  expect(ACCESSES.map(([name], index) => [name, outcomes[index]])).toEqual(ACCESSES.map(([name, , outcome]) => [name, outcome]));
});

test('threads that grow at once get each page once', async () => {
  const GROW = `(module (import "env" "memory" (memory 1 200 shared))
    (func (export "grow") (param $n i32) (loop $turn (drop (i32.atomic.rmw.add (i32.shl (memory.grow (i32.const 1)) (i32.const 2)) (i32.const 1))) (br_if $turn (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))`;
  const memory = new Memory(sharedType(1, 200));
  const threads = [1, 2, 3].map(() => startThread({ text: GROW, memory, calls: [['grow', 60]] }));
  expect(await Promise.all(threads.map(({ outcomes }) => outcomes))).toEqual([[undefined], [undefined], [undefined]]);
  expect(memory.size()).toBe(181);
  const words = new Int32Array(memory.view().buffer);
  expect(Array.from(words.subarray(0, 182))).toEqual([0, ...Array.from({ length: 180 }, () => 1), 0]);
});

const room = need(freemem() >= 5e9, `${Math.round(freemem() / 1e9)} GB of memory are free here, and two memories of 4 GiB are set aside`);
test.skipIf(room.unmet).each([['i32', 65_536], ['i64', 65_535]] as const)(`threads reach the last byte of the largest memory with %s addresses${room.why}`, async (address, most) => {
  const max = BigInt(most);
  const memory = new Memory({ limits: { address, min: 1n, max, shared: true } });
  const at = (place: bigint) => `(${address}.const ${place})`;
  const last = max * BigInt(PAGE_BYTES) - 8n;
  const text = `(module (import "env" "memory" (memory ${address} 1 ${most} shared))
    (func (export "grow") (drop (memory.grow ${at(max - 1n)})))
    (func (export "write") (param i64) (i64.store ${at(last - 8n)} (local.get 0)) (i64.atomic.store ${at(last)} (local.get 0)))
    (func (export "read") (result i64) (i64.atomic.rmw.add offset=${last} ${at(0n)} (i64.load offset=${last - 8n} ${at(0n)})))
    (func (export "beyond") (result i32) (i32.atomic.load offset=8 ${at(last)})))`;
  const { outcomes } = startThread({ text, memory, calls: [['grow'], ['write', 7n]] });
  expect(await outcomes).toEqual([undefined, undefined]);
  const { read, beyond } = instantiate(parse(text), { env: { memory } }).exports as Record<string, ExportedFunction>;
  expect([read!(), read!(), memory.size()]).toEqual([7n, 14n, most]);
  expect(beyond).toThrow('out of bounds memory access');
});

describe('handles', () => {
  test('a memory that is not shared has none', () => {
    expect(new Memory({ limits: { address: 'i32', min: 1n, max: 1n, shared: false } }).handle()).toBeUndefined();
  });

  test('pass through a structured clone; what is no handle is refused', () => {
    const memory = new Memory(sharedType(1, 4));
    const other = Memory.attach(structuredClone(memory.handle()!));
    memory.view()[5] = 6;
    expect([other.view()[5], other.view().length, other.type]).toEqual([6, PAGE_BYTES, memory.type]);
    const handle = memory.handle()!;
    expect(() => Memory.attach({ ...handle, state: sharedWords(99, 0) })).toThrow(TypeError);
    expect(() => Memory.attach({ ...handle, buffer: new ArrayBuffer(PAGE_BYTES) as unknown as SharedArrayBuffer })).toThrow('no handle of a shared memory');
  });

  test('the limit of who made the memory holds everywhere, and what was refused shows everywhere', () => {
    const memory = new Memory(sharedType(1, 100), 3);
    const other = Memory.attach(memory.handle()!);
    expect([other.grow(2), other.grow(1), memory.grow(1), memory.size()]).toEqual([1, -1, -1, 3]);
    expect([other.grow(70), memory.refusedPages, other.refusedPages]).toEqual([-1, 73, 73]);
  });

  test('growing in one shows in the other’s view, and an import is as large as it is by now', () => {
    const memory = new Memory(sharedType(1, 4));
    const other = Memory.attach(memory.handle()!);
    expect(() => call('(module (import "env" "memory" (memory 2 4 shared)))', other, 'none')).toThrow('its size is 1, at least 2 is wanted');
    memory.grow(1);
    expect(other.view().length).toBe(2 * PAGE_BYTES);
    expect(call('(module (import "env" "memory" (memory 2 4 shared)) (func (export "size") (result i32) (memory.size)))', other, 'size')).toBe(2);
  });
});

test('a maximum that cannot be set aside is refused with what to do', () => {
  const { SharedArrayBuffer: real } = globalThis;
  const noRoom = 'a shared memory that may grow to 60000 pages is more than this machine can set aside, and it can never move';
  globalThis.SharedArrayBuffer = class extends real {
    constructor(length: number) {
      if (length > PAGE_BYTES) throw new RangeError('Array buffer allocation failed');
      super(length);
    }
  } as typeof real;
  try {
    expect(() => new Memory(sharedType(1, 60_000))).toThrow(expect.objectContaining({ name: 'LimitError', message: noRoom, next: expect.stringContaining('--max-memory') as string }));
  } finally {
    globalThis.SharedArrayBuffer = real;
  }
});
