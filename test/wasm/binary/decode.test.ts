// What the decoder says about files people hand it, what it refuses before allocating, and what it keeps.
import { describe, expect, test } from 'vitest';
import { decode } from '../../../src/wasm/binary/decode.js';
import { encode } from '../../../src/wasm/binary/encode.js';
import { readInstruction, skipInstruction, writeInstruction } from '../../../src/wasm/binary/immediates.js';
import { Reader } from '../../../src/wasm/binary/reader.js';
import { ByteWriter } from '../../../src/wasm/binary/writer.js';
import { DecodeError, LimitError } from '../../../src/wasm/errors.js';
import { infoOf, INSTRUCTION_INFOS } from '../../../src/wasm/instructions.js';
import { Random } from '../../support/random.js';
import { randomModule } from '../../support/random-module.js';

const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const bytes = (...parts: ReadonlyArray<number | readonly number[] | string>): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part)));
const moduleOf = (...sections: ReadonlyArray<number | readonly number[] | string>): Uint8Array => bytes(HEADER, ...sections);
const section = (id: number, ...content: ReadonlyArray<number | readonly number[] | string>): number[] => {
  const inside = bytes(...content);
  return [id, inside.length, ...inside];
};

function failure(input: Uint8Array): DecodeError {
  try {
    decode(input);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error('the module was accepted');
}

describe('files that are no modules', () => {
  test.each([
    [[], 'unexpected end: the file is empty'],
    [[0x7f, 0x45, 0x4c, 0x46, 2], 'magic header not detected: this is an ELF program or object of this machine'],
    [['(module)'], 'magic header not detected: this is a module in text form'],
    [['!<arch>\n'], 'magic header not detected: this is an archive of objects (.a)'],
    [[0x1f, 0x8b, 8, 0], 'magic header not detected: this is gzip data'],
    [['hello'], 'magic header not detected: the file starts with 68 65 6c 6c'],
  ])('%j', (parts, message) => {
    const error = failure(bytes(...parts));
    expect([error.code, error.message]).toEqual(['E_NOT_WASM', message]);
    expect(error.next).toBeDefined();
  });

  test('a component is named as one', () => {
    const error = failure(bytes([0x00, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]));
    expect([error.code, error.message]).toEqual(['E_COMPONENT', 'unknown binary version: this is a component, not a module']);
  });

  test('another version is malformed', () => {
    const error = failure(bytes([0x00, 0x61, 0x73, 0x6d, 2, 0, 0, 0]));
    expect([error.code, error.position]).toEqual(['E_DECODE', 4]);
  });
});

describe('places', () => {
  test('name the section and the byte', () => {
    const error = failure(moduleOf(section(1, 1, 0x60, 1, 0x42, 0)));
    expect([error.message, error.position, error.where]).toEqual(['malformed value type', 13, [['at', 'byte 0xd (13)'], ['in', 'type section']]]);
  });

  test('name what stands out of order', () => {
    expect(failure(moduleOf(section(3, 0), section(1, 0))).message).toBe('unexpected content after last section: the type section stands after the function section');
    expect(failure(moduleOf(section(1, 0), section(1, 0))).message).toBe('unexpected content after last section: a second type section');
  });
});

describe('numbers that announce more than there is', () => {
  const HUGE = [0xff, 0xff, 0xff, 0xff, 0x0f];
  test.each([
    ['types', moduleOf(section(1, HUGE))],
    ['types of a group', moduleOf(section(1, 1, 0x4e, HUGE))],
    ['fields', moduleOf(section(1, 1, 0x5f, HUGE))],
    ['parameters', moduleOf(section(1, 1, 0x60, HUGE))],
    ['imports', moduleOf(section(2, HUGE))],
    ['elements', moduleOf(section(9, 1, 1, 0, HUGE))],
    ['bodies', moduleOf(section(10, HUGE))],
    ['runs of locals', moduleOf(section(1, 1, 0x60, 0, 0), section(3, 1, 0), section(10, 1, 6, HUGE, 0x0b))],
    ['bytes of data', moduleOf(section(11, 1, 1, HUGE))],
  ])('%s', (_, input) => {
    expect(failure(input).message).toMatch(/^unexpected end of section or function/);
  });
});

test('a module that lists more than the engine takes is refused before it is read', () => {
  const listing = new Uint8Array(1_000_001 + 20);
  listing.set(moduleOf(3, [0xc6, 0x84, 0x3d], [0xc1, 0x84, 0x3d]));
  // Section of 1,000,006 bytes: a count of 1,000,001 functions, each of type 0.
  expect(() => decode(listing)).toThrow(new LimitError('the module has 1000001 functions; the engine takes at most 1000000'));
});

describe('custom sections', () => {
  test('keep their place', () => {
    const input = moduleOf(section(0, 1, 'a', 9), section(1, 1, 0x60, 0, 0), section(0, 1, 'b'), section(0, 1, 'c', 8, 8));
    expect(decode(input).customs.map(({ name, bytes: content, after }) => [name, [...content], after])).toEqual([['a', [9], 0], ['b', [], 1], ['c', [8, 8], 1]]);
    expect(encode(decode(input))).toEqual(input);
  });

  test('a malformed name section costs only the names behind the damage', () => {
    const names = [...section(1, 2, 0, 1, 'f', 1, 1, 'g'), ...section(4, 1, 0, 2, 0xff, 0xff), ...section(7, 1, 0, 1, 'x')];
    const module = decode(moduleOf(section(0, 4, 'name', names)));
    expect([...module.names.functions]).toEqual([[0, 'f'], [1, 'g']]);
    expect(module.names.globals.size).toBe(0);
  });

  test('names are written when asked for, and read back', () => {
    const plain = decode(moduleOf(section(0, 4, 'name', section(0, 1, 'm'), section(1, 1, 0, 1, 'f'), section(2, 1, 0, 1, 1, 1, 'x'))));
    const { names } = plain;
    const again = decode(encode({ ...plain, names, customs: [] }, { names: true }));
    expect([again.names.module, [...again.names.functions], [...again.names.locals].map(([index, locals]) => [index, [...locals]])]).toEqual(['m', [[0, 'f']], [[0, [[1, 'x']]]]]);
    expect(decode(encode({ ...plain, names, customs: [] })).customs).toEqual([]);
  });
});

describe('instructions', () => {
  test('are read, skipped and written alike', () => {
    const features = new Set(['sign-extension', 'saturating-conversion', 'bulk-memory', 'reference-types', 'simd', 'relaxed-simd', 'tail-call', 'function-references', 'gc', 'exceptions', 'threads', 'memory64', 'multi-memory'] as const);
    const seen = new Set<string>();
    for (let seed = 0; seed < 300; seed++) {
      for (const { code } of decode(encode(randomModule(new Random(seed), features))).bodies) {
        const reader = new Reader(code.bytes, code.start, code.end);
        const skipper = new Reader(code.bytes, code.start, code.end);
        while (reader.position < reader.end) {
          const { info, position, immediates } = readInstruction(reader);
          expect([skipInstruction(skipper), skipper.position]).toEqual([info.ordinal, reader.position]);
          const writer = new ByteWriter();
          writeInstruction(writer, info, ...immediates);
          expect([...writer.view()]).toEqual([...code.bytes.subarray(position, reader.position)]);
          seen.add(info.mnemonic);
        }
      }
    }
    const unseen = INSTRUCTION_INFOS.filter(({ mnemonic, feature }) => !seen.has(mnemonic) && feature !== 'legacy-exceptions');
    expect(unseen.length).toBeLessThan(INSTRUCTION_INFOS.length / 10);
  });

  test('an unassigned opcode is named by its bytes', () => {
    const read = (...code: number[]): (() => unknown) => () => readInstruction(new Reader(Uint8Array.from(code)));
    expect(read(0xff)).toThrow('illegal opcode ff');
    expect(read(0xfd, 0x9a, 0x01)).toThrow('illegal opcode fd 9a 01');
    expect(read(0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f)).toThrow('illegal opcode fc ff ff ff ff 0f');
  });
});

describe('integers', () => {
  const written = (write: (writer: ByteWriter) => void): Reader => {
    const writer = new ByteWriter(1);
    write(writer);
    return new Reader(writer.take());
  };
  test('come back as they were written', () => {
    for (const value of [0, 1, 63, 64, 127, 128, 8191, 8192, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
      expect(written((writer) => writer.u32(value)).u32()).toBe(value);
      expect(written((writer) => writer.typeIndex(value)).s33()).toBe(value);
      expect(written((writer) => writer.s32(value)).s32()).toBe(value | 0);
      expect(written((writer) => writer.s32(-value)).s32()).toBe(-value | 0);
    }
    for (const value of [0n, 1n, 63n, 64n, 1n << 32n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n]) {
      expect(written((writer) => writer.u64(value)).u64()).toBe(value);
      expect(written((writer) => writer.s64(value)).s64()).toBe(BigInt.asIntN(64, value));
      expect(written((writer) => writer.s64(-value)).s64()).toBe(BigInt.asIntN(64, -value));
    }
  });

  test('have no unused bits and no byte too many', () => {
    const read = (method: 'u32' | 's32' | 's33' | 'u64' | 's64', ...input: number[]): (() => unknown) => () => new Reader(Uint8Array.from(input))[method]();
    expect(read('u32', 0x80, 0x80, 0x80, 0x80, 0x10)).toThrow('integer too large');
    expect(read('u32', 0x80, 0x80, 0x80, 0x80, 0x80, 0)).toThrow('integer representation too long');
    expect(read('s32', 0x80, 0x80, 0x80, 0x80, 0x08)).toThrow('integer too large');
    expect(read('s32', 0xff, 0xff, 0xff, 0xff, 0x77)).toThrow('integer too large');
    expect(read('s33', 0x80, 0x80, 0x80, 0x80, 0x20)).toThrow('integer too large');
    expect(read('s33', 0x80, 0x80, 0x80, 0x80, 0x80, 0)).toThrow('integer representation too long');
    expect(read('u64', 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02)).toThrow('integer too large');
    expect(read('s64', 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01)).toThrow('integer too large');
    expect(read('s64', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)).toThrow('integer representation too long');
    expect(read('s64', 0xff)).toThrow('unexpected end');
  });
});

test('a module over memory that is shared is decoded too', () => {
  const input = moduleOf(section(7, 1, 30, 'ä'.repeat(15), 0, 0));
  const shared = new Uint8Array(new SharedArrayBuffer(input.length));
  shared.set(input);
  expect(decode(shared).exports[0]?.name).toBe('ä'.repeat(15));
});

test('the table names each instruction once', () => {
  expect(new Set(INSTRUCTION_INFOS.map(({ code }) => code)).size).toBe(INSTRUCTION_INFOS.length);
  expect(infoOf('i32.add').code).toBe(0x6a);
});
