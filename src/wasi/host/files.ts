// An open file of the host as the guest sees it: reading, writing, position and flags. Node has no lseek and no
// fcntl, so the position is kept here and flags that the host would keep are honoured here. What a path means is not
// decided here: this file only gets host paths that follow no link (resolve.ts).
import fs from 'node:fs';
import { Fdflags, Filetype, Fstflags, Oflags, Whence } from '../abi.js';
import { wasiError } from '../errors.js';
import { restOf } from './vectors.js';

const { O_APPEND, O_CREAT, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = fs.constants;

export interface FileStat {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly filetype: Filetype;
  readonly nlink: bigint;
  readonly size: bigint;
  readonly atim: bigint;
  readonly mtim: bigint;
  readonly ctim: bigint;
}

export function filetypeOf(stat: fs.StatsBase<bigint | number> | fs.Dirent<string | Buffer>): Filetype {
  return stat.isFile() ? Filetype.regular_file
    : stat.isDirectory() ? Filetype.directory
    : stat.isSymbolicLink() ? Filetype.symbolic_link
    : stat.isCharacterDevice() ? Filetype.character_device
    : stat.isBlockDevice() ? Filetype.block_device
    : stat.isSocket() ? Filetype.socket_stream
    : Filetype.unknown;
}

/**
 * Times the guest has set, exactly. Node's utimes takes seconds as a double (and before Node 22 its libuv keeps
 * microseconds), so the host's file gets a time up to a microsecond off. For as long as the host still shows what our
 * call left there, the guest is shown what it asked for.
 */
class AskedTimes {
  private readonly byFile = new Map<string, { readonly asked: Times; readonly left: Times }>();

  remember(stat: fs.BigIntStats, asked: Times): void {
    // Bounded: a program that touches a million files must not fill our memory. The oldest are forgotten.
    if (this.byFile.size >= 4096) this.byFile.delete(this.byFile.keys().next().value!);
    this.byFile.set(`${stat.dev}:${stat.ino}`, { asked, left: { atim: stat.atimeNs, mtim: stat.mtimeNs } });
  }

  shown(stat: fs.BigIntStats): Times {
    const known = this.byFile.size === 0 ? undefined : this.byFile.get(`${stat.dev}:${stat.ino}`);
    return {
      atim: known?.left.atim === stat.atimeNs ? known.asked.atim : stat.atimeNs,
      mtim: known?.left.mtim === stat.mtimeNs ? known.asked.mtim : stat.mtimeNs,
    };
  }
}

interface Times {
  readonly atim: bigint;
  readonly mtim: bigint;
}

/** What files look like where runs must be alike: told of all that the program changes, and asked instead of the host. */
export interface FileFacts {
  /** `stat` as the program sees it. */
  present(stat: FileStat): FileStat;
  /** Its bytes have been changed now. */
  changed(stat: FileStat): void;
  /** Times were set; the others stay. */
  timesSet(stat: FileStat, times: { readonly atim?: bigint; readonly mtim?: bigint }): void;
  /** Its last name is gone: what the host may call by the same number later is another file. */
  removed(stat: FileStat): void;
}

/** The file system calls of one running program that are about a file, not about a path. */
export class Files {
  private readonly asked = new AskedTimes();

  constructor(private readonly facts?: FileFacts) {}

  fileStat(stat: fs.BigIntStats): FileStat {
    const plain = this.plain(stat);
    return this.facts === undefined ? plain : this.facts.present(plain);
  }

  private plain(stat: fs.BigIntStats): FileStat {
    return { dev: stat.dev, ino: stat.ino, filetype: filetypeOf(stat), nlink: stat.nlink, size: stat.size, ...this.asked.shown(stat), ctim: stat.ctimeNs };
  }

  /** Whether the order in which the host lists a directory must not be seen. */
  get sorted(): boolean {
    return this.facts !== undefined;
  }

  /** The program has changed the bytes of an open file. */
  changed(descriptor: number): void {
    this.facts?.changed(this.plain(fs.fstatSync(descriptor, { bigint: true })));
  }

  /** Before an entry is opened: whether that will make or empty a file, as far as anybody wants to know. */
  changedByOpening(hostPath: string, oflags: number): boolean {
    if (this.facts === undefined) return false;
    return (oflags & Oflags.trunc) !== 0 || ((oflags & Oflags.creat) !== 0 && fs.lstatSync(hostPath, { throwIfNoEntry: false }) === undefined);
  }

  /** Before a name is removed; what it answers is called when that has been done. */
  leaving(hostPath: string): () => void {
    const stat = this.facts === undefined ? undefined : fs.lstatSync(hostPath, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined || (stat.nlink > 1n && !stat.isDirectory())) return () => {};
    return () => this.facts!.removed(this.plain(stat));
  }

  /** Of the entry itself, a link included; undefined when there is none. */
  statEntry(hostPath: string | Buffer): FileStat | undefined {
    const stat = fs.lstatSync(hostPath, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? undefined : this.fileStat(stat);
  }

  statDescriptor(descriptor: number): FileStat {
    return this.fileStat(fs.fstatSync(descriptor, { bigint: true }));
  }

  /** Sets the times of the entry itself; `flags` are the interface's, already checked. */
  setEntryTimes(hostPath: string, atim: bigint, mtim: bigint, flags: number, now: bigint): void {
    const before = fs.lstatSync(hostPath, { bigint: true });
    const asked = this.wanted(before, atim, mtim, flags, now);
    fs.lutimesSync(hostPath, seconds(asked.atim), seconds(asked.mtim));
    const after = fs.lstatSync(hostPath, { bigint: true });
    this.asked.remember(after, asked);
    this.tellTimes(after, asked, flags);
  }

  setDescriptorTimes(descriptor: number, atim: bigint, mtim: bigint, flags: number, now: bigint): void {
    const before = fs.fstatSync(descriptor, { bigint: true });
    const asked = this.wanted(before, atim, mtim, flags, now);
    fs.futimesSync(descriptor, seconds(asked.atim), seconds(asked.mtim));
    const after = fs.fstatSync(descriptor, { bigint: true });
    this.asked.remember(after, asked);
    this.tellTimes(after, asked, flags);
  }

  private tellTimes(stat: fs.BigIntStats, { atim, mtim }: Times, flags: number): void {
    this.facts?.timesSet(this.plain(stat), {
      ...(flags & (Fstflags.atim | Fstflags.atim_now) ? { atim } : {}),
      ...(flags & (Fstflags.mtim | Fstflags.mtim_now) ? { mtim } : {}),
    });
  }

  private wanted(before: fs.BigIntStats, atim: bigint, mtim: bigint, flags: number, now: bigint): Times {
    const shown = this.asked.shown(before);
    return {
      atim: flags & Fstflags.atim ? atim : flags & Fstflags.atim_now ? now : shown.atim,
      mtim: flags & Fstflags.mtim ? mtim : flags & Fstflags.mtim_now ? now : shown.mtim,
    };
  }
}

const seconds = (ns: bigint) => Number(ns / 1_000_000_000n) + Number(ns % 1_000_000_000n) / 1e9;

export interface OpenRequest {
  readonly oflags: number;
  readonly fdflags: number;
  readonly read: boolean;
  readonly write: boolean;
}

/** Opens an entry, never through a link, and says what it is. Host errors; ELOOP for a link. */
export function openEntry(hostPath: string, request: OpenRequest): { readonly descriptor: number; readonly filetype: Filetype } {
  const { oflags, fdflags, read, write } = request;
  const access = write ? (read ? O_RDWR : O_WRONLY) : O_RDONLY;
  const flags =
    access |
    (O_NOFOLLOW ?? 0) |
    // A guest cannot make a terminal the controlling terminal of the host process.
    (O_NOCTTY ?? 0) |
    (oflags & Oflags.creat ? O_CREAT : 0) |
    (oflags & Oflags.excl ? O_EXCL : 0) |
    (oflags & Oflags.trunc ? O_TRUNC : 0) |
    (fdflags & Fdflags.append ? O_APPEND : 0) |
    (fdflags & Fdflags.nonblock ? (O_NONBLOCK ?? 0) : 0);
  const descriptor = fs.openSync(hostPath, flags, 0o666);
  try {
    return { descriptor, filetype: filetypeOf(fs.fstatSync(descriptor)) };
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
}

export const closeDescriptor = (descriptor: number): void => fs.closeSync(descriptor);

/** One open file. `position` is ours; a file shared with the host process (redirected stdio) uses the host's until a seek. */
export class OpenFile {
  private position = 0;
  private fd: number;
  /** Whether the host appends, whatever position it is given. */
  private hostAppends: boolean;
  /** Whether the host's own file position is still the one that counts. */
  private hostPosition: boolean;

  constructor(
    descriptor: number,
    readonly filetype: Filetype,
    readonly readable: boolean,
    readonly writable: boolean,
    private heldFlags: number,
    private readonly shared = false,
  ) {
    this.fd = descriptor;
    this.hostAppends = !shared && (heldFlags & Fdflags.append) !== 0;
    // Pipes, terminals and devices have no position: reading at one would be ESPIPE.
    this.hostPosition = shared || filetype !== Filetype.regular_file;
  }

  get descriptor(): number {
    return this.fd;
  }

  get flags(): number {
    return this.heldFlags;
  }

  /**
   * ENOTSUP: the host cannot stop appending to a file that was opened to append (hosts other than Linux; Linux opens
   * the same file once more through /proc).
   */
  setFlags(flags: number): void {
    const append = (flags & Fdflags.append) !== 0;
    // A pipe or device has no end to append to, and opening one again may wait.
    if (!this.shared && this.seekable && append !== this.hostAppends) {
      if (process.platform === 'linux') {
        const access = this.writable ? (this.readable ? O_RDWR : O_WRONLY) : O_RDONLY;
        const again = fs.openSync(`/proc/self/fd/${this.fd}`, access | (append ? O_APPEND : 0));
        fs.closeSync(this.fd);
        this.fd = again;
        this.hostAppends = append;
      } else if (this.hostAppends) {
        throw wasiError('notsup');
      }
    }
    this.heldFlags = flags;
  }

  private get seekable(): boolean {
    return this.filetype === Filetype.regular_file || this.filetype === Filetype.block_device;
  }

  read(buffers: readonly Uint8Array[]): number {
    if (!this.readable) throw wasiError('badf');
    const count = this.readAt(buffers, this.hostPosition ? null : this.position);
    if (!this.hostPosition) this.position += count;
    return count;
  }

  readAt(buffers: readonly Uint8Array[], position: number | null): number {
    if (!this.readable) throw wasiError('badf');
    if (position !== null && !this.seekable) throw wasiError('spipe');
    const taken = restOf(buffers);
    if (taken.length === 0) return 0;
    if (taken.length === 1) return fs.readSync(this.fd, taken[0]!, 0, taken[0]!.length, position);
    return fs.readvSync(this.fd, taken, position ?? undefined);
  }

  write(buffers: readonly Uint8Array[]): number {
    if (!this.writable) throw wasiError('badf');
    if (this.heldFlags & Fdflags.append && this.seekable) {
      const count = this.put(buffers, this.hostAppends ? null : this.sizeBytes());
      // Writing nothing goes nowhere.
      if (count === 0) return 0;
      this.position = this.sizeBytes();
      this.hostPosition = false;
      return count;
    }
    const count = this.put(buffers, this.hostPosition ? null : this.position);
    if (!this.hostPosition) this.position += count;
    return count;
  }

  writeAt(buffers: readonly Uint8Array[], position: number): number {
    if (!this.writable) throw wasiError('badf');
    if (!this.seekable) throw wasiError('spipe');
    return this.put(buffers, position);
  }

  private put(buffers: readonly Uint8Array[], position: number | null): number {
    const given = restOf(buffers);
    if (given.length === 0) return 0;
    const count = given.length === 1 ? fs.writeSync(this.fd, given[0]!, 0, given[0]!.length, position) : fs.writevSync(this.fd, given, position ?? undefined);
    if (this.heldFlags & (Fdflags.sync | Fdflags.rsync)) fs.fsyncSync(this.fd);
    else if (this.heldFlags & Fdflags.dsync) fs.fdatasyncSync(this.fd);
    return count;
  }

  /** The new position. ESPIPE: no position. EINVAL: before the start, or beyond what a double can count. */
  seek(delta: bigint, whence: number): bigint {
    if (!this.seekable) throw wasiError('spipe');
    const base =
      whence === Whence.set ? 0n
      : whence === Whence.cur ? BigInt(this.tell())
      : whence === Whence.end ? BigInt(this.sizeBytes())
      : undefined;
    if (base === undefined) throw wasiError('inval');
    const wanted = base + delta;
    if (wanted < 0n || wanted > BigInt(Number.MAX_SAFE_INTEGER)) throw wasiError('inval');
    // `lseek(fd, 0, SEEK_CUR)` only asks; a file shared with the host process stays in step with it.
    if (this.hostPosition && wanted === BigInt(this.tell())) return wanted;
    this.position = Number(wanted);
    this.hostPosition = false;
    return wanted;
  }

  tell(): number {
    if (!this.seekable) throw wasiError('spipe');
    return this.hostPosition ? hostPosition(this.fd) : this.position;
  }

  sizeBytes(): number {
    return fs.fstatSync(this.fd).size;
  }

  /** What a read would find: bytes up to the end. */
  remaining(): number {
    return this.seekable ? Math.max(0, this.sizeBytes() - this.tell()) : 1;
  }

  /** EINVAL: negative or beyond 2^53. EBADF: not open for writing. */
  truncate(sizeBytes: bigint): void {
    if (!this.writable) throw wasiError('badf');
    if (sizeBytes > BigInt(Number.MAX_SAFE_INTEGER)) throw wasiError('fbig');
    fs.ftruncateSync(this.fd, Number(sizeBytes));
  }

  sync(): void {
    fs.fsyncSync(this.fd);
  }

  syncData(): void {
    fs.fdatasyncSync(this.fd);
  }

  close(): void {
    if (!this.shared) fs.closeSync(this.fd);
  }
}

/** Where the host's own position of a descriptor is. Only Linux tells; elsewhere a redirected file starts at zero. */
function hostPosition(descriptor: number): number {
  if (process.platform !== 'linux') return 0;
  const match = /^pos:\s*(\d+)/m.exec(fs.readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'));
  return match === null ? 0 : Number(match[1]);
}
