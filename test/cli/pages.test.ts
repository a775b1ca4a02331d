// What README and the pages of docs/ show of runs, line for line as it is printed. A block of `console` is run from top to
// bottom in a directory with the examples; a block that needs more than them is named below, with the reason.
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT, runCli, withDirectory } from '../support/cli.js';
import { portableHome, portableToolchain } from '../support/toolchain.js';

const DEEP = `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func $down (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
  (func (export "_start") (call $exit (call $down (i32.const 100000)))))`;

/** Blocks that are not run here: how they begin, and why. */
const NOT_RUN: readonly (readonly [begins: string, why: string])[] = [
  ['$ npx wasienv setup', 'a whole setup: test/cli/setup.test.ts and .ci/run do it'],
  ['$ npx wasienv doctor', 'what a machine has'],
  ['$ make 2>&1 | npx wasienv explain', 'a log: test/explain holds its rules'],
  ['$ . ~/.local/share/wasienv/env/setenv.sh', 'shells: test/setenv'],
  ['$ wasienv c++ --exceptions', 'paths of a home: test/compiler/modes.test.ts'],
];

/** The durations, the guest's own lines and those about it in any order (they come on two streams), and which of its threads returned before the program ended. */
const masked = (text: string): string[] =>
  text.replace(/<\d+(?:\.\d)? (?:µs|ms|s)>/g, '<TIME>').split('\n').filter((line) => line !== '' && !/^\[\d+\] \+{3} returned \+{3}$/.test(line)).sort();

/** `…` alone on the last line: what follows is left out of the page. */
const shownPart = (output: readonly string[], actual: string): string => {
  if (output.at(-1) !== '…') return actual;
  return actual.split('\n').slice(0, output.length - 1).join('\n');
};

async function expectRun(line: string, output: readonly string[], directory: string, home: string): Promise<void> {
  let said = '';
  let last = 0;
  for (const part of line.split(/ && | ; /)) {
    const words = part.replace(/^npx /, '').split(' ');
    if (part === 'rm notes.txt') rmSync(path.join(directory, 'notes.txt'));
    else if (part.startsWith('genhtml ')) continue;
    else if (part === 'echo "exit code $?"') said += `exit code ${last}\n`;
    else {
      expect(words[0], `${line}: a command that this test can run`).toBe('wasienv');
      const { code, stdout, stderr } = await runCli(words.slice(1), { cwd: directory, env: { WASIENV_HOME: home } });
      last = Number(code);
      said += `${stdout}${stderr}`;
    }
  }
  expect(masked(shownPart(output, said))).toEqual(masked(output.filter((each) => each !== '…').join('\n')));
}

const PAGES = ['README.md', ...readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`)];
const blocks = PAGES.flatMap((page) => [...readFileSync(path.join(ROOT, page), 'utf8').matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block]) => [page, block!] as const));
const isRun = (block: string): boolean => !NOT_RUN.some(([begins]) => block.startsWith(begins));

test('what is not run is there', () => {
  expect(NOT_RUN.filter(([begins]) => !blocks.some(([, block]) => block.startsWith(begins))).map(([begins]) => begins)).toEqual([]);
});

describe.each(PAGES.filter((page) => blocks.some(([of, block]) => of === page && isRun(block))))('%s', (page) => {
  test.each(blocks.filter(([of, block]) => of === page && isRun(block)).map(([, block]) => block))('%s', async (block) => {
    await portableToolchain();
    const home = await portableHome();
    await withDirectory(async (directory) => {
      cpSync(path.join(ROOT, 'examples'), path.join(directory, 'examples'), { recursive: true });
      writeFileSync(path.join(directory, 'notes.txt'), 'first line\nsecond line\n');
      writeFileSync(path.join(directory, 'deep.wat'), DEEP);
      // What an earlier block of the page has compiled.
      const typed = block.split('\n').filter((line) => line.startsWith('$ ')).join('\n');
      const made = new Set([...typed.matchAll(/-o (\w+)\.wasm|examples\/(\w+)\.c/g)].map(([, output, source]) => output ?? source));
      for (const [, name] of typed.matchAll(/(\w+)\.wasm/g)) {
        if (made.has(name)) continue;
        made.add(name);
        const { code, stderr } = await runCli(['cc', '-g', `examples/${name}.c`], { cwd: directory, env: { WASIENV_HOME: home } });
        expect([code, stderr]).toEqual([0, '']);
      }
      for (const part of block.split(/^\$ /m).slice(1)) {
        const [line, ...output] = part.trimEnd().split('\n');
        await expectRun(line!, output, directory, home);
      }
    });
  });
});
