// A guest path as data: its parts, and whether it must name a directory. Pure. Following it through real
// directories is resolve.ts's business.
import { wasiError } from './errors.js';

export interface GuestPath {
  /**
   * Names between slashes. Empty parts are gone, and so is `.` but for the last: `a/.` means what is inside `a`, which can neither be
   * made, moved nor removed by that name. `..` stays: it cannot be folded past a link.
   */
  readonly parts: readonly string[];
  /** Ends in `/`, `/.` or `/..`, or is `.`: only a directory will do, and a link at the end is followed. */
  readonly mustBeDirectory: boolean;
}

/** No host accepts a longer path, and a link's target is bounded by it too. */
export const LONGEST_PATH_BYTES = 4096;

/**
 * Splits a path the guest gave.
 * ENOENT: empty. EINVAL: a NUL inside. ENAMETOOLONG: beyond 4096 bytes. EPERM: absolute: every path of the interface
 * is relative to a descriptor, so an absolute one asks for something outside.
 */
export function parseGuestPath(path: string): GuestPath {
  if (path.startsWith('/')) throw wasiError('perm');
  return parseRelative(path);
}

/** The same for the target of a link, whose absolute form the resolver has already dealt with. */
export function parseRelative(path: string): GuestPath {
  if (path.length === 0) throw wasiError('noent');
  if (path.includes('\0')) throw wasiError('inval');
  // A UTF-16 unit is at most three bytes of UTF-8, so only long paths need to be measured.
  if (path.length * 3 > LONGEST_PATH_BYTES && new TextEncoder().encode(path).length > LONGEST_PATH_BYTES) {
    throw wasiError('nametoolong');
  }
  const pieces = path.split('/');
  const last = pieces[pieces.length - 1]!;
  const mustBeDirectory = last === '' || last === '.' || last === '..';
  const named = pieces.filter((piece) => piece !== '');
  return { parts: named.filter((piece, index) => piece !== '.' || index === named.length - 1), mustBeDirectory };
}

/**
 * Names that Windows reads as something else than one entry of a directory: `a\b`, `C:x`, `a:stream`; `NUL` and the
 * other devices, with any extension; and names whose last dots and spaces it drops, so that `.. ` becomes `..`.
 */
export function forbiddenOnWindows(name: string): boolean {
  return /[\\:]|[. ]$/.test(name) || /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i.test(name);
}
