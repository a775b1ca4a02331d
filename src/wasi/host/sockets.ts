// Sockets as a program uses them: it asks, waits or is told EAGAIN, and gets an answer. Behind stands a thread that owns
// the real ones (socket-thread.ts); this side reads the board, asks, and sleeps on the board's count of changes when
// there is nothing to do. Loaded only for a program that was given something to listen on.
import { once } from 'node:events';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { Filetype } from '../abi.js';
import { listenError, wasiError } from '../errors.js';
import { Parked, type Parking } from '../parking.js';
import { Board, BOARD_NUMBERS, PIECE_BYTES, rowOf, RowFlags, type Answer, type ListenAddress, type Opened, type Question } from './socket-board.js';
import type { Stream } from './streams.js';

export type { ListenAddress } from './socket-board.js';

export interface Receiving {
  readonly wait: boolean;
  /** Leave the bytes where they are. */
  readonly peek: boolean;
  /** Wait until all buffers are full, or no more will come. */
  readonly all: boolean;
}

/** The types of ES2023 lack it; every Node that we run on has it. */
const { waitAsync } = Atomics as unknown as { readonly waitAsync: (view: Int32Array, index: number, seen: number) => { readonly value: Promise<string> | string } };

/** A thread of sockets, from this side. */
class Thread {
  private closed = false;
  /** Where calls wait instead of here. */
  parking: Parking | undefined;

  constructor(
    private readonly worker: Worker,
    private readonly port: MessagePort,
    private readonly board: Int32Array,
  ) {}

  /** A number that is another one whenever anything has changed since. */
  get changes(): number {
    return Atomics.load(this.board, Board.changes);
  }

  /** Sleeps until something has changed since `seen`, or `durationMs` is over. */
  sleep(seen: number, durationMs = Infinity): void {
    Atomics.wait(this.board, Board.changes, seen, durationMs);
  }

  /** The same for a call that has to wait. */
  wait(seen: number): void {
    if (this.parking !== undefined) throw new Parked(undefined, true);
    this.sleep(seen);
  }

  readable(socket: number): number {
    return Atomics.load(this.board, rowOf(socket) + Board.readable);
  }

  has(socket: number, flag: RowFlags): boolean {
    return (Atomics.load(this.board, rowOf(socket) + Board.flags) & flag) !== 0;
  }

  /** Throws the host's error. */
  ask(question: Question): Answer {
    if (this.closed) throw wasiError('badf');
    this.port.postMessage(question);
    for (;;) {
      const seen = this.changes;
      const received = receiveMessageOnPort(this.port) as { readonly message: Answer } | undefined;
      if (received !== undefined) {
        const { code } = received.message;
        if (code !== undefined) throw Object.assign(new Error(), { code, syscall: question.op });
        return received.message;
      }
      this.sleep(seen);
    }
  }

  park(parking: Parking): void {
    this.parking = parking;
    void this.wakeAtChanges(parking);
  }

  private async wakeAtChanges(parking: Parking): Promise<void> {
    while (!this.closed) {
      const { changes } = this;
      parking.wake();
      await waitAsync(this.board, Board.changes, changes).value;
    }
  }

  close(): void {
    if (this.closed) return;
    this.ask({ op: 'finish' });
    this.closed = true;
    this.port.close();
    void this.worker.terminate();
  }
}

abstract class Socket {
  readonly filetype = Filetype.socket_stream;
  readonly descriptor = undefined;
  readonly tells = true;
  constructor(
    protected readonly thread: Thread,
    protected readonly number: number,
  ) {}
  close(): void {
    this.thread.ask({ op: 'close', socket: this.number });
  }
}

/** A connection: a stream both ways. */
export class Connection extends Socket implements Stream {
  readonly reads = true;
  readonly writes = true;
  private noReading = false;
  private noWriting = false;
  /** The call whose bytes are on their way: others wait until it is through, so that no two are mixed. */
  private writing: object | undefined;

  read(buffers: readonly Uint8Array[], wait: boolean): number {
    return this.receive(buffers, { wait, peek: false, all: false });
  }

  /** Bytes received; 0 when no more will come. EAGAIN. The host's error, once: ECONNRESET. */
  receive(buffers: readonly Uint8Array[], { wait, peek, all }: Receiving): number {
    const { thread, number } = this;
    const room = buffers.reduce((sum, { length }) => sum + length, 0);
    // More than is ever read ahead cannot be there all at once.
    const wanted = peek ? Math.min(room, PIECE_BYTES) : room;
    const done = this.keep({ got: 0 });
    while (done.got < wanted) {
      const { got } = done;
      const seen = thread.changes;
      const over = this.noReading || thread.has(number, RowFlags.ended) || thread.has(number, RowFlags.failed);
      const there = thread.readable(number);
      if (there > 0 && (!peek || !all || there >= wanted || over)) {
        const { bytes } = thread.ask({ op: 'read', socket: number, length: Math.min(wanted - got, PIECE_BYTES), keep: peek });
        scatter(bytes!, buffers, got);
        done.got += bytes!.length;
        if (peek || !all) return done.got;
        continue;
      }
      if (got > 0 && (over || !wait)) return got;
      if (thread.has(number, RowFlags.failed)) thread.ask({ op: 'read', socket: number, length: 0, keep: true });
      if (over) return 0;
      if (!wait) throw wasiError('again');
      thread.wait(seen);
    }
    return done.got;
  }

  /** What a call that may be made again, because it had to wait, has done so far. */
  private keep<T>(start: T): T {
    return this.thread.parking === undefined ? start : this.thread.parking.keep(() => start);
  }

  /** Bytes written: all, unless `wait` is false. EAGAIN: earlier ones are still on their way. EPIPE, ECONNRESET. */
  write(buffers: readonly Uint8Array[], wait: boolean): number {
    if (this.noWriting) throw wasiError('pipe');
    const { parking } = this.thread;
    if (wait && parking !== undefined) return this.writeInTurns(buffers, parking);
    let written = 0;
    for (const buffer of buffers) {
      for (let start = 0; start < buffer.length; start += PIECE_BYTES) {
        if (!wait && this.thread.has(this.number, RowFlags.writing)) {
          if (written > 0) return written;
          throw wasiError('again');
        }
        const bytes = Uint8Array.from(buffer.subarray(start, start + PIECE_BYTES));
        try {
          this.thread.ask({ op: 'write', socket: this.number, bytes, wait });
        } catch (error) {
          if (written > 0) return written;
          throw error;
        }
        written += bytes.length;
      }
    }
    return written;
  }

  /** A piece at a time, and goes on where the call was when there was no more room. */
  private writeInTurns(buffers: readonly Uint8Array[], parking: Parking): number {
    if (this.writing !== undefined && this.writing !== parking.caller) throw new Parked(undefined, true);
    // Copied once: the program may change its buffers while their bytes are on their way.
    const done = parking.keep(() => ({ bytes: joined(buffers), written: 0 }));
    this.writing = parking.caller;
    try {
      for (;;) {
        if (this.thread.has(this.number, RowFlags.writing)) throw new Parked(undefined, true);
        const bytes = done.bytes.slice(done.written, done.written + PIECE_BYTES);
        this.thread.ask({ op: 'write', socket: this.number, bytes, wait: false });
        if (bytes.length === 0) break;
        done.written += bytes.length;
      }
    } catch (error) {
      if (!(error instanceof Parked)) this.writing = undefined;
      throw error;
    }
    this.writing = undefined;
    this.thread.parking?.wake();
    return done.written;
  }

  shutdown(reading: boolean, writing: boolean): void {
    this.noReading ||= reading;
    if (writing && !this.noWriting) {
      this.noWriting = true;
      this.thread.ask({ op: 'shutdown', socket: this.number });
    }
  }

  readable(): number | undefined {
    const there = this.thread.readable(this.number);
    if (there > 0) return there;
    const over = this.noReading || this.thread.has(this.number, RowFlags.ended) || this.thread.has(this.number, RowFlags.failed);
    return over ? 0 : undefined;
  }

  writable(): boolean {
    return !this.thread.has(this.number, RowFlags.writing);
  }
}

/** A socket that listens. It has no bytes of its own: ENOTCONN. */
export class Listener extends Socket implements Stream {
  readonly reads = true;
  readonly writes = false;
  read(): number {
    throw wasiError('notconn');
  }

  write(): number {
    throw wasiError('notconn');
  }

  readable(): number | undefined {
    return this.thread.readable(this.number) || undefined;
  }

  /** The next connection. EAGAIN: there is none and `wait` is false. */
  accept(wait: boolean): Connection {
    for (;;) {
      const seen = this.thread.changes;
      if (this.thread.readable(this.number) > 0) {
        const { socket } = this.thread.ask({ op: 'accept', socket: this.number });
        return new Connection(this.thread, socket!);
      }
      if (!wait) throw wasiError('again');
      this.thread.wait(seen);
    }
  }
}

/** What a program was given to listen on; also what it sleeps on while it waits for sockets and other things at once. */
export interface Sockets {
  readonly listeners: readonly Listener[];
  /** Where they listen: the port that was found when 0 was asked for. */
  readonly addresses: readonly ListenAddress[];
  readonly changes: number;
  sleep(seen: number, durationMs?: number): void;
  /** Calls that wait do so there from now on; whoever waits there is woken at every change. */
  park(parking: Parking): void;
  /** Sends what was written, closes everything and ends the thread. */
  close(): void;
}

/** Throws E_LISTEN for an address that cannot be listened on. */
export async function openSockets(addresses: readonly ListenAddress[]): Promise<Sockets> {
  const board = new Int32Array(new SharedArrayBuffer(BOARD_NUMBERS * 4));
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL('./socket-thread.js', import.meta.url), {
    workerData: { addresses, board, port: port2 }, transferList: [port2], execArgv: [], env: {},
  });
  try {
    const [opened] = (await Promise.race([once(port1, 'message'), once(worker, 'error').then(([error]) => Promise.reject(error as Error))])) as [Opened];
    if ('failed' in opened) throw listenError(addresses[opened.failed]!, opened.code, opened.message);
    // A program that ends without closing must not keep the host process alive; nor may its thread.
    port1.unref();
    worker.unref();
    const thread = new Thread(worker, port1, board);
    return {
      listeners: addresses.map((_, number) => new Listener(thread, number)),
      addresses: opened.addresses,
      get changes() {
        return thread.changes;
      },
      sleep: (seen, durationMs) => thread.sleep(seen, durationMs),
      park: (parking) => thread.park(parking),
      close: () => thread.close(),
    };
  } catch (error) {
    port1.close();
    await worker.terminate();
    throw error;
  }
}

function joined(buffers: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(buffers.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const buffer of buffers) {
    bytes.set(buffer, at);
    at += buffer.length;
  }
  return bytes;
}

function scatter(bytes: Uint8Array, buffers: readonly Uint8Array[], skip: number): void {
  let taken = 0;
  let before = 0;
  for (const buffer of buffers) {
    const start = Math.min(Math.max(skip - before, 0), buffer.length);
    before += buffer.length;
    const part = bytes.subarray(taken, taken + buffer.length - start);
    buffer.set(part, start);
    taken += part.length;
    skip = Math.max(skip, before - buffer.length + start + part.length);
  }
}
