// What is said of a module that cannot be run as a program, before a line of it has run.
import { describe, expect, test } from 'vitest';
import { WasienvError } from '../../src/base/errors.js';
import { loadModule, originOf, requireCommand, unmetImports } from '../../src/program/index.js';
import { preview1Signatures } from '../../src/wasi/index.js';
import { parse, type Module } from '../../src/wasm/index.js';

const START = '(func (export "_start"))';
const module = (text: string): Module => parse(`(module ${text})`);

function errorOf(action: () => unknown): WasienvError {
  try {
    action();
  } catch (error) {
    if (error instanceof WasienvError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}

const placed = (error: WasienvError, label: string): string[] => error.where.filter(([each]) => each === label).map(([, value]) => value);

describe('loadModule', () => {
  test.each<[string, Uint8Array | string, string]>([
    ['text', 'hello', 'E_NOT_WASM'],
    ['nothing', '', 'E_NOT_WASM'],
    ['an ELF program', '\x7fELF\x02\x01\x01', 'E_NOT_WASM'],
    ['a component', Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), 'E_COMPONENT'],
    ['a module cut short', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 200), 'E_DECODE'],
    // One function of type () -> i32 with an empty body.
    ['an invalid module', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 10, 4, 1, 2, 0, 0x0b), 'E_INVALID'],
  ])('%s', (_what, bytes, code) => {
    const error = errorOf(() => loadModule(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, 'given.wasm'));
    expect(error.code).toBe(code);
    expect(placed(error, 'file')).toEqual(['given.wasm']);
    expect(error.cause).toBeInstanceOf(WasienvError);
  });

  test('an empty module loads', () => {
    expect(loadModule(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), 'empty.wasm').exports).toEqual([]);
  });
});

describe('imports', () => {
  test('all 46 functions of the interface, with their types, are met', () => {
    const imports = [...preview1Signatures].map(
      ([name, { params, results }]) => `(import "wasi_snapshot_preview1" "${name}" (func (param ${params.join(' ')}) (result ${results.join(' ')})))`,
    );
    expect(imports).toHaveLength(46);
    expect(unmetImports(module(imports.join('\n')))).toEqual([]);
  });

  test('the types are those of the interface definition', () => {
    const type = (name: string) => preview1Signatures.get(name)!.params.join(' ');
    expect(type('fd_seek')).toBe('i32 i64 i32 i32');
    expect(type('path_open')).toBe('i32 i32 i32 i32 i32 i64 i64 i32 i32');
    expect(type('fd_pread')).toBe('i32 i32 i32 i64 i32');
    expect(type('clock_time_get')).toBe('i32 i64 i32');
    expect(type('path_filestat_set_times')).toBe('i32 i32 i32 i32 i64 i64 i32');
    expect(preview1Signatures.get('proc_exit')).toEqual({ params: ['i32'], results: [] });
    expect(preview1Signatures.get('sched_yield')).toEqual({ params: [], results: ['i32'] });
  });

  test('every unmet one is named at once, with what it belongs to', () => {
    const error = errorOf(() =>
      requireCommand(
        module(`
          (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_wrote" (func))
          (import "env" "emscripten_memcpy_js" (func))
          (import "env" "my_function" (func (param i32)))
          (import "env" "memory" (memory 1))
          (import "else" "thing" (global i32))
          ${START}`),
        'needy.wasm',
      ),
    );
    expect(error.code).toBe('E_LINK');
    expect(error.message).toBe('the program needs 5 imports that it cannot be given');
    expect(placed(error, 'file')).toEqual(['needy.wasm']);
    expect(placed(error, 'imports')).toEqual([
      'function wasi_snapshot_preview1.fd_wrote\n(not one of the 46 functions of WASI preview 1)',
      'function env.emscripten_memcpy_js\n(Emscripten)',
      'function env.my_function\n(a function that was declared but never defined)',
      'memory env.memory\n(a memory made by somebody else)',
      'global else.thing\n(of a host we do not know)',
    ]);
    expect(error.next!.split('\n')).toHaveLength(5);
  });

  test('a function with another type says both', () => {
    const error = errorOf(() => requireCommand(module(`(import "wasi_snapshot_preview1" "fd_seek" (func (param i32 i64 i32) (result i32))) ${START}`), 'old.wasm'));
    expect(error.message).toBe('the program imports function wasi_snapshot_preview1.fd_seek with the type (i32, i64, i32) -> (i32), but it has (i32, i64, i32, i32) -> (i32)');
  });

  test('hundreds of them do not fill the screen', () => {
    const imports = Array.from({ length: 300 }, (_, index) => `(import "env" "f${index}" (func))`).join(' ');
    const [shown] = placed(errorOf(() => requireCommand(module(imports + START), 'many.wasm')), 'imports');
    expect(shown!.split('\n')).toHaveLength(22);
    expect(shown).toContain('… and 280 more');
  });

  test.each<[module: string, name: string, kind: string, what: string]>([
    ['wasi_unstable', 'sock_accept', 'function', 'not one of the 45 functions of WASI preview 0, the WASI of 2019'],
    ['wasi', 'thread-exit', 'function', 'not a function of WASI with threads, which has `thread-spawn` alone'],
    ['host', 'memory', 'memory', 'a memory made by somebody else'],
    ['wasi:cli/environment@0.2.0', 'get-environment', 'function', 'the component model (WASI preview 2 or later)'],
    ['wasi_ephemeral_nn', 'load', 'function', 'an experimental WASI interface'],
    ['wbg', '__wbg_log_1', 'function', 'wasm-bindgen: Rust for a browser'],
    ['gojs', 'runtime.wasmExit', 'function', 'Go for a browser'],
    ['GOT.mem', '__heap_base', 'global', 'dynamic linking'],
    ['env', 'invoke_vi', 'function', 'Emscripten'],
    ['env', '__cxa_throw', 'function', 'C++ exceptions, which this C++ library was built without'],
    ['env', 'setjmp', 'function', 'setjmp and longjmp'],
    ['env', '__indirect_function_table', 'table', 'something a program of its own host expects'],
  ])('%s.%s (%s): %s', (from, name, kind, what) => {
    expect(originOf({ module: from, name, kind })?.what).toBe(what);
  });

  test('what nobody we know makes is said to be unknown', () => {
    expect(originOf({ module: 'x', name: 'y', kind: 'function' })).toBeUndefined();
  });
});

describe('start', () => {
  const refused = (text: string) => errorOf(() => requireCommand(module(text), 'given.wasm'));

  test('a command is accepted, however its start came about', () => {
    expect(() => requireCommand(module(START), 'a.wasm')).not.toThrow();
    expect(() => requireCommand(module('(import "wasi_snapshot_preview1" "sched_yield" (func (result i32))) (func $go) (export "_start" (func $go))'), 'a.wasm')).not.toThrow();
  });

  test('a reactor is told from a module without anything to run', () => {
    const reactor = refused('(func (export "_initialize")) (func (export "add") (result i32) i32.const 1)');
    expect(reactor.code).toBe('E_NO_START');
    expect(reactor.message).toContain('reactor');
    expect(placed(reactor, 'exports')).toEqual(['_initialize, add']);
    const library = refused('(func (export "one")) (func (export "two")) (memory (export "memory") 1)');
    expect(library.message).toContain('no export `_start`');
    expect(placed(library, 'exports')).toEqual(['one, two']);
    expect(placed(refused(''), 'exports')).toEqual(['no functions']);
  });

  test.each(['(func (export "_start") (param i32))', '(func (export "_start") (result i32) i32.const 0)', '(memory (export "_start") 1)'])('%s is no start', (text) => {
    const error = refused(text);
    expect(error.code).toBe('E_NO_START');
    expect(error.message).toContain('`_start` is not a function without parameters and results');
  });
});
