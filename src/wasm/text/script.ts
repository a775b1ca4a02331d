// The script language of the specification's test suite (.wast): modules and commands about them, as data. It runs nothing:
// test/spec does, and for it alone this is here, beside the tokens it is made of; it is not in the package. Modules inside are
// read when asked for, one by one, so that a mistake in one is a failure of one command and not of the file.
// spec: the reference interpreter's README, "Scripts"
import type { Module } from '../module.js';
import type { HeapType } from '../types.js';
import { Cursor } from './cursor.js';
import { parseF32, parseF64, parseInteger, parseSmallInteger } from './numbers.js';
import { isFieldKeyword, parseModuleAt } from './parse.js';
import { HEAP_OF_WORD } from './keywords.js';
import { Token, tokenize } from './tokens.js';

export type ModuleSource =
  | { readonly kind: 'text'; readonly parse: () => Module }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array }
  | { readonly kind: 'quote'; readonly text: Uint8Array };

export type NanPattern = 'nan:canonical' | 'nan:arithmetic';
export type LaneShape = 'i8x16' | 'i16x8' | 'i32x4' | 'i64x2' | 'f32x4' | 'f64x2';

/** A value given to a function. Floats are bits, unsigned, so that no NaN loses its payload. */
export type Constant =
  | { readonly type: 'i32'; readonly value: number }
  | { readonly type: 'i64'; readonly value: bigint }
  | { readonly type: 'f32'; readonly bits: number }
  | { readonly type: 'f64'; readonly bits: bigint }
  | { readonly type: 'v128'; readonly bytes: Uint8Array }
  | { readonly type: 'ref.null'; readonly heap: HeapType | null }
  /** `(ref.extern 7)`, `(ref.host 7)`: a value of the host. */
  | { readonly type: 'ref.extern' | 'ref.host'; readonly value: number };

/** What a result must be. */
export type Expected =
  | Constant
  | { readonly type: 'f32' | 'f64'; readonly nan: NanPattern }
  /** Lanes of a float shape, each bits or a pattern. */
  | { readonly type: 'v128'; readonly shape: LaneShape; readonly lanes: ReadonlyArray<bigint | NanPattern> }
  /** Any reference of a kind: `(ref.func)`, `(ref.struct)`, `(ref.i31)` … */
  | { readonly type: 'ref'; readonly kind: string }
  | { readonly type: 'either'; readonly options: readonly Expected[] };

export type Action =
  | { readonly kind: 'invoke'; readonly module: string | null; readonly name: string; readonly args: readonly Constant[] }
  | { readonly kind: 'get'; readonly module: string | null; readonly name: string };

export type ModuleAssertion = 'assert_malformed' | 'assert_invalid' | 'assert_unlinkable' | 'assert_malformed_custom' | 'assert_invalid_custom';

export type Command = { readonly line: number } & (
  | { readonly kind: 'module'; readonly name: string | null; readonly isDefinition: boolean; readonly source: ModuleSource }
  /** `(module instance $instance $definition)`; without names, the last definition. */
  | { readonly kind: 'instance'; readonly name: string | null; readonly definition: string | null }
  | { readonly kind: 'register'; readonly as: string; readonly module: string | null }
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'assert_return'; readonly action: Action; readonly results: readonly Expected[] }
  | { readonly kind: 'assert_trap' | 'assert_exhaustion'; readonly action: Action; readonly message: string }
  | { readonly kind: 'assert_exception'; readonly action: Action }
  | { readonly kind: 'assert_trap_module'; readonly source: ModuleSource; readonly message: string }
  | { readonly kind: ModuleAssertion; readonly source: ModuleSource; readonly message: string }
);

const MODULE_ASSERTIONS: ReadonlySet<string> = new Set<ModuleAssertion>(['assert_malformed', 'assert_invalid', 'assert_unlinkable', 'assert_malformed_custom', 'assert_invalid_custom']);

/**
 * Reads a script. A file that is a module, or the fields of one, is a script of one command.
 * @throws ParseError when a command is malformed; not for a malformed module in it.
 */
export function parseScript(text: string | Uint8Array): Command[] {
  return new ScriptParser(new Cursor(tokenize(typeof text === 'string' ? new TextEncoder().encode(text) : text))).parse();
}

class ScriptParser {
  constructor(private readonly cursor: Cursor) {}

  parse(): Command[] {
    const { cursor } = this;
    if (cursor.kind() === Token.OPEN && cursor.kind(1) === Token.KEYWORD && isFieldKeyword(cursor.text(cursor.at + 1))) {
      return [{ kind: 'module', line: 1, name: null, isDefinition: false, source: { kind: 'text', parse: () => parseModuleAt(cursor, 0) } }];
    }
    const commands: Command[] = [];
    while (cursor.kind() !== Token.END) commands.push(this.command());
    return commands;
  }

  private command(): Command {
    const { cursor } = this;
    const { line } = cursor.places.placeOf(cursor.offset());
    if (cursor.kind() !== Token.OPEN) throw cursor.unexpected('a command in parentheses');
    const word = cursor.kind(1) === Token.KEYWORD ? cursor.text(cursor.at + 1) : '';
    switch (word) {
      case 'module':
        return { line, ...this.moduleCommand() };
      case 'invoke':
      case 'get':
        return { line, kind: 'action', action: this.action() };
      case 'register': {
        cursor.at += 2;
        const as = cursor.name();
        const module = this.takeName();
        cursor.expectClose();
        return { line, kind: 'register', as, module };
      }
      case 'assert_return': {
        cursor.at += 2;
        const action = this.action();
        const results: Expected[] = [];
        while (cursor.kind() === Token.OPEN) results.push(this.expected());
        cursor.expectClose();
        return { line, kind: 'assert_return', action, results };
      }
      case 'assert_exception': {
        cursor.at += 2;
        const action = this.action();
        cursor.expectClose();
        return { line, kind: 'assert_exception', action };
      }
      case 'assert_trap':
      case 'assert_exhaustion': {
        cursor.at += 2;
        if (word === 'assert_trap' && cursor.opens('module')) {
          const { source } = this.moduleParts();
          return { line, kind: 'assert_trap_module', source, message: this.closingMessage() };
        }
        const action = this.action();
        return { line, kind: word, action, message: this.closingMessage() };
      }
    }
    if (!MODULE_ASSERTIONS.has(word)) {
      cursor.at++;
      throw cursor.unexpected('a command');
    }
    cursor.at += 2;
    const { source } = this.moduleParts();
    return { line, kind: word as ModuleAssertion, source, message: this.closingMessage() };
  }

  private closingMessage(): string {
    const message = this.cursor.name();
    this.cursor.expectClose();
    return message;
  }

  private takeName(): string | null {
    const { cursor } = this;
    return cursor.kind() === Token.ID ? cursor.nameAt(cursor.at++) : null;
  }

  private moduleCommand() {
    const { cursor } = this;
    if (cursor.isKeyword('instance', 2)) {
      cursor.at += 3;
      const name = this.takeName();
      const definition = this.takeName();
      cursor.expectClose();
      return { kind: 'instance', name, definition } as const;
    }
    return { kind: 'module', ...this.moduleParts() } as const;
  }

  private moduleParts(): { name: string | null; isDefinition: boolean; source: ModuleSource } {
    const { cursor } = this;
    const open = cursor.at;
    cursor.expectOpening('module');
    const isDefinition = cursor.takeKeyword('definition');
    const name = this.takeName();
    if (cursor.takeKeyword('binary')) {
      const bytes = cursor.strings();
      cursor.expectClose();
      return { name, isDefinition, source: { kind: 'binary', bytes } };
    }
    if (cursor.takeKeyword('quote')) {
      const text = cursor.strings();
      cursor.expectClose();
      return { name, isDefinition, source: { kind: 'quote', text } };
    }
    cursor.at = cursor.behindParenthesis(open);
    if (cursor.kind(-1) !== Token.CLOSE) throw cursor.unexpected('the end of the module');
    return { name, isDefinition, source: { kind: 'text', parse: () => parseModuleAt(cursor, open) } };
  }

  private action(): Action {
    const { cursor } = this;
    if (cursor.takeOpening('get')) {
      const module = this.takeName();
      const name = cursor.name();
      cursor.expectClose();
      return { kind: 'get', module, name };
    }
    if (!cursor.takeOpening('invoke')) throw cursor.unexpected('(invoke or (get');
    const module = this.takeName();
    const name = cursor.name();
    const args: Constant[] = [];
    while (cursor.kind() === Token.OPEN) args.push(this.constant());
    cursor.expectClose();
    return { kind: 'invoke', module, name, args };
  }

  private constant(): Constant {
    const { cursor } = this;
    const at = cursor.at;
    const value = this.expected();
    if ('nan' in value || 'lanes' in value || value.type === 'either' || value.type === 'ref') {
      cursor.at = at;
      throw cursor.unexpected('a constant');
    }
    return value;
  }

  private expected(): Expected {
    const { cursor } = this;
    cursor.expectOpen();
    const word = cursor.kind() === Token.KEYWORD ? cursor.text() : '';
    cursor.at++;
    const value = this.expectedOf(word);
    cursor.expectClose();
    return value;
  }

  private expectedOf(word: string): Expected {
    const { cursor } = this;
    switch (word) {
      case 'i32.const':
        return { type: 'i32', value: this.literal((text) => parseSmallInteger(text, 32)) };
      case 'i64.const':
        return { type: 'i64', value: this.literal((text) => parseInteger(text, 64)) };
      case 'f32.const': {
        const nan = this.takePattern();
        return nan === null ? { type: 'f32', bits: this.literal(parseF32) } : { type: 'f32', nan };
      }
      case 'f64.const': {
        const nan = this.takePattern();
        return nan === null ? { type: 'f64', bits: this.literal(parseF64) } : { type: 'f64', nan };
      }
      case 'v128.const':
        return this.vector();
      case 'either': {
        const options: Expected[] = [];
        while (cursor.kind() === Token.OPEN) options.push(this.expected());
        return { type: 'either', options };
      }
      case 'ref.null': {
        if (cursor.kind() === Token.CLOSE) return { type: 'ref.null', heap: null };
        const heap = cursor.kind() === Token.KEYWORD ? HEAP_OF_WORD.get(cursor.text()) : undefined;
        if (heap === undefined && !cursor.isIndex()) throw cursor.unexpected('a heap type');
        cursor.at++;
        return { type: 'ref.null', heap: heap ?? null };
      }
      case 'ref.extern':
      case 'ref.host':
        if (cursor.kind() === Token.NATURAL) return { type: word, value: cursor.natural() };
    }
    if (!word.startsWith('ref.')) {
      cursor.at--;
      throw cursor.unexpected('a constant');
    }
    // `(ref.func 3)` names a function of no module in particular: any function will do.
    if (cursor.isIndex()) cursor.at++;
    return { type: 'ref', kind: word.slice('ref.'.length) };
  }

  private takePattern(): NanPattern | null {
    for (const pattern of ['nan:canonical', 'nan:arithmetic'] as const) if (this.cursor.takeKeyword(pattern)) return pattern;
    return null;
  }

  private literal<Value>(parse: (literal: string) => Value | null): Value {
    const { cursor } = this;
    const kind = cursor.kind();
    if (kind !== Token.NATURAL && kind !== Token.INTEGER && kind !== Token.FLOAT) throw cursor.unexpected('a number');
    const value = parse(cursor.text());
    if (value === null) throw cursor.fail('constant out of range');
    cursor.at++;
    return value;
  }

  private vector(): Expected {
    const { cursor } = this;
    const shape = cursor.kind() === Token.KEYWORD ? (cursor.text() as LaneShape) : 'i8x16';
    const [type = '', count = ''] = shape.split('x');
    const bits = Number(type.slice(1));
    if (bits * Number(count) !== 128) throw cursor.unexpected('a shape');
    cursor.at++;
    const lanes: Array<bigint | NanPattern> = [];
    const parse = type === 'f32' ? (text: string) => bigOf(parseF32(text)) : type === 'f64' ? parseF64 : (text: string) => parseInteger(text, bits);
    while (lanes.length < Number(count)) lanes.push(this.takePattern() ?? BigInt.asUintN(bits, this.literal(parse)));
    if (lanes.some((lane) => typeof lane === 'string')) return { type: 'v128', shape, lanes };
    let value = 0n;
    for (let lane = lanes.length - 1; lane >= 0; lane--) value = (value << BigInt(bits)) | (lanes[lane] as bigint);
    const bytes = new Uint8Array(16);
    for (let index = 0; index < 16; index++, value >>= 8n) bytes[index] = Number(value & 0xffn);
    return { type: 'v128', bytes };
  }
}

const bigOf = (value: number | null): bigint | null => (value === null ? null : BigInt(value));
