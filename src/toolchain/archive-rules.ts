// Judges the entries of an archive before anything of them touches the disk: where each may go, and what is never
// allowed. Pure bookkeeping; `unpack.ts` does what it says. The rules hold on every host, also where the host itself
// would not mind, so that an archive means the same everywhere.
import { badArchive } from './errors.js';

export interface ArchiveLimits {
  readonly entries: number;
  /** Sum of the bytes of all entries, wanted or not. */
  readonly bytes: number;
}

/** One entry as the tar header gives it. */
export interface EntryHeader {
  readonly path: string;
  /** tar's word for it: `File`, `Directory`, `SymbolicLink`, `Link` … */
  readonly type: string;
  readonly sizeBytes: number;
  readonly mode: number;
  readonly linkPath: string | null;
}

export type EntryKind = 'file' | 'directory' | 'symlink' | 'hardlink';

export interface JudgedEntry {
  readonly kind: EntryKind;
  /** Parts of the path inside the archive. */
  readonly parts: readonly string[];
  readonly executable: boolean;
  /** Parts of a link's target inside the archive, resolved; empty for what is no link. */
  readonly target: readonly string[];
}

const KINDS: Readonly<Record<string, EntryKind>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'directory',
  SymbolicLink: 'symlink',
  Link: 'hardlink',
};

const SPECIAL_MODE_BITS = 0o7000;

/** Remembers the entries of one archive. Each refusal is E_ARCHIVE. */
export class ArchiveRules {
  readonly #subject: string;
  readonly #limits: ArchiveLimits;
  /** Folded path -> spelling and kind, for every entry and every directory above one. */
  readonly #seen = new Map<string, { readonly spelling: string; readonly kind: EntryKind }>();
  #entries = 0;
  #bytes = 0;

  constructor(subject: string, limits: ArchiveLimits) {
    this.#subject = subject;
    this.#limits = limits;
  }

  /** Judges the next entry. @throws E_ARCHIVE naming it */
  judge(header: EntryHeader): JudgedEntry {
    const refuse = (why: string): never => {
      throw badArchive(this.#subject, why, header.path);
    };
    this.#entries += 1;
    if (this.#entries > this.#limits.entries) refuse(`it holds more than ${this.#limits.entries} entries`);
    const kind = KINDS[header.type] ?? refuse(`it holds a ${header.type}, which no toolchain needs`);
    if (!Number.isSafeInteger(header.sizeBytes) || header.sizeBytes < 0) refuse('an entry has an impossible size');
    this.#bytes += header.sizeBytes;
    if (this.#bytes > this.#limits.bytes) refuse(`it unpacks to more than ${this.#limits.bytes} bytes`);
    if ((header.mode & SPECIAL_MODE_BITS) !== 0 && kind !== 'directory') refuse('an entry wants setuid, setgid or sticky');
    const parts = splitPath(header.path) ?? refuse('an entry leads out of the directory it is unpacked into, or has no proper name');
    const target = kind === 'symlink' || kind === 'hardlink' ? this.#target(kind, parts, header.linkPath, refuse) : [];
    this.#place(parts, kind, refuse);
    return { kind, parts, executable: (header.mode & 0o111) !== 0, target };
  }

  /** How long an honest archive of the entries so far can be: data, a header or two and padding for each, padding at the end. */
  mostReadBytes(): number {
    return this.#bytes + this.#entries * (8 << 10) + (2 << 20);
  }

  #target(kind: EntryKind, parts: readonly string[], linkPath: string | null, refuse: (why: string) => never): readonly string[] {
    if (linkPath === null || linkPath === '') return refuse('a link leads nowhere');
    // A hard link names its target from the root of the archive, a symbolic one from where it stands.
    const target = resolveInside(kind === 'hardlink' ? [] : parts.slice(0, -1), linkPath);
    return target ?? refuse(`a link leads out of the directory it is unpacked into (to ${JSON.stringify(linkPath)})`);
  }

  /** Two names that one file system takes for the same would overwrite each other there; nothing may lie below a link. */
  #place(parts: readonly string[], kind: EntryKind, refuse: (why: string) => never): void {
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const spelling = parts.slice(0, depth).join('/');
      const last = depth === parts.length;
      const here = this.#seen.get(foldName(spelling));
      if (here === undefined) {
        this.#seen.set(foldName(spelling), { spelling, kind: last ? kind : 'directory' });
        continue;
      }
      if (here.spelling !== spelling) refuse(`two names differ only in case or in their Unicode form (the other is ${JSON.stringify(here.spelling)})`);
      if (here.kind === 'symlink' && !last) refuse('an entry lies below a symbolic link');
      if (here.kind !== 'directory' || (last && kind !== 'directory')) refuse('a name comes twice');
    }
  }
}

/** As file systems that ignore case and Unicode form (macOS, Windows) see a name. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase().normalize('NFC');
}

/** The parts of a relative path; null for one that is absolute, leads upwards or holds what a name must not. */
export function splitPath(text: string): readonly string[] | null {
  const parts = text.replace(/\/+$/, '').split('/').filter((part) => part !== '.');
  if (parts.length === 0 || text.length > 4096) return null;
  return parts.every(isProperName) ? parts : null;
}

/** Windows forbids more than Unix and drops trailing dots and spaces; what it would change is refused everywhere. */
function isProperName(name: string): boolean {
  return (
    name !== '' && name !== '..' && Buffer.byteLength(name) <= 255 &&
    !/[\0-\x1f\x7f\\:*?"<>|]/.test(name) && !/[. ]$/.test(name) &&
    !/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i.test(name)
  );
}

/** Resolves a link target against the directory it is named from; null when it leaves the archive. */
function resolveInside(from: readonly string[], linkPath: string): readonly string[] | null {
  if (linkPath.startsWith('/') || /[\\:\0]/.test(linkPath)) return null;
  const parts = [...from];
  for (const part of linkPath.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts;
}
