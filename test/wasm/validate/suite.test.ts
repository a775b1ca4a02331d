// Every module of the official suite, from text or bytes: valid, invalid or malformed as the suite says, and the same again
// after a trip through encoder and decoder. What the modules do when they run is for `npm run spec`.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { decode } from '../../../src/wasm/binary/decode.js';
import { encode } from '../../../src/wasm/binary/encode.js';
import { DecodeError, ParseError, ValidationError } from '../../../src/wasm/errors.js';
import type { Module } from '../../../src/wasm/module.js';
import { parse } from '../../../src/wasm/text/parse.js';
import { parseScript, type ModuleSource } from '../../../src/wasm/text/script.js';
import { validate } from '../../../src/wasm/validate/validate.js';
import { hasSuite, suiteDirectory } from '../../support/suite-directory.js';
import { suite } from '../../support/skips.js';

/** The threads proposal's files were written against an older specification: rows of `file:line` with what holds today. */
const OUTDATED: Readonly<Record<string, 'valid' | 'invalid'>> = {
  // Several tables and memories are allowed by now.
  'threads/imports.wast:309': 'valid', 'threads/imports.wast:313': 'valid', 'threads/imports.wast:317': 'valid',
  'threads/imports.wast:404': 'valid', 'threads/imports.wast:408': 'valid', 'threads/imports.wast:412': 'valid',
  'threads/memory.wast:14': 'valid', 'threads/memory.wast:15': 'valid',
  // Limits have 64 bits in the grammar since memories can; too large ones are invalid, no longer malformed.
  'threads/memory.wast:83': 'invalid', 'threads/memory.wast:87': 'invalid', 'threads/memory.wast:91': 'invalid',
};

/** Messages that do not open with the suite's words; the binary ones are in ../binary/suite.test.ts. */
const OTHER_WORDS: ReadonlySet<string> = new Set(['threads/memory.wast:83', 'threads/memory.wast:87', 'threads/memory.wast:91']);

type Verdict = 'valid' | 'malformed' | 'invalid';

const read = (source: ModuleSource): Module => (source.kind === 'text' ? source.parse() : source.kind === 'binary' ? decode(source.bytes) : parse(source.text));

function judge(make: () => Module): { readonly verdict: Verdict; readonly message: string; readonly module?: Module } {
  let module: Module | undefined;
  try {
    module = make();
    validate(module);
    return { verdict: 'valid', message: '', module };
  } catch (error) {
    if (error instanceof DecodeError || error instanceof ParseError) return { verdict: 'malformed', message: error.message };
    if (error instanceof ValidationError) return { verdict: 'invalid', message: error.message, ...(module === undefined ? {} : { module }) };
    throw error;
  }
}

interface Case {
  readonly place: string;
  readonly source: ModuleSource;
  readonly expected: Verdict;
  readonly wording: string;
}

function readCases(): Case[] {
  return (readdirSync(suiteDirectory, { recursive: true }) as string[]).filter((name) => name.endsWith('.wast')).sort().flatMap((name) => {
    const file = name.split(path.sep).join('/');
    return parseScript(readFileSync(path.join(suiteDirectory, name))).flatMap((command): Case[] => {
      if (!('source' in command) || command.kind.endsWith('_custom')) return [];
      const place = `${file}:${command.line}`;
      const expected = command.kind === 'assert_malformed' ? 'malformed' : command.kind === 'assert_invalid' ? 'invalid' : 'valid';
      return [{ place, source: command.source, expected: OUTDATED[place] ?? expected, wording: expected === 'valid' || !('message' in command) ? '' : command.message }];
    });
  });
}

describe.skipIf(!hasSuite)(`modules of the suite${suite(hasSuite).why}`, () => {
  const cases = hasSuite ? readCases() : [];

  test('are judged as the suite says', () => {
    expect(cases.length).toBeGreaterThan(7_000);
    const wrong = cases.map((each) => ({ ...each, ...judge(() => read(each.source)) })).filter(({ expected, verdict }) => expected !== verdict);
    expect(wrong.map(({ place, expected, verdict, message }) => `${place} is ${expected}, got ${verdict} ${message}`)).toEqual([]);
  });

  test('are refused in its words', () => {
    const differing = cases
      .filter(({ source, place }) => source.kind !== 'binary' && OUTDATED[place] !== 'valid')
      .map((each) => ({ ...each, message: judge(() => read(each.source)).message }))
      .filter(({ message, wording }) => !message.startsWith(wording));
    expect(differing.filter(({ place }) => !OTHER_WORDS.has(place)).map(({ place, wording, message }) => `${place}: ${wording} | ${message}`)).toEqual([]);
    expect(differing.length).toBe(OTHER_WORDS.size);
  });

  test('get the same verdict as bytes, and the same bytes again', () => {
    for (const { place, source } of cases) {
      const { verdict, module } = judge(() => read(source));
      if (module === undefined) continue;
      const bytes = encode(module);
      const again = judge(() => decode(bytes));
      expect([place, again.verdict]).toEqual([place, verdict]);
      if (again.module !== undefined) expect([place, Buffer.compare(encode(again.module), bytes)]).toEqual([place, 0]);
    }
  });
});
