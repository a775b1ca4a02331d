// Random programs made by WASI and, on a tree of their own, by the kernel itself (native.py): what succeeds, what comes of it and
// what is then there must be the same, and where a call can be wrong in one way, the errno too. Programs of path calls are
// kept by the kernel below the directories they start from; two are granted, and programs hold those they have opened while
// these are renamed, replaced and removed. Programs on files have up to four open, some twice. NATIVE_ROUNDS makes it as
// long as you like.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { FOLLOW, FIRST_PREOPEN, Guest, HOLDS, makeDirectory, READ, RESULT, WRITE } from './support.js';

const ROUNDS = Number(process.env['NATIVE_ROUNDS'] ?? 150);
const CANARY = 'canary: nobody reads or writes this';
const NATIVE = path.join(import.meta.dirname, 'native.py');

type Access = '' | 'read' | 'write' | 'both';
type Step =
  | [call: 'open', dir: number, path: string, follow: boolean, oflags: number, access: Access]
  | [call: 'hold' | 'mkdir' | 'rmdir' | 'unlink' | 'readlink', dir: number, path: string]
  | [call: 'stat', dir: number, path: string, follow: boolean]
  | [call: 'symlink', dir: number, path: string, text: string]
  | [call: 'rename' | 'link', dir: number, path: string, otherDir: number, other: string]
  | [call: 'readdir', dir: number];

const part = fc.constantFrom('a', 'a', 'b', 'b', 'c', '..', '.', 'out', '');
const anyPath = fc
  .tuple(fc.constantFrom('', '', '', '', '', '', '/'), fc.array(part, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '', '', '', '/', '/.', '//', '/..'))
  .map(([start, parts, end]) => start + parts.join('/') + end);
const plain = fc.constantFrom('a', 'b', 'c', 'a/a', 'a/b', 'b/a', 'b/c');
const file = fc.oneof(plain, plain, anyPath);
const text = fc.oneof(anyPath, plain, fc.constantFrom('..', '../..', '../out', '../../out/canary', '.', '../c/a', '../d'));
const dir = fc.nat(7);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.constant('open' as const), dir, file, fc.boolean(), fc.constantFrom(0, 0, 1, 1, 2, 4, 5, 8, 9), fc.constantFrom<Access>('', 'read', 'write', 'both')),
  fc.tuple(fc.constantFrom('mkdir' as const, 'mkdir' as const, 'hold' as const, 'rmdir' as const, 'unlink' as const, 'readlink' as const), dir, file),
  fc.tuple(fc.constant('stat' as const), dir, anyPath, fc.boolean()),
  fc.tuple(fc.constant('symlink' as const), dir, file, text),
  fc.tuple(fc.constantFrom('rename' as const, 'rename' as const, 'link' as const), dir, file, dir, file),
  fc.tuple(fc.constant('readdir' as const), dir),
);

function furnish(home: string): void {
  for (const name of ['c/a/b', 'd/a', 'out']) fs.mkdirSync(path.join(home, name), { recursive: true });
  for (const name of ['canary', 'out/canary']) fs.writeFileSync(path.join(home, name), CANARY);
  fs.writeFileSync(path.join(home, 'c/a/c'), 'c');
  fs.writeFileSync(path.join(home, 'd/b'), 'd');
  for (const [target, at] of [['../out', 'c/out'], ['../a', 'c/a/out'], ['../../out', 'd/a/out']] as const) fs.symlinkSync(target, path.join(home, at));
}

const RIGHTS = { '': 0n, read: READ, write: WRITE, both: READ | WRITE };
const CALLS = { mkdir: 'path_create_directory', rmdir: 'path_remove_directory', unlink: 'path_unlink_file', rename: 'path_rename', link: 'path_link' } as const;

/** What WASI answers: an errno as hosts write it, or what came of the call. */
function answer(guest: Guest, held: number[], each: Step): string {
  const at = held[each[1] % held.length]!;
  const errno = (name: string): string => (name === 'success' ? 'done' : `E${name.toUpperCase()}`);
  switch (each[0]) {
    case 'open': {
      const [, , name, follow, oflags, access] = each;
      const opened = guest.openErrno(name, { dir: at, follow, oflags, rights: RIGHTS[access] });
      if (opened !== 'success') return errno(opened);
      const fd = guest.u32(RESULT);
      guest.ok('fd_fdstat_get', fd, RESULT);
      const directory = guest.u8(RESULT) === 3;
      const read = !directory && access === 'read' ? guest.read(fd, 100) : undefined;
      if (!directory && access === 'write') guest.write(fd, 'w');
      guest.ok('fd_close', fd);
      return directory ? 'directory' : read === undefined ? 'file' : `read ${read}`;
    }
    case 'hold': {
      if (held.length === 8) return 'done';
      const opened = guest.openErrno(each[2], { dir: at, oflags: 2, rights: 0n });
      if (opened === 'success') held.push(guest.u32(RESULT));
      return errno(opened);
    }
    case 'stat': {
      const found = guest.call('path_filestat_get', at, each[3] ? FOLLOW : 0, ...guest.put(each[2]), RESULT);
      return found === 'success' ? `type ${guest.filestatAt(RESULT).filetype}` : errno(found);
    }
    case 'readlink': {
      const [buffer, length] = guest.space(100);
      const found = guest.call('path_readlink', at, ...guest.put(each[2]), buffer, length, RESULT);
      return found === 'success' ? `text ${guest.text(buffer, guest.u32(RESULT))}` : errno(found);
    }
    case 'readdir': {
      const names = guest.readdir(at).map(({ name }) => name);
      return `names ${names.filter((name) => name !== '.' && name !== '..').sort().join(' ')}`;
    }
    case 'symlink':
      return errno(guest.call('path_symlink', ...guest.put(each[3]), at, ...guest.put(each[2])));
    case 'rename':
    case 'link': {
      const other = held[each[3] % held.length]!;
      return errno(guest.call(CALLS[each[0]], at, ...(each[0] === 'link' ? [0] : []), ...guest.put(each[2]), other, ...guest.put(each[4])));
    }
    default:
      return errno(guest.call(CALLS[each[0]], at, ...guest.put(each[2])));
  }
}

/** Where hosts and we may name different causes: two paths, each wrong; a file to be made under a name that ends in a slash; `a/..`. */
function tolerates(each: Step): boolean {
  const [call, , name] = each;
  if (call === 'rename' || call === 'link' || call === 'symlink') return true;
  if (call === 'open') return (each[4] & 1) !== 0 && /\/\.?$/.test(each[2]);
  return call === 'rmdir' && /(^|\/)\.\.\/*$/.test(name!);
}

/** An answer as it is compared. Absolute texts of links are refused by WASI alone, and are not tried. */
const seen = (each: Step, said: string): string => (/^E[A-Z0-9]+$/.test(said) && tolerates(each) ? 'refused' : said);

const tree = (base: string, below = ''): string[] =>
  fs.readdirSync(path.join(base, below), { withFileTypes: true }).flatMap((entry) => {
    const at = path.join(below, entry.name);
    if (entry.isDirectory()) return [`${at} /`, ...tree(base, at)];
    return [entry.isSymbolicLink() ? `${at} -> ${fs.readlinkSync(path.join(base, at))}` : `${at} ${fs.readFileSync(path.join(base, at), 'utf8')}`];
  });

interface Round {
  readonly theirs: string;
  readonly steps: readonly (readonly unknown[])[];
}

function asKernel(on: 'paths' | 'files', rounds: readonly Round[]): { readonly answers: string[]; readonly tree: string[] }[] {
  const input = rounds.map(({ theirs, steps }) => JSON.stringify({ on, home: theirs, steps })).join('\n');
  const native = spawnSync('python3', [NATIVE], { input, encoding: 'utf8', maxBuffer: 1 << 30 });
  expect(native.stderr).toBe('');
  const said = native.stdout.trim().split('\n').map((line) => JSON.parse(line) as { readonly answers: string[]; readonly tree: string[] });
  expect(said).toHaveLength(rounds.length);
  return said;
}

const missing = process.platform !== 'linux' ? 'Linux has openat2' : spawnSync('python3', [NATIVE], { input: '' }).status !== 0 ? 'python3 is not here' : undefined;

test.skipIf(missing !== undefined).each(HOLDS)(`paths: the kernel does the same, directories held by %s${missing === undefined ? '' : ` (skipped: ${missing})`}`, (directoriesBy) => {
  const base = makeDirectory();
  const programs = fc.sample(fc.array(step, { minLength: 5, maxLength: 50, size: 'max' }), { numRuns: ROUNDS, seed: 20261123 });
  const rounds = programs.map((steps, index) => {
    // By path a directory is lost that is renamed while it is held.
    const kept = steps.filter((each) => !(each[0] === 'symlink' && each[3].startsWith('/')) && !(each[0] === 'hold' && directoriesBy === 'path'));
    const [ours, theirs] = [path.join(base, `${index}-ours`), path.join(base, `${index}-native`)] as const;
    for (const home of [ours, theirs]) {
      fs.mkdirSync(home);
      furnish(home);
    }
    const guest = new Guest({ preopens: ['c', 'd'].map((name) => ({ host: path.join(ours, name), guest: name })), directoriesBy }, 1 << 20);
    const held = [FIRST_PREOPEN, FIRST_PREOPEN + 1];
    const answers = kept.map((each) => answer(guest, held, each));
    guest.close();
    expect(Buffer.from(guest.memory).includes(CANARY)).toBe(false);
    return { steps: kept, answers, ours, theirs };
  });
  const said = asKernel('paths', rounds);
  rounds.forEach(({ steps, answers, ours }, index) => {
    const told = (by: readonly string[]): string[] => steps.map((each, turn) => `${JSON.stringify(each)}: ${seen(each, by[turn]!)}`);
    expect(told(answers)).toEqual(told(said[index]!.answers));
    expect(tree(ours).sort()).toEqual(said[index]!.tree.sort());
    expect(fs.readdirSync(path.join(ours, 'out'))).toEqual(['canary']);
    expect(fs.readFileSync(path.join(ours, 'out', 'canary'), 'utf8') + fs.readFileSync(path.join(ours, 'canary'), 'utf8')).toBe(CANARY + CANARY);
  });
}, 300_000);

type FileStep =
  | [call: 'open', slot: number, name: string, access: Exclude<Access, ''>, oflags: number, append: boolean]
  | [call: 'unlink', slot: number, name: string]
  | [call: 'rename', slot: number, from: string, to: string]
  | [call: 'read', slot: number, lengths: number[]]
  | [call: 'write', slot: number, texts: string[]]
  | [call: 'pread', slot: number, length: number, position: number]
  | [call: 'pwrite', slot: number, text: string, position: number]
  | [call: 'seek', slot: number, delta: number, whence: number]
  | [call: 'size', slot: number, size: number]
  | [call: 'allocate', slot: number, position: number, length: number]
  | [call: 'append', slot: number, on: boolean]
  | [call: 'renumber', slot: number, to: number]
  | [call: 'close', slot: number];

const slot = fc.nat(3);
const letters = fc.string({ unit: fc.constantFrom('x', 'y', 'z'), maxLength: 5 });
const twelve = fc.nat(12);
const opening: fc.Arbitrary<FileStep> = fc.tuple(fc.constant('open' as const), slot, fc.constantFrom('f', 'f', 'g'), fc.constantFrom('read', 'write', 'both', 'both'), fc.constantFrom(0, 1, 1, 1, 5, 8, 9), fc.boolean());
const fileStep: fc.Arbitrary<FileStep> = fc.oneof(
  opening,
  fc.tuple(fc.constant('unlink' as const), slot, fc.constantFrom('f', 'g')),
  fc.tuple(fc.constant('rename' as const), slot, fc.constant('f'), fc.constant('g')),
  { weight: 3, arbitrary: fc.tuple(fc.constant('read' as const), slot, fc.array(fc.nat(4), { maxLength: 3 })) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('write' as const), slot, fc.array(letters, { maxLength: 3 })) },
  fc.tuple(fc.constant('pread' as const), slot, twelve, twelve),
  fc.tuple(fc.constant('pwrite' as const), slot, letters, twelve),
  { weight: 3, arbitrary: fc.tuple(fc.constant('seek' as const), slot, fc.integer({ min: -6, max: 12 }), fc.nat(2)) },
  fc.tuple(fc.constant('size' as const), slot, twelve),
  fc.tuple(fc.constant('allocate' as const), slot, twelve, twelve),
  fc.tuple(fc.constant('append' as const), slot, fc.boolean()),
  fc.tuple(fc.constant('renumber' as const), slot, slot),
  fc.tuple(fc.constant('close' as const), slot),
);

/** What WASI answers. A slot with nothing open is a number that is not open. */
function fileAnswer(guest: Guest, open: (number | undefined)[], each: FileStep): string {
  const at = open[each[1]] ?? 999;
  const errno = (name: string): string => (name === 'success' ? 'done' : `E${name.toUpperCase()}`);
  const put = (text: string) => guest.put(text);
  const read = (buffers: (readonly [number, number])[], call: string, ...more: bigint[]): string => {
    const found = guest.call(call, at, ...guest.vectors(...buffers), ...more, RESULT);
    if (found !== 'success') return errno(found);
    let left = guest.u32(RESULT);
    return `read ${buffers.map(([address, length]) => {
      const part = guest.text(address, Math.min(length, left));
      left -= part.length;
      return part;
    }).join('')}`;
  };
  const counted = (found: string): string => (found === 'success' ? `wrote ${guest.u32(RESULT)}` : errno(found));
  switch (each[0]) {
    case 'open': {
      const [, into, name, access, oflags, append] = each;
      const opened = guest.openErrno(name, { oflags, rights: RIGHTS[access], fdflags: append ? 1 : 0 });
      if (opened !== 'success') return errno(opened);
      const fd = guest.u32(RESULT);
      if (open[into] !== undefined) guest.ok('fd_close', at);
      open[into] = fd;
      return 'done';
    }
    case 'unlink':
      return errno(guest.call('path_unlink_file', FIRST_PREOPEN, ...put(each[2])));
    case 'rename':
      return errno(guest.call('path_rename', FIRST_PREOPEN, ...put(each[2]), FIRST_PREOPEN, ...put(each[3])));
    case 'read':
      return read(each[2].map((length) => guest.space(length)), 'fd_read');
    case 'pread':
      return read([guest.space(each[2])], 'fd_pread', BigInt(each[3]));
    case 'write':
      return counted(guest.call('fd_write', at, ...guest.vectors(...each[2].map(put)), RESULT));
    case 'pwrite':
      return counted(guest.call('fd_pwrite', at, ...guest.vectors(put(each[2])), BigInt(each[3]), RESULT));
    case 'seek': {
      const found = guest.call('fd_seek', at, BigInt(each[2]), each[3], RESULT);
      return found === 'success' ? `at ${guest.u64(RESULT)}` : errno(found);
    }
    case 'size':
      return errno(guest.call('fd_filestat_set_size', at, BigInt(each[2])));
    case 'allocate':
      return errno(guest.call('fd_allocate', at, BigInt(each[2]), BigInt(each[3])));
    case 'append':
      return errno(guest.call('fd_fdstat_set_flags', at, each[2] ? 1 : 0));
    case 'renumber': {
      const found = guest.call('fd_renumber', at, open[each[2]] ?? 999);
      if (found === 'success' && each[1] !== each[2]) open[each[1]] = undefined;
      return errno(found);
    }
    case 'close':
      open[each[1]] = undefined;
      return errno(guest.call('fd_close', at));
  }
}

test.skipIf(missing !== undefined)(`files: the kernel does the same${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const base = makeDirectory();
  const program = fc.tuple(fc.array(opening, { minLength: 3, maxLength: 3 }), fc.array(fileStep, { minLength: 5, maxLength: 60, size: 'max' }));
  const rounds = fc.sample(program, { numRuns: ROUNDS, seed: 20261124 }).map(([first, then], index) => {
    const steps = [...first, ...then];
    const [ours, theirs] = [path.join(base, `${index}-ours`), path.join(base, `${index}-native`)] as const;
    for (const home of [ours, theirs]) {
      fs.mkdirSync(home);
      fs.writeFileSync(path.join(home, 'f'), '0123456789');
    }
    const guest = new Guest({ preopens: [{ host: ours, guest: '/' }] }, 1 << 20);
    const open: (number | undefined)[] = [undefined, undefined, undefined, undefined];
    const answers = steps.map((each) => fileAnswer(guest, open, each));
    guest.close();
    return { steps, answers, ours, theirs };
  });
  const said = asKernel('files', rounds);
  // Of a file that is open for reading alone, hosts say EINVAL for what we and POSIX call EBADF.
  const plainly = (each: FileStep, word: string): string => (/^E[A-Z]+$/.test(word) && (each[0] === 'size' || each[0] === 'allocate') ? 'refused' : word);
  rounds.forEach(({ steps, answers, ours }, index) => {
    const told = (by: readonly string[]): string[] => steps.map((each, turn) => `${JSON.stringify(each)}: ${plainly(each, by[turn]!)}`);
    expect(told(answers)).toEqual(told(said[index]!.answers));
    expect(tree(ours).sort()).toEqual(said[index]!.tree.sort());
  });
}, 300_000);
