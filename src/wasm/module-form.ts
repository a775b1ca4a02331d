// Tells text from binary by how the bytes begin, so that a command takes either without being told.

/** Whether bytes begin like WebAssembly text: behind blanks and a byte order mark, `(` or a comment. */
export function looksLikeText(bytes: Uint8Array): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length && (bytes[at] === 0x20 || (bytes[at]! >= 0x09 && bytes[at]! <= 0x0d))) at++;
  return bytes[at] === 0x28 || (bytes[at] === 0x3b && bytes[at + 1] === 0x3b);
}
