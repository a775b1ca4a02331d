// The guest's descriptor table: what each number stands for and which rights it has left. Rights only shrink. A
// program is refused in two ways: EBADF when a descriptor is of the wrong kind or access mode (what POSIX says),
// ENOTCAPABLE when the right was given up with fd_fdstat_set_rights.
import { wasiError } from './errors.js';
import type { Root } from './resolve.js';
import type { ListedName } from './host/listing.js';
import type { OpenFile } from './host/files.js';
import type { Connection, Listener } from './host/sockets.js';
import type { Stream } from './host/streams.js';

interface Common {
  rights: number;
  /** What descriptors opened through this one can have at most. */
  inheriting: number;
}

export interface FileEntry extends Common {
  readonly kind: 'file';
  readonly file: OpenFile;
  /** Below a directory that was granted read-only: even its times stay. */
  readonly readOnly: boolean;
}

export interface DirectoryEntry extends Common {
  readonly kind: 'directory';
  readonly root: Root;
  /** Changes nothing: neither entries nor the bytes of files below. */
  readonly readOnly: boolean;
  /** The directory the user granted, however it was reached: above it there is nothing to see. */
  readonly top: boolean;
  /** The guest's name, when the user granted this directory. */
  readonly preopen: Uint8Array | undefined;
  /** Names as they were when reading began, so that cookies stay good while entries come and go. */
  listing: Listing | undefined;
}

export interface Listing {
  readonly names: readonly ListedName[];
}

export interface StreamEntry extends Common {
  readonly kind: 'stream';
  readonly stream: Stream;
  /** The same stream, when it is a connection, or a socket that listens. */
  readonly connection?: Connection;
  readonly listener?: Listener;
  flags: number;
}

export type Entry = FileEntry | DirectoryEntry | StreamEntry;

/** As many as a Linux process has by default: a guest that leaks descriptors must not use up ours. */
const MOST_DESCRIPTORS = 1024;

export class Descriptors {
  private readonly entries: (Entry | undefined)[] = [];

  /** EBADF: not open. ENOTCAPABLE: one of `rights` was given up. */
  get(fd: number, rights = 0): Entry {
    const entry = this.entries[fd];
    if (entry === undefined) throw wasiError('badf');
    if ((entry.rights & rights) !== rights) throw wasiError('notcapable');
    return entry;
  }

  /** A directory to start a path from. ENOTDIR: something else. */
  directory(fd: number, rights: number): DirectoryEntry {
    const entry = this.get(fd);
    if (entry.kind !== 'directory') throw wasiError('notdir');
    if ((entry.rights & rights) !== rights) throw wasiError('notcapable');
    return entry;
  }

  /** A file or stream. EBADF: a directory, which has no bytes. */
  bytes(fd: number, rights: number): FileEntry | StreamEntry {
    const entry = this.get(fd);
    if (entry.kind === 'directory') throw wasiError('badf');
    if ((entry.rights & rights) !== rights) throw wasiError('notcapable');
    return entry;
  }

  /** A file with a position. EBADF: a directory. ESPIPE: a stream. */
  file(fd: number, rights: number): FileEntry {
    const entry = this.bytes(fd, 0);
    if (entry.kind !== 'file') throw wasiError('spipe');
    if ((entry.rights & rights) !== rights) throw wasiError('notcapable');
    return entry;
  }

  /** Whether a change of this descriptor wakes whoever sleeps on the program's sockets. */
  tells(fd: number): boolean {
    const entry = this.entries[fd];
    return entry?.kind === 'stream' && entry.stream.tells === true;
  }

  /** EMFILE, before anything is opened, when there is no number left. */
  requireRoom(): void {
    if (this.entries.length >= MOST_DESCRIPTORS && !this.entries.includes(undefined)) throw wasiError('mfile');
  }

  /** The lowest free number, as POSIX has it. */
  add(entry: Entry): number {
    const free = this.entries.indexOf(undefined);
    const fd = free === -1 ? this.entries.length : free;
    this.entries[fd] = entry;
    return fd;
  }

  /** Puts an entry at a number, or leaves it closed; only for the first descriptors. */
  place(fd: number, entry: Entry | undefined): void {
    this.entries[fd] = entry;
  }

  close(fd: number): void {
    const entry = this.get(fd);
    this.entries[fd] = undefined;
    release(entry);
  }

  /** Moves `from` to `to`, which must be open and is closed. */
  renumber(from: number, to: number): void {
    const moved = this.get(from);
    const replaced = this.get(to);
    if (from === to) return;
    this.entries[to] = moved;
    this.entries[from] = undefined;
    release(replaced);
  }

  closeAll(): void {
    for (const entry of this.entries.splice(0)) if (entry !== undefined) release(entry);
  }
}

function release(entry: Entry): void {
  if (entry.kind === 'file') entry.file.close();
  else if (entry.kind === 'stream') entry.stream.close();
  else entry.root.directory.release();
}
