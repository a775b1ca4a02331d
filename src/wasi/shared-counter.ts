// The counter for a program of several threads: one WasiHost with its descriptors, and calls that come one at a time from
// many sides. A call that has to wait is put aside (parking.ts) and made again when something has happened or its time has
// come; the others go on meanwhile. So this side never waits, and the program can always be ended. Knows no thread and no
// worker: who asks, how an answer gets back and what watches is for program/threads.
import { Errno } from './abi.js';
import { answering, makeImport, makeObservedImport, type Call, type Import, type WasiObserver } from './call.js';
import { ProcExit } from './errors.js';
import { awaitedInput } from './host/awaited-input.js';
import type { GuestMemory } from './memory.js';
import { Parked, type Parking } from './parking.js';
import { PREVIEW0, preview0Calls } from './preview0.js';
import { PREVIEW1, preview1Calls } from './preview1.js';
import { WasiHost, type WasiOptions } from './wasi-host.js';

/** How a call ended: with an answer, with the program's end, or with a fault of ours. */
export type Outcome = { readonly errno: Errno } | { readonly exit: number } | { readonly failed: unknown };

/** A function as a thread calls it; answers at once or later, or never when the program ends first. */
export type SharedImport = (args: readonly (number | bigint)[], answered: (outcome: Outcome) => void) => void;

const ROWS: ReadonlyMap<string, readonly Call[]> = new Map([[PREVIEW1, preview1Calls], [PREVIEW0, preview0Calls]]);

/** How long after the last look, when nobody tells: short at first, then longer. */
const SHORTEST_LOOK_MS = 1;
const LONGEST_LOOK_MS = 10;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A call that has not been answered yet. */
interface Place {
  kept?: unknown;
  looks: number;
  /** When it must be made again even if nobody tells, by `performance.now()`. */
  due: number;
  readonly attempt: () => void;
}

export class SharedCounter {
  private readonly host: WasiHost;
  private readonly parked = new Set<Place>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  /** Throws what `createWasi` throws. */
  constructor(options: WasiOptions, private readonly parking: Parking) {
    this.host = new WasiHost({ ...options, parking, watchedStdin: awaitedInput(options.stdin, parking) });
    parking.onWake(() => this.look(() => true));
  }

  bind(memory: GuestMemory): void {
    this.host.bind(memory);
  }

  /** One thread's way to a function. `observer` sees its calls: one thread's alone, because those of others come in between. */
  function(snapshot: string, name: string, observer: WasiObserver | undefined): SharedImport {
    const row = ROWS.get(snapshot)!.find((each) => each.name === name)!;
    const { host } = this;
    const plain = makeImport(host, row);
    const counter = { memory: () => host.observedMemory, answer: answering(host) };
    return (args, answered) => {
      const run: Import = observer === undefined ? plain : makeObservedImport(counter, snapshot, row, observedOnce(observer));
      this.make(() => run(...args) as Errno, answered);
    };
  }

  private make(run: () => Errno, answered: (outcome: Outcome) => void): void {
    const place: Place = {
      looks: 0,
      due: Infinity,
      attempt: () => {
        try {
          const errno = this.parking.attempt(place, run);
          this.parked.delete(place);
          answered({ errno });
        } catch (thrown) {
          if (thrown instanceof Parked) return this.park(place, thrown);
          this.parked.delete(place);
          answered(thrown instanceof ProcExit ? { exit: thrown.code } : { failed: thrown });
        }
      },
    };
    place.attempt();
  }

  private park(place: Place, { latestNs, told }: Parked): void {
    if (this.closed) return;
    const lookMs = told ? Infinity : Math.min(SHORTEST_LOOK_MS * 2 ** Math.min(place.looks, 10), LONGEST_LOOK_MS);
    place.looks += 1;
    place.due = performance.now() + Math.min(lookMs, latestNs === undefined ? Infinity : Number(latestNs) / 1e6);
    this.parked.add(place);
    this.setTimer();
  }

  private look(isDue: (place: Place) => boolean): void {
    for (const place of [...this.parked]) if (!this.closed && isDue(place)) place.attempt();
    this.setTimer();
  }

  private setTimer(): void {
    clearTimeout(this.timer);
    let next = Infinity;
    for (const { due } of this.parked) next = Math.min(next, due);
    if (next === Infinity || this.closed) return;
    // A clock that has not quite rung yet is looked at once more, by its own time.
    this.timer = setTimeout(() => this.look(({ due }) => due <= performance.now() + 0.5), Math.min(Math.max(0, Math.ceil(next - performance.now())), LONGEST_TIMER_MS));
  }

  /** The program has ended: nothing is answered any more, and its descriptors are given back. */
  close(): void {
    this.closed = true;
    this.parked.clear();
    clearTimeout(this.timer);
    this.host.close();
  }
}

/** Sees a call when it is first made and when it has been answered, however often it was made in between. */
function observedOnce(observer: WasiObserver): WasiObserver {
  let start: bigint | undefined;
  return {
    ...(observer.memory === undefined ? {} : { memory: observer.memory }),
    now: () => observer.now(),
    before(call) {
      if (start !== undefined) return;
      start = observer.now();
      observer.before?.(call);
    },
    after: (call, answer) => observer.after(call, { ...answer, durationNs: observer.now() - start! }),
  };
}
