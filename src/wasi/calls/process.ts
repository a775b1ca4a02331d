// Arguments, environment, clocks, chance and the end of the program. Fault: a pointer or length outside memory.
// witx: args_*, environ_*, clock_*, random_get, proc_*, sched_yield
import { Clockid } from '../abi.js';
import { call, type Call } from '../call.js';
import { ProcExit, wasiError } from '../errors.js';
import type { WasiHost } from '../wasi-host.js';

const totalBytes = (strings: readonly Uint8Array[]) => strings.reduce((sum, bytes) => sum + bytes.length, 0);

/** Fault: a result lies outside memory. */
function writeSizes(host: WasiHost, strings: readonly Uint8Array[], count: number, sizeBytes: number): void {
  const { memory } = host;
  memory.require(sizeBytes, 4);
  memory.writeU32(count, strings.length);
  memory.writeU32(sizeBytes, totalBytes(strings));
}

/** Fault: the list or the text does not fit in memory; nothing is written then. */
function writeStrings(host: WasiHost, strings: readonly Uint8Array[], pointers: number, text: number): void {
  const { memory } = host;
  memory.require(pointers, strings.length * 4);
  memory.require(text, totalBytes(strings));
  let address = text;
  strings.forEach((bytes, index) => {
    memory.writeU32(pointers + index * 4, address);
    memory.write(address, bytes);
    address += bytes.length;
  });
}

/** What a call needs that a thread can answer by itself: nothing that threads share but memory and the host's own clocks. */
export type OwnHost = Pick<WasiHost, 'memory' | 'clock' | 'random'>;

/** Inval: no such clock. */
function readClock(host: OwnHost, id: number): bigint {
  const { clock } = host;
  switch (id) {
    case Clockid.realtime: return clock.realtime();
    case Clockid.monotonic: return clock.monotonic();
    // Node tells no thread's time apart from the process's.
    case Clockid.process_cputime_id:
    case Clockid.thread_cputime_id: return clock.cpuTime();
    default: throw wasiError('inval');
  }
}

function clockResolution(host: OwnHost, id: number): bigint {
  const { resolution } = host.clock;
  switch (id) {
    case Clockid.realtime: return resolution.realtime;
    case Clockid.monotonic: return resolution.monotonic;
    case Clockid.process_cputime_id:
    case Clockid.thread_cputime_id: return resolution.cpuTime;
    default: throw wasiError('inval');
  }
}

// The interface's signal numbers 1 to 30; of these it says that they do nothing unless handled, and a guest handles none.
const IGNORED_SIGNALS = new Set([13 /* pipe */, 16 /* chld */, 17 /* cont */, 22 /* urg */, 27 /* winch */]);
const STOPPING_SIGNALS = new Set([18 /* stop */, 19 /* tstp */, 20 /* ttin */, 21 /* ttou */]);
const LAST_SIGNAL = 30;

/** The most random bytes made in one go: Node refuses more than 2^31 - 1, and the pages of one piece stay in cache. */
const RANDOM_PIECE = 1 << 20;

/** Calls that a thread of a program may answer by itself, without the others. */
export const ownCalls: readonly Call<OwnHost>[] = [
  /** Inval: no such clock. Fault. */
  call('clock_res_get', [['id', 'clockid'], ['resolution', 'result']], (host: OwnHost, id, result) => host.memory.writeU64(result, clockResolution(host, id))),
  /** `precision` is what the program would put up with; it always gets the best there is. Inval: no such clock. Fault. */
  call('clock_time_get', [['id', 'clockid'], ['precision', 'timestamp'], ['time', 'result']], (host: OwnHost, id, _precision, result) =>
    host.memory.writeU64(result, readClock(host, id))),

  /** Fault. */
  call('random_get', [['buf', 'result'], ['buf_len', 'size']], (host: OwnHost, address, length) => {
    const bytes = host.memory.slice(address, length);
    for (let start = 0; start < length; start += RANDOM_PIECE) host.random(bytes.subarray(start, start + RANDOM_PIECE));
  }),
  /** A thread of the host is not yielded: the system shares out its processors itself. */
  call('sched_yield', [], () => {}),
];

export const processCalls: readonly Call[] = [
  /** Fault. */
  call('args_get', [['argv', 'result'], ['argv_buf', 'result']], (host, argv, text) => writeStrings(host, host.args, argv, text)),
  /** Fault. */
  call('args_sizes_get', [['argc', 'result'], ['argv_buf_size', 'result']], (host, count, size) => writeSizes(host, host.args, count, size)),
  /** Fault. */
  call('environ_get', [['environ', 'result'], ['environ_buf', 'result']], (host, environ, text) => writeStrings(host, host.env, environ, text)),
  /** Fault. */
  call('environ_sizes_get', [['environc', 'result'], ['environ_buf_size', 'result']], (host, count, size) => writeSizes(host, host.env, count, size)),

  ...ownCalls,

  /** Does not return. */
  call('proc_exit', [['rval', 'exitcode']], (_host, code) => {
    throw new ProcExit(code);
  }),
  /**
   * A guest cannot handle signals, so each has its default effect: the program ends with 128 + the number, as a shell
   * would report it, or nothing happens. The host process is never signalled. Inval: no such signal. Notsup: stopping.
   */
  call('proc_raise', [['sig', 'signal']], (_host, signal) => {
    if (signal > LAST_SIGNAL) throw wasiError('inval');
    if (STOPPING_SIGNALS.has(signal)) throw wasiError('notsup');
    if (signal !== 0 && !IGNORED_SIGNALS.has(signal)) throw new ProcExit(128 + signal);
  }),
];
