// The numbers of wasi_snapshot_preview1, as the guest sees them, and nothing else. Order and value come from the
// interface definition; names are its names. Kept as plain objects so that a tracer can turn a number into its name.
// witx: wasi_snapshot_preview1 typenames

export const Errno = {
  success: 0, '2big': 1, acces: 2, addrinuse: 3, addrnotavail: 4, afnosupport: 5, again: 6, already: 7, badf: 8,
  badmsg: 9, busy: 10, canceled: 11, child: 12, connaborted: 13, connrefused: 14, connreset: 15, deadlk: 16,
  destaddrreq: 17, dom: 18, dquot: 19, exist: 20, fault: 21, fbig: 22, hostunreach: 23, idrm: 24, ilseq: 25,
  inprogress: 26, intr: 27, inval: 28, io: 29, isconn: 30, isdir: 31, loop: 32, mfile: 33, mlink: 34, msgsize: 35,
  multihop: 36, nametoolong: 37, netdown: 38, netreset: 39, netunreach: 40, nfile: 41, nobufs: 42, nodev: 43,
  noent: 44, noexec: 45, nolck: 46, nolink: 47, nomem: 48, nomsg: 49, noprotoopt: 50, nospc: 51, nosys: 52,
  notconn: 53, notdir: 54, notempty: 55, notrecoverable: 56, notsock: 57, notsup: 58, notty: 59, nxio: 60,
  overflow: 61, ownerdead: 62, perm: 63, pipe: 64, proto: 65, protonosupport: 66, prototype: 67, range: 68, rofs: 69,
  spipe: 70, srch: 71, stale: 72, timedout: 73, txtbsy: 74, xdev: 75, notcapable: 76,
} as const;
export type ErrnoName = keyof typeof Errno;
export type Errno = (typeof Errno)[ErrnoName];

/** `44` -> `ENOENT`: how people and tracers write it. */
export function errnoName(errno: number): string {
  const found = (Object.keys(Errno) as ErrnoName[]).find((name) => Errno[name] === errno);
  return found === undefined ? `errno ${errno}` : found === 'success' ? 'ESUCCESS' : `E${found.toUpperCase()}`;
}

/** All thirty rights fit in the low half of the interface's 64 bits; inside they are plain numbers. */
export const Rights = {
  fd_datasync: 1 << 0, fd_read: 1 << 1, fd_seek: 1 << 2, fd_fdstat_set_flags: 1 << 3, fd_sync: 1 << 4, fd_tell: 1 << 5,
  fd_write: 1 << 6, fd_advise: 1 << 7, fd_allocate: 1 << 8, path_create_directory: 1 << 9, path_create_file: 1 << 10,
  path_link_source: 1 << 11, path_link_target: 1 << 12, path_open: 1 << 13, fd_readdir: 1 << 14, path_readlink: 1 << 15,
  path_rename_source: 1 << 16, path_rename_target: 1 << 17, path_filestat_get: 1 << 18, path_filestat_set_size: 1 << 19,
  path_filestat_set_times: 1 << 20, fd_filestat_get: 1 << 21, fd_filestat_set_size: 1 << 22,
  fd_filestat_set_times: 1 << 23, path_symlink: 1 << 24, path_remove_directory: 1 << 25, path_unlink_file: 1 << 26,
  poll_fd_readwrite: 1 << 27, sock_shutdown: 1 << 28, sock_accept: 1 << 29,
} as const;

const R = Rights;
/** What a directory can be used for. Nothing that reads or writes bytes: `fd_read` on a directory is EBADF. */
export const DIRECTORY_RIGHTS =
  R.path_create_directory | R.path_create_file | R.path_link_source | R.path_link_target | R.path_open | R.fd_readdir |
  R.path_readlink | R.path_rename_source | R.path_rename_target | R.path_filestat_get | R.path_filestat_set_size |
  R.path_filestat_set_times | R.fd_filestat_get | R.fd_filestat_set_times | R.path_symlink | R.path_remove_directory |
  R.path_unlink_file;
/** What a regular file can be used for, before the access mode takes reading or writing away. */
export const FILE_RIGHTS =
  R.fd_datasync | R.fd_read | R.fd_seek | R.fd_fdstat_set_flags | R.fd_sync | R.fd_tell | R.fd_write | R.fd_advise |
  R.fd_allocate | R.fd_filestat_get | R.fd_filestat_set_size | R.fd_filestat_set_times | R.poll_fd_readwrite;
/** Rights of a file that mean changing its bytes. */
export const WRITING_RIGHTS = R.fd_write | R.fd_allocate | R.fd_filestat_set_size;
/** A pipe or terminal. Without seek and tell, which is what wasi-libc's `isatty` looks at besides the file type. */
export const STREAM_RIGHTS = R.fd_fdstat_set_flags | R.fd_filestat_get | R.poll_fd_readwrite | R.fd_sync | R.fd_datasync;
/** A connection; what it can be used for is what a listening socket hands down. */
export const CONNECTION_RIGHTS = STREAM_RIGHTS | R.fd_read | R.fd_write | R.sock_shutdown;
/** A socket that listens. With reading, which polling asks for. */
export const LISTENER_RIGHTS = STREAM_RIGHTS | R.fd_read | R.sock_accept;
export const INHERITING_RIGHTS = DIRECTORY_RIGHTS | FILE_RIGHTS;

export const Filetype = {
  unknown: 0, block_device: 1, character_device: 2, directory: 3, regular_file: 4, socket_dgram: 5, socket_stream: 6, symbolic_link: 7,
} as const;
export type Filetype = (typeof Filetype)[keyof typeof Filetype];

export const Fdflags = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;
export const ALL_FDFLAGS = Fdflags.append | Fdflags.dsync | Fdflags.nonblock | Fdflags.rsync | Fdflags.sync;
export const Oflags = { creat: 1, directory: 2, excl: 4, trunc: 8 } as const;
export const Lookupflags = { symlink_follow: 1 } as const;
export const Fstflags = { atim: 1, atim_now: 2, mtim: 4, mtim_now: 8 } as const;
export const Whence = { set: 0, cur: 1, end: 2 } as const;
export const Clockid = { realtime: 0, monotonic: 1, process_cputime_id: 2, thread_cputime_id: 3 } as const;
export const Eventtype = { clock: 0, fd_read: 1, fd_write: 2 } as const;
export const Eventrwflags = { fd_readwrite_hangup: 1 } as const;
export const Subclockflags = { subscription_clock_abstime: 1 } as const;
export const Riflags = { recv_peek: 1, recv_waitall: 2 } as const;
export const Sdflags = { rd: 1, wr: 2 } as const;
export const Preopentype = { dir: 0 } as const;
/** `advice` goes from `normal` (0) to `noreuse` (5). */
export const LAST_ADVICE = 5;

/** Sizes in bytes of the records that cross the counter. Their fields are written where they are filled in. */
export const Sizes = { iovec: 8, fdstat: 24, filestat: 64, dirent: 24, prestat: 8, subscription: 48, event: 32 } as const;
