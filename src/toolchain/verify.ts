// Compares bytes with what a manifest or a receipt promised. The digest wanted always comes from our side; nothing
// here ever learns one from a server.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import ssri from 'ssri';
import { InternalError } from '../base/errors.js';
import { wrongDigest } from './errors.js';

/** Stands where no digest is known: the bytes get one all the same, to be known by. */
export const ANY_SHA256 = 'sha256-';

/** The hash function an integrity (`sha512-…`) asks for. */
export function hashFor(integrity: string): { readonly hash: Hash; readonly algorithm: string } {
  if (integrity === ANY_SHA256) return { hash: createHash('sha256'), algorithm: 'sha256' };
  const parsed = ssri.parse(integrity, { single: true, strict: true });
  if (parsed === null || !('algorithm' in parsed) || parsed.algorithm === '') throw new InternalError(`not an integrity: ${integrity}`);
  return { hash: createHash(parsed.algorithm), algorithm: parsed.algorithm };
}

/** @throws E_DIGEST unless both are the same algorithm and digest. */
export function requireDigest(subject: string, url: string, wanted: string, got: string): void {
  if (wanted !== got) throw wrongDigest(subject, url, wanted, got);
}

/** The integrity of a file on disk, with the algorithm of `like`. Reads it as a stream. */
export async function digestFile(file: string, like = 'sha256-'): Promise<string> {
  const algorithm = like.slice(0, like.indexOf('-'));
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return `${algorithm}-${hash.digest('base64')}`;
}
