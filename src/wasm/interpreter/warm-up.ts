// Helps V8 to its best code. A program is one call of the loop that never returns, so V8 can only replace the loop's code
// while it runs (on-stack replacement), and what comes out of that stays 1.4 times slower than what a new call gets. So the
// first turns of each loop and the first calls of each function count themselves (`LOOP`, `ENTER`), and now and then have the
// loop left and called again. After enough of them they take themselves out of the code and cost nothing.
import { CODE, ownerOf } from '../runtime/code-space.js';
import type { Instance } from '../runtime/instance.js';
import { CALLS, machine } from '../runtime/machine.js';
import { ModuleCode } from '../runtime/module-code.js';
import { Op } from './ops.js';
import { enterLoop, promote, tier } from './tier/link.js';

/** Long enough for V8 to compile the loop in the background, while unoptimised code makes some millions of steps a second. */
const ENOUGH = 1 << 18;
/** The loop is called again each time this many have been counted; a power of two. */
const BETWEEN = 1 << 13;

let counted = 0;

/** `LOOP turns target count word…` -> where to go on: `target`, or where emitted code leads. The words are addresses of words that hold `pc`. */
export function turn(pc: number, fp: number, cp: number, instance: Instance): number {
  const target = CODE[pc + 2]!;
  const turns = CODE[pc + 1]! + 1;
  CODE[pc + 1] = turns;
  if (turns >= tier.turns && tier.isOn && instance.mayEmit && instance.emitted?.loops.get(pc) !== null) return enterLoop(pc, fp, cp, instance, target, turns);
  if (turns >= ENOUGH) for (let left = CODE[pc + 3]!; left > 0; left--) CODE[CODE[pc + 3 + left]!] = target;
  return target;
}

/** `ENTER calls` -> where to go on: behind it. Enough calls, and each further caller is made to skip it. */
export function entered(pc: number, cp: number, instance: Instance): number {
  const target = pc + 2;
  const calls = CODE[pc + 1]! + 1;
  CODE[pc + 1] = calls;
  // The operation there is another one then.
  if (calls === tier.calls && promote(pc, instance)) return pc;
  if (calls >= ENOUGH) {
    if (calls === ENOUGH) skipInFuture(pc, target);
    const call = CALLS[cp - 1]! - 3;
    if (CODE[call] === Op.CALL && CODE[call + 1] === pc) CODE[call + 1] = target;
  }
  return target;
}

function skipInFuture(pc: number, target: number): void {
  const place = ownerOf(pc);
  if (place?.owner instanceof ModuleCode) place.owner.entries[place.functionIndex] = target;
}

/** Whether the loop is to return now; where it goes on is in `machine` then. */
export function comeAgain(pc: number, fp: number, cp: number, instance: Instance): boolean {
  counted++;
  if ((counted & (BETWEEN - 1)) !== 0) return false;
  const { resume } = machine;
  resume.pc = pc;
  resume.fp = fp;
  resume.cp = cp;
  resume.instance = instance;
  return true;
}
