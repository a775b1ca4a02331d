// From a guest path to one entry of one real directory, without ever leaving the directory the path starts from:
// `..` goes up only as far as that directory, links are read here and their targets walked by the same rules, and no
// host call ever sees more than one name. What an absolute link points to is reached only when it lies inside.
// Hosts differ in how a step is taken (host/directories.ts); what is allowed is decided here.
import { wasiError } from './errors.js';
import { forbiddenOnWindows, parseGuestPath, parseRelative, type GuestPath } from './path.js';
import { onWindows, openStraight, relativeTo, tryReadLink, type HostDirectory, type LinkTarget } from './host/directories.js';

/** Where a path ends: an entry, which may or may not exist, of a directory that does. */
export interface Place {
  readonly directory: HostDirectory;
  /** One name, or `.` for the directory itself. */
  readonly name: string;
  /** The path was written so that only a directory will do. */
  readonly mustBeDirectory: boolean;
  /** For one host call that follows no link. */
  readonly hostPath: string;
}

/** What an action answers when the place is a link that is to be followed. */
export const FOLLOW = Symbol('follow');

/** As many links as Linux follows in one path. */
const MOST_LINKS = 40;

/** Directories a guest has used lately, so that a compiler's hundreds of headers cost one look-up each, not ten. */
export class DirectoryCache {
  private readonly entries = new Map<string, { readonly opened: HostDirectory; readonly at: string }>();
  private nextRoot = 0;

  constructor(private readonly capacity = 64) {}

  newRoot(): number {
    return this.nextRoot++;
  }

  /** The directory `relative` below `root` when it can be had without any link; owned by the cache. */
  find(root: Root, relative: string): HostDirectory | undefined {
    const key = `${root.id}/${relative}`;
    const known = this.entries.get(key);
    if (known !== undefined) {
      // The kernel knows where a held directory is now: if that is still the same place, the path still leads to it.
      if (known.opened.exactPath() === known.at) {
        this.entries.delete(key);
        this.entries.set(key, known);
        return known.opened;
      }
      this.forget(key);
    }
    const straight = openStraight(root.directory, relative);
    if (straight === undefined) return undefined;
    if (this.entries.size >= this.capacity) this.forget(this.entries.keys().next().value!);
    this.entries.set(key, straight);
    return straight.opened;
  }

  private forget(key: string): void {
    this.entries.get(key)?.opened.release();
    this.entries.delete(key);
  }

  /** Gives every held directory back. */
  clear(): void {
    for (const key of [...this.entries.keys()]) this.forget(key);
  }
}

/** The directory a path starts from and cannot leave. */
export interface Root {
  readonly id: number;
  readonly directory: HostDirectory;
  readonly cache: DirectoryCache;
}

/**
 * Walks `path` from `root` and calls `act` with the place it ends at. When `act` answers `FOLLOW`, the place is a link:
 * its target is walked and `act` is called again.
 * EPERM: the path, or a link on it, leads outside. ENOENT, ENOTDIR: a step is missing or no directory. ELOOP: more
 * than 40 links. EINVAL, ENAMETOOLONG, ENOENT: see parseGuestPath.
 */
export function atPath<T>(root: Root, path: string, act: (place: Place) => T | typeof FOLLOW): T {
  const walk = new Walk(root, parseGuestPath(path));
  try {
    for (;;) {
      const place = walk.toLast();
      const result = act(place);
      if (result !== FOLLOW) return result;
      walk.follow(place.name);
    }
  } finally {
    walk.release();
  }
}

class Walk {
  /** Directories entered below the root, innermost last. */
  private readonly entered: HostDirectory[] = [];
  private pending: string[];
  private mustBeDirectory: boolean;
  private links = 0;
  /** Parts that a shortcut stepped over and that are not in `entered`. */
  private skipped: string[] = [];

  constructor(
    private readonly root: Root,
    path: GuestPath,
  ) {
    this.pending = [...path.parts];
    this.mustBeDirectory = path.mustBeDirectory;
  }

  private get here(): HostDirectory {
    return this.entered[this.entered.length - 1] ?? this.root.directory;
  }

  toLast(): Place {
    const shortcut = this.shortcut();
    if (shortcut !== undefined) return this.place(shortcut, this.pending.shift()!);
    while (this.pending.length > 0) {
      const name = this.pending.shift()!;
      // The end of a path, or of a link's text in the middle of one.
      if (name === '.') continue;
      if (name === '..') {
        const left = this.entered.pop();
        if (left === undefined) throw wasiError('perm');
        left.release();
      } else if (onWindows && forbiddenOnWindows(name)) {
        throw wasiError('inval');
      } else if (this.pending.length === 0) {
        return this.place(this.here, name);
      } else {
        this.step(name);
      }
    }
    this.mustBeDirectory = true;
    return this.place(this.here, '.');
  }

  /** From the root straight to the last directory, when nothing on the way needs thought. */
  private shortcut(): HostDirectory | undefined {
    const { pending } = this;
    if (this.entered.length > 0 || pending.length < 2 || pending.includes('..')) return undefined;
    const way = pending.slice(0, -1);
    const directory = this.root.cache.find(this.root, way.join('/'));
    if (directory !== undefined) {
      this.pending = pending.slice(-1);
      this.skipped = way;
    }
    return directory;
  }

  private step(name: string): void {
    let child: HostDirectory;
    try {
      child = this.here.enter(name);
    } catch (error) {
      // What is missing is no link either, and asking costs another exception.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
      const target = tryReadLink(this.here, name);
      if (target === undefined) throw error;
      this.expand(target);
      return;
    }
    this.entered.push(child);
  }

  /** Puts the target of the link at the place just reached before what is still to be walked. */
  follow(name: string): void {
    // A link's target may start with `..`, which needs the way that the shortcut left out.
    for (const part of this.skipped.splice(0)) this.entered.push(this.here.enter(part));
    const target = tryReadLink(this.here, name);
    if (target !== undefined) {
      this.expand(target);
      return;
    }
    // Another process has put something else there since it was seen to be a link: look again.
    this.countLink();
    this.pending = [name];
  }

  private countLink(): void {
    this.links += 1;
    if (this.links > MOST_LINKS) throw wasiError('loop');
  }

  private expand(target: LinkTarget): void {
    this.countLink();
    let text = target.text;
    if (target.absolute) {
      const inside = relativeTo(this.root.directory, text);
      if (inside === undefined) throw wasiError('perm');
      text = inside;
      this.release();
    }
    const path = parseRelative(text);
    if (this.pending.length === 0) this.mustBeDirectory ||= path.mustBeDirectory;
    this.pending = [...path.parts, ...this.pending];
  }

  private place(directory: HostDirectory, name: string): Place {
    return { directory, name, mustBeDirectory: this.mustBeDirectory, hostPath: directory.pathOf(name) };
  }

  release(): void {
    while (this.entered.length > 0) this.entered.pop()!.release();
  }
}
