// Ways out of what a program was granted, tried by a real program on a real disk, on each engine and with directories held
// each way: every one is refused with the right errno, and nothing outside is read or written. Outside is compared as it
// was: names, bytes, links, modes, link counts, and all three times.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErrnoName } from '../../src/wasi/abi.js';
import { compileCaller, runScript } from './caller.js';
import { ENGINES } from './engines.js';
import { HOLDS, makeDirectory } from './support.js';
import { LINUX } from '../support/skips.js';

const trees: string[] = [];
afterAll(() => trees.forEach((tree) => fs.rmSync(tree, { recursive: true, force: true })));

beforeAll(() => compileCaller());

const CANARY = 'canary: nobody reads or writes this';

interface Scene {
  readonly base: string;
  /** Granted, to read and write. */
  readonly inside: string;
  /** Granted besides. */
  readonly other: string;
  /** Granted for reading only. */
  readonly readOnly: string;
  readonly outside: string;
}
/** The descriptors, in that order; the last is the host's /proc. */
const [IN, OTHER, RO, PROC] = [3, 4, 5, 6];

/** What the host has put there: ordinary things, and links that lead out. */
function furnish(): Scene {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'wasienv-escape-')));
  trees.push(base);
  const at = (...names: string[]): string => path.join(base, ...names);
  const scene = { base, inside: at('inside'), other: at('other'), readOnly: at('readonly'), outside: at('outside') };
  for (const granted of ['inside', 'other', 'readonly']) {
    fs.mkdirSync(at(granted, 'dir', 'deep'), { recursive: true });
    fs.mkdirSync(at(granted, 'empty'));
    fs.writeFileSync(at(granted, 'file'), granted);
    fs.writeFileSync(at(granted, 'dir', 'file'), `${granted} too`);
    fs.symlinkSync('file', at(granted, 'good'));
    fs.symlinkSync('../outside/canary', at(granted, 'out'));
  }
  for (const place of ['outside', 'inside-more']) {
    fs.mkdirSync(at(place, 'empty'), { recursive: true });
    fs.mkdirSync(at(place, 'dir'));
    fs.writeFileSync(at(place, 'canary'), CANARY);
    fs.writeFileSync(at(place, 'dir', 'canary'), CANARY);
    fs.symlinkSync('canary', at(place, 'link'));
  }
  fs.writeFileSync(at('file'), CANARY);
  const link = (target: string, name: string): void => fs.symlinkSync(target, at('inside', name));
  link(at('outside', 'canary'), 'absolute-file');
  link(at('outside'), 'absolute-dir');
  link(`${at('outside')}/../outside/./canary`, 'absolute-dotted');
  link(`${at('inside')}/../outside/canary`, 'absolute-through-inside');
  link(at('inside-more', 'canary'), 'absolute-neighbour');
  link('../outside/canary', 'relative-file');
  link('../outside', 'relative-dir');
  link('../outside/', 'slashed-dir');
  link('.././outside//canary', 'dotted-file');
  link('relative-dir', 'second');
  link('second', 'third');
  link('dir/up', 'through-dir');
  link('../../outside', 'dir/up');
  link('..', 'dir/dots');
  link('..', 'parent');
  link('.', 'here');
  link('/', 'root');
  link('//', 'double-root');
  link('/proc/self/root', 'proc-root');
  link('/proc/self/cwd', 'proc-cwd');
  link('/proc/self/fd/3/../outside/canary', 'proc-fd');
  link('/dev/fd/0', 'dev-fd');
  link('../outside/created', 'dangling');
  link('../inside/file', 'around');
  link('dir/../../outside/canary', 'inside-then-out');
  link('turn', 'turn');
  link('ping', 'pong');
  link('pong', 'ping');
  return scene;
}

/** All there is below a directory but `skip`: what each entry is, and its facts. Looking changes none of them. */
function inventory(directory: string, skip: readonly string[] = []): string[] {
  const rows: string[] = [];
  const walk = (below: string): void => {
    for (const name of fs.readdirSync(path.join(directory, below)).sort()) {
      const at = path.join(below, name);
      if (skip.includes(at)) continue;
      const stat = fs.lstatSync(path.join(directory, at), { bigint: true });
      rows.push([at, stat.ino, stat.mode, stat.nlink, stat.size, stat.mtimeNs, stat.ctimeNs, stat.isDirectory() ? '' : stat.atimeNs].join(' '));
      if (stat.isDirectory()) walk(at);
    }
  };
  walk('');
  return rows;
}

/** Access times that any reading moves, whatever the mount says short of `noatime`. */
function age(directory: string): void {
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const at = path.join(directory, entry.name);
    if (entry.isDirectory()) age(at);
    else fs.lutimesSync(at, 1, 2);
  }
}

const read = (directory: string): string[] =>
  fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(directory, entry.name);
    return entry.isDirectory() ? read(at) : entry.isSymbolicLink() ? [] : [fs.readFileSync(at, 'latin1')];
  });

const quoted = (text: string): string => `"${Buffer.from(text).toString('latin1').replace(/[^ !#-[\]-~]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;

interface Opening {
  readonly dir?: number | string;
  readonly follow?: boolean;
  readonly oflags?: number;
  readonly rights?: number;
  readonly slot?: number;
}
const [CREATE, DIRECTORY, EXCLUSIVE, TRUNCATE] = [1, 2, 4, 8];
const [READ, WRITE] = [2, 64];
const open = (file: string, { dir = IN, follow = true, oflags = 0, rights = READ, slot = 0 }: Opening = {}): string =>
  `path_open ${dir} ${follow ? 1 : 0} ${quoted(file)} ${oflags} ${rights} ${0x3fffffff} 0 &${slot}`;
const nofollow = { follow: false } as const;
const write = { rights: WRITE } as const;
const create = { oflags: CREATE, rights: WRITE } as const;
const asDirectory = { oflags: DIRECTORY, rights: 0 } as const;
const stat = (file: string, follow = true, dir: number | string = IN): string => `path_filestat_get ${dir} ${follow ? 1 : 0} ${quoted(file)} &4`;
const times = (file: string, follow: boolean, dir: number | string = IN): string => `path_filestat_set_times ${dir} ${follow ? 1 : 0} ${quoted(file)} 0 0 5`;
const mkdir = (file: string, dir: number | string = IN): string => `path_create_directory ${dir} ${quoted(file)}`;
const rmdir = (file: string, dir: number | string = IN): string => `path_remove_directory ${dir} ${quoted(file)}`;
const unlink = (file: string, dir: number | string = IN): string => `path_unlink_file ${dir} ${quoted(file)}`;
const rename = (from: string, to: string, dir: number | string = IN, toDir: number | string = IN): string => `path_rename ${dir} ${quoted(from)} ${toDir} ${quoted(to)}`;
const hardlink = (from: string, to: string, dir: number | string = IN, toDir: number | string = IN, flags = 0): string => `path_link ${dir} ${flags} ${quoted(from)} ${toDir} ${quoted(to)}`;
const symlink = (target: string, name: string, dir: number | string = IN): string => `path_symlink ${quoted(target)} ${dir} ${quoted(name)}`;
const readlink = (file: string, dir: number | string = IN): string => `path_readlink ${dir} ${quoted(file)} #256 &9`;

/** A kind of attempt: what it is, what the last call must answer, and the calls. */
type Kind = readonly [what: string, errno: ErrnoName, ...script: (string | ((scene: Scene) => string))[]];

const KINDS: readonly Kind[] = [
  // Dots, in every position.
  ['dots to a file', 'perm', open('../outside/canary')],
  ['dots alone', 'perm', open('..')],
  ['dots alone, as a directory', 'perm', open('..', asDirectory)],
  ['dots with a slash', 'perm', open('../')],
  ['dots and a dot', 'perm', open('../.')],
  ['down and up twice', 'perm', open('dir/../../outside/canary')],
  ['deep down and up', 'perm', open('dir/deep/../../../outside/canary')],
  ['through a dot', 'perm', open('./../outside/canary')],
  ['many dots of one', 'perm', open(`${'./'.repeat(300)}../outside/canary`)],
  ['doubled slashes', 'perm', open('dir//..//..//outside//canary')],
  ['out and back in', 'perm', open('../inside/file')],
  ['out and back in by a name that is a neighbour’s', 'perm', open('../inside-more/canary')],
  ['dots after something missing', 'noent', open('missing/../../outside/canary')],
  ['dots after a file', 'notdir', open('file/../../outside/canary')],
  ['a hundred dots', 'perm', open(`${'../'.repeat(100)}etc/passwd`)],
  ['dots at the end', 'perm', stat('dir/../..')],
  ['dots at the end with a slash', 'perm', stat('dir/../../')],
  ['three dots are a name', 'noent', open('.../outside/canary')],
  ['dots and a space are a name', 'noent', open('.. /outside/canary')],
  // Absolute paths.
  ['an absolute path', 'perm', ({ outside }) => open(`${outside}/canary`)],
  ['the host path of the granted directory', 'perm', ({ inside }) => open(`${inside}/file`)],
  ['the guest name of the directory', 'perm', open('/in/file')],
  ['two slashes', 'perm', open('//etc/passwd')],
  ['the root', 'perm', open('/', asDirectory)],
  ['/proc/self/fd of our own handle', 'perm', open('/proc/self/fd/3/../outside/canary')],
  ['/dev/fd', 'perm', open('/dev/fd/0')],
  // Links the host has left inside, in every position.
  ['an absolute link to a file', 'perm', open('absolute-file')],
  ['an absolute link to a file, not followed', 'loop', open('absolute-file', nofollow)],
  ['an absolute link with dots in it', 'perm', open('absolute-dotted')],
  ['an absolute link through the granted directory', 'perm', open('absolute-through-inside')],
  ['an absolute link to a neighbour with a longer name', 'perm', open('absolute-neighbour')],
  ['a relative link to a file', 'perm', open('relative-file')],
  ['a relative link to a file, not followed', 'loop', open('relative-file', nofollow)],
  ['a relative link with dots and slashes', 'perm', open('dotted-file')],
  ['an absolute link on the way', 'perm', open('absolute-dir/canary')],
  ['an absolute link on the way, not followed', 'perm', open('absolute-dir/canary', nofollow)],
  ['a relative link on the way', 'perm', open('relative-dir/canary')],
  ['a relative link on the way, not followed', 'perm', open('relative-dir/canary', nofollow)],
  ['a relative link on the way, deeper', 'perm', open('relative-dir/dir/canary')],
  ['a link as the directory to open', 'perm', open('relative-dir', asDirectory)],
  ['a link as the directory to open, not followed', 'notdir', open('relative-dir', { ...nofollow, ...asDirectory })],
  ['a link with a slash behind it, not followed', 'perm', open('relative-dir/', { ...nofollow, rights: 0 })],
  ['a link with a slash and a dot behind it', 'perm', open('relative-dir/.', { ...nofollow, rights: 0 })],
  ['a link with dots behind it', 'perm', open('relative-dir/../outside/canary')],
  ['a link whose text ends in a slash', 'perm', open('slashed-dir', { rights: 0 })],
  ['a link to a link to a link', 'perm', open('third/canary')],
  ['a link to a link below', 'perm', open('through-dir/canary')],
  ['a link below', 'perm', open('dir/up/canary')],
  ['a link to the parent', 'perm', open('parent/outside/canary')],
  ['a link to the parent, below', 'perm', open('dir/dots/../outside/canary')],
  ['a link to here, and dots', 'perm', open('here/here/../outside/canary')],
  ['a link to the root', 'perm', open('root/etc/passwd')],
  ['a link to two slashes', 'perm', open('double-root/etc/passwd')],
  ['a link to /proc/self/root', 'perm', open('proc-root/etc/passwd')],
  ['a link to /proc/self/cwd', 'perm', open('proc-cwd/file')],
  ['a link to a descriptor and dots', 'perm', open('proc-fd')],
  ['a link to /dev/fd', 'perm', open('dev-fd')],
  ['a link that goes in and then out', 'perm', open('inside-then-out')],
  ['a link that leads out and back in', 'perm', open('around')],
  ['a link out, then dots back', 'perm', open('relative-dir/../inside/file')],
  ['a link to itself', 'loop', open('turn')],
  ['two links to each other', 'loop', open('ping')],
  ['two links to each other, on the way', 'loop', open('ping/file')],
  // Creating, truncating, destroying.
  ['creating with dots', 'perm', open('../outside/created', create)],
  ['creating through a link', 'perm', open('relative-dir/created', create)],
  ['creating at the end of a dangling link', 'perm', open('dangling', create)],
  ['creating at a dangling link, not followed', 'loop', open('dangling', { ...create, ...nofollow })],
  ['creating exclusively at a dangling link', 'exist', open('dangling', { oflags: CREATE | EXCLUSIVE, ...write })],
  ['truncating with dots', 'perm', open('../outside/canary', { oflags: TRUNCATE, ...write })],
  ['truncating through a link', 'perm', open('relative-file', { oflags: TRUNCATE, ...write })],
  ['truncating at a link, not followed', 'loop', open('absolute-file', { oflags: TRUNCATE, ...write, ...nofollow })],
  ['writing through a link on the way', 'perm', open('relative-dir/canary', write)],
  ['making a directory with dots', 'perm', mkdir('../outside/made')],
  ['making a directory through a link', 'perm', mkdir('relative-dir/made')],
  ['making a directory at a dangling link', 'exist', mkdir('dangling')],
  ['making a directory at a dangling link with a slash', 'exist', mkdir('dangling/')],
  ['making the parent', 'perm', mkdir('..')],
  ['removing a directory with dots', 'perm', rmdir('../outside/empty')],
  ['removing a directory through a link', 'perm', rmdir('relative-dir/empty')],
  ['removing what a link points to', 'notdir', rmdir('relative-dir/')],
  ['removing the parent', 'perm', rmdir('..')],
  ['removing the granted directory', 'inval', rmdir('.')],
  ['removing the granted directory by dots', 'inval', rmdir('dir/..')],
  ['unlinking with dots', 'perm', unlink('../outside/canary')],
  ['unlinking through a link', 'perm', unlink('absolute-dir/canary')],
  ['unlinking what a link points to', 'notdir', unlink('relative-file/')],
  ['unlinking the granted directory', 'isdir', unlink('.')],
  // Renames and links.
  ['renaming from outside', 'perm', rename('../outside/canary', 'stolen')],
  ['renaming from outside through a link', 'perm', rename('relative-dir/canary', 'stolen')],
  ['renaming to outside', 'perm', rename('file', '../outside/file')],
  ['renaming to outside through a link', 'perm', rename('file', 'relative-dir/canary')],
  ['renaming a directory to outside', 'perm', rename('dir', '../dir')],
  ['renaming what a link points to', 'notdir', rename('relative-dir/', 'stolen')],
  ['renaming a directory over what a link points to', 'notdir', rename('dir', 'relative-dir/')],
  ['renaming the granted directory', 'busy', rename('.', 'mine')],
  ['renaming over the granted directory', 'busy', rename('dir', 'dir/..')],
  ['a hard link from outside', 'perm', hardlink('../outside/canary', 'stolen')],
  ['a hard link from outside through a link', 'perm', hardlink('relative-dir/canary', 'stolen')],
  ['a hard link to outside', 'perm', hardlink('file', '../outside/linked')],
  ['a hard link to outside through a link', 'perm', hardlink('file', 'relative-dir/linked')],
  ['a hard link that follows', 'inval', hardlink('absolute-file', 'stolen', IN, IN, 1)],
  ['a hard link to a link keeps it a link', 'perm', hardlink('relative-file', 'stolen'), open('stolen')],
  ['a link with an absolute text', 'perm', symlink('/etc/passwd', 'mine')],
  ['a link with the host’s text for inside', 'perm', ({ inside }) => symlink(`${inside}/file`, 'mine')],
  ['a link made outside', 'perm', symlink('file', '../outside/mine')],
  ['a link made outside through a link', 'perm', symlink('file', 'relative-dir/mine')],
  ['a link made over a dangling link', 'exist', symlink('file', 'dangling')],
  // Links of the program's own.
  ['their own link, followed', 'perm', symlink('../outside', 'mine'), open('mine/canary')],
  ['their own link, not followed, with a slash', 'perm', symlink('../outside', 'mine'), open('mine/', { ...nofollow, rights: 0 })],
  ['their own link in two steps', 'perm', symlink('..', 'one'), symlink('one/outside/canary', 'two'), open('two')],
  ['their own link through the host’s', 'perm', symlink('relative-dir/canary', 'mine'), open('mine')],
  ['their own link down, then up', 'perm', symlink('dir/deep', 'mine'), open('mine/../../../outside/canary')],
  ['a good link moved to where it is bad', 'perm', symlink('../../file', 'dir/deep/mine'), rename('dir/deep/mine', 'mine'), open('mine')],
  ['a directory with a link moved up', 'perm', symlink('../../outside/canary', 'dir/deep/mine'), rename('dir/deep', 'up'), open('up/mine')],
  ['a directory replaced by a link after its use', 'perm', open('dir/file'), rename('dir', 'old'), symlink('../outside', 'dir'), open('dir/canary')],
  ['41 links, the last of them out', 'loop', ...Array.from({ length: 41 }, (_, index) => symlink(index === 0 ? '../outside/canary' : `l${index - 1}`, `l${index}`)), open('l40')],
  ['a hard-linked link moved', 'perm', hardlink('dir/up', 'up'), open('up/canary')],
  ['reading a link outside', 'perm', readlink('../outside/link')],
  ['reading a link through a link', 'perm', readlink('relative-dir/link')],
  // Looking.
  ['stat with dots', 'perm', stat('../outside/canary')],
  ['stat of a link, followed', 'perm', stat('relative-file')],
  ['stat through a link, not followed', 'perm', stat('relative-dir/canary', false)],
  ['stat of a link with a slash, not followed', 'perm', stat('relative-dir/', false)],
  ['what is missing outside is not told', 'perm', stat('../outside/missing')],
  ['what is missing through a link is not told', 'perm', stat('relative-dir/missing/more')],
  ['what is no directory outside is not told', 'perm', stat('../file/x')],
  ['times with dots', 'perm', times('../outside/canary', false)],
  ['times of a link, followed', 'perm', times('relative-file', true)],
  ['times through a link', 'perm', times('relative-dir/canary', false)],
  ['times of the parent', 'perm', times('..', true)],
  ['listing the parent', 'perm', open('..', { ...asDirectory, slot: 1 })],
  // From descriptors below: the directory a path starts from is its top, although more was granted.
  ['above an opened directory, though inside', 'perm', open('dir', { ...asDirectory, slot: 1 }), open('../file', { dir: '*1' })],
  ['above an opened directory by a link', 'perm', open('dir', { ...asDirectory, slot: 1 }), open('dots/file', { dir: '*1' })],
  ['above an opened directory by their own link', 'perm', open('dir', { ...asDirectory, slot: 1 }), symlink('../file', 'mine', '*1'), open('mine', { dir: '*1' })],
  ['making above an opened directory', 'perm', open('dir', { ...asDirectory, slot: 1 }), mkdir('../made', '*1')],
  ['an opened directory that was moved up', 'perm', open('dir/deep', { ...asDirectory, slot: 1 }), rename('dir/deep', 'deep'), open('../../outside/canary', { dir: '*1' })],
  ['an opened directory that was removed', 'noent', open('empty', { ...asDirectory, slot: 1 }), rmdir('empty'), open('new', { ...create, dir: '*1' })],
  // Numbers.
  ['a number that is not open', 'badf', open('file', { dir: 77 })],
  ['-1', 'badf', open('file', { dir: -1 })],
  ['2^32 - 1', 'badf', open('file', { dir: 0xffff_ffff })],
  ['AT_FDCWD', 'badf', open('file', { dir: -100 })],
  ['the number of a host’s handle', 'badf', open('file', { dir: 20 })],
  ['a closed number', 'badf', `fd_close ${IN}`, open('file')],
  ['below standard input', 'notdir', open('file', { dir: 0 })],
  ['below a file', 'notdir', open('file'), open('x', { dir: '*0' })],
  ['a granted directory moved over standard input', 'perm', `fd_renumber ${IN} 0`, open('../outside/canary', { dir: 0 })],
  ['a granted directory moved over another', 'perm', `fd_renumber ${IN} ${OTHER}`, open('../outside/canary', { dir: OTHER })],
  ['a granted directory moved over a read-only one', 'badf', `fd_renumber ${IN} ${RO}`, open('file', { dir: IN })],
  ['a read-only directory moved over a writable one stays what it is', 'rofs', `fd_renumber ${RO} ${IN}`, open('file', write)],
  ['moving to a number that is not open', 'badf', `fd_renumber ${IN} 1000`],
  ['the name of what was not granted', 'badf', open('dir', { ...asDirectory, slot: 1 }), 'fd_prestat_get *1 &4'],
  // Between granted directories.
  ['dots from one to the other', 'perm', open('../other/file')],
  ['renaming from one with dots to the other', 'perm', rename('../other/file', 'stolen', IN, OTHER)],
  ['renaming to the other with dots', 'perm', rename('file', '../inside/x', IN, OTHER)],
  ['a hard link from one with dots to the other', 'perm', hardlink('../other/file', 'stolen', IN, OTHER)],
  ['a link made in one leads nowhere in the other', 'perm', symlink('../inside/file', 'mine', OTHER), open('mine', { dir: OTHER })],
  // A directory for reading only, against every call that writes.
  ['read-only: opening to write', 'rofs', open('file', { dir: RO, ...write })],
  ['read-only: opening for both', 'rofs', open('file', { dir: RO, rights: READ | WRITE })],
  ['read-only: allocating', 'rofs', open('file', { dir: RO, rights: 1 << 8 })],
  ['read-only: setting sizes', 'rofs', open('file', { dir: RO, rights: 1 << 22 })],
  ['read-only: truncating', 'rofs', open('file', { dir: RO, oflags: TRUNCATE })],
  ['read-only: truncating through a link', 'rofs', open('good', { dir: RO, oflags: TRUNCATE })],
  ['read-only: creating', 'rofs', open('created', { dir: RO, oflags: CREATE })],
  ['read-only: creating what is there', 'rofs', open('file', { dir: RO, oflags: CREATE })],
  ['read-only: making a directory', 'rofs', mkdir('made', RO)],
  ['read-only: removing a directory', 'rofs', rmdir('empty', RO)],
  ['read-only: unlinking', 'rofs', unlink('file', RO)],
  ['read-only: renaming', 'rofs', rename('file', 'file2', RO, RO)],
  ['read-only: renaming out of it', 'rofs', rename('file', 'stolen', RO, IN)],
  ['read-only: renaming into it', 'rofs', rename('file', 'file', IN, RO)],
  ['read-only: a hard link in it', 'rofs', hardlink('file', 'file2', RO, RO)],
  ['read-only: a hard link out of it', 'rofs', hardlink('file', 'stolen', RO, IN)],
  ['read-only: a hard link into it', 'rofs', hardlink('file', 'file2', IN, RO)],
  ['read-only: a link', 'rofs', symlink('file', 'mine', RO)],
  ['read-only: times', 'rofs', times('file', true, RO)],
  ['read-only: times of a link', 'rofs', times('good', false, RO)],
  ['read-only: times of the directory', 'rofs', `fd_filestat_set_times ${RO} 0 0 5`],
  ['read-only: times of an open file', 'rofs', open('file', { dir: RO }), 'fd_filestat_set_times *0 0 0 5'],
  ['read-only: writing to an open file', 'badf', open('file', { dir: RO }), 'fd_write *0 ["x"] &9'],
  ['read-only: writing at a place', 'badf', open('file', { dir: RO }), 'fd_pwrite *0 ["x"] 0 &9'],
  ['read-only: the size of an open file', 'badf', open('file', { dir: RO }), 'fd_filestat_set_size *0 0'],
  ['read-only: allocating in an open file', 'badf', open('file', { dir: RO }), 'fd_allocate *0 0 1000'],
  ['read-only: appending to an open file', 'badf', open('file', { dir: RO }), 'fd_fdstat_set_flags *0 1', 'fd_write *0 ["x"] &9'],
  ['read-only: below an opened directory', 'rofs', open('dir', { dir: RO, ...asDirectory, slot: 1 }), open('file', { dir: '*1', ...write })],
  ['read-only: making below an opened directory', 'rofs', open('dir', { dir: RO, ...asDirectory, slot: 1 }), mkdir('made', '*1')],
  ['read-only: opened again through itself', 'rofs', open('.', { dir: RO, ...asDirectory, slot: 1 }), unlink('file', '*1')],
  ['read-only: rights asked for', 'notcapable', open('file', { dir: RO }), `fd_fdstat_set_rights *0 ${READ | WRITE} 0`],
  // Rights.
  ['widening: a right given up', 'notcapable', `fd_fdstat_set_rights ${IN} 0x2000 2`, `fd_fdstat_set_rights ${IN} 0x2200 2`],
  ['widening: handing down what was given up', 'notcapable', `fd_fdstat_set_rights ${IN} 0x2000 2`, open('file', write)],
  ['widening: by opening itself again', 'notcapable', `fd_fdstat_set_rights ${IN} 0x2000 0x2002`, open('.', { ...asDirectory, slot: 1 }), mkdir('made', '*1')],
  ['widening: bits nobody knows', 'notcapable', `fd_fdstat_set_rights ${IN} -1 -1`],
  ['widening: by moving the number', 'notcapable', `fd_fdstat_set_rights ${IN} 0x2000 2`, `fd_renumber ${IN} ${OTHER}`, mkdir('made', OTHER)],
  // The host's /proc, granted by a careless person: still its own files only.
  ['/proc: the root by a magic link', 'perm', open('self/root/etc/passwd', { dir: PROC })],
  ['/proc: the root by our own number', 'perm', open(`${process.pid}/root/etc/passwd`, { dir: PROC })],
  ['/proc: the root through a thread', 'perm', open('thread-self/root/etc/passwd', { dir: PROC })],
  ['/proc: the working directory', 'perm', open('self/cwd/package.json', { dir: PROC })],
  ['/proc: the program that runs us', 'perm', open('self/exe', { dir: PROC })],
  ['/proc: making through a magic link', 'perm', mkdir('self/root/tmp/made', PROC)],
  ['/proc: a magic link as a directory', 'perm', open('self/root', { dir: PROC, ...asDirectory })],
  ['/proc: a magic link, not followed', 'loop', open('self/root', { dir: PROC, ...nofollow, rights: 0 })],
  ['/proc: dots behind a magic link', 'perm', open('self/cwd/../outside/canary', { dir: PROC })],
  // Strings.
  ['a NUL before dots', 'inval', open('file\0/../../outside/canary')],
  ['a NUL behind a good name', 'inval', open('file\0')],
  ['a NUL in a new name', 'inval', mkdir('made\0/../../outside')],
  ['dots in overlong UTF-8', 'ilseq', `path_open ${IN} 1 "\\xc0\\xae\\xc0\\xae/outside/canary" 0 2 0 0 &0`],
  ['a slash in overlong UTF-8', 'ilseq', `path_open ${IN} 1 "..\\xc0\\xafoutside" 0 2 0 0 &0`],
  ['half a surrogate', 'ilseq', `path_open ${IN} 1 "\\xed\\xa0\\x80" 0 2 0 0 &0`],
  ['dots that look like dots', 'noent', open('\u2024\u2024/outside/canary')],
  ['a slash that looks like one', 'noent', open('..\u2215outside\u2215canary')],
  ['a byte order mark before the dots', 'noent', open('\ufeff../outside/canary')],
  ['backslashes', 'noent', open('..\\outside\\canary')],
  ['a percent sign', 'noent', open('%2e%2e/outside/canary')],
  ['an empty path', 'noent', open('')],
  ['a path longer than any', 'nametoolong', open(`${'dir/../'.repeat(600)}../outside/canary`)],
  ['a name longer than any', 'nametoolong', open('x'.repeat(300))],
  ['a name longer than any, then dots', 'nametoolong', open(`${'x'.repeat(300)}/../../outside/canary`)],
  // Pointers and lengths.
  ['a path past the end', 'fault', `path_open ${IN} 1 E-3 20 0 2 0 0 &0`],
  ['a path that wraps', 'fault', `path_open ${IN} 1 -8 16 0 2 0 0 &0`],
  ['a path of 2^32 - 1', 'fault', `path_open ${IN} 1 0 -1 0 2 0 0 &0`],
  ['a path of 2^31', 'fault', `path_open ${IN} 1 16 0x80000000 0 2 0 0 &0`],
  ['a path over all of memory', 'nametoolong', `path_open ${IN} 1 0 E 0 2 0 0 &0`],
  ['a result past the end: nothing is opened', 'badf', `path_open ${IN} 1 "file" 1 64 0 0 E-3`.replace('E-3', 'E-3'), 'fd_close 7'],
  ['a list of 2^32 - 1', 'fault', open('file'), 'fd_read *0 0 -1 &9'],
  ['a list past the end', 'fault', open('file'), 'fd_read *0 E-7 1 &9'],
  ['a buffer past the end', 'fault', open('file'), 'random_get #8', 'poke32 % 16', 'poke32 %+4 0x7fffffff', 'fd_read *0 % 1 &9'],
  ['a buffer that wraps', 'fault', open('file'), 'random_get #8', 'poke32 % -4', 'poke32 %+4 8', 'fd_read *0 % 1 &9'],
  ['a good buffer before a bad one: nothing is read', 'fault', open('file'), 'random_get #16', 'poke32 % 16', 'poke32 %+4 4', 'poke32 %+8 -4', 'poke32 %+12 8', 'fd_read *0 % 2 &9'],
  ['events over the end', 'fault', 'random_get #48', 'poke32 % 0', 'poll_oneoff % E-8 1 &9'],
  ['2^32 - 1 subscriptions', 'fault', 'poll_oneoff 0 0 -1 &9'],
  ['a listing of 2^32 - 1', 'fault', `fd_readdir ${IN} 16 -1 0 &9`],
  ['a link’s text to past the end', 'fault', `path_readlink ${IN} "good" E-1 8 &9`],
  ['randomness past the end', 'fault', 'random_get E-8 9'],
];

/** What is refused before the last call is part of the attempt too: none of it may be more than this. */
const HARMLESS = new Set(['success', 'fault']);

test(`at least sixty kinds: ${KINDS.length}`, () => {
  expect(new Set(KINDS.map(([what]) => what)).size).toBe(KINDS.length);
  expect(KINDS.length).toBeGreaterThanOrEqual(60);
});

const preopensOf = ({ inside, other, readOnly }: Scene, proc: boolean) => [
  { host: inside, guest: '/in' }, { host: other, guest: '/other' }, { host: readOnly, guest: '/ro', readOnly: true },
  ...(proc ? [{ host: '/proc', guest: '/proc' }] : []),
];

describe.each(ENGINES)('on $name', (engine) => {
  // What directories are held by makes no difference to an engine: one of them shows both.
  describe.each(engine === ENGINES[0] ? HOLDS : (['handle'] as const))('directories held by %s', (directoriesBy) => {
    let scene: Scene;
    let before: string[];
    let beforeReadOnly: string[];
    const granted = ['inside', 'other', 'readonly'];
    // One furnished tree serves all that leave it as it was; who changes the inside gets a new one.
    const furnished = (): void => {
      scene = furnish();
      for (const part of ['outside', 'inside-more', 'readonly']) age(path.join(scene.base, part));
      before = inventory(scene.base, granted);
      beforeReadOnly = inventory(scene.readOnly);
    };
    beforeAll(furnished);

    const linux = process.platform === 'linux';
    test.each(KINDS.filter(([what]) => linux || !what.startsWith('/proc')))('%s: %s', (_what, errno, ...statements) => {
      const script = statements.map((statement) => (typeof statement === 'string' ? statement : statement(scene)));
      const inside = inventory(scene.inside);
      const said = runScript(engine, script, { preopens: preopensOf(scene, linux), directoriesBy });
      expect(said.at(-1)).toBe(errno);
      for (const each of said.slice(0, -1)) expect(HARMLESS).toContain(each);
      expect(inventory(scene.base, granted)).toEqual(before);
      expect(inventory(scene.readOnly).map((row) => row.replace(/ \d+$/, ''))).toEqual(beforeReadOnly.map((row) => row.replace(/ \d+$/, '')));
      if (inventory(scene.inside).join() !== inside.join()) furnished();
    });

    test('the canaries are as they were', () => {
      expect(read(scene.outside)).toEqual([CANARY, CANARY]);
      expect(fs.readFileSync(path.join(scene.base, 'file'), 'utf8')).toBe(CANARY);
    });
  });
});

describe('any path at all', () => {
  const part = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('..', '.', '', 'dir', 'deep', 'file', 'relative-dir', 'absolute-dir', 'parent', 'here', 'turn', 'dots', 'canary', 'outside', 'inside', 'mine') },
    { weight: 1, arbitrary: fc.string({ maxLength: 8, unit: 'binary' }) },
  );
  const anyPath = fc.array(part, { maxLength: 7 }).map((parts) => parts.join('/'));
  const statement = fc.oneof(
    fc.tuple(anyPath, fc.boolean(), fc.constantFrom(0, CREATE, CREATE | EXCLUSIVE, TRUNCATE, DIRECTORY), fc.constantFrom(0, READ, WRITE, READ | WRITE))
      .map(([file, follow, oflags, rights]) => [open(file, { follow, oflags, rights }), 'fd_read *0 [#64] &9', 'show 64', 'fd_write *0 ["w"] &9', 'fd_close *0']),
    anyPath.map((file) => [mkdir(file)]),
    anyPath.map((file) => [rmdir(file)]),
    anyPath.map((file) => [unlink(file)]),
    fc.tuple(anyPath, anyPath).map(([from, to]) => [rename(from, to)]),
    fc.tuple(anyPath, anyPath).map(([from, to]) => [hardlink(from, to)]),
    fc.tuple(anyPath, anyPath).map(([target, name]) => [symlink(target, name)]),
    fc.tuple(anyPath, fc.boolean()).map(([file, follow]) => [times(file, follow)]),
  );

  test.each(HOLDS)('random programs of random paths change and read nothing outside (%s)', (directoriesBy) => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 5, maxLength: 40 }), fc.constantFrom(...ENGINES), (statements, engine) => {
        const scene = furnish();
        const granted = ['inside', 'other', 'readonly'];
        const before = inventory(scene.base, granted);
        const said = runScript(engine, statements.flat(), { preopens: preopensOf(scene, false), directoriesBy });
        expect(said.some((line) => line.includes(CANARY.slice(0, 12)))).toBe(false);
        expect(inventory(scene.base, granted)).toEqual(before);
        fs.rmSync(scene.base, { recursive: true });
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });
});

describe.skipIf(LINUX.unmet)(`while another process of the host changes the directory${LINUX.why}`, () => {
  /** Each is done over and over by a process of its own, next to the program. */
  const RACES: readonly (readonly [what: string, turn: string, file: string])[] = [
    ['a directory for a link out', `fs.renameSync('inside/dir', 'inside/away'); fs.symlinkSync('../outside', 'inside/dir'); fs.unlinkSync('inside/dir'); fs.renameSync('inside/away', 'inside/dir');`, 'dir/canary'],
    ['a directory on the way for a link out', `fs.renameSync('inside/dir', 'inside/away'); fs.symlinkSync('../outside', 'inside/dir'); fs.unlinkSync('inside/dir'); fs.renameSync('inside/away', 'inside/dir');`, 'dir/dir/canary'],
    ['a file for a link out', `fs.renameSync('inside/canary', 'inside/away'); fs.symlinkSync('../outside/canary', 'inside/canary'); fs.unlinkSync('inside/canary'); fs.renameSync('inside/away', 'inside/canary');`, 'canary'],
    ['a directory moved out of it while dots lead up from it', `fs.renameSync('inside/dir/dir', 'outside/moved'); fs.renameSync('outside/moved', 'inside/dir/dir');`, 'dir/dir/../canary'],
    ['a directory moved elsewhere inside while dots lead up', `fs.renameSync('inside/dir/dir', 'inside/moved'); fs.renameSync('inside/moved', 'inside/dir/dir');`, 'dir/dir/../../canary'],
    ['a good link for a bad one', `fs.symlinkSync('dir', 'inside/new'); fs.renameSync('inside/new', 'inside/link'); fs.symlinkSync('../outside', 'inside/new'); fs.renameSync('inside/new', 'inside/link');`, 'link/canary'],
  ];

  test.each(RACES)('%s: nothing outside is read or written', async (_what, turn, file) => {
    const base = makeDirectory();
    const at = (...names: string[]): string => path.join(base, ...names);
    fs.mkdirSync(at('inside', 'dir', 'dir'), { recursive: true });
    for (const place of ['inside', 'inside/dir', 'inside/dir/dir']) fs.writeFileSync(at(place, 'canary'), 'inside');
    fs.symlinkSync('dir', at('inside', 'link'));
    fs.mkdirSync(at('outside', 'dir'), { recursive: true });
    fs.writeFileSync(at('outside', 'canary'), CANARY);
    fs.writeFileSync(at('outside', 'dir', 'canary'), CANARY);
    let errors = '';
    const racer = spawn(process.execPath, ['-e', `const fs = require('node:fs'); process.stdout.write('go'); for (;;) { ${turn} }`], { cwd: base, stdio: ['ignore', 'pipe', 'pipe'] });
    racer.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const gone = once(racer, 'close');
    try {
      await once(racer.stdout, 'data');
      const beside = path.posix.join(file, '..', 'made');
      const script = [
        'times 100', open(file), 'fd_read *0 [#64] &9', 'show 12', 'fd_close *0', open(file, { oflags: TRUNCATE, ...write }), 'fd_write *0 ["inside"] &9', 'fd_close *0',
        times(file, true), open(beside, create), 'fd_close *0', unlink(beside), mkdir(beside), rmdir(beside),
      ];
      // A machine that has other things to do may let the racer sleep in the middle of a turn: it goes on until the file was there.
      for (let rounds = 0, there = false; rounds < 4 || !there; rounds += 1) {
        const said = runScript(ENGINES[0]!, script, { preopens: [{ host: at('inside'), guest: '/' }], times: 100 });
        expect(said.some((line) => line.includes('canary'))).toBe(false);
        there ||= said.includes('inside\\x00\\x00\\x00\\x00\\x00\\x00');
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      racer.kill('SIGKILL');
      await gone;
    }
    expect(errors).toBe('');
    expect(fs.readdirSync(at('outside')).filter((name) => name !== 'moved').sort()).toEqual(['canary', 'dir']);
    expect(fs.readdirSync(at('outside', 'dir'))).toEqual(['canary']);
    expect([fs.readFileSync(at('outside', 'canary'), 'utf8'), fs.readFileSync(at('outside', 'dir', 'canary'), 'utf8')]).toEqual([CANARY, CANARY]);
    expect(fs.statSync(at('outside', 'canary')).mtimeMs).toBeGreaterThan(0);
  });
});
