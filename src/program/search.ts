// Search in what is sorted.

/** How many of the first `count` things, by index, `holds` for, when it holds for none behind the first that it does not hold for. */
export function countWhile(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
