// Which slots of a frame are still to be read, place by place: what a part of a large function (parts.ts) has to take over when it
// is entered and to leave behind when it is left.
import { isNarrowLetter, isWrite, type SlotUse } from './accesses.js';
import { fallsThrough, type Instruction } from './flow.js';

/** A slot as one of 32 bits and as one of 64 are two places. */
export const placeOf = (letter: string, slot: number): number => 2 * slot + (isNarrowLetter(letter) ? 0 : 1);

export class Liveness {
  private readonly blocks = new Map<number, number>();
  private readonly width: number;
  private readonly liveIn: Int32Array;

  /**
   * `uses` of each instruction: reads, then writes. `leaders`: where to ask for later. `handlers` of an instruction: where control
   * may go from in front of it.
   */
  constructor(instructions: readonly Instruction[], uses: ReadonlyArray<readonly SlotUse[]>, leaders: Iterable<number>, handlers: (index: number) => readonly number[]) {
    const isLeader = new Uint8Array(instructions.length + 1);
    isLeader[0] = 1;
    for (const leader of leaders) isLeader[leader] = 1;
    instructions.forEach(({ op, targets }, index) => {
      for (const target of targets) isLeader[target] = 1;
      if (targets.length > 0 || !fallsThrough(op)) isLeader[index + 1] = 1;
    });
    const starts: number[] = [];
    let places = 0;
    for (let index = 0; index < instructions.length; index++) {
      if (isLeader[index] === 1) {
        this.blocks.set(index, starts.length);
        starts.push(index);
      }
      for (const [letter, slot] of uses[index]!) places = Math.max(places, placeOf(letter, slot) + 1);
    }
    const width = (this.width = (places + 31) >>> 5);
    const read = new Int32Array(width * starts.length);
    const written = new Int32Array(width * starts.length);
    const followers: number[][] = [];
    const handlersOf: number[][] = [];
    starts.forEach((start, block) => {
      const end = starts[block + 1] ?? instructions.length;
      const base = block * width;
      const caught = new Set<number>();
      for (let index = start; index < end; index++) {
        for (const [letter, slot] of uses[index]!) {
          const place = placeOf(letter, slot);
          const word = base + (place >>> 5);
          const bit = 1 << (place & 31);
          if (isWrite(letter)) written[word]! |= bit;
          else if ((written[word]! & bit) === 0) read[word]! |= bit;
        }
        for (const handler of handlers(index)) caught.add(this.blocks.get(handler)!);
      }
      const { op, targets } = instructions[end - 1]!;
      const next = new Set(targets.map((target) => this.blocks.get(target)!));
      if (fallsThrough(op) && end < instructions.length) next.add(block + 1);
      followers.push([...next]);
      handlersOf.push([...caught]);
    });
    const liveIn = (this.liveIn = read.slice());
    for (let changed = true; changed; ) {
      changed = false;
      for (let block = starts.length - 1; block >= 0; block--) {
        const base = block * width;
        for (let word = 0; word < width; word++) {
          let out = 0;
          for (const follower of followers[block]!) out |= liveIn[follower * width + word]!;
          let live = read[base + word]! | (out & ~written[base + word]!);
          for (const handler of handlersOf[block]!) live |= liveIn[handler * width + word]!;
          if (live !== liveIn[base + word]!) {
            liveIn[base + word] = live;
            changed = true;
          }
        }
      }
    }
  }

  /** Whether the place may be read at or behind an instruction that was a leader. */
  isLive(place: number, index: number): boolean {
    return (this.liveIn[this.blocks.get(index)! * this.width + (place >>> 5)]! & (1 << (place & 31))) !== 0;
  }
}
