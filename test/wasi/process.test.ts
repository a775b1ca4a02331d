// Arguments, environment, clocks, random numbers and ways to end, called as a module would.
import { describe, expect, test } from 'vitest';
import { Clues, createWasi, PREVIEW1, ProcExit, type Clock } from '../../src/wasi/index.js';
import { Guest, nameOf, RESULT } from './support.js';

const END = 0x10000;

describe('arguments and environment', () => {
  const guest = () => new Guest({ args: ['prog', '', 'zwölf ü'], env: { LANG: 'C', NAME: 'größe=1' } });

  test('sizes count the NULs', () => {
    const it = guest();
    it.ok('args_sizes_get', RESULT, RESULT + 4);
    expect([it.u32(RESULT), it.u32(RESULT + 4)]).toEqual([3, 5 + 1 + 10]);
    it.ok('environ_sizes_get', RESULT, RESULT + 4);
    expect([it.u32(RESULT), it.u32(RESULT + 4)]).toEqual([2, 7 + 15]);
    it.expectUntouchedAround(RESULT, 8);
  });

  test('strings are written where the pointers say', () => {
    const it = guest();
    it.ok('args_get', RESULT, 0x200);
    expect(it.text(0x200, 16)).toBe('prog\0\0zwölf ü\0');
    expect([it.u32(RESULT), it.u32(RESULT + 4), it.u32(RESULT + 8)]).toEqual([0x200, 0x205, 0x206]);
    it.expectUntouchedAround(RESULT, 12);
    it.expectUntouchedAround(0x200, 16);
    it.ok('environ_get', 0x300, 0x400);
    expect(it.text(0x400, 22)).toBe('LANG=C\0NAME=größe=1\0');
    it.expectUntouchedAround(0x400, 22);
  });

  test.each([
    ['args_get', END - 11, 0x200],
    ['args_get', RESULT, END - 15],
    ['args_get', -1, 0x200],
    ['args_sizes_get', END - 3, RESULT],
    ['args_sizes_get', RESULT, END - 3],
    ['environ_get', END - 7, 0x200],
    ['environ_sizes_get', RESULT, 0xffff_ffff],
  ])('%s(%i, %i) outside memory is a fault and writes nothing', (name, first, second) => {
    const it = guest();
    expect(it.call(name, first, second)).toBe('fault');
    expect(it.memory.every((byte) => byte === 0x3f)).toBe(true);
  });

  test('a NUL inside is refused before the program starts', () => {
    expect(() => new Guest({ args: ['a\0b'] })).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
    expect(() => new Guest({ env: { A: 'x\0' } })).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });

  test('nothing of the host environment is there', () => {
    const it = new Guest({ env: {} });
    it.ok('environ_sizes_get', RESULT, RESULT + 4);
    expect([it.u32(RESULT), it.u32(RESULT + 4)]).toEqual([0, 0]);
  });
});

const still: Clock = {
  realtime: () => 1_700_000_000_123_456_789n,
  monotonic: () => 42n,
  cpuTime: () => 7n,
  resolution: { realtime: 1n, monotonic: 2n, cpuTime: 3n },
  sleep: () => {},
};

describe('clocks', () => {
  test.each([
    [0, 1_700_000_000_123_456_789n, 1n],
    [1, 42n, 2n],
    [2, 7n, 3n],
    [3, 7n, 3n],
  ])('clock %i', (id, time, resolution) => {
    const it = new Guest({ clock: still });
    it.ok('clock_time_get', id, 0n, RESULT);
    expect(it.u64(RESULT)).toBe(time);
    it.ok('clock_res_get', id, RESULT);
    expect(it.u64(RESULT)).toBe(resolution);
    it.expectUntouchedAround(RESULT, 8);
  });

  test('no such clock, no such memory', () => {
    const it = new Guest({ clock: still });
    expect(it.call('clock_time_get', 4, 0n, RESULT)).toBe('inval');
    expect(it.call('clock_res_get', -1, RESULT)).toBe('inval');
    expect(it.call('clock_time_get', 0, 0n, END - 7)).toBe('fault');
    expect(it.call('clock_res_get', 0, END)).toBe('fault');
  });

  test("the host's clock tells the time of day, does not go back, and does not tell the uptime", () => {
    const it = new Guest();
    const before = BigInt(Date.now()) * 1_000_000n;
    it.ok('clock_time_get', 0, 0n, RESULT);
    const told = it.u64(RESULT);
    const after = BigInt(Date.now()) * 1_000_000n;
    expect(told >= before - 3_000_000n && told <= after + 3_000_000n).toBe(true);
    let last = 0n;
    for (let turn = 0; turn < 100; turn += 1) {
      it.ok('clock_time_get', 1, 0n, RESULT);
      expect(it.u64(RESULT) >= last).toBe(true);
      last = it.u64(RESULT);
    }
    expect(last < 60_000_000_000n).toBe(true);
  });
});

describe('random_get', () => {
  test('fills exactly what was asked', () => {
    const it = new Guest({ random: (into) => into.fill(0xab) });
    it.ok('random_get', RESULT, 100);
    expect(it.memory.slice(RESULT, RESULT + 100).every((byte) => byte === 0xab)).toBe(true);
    it.expectUntouchedAround(RESULT, 100);
  });

  test('comes from the operating system: two fillings differ', () => {
    const it = new Guest();
    it.ok('random_get', 0x200, 64);
    it.ok('random_get', 0x300, 64);
    expect(it.memory.slice(0x200, 0x240)).not.toEqual(it.memory.slice(0x300, 0x340));
  });

  test('nothing at the very end is fine, one byte beyond is a fault', () => {
    const it = new Guest();
    it.ok('random_get', END, 0);
    expect(it.call('random_get', END, 1)).toBe('fault');
    expect(it.call('random_get', 0, -1)).toBe('fault');
    expect(it.memory.every((byte) => byte === 0x3f)).toBe(true);
  });
});

describe('the end', () => {
  const raise = (name: string, value: number) => {
    const it = new Guest();
    try {
      return it.call(name, value);
    } catch (error) {
      return error instanceof ProcExit ? error.code : error;
    }
  };

  test.each([0, 1, 125, 255, 256, 0xffff_ffff])('proc_exit(%i) leaves with that code', (code) => {
    expect(raise('proc_exit', code)).toBe(code);
  });

  test.each<[number, number | string]>([
    [0, 'success'],
    [6, 134],
    [9, 137],
    [13, 'success'],
    [15, 143],
    [16, 'success'],
    [18, 'notsup'],
    [31, 'inval'],
  ])('proc_raise(%i): %s', (signal, expected) => {
    expect(raise('proc_raise', signal)).toBe(expected);
  });

  test('sched_yield', () => new Guest().ok('sched_yield'));
});

test('a function called before the memory is known is a fault of ours and is not hidden', () => {
  const wasi = createWasi({ args: [], env: {}, stdin: 0, stdout: 1, stderr: 2, preopens: [] });
  expect(() => wasi.imports[PREVIEW1]!['args_sizes_get']!(0, 4)).toThrow(/BUG/);
  wasi.close();
});

test('all 46 functions are there, and every one answers a hostile call with an errno', () => {
  const names = Object.keys(createWasi({ args: [], env: {}, stdin: 0, stdout: 1, stderr: 2, preopens: [] }).imports[PREVIEW1]!);
  expect(names).toHaveLength(46);
  const wide: Record<string, number[]> = {
    clock_time_get: [1], fd_advise: [1, 2], fd_allocate: [1, 2], fd_fdstat_set_rights: [1, 2], fd_filestat_set_size: [1],
    fd_filestat_set_times: [1, 2], fd_pread: [3], fd_pwrite: [3], fd_readdir: [3], fd_seek: [1], path_filestat_set_times: [4, 5], path_open: [5, 6],
  };
  for (const name of names.filter((each) => each !== 'proc_exit' && each !== 'sched_yield')) {
    for (const narrow of [-1, 0x7fff_ffff, 3, 0]) {
      const it = new Guest({ preopens: [{ host: process.cwd(), guest: '/', readOnly: true }] });
      const args = Array.from({ length: 9 }, (_, index) => (wide[name]?.includes(index) ? BigInt(narrow) : narrow));
      if (name === 'proc_raise' && narrow === 3) continue;
      expect(nameOf(0)).toBe('success');
      expect(it.call(name, ...args), `${name}(${narrow}…)`).toBeTypeOf('string');
    }
  }
});

test('clues keep the end of what was said, in whatever pieces', () => {
  for (const size of [1, 7, 100, 4095, 4096, 4097, 8192, 9000, 20_000]) {
    const clues = new Clues();
    let all = '';
    for (let turn = 0; all.length < 30_000; turn += 1) {
      const piece = String.fromCharCode(97 + (turn % 26)).repeat(size);
      clues.said(Buffer.from(piece));
      all += piece;
      expect(clues.lastWords).toBe(all.slice(-4096));
      if (size === 1 && turn > 9000) break;
    }
  }
});
