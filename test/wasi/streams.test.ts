// Standard streams that are descriptors of a real process: pipes that fill up, end, or break; files; terminals.
// Each case runs a small script in a Node of its own, because descriptors 0 to 2 are what is tested.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeDirectory } from './support.js';
import { pseudoTerminal } from '../support/skips.js';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const WASI = path.join(ROOT, 'dist', 'wasi', 'index.js');

/** A script with `call(name, ...args)`, 16 MiB of memory, and helpers; its last words go to stderr or an exit code. */
const script = (body: string): string => `
  import fs from 'node:fs';
  import { createWasi, PREVIEW1 } from ${JSON.stringify(WASI)};
  const memory = new Uint8Array(1 << 24);
  const data = new DataView(memory.buffer);
  const wasi = createWasi({ args: [], env: {}, stdin: 0, stdout: 1, stderr: 2, preopens: [] });
  wasi.bind({ view: () => memory });
  const call = (name, ...args) => wasi.imports[PREVIEW1][name](...args);
  const vector = (address, length) => { data.setUint32(0, address, true); data.setUint32(4, length, true); };
  const read = (length = 65536) => { vector(4096, length); const errno = call('fd_read', 0, 0, 1, 8); return errno ? -errno : Buffer.from(memory.subarray(4096, 4096 + data.getUint32(8, true))).toString(); };
  const write = (fd, text) => { const bytes = Buffer.from(text); memory.set(bytes, 4096); vector(4096, bytes.length); const errno = call('fd_write', fd, 0, 1, 8); return errno ? -errno : data.getUint32(8, true); };
  const pollStdin = (timeoutNs) => {
    memory.fill(0, 1024, 1024 + 96);
    data.setBigUint64(1024, 1n, true); memory[1032] = 1;
    data.setBigUint64(1072, 2n, true); data.setUint32(1088, 1, true); data.setBigUint64(1096, timeoutNs, true);
    call('poll_oneoff', 1024, 2048, 2, 8);
    return { who: Number(data.getBigUint64(2048, true)), nbytes: Number(data.getBigUint64(2064, true)), flags: data.getUint16(2072, true) };
  };
  const filetype = (fd) => (call('fd_fdstat_get', fd, 512), memory[512]);
  const say = (value) => fs.writeSync(2, JSON.stringify(value) + '\\n');
  ${body}
  wasi.close();
`;

const node = (body: string): [string, string[]] => [process.execPath, ['--input-type=module', '-e', script(body)]];

interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a script with pipes; `drive` feeds and drains them. */
function piped(body: string, drive: (child: ReturnType<typeof spawn>) => void = (child) => child.stdin!.end()): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(...node(body), { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdin.on('error', () => {});
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(out), stderr }));
    drive(child);
  });
}

const said = ({ stderr }: Ended): unknown[] => stderr.trim().split('\n').map((line) => JSON.parse(line) as unknown);

describe('pipes', () => {
  test('a reader that is slow: everything arrives, in order', async () => {
    const body = `let total = 0; for (let i = 0; i < 40; i++) total += write(1, String.fromCharCode(65 + i % 26).repeat(100000)); say(total);`;
    const ended = await piped(body, (child) => {
      child.stdin!.end();
      child.stdout!.pause();
      // Longer than the pipe takes, so that the writer has to wait.
      setTimeout(() => child.stdout!.resume(), 300);
    });
    expect(said(ended)).toEqual([4_000_000]);
    expect(ended.stdout).toHaveLength(4_000_000);
    expect(ended.stdout.toString('latin1')).toBe(Array.from({ length: 40 }, (_, i) => String.fromCharCode(65 + (i % 26)).repeat(100_000)).join(''));
  });

  test('a descriptor in non-blocking mode: the program waits without spinning', async () => {
    // Opened again through /proc with O_NONBLOCK, standard output answers EAGAIN when the pipe is full.
    const body = `
      const fast = fs.openSync('/proc/self/fd/1', fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
      const other = createWasi({ args: [], env: {}, stdin: 0, stdout: fast, stderr: 2, preopens: [] });
      other.bind({ view: () => memory });
      memory.fill(120, 4096, 4096 + 1000000); vector(4096, 1000000);
      const cpu = process.cpuUsage();
      const errno = other.imports[PREVIEW1].fd_write(1, 0, 1, 8);
      const used = process.cpuUsage(cpu);
      say([errno, data.getUint32(8, true), (used.user + used.system) < 250000]);`;
    // \`cat\` holds a real pipe; a socket pair, which Node makes, cannot be opened again.
    const child = spawnSync('sh', ['-c', `"$0" --input-type=module -e "$1" | (sleep 0.4; cat)`, process.execPath, script(body)]);
    expect(child.stderr.toString().trim()).toBe('[0,1000000,true]');
    expect(child.stdout).toHaveLength(1_000_000);
  });

  // The kernel counts a process's writes. Node's own threads make one now and then to wake each other; 100 they do not make.
  test.skipIf(!fs.existsSync('/proc/self/io'))('a call with many buffers is one write of the host, so that a line in pieces stays one line', async () => {
    const body = `
      const writes = () => Number(/syscw: (\\d+)/.exec(fs.readFileSync('/proc/self/io', 'latin1'))[1]);
      for (let i = 0; i < 200; i++) { data.setUint32(65536 + 8 * i, 4096 + i, true); data.setUint32(65540 + 8 * i, i % 2, true); memory[4096 + i] = 97 + i % 26; }
      const before = writes();
      const errno = call('fd_write', 1, 65536, 200, 8);
      say([errno, data.getUint32(8, true), writes() - before < 20]);`;
    const ended = await piped(body);
    expect(said(ended)).toEqual([[0, 100, true]]);
    expect(ended.stdout.toString('latin1')).toBe(Array.from({ length: 100 }, (_, i) => String.fromCharCode(97 + ((2 * i + 1) % 26))).join(''));
  });

  test('many buffers into a pipe that takes a part of them at a time: everything arrives, in order', () => {
    const body = `
      const fast = fs.openSync('/proc/self/fd/1', fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
      const other = createWasi({ args: [], env: {}, stdin: 0, stdout: fast, stderr: 2, preopens: [] });
      other.bind({ view: () => memory });
      for (let i = 0; i < 1000; i++) { data.setUint32(65536 + 8 * i, 1000000 + 1000 * i, true); data.setUint32(65540 + 8 * i, 999, true); memory.fill(97 + i % 26, 1000000 + 1000 * i, 1000999 + 1000 * i); }
      say([other.imports[PREVIEW1].fd_write(1, 65536, 1000, 8), data.getUint32(8, true)]);`;
    const child = spawnSync('sh', ['-c', `"$0" --input-type=module -e "$1" | (sleep 0.2; cat)`, process.execPath, script(body)], { maxBuffer: 1 << 24 });
    expect(child.stderr.toString().trim()).toBe('[0,999000]');
    expect(child.stdout.toString('latin1')).toBe(Array.from({ length: 1000 }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat(999)).join(''));
  });

  test('a reader that is gone is EPIPE', async () => {
    const ended = await piped(`fs.readSync(0, new Uint8Array(1)); let last; for (let i = 0; i < 50 && !(last < 0); i++) last = write(1, 'x'.repeat(100000)); say(last);`, (child) => {
      child.stdout!.destroy();
      child.stdin!.end('g');
    });
    expect(said(ended)).toEqual([-64]);
  });

  test('input comes as it comes, then ends, and stays ended', async () => {
    const ended = await piped(`say(read()); say(read()); say(read());`, (child) => {
      child.stdin!.write('first');
      setTimeout(() => child.stdin!.end(), 200);
    });
    expect(said(ended)).toEqual(['first', '', '']);
  });

  test('polling: nothing yet, then something, then the end; nothing is lost by looking', async () => {
    const body = `
      say(pollStdin(20000000n).who);
      fs.writeSync(1, 'go');
      const ready = pollStdin(20000000000n); say([ready.who, ready.nbytes]);
      say(read(2)); say(read());
      fs.writeSync(1, 'go');
      const end = pollStdin(20000000000n); say(end); say(read());`;
    const child = spawn('sh', ['-c', `cat | "$0" --input-type=module -e "$1"`, process.execPath, script(body)], { stdio: ['pipe', 'pipe', 'pipe'] });
    let stderr = '';
    let turns = 0;
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.on('data', () => {
      turns += 1;
      if (turns === 1) child.stdin.write('hello');
      else child.stdin.end();
    });
    await new Promise((resolve) => child.on('close', resolve));
    expect(stderr.trim().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([2, [1, 5], 'he', 'llo', { who: 1, nbytes: 0, flags: 1 }, '']);
  });

  test('a pipe is neither a terminal nor seekable', async () => {
    const ended = await piped(`say([filetype(0), filetype(1)].map((type) => type === 2)); say([call('fd_seek', 0, 0n, 1, 8), call('fd_tell', 1, 8)]);`);
    expect(said(ended)).toEqual([[false, false], [70, 70]]);
  });
});

describe('files as standard streams', () => {
  const run = (body: string, stdin: number | 'ignore', stdout: number | 'pipe' | 'ignore') => {
    const { stderr, status } = spawnSync(...node(body), { stdio: [stdin, stdout, 'pipe'] });
    expect(status).toBe(0);
    return stderr.toString().trim().split('\n').map((line) => JSON.parse(line) as unknown);
  };

  test('input is read from where the host process stands, and can seek', () => {
    const file = path.join(makeDirectory(), 'input');
    fs.writeFileSync(file, '0123456789');
    const fd = fs.openSync(file, 'r');
    fs.readSync(fd, new Uint8Array(2), 0, 2, null);
    const told = run(
      `say(read(3)); call('fd_tell', 0, 16); say(Number(data.getBigUint64(16, true))); call('fd_seek', 0, 1n, 0, 16); say(read(2)); say(filetype(0)); say(pollStdin(1000000n).nbytes);`,
      fd, 'ignore',
    );
    fs.closeSync(fd);
    expect(told).toEqual(['234', 5, '12', 4, 7]);
  });

  test('output goes on where the host process stands, and appends where it does', () => {
    const file = path.join(makeDirectory(), 'output');
    for (const flags of ['w', 'a']) {
      const fd = fs.openSync(file, flags);
      fs.writeSync(fd, 'before,');
      run(`say(write(1, 'one,')); say(write(1, 'two,'));`, 'ignore', fd);
      fs.writeSync(fd, 'after,');
      fs.closeSync(fd);
    }
    expect(fs.readFileSync(file, 'utf8')).toBe('before,one,two,after,before,one,two,after,');
  });

  test('/dev/null is empty, takes everything, and is no terminal', () => {
    expect(run(`say(read()); say(write(1, 'x')); say([filetype(0), filetype(1)].includes(2));`, 'ignore', 'ignore')).toEqual(['', 1, false]);
  });

  test('a stream that the host process does not have is not there', () => {
    const { stderr } = spawnSync('sh', ['-c', `exec 0<&- ; "$0" --input-type=module -e "$1"`, process.execPath, script(`
      const none = createWasi({ args: [], env: {}, stdin: 999, stdout: 1, stderr: 2, preopens: [] });
      none.bind({ view: () => memory });
      say(none.imports[PREVIEW1].fd_fdstat_get(0, 512));`)]);
    expect(stderr.toString().trim()).toBe('8');
  });
});

const hasScript = spawnSync('script', ['--version']).status === 0;
// util-linux's script(1) gives a process a terminal; without it there is nothing to test a terminal with.
describe.skipIf(!hasScript)(`a terminal${pseudoTerminal(hasScript).why}`, () => {
  test('is a character device that can neither seek nor tell, which is what isatty asks', () => {
    const file = path.join(makeDirectory(), 'result');
    const body = `call('fd_fdstat_get', 1, 512); fs.writeFileSync(${JSON.stringify(file)}, JSON.stringify([filetype(0), filetype(1), Number(data.getBigUint64(520, true) & 0x24n), call('fd_seek', 1, 0n, 1, 8)]));`;
    const source = path.join(makeDirectory(), 'terminal.mjs');
    fs.writeFileSync(source, script(body));
    spawnSync('script', ['-qec', `"${process.execPath}" "${source}"`, '/dev/null'], { stdio: 'ignore' });
    expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toEqual([2, 2, 0, 70]);
  });
});
