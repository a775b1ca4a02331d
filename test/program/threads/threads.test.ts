// Programs with threads, from their start to their end: what threads share, how they wait for each other, and that the
// program ends when one of them ends it, whatever the others are doing.
import { describe, expect, test } from 'vitest';
import { runProgram, runThreads } from '../../../src/program/index.js';
import { parse } from '../../../src/wasm/index.js';
import { ENGINES, exited, program, run } from './support.js';

const START = '(func (export "wasi_thread_start") (param $thread i32) (param $argument i32)';
const MAIN = '(func (export "_start")';

describe.each(ENGINES)('on the %s', (engine) => {
  test('a thread gets its number and its argument, which `thread-spawn` and its caller know', async () => {
    const guest = program(`
      ${START} (i32.store (i32.const 4) (local.get $thread)) (i32.store (i32.const 8) (local.get $argument)) (call $count (i32.const 0)))
      ${MAIN} (local $thread i32)
        (local.set $thread (call $spawn (i32.const 12345)))
        (call $must (i32.gt_s (local.get $thread) (i32.const 0)))
        (call $await_count (i32.const 0) (i32.const 1))
        (call $must (i32.eq (i32.load (i32.const 4)) (local.get $thread)))
        (call $must (i32.eq (i32.load (i32.const 8)) (i32.const 12345)))
        (call $exit (i32.const 7)))`);
    expect((await run(guest, engine)).status).toEqual(exited(7));
  });

  // V8 11.3 lost it.
  test('a local keeps its value while its thread sleeps', async () => {
    const guest = program(`
      ${START} (call $count (i32.const 0)))
      ${MAIN} (local $thread i32)
        (local.set $thread (call $spawn (i32.const 0)))
        (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
        (call $exit (i32.add (local.get $thread) (i32.const 40))))`);
    expect((await run(guest, engine)).status).toEqual(exited(41));
  });

  test('8 threads count together, and lose nothing', async () => {
    const guest = program(`
      ${START} (local $left i32)
        (local.set $left (i32.const 5000))
        (loop $again
          (drop (i32.atomic.rmw.add (i32.const 16) (i32.const 1)))
          (drop (i64.atomic.rmw.sub (i32.const 24) (i64.const 3)))
          (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (call $count (i32.const 0)))
      ${MAIN} (local $left i32)
        (local.set $left (i32.const 8))
        (loop $again
          (call $must (i32.gt_s (call $spawn (i32.const 0)) (i32.const 0)))
          (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (call $await_count (i32.const 0) (i32.const 8))
        (call $must (i32.eq (i32.load (i32.const 16)) (i32.const 40000)))
        (call $must (i64.eq (i64.load (i32.const 24)) (i64.const -120000))))`);
    expect((await run(guest, engine)).status).toEqual(exited(0));
  });

  test('a lock of wait and notify lets one at a time through', async () => {
    const guest = program(`
      (func $lock (param $at i32)
        (loop $again
          (if (i32.atomic.rmw.cmpxchg (local.get $at) (i32.const 0) (i32.const 1)) (then
            (drop (memory.atomic.wait32 (local.get $at) (i32.const 1) (i64.const -1)))
            (br $again)))))
      (func $unlock (param $at i32)
        (i32.atomic.store (local.get $at) (i32.const 0))
        (drop (memory.atomic.notify (local.get $at) (i32.const 1))))
      ${START} (local $left i32)
        (local.set $left (i32.const 500))
        (loop $again
          (call $lock (i32.const 32))
          (i32.store (i32.const 100) (i32.add (i32.load (i32.const 100)) (i32.const 1)))
          (i32.store (i32.const 104) (i32.add (i32.load (i32.const 104)) (local.get $argument)))
          (call $unlock (i32.const 32))
          (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (call $count (i32.const 0)))
      ${MAIN} (local $each i32)
        (local.set $each (i32.const 6))
        (loop $again
          (drop (call $spawn (local.get $each)))
          (br_if $again (local.tee $each (i32.sub (local.get $each) (i32.const 1)))))
        (call $await_count (i32.const 0) (i32.const 6))
        (call $must (i32.eq (i32.load (i32.const 100)) (i32.const 3000)))
        (call $must (i32.eq (i32.load (i32.const 104)) (i32.const 10500))))`);
    expect((await run(guest, engine)).status).toEqual(exited(0));
  });

  test('what one thread grows the memory by, another reaches, and so does WASI', async () => {
    const guest = program(`
      ${START} (drop (memory.grow (i32.const 3))) (i32.store (i32.const 262140) (i32.const 0x0a216968)) (call $count (i32.const 0)))
      ${MAIN}
        (call $must (i32.eq (memory.size) (i32.const 1)))
        (drop (call $spawn (i32.const 0)))
        (call $await_count (i32.const 0) (i32.const 1))
        (call $must (i32.eq (i32.load (i32.const 262140)) (i32.const 0x0a216968)))
        (call $must (i32.eq (memory.size) (i32.const 4)))
        (i32.store (i32.const 200) (i32.const 262140)) (i32.store (i32.const 204) (i32.const 4))
        (call $must (i32.eqz (call $fd_write (i32.const 1) (i32.const 200) (i32.const 1) (i32.const 208)))))`);
    expect(await run(guest, engine)).toEqual({ status: exited(0), stdout: 'hi!\n', stderr: '' });
  });

  test('each thread has globals and a table of its own', async () => {
    const guest = program(`
      (global $mine (mut i32) (i32.const 0)) (table 2 funcref) (elem (i32.const 0) $first) (elem declare func $second)
      (func $first (result i32) i32.const 1) (func $second (result i32) i32.const 2)
      ${START} (global.set $mine (i32.const 5)) (table.set (i32.const 0) (ref.func $second))
        (call $must (i32.eq (call_indirect (result i32) (i32.const 0)) (i32.const 2)))
        (call $count (i32.const 0)))
      ${MAIN} (drop (call $spawn (i32.const 0))) (call $await_count (i32.const 0) (i32.const 1))
        (call $must (i32.eqz (global.get $mine))) (call $must (i32.eq (call_indirect (result i32) (i32.const 0)) (i32.const 1))))`);
    expect((await run(guest, engine)).status).toEqual(exited(0));
  });

  test('100 threads one after the other', async () => {
    const guest = program(`
      ${START} (drop (i32.atomic.rmw.add (i32.const 16) (local.get $argument))) (call $count (i32.const 0)))
      ${MAIN} (local $each i32)
        (loop $again
          (local.set $each (i32.add (local.get $each) (i32.const 1)))
          (call $must (i32.eq (call $spawn (local.get $each)) (local.get $each)))
          (call $await_count (i32.const 0) (local.get $each))
          (br_if $again (i32.lt_u (local.get $each) (i32.const 100))))
        (call $must (i32.eq (i32.load (i32.const 16)) (i32.const 5050))))`);
    expect((await run(guest, engine)).status).toEqual(exited(0));
  }, 60_000);

  test('20 threads at once, all of which wait for all', async () => {
    const guest = program(`
      ${START} (call $count (i32.const 0)) (call $await_count (i32.const 0) (i32.const 20)) (call $count (i32.const 4)))
      ${MAIN} (local $each i32)
        (local.set $each (i32.const 20))
        (loop $again
          (call $must (i32.gt_s (call $spawn (i32.const 0)) (i32.const 0)))
          (br_if $again (local.tee $each (i32.sub (local.get $each) (i32.const 1)))))
        (call $await_count (i32.const 4) (i32.const 20)))`);
    expect((await run(guest, engine)).status).toEqual(exited(0));
  }, 60_000);

  test('threads start threads', async () => {
    const guest = program(`
      ${START}
        (if (local.get $argument) (then (call $must (i32.gt_s (call $spawn (i32.sub (local.get $argument) (i32.const 1))) (i32.const 0)))))
        (call $count (i32.const 0)))
      ${MAIN} (drop (call $spawn (i32.const 5))) (call $await_count (i32.const 0) (i32.const 6)))`);
    expect((await run(guest, engine)).status).toEqual(exited(0));
  });

  describe('beyond the most threads', () => {
    const greedy = program(`
      ${START} (call $sleep_for_ever))
      ${MAIN} (local $started i32)
        (loop $again
          (if (i32.gt_s (call $spawn (i32.const 0)) (i32.const 0)) (then
            (local.set $started (i32.add (local.get $started) (i32.const 1)))
            (br $again))))
        (call $must (i32.eq (call $spawn (i32.const 0)) (i32.const -6)))
        (call $exit (local.get $started)))`);

    test('`thread-spawn` answers below zero', async () => {
      expect((await run(greedy, engine, { maxThreads: 3 })).status).toEqual(exited(3));
    });

    test('a thread that has returned makes room for another', async () => {
      const guest = program(`
        ${START} (if (local.get $argument) (then (call $sleep_for_ever))))
        ${MAIN} (drop (call $spawn (i32.const 1))) (drop (call $spawn (i32.const 0)))
          (loop $again (br_if $again (i32.lt_s (call $spawn (i32.const 1)) (i32.const 0))))
          (call $exit (i32.const 4)))`);
      expect((await run(guest, engine, { maxThreads: 2 })).status).toEqual(exited(4));
    });
  });

  // What the threads of a program do that is ended: each has said by then that it is about to. Reading is held by streams.test.ts.
  const POLL = '(i64.store (i32.const 524) (i64.const 1000000000000000)) (drop (call $poll_oneoff (i32.const 500) (i32.const 600) (i32.const 1) (i32.const 700)))';
  const NEVER_ENDING: [what: string, text: string][] = [
    ['blocked', '(call $sleep_for_ever)'],
    ['spinning', '(call $spin_for_ever)'],
    ['in poll_oneoff', POLL],
  ];

  describe.each(NEVER_ENDING)('with a thread %s', (_, text) => {
    const other = `${START} (call $count (i32.const 0)) ${text} unreachable)`;
    const started = '(drop (call $spawn (i32.const 0))) (call $await_count (i32.const 0) (i32.const 1))';

    test('the return of `_start` ends the program', async () => {
      expect((await run(program(`${other} ${MAIN} ${started})`), engine)).status).toEqual(exited(0));
    });

    test('`proc_exit` of the main thread ends it', async () => {
      expect((await run(program(`${other} ${MAIN} ${started} (call $exit (i32.const 33)))`), engine)).status).toEqual(exited(33));
    });

    test('a trap of the main thread ends it', async () => {
      const { status } = await run(program(`${other} ${MAIN} ${started} unreachable)`), engine);
      expect(status).toMatchObject({ kind: 'trap', name: 'unreachable', error: { where: [['thread', 'main']] } });
    });
  });

  describe.each(NEVER_ENDING)('with the main thread %s', (_, text) => {
    const main = `${MAIN} (drop (call $spawn (i32.const 0))) (call $count (i32.const 0)) ${text} unreachable)`;

    test('`proc_exit` of a thread ends the program', async () => {
      expect((await run(program(`${START} (call $await_count (i32.const 0) (i32.const 1)) (call $exit (i32.const 34))) ${main}`), engine)).status).toEqual(exited(34));
    });

    test('a trap of a thread ends it, and tells its thread and its calls', async () => {
      const { status } = await run(program(`(func $deep unreachable) ${START.replace('(func', '(func $begin')} (call $await_count (i32.const 0) (i32.const 1)) (call $deep)) ${main}`), engine);
      expect(status).toMatchObject({ kind: 'trap', name: 'unreachable', error: { where: [['thread', '1']], frames: [{ name: 'deep' }, { name: 'begin' }] } });
    });
  });

  test('a deadlock is ended by the time', async () => {
    const guest = program(`${START} (call $sleep_for_ever)) ${MAIN} (drop (call $spawn (i32.const 0))) (call $sleep_for_ever))`);
    expect((await run(guest, engine, { limits: { timeoutMs: 300 } })).status).toMatchObject({ kind: 'limit', error: { code: 'E_LIMIT_TIME', message: 'the time is over: the program had 300 ms' } });
  });

  test('the limit of memory is that of all threads together', async () => {
    const guest = program(`
      ${START} (call $must (i32.eq (memory.grow (i32.const 1)) (i32.const 1))) (call $must (i32.eq (memory.grow (i32.const 1)) (i32.const -1))) (call $count (i32.const 0)))
      ${MAIN} (drop (call $spawn (i32.const 0))) (call $await_count (i32.const 0) (i32.const 1)) (call $must (i32.eq (memory.grow (i32.const 1)) (i32.const -1))))`);
    const { status } = await run(guest, engine, { limits: { maxMemoryBytes: 2 * 65_536 } });
    expect(status).toMatchObject(exited(0));
    if (engine === 'interpreter') expect(status.refusedBytes).toBe(3 * 65_536);
  });

  test('a memory that starts beyond the limit is refused', async () => {
    const guest = program(`${START}) ${MAIN})`);
    await expect(run(guest, engine, { limits: { maxMemoryBytes: 1000 } })).rejects.toMatchObject({ code: 'E_LIMIT_MEMORY' });
  });

  test('a module in text form: calls of a trap have its lines', async () => {
    const text = `(module
      (import "env" "memory" (memory 1 1 shared))
      (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
      (func $fails
        unreachable)
      (func (export "wasi_thread_start") (param i32 i32)
        call $fails)
      (func (export "_start") (drop (call $spawn (i32.const 0))) (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))`;
    const { loadEngine } = await import('../../../src/program/index.js');
    const loaded = await loadEngine(engine);
    const status = await runThreads({
      name: 't.wat', module: parse(text), wasi: { args: [], env: {}, stdin: { read: () => 0 }, stdout: 1, stderr: 2, preopens: [] }, ...(loaded === undefined ? {} : { engine: loaded }),
    });
    expect(status).toMatchObject({ kind: 'trap', error: { frames: [{ name: 'fails', line: 5, column: 9 }, { name: 'wasi_thread_start', line: 7, column: 9 }] } });
  });
});

describe('refused before anything runs', () => {
  const guest = program(`${START}) ${MAIN})`);

  test.each([
    ['fuel', { limits: { fuel: 5 } }],
    ['counting', { counting: { profile: true, coverage: false, done: () => {} } }],
  ])('%s', async (_, options) => {
    await expect(run(guest, 'interpreter', options)).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  test('a limit of calls on the engine of the host', async () => {
    await expect(run(guest, 'host', { limits: { maxDepth: 5 } })).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  test('a program with threads that may have none', async () => {
    await expect(run(guest, 'host', { maxThreads: 0 })).rejects.toMatchObject({ code: 'E_LINK', next: expect.stringContaining('--max-threads') });
  });

  test('`runProgram` says who runs it', () => {
    const wasi = { args: [], env: {}, stdin: 0, stdout: 1, stderr: 2, preopens: [] };
    expect(() => runProgram({ name: 't.wasm', bytes: guest, wasi })).toThrow(expect.objectContaining({ code: 'E_LINK', next: expect.stringContaining('runThreads') }));
  });
});

test('a limit of calls holds in each thread', async () => {
  const guest = program(`
    (func $down (param $left i32) (if (local.get $left) (then (call $down (i32.sub (local.get $left) (i32.const 1))))))
    ${START} (call $down (i32.const 50)) (call $count (i32.const 0)) (call $down (i32.const 500)))
    ${MAIN} (call $down (i32.const 50)) (drop (call $spawn (i32.const 0))) (call $await_count (i32.const 0) (i32.const 1)) (call $sleep_for_ever))`);
  expect((await run(guest, 'interpreter', { limits: { maxDepth: 100 } })).status).toMatchObject({ kind: 'limit', error: { code: 'E_LIMIT_DEPTH', where: [['thread', '1']] } });
});

test('a program without threads runs as by `runProgram`', async () => {
  const bytes = (await import('../../../src/wasm/index.js')).encode(parse('(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (func (export "_start") (call $exit (i32.const 3))))'));
  expect((await run(bytes, 'interpreter')).status).toEqual(exited(3));
});
