// Every numeric instruction of the table, on operands at the edges, against the host's own WebAssembly: equal bits, NaNs as a
// class. Operands and results go through memory, so that no JavaScript number changes a NaN on the way. Each instruction
// runs with operands from locals, with a constant on either side, and where it yields an i32 also as the condition of a
// branch: lowering has forms of its own for these.
import { beforeEach, describe, expect, test } from 'vitest';
import { INSTRUCTION_INFOS, type InstructionInfo } from '../../src/wasm/instructions.js';
import { TRAPPED, twinOf, type Twin } from '../support/host-wasm.js';
import { TIERS, useTier } from '../support/tiers.js';

type Letter = 'i' | 'l' | 'f' | 'd';
const TYPES: Readonly<Record<Letter, string>> = { i: 'i32', l: 'i64', f: 'f32', d: 'f64' };
const BITS: Readonly<Record<Letter, 32 | 64>> = { i: 32, l: 64, f: 32, d: 64 };

const integers = (bits: bigint): bigint[] => {
  const found = new Set<bigint>();
  const all = (1n << bits) - 1n;
  for (const value of [0n, 1n, 2n, 3n, 5n, 7n, 31n, 32n, 33n, 63n, 64n, 65n, 127n, 128n, 255n, 256n, 0x7fffn, 0x8000n, 0xffffn, 0x12345678n, 0x7fffffffn, 0x80000000n, 0xffffffffn]) {
    found.add(value & all);
    found.add(-value & all);
  }
  if (bits === 64n) for (const value of [1n << 32n, (1n << 32n) + 1n, (1n << 53n) - 1n, 1n << 53n, (1n << 53n) + 1n, 0x7fff_ffff_ffff_ffffn, 1n << 63n, (1n << 63n) + 1n, 0x4000_0040_0000_0000n, 0x4000_0040_0000_0001n, 0x0123_4567_89ab_cdefn]) found.add(value);
  return [...found];
};
const f64Bits = (value: number): bigint => new BigUint64Array(Float64Array.of(value).buffer)[0]!;
const f32Bits = (value: number): bigint => BigInt(new Uint32Array(Float32Array.of(value).buffer)[0]!);
const FLOATS = [
  0, 0.1, 0.5, 1, 1.5, 2, 2.5, 3.5, 3.9999999, 127.5, 2 ** 23 - 0.5, 2 ** 23, 2 ** 24 + 2, 2 ** 31 - 1, 2 ** 31 - 0.5, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1, 2 ** 32, 2 ** 52 - 0.5, 2 ** 52 + 1,
  2 ** 53, 2 ** 62, 2 ** 63 - 1024, 2 ** 63, 2 ** 64 - 2048, 2 ** 64, 1e300, 3.4028234663852886e38, 3.5e38, 1.401298464324817e-45, 1e-46, 5e-324, 2.2250738585072014e-308, Infinity,
];
const OPERANDS: Readonly<Record<Letter, readonly bigint[]>> = {
  i: integers(32n),
  l: integers(64n),
  f: [...new Set(FLOATS.flatMap((value) => [f32Bits(value), f32Bits(-value)])), 0x7fc00000n, 0xffc00000n, 0x7fa00001n, 0xff812345n],
  d: [...new Set(FLOATS.flatMap((value) => [f64Bits(value), f64Bits(-value)])), 0x7ff8000000000000n, 0xfff8000000000000n, 0x7ff4000000000001n, 0xfff0123456789abcn],
};

const numeric = INSTRUCTION_INFOS.filter(
  ({ code, type }) => type !== null && ((code >= 0x45 && code <= 0xc4) || (code >= 0xfc0000 && code <= 0xfc0007)) && type.results.length === 1,
) as ReadonlyArray<InstructionInfo & { readonly type: { readonly params: string; readonly results: string } }>;

/** Exact bits of a constant; float constants are written as reinterpreted integers only where text cannot say them, so as hexadecimal floats. */
function constant(letter: Letter, bits: bigint): string {
  if (letter === 'i') return `(i32.const ${bits})`;
  if (letter === 'l') return `(i64.const ${bits})`;
  const [width, mantissaBits] = letter === 'f' ? [32n, 23n] : [64n, 52n];
  const sign = bits >> (width - 1n) === 1n ? '-' : '';
  const mantissa = bits & ((1n << mantissaBits) - 1n);
  const exponentMask = letter === 'f' ? 0xffn : 0x7ffn;
  if (((bits >> mantissaBits) & exponentMask) === exponentMask) return `(${TYPES[letter]}.const ${sign}${mantissa === 0n ? 'inf' : `nan:0x${mantissa.toString(16)}`})`;
  const value = letter === 'f' ? new Float32Array(Uint32Array.of(Number(bits)).buffer)[0]! : new Float64Array(BigUint64Array.of(bits).buffer)[0]!;
  return `(${TYPES[letter]}.const ${Object.is(value, -0) ? '-0' : value})`;
}

const write = (memory: Uint8Array, address: number, bits: bigint): void => new DataView(memory.buffer, memory.byteOffset).setBigUint64(address, bits, true);
const read = (memory: Uint8Array, address: number, width: 32 | 64): bigint => BigInt.asUintN(width, new DataView(memory.buffer, memory.byteOffset).getBigUint64(address, true));
function isNan(letter: Letter, bits: bigint): boolean {
  return letter === 'f' ? (bits & 0x7fffffffn) > 0x7f800000n : letter === 'd' && (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n;
}
/** A quiet NaN is any quiet NaN; a signalling one may only come out of instructions that move bits, and then is itself. */
function same(letter: Letter, ours: bigint, theirs: bigint): boolean {
  const quiet = letter === 'f' ? 0x00400000n : 0x0008000000000000n;
  return ours === theirs || (isNan(letter, ours) && isNan(letter, theirs) && (ours & quiet) !== 0n && (theirs & quiet) !== 0n);
}

function compare(twin: Twin, name: string, letter: Letter, operands: readonly bigint[]): string | null {
  const outcome = (engine: Twin['ours']): bigint | string => {
    const memory = engine.memory();
    operands.forEach((bits, index) => write(memory, 16 * index, bits));
    write(memory, 64, 0n);
    return engine.call(name) === TRAPPED ? TRAPPED : read(memory, 64, BITS[letter]);
  };
  const ours = outcome(twin.ours);
  const theirs = outcome(twin.theirs);
  const agrees = typeof ours === 'bigint' && typeof theirs === 'bigint' ? same(letter, ours, theirs) : ours === theirs;
  return agrees ? null : `${name}(${operands.map((bits) => `0x${bits.toString(16)}`).join(', ')}) is ${ours.toString(16)}, the host's ${theirs.toString(16)}`;
}

describe.each(TIERS)('by %s', (tier) => {
  beforeEach(() => useTier(tier));

  describe.each(numeric.map((info) => [info.mnemonic, info] as const))('%s', (mnemonic, { type }) => {
    const letters = [...type.params] as Letter[];
    const result = type.results as Letter;
    const load = (index: number): string => `(${TYPES[letters[index]!]}.load (i32.const ${16 * index}))`;
    const store = (value: string): string => `(${TYPES[result]}.store (i32.const 64) ${value})`;
    const locals = letters.map((letter) => `(local ${TYPES[letter]})`).join(' ');
    const setLocals = letters.map((_, index) => `(local.set ${index} ${load(index)})`).join(' ');
    const getLocals = letters.map((_, index) => `(local.get ${index})`).join(' ');
    const expression = `(${mnemonic} ${getLocals})`;
    const functions = [
      `(func (export "stack") ${store(`(${mnemonic} ${letters.map((_, index) => load(index)).join(' ')})`)})`,
      `(func (export "locals") ${locals} ${setLocals} ${store(expression)})`,
      // The result is written over an operand, and read again.
      result === letters[0] ? `(func (export "over") ${locals} ${setLocals} (local.set 0 ${expression}) ${store('(local.get 0)')})` : '',
    ];
    if (result === 'i') {
      functions.push(
        `(func (export "if") ${locals} ${setLocals} (if ${expression} (then ${store('(i32.const 1)')}) (else ${store('(i32.const 2)')})))`,
        `(func (export "if_not") ${locals} ${setLocals} (if (i32.eqz ${expression}) (then ${store('(i32.const 1)')}) (else ${store('(i32.const 2)')})))`,
        `(func (export "br_if") ${locals} ${setLocals} (block (br_if 0 ${expression}) ${store('(i32.const 1)')}))`,
        `(func (export "br_if_not") ${locals} ${setLocals} (block (br_if 0 (i32.eqz ${expression})) ${store('(i32.const 1)')}))`,
        `(func (export "eqz") ${locals} ${setLocals} ${store(`(i32.eqz ${expression})`)})`,
        `(func (export "eqz_eqz") ${locals} ${setLocals} ${store(`(i32.eqz (i32.eqz ${expression}))`)})`,
      );
    }
    const pairs = letters.length === 1 ? OPERANDS[letters[0]!].map((bits) => [bits]) : OPERANDS[letters[0]!].flatMap((left) => OPERANDS[letters[1]!].map((right) => [left, right]));

    test('agrees with the host on the edges', () => {
      const twin = twinOf(`(module (memory (export "m") 1) ${functions.join('\n')})`);
      const names = functions.flatMap((text) => /export "(\w+)"/.exec(text)?.slice(1) ?? []);
      const wrong = names.flatMap((name) => pairs.map((operands) => compare(twin, name, result, operands))).filter((problem) => problem !== null);
      expect(wrong.slice(0, 5)).toEqual([]);
    });

    if (letters.length !== 2) return;
    test('agrees with a constant on either side', () => {
      const [left, right] = letters as [Letter, Letter];
      const branch = (condition: string): string => (result === 'i' ? `(if (result i32) ${condition} (then (i32.const 1)) (else (i32.const 2)))` : condition);
      const text = [
        ...OPERANDS[right].map((bits, index) => `(func (export "right${index}") ${store(`(${mnemonic} ${load(0)} ${constant(right, bits)})`)})
          (func (export "rightIf${index}") (local ${TYPES[left]}) (local.set 0 ${load(0)}) ${store(branch(`(${mnemonic} (local.get 0) ${constant(right, bits)})`))})`),
        ...OPERANDS[left].map((bits, index) => `(func (export "left${index}") ${store(`(${mnemonic} ${constant(left, bits)} ${load(0)})`)})
          (func (export "leftIf${index}") (local ${TYPES[right]}) (local.set 0 ${load(0)}) ${store(branch(`(${mnemonic} ${constant(left, bits)} (local.get 0))`))})`),
      ].join('\n');
      const twin = twinOf(`(module (memory (export "m") 1) ${text})`);
      const wrong: Array<string | null> = [];
      OPERANDS[right].forEach((_, index) => OPERANDS[left].forEach((bits) => wrong.push(compare(twin, `right${index}`, result, [bits]), compare(twin, `rightIf${index}`, result, [bits]))));
      OPERANDS[left].forEach((_, index) => OPERANDS[right].forEach((bits) => wrong.push(compare(twin, `left${index}`, result, [bits]), compare(twin, `leftIf${index}`, result, [bits]))));
      expect(wrong.filter((problem) => problem !== null).slice(0, 5)).toEqual([]);
    });
  });
});
