// Damaged texts: reading one ends in a module or in a typed error, and a module that came out of one is a module for
// good: it can be encoded, printed, and read again to the same bytes. The same texts in every run; TEXT_FUZZ_CASES makes it longer.
import { describe, expect, test } from 'vitest';
import { decode } from '../../src/wasm/binary/decode.js';
import { encode } from '../../src/wasm/binary/encode.js';
import { DecodeError, LimitError, ParseError, ValidationError } from '../../src/wasm/errors.js';
import { parse } from '../../src/wasm/text/parse.js';
import { print } from '../../src/wasm/text/print.js';
import { validate } from '../../src/wasm/validate/validate.js';
import { Random } from '../support/random.js';
import { randomModule } from '../support/random-module.js';
import { hasSuite } from '../support/suite-directory.js';
import { suiteTexts } from '../support/suite-texts.js';
import { damageText } from '../support/text-mutations.js';

const cases = Number(process.env['TEXT_FUZZ_CASES'] ?? 3_000);
const ALL_FEATURES = new Set(['gc', 'function-references', 'exceptions', 'legacy-exceptions', 'simd', 'relaxed-simd', 'threads', 'memory64', 'multi-memory', 'tail-call'] as const);

/** Texts to start from: random modules as we print them, and small ones of the suite, printed too. */
function seeds(): string[] {
  const texts = Array.from({ length: 200 }, (_, seed) => print(randomModule(new Random(seed), ALL_FEATURES), { folded: seed % 2 === 0 }));
  if (!hasSuite) return texts;
  const ofSuite = suiteTexts().filter(({ malformed }) => malformed === null).filter((_, index) => index % 5 === 0).map(({ parse: read }, index) => print(read(), { folded: index % 2 === 0 }));
  return [...texts, ...ofSuite].filter((text) => text.length < 4_000);
}

const isTyped = (error: unknown): boolean => error instanceof ParseError || error instanceof LimitError;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('damaged texts', () => {
  test('are read to a module that lasts, or refused with a typed error', () => {
    const texts = seeds();
    let read = 0;
    for (let seed = 0; seed < cases; seed++) {
      const random = new Random(seed);
      const text = damageText(texts[seed % texts.length]!, random);
      try {
        const module = parse(text, { legacyNames: seed % 7 === 0 });
        read++;
        const bytes = encode(module, { names: true });
        expect(hex(encode(parse(print(decode(bytes), { folded: seed % 2 === 0 })), { names: true }))).toBe(hex(bytes));
        try {
          validate(module);
        } catch (error) {
          if (!(error instanceof ValidationError) && !(error instanceof LimitError) && !(error instanceof DecodeError)) throw error;
        }
      } catch (error) {
        if (!isTyped(error)) throw new Error(`seed ${seed}: ${String(error)}\n${text}`, { cause: error });
      }
    }
    // Enough of both kinds, or the damage is no test.
    expect(read).toBeGreaterThan(cases / 20);
    expect(read).toBeLessThan((cases * 9) / 10);
  });
});

test('texts with bytes that are no text are read or refused with a typed error', () => {
  const sources = seeds().map((text) => new TextEncoder().encode(text));
  for (let seed = 0; seed < cases; seed++) {
    const random = new Random(seed);
    const bytes = sources[seed % sources.length]!.slice();
    for (let left = 1 + random.below(3); left > 0; left--) bytes[random.below(bytes.length)] = random.below(256);
    try {
      parse(bytes);
    } catch (error) {
      if (!isTyped(error)) throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      // The excerpt is made of the same bytes.
      expect((error as ParseError).where.at(-1)![1]).toMatch(/\n *\^$/);
    }
  }
});

test('random modules come back from text', () => {
  for (let seed = 0; seed < cases / 3; seed++) {
    const text = print(randomModule(new Random(seed), ALL_FEATURES));
    const bytes = encode(parse(text));
    expect([seed, print(decode(bytes))]).toEqual([seed, text]);
    expect([seed, hex(encode(parse(print(decode(bytes), { folded: true }))))]).toEqual([seed, hex(bytes)]);
  }
});
