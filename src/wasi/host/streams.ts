// Standard input and output: a descriptor the host process already has, or an object that captures. Reads and writes
// are blocking for the guest. Node has no poll(2); a descriptor that is in non-blocking mode (a pipe from another
// Node, a terminal) answers EAGAIN, and then we sleep for a moment that grows to 10 ms: a wait, not a spin.
import fs from 'node:fs';
import { isTerminal } from '../../base/terminal.js';
import { Filetype } from '../abi.js';
import { wasiError } from '../errors.js';
import { Parked, type Parking } from '../parking.js';
import { restOf } from './vectors.js';

/** Where output goes: a descriptor of the host, or whoever collects the bytes. The bytes are only valid during the call. */
export type OutputStream = number | { write(bytes: Uint8Array): void };
/** Where input comes from. `read` fills some of `into` and answers how many bytes; 0 is the end. */
export type InputStream = number | { read(into: Uint8Array): number };

/** How a stream waits. */
export interface Waits {
  /** Asked every few milliseconds; may end the wait by throwing. */
  readonly waiting?: (() => void) | undefined;
  /** Where the call waits instead of here. */
  readonly parking?: Parking | undefined;
}

/** One end the guest reads from or writes to. */
export interface Stream {
  readonly filetype: Filetype;
  /** Which ways bytes go. */
  readonly reads: boolean;
  readonly writes: boolean;
  /** A regular file of the host, redirected: it has a position and can seek. */
  readonly descriptor: number | undefined;
  /** Bytes read, 0 at the end. EAGAIN: none there and `wait` is false. EBADF: not for reading. */
  read(buffers: readonly Uint8Array[], wait: boolean): number;
  /** Bytes written: all, unless `wait` is false. EPIPE: nobody reads any more. EBADF: not for writing. */
  write(buffers: readonly Uint8Array[], wait: boolean): number;
  /** What a read would find: bytes (0 = the end), or undefined when it would have to wait. */
  readable(): number | undefined;
  /** Whether a write would go through without waiting; always, where nothing can tell. */
  writable?(): boolean;
  /** A change wakes whoever sleeps on the program's sockets, so that nobody needs to look again and again. */
  readonly tells?: boolean;
  close(): void;
}

const SHORTEST_WAIT_MS = 0.2;
const LONGEST_WAIT_MS = 10;

/** Calls `attempt` until it does not answer EAGAIN; with `wait` false the first EAGAIN is thrown. Throws `Parked`, and what ends the wait. */
function untilReady<T>(attempt: () => T, wait: boolean, { waiting, parking }: Waits): T {
  let sleeper: Int32Array | undefined;
  for (let pauseMs = SHORTEST_WAIT_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_WAIT_MS)) {
    try {
      return attempt();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EINTR') continue;
      if ((code !== 'EAGAIN' && code !== 'EWOULDBLOCK') || !wait) throw error;
    }
    if (parking !== undefined) throw new Parked(undefined, false);
    sleeper ??= new Int32Array(new SharedArrayBuffer(4));
    Atomics.wait(sleeper, 0, 0, pauseMs);
    waiting?.();
  }
}

const writeVector = (descriptor: number, buffers: readonly Uint8Array[]): number =>
  buffers.length === 1 ? fs.writeSync(descriptor, buffers[0]!, 0, buffers[0]!.length, null) : fs.writevSync(descriptor, buffers);

class HostStream implements Stream {
  readonly reads: boolean;
  readonly writes: boolean;
  readonly descriptor: number | undefined;
  private readonly stat: fs.Stats;
  private kind: Filetype | undefined;
  /** Read before the guest asked, to learn whether there is anything to read. */
  private ahead: Uint8Array | undefined;
  /** The same pipe or terminal opened once more, in non-blocking mode; -1 when that cannot be done. */
  private lookout: number | undefined;
  /** The call whose bytes are on their way: others wait until it is through, so that no two are mixed. */
  private writing: object | undefined;

  constructor(
    private readonly fd: number,
    private readonly forReading: boolean,
    private readonly waits: Waits,
  ) {
    this.reads = forReading;
    this.writes = !forReading;
    this.stat = fs.fstatSync(fd);
    this.descriptor = this.stat.isFile() ? fd : undefined;
  }

  /** Found out when first asked for: to know a terminal takes Node longer than a short program runs. */
  get filetype(): Filetype {
    const { stat } = this;
    return (this.kind ??=
      stat.isFile() ? Filetype.regular_file
      : stat.isCharacterDevice() ? (isTerminal(this.fd) ? Filetype.character_device : Filetype.unknown)
      : stat.isSocket() ? Filetype.socket_stream
      : stat.isBlockDevice() ? Filetype.block_device
      : Filetype.unknown);
  }

  read(buffers: readonly Uint8Array[], wait: boolean): number {
    if (!this.forReading) throw wasiError('badf');
    if (buffers.length === 0) return 0;
    // Who may have to stop must not be inside the system's read.
    if (wait && (this.waits.waiting !== undefined || this.waits.parking !== undefined)) untilReady(() => this.look(), wait, this.waits);
    if (this.ahead !== undefined) return this.takeAhead(buffers);
    // The descriptor itself waits, and others share it: whether there is something must be known before.
    if (!wait && this.readable() === undefined) throw wasiError('again');
    if (this.ahead !== undefined) return this.takeAhead(buffers);
    try {
      return untilReady(() => fs.readvSync(this.fd, buffers as Uint8Array[]), wait, this.waits);
    } catch (error) {
      // Windows: the end of a pipe is an error there.
      if ((error as NodeJS.ErrnoException).code === 'EOF') return 0;
      throw error;
    }
  }

  private takeAhead(buffers: readonly Uint8Array[]): number {
    let taken = 0;
    for (const buffer of buffers) {
      const part = this.ahead!.subarray(taken, taken + buffer.length);
      buffer.set(part);
      taken += part.length;
    }
    this.ahead = taken < this.ahead!.length ? this.ahead!.subarray(taken) : undefined;
    return taken;
  }

  write(buffers: readonly Uint8Array[], wait: boolean): number {
    if (this.forReading) throw wasiError('badf');
    const { parking } = this.waits;
    if (wait && parking !== undefined) return this.writeInTurns(buffers, parking);
    let written = 0;
    // All buffers in one host call, so that a line that a program writes in pieces is not torn apart by what others write.
    for (let rest = restOf(buffers); rest.length > 0; rest = restOf(buffers, written)) {
      try {
        written += this.put(rest, wait);
      } catch (error) {
        if (written > 0) return written;
        throw error;
      }
    }
    return written;
  }

  private put(rest: readonly Uint8Array[], wait: boolean): number {
    return untilReady(() => writeVector(wait && this.waits.parking === undefined ? this.fd : this.impatient(), rest), wait, this.waits);
  }

  /** Goes on where the call was when there was no more room. */
  private writeInTurns(buffers: readonly Uint8Array[], parking: Parking): number {
    if (this.writing !== undefined && this.writing !== parking.caller) throw new Parked(undefined, false);
    const done = parking.keep(() => ({ written: 0 }));
    this.writing = parking.caller;
    try {
      for (let rest = restOf(buffers, done.written); rest.length > 0; rest = restOf(buffers, done.written)) done.written += this.put(rest, true);
    } catch (error) {
      if (error instanceof Parked) throw error;
      this.writing = undefined;
      if (done.written > 0) return done.written;
      throw error;
    }
    this.writing = undefined;
    return done.written;
  }

  /** Throws EAGAIN while there is nothing to read. */
  private look(): void {
    if (this.readable() === undefined) throw Object.assign(new Error('nothing to read yet'), { code: 'EAGAIN' });
  }

  readable(): number | undefined {
    if (this.ahead !== undefined) return this.ahead.length;
    if (this.descriptor !== undefined || this.filetype === Filetype.block_device) return 1;
    if (this.again() === -1) return 1;
    const buffer = new Uint8Array(4096);
    try {
      const count = fs.readSync(this.again(), buffer, 0, buffer.length, null);
      if (count === 0) return 0;
      this.ahead = buffer.subarray(0, count);
      return count;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
      throw error;
    }
  }

  /**
   * Another description of the same pipe or terminal, which does not wait and leaves ours as it is. -1: a socket cannot be
   * opened again, and other hosts have no such path: there the guest is told "ready", and its call will wait.
   */
  private again(): number {
    if (this.lookout === undefined) {
      this.lookout = -1;
      if (process.platform === 'linux' && this.descriptor === undefined) {
        const { O_RDONLY, O_WRONLY, O_NONBLOCK, O_NOCTTY } = fs.constants;
        try {
          this.lookout = fs.openSync(`/proc/self/fd/${this.fd}`, (this.forReading ? O_RDONLY : O_WRONLY) | O_NONBLOCK | O_NOCTTY);
        } catch {
          // Stays -1.
        }
      }
    }
    return this.lookout;
  }

  /** What to write to when the guest does not want to wait. */
  private impatient(): number {
    const other = this.again();
    return other === -1 ? this.fd : other;
  }

  close(): void {
    if (this.lookout !== undefined && this.lookout !== -1) fs.closeSync(this.lookout);
    this.lookout = -1;
  }
}

class CapturedInput implements Stream {
  readonly reads = true;
  readonly writes = false;
  readonly filetype = Filetype.unknown;
  readonly descriptor = undefined;
  constructor(private readonly source: { read(into: Uint8Array): number }) {}
  read(buffers: readonly Uint8Array[]): number {
    const first = buffers[0];
    return first === undefined ? 0 : this.source.read(first);
  }
  write(): number {
    throw wasiError('badf');
  }
  readable(): number {
    return 1;
  }
  close(): void {}
}

class CapturedOutput implements Stream {
  readonly reads = false;
  readonly writes = true;
  readonly filetype = Filetype.unknown;
  readonly descriptor = undefined;
  constructor(private readonly sink: { write(bytes: Uint8Array): void }) {}
  read(): number {
    throw wasiError('badf');
  }
  write(buffers: readonly Uint8Array[]): number {
    let written = 0;
    for (const buffer of buffers) {
      this.sink.write(buffer);
      written += buffer.length;
    }
    return written;
  }
  readable(): undefined {
    return undefined;
  }
  close(): void {}
}

/** Undefined when the host process itself has no such descriptor open: the guest then has none either. */
export function openInput(stream: InputStream, waits: Waits = {}): Stream | undefined {
  return typeof stream === 'number' ? openHost(stream, true, waits) : new CapturedInput(stream);
}

export function openOutput(stream: OutputStream, waits: Waits = {}): Stream | undefined {
  return typeof stream === 'number' ? openHost(stream, false, waits) : new CapturedOutput(stream);
}

function openHost(fd: number, forReading: boolean, waits: Waits): Stream | undefined {
  try {
    return new HostStream(fd, forReading, waits);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBADF') return undefined;
    throw error;
  }
}
