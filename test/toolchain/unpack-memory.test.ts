// Memory stays flat while an archive is unpacked: a process that unpacks six times as much needs no more of it. Real
// archives, packed by the gzip and xz of the machine, each unpacked by a process of its own whose peak is read at its end.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ArchiveFormat } from '../../src/toolchain/types.js';
import { tarEntry } from '../support/archive.js';
import { noise } from '../support/random.js';

const UNPACK = path.resolve(import.meta.dirname, '../../dist/toolchain/unpack.js');
const FILE_BYTES = 4 << 20;
const PACKERS: Readonly<Record<ArchiveFormat, readonly [program: string, ...args: string[]]>> = { 'tar.gz': ['gzip', '-1'], 'tar.xz': ['xz', '-0'] };

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv-memory-')));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A tar of so many files, an eighth of each incompressible and different in each. */
function makeTar(files: number): string {
  const file = path.join(root, `${files}.tar`);
  const descriptor = openSync(file, 'w');
  const data = Buffer.alloc(FILE_BYTES, 'the same words over and over, as headers have them; ');
  for (let index = 0; index < files; index += 1) {
    noise(FILE_BYTES / 8, index).copy(data);
    writeSync(descriptor, tarEntry({ path: `package/file${index}`, data }));
  }
  writeSync(descriptor, Buffer.alloc(1024));
  closeSync(descriptor);
  return file;
}

function peakBytes(archive: string, format: ArchiveFormat, files: number): number {
  const directory = path.join(root, 'tree');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  const request = { subject: 'test', archive, format, directory, take: [{ as: 'tree', from: 'package', to: '' }], unpackedBytes: files * FILE_BYTES };
  const program = `import { unpack } from ${JSON.stringify(UNPACK)};
    const files = await unpack(${JSON.stringify(request)});
    console.log(JSON.stringify([files.length, process.resourceUsage().maxRSS * 1024]));`;
  const [unpacked, peak] = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })) as [number, number];
  expect(unpacked).toBe(files);
  return peak;
}

test.for<ArchiveFormat>(['tar.gz', 'tar.xz'])('unpacking %s', (format, { skip }) => {
  const [program, ...args] = PACKERS[format];
  if (spawnSync(program, ['--version']).error !== undefined) skip(`no ${program} on PATH`);
  const [small, large] = [6, 36].map((files) => {
    const tar = makeTar(files);
    execFileSync(program, [...args, '--force', tar]);
    return peakBytes(`${tar}${format.slice('tar'.length)}`, format, files);
  }) as [number, number];
  console.log(`${format}: peak ${Math.round(small / 2 ** 20)} MiB for 24 MiB, ${Math.round(large / 2 ** 20)} MiB for 144 MiB`);
  // The garbage collector may be a few chunks of a megabyte behind; 120 MiB more went through.
  expect(large - small).toBeLessThan(48 << 20);
});
