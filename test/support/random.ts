// Numbers that look random and are the same in every run.

/** A generator of numbers in [0, 1) from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes that no compressor makes smaller. */
export function noise(sizeBytes: number, seed: number): Buffer {
  const next = seeded(seed);
  const bytes = Buffer.allocUnsafe(sizeBytes);
  // `Uint8Array.from` with a callback takes four times as long.
  for (let index = 0; index < sizeBytes; index += 1) bytes[index] = next() * 256;
  return bytes;
}

/** The same numbers, in the forms that choices are made of. */
export class Random {
  private readonly draw: () => number;

  constructor(seed: number) {
    this.draw = seeded(seed);
  }

  /** 32 bits. */
  next(): number {
    return Math.floor(this.draw() * 2 ** 32);
  }

  /** 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.draw() * count);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** Mostly below `count`, now and then just beyond. */
  index(count: number): number {
    return count === 0 || this.chance(1) ? count + this.below(2) : this.below(count);
  }
}
