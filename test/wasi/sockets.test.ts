// Sockets: a server in C with the C library's own accept, recv, send and shutdown, run by a process of its own as a
// person would start it, and real clients on loopback. Each engine serves.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { compileGuest } from '../support/toolchain.js';
import { ROOT, runCli } from '../support/cli.js';
import { makeDirectory } from './support.js';
import { LINUX } from '../support/skips.js';

let server: string;
beforeAll(async () => {
  const guests = path.join(import.meta.dirname, 'guests');
  const header = fs.readFileSync(path.join(guests, 'check.h'), 'utf8').replace('#pragma once', '');
  server = await compileGuest(fs.readFileSync(path.join(guests, 'server.c'), 'utf8').replace('#include "check.h"', header), { args: ['-O1'] });
});

const ENGINES: readonly (readonly [name: string, command: (args: readonly string[]) => string[]])[] = [
  ['the interpreter', (args) => [path.join(ROOT, 'bin', 'wasienv.js'), 'run', '--listen', '0', ...args]],
  ['the engine of Node', (args) => [path.join(ROOT, 'bin', 'wasienv.js'), 'run', '--engine', 'host', '--listen', '0', ...args]],
];

interface Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly port: number;
  /** What it has said, once it has ended; its exit code first. */
  readonly ended: Promise<[number | null, string]>;
  readonly stdout: () => string;
}

const started: Running['child'][] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

async function start(command: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'pipe'] });
  started.push(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const ended = new Promise<[number | null, string]>((resolve) => child.on('close', (code) => resolve([code, out])));
  const port = await new Promise<number>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
      const found = /listening on .*:(\d+)\n/.exec(err);
      if (found !== null) resolve(Number(found[1]));
    });
    void ended.then(() => reject(new Error(`it ended: ${err}`)));
  });
  return { child, port, ended, stdout: () => out };
}

async function connect(port: number): Promise<net.Socket> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

async function all(socket: net.Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Exactly so many bytes, and the stream stays open. */
function next(socket: net.Socket, length: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const take = (chunk: Buffer): void => {
      text += chunk.toString();
      if (text.length < length) return;
      socket.off('data', take);
      resolve(text);
    };
    socket.on('data', take);
  });
}

const FINE = /^\d+ checks, 0 failures\n$/;

describe.each(ENGINES)('on %s', (_name, command) => {
  test('requests and answers, a connection each, also at once', async () => {
    const { port, ended } = await start(command([server, 'http']));
    const ask = async (text: string, pieces = [`GET /${text}\r\n`]): Promise<string> => {
      const socket = await connect(port);
      for (const piece of pieces) socket.write(piece);
      const answer = await all(socket);
      socket.end();
      return answer.toString();
    };
    expect(await ask('hello')).toBe('HTTP/1.0 200 OK\r\nX-Served: 1\r\n\r\nhello\n');
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => ask(`n${index}`, ['GET ', `/n${index}\r`, '\n'])));
    answers.forEach((answer, index) => expect(answer).toContain(`\r\n\r\nn${index}\n`));
    expect(await ask('quit')).toContain('X-Served: 22');
    expect(await ended).toEqual([0, expect.stringMatching(FINE)]);
  });

  test('three million bytes there and back are the same', async () => {
    const { port, ended } = await start(command([server, 'echo']));
    const socket = await connect(port);
    const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 31 + (index >> 9)) & 0xff));
    socket.end(sent);
    expect((await all(socket)).equals(sent)).toBe(true);
    expect(await ended).toEqual([0, expect.stringMatching(FINE)]);
  });

  test('without waiting: EAGAIN, poll with clocks, looking ahead, waiting for all', async () => {
    const { child, port, ended } = await start(command([server, 'polling']));
    await once(child.stdout, 'data');
    const socket = await connect(port);
    expect(await next(socket, 5)).toBe('ready');
    socket.write('hello');
    expect(await next(socket, 4)).toBe('half');
    socket.write('one-');
    socket.write('two-');
    expect(await next(socket, 4)).toBe('done');
    socket.end();
    socket.resume();
    expect(await ended).toEqual([0, expect.stringMatching(/^nobody\n\d+ checks, 0 failures\n$/)]);
  });

  test('a peer that does not read: EAGAIN, then room again; the end of the program loses nothing', async () => {
    const { child, port, ended, stdout } = await start(command([server, 'flooding']));
    const socket = await connect(port);
    socket.pause();
    await once(child.stdout, 'data');
    const bytes = await all(socket);
    socket.end();
    expect(await ended).toEqual([0, expect.stringMatching(/^\d+\n\d+ checks, 0 failures\n$/)]);
    expect(bytes.length).toBe(Number.parseInt(stdout(), 10) + 3);
    expect(bytes.subarray(-4).toString()).toBe('xend');
  });

  test('a peer that resets is ECONNRESET once, then the end; writing to it is EPIPE', async () => {
    const { port, ended } = await start(command([server, 'reset']));
    (await connect(port)).resetAndDestroy();
    expect(await ended).toEqual([0, expect.stringMatching(FINE)]);
  });

  test('what is no socket, or not that kind of socket', async () => {
    const { child, port, ended } = await start(command([server, 'kinds']));
    child.stdin.write('in');
    const socket = await connect(port);
    expect((await all(socket)).toString()).toBe('bye');
    socket.end();
    expect(await ended).toEqual([0, expect.stringMatching(FINE)]);
  });
});

describe('the option', () => {
  test('the descriptor follows the directories', async () => {
    const { port, ended } = await start([path.join(ROOT, 'bin', 'wasienv.js'), 'run', '--dir', makeDirectory(), '--listen', '127.0.0.1:0', server, 'echo', '4']);
    const socket = await connect(port);
    socket.end('through four');
    expect((await all(socket)).toString()).toBe('through four');
    expect(await ended).toEqual([0, expect.stringMatching(FINE)]);
  });

  test('what was served can be had again without a network, on either engine', async () => {
    const directory = makeDirectory();
    const recording = path.join(directory, 'served');
    const { port, ended } = await start([path.join(ROOT, 'bin', 'wasienv.js'), 'run', '--listen', '0', '--record', recording, server, 'http']);
    for (const text of ['hello', 'quit']) {
      const socket = await connect(port);
      socket.write(`GET /${text}\r\n`);
      await all(socket);
      socket.end();
    }
    const [code, stdout] = await ended;
    expect([code, stdout]).toEqual([0, expect.stringMatching(FINE)]);
    for (const engine of ['interpreter', 'host']) {
      const again = await runCli(['run', '--engine', engine, '--replay', recording, '--strace-filter', 'sock_recv', server], { cwd: directory });
      expect([again.code, again.stdout]).toEqual([code, stdout]);
      expect(again.stderr).toContain(`sock_recv(4<127.0.0.1:${port}><connection>, [200000], 0) = 12 "GET /hello\\r\\n"`);
    }
  });

  test('an address that is taken is said before the program runs', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as net.AddressInfo;
    const { code, stderr } = await runCli(['run', '--listen', `${port}`, server, 'echo'], { cwd: makeDirectory() });
    other.close();
    expect([code, stderr]).toEqual([1, expect.stringContaining(`error[E_LISTEN]: 127.0.0.1:${port} is taken by another program`)]);
  });

  const LISTENS = '(import "wasi_snapshot_preview1" "sock_accept" (func (param i32 i32 i32) (result i32)))';
  test.each<[what: string, code: string, text: string, options: string[]]>([
    ['imports what there is not', 'E_LINK', '(module (import "env" "x" (func)) (memory (export "memory") 1) (func (export "_start")))', []],
    ['has no start', 'E_NO_START', `(module ${LISTENS} (memory (export "memory") 1))`, []],
    ['has more memory than it may', 'E_LIMIT_MEMORY', '(module (memory (export "memory") 20) (func (export "_start")))', ['--max-memory', '1MiB']],
    ['is granted a directory that is not there', 'E_PREOPEN', '(module (memory (export "memory") 1) (func (export "_start")))', ['--dir', 'not-there']],
    ['is to be counted by an engine that does not count', 'E_USAGE', '(module (memory (export "memory") 1) (func (export "_start")))', ['--engine', 'host', '--fuel', '5']],
  ])('a program that %s is refused before anything listens', async (_what, code, text, options) => {
    const cwd = makeDirectory();
    fs.writeFileSync(path.join(cwd, 'p.wat'), text);
    const { stderr } = await runCli(['run', '--listen', '127.0.0.1:0', ...options, 'p.wat'], { cwd });
    expect(stderr).toContain(`error[${code}]`);
    expect(stderr).not.toContain('listening');
  });

  test.each(['', 'x', ':8080', '127.0.0.1:', '1:2:3', '70000', '::1:80'])('`--listen %s` is a usage error', async (text) => {
    const { code, stderr } = await runCli(['run', `--listen=${text}`, server], { cwd: makeDirectory() });
    expect([code, stderr]).toEqual([2, expect.stringContaining('write `--listen PORT`')]);
  });

  test.skipIf(LINUX.unmet)(`a waiting server uses no processor${LINUX.why}`, async () => {
    const { child, port, ended } = await start([path.join(ROOT, 'bin', 'wasienv.js'), 'run', '--listen', '0', server, 'http']);
    const ticks = (): number => {
      const fields = fs.readFileSync(`/proc/${child.pid}/stat`, 'latin1').replace(/^.*\) /, '').split(' ');
      return Number(fields[11]) + Number(fields[12]);
    };
    const quit = async (): Promise<void> => {
      const socket = await connect(port);
      socket.end('GET /quit\r\n');
      await all(socket);
    };
    // Until it has nothing left to do but wait: its processor time stands still over half a second.
    for (let before = -1; before !== ticks(); ) {
      before = ticks();
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await quit();
    expect((await ended)[0]).toBe(0);
  });
});
