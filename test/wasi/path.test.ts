// Guest paths as data: what is split how, and what is refused before any directory is looked at.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WasiError } from '../../src/wasi/errors.js';
import { forbiddenOnWindows, parseGuestPath } from '../../src/wasi/path.js';
import { nameOf } from './support.js';

const outcome = (path: string) => {
  try {
    const { parts, mustBeDirectory } = parseGuestPath(path);
    return mustBeDirectory ? [...parts, '/'] : parts;
  } catch (error) {
    return nameOf((error as WasiError).errno);
  }
};

describe('parseGuestPath', () => {
  test.each<[string, string | string[]]>([
    ['a', ['a']],
    ['a/b', ['a', 'b']],
    ['a//b', ['a', 'b']],
    ['./a/./b', ['a', 'b']],
    ['.', ['.', '/']],
    ['./', ['.', '/']],
    ['././', ['.', '/']],
    ['a/', ['a', '/']],
    ['a///', ['a', '/']],
    ['a/.', ['a', '.', '/']],
    ['a/././/', ['a', '.', '/']],
    ['a/..', ['a', '..', '/']],
    ['..', ['..', '/']],
    ['a/../b', ['a', '..', 'b']],
    ['...', ['...']],
    ['a b', ['a b']],
    ['ü/ß', ['ü', 'ß']],
    ['a\\b', ['a\\b']],
    ['', 'noent'],
    ['/', 'perm'],
    ['/a', 'perm'],
    ['//a', 'perm'],
    ['\0', 'inval'],
    ['a\0', 'inval'],
    ['a/\0/b', 'inval'],
    ['x'.repeat(4096), ['x'.repeat(4096)]],
    ['x'.repeat(4097), 'nametoolong'],
    ['ü'.repeat(2049), 'nametoolong'],
  ])('%j', (path, expected) => {
    expect(outcome(path)).toEqual(expected);
  });

  test('no part is ever empty, `.` before others, or holds a slash or NUL', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '.', '/', '\0', 'ß', '\\') }), (path) => {
        const parsed = outcome(path);
        if (typeof parsed === 'string') return;
        const parts = parsed.filter((piece) => piece !== '/');
        if (parts.at(-1) === '.') parts.pop();
        for (const part of parts) expect(part).toMatch(/^(?!\.?$)[^/\0]+$/);
      }),
    );
  });

  test.each(['C:', 'C:x', 'a\\b', 'file:stream', '\\\\server\\share', 'NUL', 'nul.txt', 'COM1', 'con', '.. ', '...', 'file.', 'file '])('Windows would read %j as more than a name', (name) => {
    expect(forbiddenOnWindows(name)).toBe(true);
  });

  test.each(['file', '.hidden', 'a b', 'a.b', 'null', 'console.log', 'COM', 'com10', 'ü'])('and %j as it is', (name) => {
    expect(forbiddenOnWindows(name)).toBe(false);
  });
});
