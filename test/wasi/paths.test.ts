// Every function on a path: what it does, and each errno it can give. Ways out of the directory are in sandbox.test.ts.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { CREAT, DIRECTORY, EXCL, FIRST_PREOPEN, FOLLOW, Guest, HOLDS, makeWorld, READ, RESULT, TRUNC, WRITE, type World } from './support.js';
import { UNIX } from '../support/skips.js';

const AT = FIRST_PREOPEN;
const END = 0x10000;
const CLOSED = 77;

describe.each(HOLDS)('directories held by %s', (directoriesBy) => {
  /** dir/, dir/file, empty/, file, and links: link -> file, dirlink -> dir, dangling -> nothing. */
  const furnished = (): World => {
    const world = makeWorld({ directoriesBy });
    const { inside } = world;
    fs.mkdirSync(path.join(inside, 'dir'));
    fs.mkdirSync(path.join(inside, 'empty'));
    fs.writeFileSync(path.join(inside, 'file'), 'content');
    fs.writeFileSync(path.join(inside, 'dir', 'file'), 'nested');
    fs.symlinkSync('file', path.join(inside, 'link'));
    fs.symlinkSync('dir', path.join(inside, 'dirlink'));
    fs.symlinkSync('nothing', path.join(inside, 'dangling'));
    return world;
  };

  describe('path_open', () => {
    const directory = { oflags: DIRECTORY, rights: 0n };
    test.each<[string, Parameters<Guest['openErrno']>[1], string]>([
      ['file', {}, 'success'],
      ['link', {}, 'success'],
      ['link', { follow: false }, 'loop'],
      ['dangling', {}, 'noent'],
      ['dangling', { follow: false }, 'loop'],
      ['dangling', { oflags: CREAT, rights: WRITE }, 'success'],
      ['dangling', { oflags: CREAT | EXCL, rights: WRITE }, 'exist'],
      ['missing', {}, 'noent'],
      ['missing/', {}, 'noent'],
      ['missing/file', {}, 'noent'],
      ['file/', {}, 'notdir'],
      ['file/.', {}, 'notdir'],
      ['file/x', {}, 'notdir'],
      ['link/x', {}, 'notdir'],
      ['file', { oflags: DIRECTORY }, 'notdir'],
      ['link', { oflags: DIRECTORY }, 'notdir'],
      ['missing', { oflags: DIRECTORY }, 'noent'],
      ['dir', {}, 'success'],
      ['dir/', {}, 'success'],
      ['dir', directory, 'success'],
      ['dirlink', directory, 'success'],
      ['dirlink', { ...directory, follow: false }, 'notdir'],
      ['dirlink', { rights: 0n, follow: false }, 'loop'],
      ['dirlink/', { rights: 0n, follow: false }, 'success'],
      ['.', { rights: 0n }, 'success'],
      ['.', directory, 'success'],
      ['dir/..', directory, 'success'],
      ['dir', { rights: WRITE }, 'isdir'],
      ['dir', { oflags: DIRECTORY, rights: READ | WRITE }, 'isdir'],
      ['.', { oflags: DIRECTORY, rights: READ | WRITE }, 'isdir'],
      ['.', { oflags: TRUNC, rights: 0n }, 'isdir'],
      ['dir', { oflags: TRUNC, rights: 0n }, 'isdir'],
      ['dir', { oflags: CREAT, rights: 0n }, 'isdir'],
      ['dir', { oflags: CREAT | EXCL, rights: 0n }, 'exist'],
      ['.', { oflags: CREAT | EXCL, rights: 0n }, 'exist'],
      ['new', { oflags: CREAT, rights: WRITE }, 'success'],
      ['new', { oflags: CREAT | EXCL, rights: WRITE }, 'success'],
      ['new', { oflags: CREAT, rights: 0n }, 'success'],
      ['new/', { oflags: CREAT, rights: WRITE }, 'isdir'],
      ['file', { oflags: CREAT, rights: WRITE }, 'success'],
      ['file', { oflags: CREAT | EXCL, rights: WRITE }, 'exist'],
      ['link', { oflags: CREAT | EXCL, rights: WRITE }, 'exist'],
      ['file/', { oflags: CREAT, rights: WRITE }, 'notdir'],
      ['missing/new', { oflags: CREAT, rights: WRITE }, 'noent'],
      ['file', { oflags: CREAT | DIRECTORY, rights: 0n }, 'inval'],
      ['file', { oflags: 0x10 }, 'inval'],
      ['file', { fdflags: 0x20 }, 'inval'],
      ['x'.repeat(255), {}, 'noent'],
      ['x'.repeat(256), {}, 'nametoolong'],
      ['file', { dir: CLOSED }, 'badf'],
      ['file', { dir: 0 }, 'notdir'],
    ])('%s with %o: %s', (file, options, expected) => {
      expect(furnished().guest.openErrno(file, options)).toBe(expected);
    });

    test('lookup flags beyond the known one, and pointers beyond memory', () => {
      const { guest, inside } = furnished();
      expect(guest.call('path_open', AT, 2, ...guest.put('file'), 0, READ, 0n, 0, RESULT)).toBe('inval');
      expect(guest.call('path_open', AT, 1, ...guest.put('new'), CREAT, WRITE, 0n, 0, END - 3)).toBe('fault');
      expect(guest.call('path_open', AT, 1, END - 1, 2, CREAT, WRITE, 0n, 0, RESULT)).toBe('fault');
      expect(fs.existsSync(path.join(inside, 'new'))).toBe(false);
    });

    test('truncates, creates with the usual mode, and reads what is there', () => {
      const { guest, inside } = furnished();
      expect(guest.read(guest.open('link'))).toBe('content');
      guest.open('file', { oflags: TRUNC, rights: WRITE });
      expect(fs.statSync(path.join(inside, 'file')).size).toBe(0);
      guest.open('new', { oflags: CREAT, rights: WRITE });
      expect(fs.statSync(path.join(inside, 'new')).mode & 0o777).toBe(0o666 & ~process.umask());
    });

    test('a file that is unlinked while open goes on', () => {
      const { guest } = furnished();
      const fd = guest.open('file', { rights: READ | WRITE });
      guest.ok('path_unlink_file', AT, ...guest.put('file'));
      expect(guest.read(fd)).toBe('content');
      guest.write(fd, '!');
      guest.ok('fd_filestat_get', fd, RESULT);
      expect(guest.filestatAt(RESULT)).toMatchObject({ nlink: 0n, size: 8n });
    });

    test('40 links are followed, 41 are not', () => {
      const { guest, inside } = furnished();
      fs.symlinkSync('file', path.join(inside, 'l1'));
      for (let turn = 2; turn <= 41; turn += 1) fs.symlinkSync(`l${turn - 1}`, path.join(inside, `l${turn}`));
      expect(guest.openErrno('l40')).toBe('success');
      expect(guest.openErrno('l41')).toBe('loop');
    });

    test('an opened directory is a place to start from', () => {
      const { guest } = furnished();
      const dir = guest.open('dirlink', directory);
      expect(guest.read(guest.open('file', { dir }))).toBe('nested');
      expect(guest.read(guest.open('./file', { dir: guest.open('.', { ...directory, dir }) }))).toBe('nested');
    });
  });

  describe('path_filestat_get', () => {
    const statErrno = (guest: Guest, file: string, follow = true) => guest.call('path_filestat_get', AT, follow ? FOLLOW : 0, ...guest.put(file), RESULT);

    test('follows when told to', () => {
      const { guest } = furnished();
      expect(guest.stat('file')).toMatchObject({ filetype: 4, size: 7n });
      expect(guest.stat('link')).toMatchObject({ filetype: 4, size: 7n });
      expect(guest.stat('link', false)).toMatchObject({ filetype: 7, size: 4n });
      expect(guest.stat('dirlink/', false)).toMatchObject({ filetype: 3 });
      expect(guest.stat('dangling', false)).toMatchObject({ filetype: 7 });
      expect(guest.stat('.').ino).toBe(guest.stat('dir/..').ino);
      expect(guest.stat('dir/').ino).toBe(guest.stat('dir').ino);
    });

    test.each<[string, string]>([
      ['missing', 'noent'],
      ['dangling', 'noent'],
      ['dangling/', 'noent'],
      ['file/', 'notdir'],
      ['file/x', 'notdir'],
      ['link/', 'notdir'],
      ['missing/x', 'noent'],
      ['', 'noent'],
    ])('%j: %s', (file, expected) => {
      expect(statErrno(furnished().guest, file)).toBe(expected);
    });

    test('errnos', () => {
      const { guest } = furnished();
      expect(guest.call('path_filestat_get', CLOSED, 0, ...guest.put('file'), RESULT)).toBe('badf');
      expect(guest.call('path_filestat_get', 0, 0, ...guest.put('file'), RESULT)).toBe('notdir');
      expect(guest.call('path_filestat_get', AT, 2, ...guest.put('file'), RESULT)).toBe('inval');
      expect(guest.call('path_filestat_get', AT, 0, ...guest.put('file'), END - 63)).toBe('fault');
      guest.ok('path_filestat_get', AT, 0, ...guest.put('file'), RESULT);
      guest.expectUntouchedAround(RESULT, 64);
    });
  });

  describe('path_filestat_set_times', () => {
    test('of a link itself, or of what it leads to', () => {
      const { guest } = furnished();
      const before = guest.stat('file');
      guest.ok('path_filestat_set_times', AT, 0, ...guest.put('link'), 1_000_000_001n, 2_000_000_002n, 5);
      expect(guest.stat('link', false)).toMatchObject({ atim: 1_000_000_001n, mtim: 2_000_000_002n });
      expect(guest.stat('file')).toEqual(before);
      guest.ok('path_filestat_set_times', AT, FOLLOW, ...guest.put('link'), 1_000_000_001n, 2_000_000_002n, 5);
      expect(guest.stat('file')).toMatchObject({ atim: 1_000_000_001n, mtim: 2_000_000_002n });
    });

    test.each<[string, number, number, string]>([
      ['missing', FOLLOW, 5, 'noent'],
      ['dangling', FOLLOW, 5, 'noent'],
      ['file/', 0, 5, 'notdir'],
      ['file', 0, 3, 'inval'],
      ['file', 0, 12, 'inval'],
      ['file', 0, 16, 'inval'],
      ['file', 2, 5, 'inval'],
    ])('%s, lookup flags %i, flags %i: %s', (file, lookup, flags, expected) => {
      const { guest } = furnished();
      expect(guest.call('path_filestat_set_times', AT, lookup, ...guest.put(file), 0n, 0n, flags)).toBe(expected);
    });
  });

  describe('path_create_directory', () => {
    const mkdir = (guest: Guest, file: string) => guest.call('path_create_directory', AT, ...guest.put(file));
    test.each<[string, string]>([
      ['new', 'success'],
      ['new/', 'success'],
      ['dir/new', 'success'],
      ['dirlink/new', 'success'],
      ['dir', 'exist'],
      ['file', 'exist'],
      ['dangling', 'exist'],
      ['.', 'exist'],
      ['missing/new', 'noent'],
      ['file/new', 'notdir'],
      ['', 'noent'],
    ])('%j: %s', (file, expected) => {
      const { guest } = furnished();
      expect(mkdir(guest, file)).toBe(expected);
      if (expected === 'success') expect(guest.stat(file).filetype).toBe(3);
    });
  });

  describe('path_remove_directory', () => {
    test.each<[string, string]>([
      ['empty', 'success'],
      ['empty/', 'success'],
      ['dir', 'notempty'],
      ['file', 'notdir'],
      ['file/', 'notdir'],
      ['dirlink', 'notdir'],
      ['dirlink/', 'notdir'],
      ['missing', 'noent'],
      ['missing/', 'noent'],
    ])('%j: %s', (file, expected) => {
      const { guest, inside } = furnished();
      expect(guest.call('path_remove_directory', AT, ...guest.put(file))).toBe(expected);
      expect(fs.existsSync(path.join(inside, 'empty'))).toBe(expected !== 'success');
    });

  });

  describe('path_unlink_file', () => {
    test.each<[string, string]>([
      ['file', 'success'],
      ['link', 'success'],
      ['dangling', 'success'],
      ['dirlink', 'success'],
      ['dirlink/', 'notdir'],
      ['link/', 'notdir'],
      ['file/', 'notdir'],
      ['dir', 'isdir'],
      ['dir/', 'isdir'],
      ['missing', 'noent'],
      ['missing/', 'noent'],
      ['dir/missing', 'noent'],
    ])('%j: %s', (file, expected) => {
      const { guest, inside } = furnished();
      expect(guest.call('path_unlink_file', AT, ...guest.put(file))).toBe(expected);
      if (expected === 'success') expect(fs.readdirSync(inside)).not.toContain(file);
      expect(fs.existsSync(path.join(inside, 'dir', 'file'))).toBe(true);
    });
  });

  describe('path_rename', () => {
    const rename = (guest: Guest, from: string, to: string) => guest.call('path_rename', AT, ...guest.put(from), AT, ...guest.put(to));
    test.each<[string, string, string]>([
      ['file', 'new', 'success'],
      ['file', 'dir/file', 'success'],
      ['file', 'file', 'success'],
      ['link', 'new', 'success'],
      ['dangling', 'file', 'success'],
      ['dir', 'empty', 'success'],
      ['dir', 'new', 'success'],
      ['dir/', 'new', 'success'],
      ['dir', 'new/', 'success'],
      ['dir/', 'new/', 'success'],
      ['empty', 'dir', 'notempty'],
      ['dir', 'file', 'notdir'],
      ['file', 'empty', 'isdir'],
      ['file/', 'new', 'notdir'],
      ['file', 'new/', 'notdir'],
      ['file/', 'new/', 'notdir'],
      ['dir', 'dir/below', 'inval'],
      ['missing', 'new', 'noent'],
      ['file', 'missing/new', 'noent'],
      ['file', 'file/new', 'notdir'],
    ])('%s to %s: %s', (from, to, expected) => {
      const { guest, inside } = furnished();
      expect(rename(guest, from, to)).toBe(expected);
      if (expected === 'success' && from !== to) expect(fs.readdirSync(inside)).not.toContain(from.replace('/', ''));
      if (expected === 'success') expect(() => fs.lstatSync(path.join(inside, to))).not.toThrow();
    });

    test('between two descriptors', () => {
      const { guest, inside } = furnished();
      const dir = guest.open('dir', { oflags: DIRECTORY, rights: 0n });
      guest.ok('path_rename', AT, ...guest.put('file'), dir, ...guest.put('moved'));
      expect(fs.readFileSync(path.join(inside, 'dir', 'moved'), 'utf8')).toBe('content');
      expect(guest.call('path_rename', AT, ...guest.put('x'), CLOSED, ...guest.put('y'))).toBe('badf');
      expect(guest.call('path_rename', CLOSED, ...guest.put('x'), AT, ...guest.put('y'))).toBe('badf');
      expect(guest.call('path_rename', AT, ...guest.put('x'), 1, ...guest.put('y'))).toBe('notdir');
    });
  });

  describe('path_link', () => {
    const link = (guest: Guest, from: string, to: string) => guest.call('path_link', AT, 0, ...guest.put(from), AT, ...guest.put(to));
    test.each<[string, string, string]>([
      ['file', 'new', 'success'],
      ['dangling', 'new', 'success'],
      ['link', 'new', 'success'],
      ['file', 'file', 'exist'],
      ['file', 'dir', 'exist'],
      ['file', 'dangling', 'exist'],
      ['file', 'new/', 'noent'],
      ['file/', 'new', 'notdir'],
      ['dir', 'new', 'perm'],
      ['missing', 'new', 'noent'],
      ['file', 'missing/new', 'noent'],
    ])('%s as %s: %s', (from, to, expected) => {
      const { guest } = furnished();
      expect(link(guest, from, to)).toBe(expected);
      if (expected === 'success') {
        expect(guest.stat(to, false)).toMatchObject({ ino: guest.stat(from, false).ino, nlink: 2n });
      }
    });
  });

  describe('path_symlink and path_readlink', () => {
    test.each<[string, string, string]>([
      ['file', 'new', 'success'],
      ['../anything', 'new', 'success'],
      ['missing/', 'new', 'success'],
      ['file', 'dir/new', 'success'],
      ['file', 'file', 'exist'],
      ['file', 'dir', 'exist'],
      ['file', 'new/', 'noent'],
      ['file', 'dir/', 'exist'],
      ['file', 'file/', 'notdir'],
      ['file', 'missing/new', 'noent'],
      ['/abs', 'new', 'perm'],
      ['', 'new', 'noent'],
      ['a\0b', 'new', 'inval'],
    ])('%j at %s: %s', (target, at, expected) => {
      const { guest, inside } = furnished();
      expect(guest.call('path_symlink', ...guest.put(target), AT, ...guest.put(at))).toBe(expected);
      if (expected === 'success') expect(fs.readlinkSync(path.join(inside, at))).toBe(target);
    });

    test('reading, into a buffer that may be too short', () => {
      const { guest, inside } = furnished();
      fs.symlinkSync('Действие', path.join(inside, 'long'));
      const [buf] = guest.space(40);
      guest.ok('path_readlink', AT, ...guest.put('long'), buf, 40, RESULT);
      expect(guest.text(buf, guest.u32(RESULT))).toBe('Действие');
      guest.expectUntouchedAround(buf, 16);
      const [short] = guest.space(5);
      guest.ok('path_readlink', AT, ...guest.put('long'), short, 5, RESULT);
      expect(guest.u32(RESULT)).toBe(5);
      guest.expectUntouchedAround(short, 5);
      guest.ok('path_readlink', AT, ...guest.put('long'), short, 0, RESULT);
      expect(guest.u32(RESULT)).toBe(0);
    });

    test.each<[string, string]>([
      ['file', 'inval'],
      ['dir', 'inval'],
      ['.', 'inval'],
      ['missing', 'noent'],
      ['link/', 'notdir'],
      ['dirlink/', 'inval'],
      ['dirlink/.', 'inval'],
    ])('reading %s: %s', (file, expected) => {
      const { guest } = furnished();
      expect(guest.call('path_readlink', AT, ...guest.put(file), ...guest.space(10), RESULT)).toBe(expected);
    });

    test('faults', () => {
      const { guest } = furnished();
      expect(guest.call('path_readlink', AT, ...guest.put('link'), END - 9, 10, RESULT)).toBe('fault');
      expect(guest.call('path_readlink', AT, ...guest.put('link'), ...guest.space(10), END - 3)).toBe('fault');
      expect(guest.call('path_symlink', END - 1, 2, AT, ...guest.put('new'))).toBe('fault');
    });
  });

  describe('a name with `/.` behind it is what is inside, which', () => {
    test.each<[string, string, (guest: Guest) => string]>([
      ['is not made', 'noent', (guest) => guest.call('path_create_directory', AT, ...guest.put('new/.'))],
      ['is there already', 'exist', (guest) => guest.call('path_create_directory', AT, ...guest.put('dir/.'))],
      ['is not removed', 'inval', (guest) => guest.call('path_remove_directory', AT, ...guest.put('empty/.'))],
      ['is not renamed', 'busy', (guest) => guest.call('path_rename', AT, ...guest.put('empty/.'), AT, ...guest.put('new'))],
      ['is not replaced', 'busy', (guest) => guest.call('path_rename', AT, ...guest.put('dir'), AT, ...guest.put('empty/./'))],
      ['no directory gets by being moved', 'noent', (guest) => guest.call('path_rename', AT, ...guest.put('dir'), AT, ...guest.put('new/.'))],
      ['is not linked', 'perm', (guest) => guest.call('path_link', AT, 0, ...guest.put('dir/.'), AT, ...guest.put('new'))],
      ['is no link', 'exist', (guest) => guest.call('path_symlink', ...guest.put('file'), AT, ...guest.put('dir/.'))],
      ['no file is made by', 'noent', (guest) => guest.openErrno('new/.', { oflags: CREAT, rights: WRITE })],
      ['a file has not', 'notdir', (guest) => guest.call('path_create_directory', AT, ...guest.put('file/.'))],
      ['can be looked at', 'success', (guest) => guest.call('path_filestat_get', AT, 0, ...guest.put('dirlink/.'), RESULT)],
      ['can be opened', 'success', (guest) => guest.openErrno('dir/.', { oflags: DIRECTORY, rights: 0n })],
    ])('%s: %s', (_what, expected, attempt) => {
      const { guest, inside } = furnished();
      const before = fs.readdirSync(inside);
      expect(attempt(guest)).toBe(expected);
      expect(fs.readdirSync(inside)).toEqual(before);
    });
  });

  test('a file that is not there is moved to no directory, whatever slashes stand behind that', () => {
    const { guest } = furnished();
    for (const to of ['dir/', 'new/']) expect(guest.call('path_rename', AT, ...guest.put('missing'), AT, ...guest.put(to))).toBe('noent');
    expect(guest.call('path_rename', AT, ...guest.put('file'), AT, ...guest.put('new/'))).toBe('notdir');
  });

  describe('the granted directory itself', () => {
    const dot = (guest: Guest, name: string, file = '.') => guest.call(name, AT, ...guest.put(file));
    test.each<[string, string, (guest: Guest) => string]>([
      ['is not removed', 'inval', (guest) => dot(guest, 'path_remove_directory')],
      ['is not removed by a detour', 'inval', (guest) => (guest.ok('path_create_directory', AT, ...guest.put('d')), dot(guest, 'path_remove_directory', 'd/..'))],
      ['is not unlinked', 'isdir', (guest) => dot(guest, 'path_unlink_file')],
      ['is there already', 'exist', (guest) => dot(guest, 'path_create_directory')],
      ['is not renamed', 'busy', (guest) => guest.call('path_rename', AT, ...guest.put('.'), AT, ...guest.put('x'))],
      ['is not replaced', 'busy', (guest) => (guest.ok('path_create_directory', AT, ...guest.put('d')), guest.call('path_rename', AT, ...guest.put('d'), AT, ...guest.put('.')))],
      ['is not linked', 'perm', (guest) => guest.call('path_link', AT, 0, ...guest.put('.'), AT, ...guest.put('x'))],
      ['is not linked over', 'exist', (guest) => (guest.open('f', { oflags: CREAT }), guest.call('path_link', AT, 0, ...guest.put('f'), AT, ...guest.put('./')))],
      ['is not a link', 'exist', (guest) => guest.call('path_symlink', ...guest.put('x'), AT, ...guest.put('.'))],
      ['has no text of a link', 'inval', (guest) => guest.call('path_readlink', AT, ...guest.put('.'), ...guest.space(9), RESULT)],
    ])('%s: %s', (_what, expected, attempt) => {
      const { guest, inside } = makeWorld({ directoriesBy });
      expect(attempt(guest)).toBe(expected);
      expect(fs.statSync(inside).isDirectory()).toBe(true);
    });
  });

  test('many directories, deep, long names, changed as one goes', () => {
    const { inside } = makeWorld();
    const guest = new Guest({ preopens: [{ host: inside, guest: '/data' }], directoriesBy }, 1 << 20);
    for (let turn = 0; turn < 100; turn += 1) {
      guest.ok('path_create_directory', AT, ...guest.put(`d${turn}`));
      guest.ok('path_create_directory', AT, ...guest.put(`d${turn}/e`));
      guest.write(guest.open(`d${turn}/e/f`, { oflags: CREAT, rights: WRITE }), String(turn));
      guest.ok('fd_close', 4);
    }
    for (let turn = 99; turn >= 0; turn -= 1) {
      const fd = guest.open(`d${turn}/e/f`);
      expect(guest.read(fd)).toBe(String(turn));
      guest.ok('fd_close', fd);
      guest.ok('path_rename', AT, ...guest.put(`d${turn}/e`), AT, ...guest.put(`d${turn}/moved`));
      expect(guest.openErrno(`d${turn}/e/f`)).toBe('noent');
      guest.ok('path_unlink_file', AT, ...guest.put(`d${turn}/moved/f`));
      guest.ok('path_remove_directory', AT, ...guest.put(`d${turn}/moved`));
    }
    expect(fs.readdirSync(inside)).toHaveLength(100);
  });
});

describe.skipIf(UNIX.unmet)(`what is neither file nor directory${UNIX.why}`, () => {
  test('a device is read without a position, and is not a terminal', () => {
    const guest = new Guest({ preopens: [{ host: '/dev', guest: '/dev', readOnly: true }] });
    const zero = guest.open('zero');
    expect(guest.read(zero, 8)).toBe('\0'.repeat(8));
    expect(guest.call('fd_seek', zero, 1n, 0, RESULT)).toBe('spipe');
    expect(guest.call('fd_pread', zero, ...guest.vectors(guest.space(4)), 0n, RESULT)).toBe('spipe');
    expect(guest.read(guest.open('null'), 8)).toBe('');
    expect(guest.stat('zero').filetype).toBe(2);
  });
});
