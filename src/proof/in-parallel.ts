// Several things at a time, handed out one after the other. Pure but for the work it is given.

/** Starts `work` on the items in their order, at most `width` at a time. Every promise of the result settles. */
export function inParallel<Item, Result>(items: readonly Item[], width: number, work: (item: Item) => Promise<Result>): readonly Promise<Result>[] {
  const settle: Array<(result: Promise<Result>) => void> = [];
  const promises = items.map((_, index) => new Promise<Result>((resolve) => (settle[index] = resolve)));
  // Whoever waits for the third sees the third fail; that nobody has come to it yet is no unhandled rejection.
  for (const promise of promises) promise.catch(() => undefined);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      const result = work(items[index]!);
      settle[index]!(result);
      await result.catch(() => undefined);
    }
  };
  for (let i = 0; i < Math.min(width, items.length); i += 1) void worker();
  return promises;
}
