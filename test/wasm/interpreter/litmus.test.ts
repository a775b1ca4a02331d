// Litmus tests: small races of two threads whose outcomes the memory model forbids, run often. Atomic accesses are sequentially
// consistent, so the outcomes named here never happen, whichever engine a thread runs on. What happens besides is chance,
// and nothing is expected of it.
// spec: the threads proposal, relaxed memory model; named as in the literature (SB, LB, MP, R, 2+2W)
import { afterEach, expect, test } from 'vitest';
import { Memory } from '../../../src/wasm/index.js';
import { endThreads, memoryOfBoth, startHostThread, startThread } from '../../support/threads.js';
import { TIERS, useTier } from '../../support/tiers.js';

afterEach(async () => {
  useTier('the loop');
  await endThreads();
});

const ROUNDS = 300;
/** Of each round: x, y, and what the two threads saw. */
const ROUND_BYTES = 32;
const X = 0;
const Y = 8;
const FIRST_SEEN = 16;
const SECOND_SEEN = 24;
/** Rounds lie in the second page; in the first, at 0, threads that are ready are counted. */
const ROUNDS_AT = 65_536;

interface Litmus {
  readonly name: string;
  readonly first: string;
  readonly second: string;
  /** Whether this outcome may not be; all values as the i32 that is there in the end. */
  readonly forbidden: (seen: { readonly first: number; readonly second: number; readonly x: number; readonly y: number }) => boolean;
}

const cell = (at: number): string => `(i32.add (local.get $at) (i32.const ${at}))`;
const set = (at: number, value: number): string => `(i32.atomic.store ${cell(at)} (i32.const ${value}))`;
const get = (at: number): string => `(i32.atomic.load ${cell(at)})`;
const setWide = (at: number, value: number): string => `(i64.atomic.store ${cell(at)} (i64.const ${value}))`;
const getWide = (at: number): string => `(i32.wrap_i64 (i64.atomic.load ${cell(at)}))`;
const note = (at: number, value: string): string => `(i32.store ${cell(at)} ${value})`;

const LITMUS: readonly Litmus[] = [
  { name: 'SB', first: `${set(X, 1)} ${note(FIRST_SEEN, get(Y))}`, second: `${set(Y, 1)} ${note(SECOND_SEEN, get(X))}`, forbidden: ({ first, second }) => first === 0 && second === 0 },
  { name: 'SB of 64 bits', first: `${setWide(X, 1)} ${note(FIRST_SEEN, getWide(Y))}`, second: `${setWide(Y, 1)} ${note(SECOND_SEEN, getWide(X))}`, forbidden: ({ first, second }) => first === 0 && second === 0 },
  { name: 'LB', first: `${note(FIRST_SEEN, get(X))} ${set(Y, 1)}`, second: `${note(SECOND_SEEN, get(Y))} ${set(X, 1)}`, forbidden: ({ first, second }) => first === 1 && second === 1 },
  // What is published is written and read by plain accesses.
  {
    name: 'MP',
    first: `(i32.store ${cell(X)} (i32.const 7)) ${set(Y, 1)}`,
    second: `${note(FIRST_SEEN, get(Y))} ${note(SECOND_SEEN, `(i32.load ${cell(X)})`)}`,
    forbidden: ({ first, second }) => first === 1 && second !== 7,
  },
  {
    name: 'MP by exchange and addition',
    first: `(i64.store ${cell(X)} (i64.const 7)) (drop (i32.atomic.rmw16.xchg_u ${cell(Y)} (i32.const 1)))`,
    second: `${note(FIRST_SEEN, `(i32.atomic.rmw16.add_u ${cell(Y)} (i32.const 0))`)} ${note(SECOND_SEEN, `(i32.load8_u ${cell(X)})`)}`,
    forbidden: ({ first, second }) => first === 1 && second !== 7,
  },
  { name: 'R', first: `${set(X, 1)} ${set(Y, 1)}`, second: `${set(Y, 2)} ${note(SECOND_SEEN, get(X))}`, forbidden: ({ second, y }) => y === 2 && second === 0 },
  { name: '2+2W', first: `${set(X, 1)} ${set(Y, 2)}`, second: `${set(Y, 1)} ${set(X, 2)}`, forbidden: ({ x, y }) => x === 1 && y === 1 },
];

/** Each round begins when both threads are there. */
const program = ({ first, second }: Litmus): string => `(module (import "env" "memory" (memory 2 2 shared))
  (func $meet (param $round i32)
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
    (loop $wait (br_if $wait (i32.lt_u (i32.atomic.load (i32.const 0)) (i32.shl (local.get $round) (i32.const 1))))))
${[first, second].map((body, index) => `
  (func (export "run${index}") (local $round i32) (local $at i32)
    (local.set $at (i32.const ${ROUNDS_AT}))
    (loop $next
      (call $meet (local.tee $round (i32.add (local.get $round) (i32.const 1))))
      ${body}
      (local.set $at (i32.add (local.get $at) (i32.const ${ROUND_BYTES})))
      (br_if $next (i32.lt_u (local.get $round) (i32.const ${ROUNDS})))))`).join('')})`;

function outcomes(buffer: ArrayBufferLike): Array<Parameters<Litmus['forbidden']>[0]> {
  const words = new Int32Array(buffer, ROUNDS_AT);
  return Array.from({ length: ROUNDS }, (_, round) => {
    const at = (offset: number): number => words[(round * ROUND_BYTES + offset) / 4]!;
    return { first: at(FIRST_SEEN), second: at(SECOND_SEEN), x: at(X), y: at(Y) };
  });
}

const memoryType = { limits: { address: 'i32' as const, min: 2n, max: 2n, shared: true } };

test.each(TIERS)('no forbidden outcome: %s', async (tier) => {
  useTier(tier);
  const memories = LITMUS.map(() => new Memory(memoryType));
  const threads = [0, 1].map((index) => startThread(...LITMUS.map((litmus, each) => ({ text: program(litmus), memory: memories[each]!, calls: [[`run${index}`] as const] }))));
  await Promise.all(threads.map((thread) => thread.outcomes));
  LITMUS.forEach(({ name, forbidden }, each) => {
    const seen = outcomes(memories[each]!.view().buffer);
    // Each thread has noted what it saw, or written, in every round.
    expect(seen.every(({ x, y }) => x !== 0 && y !== 0), name).toBe(true);
    expect(seen.filter(forbidden), name).toEqual([]);
  });
});

test('nor with one thread on the host’s own engine', async () => {
  const memories = LITMUS.map(() => memoryOfBoth(2));
  const threads = [
    startThread(...LITMUS.map((litmus, each) => ({ text: program(litmus), memory: memories[each]!.memory, calls: [['run0'] as const] }))),
    startHostThread(...LITMUS.map((litmus, each) => ({ text: program(litmus), memory: memories[each]!.hostMemory, calls: [['run1'] as const] }))),
  ];
  await Promise.all(threads.map((thread) => thread.outcomes));
  LITMUS.forEach(({ name, forbidden }, each) => {
    expect(outcomes(memories[each]!.hostMemory.buffer).filter(forbidden), name).toEqual([]);
  });
});
