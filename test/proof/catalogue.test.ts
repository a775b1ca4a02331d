// The catalogue and the folder of programs speak of the same things.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { PROOF_PROGRAMS, RUST_PROOF_PROGRAMS } from '../../src/proof/catalogue.js';
import { readProgramFiles } from '../../src/proof/program-files.js';

const ALL = [...PROOF_PROGRAMS, ...RUST_PROOF_PROGRAMS];
const folder = path.resolve(import.meta.dirname, '../../src/proof/programs');

test('every program has its sources and its expected output', () => {
  for (const program of ALL) {
    const { sources, expectedStdout } = readProgramFiles(program);
    expect(sources.map((each) => each.name)).toEqual(program.sources);
    expect(expectedStdout.byteLength, program.id).toBeGreaterThan(0);
  }
});

test('nothing stands in the folder that no row names', () => {
  const named = ALL.flatMap((program) => [...program.sources, `${program.id}.stdout`]);
  expect(readdirSync(folder).filter((name) => !name.startsWith('.')).sort()).toEqual([...named].sort());
});

test('ids are told apart on every file system', () => {
  const ids = ALL.map((program) => program.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9-]*$/);
});

test('sources say in their first line what they show, and hold no carriage return', () => {
  for (const { sources } of ALL) {
    for (const name of sources) {
      const text = readFileSync(path.join(folder, name), 'utf8');
      expect(text, name).toMatch(/^\/\/ \S/);
      expect(text.includes('\r'), name).toBe(false);
    }
  }
});

test('the issue asks for these', () => {
  const ids = new Set(ALL.map((program) => program.id));
  const asked = [
    'hello', 'exit-status', 'arguments', 'files', 'directories', 'clock-random', 'memory', 'doubles', 'integers', 'long-double', 'int128',
    'sorting', 'strings', 'recursion', 'iostream', 'containers', 'templates', 'virtual-calls', 'static-objects',
    'rust-hello', 'rust-files', 'rust-panic', 'rust-exit', 'rust-arguments', 'rust-collections', 'rust-numbers',
  ];
  expect(asked.filter((id) => !ids.has(id))).toEqual([]);
});
