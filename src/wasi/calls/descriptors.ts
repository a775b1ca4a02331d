// Functions on an open descriptor. Each one's errnos stand before it by name, with their cause. What is the same for all:
// Badf, a number that is not open, and a directory for whatever reads, writes or seeks, because it has no bytes;
// Notcapable, a right that was given up with fd_fdstat_set_rights; Fault, a pointer or length outside memory: result
// pointers are checked before anything happens, so that a call that faults has done nothing. What the host's file system
// says besides comes as it is: EACCES, EDQUOT, EFBIG, EIO, ENOSPC.
// witx: fd_*
import { ALL_FDFLAGS, Fdflags, FILE_RIGHTS, Filetype, Fstflags, LAST_ADVICE, Preopentype, Rights, Sizes, Whence, WRITING_RIGHTS } from '../abi.js';
import { call, requireFlags } from '../call.js';
import { wasiError } from '../errors.js';
import type { DirectoryEntry, FileEntry, Listing, StreamEntry } from '../descriptors.js';
import { directoryStat, entryInode, listDirectory, parentInode } from '../host/listing.js';
import type { FileStat } from '../host/files.js';
import type { Memory } from '../memory.js';
import type { WasiHost } from '../wasi-host.js';

const ALL_FSTFLAGS = Fstflags.atim | Fstflags.atim_now | Fstflags.mtim | Fstflags.mtim_now;
const LARGEST_OFFSET = (1n << 63n) - 1n;

export function writeFilestat(memory: Memory, address: number, stat: FileStat): void {
  memory.require(address, Sizes.filestat);
  memory.writeU64(address, stat.dev);
  memory.writeU64(address + 8, stat.ino);
  memory.writeU64(address + 16, BigInt(stat.filetype));
  memory.writeU64(address + 24, stat.nlink);
  memory.writeU64(address + 32, stat.size);
  memory.writeU64(address + 40, stat.atim);
  memory.writeU64(address + 48, stat.mtim);
  memory.writeU64(address + 56, stat.ctim);
}

/** Inval: unknown flags, or a time both given and "now". */
export function checkFstflags(flags: number): void {
  requireFlags(flags, ALL_FSTFLAGS);
  const both = (given: number, now: number) => (flags & given) !== 0 && (flags & now) !== 0;
  if (both(Fstflags.atim, Fstflags.atim_now) || both(Fstflags.mtim, Fstflags.mtim_now)) throw wasiError('inval');
}

const streamStat = (filetype: Filetype): FileStat => ({ dev: 0n, ino: 0n, filetype, nlink: 1n, size: 0n, atim: 0n, mtim: 0n, ctim: 0n });

/** What is behind a descriptor. Badf. Notcapable. */
export function statDescriptor(host: WasiHost, fd: number): FileStat {
  const entry = host.fds.get(fd, Rights.fd_filestat_get);
  return entry.kind === 'directory' ? directoryStat(host.files, entry.root.directory)
    : entry.kind === 'file' ? host.files.statDescriptor(entry.file.descriptor)
    : streamStat(entry.stream.filetype);
}

/** Badf: not open for reading, as POSIX has it. Notcapable: it was, until the right was given up. */
export function reader(host: WasiHost, fd: number): FileEntry | StreamEntry {
  const entry = host.fds.bytes(fd, 0);
  if ((entry.rights & Rights.fd_read) === 0) throw wasiError((entry.kind === 'file' ? entry.file.readable : entry.stream.reads) ? 'notcapable' : 'badf');
  return entry;
}

export function writer(host: WasiHost, fd: number): FileEntry | StreamEntry {
  const entry = host.fds.bytes(fd, 0);
  if ((entry.rights & Rights.fd_write) === 0) throw wasiError((entry.kind === 'file' ? entry.file.writable : entry.stream.writes) ? 'notcapable' : 'badf');
  return entry;
}

function read(host: WasiHost, fd: number, iovs: number, count: number, result: number): void {
  const entry = reader(host, fd);
  const { memory } = host;
  memory.require(result, 4);
  const buffers = memory.buffers(iovs, count);
  memory.writeU32(result, entry.kind === 'file' ? entry.file.read(buffers) : entry.stream.read(buffers, !(entry.flags & Fdflags.nonblock)));
}

function write(host: WasiHost, fd: number, iovs: number, count: number, result: number): void {
  const entry = writer(host, fd);
  const { memory } = host;
  memory.require(result, 4);
  const buffers = memory.buffers(iovs, count);
  memory.writeU32(result, entry.kind === 'file' ? entry.file.write(buffers) : entry.stream.write(buffers, !(entry.flags & Fdflags.nonblock)));
  if (fd === 2 && host.clues !== undefined) for (const buffer of buffers) host.clues.said(buffer);
  if (entry.kind === 'file') host.files.changed(entry.file.descriptor);
}

/** Asking where one is takes the right to tell, which the right to seek brings with it. */
function teller(host: WasiHost, fd: number): FileEntry['file'] {
  const { rights, file } = host.fds.file(fd, 0);
  if ((rights & (Rights.fd_tell | Rights.fd_seek)) === 0) throw wasiError('notcapable');
  return file;
}

/** Inval: beyond what the host can count. Spipe: no position. Notcapable: the right to seek was given up. */
function positioned(entry: FileEntry | StreamEntry, offset: bigint): { file: FileEntry; position: number } {
  if (entry.kind !== 'file') throw wasiError('spipe');
  if (!(entry.rights & Rights.fd_seek)) throw wasiError('notcapable');
  if (offset > BigInt(Number.MAX_SAFE_INTEGER)) throw wasiError('inval');
  return { file: entry, position: Number(offset) };
}

function writeFdstat(memory: Memory, address: number, filetype: number, flags: number, rights: number, inheriting: number): void {
  memory.require(address, Sizes.fdstat);
  // The padding is written too: no bytes of the guest's old stack stay in a record it did not write.
  memory.slice(address, Sizes.fdstat).fill(0);
  memory.writeU8(address, filetype);
  memory.writeU16(address + 2, flags);
  memory.writeU64(address + 8, BigInt(rights));
  memory.writeU64(address + 16, BigInt(inheriting));
}

/** Fills `[buf, buf + length)` with entries from `cookie` on; the last one is cut off where the buffer ends. */
function writeEntries(host: WasiHost, entry: DirectoryEntry, listing: Listing, buf: number, length: number, cookie: number): number {
  const { memory } = host;
  const record = new Uint8Array(Sizes.dirent);
  const fields = new DataView(record.buffer);
  let used = 0;
  const put = (bytes: Uint8Array) => {
    const part = bytes.length <= length - used ? bytes : bytes.subarray(0, length - used);
    memory.write(buf + used, part);
    used += part.length;
  };
  const { names } = listing;
  for (let index = cookie; index < names.length && used < length; index += 1) {
    const listed = names[index]!;
    const { name, bytes, type } = listed;
    const ino =
      name === '.' ? directoryStat(host.files, entry.root.directory).ino
      : name === '..' ? parentInode(host.files, entry.root.directory, entry.top)
      : entryInode(host.files, entry.root.directory, listed);
    // Gone since reading began. Its number is not given to another: cookies stay what they were.
    if (ino === undefined) continue;
    fields.setBigUint64(0, BigInt(index + 1), true);
    fields.setBigUint64(8, ino, true);
    fields.setUint32(16, bytes.length, true);
    fields.setUint32(20, type, true);
    put(record);
    put(bytes);
  }
  return used;
}

export const descriptorCalls = [
  /** A hint, which is checked and then not needed. Badf. Inval: no such advice, or beyond 2^63. Spipe: a stream. Notcapable. */
  call('fd_advise', [['fd', 'fd'], ['offset', 'filesize'], ['len', 'filesize'], ['advice', 'advice']], (host, fd, offset, length, advice) => {
    host.fds.file(fd, Rights.fd_advise);
    if (advice > LAST_ADVICE || offset + length > LARGEST_OFFSET) throw wasiError('inval');
  }),
  /**
   * Makes the file at least `offset + len` long. Node has no posix_fallocate: the file grows, but the disk may still be
   * found full when it is written. Badf: also not open for writing. Inval: no length. Fbig: beyond what a file can have.
   * Spipe: a stream. Notcapable.
   */
  call('fd_allocate', [['fd', 'fd'], ['offset', 'filesize'], ['len', 'filesize']], (host, fd, offset, length) => {
    const { file } = host.fds.file(fd, 0);
    if (!file.writable) throw wasiError('badf');
    host.fds.file(fd, Rights.fd_allocate);
    if (length === 0n) throw wasiError('inval');
    const end = offset + length;
    if (end > LARGEST_OFFSET) throw wasiError('fbig');
    if (BigInt(file.sizeBytes()) < end) file.truncate(end);
    host.files.changed(file.descriptor);
  }),
  /** Badf. */
  call('fd_close', [['fd', 'fd']], (host, fd) => host.fds.close(fd)),
  /** Of a stream, nothing. Badf. Notcapable. */
  call('fd_datasync', [['fd', 'fd']], (host, fd) => {
    const entry = host.fds.bytes(fd, Rights.fd_datasync);
    if (entry.kind === 'file') entry.file.syncData();
  }),
  /** Badf. Fault. */
  call('fd_fdstat_get', [['fd', 'fd'], ['stat', 'result']], (host, fd, result) => {
    const entry = host.fds.get(fd);
    const [filetype, flags] =
      entry.kind === 'directory' ? [Filetype.directory, 0]
      : entry.kind === 'file' ? [entry.file.filetype, entry.file.flags]
      : [entry.stream.filetype, entry.flags];
    writeFdstat(host.memory, result, filetype, flags, entry.rights, entry.inheriting);
  }),
  /** Badf. Inval: no such flag. Notcapable. On hosts that cannot stop appending, ENOTSUP: see OpenFile.setFlags. */
  call('fd_fdstat_set_flags', [['fd', 'fd'], ['flags', 'fdflags']], (host, fd, flags) => {
    const entry = host.fds.bytes(fd, Rights.fd_fdstat_set_flags);
    requireFlags(flags, ALL_FDFLAGS);
    if (entry.kind === 'file') entry.file.setFlags(flags);
    else entry.flags = flags;
  }),
  /** Rights only shrink. Badf. Notcapable: a right asked for that the descriptor does not have. */
  call('fd_fdstat_set_rights', [['fd', 'fd'], ['fs_rights_base', 'rights'], ['fs_rights_inheriting', 'rights']], (host, fd, base, inheriting) => {
    const entry = host.fds.get(fd);
    if ((base & ~BigInt(entry.rights)) !== 0n || (inheriting & ~BigInt(entry.inheriting)) !== 0n) throw wasiError('notcapable');
    entry.rights = Number(base);
    entry.inheriting = Number(inheriting);
  }),
  /** Badf. Notcapable. Fault. */
  call('fd_filestat_get', [['fd', 'fd'], ['buf', 'result']], (host, fd, result) => {
    const stat = statDescriptor(host, fd);
    writeFilestat(host.memory, result, stat);
  }),
  /** Badf: also not open for writing. Fbig: beyond what a file can have. Spipe: a stream. Notcapable. */
  call('fd_filestat_set_size', [['fd', 'fd'], ['size', 'filesize']], (host, fd, size) => {
    const { file } = host.fds.file(fd, 0);
    if (!file.writable) throw wasiError('badf');
    host.fds.file(fd, Rights.fd_filestat_set_size);
    file.truncate(size);
    host.files.changed(file.descriptor);
  }),
  /** Badf: also a stream, which has no times. Inval: see checkFstflags. Rofs: below a read-only directory. Notcapable. */
  call(
    'fd_filestat_set_times',
    [['fd', 'fd'], ['atim', 'timestamp'], ['mtim', 'timestamp'], ['fst_flags', 'fstflags']],
    (host, fd, atim, mtim, flags) => {
      if (host.fds.get(fd).kind === 'stream') throw wasiError('badf');
      const entry = host.fds.get(fd, Rights.fd_filestat_set_times) as FileEntry | DirectoryEntry;
      checkFstflags(flags);
      const now = host.clock.realtime();
      if (entry.readOnly) throw wasiError('rofs');
      if (entry.kind === 'file') {
        host.files.setDescriptorTimes(entry.file.descriptor, atim, mtim, flags, now);
      } else {
        host.files.setEntryTimes(entry.root.directory.pathOf('.'), atim, mtim, flags, now);
      }
    },
  ),
  /** Badf: also not open for reading. Inval: an offset beyond 2^53. Spipe: a stream. Notcapable: reading or seeking. Fault. */
  call(
    'fd_pread',
    [['fd', 'fd'], ['iovs', 'iovs'], ['iovs_len', 'size'], ['offset', 'filesize'], ['nread', 'result']],
    (host, fd, iovs, count, offset, result) => {
      const { file, position } = positioned(reader(host, fd), offset);
      const { memory } = host;
      memory.require(result, 4);
      memory.writeU32(result, file.file.readAt(memory.buffers(iovs, count), position));
    },
  ),
  /** Badf: not a preopen. Fault. */
  call('fd_prestat_get', [['fd', 'fd'], ['buf', 'result']], (host, fd, result) => {
    const name = preopenName(host, fd);
    const { memory } = host;
    memory.require(result, Sizes.prestat);
    memory.writeU32(result, Preopentype.dir);
    memory.writeU32(result + 4, name.length);
  }),
  /** Badf: not a preopen. Nametoolong: the buffer is shorter than the name. Fault. */
  call('fd_prestat_dir_name', [['fd', 'fd'], ['path', 'result'], ['path_len', 'size']], (host, fd, path, length) => {
    const name = preopenName(host, fd);
    if (length < name.length) throw wasiError('nametoolong');
    host.memory.write(path, name);
  }),
  /**
   * Badf: also not open for writing. Inval: an offset beyond 2^53. Spipe: a stream. Notcapable: writing or seeking.
   * Fault.
   */
  call(
    'fd_pwrite',
    [['fd', 'fd'], ['iovs', 'iovs'], ['iovs_len', 'size'], ['offset', 'filesize'], ['nwritten', 'result']],
    (host, fd, iovs, count, offset, result) => {
      const { file, position } = positioned(writer(host, fd), offset);
      const { memory } = host;
      memory.require(result, 4);
      memory.writeU32(result, file.file.writeAt(memory.buffers(iovs, count), position));
      host.files.changed(file.file.descriptor);
    },
  ),
  /**
   * Short counts are allowed; 0 is the end. Badf: also not open for reading. Again: non-blocking and nothing there. Notconn: a
   * socket that listens. Connreset: the peer broke a connection off. Notcapable. Fault.
   */
  call('fd_read', [['fd', 'fd'], ['iovs', 'iovs'], ['iovs_len', 'size'], ['nread', 'result']], read),
  /**
   * `.` and `..` come first. Less than `buf_len` used means the end. Cookie 0 begins anew; others go on in the names as
   * they were then. Badf. Notdir: no directory. Inval: no such cookie. Notcapable. Fault.
   */
  call(
    'fd_readdir',
    [['fd', 'fd'], ['buf', 'result'], ['buf_len', 'size'], ['cookie', 'dircookie'], ['bufused', 'result']],
    (host, fd, buf, length, cookie, result) => {
      const entry = host.fds.directory(fd, Rights.fd_readdir);
      const { memory } = host;
      memory.require(result, 4);
      memory.require(buf, length);
      if (cookie === 0n || entry.listing === undefined) entry.listing = { names: listDirectory(entry.root.directory, host.files.sorted) };
      if (cookie > BigInt(entry.listing.names.length)) throw wasiError('inval');
      memory.writeU32(result, writeEntries(host, entry, entry.listing, buf, length, Number(cookie)));
    },
  ),
  /** `to` takes over `fd`'s file and is closed before; preopens may be replaced. Badf: either is not open. */
  call('fd_renumber', [['fd', 'fd'], ['to', 'fd']], (host, from, to) => host.fds.renumber(from, to)),
  /** Badf. Inval: no such whence, or a position before the start or beyond 2^53. Spipe: a stream. Notcapable. Fault. */
  call('fd_seek', [['fd', 'fd'], ['offset', 'filedelta'], ['whence', 'whence'], ['newoffset', 'result']], (host, fd, delta, whence, result) => {
    const file = delta === 0n && whence === Whence.cur ? teller(host, fd) : host.fds.file(fd, Rights.fd_seek).file;
    host.memory.require(result, 8);
    host.memory.writeU64(result, file.seek(delta, whence));
  }),
  /** Of a stream, nothing. Badf. Notcapable. */
  call('fd_sync', [['fd', 'fd']], (host, fd) => {
    const entry = host.fds.bytes(fd, Rights.fd_sync);
    if (entry.kind === 'file') entry.file.sync();
  }),
  /** Badf. Spipe: a stream. Notcapable. Fault. */
  call('fd_tell', [['fd', 'fd'], ['offset', 'result']], (host, fd, result) => {
    host.memory.writeU64(result, BigInt(teller(host, fd).tell()));
  }),
  /**
   * Badf: also not open for writing. Again: non-blocking and no room. Pipe: nobody reads. Nospc: the disk is full. Notcapable. Fault.
   */
  call('fd_write', [['fd', 'fd'], ['iovs', 'iovs'], ['iovs_len', 'size'], ['nwritten', 'result']], write),
];

function preopenName(host: WasiHost, fd: number): Uint8Array {
  const entry = host.fds.get(fd);
  if (entry.kind !== 'directory' || entry.preopen === undefined) throw wasiError('badf');
  return entry.preopen;
}

/** The rights a newly opened file has: what it is open for, and never more than its directory hands down. */
export function fileRights(read: boolean, write: boolean, inheriting: number): number {
  return FILE_RIGHTS & inheriting & ~(read ? 0 : Rights.fd_read) & ~(write ? 0 : WRITING_RIGHTS);
}
