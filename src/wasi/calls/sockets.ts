// No program is given a socket yet, so no descriptor is one. The answers are those a program gets that tries.
// witx: sock_*
import { call } from '../call.js';
import { wasiError } from '../errors.js';
import type { WasiHost } from '../wasi-host.js';

/** Badf: not open. Notsock: everything else. */
function notASocket(host: WasiHost, fd: number): never {
  host.fds.get(fd);
  throw wasiError('notsock');
}

export const socketCalls = [
  call('sock_accept', [['fd', 'fd'], ['flags', 'fdflags'], ['accepted_fd', 'result']], notASocket),
  call(
    'sock_recv',
    [['fd', 'fd'], ['ri_data', 'iovs'], ['ri_data_len', 'size'], ['ri_flags', 'riflags'], ['ro_datalen', 'result'], ['ro_flags', 'result']],
    notASocket,
  ),
  call('sock_send', [['fd', 'fd'], ['si_data', 'iovs'], ['si_data_len', 'size'], ['si_flags', 'siflags'], ['so_datalen', 'result']], notASocket),
  call('sock_shutdown', [['fd', 'fd'], ['how', 'sdflags']], notASocket),
];
