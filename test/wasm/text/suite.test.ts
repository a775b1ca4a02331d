// Every text of the official suite: what is well-formed parses, what is not is refused in the suite's words, and every
// module comes back from binary and text as the same bytes.
import { describe, expect, test } from 'vitest';
import { decode } from '../../../src/wasm/binary/decode.js';
import { encode } from '../../../src/wasm/binary/encode.js';
import { ParseError } from '../../../src/wasm/errors.js';
import { parse } from '../../../src/wasm/text/parse.js';
import { print } from '../../../src/wasm/text/print.js';
import { hasSuite } from '../../support/suite-directory.js';
import { suiteTexts } from '../../support/suite-texts.js';
import { suite } from '../../support/skips.js';

/** Version 3.0 has 64-bit limits in the grammar: what was malformed is invalid (memory.wast:78 says so). */
const WRITTEN_BEFORE_3: readonly string[] = ['threads/memory.wast:83', 'threads/memory.wast:87', 'threads/memory.wast:91'];

const NAMES = { names: true };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe.skipIf(!hasSuite)(`texts of the suite${suite(hasSuite).why}`, () => {
  const cases = hasSuite ? suiteTexts() : [];
  const wellFormed = cases.filter(({ malformed, place }) => malformed === null || WRITTEN_BEFORE_3.includes(place));

  test('are all found', () => {
    expect(cases.length).toBeGreaterThan(6_500);
    expect(cases.length - wellFormed.length).toBeGreaterThan(1_200);
  });

  test('parse when they are well-formed', () => {
    const refused = wellFormed.flatMap(({ place, parse: read }) => {
      try {
        read();
        return [];
      } catch (error) {
        return [`${place}: ${String(error)}`];
      }
    });
    expect(refused).toEqual([]);
  });

  test('are refused in the words of the suite when they are not', () => {
    const wrong = cases.filter(({ malformed, place }) => malformed !== null && !WRITTEN_BEFORE_3.includes(place)).flatMap(({ place, malformed, parse: read }) => {
      try {
        read();
        return [`${place}: accepted, ${malformed}`];
      } catch (error) {
        if (!(error instanceof ParseError)) return [`${place}: ${String(error)}`];
        return error.message.startsWith(malformed!) ? [] : [`${place}: ${malformed}, said ${error.message}`];
      }
    });
    expect(wrong).toEqual([]);
  });

  test.each([false, true])('come back as the same bytes through binary and text, folded: %s', (folded) => {
    const changed = wellFormed.flatMap(({ place, parse: read }) => {
      const bytes = encode(read(), NAMES);
      const text = print(decode(bytes), { folded });
      const again = parse(text);
      const problems = [];
      if (hex(encode(again, NAMES)) !== hex(bytes)) problems.push(`${place}: other bytes`);
      if (print(again, { folded }) !== text) problems.push(`${place}: other text`);
      if (print(read(), { folded }) !== text) problems.push(`${place}: another text before than after encoding`);
      return problems;
    });
    expect(changed).toEqual([]);
  });
});
