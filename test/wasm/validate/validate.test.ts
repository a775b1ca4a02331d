// What a person reads when a module is refused, rules that no file of the suite reaches, and inputs made to exhaust us.
import { describe, expect, test } from 'vitest';
import { decode } from '../../../src/wasm/binary/decode.js';
import { encode } from '../../../src/wasm/binary/encode.js';
import { DecodeError, LimitError, ValidationError } from '../../../src/wasm/errors.js';
import { instantiate } from '../../../src/wasm/instantiate.js';
import type { Module } from '../../../src/wasm/module.js';
import { parse } from '../../../src/wasm/text/parse.js';
import { validate } from '../../../src/wasm/validate/validate.js';
import { ByteWriter } from '../../../src/wasm/binary/writer.js';

function failure(check: () => void): ValidationError {
  try {
    check();
  } catch (error) {
    if (error instanceof ValidationError) return error;
    throw error;
  }
  throw new Error('the module was accepted');
}
const failureOf = (text: string): ValidationError => failure(() => validate(parse(text)));

/** One function of type `[] -> []`; `code` without its last `end`. */
function moduleWith(code: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter();
  writer.bytes([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10]);
  writer.sized(() => {
    writer.byte(1);
    writer.sized(() => {
      writer.byte(0);
      code(writer);
      writer.byte(0x0b);
    });
  });
  return writer.take();
}

describe('an error', () => {
  const text = '(module\n  (func $add (param i32) (result i32)\n    local.get 0\n    f32.const 1\n    i32.add))';

  test('in text names function, instruction, line and column', () => {
    const error = failureOf(text);
    expect(error.message).toBe('type mismatch: instruction requires [i32] but stack has [f32]');
    expect(error.where).toEqual([['in', 'function 0 "add"'], ['at', 'line 5, column 5, i32.add']]);
  });

  test('in a binary names the byte of the file', () => {
    const bytes = encode(parse(text), { names: true });
    const error = failure(() => validate(decode(bytes)));
    expect(error.where).toEqual([['in', 'function 0 "add"'], ['at', `byte 0x${error.place.position!.toString(16)} (${error.place.position}), i32.add`]]);
    expect(bytes[error.place.position!]).toBe(0x6a);
  });

  test.each([
    ['(module (func (result i32) i32.const 1 i32.const 2))', 'type mismatch: block requires [i32] but stack has [i32 i32]'],
    ['(module (func (drop)))', 'type mismatch: instruction requires a value but stack has []'],
    ['(module (func (local.get 2) (drop)))', 'unknown local 2: there are none'],
    ['(module (func (br 3)))', 'unknown label 3: there are 1'],
    ['(module (memory 1) (func (drop (i32.load align=8 (i32.const 0)))))', 'alignment must not be larger than natural: 2^3 bytes; i32.load accesses 2^2'],
    ['(module (memory 1 1 shared) (func (drop (i32.atomic.load align=2 (i32.const 0)))))', 'atomic alignment must be natural: 2^1 bytes; i32.atomic.load accesses 2^2'],
    ['(module (func $f (drop (ref.func $f))))', 'undeclared function reference: function 0 "f" stands in no element segment, export or global'],
    ['(module (func (param i64) (result i32) (if (result i32) (i32.const 1) (then (i32.const 1)))))', 'type mismatch: an if without else leaves its parameters [], expected [i32]'],
    ['(module (type $s (struct (field i8))) (func (drop (struct.get $s 0 (struct.new $s (i32.const 1))))))', 'type mismatch: the field is packed; say _s or _u'],
    ['(module (type $s (struct)) (func (param (ref $s)) (result (ref $s)) (local $x (ref $s)) (local.get $x)))', 'uninitialized local: local 1 of type (ref $s) is read before it is set'],
    ['(module (func (export "a")) (func (export "a")))', 'duplicate export name'],
    ['(module (func $main (param i32)) (start $main))', 'start function: it must take and return nothing'],
    // V8 takes this one; no rule of the specification does.
    ['(module (func (ref.null func) (br_on_non_null 0)))', 'type mismatch: the branch carries (ref func) last, its label takes []'],
  ])('%s', (source, message) => {
    expect(failureOf(source).message).toBe(message);
  });

  test('outside of functions names its subject', () => {
    expect(failureOf('(module (global i32 (i64.const 0)))').where[0]).toEqual(['in', 'global 0']);
    expect(failureOf('(module (memory 2 1))').where).toEqual([['in', 'memory 0']]);
    expect(failureOf('(module (import "env" "t" (table 1 (ref 7))))').where).toEqual([['in', 'import 0 "env" "t"']]);
    expect(failureOf('(module (data (memory 3) (i32.const 0) ""))').message).toBe('unknown memory 3');
  });
});

describe('malformed goes before invalid', () => {
  test('also when the invalid function stands first', () => {
    const valid = decode(encode(parse('(module (func (drop)) (func (nop)))')));
    const bytes = valid.bodies[1]!.code.bytes;
    bytes[valid.bodies[1]!.code.start] = 0xff;
    expect(() => validate(valid)).toThrow(DecodeError);
  });

  test('parts of blocks stand only where the grammar has them', () => {
    for (const opcode of [0x05, 0x19, 0x18]) {
      const code = (writer: ByteWriter): void => writer.bytes(opcode === 0x18 ? [opcode, 0] : [opcode]);
      expect(() => validate(decode(moduleWith(code)))).toThrow(`illegal opcode ${opcode.toString(16).padStart(2, '0')}`);
    }
  });
});

describe('what is made to exhaust us', () => {
  test('a million nested blocks', () => {
    const depth = 1_000_000;
    const bytes = moduleWith((writer) => {
      for (let count = 0; count < depth; count++) writer.bytes([0x02, 0x40]);
      for (let count = 0; count < depth; count++) writer.byte(0x0b);
    });
    expect(() => validate(decode(bytes))).not.toThrow();
    // The grammar alone is walked the same way, when fault is found.
    const faulty = moduleWith((writer) => {
      writer.byte(0x1a);
      for (let count = 0; count < depth; count++) writer.bytes([0x02, 0x40]);
      for (let count = 0; count < depth; count++) writer.byte(0x0b);
    });
    expect(() => validate(decode(faulty))).toThrow('type mismatch');
  });

  test('br_table with a label for each of many blocks, again and again', () => {
    const blocks = 500;
    const bytes = moduleWith((writer) => {
      for (let count = 0; count < blocks; count++) writer.bytes([0x02, 0x40]);
      for (let times = 0; times < 500; times++) {
        writer.bytes([0x41, 0, 0x0e]);
        writer.u32(blocks);
        for (let label = 0; label <= blocks; label++) writer.u32(label);
      }
      for (let count = 0; count < blocks; count++) writer.byte(0x0b);
    });
    expect(() => validate(decode(bytes))).not.toThrow();
  });

  test('four billion locals', () => {
    const bytes = moduleWith(() => undefined);
    const many = decode(bytes);
    expect(() => validate({ ...many, bodies: [{ ...many.bodies[0]!, locals: [{ count: 0xffff_ffff, type: 0x7f }] }] })).toThrow(LimitError);
  });

  test('calls that pile up results', () => {
    const results = 'i32 '.repeat(1_000);
    const module = parse(`(module (func $f (result ${results}) unreachable) (func ${'(call $f) '.repeat(1_100)} unreachable))`);
    expect(() => validate(module)).toThrow(LimitError);
  });

  test('array.new_fixed of four billion operands that unreachable code would provide', () => {
    const module = parse('(module (type $a (array i32)) (func unreachable (array.new_fixed $a 4294967295) drop))');
    expect(() => validate(module)).toThrow(LimitError);
  });

  test('a long run of bytes that never ends a number', () => {
    const bytes = moduleWith((writer) => {
      writer.byte(0x41);
      for (let count = 0; count < 1_000_000; count++) writer.byte(0x80);
    });
    expect(() => validate(decode(bytes))).toThrow('integer representation too long');
  });
});

test('tables, memories and segments of other modules do not leak from one validation into the next', () => {
  validate(parse('(module (func (local $x (ref func)) (local.set $x (ref.as_non_null (ref.null func))) (drop (local.get $x))))'));
  validate(parse('(module (func (local $x i32) (drop (local.get $x))) (func (local $x (ref null func)) (drop (local.get $x))))'));
  expect(failureOf('(module (func (drop (i32.load (i32.const 0)))))').message).toBe('unknown memory 0: there are none');
});

test('a hundred memories are taken, and no more, imported or not', () => {
  const module = (imported: number, own: number): Module => parse(`(module ${'(import "m" "m" (memory 0))'.repeat(imported)}${'(memory 0)'.repeat(own)})`);
  validate(module(50, 50));
  expect(() => validate(module(50, 51))).toThrow(LimitError);
  expect(() => validate(module(101, 0))).toThrow(LimitError);
});

test('tables may start with ten million elements together', () => {
  instantiate(parse('(module (table 1 funcref) (table 4999999 funcref))'));
  expect(() => instantiate(parse('(module (table 1 funcref) (table 10000000 funcref))'))).toThrow('together');
  expect(() => instantiate(parse('(module (table 10000001 funcref))'))).toThrow(LimitError);
});
