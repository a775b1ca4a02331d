// wasi_unstable: where its ABI differs from preview 1's, seen by programs in C that declare its imports themselves.
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { preview0Calls } from '../../src/wasi/preview0.js';
import { preview1Calls } from '../../src/wasi/preview1.js';
import { createWasi, PREVIEW0 } from '../../src/wasi/index.js';
import { compileGuest } from '../support/toolchain.js';
import { compileCaller, runScript } from './caller.js';
import { ENGINES } from './engines.js';
import { collector, makeDirectory } from './support.js';

let linker: Uint8Array;
beforeAll(async () => {
  await compileCaller('wasi_unstable');
  const file = path.join(import.meta.dirname, 'guests', 'preview0.c');
  linker = fs.readFileSync(await compileGuest({ file }, { args: ['-O1', '-nostdlib', '-fno-builtin'] }));
});

test('it has the functions of preview 1 without sock_accept, with the same types', () => {
  expect(preview0Calls.map(({ name }) => name)).toEqual(preview1Calls.map(({ name }) => name).filter((name) => name !== 'sock_accept'));
  for (const { name, params } of preview0Calls) expect(params.map(([, type]) => type), name).toEqual(preview1Calls.find((call) => call.name === name)!.params.map(([, type]) => type));
});

test('its functions are made when they are asked for, once', () => {
  const wasi = createWasi({ args: [], env: {}, stdin: { read: () => 0 }, stdout: collector(), stderr: collector(), preopens: [] });
  expect(Object.getOwnPropertyDescriptor(wasi.imports, PREVIEW0)?.get).toBeTypeOf('function');
  expect(wasi.imports[PREVIEW0]).toBe(wasi.imports[PREVIEW0]);
});

describe.each(ENGINES)('on $name', (engine) => {
  const run = (script: string[], host = makeDirectory()) => runScript(engine, script, { snapshot: 'wasi_unstable', preopens: [{ host, guest: '/' }] });

  test('whence counts from the current position (0), the end (1) and the start (2)', () => {
    const host = makeDirectory();
    fs.writeFileSync(path.join(host, 'file'), '0123456789');
    const said = run([
      'path_open 3 0 "file" 0 2 0 0 &0',
      'fd_seek *0 4 2 &1', 'u64 &1',
      'fd_seek *0 2 0 &1', 'u64 &1',
      'fd_seek *0 -1 1 &1', 'u64 &1',
      'fd_seek *0 -20 0 &1', 'fd_seek *0 0 3 &1', 'fd_seek *0 0 3000000000 &1',
      'fd_read *0 [#8] &2', 'show 1',
    ], host);
    expect(said).toEqual(['success', 'success', '4', 'success', '6', 'success', '9', 'inval', 'inval', 'inval', 'success', '9']);
  });

  test('a file’s facts take 56 bytes, with 32 of its bits for the link count', () => {
    const host = makeDirectory();
    const file = path.join(host, 'file');
    fs.writeFileSync(file, 'x'.repeat(1234));
    fs.linkSync(file, path.join(host, 'second'));
    fs.utimesSync(file, 1_600_000_000, 1_700_000_000);
    const { ino } = fs.statSync(file, { bigint: true });
    const looks = ['u64 E-56', 'u8 E-48', 'u32 E-44', 'u64 E-40', 'u64 E-32', 'u64 E-24', 'u64 E-8'];
    // What lies behind the 56 bytes is another's and stays.
    const shown = ['success', `${ino}`, '4', '2', '1234', '1600000000000000000', '1700000000000000000', '77'];
    const calls = ['path_filestat_get 3 1 "file" E-64', 'fd_filestat_get *0 E-64'];
    const said = run(['path_open 3 0 "file" 0 2 0 0 &0', 'poke64 E-8 77', ...calls.flatMap((call) => ['random_get E-64 56', call, ...looks])], host);
    expect(said).toEqual(['success', 'success', ...shown, 'success', ...shown]);
    expect(run(['path_filestat_get 3 1 "file" E-56', 'path_filestat_get 3 1 "file" E-55'], host)).toEqual(['success', 'fault']);
  });

  test('a clock to wait for keeps its number behind its name', () => {
    const said = run([
      // userdata 7, a clock, name 99, monotonic, 5 ms, precision, relative.
      'random_get #56', 'poke64 % 7', 'poke64 %8 0', 'poke64 %16 99', 'poke64 %24 1', 'poke64 %32 5000000', 'poke64 %40 0', 'poke64 %48 0',
      'poll_oneoff % E-32 1 &0', 'u32 &0', 'u64 E-32', 'u16 E-24', 'u8 E-22',
      // A descriptor stands where it stands in preview 1.
      'poke64 % 8', 'poke64 %8 2', 'poke64 %16 1', 'poll_oneoff % E-32 1 &0', 'u64 E-32', 'u16 E-24', 'u8 E-22',
      // Two of them lie 56 bytes apart, and the whole list must be in memory.
      'poll_oneoff E-112 % 2 &0', 'poll_oneoff E-111 % 2 &0',
    ]);
    expect(said.slice(0, 9)).toEqual(['success', 'success', '1', '7', '0', '0', 'success', '8', '0']);
    expect(said.slice(9)).toEqual(['2', expect.not.stringMatching('fault'), 'fault']);
  });

  test('a linker’s way of writing: seek ahead, come back, ask for the size, overwrite, and every byte is right', () => {
    const host = makeDirectory();
    const stdout = collector();
    const code = engine.run(linker, { args: ['preview0.wasm'], env: {}, stdin: { read: () => 0 }, stdout, stderr: collector(), preopens: [{ host, guest: '/' }] });
    expect([code, stdout.text()]).toEqual([0, 'written\n']);
    const bytes = fs.readFileSync(path.join(host, 'out.o'));
    // Header with the length, 100 sections of 37 bytes with their own number, and the table of their positions.
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('\x7fOBJ');
    expect(bytes.readUInt32LE(4)).toBe(bytes.length);
    const table = bytes.readUInt32LE(8);
    for (let section = 0; section < 100; section += 1) {
      const at = bytes.readUInt32LE(table + section * 4);
      expect(at).toBe(12 + section * 37);
      expect([...bytes.subarray(at, at + 37)].every((byte) => byte === section + 1)).toBe(true);
    }
    expect(bytes.length).toBe(12 + 100 * 37 + 400);
  });
});
