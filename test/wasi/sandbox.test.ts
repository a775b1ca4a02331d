// Ways out of a granted directory, each refused with the right errno. Next to the granted directory stands another
// with a canary that must stay unread and unwritten. Every attempt is made both ways directories can be held.
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ErrnoName } from '../../src/wasi/abi.js';
import { CREAT, DIRECTORY, EXCL, FIRST_PREOPEN, FOLLOW, Guest, HOLDS, makeDirectory, makeWorld, READ, RESULT, TRUNC, WRITE } from './support.js';

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

type Attempt = (guest: Guest, scene: Scene) => ErrnoName;

const open = (file: string | Uint8Array, options: Parameters<Guest['openErrno']>[1] = {}): Attempt => (guest) => guest.openErrno(file, options);
const nofollow = { follow: false } as const;
const create = { oflags: CREAT, rights: WRITE } as const;
const stat = (file: string, follow = true): Attempt => (guest) => guest.call('path_filestat_get', AT, follow ? FOLLOW : 0, ...guest.put(file), RESULT);
const onPath = (name: string, file: string): Attempt => (guest) => guest.call(name, AT, ...guest.put(file));
const mkdir = (file: string) => onPath('path_create_directory', file);
const rmdir = (file: string) => onPath('path_remove_directory', file);
const unlink = (file: string) => onPath('path_unlink_file', file);
const rename = (from: string, to: string): Attempt => (guest) => guest.call('path_rename', AT, ...guest.put(from), AT, ...guest.put(to));
const hardlink = (from: string, to: string): Attempt => (guest) => guest.call('path_link', AT, 0, ...guest.put(from), AT, ...guest.put(to));
const symlink = (target: string, at: string): Attempt => (guest) => guest.call('path_symlink', ...guest.put(target), AT, ...guest.put(at));
const readlink = (file: string): Attempt => (guest) => guest.call('path_readlink', AT, ...guest.put(file), ...guest.space(256), RESULT);
const setTimes = (file: string, follow: boolean): Attempt => (guest) =>
  guest.call('path_filestat_set_times', AT, follow ? FOLLOW : 0, ...guest.put(file), 0n, 0n, 5);
const first = (...steps: [...((guest: Guest, scene: Scene) => unknown)[], Attempt]): Attempt => (guest, scene) => {
  for (const step of steps.slice(0, -1)) step(guest, scene);
  return (steps.at(-1) as Attempt)(guest, scene);
};
/** The same attempt from a descriptor of a directory below. */
const below = (directory: string, file: string): Attempt => (guest) => guest.openErrno(file, { dir: guest.open(directory, { oflags: DIRECTORY, rights: 0n }) });

const ATTEMPTS: readonly (readonly [kind: string, expected: ErrnoName, attempt: Attempt])[] = [
  // Dots.
  ['dots to a file', 'perm', open('../outside/canary')],
  ['dots alone', 'perm', open('..')],
  ['dots alone, as a directory', 'perm', open('..', { oflags: DIRECTORY, rights: 0n })],
  ['dots with a slash', 'perm', open('../')],
  ['down and up twice', 'perm', open('dir/../../outside/canary')],
  ['deep down and up', 'perm', open('dir/deep/../../../outside/canary')],
  ['through a dot', 'perm', open('./../outside/canary')],
  ['with doubled slashes', 'perm', open('dir//..//..//outside//canary')],
  ['out and back in', 'perm', open('../inside/file')],
  ['dots after something missing', 'noent', open('missing/../../outside/canary')],
  ['dots after a file', 'notdir', open('file/../../outside/canary')],
  ['many dots', 'perm', open('../'.repeat(100) + 'etc/passwd')],
  ['dots at the end', 'perm', stat('dir/../..')],
  // Absolute paths.
  ['an absolute path', 'perm', (guest, { outside }) => guest.openErrno(`${outside}/canary`)],
  ["the granted directory's own host path", 'perm', (guest, { inside }) => guest.openErrno(`${inside}/file`)],
  ['the guest name of the directory', 'perm', open('/data/file')],
  ['a path of two slashes', 'perm', open('//etc/passwd')],
  ['the root', 'perm', open('/', { oflags: DIRECTORY, rights: 0n })],
  // Links the host has left inside.
  ['an absolute link to a file', 'perm', open('absolute-file')],
  ['an absolute link to a file, not followed', 'loop', open('absolute-file', nofollow)],
  ['a relative link to a file', 'perm', open('relative-file')],
  ['a relative link to a file, not followed', 'loop', open('relative-file', nofollow)],
  ['an absolute link on the way', 'perm', open('absolute-dir/canary')],
  ['an absolute link on the way, not followed', 'perm', open('absolute-dir/canary', nofollow)],
  ['a relative link on the way', 'perm', open('relative-dir/canary')],
  ['a relative link on the way, not followed', 'perm', open('relative-dir/canary', nofollow)],
  ['a link as the directory to open', 'perm', open('relative-dir', { oflags: DIRECTORY, rights: 0n })],
  ['a link as the directory to open, not followed', 'notdir', open('relative-dir', { ...nofollow, oflags: DIRECTORY, rights: 0n })],
  ['a link with a slash behind it, not followed', 'perm', open('relative-dir/', { ...nofollow, rights: 0n })],
  ['a link with a slash and dot behind it', 'perm', open('relative-dir/.', { ...nofollow, rights: 0n })],
  ['a link whose text ends in a slash', 'perm', open('slashed-dir', { rights: 0n })],
  ['a link to a link to a link', 'perm', open('third/canary')],
  ['a link below', 'perm', open('dir/up/canary')],
  ['a link to the parent', 'perm', open('parent/outside/canary')],
  ['a link to the parent, below', 'perm', open('dir/dots/../outside/canary')],
  ['a link to the root', 'perm', open('root/etc/passwd')],
  ['a link into /proc', 'perm', open('proc-root/etc/passwd')],
  ['a link to a descriptor', 'perm', open('proc-fd')],
  ['a link that goes in and then out', 'perm', open('inside-then-out')],
  ['a link that leads out and back in', 'perm', open('around')],
  ['through a link out, then dots back', 'perm', open('relative-dir/../inside/file')],
  ['a link to itself', 'loop', open('turn')],
  ['two links to each other', 'loop', open('ping')],
  ['two links to each other, on the way', 'loop', open('ping/file')],
  // Creating and destroying.
  ['creating with dots', 'perm', open('../outside/created', create)],
  ['creating through a link', 'perm', open('relative-dir/created', create)],
  ['creating at the end of a dangling link', 'perm', open('dangling', create)],
  ['creating at a dangling link, not followed', 'loop', open('dangling', { ...create, ...nofollow })],
  ['creating exclusively at a dangling link', 'exist', open('dangling', { oflags: CREAT | EXCL, rights: WRITE })],
  ['truncating through a link', 'perm', open('relative-file', { oflags: TRUNC, rights: WRITE })],
  ['truncating at a link, not followed', 'loop', open('absolute-file', { oflags: TRUNC, rights: WRITE, follow: false })],
  ['writing through a link on the way', 'perm', open('relative-dir/canary', { rights: WRITE })],
  ['making a directory with dots', 'perm', mkdir('../outside/made')],
  ['making a directory through a link', 'perm', mkdir('relative-dir/made')],
  ['making a directory at a dangling link', 'exist', mkdir('dangling')],
  ['making a directory at a dangling link with a slash', 'exist', mkdir('dangling/')],
  ['removing a directory with dots', 'perm', rmdir('../outside/empty')],
  ['removing a directory through a link', 'perm', rmdir('relative-dir/empty')],
  ['removing what a link points to', 'notdir', rmdir('relative-dir/')],
  ['removing the parent', 'perm', rmdir('..')],
  ['unlinking with dots', 'perm', unlink('../outside/canary')],
  ['unlinking through a link', 'perm', unlink('absolute-dir/canary')],
  ['unlinking what a link points to', 'notdir', unlink('relative-file/')],
  // Renames and links.
  ['renaming from outside', 'perm', rename('../outside/canary', 'stolen')],
  ['renaming from outside through a link', 'perm', rename('relative-dir/canary', 'stolen')],
  ['renaming to outside', 'perm', rename('file', '../outside/file')],
  ['renaming to outside through a link', 'perm', rename('file', 'relative-dir/canary')],
  ['renaming what a link points to', 'notdir', rename('relative-dir/', 'stolen')],
  ['renaming a directory over what a link points to', 'notdir', rename('dir', 'relative-dir/')],
  ['a hard link from outside', 'perm', hardlink('../outside/canary', 'stolen')],
  ['a hard link from outside through a link', 'perm', hardlink('relative-dir/canary', 'stolen')],
  ['a hard link to outside', 'perm', hardlink('file', '../outside/canary')],
  ['a hard link to outside through a link', 'perm', hardlink('file', 'relative-dir/new')],
  ['a hard link that follows', 'inval', (guest) => guest.call('path_link', AT, FOLLOW, ...guest.put('absolute-file'), AT, ...guest.put('stolen'))],
  ['a link with an absolute text', 'perm', symlink('/etc/passwd', 'mine')],
  ['a link made outside', 'perm', symlink('file', '../outside/mine')],
  ['a link made outside through a link', 'perm', symlink('file', 'relative-dir/mine')],
  ['a link made over a dangling link', 'exist', symlink('file', 'dangling')],
  ['a link of their own, followed', 'perm', first(symlink('../outside', 'mine'), open('mine/canary'))],
  ['a link of their own, in two steps', 'perm', first(symlink('..', 'one'), symlink('one/outside/canary', 'two'), open('two'))],
  ['a good link moved to where it is bad', 'perm', first(symlink('../../file', 'dir/deep/mine'), rename('dir/deep/mine', 'mine'), open('mine'))],
  ['a directory replaced by a link after its first use', 'perm', first(open('dir/deep/../file'), open('dir/file'), rename('dir', 'old'), symlink('../outside', 'dir'), open('dir/canary'))],
  ['reading a link outside', 'perm', readlink('../outside/canary')],
  ['reading a link through a link', 'perm', readlink('relative-dir/canary')],
  // Looking.
  ['stat with dots', 'perm', stat('../outside/canary')],
  ['stat of a link, followed', 'perm', stat('relative-file')],
  ['stat through a link, not followed', 'perm', stat('relative-dir/canary', false)],
  ['stat of a link with a slash, not followed', 'perm', stat('relative-dir/', false)],
  ['stat of what is missing outside tells nothing', 'perm', stat('../outside/missing')],
  ['stat of what is missing through a link tells nothing', 'perm', stat('relative-dir/missing/more')],
  ['times with dots', 'perm', setTimes('../outside/canary', false)],
  ['times of a link, followed', 'perm', setTimes('relative-file', true)],
  ['times through a link', 'perm', setTimes('relative-dir/canary', false)],
  // Descriptors.
  ['above an opened directory, though inside', 'perm', below('dir', '../file')],
  ['above an opened directory by a link', 'perm', below('dir', 'dots/file')],
  ['a number that is not open', 'badf', open('file', { dir: 4 })],
  ['a huge number', 'badf', open('file', { dir: -1 })],
  ['a path below standard input', 'notdir', open('file', { dir: 0 })],
  ['a path below a file', 'notdir', (guest) => guest.openErrno('x', { dir: guest.open('file') })],
  ['a directory moved to another number', 'perm', first((guest) => guest.ok('fd_renumber', 3, 0), open('../outside/canary', { dir: 0 }))],
  ['the name of a directory that was not granted', 'badf', (guest) => guest.call('fd_prestat_get', guest.open('dir', { oflags: DIRECTORY, rights: 0n }), RESULT)],
  // Strings.
  ['a NUL', 'inval', open('file\0/../../outside/canary')],
  ['dots in overlong UTF-8', 'ilseq', open(Uint8Array.of(0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x66))],
  ['half a surrogate', 'ilseq', open(Uint8Array.of(0xed, 0xa0, 0x80))],
  ['a byte order mark before the dots', 'noent', open('\ufeff../outside/canary')],
  ['dots with backslashes', 'noent', open('..\\outside\\canary')],
  ['an empty path', 'noent', open('')],
  ['a path longer than any', 'nametoolong', open('dir/../'.repeat(600) + '../outside/canary')],
  ['a name longer than any', 'nametoolong', open('x'.repeat(300))],
  ['a path that reaches past the end of memory', 'fault', (guest) => guest.call('path_open', AT, 0, 0xfff0, 100, 0, 0n, 0n, 0, RESULT)],
  ['a path that wraps', 'fault', (guest) => guest.call('path_open', AT, 0, -8, 16, 0, 0n, 0n, 0, RESULT)],
];

test('at least sixty kinds', () => expect(new Set(ATTEMPTS.map(([kind]) => kind)).size).toBeGreaterThanOrEqual(60));

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

  test.each(ATTEMPTS)('%s: %s', (_kind, expected, attempt) => {
    expect(attempt(scene.guest, scene)).toBe(expected);
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

test.runIf(process.platform === 'linux')('a directory that another process swaps for a link, again and again, is never left when held by handle', async () => {
  const scene = makeWorld();
  furnish(scene);
  const { guest, inside, outside } = scene;
  // The same name inside and outside: whoever follows the link reads the canary, nobody else can.
  fs.writeFileSync(path.join(inside, 'dir', 'canary'), 'inside');
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const swapper = new Worker(
    `const fs = require('node:fs'); const { workerData: { inside, outside, stop } } = require('node:worker_threads');
     let turns = 0;
     while (Atomics.load(stop, 0) === 0) {
       fs.renameSync(inside + '/dir', inside + '/away');
       fs.symlinkSync(outside, inside + '/dir');
       fs.unlinkSync(inside + '/dir');
       fs.renameSync(inside + '/away', inside + '/dir');
       turns += 1;
     }
     require('node:worker_threads').parentPort.postMessage(turns);`,
    { eval: true, workerData: { inside, outside, stop } },
  );
  const turns = new Promise<number>((resolve, reject) => {
    swapper.on('message', resolve);
    swapper.on('error', reject);
  });
  await new Promise((resolve) => swapper.on('online', resolve));
  const file = guest.put('dir/canary');
  const buffer = guest.space(64);
  const vectors = guest.vectors(buffer);
  const seen = new Map<string, number>();
  for (let turn = 0; turn < 5_000; turn += 1) {
    let outcome: string = guest.call('path_open', AT, FOLLOW, ...file, 0, READ, 0n, 0, RESULT);
    if (outcome === 'success') {
      const fd = guest.u32(RESULT);
      guest.ok('fd_read', fd, ...vectors, RESULT);
      outcome = guest.text(buffer[0], guest.u32(RESULT));
      guest.ok('fd_close', fd);
    }
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  Atomics.store(stop, 0, 1);
  expect(await turns).toBeGreaterThan(0);
  // Inside, or missing for a moment, or a link for a moment: refused as leading outside, or as no directory.
  for (const outcome of seen.keys()) expect(['inside', 'noent', 'perm', 'notdir']).toContain(outcome);
  expect(seen.has(CANARY)).toBe(false);
});

describe('a read-only directory', () => {
  test.each<[string, Attempt]>([
    ['opening for writing', open('file', { rights: WRITE })],
    ['opening for both', open('file', { rights: READ | WRITE })],
    ['truncating', open('file', { oflags: TRUNC })],
    ['creating', open('created', { oflags: CREAT })],
    ['making a directory', mkdir('made')],
    ['removing a directory', rmdir('dir/deep')],
    ['unlinking', unlink('file')],
    ['renaming', rename('file', 'file2')],
    ['a hard link', hardlink('file', 'file2')],
    ['a link', symlink('file', 'file2')],
    ['times', setTimes('file', true)],
    ['times of the directory', (guest) => guest.call('fd_filestat_set_times', AT, 0n, 0n, 5)],
    ['opening for writing below an opened directory', (guest) => guest.openErrno('file', { dir: guest.open('dir', { oflags: DIRECTORY, rights: 0n }), rights: WRITE })],
  ])('%s is EROFS', (_kind, attempt) => {
    const scene = makeWorld({ readOnly: true });
    furnish(scene);
    const before = fs.statSync(path.join(scene.inside, 'file')).mtimeMs;
    expect(attempt(scene.guest, scene)).toBe('rofs');
    expect(fs.readFileSync(path.join(scene.inside, 'file'), 'utf8')).toBe('inside');
    expect(fs.statSync(path.join(scene.inside, 'file')).mtimeMs).toBe(before);
    expect(fs.existsSync(path.join(scene.inside, 'created'))).toBe(false);
  });

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

  test.runIf(process.platform === 'linux')('no descriptor of the host stays open after close', () => {
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
