// Limits and measurements of running code: exact, the same each time, and without a trace in code that nobody probes.
import { expect, test, describe } from 'vitest';
import { decode, encode, Exhaustion, instantiate, parse, Probes, Reader, readInstruction, type ExportedFunction, type Memory, type Module, type ProbeOptions } from '../../../src/wasm/index.js';
import { ELSEWHERE, ROOT, type CallTree } from '../../../src/wasm/runtime/call-tree.js';
import { randomProgram } from '../../support/random-program.js';
import { Random } from '../../support/random.js';
import { TIERS, useTier } from '../../support/tiers.js';

const TEXT = `(module
  (func $sum (export "sum") (param i32) (result i32) (local i32)
    (loop $l
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func $twice (export "twice") (param i32) (result i32) (i32.add (call $sum (local.get 0)) (call $sum (local.get 0))))
  (func $tail (export "tail") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 7))))
    (return_call $tail (i32.sub (local.get 0) (i32.const 1))))
  (func $endless (export "endless") (call $endless))
  (func (export "spin") (block (loop (br 0))))
  (func (export "empty")))`;
const MODULE = parse(TEXT);

function probed(options: ProbeOptions): { readonly probes: Probes; readonly call: (name: string, ...args: unknown[]) => unknown } {
  const probes = new Probes(options);
  const { exports } = instantiate(MODULE, {}, { probes });
  return { probes, call: (name, ...args) => (exports[name] as ExportedFunction)(...args) };
}

function stopped(act: () => unknown): Exhaustion {
  try {
    act();
  } catch (error) {
    if (error instanceof Exhaustion) return error;
    throw error;
  }
  throw new Error('it was not stopped');
}

const used = (probes: Probes): number => probes.fuel - Math.floor(probes.fuelLeft);

describe('fuel', () => {
  test.each([
    ['sum', [1], 10],
    ['sum', [10], 9 * 10 + 1],
    // The condition and `if` are four instructions, the first arm one, the second nine.
    ['fib', [1], 5],
    ['fib', [2], 13 + 5 + 5],
    ['twice', [10], 5 + 2 * 91],
    ['tail', [2], 2 * (3 + 4) + 5],
    ['empty', [], 0],
  ])('%s%j performs %i instructions', (name, args, instructions) => {
    const { probes, call } = probed({ fuel: 1_000_000 });
    call(name, ...args);
    expect(used(probes)).toBe(instructions);
    expect(() => probed({ fuel: instructions }).call(name, ...args)).not.toThrow();
    if (instructions > 0) expect(stopped(() => probed({ fuel: instructions - 1 }).call(name, ...args))).toMatchObject({ code: 'E_LIMIT_FUEL' });
  });

  test('two runs stop at the same place, which the stack tells', () => {
    const stop = () => stopped(() => probed({ fuel: 12_345 }).call('fib', 30));
    const first = stop();
    expect(first.message).toContain('12345 instructions');
    expect(first.frames[0]).toMatchObject({ name: 'fib' });
    expect(first.frames.every(({ offset }) => offset !== undefined)).toBe(true);
    expect(stop().frames).toEqual(first.frames);
  });

  test('ends a loop without an instruction in it', () => {
    expect(stopped(() => probed({ fuel: 100_000 }).call('spin')).code).toBe('E_LIMIT_FUEL');
  });
});

describe('depth', () => {
  test('counts calls under way, and a tail call is none', () => {
    expect(probed({ depth: 10 }).call('fib', 10)).toBe(55);
    const error = stopped(() => probed({ depth: 9 }).call('fib', 10));
    expect(error.code).toBe('E_LIMIT_DEPTH');
    expect(error.frames).toHaveLength(10);
    expect(probed({ depth: 1 }).call('tail', 1000)).toBe(7);
  });
});

describe('an interruption', () => {
  test.each(['spin', 'endless'])('stops %s, with the calls it was in', (name) => {
    let asked = 0;
    const error = stopped(() => probed({ interrupt: () => (++asked === 3 ? new Exhaustion('enough') : undefined) }).call(name));
    expect(error.wording).toBe('enough');
    expect(error.frames.length).toBeGreaterThan(0);
  });
});

describe('what was counted', () => {
  /** Instructions between two positions, by the engine's own reader of them. */
  function instructionsIn(bytes: Uint8Array, start: number, end: number): number {
    const free = new Set(['block', 'loop', 'end', 'else', 'nop', 'try_table']);
    const reader = new Reader(bytes, start, end);
    let count = 0;
    while (reader.position < end) if (!free.has(readInstruction(reader).info.mnemonic)) count++;
    return count;
  }

  test('random programs: the same results as without probes; stretches, profile and fuel tell the same number', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const bytes = encode(parse(randomProgram(new Random(seed))));
      const plain = instantiate(decode(bytes)).exports;
      const probes = new Probes({ fuel: 1e9, tally: true, profile: true, depth: 1000, interrupt: () => undefined });
      const module = decode(bytes);
      const counted = instantiate(module, {}, { probes }).exports;
      for (const exports of [plain, counted]) (exports['run'] as ExportedFunction)();
      expect((counted['m'] as Memory).view(), `seed ${seed}`).toEqual((plain['m'] as Memory).view());
      const imported = module.imports.length;
      const inStretches = probes.stretches.reduce((sum, { functionIndex, start, end }, index) => {
        const { code } = module.bodies[functionIndex - imported]!;
        return sum + probes.counts[index]! * instructionsIn(code.bytes, start, end);
      }, 0);
      const weights = probes.calls!.weights.reduce((sum, weight) => sum + weight, 0);
      expect(used(probes), `seed ${seed}`).toBeGreaterThan(0);
      expect([inStretches, weights], `seed ${seed}`).toEqual([used(probes), used(probes)]);
    }
  });

  /** Fuel used, where it stopped if it did, and the stretches that were entered. A profile keeps code in the loop. */
  function measured(module: Module, fuel: number, profile: boolean) {
    const probes = new Probes({ fuel, tally: true, profile });
    let stop: Exhaustion | undefined;
    try {
      (instantiate(module, {}, { probes }).exports['run'] as ExportedFunction)();
    } catch (error) {
      if (!(error instanceof Exhaustion)) throw error;
      stop = error;
    }
    const counts = probes.stretches.map(({ functionIndex, start, end }, index) => [functionIndex, start, end, probes.counts[index]!].join(' ')).filter((text) => !text.endsWith(' 0'));
    return { used: used(probes), stop: stop?.frames, counts: counts.sort() };
  }

  test.each(TIERS)('%s: the same to the last instruction, and the same place to stop', (tier) => {
    useTier(tier);
    for (let seed = 1; seed <= 6; seed++) {
      const module = decode(encode(parse(randomProgram(new Random(seed)))));
      const whole = measured(module, 1e9, true);
      const half = Math.floor(whole.used / 2);
      expect(measured(module, 1e9, false), `seed ${seed}`).toEqual(whole);
      expect(measured(module, half, false), `seed ${seed}`).toEqual(measured(module, half, true));
    }
  });

  test.each(TIERS)('%s: what does not end is stopped', (tier) => {
    useTier(tier);
    for (const name of ['spin', 'endless']) {
      let asked = 0;
      expect(stopped(() => probed({ fuel: 1e12, interrupt: () => (++asked === 3 ? new Exhaustion('enough') : undefined) }).call(name)).wording).toMatch(name === 'spin' ? /enough/ : /enough|exhausted/);
      expect(stopped(() => probed({ fuel: 100_000 }).call(name)).code).toBe('E_LIMIT_FUEL');
    }
  });

  const chains = (calls: CallTree): Record<string, readonly [weight: number, entered: number]> => {
    const found: Record<string, [number, number]> = {};
    for (let node = ELSEWHERE + 1; node < calls.size; node++) {
      const chain: number[] = [];
      for (let at = node; at !== ROOT; at = calls.parents[at]!) chain.unshift(calls.functions[at]!);
      found[chain.join('>')] = [calls.weights[node]!, calls.entered[node]!];
    }
    return found;
  };

  test('a profile keeps instructions by the chain of calls', () => {
    const { probes, call } = probed({ profile: true });
    call('twice', 10);
    call('sum', 10);
    call('tail', 2);
    expect(chains(probes.calls!)).toEqual({ '2': [5, 1], '2>0': [182, 2], '0': [91, 1], '3': [19, 3] });
  });

  test('recursion without an end is folded, and no instruction gets lost', () => {
    const { probes, call } = probed({ profile: true, fuel: 100_000 });
    stopped(() => call('endless'));
    expect(probes.calls!.size).toBeLessThan(300);
    expect(probes.calls!.weights.reduce((sum, weight) => sum + weight, 0)).toBe(100_000);
  });
});
