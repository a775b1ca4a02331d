// Calls as people read them, and what a call wrote: seen by an observer of real calls, made by hand.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeStrace, parseFilter, type CallFilter } from '../../src/program/strace.js';
import { together } from '../../src/program/observers.js';
import { recorder } from '../../src/program/recording/record.js';
import type { RecordedCall } from '../../src/program/recording/format.js';
import { preview1Calls } from '../../src/wasi/preview1.js';
import { deterministicWorld } from '../../src/wasi/deterministic.js';
import { createWasi, type WasiOptions } from '../../src/wasi/index.js';
import { Random } from '../support/random.js';
import { schemaFaults } from '../support/json-schema.js';
import { Guest, makeDirectory, READ, RESULT, WRITE } from './support.js';

const ALL = parseFilter(undefined) as CallFilter;

function watched(options: Partial<WasiOptions> = {}, shows = ALL, granted: readonly string[] = (options.preopens ?? []).map(({ guest }) => guest)) {
  const lines: string[] = [];
  const json: object[] = [];
  const calls: RecordedCall[] = [];
  const common = { granted, durations: false, sameScreen: [], shows };
  let text = '';
  const observer = together([
    recorder((call) => calls.push(call)),
    makeStrace({ ...common, format: 'text', write: (part) => void (text += part) }),
    makeStrace({ ...common, format: 'json', write: (line) => void json.push(JSON.parse(line) as object) }),
  ])!;
  const guest = new Guest({ ...options, observer });
  return {
    guest, calls, json, lines,
    /** What has been shown since it was asked last. */
    shown: () => {
      const now = text;
      text = '';
      return now.split('\n').slice(0, -1);
    },
  };
}

function withFiles(): { readonly preopens: WasiOptions['preopens']; readonly host: string } {
  const host = makeDirectory();
  fs.writeFileSync(path.join(host, 'in.txt'), 'Hello, file\n');
  fs.mkdirSync(path.join(host, 'sub'));
  fs.symlinkSync('in.txt', path.join(host, 'link'));
  return { host, preopens: [{ host, guest: '/data' }] };
}

describe('every call has its line', () => {
  const { clock, random, facts } = deterministicWorld(0n);
  const seen = new Set<string>();
  const cases: readonly (readonly [string, (guest: Guest) => unknown, string])[] = [
    ['args_get', (g) => g.call('args_get', 0x200, 0x300), 'args_get() = ["guest", "a b"]'],
    ['args_sizes_get', (g) => g.call('args_sizes_get', 0x200, 0x204), 'args_sizes_get() = 2 10'],
    ['environ_get', (g) => g.call('environ_get', 0x200, 0x300), 'environ_get() = ["LANG=C"]'],
    ['environ_sizes_get', (g) => g.call('environ_sizes_get', 0x200, 0x204), 'environ_sizes_get() = 1 7'],
    ['clock_res_get', (g) => g.call('clock_res_get', 1, RESULT), 'clock_res_get(monotonic) = 1000000'],
    ['clock_time_get', (g) => g.call('clock_time_get', 0, 5n, RESULT), 'clock_time_get(realtime, 5) = 946684800000000000'],
    ['clock_time_get', (g) => g.call('clock_time_get', 9, 0n, RESULT), 'clock_time_get(9, 0) = EINVAL (invalid argument)'],
    ['random_get', (g) => g.call('random_get', RESULT, 4), 'random_get(4) = 4 bytes'],
    ['sched_yield', (g) => g.call('sched_yield'), 'sched_yield() = 0'],
    ['proc_raise', (g) => g.call('proc_raise', 0), 'proc_raise(none) = 0'],
    ['fd_prestat_get', (g) => g.call('fd_prestat_get', 3, RESULT), 'fd_prestat_get(3</data>) = dir 5'],
    ['fd_prestat_dir_name', (g) => g.call('fd_prestat_dir_name', 3, RESULT, 5), 'fd_prestat_dir_name(3</data>, 5) = "/data"'],
    ['fd_advise', (g) => g.call('fd_advise', 1, 0n, 9n, 2), 'fd_advise(1<stdout>, 0, 9, random) = ESPIPE (cannot seek)'],
    ['fd_allocate', (g) => g.call('fd_allocate', 9, 0n, 1n), 'fd_allocate(9, 0, 1) = EBADF (not an open descriptor for that)'],
    ['path_open', (g) => g.open('in.txt', { rights: READ | WRITE, fdflags: 1 }), 'path_open(3</data>, symlink_follow, "in.txt", 0, fd_read|fd_write, 0, append) = 4</data/in.txt>'],
    ['path_open', (g) => g.openErrno('no\n"such', { oflags: 12, rights: 0xfffffffn }), 'path_open(3</data>, symlink_follow, "no\\n\\"such", excl|trunc, 0xfffffff, 0, 0) = ENOENT (no such file or directory)'],
    ['fd_fdstat_get', (g) => g.call('fd_fdstat_get', 4, RESULT), 'fd_fdstat_get(4</data/in.txt>) = {regular_file, append, rights=0x8e001ff}'],
    ['fd_fdstat_set_flags', (g) => g.call('fd_fdstat_set_flags', 1, 5), 'fd_fdstat_set_flags(1<stdout>, append|nonblock) = 0'],
    ['fd_fdstat_set_rights', (g) => g.call('fd_fdstat_set_rights', 1, 0n, 1n << 40n), 'fd_fdstat_set_rights(1<stdout>, 0, 0x10000000000) = ENOTCAPABLE (right not granted)'],
    ['fd_filestat_get', (g) => g.call('fd_filestat_get', 4, RESULT), 'fd_filestat_get(4</data/in.txt>) = {regular_file, size=12, nlink=1, ino=1, mtim=946684800000000000}'],
    ['fd_filestat_set_size', (g) => g.call('fd_filestat_set_size', 0, 4n), 'fd_filestat_set_size(0<stdin>, 4) = ESPIPE (cannot seek)'],
    ['fd_filestat_set_times', (g) => g.call('fd_filestat_set_times', 1, 1n, 2n, 9), 'fd_filestat_set_times(1<stdout>, 1, 2, atim|mtim_now) = EBADF (not an open descriptor for that)'],
    ['fd_pread', (g) => g.call('fd_pread', 4, ...g.vectors(g.space(3), g.space(100)), 1n, RESULT), 'fd_pread(4</data/in.txt>, [3, 100], 1) = 11 "ello, file\\n"'],
    ['fd_read', (g) => g.call('fd_read', 4, ...g.vectors(g.space(5)), RESULT), 'fd_read(4</data/in.txt>, [5]) = 5 "Hello"'],
    ['fd_seek', (g) => g.call('fd_seek', 4, -2n, 2, RESULT), 'fd_seek(4</data/in.txt>, -2, end) = 10'],
    ['fd_tell', (g) => g.call('fd_tell', 4, RESULT), 'fd_tell(4</data/in.txt>) = 10'],
    ['fd_pwrite', (g) => g.call('fd_pwrite', 4, ...g.vectors(g.put('J')), 0n, RESULT), 'fd_pwrite(4</data/in.txt>, ["J"], 0) = 1'],
    ['fd_write', (g) => g.call('fd_write', 1, ...g.vectors(g.put('tab\t\u001b[1m'), g.put(Uint8Array.of(0xff, 0x41)), g.put('é…\u202e')), RESULT), 'fd_write(1<stdout>, ["tab\\t\\x1b[1m", "\\xffA", "é…\\u202e"]) = 18'],
    ['fd_write', (g) => g.call('fd_write', 1, ...g.vectors(g.put('x'.repeat(70))), RESULT), `fd_write(1<stdout>, ["${'x'.repeat(64)}"… 70]) = 70`],
    ['fd_write', (g) => g.call('fd_write', 1, 0xfff0_0000, 3, RESULT), 'fd_write(1<stdout>, 0xfff00000 (outside memory)) = EFAULT (outside memory)'],
    ['fd_sync', (g) => g.call('fd_sync', 4), 'fd_sync(4</data/in.txt>) = 0'],
    ['fd_datasync', (g) => g.call('fd_datasync', 1), 'fd_datasync(1<stdout>) = 0'],
    ['fd_renumber', (g) => g.call('fd_renumber', 4, 0), 'fd_renumber(4</data/in.txt>, 0<stdin>) = 0'],
    ['fd_close', (g) => g.call('fd_close', 0), 'fd_close(0</data/in.txt>) = 0'],
    ['path_open', (g) => g.open('sub', { oflags: 2 }), 'path_open(3</data>, symlink_follow, "sub", directory, fd_read, 0, 0) = 0</data/sub>'],
    ['fd_readdir', (g) => g.call('fd_readdir', 3, RESULT, 1000, 0n, 0x90), 'fd_readdir(3</data>, 1000, 0) = 136 [".", "..", "in.txt", "link", "sub"]'],
    ['path_create_directory', (g) => g.call('path_create_directory', 3, ...g.put('new')), 'path_create_directory(3</data>, "new") = 0'],
    ['path_remove_directory', (g) => g.call('path_remove_directory', 3, ...g.put('new')), 'path_remove_directory(3</data>, "new") = 0'],
    ['path_filestat_get', (g) => g.call('path_filestat_get', 3, 0, ...g.put('link'), RESULT), 'path_filestat_get(3</data>, 0, "link") = {symbolic_link, size=6, nlink=1, ino=4, mtim=946684800000000000}'],
    ['path_filestat_set_times', (g) => g.call('path_filestat_set_times', 3, 0, ...g.put('in.txt'), 7n, 8n, 5), 'path_filestat_set_times(3</data>, 0, "in.txt", 7, 8, atim|mtim) = 0'],
    ['path_link', (g) => g.call('path_link', 3, 0, ...g.put('in.txt'), 3, ...g.put('hard')), 'path_link(3</data>, 0, "in.txt", 3</data>, "hard") = 0'],
    ['path_symlink', (g) => g.call('path_symlink', ...g.put('/etc'), 3, ...g.put('bad')), 'path_symlink("/etc", 3</data>, "bad") = EPERM (leads outside what was granted, or not permitted)'],
    ['path_readlink', (g) => g.call('path_readlink', 3, ...g.put('link'), RESULT, 64, 0x90), 'path_readlink(3</data>, "link", 64) = "in.txt"'],
    ['path_rename', (g) => g.call('path_rename', 3, ...g.put('hard'), 3, ...g.put('moved')), 'path_rename(3</data>, "hard", 3</data>, "moved") = 0'],
    ['path_unlink_file', (g) => g.call('path_unlink_file', 3, ...g.put('moved')), 'path_unlink_file(3</data>, "moved") = 0'],
    ['poll_oneoff', (g) => {
      const at = 0x400;
      g.memory.fill(0, at, at + 96);
      g.setU32(at + 16, 1); // monotonic
      g.setU64(at + 24, 5_000_000n);
      g.memory[at + 48 + 8] = 2; // fd_write
      g.setU32(at + 48 + 16, 1);
      return g.call('poll_oneoff', at, 0x600, 2, RESULT);
    }, 'poll_oneoff([monotonic in 5000000 ns, fd_write 1<stdout>]) = 1 [fd_write 65536 bytes]'],
    ['sock_accept', (g) => g.call('sock_accept', 1, 4, RESULT), 'sock_accept(1<stdout>, nonblock) = ENOTSOCK (not a socket)'],
    ['sock_recv', (g) => g.call('sock_recv', 1, ...g.vectors(g.space(4)), 1, RESULT, RESULT + 4), 'sock_recv(1<stdout>, [4], recv_peek) = ENOTSOCK (not a socket)'],
    ['sock_send', (g) => g.call('sock_send', 1, ...g.vectors(g.put('hi')), 0, RESULT), 'sock_send(1<stdout>, ["hi"], 0) = ENOTSOCK (not a socket)'],
    ['sock_shutdown', (g) => g.call('sock_shutdown', 1, 3), 'sock_shutdown(1<stdout>, rd|wr) = ENOTSOCK (not a socket)'],
    ['proc_exit', (g) => expect(() => g.call('proc_exit', 3)).toThrow(), 'proc_exit(3)'],
  ];

  test('one program, call after call; JSON as its schema says', () => {
    const { preopens } = withFiles();
    const { guest, shown, json } = watched({ preopens, args: ['guest', 'a b'], env: { LANG: 'C' }, clock, random, facts });
    for (const [name, act, line] of cases) {
      act(guest);
      expect([name, ...shown()]).toEqual([name, line]);
      seen.add(name);
    }
    expect(json).toHaveLength(cases.length);
    for (const line of json) expect(schemaFaults('strace.schema.json', line)).toEqual([]);
    expect(preview1Calls.map(({ name }) => name).filter((name) => !seen.has(name))).toEqual([]);
  });
});

test('a call of preview 0 is read as preview 0 has it', () => {
  const { preopens } = withFiles();
  const lines: string[] = [];
  const { facts } = deterministicWorld(0n);
  const strace = makeStrace({ format: 'text', shows: ALL, write: (line) => void lines.push(line), granted: ['/data'], durations: false, sameScreen: [] });
  const wasi = createWasi({ args: [], env: {}, stdin: { read: () => 0 }, stdout: { write() {} }, stderr: { write() {} }, preopens, observer: strace, facts });
  const memory = new Uint8Array(65536);
  const data = new DataView(memory.buffer);
  wasi.bind({ view: () => memory });
  const old = wasi.imports['wasi_unstable']!;
  memory.set(Buffer.from('in.txt'), 0x100);
  expect(old['path_filestat_get']!(3, 0, 0x100, 6, 0x200)).toBe(0);
  expect(old['path_open']!(3, 0, 0x100, 6, 0, READ | 4n, 0n, 0, 0x300)).toBe(0);
  expect(old['fd_seek']!(4, -1n, 1, 0x300)).toBe(0);
  data.setUint32(0x400 + 24, 1, true);
  data.setBigUint64(0x400 + 32, 7n, true);
  expect(old['poll_oneoff']!(0x400, 0x600, 1, 0x300)).toBe(0);
  wasi.close();
  expect(lines.map((line) => line.trim())).toEqual([
    'path_filestat_get(3</data>, 0, "in.txt") = {regular_file, size=12, nlink=1, ino=1, mtim=946684800000000000}',
    'path_open(3</data>, 0, "in.txt", 0, fd_read|fd_seek, 0, 0) = 4</data/in.txt>',
    'fd_seek(4</data/in.txt>, -1, end) = 11',
    'poll_oneoff([monotonic in 7 ns])', '= 1 [clock]',
  ]);
});

describe('what a call wrote', () => {
  test('is exactly what differs in memory, for every call of the table', () => {
    const { preopens } = withFiles();
    const { guest, calls } = watched({ preopens, args: ['guest', 'a'], env: { A: 'b' } });
    const memory = guest.memory;
    const check = (act: () => unknown): void => {
      const before = memory.slice();
      act();
      const applied = before.slice();
      for (const { address, bytes } of calls[calls.length - 1]!.writes) applied.set(bytes, address);
      expect(Buffer.compare(applied, memory), calls[calls.length - 1]!.name).toBe(0);
    };
    check(() => guest.call('args_get', 0x200, 0x300));
    check(() => guest.call('environ_get', 0x200, 0x300));
    check(() => guest.call('random_get', 0x200, 300));
    const [name, length] = guest.put('in.txt');
    check(() => guest.call('path_open', 3, 0, name, length, 0, READ, 0n, 0, RESULT));
    check(() => guest.call('fd_filestat_get', 4, RESULT));
    check(() => guest.call('fd_fdstat_get', 4, RESULT));
    const [list, count] = guest.vectors(guest.space(5), guest.space(0), guest.space(100));
    check(() => guest.call('fd_read', 4, list, count, RESULT));
    check(() => guest.call('fd_readdir', 3, 0x800, 100, 0n, RESULT));
    const link = guest.put('link');
    check(() => guest.call('path_readlink', 3, ...link, 0x800, 3, RESULT));
    check(() => guest.call('path_filestat_get', 3, 1, ...link, RESULT));
    check(() => guest.call('fd_prestat_get', 3, RESULT));
    check(() => guest.call('fd_prestat_dir_name', 3, RESULT, 9));
    check(() => guest.call('clock_time_get', 0, 0n, RESULT));
    // Only what was read is kept, not the whole buffer.
    const read = calls.find(({ name }) => name === 'fd_read')!;
    expect(read.writes.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(12 + 4);
  });

  test('is nothing for what a program sends, and for a call that failed', () => {
    const { guest, calls } = watched();
    guest.call('fd_write', 1, ...guest.vectors(guest.put('x'.repeat(1000))), RESULT);
    guest.call('fd_close', 99);
    guest.call('fd_read', 99, ...guest.vectors(guest.space(10)), RESULT);
    expect(calls.map(({ writes }) => writes.map(({ bytes }) => bytes.length))).toEqual([[4], [], []]);
  });
});

describe('which calls are shown', () => {
  const names = preview1Calls.map(({ name }) => name);
  const shownBy = (text: string) => names.filter((name) => (parseFilter(text) as CallFilter).name(name));
  test.each<[string, readonly string[]]>([
    ['path_open', ['path_open']],
    ['path_open,fd_close', ['fd_close', 'path_open']],
    ['fd_prestat_*', ['fd_prestat_dir_name', 'fd_prestat_get']],
    ['socket', names.filter((name) => name.startsWith('sock_'))],
    ['fd_*,-write,-fd_prestat_*', names.filter((name) => name.startsWith('fd_') && !['fd_write', 'fd_pwrite', 'fd_prestat_get', 'fd_prestat_dir_name'].includes(name))],
    ['-clock', names.filter((name) => !name.startsWith('clock_'))],
    ['', names],
  ])('%s', (text, expected) => {
    expect([...shownBy(text)].sort()).toEqual([...expected].sort());
  });

  test('failed ones alone', () => {
    const { guest, shown } = watched({}, parseFilter('fd_*,failed') as CallFilter);
    guest.call('fd_close', 9);
    guest.call('fd_datasync', 1);
    guest.call('path_open', 9, 0, 0, 0, 0, 0n, 0n, 0, 0);
    expect(shown()).toEqual(['fd_close(9) = EBADF (not an open descriptor for that)']);
  });

  test.each(['nonsense', 'fd_', 'path_open,opn', '*_x'])('%s names no call', (text) => {
    expect(parseFilter(text)).toEqual({ unknown: text.split(',').at(-1) });
  });
});

test('a line never starts in the middle of one of the program', () => {
  let screen = '';
  const strace = makeStrace({ format: 'text', shows: ALL, write: (part) => void (screen += part), granted: [], durations: false, sameScreen: ['<stderr>'] });
  const guest = new Guest({ observer: strace, stderr: { write: (bytes) => void (screen += Buffer.from(bytes).toString()) } });
  guest.call('fd_write', 2, ...guest.vectors(guest.put('no end')), RESULT);
  guest.call('sched_yield');
  guest.call('fd_write', 2, ...guest.vectors(guest.put('an end\n')), RESULT);
  guest.call('sched_yield');
  strace.finish({ kind: 'exit', code: 0 });
  expect(screen).toBe('no end\nfd_write(2<stderr>, ["no end"]) = 6\nsched_yield() = 0\nan end\nfd_write(2<stderr>, ["an end\\n"]) = 7\nsched_yield() = 0\n+++ exited with 0 +++\n');
});

test('a call that may wait shows its beginning before it waits', () => {
  let screen = '';
  let atReading = '';
  const strace = makeStrace({ format: 'text', shows: ALL, write: (part) => void (screen += part), granted: [], durations: false, sameScreen: [] });
  const guest = new Guest({ observer: strace, stdin: { read: () => ((atReading = screen), 0) } });
  guest.call('fd_read', 0, ...guest.vectors(guest.space(10)), RESULT);
  expect([atReading, screen]).toEqual(['fd_read(0<stdin>, [10])', 'fd_read(0<stdin>, [10]) = 0\n']);
});

describe('observing changes nothing', () => {
  const TYPES = new Map<string, (next: Random) => number | bigint>();
  const number = (next: Random) => next.pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 24, 64, 100, 0xffff, 0x10000, 0xffff_fff0, 0xffff_ffff, -1, next.below(0x10000)]);
  const wide = (next: Random) => next.pick([0n, 1n, 5n, 64n, -1n, 1n << 29n, (1n << 29n) - 1n, 1n << 62n, BigInt(next.below(100))]);
  for (const type of ['filesize', 'filedelta', 'timestamp', 'rights', 'dircookie']) TYPES.set(type, wide);

  // Programs cannot tell that they are watched, and no argument of theirs, however wild, harms who watches.
  test.each(Array.from({ length: 12 }, (_, seed) => seed))('random calls, seed %i', (seed) => {
    const options = () => ({ preopens: withFiles().preopens, args: ['guest', 'a'], env: { A: 'b' }, ...deterministicWorld(BigInt(seed)) });
    const plain = new Guest(options());
    const { guest: seen, calls } = watched(options());
    let succeeded = 0;
    const next = new Random(seed);
    const names = preview1Calls.filter(({ name }) => name !== 'proc_exit' && name !== 'proc_raise');
    for (let turn = 0; turn < 400; turn += 1) {
      const { name, params } = next.pick(names);
      const path = next.pick(['in.txt', 'sub', 'link', 'no', '../x', '/etc', '', 'a\0b']);
      // Half of the calls get pointers to something sensible, so that they go through.
      const sensible = next.below(2) === 0;
      for (const guest of [plain, seen]) {
        guest.memory.set(Buffer.from(path), 0x1000);
        guest.setU32(0x1100, 0x1200);
        guest.setU32(0x1104, 40);
      }
      const args = params.map(([, type]) => {
        if (sensible && type === 'path') return 0x1000;
        if (sensible && type === 'iovs') return 0x1100;
        if (sensible && type === 'result') return next.pick([0x2000, 0x2100, 0x1100]);
        if (sensible && type === 'fd') return next.below(8);
        if (sensible && type === 'size') return next.pick([1, path.length]);
        if (type === 'clockid' || type === 'whence' || type.endsWith('flags')) return next.below(9);
        return (TYPES.get(type) ?? number)(next);
      });
      // A sleep for centuries is no matter for a test; nor is reading what never comes.
      if (name === 'poll_oneoff' && sensible) continue;
      const before = seen.memory.slice();
      const answer = plain.call(name, ...args);
      expect([name, args, seen.call(name, ...args)]).toEqual([name, args, answer]);
      expect(Buffer.compare(seen.memory, plain.memory), `${name}(${args.join(', ')})`).toBe(0);
      // And what was noted is all that was written.
      for (const { address, bytes } of calls.at(-1)!.writes) before.set(bytes, address);
      expect(Buffer.compare(before, seen.memory), `${name}(${args.join(', ')}) wrote more`).toBe(0);
      if (answer === 'success') succeeded += 1;
    }
    expect(succeeded).toBeGreaterThan(40);
  });
});

test('a program with shared memory is traced and recorded like any other', () => {
  const { preopens } = withFiles();
  const lines: string[] = [];
  const strace = makeStrace({ format: 'text', shows: ALL, write: (line) => void lines.push(line), granted: ['/data'], durations: false, sameScreen: [] });
  const calls: RecordedCall[] = [];
  const wasi = createWasi({ args: ['é'], env: {}, stdin: { read: () => 0 }, stdout: { write() {} }, stderr: { write() {} }, preopens, observer: together([recorder((call) => calls.push(call)), strace])! });
  const memory = new Uint8Array(new SharedArrayBuffer(65536));
  wasi.bind({ view: () => memory });
  const { path_open, args_get, fd_write } = wasi.imports['wasi_snapshot_preview1']!;
  memory.set(Buffer.from('in.txt'), 0x100);
  expect(path_open!(3, 0, 0x100, 6, 0, READ, 0n, 0, 0x300)).toBe(0);
  expect(args_get!(0x400, 0x500)).toBe(0);
  new DataView(memory.buffer).setUint32(0x600, 0x100, true);
  new DataView(memory.buffer).setUint32(0x604, 6, true);
  expect(fd_write!(1, 0x600, 1, 0x300)).toBe(0);
  wasi.close();
  expect(lines).toEqual(['path_open(3</data>, 0, "in.txt", 0, fd_read, 0, 0) = 4</data/in.txt>\n', 'args_get() = ["é"]\n', 'fd_write(1<stdout>, ["in.txt"]) = 6\n']);
  expect(calls[0]!.writes).toEqual([{ address: 0x300, bytes: Uint8Array.of(4, 0, 0, 0) }]);
});
