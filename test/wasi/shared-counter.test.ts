// The counter of programs with threads: calls that would wait are put aside, the others are answered meanwhile, and each gets
// its answer when what it waits for has happened. Real pipes, sockets and clocks.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Errno } from '../../src/wasi/abi.js';
import { openSockets } from '../../src/wasi/host/sockets.js';
import { PREVIEW0, PREVIEW1, type WasiObserver, type WasiOptions } from '../../src/wasi/index.js';
import { Parking } from '../../src/wasi/parking.js';
import { SharedCounter, type Outcome } from '../../src/wasi/shared-counter.js';
import { LINUX } from '../support/skips.js';
import { collector, makeDirectory } from './support.js';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0).reverse()) each.close();
});

class Program {
  readonly memory = new Uint8Array(new SharedArrayBuffer(4 << 20));
  readonly view = new DataView(this.memory.buffer);
  readonly parking = new Parking();
  private readonly counter: SharedCounter;

  constructor(options: Partial<WasiOptions> = {}, private readonly observer?: WasiObserver) {
    this.counter = new SharedCounter({ args: ['p'], env: {}, stdin: { read: () => 0 }, stdout: collector(), stderr: collector(), preopens: [], ...options }, this.parking);
    this.counter.bind({ view: () => this.memory });
    open.push(this);
  }

  /** A call of one thread. */
  call(name: string, ...args: (number | bigint)[]): Asked {
    return this.callOf(PREVIEW1, name, ...args);
  }

  callOf(snapshot: string, name: string, ...args: (number | bigint)[]): Asked {
    return new Asked((answered) => this.counter.function(snapshot, name, this.observer)(args, answered));
  }

  /** A list of one buffer, at `list`. */
  buffer(list: number, address: number, length: number): void {
    this.view.setUint32(list, address, true);
    this.view.setUint32(list + 4, length, true);
  }

  text(address: number, length: number): string {
    return Buffer.from(this.memory.slice(address, address + length)).toString();
  }

  close(): void {
    this.counter.close();
  }
}

class Asked {
  outcome: Outcome | undefined;
  readonly done: Promise<Outcome>;
  constructor(ask: (answered: (outcome: Outcome) => void) => void) {
    this.done = new Promise((resolve) => {
      ask((outcome) => {
        this.outcome = outcome;
        resolve(outcome);
      });
    });
  }
}

const SUCCESS = { errno: Errno.success };

describe.skipIf(LINUX.unmet)(`standard input${LINUX.why}`, () => {
  const fifo = (): { readonly reading: number; readonly writing: number } => {
    const file = path.join(makeDirectory(), 'fifo');
    execFileSync('mkfifo', [file]);
    const writing = fs.openSync(file, 'r+');
    const reading = fs.openSync(file, 'r');
    return { reading, writing };
  };

  test('a read waits for bytes, and other calls are answered meanwhile', async () => {
    const { reading, writing } = fifo();
    const program = new Program({ stdin: reading });
    program.buffer(100, 1000, 16);
    const read = program.call('fd_read', 0, 100, 1, 200);
    expect(read.outcome).toBeUndefined();
    expect(program.call('args_sizes_get', 300, 304).outcome).toEqual(SUCCESS);
    fs.writeSync(writing, 'hello');
    expect(await read.done).toEqual(SUCCESS);
    expect([program.view.getUint32(200, true), program.text(1000, 5)]).toEqual([5, 'hello']);
  });

  test('two readers get what comes one after the other; what one leaves is the next one’s', async () => {
    const { reading, writing } = fifo();
    const program = new Program({ stdin: reading });
    program.buffer(100, 1000, 2);
    program.buffer(120, 1100, 16);
    const [one, other] = [program.call('fd_read', 0, 100, 1, 200), program.call('fd_read', 0, 120, 1, 204)];
    fs.writeSync(writing, 'hello');
    expect(await Promise.all([one.done, other.done])).toEqual([SUCCESS, SUCCESS]);
    expect([program.text(1000, 2), program.text(1100, 3)]).toEqual(['he', 'llo']);
  });

  test('is read no earlier than the program asks', async () => {
    const { reading, writing } = fifo();
    const program = new Program({ stdin: reading });
    fs.writeSync(writing, 'kept');
    expect(program.call('clock_time_get', 0, 0n, 500).outcome).toEqual(SUCCESS);
    program.close();
    const bytes = Buffer.alloc(10);
    expect(bytes.toString('utf8', 0, fs.readSync(reading, bytes))).toBe('kept');
  });

  test('without waiting: EAGAIN until there is something', async () => {
    const { reading, writing } = fifo();
    const program = new Program({ stdin: reading });
    program.buffer(100, 1000, 16);
    expect(program.call('fd_fdstat_set_flags', 0, 4).outcome).toEqual(SUCCESS);
    expect(program.call('fd_read', 0, 100, 1, 200).outcome).toEqual({ errno: Errno.again });
    fs.writeSync(writing, 'x');
    // Subscription 0: to read from descriptor 0.
    program.view.setUint8(608, 1);
    expect(await program.call('poll_oneoff', 600, 700, 1, 800).done).toEqual(SUCCESS);
    expect(program.call('fd_read', 0, 100, 1, 200).outcome).toEqual(SUCCESS);
  });

  test('poll_oneoff over a clock and input: whichever comes first', async () => {
    const { reading, writing } = fifo();
    const program = new Program({ stdin: reading });
    const clock = (at: number, timeout: bigint): void => {
      program.view.setBigUint64(at, 7n, true);
      program.view.setUint8(at + 8, 0);
      program.view.setUint32(at + 16, 1, true);
      program.view.setBigUint64(at + 24, timeout, true);
    };
    program.view.setUint8(648 + 8, 1);
    clock(600, 5_000_000n);
    expect(await program.call('poll_oneoff', 600, 1000, 2, 800).done).toEqual(SUCCESS);
    expect([program.view.getUint32(800, true), program.view.getBigUint64(1000, true), program.view.getUint8(1010)]).toEqual([1, 7n, 0]);
    clock(600, 1n << 62n);
    const poll = program.call('poll_oneoff', 600, 1000, 2, 800);
    fs.writeSync(writing, 'x');
    expect(await poll.done).toEqual(SUCCESS);
    expect([program.view.getUint32(800, true), program.view.getUint8(1010), program.view.getBigUint64(1016, true)]).toEqual([1, 1, 1n]);
  });

  test('the end', async () => {
    const { reading, writing } = fifo();
    const program = new Program({ stdin: reading });
    program.buffer(100, 1000, 16);
    const read = program.call('fd_read', 0, 100, 1, 200);
    fs.closeSync(writing);
    expect(await read.done).toEqual(SUCCESS);
    expect(program.view.getUint32(200, true)).toBe(0);
  });
});

test('a relative clock counts from the call, however often it is looked at, and preview 0 has its own layout', async () => {
  let now = 0n;
  const clock = { realtime: () => now, monotonic: () => now, cpuTime: () => now, resolution: { realtime: 1n, monotonic: 1n, cpuTime: 1n }, sleep: () => {} };
  const program = new Program({ clock });
  const [timeout, clockId] = [32, 24];
  program.view.setUint32(600 + clockId, 1, true);
  program.view.setBigUint64(600 + timeout, 3_000_000n, true);
  const poll = program.callOf(PREVIEW0, 'poll_oneoff', 600, 1000, 1, 800);
  const step = setInterval(() => (now += 1_000_000n), 1);
  try {
    expect(await poll.done).toEqual(SUCCESS);
    expect(now).toBeLessThan(1_000_000_000n);
  } finally {
    clearInterval(step);
  }
});

test.skipIf(LINUX.unmet)(`a write that finds no room waits, others of its stream wait behind it, and nothing is mixed${LINUX.why}`, async () => {
  const file = path.join(makeDirectory(), 'fifo');
  execFileSync('mkfifo', [file]);
  const reading = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  const writing = fs.openSync(file, 'w');
  const program = new Program({ stdout: writing });
  const LENGTH = 300_000;
  program.memory.fill(0x61, 1 << 20, (1 << 20) + LENGTH);
  program.memory.fill(0x62, 2 << 20, (2 << 20) + LENGTH);
  program.buffer(100, 1 << 20, LENGTH);
  program.buffer(108, 2 << 20, LENGTH);
  const asked = [program.call('fd_write', 1, 100, 1, 200), program.call('fd_write', 1, 108, 1, 204)];
  expect(asked.map(({ outcome }) => outcome)).toEqual([undefined, undefined]);
  const parts: Buffer[] = [];
  let all = false;
  const finished = Promise.all(asked.map(({ done }) => done)).then((outcomes) => ((all = true), outcomes));
  for (let total = 0; total < 2 * LENGTH; ) {
    const part = Buffer.alloc(65_536);
    try {
      const count = fs.readSync(reading, part);
      parts.push(part.subarray(0, count));
      total += count;
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
    }
    await new Promise(setImmediate);
  }
  expect(await finished).toEqual([SUCCESS, SUCCESS]);
  expect(all).toBe(true);
  expect([program.view.getUint32(200, true), program.view.getUint32(204, true)]).toEqual([LENGTH, LENGTH]);
  expect(Buffer.concat(parts).toString()).toBe('a'.repeat(LENGTH) + 'b'.repeat(LENGTH));
});

describe('sockets', () => {
  const listening = async (): Promise<{ program: Program; port: number; connect: () => Promise<net.Socket> }> => {
    const sockets = await openSockets([{ host: '127.0.0.1', port: 0 }]);
    const program = new Program({ sockets });
    const { port } = sockets.addresses[0]!;
    const connect = async (): Promise<net.Socket> => {
      const socket = net.connect(port, '127.0.0.1');
      open.push({ close: () => socket.destroy() });
      await once(socket, 'connect');
      return socket;
    };
    return { program, port, connect };
  };
  const accepted = async (program: Program): Promise<number> => {
    expect(await program.call('sock_accept', 3, 0, 200).done).toEqual(SUCCESS);
    return program.view.getUint32(200, true);
  };

  test('accept waits for a connection, and others are answered meanwhile', async () => {
    const { program, connect } = await listening();
    const accept = program.call('sock_accept', 3, 0, 200);
    expect(accept.outcome).toBeUndefined();
    expect(program.call('args_sizes_get', 300, 304).outcome).toEqual(SUCCESS);
    await connect();
    expect(await accept.done).toEqual(SUCCESS);
    expect(program.view.getUint32(200, true)).toBe(4);
  });

  test('receiving waits for bytes; with recv_waitall for all, in whatever pieces they come', async () => {
    const { program, connect } = await listening();
    const [fd, socket] = await Promise.all([accepted(program), connect()]);
    program.buffer(100, 1000, 10);
    const some = program.call('sock_recv', fd, 100, 1, 0, 208, 212);
    socket.write('abc');
    expect(await some.done).toEqual(SUCCESS);
    expect([program.view.getUint32(208, true), program.text(1000, 3)]).toEqual([3, 'abc']);
    const all = program.call('sock_recv', fd, 100, 1, 2, 208, 212);
    socket.write('0123');
    await new Promise((resolve) => socket.write('456', resolve));
    expect(all.outcome).toBeUndefined();
    socket.write('789x');
    expect(await all.done).toEqual(SUCCESS);
    expect([program.view.getUint32(208, true), program.text(1000, 10)]).toEqual([10, '0123456789']);
  });

  test('what two threads send, more than the network holds, arrives unmixed, and each waits for its own', async () => {
    const { program, connect } = await listening();
    const [fd, socket] = await Promise.all([accepted(program), connect()]);
    const LENGTH = 1_000_000;
    program.memory.fill(0x61, 1 << 20, (1 << 20) + LENGTH);
    program.memory.fill(0x62, 2 << 20, (2 << 20) + LENGTH);
    program.buffer(100, 1 << 20, LENGTH);
    program.buffer(108, 2 << 20, LENGTH);
    const sent = [program.call('sock_send', fd, 100, 1, 0, 208), program.call('fd_write', fd, 108, 1, 212)];
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    expect(await Promise.all(sent.map(({ done }) => done))).toEqual([SUCCESS, SUCCESS]);
    expect([program.view.getUint32(208, true), program.view.getUint32(212, true)]).toEqual([LENGTH, LENGTH]);
    expect(program.call('fd_close', fd).outcome).toEqual(SUCCESS);
    await once(socket, 'end');
    expect(Buffer.concat(parts).toString()).toBe('a'.repeat(LENGTH) + 'b'.repeat(LENGTH));
  });

  test('sending to somebody who has gone is EPIPE or ECONNRESET', async () => {
    const { program, connect } = await listening();
    const [fd, socket] = await Promise.all([accepted(program), connect()]);
    socket.resetAndDestroy();
    await once(socket, 'close');
    program.buffer(100, 1 << 20, 1_000_000);
    let outcome: Outcome;
    do outcome = await program.call('sock_send', fd, 100, 1, 0, 208).done;
    while ('errno' in outcome && outcome.errno === Errno.success);
    expect([{ errno: Errno.pipe }, { errno: Errno.connreset }]).toContainEqual(outcome);
  });
});

test('an observer sees a call that had to wait once, and its answer once', async () => {
  const seen: string[] = [];
  let now = 0n;
  const clock = { realtime: () => now, monotonic: () => now, cpuTime: () => now, resolution: { realtime: 1n, monotonic: 1n, cpuTime: 1n }, sleep: () => {} };
  const program = new Program({ clock }, { now: () => 0n, before: ({ name }) => seen.push(`before ${name}`), after: ({ name }, { errno }) => seen.push(`after ${name} ${errno}`) });
  program.view.setUint32(616, 1, true);
  program.view.setBigUint64(624, 5n, true);
  const poll = program.call('poll_oneoff', 600, 1000, 1, 800);
  now = 10n;
  await poll.done;
  expect(seen).toEqual(['before poll_oneoff', 'after poll_oneoff 0']);
});

test('the end of the program is an outcome, and so is a fault of ours', () => {
  expect(new Program().call('proc_exit', 4).outcome).toEqual({ exit: 4 });
  const broken = new Program({ stdout: { write: () => { throw new TypeError('broken'); } } });
  broken.buffer(100, 1000, 1);
  expect(broken.call('fd_write', 1, 100, 1, 200).outcome).toEqual({ failed: expect.objectContaining({ message: 'broken' }) });
});

test('after the end nothing is answered', () => {
  let now = 0n;
  const clock = { realtime: () => now, monotonic: () => now, cpuTime: () => now, resolution: { realtime: 1n, monotonic: 1n, cpuTime: 1n }, sleep: () => {} };
  const program = new Program({ clock });
  program.view.setUint32(616, 1, true);
  program.view.setBigUint64(624, 1_000_000n, true);
  const poll = program.call('poll_oneoff', 600, 1000, 1, 800);
  program.close();
  now = 10_000_000n;
  program.parking.wake();
  expect(poll.outcome).toBeUndefined();
});
