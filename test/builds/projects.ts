// Builds that people have, a row each: which source package of Debian's, what a person types to build and test it for
// WASI, and what its own tests then say. Their sources are not changed. docs/real-builds.md is made of these rows.

export interface Project {
  readonly id: string;
  readonly title: string;
  /** Debian's name of the source package, or a directory of test/builds. */
  readonly package: string | { readonly own: string };
  /** What builds it. */
  readonly build: string;
  /** `native`: clang of Debian's, adopted; `portable`: the compiler of a plain `wasienv setup`;
   *  `rust`: rustc, cargo and clang of Debian's. */
  readonly compiler: 'native' | 'portable' | 'rust';
  /** Programs of this machine the build needs. */
  readonly needs: readonly string[];
  /** Typed in the directory of the source, one after the other. */
  readonly commands: readonly string[];
  /** Files of test/builds/files that are put there first, and why. */
  readonly files?: readonly (readonly [name: string, why: string])[];
  /** What the commands print when all is well: the words of the tests. */
  readonly says: readonly RegExp[];
  /** And what not. */
  readonly never?: RegExp;
  /** The same for people. */
  readonly result: string;
  readonly notes?: readonly string[];
}

export const PROJECTS: readonly Project[] = [
  {
    id: 'zlib',
    title: 'zlib',
    package: 'zlib',
    build: 'a configure script of its own, make',
    compiler: 'native',
    needs: ['make'],
    commands: ['wasienv exec -- ./configure --static', 'wasienv exec --runnable -- make check'],
    says: [/\*\*\* zlib test OK \*\*\*/, /\*\*\* zlib 64-bit test OK \*\*\*/, /inflate with dictionary: hello, hello!/],
    never: /FAILED/,
    result: 'zlib test OK, zlib 64-bit test OK',
    notes: ['`--runnable`, because its makefile starts `./example` and `./minigzip` by name'],
  },
  {
    id: 'bzip2',
    title: 'bzip2',
    package: 'bzip2',
    build: 'make',
    compiler: 'portable',
    needs: ['make'],
    files: [['bzip2-wasi.h', 'fchmod and fchown, which WASI has not, as functions that do nothing']],
    commands: ["wasienv exec --runnable --emulate signal,clocks -- make CFLAGS='-O2 -include bzip2-wasi.h'"],
    says: [/cmp sample1\.bz2 sample1\.rb2/, /cmp sample3\.tst sample3\.ref/, /If you got this far and the 'cmp's didn't complain/],
    never: /differ/,
    result: 'six files compressed and decompressed, `cmp` finds no difference',
    notes: ['its makefile says `CC=gcc` and `AR=ar`; `exec` gives make `CC=…` and `AR=…`', 'its default target runs its tests'],
  },
  {
    id: 'lua',
    title: 'Lua',
    package: 'lua5.4',
    build: 'make',
    compiler: 'portable',
    needs: ['make'],
    files: [['lua-wasi.h', 'system, tmpfile and tmpnam, which WASI has not, as functions that fail'], ['errors.lua', 'a program that throws, catches, and uses coroutines, strings and files']],
    commands: ["wasienv exec --setjmp --emulate signal,clocks -- make -j2 generic MYCFLAGS='-include ../lua-wasi.h'", 'wasienv exec -- src/lua errors.lua'],
    says: [/^all 12 checks passed$/m],
    result: 'a program of twelve checks passes (the archive has no tests)',
    notes: ['its makefile says `CC= gcc -std=gnu99` and `AR= ar rcu`: the flags stay, the programs are replaced', '`--setjmp`: its errors are longjmps'],
  },
  {
    id: 'libfastjson',
    title: 'libfastjson',
    package: 'libfastjson',
    build: 'autoconf, automake, libtool',
    compiler: 'native',
    needs: ['make'],
    commands: ['wasienv exec -- ./configure', 'wasienv exec --runnable -- make check'],
    says: [/^# TOTAL: 17$/m, /^# PASS: {2}17$/m, /^# FAIL: {2}0$/m],
    result: '17 of 17 tests pass',
    notes: ['`--runnable`, because its tests are shell scripts that start programs by name', 'its config.sub of 2018 does not know WASI: `exec` finds that it takes `--host=wasm32-unknown-none`'],
  },
  {
    id: 'tinyxml2',
    title: 'TinyXML-2',
    package: 'tinyxml2',
    build: 'Meson, ninja',
    compiler: 'native',
    needs: ['meson', 'ninja'],
    commands: ['wasienv exec --emulate clocks -- meson setup build', 'ninja -C build', 'wasienv exec -- meson test -C build --verbose --timeout-multiplier 0'],
    says: [/^Pass 463, Fail 0$/m, /^Ok: +1\s*$/m, /^Fail: +0\s*$/m],
    result: 'Pass 463, Fail 0',
    notes: ['`--timeout-multiplier 0`: Meson ends a test after 30 seconds, which on a busy machine an interpreted one may need'],
  },
  {
    id: 'double-conversion',
    title: 'double-conversion',
    package: 'double-conversion',
    build: 'CMake (C++)',
    compiler: 'native',
    needs: ['cmake', 'ctest', 'make'],
    commands: [
      'wasienv exec --runnable -- cmake -B build -DBUILD_TESTING=ON -DCMAKE_BUILD_TYPE=Release',
      'cmake --build build',
      "wasienv exec -- ctest --test-dir build -R 'bignum$|diy|conversions|ieee'",
      'wasienv exec --engine host -- ctest --test-dir build',
    ],
    says: [/100% tests passed, 0 tests failed out of 9/],
    result: '9 of 9 tests pass on Node’s engine, four of them (those that take seconds, not minutes) on the interpreter',
    notes: ['`--runnable`, because its tests name the file of the program and not its target, so that CMake would not use its emulator'],
  },
  {
    id: 'workspace',
    title: 'A cargo workspace with C in it',
    package: { own: 'workspace' },
    build: 'cargo, and the convention of the crate `cc`',
    compiler: 'rust',
    needs: ['gcc'],
    commands: ['wasienv exec -- cargo test --offline --package checksum', 'wasienv exec -- cargo run --offline --quiet --package app -- wikipedia.txt'],
    says: [/test tests::of_this_file \.\.\. ok/, /test result: ok\. 3 passed/, /^11e60398 {2}wikipedia\.txt$/m],
    result: '3 of 3 tests pass, and the program computes the checksum that RFC 1950 wants',
    notes: ['three crates of our own: a build script compiles C with what `CC_wasm32_wasi` and `AR_wasm32_wasi` name, as hundreds of crates do', 'rustc and cargo 1.63 of Debian, clang and lld 14'],
  },
];
