// Shared memories are really shared: other threads, here plain JavaScript on the same buffer, see and do what the module does.
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { instantiate, LimitError, Memory, parse, Trap, type ExportedFunction } from '../../../src/wasm/index.js';

const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

/** Runs `code` in a thread of its own, with `words`, an Int32Array on the memory. */
function thread(memory: Memory, code: string): Worker {
  const worker = new Worker(`const { workerData, parentPort } = require('node:worker_threads'); const words = new Int32Array(workerData); ${code}`, { eval: true, workerData: memory.view().buffer });
  workers.push(worker);
  return worker;
}

const MODULE = `(module (memory (export "m") 1 3 shared)
  (func (export "wait") (param i32 i64) (result i32) (memory.atomic.wait32 (i32.const 8) (local.get 0) (local.get 1)))
  (func (export "wait64") (param i64 i64) (result i32) (memory.atomic.wait64 (i32.const 16) (local.get 0) (local.get 1)))
  (func (export "notify") (param i32) (result i32) (memory.atomic.notify (i32.const 24) (local.get 0)))
  (func (export "count") (param i32) (result i32)
    (loop (drop (i32.atomic.rmw.add (i32.const 32) (i32.const 1))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i32.atomic.load (i32.const 32)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "last") (result i32) (i32.atomic.rmw.xchg (i32.const 0x1fffc) (i32.const 7))))`;

function start(): { readonly memory: Memory; readonly call: (name: string, ...args: unknown[]) => unknown } {
  const { exports } = instantiate(parse(MODULE));
  return { memory: exports['m'] as Memory, call: (name, ...args) => (exports[name] as ExportedFunction)(...args) };
}

test('wait: another value, no time, woken by another thread', () => {
  const { memory, call } = start();
  expect(memory.view().buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(call('wait', 1, -1n)).toBe(1);
  expect(call('wait', 0, 0n)).toBe(2);
  expect(call('wait', 0, 1_000_000n)).toBe(2);
  thread(memory, 'while (Atomics.notify(words, 2) === 0); while (Atomics.notify(new BigInt64Array(workerData), 2) === 0);');
  expect(call('wait', 0, -1n)).toBe(0);
  expect(call('wait64', 0n, -1n)).toBe(0);
});

test('notify wakes as many as it is told, and tells how many', async () => {
  const { memory, call } = start();
  const sleepers = [1, 2, 3].map(() => thread(memory, "parentPort.postMessage(Atomics.wait(words, 6, 0));"));
  const woken = sleepers.map((worker) => new Promise((resolve) => worker.once('message', resolve)));
  // -1 is the largest count there is. Threads that have not yet gone to sleep are woken by a later turn.
  let total = 0;
  while (total < 1) total += call('notify', 1) as number;
  expect(total).toBe(1);
  while (total < 3) total += call('notify', -1) as number;
  expect(total).toBe(3);
  expect(await Promise.all(woken)).toEqual(['ok', 'ok', 'ok']);
});

test('two threads count without losing any', async () => {
  const { memory, call } = start();
  const turns = 50_000;
  const other = thread(memory, `Atomics.store(words, 10, 1); Atomics.notify(words, 10); for (let left = ${turns}; left > 0; left--) Atomics.add(words, 8, 1); parentPort.postMessage('done');`);
  const done = new Promise((resolve) => other.once('message', resolve));
  Atomics.wait(new Int32Array(memory.view().buffer), 10, 0);
  call('count', turns);
  await done;
  expect(new Int32Array(memory.view().buffer)[8]).toBe(2 * turns);
});

test('growing a shared memory does not move it', () => {
  const { memory, call } = start();
  const { buffer } = memory.view();
  expect(call('grow', 1)).toBe(1);
  expect(call('last')).toBe(0);
  expect(call('last')).toBe(7);
  expect(memory.view().buffer).toBe(buffer);
  expect(memory.view().length).toBe(131_072);
  expect(call('grow', 2)).toBe(-1);
  expect(call('grow', 1)).toBe(2);
});

test('a limit of pages below its maximum bounds a shared memory too', () => {
  const { exports } = instantiate(parse('(module (memory (export "m") 1 65536 shared))'), {}, { limits: { memoryPages: 4 } });
  const memory = exports['m'] as Memory;
  expect(memory.view().buffer.byteLength).toBe(4 * 65_536);
  expect([memory.grow(3), memory.grow(1)]).toEqual([1, -1]);
  expect(() => instantiate(parse('(module (memory 5 6 shared))'), {}, { limits: { memoryPages: 4 } })).toThrow(LimitError);
});

test('on unshared memory: waiting traps, notifying finds nobody', () => {
  const { exports } = instantiate(parse(MODULE.replace('1 3 shared', '1 3')));
  const call = (name: string, ...args: unknown[]): unknown => (exports[name] as ExportedFunction)(...args);
  expect(() => call('wait', 0, 0n)).toThrow(Trap);
  expect(() => call('wait64', 0n, 0n)).toThrow('expected shared memory');
  expect(call('notify', 5)).toBe(0);
  expect(call('count', 3)).toBe(3);
});
