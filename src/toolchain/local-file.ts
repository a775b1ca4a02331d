// Brings a file of a mirror directory into staging, hashing what is really copied: the file may change meanwhile, and
// what is verified must be what is unpacked.
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { homeError, interrupted, notInMirror, wrongFileLength } from './errors.js';
import { hashFor } from './verify.js';
import type { Downloaded, DownloadRequest } from './download.js';

/** Copies `from` to `request.file`. @throws E_SOURCE E_DIGEST E_DISK_FULL E_INTERRUPTED */
export async function copyIn(from: string, request: Pick<DownloadRequest, 'subject' | 'file' | 'sizeBytes' | 'integrity' | 'onProgress' | 'signal'>): Promise<Downloaded> {
  const { subject, sizeBytes: wantedBytes } = request;
  const found = await stat(from).catch(() => null);
  if (found?.isFile() !== true) throw notInMirror(subject, from);
  if (wantedBytes !== null && found.size !== wantedBytes) throw wrongFileLength(subject, from, found.size, wantedBytes);
  const { hash, algorithm } = hashFor(request.integrity);
  let sizeBytes = 0;
  const meter = new Transform({
    highWaterMark: 1 << 20,
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.byteLength;
      hash.update(chunk);
      request.onProgress?.(sizeBytes, found.size);
      done(null, chunk);
    },
  });
  try {
    await pipeline(createReadStream(from, { highWaterMark: 1 << 20 }), meter, createWriteStream(request.file, { flags: 'w', highWaterMark: 1 << 20 }), request.signal === undefined ? {} : { signal: request.signal });
  } catch (error) {
    if (request.signal?.aborted === true) throw interrupted(`copying ${subject}`);
    throw homeError(error, `copying ${subject}`, request.file);
  }
  return { integrity: `${algorithm}-${hash.digest('base64')}`, sizeBytes, resolvedUrl: pathToFileURL(from).href };
}
