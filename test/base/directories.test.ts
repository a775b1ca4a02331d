// Directories that a person names: with their parents, and an end where nothing can be made.
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeDirectories } from '../../src/base/directories.js';

let root: string;
beforeEach(() => void (root = mkdtempSync(path.join(tmpdir(), 'wasienv-directories-'))));
afterEach(() => rmSync(root, { recursive: true }));

describe('a directory is made', () => {
  test('with its parents', () => {
    makeDirectories(path.join(root, 'a/b/c'));
    expect(statSync(path.join(root, 'a/b/c')).isDirectory()).toBe(true);
  });
  test('when it is there already, a link to one and the root of the disk among them', () => {
    symlinkSync(root, path.join(root, 'link'), 'junction');
    for (const there of [root, path.join(root, 'link'), path.parse(root).root]) makeDirectories(there);
  });
  test('below a link to a directory', () => {
    symlinkSync(root, path.join(root, 'link'), 'junction');
    makeDirectories(path.join(root, 'link/a/b'));
    expect(statSync(path.join(root, 'a/b')).isDirectory()).toBe(true);
  });
});

describe('it fails', () => {
  test('where a file is in the way', () => {
    writeFileSync(path.join(root, 'file'), '');
    expect(() => makeDirectories(path.join(root, 'file'))).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(() => makeDirectories(path.join(root, 'file/a/b'))).toThrow(expect.objectContaining({ code: process.platform === 'win32' ? 'ENOENT' : 'ENOTDIR' }));
  });
  test.skipIf(process.platform === 'win32')('where a link leads nowhere', () => {
    symlinkSync(path.join(root, 'nowhere'), path.join(root, 'link'));
    expect(() => makeDirectories(path.join(root, 'link/a'))).toThrow(expect.objectContaining({ code: 'EEXIST' }));
  });
  test.skipIf(process.platform !== 'linux')('where the file system takes none, in which Node’s own goes on for ever: /proc', () => {
    expect(() => makeDirectories('/proc/wasienv-nothing/a/b')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  });
});
