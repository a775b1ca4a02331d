// Random programs of path calls, run side by side with directories held by handle and by path: every answer and the
// resulting tree must be the same, nothing outside may change, and the canary is never read. The two ways share what
// resolve.ts decides and differ in every host call, short cuts and caches included.
import fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CREAT, DIRECTORY, EXCL, FIRST_PREOPEN, FOLLOW, Guest, HOLDS, makeDirectory, READ, RESULT, TRUNC, WRITE } from './support.js';

const CANARY = 'canary: nobody reads or writes this';
const AT = FIRST_PREOPEN;

const name = fc.constantFrom('a', 'b', 'c', '..', '.', 'canary', 'out');
const guestPath = fc.tuple(fc.array(name, { minLength: 1, maxLength: 5 }), fc.constantFrom('', '', '', '/')).map(([parts, end]) => parts.join('/') + end);

type Step = (guest: Guest) => string;

/** Opens, reads or writes a little, closes: what came of it. */
const visit = (file: string, follow: boolean, oflags: number, rights: bigint): Step => (guest) => {
  const errno = guest.openErrno(file, { follow, oflags, rights });
  if (errno !== 'success') return errno;
  const fd = guest.u32(RESULT);
  let result = 'opened';
  if (rights === READ && guest.call('fd_read', fd, ...guest.vectors(guest.space(64)), RESULT) === 'success') result = `read ${guest.u32(RESULT)}`;
  if (rights === WRITE && guest.call('fd_write', fd, ...guest.vectors(guest.put('w')), RESULT) === 'success') result = 'wrote';
  guest.ok('fd_close', fd);
  return result;
};

const onPath = (call: string, file: string): Step => (guest) => guest.call(call, AT, ...guest.put(file));

const step: fc.Arbitrary<[string, Step]> = fc.oneof(
  fc.tuple(guestPath, fc.boolean(), fc.constantFrom(0, CREAT, CREAT | EXCL, TRUNC, DIRECTORY), fc.constantFrom(0n, READ, WRITE))
    .map(([file, follow, oflags, rights]): [string, Step] => [`open ${file} ${follow} ${oflags} ${rights}`, visit(file, follow, oflags, rights)]),
  fc.tuple(fc.constantFrom('path_create_directory', 'path_create_directory', 'path_remove_directory', 'path_unlink_file'), guestPath)
    .map(([call, file]): [string, Step] => [`${call} ${file}`, onPath(call, file)]),
  fc.tuple(guestPath, guestPath).map(([from, to]): [string, Step] => [`rename ${from} ${to}`, (guest) => guest.call('path_rename', AT, ...guest.put(from), AT, ...guest.put(to))]),
  fc.tuple(guestPath, guestPath).map(([from, to]): [string, Step] => [`link ${from} ${to}`, (guest) => guest.call('path_link', AT, 0, ...guest.put(from), AT, ...guest.put(to))]),
  fc.tuple(guestPath, guestPath).map(([target, at]): [string, Step] => [`symlink ${target} ${at}`, (guest) => guest.call('path_symlink', ...guest.put(target), AT, ...guest.put(at))]),
  fc.tuple(guestPath, fc.boolean()).map(([file, follow]): [string, Step] => [
    `stat ${file} ${follow}`,
    (guest) => {
      const errno = guest.call('path_filestat_get', AT, follow ? FOLLOW : 0, ...guest.put(file), RESULT);
      return errno === 'success' ? `type ${guest.filestatAt(RESULT).filetype}` : errno;
    },
  ]),
  guestPath.map((file): [string, Step] => [`readlink ${file}`, (guest) => guest.call('path_readlink', AT, ...guest.put(file), ...guest.space(64), RESULT)]),
);

/** Every entry with its content. Not `readdirSync` with `recursive`: some releases of Node follow links there. */
function tree(directory: string, below = ''): string[] {
  return fs.readdirSync(path.join(directory, below), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(below, entry.name);
    if (entry.isDirectory()) return [`${name} /`, ...tree(directory, name)];
    return [`${name} ${entry.isSymbolicLink() ? `-> ${fs.readlinkSync(path.join(directory, name))}` : fs.readFileSync(path.join(directory, name), 'utf8')}`];
  }).sort();
}

test('both ways of holding directories agree, and nothing gets out', () => {
  const base = makeDirectory();
  let round = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      round += 1;
      const worlds = HOLDS.map((directoriesBy) => {
        const home = path.join(base, `${round}-${directoriesBy}`);
        const inside = path.join(home, 'c');
        fs.mkdirSync(path.join(inside, 'a', 'b'), { recursive: true });
        fs.mkdirSync(path.join(home, 'out'));
        fs.writeFileSync(path.join(home, 'canary'), CANARY);
        fs.writeFileSync(path.join(home, 'out', 'canary'), CANARY);
        fs.writeFileSync(path.join(inside, 'a', 'c'), 'c');
        fs.symlinkSync('../out', path.join(inside, 'out'));
        fs.symlinkSync('../a', path.join(inside, 'a', 'out'));
        const guest = new Guest({ preopens: [{ host: inside, guest: '/' }], directoriesBy });
        return { home, inside, guest };
      });
      const answers = worlds.map(({ guest }) => steps.map(([what, act]) => `${what}: ${act(guest)}`));
      const trees = worlds.map(({ inside }) => tree(inside));
      for (const { home, guest } of worlds) {
        guest.close();
        expect(fs.readdirSync(home).sort()).toEqual(['c', 'canary', 'out']);
        expect(tree(path.join(home, 'out'))).toEqual([`canary ${CANARY}`]);
        expect(fs.readFileSync(path.join(home, 'canary'), 'utf8')).toBe(CANARY);
        expect(Buffer.from(guest.memory).includes(CANARY)).toBe(false);
        fs.rmSync(home, { recursive: true });
      }
      expect(answers[0]).toEqual(answers[1]);
      expect(trees[0]).toEqual(trees[1]);
    }),
    { numRuns: 300 },
  );
});
