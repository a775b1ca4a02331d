// What people type who do not know wasienv yet, and what they are told: each line names what happened and the next command.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { NO_PAINT } from '../../src/base/paint.js';
import { COMMAND_NAMES, loadCommand } from '../../src/cli/command-table.js';
import { renderCommandHelp, renderOverview, renderTopic } from '../../src/cli/help.js';
import { TOPICS } from '../../src/cli/topics.js';
import { nearestCommand } from '../../src/cli/nearest.js';
import { bareEnvironment, BIN, ROOT, runCli, withDirectory } from '../support/cli.js';

describe('a command by another tool’s name', () => {
  test.each([
    ['install', 'setup'], ['isntall', 'setup'], ['uninstal', 'uninstall'], ['clang++', 'c++'], ['gcc', 'cc'], ['remove', 'uninstall'], ['ls', 'list'], ['stup', 'setup'], ['rnu', 'run'], ['docter', 'doctor'],
  ])('%s is answered with %s', (typed, meant) => {
    expect(nearestCommand(typed)).toBe(meant);
  });
  test('what resembles nothing is answered with nothing', () => {
    expect(nearestCommand('xyzzyplugh')).toBeUndefined();
  });
});

describe('help fits a terminal of 80 columns', () => {
  const page = { colour: NO_PAINT, width: 80 };
  // A command line of an example stays whole, to be copied, and so does a single long word.
  const tooLong = (text: string): string[] => text.split('\n').filter((line) => line.length > 80 && !/^ {2}wasienv /.test(line) && line.trim().includes(' '));
  test.each(COMMAND_NAMES)('of %s, with an example', async (name) => {
    const help = renderCommandHelp(await loadCommand(name), page);
    expect(tooLong(help)).toEqual([]);
    expect(help).toMatch(/^Examples\n {2}.*wasienv /m);
  });
  test.each(Object.keys(TOPICS))('about %s', (name) => expect(tooLong(renderTopic(name, page))).toEqual([]));
  test('and the overview', async () => expect(tooLong(await renderOverview(page))).toEqual([]));
});

test('a component without the version after its @ is a usage error', async () => {
  const { code, stderr } = await runCli(['setup', 'wasi-sdk@']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('a version is missing after the `@` of `wasi-sdk@`')]);
  expect(stderr).toContain('`wasienv list-remote wasi-sdk`');
});

test('a project whose Makefile would not find wasienv is told how to put it on PATH', async () => {
  const without = await runCli(['init', 'c', 'hello'], { env: { PATH: '/nowhere:/somewhere/node_modules/.bin' } });
  expect([without.code, without.stderr]).toEqual([0, `note: the Makefile starts \`wasienv\`, which is not on PATH: \`npm install --global ${ROOT}\` puts it there\n`]);
  await withDirectory(async (directory) => {
    writeFileSync(path.join(directory, 'wasienv'), '');
    expect(await runCli(['init', 'c', 'hello'], { env: { PATH: directory } })).toMatchObject({ code: 0, stderr: '' });
  });
});

test.skipIf(process.platform === 'win32')('a rustup without a default toolchain is told so, and not to install rustup', async () => {
  await withDirectory(async (directory) => {
    // rustup 1.28, as its rustc answers.
    writeFileSync(path.join(directory, 'rustc'), '#!/bin/sh\necho "error: rustup could not choose a version of rustc to run, because one wasn\'t specified explicitly, and no default is configured." >&2\nexit 1\n', { mode: 0o755 });
    const { code, stderr } = await runCli(['rustc', 'a.rs'], { env: { PATH: directory, RUSTC: path.join(directory, 'rustc') } });
    expect(code).toBe(1);
    expect(stderr).toContain('next    run `rustup default stable`, then `wasienv setup rust-target`');
  });
});

test.skipIf(process.platform === 'win32')('a doctor who is stopped tells no findings of what was cut short', async () => {
  await withDirectory(async (directory) => {
    // The doctor asks every runtime on PATH for its version; this one answers with Ctrl-C.
    writeFileSync(path.join(directory, 'wasmtime'), '#!/bin/sh\nkill -INT $PPID\n', { mode: 0o755 });
    const { code, stdout, stderr } = await runCli(['doctor'], { env: { PATH: directory } });
    expect([code, stdout, stderr]).toEqual([130, '', expect.stringContaining('error[E_INTERRUPTED]')]);
  });
});

test('a mirror that is mistyped does not send setup to the network', async () => {
  const { code, stderr } = await runCli(['setup', '--mirror', 'nowhere/mirror']);
  expect([code, stderr]).toEqual([1, expect.stringContaining('error[E_SOURCE]: the mirror cannot be used: there is no such directory')]);
});

test('a source given to run is told from a module that is broken', async () => {
  const { code, stderr } = await runCli(['run', path.join(ROOT, 'examples/first.c')]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('`wasienv cc FILE.c')]);
});

test('cc --help tells about cc before there is a clang', async () => {
  const { code, stdout } = await runCli(['cc', '--help']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('wasienv cc: compile C to WebAssembly with clang')]);
});

test.skipIf(process.platform !== 'linux')('a directory that cannot be made is an error, and does not take for ever', async () => {
  const { code, stderr } = await runCli(['init', 'c', '/proc/wasienv-nothing/project']);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^error\[E_FILE\]: \/proc\/wasienv-nothing\/project\/\S+ cannot be written/)]);
});

test.skipIf(process.platform !== 'linux').each([['--version'], ['help', 'errors'], ['list-remote']])('an output that is full is an error, in words: %s', (...args) => {
  const full = openSync('/dev/full', 'w');
  try {
    const { status, stderr } = spawnSync(process.execPath, [BIN, ...args], { stdio: ['ignore', full, 'pipe'], encoding: 'utf8', env: bareEnvironment('/nonexistent') });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/error\[E_DISK_FULL\]: standard output cannot be written: the disk is full\n {2}next /)]);
    expect(stderr).not.toContain('    at ');
  } finally {
    closeSync(full);
  }
});
