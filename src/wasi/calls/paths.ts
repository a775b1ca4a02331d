// Functions on a path below a directory descriptor. Errnos of a path, which each of them can give: Badf, the number is
// not open; Notdir, it is no directory, or something on the way is none; Notcapable, it has given the right up; Perm, the
// path leads outside; Noent, something on the way is missing, or the path is empty; Loop, more than 40 links; Nametoolong,
// a name or path longer than hosts have them; Inval, a NUL in it; Ilseq, it is not UTF-8; Fault, it is not in memory.
// Errnos of a change: these, and Rofs: the directory was granted read-only. What the host's file system says besides comes
// as it is: EACCES, EBUSY, EDQUOT, EIO, EMLINK, ENFILE, ENOSPC, EPERM.
// witx: path_*
import { ALL_FDFLAGS, DIRECTORY_RIGHTS, Fdflags, Filetype, Lookupflags, Oflags, Rights, WRITING_RIGHTS, type ErrnoName } from '../abi.js';
import { call, requireFlags } from '../call.js';
import type { DirectoryEntry } from '../descriptors.js';
import { wasiError } from '../errors.js';
import { openChild, readLinkBytes } from '../host/directories.js';
import { closeDescriptor, openEntry, OpenFile, type FileStat } from '../host/files.js';
import * as entries from '../host/entries.js';
import { atPath, FOLLOW, type Place } from '../resolve.js';
import type { WasiHost } from '../wasi-host.js';
import { checkFstflags, fileRights, writeFilestat } from './descriptors.js';

const ALL_OFLAGS = Oflags.creat | Oflags.directory | Oflags.excl | Oflags.trunc;

/** Inval: unknown lookup flags. */
function follows(lookupflags: number): boolean {
  requireFlags(lookupflags, Lookupflags.symlink_follow);
  return (lookupflags & Lookupflags.symlink_follow) !== 0;
}

/** A directory in which something is about to change. Rofs: it was granted read-only. */
function changeable(host: WasiHost, fd: number, rights: number): DirectoryEntry {
  const entry = host.fds.directory(fd, rights);
  if (entry.readOnly) throw wasiError('rofs');
  return entry;
}

/** What stands at a place, or FOLLOW when it is a link that is to be followed. Noent. Notdir: a directory was meant. */
function statPlace(host: WasiHost, place: Place, follow: boolean): FileStat | typeof FOLLOW {
  const stat = host.files.statEntry(place.hostPath);
  if (stat === undefined) throw wasiError('noent');
  if (stat.filetype === Filetype.symbolic_link && (follow || place.mustBeDirectory)) return FOLLOW;
  if (place.mustBeDirectory && stat.filetype !== Filetype.directory) throw wasiError('notdir');
  return stat;
}

/** What stands at the end of a path. Inval: unknown flags. */
export function statPath(host: WasiHost, fd: number, flags: number, path: number, length: number): FileStat {
  const from = host.fds.directory(fd, Rights.path_filestat_get);
  const follow = follows(flags);
  return atPath(from.root, host.memory.path(path, length), (place) => statPlace(host, place, follow));
}

/**
 * For calls that make, replace or remove an entry. The directory a path starts from, or has come back to, is an entry of
 * a directory that this path does not reach: it is refused here, with what Linux says, and never shown to the host.
 * A path written with a slash at its end must name a directory that is there, and a link does not count as one: the host never
 * sees the slash, because it would follow the link.
 */
function requireEntry(host: WasiHost, place: Place, itself: ErrnoName): void {
  if (place.name === '.') throw wasiError(itself);
  if (!place.mustBeDirectory) return;
  const stat = host.files.statEntry(place.hostPath);
  if (stat === undefined) throw wasiError('noent');
  if (stat.filetype !== Filetype.directory) throw wasiError('notdir');
}

/** Whether a directory hands down what writing through at once takes: `sync` is enough for all, `datasync` for the data. */
function maySynchronise(inheriting: number, fdflags: number): boolean {
  if ((inheriting & Rights.fd_sync) !== 0 || (fdflags & (Fdflags.dsync | Fdflags.rsync | Fdflags.sync)) === 0) return true;
  return (fdflags & (Fdflags.rsync | Fdflags.sync)) === 0 && (inheriting & Rights.fd_datasync) !== 0;
}

interface Opening {
  readonly oflags: number;
  readonly fdflags: number;
  readonly follow: boolean;
  readonly read: boolean;
  readonly write: boolean;
}

/** Opens what stands at a place and adds it to the table; FOLLOW when it is a link that is to be followed. */
function openPlace(host: WasiHost, from: DirectoryEntry, place: Place, opening: Opening): number | typeof FOLLOW {
  const { oflags, fdflags, follow, read, write } = opening;
  if (place.name === '.') return openDirectory(host, from, place, opening);
  if (place.mustBeDirectory || oflags & Oflags.directory || !entries.canOpenDirectories) {
    const answer = lookBeforeOpening(host, from, place, opening);
    if (answer !== undefined) return answer;
  }
  const changes = host.files.changedByOpening(place.hostPath, oflags);
  let opened;
  try {
    opened = openEntry(place.hostPath, opening);
  } catch (error) {
    if (!entries.meansLink(error)) throw error;
    // An exclusive creation never gets here with a link: it is there, so it exists.
    if (follow) return FOLLOW;
    throw wasiError('loop');
  }
  if (opened.filetype === Filetype.directory) {
    closeDescriptor(opened.descriptor);
    return openDirectory(host, from, place, opening);
  }
  if (changes) host.files.changed(opened.descriptor);
  const file = new OpenFile(opened.descriptor, opened.filetype, read, write, fdflags);
  return host.fds.add({ kind: 'file', file, readOnly: from.readOnly, rights: fileRights(read, write, from.inheriting), inheriting: 0 });
}

/**
 * Where only a directory will do (the host is never shown the slash that says so), and on hosts that cannot open one:
 * what stands there decides. Undefined: whatever it is may be opened.
 */
function lookBeforeOpening(host: WasiHost, from: DirectoryEntry, place: Place, opening: Opening): number | typeof FOLLOW | undefined {
  const { oflags, follow } = opening;
  const directoryOnly = place.mustBeDirectory || (oflags & Oflags.directory) !== 0;
  const filetype = host.files.statEntry(place.hostPath)?.filetype;
  if (filetype === Filetype.directory) return openDirectory(host, from, place, opening);
  if (filetype === Filetype.symbolic_link) {
    if (oflags & Oflags.excl && oflags & Oflags.creat) throw wasiError('exist');
    if (follow || place.mustBeDirectory) return FOLLOW;
    throw wasiError(directoryOnly ? 'notdir' : 'loop');
  }
  if (!directoryOnly) return undefined;
  if (filetype !== undefined) throw wasiError('notdir');
  // `open("new/", O_CREAT)`: a file cannot be made under a name that only a directory can have.
  throw wasiError(oflags & Oflags.creat ? 'isdir' : 'noent');
}

function openDirectory(host: WasiHost, from: DirectoryEntry, place: Place, { oflags, write }: Opening): number {
  if (oflags & Oflags.creat && oflags & Oflags.excl) throw wasiError('exist');
  if (write || oflags & (Oflags.creat | Oflags.trunc)) throw wasiError('isdir');
  const root = host.root(openChild(place.directory, place.name));
  return host.fds.add({
    kind: 'directory', root, readOnly: from.readOnly, top: from.top && place.name === '.' && place.directory === from.root.directory, preopen: undefined, listing: undefined,
    rights: DIRECTORY_RIGHTS & from.inheriting, inheriting: from.inheriting,
  });
}

export const pathCalls = [
  /** Errnos of a change. Exist: whatever it is. */
  call('path_create_directory', [['fd', 'fd'], ['path', 'path'], ['path_len', 'size']], (host, fd, path, length) => {
    const from = changeable(host, fd, Rights.path_create_directory);
    atPath(from.root, host.memory.path(path, length), (place) => {
      if (place.name === '.') throw wasiError('exist');
      entries.makeDirectory(place.hostPath);
    });
  }),
  /** Errnos of a path. */
  call(
    'path_filestat_get',
    [['fd', 'fd'], ['flags', 'lookupflags'], ['path', 'path'], ['path_len', 'size'], ['buf', 'result']],
    (host, fd, flags, path, length, result) => writeFilestat(host.memory, result, statPath(host, fd, flags, path, length)),
  ),
  /** Errnos of a change. Inval: see checkFstflags. */
  call(
    'path_filestat_set_times',
    [['fd', 'fd'], ['flags', 'lookupflags'], ['path', 'path'], ['path_len', 'size'], ['atim', 'timestamp'], ['mtim', 'timestamp'], ['fst_flags', 'fstflags']],
    (host, fd, flags, path, length, atim, mtim, fstflags) => {
      const from = changeable(host, fd, Rights.path_filestat_set_times);
      const follow = follows(flags);
      checkFstflags(fstflags);
      const now = host.clock.realtime();
      atPath(from.root, host.memory.path(path, length), (place) => {
        if (statPlace(host, place, follow) === FOLLOW) return FOLLOW;
        return host.files.setEntryTimes(place.hostPath, atim, mtim, fstflags, now);
      });
    },
  ),
  /**
   * Errnos of a change. Exist: the new name is not free. A link is linked itself, never what it points to. Inval: symlink_follow, for no
   * host call follows a link for us. Perm: a directory. Xdev: another file system.
   */
  call(
    'path_link',
    [['old_fd', 'fd'], ['old_flags', 'lookupflags'], ['old_path', 'path'], ['old_path_len', 'size'], ['new_fd', 'fd'], ['new_path', 'path'], ['new_path_len', 'size']],
    (host, oldFd, oldFlags, oldPath, oldLength, newFd, newPath, newLength) => {
      const oldFrom = changeable(host, oldFd, Rights.path_link_source);
      const newFrom = changeable(host, newFd, Rights.path_link_target);
      if (follows(oldFlags)) throw wasiError('inval');
      const { memory } = host;
      const newText = memory.path(newPath, newLength);
      atPath(oldFrom.root, memory.path(oldPath, oldLength), (old) => {
        requireEntry(host, old, 'perm');
        atPath(newFrom.root, newText, (place) => {
          requireEntry(host, place, 'exist');
          entries.link(old.hostPath, place.hostPath);
        });
      });
    },
  ),
  /**
   * Of the rights asked for, reading and writing decide how the file is opened; the others, and those to hand down, are given as
   * far as the directory hands them down and the file can have them. The interface gives no more than was asked for, but programs
   * in the field ask for less than they use, which the runtimes they are tried on let pass: Zig's library opens a directory to hand
   * down what directories need alone, and then reads files in it. A program that wants fewer gives them up with fd_fdstat_set_rights.
   * Errnos of a path. Exist: there, though it was to be new. Isdir: a directory, opened to write. Txtbsy: a program of the host that is
   * running, opened to write. Mfile: the program has 1024 open. Loop: a link without symlink_follow. Perm: truncation without the
   * directory's right to it. Rofs: to write, below a read-only directory. Notcapable: reading, writing or synchronising that the
   * directory does not hand down.
   */
  call(
    'path_open',
    [
      ['fd', 'fd'], ['dirflags', 'lookupflags'], ['path', 'path'], ['path_len', 'size'], ['oflags', 'oflags'],
      ['fs_rights_base', 'rights'], ['fs_rights_inheriting', 'rights'], ['fdflags', 'fdflags'], ['opened_fd', 'result'],
    ],
    (host, fd, dirflags, path, length, oflags, base, _inheriting, fdflags, result) => {
      const from = host.fds.directory(fd, Rights.path_open);
      const follow = follows(dirflags);
      requireFlags(oflags, ALL_OFLAGS);
      requireFlags(fdflags, ALL_FDFLAGS);
      const { memory } = host;
      memory.require(result, 4);
      const text = memory.path(path, length);
      if (oflags & Oflags.directory && oflags & (Oflags.creat | Oflags.trunc)) throw wasiError('inval');
      if (oflags & Oflags.creat && !(from.rights & Rights.path_create_file)) throw wasiError('notcapable');
      // The interface says ENOTCAPABLE for a missing right; the public test suite, and so its runtimes, say EPERM here.
      if (oflags & Oflags.trunc && !(from.rights & Rights.path_filestat_set_size)) throw wasiError('perm');
      const wanted = Number(base & 0x3fff_ffffn);
      const read = (wanted & Rights.fd_read) !== 0;
      const write = (wanted & WRITING_RIGHTS) !== 0;
      if ((read && !(from.inheriting & Rights.fd_read)) || (write && !(from.inheriting & Rights.fd_write))) throw wasiError('notcapable');
      if (!maySynchronise(from.inheriting, fdflags)) throw wasiError('notcapable');
      if (from.readOnly && (write || oflags & (Oflags.creat | Oflags.trunc))) throw wasiError('rofs');
      host.fds.requireRoom();
      memory.writeU32(result, atPath(from.root, text, (place) => openPlace(host, from, place, { oflags, fdflags, follow, read, write })));
    },
  ),
  /** Writes as much of the link's text as fits. Errnos of a path. Inval: not a link. */
  call(
    'path_readlink',
    [['fd', 'fd'], ['path', 'path'], ['path_len', 'size'], ['buf', 'result'], ['buf_len', 'size'], ['bufused', 'result']],
    (host, fd, path, length, buf, bufLength, result) => {
      const from = host.fds.directory(fd, Rights.path_readlink);
      const { memory } = host;
      memory.require(result, 4);
      memory.require(buf, bufLength);
      const target = atPath(from.root, memory.path(path, length), (place) => {
        if (place.mustBeDirectory && statPlace(host, place, false) === FOLLOW) return FOLLOW;
        // Programs that canonicalise ask this of every directory on their way; a look is cheaper than an exception.
        if (entries.isNotLink(place.hostPath)) throw wasiError('inval');
        return readLinkBytes(place.directory, place.name);
      });
      const part = target.subarray(0, bufLength);
      memory.write(buf, part);
      memory.writeU32(result, part.length);
    },
  ),
  /** Errnos of a change. Notempty: something is in it. Notdir: not a directory, or a link to one. Inval: `.`. */
  call('path_remove_directory', [['fd', 'fd'], ['path', 'path'], ['path_len', 'size']], (host, fd, path, length) => {
    const from = changeable(host, fd, Rights.path_remove_directory);
    atPath(from.root, host.memory.path(path, length), (place) => {
      requireEntry(host, place, 'inval');
      const removed = host.files.leaving(place.hostPath);
      entries.removeDirectory(place.hostPath);
      removed();
    });
  }),
  /**
   * Replaces a file by a file and an empty directory by a directory. Errnos of a change. Isdir: a directory by a file. Notdir: a file by a
   * directory. Notempty: a directory that is not. Xdev: another file system. Inval: into itself. Busy: `.`.
   */
  call(
    'path_rename',
    [['fd', 'fd'], ['old_path', 'path'], ['old_path_len', 'size'], ['new_fd', 'fd'], ['new_path', 'path'], ['new_path_len', 'size']],
    (host, fd, oldPath, oldLength, newFd, newPath, newLength) => {
      const oldFrom = changeable(host, fd, Rights.path_rename_source);
      const newFrom = changeable(host, newFd, Rights.path_rename_target);
      const { memory } = host;
      const newText = memory.path(newPath, newLength);
      atPath(oldFrom.root, memory.path(oldPath, oldLength), (old) => {
        requireEntry(host, old, 'busy');
        atPath(newFrom.root, newText, (place) => {
          if (place.name === '.') throw wasiError('busy');
          if (place.mustBeDirectory) {
            const moved = host.files.statEntry(old.hostPath);
            if (moved?.filetype !== Filetype.directory) throw wasiError(moved === undefined ? 'noent' : 'notdir');
          }
          const replaced = host.files.leaving(place.hostPath);
          entries.rename(old.hostPath, place.hostPath);
          replaced();
        });
      });
    },
  ),
  /**
   * The text is kept as given; where it leads is decided when it is followed. Errnos of a change. Perm: an absolute one, which could
   * only ever mislead programs of the host. Exist: the name is not free. Inval: a NUL. Noent: empty.
   */
  call(
    'path_symlink',
    [['old_path', 'path'], ['old_path_len', 'size'], ['fd', 'fd'], ['new_path', 'path'], ['new_path_len', 'size']],
    (host, oldPath, oldLength, fd, newPath, newLength) => {
      const from = changeable(host, fd, Rights.path_symlink);
      const { memory } = host;
      const target = memory.path(oldPath, oldLength);
      if (target.startsWith('/') || entries.isAbsoluteHere(target)) throw wasiError('perm');
      if (target === '') throw wasiError('noent');
      if (target.includes('\0')) throw wasiError('inval');
      atPath(from.root, memory.path(newPath, newLength), (place) => {
        requireEntry(host, place, 'exist');
        if (place.mustBeDirectory) throw wasiError('exist');
        entries.makeLink(target, place.hostPath);
      });
    },
  ),
  /** Errnos of a change. Isdir: a directory. Notdir: also a file written with a slash at its end. */
  call('path_unlink_file', [['fd', 'fd'], ['path', 'path'], ['path_len', 'size']], (host, fd, path, length) => {
    const from = changeable(host, fd, Rights.path_unlink_file);
    atPath(from.root, host.memory.path(path, length), (place) => {
      requireEntry(host, place, 'isdir');
      const removed = host.files.leaving(place.hostPath);
      entries.unlink(place.hostPath);
      removed();
    });
  }),
];
