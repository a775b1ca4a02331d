// Real programs in C, compiled by the installed toolchain, on every engine we have: the same WASI serves them all.
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileGuest } from '../support/toolchain.js';
import { collector, makeDirectory } from './support.js';
import { ENGINES } from './engines.js';
import type { WasiOptions } from '../../src/wasi/index.js';

const GUESTS = path.join(import.meta.dirname, 'guests');
const NAMES = ['files', 'stdio', 'process', 'echo'] as const;
type Name = (typeof NAMES)[number];
const modules = new Map<Name, Uint8Array>();

beforeAll(async () => {
  const header = fs.readFileSync(path.join(GUESTS, 'check.h'), 'utf8').replace('#pragma once', '');
  for (const name of NAMES) {
    // The header is put in place of its include, so that one text is the whole program.
    const source = fs.readFileSync(path.join(GUESTS, `${name}.c`), 'utf8').replace('#include "check.h"', header);
    modules.set(name, fs.readFileSync(await compileGuest(source, { args: ['-O1'] })));
  }
});

describe.each(ENGINES)('on $name', ({ run }) => {
  const runGuest = (name: Name, options: Partial<WasiOptions> = {}) => {
    const stdout = collector();
    const stderr = collector();
    const code = run(modules.get(name)!, { args: [`${name}.wasm`], env: {}, stdin: { read: () => 0 }, stdout, stderr, preopens: [], ...options });
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  };

  test.each(['handle', 'path'] as const)('files and directories, held by %s', (directoriesBy) => {
    const base = makeDirectory();
    fs.writeFileSync(path.join(base, 'outside'), 'canary');
    const host = path.join(base, 'inside');
    fs.mkdirSync(host);
    const ended = runGuest('files', { preopens: [{ host, guest: '.' }], directoriesBy });
    expect(ended.stdout).toMatch(/^\d+ checks, 0 failures\n$/);
    expect(ended.code).toBe(0);
    expect(fs.readFileSync(path.join(base, 'outside'), 'utf8')).toBe('canary');
  });

  test("the C library's files", () => {
    const ended = runGuest('stdio', { preopens: [{ host: makeDirectory(), guest: '/' }] });
    expect(ended).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+ checks, 0 failures\n$/) as string, stderr: 'to stderr\n' });
  });

  test('arguments, environment, clocks, chance, exit code', () => {
    const ended = runGuest('process', { args: ['process.wasm', '', 'zwölf', 'a b'], env: { LANG: 'C', GRÖSSE: 'ü=1' } });
    expect(ended.stdout).toMatch(/^argument 0: process\.wasm\nargument 1: \nargument 2: zwölf\nargument 3: a b\nvariable: LANG=C\nvariable: GRÖSSE=ü=1\n\d+ checks, 0 failures\n$/);
    expect(ended.code).toBe(42);
  });

  test('a million bytes through standard input and output', () => {
    let left = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff));
    const input = left;
    const parts: Buffer[] = [];
    const ended = runGuest('echo', {
      stdin: {
        read(into) {
          const count = left.copy(into, 0, 0, Math.min(into.length, 54_321));
          left = left.subarray(count);
          return count;
        },
      },
      stdout: { write: (bytes) => void parts.push(Buffer.from(bytes)) },
    });
    expect(ended.stderr).toBe('1000000 bytes\n');
    expect(Buffer.concat(parts).equals(input)).toBe(true);
  });
});
