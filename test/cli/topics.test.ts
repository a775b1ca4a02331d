// `help environment` and `help events` are whole: compared with what the code reads and emits.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { COMMAND_NAMES, loadCommand } from '../../src/cli/command-table.js';
import { ENVIRONMENT, TOPICS } from '../../src/cli/topics.js';
import { ROOT } from '../support/cli.js';

/** Names of variables read anywhere but in doctor, which reports on foreign ones. */
function variablesRead(): Set<string> {
  const source = path.join(ROOT, 'src');
  const names = new Set<string>();
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.startsWith('doctor')) continue;
    const code = readFileSync(path.join(source, file), 'utf8');
    for (const [, name] of code.matchAll(/\benv\[\s*['"](\w+)['"]\s*\]|\bnamed\('(\w+)'\)/g)) if (name !== undefined) names.add(name);
    for (const [, name] of code.matchAll(/\bnamed\('(\w+)'\)/g)) names.add(name!);
  }
  for (const file of readdirSync(path.join(ROOT, 'bin'))) for (const [, name] of readFileSync(path.join(ROOT, 'bin', file), 'utf8').matchAll(/\benv\.(\w+)/g)) names.add(name!);
  return names;
}

test('every variable the code reads is told of, and the other way round', () => {
  const read = variablesRead();
  expect(read.size).toBeGreaterThan(8);
  const told = ENVIRONMENT.map(([name, meaning]) => `${name} ${meaning}`).join(' ');
  expect([...read].filter((name) => !new RegExp(`\\b${name}\\b`, 'i').test(told))).toEqual([]);
  expect(ENVIRONMENT.map(([name]) => name).filter((name) => !read.has(name))).toEqual([]);
});

test('every command with --json has a row in `help json`, and every schema it names is there', async () => {
  const rows = TOPICS['json']!.rows;
  const told = rows.flatMap(([names]) => names.split(', '));
  for (const name of COMMAND_NAMES) if (Object.hasOwn((await loadCommand(name)).options, 'json')) expect(told, name).toContain(name);
  const schemas = readdirSync(path.join(ROOT, 'manifests'));
  for (const [, file] of rows.map(([, text]) => text).join(' ').matchAll(/([\w-]+\.schema\.json)/g)) expect(schemas).toContain(file);
});
