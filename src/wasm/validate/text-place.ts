// For modules that were parsed: the line and column an instruction came from.
import type { TextPlaces } from '../module.js';

/** Of the last recorded position at or before `position`. */
export function textPlaceOf(places: TextPlaces | undefined, position: number): { readonly line?: number; readonly column?: number } {
  if (places === undefined) return {};
  let low = 0;
  let high = places.positions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (places.positions[middle]! <= position) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? {} : { line: places.lines[low - 1]!, column: places.columns[low - 1]! };
}
