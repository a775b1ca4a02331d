// Random damage to random modules, and all views of them: each is shown, or refused with an error of ours, and never anything else.
import { expect, test } from 'vitest';
import { InternalError, WasienvError } from '../../src/base/errors.js';
import { describeModule } from '../../src/inspect/about/describe.js';
import { checkModule, toText } from '../../src/inspect/index.js';
import { decode } from '../../src/wasm/binary/decode.js';
import { encode } from '../../src/wasm/binary/encode.js';
import { randomModule } from '../support/random-module.js';
import { Random } from '../support/random.js';

const FEATURES = new Set(['gc', 'function-references', 'exceptions', 'legacy-exceptions', 'simd', 'relaxed-simd', 'threads', 'memory64', 'multi-memory', 'tail-call', 'bulk-memory', 'reference-types'] as const);
const VIEWS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  described: (bytes) => describeModule(bytes, 'm.wasm'),
  checked: (bytes) => checkModule(bytes, 'm.wasm'),
  flat: (bytes) => toText(bytes, 'm.wasm'),
  folded: (bytes) => toText(bytes, 'm.wasm', { folded: true }),
  encoded: (bytes) => encode(decode(bytes)),
};

test.each(Object.entries(VIEWS))('%s', (_, view) => {
  let shown = 0;
  let refused = 0;
  for (let seed = 0; seed < 700; seed++) {
    const random = new Random(seed);
    const bytes = encode(randomModule(random, FEATURES));
    for (let round = 0; round < 4; round++) {
      for (let damage = round; damage > 0; damage--) bytes[8 + random.below(bytes.length - 8)] = random.chance(50) ? random.below(256) : random.below(0x20);
      try {
        view(round === 3 ? bytes.slice(0, random.below(bytes.length)) : bytes.slice());
        shown++;
      } catch (error) {
        if (!(error instanceof WasienvError) || error instanceof InternalError) throw new Error(`seed ${seed}, round ${round}`, { cause: error });
        refused++;
      }
    }
  }
  expect(shown).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(200);
});
