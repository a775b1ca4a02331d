// Large programs: fifty thousand functions of which few are called, and memory up to the last address.
import { freemem } from 'node:os';
import { describe, expect, test } from 'vitest';
import { runProgram } from '../../src/program/index.js';
import { decode, parse } from '../../src/wasm/index.js';
import { ModuleCode } from '../../src/wasm/runtime/module-code.js';
import { validate } from '../../src/wasm/validate/validate.js';
import type { Module } from '../../src/wasm/module.js';
import { collector } from '../wasi/support.js';
import { need } from '../support/skips.js';

const run = (module: Module) => runProgram({ module, name: 'large.wasm', wasi: { args: [], env: {}, stdin: { read: () => 0 }, stdout: collector(), stderr: collector(), preopens: [] } });

const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]);
const section = (id: number, content: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.of(id, ...leb(content.length)), content]);

/** Functions of six hundred bytes each; the last is `_start` and calls the first and the one in the middle. */
function manyFunctions(count: number): Uint8Array {
  const filler = Buffer.alloc(600, Uint8Array.of(0x41, 0x05, 0x1a));
  const body = (code: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.from([...leb(code.length + 2), 0]), code, Uint8Array.of(0x0b)]);
  const plain = body(filler);
  const start = body(Uint8Array.from([0x10, ...leb(0), 0x10, ...leb(count >> 1)]));
  const name = new TextEncoder().encode('_start');
  return new Uint8Array(Buffer.concat([
    Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
    section(1, Uint8Array.of(1, 0x60, 0, 0)),
    section(3, Buffer.concat([Uint8Array.from(leb(count)), Buffer.alloc(count)])),
    section(7, Uint8Array.from([1, name.length, ...name, 0, ...leb(count - 1)])),
    section(10, Buffer.concat([Uint8Array.from(leb(count)), ...Array.from({ length: count - 1 }, () => plain), start])),
  ]));
}

test('of 50,000 functions in 30 MB those three are lowered that are called', () => {
  const bytes = manyFunctions(50_000);
  expect(bytes.length).toBeGreaterThan(30e6);
  const module = decode(bytes);
  validate(module);
  expect(run(module)).toEqual({ kind: 'exit', code: 0 });
  const { entries } = ModuleCode.of(module);
  expect([...entries.keys()].filter((index) => entries[index]! >= 0)).toEqual([0, 25_000, 49_999]);
});

const NEEDED_BYTES = 10e9;
const memory = need(freemem() >= NEEDED_BYTES, `${Math.round(freemem() / 1e9)} GB of memory are free here, and it may need 10`);
describe.skipIf(memory.unmet)(`memory beyond 2 GiB${memory.why}`, () => {
  const EXIT = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))';
  const must = (code: number, condition: string): string => `(if (i32.eqz ${condition}) (then (call $exit (i32.const ${code}))))`;
  const grows = (code: number, pages: number): string => must(code, `(i32.ne (memory.grow (i32.const ${pages})) (i32.const -1))`);

  test('grows past 2 GiB, to a page before 4 GiB, and to the last address; what was there stays', () => {
    const status = run(parse(`(module ${EXIT} (memory (export "memory") 1) (func (export "_start")
      (i32.store (i32.const 16) (i32.const 77))
      ${grows(10, 32_768)}
      (i32.store (i32.const 0x80000ff0) (i32.const 0x12345678))
      ${grows(11, 32_766)}
      (i64.store (i32.const 0xfffefff8) (i64.const 0x1122334455667788))
      ${must(12, '(i64.eq (i64.load (i32.const 0xfffefff8)) (i64.const 0x1122334455667788))')}
      ${must(13, '(i32.eq (i32.load offset=0x80000000 (i32.const 0xff0)) (i32.const 0x12345678))')}
      ${must(14, '(i32.eq (i32.load (i32.const 16)) (i32.const 77))')}
      ${grows(15, 1)}
      (i32.store8 (i32.const 0xffffffff) (i32.const 7))
      ${must(16, '(i32.eq (i32.load8_u offset=0xffffffff (i32.const 0)) (i32.const 7))')}
      (memory.fill (i32.const 0xffff0000) (i32.const 9) (i32.const 65535))
      ${must(17, '(i32.eq (i32.load8_u (i32.const 0xfffffffe)) (i32.const 9))')}
      (memory.copy (i32.const 0xfffefff8) (i32.const 0xffff0000) (i32.const 8))
      ${must(18, '(i64.eq (i64.load (i32.const 0xfffefff8)) (i64.const 0x0909090909090909))')}
      ${must(19, '(i32.eq (memory.grow (i32.const 1)) (i32.const -1))')}
      ${must(20, '(i32.eq (memory.size) (i32.const 65536))')}
      (drop (i32.load (i32.const 0xfffffffd)))))`));
    expect(status).toMatchObject({ kind: 'trap', name: 'out of bounds memory access' });
  });
});
