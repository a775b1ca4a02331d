// A guest made by hand: a small memory filled with `?`, so that a write too many shows, and the imports called as a
// module would call them. Directories are real; each test has its own and an outside with a canary next to it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect } from 'vitest';
import { Errno, Rights, type ErrnoName } from '../../src/wasi/abi.js';
import { createWasi, PREVIEW1, type Wasi, type WasiOptions } from '../../src/wasi/index.js';

const FILLER = 0x3f;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

export const FOLLOW = 1;
export const CREAT = 1;
export const DIRECTORY = 2;
export const EXCL = 4;
export const TRUNC = 8;
export const READ = BigInt(Rights.fd_read);
export const WRITE = BigInt(Rights.fd_write);
export const FIRST_PREOPEN = 3;
/** Where calls put their results unless a test says otherwise. */
export const RESULT = 0x100;

/** A directory that is gone after the test. */
export function makeDirectory(): string {
  const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'wasienv-wasi-')));
  cleanups.push(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Names the errno, because a failing test should say `noent`, not 44. */
export function nameOf(errno: number): ErrnoName {
  return (Object.keys(Errno) as ErrnoName[]).find((name) => Errno[name] === errno)!;
}

export interface Collected {
  readonly bytes: Uint8Array;
  text(): string;
}

export function collector(): Collected & { write(bytes: Uint8Array): void } {
  const parts: Buffer[] = [];
  return {
    get bytes() {
      return new Uint8Array(Buffer.concat(parts));
    },
    write(part) {
      parts.push(Buffer.from(part));
    },
    text: () => Buffer.concat(parts).toString(),
  };
}

export class Guest {
  readonly memory: Uint8Array;
  readonly stdout = collector();
  readonly stderr = collector();
  private readonly wasi: Wasi;
  private free = 0x4000;

  constructor(options: Partial<WasiOptions> = {}, sizeBytes = 0x10000) {
    this.memory = new Uint8Array(sizeBytes).fill(FILLER);
    this.wasi = createWasi({
      args: ['guest'], env: {}, stdin: { read: () => 0 }, stdout: this.stdout, stderr: this.stderr, preopens: [], ...options,
    });
    this.wasi.bind({ view: () => this.memory });
    cleanups.push(() => this.wasi.close());
  }

  close(): void {
    this.wasi.close();
  }

  /** Calls an import; the errno's name. */
  call(name: string, ...args: (number | bigint)[]): ErrnoName {
    return nameOf(this.wasi.imports[PREVIEW1]![name]!(...args));
  }

  /** Calls, and expects success. */
  ok(name: string, ...args: (number | bigint)[]): void {
    expect(this.call(name, ...args), name).toBe('success');
  }

  /** Puts text or bytes into memory: address and length, as most calls take them. */
  put(text: string | Uint8Array): [address: number, length: number] {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    const address = this.free;
    this.memory.set(bytes, address);
    this.free += bytes.length + 16;
    return [address, bytes.length];
  }

  /** A list of one or more buffers: its address and count. */
  vectors(...buffers: (readonly [address: number, length: number])[]): [address: number, count: number] {
    const address = (this.free + 7) & ~7;
    this.free = address + buffers.length * 8 + 16;
    buffers.forEach(([start, length], index) => {
      this.setU32(address + index * 8, start);
      this.setU32(address + index * 8 + 4, length);
    });
    return [address, buffers.length];
  }

  space(length: number): [address: number, length: number] {
    const address = this.free;
    this.free += length + 16;
    return [address, length];
  }

  private get data(): DataView {
    return new DataView(this.memory.buffer);
  }
  u8 = (address: number) => this.data.getUint8(address);
  u16 = (address: number) => this.data.getUint16(address, true);
  u32 = (address: number) => this.data.getUint32(address, true);
  u64 = (address: number) => this.data.getBigUint64(address, true);
  setU16 = (address: number, value: number) => this.data.setUint16(address, value, true);
  setU32 = (address: number, value: number) => this.data.setUint32(address, value, true);
  setU64 = (address: number, value: bigint) => this.data.setBigUint64(address, value, true);
  text = (address: number, length: number) => new TextDecoder().decode(this.memory.slice(address, address + length));

  /** Expects the bytes around `[address, address + length)` to be as they were: the filler. */
  expectUntouchedAround(address: number, length: number): void {
    const before = this.memory.slice(Math.max(0, address - 8), address);
    const after = this.memory.slice(address + length, address + length + 8);
    expect([...before, ...after].every((byte) => byte === FILLER), `bytes around ${address}+${length} were written`).toBe(true);
  }

  openErrno(file: string | Uint8Array, { dir = FIRST_PREOPEN, follow = true, oflags = 0, rights = READ, fdflags = 0, inheriting = 0n } = {}): ErrnoName {
    return this.call('path_open', dir, follow ? FOLLOW : 0, ...this.put(file), oflags, rights, inheriting, fdflags, RESULT);
  }

  open(file: string | Uint8Array, options: Parameters<Guest['openErrno']>[1] = {}): number {
    expect(this.openErrno(file, options), `path_open ${String(file)}`).toBe('success');
    return this.u32(RESULT);
  }

  read(fd: number, length = 256): string {
    const buffer = this.space(length);
    this.ok('fd_read', fd, ...this.vectors(buffer), RESULT);
    return this.text(buffer[0], this.u32(RESULT));
  }

  write(fd: number, text: string): number {
    this.ok('fd_write', fd, ...this.vectors(this.put(text)), RESULT);
    return this.u32(RESULT);
  }

  stat(file: string, follow = true): { filetype: number; size: bigint; nlink: bigint; ino: bigint; atim: bigint; mtim: bigint } {
    const [buf] = this.space(64);
    this.ok('path_filestat_get', FIRST_PREOPEN, follow ? FOLLOW : 0, ...this.put(file), buf);
    return this.filestatAt(buf);
  }

  filestatAt(buf: number) {
    return { ino: this.u64(buf + 8), filetype: this.u8(buf + 16), nlink: this.u64(buf + 24), size: this.u64(buf + 32), atim: this.u64(buf + 40), mtim: this.u64(buf + 48) };
  }

  /** All entries of a directory, read with a buffer of the given length. */
  readdir(fd: number, length = 4096): { name: string; type: number; ino: bigint; next: bigint }[] {
    const entries: { name: string; type: number; ino: bigint; next: bigint }[] = [];
    const [buf] = this.space(length);
    for (let cookie = 0n; ; ) {
      this.ok('fd_readdir', fd, buf, length, cookie, RESULT);
      const used = this.u32(RESULT);
      let at = 0;
      while (at + 24 <= used) {
        const nameLength = this.u32(buf + at + 16);
        if (at + 24 + nameLength > used) break;
        cookie = this.u64(buf + at);
        entries.push({ name: this.text(buf + at + 24, nameLength), type: this.u8(buf + at + 20), ino: this.u64(buf + at + 8), next: cookie });
        at += 24 + nameLength;
      }
      if (used < length) return entries;
    }
  }
}

export const HOLDS = ['handle', 'path'] as const;

export interface World {
  readonly guest: Guest;
  /** The granted directory on the host. */
  readonly inside: string;
  /** Its sibling, which nobody granted. */
  readonly outside: string;
}

/** A guest with one granted directory, `/data`. */
export function makeWorld(options: Partial<WasiOptions> & { readOnly?: boolean } = {}): World {
  const base = makeDirectory();
  const inside = path.join(base, 'inside');
  const outside = path.join(base, 'outside');
  fs.mkdirSync(inside);
  fs.mkdirSync(outside);
  const { readOnly = false, ...rest } = options;
  const guest = new Guest({ preopens: [{ host: inside, guest: '/data', readOnly }], ...rest });
  return { guest, inside, outside };
}
