// README says what is true: every command line in it is one wasienv understands, and the lists in it are whole.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND_NAMES, isCommand, loadCommand } from '../src/cli/command-table.js';
import { TOP_OPTIONS, parseCommandLine, parseOptions, splitAtCommand } from '../src/cli/parse-arguments.js';
import { TOPICS } from '../src/cli/topics.js';
import { ROOT } from './support/cli.js';

const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

/** `wasienv …` in code spans and in lines of code blocks, cut at what ends a command in a shell. */
function commandLines(text: string): string[] {
  const found: string[] = [];
  const blocks = /^```\w*\n([\s\S]*?)^```$/gm;
  for (const [, block] of text.matchAll(blocks)) {
    const lines = block!.split('\n');
    const typed = lines.some((line) => line.startsWith('$ ')) ? lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2)) : lines;
    for (const line of typed) for (const part of line.replace(/ +#.*/, '').split(/&&|\|\||[|;]/)) if (/^(npx )?wasienv\b/.test(part.trim())) found.push(part.trim().replace(/^npx /, ''));
  }
  // The table of commands holds usage lines, which are no command lines; it has a test of its own.
  for (const [, span] of text.replace(blocks, '').replace(/^\|.*$/gm, '').matchAll(/`((?:npx )?wasienv [^`]+)`/g)) found.push(span!.replace(/^npx /, ''));
  return found;
}

const lines = commandLines(readme);

test('the reader of README finds command lines', () => {
  expect(commandLines('```sh\nnpm ci && npx wasienv setup   # why\n```\nor `wasienv help errors`\n```console\n$ wasienv cc a.c && wasienv run a.wasm | cat\nwasienv: not typed\n```\n')).toEqual([
    'wasienv setup',
    'wasienv cc a.c',
    'wasienv run a.wasm',
    'wasienv help errors',
  ]);
  expect(lines.length).toBeGreaterThan(4);
});

test.each([...new Set(lines)])('%s', async (line) => {
  const [, ...argv] = line.split(/\s+/);
  const { before, command: name, rest } = splitAtCommand(argv);
  parseOptions(before, TOP_OPTIONS, undefined, false);
  if (name === undefined || name === 'COMMAND') return;
  expect(isCommand(name), `there is a command ${name}`).toBe(true);
  if (!isCommand(name)) return;
  const { input } = parseCommandLine(await loadCommand(name), rest);
  if (name === 'help' && input.operands[0] !== undefined) expect([...COMMAND_NAMES, ...Object.keys(TOPICS), 'COMMAND', 'TOPIC']).toContain(input.operands[0]);
});

describe('the table of commands', () => {
  test('has every command with its usage and its summary', async () => {
    const section = /^## Commands\n([\s\S]*?)^## /m.exec(readme)?.[1] ?? '';
    const rows = [...section.matchAll(/^\| `wasienv ((?:[^`\\]|\\\|)+)` \| (.+) \|$/gm)].map(([, usage, summary]) => [usage!.replaceAll('\\|', '|'), summary]);
    expect(rows).toEqual(await Promise.all(COMMAND_NAMES.map(async (name) => loadCommand(name).then(({ usage, summary }) => [usage[0], summary]))));
  });
});

test('the exit codes are those of `help exit-codes`', () => {
  const section = /^## Exit codes\n([\s\S]*?)^## /m.exec(readme)?.[1] ?? '';
  const named = [...section.matchAll(/`(\d+)`/g)].map(([, code]) => code);
  const { rows } = TOPICS['exit-codes']!;
  expect(named).toEqual(rows.map(([code]) => code).filter((code) => code !== '0'));
});
