// README and the pages of docs/ say what is true: every command line in them is one wasienv understands, every link leads
// somewhere, and the lists are whole. What they show of runs is held by test/cli/pages.test.ts.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND_NAMES, isCommand, loadCommand } from '../src/cli/command-table.js';
import { TOP_OPTIONS, parseCommandLine, parseOptions, splitAtCommand } from '../src/cli/parse-arguments.js';
import { TOPICS } from '../src/cli/topics.js';
import { ROOT } from './support/cli.js';

const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const PAGES = new Map(['README.md', ...readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`)].map((name) => [name, readFileSync(path.join(ROOT, name), 'utf8')]));

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

const lines = [...PAGES.values()].flatMap(commandLines);

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

/** The anchors of a page, as GitHub makes them of headings: blanks become `-`, other marks go. */
function anchors(text: string): Set<string> {
  const headings = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!)]);
}

describe.each([...PAGES])('%s', (name, text) => {
  test('has no link that leads nowhere', () => {
    const links = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)]+)\)/g)].map(([, to]) => to!).filter((to) => !/^https?:/.test(to));
    const dead = links.filter((to) => {
      const [file, anchor] = to.split('#');
      const target = file === '' ? name : path.posix.join(path.posix.dirname(name), file!);
      if (!existsSync(path.join(ROOT, target))) return true;
      return anchor !== undefined && !anchors(PAGES.get(target) ?? '').has(anchor);
    });
    expect(dead).toEqual([]);
  });

  test('stands in README’s list of pages, and has no heading twice', () => {
    if (name !== 'README.md') expect(/^## Find your way\n([\s\S]*?)^## /m.exec(readme)?.[1]).toContain(`(${name})`);
    const headings = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
    expect(headings).toEqual([...new Set(headings)]);
  });
});

test('a person who comes reads README to its end', () => {
  expect(readme.split('\n').length).toBeLessThan(320);
});

test('nothing is said twice: no line of text stands in two pages', () => {
  const seen = new Map<string, string>();
  const twice: string[] = [];
  for (const [name, text] of PAGES) {
    for (const line of text.replace(/^```[\s\S]*?^```$/gm, '').split('\n')) {
      if (line.length < 60) continue;
      if (seen.has(line) && seen.get(line) !== name) twice.push(`${name} and ${seen.get(line)}: ${line}`);
      if (!seen.has(line)) seen.set(line, name);
    }
  }
  expect(twice).toEqual([]);
});

test('the exit codes are those of `help exit-codes`', () => {
  const section = /^## Exit codes\n([\s\S]*?)^## /m.exec(readme)?.[1] ?? '';
  const named = [...section.matchAll(/`(\d+)`/g)].map(([, code]) => code);
  const { rows } = TOPICS['exit-codes']!;
  expect(named).toEqual(rows.map(([code]) => code).filter((code) => code !== '0'));
});
