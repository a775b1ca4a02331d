// Waiting. Clocks and descriptors mixed; the processor rests in between. Node has no poll(2), so whether a pipe or
// terminal has something to read is found out by looking (host/streams.ts), every few milliseconds.
// witx: poll_oneoff
import { Clockid, Errno, Eventrwflags, Eventtype, Rights, Sizes, Subclockflags } from '../abi.js';
import { call } from '../call.js';
import { errnoOf, wasiError } from '../errors.js';
import type { Entry } from '../descriptors.js';
import type { Memory } from '../memory.js';
import { Parked } from '../parking.js';
import type { WasiHost } from '../wasi-host.js';
import { reader, writer } from './descriptors.js';

interface Subscription {
  readonly userdata: bigint;
  readonly type: number;
  /** Answers the event once it has happened. */
  readonly check: (host: WasiHost) => Happened | undefined;
  /** Whether somebody wakes us when it happens; otherwise it must be looked at again and again. */
  readonly told: boolean;
  /** For a clock: how long until it rings. */
  readonly remainingNs?: (host: WasiHost) => bigint;
}

interface Happened {
  readonly errno: number;
  readonly nbytes?: bigint;
  readonly flags?: number;
}

const NOW: Happened = { errno: Errno.success };
/** More than any program waits for, and few enough that a hostile count cannot fill our memory. */
const MOST_SUBSCRIPTIONS = 65_536;
const SHORTEST_LOOK_NS = 500_000n;
const LONGEST_LOOK_NS = 10_000_000n;

/** Where a subscription keeps its fields, in bytes. The snapshots differ here, and in nothing else of this call. */
export interface SubscriptionLayout {
  readonly sizeBytes: number;
  readonly clockId: number;
  readonly timeout: number;
  readonly clockFlags: number;
  readonly fd: number;
}

const PREVIEW1_SUBSCRIPTION: SubscriptionLayout = { sizeBytes: Sizes.subscription, clockId: 16, timeout: 24, clockFlags: 40, fd: 16 };

function readSubscription(host: WasiHost, memory: Memory, layout: SubscriptionLayout, address: number): Subscription {
  const userdata = memory.readU64(address);
  const type = memory.readU8(address + 8);
  const failed = (errno: number): Subscription => ({ userdata, type, told: true, check: () => ({ errno }) });
  if (type === Eventtype.clock) {
    const id = memory.readU32(address + layout.clockId);
    const timeout = memory.readU64(address + layout.timeout);
    const flags = memory.readU16(address + layout.clockFlags);
    if (id > Clockid.thread_cputime_id || (flags & ~Subclockflags.subscription_clock_abstime) !== 0) return failed(Errno.inval);
    // A clock that stands still while we wait for it would never ring.
    if (id !== Clockid.realtime && id !== Clockid.monotonic) return failed(Errno.notsup);
    const absolute = (flags & Subclockflags.subscription_clock_abstime) !== 0;
    // Waiting for a length of time is measured by the clock that nobody can set.
    const now = absolute && id === Clockid.realtime ? () => host.clock.realtime() : () => host.clock.monotonic();
    const rings = absolute ? timeout : now() + timeout;
    return { userdata, type, told: true, check: () => (now() >= rings ? NOW : undefined), remainingNs: () => rings - now() };
  }
  if (type !== Eventtype.fd_read && type !== Eventtype.fd_write) throw wasiError('inval');
  const fd = memory.readU32(address + layout.fd);
  return { userdata, type, told: host.fds.tells(fd), check: (at) => (type === Eventtype.fd_read ? readable(at, fd) : writable(at, fd)) };
}

function requirePolling({ rights }: Entry): void {
  if ((rights & Rights.poll_fd_readwrite) === 0) throw wasiError('notcapable');
}

function readable(host: WasiHost, fd: number): Happened | undefined {
  try {
    const entry = reader(host, fd);
    requirePolling(entry);
    const count = entry.kind === 'file' ? entry.file.remaining() : entry.stream.readable();
    if (count === undefined) return undefined;
    // The end of a file is not the end of a pipe: only the latter has hung up.
    const hangup = count === 0 && entry.kind === 'stream';
    return { errno: Errno.success, nbytes: BigInt(count), flags: hangup ? Eventrwflags.fd_readwrite_hangup : 0 };
  } catch (error) {
    return failure(error);
  }
}

function writable(host: WasiHost, fd: number): Happened | undefined {
  try {
    const entry = writer(host, fd);
    requirePolling(entry);
    if (entry.kind === 'stream' && entry.stream.writable?.() === false) return undefined;
    // Nothing tells how much room a pipe has; writing waits when there is none.
    return { errno: Errno.success, nbytes: 65536n };
  } catch (error) {
    return failure(error);
  }
}

/** A descriptor that cannot be waited for is an event with its error, not a failure of the whole call. */
function failure(error: unknown): Happened {
  const errno = errnoOf(error);
  if (errno === undefined) throw error;
  return { errno };
}

function writeEvent(memory: Memory, address: number, subscription: Subscription, happened: Happened): void {
  memory.slice(address, Sizes.event).fill(0);
  memory.writeU64(address, subscription.userdata);
  memory.writeU16(address + 8, happened.errno);
  memory.writeU8(address + 10, subscription.type);
  memory.writeU64(address + 16, happened.nbytes ?? 0n);
  memory.writeU16(address + 24, happened.flags ?? 0);
}

const sooner = (one: bigint | undefined, other: bigint | undefined): bigint | undefined => (one === undefined || (other !== undefined && other < one) ? other : one);

function waitForAny(host: WasiHost, subscriptions: readonly Subscription[]): { subscription: Subscription; happened: Happened }[] {
  const toldOfAll = subscriptions.every(({ told }) => told);
  for (let lookNs = SHORTEST_LOOK_NS; ; lookNs = lookNs * 2n > LONGEST_LOOK_NS ? LONGEST_LOOK_NS : lookNs * 2n) {
    const seen = host.sockets?.changes;
    const events = subscriptions.flatMap((subscription) => {
      const happened = subscription.check(host);
      return happened === undefined ? [] : [{ subscription, happened }];
    });
    if (events.length > 0) return events;
    const earliestNs = subscriptions.reduce<bigint | undefined>((earliest, { remainingNs }) => sooner(earliest, remainingNs?.(host)), undefined);
    if (host.parking !== undefined) throw new Parked(earliestNs, toldOfAll);
    // Without a clock among them, only a socket can be what is waited for.
    const pauseNs = sooner(earliestNs, toldOfAll ? undefined : lookNs);
    if (seen === undefined) host.clock.sleep(pauseNs!);
    else host.sockets!.sleep(seen, pauseNs === undefined ? Infinity : Number(pauseNs) / 1e6);
  }
}

export function pollOneoff(host: WasiHost, layout: SubscriptionLayout, from: number, to: number, count: number, result: number): void {
  if (count === 0) throw wasiError('inval');
  const { memory } = host;
  memory.require(result, 4);
  memory.require(from, count * layout.sizeBytes);
  memory.require(to, count * Sizes.event);
  if (count > MOST_SUBSCRIPTIONS) throw wasiError('inval');
  // Read once: clocks that ring after some time count from the moment the call was made.
  const subscriptions = host.keep(() => Array.from({ length: count }, (_, index) => readSubscription(host, memory, layout, from + index * layout.sizeBytes)));
  const events = waitForAny(host, subscriptions);
  events.forEach(({ subscription, happened }, index) => writeEvent(memory, to + index * Sizes.event, subscription, happened));
  memory.writeU32(result, events.length);
}

export const pollCalls = [
  /**
   * Waits until at least one subscription has happened and writes an event for each that has. A descriptor that is not
   * open, or not open for that, is an event with EBADF, or with ENOTCAPABLE when the right was given up; an unknown clock or
   * flag is one with EINVAL, a clock that stands still while we wait one with ENOTSUP. Inval: no subscriptions, more than 65,536,
   * or one of an unknown kind. Fault.
   */
  call('poll_oneoff', [['in', 'ptr'], ['out', 'result'], ['nsubscriptions', 'size'], ['nevents', 'result']], (host, from, to, count, result) =>
    pollOneoff(host, PREVIEW1_SUBSCRIPTION, from, to, count, result)),
];
