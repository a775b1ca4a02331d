// What `wasienv inspect` finds in modules: of our own compiler, of other tools, of several forms, and damaged ones.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeModule, type ModuleDescription } from '../../src/inspect/about/describe.js';
import { CAPABILITIES } from '../../src/inspect/about/capabilities.js';
import { encode, parse } from '../../src/wasm/index.js';
import { preview0Signatures, preview1Signatures } from '../../src/wasi/index.js';
import { compileGuest } from '../support/toolchain.js';

const about = (text: string): ModuleDescription => describeModule(encode(parse(text), { names: true }), 'm.wasm').description;
const features = (text: string): string[] => about(text).features.map(({ name }) => name);

describe('a module of our compiler', () => {
  const SOURCE = '#include <stdio.h>\n#include <stdlib.h>\nint main(void) { puts(getenv("A")); FILE *f = fopen("x", "r"); return f != NULL; }\n';

  test('what it is, needs and brings', async () => {
    const bytes = new Uint8Array(readFileSync(await compileGuest(SOURCE, { args: ['-O1', '-g'] })));
    const { description, module } = describeModule(bytes, 'm.wasm');
    expect(description).toMatchObject({ kind: 'command', form: 'binary', sizeBytes: bytes.length, debug: { sourceLines: true, elsewhere: null } });
    expect(description.capabilities.map(({ capability }) => capability)).toEqual(['environment', 'directories', 'streams', 'ending']);
    expect(description.imports.length).toBe(module!.imports.length);
    expect(description.imports[0]).toMatchObject({ module: 'wasi_snapshot_preview1', kind: 'func', type: expect.stringMatching(/^\(i32.*\) -> \(i32\)$/) });
    expect(description.memories).toEqual([{ initialPages: expect.any(Number), maximumPages: null, shared: false, addressBits: 32, imported: false, exportedAs: ['memory'] }]);
    expect(description.producers['processed-by']!.some(({ name }) => name === 'clang')).toBe(true);
    expect(description.targetFeatures).toContain('sign-ext');
    expect(description.functions.count).toBe(module!.bodies.length);
    expect(description.functions.largest[0]!.sizeBytes).toBeGreaterThan(description.functions.largest[9]!.sizeBytes);
    // Sections make up the file, but for its header.
    expect(description.sections.reduce((sum, { sizeBytes }) => sum + sizeBytes, 8)).toBe(bytes.length);
  });

  test('an object file, and one without debug information', async () => {
    const object = describeModule(new Uint8Array(readFileSync(await compileGuest(SOURCE, { args: ['-c'] }))), 'm.o').description;
    expect(object.kind).toBe('object file');
    expect(object.capabilities.map(({ capability }) => capability)).toContain('own host');
    const bare = describeModule(new Uint8Array(readFileSync(await compileGuest(SOURCE, { args: ['-O1', '-Wl,--strip-all'] }))), 'm.wasm').description;
    expect(bare.debug).toEqual({ functionNames: 0, sourceLines: false, sizeBytes: 0, elsewhere: null });
    expect(bare.functions.largest[0]!.name).toBeNull();
  });
});

test('every function of WASI belongs to a group of its own kind, and none to two', () => {
  for (const module of ['wasi_snapshot_preview1', 'wasi_unstable']) {
    for (const name of (module === 'wasi_unstable' ? preview0Signatures : preview1Signatures).keys()) {
      const found = CAPABILITIES.find(({ matches }) => matches({ module, name, description: { kind: 'func', typeIndex: 0 } }))!;
      expect(found.id, name).not.toMatch(/^(other WASI|own host)$/);
    }
  }
});

describe('kinds', () => {
  test.each([
    ['(func (export "_start"))', 'command'],
    ['(func (export "_initialize"))', 'reactor'],
    ['(func (export "add"))', 'library'],
    ['(memory (export "_start") 1)', 'library'],
    ['(@custom "dylink.0" "")', 'shared library'],
    ['(@custom "linking" "\\02")', 'object file'],
  ])('%s is a %s', (text, kind) => expect(about(`(module ${text})`).kind).toBe(kind));

  test('a component: by its header; interfaces by their names', () => {
    const bytes = new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...new TextEncoder().encode('\x0a\x30 wasi:cli/environment@0.2.0 wasi:io/streams@0.2.0')]);
    const { description, module } = describeModule(bytes, 'c.wasm');
    expect(module).toBeNull();
    expect(description).toMatchObject({ kind: 'component', capabilities: [{ imports: ['wasi:cli/environment@0.2.0', 'wasi:io/streams@0.2.0'] }] });
  });
});

describe('features', () => {
  test.each([
    ['(func (drop (i32.add (i32.const 1) (i32.const 2))))', []],
    ['(func (drop (i32.extend8_s (i32.const 1))))', ['sign-extension']],
    ['(func (result i32 i32) (i32.const 1) (i32.const 2))', ['multi-value']],
    ['(memory 1) (memory 1)', ['multi-memory']],
    ['(memory i64 1)', ['memory64']],
    ['(memory 1 2 shared)', ['threads']],
    ['(table 1 funcref) (table 1 funcref)', ['reference-types']],
    ['(memory 1) (data "x")', ['bulk-memory']],
    ['(global (export "g") (mut i32) (i32.const 0))', ['mutable-globals']],
    ['(global i32 (i32.add (i32.const 1) (i32.const 2)))', ['extended-const']],
    ['(type (struct (field i32)))', ['gc']],
    ['(tag $t) (func (block (try_table (catch $t 0))))', ['exceptions']],
    ['(tag $t) (func try nop catch $t nop end)', ['legacy-exceptions']],
    ['(func $f (return_call $f))', ['tail-call']],
    ['(func (drop (i8x16.abs (v128.const i64x2 0 0))))', ['simd']],
  ])('%s', (text, expected) => expect(features(`(module ${text})`)).toEqual(expected));

  test('instructions are counted', () => {
    expect(about('(module (func (drop (i32.extend8_s (i32.extend16_s (i32.const 1))))))').features).toEqual([{ name: 'sign-extension', what: 'sign extension of integers', instructions: 2, node: 20 }]);
  });
});

describe('what others wrote into custom sections', () => {
  const section = (name: string, content: string) => about(`(module (@custom "${name}" "${content}"))`);

  test('damaged producers and features: what came before the damage', () => {
    expect(section('producers', '\\01\\08language\\02\\01C\\0211\\03').producers).toEqual({ language: [{ name: 'C', version: '11' }] });
    expect(section('producers', '\\ff\\ff\\ff\\ff\\0f').producers).toEqual({});
    expect(section('target_features', '\\03+\\04simd-\\03abc').targetFeatures).toEqual(['simd']);
    expect(section('producers', '\\01\\09__proto__\\01\\01C\\0211').producers['__proto__']).toEqual([{ name: 'C', version: '11' }]);
  });

  test('debug information elsewhere', () => {
    expect(section('external_debug_info', '\\0bapp.wasm.dw').debug.elsewhere).toBe('app.wasm.dw');
    expect(section('sourceMappingURL', '\\05m.map').debug.elsewhere).toBe('m.map');
  });
});

test('a body that is damaged does not hide the rest', () => {
  const bytes = encode(parse('(module (func (export "_start") (drop (i32.extend8_s (i32.const 1)))) (func nop nop nop))'));
  bytes[bytes.length - 3] = 0xf9;
  expect(describeModule(bytes, 'm.wasm').description).toMatchObject({ kind: 'command', functions: { count: 2 }, features: [{ name: 'sign-extension' }] });
});
