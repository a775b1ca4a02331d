// Random programs that run: valid, always ending, never trapping, with values of all widths laid out every way lowering knows.
// Floats are only moved and have bits flipped, never computed with, so that every result is the same on every engine to the bit.
import type { Random } from './random.js';

const TYPES = ['i32', 'i64', 'f32', 'f64', 'v128'] as const;
type ValueType = (typeof TYPES)[number];
const SIZES: Readonly<Record<ValueType, number>> = { i32: 4, i64: 8, f32: 4, f64: 8, v128: 16 };

interface Label {
  readonly name: string;
  readonly types: readonly ValueType[];
}
interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Functions of a program; the last one calls those before it. */
const FUNCTIONS = 5;
const GLOBALS = 5;
const DEEPEST = 4;
/** Where `run` leaves results, after what programs load and store. */
export const RESULTS_FROM = 1024;

class ProgramMaker {
  private readonly signatures: Signature[] = [];
  private readonly globals: readonly ValueType[];
  private locals: ValueType[] = [];
  private labels: Label[] = [];
  private names = 0;
  /** Calls left in this function: each may call in turn. */
  private calls = 0;

  constructor(private readonly random: Random) {
    this.globals = Array.from({ length: GLOBALS }, () => this.type());
  }

  module(): string {
    const functions = Array.from({ length: FUNCTIONS }, (_, index) => this.func(index));
    const globals = this.globals.map((type, index) => `(global $g${index} (mut ${type}) ${this.constant(type)})`);
    return `(module (memory (export "m") 1)\n${globals.join('\n')}\n${functions.join('\n')}\n${this.runner()}\n)`;
  }

  private type(): ValueType {
    return this.random.chance(40) ? 'v128' : this.random.pick(TYPES);
  }
  private types(most: number): ValueType[] {
    return Array.from({ length: this.random.below(most + 1) }, () => this.type());
  }
  private name(letter: string): string {
    return `$${letter}${this.names++}`;
  }

  private func(index: number): string {
    const signature = { params: this.types(4), results: this.types(4) };
    const declared = this.types(5);
    this.locals = [...signature.params, ...declared];
    this.labels = [];
    this.calls = 2;
    const text = `(func $f${index} ${this.parameters(signature.params)} ${this.results(signature.results)} ${declared.map((type) => `(local ${type})`).join(' ')} (local $turns i32)
      ${this.statements(4, 0)}
      ${this.random.chance(30) ? `(return ${this.expressions(signature.results, 0)})` : this.expressions(signature.results, 0)})`;
    this.signatures.push(signature);
    return text;
  }

  /** Calls the last function a few times and stores what it returns, and the globals. */
  private runner(): string {
    let address = RESULTS_FROM;
    this.locals = [];
    this.calls = 0;
    const { params, results } = this.signatures[FUNCTIONS - 1]!;
    const store = (type: ValueType, value: string): string => {
      address += 16;
      return `(${type}.store (i32.const ${address}) ${value})`;
    };
    const rounds = [0, 1, 2].map(() => `${params.map((type) => this.constant(type)).join(' ')} (call $f${FUNCTIONS - 1})
      ${results.map((_, at) => `(local.set ${results.length - 1 - at})`).join(' ')} ${results.map((type, at) => store(type, `(local.get ${at})`)).join(' ')}`);
    return `(func (export "run") ${results.map((type) => `(local ${type})`).join(' ')} ${rounds.join('\n')} ${this.globals.map((type, at) => store(type, `(global.get $g${at})`)).join(' ')})`;
  }

  private parameters = (types: readonly ValueType[]): string => types.map((type) => `(param ${type})`).join(' ');
  private results = (types: readonly ValueType[]): string => types.map((type) => `(result ${type})`).join(' ');

  // ---- Expressions: each leaves one value.

  private expressions(types: readonly ValueType[], depth: number): string {
    return types.map((type) => this.expression(type, depth)).join(' ');
  }

  private constant(type: ValueType): string {
    const word = (): number => (this.random.chance(50) ? this.random.below(256) - 128 : this.random.next() | 0);
    switch (type) {
      case 'i32': return `(i32.const ${word()})`;
      case 'i64': return `(i64.const ${this.random.chance(50) ? word() : (BigInt(word()) << 32n) | BigInt(word() >>> 0)})`;
      case 'f32': return `(f32.const ${this.random.chance(20) ? 'nan:0x212345' : word()})`;
      case 'f64': return `(f64.const ${this.random.chance(20) ? '-nan:0x4000012345678' : word()})`;
      case 'v128': return `(v128.const i32x4 ${word()} ${word()} ${word()} ${word()})`;
    }
  }

  private expression(type: ValueType, depth: number): string {
    const { random } = this;
    const known = this.locals.flatMap((each, index) => (each === type ? [index] : []));
    const leaf = (): string => {
      const global = this.globals.indexOf(type);
      if (known.length > 0 && random.chance(65)) return `(local.get ${random.pick(known)})`;
      return global >= 0 && random.chance(40) ? `(global.get $g${global})` : this.constant(type);
    };
    if (depth >= DEEPEST) return leaf();
    const value = (of: ValueType = type): string => this.expression(of, depth + 1);
    switch (random.below(12)) {
      case 0: case 1: return leaf();
      case 2: return known.length === 0 ? leaf() : `(local.tee ${random.pick(known)} ${value()})`;
      case 3: return random.chance(50) ? `(select ${value()} ${value()} ${value('i32')})` : `(select (result ${type}) ${value()} ${value()} ${value('i32')})`;
      case 4: return `(if (result ${type}) ${value('i32')} (then ${this.statements(1, depth + 1)} ${value()}) (else ${value()}))`;
      case 5: return this.block([type], depth);
      case 6: return `(${type}.load (i32.and ${value('i32')} (i32.const 1007)))`;
      case 7: return this.conversion(type, value);
      default: return this.operation(type, value);
    }
  }

  private operation(type: ValueType, value: (of?: ValueType) => string): string {
    const { random } = this;
    switch (type) {
      case 'i32': return `(i32.${random.pick(['add', 'sub', 'mul', 'and', 'xor', 'shl', 'lt_s', 'eq', 'gt_u'])} ${value()} ${value()})`;
      case 'i64': return `(i64.${random.pick(['add', 'sub', 'mul', 'or', 'xor', 'rotl', 'shr_u'])} ${value()} ${value()})`;
      case 'f32': case 'f64': return random.chance(50) ? `(${type}.copysign ${value()} ${value()})` : `(${type}.neg ${value()})`;
      case 'v128':
        switch (random.below(5)) {
          case 0: return `(${random.pick(['i16x8.shl', 'i32x4.shr_s', 'i64x2.shl', 'i8x16.shr_u'])} ${value()} ${value('i32')})`;
          case 1: return `(${random.pick(['v128.not', 'i8x16.popcnt', 'i64x2.neg', 'i16x8.extend_low_i8x16_s', 'i32x4.extadd_pairwise_i16x8_u'])} ${value()})`;
          case 2: return `(v128.bitselect ${value()} ${value()} ${value()})`;
          case 3: return `(v128.load32_lane ${random.below(4)} (i32.and ${value('i32')} (i32.const 1007)) ${value()})`;
          default: return `(${random.pick(['i8x16.add', 'i32x4.sub', 'i64x2.mul', 'i8x16.swizzle', 'i16x8.narrow_i32x4_s', 'i64x2.extmul_high_i32x4_u', 'i8x16.shuffle 31 1 2 3 30 5 6 7 29 9 10 11 28 13 14 15'])} ${value()} ${value()})`;
        }
    }
  }

  private conversion(type: ValueType, value: (of: ValueType) => string): string {
    const { random } = this;
    const lane: Readonly<Record<ValueType, string>> = { i32: 'i32x4', i64: 'i64x2', f32: 'f32x4', f64: 'f64x2', v128: '' };
    if (type === 'v128') {
      const from = random.pick(['i32', 'i64', 'f32', 'f64'] as const);
      return random.chance(50) ? `(${lane[from]}.splat ${value(from)})` : `(${lane[from]}.replace_lane ${random.below(2)} ${value('v128')} ${value(from)})`;
    }
    if (random.chance(50)) return `(${lane[type]}.extract_lane ${random.below(2)} ${value('v128')})`;
    switch (type) {
      case 'i32': return random.chance(50) ? `(i32.wrap_i64 ${value('i64')})` : `(${random.pick(['i8x16.bitmask', 'v128.any_true', 'i64x2.all_true'])} ${value('v128')})`;
      case 'i64': return random.chance(50) ? `(i64.extend_i32_s ${value('i32')})` : `(i64.reinterpret_f64 ${value('f64')})`;
      case 'f32': return `(f32.reinterpret_i32 ${value('i32')})`;
      case 'f64': return `(f64.reinterpret_i64 ${value('i64')})`;
    }
  }

  /** A block of these results, entered with values of its own below and among its parameters, and left in several ways. */
  private block(results: readonly ValueType[], depth: number): string {
    const params = this.types(2);
    const label = { name: this.name('b'), types: results };
    const arguments_ = this.expressions(params, depth + 1);
    this.labels.push(label);
    const body = `${this.statements(2, depth + 1)} ${this.take(params)} ${this.statements(1, depth + 1)} ${this.expressions(results, depth + 1)}`;
    this.labels.pop();
    return `${arguments_} (block ${label.name} ${this.parameters(params)} ${this.results(results)} ${body})`;
  }

  // ---- Statements: each leaves the stack as it was.

  private statements(most: number, depth: number): string {
    return Array.from({ length: this.random.below(most + 1) }, () => this.statement(depth)).join('\n');
  }

  private statement(depth: number): string {
    const { random } = this;
    const value = (type: ValueType): string => this.expression(type, depth + 1);
    const target = this.locals.length === 0 ? -1 : random.below(this.locals.length);
    const junk = this.types(2);
    const drop = (types: readonly unknown[]): string => types.map(() => '(drop)').join(' ');
    if (depth >= DEEPEST) return target < 0 ? '' : `(local.set ${target} ${value(this.locals[target]!)})`;
    switch (random.below(9)) {
      case 0: {
        const global = random.below(GLOBALS);
        return `(global.set $g${global} ${value(this.globals[global]!)})`;
      }
      case 1: {
        const type = this.type();
        return `(${type}.store (i32.and ${value('i32')} (i32.const ${1024 - SIZES[type]})) ${value(type)})`;
      }
      case 2: return `(if ${value('i32')} (then ${this.statements(2, depth + 1)}) (else ${this.statements(1, depth + 1)}))`;
      case 3: {
        // Branches with values past other values, perhaps.
        if (this.labels.length === 0) return '';
        const { name, types } = random.pick(this.labels);
        return `${this.expressions(junk, depth + 1)} ${this.expressions(types, depth + 1)} (br_if ${name} ${value('i32')}) ${drop(types)} ${drop(junk)}`;
      }
      case 4: {
        // A way out that is taken in one arm.
        if (this.labels.length === 0) return '';
        const { name, types } = random.pick(this.labels);
        const same = this.labels.filter((other) => other.types.join() === types.join());
        const exit = random.chance(50) ? `(br ${name})` : `(br_table ${same.map((other) => other.name).join(' ')} ${name} (i32.and ${value('i32')} (i32.const 3)))`;
        return `(if ${value('i32')} (then ${this.expressions(junk, depth + 1)} ${this.expressions(types, depth + 1)} ${exit}))`;
      }
      case 5: {
        const results = this.types(3);
        return `${this.block(results, depth)} ${this.take(results)}`;
      }
      case 6: return depth > 1 ? '' : this.loop(depth);
      case 7: return this.call(depth);
      default: return target < 0 ? '' : `(local.set ${target} ${value(this.locals[target]!)})`;
    }
  }

  /** The values on top of the stack to locals of their types where there are some. */
  private take(types: readonly ValueType[]): string {
    return [...types].reverse().map((type) => {
      const local = this.locals.indexOf(type);
      return local >= 0 ? `(local.set ${local})` : '(drop)';
    }).join(' ');
  }

  /** Three turns, with values carried from turn to turn. */
  private loop(depth: number): string {
    const carried = this.types(2);
    const label = this.name('l');
    const outer = this.labels;
    this.labels = [];
    const body = this.statements(2, depth + 2);
    const again = this.expressions(carried, DEEPEST);
    this.labels = outer;
    return `(local.set $turns (i32.const 3)) ${this.expressions(carried, depth + 1)}
      (loop ${label} ${this.parameters(carried)} ${this.results(carried)} ${this.take(carried)} ${body} ${again}
        (br_if ${label} (local.tee $turns (i32.sub (local.get $turns) (i32.const 1))))) ${this.take(carried)}`;
  }

  private call(depth: number): string {
    if (this.calls === 0 || this.signatures.length === 0 || depth > 2) return '';
    this.calls--;
    const callee = this.random.below(this.signatures.length);
    const { params, results } = this.signatures[callee]!;
    return `${this.expressions(params, depth + 1)} (call $f${callee}) ${this.take(results)}`;
  }
}

/** The text of a module with a memory `m` and a function `run` without parameters and results. */
export const randomProgram = (random: Random): string => new ProgramMaker(random).module();
