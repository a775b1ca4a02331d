// Every vector instruction of the table, on lanes at the edges and on random ones, against the host's own WebAssembly: equal
// bits, in lanes of floats NaNs as a class. Operands and results go through memory. Relaxed instructions are compared where the
// specification leaves one result only; what we choose elsewhere is checked against the deterministic profile, by hand.
import { describe, expect, test } from 'vitest';
import { INSTRUCTION_INFOS, type InstructionInfo } from '../../src/wasm/instructions.js';
import { hostFeatures } from '../support/host-features.js';
import { TRAPPED, twinOf, type Twin } from '../support/host-wasm.js';
import { Random } from '../support/random.js';
import { useTier } from '../support/tiers.js';

type Simple = InstructionInfo & { readonly type: { readonly params: string; readonly results: string } };
const features = hostFeatures();
const vectors = INSTRUCTION_INFOS.filter(({ code, feature }) => code >>> 16 === 0xfd && (feature === 'simd' || features.has('relaxed-simd'))) as readonly Simple[];
const isAccess = ({ immediates }: InstructionInfo): boolean => immediates.some((kind) => kind.startsWith('memarg'));

const TYPES: Readonly<Record<string, string>> = { a: 'i32', i: 'i32', l: 'i64', f: 'f32', d: 'f64', v: 'v128' };
const ROUNDS = 300;

// ---- Vectors to compute with: each made of lanes of one width, at the edges for integers and floats of it.

const EDGES: Readonly<Record<8 | 16 | 32 | 64, readonly bigint[]>> = {
  8: [0n, 1n, 2n, 0x0fn, 0x10n, 0x3fn, 0x40n, 0x7en, 0x7fn, 0x80n, 0x81n, 0xc0n, 0xf0n, 0xfen, 0xffn],
  16: [0n, 1n, 2n, 0x7fn, 0x80n, 0xffn, 0x100n, 0x3fffn, 0x4000n, 0x7ffen, 0x7fffn, 0x8000n, 0x8001n, 0xff00n, 0xff7fn, 0xff80n, 0xfffen, 0xffffn],
  32: [
    0n, 1n, 2n, 0x7fffn, 0x8000n, 0xffffn, 0x10000n, 0xffff7fffn, 0xffff8000n, 0x7ffffffen, 0x7fffffffn, 0x80000000n, 0x80000001n, 0xfffffffen, 0xffffffffn,
    // Floats: ±0.5, ±1, 1.5, 2.5, -2.5, 2^23 - 0.5, 2^31, 2^32, -2^31, the largest, the smallest, infinities, NaNs quiet and signalling.
    0x3f000000n, 0xbf000000n, 0x3f800000n, 0xbf800000n, 0x3fc00000n, 0x40200000n, 0xc0200000n, 0x4affffffn, 0x4f000000n, 0x4effffffn, 0x4f800000n, 0x4f7fffffn, 0xcf000000n, 0x7f7fffffn, 0x007fffffn,
    0x7f800000n, 0xff800000n, 0x7fc00000n, 0xffc00000n, 0x7fa00001n, 0xff812345n,
  ],
  64: [
    0n, 1n, 2n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 0x100000000n, 0x7ffffffffffffffen, 0x7fffffffffffffffn, 0x8000000000000000n, 0x8000000000000001n, 0xfffffffffffffffen, 0xffffffffffffffffn, 0xffffffff00000000n,
    0x3fe0000000000000n, 0xbfe0000000000000n, 0x3ff0000000000000n, 0xbff0000000000000n, 0x3ff8000000000000n, 0x4004000000000000n, 0xc004000000000000n, 0x432fffffffffffffn, 0x41dfffffffc00000n, 0x41e0000000000000n,
    0x41efffffffe00000n, 0x41f0000000000000n, 0xc1e0000000000000n, 0xc1e0000000200000n, 0x7fefffffffffffffn, 0x000fffffffffffffn, 0x47efffffe0000000n, 0x47f0000000000000n, 0x3690000000000000n, 0x36a0000000000000n,
    0x7ff0000000000000n, 0xfff0000000000000n, 0x7ff8000000000000n, 0xfff8000000000000n, 0x7ff4000000000001n, 0xfff0123456789abcn,
  ],
};

function vectorOf(random: Random): Uint8Array {
  const width = ([8, 16, 32, 64] as const)[random.below(4)]!;
  const bytes = new Uint8Array(16);
  for (let lane = 0; lane < 128 / width; lane++) {
    const edges = EDGES[width];
    let value = edges[random.below(edges.length)]!;
    if (random.chance(25)) for (let at = 0; at < width; at += 8) value = (value & ~(0xffn << BigInt(at))) | (BigInt(random.below(256)) << BigInt(at));
    for (let at = 0; at < width / 8; at++) bytes[(lane * width) / 8 + at] = Number((value >> BigInt(8 * at)) & 0xffn);
  }
  return bytes;
}

// ---- Comparing.

/** Bits of the lanes a result is compared by: of floats where the instruction computes floats. */
function floatLanes({ mnemonic, type }: Simple): 0 | 32 | 64 {
  if (type.results === 'f') return 32;
  if (type.results === 'd') return 64;
  if (/(\.(eq|ne|lt|gt|le|ge)|_lane|splat|\.abs|\.neg|pmin|pmax)$/.test(mnemonic)) return 0;
  return mnemonic.startsWith('f32x4.') ? 32 : mnemonic.startsWith('f64x2.') ? 64 : 0;
}

function isQuietNan(bytes: Uint8Array, width: 32 | 64): boolean {
  const quiet = width === 32 ? 0x7fc0_0000n : 0x7ff8_0000_0000_0000n;
  const bits = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return (bits & quiet) === quiet;
}

function same(ours: Uint8Array, theirs: Uint8Array, lanes: 0 | 32 | 64): boolean {
  if (lanes === 0) return Buffer.compare(ours, theirs) === 0;
  for (let at = 0; at < 16; at += lanes / 8) {
    const [a, b] = [ours.subarray(at, at + lanes / 8), theirs.subarray(at, at + lanes / 8)];
    if (Buffer.compare(a, b) !== 0 && !(isQuietNan(a, lanes) && isQuietNan(b, lanes))) return false;
  }
  return true;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

// ---- Where a relaxed instruction has one result: the operands are made so.

const clearHigh = (bytes: Uint8Array): void => bytes.forEach((byte, at) => (bytes[at] = byte & 0x7f));
const wholeLanes = (bytes: Uint8Array, width: number): void => bytes.forEach((_, at) => (bytes[at] = bytes[at - (at % width)]! & 1 ? 0xff : 0));
const write32 = (bytes: Uint8Array, values: readonly number[]): void => bytes.set(new Uint8Array(Float32Array.from(values).buffer));
const write64 = (bytes: Uint8Array, values: readonly number[]): void => bytes.set(new Uint8Array(Float64Array.from(values).buffer));
const small = (random: Random): number => random.below(2001) - 1000;

function makeUnambiguous(mnemonic: string, random: Random, [a, b, c]: readonly Uint8Array[]): void {
  if (mnemonic.endsWith('swizzle')) b!.forEach((byte, at) => (b![at] = byte & 0x8f));
  else if (mnemonic.endsWith('laneselect')) wholeLanes(c!, Number(/\d+/.exec(mnemonic)![0]) / 8);
  else if (mnemonic.includes('dot')) clearHigh(b!);
  else if (mnemonic.includes('q15mulr')) b!.forEach((byte, at) => (b![at] = at & 1 ? byte & 0x7f : byte));
  else if (mnemonic.includes('trunc_f32x4_u')) write32(a!, [0, 1, 2, 3].map(() => random.below(2 ** 31) + 0.75));
  else if (mnemonic.includes('trunc_f32x4_s')) write32(a!, [0, 1, 2, 3].map(() => small(random) * 1.37));
  else if (mnemonic.includes('trunc_f64x2_u')) write64(a!, [0, 1].map(() => random.below(2 ** 31) * 1.9));
  else if (mnemonic.includes('trunc_f64x2_s')) write64(a!, [0, 1].map(() => small(random) * 1.37));
  // Small integers: products and sums are exact, so fused or not is the same.
  else if (mnemonic.startsWith('f32x4.')) [a, b, c].forEach((each) => each !== undefined && write32(each, [0, 1, 2, 3].map(() => small(random) || 1)));
  else [a, b, c].forEach((each) => each !== undefined && write64(each, [0, 1].map(() => small(random) || 1)));
}

// ---- Forms of one instruction.

/** Immediates to try: every lane, or some shuffles and constants. */
function immediatesOf({ immediates }: InstructionInfo, random: Random): string[] {
  const kind = immediates.find((each) => each.startsWith('lane') || each === 'v128');
  if (kind === undefined) return [''];
  if (kind === 'v128') return Array.from({ length: 8 }, () => `i8x16 ${vectorOf(random).join(' ')}`);
  if (kind === 'lanes16') return Array.from({ length: 12 }, () => Array.from({ length: 16 }, () => random.below(32)).join(' '));
  return Array.from({ length: Number(kind.slice('lane'.length)) }, (_, lane) => String(lane));
}

const seed = (mnemonic: string): number => [...mnemonic].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);

describe.each(vectors.filter((info) => !isAccess(info)).map((info) => [info.mnemonic, info] as const))('%s', (mnemonic, info) => {
  const random = new Random(seed(mnemonic));
  const letters = [...info.type.params];
  const load = (index: number): string => `(${TYPES[letters[index]!]}.load (i32.const ${16 * index}))`;
  const store = (value: string): string => `(${TYPES[info.type.results]}.store (i32.const 64) ${value})`;
  const locals = letters.map((letter) => `(local ${TYPES[letter]})`).join(' ');
  const setLocals = letters.map((_, index) => `(local.set ${index} ${load(index)})`).join(' ');
  const forms = immediatesOf(info, random);
  const functions = forms.flatMap((immediate, index) => {
    const ofLocals = `(${mnemonic} ${immediate} ${letters.map((_, at) => `(local.get ${at})`).join(' ')})`;
    const over = letters.map((letter, at) => (TYPES[letter] === TYPES[info.type.results] ? `(func (export "over${at}_${index}") ${locals} ${setLocals} (local.set ${at} ${ofLocals}) ${store(`(local.get ${at})`)})` : ''));
    return [
      `(func (export "stack_${index}") ${store(`(${mnemonic} ${immediate} ${letters.map((_, at) => load(at)).join(' ')})`)})`,
      `(func (export "locals_${index}") ${locals} ${setLocals} ${store(ofLocals)})`,
      ...over.filter((text) => text !== ''),
      info.type.results === 'i' ? `(func (export "if_${index}") ${locals} ${setLocals} (if ${ofLocals} (then ${store('(i32.const 1)')}) (else ${store('(i32.const 2)')})))` : '',
    ];
  });

  test.each(['the loop', 'emitted at the first call'] as const)('agrees with the host, %s', (tier) => {
    useTier(tier);
    const twin = twinOf(`(module (memory (export "m") 1) ${functions.join('\n')})`);
    const names = functions.flatMap((text) => /export "(\w+)"/.exec(text)?.slice(1) ?? []);
    const lanes = floatLanes(info);
    const rounds = letters.length === 0 ? 1 : Math.ceil(ROUNDS / forms.length);
    const wrong: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const operands = letters.map(() => vectorOf(random));
      if (info.feature === 'relaxed-simd') makeUnambiguous(mnemonic, random, operands);
      for (const name of names) {
        const [ours, theirs] = [twin.ours, twin.theirs].map((engine) => {
          const memory = engine.memory();
          operands.forEach((bytes, index) => memory.set(bytes, 16 * index));
          memory.fill(0, 64, 80);
          engine.call(name);
          return memory.slice(64, 80);
        }) as [Uint8Array, Uint8Array];
        if (!same(ours, theirs, lanes)) wrong.push(`${name} of ${operands.map(hex).join(', ')} is ${hex(ours)}, the host's ${hex(theirs)}`);
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});

describe.each(vectors.filter(isAccess).map((info) => [info.mnemonic, info] as const))('%s', (mnemonic, info) => {
  const OFFSETS = [0, 1, 6, 65_519, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
  const ADDRESSES = [0, 1, 2, 4, 8, 12, 65_512, 65_519, 65_520, 65_521, 65_527, 65_528, 65_529, 65_532, 65_533, 65_534, 65_535, 65_536, 0x7fff_ffff, 0x8000_0001, 0xffff_fff0, 0xffff_ffff];
  const random = new Random(seed(mnemonic));
  const forms = immediatesOf(info, random);
  const isStore = info.type.results === '';
  const takesVector = info.type.params.includes('v');
  /** Where vectors come from and go to, out of the way of the accesses: a memory of their own would be another feature. */
  const [FROM, TO] = [32_000, 32_016];
  const access = (offset: number, immediate: string, address: string): string => {
    const text = `(${mnemonic} offset=${offset} ${immediate} ${address} ${takesVector ? `(v128.load (i32.const ${FROM}))` : ''})`;
    return isStore ? text : `(v128.store (i32.const ${TO}) ${text})`;
  };

  test.each(['the loop', 'emitted at the first call'] as const)('agrees with the host, %s', (tier) => {
    useTier(tier);
    const functions = forms.flatMap((immediate, form) =>
      OFFSETS.flatMap((offset, index) => [
        `(func (export "local${form}_${index}") (param i32) ${access(offset, immediate, '(local.get 0)')})`,
        `(func (export "computed${form}_${index}") (param i32) ${access(offset, immediate, '(i32.add (i32.const 1) (i32.sub (local.get 0) (i32.const 1)))')})`,
      ]),
    );
    const twin = twinOf(`(module (memory (export "m") 1) ${functions.join('\n')})`);
    for (const engine of [twin.ours, twin.theirs]) engine.memory().forEach((_, at, memory) => (memory[at] = (at * 167 + (at >> 8)) & 0xff));
    const wrong: string[] = [];
    let trapped = 0;
    for (const [form] of forms.entries()) {
      for (const [index] of OFFSETS.entries()) {
        for (const address of ADDRESSES) {
          for (const kind of ['local', 'computed']) {
            const vector = vectorOf(random);
            const run = (engine: Twin['ours']): unknown => {
              engine.memory().set(vector, FROM);
              return engine.call(`${kind}${form}_${index}`, address | 0);
            };
            const [ours, theirs] = [run(twin.ours), run(twin.theirs)];
            if (ours === TRAPPED) trapped++;
            if (ours !== theirs) wrong.push(`${kind}${form}_${index}(0x${address.toString(16)}) is ${String(ours)}, the host's ${String(theirs)}`);
            else if (Buffer.compare(twin.ours.memory().subarray(FROM, TO + 16), twin.theirs.memory().subarray(FROM, TO + 16)) !== 0) wrong.push(`${kind}${form}_${index}(0x${address.toString(16)}) differs`);
          }
        }
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(trapped).toBeGreaterThan(0);
    expect(Buffer.compare(twin.ours.memory(), twin.theirs.memory())).toBe(0);
  });
});

test('every row is among these', () => {
  expect(vectors.filter(({ feature }) => feature === 'simd')).toHaveLength(INSTRUCTION_INFOS.filter(({ feature }) => feature === 'simd').length);
  expect(vectors.every(({ type }) => type !== null)).toBe(true);
});
