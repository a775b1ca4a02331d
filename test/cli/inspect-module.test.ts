// `wasienv inspect` as it is typed: a page for people, data for programs.
import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { inspectionLines } from '../../src/cli/inspect-text.js';
import { describeModule } from '../../src/inspect/about/describe.js';
import { encode, parse } from '../../src/wasm/index.js';
import { expectGolden, ROOT, runCli, transcript, withDirectory } from '../support/cli.js';
import { schemaFaults } from '../support/json-schema.js';
import { compileGuest } from '../support/toolchain.js';

const inDirectory = (texts: Readonly<Record<string, string>>, use: (directory: string) => Promise<void>): Promise<void> =>
  withDirectory(async (directory) => {
    for (const [file, text] of Object.entries(texts)) writeFileSync(path.join(directory, file), text);
    await use(directory);
  });

test('a program, a library and one of another host', () =>
  inDirectory(
    {
      'first.wat': '(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32))) (import "wasi_snapshot_preview1" "path_open" (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))) (memory (export "memory") 2 16) (func (export "_start") (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))',
      'library.wat': '(module (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))',
      'browser.wat': '(module (import "env" "emscripten_notify_memory_growth" (func (param i32))) (func (export "_start")) (global (export "__heap") i32 (i32.add (i32.const 1) (i32.const 2))))',
    },
    async (cwd) => {
      for (const name of ['first', 'library', 'browser']) expectGolden(`inspect-${name}`, transcript(['inspect', `${name}.wat`], await runCli(['inspect', `${name}.wat`], { cwd })));
    },
  ));

describe('--json', () => {
  test('is what its schema says, for programs, objects, texts and components', async () => {
    const program = await compileGuest('#include <stdio.h>\nint main(void) { puts("hi"); return 0; }\n', { args: ['-g'] });
    const object = await compileGuest('#include <stdio.h>\nint main(void) { puts("hi"); return 0; }\n', { args: ['-c'] });
    await withDirectory(async (cwd) => {
      copyFileSync(program, path.join(cwd, 'p.wasm'));
      copyFileSync(object, path.join(cwd, 'p.o'));
      writeFileSync(path.join(cwd, 'c.wasm'), Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]));
      const told = async (file: string) => {
        const { code, stdout } = await runCli(['inspect', '--json', file], { cwd });
        expect(code).toBe(0);
        const value = JSON.parse(stdout) as { kind: string; run: { possible: boolean; options: string[] } };
        expect(schemaFaults('inspect.schema.json', value), file).toEqual([]);
        return value;
      };
      expect(await told('p.wasm')).toMatchObject({ file: 'p.wasm', kind: 'command', run: { possible: true, options: [] } });
      expect(await told('p.o')).toMatchObject({ kind: 'object file', run: { possible: false, next: expect.stringContaining('wasienv cc') } });
      expect(await told('c.wasm')).toMatchObject({ kind: 'component', run: { possible: false } });
      expect(await told(path.join(ROOT, 'examples/first.wat'))).toMatchObject({ form: 'text', run: { possible: true } });
    });
  });
});

test('names of a module cannot move the cursor', () => {
  const { description } = describeModule(encode(parse('(module (import "\\1b[2J" "\\07" (func)) (func (export "\\1b[31m")))')), 'm.wasm');
  const text = inspectionLines('\u001b[1m.wasm', description, { possible: true, reason: null, next: null, options: [] }).join('\n');
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  expect(text).toContain('\\x1b[31m');
});

test('no FILE, and two', async () => {
  expect(await runCli(['inspect'])).toMatchObject({ code: 2, stderr: expect.stringContaining('E_USAGE') });
  expect(await runCli(['inspect', 'a', 'b'])).toMatchObject({ code: 2 });
  expect(await runCli(['inspect', 'nothing.wasm'])).toMatchObject({ code: 1, stderr: expect.stringContaining('E_FILE') });
});
