// Performs atomic operations: each instruction of prefix 0xfe is one, its number `Group.ATOMIC` + sub-opcode. What it does, on
// how many bytes and for which type, is read off its row, so a new row works once its kind does. JavaScript's `Atomics`
// does the work: on a shared memory it is what the threads proposal asks for, on any other a plain access.
// Words: see `vector-ops.ts`.
// spec: the threads proposal, exec/instructions#atomic-memory-instructions
import { Unsupported } from '../errors.js';
import { INSTRUCTION_INFOS, type INSTRUCTIONS } from '../instructions.js';
import { CODE } from '../runtime/code-space.js';
import type { Instance } from '../runtime/instance.js';
import * as machine from '../runtime/machine.js';
import type { Memory } from '../runtime/memory.js';
import { addressAt } from './addresses.js';
import { Group } from './ops.js';
import { stop, stopAt } from './trace.js';
import { wordsOf } from './vector-ops.js';

const C = CODE;
const S = machine.I32;
const W = machine.HALVES;
const L = machine.I64;

export const enum AtomicKind { FENCE, NOTIFY, WAIT, LOAD, STORE, ADD, SUB, AND, OR, XOR, XCHG, CMPXCHG }

type AtomicMnemonic = Extract<(typeof INSTRUCTIONS)[number], readonly [string, number, string, string | null, 'threads']>[0];
type KindName<Mnemonic> =
  Mnemonic extends 'atomic.fence' ? 'fence'
  : Mnemonic extends `${string}.atomic.rmw${string}.${infer Name}_u` | `${string}.atomic.rmw.${infer Name}` ? Name
  : Mnemonic extends `${string}.atomic.${infer Name extends 'load' | 'store' | 'wait' | 'notify'}${string}` ? Name
  : never;
const KINDS: Readonly<Record<KindName<AtomicMnemonic>, AtomicKind>> = {
  fence: AtomicKind.FENCE, notify: AtomicKind.NOTIFY, wait: AtomicKind.WAIT, load: AtomicKind.LOAD, store: AtomicKind.STORE,
  add: AtomicKind.ADD, sub: AtomicKind.SUB, and: AtomicKind.AND, or: AtomicKind.OR, xor: AtomicKind.XOR, xchg: AtomicKind.XCHG, cmpxchg: AtomicKind.CMPXCHG,
};

interface Shape {
  readonly kind: AtomicKind;
  readonly bytes: number;
  /** Whether its values are i64. */
  readonly isWide: boolean;
  readonly hasResult: boolean;
  readonly words: number;
}
/** Operation - `Group.ATOMIC` -> what it is. */
export const ATOMIC_SHAPES: Shape[] = [];
for (const info of INSTRUCTION_INFOS) {
  if (info.feature !== 'threads') continue;
  const [, name] = /^(?:memory\.|i32\.|i64\.)?atomic\.(?:rmw\d*\.)?([a-z]+)/.exec(info.mnemonic)!;
  ATOMIC_SHAPES[info.code & 0xffff] = {
    kind: KINDS[name as keyof typeof KINDS],
    bytes: Number(/memarg(\d)/.exec(info.immediates.join())?.[1] ?? 0),
    isWide: info.mnemonic.startsWith('i64'),
    hasResult: info.type!.results !== '',
    words: wordsOf(info),
  };
}
const ARGUMENT_WORDS = 3;

/** JavaScript has no fence; an exchange, of whatever, is one to the processor. */
const BARRIER = new Int32Array(1);

/** Performs the operation at `pc` and returns the address of the next one. Throws Trap. */
export function atomic(pc: number, fp: number, depth: number, instance: Instance): number {
  const shape = ATOMIC_SHAPES[C[pc] - Group.ATOMIC];
  const { kind, bytes } = shape;
  const after = pc + shape.words;
  if (kind === AtomicKind.FENCE) {
    Atomics.exchange(BARRIER, 0, 0);
    return after;
  }
  const argument = after - ARGUMENT_WORDS;
  const operands = pc + (shape.hasResult ? 2 : 1);
  const d = fp + C[pc + 1];
  const a = fp + C[operands + 1];
  const b = fp + C[operands + 2];
  const memory = instance.memories[C[argument] >>> 1];
  const at = addressAt(memory, fp + C[operands], argument, bytes, pc, depth);
  if (at % bytes !== 0) throw stop('unaligned atomic', pc, depth);
  if (kind === AtomicKind.NOTIFY) S[d] = memory.type.limits.shared ? Atomics.notify(memory.i32, at / 4, S[a] >>> 0) : 0;
  else if (kind === AtomicKind.WAIT) {
    if (!memory.type.limits.shared) throw stop('expected shared memory', pc, depth);
    S[d] = wait(memory, at, bytes, a, L[b], pc, depth, instance);
  } else if (bytes === 8) atomic64(kind, memory.i64, at / 8, d, a, b);
  else {
    const view = bytes === 1 ? memory.u8 : bytes === 2 ? memory.u16 : memory.i32;
    const result = atomic32(kind, view, at / bytes, shape.isWide ? W[2 * a] : S[a], shape.isWide ? W[2 * b] : S[b]);
    if (shape.hasResult) {
      if (shape.isWide) {
        W[2 * d] = result;
        W[2 * d + 1] = 0;
      } else S[d] = result;
    }
  }
  return after;
}

/** Views of shared memory have the same operations; the types of both do not overlap. */
type View = Uint8Array | Uint16Array | Int32Array;

/** What was there before; values are taken modulo the width of the view. */
function atomic32(kind: AtomicKind, view: View, index: number, a: number, b: number): number {
  switch (kind) {
    case AtomicKind.LOAD: return Atomics.load(view, index);
    case AtomicKind.STORE: return Atomics.store(view, index, a);
    case AtomicKind.ADD: return Atomics.add(view, index, a);
    case AtomicKind.SUB: return Atomics.sub(view, index, a);
    case AtomicKind.AND: return Atomics.and(view, index, a);
    case AtomicKind.OR: return Atomics.or(view, index, a);
    case AtomicKind.XOR: return Atomics.xor(view, index, a);
    case AtomicKind.XCHG: return Atomics.exchange(view, index, a);
    default: return Atomics.compareExchange(view, index, a, b);
  }
}

function atomic64(kind: AtomicKind, view: BigInt64Array, index: number, d: number, a: number, b: number): void {
  switch (kind) {
    case AtomicKind.LOAD: L[d] = Atomics.load(view, index); return;
    case AtomicKind.STORE: Atomics.store(view, index, L[a]); return;
    case AtomicKind.ADD: L[d] = Atomics.add(view, index, L[a]); return;
    case AtomicKind.SUB: L[d] = Atomics.sub(view, index, L[a]); return;
    case AtomicKind.AND: L[d] = Atomics.and(view, index, L[a]); return;
    case AtomicKind.OR: L[d] = Atomics.or(view, index, L[a]); return;
    case AtomicKind.XOR: L[d] = Atomics.xor(view, index, L[a]); return;
    case AtomicKind.XCHG: L[d] = Atomics.exchange(view, index, L[a]); return;
    default: L[d] = Atomics.compareExchange(view, index, L[a], L[b]);
  }
}

/** 146 years. V8 takes 292 years, the longest there is, for a time that is up. */
const AGES = 2n ** 62n;

const enum Waited { WOKEN, NOT_EQUAL, TIMED_OUT }

/**
 * Blocks this thread. The host's clock for that counts in microseconds. `Worker.terminate` and the time limit of `node:vm` end
 * it; for a limit that is asked for (`ProbeOptions.interrupt`) it ends itself.
 */
function wait(memory: Memory, at: number, bytes: number, expected: number, timeoutNanoseconds: bigint, pc: number, depth: number, instance: Instance): Waited {
  const { probes } = instance.code;
  let leftMs = timeoutNanoseconds < 0n || timeoutNanoseconds > AGES ? Infinity : Number(timeoutNanoseconds) / 1e6;
  for (;;) {
    const limitMs = Math.max(0, probes?.leftMs?.() ?? Infinity);
    const outcome = waitFor(memory, at, bytes, expected, Math.min(leftMs, limitMs));
    if (outcome !== 'timed-out') return outcome === 'ok' ? Waited.WOKEN : Waited.NOT_EQUAL;
    const reason = probes?.interrupt?.();
    if (reason !== undefined) throw stopAt(reason, pc, depth);
    leftMs -= limitMs;
    if (!(leftMs > 0)) return Waited.TIMED_OUT;
  }
}

function waitFor(memory: Memory, at: number, bytes: number, expected: number, timeoutMs: number): 'ok' | 'not-equal' | 'timed-out' {
  try {
    return bytes === 8 ? Atomics.wait(memory.i64, at / 8, L[expected], timeoutMs) : Atomics.wait(memory.i32, at / 4, S[expected], timeoutMs);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Unsupported('this thread may not block, which memory.atomic.wait does', { cause: error, next: 'run the program in a worker: a browser lets no page wait' });
  }
}
