// What stays inside a granted directory works, and how directories are granted. The ways out stand in escapes.test.ts. Next to
// the granted directory stands another with a canary that must stay unread and unwritten.
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DIRECTORY, FIRST_PREOPEN, Guest, HOLDS, makeDirectory, makeWorld, RESULT, WRITE } from './support.js';
import { LINUX } from '../support/skips.js';

const CANARY = 'canary: nobody reads or writes this';
const AT = FIRST_PREOPEN;

interface Scene {
  readonly guest: Guest;
  readonly inside: string;
  readonly outside: string;
}

/** What the host has put into the granted directory: ordinary things, and links that lead out of it. */
function furnish({ inside, outside }: Scene): void {
  fs.mkdirSync(path.join(inside, 'dir', 'deep'), { recursive: true });
  fs.writeFileSync(path.join(inside, 'file'), 'inside');
  fs.writeFileSync(path.join(inside, 'dir', 'file'), 'inside too');
  fs.writeFileSync(path.join(outside, 'canary'), CANARY);
  fs.mkdirSync(path.join(outside, 'empty'));
  const link = (target: string, name: string) => fs.symlinkSync(target, path.join(inside, name));
  link(path.join(outside, 'canary'), 'absolute-file');
  link(outside, 'absolute-dir');
  link('../outside/canary', 'relative-file');
  link('../outside', 'relative-dir');
  link('../outside/', 'slashed-dir');
  link('relative-dir', 'second');
  link('second', 'third');
  link('../../outside', 'dir/up');
  link('..', 'dir/dots');
  link('..', 'parent');
  link('.', 'here');
  link('/', 'root');
  link('/proc/self/root', 'proc-root');
  link('/proc/self/fd/0', 'proc-fd');
  link('../outside/created', 'dangling');
  link('../inside/file', 'around');
  link('dir/../../outside/canary', 'inside-then-out');
  link('turn', 'turn');
  link('ping', 'pong');
  link('pong', 'ping');
}

describe.each(HOLDS)('directories held by %s', (directoriesBy) => {
  let scene: Scene;
  let before: string[];
  beforeEach(() => {
    scene = makeWorld({ directoriesBy });
    furnish(scene);
    before = fs.readdirSync(scene.outside).sort();
  });
  afterEach(() => {
    expect(fs.readdirSync(scene.outside).sort()).toEqual(before);
    expect(fs.readFileSync(path.join(scene.outside, 'canary'), 'utf8')).toBe(CANARY);
    expect(fs.statSync(path.join(scene.outside, 'canary')).nlink).toBe(1);
    expect(fs.statSync(path.join(scene.outside, 'canary')).mtimeMs).toBeGreaterThan(0);
    // Neither the canary nor any path of the host has reached the guest.
    const seen = Buffer.from(scene.guest.memory);
    expect(seen.includes(CANARY)).toBe(false);
  });

  test('what is inside works, links within included', () => {
    const { guest, inside } = scene;
    expect(guest.read(guest.open('dir/../dir/./file'))).toBe('inside too');
    expect(guest.read(guest.open('here/here/dir/dots/file'))).toBe('inside');
    guest.ok('path_symlink', ...guest.put('dir/deep'), AT, ...guest.put('good'));
    expect(guest.read(guest.open('good/../file'))).toBe('inside too');
    fs.symlinkSync(path.join(inside, 'dir', 'file'), path.join(inside, 'dir', 'absolute-inside'));
    expect(guest.read(guest.open('dir/absolute-inside'))).toBe('inside too');
    fs.symlinkSync(inside, path.join(inside, 'dir', 'absolute-root'));
    expect(guest.read(guest.open('dir/absolute-root/dir/file'))).toBe('inside too');
  });

  test('a directory whose name merely starts like the granted one is outside', () => {
    const { guest, inside } = scene;
    fs.mkdirSync(`${inside}-more`);
    fs.writeFileSync(`${inside}-more/file`, CANARY);
    fs.symlinkSync(`${inside}-more/file`, path.join(inside, 'neighbour'));
    expect(guest.openErrno('neighbour')).toBe('perm');
  });

  test.skipIf(LINUX.unmet)(`two directories whose names are not UTF-8, and look alike, are never taken for one${LINUX.why}`, () => {
    const base = makeDirectory();
    const at = (last: number, ...names: string[]): Buffer => Buffer.concat([Buffer.from(`${base}/`), Buffer.of(last), ...names.map((name) => Buffer.from(`/${name}`))]);
    for (const last of [0xff, 0xfe]) fs.mkdirSync(at(last));
    fs.mkdirSync(at(0xfe, 'link'));
    fs.writeFileSync(at(0xfe, 'link', 'canary'), CANARY);
    fs.symlinkSync(Buffer.concat([Buffer.from('../'), Buffer.of(0xfe), Buffer.from('/link')]), at(0xff, 'link'));
    fs.symlinkSync(Buffer.of(0xff), path.join(base, 'granted'));
    const grant = () => new Guest({ preopens: [{ host: path.join(base, 'granted'), guest: '/' }], directoriesBy });
    if (directoriesBy === 'handle') {
      expect(grant().openErrno('link/canary')).toBe('perm');
      return;
    }
    // A path cannot say which of them is meant, so that neither is granted, nor what is named as both are shown.
    expect(grant).toThrow(expect.objectContaining({ code: 'E_PREOPEN' }));
    fs.mkdirSync(path.join(base, '\ufffd'));
    expect(grant).toThrow(expect.objectContaining({ code: 'E_PREOPEN' }));
  });

  test('a directory renamed by another process is followed or missed, and what takes its place by a link is never entered', () => {
    const { guest, inside, outside } = scene;
    expect(guest.read(guest.open('dir/deep/../file'))).toBe('inside too');
    expect(guest.read(guest.open('dir/file'))).toBe('inside too');
    fs.renameSync(path.join(inside, 'dir'), path.join(inside, 'moved'));
    expect(guest.openErrno('dir/file')).toBe('noent');
    expect(guest.read(guest.open('moved/file'))).toBe('inside too');
    fs.symlinkSync(outside, path.join(inside, 'dir'));
    expect(guest.openErrno('dir/canary')).toBe('perm');
    fs.unlinkSync(path.join(inside, 'dir'));
    fs.mkdirSync(path.join(inside, 'dir'));
    fs.writeFileSync(path.join(inside, 'dir', 'file'), 'new');
    expect(guest.read(guest.open('dir/file'))).toBe('new');
  });
});

describe('a read-only directory', () => {
  test('a file opened for reading cannot be changed through its descriptor', () => {
    const scene = makeWorld({ readOnly: true });
    furnish(scene);
    const { guest } = scene;
    const fd = guest.open('file');
    expect(guest.read(fd)).toBe('inside');
    expect(guest.call('fd_write', fd, ...guest.vectors(guest.put('x')), RESULT)).toBe('badf');
    expect(guest.call('fd_filestat_set_size', fd, 0n)).toBe('badf');
    expect(guest.call('fd_allocate', fd, 0n, 100n)).toBe('badf');
    expect(guest.call('fd_filestat_set_times', fd, 0n, 0n, 5)).toBe('rofs');
    guest.ok('fd_fdstat_set_flags', fd, 1);
    expect(guest.call('fd_write', fd, ...guest.vectors(guest.put('x')), RESULT)).toBe('badf');
  });

  test('the same host directory may be granted twice, once for writing', () => {
    const host = makeDirectory();
    fs.writeFileSync(path.join(host, 'file'), 'inside');
    const guest = new Guest({ preopens: [{ host, guest: '/ro', readOnly: true }, { host, guest: '/rw' }] });
    expect(guest.openErrno('file', { dir: 3, rights: WRITE })).toBe('rofs');
    guest.write(guest.open('file', { dir: 4, rights: WRITE }), 'X');
    expect(guest.read(guest.open('file', { dir: 3 }))).toBe('Xnside');
    // Two grants, one of them read-only: nothing is moved from the one into the other.
    expect(guest.call('path_rename', 3, ...guest.put('file'), 4, ...guest.put('moved'))).toBe('rofs');
    expect(guest.call('path_link', 3, 0, ...guest.put('file'), 4, ...guest.put('linked'))).toBe('rofs');
  });
});

describe('granting', () => {
  const grant = (host: string, guest = '/data') => () => new Guest({ preopens: [{ host, guest }] });

  test.each(HOLDS)('what does not exist or is no directory is E_PREOPEN (%s)', (directoriesBy) => {
    const base = makeDirectory();
    fs.writeFileSync(path.join(base, 'file'), '');
    for (const name of ['missing', 'file', 'file/x']) {
      expect(() => new Guest({ preopens: [{ host: path.join(base, name), guest: '/data' }], directoriesBy })).toThrow(expect.objectContaining({ code: 'E_PREOPEN' }));
    }
  });

  test('a guest name must be usable', () => {
    const base = makeDirectory();
    expect(grant(base, '')).toThrow(expect.objectContaining({ code: 'E_PREOPEN' }));
    expect(grant(base, 'a\0b')).toThrow(expect.objectContaining({ code: 'E_PREOPEN' }));
  });

  test('a link named by the user is followed: the user said so', () => {
    const base = makeDirectory();
    fs.mkdirSync(path.join(base, 'real'));
    fs.writeFileSync(path.join(base, 'real', 'file'), 'here');
    fs.symlinkSync('real', path.join(base, 'link'));
    const guest = new Guest({ preopens: [{ host: path.join(base, 'link'), guest: '/data' }] });
    expect(guest.read(guest.open('file'))).toBe('here');
    expect(guest.openErrno('../real/file')).toBe('perm');
  });

  test.skipIf(LINUX.unmet)(`no descriptor of the host stays open after close${LINUX.why}`, () => {
    const base = makeDirectory();
    fs.mkdirSync(path.join(base, 'a', 'b'), { recursive: true });
    fs.writeFileSync(path.join(base, 'a', 'b', 'file'), 'x');
    const held = () => fs.readdirSync('/proc/self/fd').length;
    const count = held();
    const { guest, close } = closable(base);
    guest.open('a/b/file');
    guest.open('a/b', { oflags: DIRECTORY, rights: 0n });
    guest.openErrno('a/b/missing');
    guest.openErrno('a/missing/x');
    expect(held()).toBeGreaterThan(count);
    close();
    expect(held()).toBe(count);
  });
});

function closable(host: string) {
  const guest = new Guest({ preopens: [{ host, guest: '/data' }] });
  return { guest, close: () => guest.close() };
}
