// How calls wait where waiting must not hold anybody up: several threads of one program stand at one counter. A call that
// would have to wait throws `Parked` instead and is made again later, from its beginning (shared-counter.ts); so what it has
// done so far, if it has done anything, is kept for it here. A program of one thread waits where it is, and has none of this.

/** Thrown by a handler whose call has to wait. Not an error of anyone. */
export class Parked {
  constructor(
    /** In how many nanoseconds something will have happened at the latest; undefined: nobody knows. */
    readonly latestNs: bigint | undefined,
    /** Whether `wake` is called when it happens. Otherwise it must be looked at again and again. */
    readonly told: boolean,
  ) {}
}

export class Parking {
  /** What belongs to the call that is being made. */
  private here: { kept?: unknown } = {};
  private readonly sleepers = new Set<() => void>();

  /** Makes a call, for the first time or again: `place` is its own. Throws what `act` throws, `Parked` among it. */
  attempt<T>(place: { kept?: unknown }, act: () => T): T {
    this.here = place;
    return act();
  }

  /** What `make` gave when the call was made for the first time. Once in a call. */
  keep<T>(make: () => T): T {
    if (!('kept' in this.here)) this.here.kept = make();
    return this.here.kept as T;
  }

  /** Whose call it is: the same object each time it is made. */
  get caller(): object {
    return this.here;
  }

  /** To be told when something has happened that calls may be waiting for. */
  onWake(told: () => void): void {
    this.sleepers.add(told);
  }

  wake(): void {
    for (const told of this.sleepers) told();
  }
}
