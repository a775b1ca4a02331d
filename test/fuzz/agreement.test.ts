// Random modules, and random damage to them: our verdict is the host's. The host's WebAssembly is the judge here and
// nowhere else; a host that lacks a feature is not asked about it. The same numbers in every run; AGREEMENT_CASES makes it longer.
import { describe, expect, test } from 'vitest';
import { decode } from '../../src/wasm/binary/decode.js';
import { encode } from '../../src/wasm/binary/encode.js';
import { DecodeError, LimitError, ValidationError } from '../../src/wasm/errors.js';
import { validate } from '../../src/wasm/validate/validate.js';
import { hostFeatures } from '../support/host-features.js';
import { host } from '../support/host-wasm.js';
import { randomModule } from '../support/random-module.js';
import { Random } from '../support/random.js';

const cases = Number(process.env['AGREEMENT_CASES'] ?? 2_000);

/** Null where we refuse for a limit of our own. */
function accepts(bytes: Uint8Array): boolean | null {
  try {
    validate(decode(bytes));
    return true;
  } catch (error) {
    if (error instanceof LimitError) return null;
    if (error instanceof DecodeError || error instanceof ValidationError) return false;
    throw error;
  }
}

/** What V8 refuses though the specification allows it; its limits are smaller, ours are tested elsewhere. */
const HOST_LIMIT = /implementation limit|exceeds (the )?maximum|size (limit|> maximum)/;

function hostAccepts(bytes: Uint8Array): boolean | null {
  if (host.validate(bytes)) return true;
  try {
    new host.Module(bytes);
    return true;
  } catch (error) {
    return HOST_LIMIT.test(String(error)) ? null : false;
  }
}

describe('agreement with the host', () => {
  const features = hostFeatures();

  test('about random modules, valid and invalid', () => {
    let valid = 0;
    for (let seed = 0; seed < cases; seed++) {
      const bytes = encode(randomModule(new Random(seed), features));
      const verdict = accepts(bytes);
      const theirs = hostAccepts(bytes);
      if (verdict === null || theirs === null) continue;
      expect([seed, verdict]).toEqual([seed, theirs]);
      if (verdict) valid++;
    }
    expect(valid).toBeGreaterThan(cases / 4);
    expect(valid).toBeLessThan((cases * 9) / 10);
  });
});

describe('damaged modules', () => {
  test('are refused with a typed error or accepted, and never anything else', () => {
    const features = new Set([...hostFeatures(), 'gc', 'function-references', 'exceptions', 'simd', 'relaxed-simd', 'threads', 'memory64', 'multi-memory'] as const);
    for (let seed = 0; seed < cases; seed++) {
      const random = new Random(seed);
      const bytes = encode(randomModule(random, features));
      for (let round = 0; round < 4; round++) {
        for (let damage = 1 + random.below(3); damage > 0; damage--) bytes[8 + random.below(bytes.length - 8)] = random.chance(50) ? random.below(256) : random.below(0x20);
        accepts(bytes);
        accepts(bytes.subarray(0, random.below(bytes.length)));
      }
    }
  });

  test('decode and encode to a module that decodes to itself', () => {
    const features = hostFeatures();
    for (let seed = 0; seed < cases; seed++) {
      const bytes = encode(randomModule(new Random(seed), features));
      expect(Buffer.compare(encode(decode(bytes)), bytes)).toBe(0);
    }
  });
});
