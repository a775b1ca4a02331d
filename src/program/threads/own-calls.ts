// Functions that a thread answers by itself, without asking the thread that serves the program: they read clocks that are the
// same for all threads, or make chance. Programs call them in the loops in which they wait for each other.
import { makeOwnImport } from '../../wasi/call.js';
import { ownCalls, type OwnHost } from '../../wasi/calls/process.js';
import { hostClock, hostRandom, type ClockOrigin } from '../../wasi/host/clock.js';
import { Memory } from '../../wasi/memory.js';
import type { Functions } from './seat.js';

/** `wasi_unstable` has the same ones. */
const SNAPSHOTS = ['wasi_snapshot_preview1', 'wasi_unstable'];

export function ownFunctions(origin: ClockOrigin, view: () => Uint8Array): Functions {
  const host: OwnHost = {
    clock: hostClock(origin),
    random: hostRandom,
    get memory() {
      return new Memory({ view });
    },
  };
  const functions = Object.fromEntries(ownCalls.map((row) => [row.name, makeOwnImport(host, row)]));
  return Object.fromEntries(SNAPSHOTS.map((snapshot) => [snapshot, functions]));
}
