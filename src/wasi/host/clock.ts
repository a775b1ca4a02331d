// Time and chance as the guest may have them. Everything is counted in nanoseconds.

/** Where a program's time comes from; tests and deterministic runs give their own. */
export interface Clock {
  /** Nanoseconds since 1970. */
  realtime(): bigint;
  /** Nanoseconds since some moment of the past; never goes back. */
  monotonic(): bigint;
  /** Processor time used by the program, nanoseconds. */
  cpuTime(): bigint;
  /** The smallest step each of them can take, nanoseconds. */
  readonly resolution: { readonly realtime: bigint; readonly monotonic: bigint; readonly cpuTime: bigint };
  /** Stops the program for so long, without using the processor. */
  sleep(durationNs: bigint): void;
}

/** Fills all of `into` with random bytes. */
export type Random = (into: Uint8Array) => void;

const MILLISECOND = 1_000_000n;
/** How far Node's millisecond clock and our nanosecond one may part before the host's clock must have been set. */
const TOLERANCE = 2n * MILLISECOND;
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Where a program's time began. Can be sent to another thread, whose clocks then show the same. */
export interface ClockOrigin {
  readonly start: bigint;
  readonly cpu: NodeJS.CpuUsage;
  /** Of the wall clock against the high-resolution one. */
  readonly offset: bigint;
}

export function clockOrigin(): ClockOrigin {
  const start = process.hrtime.bigint();
  return { start, cpu: process.cpuUsage(), offset: BigInt(Date.now()) * MILLISECOND - start };
}

/**
 * The host's time. The monotonic clock starts near zero with the program: the host's uptime is none of its business.
 */
export function hostClock(origin = clockOrigin()): Clock {
  const { start, cpu } = origin;
  let { offset } = origin;
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  return {
    realtime() {
      // Node's wall clock has milliseconds; the high-resolution clock gives the digits below, and is tied to the wall
      // clock again whenever that was set.
      const coarse = BigInt(Date.now()) * MILLISECOND;
      const fine = process.hrtime.bigint() + offset;
      if (fine < coarse - TOLERANCE || fine > coarse + TOLERANCE) {
        offset += coarse - fine;
        return coarse;
      }
      return fine;
    },
    // One second ahead of zero, because some programs take zero for "never".
    monotonic: () => process.hrtime.bigint() - start + 1_000_000_000n,
    cpuTime() {
      const { user, system } = process.cpuUsage(cpu);
      return BigInt(user + system) * 1000n;
    },
    resolution: { realtime: 1n, monotonic: 1n, cpuTime: 1000n },
    sleep(durationNs) {
      const end = process.hrtime.bigint() + durationNs;
      for (let left = durationNs; left > 0n; left = end - process.hrtime.bigint()) {
        Atomics.wait(sleeper, 0, 0, Math.min(Number(left) / 1e6, LONGEST_WAIT_MS));
      }
    },
  };
}

export const hostRandom: Random = (into) => {
  // Loaded when first asked for: 3 ms, and few short programs want random bytes.
  const { randomFillSync } = process.getBuiltinModule('node:crypto');
  // Node refuses views of shared memory here, and guests with threads have shared memory.
  if (into.buffer instanceof ArrayBuffer) randomFillSync(into);
  else into.set(randomFillSync(new Uint8Array(into.length)));
};
