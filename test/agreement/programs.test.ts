// Random programs, run here and by the host's own WebAssembly: the same memory afterwards, results and globals included. What
// single instructions do is tested beside this; here it is how values of one and two slots travel through locals, operands,
// blocks, branches and calls. The same programs in every run; AGREEMENT_CASES makes it longer.
import { expect, test } from 'vitest';
import { twinOf } from '../support/host-wasm.js';
import { RESULTS_FROM, randomProgram } from '../support/random-program.js';
import { TIERS, useTier } from '../support/tiers.js';
import { Random } from '../support/random.js';

const cases = Number(process.env['AGREEMENT_CASES'] ?? 250);

test.each(TIERS)('random programs leave the same memory, %s', (tier) => {
  useTier(tier);
  let busy = 0;
  for (let seed = 0; seed < cases; seed++) {
    const text = randomProgram(new Random(seed));
    const { ours, theirs } = twinOf(text);
    const outcome = [ours, theirs].map((engine) => {
      engine.memory().forEach((_, at, memory) => at < RESULTS_FROM && (memory[at] = (at * 167 + (at >> 8)) & 0xff));
      engine.call('run');
      return engine.memory().slice(0, 2048);
    });
    const [mine, hosts] = outcome as [Uint8Array, Uint8Array];
    expect({ seed, differsAt: mine.findIndex((byte, at) => byte !== hosts[at]) }).toEqual({ seed, differsAt: -1 });
    if (mine.subarray(RESULTS_FROM).some((byte) => byte !== 0)) busy++;
  }
  expect(busy).toBeGreaterThan(cases * 0.9);
});
