// cc, c++ and the LLVM tools from the command line: what is ours about them. What clang itself does is test/compiler's.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { portableHome, portableToolchain } from '../support/toolchain.js';
import { ROOT, expectGolden, runCli, transcript, withDirectory, type CliResult } from '../support/cli.js';

let home: string;
beforeAll(async () => {
  await portableToolchain();
  home = await portableHome();
});

/** In a fresh directory that holds the examples; gives the result and the directory to look into. */
const inExamples = (use: (directory: string, cli: (...args: string[]) => Promise<CliResult>) => Promise<void>) =>
  withDirectory(async (directory) => {
    for (const name of ['first.c', 'first.cc']) copyFileSync(path.join(ROOT, 'examples', name), path.join(directory, name));
    await use(directory, (...args) => runCli(args, { cwd: directory, env: { WASIENV_HOME: home } }));
  });

const MAGIC = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

describe('cc and c++', () => {
  test('write NAME.wasm, which runs', () =>
    inExamples(async (directory, cli) => {
      expect(await cli('cc', 'first.c')).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(readFileSync(path.join(directory, 'first.wasm')).subarray(0, 8)).toEqual(MAGIC);
      expect(await cli('run', 'first.wasm')).toEqual({ code: 0, stdout: 'First wasi...\n', stderr: '' });
      expect(await cli('c++', '-o', 'other.wasm', 'first.cc')).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(readFileSync(path.join(directory, 'other.wasm')).subarray(0, 8)).toEqual(MAGIC);
      expect(await cli('run', 'other.wasm')).toEqual({ code: 0, stdout: 'First wasi in C++...\n', stderr: '' });
    }));

  test("clang's diagnostics and exit code are its own, uncoloured in a pipe", () =>
    inExamples(async (directory, cli) => {
      writeFileSync(path.join(directory, 'bad.c'), 'int main(void) { return x; }\n');
      expectGolden('cc-diagnostic', transcript(['cc', 'bad.c'], await cli('cc', 'bad.c')));
      expect(existsSync(path.join(directory, 'bad.wasm'))).toBe(false);
    }));

  test('no option is ours but --show in front', () =>
    inExamples(async (directory, cli) => {
      expect((await cli('cc', '--help')).stdout).toContain('OVERVIEW: clang LLVM compiler');
      expect((await cli('cc', '--version')).stdout).toMatch(/^clang version \d/);
      expect((await cli('cc', '--json')).stderr).toContain("unknown argument: '--json'");
      const { stdout } = await cli('cc', '--show', 'first.c', '-O2');
      expect(stdout.split('\n')[0]).toMatch(/^clang --target=wasm32-wasip1 .* first\.c -O2 -o first\.wasm$/);
      expect(existsSync(path.join(directory, 'first.wasm')), '--show runs nothing').toBe(false);
    }));
});

test('the LLVM tools work together', () =>
  inExamples(async (_, cli) => {
    expect((await cli('cc', '-g', '-c', 'first.c')).code).toBe(0);
    expect((await cli('ar', 'rcs', 'lib.a', 'first.o')).code).toBe(0);
    expect((await cli('ranlib', 'lib.a')).code).toBe(0);
    expect((await cli('ar', 't', 'lib.a')).stdout).toBe('first.o\n');
    expect((await cli('nm', 'first.o')).stdout).toMatch(/ T \S*main/);
    expect((await cli('objdump', '-h', 'first.o')).stdout).toContain('file format wasm');
    expect((await cli('size', 'first.o')).stdout).toMatch(/first\.o\n$/);
    expect((await cli('strip', '-o', 'small.o', 'first.o')).code).toBe(0);
  }));

describe('without a toolchain', () => {
  test.each([
    ['cc-no-toolchain', ['cc', 'first.c']],
    ['nm-no-toolchain', ['nm', 'first.wasm']],
  ])('%s', async (name, args) => {
    const result = await runCli(args, { env: { WASIENV_HOME: '/nonexistent/wasienv' } });
    expectGolden(name, transcript(args, result));
  });

  test('a relative WASIENV_HOME is refused', async () => {
    const result = await runCli(['cc', 'x.c'], { env: { WASIENV_HOME: 'here' } });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^error\[E_HOME_UNWRITABLE\]: /);
  });

  test('a home that is not ours to read is an error of ours, not of clang', () =>
    withDirectory(async (directory) => {
      mkdirSync(path.join(directory, 'receipts'));
      writeFileSync(path.join(directory, 'receipts', 'portable-clang.json'), 'not json');
      const result = await runCli(['cc', 'x.c'], { env: { WASIENV_HOME: directory } });
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(/^error\[E_RECEIPT\]: /);
    }));
});
