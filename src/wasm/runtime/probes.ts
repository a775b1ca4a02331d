// What is measured or limited while code runs, for whoever asked: lowering emits the operations below `Op.FUEL` for these and
// for nobody else, so code without probes costs what it always did. The unit is the instruction of the module, as
// validated, whatever lowering makes of it: block, loop, end, else, nop and the marks of try are free, all others cost one.
// A stretch without branches and calls is charged when it is entered, all of it: two runs stop at the same place.
import { CallTree } from './call-tree.js';
import type { Exhaustion } from '../errors.js';

export interface ProbeOptions {
  /** Instructions that may be performed. */
  readonly fuel?: number;
  /** Calls that may be under way at once. */
  readonly depth?: number;
  /** Asked every few thousand turns of loops and calls of functions; what it returns stops the code. */
  readonly interrupt?: () => Exhaustion | undefined;
  /** When `interrupt` will stop the code at the latest, if nothing else does: code that waits for another thread waits no longer. */
  readonly leftMs?: () => number;
  /** Count how often each stretch is entered. */
  readonly tally?: boolean;
  /** Count instructions by the calls they are performed in. */
  readonly profile?: boolean;
}

/** A stretch of a function's body without branches and calls: entered at its start, left at its end. */
export interface Stretch {
  readonly functionIndex: number;
  /** Positions in the module's bytes; `end` exclusive. */
  readonly start: number;
  end: number;
}

/** How many turns and calls pass between two questions to `interrupt`: some milliseconds. */
const TICKS = 1 << 14;

/** For the instances of one program; not to be used for a second one. */
export class Probes {
  readonly hasFuel: boolean;
  readonly fuel: number;
  /** One number, the fuel that is left and a half: an array, for V8 would box the field of an object. */
  readonly meter: Float64Array;
  readonly depth: number;
  readonly interrupt: (() => Exhaustion | undefined) | null;
  readonly leftMs: (() => number) | null;
  ticksLeft = TICKS;
  private reason: Exhaustion | undefined;
  readonly tally: boolean;
  readonly stretches: Stretch[] = [];
  private readonly known = new Map<number, number>();
  /** How often each of `stretches` was entered. */
  counts = new Float64Array(1024);
  readonly calls: CallTree | null;

  constructor(options: ProbeOptions) {
    this.hasFuel = options.fuel !== undefined;
    this.fuel = options.fuel ?? 0;
    this.meter = Float64Array.of(this.fuel + 0.5);
    this.depth = options.depth ?? Infinity;
    this.interrupt = options.interrupt ?? null;
    this.leftMs = options.leftMs ?? null;
    this.tally = options.tally ?? false;
    this.calls = options.profile === true ? new CallTree() : null;
  }

  /** Whether code with these probes may become JavaScript (`interpreter/tier/`), where frames do not tell how deep calls are. */
  get mayEmit(): boolean {
    return this.depth === Infinity && this.calls === null;
  }

  /** Instructions left; below zero: what was to come next would have needed more. */
  get fuelLeft(): number {
    return Math.floor(this.meter[0]!);
  }

  get atEntry(): boolean {
    return this.depth !== Infinity || this.interrupt !== null || this.calls !== null;
  }
  get inStretches(): boolean {
    return this.hasFuel || this.tally || this.calls !== null;
  }

  /** The index of a stretch: always the same, however often its function is lowered. */
  add(functionIndex: number, start: number): number {
    const key = functionIndex * 2 ** 32 + start;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const index = this.stretches.push({ functionIndex, start, end: start }) - 1;
    this.known.set(key, index);
    if (index === this.counts.length) {
      const counts = new Float64Array(2 * index);
      counts.set(this.counts);
      this.counts = counts;
    }
    return index;
  }

  /** What `interrupt` says, when it is time to ask; once it stops the code, each time. */
  tick(): Exhaustion | undefined {
    if (--this.ticksLeft > 0) return undefined;
    this.reason ??= this.interrupt?.();
    this.ticksLeft = this.reason === undefined ? TICKS : 1;
    return this.reason;
  }
}
