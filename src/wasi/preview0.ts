// The 45 functions of wasi_unstable, WASI of 2019: preview 1's, but with an ABI of its own. `whence` counts from the
// current position, a link count has 32 bits, a clock to wait for has a name of its own, and no socket is accepted.
// Whoever takes one for the other seeks to the wrong place and reads sizes from the wrong bytes.
// witx: preview0/wasi_unstable
import { Whence } from './abi.js';
import { call, signatureOf, type Call } from './call.js';
import { statDescriptor } from './calls/descriptors.js';
import { statPath } from './calls/paths.js';
import { pollOneoff, type SubscriptionLayout } from './calls/poll.js';
import type { FileStat } from './host/files.js';
import type { Memory } from './memory.js';
import { preview1Calls } from './preview1.js';

export const PREVIEW0 = 'wasi_unstable';

const FILESTAT_BYTES = 56;
const MOST_LINKS = 0xffff_ffffn;
const WHENCE = [Whence.cur, Whence.end, Whence.set] as const;
/** The clock's own name stands before the rest and is, like its precision, not needed. */
const SUBSCRIPTION: SubscriptionLayout = { sizeBytes: 56, clockId: 24, timeout: 32, clockFlags: 48, fd: 16 };

function writeFilestat(memory: Memory, address: number, stat: FileStat): void {
  memory.slice(address, FILESTAT_BYTES).fill(0);
  memory.writeU64(address, stat.dev);
  memory.writeU64(address + 8, stat.ino);
  memory.writeU8(address + 16, stat.filetype);
  memory.writeU32(address + 20, Number(stat.nlink < MOST_LINKS ? stat.nlink : MOST_LINKS));
  memory.writeU64(address + 24, stat.size);
  memory.writeU64(address + 32, stat.atim);
  memory.writeU64(address + 40, stat.mtim);
  memory.writeU64(address + 48, stat.ctim);
}

const seek = preview1Calls.find(({ name }) => name === 'fd_seek')!;

const OWN: readonly Call[] = [
  call('fd_seek', [['fd', 'fd'], ['offset', 'filedelta'], ['whence', 'whence'], ['newoffset', 'result']], (host, fd, delta, whence, result) =>
    // A number that is none of the three stays one that preview 1 does not have either.
    seek.run(host, fd, delta, WHENCE[whence] ?? whence, result)),
  call('fd_filestat_get', [['fd', 'fd'], ['buf', 'result']], (host, fd, result) => {
    const stat = statDescriptor(host, fd);
    writeFilestat(host.memory, result, stat);
  }),
  call(
    'path_filestat_get',
    [['fd', 'fd'], ['flags', 'lookupflags'], ['path', 'path'], ['path_len', 'size'], ['buf', 'result']],
    (host, fd, flags, path, length, result) => writeFilestat(host.memory, result, statPath(host, fd, flags, path, length)),
  ),
  call('poll_oneoff', [['in', 'ptr'], ['out', 'result'], ['nsubscriptions', 'size'], ['nevents', 'result']], (host, from, to, count, result) =>
    pollOneoff(host, SUBSCRIPTION, from, to, count, result)),
];

const own = new Map(OWN.map((one) => [one.name, one]));

export const preview0Calls: readonly Call[] = preview1Calls.filter(({ name }) => name !== 'sock_accept').map((one) => own.get(one.name) ?? one);

/** The type each function of the interface has, by name. */
export const preview0Signatures: ReadonlyMap<string, ReturnType<typeof signatureOf>> = new Map(preview0Calls.map((one) => [one.name, signatureOf(one)]));
