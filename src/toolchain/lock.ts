// One wasienv at a time changes a home. The lock is a file that names its holder; it appears whole (a hard link is
// made to a finished file) and whoever finds its holder dead removes it, so that kill -9 locks nobody out.
//
// Dead is decided without looking at any clock: on the same machine by process id together with the moment the kernel
// started that process and the boot it happened in; for a holder we cannot see (another machine on a shared disk,
// another container) by its heartbeat, a touch of the file every few seconds, watched with our own monotonic clock.
//
// Removing a dead holder's lock is itself a race between waiters: two see the same dead holder, the first removes it and
// takes the lock, the second then removes the first one's. So only the holder of a second lock of the same kind,
// `lock.break`, may remove, and only after looking again.
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, readlinkSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeDirectories } from '../base/directories.js';
import { homeError, interrupted, locked, unusableHome } from './errors.js';
import { homeTree } from './home.js';

/** What a lock file says of its holder. */
export interface Holder {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** What it does, in the words of the command: `setup`. */
  readonly what: string;
  /** ISO 8601, for people only. */
  readonly since: string;
  /** Identity of the process beyond its number; null where the system does not tell. */
  readonly started: string | null;
  /** The space in which the pid means something: boot and pid namespace; null where the system does not tell. */
  readonly space: string | null;
}

export interface LockOptions {
  /** Called once when somebody else holds the lock, with words that name the holder. */
  readonly onWait?: (holder: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** After this long with the same holder: E_LOCKED. */
  readonly patienceMs?: number;
  readonly pollMs?: number;
  readonly heartbeatMs?: number;
  /** A holder that cannot be seen counts as dead when its heartbeat stood still this long. */
  readonly silenceMs?: number;
}

/**
 * Runs `work` as the only one who changes this home, waiting for others first.
 * @throws E_LOCKED after `patienceMs` of waiting for one holder; E_INTERRUPTED when the signal comes first;
 * E_HOME_UNWRITABLE or E_DISK_FULL when the home does not take a lock.
 */
export async function withLock<T>(home: string, what: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const file = homeTree.lockFile(home);
  try {
    makeDirectories(home);
  } catch (error) {
    // /proc and automounters: the parent is there, and takes no directory.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw unusableHome(home, 'no directory can be made there (ENOENT)', error);
    throw homeError(error, 'making the home directory', home);
  }
  const me = describeMe(what);
  await acquire(home, file, me, options);
  // Kept open so that the touch reaches our file even if somebody, wrongly taking us for dead, put another in its place.
  const handle = await open(file, 'r+').catch(() => null);
  const heart = setInterval(() => void beat(handle), options.heartbeatMs ?? 5_000);
  heart.unref();
  try {
    return await work();
  } finally {
    clearInterval(heart);
    await handle?.close().catch(() => undefined);
    release(file, me);
  }
}

async function acquire(home: string, file: string, me: Holder, options: LockOptions): Promise<void> {
  const { patienceMs = 15 * 60_000, pollMs = 100, silenceMs = 60_000 } = options;
  const watch = new Watch(silenceMs);
  let waitedFor: { readonly id: string; readonly sinceMs: number } | undefined;
  let told = false;
  for (;;) {
    if (options.signal?.aborted === true) throw interrupted('waiting for another wasienv');
    let holder: Holder | null;
    try {
      holder = tryAcquire(file, me, watch);
    } catch (error) {
      throw homeError(error, 'taking the lock', file);
    }
    if (holder === null) return;
    const now = performance.now();
    if (waitedFor?.id !== holder.id) waitedFor = { id: holder.id, sinceMs: now };
    if (!told) options.onWait?.(holderInWords(holder));
    told = true;
    if (now - waitedFor.sinceMs > patienceMs) throw locked(home, holderInWords(holder), now - waitedFor.sinceMs, file);
    await wait(pollMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** One attempt, without waiting. Null when the lock is ours now, otherwise who has it. */
export function tryAcquire(file: string, me: Holder, watch: Watch): Holder | null {
  for (;;) {
    const holder = readHolder(file);
    if (holder === undefined) {
      if (createWhole(file, `${JSON.stringify(me, null, 2)}\n`)) return null;
      continue;
    }
    if (isAlive(holder, me, watch, file)) return holder;
    const guard = `${file}.break`;
    if (tryAcquire(guard, me, watch) !== null) return holder;
    try {
      if (readHolder(file)?.id === holder.id) unlinkSync(file);
    } finally {
      release(guard, me);
    }
  }
}

/** Gives the lock back, if it is still ours. Where that fails, our end gives it back: we are then a dead holder. */
export function release(file: string, me: Holder): void {
  try {
    if (readHolder(file)?.id === me.id) rmSync(file, { force: true });
  } catch {
    // A disk that turned read-only, say; what the work itself has to report matters more.
  }
}

/** Makes a file appear with all its bytes at once; false when one is there already. */
function createWhole(file: string, text: string): boolean {
  const aside = `${file}.${process.pid}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    writeFileSync(aside, text, { flag: 'wx' });
    linkSync(aside, file);
    return true;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // The holder of the moment swept our temporary file as litter: ask again.
    if (code === 'ENOENT' && syscall === 'link') return false;
    // File systems without hard links (FAT, some network shares). Between creation and content a reader sees an
    // empty file; it takes that for a living holder, which is right.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EOPNOTSUPP' && code !== 'EMLINK') throw error;
    try {
      writeFileSync(file, text, { flag: 'wx' });
      return true;
    } catch (second) {
      if ((second as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw second;
    }
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Who holds the lock; undefined when the file is gone. A file that cannot be understood is a holder we cannot see. */
function readHolder(file: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const data = JSON.parse(text) as Partial<Holder> | null;
    if (typeof data?.id === 'string' && typeof data.pid === 'number' && typeof data.host === 'string') {
      return { what: 'something', since: 'an unknown time', started: null, space: null, ...data } as Holder;
    }
  } catch {
    // Falls through: half-written on a file system without hard links, or not ours.
  }
  return { id: `unreadable:${text.length}`, pid: 0, host: 'unknown', what: 'something', since: 'an unknown time', started: null, space: null };
}

/** Remembers heartbeats of holders we cannot see, with the monotonic clock of this process. */
export class Watch {
  readonly #silenceMs: number;
  readonly #now: () => number;
  readonly #seen = new Map<string, { readonly beat: string; readonly atMs: number }>();

  constructor(silenceMs: number, now: () => number = () => performance.now()) {
    this.#silenceMs = silenceMs;
    this.#now = now;
  }

  /** True when this beat of this holder has stood still for too long. */
  isSilent(id: string, beat: string): boolean {
    const last = this.#seen.get(id);
    if (last === undefined || last.beat !== beat) {
      this.#seen.set(id, { beat, atMs: this.#now() });
      return false;
    }
    return this.#now() - last.atMs > this.#silenceMs;
  }
}

function isAlive(holder: Holder, me: Holder, watch: Watch, file: string): boolean {
  const verdict = judge(holder, me, processStarted);
  if (verdict !== 'unknown') return verdict === 'alive';
  let beat: string;
  try {
    const { mtimeMs, ino } = statSync(file);
    beat = `${ino}:${mtimeMs}`;
  } catch {
    return true;
  }
  return !watch.isSilent(holder.id, beat);
}

/**
 * What can be said of a holder from here. Pure apart from `startedOf`, which gives the start of a living process
 * (null: living, start not known) and undefined for one that is not there.
 */
export function judge(holder: Holder, me: Holder, startedOf: (pid: number) => string | null | undefined): 'alive' | 'dead' | 'unknown' {
  if (holder.host !== me.host || holder.pid <= 0) return 'unknown';
  if (holder.space !== me.space) {
    // Same machine, another boot: nothing of that boot lives. Another pid namespace: we cannot look into it.
    const [holderBoot, myBoot] = [holder.space?.split(' ')[0], me.space?.split(' ')[0]];
    return holderBoot !== undefined && myBoot !== undefined && holderBoot !== myBoot ? 'dead' : 'unknown';
  }
  const started = startedOf(holder.pid);
  if (started === undefined) return 'dead';
  // The number was given to another process since.
  if (started !== null && holder.started !== null && started !== holder.started) return 'dead';
  return 'alive';
}

/** What a lock file says of this process. */
export function describeMe(what: string): Holder {
  return {
    id: randomUUID(),
    pid: process.pid,
    host: os.hostname(),
    what,
    since: new Date().toISOString(),
    started: processStarted(process.pid) ?? null,
    space: pidSpace(),
  };
}

/** Clock ticks since boot at which a process started (Linux); null where only its being there can be told; undefined: it is not there. */
function processStarted(pid: number): string | null | undefined {
  if (process.platform === 'linux') {
    try {
      // The second field, the program's name, may hold anything: count from its closing bracket.
      const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      // A zombie waits for its parent to look; it holds nothing any more.
      if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
      return fields[19] ?? null;
    } catch {
      // Without /proc, or with its entries hidden (hidepid), signal 0 still tells.
    }
  }
  try {
    process.kill(pid, 0);
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? null : undefined;
  }
}

function pidSpace(): string | null {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}

async function beat(handle: FileHandle | null): Promise<void> {
  const now = new Date();
  await handle?.utimes(now, now).catch(() => undefined);
}

function holderInWords(holder: Holder): string {
  return holder.pid === 0
    ? 'unknown (the lock file cannot be read)'
    : `process ${holder.pid} on ${path.basename(holder.host)}, ${holder.what} since ${holder.since}`;
}
