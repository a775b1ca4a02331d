// Every load and store of the table, at aligned and odd addresses, at the edge of memory and beyond, with addresses from
// locals and constants and with small and huge offsets, against the host's own WebAssembly.
import { beforeEach, describe, expect, test } from 'vitest';
import { INSTRUCTION_INFOS, type InstructionInfo } from '../../src/wasm/instructions.js';
import { TRAPPED, twinOf, type Twin } from '../support/host-wasm.js';
import { TIERS, useTier } from '../support/tiers.js';

const TYPES: Readonly<Record<string, string>> = { i: 'i32', l: 'i64', f: 'f32', d: 'f64' };
const accesses = INSTRUCTION_INFOS.filter(({ code }) => code >= 0x28 && code <= 0x3e) as ReadonlyArray<InstructionInfo & { readonly type: { readonly params: string; readonly results: string } }>;
const OFFSETS = [0, 1, 4, 7, 65_528, 65_535, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff];
const ADDRESSES = [0, 1, 2, 3, 4, 5, 7, 8, 100, 65_520, 65_527, 65_528, 65_529, 65_531, 65_532, 65_533, 65_534, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff];
/** Signalling NaNs among them, in both sizes. */
const VALUES = [0x0123_4567_89ab_cdefn, 0xfedc_ba98_7654_3210n, 0x7ff4_0000_0000_0001n, 0x7fa0_0001_7fa0_0001n, 0xffff_ffff_ffff_ffffn];

const fill = (memory: Uint8Array): void => void memory.forEach((_, at) => (memory[at] = (at * 167 + (at >> 8)) & 0xff));

describe.each(TIERS)('by %s', (tier) => {
  beforeEach(() => useTier(tier));

  describe.each(accesses.map((info) => [info.mnemonic, info] as const))('%s', (mnemonic, { type }) => {
    const isStore = type.results === '';
    const value = TYPES[isStore ? type.params[1]! : type.results]!;
    // A value's bits come and go as an i64 in a memory cell of a global pair, so that NaNs stay whole.
    const toBits = (expression: string): string => ({ i32: `(i64.extend_i32_u ${expression})`, i64: expression, f32: `(i64.extend_i32_u (i32.reinterpret_f32 ${expression}))`, f64: `(i64.reinterpret_f64 ${expression})` })[value]!;
    const fromBits = (expression: string): string => ({ i32: `(i32.wrap_i64 ${expression})`, i64: expression, f32: `(f32.reinterpret_i32 (i32.wrap_i64 ${expression}))`, f64: `(f64.reinterpret_i64 ${expression})` })[value]!;
    const access = (offset: number, address: string, bits: string): string => (isStore ? `(${mnemonic} offset=${offset} ${address} ${fromBits(bits)}) (i64.const 0)` : toBits(`(${mnemonic} offset=${offset} ${address})`));
    const functions = OFFSETS.flatMap((offset, index) => [
      `(func (export "local${index}") (param i32 i64) (result i64) ${access(offset, '(local.get 0)', '(local.get 1)')})`,
      `(func (export "computed${index}") (param i32 i64) (result i64) ${access(offset, '(i32.add (i32.sub (local.get 0) (i32.const 5)) (i32.const 5))', '(local.get 1)')})`,
      ...ADDRESSES.map((address, at) => `(func (export "at${index}_${at}") (param i32 i64) (result i64) ${access(offset, `(i32.const ${address})`, '(local.get 1)')})`),
    ]);

    test('agrees with the host', () => {
      const twin = twinOf(`(module (memory (export "m") 1) ${functions.join('\n')})`);
      fill(twin.ours.memory());
      fill(twin.theirs.memory());
      const wrong: string[] = [];
      const check = (name: string, address: number, bits: bigint): void => {
        const run = (engine: Twin['ours']): unknown => engine.call(name, address | 0, BigInt.asIntN(64, bits));
        const [ours, theirs] = [run(twin.ours), run(twin.theirs)];
        if (ours !== theirs) wrong.push(`${name}(0x${address.toString(16)}) is ${ours}, the host's ${theirs}`);
        if (ours !== TRAPPED && isStore && Buffer.compare(twin.ours.memory(), twin.theirs.memory()) !== 0) wrong.push(`${name}(0x${address.toString(16)}) wrote other bytes`);
      };
      OFFSETS.forEach((_, index) => {
        for (const [at, address] of ADDRESSES.entries()) {
          for (const bits of isStore ? VALUES : VALUES.slice(0, 1)) {
            check(`local${index}`, address, bits);
            check(`computed${index}`, address, bits);
            check(`at${index}_${at}`, address, bits);
          }
        }
      });
      expect(wrong.slice(0, 5)).toEqual([]);
      expect(Buffer.compare(twin.ours.memory(), twin.theirs.memory())).toBe(0);
    });
  });
});
