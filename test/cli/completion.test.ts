// Completion scripts in the real shells: what they offer for a line that is being typed.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND_NAMES } from '../../src/cli/command-table.js';
import { COMPLETION_SHELLS } from '../../src/cli/completion/shells.js';
import { runCli } from '../support/cli.js';
import { need, type Need } from '../support/skips.js';

const directory = mkdtempSync(path.join(tmpdir(), 'wasienv-completion-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const script = (shell: string): string => path.join(directory, `wasienv.${shell}`);
beforeAll(async () => {
  for (const shell of COMPLETION_SHELLS) writeFileSync(script(shell), (await runCli(['completion', shell])).stdout);
  writeFileSync(path.join(directory, 'a b.wasm'), '');
});

const here = (shell: string): Need => need(spawnSync(shell, ['-c', 'true']).status === 0, `there is no ${shell}`);
const run = (shell: string, args: readonly string[]): string[] => execFileSync(shell, args, { cwd: directory, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: directory, LC_ALL: 'C.UTF-8' } }).split('\n').filter((line) => line !== '');

/** What is offered for the words, the last of which is being typed. */
type Offer = (...words: string[]) => string[];

const OFFERS: Readonly<Record<string, Offer>> = {
  bash: (...words) => run('bash', ['--norc', '-c', '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wasienv wasienv "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"; printf "%s\\n" "${COMPREPLY[@]}"', 'bash', script('bash'), ...words]),
  fish: (...words) => run('fish', ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script('fish'), words.join(' ')]).map((line) => line.split('\t')[0]!),
};

describe.each(Object.entries(OFFERS).map(([shell, offer]) => [`${shell}${here(shell).why}`, shell, offer] as const))('%s', (_, shell, offer) => {
  test.skipIf(here(shell).unmet)('offers every command, and no option until a dash is typed', () => {
    expect(offer('wasienv', '').sort()).toEqual([...COMMAND_NAMES].sort());
    expect(offer('wasienv', 'un')).toEqual(['uninstall']);
  });

  test.skipIf(here(shell).unmet)('offers the options of the command, their values, and its operands', () => {
    expect(offer('wasienv', 'doctor', '--')).toEqual(expect.arrayContaining(['--deep', '--fix', '--json', '--help']));
    expect(offer('wasienv', 'doctor', '--')).not.toContain('--source');
    expect(offer('wasienv', 'setup', '--source', 'a').sort()).toEqual(['apt', 'auto']);
    expect(offer('wasienv', 'use', 'wasi-s').sort()).toEqual(['wasi-sdk', 'wasi-sysroot']);
    expect(offer('wasienv', 'help', 'exit')).toEqual(['exit-codes']);
    expect(offer('wasienv', 'completion', 'f')).toEqual(['fish']);
  });

  test.skipIf(here(shell).unmet)('offers files where files are meant', () => {
    expect(offer('wasienv', 'run', 'a').join()).toMatch(/^a(?: |\\ )b\.wasm$/);
  });
});

test.skipIf(here('zsh').unmet)(`zsh is told the commands, and of each its options, values and operands${here('zsh').why}`, () => {
  // zsh's own `_arguments` and `_describe` work inside its line editor only; here they print what they are given.
  const told = (...words: string[]) => run('zsh', ['-f', '-c', `
    compdef() { }
    _describe() { print -l -- "\${(@P)4}" }
    _arguments() { print -l -- "$@" }
    source "$1"; shift
    words=("$@") CURRENT=$#
    _wasienv
  `, 'zsh', script('zsh'), ...words]);
  for (const name of COMMAND_NAMES) expect(told('wasienv', '').some((line) => line.startsWith(`${name}:`)), name).toBe(true);
  expect(told('wasienv', 'env', '--shell=')).toContainEqual(expect.stringMatching(/^\*--shell=\[.*\]:value:\(posix fish powershell cmd nu\)$/));
  expect(told('wasienv', 'use', '')).toContainEqual(expect.stringMatching(/^\*:word:\(wasi-sdk wasi-sysroot /));
  expect(told('wasienv', 'run', '')).toContain('*::file:_files');
});

test('PowerShell’s script holds every command', async () => {
  const { stdout } = await runCli(['completion', 'powershell']);
  for (const name of COMMAND_NAMES) expect(stdout).toContain(`'${name}' = @{ Options = `);
});

test('another shell is a usage error that names those there are', async () => {
  const { code, stderr } = await runCli(['completion', 'fihs']);
  expect(code).toBe(2);
  expect(stderr).toContain('did you mean `fish`?');
});
