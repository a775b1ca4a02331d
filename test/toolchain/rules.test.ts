// Pure rules, for any input: which names of an archive are proper, and what a server's wishes for a pause mean.
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArchiveRules, foldName, splitPath } from '../../src/toolchain/archive-rules.js';
import { retryAfterMs } from '../../src/toolchain/wire.js';
import { safeUrl } from '../../src/base/safe-url.js';

const nasty = fc.array(fc.oneof(fc.constantFrom('..', '.', '', 'a', 'B', 'con', 'NUL.txt', 'C:', '\\', 'a\\..\\b', 'x.', ' ', '\0', '\u202e', 'é', 'e\u0301'), fc.string({ maxLength: 6 })), { maxLength: 6 }).map((parts) => parts.join('/'));

describe('splitPath', () => {
  test('what it lets pass stays inside on every platform', () => {
    fc.assert(fc.property(nasty, (name) => {
      const parts = splitPath(name);
      if (parts === null) return;
      for (const each of [path.posix, path.win32]) {
        const root = each === path.posix ? '/home/w' : 'C:\\w';
        const target = each.resolve(root, ...parts);
        expect(each.relative(root, target).startsWith('..')).toBe(false);
        expect(each.isAbsolute(each.relative(root, target))).toBe(false);
        expect(each.relative(root, target).split(each.sep)).toEqual([...parts]);
      }
    }), { numRuns: 2000, seed: 7 });
  });

  test.each([
    ['usr/include/stdio.h', ['usr', 'include', 'stdio.h']],
    ['./usr/lib/', ['usr', 'lib']],
    ['usr/include/c++/v1/__config', ['usr', 'include', 'c++', 'v1', '__config']],
    ['with space/ünï/日本', ['with space', 'ünï', '日本']],
    ['console.h', ['console.h']],
    ['', null],
    ['.', null],
    ['/', null],
    ['a//b', null],
    ['..', null],
    ['a/../b', null],
    ['com1', null],
    ['lpt9.txt', null],
    ['a\tb', null],
  ])('%j is %j', (name, expected) => expect(splitPath(name)).toEqual(expected));
});

test('two accepted entries never land on one name of a file system that ignores case and form', () => {
  fc.assert(fc.property(fc.array(nasty, { maxLength: 8 }), (names) => {
    const rules = new ArchiveRules('test', { entries: 100, bytes: 100 });
    const landed = new Set<string>();
    for (const name of names) {
      try {
        const folded = foldName(rules.judge({ path: name, type: 'File', sizeBytes: 1, mode: 0o644, linkPath: null }).parts.join('/'));
        expect(landed.has(folded)).toBe(false);
        landed.add(folded);
      } catch (error) {
        expect(error).toMatchObject({ code: 'E_ARCHIVE' });
      }
    }
  }), { numRuns: 1000, seed: 8 });
});

test('a symbolic link that is accepted resolves inside, from wherever it stands', () => {
  fc.assert(fc.property(nasty, nasty, (at, to) => {
    try {
      const { parts, target } = new ArchiveRules('test', { entries: 9, bytes: 9 }).judge({ path: at, type: 'SymbolicLink', sizeBytes: 0, mode: 0o777, linkPath: to });
      expect(path.posix.resolve('/r', ...target).startsWith('/r')).toBe(true);
      expect(path.posix.resolve('/r', ...parts.slice(0, -1), to)).toBe(path.posix.resolve('/r', ...target));
    } catch (error) {
      expect(error).toMatchObject({ code: 'E_ARCHIVE' });
    }
  }), { numRuns: 2000, seed: 9 });
});

test.each([
  [null, 0],
  ['0', 0],
  ['7', 7000],
  ['Thu, 01 Jan 2026 00:00:09 GMT', 9000],
  ['Thu, 01 Jan 2015 00:00:00 GMT', 0],
  ['soon', 0],
])('Retry-After: %j is %i ms', (text, expected) => expect(retryAfterMs(text, Date.UTC(2026, 0, 1))).toBe(expected));

test.each([
  ['https://user:pw@r.invalid/p/x.tgz?token=s#frag', 'https://r.invalid/p/x.tgz'],
  ['http://r.invalid', 'http://r.invalid/'],
  ['no url', '(not a URL)'],
])('%s is shown as %s', (url, shown) => expect(safeUrl(url)).toBe(shown));
