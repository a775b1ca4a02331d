// The move that makes an install real: on a Windows that holds files open, beside what is there, and the broom.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commit, isPassingRenameFault, renameDelays, renameWithPatience, requireFiles, sweep, withStaging } from '../../src/toolchain/commit.js';
import { homeTree } from '../../src/toolchain/home.js';
import { writeJson } from '../../src/toolchain/receipt.js';
import type { Release } from '../../src/toolchain/types.js';

let home: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv-commit-')));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('renameWithPatience', () => {
  /** A disk whose rename fails with these codes in turn and then works. */
  const disk = (codes: readonly string[]) => {
    const calls: string[] = [];
    const waits: number[] = [];
    return {
      calls, waits,
      rename: async (from: string, to: string): Promise<void> => {
        calls.push(`${from}>${to}`);
        const code = codes[calls.length - 1];
        if (code !== undefined) throw Object.assign(new Error(code), { code });
      },
      wait: async (ms: number): Promise<void> => void waits.push(ms),
    };
  };

  test.each<readonly [platform: NodeJS.Platform, codes: readonly string[], calls: number, fails: string | null]>([
    ['win32', [], 1, null],
    ['win32', ['EPERM'], 2, null],
    ['win32', ['EBUSY', 'EACCES', 'EPERM'], 4, null],
    ['win32', ['ENOENT'], 1, 'ENOENT'],
    ['win32', ['EPERM', 'ENOSPC'], 2, 'ENOSPC'],
    ['win32', Array.from({ length: 20 }, () => 'EPERM'), renameDelays('win32').length + 1, 'EPERM'],
    ['linux', ['EPERM'], 1, 'EPERM'],
    ['darwin', ['EACCES'], 1, 'EACCES'],
  ])('%s, failing with %j: %i attempts', async (platform, codes, calls, fails) => {
    const world = disk(codes);
    const outcome = await renameWithPatience('a', 'b', world, platform).then(() => null, (error: NodeJS.ErrnoException) => error.code);
    expect(outcome).toBe(fails);
    expect(world.calls).toEqual(Array.from({ length: calls }, () => 'a>b'));
    expect(world.waits).toEqual(renameDelays(platform).slice(0, calls - 1));
  });

  test('patience on Windows is some three seconds', () => {
    const total = renameDelays('win32').reduce((sum, each) => sum + each, 0);
    expect(total).toBeGreaterThan(2_000);
    expect(total).toBeLessThan(5_000);
  });

  test('a rename across volumes is no passing fault', () => expect(isPassingRenameFault('EXDEV')).toBe(false));
});

test('a commit goes beside what is there and changes none of it', async () => {
  const tree = (name: string): string => {
    mkdirSync(path.join(home, name));
    writeFileSync(path.join(home, name, 'file'), name);
    return path.join(home, name);
  };
  const wanted = path.join(home, 'components', 'portable-clang', '1.0-abc');
  expect(await commit(tree('one'), wanted)).toBe(wanted);
  expect(await commit(tree('two'), wanted)).toBe(`${wanted}-2`);
  expect(await commit(tree('three'), wanted)).toBe(`${wanted}-3`);
  expect(readdirSync(home)).toEqual(['components']);
});

test('required files: all that lack are named', () => {
  const expecting = (expects: readonly string[]): Release => ({
    version: '1.0', source: 'npm', hosts: ['any'], clangVersion: '22.1.0', artifact: { location: 'x', sizeBytes: null, integrity: null, witnesses: [] },
    unpack: { format: 'tar.gz', take: [] }, unpackedBytes: 1, layout: {}, expects, glibc: null, note: null, avoid: false,
  });
  const files = [{ path: 'a', sizeBytes: 1, integrity: 'sha256-x' }];
  expect(() => requireFiles('it', files, expecting(['a']))).not.toThrow();
  expect(() => requireFiles('it', files, expecting(['a', 'b', 'c']))).toThrowError(expect.objectContaining({ code: 'E_ARCHIVE', message: expect.stringContaining('lacks b, c') }));
});

test('staging is on the volume of the home and gone afterwards, also when the work fails', async () => {
  let seen = '';
  await expect(withStaging(home, 'portable-clang', async (directory) => {
    seen = directory;
    writeFileSync(path.join(directory, 'half'), '');
    throw new Error('no');
  })).rejects.toThrow('no');
  expect(seen.startsWith(homeTree.stagingDir(home))).toBe(true);
  expect(existsSync(seen)).toBe(false);
});

test('the broom takes litter of ours and nothing else', async () => {
  const litter = ['components/rust-target/1.0/x', 'staging/portable-clang-Ab12Cd/tree/x', 'components/portable-clang/1.0-old/x', 'receipts/portable-clang.json.123.tmp', 'current.json.7.tmp', 'lock.123.0a1b2c3d.tmp', 'lock.break.123.0a1b2c3d.tmp', 'rust/sysroot-0123456789ab.Ab12Cd/bin/rustc'];
  const kept = ['components/wasi-sdk/34.0/x', 'staging/my-site/x', 'components/portable-clang/1.0-new/x', 'components/other/x', 'receipts/portable-clang.json', 'receipts/note.tmp', 'lock', 'proofs/x', 'rust/sysroot-0123456789ab/bin/rustc', 'rust/choice.json'];
  for (const name of [...litter, ...kept]) {
    mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
    writeFileSync(path.join(home, name), '');
  }
  // The receipt of wasi-sdk is of a newer wasienv: not ours to judge.
  await sweep(home, { directories: new Set([path.join(home, 'components/portable-clang/1.0-new')]), fetched: new Set(), spared: new Set(['wasi-sdk']) });
  expect(litter.filter((name) => existsSync(path.join(home, name)))).toEqual([]);
  expect(kept.filter((name) => !existsSync(path.join(home, name)))).toEqual([]);
});

test('a JSON file is the old one or the new one, and a failed write leaves no litter', async () => {
  const file = path.join(home, 'r', 'x.json');
  await writeJson(file, { a: 1 });
  await writeJson(file, { a: 2 });
  expect(readdirSync(path.dirname(file))).toEqual(['x.json']);
  mkdirSync(path.join(home, 'dir', 'y.json', 'full'), { recursive: true });
  await expect(writeJson(path.join(home, 'dir', 'y.json'), {})).rejects.toThrow();
  expect(readdirSync(path.join(home, 'dir'))).toEqual(['y.json']);
});
