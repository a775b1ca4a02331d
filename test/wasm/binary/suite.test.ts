// Every module the official suite writes as bytes is judged as the suite judges it, in the suite's words.
import { describe, expect, test } from 'vitest';
import { decode } from '../../../src/wasm/binary/decode.js';
import { DecodeError, ValidationError } from '../../../src/wasm/errors.js';
import { validate } from '../../../src/wasm/validate/validate.js';
import { suiteBinaries, type BinaryCase } from '../../support/suite-binaries.js';
import { hasSuite } from '../../support/suite-directory.js';
import { suite } from '../../support/skips.js';

/**
 * Cases where we say it in other words. The reference interpreter reads a section's content on into the next one and
 * compares sizes afterwards; we stop where the section stops. Remove a row when its gap closes.
 */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  'binary.wast:92': 'END opcode expected', 'binary.wast:737': 'unexpected end',
};

function verdict(bytes: Uint8Array): { readonly verdict: BinaryCase['expects']; readonly message: string } {
  try {
    validate(decode(bytes));
    return { verdict: 'valid', message: '' };
  } catch (error) {
    if (error instanceof DecodeError) return { verdict: 'malformed', message: error.message };
    if (error instanceof ValidationError) return { verdict: 'invalid', message: error.message };
    throw error;
  }
}

describe.skipIf(!hasSuite)(`modules of the suite written as bytes${suite(hasSuite).why}`, () => {
  const cases = hasSuite ? suiteBinaries() : [];

  test('are all found', () => {
    expect(cases.filter(({ expects }) => expects === 'malformed').length).toBeGreaterThan(700);
    expect(cases.filter(({ expects }) => expects === 'valid').length).toBeGreaterThan(80);
  });

  test('are judged as the suite says', () => {
    const wrong = cases.map((each) => ({ each, got: verdict(each.bytes) })).filter(({ each, got }) => got.verdict !== each.expects);
    expect(wrong.map(({ each, got }) => `${each.file}:${each.line} is ${each.expects} (${each.wording}), got ${got.verdict} ${got.message}`)).toEqual([]);
  });

  test('are refused in its words, but for the listed ones', () => {
    const differing = cases.filter(({ wording, bytes }) => !verdict(bytes).message.startsWith(wording)).map(({ file, line, bytes }) => [`${file}:${line}`, verdict(bytes).message] as const);
    for (const [place, message] of differing) expect([place, message.startsWith(OTHER_WORDS[place] ?? '?') || message]).toEqual([place, true]);
    expect(differing.map(([place]) => place).sort()).toEqual(Object.keys(OTHER_WORDS).sort());
  });
});
