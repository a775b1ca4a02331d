// One name of the target works everywhere: each spelling that anybody gives WASI preview 1 reaches clang, clang++, a
// shim, rustc and cargo as what that very toolchain calls it. What is another target is named for what it is by the C
// compilers and left to rustc, which has them, as it stands.
import { describe, expect, test } from 'vitest';
import { PREVIEW1_NAMES, compilerArguments, type CompilerParts } from '../../src/compiler/arguments.js';
import { cargoArguments, rustcArguments, type CargoParts } from '../../src/compiler/rust-arguments.js';
import { makeShims } from '../../src/compiler/shims.js';
import { meansPreview1 } from '../../src/toolchain/rust/target.js';
import { native } from '../setenv/toolchains.js';

const OWN = ['wasm32-wasip1', 'wasm32-wasi'];
const clang = (driver: CompilerParts['driver'], target: string): CompilerParts =>
  ({ driver, target, targets: [target], sysroot: '/s', resourceDir: '/r', runtime: '/w', clangMajor: 19, knowsNoWasmOpt: false, exists: () => false });
const rust = (target: string): CargoParts =>
  ({ target, installed: [target], linker: null, rustc: null, rustdoc: null, ownLinker: null, runner: ['w'] }) as CargoParts;

test('the spellings are those of LLVM, wasi-sdk and Rust, of all years', () => {
  expect([...PREVIEW1_NAMES].sort()).toEqual([
    'wasm32-unknown-unknown-wasi', 'wasm32-unknown-wasi', 'wasm32-unknown-wasi-preview1', 'wasm32-unknown-wasip1', 'wasm32-wasi', 'wasm32-wasi-preview1', 'wasm32-wasip1',
  ]);
});

describe.each(PREVIEW1_NAMES.flatMap((name) => OWN.map((own) => [name, own] as const)))('%s, where it is called %s', (name, own) => {
  test.each(['clang', 'clang++'] as const)('%s', (driver) => {
    for (const typed of [[`--target=${name}`, '-c', 'a.c'], ['-c', 'a.c', '-target', name]]) {
      const { args, notes } = compilerArguments(clang(driver, own), typed);
      expect(args.filter((each) => /target/.test(each) || each === name)).toEqual([`--target=${own}`]);
      // Said once, and not where only LLVM's word for nobody was left out.
      expect(notes).toEqual(name.replace('-unknown-', '-') === own ? [] : [`${name} is called ${own} by this toolchain`]);
    }
  });

  test('a shim', () => {
    const text = makeShims({ toolchain: native('/sdk', { target: own }), home: '/h', platform: 'linux', node: '/n', script: '/w', title: 't' }).prefixed.get('wasm32-wasip1-clang')!;
    const line = text.split('\n').find((each) => / target=\S+/.test(each) && each.trim().split(/\)| \| /).includes(name));
    expect(line).toContain(`target=${own}`);
  });

  test('rustc and cargo', () => {
    expect(meansPreview1(name)).toBe(true);
    expect(rustcArguments(rust(own), ['--target', name, 'a.rs']).args).toEqual(['--target', own, 'a.rs']);
    expect(rustcArguments(rust(own), [`--target=${name}`, 'a.rs']).args).toEqual([`--target=${own}`, 'a.rs']);
    expect(cargoArguments(rust(own), ['build', '--target', name], {}).args).toEqual(['build', '--target', own]);
    expect(cargoArguments(rust(own), ['build'], { CARGO_BUILD_TARGET: name }).variables).toMatchObject(name === own ? {} : { CARGO_BUILD_TARGET: own });
  });
});

describe.each([
  ['wasm32-wasip1-threads', /shared memory and threads/], ['wasm32-wasi-threads', /shared memory and threads/], ['wasm32-wasi-preview1-threads', /shared memory and threads/],
  ['wasm32-wasip2', /components for WASI 0\.2/], ['wasm32-unknown-wasip2', /components for WASI 0\.2/], ['wasm32-wasip3', /components for WASI 0\.3/], ['wasm32-unknown-wasip3', /components for WASI 0\.3/],
])('%s', (name, says) => {
  test('is named for what it is by cc and c++, whose C library is another', () => {
    for (const driver of ['clang', 'clang++'] as const) {
      expect(() => compilerArguments(clang(driver, 'wasm32-wasip1'), [`--target=${name}`, 'a.c'])).toThrow(expect.objectContaining({ code: 'E_USAGE', message: expect.stringMatching(says) }));
    }
  });

  test('stays as it is for rustc and cargo', () => {
    expect(meansPreview1(name)).toBe(false);
    expect(rustcArguments(rust('wasm32-wasip1'), ['--target', name, 'a.rs'])).toMatchObject({ args: ['--target', name, 'a.rs'], target: null });
    expect(cargoArguments(rust('wasm32-wasip1'), ['build', '--target', name], {})).toMatchObject({ args: ['build', '--target', name], target: null });
  });
});
