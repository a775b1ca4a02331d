// Every function on a descriptor: what it does, and each errno it can give.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DIRECTORY_RIGHTS, Fdflags, INHERITING_RIGHTS, Rights } from '../../src/wasi/abi.js';
import { CREAT, DIRECTORY, FIRST_PREOPEN, Guest, HOLDS, makeWorld, READ, RESULT, WRITE } from './support.js';

const BOTH = { oflags: CREAT, rights: READ | WRITE };
const END = 0x10000;
const CLOSED = 77;

describe('reading and writing', () => {
  test('several buffers are filled and emptied in order', () => {
    const { guest, inside } = makeWorld();
    const fd = guest.open('file', BOTH);
    guest.ok('fd_write', fd, ...guest.vectors(guest.put('abc'), guest.put(''), guest.put('defg')), RESULT);
    expect(guest.u32(RESULT)).toBe(7);
    expect(fs.readFileSync(path.join(inside, 'file'), 'utf8')).toBe('abcdefg');
    guest.ok('fd_seek', fd, 1n, 0, RESULT);
    const one = guest.space(2);
    const two = guest.space(10);
    guest.ok('fd_read', fd, ...guest.vectors(one, two), RESULT);
    expect(guest.u32(RESULT)).toBe(6);
    expect(guest.text(one[0], 2) + guest.text(two[0], 4)).toBe('bcdefg');
    guest.expectUntouchedAround(one[0], 2);
    guest.expectUntouchedAround(two[0], 4);
    guest.expectUntouchedAround(RESULT, 8);
    expect(guest.read(fd)).toBe('');
  });

  test('pread and pwrite leave the position alone', () => {
    const { guest } = makeWorld();
    const fd = guest.open('file', BOTH);
    guest.write(fd, '0123456789');
    guest.ok('fd_pwrite', fd, ...guest.vectors(guest.put('AB'), guest.put('C')), 4n, RESULT);
    const buffer = guest.space(5);
    guest.ok('fd_pread', fd, ...guest.vectors(buffer), 3n, RESULT);
    expect(guest.text(buffer[0], guest.u32(RESULT))).toBe('3ABC7');
    guest.ok('fd_tell', fd, RESULT);
    expect(guest.u64(RESULT)).toBe(10n);
    guest.ok('fd_pread', fd, ...guest.vectors(buffer), 100n, RESULT);
    expect(guest.u32(RESULT)).toBe(0);
  });

  test('writing beyond the end leaves a hole of zeros', () => {
    const { guest, inside } = makeWorld();
    const fd = guest.open('file', BOTH);
    guest.ok('fd_seek', fd, 3n, 0, RESULT);
    guest.write(fd, 'x');
    expect([...fs.readFileSync(path.join(inside, 'file'))]).toEqual([0, 0, 0, 120]);
  });

  test('append goes to the end wherever the position is, and can be switched on and off', () => {
    const { guest, inside } = makeWorld();
    const read = () => fs.readFileSync(path.join(inside, 'file'), 'utf8');
    fs.writeFileSync(path.join(inside, 'file'), 'one');
    const fd = guest.open('file', { rights: READ | WRITE, fdflags: Fdflags.append });
    guest.write(fd, '-two');
    guest.ok('fd_seek', fd, 0n, 0, RESULT);
    fs.appendFileSync(path.join(inside, 'file'), '-others');
    guest.write(fd, '-three');
    expect(read()).toBe('one-two-others-three');
    guest.ok('fd_tell', fd, RESULT);
    expect(guest.u64(RESULT)).toBe(20n);
    guest.ok('fd_fdstat_set_flags', fd, 0);
    guest.ok('fd_seek', fd, 0n, 0, RESULT);
    guest.write(fd, 'ONE');
    expect(read()).toBe('ONE-two-others-three');
    guest.ok('fd_fdstat_set_flags', fd, Fdflags.append);
    guest.write(fd, '!');
    expect(read()).toBe('ONE-two-others-three!');
  });

  test.each([Fdflags.append, 0])('writing nothing leaves the position where it is (flags %i)', (fdflags) => {
    const { guest, inside } = makeWorld();
    fs.writeFileSync(path.join(inside, 'file'), 'one-two');
    const fd = guest.open('file', { rights: READ | WRITE, fdflags });
    expect(guest.read(fd, 3)).toBe('one');
    for (const empty of [[], [guest.put('')], [guest.put(''), guest.put('')]] as const) {
      guest.ok('fd_write', fd, ...guest.vectors(...empty), RESULT);
      guest.ok('fd_tell', fd, RESULT);
      expect(guest.u64(RESULT)).toBe(3n);
    }
    expect(guest.read(fd)).toBe('-two');
  });

  test.each(['fd_read', 'fd_write'])('%s: errnos', (name) => {
    const { guest } = makeWorld();
    guest.write(guest.open('file', BOTH), 'x');
    const good = guest.open('file', { rights: READ | WRITE });
    const other = guest.open('file', { rights: name === 'fd_read' ? WRITE : READ });
    const vectors = guest.vectors(guest.put('abc'));
    expect(guest.call(name, CLOSED, ...vectors, RESULT)).toBe('badf');
    expect(guest.call(name, -1, ...vectors, RESULT)).toBe('badf');
    expect(guest.call(name, FIRST_PREOPEN, ...vectors, RESULT)).toBe('badf');
    expect(guest.call(name, other, ...vectors, RESULT)).toBe('badf');
    expect(guest.call(name, good, ...vectors, END - 3)).toBe('fault');
    expect(guest.call(name, good, END - 7, 1, RESULT)).toBe('fault');
    expect(guest.call(name, good, 0, 0xffff_ffff, RESULT)).toBe('fault');
    expect(guest.call(name, good, ...guest.vectors([END - 2, 3]), RESULT)).toBe('fault');
    expect(guest.call(name, good, ...guest.vectors([0xffff_fff0, 0x20]), RESULT)).toBe('fault');
    expect(guest.call(name, good, ...guest.vectors([0, 0xffff_ffff]), RESULT)).toBe('fault');
    // None of the refused calls has moved the position.
    guest.ok('fd_tell', good, RESULT);
    expect(guest.u64(RESULT)).toBe(0n);
    guest.ok(name, good, END, 0, RESULT);
    expect(guest.u32(RESULT)).toBe(0);
  });

  test.each(['fd_pread', 'fd_pwrite'])('%s: errnos', (name) => {
    const { guest } = makeWorld();
    guest.open('file', BOTH);
    const good = guest.open('file', { rights: READ | WRITE });
    const other = guest.open('file', { rights: name === 'fd_pread' ? WRITE : READ });
    const vectors = guest.vectors(guest.put('abc'));
    expect(guest.call(name, CLOSED, ...vectors, 0n, RESULT)).toBe('badf');
    expect(guest.call(name, FIRST_PREOPEN, ...vectors, 0n, RESULT)).toBe('badf');
    expect(guest.call(name, other, ...vectors, 0n, RESULT)).toBe('badf');
    expect(guest.call(name, name === 'fd_pread' ? 0 : 1, ...vectors, 0n, RESULT)).toBe('spipe');
    expect(guest.call(name, good, ...vectors, -1n, RESULT)).toBe('inval');
    expect(guest.call(name, good, ...vectors, 1n << 60n, RESULT)).toBe('inval');
    expect(guest.call(name, good, ...vectors, 0n, END - 3)).toBe('fault');
  });

  test('a thousand and more buffers are a short count, not an error', () => {
    const { guest } = makeWorld();
    const fd = guest.open('file', BOTH);
    const [address, length] = guest.put('x');
    const vectors = guest.vectors(...Array.from({ length: 1500 }, () => [address, length] as const));
    guest.ok('fd_write', fd, ...vectors, RESULT);
    expect(guest.u32(RESULT)).toBe(1024);
  });
});

describe('position', () => {
  const opened = () => {
    const { guest } = makeWorld();
    const fd = guest.open('file', BOTH);
    guest.write(fd, '0123456789');
    return { guest, fd };
  };

  test.each<[bigint, number, bigint]>([
    [4n, 0, 4n],
    [-4n, 1, 6n],
    [0n, 1, 10n],
    [-1n, 2, 9n],
    [5n, 2, 15n],
    [0n, 2, 10n],
  ])('seek by %i from %i', (delta, whence, expected) => {
    const { guest, fd } = opened();
    guest.ok('fd_seek', fd, delta, whence, RESULT);
    expect(guest.u64(RESULT)).toBe(expected);
    guest.expectUntouchedAround(RESULT, 8);
    guest.ok('fd_tell', fd, RESULT);
    expect(guest.u64(RESULT)).toBe(expected);
  });

  test('errnos', () => {
    const { guest, fd } = opened();
    expect(guest.call('fd_seek', fd, -1n, 0, RESULT)).toBe('inval');
    expect(guest.call('fd_seek', fd, -11n, 1, RESULT)).toBe('inval');
    expect(guest.call('fd_seek', fd, 0n, 3, RESULT)).toBe('inval');
    expect(guest.call('fd_seek', fd, (1n << 63n) - 1n, 1, RESULT)).toBe('inval');
    expect(guest.call('fd_seek', CLOSED, 0n, 0, RESULT)).toBe('badf');
    expect(guest.call('fd_seek', FIRST_PREOPEN, 0n, 1, RESULT)).toBe('badf');
    expect(guest.call('fd_seek', 1, 0n, 1, RESULT)).toBe('spipe');
    expect(guest.call('fd_seek', fd, 0n, 0, END - 7)).toBe('fault');
    expect(guest.call('fd_tell', CLOSED, RESULT)).toBe('badf');
    expect(guest.call('fd_tell', FIRST_PREOPEN, RESULT)).toBe('badf');
    expect(guest.call('fd_tell', 1, RESULT)).toBe('spipe');
    expect(guest.call('fd_tell', fd, END - 7)).toBe('fault');
    guest.ok('fd_tell', fd, RESULT);
    expect(guest.u64(RESULT)).toBe(10n);
  });
});

describe('fdstat', () => {
  const fdstat = (guest: Guest, fd: number) => {
    const [buf] = guest.space(24);
    guest.ok('fd_fdstat_get', fd, buf);
    guest.expectUntouchedAround(buf, 24);
    expect(guest.memory[buf + 1]).toBe(0);
    return { filetype: guest.u8(buf), flags: guest.u16(buf + 2), rights: guest.u64(buf + 8), inheriting: guest.u64(buf + 16) };
  };

  test('of a directory, a file and a stream', () => {
    const { guest } = makeWorld();
    expect(fdstat(guest, FIRST_PREOPEN)).toEqual({ filetype: 3, flags: 0, rights: BigInt(DIRECTORY_RIGHTS), inheriting: BigInt(INHERITING_RIGHTS) });
    const file = fdstat(guest, guest.open('file', { oflags: CREAT, rights: WRITE, fdflags: Fdflags.append | Fdflags.sync }));
    expect(file).toMatchObject({ filetype: 4, flags: Fdflags.append | Fdflags.sync, inheriting: 0n });
    expect(file.rights & (READ | WRITE)).toBe(WRITE);
    expect(fdstat(guest, 0).rights & (READ | WRITE)).toBe(READ);
    expect(fdstat(guest, 1).rights & (READ | WRITE)).toBe(WRITE);
    // wasi-libc's isatty: a character device that can neither seek nor tell.
    expect(fdstat(guest, 1).filetype).toBe(0);
  });

  test('errnos', () => {
    const { guest } = makeWorld();
    expect(guest.call('fd_fdstat_get', CLOSED, RESULT)).toBe('badf');
    expect(guest.call('fd_fdstat_get', FIRST_PREOPEN, END - 23)).toBe('fault');
    expect(guest.call('fd_fdstat_set_flags', CLOSED, 0)).toBe('badf');
    expect(guest.call('fd_fdstat_set_flags', FIRST_PREOPEN, Fdflags.nonblock)).toBe('badf');
    expect(guest.call('fd_fdstat_set_flags', guest.open('file', BOTH), 0x20)).toBe('inval');
    expect(guest.call('fd_fdstat_set_rights', CLOSED, 0n, 0n)).toBe('badf');
    expect(guest.call('fd_fdstat_set_rights', FIRST_PREOPEN, READ, 0n)).toBe('notcapable');
    expect(guest.call('fd_fdstat_set_rights', FIRST_PREOPEN, 0n, -1n)).toBe('notcapable');
  });

  test('flags are kept', () => {
    const { guest } = makeWorld();
    const fd = guest.open('file', BOTH);
    for (const flags of [Fdflags.nonblock, Fdflags.append | Fdflags.dsync, Fdflags.rsync | Fdflags.sync, 0]) {
      guest.ok('fd_fdstat_set_flags', fd, flags);
      expect(fdstat(guest, fd).flags).toBe(flags);
      guest.write(fd, 'x');
    }
    guest.ok('fd_fdstat_set_flags', 1, Fdflags.nonblock);
    expect(fdstat(guest, 1).flags).toBe(Fdflags.nonblock);
  });

  /** Each call a right stands for, on the kind of descriptor that has it. */
  const withoutRight = (right: keyof typeof Rights, fd: number, guest: Guest): void => {
    const { rights, inheriting } = fdstat(guest, fd);
    expect(rights & BigInt(Rights[right]), right).not.toBe(0n);
    guest.ok('fd_fdstat_set_rights', fd, rights & ~BigInt(Rights[right]), inheriting);
  };

  test.each<[keyof typeof Rights, (guest: Guest, fd: number) => string]>([
    ['fd_seek', (guest, fd) => guest.call('fd_seek', fd, 1n, 0, RESULT)],
    ['fd_fdstat_set_flags', (guest, fd) => guest.call('fd_fdstat_set_flags', fd, 0)],
    ['fd_sync', (guest, fd) => guest.call('fd_sync', fd)],
    ['fd_datasync', (guest, fd) => guest.call('fd_datasync', fd)],
    ['fd_advise', (guest, fd) => guest.call('fd_advise', fd, 0n, 0n, 0)],
    ['fd_allocate', (guest, fd) => guest.call('fd_allocate', fd, 0n, 1n)],
    ['fd_filestat_get', (guest, fd) => guest.call('fd_filestat_get', fd, RESULT)],
    ['fd_filestat_set_size', (guest, fd) => guest.call('fd_filestat_set_size', fd, 0n)],
    ['fd_filestat_set_times', (guest, fd) => guest.call('fd_filestat_set_times', fd, 0n, 0n, 0)],
  ])('a file that gave up %s is refused as not capable', (right, attempt) => {
    const { guest } = makeWorld();
    const fd = guest.open('file', BOTH);
    expect(attempt(guest, fd)).toBe('success');
    withoutRight(right, fd, guest);
    expect(attempt(guest, fd)).toBe('notcapable');
  });

  test('telling takes the right to tell or the one to seek, which brings it with it', () => {
    const { guest } = makeWorld();
    const fd = guest.open('file', BOTH);
    withoutRight('fd_tell', fd, guest);
    guest.ok('fd_tell', fd, RESULT);
    guest.ok('fd_seek', fd, 0n, 1, RESULT);
    withoutRight('fd_seek', fd, guest);
    expect(guest.call('fd_tell', fd, RESULT)).toBe('notcapable');
    expect(guest.call('fd_seek', fd, 0n, 1, RESULT)).toBe('notcapable');
    const other = guest.open('file', BOTH);
    withoutRight('fd_seek', other, guest);
    guest.ok('fd_seek', other, 0n, 1, RESULT);
    expect(guest.call('fd_seek', other, 0n, 0, RESULT)).toBe('notcapable');
  });

  test.each<[keyof typeof Rights, (guest: Guest) => string]>([
    ['path_create_directory', (guest) => guest.call('path_create_directory', 3, ...guest.put('new'))],
    ['path_create_file', (guest) => guest.openErrno('new', BOTH)],
    ['path_link_source', (guest) => guest.call('path_link', 3, 0, ...guest.put('file'), 3, ...guest.put('new'))],
    ['path_link_target', (guest) => guest.call('path_link', 3, 0, ...guest.put('file'), 3, ...guest.put('new'))],
    ['path_open', (guest) => guest.openErrno('file')],
    ['fd_readdir', (guest) => guest.call('fd_readdir', 3, ...guest.space(100), 0n, RESULT)],
    ['path_readlink', (guest) => guest.call('path_readlink', 3, ...guest.put('link'), ...guest.space(10), RESULT)],
    ['path_rename_source', (guest) => guest.call('path_rename', 3, ...guest.put('file'), 3, ...guest.put('new'))],
    ['path_rename_target', (guest) => guest.call('path_rename', 3, ...guest.put('file'), 3, ...guest.put('new'))],
    ['path_filestat_get', (guest) => guest.call('path_filestat_get', 3, 0, ...guest.put('file'), RESULT)],
    ['path_filestat_set_times', (guest) => guest.call('path_filestat_set_times', 3, 0, ...guest.put('file'), 0n, 0n, 0)],
    ['path_symlink', (guest) => guest.call('path_symlink', ...guest.put('file'), 3, ...guest.put('new'))],
    ['path_remove_directory', (guest) => guest.call('path_remove_directory', 3, ...guest.put('dir'))],
    ['path_unlink_file', (guest) => guest.call('path_unlink_file', 3, ...guest.put('file'))],
  ])('a directory that gave up %s is refused as not capable', (right, attempt) => {
    const { guest, inside } = makeWorld();
    fs.writeFileSync(path.join(inside, 'file'), '');
    fs.symlinkSync('file', path.join(inside, 'link'));
    fs.mkdirSync(path.join(inside, 'dir'));
    withoutRight(right, FIRST_PREOPEN, guest);
    expect(attempt(guest)).toBe('notcapable');
    expect(fs.readdirSync(inside).sort()).toEqual(['dir', 'file', 'link']);
  });

  test('what a directory does not hand down, nothing below it has', () => {
    const { guest, inside } = makeWorld();
    fs.writeFileSync(path.join(inside, 'file'), 'x');
    fs.mkdirSync(path.join(inside, 'dir'));
    guest.ok('fd_fdstat_set_rights', 3, BigInt(DIRECTORY_RIGHTS), BigInt(INHERITING_RIGHTS) & ~WRITE & ~BigInt(Rights.path_unlink_file));
    expect(guest.openErrno('file', { rights: WRITE })).toBe('notcapable');
    expect(guest.read(guest.open('file'))).toBe('x');
    const dir = guest.open('dir', { oflags: DIRECTORY, rights: 0n });
    expect(guest.openErrno('new', { dir, oflags: CREAT, rights: WRITE })).toBe('notcapable');
    expect(guest.call('path_unlink_file', dir, ...guest.put('file'))).toBe('notcapable');
  });

  test('what is opened has the rights it can have, though fewer were asked for, as by libraries that then use them; reading and writing are as asked', () => {
    const { guest, inside } = makeWorld();
    fs.mkdirSync(path.join(inside, 'dir'));
    fs.writeFileSync(path.join(inside, 'dir', 'file'), 'x');
    const forDirectories = BigInt(Rights.fd_readdir | Rights.path_open | Rights.path_create_file);
    const dir = guest.open('dir', { oflags: DIRECTORY, rights: forDirectories, inheriting: forDirectories });
    expect(guest.read(guest.open('file', { dir }))).toBe('x');
    const written = guest.open('file', { dir, rights: WRITE });
    expect([guest.call('fd_filestat_get', written, RESULT), guest.call('fd_seek', written, 0n, 0, RESULT), guest.call('fd_read', written, ...guest.vectors(guest.space(1)), RESULT)]).toEqual(['success', 'success', 'badf']);
    expect(guest.call('fd_write', guest.open('file', { dir, rights: 0n }), ...guest.vectors(guest.put('y')), RESULT)).toBe('badf');
  });

  test('truncating without the right to it is EPERM, as the public suite has it', () => {
    const { guest, inside } = makeWorld();
    fs.writeFileSync(path.join(inside, 'file'), 'x');
    withoutRight('path_filestat_set_size', FIRST_PREOPEN, guest);
    expect(guest.openErrno('file', { oflags: 8, rights: WRITE })).toBe('perm');
    expect(fs.readFileSync(path.join(inside, 'file'), 'utf8')).toBe('x');
  });
});

describe('filestat', () => {
  test.each(HOLDS)('of a file, a directory and a stream (%s)', (directoriesBy) => {
    const { guest, inside } = makeWorld({ directoriesBy });
    const fd = guest.open('file', BOTH);
    guest.write(fd, 'hello');
    fs.linkSync(path.join(inside, 'file'), path.join(inside, 'second'));
    const [buf] = guest.space(64);
    guest.ok('fd_filestat_get', fd, buf);
    guest.expectUntouchedAround(buf, 64);
    const real = fs.statSync(path.join(inside, 'file'), { bigint: true });
    expect(guest.filestatAt(buf)).toEqual({ ino: real.ino, filetype: 4, nlink: 2n, size: 5n, atim: real.atimeNs, mtim: real.mtimeNs });
    expect(guest.u64(buf)).toBe(real.dev);
    expect(guest.u64(buf + 56)).toBe(real.ctimeNs);
    guest.ok('fd_filestat_get', FIRST_PREOPEN, buf);
    expect(guest.filestatAt(buf)).toMatchObject({ ino: fs.statSync(inside, { bigint: true }).ino, filetype: 3 });
    guest.ok('fd_filestat_get', 1, buf);
    expect(guest.filestatAt(buf)).toMatchObject({ ino: 0n, filetype: 0, size: 0n });
    expect(guest.call('fd_filestat_get', CLOSED, buf)).toBe('badf');
    expect(guest.call('fd_filestat_get', fd, END - 63)).toBe('fault');
  });

  test('size: shorter, longer, errnos', () => {
    const { guest, inside } = makeWorld();
    const fd = guest.open('file', BOTH);
    guest.write(fd, '0123456789');
    guest.ok('fd_filestat_set_size', fd, 4n);
    expect(fs.readFileSync(path.join(inside, 'file'), 'utf8')).toBe('0123');
    guest.ok('fd_filestat_set_size', fd, 6n);
    expect(fs.readFileSync(path.join(inside, 'file'), 'utf8')).toBe('0123\0\0');
    expect(guest.call('fd_filestat_set_size', CLOSED, 0n)).toBe('badf');
    expect(guest.call('fd_filestat_set_size', FIRST_PREOPEN, 0n)).toBe('badf');
    expect(guest.call('fd_filestat_set_size', guest.open('file'), 0n)).toBe('badf');
    expect(guest.call('fd_filestat_set_size', 1, 0n)).toBe('spipe');
    expect(guest.call('fd_filestat_set_size', fd, -1n)).toBe('fbig');
  });

  test('allocate only ever makes longer', () => {
    const { guest, inside } = makeWorld();
    const fd = guest.open('file', BOTH);
    const size = () => fs.statSync(path.join(inside, 'file')).size;
    guest.ok('fd_allocate', fd, 0n, 100n);
    expect(size()).toBe(100);
    guest.ok('fd_allocate', fd, 10n, 10n);
    expect(size()).toBe(100);
    guest.ok('fd_allocate', fd, 90n, 20n);
    expect(size()).toBe(110);
    expect(guest.call('fd_allocate', fd, 0n, 0n)).toBe('inval');
    expect(guest.call('fd_allocate', fd, 1n << 63n, 1n)).toBe('fbig');
    expect(guest.call('fd_allocate', CLOSED, 0n, 1n)).toBe('badf');
    expect(guest.call('fd_allocate', FIRST_PREOPEN, 0n, 1n)).toBe('badf');
    expect(guest.call('fd_allocate', guest.open('file'), 0n, 1n)).toBe('badf');
    expect(guest.call('fd_allocate', 1, 0n, 1n)).toBe('spipe');
  });

  const ODD_MTIM = 1_700_000_000_123_456_789n;
  const ODD_ATIM = 1_600_000_000_987_654_321n;
  test.each(HOLDS)('times are kept to the nanosecond for as long as the program runs (%s)', (directoriesBy) => {
    const { guest, inside } = makeWorld({ directoriesBy });
    const fd = guest.open('file', BOTH);
    guest.ok('fd_filestat_set_times', fd, ODD_ATIM, ODD_MTIM, 1 | 4);
    expect(guest.stat('file')).toMatchObject({ atim: ODD_ATIM, mtim: ODD_MTIM });
    guest.ok('path_filestat_set_times', 3, 1, ...guest.put('file'), 0n, ODD_MTIM - 100n, 4);
    expect(guest.stat('file')).toMatchObject({ atim: ODD_ATIM, mtim: ODD_MTIM - 100n });
    // The host has it to the microsecond, which is what Node offers.
    const real = fs.statSync(path.join(inside, 'file'), { bigint: true });
    expect(Number(real.mtimeNs - ODD_MTIM + 100n) / 1000).toBeCloseTo(0, -0.5);
    // A later change by anyone shows.
    fs.utimesSync(path.join(inside, 'file'), 5, 6);
    expect(guest.stat('file')).toMatchObject({ atim: 5_000_000_000n, mtim: 6_000_000_000n });
    guest.ok('fd_filestat_set_times', FIRST_PREOPEN, ODD_ATIM, ODD_MTIM, 1 | 4);
    expect(guest.stat('.')).toMatchObject({ atim: ODD_ATIM, mtim: ODD_MTIM });
  });

  test('"now" is the clock of the program, and what is not named stays', () => {
    const now = 1_234_567_890_000_000_000n;
    const { guest } = makeWorld({
      clock: { realtime: () => now, monotonic: () => 0n, cpuTime: () => 0n, resolution: { realtime: 1n, monotonic: 1n, cpuTime: 1n }, sleep: () => {} },
    });
    const fd = guest.open('file', BOTH);
    guest.ok('fd_filestat_set_times', fd, ODD_ATIM, 0n, 1 | 8);
    expect(guest.stat('file')).toMatchObject({ atim: ODD_ATIM, mtim: now });
    guest.ok('fd_filestat_set_times', fd, 0n, 0n, 0);
    expect(guest.stat('file')).toMatchObject({ atim: ODD_ATIM, mtim: now });
    for (const flags of [1 | 2, 4 | 8, 16]) expect(guest.call('fd_filestat_set_times', fd, 0n, 0n, flags)).toBe('inval');
    expect(guest.call('fd_filestat_set_times', CLOSED, 0n, 0n, 0)).toBe('badf');
    expect(guest.call('fd_filestat_set_times', 1, 0n, 0n, 0)).toBe('badf');
    expect(guest.stat('file')).toMatchObject({ atim: ODD_ATIM, mtim: now });
  });
});

describe('hints and syncing', () => {
  test.each(['fd_sync', 'fd_datasync'])('%s', (name) => {
    const { guest } = makeWorld();
    guest.ok(name, guest.open('file', BOTH));
    guest.ok(name, 1);
    expect(guest.call(name, CLOSED)).toBe('badf');
    expect(guest.call(name, FIRST_PREOPEN)).toBe('badf');
  });

  test('fd_advise', () => {
    const { guest } = makeWorld();
    const fd = guest.open('file', BOTH);
    for (let advice = 0; advice <= 5; advice += 1) guest.ok('fd_advise', fd, 0n, 10n, advice);
    expect(guest.call('fd_advise', fd, 0n, 0n, 6)).toBe('inval');
    expect(guest.call('fd_advise', fd, -1n, 0n, 0)).toBe('inval');
    expect(guest.call('fd_advise', CLOSED, 0n, 0n, 0)).toBe('badf');
    expect(guest.call('fd_advise', FIRST_PREOPEN, 0n, 0n, 0)).toBe('badf');
    expect(guest.call('fd_advise', 1, 0n, 0n, 0)).toBe('spipe');
  });
});

describe('numbers', () => {
  test('the lowest free one is taken, closing twice is EBADF', () => {
    const { guest } = makeWorld();
    expect(guest.open('a', BOTH)).toBe(4);
    expect(guest.open('b', BOTH)).toBe(5);
    guest.ok('fd_close', 4);
    expect(guest.call('fd_close', 4)).toBe('badf');
    expect(guest.call('fd_close', -1)).toBe('badf');
    expect(guest.open('c', BOTH)).toBe(4);
    guest.ok('fd_close', 0);
    expect(guest.open('d', BOTH)).toBe(0);
  });

  test('renumbering moves, closes what was there, and needs both open', () => {
    const { guest } = makeWorld();
    const a = guest.open('a', BOTH);
    const b = guest.open('b', BOTH);
    guest.write(a, 'from a');
    expect(guest.call('fd_renumber', a, CLOSED)).toBe('badf');
    expect(guest.call('fd_renumber', CLOSED, a)).toBe('badf');
    guest.ok('fd_renumber', a, a);
    guest.ok('fd_renumber', a, b);
    expect(guest.call('fd_tell', a, RESULT)).toBe('badf');
    guest.ok('fd_tell', b, RESULT);
    expect(guest.u64(RESULT)).toBe(6n);
    guest.ok('fd_renumber', b, 1);
    guest.write(1, ', then as stdout');
    expect(guest.stdout.text()).toBe('');
    expect(guest.read(guest.open('a'))).toBe('from a, then as stdout');
    // A granted directory may be replaced; it is then gone.
    const dir = guest.open('.', { oflags: DIRECTORY, rights: 0n });
    guest.ok('fd_renumber', dir, FIRST_PREOPEN);
    expect(guest.call('fd_prestat_get', FIRST_PREOPEN, RESULT)).toBe('badf');
    guest.ok('fd_filestat_get', FIRST_PREOPEN, RESULT);
  });

  test('a program that leaks gets EMFILE, not ours', () => {
    const { guest } = makeWorld();
    guest.open('file', BOTH);
    let opened = 5;
    while (guest.openErrno('file') === 'success') opened += 1;
    expect(opened).toBe(1024);
    expect(guest.openErrno('file')).toBe('mfile');
    guest.ok('fd_close', 500);
    expect(guest.open('file')).toBe(500);
  });

  test('prestat', () => {
    const { guest } = makeWorld();
    guest.ok('fd_prestat_get', FIRST_PREOPEN, RESULT);
    expect([guest.u32(RESULT), guest.u32(RESULT + 4)]).toEqual([0, 5]);
    guest.expectUntouchedAround(RESULT, 8);
    guest.ok('fd_prestat_dir_name', FIRST_PREOPEN, 0x200, 6);
    expect(guest.text(0x200, 6)).toBe('/data?');
    expect(guest.call('fd_prestat_dir_name', FIRST_PREOPEN, 0x300, 4)).toBe('nametoolong');
    expect(guest.call('fd_prestat_dir_name', FIRST_PREOPEN, END - 4, 5)).toBe('fault');
    expect(guest.call('fd_prestat_get', FIRST_PREOPEN, END - 7)).toBe('fault');
    for (const fd of [0, 1, guest.open('file', BOTH), CLOSED]) {
      expect(guest.call('fd_prestat_get', fd, RESULT)).toBe('badf');
      expect(guest.call('fd_prestat_dir_name', fd, RESULT, 100)).toBe('badf');
    }
  });
});

describe.each(HOLDS)('reading a directory held by %s', (directoriesBy) => {
  test('`.` and `..` come first, types and inodes are those of stat', () => {
    const { guest, inside } = makeWorld({ directoriesBy });
    fs.mkdirSync(path.join(inside, 'dir', 'nested'), { recursive: true });
    fs.writeFileSync(path.join(inside, 'file'), '');
    fs.symlinkSync('file', path.join(inside, 'link'));
    const entries = guest.readdir(FIRST_PREOPEN);
    expect(entries.slice(0, 2).map(({ name }) => name)).toEqual(['.', '..']);
    expect(Object.fromEntries(entries.map(({ name, type }) => [name, type]))).toEqual({ '.': 3, '..': 3, dir: 3, file: 4, link: 7 });
    for (const { name, ino } of entries.filter((entry) => entry.name !== '..')) expect(ino).toBe(guest.stat(name, false).ino);
    // Above the granted directory there is nothing: it is its own parent.
    expect(entries[1]!.ino).toBe(entries[0]!.ino);
    const dir = guest.readdir(guest.open('dir', { oflags: DIRECTORY, rights: 0n }));
    expect(dir[1]!.ino).toBe(entries[0]!.ino);
    expect(dir.map(({ name }) => name)).toEqual(['.', '..', 'nested']);
    // However it is reached: a program must not learn even the number of what lies outside.
    for (const way of ['.', './', 'dir/..', 'dir/nested/../..']) {
      const again = guest.readdir(guest.open(way, { oflags: DIRECTORY, rights: 0n, inheriting: (1n << 30n) - 1n }));
      expect([way, again[1]!.ino]).toEqual([way, entries[0]!.ino]);
    }
  });

  test.each([24 + 15, 40, 64, 100, 4096])('a buffer of %i bytes gives the same entries', (length) => {
    const { guest, inside } = makeWorld({ directoriesBy });
    const names = Array.from({ length: 50 }, (_, index) => `Действие`.slice(0, 1 + (index % 6)) + index);
    for (const name of names) fs.writeFileSync(path.join(inside, name), '');
    const entries = guest.readdir(FIRST_PREOPEN, length);
    expect(entries.map(({ name }) => name).sort()).toEqual(['.', '..', ...names].sort());
    expect(entries.map(({ next }) => next)).toEqual(entries.map((_, index) => BigInt(index + 1)));
  });

  test('the last entry is cut where the buffer ends', () => {
    const { guest } = makeWorld({ directoriesBy });
    const [buf] = guest.space(30);
    guest.ok('fd_readdir', FIRST_PREOPEN, buf, 30, 0n, RESULT);
    expect(guest.u32(RESULT)).toBe(30);
    expect(guest.u64(buf)).toBe(1n);
    expect(guest.u64(buf + 25) & 0xff_ffff_ffffn).toBe(2n);
    guest.expectUntouchedAround(buf, 30);
    guest.ok('fd_readdir', FIRST_PREOPEN, buf, 0, 0n, RESULT);
    expect(guest.u32(RESULT)).toBe(0);
  });

  test.each(HOLDS)('a directory that has been removed has no entries (%s)', (directoriesBy) => {
    const { guest } = makeWorld({ directoriesBy });
    guest.ok('path_create_directory', FIRST_PREOPEN, ...guest.put('gone'));
    const fd = guest.open('gone', { oflags: DIRECTORY, rights: 0n });
    guest.ok('path_remove_directory', FIRST_PREOPEN, ...guest.put('gone'));
    expect(guest.readdir(fd)).toEqual([]);
  });

  test('cookies stay good while entries come and go', () => {
    const { guest, inside } = makeWorld({ directoriesBy });
    for (const name of ['a', 'b', 'c', 'd']) fs.writeFileSync(path.join(inside, name), '');
    const all = guest.readdir(FIRST_PREOPEN);
    const third = all[2]!;
    const [buf] = guest.space(400);
    guest.ok('path_unlink_file', 3, ...guest.put(all[3]!.name));
    fs.writeFileSync(path.join(inside, 'late'), '');
    guest.ok('fd_readdir', FIRST_PREOPEN, buf, 400, third.next, RESULT);
    const used = guest.u32(RESULT);
    const rest = guest.text(buf, used);
    expect(rest).toContain(all[4]!.name);
    expect(rest).toContain(all[5]!.name);
    expect(used).toBe(2 * 25);
    expect(guest.readdir(FIRST_PREOPEN).map(({ name }) => name)).toContain('late');
  });

  test('errnos', () => {
    const { guest } = makeWorld({ directoriesBy });
    const file = guest.open('file', BOTH);
    expect(guest.call('fd_readdir', file, 0x200, 100, 0n, RESULT)).toBe('notdir');
    expect(guest.call('fd_readdir', 0, 0x200, 100, 0n, RESULT)).toBe('notdir');
    expect(guest.call('fd_readdir', CLOSED, 0x200, 100, 0n, RESULT)).toBe('badf');
    expect(guest.call('fd_readdir', FIRST_PREOPEN, 0x200, 100, 99n, RESULT)).toBe('inval');
    expect(guest.call('fd_readdir', FIRST_PREOPEN, 0x200, 100, -1n, RESULT)).toBe('inval');
    expect(guest.call('fd_readdir', FIRST_PREOPEN, END - 99, 100, 0n, RESULT)).toBe('fault');
    expect(guest.call('fd_readdir', FIRST_PREOPEN, 0x200, 100, 0n, END - 3)).toBe('fault');
    const dir = (guest.ok('path_create_directory', 3, ...guest.put('dir')), guest.open('dir', { oflags: DIRECTORY, rights: 0n }));
    guest.ok('path_remove_directory', 3, ...guest.put('dir'));
    // Linux lets a removed directory that is held be read: it is empty.
    expect(['success', 'noent']).toContain(guest.call('fd_readdir', dir, 0x200, 100, 0n, RESULT));
  });
});

describe('a file name that is not UTF-8', () => {
  test('is listed as it is', () => {
    const { guest, inside } = makeWorld();
    fs.writeFileSync(Buffer.concat([Buffer.from(`${inside}/`), Buffer.of(0x66, 0xff, 0x66)]), '');
    const [buf] = guest.space(200);
    guest.ok('fd_readdir', FIRST_PREOPEN, buf, 200, 0n, RESULT);
    expect(Buffer.from(guest.memory.slice(buf, buf + guest.u32(RESULT))).includes(Buffer.of(0x66, 0xff, 0x66))).toBe(true);
    expect(guest.openErrno(Uint8Array.of(0x66, 0xff, 0x66))).toBe('ilseq');
  });
});

describe('sockets', () => {
  test.each<[string, (guest: Guest, fd: number) => string]>([
    ['sock_accept', (guest, fd) => guest.call('sock_accept', fd, 0, RESULT)],
    ['sock_recv', (guest, fd) => guest.call('sock_recv', fd, ...guest.vectors(guest.space(4)), 0, RESULT, RESULT + 4)],
    ['sock_send', (guest, fd) => guest.call('sock_send', fd, ...guest.vectors(guest.space(4)), 0, RESULT)],
    ['sock_shutdown', (guest, fd) => guest.call('sock_shutdown', fd, 1)],
  ])('%s: nothing is a socket', (_name, attempt) => {
    const { guest } = makeWorld();
    expect(attempt(guest, CLOSED)).toBe('badf');
    for (const fd of [0, FIRST_PREOPEN, guest.open('file', BOTH)]) expect(attempt(guest, fd)).toBe('notsock');
  });
});
