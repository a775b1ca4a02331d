// `--deterministic`: two runs are alike to the byte, in other directories, of other times, made in another order.
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngine, loadModule, type Engine } from '../../src/program/index.js';
import { runWatched } from '../../src/program/watched.js';
import { parseFilter, type CallFilter } from '../../src/program/strace.js';
import { deterministicWorld, START_NS, STEP_NS } from '../../src/wasi/deterministic.js';
import { compileGuest } from '../support/toolchain.js';
import { collector, makeDirectory } from '../wasi/support.js';

let world: Uint8Array;
let host: Engine;
beforeAll(async () => {
  world = fs.readFileSync(await compileGuest({ file: path.join(import.meta.dirname, 'guests', 'world.c') }));
  host = (await loadEngine('host'))!;
});

/** The same files, made in an order of one's own and of any age. */
function directoryOf(names: readonly string[], ageS: number): string {
  const directory = makeDirectory();
  for (const name of names) {
    fs.writeFileSync(path.join(directory, name), `this is ${name}\n`);
    fs.utimesSync(path.join(directory, name), ageS, ageS);
  }
  return directory;
}

async function run(directory: string, seed: bigint, engine?: Engine): Promise<{ readonly stdout: string; readonly trace: string; readonly recording: string }> {
  const stdout = collector();
  let trace = '';
  const file = path.join(makeDirectory(), 'r');
  await runWatched({
    module: loadModule(world, 'world.wasm'), bytes: world, name: 'world.wasm', engine, durations: false, mode: { kind: 'record', file },
    strace: { format: 'text', shows: parseFilter(undefined) as CallFilter, write: (text) => void (trace += text), sameScreen: [] },
    wasi: { args: ['world'], env: {}, stdin: { read: () => 0 }, stdout, stderr: collector(), preopens: [{ host: directory, guest: '.' }], ...deterministicWorld(seed) },
    output: () => {},
  });
  return { stdout: stdout.text(), trace, recording: fs.readFileSync(file, 'utf8') };
}

const NAMES = ['in.txt', 'zebra', 'apple', 'Zebra', 'mango', 'é'];

describe('two runs', () => {
  test('see the same, call by call, and record the same', async () => {
    const one = await run(directoryOf(NAMES, 1_000_000_000), 0n);
    const again = await run(directoryOf([...NAMES].reverse(), 1_500_000_000), 0n);
    expect(again).toEqual(one);
    expect(one.stdout).toContain('entry Zebra');
    const sorted = [...one.stdout.matchAll(/^entry (\S+)/gm)].map(([, name]) => name);
    expect(sorted).toEqual(['.', 'Zebra', 'apple', 'in.txt', 'mango', 'renamed.txt', 'zebra', 'é']);
  });

  test('in one directory, which the first has changed', async () => {
    const directory = directoryOf(NAMES, 1_000_000_000);
    expect(await run(directory, 0n)).toEqual(await run(directory, 0n));
  });

  test('on the two engines', async () => {
    expect(await run(directoryOf(NAMES, 7), 0n, host)).toEqual(await run(directoryOf(NAMES, 8), 0n));
  });

  test('with another seed differ in chance alone', async () => {
    const [one, other] = [await run(directoryOf(NAMES, 7), 1n), await run(directoryOf(NAMES, 7), 2n)];
    const lines = (text: string) => text.split('\n');
    expect(lines(one.stdout).filter((line, index) => line !== lines(other.stdout)[index])).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });
});

test('what the world looks like', async () => {
  const { stdout } = await run(directoryOf(NAMES, 7), 0n);
  const line = (start: string) => stdout.split('\n').find((each) => each.startsWith(start))!;
  expect(line('clock')).toBe('clock 946684800.000000000');
  // Two clocks have been read before, and 2 ms slept.
  expect(stdout).toMatch(/^clock 1\.001000000\nlater 1\.00[4-9]000000$/m);
  expect(line('in.txt')).toMatch(/^in\.txt: dev 1 ino \d+ nlink 1 size 15 atime 946684800 mtime 946684800\.000000000 ctime 946684800$/);
  expect(line('made.txt')).toMatch(/ size 10 .* mtime 946684800\.00[1-9]/);
  const inode = (start: string) => /ino (\d+)/.exec(line(start))![1];
  expect(inode('hard.txt')).toBe(inode('made.txt'));
  expect(inode('again.txt')).not.toBe(inode('made.txt'));
  expect(inode('renamed.txt')).toBe(inode('again.txt'));
  expect(line('renamed.txt')).toContain('atime 5 mtime 6.000000008');
});

describe('its parts', () => {
  test('time goes on when it is looked at, and when it is slept through', () => {
    const { clock } = deterministicWorld(0n);
    expect([clock.realtime(), clock.realtime(), clock.monotonic()]).toEqual([START_NS, START_NS + STEP_NS, 1_000_000_000n + 2n * STEP_NS]);
    clock.sleep(5n);
    clock.sleep(-5n);
    expect(clock.cpuTime()).toBe(3n * STEP_NS + 5n);
  });

  test('chance is xoshiro256** from splitmix64, whatever pieces it is taken in', () => {
    // By the reference code of Blackman and Vigna: the state made of seed 0 begins e220a8397b1dcdaf, 6e789e6aa1b965f4.
    const bytes = new Uint8Array(24);
    deterministicWorld(0n).random(bytes);
    const { random } = deterministicWorld(0n);
    const pieces = [1, 7, 3, 13].map((length) => {
      const piece = new Uint8Array(length);
      random(piece);
      return [...piece];
    });
    expect(pieces.flat()).toEqual([...bytes]);
    const rotl = (x: bigint, k: bigint) => BigInt.asUintN(64, (x << k) | (x >> (64n - k)));
    const first = BigInt.asUintN(64, rotl(BigInt.asUintN(64, 0x6e789e6aa1b965f4n * 5n), 7n) * 9n);
    expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(first);
  });
});
