// What wasienv adds to a clang command line, and what it reads out of one. Pure, by tables.
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilerArguments, defaultOutput, type CompilerParts } from '../../src/compiler/arguments.js';
import { EMULATIONS, MODE_NAMES } from '../../src/compiler/modes.js';
import { scanArguments } from '../../src/compiler/options.js';
import { shellCommand } from '../../src/base/quote.js';
import { expandResponseFiles, splitResponseText } from '../../src/compiler/response-file.js';
import { WasienvError } from '../../src/base/errors.js';
import { UNIX } from '../support/skips.js';

const PARTS: CompilerParts = { driver: 'clang', target: 'wasm32-wasip1', targets: ['wasm32-wasip1'], sysroot: '/s', resourceDir: '/r', clangMajor: 22, knowsNoWasmOpt: false, runtime: '/own', exists: () => false };
const FRONT = '--target=wasm32-wasip1 --sysroot=/s -resource-dir=/r';
/** What stands behind it when a program is linked. */
const STACK = '-Wl,-z,stack-size=1048576 -Wl,--stack-first';
const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

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
    ['-### a.c', '-### a.c -o a.wasm'],
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
    ['-r a.o b.o', '-r a.o b.o'],
    ['', ''],
  ])('%s', (typed, wanted) => {
    const { args, scan } = compilerArguments(PARTS, words(typed));
    const links = (scan.mode === 'link' || typed.startsWith('-###')) && scan.inputs.length > 0;
    expect(args.join(' ')).toBe([...words(FRONT), ...(links ? words(STACK) : []), ...words(wanted)].join(' '));
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
    ['wasm32-wasip1-threads', /no C library/],
    ['wasm32-wasi-threads', /threads/],
    ['wasm32-wasip2', /components for WASI 0\.2/],
    ['wasm32-unknown-wasip3', /components for WASI 0\.3/],
    ['x86_64-linux-gnu', /not a target of the installed toolchain/],
  ])('%s is refused for what it is', (name, says) => {
    expect(() => compilerArguments(PARTS, [`--target=${name}`, 'a.c'])).toThrow(expect.objectContaining({ code: 'E_USAGE', message: expect.stringMatching(says) }));
  });

  test.each<[string, string]>([
    ['a.cc', '-fno-exceptions -stdlib++-isystem /s/include/wasm32-wasip1/noeh/c++/v1 -L/s/lib/wasm32-wasip1/noeh STACK a.cc -o a.wasm'],
    ['-c a.cc', '-fno-exceptions -stdlib++-isystem /s/include/wasm32-wasip1/noeh/c++/v1 -c a.cc'],
    ['a.o', '-L/s/lib/wasm32-wasip1/noeh STACK a.o -o a.wasm'],
    ['-fwasm-exceptions a.cc', '-stdlib++-isystem /s/include/wasm32-wasip1/eh/c++/v1 -L/s/lib/wasm32-wasip1/eh STACK -fwasm-exceptions a.cc -o a.wasm'],
    ['-c a.c', '-c a.c'],
  ])('a clang that does not know of two libc++ is told which: %s', (typed, wanted) => {
    expect(compilerArguments({ ...PARTS, exceptionVariants: true }, typed.split(' ')).args.join(' ')).toBe(`${FRONT} ${wanted.replace('STACK', STACK)}`);
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

  test.each(['wasm32', 'wasm32-unknown-unknown', 'wasm64', 'wasm32-none'])('%s passes, and sees no headers of this machine', (name) => {
    expect(compilerArguments(PARTS, [`--target=${name}`, '-c', 'a.c']).args.join(' ')).toBe(`--sysroot=${PARTS.sysroot} -resource-dir=/r --target=${name} -c a.c`);
  });

  test.each(['x86_64-linux-gnu', 'wasm32-wasip2', 'wasm32-wasip1-threads', 'wasm32-emscripten', ''])('%s is refused', (name) => {
    const attempt = () => compilerArguments(PARTS, [`--target=${name}`, 'a.c']);
    expect(attempt).toThrow(WasienvError);
    expect(attempt).toThrow(expect.objectContaining({ code: 'E_USAGE', message: expect.stringContaining(`--target=${name}`) }));
  });

  test('-m64 is refused, where it was not taken back and the target is ours', () => {
    expect(() => compilerArguments(PARTS, ['-m64', 'a.c'])).toThrow(expect.objectContaining({ code: 'E_USAGE', message: expect.stringContaining('-m64') }));
    expect(compilerArguments(PARTS, ['-m64', '-m32', '-c', 'a.c']).args.join(' ')).toBe(`${FRONT} -m64 -m32 -c a.c`);
    expect(() => compilerArguments(PARTS, ['--target=wasm64', '-m64', '-c', 'a.c'])).not.toThrow();
  });

  test('the front end gets its arguments untouched', () => {
    expect(compilerArguments(PARTS, ['-cc1', '-emit-obj', 'a.c']).args).toEqual(['-cc1', '-emit-obj', 'a.c']);
    expect(compilerArguments(PARTS, ['-cc1as', 'a.s']).args).toEqual(['-cc1as', 'a.s']);
  });

  test('a linker elsewhere and --no-wasm-opt are given only to commands that link', () => {
    const parts = { ...PARTS, linker: '/l/wasm-ld-14', knowsNoWasmOpt: true };
    expect(compilerArguments(parts, ['a.c']).args.join(' ')).toBe(`${FRONT} -fuse-ld=/l/wasm-ld-14 --no-wasm-opt ${STACK} a.c -o a.wasm`);
    expect(compilerArguments(parts, ['-shared', 'a.c', '-o', 'a.so']).args).toContain('--no-wasm-opt');
    for (const typed of [['-c', 'a.c'], ['--version'], ['-v'], ['-E', 'a.c']]) {
      expect(compilerArguments(parts, typed).args.join(' ')).toBe(`${FRONT} ${typed.join(' ')}`);
    }
  });

  test('builtins are named to a clang that would take libgcc, where it links any', () => {
    const parts = { ...PARTS, namesRuntime: true };
    expect(compilerArguments(parts, ['a.c']).args).toContain('--rtlib=compiler-rt');
    for (const typed of [['-c', 'a.c'], ['-nostdlib', 'a.c'], ['a.c', '-nodefaultlibs']]) expect(compilerArguments(parts, typed).args).not.toContain('--rtlib=compiler-rt');
    expect(compilerArguments(PARTS, ['a.c']).args).not.toContain('--rtlib=compiler-rt');
  });

  test('what a response file says counts, but the file itself is passed on', () => {
    const files: Record<string, string> = { one: '-c "my file.c"', two: 'main.c @three', three: '-lm' };
    const given = (typed: string[]) => compilerArguments(PARTS, typed, expandResponseFiles(typed, (file) => files[file])).args.slice(3);
    expect(given(['@one'])).toEqual(['@one']);
    expect(given(['@two'])).toEqual([...words(STACK), '@two', '-o', 'main.wasm']);
    expect(given(['@none'])).toEqual([...words(STACK), '@none', '-o', 'a.wasm']);
  });
});

describe('modes', () => {
  /** A toolchain with these files below its sysroot. */
  const having = (files: string, over: Partial<CompilerParts> = {}): CompilerParts => ({ ...PARTS, exists: (file) => words(files).map((each) => `/s/lib/${each}`).includes(file), ...over });
  const ALL = having('wasm32-wasip1/libsetjmp.a wasm32-wasip1/libunwind.a wasm32-wasip1/crt1-reactor.o wasm32-wasip1-threads/libc.a wasm32-wasip1-threads/libsetjmp.a '
    + 'wasm32-wasip1/libwasi-emulated-signal.a wasm32-wasip1/libwasi-emulated-getpid.a wasm32-wasip1/libwasi-emulated-mman.a wasm32-wasip1/libwasi-emulated-process-clocks.a');
  const said = (typed: string, parts = ALL): string => compilerArguments(parts, words(typed)).args.slice(3).join(' ');

  test.each<[string, string]>([
    ['--setjmp -c a.c', '-mllvm -wasm-enable-sjlj -c a.c'],
    ['--setjmp a.o', `${STACK} a.o -lsetjmp -o a.wasm`],
    ['--setjmp a.c -o a', `${STACK} -mllvm -wasm-enable-sjlj a.c -o a -lsetjmp`],
    ['--setjmp -E a.c', '-mllvm -wasm-enable-sjlj -E a.c'],
    // LLVM ends with an error when an option of its own is said twice
    ['--setjmp -mllvm -wasm-enable-sjlj -c a.c', '-mllvm -wasm-enable-sjlj -c a.c'],
    ['--lto -c a.c', '-flto -c a.c'],
    ['--lto --setjmp -c a.c', '-flto -mllvm -wasm-enable-sjlj -c a.c'],
    ['--lto --setjmp a.o -o a', `${STACK} -flto -Wl,-mllvm,-wasm-enable-sjlj,-mllvm,-exception-model=wasm a.o -o a -lsetjmp`],
    ['-flto=thin --setjmp a.o -o a', `${STACK} -Wl,-mllvm,-wasm-enable-sjlj,-mllvm,-exception-model=wasm -flto=thin a.o -o a -lsetjmp`],
    ['--setjmp -flto a.o -o a -Wl,-mllvm,-wasm-enable-sjlj', `${STACK} -Wl,-mllvm,-exception-model=wasm -flto a.o -o a -Wl,-mllvm,-wasm-enable-sjlj -lsetjmp`],
    ['--exceptions -c a.cc', '-fwasm-exceptions -mllvm -wasm-use-legacy-eh=false -c a.cc'],
    ['--exceptions a.o -o a', `${STACK} -fwasm-exceptions a.o -o a -lunwind`],
    ['--exceptions --setjmp -c a.cc', '-fwasm-exceptions -mllvm -wasm-use-legacy-eh=false -mllvm -wasm-enable-sjlj -c a.cc'],
    ['--exceptions -mllvm -wasm-use-legacy-eh=true -c a.cc', '-fwasm-exceptions -mllvm -wasm-use-legacy-eh=true -c a.cc'],
    ['--emulate signal,getpid -c a.c', '-D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_GETPID -c a.c'],
    ['--emulate=mman --emulate clocks a.o', `${STACK} a.o -lwasi-emulated-mman -lwasi-emulated-process-clocks -o a.wasm`],
    ['--emulate signal a.c -o a', `${STACK} -D_WASI_EMULATED_SIGNAL a.c -o a -lwasi-emulated-signal`],
    ['--reactor a.o -o a', `${STACK} -mexec-model=reactor a.o -o a`],
    ['--reactor -c a.c', '-c a.c'],
    ['--stack-size 8MiB a.o -o a', '-Wl,-z,stack-size=8388608 -Wl,--stack-first a.o -o a'],
    ['--stack-size=65537 a.o -o a', '-Wl,-z,stack-size=65552 -Wl,--stack-first a.o -o a'],
    ['--stack-size 64k -c a.c', '-c a.c'],
    // As in `wasienv run --max-memory`: a word has one meaning.
    ['--stack-size 1MB a.o -o a', '-Wl,-z,stack-size=1000000 -Wl,--stack-first a.o -o a'],
    ['--stack-size 1.5M a.o -o a', '-Wl,-z,stack-size=1572864 -Wl,--stack-first a.o -o a'],
    // the user's own word comes later and wins
    ['a.o -o a -Wl,-z,stack-size=131072', `${STACK} a.o -o a -Wl,-z,stack-size=131072`],
    // a memory that 1 MiB of stack may not fit in keeps wasm-ld's own, unless a size is asked for
    ['-Wl,--initial-memory=131072 a.o -o a', '-Wl,--initial-memory=131072 a.o -o a'],
    ['-Wl,--initial-memory=67108864 a.o -o a', `${STACK} -Wl,--initial-memory=67108864 a.o -o a`],
    ['-Wl,--global-base=1024 a.o -o a', '-Wl,--global-base=1024 a.o -o a'],
    ['-Wl,--global-base=1024 --stack-size 128K a.o -o a', '-Wl,-z,stack-size=131072 -Wl,--global-base=1024 a.o -o a'],
    // only where it stands as an option
    ['-D --setjmp -c a.c', '-D --setjmp -c a.c'],
    ['-c -- --setjmp', '-c -- --setjmp'],
    ['--lto=thin -c a.c', '--lto=thin -c a.c'],
  ])('%s', (typed, wanted) => expect(said(typed)).toBe(wanted));

  test('threads are another target, with its own C library', () => {
    expect(compilerArguments(ALL, words('--threads --setjmp a.c -o a')).args.join(' ')).toBe(
      `--target=wasm32-wasip1-threads --sysroot=/s -resource-dir=/r ${STACK} -mllvm -wasm-enable-sjlj -pthread -Wl,--import-memory,--export-memory,--max-memory=1073741824 a.c -o a -lsetjmp`,
    );
    expect(compilerArguments(ALL, words('-c a.c --threads')).args.join(' ')).toBe('--target=wasm32-wasip1-threads --sysroot=/s -resource-dir=/r -pthread -c a.c');
    // by the name of the target everything else is the user's
    expect(compilerArguments(ALL, words('--target=wasm32-wasip1-threads -pthread -c a.c')).args.join(' ')).toBe('--target=wasm32-wasip1-threads --sysroot=/s -resource-dir=/r -pthread -c a.c');
  });

  test.each<[string, string, RegExp]>([
    ['--setjmp --threads -c a.c', 'wasm32-wasip1-threads/libc.a', /lacks libsetjmp for threads/],
    ['--exceptions -c a.cc', 'wasm32-wasip1/libc++abi.a', /lacks libunwind, and its C\+\+ library is built without exceptions/],
    ['--threads a.c', 'wasm32-wasip1/libc.a', /lacks a C library for threads/],
    ['--reactor a.c', '', /crt1-reactor\.o/],
    ['--emulate signal,mman -c a.c', 'wasm32-wasip1/libwasi-emulated-signal.a', /^--emulate mman .* lacks libwasi-emulated-mman/],
  ])('%s is refused where the sysroot lacks what it needs', (typed, files, says) => {
    const attempt = (): unknown => said(typed, having(files));
    expect(attempt).toThrow(expect.objectContaining({ code: 'E_MODE', message: expect.stringMatching(says), where: expect.arrayContaining([['no file', expect.stringMatching(/^\/s\/lib\/wasm32-wasip1/)]]), next: expect.stringContaining('wasienv setup') }));
  });

  test.each<[string, Partial<CompilerParts>, string]>([
    ['--setjmp -c a.c', {}, '-mllvm -wasm-enable-sjlj -idirafter /own/include -c a.c'],
    ['--setjmp a.o -o a', {}, `${STACK} -Qunused-arguments -mexception-handling /own/setjmp.s a.o -o a`],
    ['--setjmp a.c -o a', {}, `${STACK} -mllvm -wasm-enable-sjlj -idirafter /own/include -mexception-handling /own/setjmp.s a.c -o a`],
    // a libsetjmp is made for the calls of LLVM 19 and later, or before, and does not say which
    ['--setjmp a.o -o a', { clangMajor: 18, exists: () => true }, `${STACK} -Qunused-arguments -mexception-handling /own/setjmp.s a.o -o a`],
    ['--setjmp a.o -o a', { clangMajor: 19, exists: () => true }, `${STACK} a.o -o a -lsetjmp`],
  ])('setjmp without a fitting libsetjmp is wasienv’s own: %s', (typed, over, wanted) => expect(said(typed, { ...PARTS, ...over })).toBe(wanted));

  test('setjmp is refused where clang cannot translate it', () => {
    expect(() => said('--setjmp a.c', { ...PARTS, clangMajor: 13 })).toThrow(expect.objectContaining({ code: 'E_MODE', message: expect.stringContaining('LLVM 14') }));
  });

  test('exceptions are refused where clang cannot write what the libraries are written in', () => {
    const files = 'wasm32-wasip1/eh/libunwind.a';
    expect(() => said('--exceptions -c a.cc', having(files, { clangMajor: 19 }))).toThrow(expect.objectContaining({ code: 'E_MODE', message: expect.stringContaining('clang 19') }));
    expect(said('--exceptions -c a.cc', having(files, { exceptionVariants: true }))).toBe('-stdlib++-isystem /s/include/wasm32-wasip1/eh/c++/v1 -fwasm-exceptions -mllvm -wasm-use-legacy-eh=false -c a.cc');
  });

  test.each([['--emulate'], ['--emulate='], ['--emulate fork'], ['--emulate toString'], ['--stack-size'], ['--stack-size big'], ['--stack-size 0'], ['--stack-size 4G'], ['--stack-size -1']])('%s is a mistake', (typed) => {
    expect(() => said(`-c a.c ${typed}`)).toThrow(expect.objectContaining({ code: 'E_USAGE', next: expect.any(String) }));
  });

  test('a mode in a response file is taken out of it', () => {
    const files: Record<string, string> = { modes: '--setjmp -O2', plain: '-O2' };
    const given = (typed: string[]) => compilerArguments(ALL, typed, expandResponseFiles(typed, (file) => files[file])).args.slice(3).join(' ');
    expect(given(['@modes', '-c', 'a.c'])).toBe('-mllvm -wasm-enable-sjlj -O2 -c a.c');
    expect(given(['@plain', '--setjmp', '-c', 'a.c'])).toBe('-mllvm -wasm-enable-sjlj @plain -c a.c');
  });

  test('every mode is described in the help of cc, and nothing else is', async () => {
    const { cc } = await import('../../src/cli/commands/cc.js');
    expect(Object.keys(cc.options).sort()).toEqual([...MODE_NAMES, 'show'].sort());
    const { TOPICS } = await import('../../src/cli/topics.js');
    const told = TOPICS['modes']!.rows.map(([name]) => name).join(' ');
    expect([...MODE_NAMES, ...Object.keys(EMULATIONS)].filter((name) => !told.includes(name))).toEqual([]);
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

test.skipIf(UNIX.unmet)(`a shown command means the same to a shell${UNIX.why}`, () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')), { minLength: 1, maxLength: 4 }), (words) => {
      const script = `printf '%s\\0' ${shellCommand(words)}`;
      const got = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
      expect(got).toEqual(words);
    }),
    { numRuns: 60 },
  );
});
