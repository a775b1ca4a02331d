// Random programs of path calls, made by WASI and, on a tree of their own, by the kernel itself, which keeps them below the
// directories they start from (native.py): what succeeds, what comes of it and what is then there must be the same, and where
// one path can be wrong in one way, the errno too. Two directories are granted; programs hold those they have opened while
// these are renamed, replaced and removed. NATIVE_ROUNDS makes it as long as you like.
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

const missing = process.platform !== 'linux' ? 'Linux has openat2' : spawnSync('python3', [NATIVE], { input: '' }).status !== 0 ? 'python3 is not here' : undefined;

test.skipIf(missing !== undefined).each(HOLDS)(`the kernel does the same, directories held by %s${missing === undefined ? '' : ` (skipped: ${missing})`}`, (directoriesBy) => {
  const base = makeDirectory();
  const programs = fc.sample(fc.array(step, { minLength: 5, maxLength: 50 }), { numRuns: ROUNDS, seed: 20261123 });
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
  const native = spawnSync('python3', [NATIVE], { input: rounds.map(({ theirs, steps }) => JSON.stringify({ home: theirs, steps })).join('\n'), encoding: 'utf8', maxBuffer: 1 << 30 });
  expect(native.stderr).toBe('');
  const said = native.stdout.trim().split('\n').map((line) => JSON.parse(line) as { readonly answers: string[]; readonly tree: string[] });
  expect(said).toHaveLength(ROUNDS);
  rounds.forEach(({ steps, answers, ours }, index) => {
    const told = (by: readonly string[]): string[] => steps.map((each, turn) => `${JSON.stringify(each)}: ${seen(each, by[turn]!)}`);
    expect(told(answers)).toEqual(told(said[index]!.answers));
    expect(tree(ours).sort()).toEqual(said[index]!.tree.sort());
    expect(fs.readdirSync(path.join(ours, 'out'))).toEqual(['canary']);
    expect(fs.readFileSync(path.join(ours, 'out', 'canary'), 'utf8') + fs.readFileSync(path.join(ours, 'canary'), 'utf8')).toBe(CANARY + CANARY);
  });
}, 300_000);
