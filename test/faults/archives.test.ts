// Archives that want to harm. Each has a digest its manifest knows, so that only the unpacking stands between it and
// the disk. Each must end in E_ARCHIVE that names the entry, with the old version whole, nothing written outside, and a
// next setup that ends well.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WasienvError } from '../../src/base/errors.js';
import { unpack } from '../../src/toolchain/unpack.js';
import type { ArchiveFormat, TakeRule } from '../../src/toolchain/types.js';
import { paxPath, paxRecord, tar, tarEntry, tgz, type TarEntry } from '../support/archive.js';
import type { Fault } from '../support/fault-list.js';
import { ordeal, trial } from '../support/faults.js';
import { seeded } from '../support/random.js';
import type { Registry } from '../support/registry.js';
import { PACKAGE, PACKAGES, release, type Workshop } from '../support/workshop.js';
import { workshopForEach } from '../support/workshop-for-each.js';

const ok: TarEntry = { path: 'package/a.txt', data: 'a' };

const HOSTILE: readonly (readonly [fault: Fault, name: string, entries: readonly TarEntry[], says: RegExp])[] = [
  ['absolute path', 'absolute path', [ok, { path: '/tmp/wasienv-escaped', data: 'x' }], /leads out/],
  ['`..`', 'parent path', [ok, { path: 'package/../../escaped', data: 'x' }], /leads out/],
  ['`..`', 'parent path at the very end', [ok, { path: 'package/..', type: '5' }], /leads out/],
  ['absolute path', 'absolute path in a pax header', [ok, paxPath('/tmp/wasienv-escaped'), { path: 'package/b', data: 'x' }], /leads out/],
  ['`..`', 'parent path in a pax header', [ok, paxPath('package/../../../escaped'), { path: 'package/b', data: 'x' }], /leads out/],
  ['absolute path', 'Windows drive', [ok, { path: 'package/C:/escaped', data: 'x' }], /leads out|proper name/],
  ['names no system should get', 'alternate data stream', [ok, { path: 'package/file:stream', data: 'x' }], /leads out|proper name/],
  ['names no system should get', 'Windows device name', [ok, { path: 'package/aux.h', data: 'x' }], /leads out|proper name/],
  ['names no system should get', 'name that Windows would shorten', [ok, { path: 'package/name.', data: 'x' }], /leads out|proper name/],
  ['names no system should get', 'control characters', [ok, { path: 'package/a\x1b[2Jb', data: 'x' }], /leads out|proper name/],
  ['symlink escape', 'symlink to an absolute path', [ok, { path: 'package/link', type: '2', linkPath: '/etc/passwd' }], /link leads out/],
  ['symlink escape', 'symlink upwards', [ok, { path: 'package/link', type: '2', linkPath: '../../..' }], /link leads out/],
  ['hard-link escape', 'hard link to an absolute path', [ok, { path: 'package/link', type: '1', linkPath: '/etc/passwd' }], /link leads out/],
  ['hard-link escape', 'hard link upwards', [ok, { path: 'package/link', type: '1', linkPath: '../outside' }], /link leads out/],
  ['hard-link escape', 'hard link to a file that is not in it', [ok, { path: 'package/link', type: '1', linkPath: 'package/none' }], /names a file that is not in it/],
  ['symlink escape', 'entry below a symlink', [{ path: 'package/d', type: '2', linkPath: '.' }, { path: 'package/d/x', data: 'x' }], /below a symbolic link/],
  ['symlink escape', 'symlink in place of a directory', [{ path: 'package/d/x', data: 'x' }, { path: 'package/d', type: '2', linkPath: '..' }], /twice/],
  ['symlink escape', 'link out of the part that is taken', [ok, { path: 'elsewhere', data: 'x' }, { path: 'package/link', type: '2', linkPath: '../elsewhere' }], /leads out of package/],
  ['device file', 'character device', [ok, { path: 'package/null', type: '3' }], /CharacterDevice/],
  ['device file', 'block device', [ok, { path: 'package/disk', type: '4' }], /BlockDevice/],
  ['device file', 'fifo', [ok, { path: 'package/pipe', type: '6' }], /FIFO/],
  ['device file', 'entry of a type nobody knows', [ok, { path: 'package/odd', type: 'Q' }], /unknown type/],
  ['setuid', 'setuid', [ok, { path: 'package/su', mode: 0o4755, data: 'x' }], /setuid/],
  ['setuid', 'setgid', [ok, { path: 'package/sg', mode: 0o2755, data: 'x' }], /setuid/],
  ['setuid', 'sticky', [ok, { path: 'package/st', mode: 0o1755, data: 'x' }], /setuid/],
  ['names that collide by case', 'names that differ in case', [ok, { path: 'package/A.TXT', data: 'x' }], /differ only in case/],
  ['names that collide by case', 'directories that differ in case', [{ path: 'package/Dir/a', data: 'x' }, { path: 'package/dir/b', data: 'x' }], /differ only in case/],
  ['names that collide by Unicode', 'names that differ in Unicode form', [{ path: 'package/\u00e9', data: 'x' }, { path: 'package/e\u0301', data: 'y' }], /Unicode form/],
  ['one name twice', 'one name twice', [ok, ok], /twice/],
  ['one name twice', 'a file, then a directory of that name', [ok, { path: 'package/a.txt/b', data: 'x' }], /twice/],
  ['more than the manifest says', 'more bytes than the manifest says', [ok, { path: 'package/big', data: Buffer.alloc(500_000) }], /more than the/],
  ['pax header bomb', 'an extended header of a megabyte', [ok, { path: 'PaxHeader', type: 'x', data: `1048588 path=${'a'.repeat(1_048_560)}\n` }, ok], /extended header/],
  ['pax header bomb', 'a long name of a megabyte', [ok, { path: '././@LongLink', type: 'L', data: 'n'.repeat(1 << 20) }, ok], /extended header/],
  ['pax header bomb', 'an extended header that makes a small file ten gigabytes', [ok, paxRecord('size', String(10 * 2 ** 30)), { path: 'package/b', data: 'x' }], /unpacks to more than/],
  ['names that collide by Unicode', 'names that differ only as ligature', [{ path: 'package/\ufb01le', data: 'x' }, { path: 'package/file', data: 'y' }], /Unicode form/],
  ['names no system should get', 'a name of 300 bytes', [ok, paxPath(`package/${'n'.repeat(300)}`), { path: 'package/b', data: 'x' }], /proper name/],
];

const whole = PACKAGES.get('clang-2.0.0.tgz')!;

describe('set up from', () => {
  let registry: Registry;
  let workshop: Workshop;
  workshopForEach(async (own, shared) => {
    [workshop, registry] = [own, shared];
    await workshop.setup({ version: PACKAGE.one });
  });

  async function refusal(fault: Fault, archive: Uint8Array, over: Readonly<Record<string, unknown>>): Promise<WasienvError> {
    registry.files = new Map([...PACKAGES, ['clang-3.0.0.tgz', archive]]);
    workshop.manifests([release(PACKAGE.one, PACKAGES.get('clang-1.0.0.tgz')!), release('3.0.0', archive, over)]);
    const error = await ordeal(fault, workshop, () => workshop.setup({ version: '3.0.0' }), () => {
      registry.files = PACKAGES;
      workshop.manifests([release(PACKAGE.one, PACKAGES.get('clang-1.0.0.tgz')!), release(PACKAGE.two, whole)]);
    });
    expect([error.code, error.message]).toEqual(['E_ARCHIVE', error.message]);
    expect(error.next).toMatch(/nothing was installed/);
    return error;
  }

  const tree = { unpack: { format: 'tar.gz', take: [{ as: 'tree', from: 'package', to: '' }] }, expects: ['a.txt'] };

  test.each(HOSTILE)('%s: %s', async (fault, _name, entries, says) => {
    expect((await refusal(fault, tgz(entries), tree)).message).toMatch(says);
  });

  test('a hostile entry inside the inner archive', async () => {
    const inner = tar([{ path: '../../../escaped', data: 'x' }]);
    const error = await refusal('`..`', tgz([{ path: 'package/in.tar', data: inner }]), { unpack: { format: 'tar.gz', take: [{ as: 'nested-tar', from: 'package/in.tar', to: 'usr' }] } });
    expect(error.message).toMatch(/leads out/);
  });

  test('a hostile entry that nobody takes', async () => {
    const error = await refusal('`..`', tgz([ok, { path: '../escaped', data: 'x' }]), { unpack: { format: 'tar.gz', take: [{ as: 'file', from: 'package/a.txt', to: 'a.txt' }] } });
    expect(error.where).toEqual([['entry', '"../escaped"']]);
  });

  test('an inner archive that is compressed again', async () => {
    const error = await refusal('another packing than the manifest says', tgz([{ path: 'package/in.tar', data: gzipSync('x') }]), { unpack: { format: 'tar.gz', take: [{ as: 'nested-tar', from: 'package/in.tar', to: 'usr' }] } });
    expect(error.message).toMatch(/compressed twice/);
  });

  test('an archive without a file the manifest expects', async () => {
    const error = await refusal('a file missing that must be there', tgz([ok]), { ...tree, expects: ['a.txt', 'bin/llvm.wasm'] });
    expect(error.message).toMatch(/lacks bin\/llvm\.wasm/);
  });

  test.each<readonly [name: string, bytes: Uint8Array]>([
    ['nothing', Buffer.alloc(0)],
    ['not gzip', Buffer.from('<html>hello</html>')],
    ['gzip of something else', gzipSync('hello, I am no archive at all'.repeat(100))],
    ['cut in the middle', whole.subarray(0, whole.byteLength >> 1)],
    ['cut in the last bytes', whole.subarray(0, whole.byteLength - 4)],
    ['a tar cut inside an entry', gzipSync(gunzipSync(whole).subarray(0, 150_000))],
    ['a bad checksum', gzipSync(Buffer.concat([tarEntry(ok), Buffer.from(tarEntry({ path: 'package/b', data: 'x' })).fill(0x37, 148, 152), Buffer.alloc(1024)]))],
    ['an entry that claims more than there is', gzipSync(tarEntry({ path: 'package/a.txt', data: 'x', claimedBytes: 200_000 }))],
  ])('a damaged archive: %s', async (_name, bytes) => {
    await refusal('damaged archive', bytes.byteLength === 0 ? gzipSync('') : bytes, {});
  });

  test('another packing than the manifest says', async () => {
    const error = await refusal('another packing than the manifest says', tgz([ok]), { ...tree, unpack: { ...tree.unpack, format: 'tar.xz' } });
    expect(error.message).toMatch(/the manifest says tar\.xz, and it is a tar\.gz/);
  });

  const zeros = gzipSync(Buffer.alloc(16 << 20));
  const tenGigabytes = Array.from({ length: 640 }, () => zeros);
  const comments = gzipSync(Buffer.concat(Array.from({ length: 100 }, () => tarEntry(paxRecord('comment', 'c'.repeat(60_000))))));
  test.each<readonly [fault: Fault, name: string, archive: () => Buffer, says: RegExp]>([
    // The most a header without an extended one can claim is 8 GiB less a byte.
    ['10 GB of zeros', 'in one file', () => Buffer.concat([gzipSync(Buffer.concat([tarEntry(paxRecord('size', String(10 * 2 ** 30))), tarEntry({ path: 'package/zeros' })])), ...tenGigabytes]), /unpacks to more than/],
    ['10 GB of zeros', 'behind the end, where no entry claims them and they must be unzipped all the same', () => Buffer.concat([tgz([ok]), ...tenGigabytes]), /mostly headers and padding/],
    ['pax header bomb', 'gigabytes of extended headers', () => Buffer.concat([gzipSync(tarEntry(ok)), ...Array.from({ length: 500 }, () => comments)]), /mostly headers and padding/],
    // Nobody takes them: making 200 000 directories would be a matter of the disk.
    ['a million entries', 'refused at 200 000', () => manyEntries(1_000_000), /more than 200000 entries/],
  ])('%s: %s', async (fault, _name, archive, says) => {
    const elsewhere = { unpack: { format: 'tar.gz', take: [{ as: 'tree', from: 'elsewhere', to: '' }] }, expects: ['a.txt'] };
    expect((await refusal(fault, archive(), fault === 'a million entries' ? elsewhere : tree)).message).toMatch(says);
  });
});

/** Empty directories with names of seven digits: one header, changed where the number and the checksum stand. */
function manyEntries(count: number): Buffer {
  const header = Buffer.from(tarEntry({ path: 'package/0000000', type: '5' }));
  const parts: Buffer[] = [];
  for (let from = 0; from < count; from += 20_000) {
    const block = Buffer.alloc(20_000 * 512);
    for (let index = 0; index < 20_000; index += 1) {
      header.write(String(from + index).padStart(7, '0'), 'package/'.length, 'latin1');
      header.fill(' ', 148, 156);
      header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
      header.copy(block, index * 512);
    }
    parts.push(gzipSync(block, { level: 1 }));
  }
  return Buffer.concat([...parts, gzipSync(Buffer.alloc(1024))]);
}

describe('unpack alone', () => {
  let root: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv-unpack-')));
    mkdirSync(path.join(root, 'tree'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const run = (archive: Uint8Array, over: { format?: ArchiveFormat; take?: readonly TakeRule[]; unpackedBytes?: number; limits?: { entries?: number; bytes?: number } } = {}) => {
    writeFileSync(path.join(root, 'archive'), archive);
    return unpack({ subject: 'test', archive: path.join(root, 'archive'), format: 'tar.gz', directory: path.join(root, 'tree'), take: [{ as: 'tree', from: 'package', to: '' }], unpackedBytes: 1 << 20, ...over });
  };

  test('links that stay inside are made, and listed as the files they lead to', async () => {
    const files = await run(tgz([
      { path: 'package/bin/clang-19', data: '#!/bin/sh\n', mode: 0o755 },
      { path: 'package/bin/clang', type: '2', linkPath: 'clang-19' },
      { path: 'package/bin/clang++', type: '2', linkPath: '../bin/clang' },
      { path: 'package/share/copy', type: '1', linkPath: 'package/bin/clang-19' },
    ]));
    expect(files.map((file) => file.path)).toEqual(['bin/clang', 'bin/clang++', 'bin/clang-19', 'share/copy']);
    expect(new Set(files.map((file) => file.integrity)).size).toBe(1);
    expect(statSync(path.join(root, 'tree/bin/clang++')).mode & 0o777).toBe(0o755);
  });

  test('a hard link to a symbolic one is the file that leads to, and not a second name for its text, which would lead out from elsewhere', async () => {
    mkdirSync(path.join(root, 'x'));
    writeFileSync(path.join(root, 'x/file'), 'outside');
    // From four directories down `../../../x/file` stays inside; from the top it is two above the tree.
    await run(tgz([
      { path: 'package/x/file', data: 'inside' },
      { path: 'package/a/b/c/link', type: '2', linkPath: '../../../x/file' },
      { path: 'package/hard', type: '1', linkPath: 'package/a/b/c/link' },
      { path: 'package/a/hard', type: '1', linkPath: 'package/hard' },
      { path: 'package/a/here', type: '2', linkPath: '..' },
      { path: 'package/self', type: '2', linkPath: '.' },
    ]));
    for (const name of ['hard', 'a/hard', 'a/b/c/link']) expect(readFileSync(path.join(root, 'tree', name), 'utf8')).toBe('inside');
    for (const name of ['hard', 'a/hard', 'a/here', 'self']) expect(realpathSync(path.join(root, 'tree', name)).startsWith(path.join(root, 'tree')), name).toBe(true);
  });

  test('only the executable bit of a mode is kept', async () => {
    await run(tgz([{ path: 'package/a', data: 'x', mode: 0o777 }, { path: 'package/b', data: 'x', mode: 0o600 }]));
    expect(statSync(path.join(root, 'tree/a')).mode & 0o777).toBe(0o755 & ~process.umask());
    expect(statSync(path.join(root, 'tree/b')).mode & 0o777).toBe(0o644 & ~process.umask());
  });

  describe('xz', () => {
    const xz = { format: 'tar.xz' } as const;
    // Made by xz 5.4: package/a.txt and the executable package/bin/tool.
    const small = Buffer.from('/Td6WFoAAAFpIt42AgAhARwAAAAQz1jM4Cf/AKVdADgYSJnNF3UkZUswqqnkPUw2i5deZq+pNHzhQCu4CtSUs0dWq8cg+3dLLzOXKusBT87jum+aJJH2ChVXPoICMTLRQcQ9miPUi2pv+1C2qo7p7j2hbvWOC/26/IsrcjsE2bgFEHnM/ERcfL9A1A+2l/wZyeB3F3oXMH8pXO5bA+udkUMwpeQo35jL9lOReqhkNDthRtimZ/XF4sJemkfeQG37ek9+QAAAAABHfDfHAAG9AYBQAABNZYTZPjANiwIAAAAAAVla', 'base64');

    test('is unpacked as gzip is, where the manifest says so', async () => {
      const files = await run(small, xz);
      expect(files.map((file) => [file.path, file.sizeBytes])).toEqual([['a.txt', 6], ['bin/tool', 10]]);
      expect(statSync(path.join(root, 'tree/bin/tool')).mode & 0o111).not.toBe(0);
    });

    test('and gzip are not taken for each other, nor a web page for either', async () => {
      await expect(run(small)).rejects.toMatchObject({ code: 'E_ARCHIVE', message: expect.stringContaining('the manifest says tar.gz, and it is a tar.xz') });
      await expect(run(tgz([ok]), xz)).rejects.toMatchObject({ code: 'E_ARCHIVE', message: expect.stringContaining('the manifest says tar.xz, and it is a tar.gz') });
      await expect(run(Buffer.from('<html>'), xz)).rejects.toMatchObject({ code: 'E_ARCHIVE', message: expect.stringContaining('it is nothing of the kind') });
    });

    test('one after another: each has a decoder of its own', async () => {
      for (let count = 0; count < 3; count += 1) {
        rmSync(path.join(root, 'tree'), { recursive: true });
        mkdirSync(path.join(root, 'tree'));
        await run(small.subarray(0, small.byteLength - 40), xz).catch(() => undefined);
        rmSync(path.join(root, 'tree'), { recursive: true });
        mkdirSync(path.join(root, 'tree'));
        expect((await run(small, xz)).length).toBe(2);
      }
    });

    test('that is cut or changed anywhere is damaged', async () => {
      for (let at = 0; at < small.byteLength; at += 7) {
        for (const bytes of [small.subarray(0, at), Buffer.from(small.map((byte, index) => (index === at ? byte ^ 0x10 : byte)))]) {
          rmSync(path.join(root, 'tree'), { recursive: true });
          mkdirSync(path.join(root, 'tree'));
          const outcome = await run(bytes, xz).then(() => 'unpacked', (error: WasienvError) => error.code);
          expect([at, bytes.byteLength, outcome]).toEqual([at, bytes.byteLength, 'E_ARCHIVE']);
        }
      }
    });

    test('is held to the same limits', async () => {
      await expect(run(small, { ...xz, unpackedBytes: 7 })).rejects.toMatchObject({ code: 'E_ARCHIVE', message: expect.stringContaining('more than the') });
      await expect(run(small, { ...xz, limits: { entries: 1 } })).rejects.toMatchObject({ code: 'E_ARCHIVE', message: expect.stringContaining('more than 1 entries') });
    });
  });

  test('one entry above the limit is refused', async () => {
    const entry = (index: number): TarEntry => ({ path: `package/${index}`, type: '5' });
    await expect(run(tgz(Array.from({ length: 1001 }, (_, index) => entry(index))), { limits: { entries: 1000 } })).rejects.toMatchObject({ code: 'E_ARCHIVE', message: expect.stringContaining('more than 1000 entries') });
  });

  test('whatever bytes are changed, nothing is written outside and every failure is E_ARCHIVE', async () => {
    const next = seeded(20260102);
    const plain = gunzipSync(PACKAGES.get('clang-1.0.0.tgz')!);
    const outcomes = { unpacked: 0, refused: 0 };
    for (let round = 0; round < 150; round += 1) await trial('damaged archive', async () => {
      const bytes = Buffer.from(plain);
      for (let count = 0; count < 8; count += 1) {
        // Mostly headers: that is where the danger is.
        const block = Math.floor((next() * bytes.byteLength) / 512) * 512;
        bytes[block + Math.floor(next() * 512)] = Math.floor(next() * 256);
        const inHeader = Math.floor(next() * 345);
        bytes[inHeader] = Math.floor(next() * 256);
        // With a checksum that is right again, so that the parser believes what it reads.
        bytes.fill(' ', 148, 156);
        bytes.write(`${bytes.subarray(0, 512).reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
      }
      rmSync(path.join(root, 'tree'), { recursive: true, force: true });
      mkdirSync(path.join(root, 'tree'));
      await run(gzipSync(bytes, { level: 1 })).then(
        () => (outcomes.unpacked += 1),
        (error: WasienvError) => {
          expect([error.code, error.stack]).toEqual(['E_ARCHIVE', error.stack]);
          outcomes.refused += 1;
        },
      );
      expect(readdirSync(root).sort()).toEqual(['archive', 'tree']);
    });
    expect(outcomes.unpacked).toBeGreaterThan(5);
    expect(outcomes.refused).toBeGreaterThan(5);
  });

  test('random bytes are no archive', async () => {
    await expect(run(randomBytes(10_000))).rejects.toMatchObject({ code: 'E_ARCHIVE' });
  });
});
