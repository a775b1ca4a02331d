// Brings a file of a mirror directory, or of a bundle, into `downloads/`, hashing what is really copied: the file may change meanwhile, and
// what is verified must be what is unpacked.
// A copy that breaks off is not gone on with: it begins anew, which costs a disk less than asking whether the file is still the same.
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { homeError, interrupted, wrongFileLength } from './errors.js';
import { notInMirror } from './sources/errors.js';
import { hashFor } from './verify.js';
import type { TarPlace } from './bundle/tar-file.js';
import type { Downloaded, DownloadRequest, LocalRoute } from './download.js';

/** Copies `from`, or `entry` of the bundle `from`, to `request.file`; hashes only when that is where it is. @throws E_SOURCE E_DIGEST E_DISK_FULL E_INTERRUPTED */
export async function copyIn({ file: from, entry }: LocalRoute, request: Pick<DownloadRequest, 'subject' | 'file' | 'sizeBytes' | 'integrity' | 'onProgress' | 'signal'>): Promise<Downloaded> {
  const { subject, sizeBytes: wantedBytes } = request;
  const place = await findPlace(from, entry, subject);
  if (wantedBytes !== null && place.sizeBytes !== wantedBytes) throw wrongFileLength(subject, from, place.sizeBytes, wantedBytes);
  const { hash, algorithm } = hashFor(request.integrity);
  let sizeBytes = 0;
  const meter = new Transform({
    highWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.byteLength;
      hash.update(chunk);
      request.onProgress?.(sizeBytes, place.sizeBytes);
      done(null, chunk);
    },
  });
  try {
    // An empty range cannot be said with `end`; nothing honest is empty.
    const source = createReadStream(from, { start: place.position, end: place.position + Math.max(place.sizeBytes, 1) - 1, highWaterMark: 1 << 20 });
    const target = from === request.file ? new Writable({ write: (_chunk, _encoding, done) => done() }) : createWriteStream(request.file, { flags: 'w', highWaterMark: 1 << 20 });
    await pipeline(source, meter, target, { signal: request.signal });
  } catch (error) {
    if (request.signal?.aborted === true) throw interrupted(`copying ${subject}`);
    throw homeError(error, `copying ${subject}`, request.file);
  }
  return { integrity: `${algorithm}-${hash.digest('base64')}`, sizeBytes, resolvedUrl: pathToFileURL(from).href };
}

async function findPlace(file: string, entry: string | undefined, subject: string): Promise<TarPlace> {
  if (entry !== undefined) return (await import('./bundle/bundle.js')).findInBundle(file, entry);
  const found = await stat(file).catch(() => null);
  if (found?.isFile() !== true) throw notInMirror(subject, file);
  return { position: 0, sizeBytes: found.size };
}
