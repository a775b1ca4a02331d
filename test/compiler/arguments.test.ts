// What wasienv adds to a clang command line, and what it reads out of one. Pure, by tables.
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilerArguments, defaultOutput, type CompilerParts } from '../../src/compiler/arguments.js';
import { scanArguments } from '../../src/compiler/options.js';
import { shellCommand } from '../../src/compiler/quote.js';
import { expandResponseFiles, splitResponseText } from '../../src/compiler/response-file.js';
import { WasienvError } from '../../src/base/errors.js';

const PARTS: CompilerParts = { driver: 'clang', target: 'wasm32-wasip1', targets: ['wasm32-wasip1'], sysroot: '/s', resourceDir: '/r', knowsNoWasmOpt: false };
const FRONT = '--target=wasm32-wasip1 --sysroot=/s -resource-dir=/r';

describe('compilerArguments', () => {
  test.each([
    // a module is named after the first input, where the command links and nothing else names it
    ['first.c', 'first.c -o first.wasm'],
    ['dir/first.c util.o', 'dir/first.c util.o -o first.wasm'],
    ['-O2 -I inc -Iinc2 -D X=1 -DY -l m -L lib main.c -lfoo', '-O2 -I inc -Iinc2 -D X=1 -DY -l m -L lib main.c -lfoo -o main.wasm'],
    ['-x c -', '-x c - -o a.wasm'],
    ['-Xlinker --strip-all a.o', '-Xlinker --strip-all a.o -o a.wasm'],
    ['-MF deps.d -MD a.c', '-MF deps.d -MD a.c -o a.wasm'],
    ['-include config.h a.c', '-include config.h a.c -o a.wasm'],
    ['-z stack-size=65536 a.c', '-z stack-size=65536 a.c -o a.wasm'],
    ['-- -odd.c', '-o -odd.wasm -- -odd.c'],
    // everything else is left alone
    ['first.c -o out', 'first.c -o out'],
    ['first.c -oout', 'first.c -oout'],
    ['-c first.c', '-c first.c'],
    ['-S first.c', '-S first.c'],
    ['-E first.c', '-E first.c'],
    ['-M first.c', '-M first.c'],
    ['-fsyntax-only first.c', '-fsyntax-only first.c'],
    ['--version', '--version'],
    ['-v', '-v'],
    ['-print-search-dirs', '-print-search-dirs'],
    ['-### a.c', '-### a.c'],
    ['-r a.o b.o', '-r a.o b.o'],
    ['', ''],
  ])('%s', (typed, wanted) => {
    const words = (text: string) => text.split(' ').filter((word) => word !== '');
    expect(compilerArguments(PARTS, words(typed)).args.join(' ')).toBe([...words(FRONT), ...words(wanted)].join(' '));
  });

  test.each(['wasm32-wasi', 'wasm32-unknown-wasi', 'wasm32-wasi-preview1'])('%s is what the toolchain calls wasm32-wasip1', (name) => {
    for (const typed of [[`--target=${name}`, 'a.c', '-c'], ['-target', name, 'a.c', '-c']]) {
      const { args, notes } = compilerArguments(PARTS, typed);
      expect(args.join(' ')).toBe(`${FRONT} a.c -c`);
      expect(notes).toEqual([`${name} is called wasm32-wasip1 by this toolchain`]);
    }
  });

  test.each([
    ['wasm32-wasi', 'wasm32-wasi'],
    ['wasm32-unknown-wasi', 'wasm32-wasi'],
    ['wasm32-unknown-wasip1', 'wasm32-wasip1'],
  ])('a sysroot with both names gets %s as it is meant', (name, target) => {
    const parts = { ...PARTS, targets: ['wasm32-wasip1', 'wasm32-wasi'] };
    expect(compilerArguments(parts, [`--target=${name}`, 'a.c', '-c'])).toMatchObject({ notes: [], args: [`--target=${target}`, '--sysroot=/s', '-resource-dir=/r', 'a.c', '-c'] });
  });

  test.each([
    ['wasm32-wasip1-threads', /threads/],
    ['wasm32-wasi-threads', /threads/],
    ['wasm32-wasip2', /components for WASI 0\.2/],
    ['wasm32-unknown-wasip3', /components for WASI 0\.3/],
    ['x86_64-linux-gnu', /not a target of the installed toolchain/],
  ])('%s is refused for what it is', (name, says) => {
    expect(() => compilerArguments(PARTS, [`--target=${name}`, 'a.c'])).toThrow(expect.objectContaining({ code: 'E_USAGE', message: expect.stringMatching(says) }));
  });

  test.each<[string, string]>([
    ['a.cc', '-fno-exceptions -stdlib++-isystem /s/include/wasm32-wasip1/noeh/c++/v1 -L/s/lib/wasm32-wasip1/noeh a.cc -o a.wasm'],
    ['-c a.cc', '-fno-exceptions -stdlib++-isystem /s/include/wasm32-wasip1/noeh/c++/v1 -c a.cc'],
    ['a.o', '-L/s/lib/wasm32-wasip1/noeh a.o -o a.wasm'],
    ['-fwasm-exceptions a.cc', '-fno-exceptions -stdlib++-isystem /s/include/wasm32-wasip1/eh/c++/v1 -L/s/lib/wasm32-wasip1/eh -fwasm-exceptions a.cc -o a.wasm'],
    ['-c a.c', '-c a.c'],
  ])('a clang that does not know of two libc++ is told which: %s', (typed, wanted) => {
    expect(compilerArguments({ ...PARTS, exceptionVariants: true }, typed.split(' ')).args.join(' ')).toBe(`${FRONT} ${wanted}`);
  });

  test.each<[CompilerParts['driver'], string, boolean]>([
    ['clang', 'a.c', false],
    ['clang', 'a.cc', true],
    ['clang', 'a.c b.C', true],
    ['clang', '-x c++ -', true],
    ['clang', '-x c a.cc', false],
    ['clang', '-x none a.cc', true],
    ['clang++', 'a.c', true],
    ['clang++', 'a.o', true],
    ['clang++', '-x c a.c', false],
  ])('C++ is compiled without exceptions, C is left alone: %s %s', (driver, typed, without) => {
    expect(compilerArguments({ ...PARTS, driver }, typed.split(' ')).args.includes('-fno-exceptions')).toBe(without);
  });

  test('a target in the value of another option is not a target', () => {
    const typed = ['-D', '--target=x86_64', '-Xclang', '-target', 'a.c', '-c', '--target=wasm32-wasi'];
    expect(compilerArguments(PARTS, typed).args.join(' ')).toBe(`${FRONT} -D --target=x86_64 -Xclang -target a.c -c`);
  });

  test('the toolchain’s own name of its target needs no note', () => {
    expect(compilerArguments(PARTS, ['--target=wasm32-wasip1', '-c', 'a.c'])).toMatchObject({ notes: [], args: [...FRONT.split(' '), '-c', 'a.c'] });
  });

  test.each(['wasm32', 'wasm32-unknown-unknown', 'wasm64', 'wasm32-none'])('%s needs nothing of the sysroot and passes', (name) => {
    expect(compilerArguments(PARTS, [`--target=${name}`, '-c', 'a.c']).args.join(' ')).toBe(`-resource-dir=/r --target=${name} -c a.c`);
  });

  test.each(['x86_64-linux-gnu', 'wasm32-wasip2', 'wasm32-wasip1-threads', 'wasm32-emscripten', ''])('%s is refused', (name) => {
    const attempt = () => compilerArguments(PARTS, [`--target=${name}`, 'a.c']);
    expect(attempt).toThrow(WasienvError);
    expect(attempt).toThrow(expect.objectContaining({ code: 'E_USAGE', message: expect.stringContaining(`--target=${name}`) }));
  });

  test('the front end gets its arguments untouched', () => {
    expect(compilerArguments(PARTS, ['-cc1', '-emit-obj', 'a.c']).args).toEqual(['-cc1', '-emit-obj', 'a.c']);
    expect(compilerArguments(PARTS, ['-cc1as', 'a.s']).args).toEqual(['-cc1as', 'a.s']);
  });

  test('a linker elsewhere and --no-wasm-opt are given only to commands that link', () => {
    const parts = { ...PARTS, linker: '/l/wasm-ld-14', knowsNoWasmOpt: true };
    expect(compilerArguments(parts, ['a.c']).args.join(' ')).toBe(`${FRONT} -fuse-ld=/l/wasm-ld-14 --no-wasm-opt a.c -o a.wasm`);
    expect(compilerArguments(parts, ['-shared', 'a.c', '-o', 'a.so']).args).toContain('--no-wasm-opt');
    for (const typed of [['-c', 'a.c'], ['--version'], ['-v'], ['-E', 'a.c']]) {
      expect(compilerArguments(parts, typed).args.join(' ')).toBe(`${FRONT} ${typed.join(' ')}`);
    }
  });

  test('what a response file says counts, but the file itself is passed on', () => {
    const files: Record<string, string> = { one: '-c "my file.c"', two: 'main.c @three', three: '-lm' };
    const given = (typed: string[]) => compilerArguments(PARTS, typed, expandResponseFiles(typed, (file) => files[file])).args.slice(3);
    expect(given(['@one'])).toEqual(['@one']);
    expect(given(['@two'])).toEqual(['@two', '-o', 'main.wasm']);
    expect(given(['@none'])).toEqual(['@none', '-o', 'a.wasm']);
  });
});

describe('scanArguments', () => {
  test.each([
    ['-emit-llvm a.c', ['a.c']],
    ['-objcmt-migrate-all a.c', ['a.c']],
    ['-undef a.c', ['a.c']],
    ['-MMD -MP a.c', ['a.c']],
    ['-MFdeps a.c', ['a.c']],
    ['-MF deps a.c', ['a.c']],
    ['-isystem dir a.c', ['a.c']],
    ['-isystemdir a.c', ['a.c']],
    ['-mllvm -opt a.c', ['a.c']],
    ['--param x=1 a.c', ['a.c']],
    ['-x c++ a', ['a']],
    ['a.c -Wl,--export=f b.o libx.a', ['a.c', 'b.o', 'libx.a']],
    ['-I', []],
    ['-- -o x', ['-o', 'x']],
  ])('%s', (typed, inputs) => {
    expect(scanArguments(typed.split(' ')).inputs).toEqual(inputs);
  });

  test('the last of several outputs, targets and languages counts', () => {
    expect(scanArguments('-o a -ob --output=c -target t --target=u -x c -xc++ f'.split(' '))).toEqual({
      mode: 'link', inputs: ['f'], output: 'c', target: 'u', verbose: false, language: 'c++',
    });
  });
});

test.each([
  ['first.c', 'first.wasm'], ['a/b/first.tar.c', 'first.tar.wasm'], ['noext', 'noext.wasm'], ['.hidden', '.hidden.wasm'],
  ['-', 'a.wasm'], ['@gone', 'a.wasm'], ['../x.o', 'x.wasm'], ['föö bar.cc', 'föö bar.wasm'],
])('the module of %s is %s', (input, output) => {
  expect(defaultOutput(input)).toBe(output);
});

describe('response files', () => {
  test.each([
    ['a b\n\tc', ['a', 'b', 'c']],
    [`"a b" 'c d' e"f g"h`, ['a b', 'c d', 'ef gh']],
    ['a\\ b "c\\"d" \'e\\f\'', ['a b', 'c"d', 'e\\f']],
    ['"" x', ['', 'x']],
    ['', []],
  ])('%j', (text, wanted) => expect(splitResponseText(text)).toEqual(wanted));

  test('a file that names itself ends', () => {
    expect(expandResponseFiles(['@loop'], () => 'x @loop')).toContain('@loop');
  });
});

test.runIf(process.platform !== 'win32')('a shown command means the same to a shell', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')), { minLength: 1, maxLength: 4 }), (words) => {
      const script = `printf '%s\\0' ${shellCommand(words)}`;
      const got = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
      expect(got).toEqual(words);
    }),
    { numRuns: 60 },
  );
});
