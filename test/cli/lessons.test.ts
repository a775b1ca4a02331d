// A program that fails for want of a directory or a variable is told the option that grants it; and that option is tried.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli, withDirectory, type CliResult } from '../support/cli.js';
import { compileGuest } from '../support/toolchain.js';

/** Reads its arguments (`--input=FILE` too), writes after `-o`, wants a variable after `-e`; ends with 1, or traps, when it cannot. */
const SOURCE = `
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static int complain(const char *path) { fprintf(stderr, "tool: cannot open '%s': %s\\n", path, strerror(errno)); return 1; }
int main(int argc, char **argv) {
  int quiet = 0;
  for (int i = 1; i < argc; i++) {
    const char *path = argv[i], *mode = "r";
    if (!strcmp(path, "-q")) { quiet = 1; continue; }
    if (!strcmp(path, "-t")) abort();
    if (!strcmp(path, "-n")) { fprintf(stderr, "note: run with TOOL_HOME=1 environment variable to see more\\n"); return 1; }
    if (!strcmp(path, "-e")) {
      if (getenv(argv[++i])) continue;
      fprintf(stderr, "tool: the variable %s is not set\\n", argv[i]);
      return 1;
    }
    if (!strcmp(path, "-o")) { path = argv[++i]; mode = "w"; }
    if (!strcmp(path, "-f")) path = "settings/tool.conf";
    if (!strncmp(path, "--input=", 8)) path += 8;
    FILE *file = fopen(path, mode);
    if (!file) return quiet ? 1 : complain(path);
    fclose(file);
  }
  return 0;
}`;

let tool: Uint8Array;
beforeAll(async () => {
  tool = readFileSync(await compileGuest(SOURCE));
});

interface Tried {
  readonly first: CliResult;
  readonly hints: readonly string[];
  readonly options: readonly string[];
  /** With the options that the hints named. */
  readonly second: CliResult;
}

/** In `here`, which has a sister directory and files all around. */
async function tryIt(given: readonly string[], args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Tried> {
  return withDirectory(async (directory) => {
    const here = path.join(directory, 'here');
    for (const name of ['here/data/deep', 'here/settings', 'here/with space', 'beside']) mkdirSync(path.join(directory, name), { recursive: true });
    for (const name of ['up.txt', 'beside/b.txt', 'here/in.txt', 'here/two.txt', 'here/data/d.txt', 'here/data/deep/e.txt', 'here/settings/tool.conf', 'here/with space/w.txt']) writeFileSync(path.join(directory, name), name);
    writeFileSync(path.join(here, 'tool.wasm'), tool);
    const expand = (words: readonly string[]) => words.map((word) => word.replaceAll('ROOT', directory));
    const run = (more: readonly string[]) => runCli(['run', ...expand(given), ...more, 'tool.wasm', ...expand(args)], { cwd: here, env });
    const first = await run([]);
    const hints = [...first.stderr.matchAll(/^hint: (.*)$/gm)].map(([, fact]) => fact!.replaceAll(directory, 'ROOT'));
    const options = [...first.stderr.matchAll(/^ {2}next {3}run it with `(.*)`$/gm)].map(([, option]) => option!);
    // As a shell would read them.
    const words = options.flatMap((option) => /^(--\w+) (.*)$/.exec(option)!.slice(1).map((word) => word.replace(/^'(.*)'$/, '$1').replace(/"\$(\w+)"/, (_, name: string) => env[name] ?? '')));
    return { first, hints, options: options.map((option) => option.replaceAll(directory, 'ROOT')), second: await run(words) };
  });
}

describe('a missing directory is named, and granting it helps', () => {
  test.each<[string, string[], string[], string[]]>([
    ['a file here', [], ['in.txt'], ['--dir .']],
    ['two files here', [], ['in.txt', 'two.txt'], ['--dir .']],
    ['a file below', [], ['data/d.txt'], ['--dir data']],
    ['a file far below', [], ['data/deep/e.txt'], ['--dir data/deep']],
    ['a file here and one below', [], ['in.txt', 'data/d.txt'], ['--dir .']],
    ['written with a dot in front', [], ['./data/d.txt'], ['--dir .']],
    ['above, when nothing is granted', [], ['../up.txt'], ['--dir ..']],
    ['above, when this directory is granted', ['--dir', '.'], ['../up.txt'], ['--dir ..']],
    ['beside', ['--dir', '.'], ['../beside/b.txt'], ['--dir ../beside']],
    ['absolute', [], ['ROOT/up.txt'], ['--dir ROOT']],
    ['absolute, when this directory is granted', ['--dir', '.'], ['ROOT/beside/b.txt'], ['--dir ROOT/beside']],
    ['behind an option', [], ['--input=data/d.txt'], ['--dir data']],
    ['a program that says nothing', [], ['-q', 'in.txt'], ['--dir .']],
    ['a file to be made, which is not there', [], ['-o', 'new.txt'], ['--dir .']],
    ['a file to be made above', ['--dir', '.'], ['-o', '../new.txt'], ['--dir ..']],
    ['a name that the program has by itself', [], ['-f'], ['--dir settings']],
    ['a name with a space', [], ['with space/w.txt'], ["--dir 'with space'"]],
    ['another directory is granted', ['--dir', 'data'], ['settings/tool.conf'], ['--dir settings']],
    ['two directories', [], ['data/d.txt', 'settings/tool.conf'], ['--dir data', '--dir settings']],
  ])('%s', async (_what, given, args, options) => {
    const tried = await tryIt(given, args);
    expect(tried.first.code).toBe(1);
    expect(tried.options).toEqual(options);
    expect(tried.second).toMatchObject({ code: 0, stderr: '' });
  });

  test('after a trap too', async () => {
    const { first, options } = await tryIt([], ['-q', '-t', 'in.txt']);
    expect([first.code, options]).toEqual([134, ['--dir .']]);
    expect(first.stderr).toMatch(/^error\[E_TRAP\][\s\S]*^hint: in\.txt is in no directory that the program was granted$/m);
  });

  test('a name that means another place to the program', async () => {
    const { first, hints } = await tryIt(['--dir', 'data::.'], ['in.txt']);
    expect(hints).toEqual(['in.txt is here, but means data/in.txt to the program, which is not there']);
    expect(first.stderr).toContain('correct `--dir data::.`');
  });

  test.each([[['--dir', 'data::data:ro'], 'data/new.txt', '--dir data'], [['--dir', '.::/srv:ro'], '/srv/new.txt', '--dir .::/srv']])('read-only: %s', async (given, file, option) => {
    const { first, hints } = await tryIt(given, ['-o', file]);
    expect(hints).toEqual([`${file} could not be written: ${given[1]!.split('::')[0]} was granted for reading only`]);
    expect(first.stderr).toContain(`leave out \`:ro\`, as in \`${option}\``);
  });
});

test('a variable that is set here', async () => {
  const { first, options, second } = await tryIt([], ['-e', 'TOOL_HOME'], { TOOL_HOME: '/x' });
  expect([first.code, options, second.code]).toEqual([1, ['--env TOOL_HOME="$TOOL_HOME"'], 0]);
});

test('a file that is not there: what the program could do with a directory is left open', async () => {
  expect((await tryIt([], ['no.txt'])).hints).toEqual(['no.txt is not there, and the program was granted no directory where it could make it']);
});

describe('nothing is said', () => {
  test.each<[string, string[], string[], number]>([
    ['of a program that succeeds', ['--dir', '.'], ['in.txt'], 0],
    ['of a file that is nowhere', ['--dir', '.'], ['no.txt'], 1],
    ['of a variable that is not set here either', [], ['-e', 'TOOL_HOME'], 1],
    ['of a variable that is only spoken of', [], ['-n'], 1],
    ['of a file that the program can see', ['--dir', '.'], ['in.txt', 'no.txt'], 1],
    ['with --quiet', ['--quiet'], ['in.txt'], 1],
  ])('%s', async (_what, given, args, code) => {
    const { first, hints } = await tryIt(given, args, args.includes('-n') ? { TOOL_HOME: '/x' } : {});
    expect([first.code, hints]).toEqual([code, []]);
  });

  test('of a program that cannot open files', () =>
    withDirectory(async (directory) => {
      writeFileSync(path.join(directory, 'in.txt'), '');
      writeFileSync(path.join(directory, 'p.wat'), '(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (func (export "_start") (call $exit (i32.const 1))))');
      expect(await runCli(['run', 'p.wat', 'in.txt'], { cwd: directory })).toEqual({ code: 1, stdout: '', stderr: '' });
    }));
});

describe('a mapping written the other way round', () => {
  test.each([
    ['/guest-name::data', 'data::/guest-name'],
    ['/guest-name::data:ro', 'data::/guest-name:ro'],
    ['data:/guest-name', 'data::/guest-name'],
    ['/guest-name:data', 'data::/guest-name'],
    ['data:ro', 'data::data:ro'],
  ])('%s', async (given, meant) => {
    const { first } = await tryIt(['--dir', given], []);
    expect(first.code).toBe(1);
    expect(first.stderr).toMatch(/^error\[E_PREOPEN\]/);
    expect(first.stderr).toContain(`the order is HOST::GUEST; write \`--dir ${meant}\``);
  });

  test('neither way: what there is to do about a directory that is not there', async () => {
    const { first } = await tryIt(['--dir', 'none::/guest-name'], []);
    expect(first.stderr).toContain('create it, or correct the path');
  });
});
