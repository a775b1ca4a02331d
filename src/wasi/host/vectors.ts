// Buffers as they go to one host call: no more bytes than a host takes at once, no empty ones, and what is left of them
// after a short count. Pure.

/** Linux writes and reads at most this many bytes in one call, and Node refuses more than 2^31 - 1. */
export const MOST_BYTES = 0x7ffff000;

/** What one host call can take of `buffers` when the first `done` bytes are through; empty: nothing is left. */
export function restOf(buffers: readonly Uint8Array[], done = 0): Uint8Array[] {
  let skip = done;
  let room = MOST_BYTES;
  const rest: Uint8Array[] = [];
  for (const buffer of buffers) {
    if (skip >= buffer.length) {
      skip -= buffer.length;
      continue;
    }
    const part = skip === 0 && buffer.length <= room ? buffer : buffer.subarray(skip, skip + room);
    skip = 0;
    rest.push(part);
    room -= part.length;
    if (room === 0) break;
  }
  return rest;
}
