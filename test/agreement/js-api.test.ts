// What a host may do to an instance while and between calls, and what it must not: the host's own WebAssembly says what comes of it.
// Each case runs on both, in every tier of ours, and has to give the same values and the same kinds of errors.
import { describe, expect, test } from 'vitest';
import { encode, Exhaustion, Global, instantiate, LinkError, Memory, parse, Table, Trap } from '../../src/wasm/index.js';
import { host } from '../support/host-wasm.js';
import { TIERS, useTier } from '../support/tiers.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Any = any;

/** What a case may use of either engine, by the same names. */
interface Engine {
  instance(text: string, imports?: object): Any;
  /** Of an exported memory. */
  bytes(memory: Any): Uint8Array;
  kindOf(error: unknown): string;
}

const OURS: Engine = {
  instance: (text, imports = {}) => instantiate(parse(text), imports as never).exports,
  bytes: (memory: Memory) => memory.view(),
  kindOf: (error) => (error instanceof Trap ? 'trap' : error instanceof Exhaustion ? 'exhaustion' : error instanceof LinkError ? 'link' : String((error as Error).constructor.name)),
};
const { RuntimeError, LinkError: HostLinkError } = host as unknown as { RuntimeError: new () => Error; LinkError: new () => Error };
const THEIRS: Engine = {
  instance: (text, imports = {}) => new host.Instance(new host.Module(encode(parse(text))), imports).exports,
  bytes: (memory: { buffer: ArrayBuffer }) => new Uint8Array(memory.buffer),
  kindOf: (error) =>
    error instanceof RuntimeError ? 'trap' : error instanceof HostLinkError ? 'link' : error instanceof RangeError && /call stack/.test(error.message) ? 'exhaustion' : String((error as Error).constructor.name),
};

/** What an action gives, or the kind of what it throws. */
const tried = (engine: Engine, act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return `throws ${engine.kindOf(error)}`;
  }
};

class Mine extends Error {}

const CASES: Readonly<Record<string, (engine: Engine, attempt: (act: () => unknown) => unknown) => unknown>> = {
  'a function of the host calls back, several deep, and every frame keeps its locals': (engine) => {
    const exports: Any = engine.instance(
      `(module (import "h" "again" (func $again (param i32 i64) (result i64)))
        (func (export "f") (param i32) (result i64) (local i64 f64)
          (local.set 1 (i64.mul (i64.extend_i32_s (local.get 0)) (i64.const 1000000007)))
          (local.set 2 (f64.convert_i32_s (local.get 0)))
          (i64.add (i64.add (call $again (local.get 0) (local.get 1)) (local.get 1)) (i64.trunc_f64_s (local.get 2)))))`,
      { h: { again: (depth: number, value: bigint): bigint => (depth === 0 ? 1n : exports.f(depth - 1) ^ value) } },
    );
    return [exports.f(0), exports.f(1), exports.f(7)];
  },
  'what the host throws passes through, and the next call is as if nothing had been': (engine, attempt) => {
    let left = 3;
    const exports = engine.instance('(module (import "h" "f" (func $f (param i32))) (func (export "f") (param i32) (result i32) (call $f (local.get 0)) (i32.add (local.get 0) (i32.const 1))))', {
      h: { f: () => { if (left-- > 0) throw new Mine('from the host'); } },
    });
    return Array.from({ length: 6 }, (_, index) => attempt(() => exports.f(index)));
  },
  'a trap further in, caught by the host, does not end the call further out': (engine) => {
    const exports: Any = engine.instance(
      `(module (import "h" "inner" (func $inner (param i32) (result i32)))
        (func (export "trap") (param i32) (result i32) (local i32) (local.set 1 (i32.const 9)) (i32.div_s (local.get 1) (local.get 0)))
        (func (export "outer") (param i32 i32) (result i32) (i32.add (i32.mul (local.get 0) (i32.const 10)) (i32.add (call $inner (local.get 1)) (local.get 1)))))`,
      { h: { inner: (value: number) => { try { return exports.trap(value); } catch { return -1; } } } },
    );
    return [exports.outer(4, 0), exports.outer(4, 3)];
  },
  'host and program that call each other for ever, and calls afterwards': (engine, attempt) => {
    const exports: Any = engine.instance('(module (import "h" "f" (func $f (result i32))) (func (export "f") (result i32) (i32.add (call $f) (i32.const 1))) (func (export "g") (result i32) (i32.const 5)))', { h: { f: () => exports.f() } });
    return [attempt(() => exports.f()), exports.g(), attempt(() => exports.f()), exports.g()];
  },
  'the host grows the memory in the middle of a call, and it is there at once': (engine) => {
    const exports: Any = engine.instance(
      `(module (import "h" "grow" (func $grow (param i32))) (memory (export "m") 1)
        (func (export "f") (result i32) (local i32 i32)
          (loop $again
            (i32.store (i32.mul (local.get 0) (i32.const 65536)) (i32.add (local.get 0) (i32.const 100)))
            (call $grow (local.get 0))
            (local.set 1 (i32.add (local.get 1) (i32.load8_u (i32.sub (i32.mul (i32.add (local.get 0) (i32.const 2)) (i32.const 65536)) (i32.const 1)))))
            (br_if $again (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 40))))
          (i32.add (local.get 1) (memory.size))))`,
      { h: { grow: (at: number) => { exports.m.grow(1); engine.bytes(exports.m)[(at + 2) * 65536 - 1] = at; } } },
    );
    return [exports.f(), Array.from({ length: 40 }, (_, page) => engine.bytes(exports.m)[page * 65536])];
  },
  'another instance grows the memory they share in the middle of a call': (engine, attempt) => {
    const owner = engine.instance('(module (memory (export "m") 1 3) (func (export "more") (result i32) (memory.grow (i32.const 1))))');
    const user = engine.instance(
      `(module (import "o" "m" (memory 1)) (import "o" "more" (func $more (result i32)))
        (func (export "f") (result i32) (i32.store (i32.const 0) (i32.const 7)) (drop (call $more)) (i32.store (i32.const 65536) (i32.const 8)) (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 65536))))
        (func (export "beyond") (result i32) (i32.load (i32.const 262144))))`, { o: owner });
    return [user.f(), user.f(), user.f(), engine.bytes(owner.m).length, attempt(() => user.beyond())];
  },
  'the host changes a table and a global between two uses of them': (engine, attempt) => {
    const exports: Any = engine.instance(
      `(module (import "h" "f" (func $f (param i32))) (type $t (func (result i32))) (table (export "t") 3 funcref) (global $g (export "g") (mut i32) (i32.const 1))
        (func $a (export "a") (result i32) (i32.const 10)) (func $b (export "b") (result i32) (i32.const 20)) (func (export "other") (param i32)) (elem (i32.const 0) $a $a)
        (func (export "f") (param i32) (result i32) (local i32)
          (local.set 1 (i32.add (call_indirect (type $t) (i32.const 0)) (global.get $g)))
          (call $f (local.get 0))
          (i32.add (i32.mul (local.get 1) (i32.const 1000)) (i32.add (call_indirect (type $t) (i32.const 0)) (global.get $g)))))`,
      { h: { f: (what: number) => { exports.t.set(0, [exports.b, null, exports.other][what]); exports.g.value += 5; } } },
    );
    return [0, 1, 2, 0].map((what) => { exports.t.set(0, exports.a); return [attempt(() => exports.f(what)), exports.g.value]; });
  },
  'arguments too few, too many, and of other kinds': (engine, attempt) => {
    const { f, l } = engine.instance('(module (func (export "f") (param i32 f64) (result f64) (f64.add (f64.convert_i32_s (local.get 0)) (local.get 1))) (func (export "l") (param i64) (result i64) (local.get 0)))');
    return [f(), f(1), f(1, 2, 3), f('0x10', ' 2 '), f(null, undefined), f(2 ** 31, -0), f([5], { valueOf: () => 1.5 }), attempt(() => f(1n, 1)), attempt(() => f(Symbol(), 1)), attempt(() => f({}, 1n)),
      attempt(() => l()), attempt(() => l(1)), attempt(() => l('7')), attempt(() => l('x')), l(-(2n ** 63n) - 1n), attempt(() => new f())];
  },
  'what the host returns is converted, or is a TypeError': (engine, attempt) => {
    const answers: unknown[] = [undefined, null, '12', 3.9, {}, 5n, Symbol(), [7], true];
    let at = 0;
    const { i, l, two } = engine.instance(
      `(module (import "h" "i" (func $i (result i32))) (import "h" "l" (func $l (result i64))) (import "h" "two" (func $two (result i32 f64)))
        (func (export "i") (result i32) (call $i)) (func (export "l") (result i64) (call $l)) (func (export "two") (result i32 f64) (call $two)))`,
      { h: { i: () => answers[at], l: () => answers[at], two: () => answers[at] } },
    );
    const all: unknown[] = [];
    for (at = 0; at < answers.length; at++) all.push([attempt(i), attempt(l), attempt(two)]);
    answers.push([1, 2], [1], [1, 2, 3], new Set([4, '5']), (function* () { yield 1; throw new Mine(); })());
    for (; at < answers.length; at++) all.push(attempt(two));
    return all;
  },
  'converting what the host returns may call in again': (engine) => {
    const exports: Any = engine.instance(
      `(module (import "h" "two" (func $two (param i32) (result i32 i32))) (func (export "f") (param i32) (result i32) (local i32) (local.set 1 (i32.const 50)) (call $two (local.get 0)) (i32.sub) (i32.add (local.get 1))))`,
      { h: { two: (depth: number) => [{ valueOf: () => (depth === 0 ? 1 : exports.f(depth - 1)) }, { valueOf: () => (depth === 0 ? 2 : exports.f(depth - 1) + 1) }] } },
    );
    return [exports.f(0), exports.f(3)];
  },
  'growing by what is no count': (engine, attempt) => {
    const exports = engine.instance('(module (memory (export "m") 1 4) (table (export "t") 1 4 funcref) (func $f (export "f") (result i32) (i32.const 3)) (elem (i32.const 0) $f) (type $r (func (result i32))) (func (export "call") (param i32) (result i32) (call_indirect (type $r) (local.get 0))) (func (export "size") (result i32) (i32.add (memory.size) (i32.mul (i32.const 100) (table.size)))))');
    const counts = [-1, 2 ** 32, NaN, Infinity, 'x', undefined];
    return [
      ...counts.map((count) => [attempt(() => exports.m.grow(count)), attempt(() => exports.t.grow(count)), exports.size()]),
      exports.m.grow(0), exports.t.grow(0), exports.m.grow(1.9), exports.m.grow('1'), exports.t.grow(1), exports.size(),
      exports.t.get(1), attempt(() => exports.call(1)), exports.t.grow(1, exports.f), exports.call(2), attempt(() => exports.t.grow(1, 'x')), attempt(() => exports.t.grow(1, () => 1)), exports.size(),
    ];
  },
  'what a table and a global do not take': (engine, attempt) => {
    const { t, g, l, c, f } = engine.instance('(module (table (export "t") 2 funcref) (global (export "g") (mut i32) (i32.const 1)) (global (export "l") (mut i64) (i64.const 1)) (global (export "c") i32 (i32.const 4)) (func (export "f")))');
    return [
      attempt(() => t.set(0, 5)), attempt(() => t.set(0, () => 1)), attempt(() => t.set(2, null)), attempt(() => t.get(2)), attempt(() => t.get(-1)), attempt(() => t.set(1, f)), t.get(1) === f,
      attempt(() => { g.value = 1n; }), attempt(() => { g.value = 'x'; }), g.value, attempt(() => { l.value = 1; }), l.value, attempt(() => { c.value = 1; }), c.value,
    ];
  },
  'imports that are missing or of another kind': (engine, attempt) => {
    const text = (what: string): string => `(module (import "h" "x" ${what}))`;
    const kinds = ['(func)', '(memory 1)', '(table 1 funcref)', '(global i32)', '(global i64)', '(global (mut i32))', '(global funcref)'];
    return kinds.map((kind) => [undefined, null, 1, 1n, 'x', {}, () => 1].map((value) => attempt(() => engine.instance(text(kind), { h: { x: value } }) !== undefined && 'fits')));
  },
  'segments written before the one that does not fit stay written': (engine, attempt) => {
    const { m, t } = engine.instance('(module (memory (export "m") 1) (table (export "t") 2 funcref))');
    const module = '(module (import "o" "m" (memory 1)) (import "o" "t" (table 2 funcref)) (func $f) (elem (i32.const 0) $f) (data (i32.const 0) "abc") (data (i32.const 65535) "de"))';
    return [attempt(() => engine.instance(module, { o: { m, t } })), [...engine.bytes(m).subarray(0, 4)], typeof t.get(0), t.get(1)];
  },
};

describe.each(TIERS)('%s', (tier) => {
  test.each(Object.entries(CASES))('%s', (_, act) => {
    useTier(tier);
    const outcome = (engine: Engine): unknown => act(engine, (attempted) => tried(engine, attempted));
    expect(outcome(OURS)).toEqual(outcome(THEIRS));
  });
});

test('the kinds are those of both', () => {
  expect([OURS, THEIRS].map((engine) => tried(engine, () => engine.instance('(module (func $f (export "f") (call $f)))').f()))).toEqual(['throws exhaustion', 'throws exhaustion']);
  expect([OURS, THEIRS].map((engine) => tried(engine, () => engine.instance('(module (func (export "f") unreachable))').f()))).toEqual(['throws trap', 'throws trap']);
  const { g, t, m } = instantiate(parse('(module (memory (export "m") 1) (table (export "t") 1 funcref) (global (export "g") i32 (i32.const 1)))')).exports;
  expect([g instanceof Global, t instanceof Table, m instanceof Memory]).toEqual([true, true, true]);
});
