// Every atomic instruction of the table, at aligned and odd addresses, at the edge of memory and beyond, on shared and on
// unshared memory, against the host's own WebAssembly.
import { afterEach, expect, test } from 'vitest';
import { INSTRUCTION_INFOS, type InstructionInfo } from '../../src/wasm/instructions.js';
import { TRAPPED, twinOf, type Twin } from '../support/host-wasm.js';
import { useTier } from '../support/tiers.js';

type Simple = InstructionInfo & { readonly type: { readonly params: string; readonly results: string } };
const atomics = INSTRUCTION_INFOS.filter(({ feature }) => feature === 'threads') as readonly Simple[];

const TYPES: Readonly<Record<string, string>> = { a: 'i32', i: 'i32', l: 'i64' };
const OFFSETS = [0, 8, 3, 65_528, 0xffff_fff8];
/** Those that do not trap come first: emitted code that is left again and again is given up. */
const ADDRESSES = [0, 8, 65_520, 65_528, 65_532, 4, 2, 6, 65_534, 1, 5, 7, 65_535, 65_536, 0xffff_fff8];
const VALUES: Readonly<Record<string, ReadonlyArray<number | bigint>>> = {
  i: [0, 1, -1, 0x80, 0xff, 0x1a7, 0x8000_0000 | 0, 0x1234_5678],
  l: [0n, 1n, -1n, 0x80n, 0x1_0000_00a7n, -0x8000_0000_0000_0000n, 0x0123_4567_89ab_cdefn],
};

/** What memory holds before each call: the byte expected first is found at some addresses, so that exchanges happen. */
const fill = (memory: Uint8Array): void => void memory.fill(0xa7).fill(0, 8, 16).fill(0xff, 65_528);

afterEach(() => useTier('the loop'));

const TIERS_ONCE = ['the loop', 'emitted at the first call'] as const;
const cases = atomics.flatMap((info) => TIERS_ONCE.flatMap((tier) => ['shared', 'unshared'].map((kind) => [info.mnemonic, kind, tier, info] as const)));
test.each(cases)('%s on %s memory: %s', (mnemonic, kind, tier, { type }) => {
  useTier(tier);
  const letters = [...type.params];
  const isWait = mnemonic.includes('wait');
  const parameters = letters.map((letter) => `(param ${TYPES[letter]})`).join(' ');
  const memory = kind === 'shared' ? '1 2 shared' : '1 2';
  const operands = letters.map((_, index) => `(local.get ${index})`).join(' ');
  const functions = letters.length === 0
    ? [`(func (export "f0") (${mnemonic}))`]
    : OFFSETS.map((offset, index) => `(func (export "f${index}") ${parameters} ${type.results === '' ? '' : `(result ${TYPES[type.results]})`} (${mnemonic} offset=${offset} ${operands}))`);
  const twin = twinOf(`(module (memory (export "m") ${memory}) ${functions.join('\n')})`);

  const wrong: string[] = [];
  const check = (name: string, args: ReadonlyArray<number | bigint>): void => {
    const [ours, theirs] = [twin.ours, twin.theirs].map((engine: Twin['ours']) => {
      fill(engine.memory());
      return engine.call(name, ...args);
    });
    if (ours !== theirs) wrong.push(`${name}(${args.join(', ')}) is ${String(ours)}, the host's ${String(theirs)}`);
    else if (ours !== TRAPPED && Buffer.compare(twin.ours.memory(), twin.theirs.memory()) !== 0) wrong.push(`${name}(${args.join(', ')}) wrote other bytes`);
  };
  const [, ...others] = letters;
  functions.forEach((_, index) => {
    if (letters.length === 0) check('f0', []);
    else {
      for (const address of ADDRESSES) {
        // A wait is given no time: it may only tell whether the value is there.
        const choices = others.map((letter, at) => (isWait && at === 1 ? [0n] : [...VALUES[letter]!, ...(letter === 'i' ? [0xa7, 0xa7a7_a7a7 | 0, 0xa7a7] : [0xa7n, 0xa7a7n, 0xa7a7_a7a7n, -0x5858_5858_5858_5859n])]));
        const combinations = choices.reduce<ReadonlyArray<ReadonlyArray<number | bigint>>>((sets, values) => sets.flatMap((set) => values.map((value) => [...set, value])), [[]]);
        for (const values of combinations) check(`f${index}`, [address | 0, ...values]);
      }
    }
  });
  expect(wrong.slice(0, 5)).toEqual([]);
});

test('there are 67', () => expect(atomics).toHaveLength(67));
