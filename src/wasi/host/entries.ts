// Calls that change one entry of a directory. Each gets a host path that leads to that entry without any link, and
// none of them follows a link at its end.
import fs from 'node:fs';
import path from 'node:path';
import { wasiError } from '../errors.js';

/** Windows opens no directories. */
export const canOpenDirectories = process.platform !== 'win32';

export const makeDirectory = (hostPath: string): void => fs.mkdirSync(hostPath, 0o777);
export const removeDirectory = (hostPath: string): void => fs.rmdirSync(hostPath);
export const rename = (from: string, to: string): void => fs.renameSync(from, to);
/** Of the entry itself. ENOTSUP for a link outside Linux: macOS's link(2) would follow it, to wherever it leads. */
export function link(existing: string, created: string): void {
  if (process.platform !== 'linux' && fs.lstatSync(existing).isSymbolicLink()) throw wasiError('notsup');
  fs.linkSync(existing, created);
}
export const makeLink = (target: string, created: string): void => fs.symlinkSync(target, created);
/** True for an entry that is there and is no link; false leaves it to the host to say what is wrong. */
export const isNotLink = (hostPath: string): boolean => fs.lstatSync(hostPath, { throwIfNoEntry: false })?.isSymbolicLink() === false;

export function unlink(hostPath: string): void {
  try {
    fs.unlinkSync(hostPath);
  } catch (error) {
    // macOS and Windows say EPERM for a directory; the interface's programs expect what Linux says.
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EPERM' && fs.lstatSync(hostPath, { throwIfNoEntry: false })?.isDirectory()) {
      throw Object.assign(new Error(), { code: 'EISDIR' });
    }
    throw error;
  }
}

/** Whether opening may have failed because the entry is a link: ELOOP on Linux and macOS, EMLINK on FreeBSD. */
export function meansLink(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ELOOP' || code === 'EMLINK';
}

/** `C:\x` or `\\server\x` on Windows. */
export const isAbsoluteHere = (target: string): boolean => path.isAbsolute(target);
