// Functions on sockets. A program cannot make one: it has those it was given to listen on, the connections it accepts on
// them, and standard streams that happen to be sockets. The same for all: Badf, a number that is not open; Notsock, it is no
// socket; Notcapable, the right was given up; Fault, a pointer or length outside memory. What the network says of a
// connection comes as it is: ECONNABORTED, EHOSTUNREACH, ETIMEDOUT.
// witx: sock_*
import { CONNECTION_RIGHTS, Fdflags, Filetype, Riflags, Rights, Sdflags } from '../abi.js';
import { call, requireFlags } from '../call.js';
import type { StreamEntry } from '../descriptors.js';
import { wasiError } from '../errors.js';
import type { WasiHost } from '../wasi-host.js';

function socket(host: WasiHost, fd: number, rights: number): StreamEntry {
  const entry = host.fds.get(fd);
  if (entry.kind !== 'stream' || entry.stream.filetype !== Filetype.socket_stream) throw wasiError('notsock');
  if ((entry.rights & rights) !== rights) throw wasiError('notcapable');
  return entry;
}

/** A socket with somebody at its other end. Notconn: one that listens. */
function connected(host: WasiHost, fd: number, rights: number): StreamEntry {
  const entry = socket(host, fd, 0);
  if (entry.listener !== undefined) throw wasiError('notconn');
  return socket(host, fd, rights);
}

const waits = ({ flags }: StreamEntry) => (flags & Fdflags.nonblock) === 0;

export const socketCalls = [
  /**
   * Waits for a connection, unless the socket is non-blocking. Badf. Notsock. Notcapable. Fault. Again: there is none. Inval: a socket that does not
   * listen, or a flag that a connection cannot have. Mfile: no number left.
   */
  call('sock_accept', [['fd', 'fd'], ['flags', 'fdflags'], ['accepted_fd', 'result']], (host, fd, flags, result) => {
    const entry = socket(host, fd, 0);
    if (entry.listener === undefined) throw wasiError('inval');
    socket(host, fd, Rights.sock_accept);
    requireFlags(flags, Fdflags.nonblock);
    const { memory } = host;
    memory.require(result, 4);
    host.fds.requireRoom();
    const connection = entry.listener.accept(waits(entry));
    memory.writeU32(result, host.fds.add({ kind: 'stream', stream: connection, connection, flags, rights: CONNECTION_RIGHTS & entry.inheriting, inheriting: 0 }));
  }),
  /**
   * Short counts are allowed; 0 is the end. No message is ever cut: `ro_flags` is 0. Badf. Notsock. Notcapable. Fault. Again: non-blocking and nothing
   * there. Notconn: a socket that listens. Inval: an unknown flag. Notsup: `recv_peek` or `recv_waitall` on a standard
   * stream. Connreset: the peer broke it off.
   */
  call(
    'sock_recv',
    [['fd', 'fd'], ['ri_data', 'iovs'], ['ri_data_len', 'size'], ['ri_flags', 'riflags'], ['ro_datalen', 'result'], ['ro_flags', 'result']],
    (host, fd, iovs, count, flags, length, roFlags) => {
      const { stream, connection, ...entry } = connected(host, fd, Rights.fd_read);
      requireFlags(flags, Riflags.recv_peek | Riflags.recv_waitall);
      const { memory } = host;
      memory.require(length, 4);
      memory.require(roFlags, 2);
      const buffers = memory.buffers(iovs, count);
      const wait = (entry.flags & Fdflags.nonblock) === 0;
      if (connection === undefined && flags !== 0) throw wasiError('notsup');
      const got =
        connection === undefined
          ? stream.read(buffers, wait)
          : connection.receive(buffers, { wait, peek: (flags & Riflags.recv_peek) !== 0, all: (flags & Riflags.recv_waitall) !== 0 });
      memory.writeU32(length, got);
      memory.writeU16(roFlags, 0);
    },
  ),
  /**
   * Badf. Notsock. Notcapable. Fault. Again: non-blocking and earlier bytes are still on their way. Notconn: a socket that listens.
   * Inval: a flag; there are none. Pipe: nobody reads, or writing was shut down.
   */
  call('sock_send', [['fd', 'fd'], ['si_data', 'iovs'], ['si_data_len', 'size'], ['si_flags', 'siflags'], ['so_datalen', 'result']], (host, fd, iovs, count, flags, result) => {
    const entry = connected(host, fd, Rights.fd_write);
    requireFlags(flags, 0);
    const { memory } = host;
    memory.require(result, 4);
    memory.writeU32(result, entry.stream.write(memory.buffers(iovs, count), waits(entry)));
  }),
  /**
   * Badf. Notsock. Notcapable. Inval: neither direction, or an unknown one. Notconn: a socket that listens. A standard stream never had
   * the right.
   */
  call('sock_shutdown', [['fd', 'fd'], ['how', 'sdflags']], (host, fd, how) => {
    const { connection } = connected(host, fd, Rights.sock_shutdown);
    requireFlags(how, Sdflags.rd | Sdflags.wr);
    if (how === 0) throw wasiError('inval');
    connection?.shutdown((how & Sdflags.rd) !== 0, (how & Sdflags.wr) !== 0);
  }),
];
