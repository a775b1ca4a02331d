// What a module is given as: bytes or not, and of those, text or binary, so that a command takes either without being told.

/**
 * Throws TypeError for what only looks like bytes: an `ArrayBuffer` has no `length`, and would be read as a module of nothing.
 * By its tag, for bytes may come from another realm.
 */
export function requireBytes(given: unknown): void {
  if ((given as { readonly [Symbol.toStringTag]?: unknown } | null | undefined)?.[Symbol.toStringTag] !== 'Uint8Array') throw new TypeError('a Uint8Array is expected; `new Uint8Array(buffer)` makes one of an ArrayBuffer');
}

/** Whether bytes begin like WebAssembly text: behind blanks and a byte order mark, `(` or a comment. */
export function looksLikeText(bytes: Uint8Array): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length && (bytes[at] === 0x20 || (bytes[at]! >= 0x09 && bytes[at]! <= 0x0d))) at++;
  return bytes[at] === 0x28 || (bytes[at] === 0x3b && bytes[at + 1] === 0x3b);
}
