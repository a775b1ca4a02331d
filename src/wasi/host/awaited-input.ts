// Standard input of a program whose calls wait elsewhere (parking.ts): a pipe, socket or terminal that Node's event loop
// watches, so that nobody stands inside the system's read. Nothing is read before the program asks; what is read beyond what
// it asked for stays here. A descriptor keeps its watcher for the life of the process: two of them would fight over it.
import fs from 'node:fs';
import net from 'node:net';
import tty from 'node:tty';
import { Filetype } from '../abi.js';
import { errnoOf, wasiError } from '../errors.js';
import { Parked, type Parking } from '../parking.js';
import type { InputStream, Stream } from './streams.js';

const watched = new Map<number, Watcher>();

/** Undefined for an input that never has to be waited for. */
export function awaitedInput(input: InputStream, parking: Parking): Stream | undefined {
  if (typeof input !== 'number') return undefined;
  const filetype = waitingFiletype(input);
  if (filetype === undefined) return undefined;
  let watcher = watched.get(input);
  if (watcher === undefined) watched.set(input, (watcher = new Watcher(input)));
  return new AwaitedInput(watcher, filetype, parking);
}

/** Undefined for files and devices, which answer at once, and for what is not open. */
function waitingFiletype(fd: number): Filetype | undefined {
  if (tty.isatty(fd)) return Filetype.character_device;
  try {
    const stat = fs.fstatSync(fd);
    return stat.isSocket() ? Filetype.socket_stream : stat.isFIFO() ? Filetype.unknown : undefined;
  } catch {
    return undefined;
  }
}

/** What has come of a descriptor and was not taken yet. */
class Watcher {
  private source: net.Socket | undefined;
  private chunks: Uint8Array[] = [];
  private ended = false;
  private failure: unknown;
  private told: () => void = () => {};

  constructor(private readonly fd: number) {}

  /** Bytes there; 0 at the end; undefined: none yet, and from now on somebody looks out for them. Throws the host's error, once. */
  there(told: () => void): number | undefined {
    this.told = told;
    const bytes = this.chunks.reduce((sum, { length }) => sum + length, 0);
    if (bytes > 0) return bytes;
    if (this.failure !== undefined) {
      const error = this.failure;
      this.failure = undefined;
      throw errnoOf(error) === undefined ? wasiError('io') : error;
    }
    if (this.ended) return 0;
    (this.source ??= this.open()).resume();
    return undefined;
  }

  take(buffers: readonly Uint8Array[]): number {
    let taken = 0;
    for (const buffer of buffers) {
      for (let at = 0; at < buffer.length && this.chunks.length > 0; ) {
        const [first, ...rest] = this.chunks as [Uint8Array, ...Uint8Array[]];
        const part = first.subarray(0, buffer.length - at);
        buffer.set(part, at);
        at += part.length;
        taken += part.length;
        this.chunks = part.length < first.length ? [first.subarray(part.length), ...rest] : rest;
      }
    }
    return taken;
  }

  /** Nobody reads any more, and the host process need not live on for it. */
  rest(): void {
    this.told = () => {};
    this.source?.pause();
    this.source?.unref();
  }

  private open(): net.Socket {
    // Node's types do not know `manualStart`: nothing is read before `resume`.
    const options = { fd: this.fd, readable: true, writable: false, manualStart: true };
    const source = tty.isatty(this.fd) ? new tty.ReadStream(this.fd) : new net.Socket(options);
    source.pause();
    source.on('data', (chunk: Uint8Array) => {
      this.chunks.push(chunk);
      source.pause();
      this.told();
    });
    source.on('end', () => {
      this.ended = true;
      this.told();
    });
    source.on('error', (error) => {
      this.failure = error;
      this.ended = true;
      this.told();
    });
    return source;
  }
}

class AwaitedInput implements Stream {
  readonly reads = true;
  readonly writes = false;
  readonly descriptor = undefined;
  readonly tells = true;
  constructor(
    private readonly watcher: Watcher,
    readonly filetype: Filetype,
    private readonly parking: Parking,
  ) {}

  read(buffers: readonly Uint8Array[], wait: boolean): number {
    if (buffers.length === 0) return 0;
    if (this.readable() === undefined) throw wait ? new Parked(undefined, true) : wasiError('again');
    return this.watcher.take(buffers);
  }

  readable(): number | undefined {
    return this.watcher.there(() => this.parking.wake());
  }

  write(): number {
    throw wasiError('badf');
  }

  close(): void {
    this.watcher.rest();
  }
}
