// A directory of the host that the guest may use, and the one way from it to a child without following a link.
// Node has no openat. On Linux `/proc/self/fd/N/name` is one: the kernel goes straight to the directory that descriptor
// N holds, wherever it has been moved, and looks up one name there. So on Linux no step of a path can be swapped by
// another process between our look at it and its use. Elsewhere (macOS, Windows, Linux without /proc) a directory is
// a host path whose parts were each looked at with lstat; what remains there is a race: a process of the host (not
// the guest, whose calls come one at a time) that replaces a directory by a link in the microseconds between look and use can
// lead one call outside. Which links are followed, and where to, is decided by ../resolve.ts.
import fs from 'node:fs';
import path from 'node:path';
import { wasiError } from '../errors.js';

export interface HostDirectory {
  /** The host path of an entry, for one file system call that itself follows no link. `.` is the directory itself. */
  pathOf(name: string): string;
  /** The child directory, never through a link. Host errors ENOENT, ENOTDIR; ENOTDIR or ELOOP for a link. */
  enter(name: string): HostDirectory;
  /** Where the directory is now, as a host path without links. Never shown to the guest. */
  truePath(): string;
  /** The same, a character a byte: two directories whose names are not UTF-8 must not look like one. */
  exactPath(): string;
  release(): void;
}

export interface LinkTarget {
  readonly absolute: boolean;
  /** With `/` between parts on every host. */
  readonly text: string;
}

// Linux's O_PATH: a descriptor that names a directory and can do nothing else, so that opening one is harmless
// (and needs no read permission). Node has no name for it.
const O_PATH = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = fs.constants;

class HandleDirectory implements HostDirectory {
  private readonly prefix: string;

  constructor(readonly descriptor: number) {
    this.prefix = `/proc/self/fd/${descriptor}/`;
  }

  pathOf(name: string): string {
    return this.prefix + name;
  }

  enter(name: string): HostDirectory {
    return new HandleDirectory(fs.openSync(this.prefix + name, O_PATH | O_DIRECTORY | O_NOFOLLOW));
  }

  truePath(): string {
    return fs.readlinkSync(this.prefix.slice(0, -1));
  }

  exactPath(): string {
    return fs.readlinkSync(this.prefix.slice(0, -1), 'latin1');
  }

  release(): void {
    fs.closeSync(this.descriptor);
  }
}

class PathDirectory implements HostDirectory {
  constructor(private readonly hostPath: string) {}

  pathOf(name: string): string {
    return name === '.' ? this.hostPath : path.join(this.hostPath, name);
  }

  enter(name: string): HostDirectory {
    const child = path.join(this.hostPath, name);
    const stat = fs.lstatSync(child, { throwIfNoEntry: false });
    if (stat === undefined) throw wasiError('noent');
    if (!stat.isDirectory()) throw wasiError('notdir');
    return new PathDirectory(child);
  }

  truePath(): string {
    return this.hostPath;
  }

  exactPath(): string {
    return this.hostPath;
  }

  release(): void {}
}

let handlesWork: boolean | undefined;

/** Whether this host lets a directory be used through its descriptor. Asked once. */
function canUseHandles(): boolean {
  if (handlesWork === undefined) {
    handlesWork = false;
    if (process.platform === 'linux') {
      try {
        const descriptor = fs.openSync('/proc/self', O_PATH | O_DIRECTORY);
        try {
          handlesWork = fs.lstatSync(`/proc/self/fd/${descriptor}/status`).isFile();
        } finally {
          fs.closeSync(descriptor);
        }
      } catch {
        // No /proc, or not ours to see: paths it is.
      }
    }
  }
  return handlesWork;
}

/**
 * Opens a directory the user granted, links in its own path included. Throws the host's error.
 * `by: 'path'` asks for what other hosts than Linux do; tests run every escape both ways.
 */
export function openGranted(hostPath: string, by: 'handle' | 'path'): HostDirectory {
  if (by === 'handle' && canUseHandles()) {
    return new HandleDirectory(fs.openSync(hostPath, O_PATH | O_DIRECTORY));
  }
  const real = fs.realpathSync.native(hostPath);
  // A name that is not UTF-8 comes back as one that is, and may be another directory's.
  const [wanted, found] = [fs.statSync(hostPath, { bigint: true }), fs.statSync(real, { bigint: true })];
  if (wanted.ino !== found.ino || wanted.dev !== found.dev) throw Object.assign(new Error(), { code: 'ENOENT' });
  fs.closeSync(openDirectoryForCheck(real));
  return new PathDirectory(real);
}

/** Windows cannot open a directory with open(2)'s counterpart; there a stat has to do. */
function openDirectoryForCheck(real: string): number {
  if (!fs.statSync(real).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
  return fs.openSync(process.platform === 'win32' ? process.execPath : real, O_RDONLY);
}

/**
 * A second, independent hold on the same directory, for a descriptor of the guest's own.
 * `name` `.` is the directory itself, otherwise a child that is a real directory.
 */
export function openChild(directory: HostDirectory, name: string): HostDirectory {
  if (name !== '.') return directory.enter(name);
  return directory instanceof HandleDirectory
    ? new HandleDirectory(fs.openSync(directory.pathOf('.'), O_PATH | O_DIRECTORY))
    : directory;
}

/**
 * The directory `relative` (plain names, no `..`) below `directory` in one step, or undefined when a link took part,
 * when something is missing, or when the host cannot tell. Only for hosts with handles: opening with O_PATH touches
 * nothing, and the kernel then says where it ended, which is compared with where it must end without links.
 */
export function openStraight(directory: HostDirectory, relative: string): { opened: HostDirectory; at: string } | undefined {
  if (!(directory instanceof HandleDirectory)) return undefined;
  let opened: HandleDirectory;
  try {
    opened = new HandleDirectory(fs.openSync(directory.pathOf(relative), O_PATH | O_DIRECTORY));
  } catch {
    return undefined;
  }
  const base = directory.exactPath();
  const below = isAscii(relative) ? relative : Buffer.from(relative).toString('latin1');
  const at = base === '/' ? `/${below}` : `${base}/${below}`;
  if (opened.exactPath() === at) return { opened, at };
  opened.release();
  return undefined;
}

const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);

/** What a link says; undefined when the entry is not a link. */
export function tryReadLink(directory: HostDirectory, name: string): LinkTarget | undefined {
  let text: string;
  try {
    text = fs.readlinkSync(directory.pathOf(name));
  } catch {
    return undefined;
  }
  const absolute = path.isAbsolute(text);
  return { absolute, text: process.platform === 'win32' ? text.replaceAll('\\', '/') : text };
}

/** The bytes of a link, for the guest. */
export function readLinkBytes(directory: HostDirectory, name: string): Uint8Array {
  return fs.readlinkSync(directory.pathOf(name), { encoding: 'buffer' });
}

/** `target` (an absolute host path) as a path relative to `directory`, or undefined when it points elsewhere. */
export function relativeTo(directory: HostDirectory, target: string): string | undefined {
  const base = directory.truePath();
  if (base === '/') return target.replace(/^\/+/, '') || '.';
  if (target === base) return '.';
  return target.startsWith(base + '/') ? target.slice(base.length + 1).replace(/^\/+/, '') || '.' : undefined;
}

export const onWindows = process.platform === 'win32';
