// poll_oneoff: what counts as having happened, what is written, and that waiting waits.
import { describe, expect, test } from 'vitest';
import { Rights } from '../../src/wasi/abi.js';
import type { Clock } from '../../src/wasi/index.js';
import { CREAT, FIRST_PREOPEN, Guest, makeWorld, READ, RESULT, WRITE } from './support.js';

const IN = 0x1000;
const OUT = 0x2000;
const CLOCK = 0;
const FD_READ = 1;
const FD_WRITE = 2;
const ABSOLUTE = 1;
const MS = 1_000_000n;

interface Wanted {
  readonly userdata?: bigint;
  readonly type: number;
  readonly fd?: number;
  readonly clock?: number;
  readonly timeout?: bigint;
  readonly flags?: number;
}

function subscribe(guest: Guest, wanted: readonly Wanted[]): void {
  wanted.forEach(({ userdata = 0n, type, fd = 0, clock = 1, timeout = 0n, flags = 0 }, index) => {
    const at = IN + index * 48;
    guest.setU64(at, userdata);
    guest.memory[at + 8] = type;
    guest.setU32(at + 16, type === CLOCK ? clock : fd);
    guest.setU64(at + 24, timeout);
    guest.setU64(at + 32, 0n);
    guest.setU16(at + 40, flags);
  });
}

function poll(guest: Guest, wanted: readonly Wanted[]) {
  subscribe(guest, wanted);
  guest.ok('poll_oneoff', IN, OUT, wanted.length, RESULT);
  const count = guest.u32(RESULT);
  guest.expectUntouchedAround(OUT, count * 32);
  return Array.from({ length: count }, (_, index) => {
    const at = OUT + index * 32;
    return { userdata: guest.u64(at), errno: guest.u16(at + 8), type: guest.u8(at + 10), nbytes: guest.u64(at + 16), flags: guest.u16(at + 24) };
  });
}

/** A clock that only moves when somebody sleeps on it, and remembers how long. */
function handClock(): Clock & { readonly slept: bigint[] } {
  let now = 0n;
  const slept: bigint[] = [];
  return {
    slept,
    realtime: () => 1_000_000n * MS + now,
    monotonic: () => now,
    cpuTime: () => 0n,
    resolution: { realtime: 1n, monotonic: 1n, cpuTime: 1n },
    sleep(durationNs) {
      slept.push(durationNs);
      now += durationNs;
    },
  };
}

describe('clocks', () => {
  test('one sleep, exactly as long as asked', () => {
    const clock = handClock();
    const guest = new Guest({ clock });
    expect(poll(guest, [{ userdata: 7n, type: CLOCK, timeout: 250n * MS }])).toEqual([{ userdata: 7n, errno: 0, type: CLOCK, nbytes: 0n, flags: 0 }]);
    expect(clock.slept).toEqual([250n * MS]);
  });

  test('the earliest rings alone; equal ones ring together', () => {
    const guest = new Guest({ clock: handClock() });
    const events = poll(guest, [
      { userdata: 1n, type: CLOCK, timeout: 30n * MS },
      { userdata: 2n, type: CLOCK, timeout: 10n * MS },
      { userdata: 3n, type: CLOCK, clock: 0, timeout: 10n * MS },
    ]);
    expect(events.map(({ userdata }) => userdata)).toEqual([2n, 3n]);
  });

  test('absolute times, of both clocks; the past rings at once', () => {
    const clock = handClock();
    const guest = new Guest({ clock });
    poll(guest, [{ type: CLOCK, timeout: 5n * MS, flags: ABSOLUTE }]);
    expect(clock.slept).toEqual([5n * MS]);
    poll(guest, [{ type: CLOCK, clock: 0, timeout: 1_000_000n * MS + 8n * MS, flags: ABSOLUTE }]);
    expect(clock.slept).toEqual([5n * MS, 3n * MS]);
    poll(guest, [{ type: CLOCK, timeout: 1n, flags: ABSOLUTE }]);
    expect(clock.slept).toHaveLength(2);
  });

  test("the host's clock really waits, and uses no processor for it", () => {
    const guest = new Guest();
    const start = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    poll(guest, [{ type: CLOCK, timeout: 60n * MS }]);
    expect(process.hrtime.bigint() - start >= 60n * MS).toBe(true);
    const { user, system } = process.cpuUsage(cpu);
    expect(user + system).toBeLessThan(50_000);
  });

  test('an unknown clock, unknown flags and a standing clock are events with an error', () => {
    const guest = new Guest({ clock: handClock() });
    const events = poll(guest, [
      { userdata: 1n, type: CLOCK, clock: 4 },
      { userdata: 2n, type: CLOCK, flags: 2 },
      { userdata: 3n, type: CLOCK, clock: 2 },
    ]);
    expect(events.map(({ userdata, errno }) => [userdata, errno])).toEqual([[1n, 28], [2n, 28], [3n, 58]]);
  });
});

describe('descriptors', () => {
  test('files are ready, with what is left to read', () => {
    const { guest } = makeWorld();
    const fd = guest.open('file', { oflags: CREAT, rights: READ | WRITE });
    guest.write(fd, '0123456789');
    guest.ok('fd_seek', fd, 4n, 0, RESULT);
    const events = poll(guest, [
      { userdata: 1n, type: FD_READ, fd },
      { userdata: 2n, type: FD_WRITE, fd },
      { userdata: 3n, type: CLOCK, timeout: 1_000n * MS },
    ]);
    expect(events).toMatchObject([
      { userdata: 1n, errno: 0, type: FD_READ, nbytes: 6n, flags: 0 },
      { userdata: 2n, errno: 0, type: FD_WRITE },
    ]);
  });

  test('what is not open, or not open for it, is an event with EBADF', () => {
    const { guest } = makeWorld();
    const reading = guest.open('file', { oflags: CREAT, rights: READ });
    const events = poll(guest, [
      { type: FD_READ, fd: 77 },
      { type: FD_WRITE, fd: 0xffff_ffff },
      { type: FD_READ, fd: FIRST_PREOPEN },
      { type: FD_WRITE, fd: reading },
      { type: FD_READ, fd: 1 },
      { type: FD_READ, fd: reading },
    ]);
    expect(events.map(({ errno }) => errno)).toEqual([8, 8, 8, 8, 8, 0]);
  });

  test('a right that was given up is an event with ENOTCAPABLE', () => {
    const { guest } = makeWorld();
    const blind = guest.open('file', { oflags: CREAT, rights: READ });
    guest.ok('fd_fdstat_set_rights', blind, READ, 0n);
    const unread = guest.open('file', { rights: READ });
    guest.ok('fd_fdstat_set_rights', unread, BigInt(Rights.poll_fd_readwrite), 0n);
    expect(poll(guest, [{ type: FD_READ, fd: blind }, { type: FD_READ, fd: unread }]).map(({ errno }) => errno)).toEqual([76, 76]);
  });

  test('captured streams are always ready', () => {
    const events = poll(new Guest(), [{ type: FD_READ, fd: 0 }, { type: FD_WRITE, fd: 1 }, { type: FD_WRITE, fd: 2 }]);
    expect(events.map(({ errno }) => errno)).toEqual([0, 0, 0]);
  });
});

test('errnos of the call', () => {
  const guest = new Guest({ clock: handClock() });
  expect(guest.call('poll_oneoff', IN, OUT, 0, RESULT)).toBe('inval');
  subscribe(guest, [{ type: 3 }]);
  expect(guest.call('poll_oneoff', IN, OUT, 1, RESULT)).toBe('inval');
  subscribe(guest, [{ type: CLOCK }]);
  expect(guest.call('poll_oneoff', 0x10000 - 47, OUT, 1, RESULT)).toBe('fault');
  expect(guest.call('poll_oneoff', IN, 0x10000 - 31, 1, RESULT)).toBe('fault');
  expect(guest.call('poll_oneoff', IN, OUT, 1, 0x10000 - 3)).toBe('fault');
  expect(guest.call('poll_oneoff', IN, OUT, 0xffff_ffff, RESULT)).toBe('fault');
});
