// The runs in README's section on programs that misbehave, line for line as they are printed; only durations differ.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, runCli, withDirectory } from '../support/cli.js';
import { compileGuest } from '../support/toolchain.js';

const section = /^## When a program misbehaves\n([\s\S]*?)^## /m.exec(readFileSync(path.join(ROOT, 'README.md'), 'utf8'))?.[1] ?? '';
const blocks = [...section.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block]) => block!).filter((block) => /^\$ npx wasienv run .*(count\.wasm|deep\.wat)/m.test(block));

const DEEP = `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func $down (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
  (func (export "_start") (call $exit (call $down (i32.const 100000)))))`;

/** Both streams of the program and the trace, as one screen would have them: the trace says where the program wrote. */
const masked = (text: string): string[] =>
  text
    .replace(/<\d+(?:\.\d)? (?:µs|ms|s)>/g, '<TIME>')
    .split('\n')
    .filter((line) => line !== '')
    .sort();

test('there are some', () => expect(blocks.length).toBe(4));

test.each(blocks)('%s', async (block) => {
  const count = readFileSync(await compileGuest({ file: path.join(ROOT, 'examples', 'count.c') }));
  await withDirectory(async (directory) => {
    writeFileSync(path.join(directory, 'count.wasm'), count);
    writeFileSync(path.join(directory, 'notes.txt'), 'first line\nsecond line\n');
    writeFileSync(path.join(directory, 'deep.wat'), DEEP);
    for (const part of block.split(/^\$ /m).slice(1)) {
      const [line, ...output] = part.split('\n');
      if (line === 'rm notes.txt') {
        rmSync(path.join(directory, 'notes.txt'));
        continue;
      }
      const args = /^npx wasienv (.*)$/.exec(line!)![1]!.split(' ');
      const { stdout, stderr } = await runCli(args, { cwd: directory });
      expect(masked(`${stdout}${stderr}`)).toEqual(masked(output.join('\n')));
    }
  });
});
