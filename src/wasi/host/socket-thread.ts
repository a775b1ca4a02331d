// The thread that owns a program's sockets: it listens, reads ahead a little, writes, and tells the board what changed.
// It decides nothing: what the program sees of all this is decided in sockets.ts, on the program's own thread.
import net from 'node:net';
import { workerData, type MessagePort } from 'node:worker_threads';
import { Board, MOST_SOCKETS, PIECE_BYTES, rowOf, RowFlags, type Answer, type ListenAddress, type Opened, type Question } from './socket-board.js';

const { addresses, board, port } = workerData as { readonly addresses: readonly ListenAddress[]; readonly board: Int32Array; readonly port: MessagePort };

interface Connection {
  readonly number: number;
  readonly socket: net.Socket;
  readonly chunks: Buffer[];
  held: number;
  /** Writes whose end has not been seen. */
  writing: number;
  error: string | undefined;
  /** Of a write nobody waited for. */
  writeError: string | undefined;
}

interface Listener {
  readonly number: number;
  readonly server: net.Server;
  readonly waiting: Connection[];
}

const connections = new Map<number, Connection>();
const listeners = new Map<number, Listener>();
/** Closed by the program, but with bytes still to send. */
const leaving = new Set<Promise<void>>();

/** How long bytes that the program wrote without waiting may take after its end; a peer may never read them. */
const LONGEST_FAREWELL_MS = 5000;

function changed(): void {
  Atomics.add(board, Board.changes, 1);
  Atomics.notify(board, Board.changes);
}

function setFlag(number: number, flag: RowFlags, on: boolean): void {
  const at = rowOf(number) + Board.flags;
  if (on) Atomics.or(board, at, flag);
  else Atomics.and(board, at, ~flag);
}

const setReadable = (number: number, count: number) => void Atomics.store(board, rowOf(number) + Board.readable, count);

function freeNumber(): number | undefined {
  for (let number = 0; number < MOST_SOCKETS; number += 1) if (!connections.has(number) && !listeners.has(number)) return number;
  return undefined;
}

function welcome(listener: Listener, socket: net.Socket): void {
  const number = freeNumber();
  if (number === undefined) {
    socket.destroy();
    return;
  }
  Atomics.store(board, rowOf(number) + Board.flags, 0);
  setReadable(number, 0);
  const connection: Connection = { number, socket, chunks: [], held: 0, writing: 0, error: undefined, writeError: undefined };
  connections.set(number, connection);
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => {
    if (connections.get(number) !== connection) return;
    connection.chunks.push(chunk);
    connection.held += chunk.length;
    if (connection.held >= PIECE_BYTES) socket.pause();
    setReadable(number, connection.held);
    changed();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (connections.get(number) !== connection) return;
    // Whoever wrote is told by the answer; for whoever reads, it is the end.
    if (codeOf(error) !== 'EPIPE') {
      connection.error = error.code ?? 'EIO';
      setFlag(number, RowFlags.failed, true);
    }
    changed();
  });
  const ended = (): void => {
    if (connections.get(number) !== connection) return;
    setFlag(number, RowFlags.ended, true);
    changed();
  };
  socket.on('end', ended);
  socket.on('close', ended);
  listener.waiting.push(connection);
  setReadable(listener.number, listener.waiting.length);
  changed();
}

function listen(number: number, { host, port: wanted }: ListenAddress): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    // Half open: a program that has read to the end may still have something to say.
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true });
    const listener: Listener = { number, server, waiting: [] };
    server.on('connection', (socket) => welcome(listener, socket));
    server.once('error', reject);
    server.listen({ host, port: wanted }, () => {
      listeners.set(number, listener);
      const at = server.address() as net.AddressInfo;
      resolve({ host: at.address, port: at.port });
    });
  });
}

/** The first `length` bytes held; they stay when `keep`. */
function take(connection: Connection, length: number, keep: boolean): Uint8Array {
  const all = connection.chunks.length === 1 ? connection.chunks[0]! : Buffer.concat(connection.chunks);
  const bytes = Uint8Array.from(all.subarray(0, length));
  if (!keep) {
    const rest = all.subarray(bytes.length);
    connection.chunks.splice(0, Infinity, ...(rest.length > 0 ? [rest] : []));
    connection.held = rest.length;
    setReadable(connection.number, rest.length);
    if (rest.length < PIECE_BYTES) connection.socket.resume();
  }
  return bytes;
}

function write(connection: Connection, bytes: Uint8Array, wait: boolean): Promise<Answer> {
  const { socket, number, writeError } = connection;
  if (writeError !== undefined) {
    connection.writeError = undefined;
    return Promise.resolve({ code: writeError });
  }
  // Only asks whether what went before went well.
  if (bytes.length === 0) return Promise.resolve({});
  return new Promise((resolve) => {
    connection.writing += 1;
    setFlag(number, RowFlags.writing, true);
    socket.write(bytes, (error) => {
      connection.writing -= 1;
      if (error != null && !wait) connection.writeError = codeOf(error);
      if (connection.writing === 0 && connections.get(number) === connection) {
        setFlag(number, RowFlags.writing, false);
        changed();
      }
      resolve(error == null ? {} : { code: codeOf(error) });
    });
    if (!wait) resolve({});
  });
}

/** A stream that Node has closed on our side is, for the program, a pipe whose other end is gone. */
function codeOf(error: NodeJS.ErrnoException): string {
  const code = error.code ?? 'EIO';
  return code.startsWith('ERR_STREAM') ? 'EPIPE' : code;
}

function closeConnection({ socket, number }: Connection): void {
  connections.delete(number);
  if (socket.destroyed) return;
  const left = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  leaving.add(left);
  void left.then(() => leaving.delete(left));
  // What was written is sent first; what was not read is not wanted any more.
  socket.destroySoon();
}

function closeListener(listener: Listener): void {
  listeners.delete(listener.number);
  listener.server.close();
  listener.waiting.forEach(closeConnection);
}

async function answer(question: Question): Promise<Answer> {
  if (question.op === 'finish') {
    [...listeners.values()].forEach(closeListener);
    [...connections.values()].forEach(closeConnection);
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([Promise.all(leaving), new Promise((resolve) => (timer = setTimeout(resolve, LONGEST_FAREWELL_MS)))]);
    clearTimeout(timer);
    return {};
  }
  if (question.op === 'accept') {
    const listener = listeners.get(question.socket)!;
    const connection = listener.waiting.shift();
    setReadable(listener.number, listener.waiting.length);
    if (connection === undefined) return { code: 'EAGAIN' };
    connection.socket.resume();
    return { socket: connection.number };
  }
  if (question.op === 'close') {
    const listener = listeners.get(question.socket);
    if (listener !== undefined) closeListener(listener);
    else closeConnection(connections.get(question.socket)!);
    return {};
  }
  const connection = connections.get(question.socket)!;
  if (question.op === 'write') return write(connection, question.bytes, question.wait);
  if (question.op === 'shutdown') {
    connection.socket.end();
    return {};
  }
  if (connection.error !== undefined && connection.held === 0) {
    const code = connection.error;
    connection.error = undefined;
    setFlag(connection.number, RowFlags.failed, false);
    return { code };
  }
  return { bytes: take(connection, question.length, question.keep) };
}

function reply(said: Answer): void {
  port.postMessage(said);
  changed();
}

port.on('message', (question: Question) => {
  answer(question).then(reply, () => reply({ code: 'EIO' }));
});

async function open(): Promise<Opened> {
  const opened: ListenAddress[] = [];
  for (const [number, address] of addresses.entries()) {
    try {
      opened.push(await listen(number, address));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { failed: number, code: code ?? '', message };
    }
  }
  return { addresses: opened };
}

port.postMessage(await open());
