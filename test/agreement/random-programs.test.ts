// Random programs that end, run by both engines: the same results, traps, globals and memory. Made to be hard on lowering:
// operands that stay on the stack while locals change under them, constants everywhere, blocks with parameters and results
// left in every way, comparisons in conditions, addresses that are sums, and in every other program a shared memory with atomic
// accesses. The same numbers in every run; PROGRAM_CASES makes it longer.
import { expect, test } from 'vitest';
import { Random } from '../support/random.js';
import { TIERS, useTier } from '../support/tiers.js';
import { TRAPPED, twinOf, type Twin } from '../support/host-wasm.js';

const cases = Number(process.env['PROGRAM_CASES'] ?? 300);

type Type = 'i32' | 'i64' | 'f32' | 'f64';
const TYPES: readonly Type[] = ['i32', 'i64', 'f32', 'f64'];
const INTEGER_BINARY = ['add', 'sub', 'mul', 'and', 'or', 'xor', 'shl', 'shr_s', 'shr_u', 'rotl', 'rotr', 'div_u', 'rem_s'];
// Not copysign: the sign of a NaN is anybody's.
const FLOAT_BINARY = ['add', 'sub', 'mul', 'div', 'min', 'max'];
const INTEGER_COMPARE = ['eq', 'ne', 'lt_s', 'lt_u', 'gt_s', 'gt_u', 'le_s', 'le_u', 'ge_s', 'ge_u'];
const FLOAT_COMPARE = ['eq', 'ne', 'lt', 'gt', 'le', 'ge'];
const CONVERSIONS: Readonly<Record<Type, ReadonlyArray<readonly [name: string, from: Type]>>> = {
  i32: [['i32.wrap_i64', 'i64'], ['i32.trunc_sat_f64_s', 'f64'], ['i32.trunc_sat_f32_u', 'f32'], ['i32.extend8_s', 'i32'], ['i32.clz', 'i32'], ['i32.popcnt', 'i32']],
  i64: [['i64.extend_i32_s', 'i32'], ['i64.extend_i32_u', 'i32'], ['i64.trunc_sat_f64_s', 'f64'], ['i64.extend32_s', 'i64'], ['i64.ctz', 'i64']],
  f32: [['f32.convert_i32_s', 'i32'], ['f32.convert_i64_u', 'i64'], ['f32.demote_f64', 'f64'], ['f32.sqrt', 'f32'], ['f32.neg', 'f32']],
  f64: [['f64.convert_i32_u', 'i32'], ['f64.convert_i64_s', 'i64'], ['f64.promote_f32', 'f32'], ['f64.abs', 'f64'], ['f64.nearest', 'f64']],
};
const LOADS: Readonly<Record<'i32' | 'i64', readonly string[]>> = {
  i32: ['i32.load', 'i32.load8_s', 'i32.load8_u', 'i32.load16_s', 'i32.load16_u'],
  i64: ['i64.load', 'i64.load8_u', 'i64.load16_s', 'i64.load32_s', 'i64.load32_u'],
};
const STORES: ReadonlyArray<readonly [name: string, type: Type]> = [['i32.store', 'i32'], ['i32.store8', 'i32'], ['i32.store16', 'i32'], ['i64.store', 'i64'], ['i64.store32', 'i64'], ['i64.store8', 'i64']];

/** Width and suffix of atomic accesses, and their bytes. */
const ATOMIC_WIDTHS: Readonly<Record<'i32' | 'i64', ReadonlyArray<readonly [width: string, sign: string, bytes: number]>>> = {
  i32: [['8', '_u', 1], ['16', '_u', 2], ['', '', 4]],
  i64: [['8', '_u', 1], ['16', '_u', 2], ['32', '_u', 4], ['', '', 8]],
};
const ATOMIC_CHANGES = ['add', 'sub', 'and', 'or', 'xor', 'xchg'];

/** One program as text: functions call only those before them, and loops count down, so it ends. */
class Writer {
  private locals: Type[] = [];
  /** Result types of enclosing blocks, innermost last; null for a loop, which is branched to by its own counter alone. */
  private labels: Array<readonly Type[] | null> = [];
  private readonly functions: Array<{ readonly params: readonly Type[]; readonly results: readonly Type[] }> = [];
  /** Expressions still allowed in the function, so that none explodes. */
  private budget = 0;
  /** Whether its memory is shared, and accessed atomically. */
  private readonly isShared: boolean;

  constructor(private readonly random: Random) {
    this.isShared = random.chance(50);
  }

  private pick<Each>(list: readonly Each[]): Each {
    return this.random.pick(list);
  }
  private types(most: number): Type[] {
    return Array.from({ length: this.random.below(most + 1) }, () => this.pick(TYPES));
  }

  program(): string {
    const functions: string[] = [];
    for (let count = 4; count > 0; count--) {
      const params = [...this.types(3), 'i32' as const];
      const results = this.types(2);
      functions.push(this.function(params, results, count === 1 ? 'main' : null));
      this.functions.push({ params, results });
    }
    return `(module (memory (export "m") 1 1 ${this.isShared ? 'shared' : ''}) (global $g0 (mut i32) (i32.const 5)) (global $g1 (mut i64) (i64.const -7)) (global $g2 (mut f64) (f64.const 2.5))
      (data (i32.const 0) "${Array.from({ length: 64 }, (_, at) => `\\${((at * 37) & 0xff).toString(16).padStart(2, '0')}`).join('')}")
      ${functions.join('\n')}
      (func (export "g0") (result i32) (global.get $g0)) (func (export "g1") (result i64) (global.get $g1)) (func (export "g2") (result f64) (global.get $g2)))`;
  }

  private function(params: readonly Type[], results: readonly Type[], name: string | null): string {
    const declared = [...this.types(4), 'i32' as const];
    this.locals = [...params, ...declared];
    this.labels = [];
    this.budget = 120;
    const body = this.block(results, 3);
    // The last local counts the turns of loops.
    return `(func ${name === null ? '' : `(export "${name}")`} (param ${params.join(' ')}) (result ${results.join(' ')}) (local ${declared.join(' ')} i32) ${body})`;
  }

  /** Statements, then a value for each result. */
  private block(results: readonly Type[], depth: number): string {
    const parts: string[] = [];
    for (let count = 1 + this.random.below(4); count > 0; count--) parts.push(this.statement(depth));
    for (const type of results) {
      parts.push(this.value(type, depth));
      // Between operands, so that the ones before must survive it.
      if (this.random.chance(40)) parts.push(this.statement(depth - 1));
    }
    return parts.join(' ');
  }

  private localOf(type: Type): number {
    const found = this.locals.flatMap((each, index) => (each === type ? [index] : []));
    return found.length === 0 ? -1 : this.pick(found);
  }

  private statement(depth: number): string {
    if (this.budget-- <= 0 || depth < 0) return '(nop)';
    switch (this.random.below(11)) {
      case 0: case 1: case 2: {
        const local = this.random.below(this.locals.length);
        return `(local.set ${local} ${this.value(this.locals[local]!, depth)})`;
      }
      case 3: {
        if (this.isShared && this.random.chance(50)) return this.atomicStatement(depth);
        const [name, type] = this.pick(STORES);
        return `(${name} offset=${this.pick([0, 1, 4, 100, 65_530])} ${this.address(depth)} ${this.value(type, depth)})`;
      }
      case 4: return this.pick([() => `(global.set $g0 ${this.value('i32', depth)})`, () => `(global.set $g1 ${this.value('i64', depth)})`, () => `(global.set $g2 ${this.value('f64', depth)})`])();
      case 5: return this.loop(depth);
      case 6: return `(if ${this.value('i32', depth)} (then ${this.inside([], () => this.block([], depth - 1))}) ${this.random.chance(50) ? `(else ${this.inside([], () => this.block([], depth - 1))})` : ''})`;
      case 7: return `(block ${this.inside([], () => this.block([], depth - 1))})`;
      case 8: return this.branch(depth);
      case 9: return this.call(depth);
      default: return `(drop ${this.value(this.pick(TYPES), depth)})`;
    }
  }

  private inside(label: readonly Type[] | null, make: () => string): string {
    this.labels.push(label);
    const text = make();
    this.labels.pop();
    return text;
  }

  private loop(depth: number): string {
    const counter = this.locals.length;
    // Loops do not nest: they share a counter.
    if (this.labels.includes(null)) return '(nop)';
    const end = this.pick([
      `(br_if 0 (local.tee ${counter} (i32.add (local.get ${counter}) (i32.const -1))))`,
      `(local.set ${counter} (i32.sub (local.get ${counter}) (i32.const 1))) (br_if 0 (i32.ne (local.get ${counter}) (i32.const 0)))`,
      `(br_if 0 (i32.gt_s (local.tee ${counter} (i32.add (local.get ${counter}) (i32.const -1))) (i32.const 0)))`,
    ]);
    return `(local.set ${counter} (i32.const ${1 + this.random.below(5)})) (loop ${this.inside(null, () => this.block([], depth - 1))} ${end})`;
  }

  /** A branch out of a block with what its label takes; past a loop too. */
  private branch(depth: number): string {
    const targets = this.labels.flatMap((label, index) => (label === null ? [] : [[this.labels.length - 1 - index, label] as const]));
    if (targets.length === 0) return '(nop)';
    const [label, types] = this.pick(targets);
    const values = (): string => types.map((type) => this.value(type, depth - 1)).join(' ');
    if (this.random.chance(30)) return `(if ${this.value('i32', depth - 1)} (then ${this.inside([], () => `${values()} (br ${label + 1})`)}))`;
    if (this.random.chance(20)) {
      const same = targets.filter(([, others]) => others.join() === types.join());
      const table = Array.from({ length: 3 }, () => this.pick(same)[0] + 1).join(' ');
      return `(if ${this.value('i32', depth - 1)} (then ${this.inside([], () => `${values()} (br_table ${table} (i32.and ${this.value('i32', depth - 1)} (i32.const 3)))`)}))`;
    }
    return `${values()} (br_if ${label} ${this.value('i32', depth - 1)}) ${types.map(() => '(drop)').join(' ')}`;
  }

  private call(depth: number): string {
    if (this.functions.length === 0) return '(nop)';
    const index = this.random.below(this.functions.length);
    const { params, results } = this.functions[index]!;
    const kept = results.map((type) => this.localOf(type)).reverse();
    return `(call ${index} ${params.map((type) => this.value(type, depth - 1)).join(' ')}) ${kept.map((local) => (local < 0 || this.random.chance(30) ? '(drop)' : `(local.set ${local})`)).join(' ')}`;
  }

  private constant(type: Type): string {
    if (type === 'i32') return `(i32.const ${this.pick([0, 1, -1, 2, 3, 8, 31, 32, 255, 65_535, 0x7fff_ffff, -0x8000_0000, 100, 12_345])})`;
    if (type === 'i64') return `(i64.const ${this.pick(['0', '1', '-1', '7', '32', '63', '0x7fffffff', '-0x80000000', '0x80000000', '0x123456789abcdef', '-0x8000000000000000'])})`;
    return `(${type}.const ${this.pick(['0', '-0', '1', '-1.5', '0.1', '1e10', '-3e38', 'inf', 'nan'])})`;
  }

  private address(depth: number): string {
    return this.random.chance(25) ? `(i32.const ${this.pick([0, 3, 8, 65_000])})` : `(i32.and ${this.value('i32', depth - 1)} (i32.const ${this.pick([255, 1023, 0xffff])}))`;
  }

  /** Mostly one that is a multiple of `bytes`. */
  private atomicAddress(bytes: number, depth: number): string {
    const mask = this.random.chance(95) ? -bytes : -1;
    return this.random.chance(30) ? `(i32.const ${this.pick([0, 8, 24, 65_000]) & mask})` : `(i32.and ${this.value('i32', depth - 1)} (i32.const ${this.pick([255, 1023]) & mask}))`;
  }

  private atomicStatement(depth: number): string {
    const type = this.pick(['i32', 'i64'] as const);
    const [width, , bytes] = this.pick(ATOMIC_WIDTHS[type]);
    switch (this.random.below(6)) {
      case 0: return '(atomic.fence)';
      case 1: return `(drop (memory.atomic.notify offset=${this.pick([0, 8])} ${this.atomicAddress(4, depth)} ${this.value('i32', depth)}))`;
      // No waiting: V8 11.3 loses a local over it, see `src/program/threads/baseline-code.ts`.
      default: return `(${type}.atomic.store${width} offset=${this.pick([0, 8, 65_528])} ${this.atomicAddress(bytes, depth)} ${this.value(type, depth)})`;
    }
  }

  private atomicValue(type: 'i32' | 'i64', depth: number): string {
    const [width, sign, bytes] = this.pick(ATOMIC_WIDTHS[type]);
    const address = `offset=${this.pick([0, 8, 1000])} ${this.atomicAddress(bytes, depth)}`;
    const value = (): string => this.value(type, depth - 1);
    switch (this.random.below(4)) {
      case 0: return `(${type}.atomic.load${width}${sign} ${address})`;
      case 1: return `(${type}.atomic.rmw${width}.cmpxchg${sign} ${address} ${value()} ${value()})`;
      default: return `(${type}.atomic.rmw${width}.${this.pick(ATOMIC_CHANGES)}${sign} ${address} ${value()})`;
    }
  }

  private value(type: Type, depth: number): string {
    const local = this.localOf(type);
    const simple = (): string => (local >= 0 && this.random.chance(65) ? `(local.get ${local})` : this.constant(type));
    if (this.budget-- <= 0 || depth <= 0) return simple();
    const isInteger = type === 'i32' || type === 'i64';
    const value = (of: Type): string => this.value(of, depth - 1);
    switch (this.random.below(14)) {
      case 0: case 1: case 2: return simple();
      case 3: return local < 0 ? simple() : `(local.tee ${local} ${value(type)})`;
      case 4: case 5: case 6: return `(${type}.${this.pick(isInteger ? INTEGER_BINARY : FLOAT_BINARY)} ${value(type)} ${value(type)})`;
      case 7: {
        if (type !== 'i32') return simple();
        const of = this.pick(TYPES);
        const compared = of.startsWith('i') ? `(${of}.${this.pick(INTEGER_COMPARE)} ${value(of)} ${value(of)})` : `(${of}.${this.pick(FLOAT_COMPARE)} ${value(of)} ${value(of)})`;
        return this.pick([compared, `(i32.eqz ${compared})`, `(i32.and ${compared} (i32.const 1))`, `(i64.eqz ${value('i64')})`]);
      }
      case 8: {
        const [name, from] = this.pick(CONVERSIONS[type]);
        return `(${name} ${value(from)})`;
      }
      case 9:
        if (this.isShared && isInteger && this.random.chance(60)) return this.atomicValue(type, depth);
        return isInteger ? `(${this.pick(LOADS[type])} offset=${this.pick([0, 2, 8, 1000])} ${this.random.chance(50) ? `(i32.add ${this.address(depth)} ${this.pick([value('i32'), '(i32.const 4)', '(i32.const -4)'])})` : this.address(depth)})` : simple();
      case 10: return `(select ${value(type)} ${value(type)} ${value('i32')})`;
      case 11: return `(block (result ${type}) ${this.inside([type], () => this.block([type], depth - 1))})`;
      case 12: return `(if (result ${type}) ${value('i32')} (then ${this.inside([type], () => this.block([type], depth - 1))}) (else ${this.inside([type], () => this.block([type], depth - 1))}))`;
      default: return type === 'i32' ? '(global.get $g0)' : type === 'i64' ? '(global.get $g1)' : type === 'f64' ? '(global.get $g2)' : simple();
    }
  }
}

const argumentsFor = (random: Random, parameters: readonly string[]): unknown[] =>
  parameters.map((type) => (type === 'i64' ? [0n, -1n, 5n, 2n ** 40n][random.below(4)] : [0, 1, -1, 77, -123_456, 2 ** 31][random.below(6)]));

/** What can be seen of a program's run; of a memory only whether it is the same, for a page of it is long. */
function outcome(engine: Twin['ours'], args: readonly unknown[]): unknown {
  const result = engine.call('main', ...args);
  const digest = engine.memory().reduce((hash, byte) => (Math.imul(hash, 31) + byte) | 0, 7);
  return [result === TRAPPED ? TRAPPED : result, engine.call('g0'), engine.call('g1'), engine.call('g2'), digest];
}

test.each(TIERS)(`${cases} programs, %s`, (tier) => {
  useTier(tier);
  const random = new Random(20_261_123);
  let trapped = 0;
  for (let number = 0; number < cases; number++) {
    const text = new Writer(random).program();
    const parameters = /export "main"\) \(param ([^)]*)\)/.exec(text)![1]!.split(' ');
    const twin = twinOf(text);
    for (let turn = 0; turn < 3; turn++) {
      const args = argumentsFor(random, parameters);
      const ours = outcome(twin.ours, args);
      expect(ours, `program ${number}, main(${args.join(', ')}):\n${text}`).toEqual(outcome(twin.theirs, args));
      if ((ours as unknown[])[0] === TRAPPED) trapped++;
    }
  }
  // Programs that nearly all trap would compare little.
  expect(trapped).toBeLessThan(2 * cases);
});
