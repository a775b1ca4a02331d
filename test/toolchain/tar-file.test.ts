// The tar that a bundle is: read by others, and read as others write it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NotTar, TAR_END, indexTar, padding, tarHeader } from '../../src/toolchain/bundle/tar-file.js';
import { paxPath, tar, tarEntry, tgz } from '../support/archive.js';

let directory: string;
beforeAll(() => {
  directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv-tar-')));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const file = (bytes: Uint8Array): string => {
  const name = path.join(directory, 'x.tar');
  writeFileSync(name, bytes);
  return name;
};
const content = async (name: string): Promise<Record<string, string>> => {
  const bytes = readFileSync(name);
  return Object.fromEntries([...(await indexTar(name))].map(([entry, { position, sizeBytes }]) => [entry, bytes.toString('utf8', position, position + sizeBytes)]));
};

const LONG = `${'d'.repeat(90)}/${'e'.repeat(90)}/file.tgz`;
const LONGER = `${'ü'.repeat(120)}/file.tgz`;
const FILES: Record<string, string> = { 'a.txt': 'one', [LONG]: 'two', [LONGER]: 'three', 'npm/@yowasp/clang/-/c.tgz': 'x'.repeat(512), 'last': 'y'.repeat(513) };
const written = (): Buffer => Buffer.concat([...Object.entries(FILES).flatMap(([name, text]) => [tarHeader(name, text.length), Buffer.from(text), padding(text.length)]), TAR_END]);

describe('what is written', () => {
  test('is read back', async () => {
    expect(await content(file(written()))).toEqual(FILES);
  });

  test('is read by tar, long names and all', () => {
    const names = execFileSync('tar', ['-tf', file(written()), '--quoting-style=literal'], { encoding: 'utf8', env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' } }).trimEnd().split('\n');
    expect(names).toEqual(Object.keys(FILES));
    expect(execFileSync('tar', ['-xOf', file(written()), LONGER], { encoding: 'utf8' })).toBe('three');
  });

  test('tells sizes of more than 8 GB', async () => {
    const header = tarHeader('big', 9 * 2 ** 30);
    expect(header[124]).toBe(0x80);
    await expect(indexTar(file(Buffer.concat([header, TAR_END])))).rejects.toThrow('its end is missing');
  });
});

describe('what others write', () => {
  test.each(['gnu', 'ustar', 'posix'])('is read: --format=%s', async (format) => {
    const tree = path.join(directory, format);
    const files = format === 'ustar' ? { 'a.txt': 'one', [LONG]: 'two' } : FILES;
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(tree, name)), { recursive: true });
      writeFileSync(path.join(tree, name), text);
    }
    const out = path.join(directory, `${format}.tar`);
    execFileSync('tar', [`--format=${format}`, '-cf', out, '-C', tree, '.']);
    expect(await content(out)).toEqual(files);
  });

  test('links, devices and directories are no files', async () => {
    const bytes = tar([{ path: 'd', type: '5' }, { path: 'l', type: '2', linkPath: '/etc/passwd' }, { path: 'h', type: '1', linkPath: 'f' }, { path: 'c', type: '3' }, { path: 'f', data: 'x' }]);
    expect(await content(file(bytes))).toEqual({ f: 'x' });
  });
});

describe('what is damaged is refused', () => {
  const good = tar([{ path: 'a', data: 'x'.repeat(1000) }, { path: 'b', data: 'y' }]);
  const changed = (at: number, byte: number): Buffer => {
    const bytes = Buffer.from(good);
    bytes[at] = byte;
    return bytes;
  };
  test.each<readonly [name: string, bytes: () => Buffer, why: string]>([
    ['nothing', () => Buffer.alloc(0), 'its end is missing'],
    ['a text', () => Buffer.from('hello '.repeat(200)), 'it is no tar archive'],
    ['a compressed one', () => tgz([{ path: 'a', data: 'x' }]).subarray(0), 'compressed|end is missing'],
    ['a changed header', () => changed(0, 0x62), 'it is no tar archive'],
    ['a changed second header', () => changed(1536, 0x63), 'the header at byte 1536 is damaged'],
    ['the first half', () => good.subarray(0, 1024), 'its end is missing'],
    ['no end', () => good.subarray(0, 2560), 'its end is missing'],
    ['a claim beyond the end', () => Buffer.concat([tarEntry({ path: 'a', claimedBytes: 1e9 }), TAR_END]), 'its end is missing'],
    ['a name of a megabyte', () => Buffer.concat([tarEntry(paxPath('n'.repeat(1 << 20))), tar([{ path: 'a' }])]), 'larger than any honest one'],
  ])('%s', async (_name, bytes, why) => {
    const failure = await indexTar(file(bytes())).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NotTar);
    expect((failure as Error).message).toMatch(new RegExp(why));
  });
});
