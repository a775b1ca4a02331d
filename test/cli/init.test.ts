// `init` writes projects that build, run and test themselves: done here with the real make, compilers and runner.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { BIN, runCli, withDirectory } from '../support/cli.js';
import { debianClang } from '../support/debian.js';
import { portableHome, portableToolchain } from '../support/toolchain.js';

let home: string;
beforeAll(async () => {
  await portableToolchain();
  home = await portableHome();
});

describe.each([['c', 'main.c'], ['c++', 'main.cc']])('%s', (language, source) => {
  test('builds, runs and passes its test', () => withDirectory(async (directory) => {
    const { code, stdout } = await runCli(['init', language, 'my hello'], { cwd: directory });
    expect(code).toBe(0);
    expect(stdout).toContain(`wrote  ${path.join('my hello', source)}`);
    expect(stdout).toContain("next   cd 'my hello' && make");
    const make = (target: string) => execFileSync('make', ['-s', target, `WASIENV=${process.execPath} ${BIN}`], {
      cwd: path.join(directory, 'my hello'), encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: directory, WASIENV_HOME: home },
    });
    expect(make('run')).toBe('Hello, world!\n');
    make('test');
    expect(existsSync(path.join(directory, 'my hello', 'my-hello.wasm'))).toBe(true);
    // A test that cannot fail proves nothing.
    writeFileSync(path.join(directory, 'my hello', language === 'c' ? 'greet.c' : 'greet.cc'), language === 'c'
      ? '#include "greet.h"\nchar *greet(char *line, const char *name) { (void)name; line[0] = 0; return line; }\n'
      : '#include "greet.h"\nstd::string greet(std::string_view) { return ""; }\n');
    expect(() => make('test')).toThrow();
  }));
});

test('rust: builds, runs and passes its test', async ({ skip }) => {
  const debian = debianClang(['cargo', 'lld', 'rust', 'rust-std']);
  if ('missing' in debian) return skip(debian.missing);
  await withDirectory(async (directory) => {
    expect((await runCli(['init', 'rust', 'crate'], { cwd: directory })).code).toBe(0);
    const cargo = (...args: string[]) => runCli(['cargo', ...args, '--offline'], { cwd: path.join(directory, 'crate'), env: debian.env });
    expect(await cargo('run', '-q')).toMatchObject({ code: 0, stdout: 'Hello, world!\n' });
    expect((await cargo('test', '-q')).stdout).toContain('1 passed');
  });
});

test('nothing that is there is touched, and then nothing is written', () => withDirectory(async (directory) => {
  mkdirSync(path.join(directory, 'p'));
  writeFileSync(path.join(directory, 'p', 'greet.c'), 'mine');
  const { code, stderr } = await runCli(['init', 'c', 'p'], { cwd: directory });
  expect(code).toBe(1);
  expect(stderr).toContain('error[E_FILE]: a file is in the way; nothing was written');
  expect(readdirSync(path.join(directory, 'p'))).toEqual(['greet.c']);
  expect(readFileSync(path.join(directory, 'p', 'greet.c'), 'utf8')).toBe('mine');
}));

test('a language there is no project for is a usage error', async () => {
  const { code, stderr } = await runCli(['init', 'hello']);
  expect(code).toBe(2);
  expect(stderr).toContain('`wasienv init c hello`');
});
