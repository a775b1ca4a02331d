// The two tiers of the interpreter, each alone: tests of what code does run once for each way it is performed. In parts as large
// functions are, tests' small ones included.
import { tier } from '../../src/wasm/interpreter/tier/link.js';

export type Tier = 'the loop' | 'emitted at the first call' | 'emitted at the first turn' | 'emitted in parts at the first call' | 'emitted in parts at the first turn';
export const TIERS: readonly Tier[] = ['the loop', 'emitted at the first call', 'emitted at the first turn', 'emitted in parts at the first call', 'emitted in parts at the first turn'];

/** For modules that were never run before. */
export function useTier(which: Tier): void {
  tier.isOn = which !== 'the loop';
  tier.calls = which.endsWith('call') ? 1 : Infinity;
  tier.turns = 1;
  tier.whole = which.includes('in parts') ? 0 : 1_000;
  tier.part = which.includes('in parts') ? 12 : 300;
}
