// Everything one running program has on our side of the counter: arguments, environment, descriptors, clock, chance.
// Handlers get this and nothing else, so what is not in here does not exist for the guest.
import { CONNECTION_RIGHTS, DIRECTORY_RIGHTS, FILE_RIGHTS, INHERITING_RIGHTS, LISTENER_RIGHTS, Rights, STREAM_RIGHTS, WRITING_RIGHTS, type ErrnoName } from './abi.js';
import type { WasiObserver } from './call.js';
import { Descriptors, type Entry } from './descriptors.js';
import { nulError, preopenError, preopenNameError } from './errors.js';
import { hostClock, hostRandom, type Clock, type Random } from './host/clock.js';
import { openGranted, type HostDirectory } from './host/directories.js';
import { Files, OpenFile, type FileFacts } from './host/files.js';
import type { Sockets } from './host/sockets.js';
import { openInput, openOutput, type InputStream, type OutputStream, type Stream } from './host/streams.js';
import { Memory, ObservedMemory, type GuestMemory } from './memory.js';
import type { Parking } from './parking.js';
import { DirectoryCache, type Root } from './resolve.js';

/** A directory the user grants. */
export interface Preopen {
  /** The host's path. */
  readonly host: string;
  /** The name the program sees, such as `/data` or `.`. */
  readonly guest: string;
  /** Nothing in it can be changed by the program: EROFS. */
  readonly readOnly?: boolean;
}

/** A call that was refused because the program may not, rather than because something is not there. */
export interface Refusal {
  readonly call: string;
  readonly fd: number;
  /** The path as it was asked for, from that descriptor on. */
  readonly path: string;
  readonly errno: ErrnoName;
}

const MOST_REFUSALS = 64;
const TAIL_BYTES = 4096;

/** What may explain, afterwards, why a program failed: refusals, and the end of what it said on its error stream. */
export class Clues {
  readonly refusals: Refusal[] = [];
  /** Twice as long as what is kept, so that it is moved once in a while and not on every write. */
  private readonly tail = new Uint8Array(2 * TAIL_BYTES);
  private used = 0;

  refused(refusal: Refusal): void {
    if (this.refusals.length < MOST_REFUSALS) this.refusals.push(refusal);
  }

  said(bytes: Uint8Array): void {
    const last = bytes.length > TAIL_BYTES ? bytes.subarray(-TAIL_BYTES) : bytes;
    if (this.used + last.length > this.tail.length) {
      this.tail.copyWithin(0, this.used - TAIL_BYTES, this.used);
      this.used = TAIL_BYTES;
    }
    this.tail.set(last, this.used);
    this.used += last.length;
  }

  /** The last 4096 bytes of the error stream. */
  get lastWords(): string {
    return new TextDecoder().decode(this.tail.subarray(Math.max(0, this.used - TAIL_BYTES), this.used));
  }
}

export interface WasiOptions {
  /** The program's name first. */
  readonly args: readonly string[];
  /** All of the program's environment; nothing of the host's is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly preopens: readonly Preopen[];
  /** Sockets to listen on; their descriptors follow the preopens'. They are closed with the program. */
  readonly sockets?: Sockets;
  readonly clock?: Clock;
  readonly random?: Random;
  /** What files look like, where that must not depend on the machine; see deterministic.ts. */
  readonly facts?: FileFacts;
  /** How directories are held; `handle` (where the host can) leaves no race. See host/directories.ts. */
  readonly directoriesBy?: 'handle' | 'path';
  /** Sees every call; without one, calls cost nothing more. */
  readonly observer?: WasiObserver;
  /** Filled while the program runs. */
  readonly clues?: Clues;
  /** Asked every few milliseconds while a call waits for time, input or room for output; what it throws ends the program. */
  readonly waiting?: () => void;
  /** Where calls wait that must not hold up others; without it they wait where they are. */
  readonly parking?: Parking;
  /** Stands for `stdin` where that has to be waited for. */
  readonly watchedStdin?: Stream | undefined;
}

const encoder = new TextEncoder();

export class WasiHost {
  readonly fds = new Descriptors();
  readonly files: Files;
  readonly args: readonly Uint8Array[];
  readonly env: readonly Uint8Array[];
  readonly clock: Clock;
  readonly random: Random;
  readonly sockets: Sockets | undefined;
  readonly parking: Parking | undefined;
  private readonly cache = new DirectoryCache();
  readonly clues: Clues | undefined;
  private readonly makeMemory: ((guest: GuestMemory) => Memory) | undefined;
  private guestMemory: GuestMemory | undefined;
  private knownMemory: Memory | undefined;

  constructor(options: WasiOptions) {
    this.args = options.args.map((arg) => terminated('argument', arg));
    this.env = Object.entries(options.env).map(([name, value]) => terminated('environment variable', `${name}=${value}`));
    this.files = new Files(options.facts);
    const { waiting } = options;
    this.clock = waiting === undefined ? (options.clock ?? hostClock()) : askingClock(options.clock ?? hostClock(), waiting);
    this.random = options.random ?? hostRandom;
    this.makeMemory = options.observer?.memory;
    this.clues = options.clues;
    this.sockets = options.sockets;
    this.parking = options.parking;
    const waits = { waiting, parking: options.parking };
    if (options.parking !== undefined) options.sockets?.park(options.parking);
    this.fds.place(0, streamEntry(options.watchedStdin ?? openInput(options.stdin, waits), true));
    this.fds.place(1, streamEntry(openOutput(options.stdout, waits), false));
    this.fds.place(2, streamEntry(openOutput(options.stderr, waits), false));
    try {
      options.preopens.forEach((preopen, index) => this.fds.place(3 + index, this.grant(preopen, options.directoriesBy ?? 'handle')));
      options.sockets?.listeners.forEach((listener, index) =>
        this.fds.place(3 + options.preopens.length + index, {
          kind: 'stream', stream: listener, listener, flags: 0, rights: LISTENER_RIGHTS, inheriting: CONNECTION_RIGHTS,
        }));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  private grant(preopen: Preopen, by: 'handle' | 'path'): Entry {
    const root = this.root(openPreopen(preopen, by));
    return {
      kind: 'directory', root, readOnly: preopen.readOnly ?? false, top: true, preopen: encoder.encode(preopen.guest), listing: undefined,
      rights: DIRECTORY_RIGHTS, inheriting: INHERITING_RIGHTS,
    };
  }

  /** A directory that paths can start from. */
  root(directory: HostDirectory): Root {
    return { id: this.cache.newRoot(), directory, cache: this.cache };
  }

  bind(memory: GuestMemory): void {
    this.guestMemory = memory;
  }

  /** What `make` gives; for a call that is made again after it had to wait, what it gave the first time. Once in a call. */
  keep<T>(make: () => T): T {
    return this.parking === undefined ? make() : this.parking.keep(make);
  }

  /** The guest's memory as it is at this moment; ask again after anything that runs guest code. */
  get memory(): Memory {
    if (this.guestMemory === undefined) throw new Error('BUG: a WASI function was called before bind()');
    if (this.makeMemory !== undefined) return this.makeMemory(this.guestMemory);
    // An engine hands out the same view until its memory grows: what was made for one call serves the next million.
    const view = this.guestMemory.view();
    if (!this.knownMemory?.shows(view)) this.knownMemory = new Memory({ view: () => view });
    return this.knownMemory;
  }

  /** The same for an observer, whose looking must not be taken for the program's. */
  get observedMemory(): Memory {
    return new ObservedMemory(this.guestMemory ?? { view: () => new Uint8Array() });
  }

  close(): void {
    this.fds.closeAll();
    this.cache.clear();
    this.sockets?.close();
  }
}

function openPreopen({ host, guest }: Preopen, by: 'handle' | 'path'): HostDirectory {
  if (guest === '' || guest.includes('\0')) throw preopenNameError(guest);
  try {
    return openGranted(host, by);
  } catch (error) {
    throw preopenError(host, guest, error);
  }
}

/** Throws E_PREOPEN, as a program would that is given these, and keeps nothing open. */
export function requirePreopens(preopens: readonly Preopen[]): void {
  for (const preopen of preopens) openPreopen(preopen, 'handle').release();
}

const LONGEST_SLEEP_NS = 10_000_000n;

/** A clock whose sleep can be ended. */
function askingClock(clock: Clock, waiting: () => void): Clock {
  return {
    realtime: () => clock.realtime(),
    monotonic: () => clock.monotonic(),
    cpuTime: () => clock.cpuTime(),
    resolution: clock.resolution,
    sleep(durationNs) {
      for (let left = durationNs; left > 0n; left -= LONGEST_SLEEP_NS) {
        clock.sleep(left < LONGEST_SLEEP_NS ? left : LONGEST_SLEEP_NS);
        waiting();
      }
    },
  };
}

function terminated(kind: 'argument' | 'environment variable', text: string): Uint8Array {
  if (text.includes('\0')) throw nulError(kind, text);
  return encoder.encode(text + '\0');
}

function streamEntry(stream: Stream | undefined, forReading: boolean): Entry | undefined {
  if (stream === undefined) return undefined;
  if (stream.descriptor !== undefined) {
    const file = new OpenFile(stream.descriptor, stream.filetype, forReading, !forReading, 0, true);
    return { kind: 'file', file, readOnly: false, rights: FILE_RIGHTS & ~(forReading ? WRITING_RIGHTS : Rights.fd_read), inheriting: 0 };
  }
  return { kind: 'stream', stream, flags: 0, rights: STREAM_RIGHTS | (forReading ? Rights.fd_read : Rights.fd_write), inheriting: 0 };
}
