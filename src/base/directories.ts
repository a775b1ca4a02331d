// A directory with its parents. Node's own `mkdir(…, { recursive: true })` tries for ever where a file system answers ENOENT
// for a name whose parent is there (/proc, automounters, some network disks), and no signal ends that. Whatever path a
// person names is made here; below wasienv's home, which has taken a directory before, Node's own serves.
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** @throws what mkdir said of the first directory that could not be made. */
export function makeDirectories(directory: string): void {
  const isThere = (): boolean => statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
  try {
    mkdirSync(directory);
  } catch (thrown) {
    // EEXIST; Windows says EPERM of a drive's root.
    if (isThere()) return;
    const parent = path.dirname(directory);
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT' || parent === directory || statSync(parent, { throwIfNoEntry: false }) !== undefined) throw thrown;
    makeDirectories(parent);
    try {
      mkdirSync(directory);
    } catch (again) {
      // Another process was quicker.
      if (!isThere()) throw again;
    }
  }
}
