// Unpacks a verified archive into staging: the only file that imports tar and xz-decompress. Bytes flow from the archive
// through zlib (on its own thread) or xz (as WebAssembly, in step; its dictionary may be 64 MiB) into tar's parser and
// from there straight into files, each hashed on the way; nothing is held. Which of the two, the manifest says.
//
// tar's own extractor opens, writes and closes every file asynchronously; for thousands of small files that waiting is
// most of the time. Here only zlib is asynchronous: the parser runs in step with the chunks and files are written
// synchronously. What may be written where is decided in `archive-rules.ts`.
import { createHash, type Hash } from 'node:crypto';
import { chmodSync, closeSync, copyFileSync, createReadStream, linkSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { WasienvError } from '../base/errors.js';
import { ArchiveRules, type ArchiveLimits, type JudgedEntry } from './archive-rules.js';
import { badArchive, homeError, interrupted } from './errors.js';
import { ARCHIVE_FORMATS } from './types.js';
import type { ArchiveFormat, InstalledFile, TakeRule } from './types.js';

export interface UnpackRequest {
  readonly subject: string;
  readonly archive: string;
  readonly format: ArchiveFormat;
  /** An empty directory of ours. */
  readonly directory: string;
  readonly take: readonly TakeRule[];
  /** The most that may be written; null: not known, and then `UNKNOWN_SIZE_BYTES`. */
  readonly unpackedBytes: number | null;
  readonly limits?: Partial<ArchiveLimits>;
  readonly onProgress?: (doneBytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

const CHUNK_BYTES = 1 << 20;
/** No release is anywhere near this; what is larger is a bomb. */
const UNKNOWN_SIZE_BYTES = 8 * 2 ** 30;

/** Unpacks what `take` names and returns every file written, sorted by path. @throws E_ARCHIVE E_DISK_FULL E_INTERRUPTED */
export async function unpack(request: UnpackRequest): Promise<readonly InstalledFile[]> {
  const limits: ArchiveLimits = {
    entries: 200_000,
    // Room for what the archive holds and nobody takes, and for a tar inside the tar, which is counted twice.
    bytes: (request.unpackedBytes ?? UNKNOWN_SIZE_BYTES) * 2 + (64 << 20),
    ...request.limits,
  };
  const tree = new Tree(request);
  const reader = new TarReader(request.subject, limits, (entry, judged) => takeEntry(request.take, tree, limits, entry, judged));
  const sink = new Writable({
    highWaterMark: CHUNK_BYTES,
    write(chunk: Buffer, _encoding, done) {
      attempt(() => reader.write(chunk), done);
    },
    final(done) {
      attempt(() => {
        reader.end();
        tree.link();
      }, done);
    },
  });
  try {
    await requireFormat(request);
    const compressed = createReadStream(request.archive, { highWaterMark: CHUNK_BYTES });
    const options = { signal: request.signal };
    if (request.format === 'tar.xz') await pipeline(unxz(compressed, request.subject), sink, options);
    else await pipeline(compressed, createGunzip({ chunkSize: CHUNK_BYTES }), sink, options);
  } catch (error) {
    throw explain(error, request);
  } finally {
    tree.close();
  }
  return tree.files();
}

/** How the first bytes of each look. spec: RFC 1952 section 2.3.1; the .xz file format 2.1.1.1 */
const MAGIC: Readonly<Record<ArchiveFormat, Buffer>> = { 'tar.gz': Buffer.from([0x1f, 0x8b]), 'tar.xz': Buffer.from('fd377a585a00', 'hex') };

/** What the manifest and the bytes disagree about is said so, and not as damage: a row may be wrong. */
async function requireFormat({ subject, archive, format }: UnpackRequest): Promise<void> {
  const handle = await open(archive, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(6), 0, 6, 0);
    const is = (each: ArchiveFormat): boolean => bytesRead >= MAGIC[each].length && buffer.subarray(0, MAGIC[each].length).equals(MAGIC[each]);
    if (is(format)) return;
    const found = ARCHIVE_FORMATS.find(is);
    throw badArchive(subject, `the manifest says ${format}, and it is ${found === undefined ? 'nothing of the kind' : `a ${found}`}`);
  } finally {
    await handle.close();
  }
}

async function* unxz(compressed: Readable, subject: string): AsyncGenerator<Uint8Array> {
  // CommonJS, and needed by few: most archives are gzip.
  const { XzReadableStream } = (await import('xz-decompress')).default;
  const reader = new XzReadableStream(Readable.toWeb(compressed) as ReadableStream<Uint8Array>).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) throw error;
    throw badArchive(subject, `it is damaged, or compressed in a way that is not read here (${(error as Error).message})`, undefined, error);
  } finally {
    // The package decodes one stream at a time: one that is neither read to its end nor cancelled keeps the next waiting.
    await reader.cancel().catch(() => undefined);
    compressed.destroy();
  }
}

function attempt(work: () => void, done: (error?: Error) => void): void {
  try {
    work();
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}

function explain(error: unknown, { subject, directory, signal }: UnpackRequest): unknown {
  if (error instanceof WasienvError) return error;
  if (signal?.aborted === true) return interrupted(`unpacking ${subject}`);
  const { code } = error as NodeJS.ErrnoException;
  if (code?.startsWith('Z_') === true) return badArchive(subject, `it is damaged (${(error as Error).message})`, undefined, error);
  return homeError(error, `unpacking ${subject}`, directory);
}

type OnEntry = (entry: ReadEntry, judged: JudgedEntry) => EntrySink | null;

/** Takes the bytes of one entry. */
interface EntrySink {
  write(chunk: Buffer): void;
  end(): void;
}

/** tar's parser, run in step: `write` returns when all of the chunk has been dealt with, and throws what goes wrong. */
class TarReader {
  readonly #parser: Parser;
  readonly #subject: string;
  readonly #rules: ArchiveRules;
  #readBytes = 0;
  #ended = false;

  constructor(subject: string, limits: ArchiveLimits, onEntry: OnEntry) {
    this.#subject = subject;
    const rules = new ArchiveRules(subject, limits);
    this.#rules = rules;
    // strict: what tar would warn of (a bad checksum, a cut-off end) is an error here.
    this.#parser = new Parser({ strict: true, zstd: false, maxMetaEntrySize: 64 << 10 } as ConstructorParameters<typeof Parser>[0]);
    this.#parser.on('error', (error: Error) => {
      throw error instanceof WasienvError ? error : badArchive(subject, `it is damaged (${error.message})`, undefined, error);
    });
    // Types tar does not know, and extended headers larger than any honest one.
    this.#parser.on('ignoredEntry', (entry: ReadEntry) => {
      throw badArchive(subject, entry.meta ? 'an extended header is larger than any honest one' : 'it holds an entry of an unknown type', entry.path);
    });
    this.#parser.on('entry', (entry: ReadEntry) => {
      const judged = rules.judge({ path: entry.path, type: entry.type, sizeBytes: entry.size, mode: entry.mode ?? 0, linkPath: entry.linkpath ?? null });
      const sink = onEntry(entry, judged);
      if (sink === null) {
        entry.resume();
        return;
      }
      entry.on('data', (chunk: Buffer) => sink.write(chunk));
      entry.on('end', () => sink.end());
    });
    this.#parser.on('end', () => {
      this.#ended = true;
    });
  }

  write(chunk: Buffer): void {
    // The parser would unzip by itself, out of step; and no name begins with this byte.
    if (this.#readBytes === 0 && chunk[0] === 0x1f) throw badArchive(this.#subject, 'it is compressed twice');
    this.#readBytes += chunk.byteLength;
    this.#parser.write(chunk);
    // Gigabytes of extended headers, or of zeros behind the end, are no entry and yet have to be unzipped.
    if (this.#readBytes > this.#rules.mostReadBytes()) throw badArchive(this.#subject, 'it is mostly headers and padding');
  }

  end(): void {
    this.#parser.end();
    if (!this.#ended) throw badArchive(this.#subject, 'it is damaged (its end is missing)');
  }
}

/** Where an entry goes by the manifest's rules; null: it is not wanted. */
function takeEntry(take: readonly TakeRule[], tree: Tree, limits: ArchiveLimits, entry: ReadEntry, judged: JudgedEntry): EntrySink | null {
  const name = judged.parts.join('/');
  for (const rule of take) {
    if (rule.as === 'tree') {
      const drop = rule.from === '' ? 0 : rule.from.split('/').length;
      if (drop > 0 && !name.startsWith(`${rule.from}/`)) continue;
      if (judged.target.length > 0 && judged.target.slice(0, drop).join('/') !== rule.from) {
        throw badArchive(tree.subject, `a link leads out of ${rule.from}`, entry.path);
      }
      return tree.add({ ...judged, parts: judged.parts.slice(drop), target: judged.target.slice(drop) }, rule.to);
    }
    if (name !== rule.from || judged.kind !== 'file') continue;
    if (rule.as === 'file') return tree.add({ ...judged, parts: [] }, rule.to);
    const inner = new TarReader(`${tree.subject} (${entry.path})`, limits, (_entry, each) => tree.add(each, rule.to));
    return { write: (chunk) => inner.write(chunk), end: () => inner.end() };
  }
  return null;
}

interface Link {
  readonly kind: 'symlink' | 'hardlink';
  readonly at: string;
  readonly to: string;
}

/** The directory being filled. */
class Tree {
  readonly subject: string;
  readonly #root: string;
  readonly #mostBytes: number;
  readonly #onProgress: ((doneBytes: number) => void) | undefined;
  readonly #files = new Map<string, InstalledFile>();
  readonly #directories = new Set<string>();
  readonly #links: Link[] = [];
  /** Of each link that was made, the file its bytes are in. */
  readonly #leadsTo = new Map<string, string>();
  #open: number | null = null;
  #writtenBytes = 0;

  constructor({ subject, directory, unpackedBytes, onProgress }: UnpackRequest) {
    this.subject = subject;
    this.#root = directory;
    this.#mostBytes = unpackedBytes ?? UNKNOWN_SIZE_BYTES;
    this.#onProgress = onProgress;
  }

  /** Makes room for an entry below `base`; null for what has no bytes of its own. */
  add(entry: JudgedEntry, base: string): EntrySink | null {
    const name = [...(base === '' ? [] : [base]), ...entry.parts].join('/');
    switch (entry.kind) {
      case 'directory':
        this.#makeDirectory(name);
        return null;
      case 'symlink':
      case 'hardlink':
        this.#links.push({ kind: entry.kind, at: name, to: [...(base === '' ? [] : [base]), ...entry.target].join('/') });
        return null;
      case 'file':
        return this.#file(name, entry.executable);
    }
  }

  #file(name: string, executable: boolean): EntrySink {
    this.#makeDirectory(path.posix.dirname(name));
    const hash: Hash = createHash('sha256');
    // `wx`: if something is there although the rules saw nothing, stop rather than write into it.
    const descriptor = openSync(path.join(this.#root, name), 'wx', executable ? 0o755 : 0o644);
    this.#open = descriptor;
    let sizeBytes = 0;
    return {
      write: (chunk) => {
        sizeBytes += chunk.byteLength;
        this.#writtenBytes += chunk.byteLength;
        if (this.#writtenBytes > this.#mostBytes) throw badArchive(this.subject, `it unpacks to more than the ${this.#mostBytes} bytes allowed`, name);
        hash.update(chunk);
        for (let done = 0; done < chunk.byteLength; ) done += writeSync(descriptor, chunk, done);
        this.#onProgress?.(this.#writtenBytes);
      },
      end: () => {
        closeSync(descriptor);
        this.#open = null;
        this.#files.set(name, { path: name, sizeBytes, integrity: `sha256-${hash.digest('base64')}` });
      },
    };
  }

  #makeDirectory(name: string): void {
    if (name === '' || name === '.' || this.#directories.has(name)) return;
    this.#makeDirectory(path.posix.dirname(name));
    mkdirSync(path.join(this.#root, name));
    this.#directories.add(name);
  }

  /** Makes the links, after every file is written: so nothing is ever written through one. */
  link(): void {
    for (const { kind, at, to } of this.#inOrder()) {
      this.#makeDirectory(path.posix.dirname(at));
      // A hard link to a symbolic one would be a second name for its text, which from another directory leads elsewhere, and out.
      const bytes = this.#leadsTo.get(to) ?? to;
      const source = path.join(this.#root, kind === 'hardlink' ? bytes : to);
      const target = path.join(this.#root, at);
      const original = this.#files.get(to);
      if (kind === 'hardlink' && original === undefined) throw badArchive(this.subject, 'a hard link names a file that is not in it', at);
      try {
        if (kind === 'hardlink') linkSync(source, target);
        else symlinkSync(path.relative(path.dirname(target), source) || '.', target);
      } catch (error) {
        // Windows without developer mode, or a disk without links: a copy does.
        if (original === undefined || (error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
        copyFileSync(source, target);
        chmodSync(target, 0o755);
      }
      if (original === undefined) continue;
      this.#files.set(at, { ...original, path: at });
      this.#leadsTo.set(at, bytes);
    }
  }

  /** A link to a link (`clang++` to `clang` to `clang-19`) comes after what it leads to, whatever the archive's order. */
  #inOrder(): readonly Link[] {
    const byPlace = new Map(this.#links.map((link) => [link.at, link]));
    const ordered = new Set<Link>();
    for (const link of this.#links) {
      const chain: Link[] = [];
      for (let next: Link | undefined = link; next !== undefined && !chain.includes(next) && !ordered.has(next); next = byPlace.get(next.to)) chain.push(next);
      for (const each of chain.reverse()) ordered.add(each);
    }
    return [...ordered];
  }

  /** After a failure in the middle of a file. */
  close(): void {
    if (this.#open !== null) closeSync(this.#open);
    this.#open = null;
  }

  files(): readonly InstalledFile[] {
    return [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}
