// Room that is set aside whole and touched in small part. V8 counts each byte of an ArrayBuffer as in use: the 90 MB of the
// code space and the stacks made it collect garbage five times while a hello ran, some 10 ms of its 70. It does not
// count those of a SharedArrayBuffer, which reads and writes as fast. Nobody shares these.

/** `bytes` zeros, which cost nothing until they are used. */
export function reserveZeros(bytes: number): ArrayBufferLike {
  // A page of the web has them only when it is isolated from others.
  return typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
}
