// The one stack of frames all running instances share, and where it stands. A frame is a run of slots; a slot is one
// index into several views: 32-bit values live in `I32`/`F32`, 64-bit values in `I64`/`F64`/`HALVES` (which of the two a
// slot is in use as, its instructions know), references in `REFS`. Fixed buffers of this module, so that the optimising
// compiler sees constants: that alone makes the loop 1.2 times faster than views handed in (bench/README.md).
// Pages that no frame ever reached cost nothing.
import { reserveZeros } from './reservation.js';

/** Slots that frames may start in. At most this many calls deep, for each frame is at least one slot above its caller's. */
export const STACK_SLOTS = 1 << 20;
/** No single frame is larger than this, so one comparison at each call keeps all frames inside the buffers. */
export const MAX_FRAME_SLOTS = 1 << 17;
const ALL_SLOTS = STACK_SLOTS + MAX_FRAME_SLOTS;

/** Nested calls host -> wasm -> host -> wasm …; each takes a piece of JavaScript's own stack. */
export const MAX_HOST_NESTING = 128;

const narrow = reserveZeros(4 * ALL_SLOTS);
const wide = reserveZeros(8 * ALL_SLOTS);
export const I32 = new Int32Array(narrow);
export const F32 = new Float32Array(narrow);
export const I64 = new BigInt64Array(wide);
export const F64 = new Float64Array(wide);
/** Of the 64-bit slots: the low word of slot s at 2 s, the high word behind it. A vector is two slots, low half first. */
export const HALVES = new Int32Array(wide);
/** Grows when a frame with references is entered (`reserveReferences`); `null` is the null reference. */
export const REFS: unknown[] = [];

/** Return addresses, and two words more for a call into another instance. */
export const CALLS = new Int32Array(reserveZeros(4 * (2 * ALL_SLOTS + 2 * MAX_HOST_NESTING)));

/** Where the next call from the host may start: kept up to date only while no instruction runs. */
export const machine = {
  /** First free slot. */
  top: 0,
  /** First free word of `CALLS`. */
  depth: 0,
  /** Calls from the host that have not returned. */
  nesting: 0,
  /** Calls of emitted code by the loop that have not returned. */
  emittedNesting: 0,
  /** Instances to go back to, one for each call into another instance that has not returned. */
  left: [] as unknown[],
  /** Where the loop goes on when it asked to be called again. */
  resume: { pc: 0, fp: 0, cp: 0, instance: null as unknown },
};

/** What puts the stack back to where it is now, for whoever stops code in a way that no `finally` sees. */
export function keepStack(): () => void {
  const { top, depth, nesting, emittedNesting, left } = machine;
  const leaving = left.length;
  return () => {
    machine.top = top;
    machine.depth = depth;
    machine.nesting = nesting;
    machine.emittedNesting = emittedNesting;
    left.length = leaving;
  };
}

export function reserveReferences(slots: number): void {
  while (REFS.length < slots) REFS.push(null);
}
