// The part of an artifact that an earlier attempt, or a setup that was killed, brought home: `downloads/DIGEST.part`,
// and beside it a note of what the server called that file then. Decides whether a part may be continued; `download.ts`
// continues it. A part is never trusted: what it becomes must match the manifest's digest like any other bytes.
import type { Hash } from 'node:crypto';
import { createReadStream, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What a server said of the file whose bytes we keep. */
export interface PartNote {
  /** For If-Range: a strong entity tag or a date that counts as one; null: this server's file cannot be continued. */
  readonly validator: string | null;
  /** Where the bytes came from, without credentials or query. */
  readonly url: string;
}

export interface Part extends PartNote {
  readonly sizeBytes: number;
}

const noteOf = (file: string): string => `${file}.json`;

/** What is kept in `file`; null when there is nothing. A note that cannot be read makes a part that cannot be continued. */
export function readPart(file: string): Part | null {
  const sizeBytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (sizeBytes === 0) return null;
  try {
    const note = JSON.parse(readFileSync(noteOf(file), 'utf8')) as Partial<PartNote> | null;
    // It becomes a header: nothing but one line of what a header may hold.
    const validator = typeof note?.validator === 'string' && /^[\x20-\x7e]{1,256}$/.test(note.validator) ? note.validator : null;
    return { sizeBytes, validator, url: typeof note?.url === 'string' ? note.url : '' };
  } catch {
    return { sizeBytes, validator: null, url: '' };
  }
}

/** Begins a part: the file is empty before the note speaks of other bytes than it did. */
export function beginPart(file: string, note: PartNote): void {
  writeFileSync(file, '');
  writeFileSync(noteOf(file), `${JSON.stringify(note)}\n`);
}

export function discardPart(file: string): void {
  rmSync(file, { force: true });
  rmSync(noteOf(file), { force: true });
}

/** Feeds the kept bytes to a hash that is to go on with those that follow. */
export async function hashPart(file: string, hash: Hash, signal: AbortSignal | undefined): Promise<void> {
  const feed = new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done();
    },
  });
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), feed, { signal });
}

/**
 * The validator under which an answer may be continued later, or null. Pure. `etag`: only a strong one; else
 * `lastModified`, if the server made its answer at least a second after the file changed.
 * spec: RFC 9110 sections 8.8.2.2 and 13.1.5
 */
export function validatorOf({ etag, lastModified, date }: { readonly etag: string | null; readonly lastModified: string | null; readonly date: string | null }): string | null {
  if (etag !== null) return /^"[\x21\x23-\x7e]*"$/.test(etag) ? etag : null;
  if (lastModified === null || date === null) return null;
  const quietMs = Date.parse(date) - Date.parse(lastModified);
  return quietMs >= 1000 ? lastModified : null;
}

/** A `Content-Range` of bytes; null for anything else. spec: RFC 9110 section 14.4 */
export function parseContentRange(text: string | null): { readonly first: number; readonly last: number; readonly totalBytes: number | null } | null {
  const found = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(text?.trim() ?? '');
  if (found === null) return null;
  const [first, last] = [Number(found[1]), Number(found[2])];
  const totalBytes = found[3] === '*' ? null : Number(found[3]);
  return first > last || (totalBytes !== null && last >= totalBytes) ? null : { first, last, totalBytes };
}
