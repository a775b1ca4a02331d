// A directory's entries, and what is known of the directory itself.
import fs from 'node:fs';
import { Filetype } from '../abi.js';
import { filetypeOf, type Files, type FileStat } from './files.js';
import type { HostDirectory } from './directories.js';

export interface ListedName {
  /** As the host has it; a name that is not UTF-8 is shown as its bytes, and opening it is EILSEQ. */
  readonly bytes: Uint8Array;
  /** The same as text; with replacement characters when it is not UTF-8. */
  readonly name: string;
  readonly type: Filetype;
}

const encoder = new TextEncoder();
const listed = (name: string, type: Filetype): ListedName => ({ name, bytes: encoder.encode(name), type });

/** `.` and `..` first, then the entries in the host's order, or by their bytes. A directory that has been removed has none of them. */
export function listDirectory(directory: HostDirectory, sorted: boolean): ListedName[] {
  const itself = fs.lstatSync(directory.pathOf('.'), { throwIfNoEntry: false });
  if (itself === undefined || itself.nlink === 0) return [];
  const entries = fs.readdirSync(directory.pathOf('.'), { withFileTypes: true, encoding: 'buffer' }) as unknown as fs.Dirent<Buffer>[];
  if (sorted) entries.sort((one, other) => Buffer.compare(one.name, other.name));
  return [
    listed('.', Filetype.directory),
    listed('..', Filetype.directory),
    ...entries.map((entry) => ({ bytes: entry.name, name: entry.name.toString(), type: filetypeOf(entry) })),
  ];
}

/** An entry's inode, or undefined when the entry has gone since it was listed. */
export function entryInode(files: Files, directory: HostDirectory, { bytes, name }: ListedName): bigint | undefined {
  const exact = !name.includes('\ufffd');
  try {
    return files.statEntry(exact ? directory.pathOf(name) : Buffer.concat([Buffer.from(`${directory.pathOf('.')}/`), bytes]))?.ino;
  } catch (error) {
    // A directory that may be read but not searched has names and nothing more.
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return 0n;
    throw error;
  }
}

/** The directory itself. Throws ENOENT when it has been removed under us. */
export function directoryStat(files: Files, directory: HostDirectory): FileStat {
  const stat = files.statEntry(directory.pathOf('.'));
  if (stat === undefined) throw Object.assign(new Error(), { code: 'ENOENT' });
  return stat;
}

/** What `..` is numbered. Above a granted directory there is nothing to see: it is its own parent, as `/` is. */
export function parentInode(files: Files, directory: HostDirectory, granted: boolean): bigint {
  const parent = granted ? undefined : files.statEntry(directory.pathOf('..'));
  return (parent ?? directoryStat(files, directory)).ino;
}
