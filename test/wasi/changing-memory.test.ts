// Another thread may change the guest's memory while a call looks at it. So a call looks at each byte once: here everything is
// overwritten the moment it was looked at, and nobody must notice.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { together } from '../../src/program/observers.js';
import { makeStrace, parseFilter, type CallFilter } from '../../src/program/strace.js';
import type { WasiObserver } from '../../src/wasi/index.js';
import { Memory } from '../../src/wasi/memory.js';
import { FOLLOW, Guest, makeDirectory, READ, RESULT, WRITE } from './support.js';

/** Leads out of every directory, and far beyond memory when taken for a number. */
const SPOILT = Buffer.from('../../../../');

class SpoiltMemory extends Memory {
  private spoil<Value>(address: number, length: number, value: Value): Value {
    const bytes = super.slice(address, length);
    for (let at = 0; at < length; at++) bytes[at] = SPOILT[at % SPOILT.length]!;
    return value;
  }
  override readU8 = (address: number): number => this.spoil(address, 1, super.readU8(address));
  override readU16 = (address: number): number => this.spoil(address, 2, super.readU16(address));
  override readU32 = (address: number): number => this.spoil(address, 4, super.readU32(address));
  override readU64 = (address: number): bigint => this.spoil(address, 8, super.readU64(address));
  override path = (address: number, length: number): string => this.spoil(address, length, super.path(address, length));
}
const spoiling: WasiObserver = { memory: (guest) => new SpoiltMemory(guest), now: () => 0n, after() {} };

function world(observer?: WasiObserver) {
  const outside = makeDirectory();
  const host = path.join(outside, 'granted');
  fs.mkdirSync(path.join(host, 'sub'), { recursive: true });
  fs.writeFileSync(path.join(host, 'in.txt'), 'Hello, file\n');
  const guest = new Guest({ preopens: [{ host, guest: '/data' }], ...(observer === undefined ? {} : { observer }) });
  const tree = (directory: string): unknown[] =>
    fs.readdirSync(directory, { withFileTypes: true }).map((entry) => {
      const full = path.join(directory, entry.name);
      return [entry.name, entry.isDirectory() ? tree(full) : entry.isSymbolicLink() ? fs.readlinkSync(full) : fs.readFileSync(full, 'utf8')];
    });
  return { guest, tree: () => tree(outside) };
}

const CALLS: ReadonlyArray<readonly [what: string, (guest: Guest) => unknown]> = [
  ['path_open', (g) => g.call('path_open', 3, FOLLOW, ...g.put('in.txt'), 0, READ | WRITE, 0n, 0, RESULT)],
  ['path_open that makes a file', (g) => g.call('path_open', 3, 0, ...g.put('sub/new.txt'), 1, WRITE, 0n, 0, RESULT)],
  ['path_create_directory', (g) => g.call('path_create_directory', 3, ...g.put('sub/deep'))],
  ['path_filestat_get', (g) => g.call('path_filestat_get', 3, FOLLOW, ...g.put('in.txt'), RESULT)],
  ['path_filestat_set_times', (g) => g.call('path_filestat_set_times', 3, 0, ...g.put('in.txt'), 7n, 8n, 5)],
  ['path_link', (g) => g.call('path_link', 3, 0, ...g.put('in.txt'), 3, ...g.put('hard'))],
  ['path_symlink', (g) => g.call('path_symlink', ...g.put('in.txt'), 3, ...g.put('sub/soft'))],
  ['path_readlink', (g) => [g.call('path_readlink', 3, ...g.put('sub/soft'), 0x800, 64, RESULT), g.text(0x800, 6)]],
  ['path_rename', (g) => g.call('path_rename', 3, ...g.put('hard'), 3, ...g.put('sub/moved'))],
  ['path_unlink_file', (g) => g.call('path_unlink_file', 3, ...g.put('sub/new.txt'))],
  ['path_remove_directory', (g) => g.call('path_remove_directory', 3, ...g.put('sub/deep'))],
  ['fd_write', (g) => [g.call('fd_write', 4, ...g.vectors(g.put('one'), g.put('two')), RESULT), g.u32(RESULT)]],
  ['fd_pwrite', (g) => [g.call('fd_pwrite', 4, ...g.vectors(g.put('J')), 3n, RESULT), g.u32(RESULT)]],
  ['fd_write to a stream', (g) => [g.call('fd_write', 1, ...g.vectors(g.put('said'), g.put(' so')), RESULT), g.stdout.text()]],
  ['fd_pread', (g) => {
    const [first, second] = [g.space(4), g.space(100)];
    return [g.call('fd_pread', 4, ...g.vectors(first, second), 0n, RESULT), g.u32(RESULT), g.text(...first), g.text(second[0], 8)];
  }],
  ['poll_oneoff', (g) => {
    g.memory.fill(0, 0x400, 0x460);
    g.setU32(0x410, 1);
    g.setU64(0x418, 1n);
    g.memory[0x438] = 2;
    g.setU32(0x440, 1);
    return [g.call('poll_oneoff', 0x400, 0x600, 2, RESULT), g.u8(0x600 + 32 * (g.u32(RESULT) - 1) + 10)];
  }],
];

test('what a call has looked at may change at once: none looks again', () => {
  const calm = world();
  const spoilt = world(spoiling);
  for (const [what, act] of CALLS) expect([what, act(spoilt.guest)]).toEqual([what, act(calm.guest)]);
  expect(spoilt.tree()).toEqual(calm.tree());
  expect(JSON.stringify(calm.tree())).toContain(JSON.stringify(['moved', 'oneJwo file\n']));
});

test('what a call has written may change before it is shown: no more is shown than there was room for', () => {
  const lines: string[] = [];
  const strace = makeStrace({ format: 'text', shows: parseFilter(undefined) as CallFilter, write: (line) => void lines.push(line), granted: ['/data'], durations: false, sameScreen: [] });
  const other: WasiObserver = { now: () => 0n, after: ({ name }) => guest.setU32(RESULT, name === 'fd_readdir' ? 0x8000 : 1000) };
  const host = makeDirectory();
  const guest = new Guest({ preopens: [{ host, guest: '/data' }], observer: together([other, strace])! });
  guest.memory.fill(0);
  guest.memory[0x408] = 2;
  guest.setU32(0x410, 1);
  guest.call('poll_oneoff', 0x400, 0x600, 1, RESULT);
  guest.call('fd_readdir', 3, 0x800, 50, 0n, RESULT);
  expect(lines.join('')).toBe(['poll_oneoff([fd_write 1<stdout>]) = 1 [fd_write 65536 bytes]\n', 'fd_readdir(3</data>, 50, 0) = 50 ["."]\n'].join(''));
});
