// In which view the 64-bit slots of a function hold their values, place by place. Most are used as f64 only, or as words only; the
// home of an operand may be both by turns, and then has variables of both kinds, of which this says which one counts where.
import { fallsThrough, type Instruction } from './flow.js';

/** A slot read or written, as an f64 or as words. */
export interface Access {
  readonly slot: number;
  readonly asDouble: boolean;
  readonly isWrite: boolean;
}

export interface Views {
  /** Used in both ways -> its bit in `asDouble`. */
  readonly mixed: ReadonlyMap<number, number>;
  /** By instruction, in front of it: bits of the slots that hold an f64 then. */
  readonly asDouble: Int32Array;
}

/** More slots than bits, or a slot read where it may be either, are words throughout. */
const MOST = 31;

/** `accesses` of each instruction: reads, then writes. `start`: what is written before the first. `positionOf` a target: below zero leads out. */
export function findViews(instructions: readonly Instruction[], accesses: ReadonlyArray<readonly Access[]>, start: readonly Access[], candidates: readonly number[], positionOf: (target: number) => number): Views {
  const mixed = new Map(candidates.slice(0, MOST).map((slot, at) => [slot, 1 << at]));
  for (;;) {
    const maybeDouble = new Int32Array(instructions.length + 1);
    if (mixed.size === 0) return { mixed, asDouble: maybeDouble };
    const maybeWords = new Int32Array(instructions.length + 1);
    for (const { slot, asDouble } of start) (asDouble ? maybeDouble : maybeWords)[0]! |= mixed.get(slot) ?? 0;
    const unclear = new Set<number>();
    for (let changed = true; changed; ) {
      changed = false;
      instructions.forEach(({ op, targets }, index) => {
        let double = maybeDouble[index]!;
        let words = maybeWords[index]!;
        for (const { slot, asDouble, isWrite } of accesses[index]!) {
          const bit = mixed.get(slot);
          if (bit === undefined) continue;
          if (!isWrite) {
            if ((double & words & bit) !== 0) unclear.add(slot);
          } else {
            double = asDouble ? double | bit : double & ~bit;
            words = asDouble ? words & ~bit : words | bit;
          }
        }
        const flowTo = (target: number): void => {
          if (target < 0 || ((double & ~maybeDouble[target]!) === 0 && (words & ~maybeWords[target]!) === 0)) return;
          maybeDouble[target]! |= double;
          maybeWords[target]! |= words;
          if (target <= index) changed = true;
        };
        for (const target of targets) flowTo(positionOf(target));
        if (fallsThrough(op)) flowTo(index + 1);
      });
    }
    if (unclear.size === 0) return { mixed, asDouble: maybeDouble };
    for (const slot of unclear) mixed.delete(slot);
  }
}
