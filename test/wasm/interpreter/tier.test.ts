// The second tier is not to be told from the loop: nothing of what follows depends on who performs a call, or on where the one
// takes over from the other.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { Exception, Exhaustion, instantiate, parse, type Tag, type Trap, type ExportedFunction, type ImportObject, type Instance } from '../../../src/wasm/index.js';
import { invoke } from '../../../src/wasm/js-api/invoke.js';
import { TIERS, useTier } from '../../support/tiers.js';

const call = (instance: Instance, name: string, ...args: unknown[]): unknown => (instance.exports[name] as ExportedFunction)(...args);
const make = (text: string, imports: ImportObject = {}): Instance => instantiate(parse(text), imports);
const emittedOf = (instance: Instance): number => instance.emitted?.entries.filter((entry) => entry !== null && entry !== undefined).length ?? 0;

afterEach(() => useTier('the loop'));

function errorOf(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** What `observe` sees, for each way of performing. */
function inAllTiers<Seen>(observe: () => Seen): Seen[] {
  return TIERS.map((tier) => {
    useTier(tier);
    return observe();
  });
}

describe('functions and loops', () => {
  const SUM = '(module (func (export "sum") (param i32) (result i32) (local i32) (loop (local.set 1 (i32.add (local.get 1) (local.get 0))) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))';

  test('are emitted when they are called, or turn, often enough', () => {
    useTier('emitted at the first call');
    const instance = make(SUM);
    expect(emittedOf(instance)).toBe(0);
    expect(call(instance, 'sum', 100)).toBe(5050);
    expect(emittedOf(instance)).toBe(1);
    useTier('emitted at the first turn');
    const turning = make(SUM);
    expect(call(turning, 'sum', 100)).toBe(5050);
    expect([...turning.emitted!.loops.values()].filter((loop) => loop !== null)).toHaveLength(1);
  });

  test.each([
    ['vectors', '(i32x4.extract_lane 0 (v128.const i32x4 1 2 3 4))', 1],
    ['garbage-collected objects', '(i31.get_s (ref.i31 (i32.const 1)))', 0],
    ['a tail call', '(if (result i32) (i32.const 1) (then (i32.const 1)) (else (return_call $f)))', 0],
    ['references', '(ref.is_null (ref.null func))', 1],
    ['an exception', '(block $caught (try_table (catch $t $caught) (throw $t))) (i32.const 1)', 1],
  ])('with %s', (_, body, emitted) => {
    useTier('emitted at the first call');
    const instance = make(`(module (tag $t) (func $f (export "f") (result i32) ${body}))`);
    expect([call(instance, 'f'), emittedOf(instance)]).toEqual([1, emitted]);
  });

  test('with atomic operations, save those with addresses of 64 bits', () => {
    useTier('emitted at the first call');
    const body = (address: string) => `(func (export "f") (result i32) (atomic.fence) (i64.atomic.store (${address}.const 8) (i64.const 3))
      (drop (memory.atomic.notify (${address}.const 0) (i32.const 1))) (i32.atomic.rmw16.add_u (${address}.const 8) (i32.const 4)))`;
    for (const [address, most] of [['i32', 1], ['i64', 0]] as const) {
      const instance = make(`(module (memory ${address} 1 1 shared) ${body(address)})`);
      expect([call(instance, 'f'), call(instance, 'f'), emittedOf(instance)]).toEqual([3, 3, most]);
    }
  });

  test('two instances of a module are apart', () => {
    useTier('emitted at the first call');
    const module = parse('(module (global $g (mut i32) (i32.const 0)) (memory (export "m") 1) (func (export "count") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (i32.store (i32.const 0) (global.get $g)) (i32.load (i32.const 0))))');
    const [one, two] = [instantiate(module), instantiate(module)];
    expect([call(one, 'count'), call(one, 'count'), call(two, 'count'), call(one, 'count')]).toEqual([1, 2, 1, 3]);
  });
});

describe('a trap', () => {
  test.each([
    ['unreachable', '(unreachable)'],
    ['integer divide by zero', '(drop (i32.div_s (i32.const 1) (local.get 0)))'],
    ['integer divide by zero', '(drop (i64.rem_u (i64.const 1) (i64.extend_i32_u (local.get 0))))'],
    ['integer overflow', '(drop (i32.div_s (i32.const -0x80000000) (i32.sub (local.get 0) (i32.const 1))))'],
    ['out of bounds memory access', '(drop (i32.load offset=65533 (local.get 0)))'],
    ['out of bounds memory access', '(i64.store8 (i32.sub (local.get 0) (i32.const 1)) (i64.const 0))'],
    ['out of bounds memory access', '(memory.fill (local.get 0) (local.get 0) (i32.const 65537))'],
    ['integer overflow', '(drop (i32.trunc_f64_s (f64.convert_i32_s (i32.sub (local.get 0) (i32.const 1))))) (drop (i32.trunc_f64_u (f64.const 4294967296)))'],
    ['undefined element', '(call_indirect (param i32) (local.get 0) (i32.const 9))'],
    ['indirect call type mismatch', '(drop (call_indirect (result i32) (i32.const 0)))'],
  ])('%s, by %s: the same words and the same calls with their positions', (name, body) => {
    const [byLoop, ...byOthers] = inAllTiers(() => {
      const instance = make(`(module (memory 1) (table funcref (elem $outer))
        (func $inner (param i32) ${body})
        (func $middle (param i32) (result i32) (local $i i32) (loop (local.set $i (i32.add (local.get $i) (i32.const 1))) (call $inner (local.get 0)) (br_if 0 (i32.lt_s (local.get $i) (i32.const 3)))) (local.get $i))
        (func $outer (export "f") (param i32) (drop (call $middle (local.get 0)))))`);
      const error = errorOf(() => call(instance, 'f', 0)) as Trap;
      return { trap: error.trap, message: error.message, frames: error.frames };
    });
    expect(byLoop!.trap).toBe(name);
    expect(byLoop!.frames.length).toBeGreaterThanOrEqual(3);
    for (const other of byOthers) expect(other).toEqual(byLoop);
  });
});

describe('the stack', () => {
  const DEEP = '(module (func $down (export "down") (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0)))))';

  test('goes as deep as the loop goes, far beyond that of JavaScript', () => {
    expect(inAllTiers(() => call(make(DEEP), 'down', 200_000))).toEqual(TIERS.map(() => 200_000));
  });

  test('ends where it ends for the loop, with the same innermost calls', () => {
    const [byLoop, ...byOthers] = inAllTiers(() => {
      const instance = make(DEEP);
      const error = errorOf(() => call(instance, 'down', -1)) as Exhaustion;
      return { isExhaustion: error instanceof Exhaustion, frames: error.frames, after: call(instance, 'down', 10) };
    });
    expect(byLoop).toMatchObject({ isExhaustion: true, after: 10 });
    for (const other of byOthers) expect(other).toEqual(byLoop);
  });

  test('holds frames of many variables', () => {
    const locals = Array.from({ length: 400 }, (_, at) => `(local.set ${at + 1} (i64.add (i64.extend_i32_u (local.get 0)) (i64.const ${at})))`);
    const sum = Array.from({ length: 400 }, (_, at) => `(local.set 1 (i64.add (local.get 1) (local.get ${at + 1})))`);
    const text = `(module (func $down (export "down") (param i32) (result i64) (local ${'i64 '.repeat(400)}) ${locals.join('')}
      (if (local.get 0) (then (local.set 2 (call $down (i32.sub (local.get 0) (i32.const 1)))))) ${sum.join('')} (local.get 1)))`;
    const [byLoop, ...byOthers] = inAllTiers(() => call(make(text), 'down', 1500));
    for (const other of byOthers) expect(other).toBe(byLoop);
  });
});

describe('values', () => {
  test('NaNs keep their bits through loads, stores, locals, calls, selects and results', () => {
    const text = `(module (memory 1)
      (func $same (param f64) (result f64) (local.get 0))
      (func $same32 (param f32) (result f32) (local.get 0))
      (func (export "f") (param $bits i64) (result i64)
        (local $x f64)
        (i64.store (i32.const 8) (local.get $bits))
        (local.set $x (f64.load (i32.const 8)))
        (local.set $x (call $same (local.get $x)))
        (local.set $x (select (local.get $x) (f64.const 1) (i32.const 1)))
        (local.set $x (f64.neg (f64.neg (local.get $x))))
        (f64.store (i32.const 16) (local.get $x))
        (i64.load (i32.const 16)))
      (func (export "g") (param $bits i32) (result i32) (i32.reinterpret_f32 (call $same32 (f32.reinterpret_i32 (local.get $bits)))))
      (func (export "h") (param f64) (result f64) (f64.copysign (call $same (local.get 0)) (f64.const -1))))`;
    const bits = [0x7ff0000000000001n, 0x7ff8000000000000n, -0x0008000000000000n, -0x000ffffffffffffen, 0x7ff4dead0000beefn, 0x4000000000000000n];
    const seen = inAllTiers(() => {
      const instance = make(text);
      return [
        ...bits.map((each) => call(instance, 'f', each)),
        ...[0x7fa00001, 0x7fc00000, -1, 5].map((each) => call(instance, 'g', each)),
        invoke(instance.exports['h'] as ExportedFunction, [{ type: 'f64', bits: 0x7ff4dead0000beefn }]),
      ];
    });
    expect(seen[0]!.slice(0, bits.length)).toEqual(bits);
    for (const other of seen.slice(1)) expect(other).toEqual(seen[0]);
  });

  test('products and quotients of 64 bits', () => {
    const text = `(module ${['mul', 'div_s', 'div_u', 'rem_s', 'rem_u'].map((name) => `(func (export "${name}") (param i64 i64) (result i64) (i64.${name} (local.get 0) (local.get 1)))`).join('')})`;
    const edges = [1n, -1n, 2n, 10n, 3n, 0xffff_ffffn, 0x1_0000_0000n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 1_000_000_007n, 6364136223846793005n];
    const [byLoop, ...byOthers] = inAllTiers(() => {
      const instance = make(text);
      return ['mul', 'div_s', 'div_u', 'rem_s', 'rem_u'].flatMap((name) => edges.flatMap((a) => edges.map((b) => (name.endsWith('s') && a === -(2n ** 63n) && b === -1n ? null : call(instance, name, a, b)))));
    });
    const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);
    expect(byLoop!.slice(0, edges.length ** 2)).toEqual(edges.flatMap((a) => edges.map((b) => wrap(a * b))));
    for (const other of byOthers) expect(other).toEqual(byLoop);
  });
});

describe('what changes under a caller', () => {
  test('a memory that grows in a callee, in the host, or behind a table, is seen by emitted code and by the loop', () => {
    const text = `(module (import "h" "grow" (func $host)) (memory (export "m") 1) (table funcref (elem $grow))
      (func $grow (drop (memory.grow (i32.const 20))))
      (func $touch (param i32) (result i32) (i32.store (local.get 0) (i32.const 7)) (i32.load (local.get 0)))
      (func (export "f") (result i32) (local $i i32) (local $sum i32)
        (loop (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (if (i32.eq (local.get $i) (i32.const 2)) (then (call $grow)))
          (if (i32.eq (local.get $i) (i32.const 3)) (then (call $host)))
          (if (i32.eq (local.get $i) (i32.const 4)) (then (call_indirect (i32.const 0))))
          (local.set $sum (i32.add (local.get $sum) (i32.load (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)))))
          (local.set $sum (i32.add (local.get $sum) (call $touch (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 8)))))
          (br_if 0 (i32.lt_s (local.get $i) (i32.const 6))))
        (local.get $sum)))`;
    const seen = inAllTiers(() => {
      const instance = make(text, { h: { grow: (() => (instance.exports['m'] as { grow(by: number): number }).grow(40)) as ExportedFunction } });
      return call(instance, 'f');
    });
    expect(seen).toEqual(TIERS.map(() => 42));
  });

  test('a host that calls back, throws, or raises an exception', () => {
    const tag = make('(module (tag (export "t")))').exports['t'] as Tag;
    const text = '(module (import "h" "h" (func $h (param i32) (result i32))) (func (export "f") (param i32) (result i32) (i32.add (i32.const 1) (call $h (local.get 0)))))';
    const seen = inAllTiers(() => {
      const instance: Instance = make(text, {
        h: {
          h: ((x: number) => {
            if (x === 100) throw new RangeError('enough');
            if (x === 101) throw new Exception(tag, []);
            return x === 0 ? 0 : (call(instance, 'f', x - 1) as number);
          }) as ExportedFunction,
        },
      });
      return [call(instance, 'f', 50), errorOf(() => call(instance, 'f', 100)).message, errorOf(() => call(instance, 'f', 101)) instanceof Exception, call(instance, 'f', 3)];
    });
    for (const each of seen) expect(each).toEqual([51, 'enough', true, 4]);
  });

  test('a table that leads to another instance', () => {
    const seen = inAllTiers(() => {
      const other = make('(module (memory 1) (data (i32.const 0) "\\05") (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.load8_u (i32.const 0)))))');
      const instance = make('(module (import "o" "f" (func $f (param i32) (result i32))) (table funcref (elem $f $g)) (func $g (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))) (func (export "run") (param i32 i32) (result i32) (call_indirect (param i32) (result i32) (local.get 0) (local.get 1))))', { o: { f: other.exports['f']! } });
      return [call(instance, 'run', 4, 0), call(instance, 'run', 4, 1), call(instance, 'run', 5, 0)];
    });
    for (const each of seen) expect(each).toEqual([9, 8, 10]);
  });
});

test('emitted code that is left again and again is given up, and goes on to be right', () => {
  useTier('emitted at the first call');
  const instance = make('(module (memory 1) (func (export "f") (param i64) (result i64) (i64.store (i32.const 0) (local.get 0)) (f64.store (i32.const 8) (f64.load (i32.const 0))) (i64.load (i32.const 8))))');
  const nan = 0x7ff4000000000001n;
  for (let turn = 0; turn < 300; turn++) expect(call(instance, 'f', nan + BigInt(turn))).toBe(nan + BigInt(turn));
  expect(emittedOf(instance)).toBe(0);
});

test('where the host allows no code from text, everything stays with the loop', () => {
  const dist = pathToFileURL(path.resolve(import.meta.dirname, '../../../dist/wasm')).href;
  const program = `
    import { instantiate, parse } from ${JSON.stringify(`${dist}/index.js`)};
    import { tier } from ${JSON.stringify(`${dist}/interpreter/tier/link.js`)};
    tier.calls = 1;
    const { f } = instantiate(parse('(module (func $f (export "f") (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0)))))')).exports;
    console.log(f(1000), f(1000), tier.isOn);`;
  expect(execFileSync(process.execPath, ['--disallow-code-generation-from-strings', '--input-type=module', '--eval', program], { encoding: 'utf8' })).toBe('1000 1000 false\n');
});
