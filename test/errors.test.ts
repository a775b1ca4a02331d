// What every error of wasienv has, read out of the code that makes them: a meaning in the list of `wasienv help errors`, which
// names no code that nothing ends with, and what to do next.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ERROR_CODES } from '../src/base/errors.js';

const SOURCES = path.resolve(import.meta.dirname, '..', 'src');
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).sort().map((name) => ({ name: name.split(path.sep).join('/'), text: readFileSync(path.join(SOURCES, name), 'utf8') }));

/** A call from its name to the bracket that closes it. */
function callAt(text: string, start: number): string {
  let depth = 0;
  for (let at = text.indexOf('(', start); at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')' && (depth -= 1) === 0) return text.slice(start, at + 1);
  }
  throw new Error(`a call is not closed: ${text.slice(start, start + 80)}`);
}

test('every error that is worded says what to do next', () => {
  const calls = files.flatMap(({ name, text }) => [...text.matchAll(/\bnew WasienvError\(/g)].map(({ index }) => ({ name, call: callAt(text, index) })));
  expect(calls.length).toBeGreaterThan(100);
  // With E_INTERNAL the front door says to report it, whoever met it.
  expect(calls.filter(({ call }) => !/\bnext\b|'E_INTERNAL'/.test(call)).map(({ name, call }) => `${name}: ${call.slice(0, 120)}`)).toEqual([
    // The program's own exception; where it came out there is a hint.
    expect.stringMatching(/^program\/threads\/ends\.ts: new WasienvError\('E_EXCEPTION'/),
    // The cause of the error that proving ends with.
    expect.stringMatching(/^proof\/run-guest\.ts: new WasienvError\('E_PROOF', `it wrote more than/),
  ]);
});

test('every code in the list is one that something ends with', () => {
  const starter = readFileSync(path.resolve(SOURCES, '..', 'bin', 'wasienv.js'), 'utf8');
  const code = [...files.filter(({ name }) => name !== 'base/errors.ts').map(({ text }) => text), starter].join('\n');
  expect(Object.keys(ERROR_CODES).filter((each) => !new RegExp(`'${each}'|error\\[${each}\\]`).test(code))).toEqual([]);
});
