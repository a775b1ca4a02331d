// A world that is the same in every run: time that passes only when it is looked at, chance from a seed, files with numbers in
// the order they are met and with times of that clock. What a program is given, says and reads stays its own affair.
import { Filetype } from './abi.js';
import type { Clock, Random } from './host/clock.js';
import type { FileFacts, FileStat } from './host/files.js';

/** When every run begins: 2000-01-01T00:00:00Z. */
export const START_NS = 946_684_800n * 1_000_000_000n;
/** How far time goes on each time a clock is read. */
export const STEP_NS = 1_000_000n;

export interface DeterministicWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly facts: FileFacts;
}

/** For one run: the clock goes on from call to call. `seed` has 64 bits. */
export function deterministicWorld(seed: bigint): DeterministicWorld {
  let passed = 0n;
  const look = (from: bigint): bigint => {
    const now = from + passed;
    passed += STEP_NS;
    return now;
  };
  const clock: Clock = {
    realtime: () => look(START_NS),
    // As on the host, one second ahead of zero.
    monotonic: () => look(1_000_000_000n),
    cpuTime: () => look(0n),
    resolution: { realtime: STEP_NS, monotonic: STEP_NS, cpuTime: STEP_NS },
    sleep: (durationNs) => {
      passed += durationNs > 0n ? durationNs : 0n;
    },
  };
  return { clock, random: seededRandom(seed), facts: fixedFacts(() => START_NS + passed) };
}

/** xoshiro256**, its state made of the seed by splitmix64; eight bytes a step, the lowest first. Not for secrets. */
function seededRandom(seed: bigint): Random {
  let mixed = seed;
  const next64 = (): bigint => {
    mixed = BigInt.asUintN(64, mixed + 0x9e37_79b9_7f4a_7c15n);
    let z = mixed;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn);
    return z ^ (z >> 31n);
  };
  const rotate = (x: bigint, by: bigint): bigint => BigInt.asUintN(64, (x << by) | (x >> (64n - by)));
  let [a, b, c, d] = [next64(), next64(), next64(), next64()];
  let word = 0n;
  let left = 0;
  return (into) => {
    for (let index = 0; index < into.length; index += 1) {
      if (left === 0) {
        word = BigInt.asUintN(64, rotate(BigInt.asUintN(64, b * 5n), 7n) * 9n);
        left = 8;
        const t = BigInt.asUintN(64, b << 17n);
        c ^= a;
        d ^= b;
        b ^= c;
        a ^= d;
        c ^= t;
        d = rotate(d, 45n);
      }
      into[index] = Number(word & 0xffn);
      word >>= 8n;
      left -= 1;
    }
  };
}

interface Known {
  readonly ino: bigint;
  atim: bigint;
  mtim: bigint;
  ctim: bigint;
}

/**
 * Files are numbered from 1 in the order the program meets them, devices likewise; names of one file keep one number. Times
 * are the start of the run until the program changes the file or sets them: reading leaves no trace. Directories have no
 * size, one link, and their times stand still.
 */
function fixedFacts(now: () => bigint): FileFacts {
  const files = new Map<string, Known>();
  const devices = new Map<bigint, bigint>();
  let numbered = 0n;
  const keyOf = ({ dev, ino }: FileStat): string => `${dev}:${ino}`;
  const known = (stat: FileStat): Known => {
    let file = files.get(keyOf(stat));
    if (file === undefined) {
      numbered += 1n;
      file = { ino: numbered, atim: START_NS, mtim: START_NS, ctim: START_NS };
      files.set(keyOf(stat), file);
    }
    return file;
  };
  return {
    present(stat) {
      const { ino, atim, mtim, ctim } = known(stat);
      let dev = devices.get(stat.dev);
      if (dev === undefined) devices.set(stat.dev, (dev = BigInt(devices.size + 1)));
      const plain = stat.filetype !== Filetype.directory;
      return { dev, ino, filetype: stat.filetype, nlink: plain ? stat.nlink : 1n, size: plain ? stat.size : 0n, atim, mtim, ctim };
    },
    changed(stat) {
      const file = known(stat);
      file.mtim = file.ctim = now();
    },
    timesSet(stat, { atim, mtim }) {
      const file = known(stat);
      file.atim = atim ?? file.atim;
      file.mtim = mtim ?? file.mtim;
      file.ctim = now();
    },
    removed(stat) {
      files.delete(keyOf(stat));
    },
  };
}
