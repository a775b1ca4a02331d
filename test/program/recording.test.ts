// A run that is recorded and had again: byte for byte, without its files, on either engine, whole or cut off anywhere.
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { WasienvError } from '../../src/base/errors.js';
import { loadEngine, loadModule, type Engine, type ExitStatus } from '../../src/program/index.js';
import { callLine, LONGEST_LINE, MOST_CALL_BYTES } from '../../src/program/recording/format.js';
import { runWatched, type WatchedRun } from '../../src/program/watched.js';
import type { WasiOptions } from '../../src/wasi/index.js';
import { encode, parse } from '../../src/wasm/index.js';
import { schemaFaults } from '../support/json-schema.js';
import { seeded } from '../support/random.js';
import { compileGuest } from '../support/toolchain.js';
import { collector, makeDirectory } from '../wasi/support.js';

let world: Uint8Array;
let host: Engine;
beforeAll(async () => {
  world = fs.readFileSync(await compileGuest({ file: path.join(import.meta.dirname, 'guests', 'world.c') }));
  host = (await loadEngine('host'))!;
});

interface Outcome {
  readonly status: ExitStatus;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly bytes?: Uint8Array;
  readonly engine?: Engine;
  readonly args?: readonly string[];
  readonly directory?: string;
  readonly input?: string;
  readonly mode: WatchedRun['mode'];
}

/** A run in a directory of its own; a replay gets neither directory, arguments nor input. */
async function run({ bytes = world, engine, args = [], directory, input = '', mode }: RunOptions): Promise<Outcome> {
  const [stdout, stderr] = [collector(), collector()];
  let left = Buffer.from(input);
  const stdin = {
    read(into: Uint8Array): number {
      const count = left.copy(into);
      left = left.subarray(count);
      return count;
    },
  };
  const wasi: WasiOptions =
    mode.kind === 'replay'
      ? { args: [], env: {}, stdin: { read: () => { throw new Error('a replay reads no input'); } }, stdout: { write() { throw new Error('a replay has no streams'); } }, stderr: { write() {} }, preopens: [] }
      : { args: ['world', ...args], env: { LANG: 'C' }, stdin, stdout, stderr, preopens: directory === undefined ? [] : [{ host: directory, guest: '.' }] };
  const status = await runWatched({
    module: loadModule(bytes, 'world.wasm'), bytes, name: 'world.wasm', wasi, engine, durations: false, mode,
    output: (stream, part) => (stream === '<stdout>' ? stdout : stderr).write(part),
  });
  return { status, stdout: stdout.text(), stderr: stderr.text() };
}

function filled(): string {
  const directory = makeDirectory();
  fs.writeFileSync(path.join(directory, 'in.txt'), `from a file\n${'x'.repeat(5000)}\n`);
  return directory;
}

const recordInto = (file: string): WatchedRun['mode'] => ({ kind: 'record', file });
const replayOf = (file: string): WatchedRun['mode'] => ({ kind: 'replay', file });
const newFile = (): string => path.join(makeDirectory(), 'run.recording');

async function failure(promise: Promise<unknown>): Promise<WasienvError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof WasienvError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const simple = ({ status, ...rest }: Outcome) => ({ ...rest, end: status.kind === 'trap' ? status.name : status });

describe.each([['interpreter', 'interpreter'], ['interpreter', 'host'], ['host', 'interpreter'], ['host', 'host']] as const)('recorded on the %s, replayed on the %s', (first, second) => {
  const engineOf = (name: string) => (name === 'host' ? { engine: host } : {});

  test.each(['0', '3', 'trap'])('a program that ends with %s', async (end) => {
    const file = newFile();
    const recorded = await run({ ...engineOf(first), args: [end], directory: filled(), input: 'from\0input', mode: recordInto(file) });
    expect(recorded.stdout).toContain('from a file');
    expect(recorded.stdout).toContain('from\0input');
    expect(recorded.stderr).toContain('that was all');
    expect(simple(await run({ ...engineOf(second), mode: replayOf(file) }))).toEqual(simple(recorded));
  });
});

test('every line is as the schema says, and nothing is kept twice', async () => {
  const file = newFile();
  await run({ directory: filled(), input: 'i'.repeat(3000), mode: recordInto(file) });
  const text = fs.readFileSync(file, 'utf8');
  const lines = text.split('\n').slice(0, -1).map((line) => JSON.parse(line) as unknown);
  for (const line of lines) expect(schemaFaults('recording.schema.json', line)).toEqual([]);
  expect(lines[0]).toMatchObject({ args: ['world'], env: { LANG: 'C' }, preopens: ['.'] });
  expect(lines.at(-1)).toEqual({ end: { exit: 0 } });
  // Read are 5,013 and 3,000 bytes, which base64 makes a third longer; what was written, as many again, is not in it.
  expect(text.length).toBeLessThan(((5013 + 3000) * 4) / 3 + 6000);
});

test('cut off anywhere, it is replayed as far as it goes, or is said to be no recording', async () => {
  const file = newFile();
  const whole = await run({ directory: filled(), mode: recordInto(file) });
  const bytes = fs.readFileSync(file);
  const next = seeded(5);
  const cut = newFile();
  const places = [0, 1, bytes.indexOf(0x0a), bytes.indexOf(0x0a) + 1, bytes.length - 1, ...Array.from({ length: 40 }, () => Math.floor(next() * bytes.length))];
  for (const at of places) {
    fs.writeFileSync(cut, bytes.subarray(0, at));
    const stdout = collector();
    const error = await failure(
      runWatched({
        module: loadModule(world, 'world.wasm'), bytes: world, name: 'world.wasm', engine: host, durations: false, mode: replayOf(cut),
        wasi: { args: [], env: {}, stdin: 0, stdout: 1, stderr: 2, preopens: [] }, output: (stream, part) => void (stream === '<stdout>' && stdout.write(part)),
      }).then((status) => {
        // All calls are there and only the end is not: the program ends as it did.
        expect(status).toEqual(whole.status);
        throw new WasienvError('E_RECORDING', 'complete but for its end');
      }),
    );
    expect([error.code, at]).toEqual(['E_RECORDING', at]);
    expect(whole.stdout.startsWith(stdout.text())).toBe(true);
  }
});

test('changed anywhere, it is told or makes no difference, and never fails otherwise', async () => {
  const file = newFile();
  const whole = await run({ directory: filled(), mode: recordInto(file) });
  const bytes = fs.readFileSync(file);
  const next = seeded(17);
  const changed = newFile();
  let told = 0;
  for (let turn = 0; turn < 60; turn += 1) {
    const copy = Buffer.from(bytes);
    copy[Math.floor(next() * copy.length)] = 0x20 + Math.floor(next() * 0x5f);
    fs.writeFileSync(changed, copy);
    try {
      await run({ engine: host, mode: replayOf(changed) });
    } catch (error) {
      expect(error).toBeInstanceOf(WasienvError);
      expect(['E_RECORDING', 'E_DIVERGED']).toContain((error as WasienvError).code);
      told += 1;
    }
  }
  expect(told).toBeGreaterThan(20);
  expect(whole.status).toEqual({ kind: 'exit', code: 0 });
});

describe('what is no replay', () => {
  let headerOfWorld: Promise<string>;
  beforeAll(() => {
    headerOfWorld = (async () => {
      const file = newFile();
      await run({ mode: recordInto(file) });
      return fs.readFileSync(file, 'utf8').split('\n')[0]!;
    })();
  });

  test('another module', async () => {
    const file = newFile();
    await run({ directory: filled(), mode: recordInto(file) });
    const other = encode(parse('(module (func (export "_start")))'));
    const error = await failure(run({ bytes: other, mode: replayOf(file) }));
    expect(error).toMatchObject({ code: 'E_RECORDING', message: 'the recording is of another module' });
    expect(error.where.map(([label]) => label)).toEqual(['file', 'recorded', 'given']);
  });

  test.each([
    ['nothing', '', 'it is empty, or its first line was cut off'],
    ['other text', 'hello\n', 'it does not begin like one'],
    ['other JSON', '{"a":1}\n', 'it does not begin like one'],
    ['a later version', '{"wasienv":"recording","version":2}\n', 'it is of version 2, and this wasienv reads version 1'],
    ['a header without its fields', '{"wasienv":"recording","version":1}\n', 'line 1 is not its header'],
    ['a version of a hundred thousand brackets', `{"wasienv":"recording","version":${'['.repeat(1e5)}${']'.repeat(1e5)}}\n`, 'it does not say of which version it is'],
    ['a module whose name is no text', `{"wasienv":"recording","version":1,"module":{"name":${'['.repeat(1e5)}${']'.repeat(1e5)},"sha256":""},"args":[],"env":{},"preopens":[]}\n`, 'line 1 is not its header'],
  ])('%s', async (_what, text, why) => {
    const file = newFile();
    fs.writeFileSync(file, text);
    expect(await failure(run({ mode: replayOf(file) }))).toMatchObject({ code: 'E_RECORDING', message: expect.stringContaining(why) });
  });

  test('a file that is not there, a directory', async () => {
    expect(await failure(run({ mode: replayOf(path.join(makeDirectory(), 'none')) }))).toMatchObject({ code: 'E_FILE' });
    expect((await failure(run({ mode: replayOf(makeDirectory()) }))).code).toMatch(/E_FILE|E_RECORDING/);
    expect(await failure(run({ mode: recordInto(makeDirectory()) }))).toMatchObject({ code: 'E_FILE' });
  });

  test('a line that is no call names its number; writes beyond the memory are refused', async () => {
    const file = newFile();
    await run({ mode: recordInto(file) });
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    const withLine = (line: string) => fs.writeFileSync(file, [lines[0], line, ...lines.slice(2)].join('\n'));
    withLine('["no_such_call",[],[],0,[]]');
    expect((await failure(run({ mode: replayOf(file) }))).message).toContain('line 2 is no call');
    const first = JSON.parse(lines[1]!) as unknown[];
    withLine(JSON.stringify([...first.slice(0, 4), [[4294967290, 'AAAAAAAAAAAA']]]));
    expect((await failure(run({ mode: replayOf(file) }))).message).toContain('writes outside the memory');
  });

  const deep = `${'['.repeat(1e5)}${']'.repeat(1e5)}`;
  test.each([
    ['an argument too many', '["fd_close",[3,4],[],0,[]]'],
    ['an argument that is no number', `["fd_close",[${deep}],[],0,[]]`],
    ['an argument below zero', '["fd_close",[-1],[],0,[]]'],
    ['an argument of 64 bits that is not written as one', '["fd_seek",[3,0,0,100],[],0,[]]'],
    ['an argument of a million digits', `["fd_seek",[3,"${'9'.repeat(1e6)}",0,100],[],0,[]]`],
    ['an input that is no text', `["fd_close",[3],[${deep}],0,[]]`],
    ['an errno beyond 16 bits', '["fd_close",[3],[],65536,[]]'],
    ['an errno with a fraction', '["fd_close",[3],[],0.5,[]]'],
    ['an exit code that is none', '["proc_exit",[0],[],{"exit":1.5},[]]'],
    ['an address beyond all', '["fd_close",[3],[],0,[[1e300,"AA=="]]]'],
    ['an end that is none', '{"end":{"exit":-1}}'],
    ['an end of brackets', `{"end":{"trap":${deep}}}`],
  ])('%s', async (_what, line) => {
    const file = newFile();
    fs.writeFileSync(file, `${await headerOfWorld}\n${line}\n`);
    expect((await failure(run({ mode: replayOf(file) }))).message).toContain('line 2 is no call');
  });

  test('a call that gives more than a line can hold is refused when it is recorded', () => {
    const call = (sizeBytes: number) => callLine({ snapshot: 'wasi_snapshot_preview1', name: 'fd_read', args: [3, 0, 1, 8], inputs: [], errno: 0, writes: [{ address: 0, bytes: new Uint8Array(sizeBytes) }] });
    expect(() => call(300_000_000)).toThrow('fd_read gave the program 300 MB at once, and a recording takes at most 250 MB a call');
    expect(call(3)).toBe('["fd_read",[3,0,1,8],[],0,[[0,"AAAA"]]]\n');
    expect((MOST_CALL_BYTES * 4) / 3).toBeLessThan(LONGEST_LINE);
  });

  test('a line without an end', async () => {
    const file = newFile();
    fs.writeFileSync(file, `${await headerOfWorld}\n`);
    // Zeros that take no room on the disk.
    fs.truncateSync(file, 450e6);
    expect((await failure(run({ mode: replayOf(file) }))).message).toContain('line 2 is longer than any call');
  });

  test('a program that does something else: the first call that differs, both ways', async () => {
    const file = newFile();
    await run({ args: ['0'], directory: filled(), mode: recordInto(file) });
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    const at = lines.findIndex((line) => line.startsWith('["path_open"'));
    const changed = JSON.parse(lines[at]!) as unknown[];
    changed[2] = ['other.txt'];
    lines[at] = JSON.stringify(changed);
    fs.writeFileSync(file, lines.join('\n'));
    const error = await failure(run({ mode: replayOf(file) }));
    expect(error.code).toBe('E_DIVERGED');
    expect(error.message).toBe(`the program does something else than was recorded, after ${at - 1} calls`);
    const rows = Object.fromEntries(error.where);
    expect(rows['recorded']).toContain('"other.txt"');
    expect(rows['now']).toContain('path_open(3<.>, symlink_follow, "in.txt"');
  });

  test('a recording that ends otherwise', async () => {
    const file = newFile();
    await run({ mode: recordInto(file) });
    const text = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(file, text.replace('{"end":{"exit":0}}', '{"end":{"trap":"unreachable"}}'));
    expect(await failure(run({ mode: replayOf(file) }))).toMatchObject({ code: 'E_DIVERGED' });
  });
});
