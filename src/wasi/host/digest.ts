// Bytes of the guest told by their number and a digest, for comparing runs without keeping all that a program wrote.
import { createHash } from 'node:crypto';

/** `LENGTH:DIGEST`, 96 bits of SHA-256 in base64. */
export function digest(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  let length = 0;
  for (const part of parts) {
    hash.update(part);
    length += part.length;
  }
  return `${length}:${hash.digest('base64').slice(0, 16)}`;
}
