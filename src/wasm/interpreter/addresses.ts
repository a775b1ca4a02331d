// Addresses of vector and atomic operations, which find them by the memory argument in their words (`vector-ops.ts`).
// spec: exec/instructions#memory-instructions
import { CODE } from '../runtime/code-space.js';
import * as machine from '../runtime/machine.js';
import type { Memory } from '../runtime/memory.js';
import { stop } from './trace.js';

const C = CODE;
const S = machine.I32;
const W = machine.HALVES;

/**
 * The address that slot `base` and the memory argument at code address `argument` give, with `bytes` of the memory there.
 * Throws the trap of the operation at `pc` when they are not all there.
 */
export function addressAt(memory: Memory, base: number, argument: number, bytes: number, pc: number, depth: number): number {
  const address = (C[argument] & 1) === 0 ? (S[base] >>> 0) + (C[argument + 1] >>> 0) : farAddress(memory, base, argument);
  if (!memory.holds(address + bytes)) throw stop('out of bounds memory access', pc, depth);
  return address;
}

/** Inexact only beyond 2^53, where no memory reaches. */
function farAddress(memory: Memory, base: number, argument: number): number {
  const low = memory.type.limits.address === 'i64' ? W[2 * base] >>> 0 : S[base] >>> 0;
  const high = memory.type.limits.address === 'i64' ? W[2 * base + 1] >>> 0 : 0;
  return low + (C[argument + 1] >>> 0) + (high + (C[argument + 2] >>> 0)) * 2 ** 32;
}
