// The parser beside what the suite covers: what people type, what attackers send, and what becomes of names.
import { describe, expect, test } from 'vitest';
import { encode } from '../../../src/wasm/binary/encode.js';
import { ParseError } from '../../../src/wasm/errors.js';
import { INFO_OF_MNEMONIC } from '../../../src/wasm/instructions.js';
import { parse, type ParseOptions } from '../../../src/wasm/text/parse.js';
import { print } from '../../../src/wasm/text/print.js';
import { Type } from '../../../src/wasm/types.js';
import { validate } from '../../../src/wasm/validate/validate.js';

function refusal(text: string | Uint8Array, options: ParseOptions = {}): ParseError {
  try {
    parse(text, options);
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
  throw new Error(`accepted: ${String(text).slice(0, 200)}`);
}

const hex = (text: string): string => Buffer.from(encode(parse(text))).toString('hex');
const same = (a: string, b: string): void => expect(hex(a)).toBe(hex(b));

describe('an error', () => {
  test('has line, column and a caret', () => {
    const error = refusal('(module\n  (func $f (param $x i32) (result i32)\n    (i32.addd (local.get $x) (i32.const 1))))');
    expect(error.code).toBe('E_PARSE');
    expect([error.line, error.column]).toEqual([3, 6]);
    expect(error.message).toBe('unknown operator: `i32.addd`, expected an instruction');
    expect(error.where).toEqual([['at', 'line 3, column 6'], ['text', '    (i32.addd (local.get $x) (i32.const 1))))\n     ^']]);
  });

  test('counts characters, not bytes, and all kinds of line ends', () => {
    const error = refusal('(module\r\n(;äöü€🦀;)\r (data "äöü€🦀" x))');
    expect([error.line, error.column]).toEqual([3, 16]);
  });

  test('cuts a long line around its place', () => {
    const error = refusal(`(module (func ${'nop '.repeat(100_000)} nope ${'nop '.repeat(100_000)}))`);
    expect([error.line, error.column]).toEqual([1, 400_016]);
    const [line, caret] = error.where[1]![1].split('\n') as [string, string];
    expect(line.length).toBeLessThan(130);
    expect(line.slice(caret.indexOf('^'))).toMatch(/^nope nop/);
  });

  test('shows nothing that a terminal would obey', () => {
    expect(refusal('(module \u001b[31m)').where[1]![1]).not.toContain('\u001b');
    expect(refusal('(module (func "\u202e") x)').where[1]![1]).not.toContain('\u202e');
  });

  test('comes in the order of the text, also when the lexer stumbles first', () => {
    expect(refusal('(module (fun) (data "never closed').message).toMatch(/^unknown operator: `fun`/);
  });

  test.each([
    ['', null], [' ;; nothing', null], ['(module', 'unexpected token: the text ends here, expected `)`'], ['(module))', 'unexpected token: `)`, expected the end of the text: one file holds one module'],
    ['(module) (module)', 'unexpected token: `(`, expected the end of the text: one file holds one module'],
    ['module', 'unexpected token: `module`, expected a module or its fields, each in parentheses'],
    ['(module (func block))', 'unexpected token: `)` closes more than was opened, or `end` is missing for the `block` of line 1'],
    ['(module (func end))', 'unexpected token: `end` belongs to no open instruction'],
    ['(module (func (if (i32.const 1) (nop))))', 'unexpected token: `)`, expected `(then`'],
    ['(module (func (local.get $x)))', 'unknown local: `$x`'],
    ['(module (func (br $l)))', 'unknown label: `$l`'],
    ['(module (func $f) (func $f))', 'duplicate func: `$f`'],
    ['(module (func block $a end $b))', 'mismatching label: `$b` closes a block labelled `$a`'],
    ['(module (func (i32.const 4294967296) drop))', 'constant out of range: `4294967296` is no i32'],
    ['(module (func (i32.const 0x) drop))', 'unknown operator: `0x` is no token of the language, expected an i32 number'],
    ['(module (memory 1) (func (i32.load align=3 (i32.const 0)) drop))', 'alignment must be a power of two: `3` is none'],
    ['(module (data "\\g"))', 'illegal escape: a string may hold \\t \\n \\r \\" \\\' \\\\ \\u{hex} and \\ with two hex digits'],
    ['(module (data "\\u{d800}"))', 'illegal escape: no such Unicode character'],
    ['(module (data "a\nb"))', 'unclosed string literal'],
    ['(module (; (; ;) )', 'unclosed comment'],
    ['\ufeff(module)', 'illegal character: the text opens with a byte order mark: save it as UTF-8 without one'],
    ['(module (func $é))', 'empty identifier: a name follows the `$`, without a space'],
    ['(module (type $t (func)) (func (type $t) (param i32)))', 'inline function type: the parameters and results written here are not those of type 0, which has 0 and 0'],
    ['(module (type $t (struct)) (func (type $t) (param i32)))', 'non-function type: type 0 is a struct type'],
    ['(module (func (type 1)) (func (param i32)) (func (param i64)))', 'unknown type: 1 is made by an abbreviated type use further down'],
    ['(module (func) (import "a" "b" (func)))', 'import after function: imports come before all definitions of functions, tables, memories, globals and tags'],
  ])('of %s', (text, message) => {
    if (message === null) expect(parse(text).bodies).toEqual([]);
    else expect(refusal(text).message).toBe(message);
  });
});

describe('spellings of old drafts', () => {
  test.each([
    ['get_local', 'local.get'], ['set_local', 'local.set'], ['tee_local', 'local.tee'], ['get_global', 'global.get'], ['set_global', 'global.set'],
    ['current_memory', 'memory.size'], ['grow_memory', 'memory.grow'], ['i32.trunc_s/f32', 'i32.trunc_f32_s'], ['i64.trunc_u:sat/f64', 'i64.trunc_sat_f64_u'],
    ['i32.wrap/i64', 'i32.wrap_i64'], ['i64.extend_u/i32', 'i64.extend_i32_u'], ['f32.convert_s/i64', 'f32.convert_i64_s'], ['f64.promote/f32', 'f64.promote_f32'],
    ['f32x4.convert_u/i32x4', 'f32x4.convert_i32x4_u'], ['i32x4.widen_low_i16x8_s', 'i32x4.extend_low_i16x8_s'], ['i8x16.add_saturate_u', 'i8x16.add_sat_u'],
    ['v8x16.shuffle', 'i8x16.shuffle'], ['i64x2.load32x2_u', 'v128.load32x2_u'], ['atomic.wake', 'memory.atomic.notify'], ['memory.drop', 'data.drop'], ['extern.internalize', 'any.convert_extern'],
  ])('%s is %s today', (old, today) => {
    const error = refusal(`(module (func (${old})))`);
    expect(error.message).toBe(`unknown operator ${old}: it is spelled \`${today}\` today`);
    expect(error.next).toContain(today);
    expect(INFO_OF_MNEMONIC.has(today)).toBe(true);
  });

  test('are not seen where there are none', () => {
    expect(refusal('(module (func (i99.widen_low_s)))').message).toBe('unknown operator: `i99.widen_low_s`, expected an instruction');
    expect(refusal('(module (func (i32.trunc_s/i32)))').message).toBe('unknown operator: `i32.trunc_s/i32`, expected an instruction');
  });

  test('are accepted on request', () => {
    const old = '(module (table 1 anyfunc) (memory 1) (func (param $x f32) (result i32) (drop (grow_memory (current_memory))) (i32.trunc_s/f32 (get_local $x))))';
    const today = '(module (table 1 funcref) (memory 1) (func (param $x f32) (result i32) (drop (memory.grow (memory.size))) (i32.trunc_f32_s (local.get $x))))';
    expect(Buffer.from(encode(parse(old, { legacyNames: true }))).toString('hex')).toBe(hex(today));
    expect(refusal('(module (table 1 anyfunc))').message).toBe('unknown operator anyfunc: it is spelled `funcref` today');
  });
});

describe('abbreviations', () => {
  test.each([
    ['(func $f (export "a") (export "b") (import "m" "n") (param i32))', '(import "m" "n" (func (param i32))) (export "a" (func 0)) (export "b" (func 0))'],
    ['(memory (data "abc"))', '(memory 1 1) (data (memory 0) (offset (i32.const 0)) "abc")'],
    ['(memory i64 (data))', '(memory i64 0 0) (data (memory 0) (offset (i64.const 0)))'],
    ['(table funcref (elem $f $f)) (func $f)', '(table 2 2 funcref) (elem (table 0) (offset (i32.const 0)) func 0 0) (func)'],
    ['(table i64 funcref (elem (ref.null func)))', '(table i64 1 1 funcref) (elem (table 0) (offset i64.const 0) funcref (item ref.null func))'],
    ['(table 1 funcref) (elem (i32.const 0) $f) (func $f)', '(table 1 funcref) (elem (table 0) (offset (i32.const 0)) func 0) (func)'],
    ['(func (param i32 i64) (local f32 f32 f64))', '(func (param i32) (param i64) (local f32) (local f32) (local f64))'],
    ['(func (if (i32.const 1) (then nop)))', '(func i32.const 1 if nop end)'],
    ['(func (i32.const 1) (i32.const 2) (drop (i32.add)))', '(func i32.const 1 i32.const 2 i32.add drop)'],
    ['(func (drop (select (result i32) (i32.const 1) (i32.const 2) (i32.const 3))))', '(func i32.const 1 i32.const 2 i32.const 3 select (result i32) drop)'],
    ['(table 1 funcref) (func (call_indirect (param i32) (i32.const 1) (i32.const 0)))', '(type (func)) (type (func (param i32))) (table 1 funcref) (func (type 0) i32.const 1 i32.const 0 call_indirect 0 (type 1))'],
    ['(type $f (func)) (rec (type $a (struct (field (ref $b)))) (type $b (array i8)))', '(type (sub final (func))) (rec (type (sub final (struct (field (ref 2))))) (type (array i8)))'],
  ])('%s', (short, long) => same(`(module ${short})`, `(module ${long})`));

  test('an abbreviated type use takes the first type that fits, in the order of the text', () => {
    const { types, functions } = parse('(module (func (result f64) (f64.const 0)) (func (block (param i32) (drop)) ) (func (param i32)) (type $t (func (param i32))) (func (result f64) unreachable))');
    expect(types.map(({ composite }) => composite.kind === 'func' && [composite.params, composite.results])).toEqual([[[Type.I32], []], [[], [Type.F64]], [[], []]]);
    expect(functions).toEqual([1, 2, 0, 1]);
  });

  test('locals are counted behind the parameters of a type that is only named', () => {
    validate(parse('(module (type $t (func (param i64 i64))) (func (type $t) (local $x f32) (local.set $x (f32.const 1)) (local.set 1 (i64.const 1))))'));
  });
});

describe('names', () => {
  test('become the name section; an annotation says more than an identifier', () => {
    const { names } = parse(`(module $m (@name "Modül") (type $t (struct (field $x i32) (field (@name "y z") i32))) (func $f (@name "λ f") (param $p i32) (local $l i32) (local (@name "m") i32) block $b end)
      (memory $mem 1) (table $tab 1 funcref) (global $g i32 (i32.const 0)) (tag $e) (elem $el func) (data $d "") (func $"a\\u{20}b"))`);
    expect(names.module).toBe('Modül');
    expect([...names.functions]).toEqual([[0, 'λ f'], [1, 'a b']]);
    expect([...names.locals.get(0)!]).toEqual([[0, 'p'], [1, 'l'], [2, 'm']]);
    expect([...names.labels.get(0)!]).toEqual([[0, 'b']]);
    expect([...names.fields.get(0)!]).toEqual([[0, 'x'], [1, 'y z']]);
    for (const [space, name] of [['types', 't'], ['memories', 'mem'], ['tables', 'tab'], ['globals', 'g'], ['tags', 'e'], ['elements', 'el'], ['data', 'd']] as const) expect([...names[space]]).toEqual([[0, name]]);
  });

  // Found by test/fuzz/text.test.ts.
  test('an annotation in an empty list names nothing', () => {
    const { names } = parse('(module (type (struct (field (@name "x")))) (func (param (@name "y")) (local (@name "z"))))');
    expect([names.fields.size, names.locals.size]).toEqual([0, 0]);
  });

  test('annotations of others are skipped, ours must be in their places', () => {
    expect(parse('(@a (;;) "(" x) (module (@b) (func (@c [{,;}]) (@d (@e)) nop))').bodies.length).toBe(1);
    expect(refusal('(module (func (@name "x") (@name "y")))').message).toBe('@name annotation: multiple names');
    expect(refusal('(module (func) (@name "M"))').message).toMatch(/^misplaced @name annotation/);
    expect(refusal('(module (start $f (@name "M")) (func $f))').message).toMatch(/^misplaced @name annotation/);
  });
});

// Cases of the specification's own test/custom, which the suite here does not have.
describe('custom annotations', () => {
  test('make custom sections', () => {
    expect(parse('(module (@custom "a" "x" "\\01") (type (func)) (@custom "b" (before global)) (@custom "c" (after func) "y") (@custom "d" (before first)) (@custom "" (after last)))').customs.map(({ name, after, bytes }) => [name, after, [...bytes]])).toEqual([
      ['a', 11, [0x78, 1]], ['b', 13, []], ['c', 3, [0x79]], ['d', 0, []], ['', 11, []],
    ]);
  });

  test.each([
    ['(@custom)', '@custom annotation: missing section name'], ['(@custom 4)', '@custom annotation: missing section name'], ['(@custom bla)', '@custom annotation: missing section name'],
    ['(@custom "\\df")', '@custom annotation: malformed UTF-8 encoding'], ['(@custom "bla" here)', '@custom annotation: unexpected token'], ['(@custom "bla" after)', '@custom annotation: unexpected token'],
    ['(@custom "bla" (after))', '@custom annotation: malformed section kind'], ['(@custom "bla" (type))', '@custom annotation: malformed placement'], ['(@custom "bla" (aft type))', '@custom annotation: malformed placement'],
    ['(@custom "bla" (before types))', '@custom annotation: malformed section kind'],
    ['(type (@custom "bla") $t (func))', 'misplaced @custom annotation'], ['(func (@custom "bla"))', 'misplaced @custom annotation'], ['(func (block (@custom "bla")))', 'misplaced @custom annotation'], ['(func (nop (@custom "bla")))', 'misplaced @custom annotation'],
  ])('%s', (text, message) => {
    expect(refusal(text).message.startsWith(message)).toBe(true);
  });
});

describe('nesting and size', () => {
  const DEEP = 100_000;
  const nested = (open: string, middle: string, close: string): string => `(module (func ${open.repeat(DEEP)}${middle}${close.repeat(DEEP)}))`;

  test.each([
    ['blocks', nested('block ', '', 'end ')], ['folded blocks', nested('(block ', '', ')')], ['operands', nested('(drop ', '(i32.const 0)', ')')],
    ['branches', nested('(if (i32.const 0) (then ', '', '))')], ['conditions', nested('(if ', '(i32.const 1)', ' (then))')], ['tries', nested('(try (do ', '', ') (catch_all))')],
    ['comments', `${'(;'.repeat(DEEP)}${';)'.repeat(DEEP)}(module)`], ['annotations', `(module (@a ${'('.repeat(DEEP)}${')'.repeat(DEEP)}))`], ['labels of one name', nested('block $l ', 'br $l ', 'end ')],
  ])('100,000 %s deep parse, and print both ways', (_, text) => {
    const module = parse(text);
    const bytes = Buffer.from(encode(module)).toString('hex');
    expect(Buffer.from(encode(parse(print(module)))).toString('hex')).toBe(bytes);
    expect(Buffer.from(encode(parse(print(module, { folded: true })))).toString('hex')).toBe(bytes);
  });

  test.each([['(', 'unknown'], ['(module (func (block ', 'unexpected token'], ['(module (@a (', 'unclosed annotation'], ['(;', 'unclosed comment'], ['(module (rec ', 'unexpected token'], ['(ref null ', 'unexpected'], ['(module (type (sub ', 'unexpected']])('%s for ever is refused', (piece) => {
    refusal(piece.repeat(DEEP));
  });

  // Searching the rest of the text for each string took minutes here.
  test('200,000 imports, annotations and functions are no trouble', () => {
    const count = 200_000;
    expect(parse(`(module ${'(@custom "a" "")'.repeat(count)})`).customs).toHaveLength(count);
    const module = parse(`(module ${'(import "a" "b" (func (param i32)))'.repeat(count)}${'(@x)'.repeat(count)}${'(func (local i32) (drop (i32.const 1)))'.repeat(count)})`);
    expect([module.imports.length, module.bodies.length]).toEqual([count, count]);
  });
});
