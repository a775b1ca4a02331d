// What tools really print, one log a rule at least, with who saw it. `here` is a run of that program on Debian 12 with
// the compilers of test/support/debian.ts (paths shortened); the others are public reports and the sources of the tools.

export interface Fixture {
  /** The rules that must speak, in the order of the log, and no other. */
  readonly rules: readonly string[];
  readonly seen: string;
  readonly log: string;
}

const CLANG14 = 'here: clang and wasm-ld 14.0.6';
const CLANG19 = 'here: clang and wasm-ld 19.1.7';
const CLANG22 = 'here: clang and wasm-ld 22.1.8';

export const FIXTURES: readonly Fixture[] = [
  // --- parts of a toolchain
  {
    rules: ['missing-builtins'], seen: 'the notes of the project, clang 8 of Homebrew',
    log: String.raw`wasm-ld: error: cannot open /usr/local/Cellar/llvm/8.0.0_1/lib/clang/8.0.0/lib/wasi/libclang_rt.builtins-wasm32.a: No such file or directory
clang-8: error: lld command failed with exit code 1 (use -v to see invocation)`,
  },
  {
    rules: ['missing-builtins'], seen: CLANG19,
    log: String.raw`wasm-ld-19: error: cannot open /usr/lib/llvm-19/lib/clang/19/lib/wasm32-unknown-wasi/libclang_rt.builtins.a: No such file or directory
clang-19: error: linker command failed with exit code 1 (use -v to see invocation)`,
  },
  {
    rules: ['missing-crt1', 'missing-libcxx', 'missing-libc', 'missing-builtins'], seen: CLANG19,
    log: String.raw`wasm-ld-19: error: cannot open crt1.o: No such file or directory
wasm-ld-19: error: unable to find library -lc++
wasm-ld-19: error: unable to find library -lc++abi
wasm-ld-19: error: unable to find library -lc
wasm-ld-19: error: cannot open /usr/lib/llvm-19/lib/clang/19/lib/wasm32-unknown-wasi/libclang_rt.builtins.a: No such file or directory
clang++-19: error: linker command failed with exit code 1 (use -v to see invocation)`,
  },
  {
    rules: ['missing-libcxx'], seen: CLANG19,
    log: String.raw`io.cc:1:10: fatal error: 'iostream' file not found
    1 | #include <iostream>
      |          ^~~~~~~~~~
1 error generated.`,
  },
  {
    rules: ['no-wasm-back-end'], seen: 'mstorsjo/llvm-mingw#447',
    log: String.raw`error: unable to create target: 'No available targets are compatible with triple "wasm32-unknown-wasi"'`,
  },
  {
    rules: ['no-wasm-back-end'], seen: 'gyscos/zstd-rs#93, under cargo',
    log: String.raw`  cargo:warning=error: unable to create target: 'No available targets are compatible with triple "wasm32-unknown-unknown"'
  cargo:warning=1 error generated.
  exit status: 1`,
  },
  {
    rules: ['no-wasm-ld'], seen: CLANG14,
    log: String.raw`clang: error: unable to execute command: Executable "wasm-ld-14" doesn't exist!
clang: error: linker command failed with exit code 1 (use -v to see invocation)`,
  },
  {
    rules: ['no-component-linker'], seen: CLANG19,
    log: String.raw`clang-19: error: unable to execute command: Executable "wasm-component-ld" doesn't exist!
clang-19: error: linker command failed with exit code 1 (use -v to see invocation)`,
  },
  {
    rules: ['mixed-llvm-relocations'], seen: 'WebAssembly/wasi-sdk#187',
    log: String.raw`wasm-ld: error: multi3.c.obj: Bad relocation type: 
clang: error: linker command failed with exit code 1 (use -v to see invocation)`,
  },
  {
    rules: ['mixed-llvm-bitcode'], seen: 'here: an object of clang 22 with -flto, wasm-ld 14.0.6',
    log: String.raw`wasm-ld-14: error: Opaque pointers are only supported in -opaque-pointers mode (Producer: 'LLVM22.1.8' Reader: 'LLVM 14.0.6')
clang: error: linker command failed with exit code 1 (use -v to see invocation)`,
  },
  {
    rules: ['rmeta-in-rlib'], seen: 'llvm/llvm-project#78658; issue 3 of this project with lld 22 and rustc 1.63',
    log: String.raw`  = note: lld: error: out/obj/third_party/rust_crates/libcfg_if-de3fee777d28505f.rlib: archive member 'lib.rmeta' is neither Wasm object file nor LLVM bitcode`,
  },
  {
    rules: ['host-objects'], seen: CLANG14,
    log: String.raw`wasm-ld-14: error: unknown file type: n.o
clang: error: linker command failed with exit code 1 (use -v to see invocation)`,
  },
  {
    rules: ['host-linker'], seen: 'here: gcc and GNU ld of Debian 12 with an object of clang',
    log: String.raw`m.o: file not recognized: file format not recognized
collect2: error: ld returned 1 exit status`,
  },
  { rules: ['host-linker'], seen: 'here: GNU ld 2.40', log: String.raw`ld: unrecognized option '--no-entry'
ld: use the --help option for usage information` },
  { rules: ['host-compiler'], seen: 'here: gcc 12.2.0', log: 'gcc: error: unrecognized command-line option ‘--target=wasm32-wasi’' },

  // --- names of targets
  {
    rules: ['rustup-target-renamed'], seen: 'MotleyCoderDev/wasm2brs#10',
    log: String.raw`error: toolchain 'stable-x86_64-unknown-linux-gnu' does not support target 'wasm32-wasi'; did you mean 'wasm32-wasip1'?
note: you can see a list of supported targets with ${'`'}rustc --print=target-list${'`'}`,
  },
  {
    rules: ['rustc-target-renamed'], seen: 'here: rustc 1.95.0',
    log: String.raw`error: error loading target specification: could not find specification for target "wasm32-wasi"
  |
  = help: run ${'`'}rustc --print target-list${'`'} for a list of built-in targets`,
  },
  {
    rules: ['rustc-target-renamed'], seen: 'here: rustc 1.63.0',
    log: 'error: Error loading target specification: Could not find specification for target "wasm32-wasip1". Run `rustc --print target-list` for a list of built-in targets',
  },
  {
    rules: ['rust-target-renaming'], seen: 'MaulingMonkey/cargo-html#49',
    log: 'Warning: the `wasm32-wasi` target is being renamed to `wasm32-wasip1` and the `wasm32-wasi` target will be removed from nightly in October 2024 and removed from stable Rust in January 2025',
  },
  { rules: ['clang-target-deprecated'], seen: CLANG22, log: "clang-22: warning: argument '--target=wasm32-wasi' is deprecated, use --target=wasm32-wasip1 instead [-Wdeprecated]" },
  {
    rules: ['rust-std-missing'], seen: 'here: rustc 1.95.0',
    log: String.raw`error[E0463]: can't find crate for ${'`'}std${'`'}
  |
  = note: the ${'`'}wasm32-wasip1${'`'} target may not be installed
  = help: consider downloading the target with ${'`'}rustup target add wasm32-wasip1${'`'}

error: aborting due to 1 previous error`,
  },
  {
    rules: ['wrong-wasm-target'], seen: 'getrandom 0.2, in the logs of many projects',
    log: 'error: the wasm*-unknown-unknown targets are not supported by default, you may need to enable the "js" feature. For more information see: https://docs.rs/getrandom/#webassembly-support',
  },

  // --- headers
  {
    rules: ['ccache-in-cc'], seen: 'the notes of the project: wasmtime on macOS with CC="ccache clang"',
    log: String.raw`error: failed to run custom build command for ${'`'}libloading v0.5.1${'`'}
process didn't exit successfully: ${'`'}/Users/me/wasmtime/target/release/build/libloading-fbedac732d6452a3/build-script-build${'`'} (exit code: 1)
--- stdout
TARGET = Some("x86_64-apple-darwin")
HOST_CC = None
CC = Some("ccache clang -Qunused-arguments")
CFLAGS = None
running: "ccache" "clang" "-Qunused-arguments" "-O3" "-ffunction-sections" "-fdata-sections" "-fPIC" "--target=x86_64-apple-darwin" "-o" "global_static.o" "-c" "src/os/unix/global_static.c"
cargo:warning=src/os/unix/global_static.c:1:10: fatal error: 'pthread.h' file not found
cargo:warning=#include <pthread.h>
cargo:warning=         ^~~~~~~~~~~
cargo:warning=1 error generated.
exit code: 1`,
  },
  {
    rules: ['host-header'], seen: CLANG14,
    log: String.raw`In file included from hello.c:1:
/usr/include/stdio.h:27:10: fatal error: 'bits/libc-header-start.h' file not found
#include <bits/libc-header-start.h>
         ^~~~~~~~~~~~~~~~~~~~~~~~~~
1 error generated.`,
  },
  {
    rules: ['host-header'], seen: CLANG14,
    log: String.raw`In file included from /usr/include/stdio.h:27:
In file included from /usr/include/features.h:513:
/usr/include/x86_64-linux-gnu/gnu/stubs.h:7:11: fatal error: 'gnu/stubs-32.h' file not found
# include <gnu/stubs-32.h>
          ^~~~~~~~~~~~~~~~
1 error generated.`,
  },
  {
    rules: ['x86-intrinsics', 'inline-assembler'], seen: CLANG14,
    log: String.raw`In file included from im.c:1:
/usr/lib/llvm-14/lib/clang/14.0.6/include/immintrin.h:14:2: error: "This header is only meant to be used on x86 and x64 architecture"
#error "This header is only meant to be used on x86 and x64 architecture"
 ^
/usr/lib/llvm-14/lib/clang/14.0.6/include/hresetintrin.h:42:27: error: invalid input constraint 'a' in asm
  __asm__ ("hreset $0" :: "a"(__eax));
                          ^`,
  },
  { rules: ['inline-assembler'], seen: CLANG14, log: String.raw`a.c:1:38: error: invalid output constraint '=a' in asm
int main(void){int a;__asm__("cpuid":"=a"(a));return a;}
                                     ^` },
  { rules: ['openmp'], seen: CLANG14, log: String.raw`om.c:1:10: fatal error: 'omp.h' file not found
#include <omp.h>
         ^~~~~~~` },
  { rules: ['threads-header'], seen: CLANG14, log: String.raw`p.c:1:10: fatal error: 'pthread.h' file not found
#include <pthread.h>
         ^~~~~~~~~~~` },
  {
    rules: ['threads-header'], seen: 'here: libc++ 14 of Debian',
    log: String.raw`In file included from th.cc:1:
/usr/include/wasm32-wasi/c++/v1/thread:111:2: error: <thread> is not supported on this single threaded system
#error <thread> is not supported on this single threaded system
 ^
th.cc:2:17: error: no member named 'thread' in namespace 'std'; did you mean 'fread'?`,
  },
  { rules: ['setjmp-header'], seen: 'here: wasi-libc of 2022', log: String.raw`sj.c:1:10: fatal error: 'setjmp.h' file not found
#include <setjmp.h>
         ^~~~~~~~~~` },
  {
    rules: ['setjmp-header'], seen: 'setjmp.h of wasi-libc since 2023',
    log: 'setjmp.h:8:2: error: Setjmp/longjmp support requires Exception handling support, which is [not yet standardized](https://github.com/WebAssembly/proposals?tab=readme-ov-file#phase-3---implementation-phase-cg--wg).',
  },
  { rules: ['process-header'], seen: CLANG14, log: String.raw`wt.c:1:10: fatal error: 'sys/wait.h' file not found
#include <sys/wait.h>
         ^~~~~~~~~~~~` },
  { rules: ['network-header'], seen: CLANG14, log: String.raw`nd.c:1:10: fatal error: 'netdb.h' file not found
#include <netdb.h>
         ^~~~~~~~~` },
  { rules: ['posix-header'], seen: CLANG14, log: String.raw`te.c:1:10: fatal error: 'termios.h' file not found
#include <termios.h>
         ^~~~~~~~~~~` },
  { rules: ['missing-sysroot'], seen: CLANG14, log: String.raw`hello.c:1:10: fatal error: 'stdio.h' file not found
#include <stdio.h>
         ^~~~~~~~~
1 error generated.` },

  // --- what libc lacks
  {
    rules: ['emulate-signal'], seen: CLANG14,
    log: String.raw`In file included from s.c:1:
/usr/include/wasm32-wasi/signal.h:2:2: error: "wasm lacks signal support; to enable minimal signal emulation, compile with -D_WASI_EMULATED_SIGNAL and link with -lwasi-emulated-signal"
#error "wasm lacks signal support; to enable minimal signal emulation, \
 ^
s.c:2:16: warning: implicit declaration of function 'raise' is invalid in C99 [-Wimplicit-function-declaration]
s.c:2:22: error: use of undeclared identifier 'SIGINT'`,
  },
  { rules: ['emulate-signal'], seen: CLANG14, log: 'wasm-ld-14: error: /tmp/s-f2fd26.o: undefined symbol: raise' },
  { rules: ['no-signal-delivery'], seen: 'wording of clang 19 with a name of POSIX', log: "a.c:3:3: error: call to undeclared function 'sigaction'; ISO C99 and later do not support implicit function declarations [-Wimplicit-function-declaration]" },
  {
    rules: ['emulate-getpid'], seen: CLANG14,
    log: String.raw`g.c:2:23: warning: 'getpid' is deprecated: WASI lacks process identifiers; to enable emulation of the ${'`'}getpid${'`'} function using a placeholder value, which doesn't reflect the host PID of the program, compile with -D_WASI_EMULATED_GETPID and link with -lwasi-emulated-getpid [-Wdeprecated-declarations]
int main(void){return getpid();}
wasm-ld-14: error: /tmp/g-91c9b1.o: undefined symbol: getpid`,
  },
  {
    rules: ['emulate-mman'], seen: CLANG14,
    log: String.raw`/usr/include/wasm32-wasi/sys/mman.h:2:2: error: "WASI lacks a true mmap; to enable minimal mmap emulation, compile with -D_WASI_EMULATED_MMAN and link with -lwasi-emulated-mman"
#error "WASI lacks a true mmap; to enable minimal mmap emulation, \
mm.c:2:23: warning: implicit declaration of function 'mmap' is invalid in C99 [-Wimplicit-function-declaration]`,
  },
  { rules: ['emulate-clocks'], seen: CLANG14, log: 'wasm-ld-14: error: /tmp/cl-101a13.o: undefined symbol: clock' },
  {
    rules: ['emulate-clocks'], seen: CLANG14,
    log: String.raw`/usr/include/wasm32-wasi/sys/times.h:2:2: error: WASI lacks process-associated clocks; to enable emulation of the ${'`'}times${'`'} function using the wall clock, which isn't sensitive to whether the program is running or suspended, compile with -D_WASI_EMULATED_PROCESS_CLOCKS and link with -lwasi-emulated-process-clocks`,
  },
  {
    rules: ['no-processes'], seen: CLANG14,
    log: String.raw`f.c:3:16: warning: implicit declaration of function 'fork' is invalid in C99 [-Wimplicit-function-declaration]
wasm-ld-14: error: /tmp/f-5698ab.o: undefined symbol: fork
wasm-ld-14: error: /tmp/f-5698ab.o: undefined symbol: execvp
wasm-ld-14: error: /tmp/f-5698ab.o: undefined symbol: system
clang: error: linker command failed with exit code 1 (use -v to see invocation)`,
  },
  { rules: ['no-sockets'], seen: CLANG19, log: "so.c:2:23: error: call to undeclared function 'socket'; ISO C99 and later do not support implicit function declarations [-Wimplicit-function-declaration]" },
  {
    rules: ['no-processes', 'no-users'], seen: CLANG14,
    log: String.raw`wasm-ld-14: error: /tmp/du-69be1e.o: undefined symbol: dup2
wasm-ld-14: error: /tmp/du-69be1e.o: undefined symbol: pipe
wasm-ld-14: error: /tmp/du-69be1e.o: undefined symbol: chown
wasm-ld-14: error: /tmp/du-69be1e.o: undefined symbol: getuid`,
  },
  { rules: ['no-temporary-files'], seen: 'wording of wasm-ld 14 with a name of POSIX', log: 'wasm-ld: error: lib.o: undefined symbol: mkstemp' },
  { rules: ['no-dynamic-loading'], seen: 'wording of wasm-ld 14; -ldl with a sysroot that has no libdl.a', log: 'wasm-ld: error: unable to find library -ldl' },
  { rules: ['no-threads'], seen: CLANG22, log: String.raw`wasm-ld-22: error: unable to find library -lpthread` },
  {
    rules: ['shared-memory-features'], seen: 'emscripten-core/emscripten#18683',
    log: "wasm-ld: error: --shared-memory is disallowed by CMakeFiles/app.dir/src/main.cpp.o because it was not compiled with 'atomics' or 'bulk-memory' features.",
  },
  { rules: ['shared-memory-features'], seen: CLANG14, log: "wasm-ld-14: error: 'atomics' feature must be used in order to use shared memory" },
  { rules: ['no-libraries-of-unix'], seen: 'wording of wasm-ld 14', log: 'wasm-ld: error: unable to find library -lrt' },
  { rules: ['library-not-for-wasm'], seen: CLANG14, log: String.raw`wasm-ld-14: error: unable to find library -lz
wasm-ld-14: error: unable to find library -lssl` },
  {
    rules: ['long-double-printf', 'unreachable-trap'], seen: 'here: wasi-libc of 2022 under wasienv run',
    log: String.raw`Support for formatting long double values is currently disabled.
To enable it, add -lc-printscan-long-double to the link command.
error[E_TRAP]: unreachable`,
  },
  {
    rules: ['no-float-printf'], seen: 'here: wasi-libc of 2022 under wasienv run',
    log: String.raw`Support for floating-point formatting is currently disabled.
To enable it, remove -lc-printscan-no-floating-point from the link command.`,
  },
  { rules: ['stack-protector'], seen: CLANG14, log: String.raw`wasm-ld-14: error: /tmp/hello-3897d9.o: undefined symbol: __stack_chk_guard
wasm-ld-14: error: /tmp/hello-3897d9.o: undefined symbol: __stack_chk_fail` },
  { rules: ['fortify-source'], seen: 'wording of wasm-ld 14 with a name of glibc', log: 'wasm-ld: error: util.o: undefined symbol: __memcpy_chk' },

  // --- C++
  {
    rules: ['cxx-exceptions'], seen: CLANG14,
    log: String.raw`wasm-ld-14: error: /tmp/e-5a4d82.o: undefined symbol: __cxa_allocate_exception
wasm-ld-14: error: /tmp/e-5a4d82.o: undefined symbol: __cxa_throw`,
  },
  { rules: ['throw-without-exceptions'], seen: CLANG14, log: "e.cc:1:12: error: cannot use 'throw' with exceptions disabled" },
  { rules: ['setjmp-symbols'], seen: 'WebAssembly/wasi-libc#467, wording of wasm-ld', log: 'wasm-ld: error: ldo.o: undefined symbol: longjmp' },
  {
    rules: ['no-fstream'], seen: 'here: libc++ 22 of Debian',
    log: String.raw`fs.cc:2:26: error: implicit instantiation of undefined template 'std::basic_ifstream<char>'
    2 | int main(){std::ifstream f("a");return !f;}
      |                          ^`,
  },
  {
    rules: ['c-linker-for-cxx'], seen: CLANG14,
    log: String.raw`wasm-ld-14: error: cx.o: undefined symbol: operator new[](unsigned long)
wasm-ld-14: error: cx.o: undefined symbol: std::__2::basic_string<char, std::__2::char_traits<char>, std::__2::allocator<char> >::append(char const*)`,
  },

  // --- linking
  { rules: ['no-threads-option'], seen: CLANG14, log: 'wasm-ld-14: error: unknown argument: --no-threads' },
  { rules: ['eh-frame-hdr'], seen: 'rust-lang/rust#76679', log: '  = note: wasm-ld: error: unknown argument: --eh-frame-hdr' },
  { rules: ['elf-linker-option'], seen: CLANG14, log: String.raw`wasm-ld-14: error: unknown argument: -soname
wasm-ld-14: error: unknown argument: --as-needed
wasm-ld-14: error: unknown argument: --version-script=x.map` },
  { rules: ['cpu-option'], seen: CLANG19, log: String.raw`clang-19: error: unsupported option '-march=' for target 'wasm32-wasi'` },
  { rules: ['cpu-option'], seen: CLANG19, log: String.raw`clang-19: error: unsupported option '-msse2' for target 'wasm32-wasi'` },
  { rules: ['cpu-name'], seen: CLANG19, log: String.raw`error: unknown target CPU 'native'
note: valid target CPU values are: mvp, bleeding-edge, generic` },
  { rules: ['sanitizer'], seen: CLANG14, log: "clang: error: unsupported option '-fsanitize=address' for target 'wasm32-unknown-wasi'" },
  { rules: ['sanitizer'], seen: 'here: clang and wasm-ld 22.1.0 of portable-clang', log: 'wasm-ld: error: /tmp/wasienv-cc-kuBMtT/first-fb648a.o: undefined symbol: __asan_init\nclang: error: linker command failed with exit code 1 (use -v to see invocation)' },
  { rules: ['sanitizer'], seen: 'here: clang and wasm-ld 22.1.0 of portable-clang', log: 'wasm-ld: error: /tmp/wasienv-cc-WwQhJ2/ub-cd2bff.o: undefined symbol: __ubsan_handle_add_overflow' },
  { rules: ['command-missing'], seen: 'here: make 4.3', log: 'make: wasienv: No such file or directory' },
  { rules: ['command-missing'], seen: 'here: bash 5.2', log: 'bash: line 1: wasienv: command not found' },
  { rules: ['no-input'], seen: 'here: clang 22.1.0 of portable-clang', log: 'clang: error: no input files' },
  { rules: ['no-main'], seen: CLANG14, log: 'wasm-ld-14: error: /usr/lib/wasm32-wasi/libc.a(__main_argc_argv.o): undefined symbol: main' },
  { rules: ['no-entry'], seen: CLANG14, log: 'wasm-ld-14: error: entry symbol not defined (pass --no-entry to suppress): _start' },
  { rules: ['pic-relocation'], seen: 'rust-lang/cc-rs#1314', log: 'wasm-ld: error: pool.o: relocation R_WASM_MEMORY_ADDR_SLEB cannot be used against symbol `.L.str.2`; recompile with -fPIC' },
  { rules: ['shared-libraries'], seen: CLANG19, log: 'wasm-ld-19: warning: creating shared libraries, with -shared, is not yet stable' },
  { rules: ['memory-too-small'], seen: CLANG14, log: 'wasm-ld-14: error: initial memory too small, 67744 bytes needed' },
  { rules: ['memory-too-small'], seen: CLANG14, log: 'wasm-ld-14: error: maximum memory too small, 100066560 bytes needed' },
  { rules: ['signature-mismatch'], seen: CLANG14, log: String.raw`wasm-ld-14: warning: function signature mismatch: foo
>>> defined as (i32) -> void in /tmp/s1-fd0c8d.o
>>> defined as () -> i32 in /tmp/s2-723d8f.o` },
  { rules: ['import-mismatch'], seen: CLANG14, log: String.raw`wasm-ld-14: error: import module mismatch for symbol: f
>>> defined as a in /tmp/i1-f876e4.o
>>> defined as b in /tmp/i2-c0bccd.o` },
  { rules: ['two-mains'], seen: CLANG14, log: String.raw`wasm-ld-14: error: duplicate symbol: main
>>> defined in /tmp/m-1cfed9.o
>>> defined in /tmp/hello-6ead4e.o` },
  {
    rules: ['wasm-opt-broke'], seen: 'WebAssembly/wasi-sdk#485',
    log: String.raw`[parse exception: surprising value (at 0:8)]
Fatal: error parsing wasm (try --debug for more info)
clang: error: linker command failed with exit code 1 (use -v to see invocation)`,
  },
  { rules: ['not-a-wasi-target'], seen: CLANG14, log: String.raw`/usr/include/wasm32-wasi/wasi/api.h:23:2: error: <wasi/api.h> is only supported on WASI platforms.
#error <wasi/api.h> is only supported on WASI platforms.` },

  // --- build systems
  {
    rules: ['cmake-platform'], seen: 'here: CMake 3.25.1',
    log: String.raw`-- The C compiler identification is Clang 14.0.6
System is unknown to cmake, create:
Platform/WASI to use this system, please post your config file on discourse.cmake.org so it can be added to cmake
-- Detecting C compiler ABI info`,
  },
  {
    rules: ['cmake-compiler-gone'], seen: 'here: CMake 3.25.1',
    log: String.raw`-- The C compiler identification is unknown
CMake Error at CMakeLists.txt:2 (project):
  The CMAKE_C_COMPILER:

    /opt/wasi-sdk/bin/clang

  is not a full path to an existing compiler tool.

  Tell CMake where to find the compiler by setting either the environment
  variable "CC" or the CMake cache entry CMAKE_C_COMPILER to the full path to
  the compiler, or to the compiler name if it is in the PATH.`,
  },
  {
    rules: ['cmake-ccache-compiler'], seen: 'WebAssembly/wasi-sdk#565, ../shared/FIELD.md pain 7',
    log: String.raw`-- Check for working C compiler: /usr/bin/ccache
-- Check for working C compiler: /usr/bin/ccache - broken`,
  },
  { rules: ['host-compiler'], seen: 'here: CMake 3.25.1 with gcc', log: String.raw`    /usr/bin/gcc   --target=wasm32-wasi  -o CMakeFiles/cmTC_08c0e.dir/testCCompiler.c.o -c testCCompiler.c
    gcc: error: unrecognized command-line option ‘--target=wasm32-wasi’
    gmake[1]: *** [CMakeFiles/cmTC_08c0e.dir/build.make:78: CMakeFiles/cmTC_08c0e.dir/testCCompiler.c.o] Error 1` },
  { rules: ['cmake-try-run'], seen: 'CMake, in public build logs', log: 'CMake Error: try_run() invoked in cross-compiling mode, please set the following cache variables appropriately:' },
  {
    rules: ['config-sub'], seen: 'haskell/unix#271',
    log: String.raw`checking host system type... Invalid configuration ${'`'}wasm32-wasi': system ${'`'}wasi' not recognized
configure: error: /bin/bash config.sub wasm32-wasi failed`,
  },
  { rules: ['configure-cannot-run'], seen: 'autoconf 2.71, lib/autoconf/lang.m4', log: 'configure: error: cannot run C compiled programs.' },
  { rules: ['configure-no-compiler'], seen: 'autoconf 2.71, lib/autoconf/lang.m4', log: 'configure: error: C compiler cannot create executables' },
  { rules: ['meson-exe-wrapper'], seen: 'Meson, in public build logs', log: "meson.build:1:0: ERROR: Could not invoke sanity check executable: [Errno 8] Exec format error: '/b/meson-private/sanitycheckc.exe'." },
  { rules: ['wasm-as-program'], seen: 'here: bash', log: './m.wasm: cannot execute binary file: Exec format error' },
  { rules: ['wasm-as-program'], seen: 'here: cargo 1.66 without a runner, through sh', log: String.raw`     Running ${'`'}target/wasm32-wasi/debug/a.wasm${'`'}
target/wasm32-wasi/debug/a.wasm: 1: ~: not found` },
  { rules: ['ar-no-index'], seen: 'here: an archive of GNU ar without index, wasm-ld 14.0.6', log: 'wasm-ld-14: error: lib1.a: archive has no index; run ranlib to add one' },

  // --- Rust
  {
    rules: ['errno-sys'], seen: 'the notes of the project, lambda-fairy/rust-errno#24',
    log: String.raw`   Compiling errno v0.2.4
error[E0433]: failed to resolve: use of undeclared type or module ${'`'}sys${'`'}
  --> /Users/me/.cargo/registry/src/github.com-1ecc6299db9ec823/errno-0.2.4/src/lib.rs:35:9
   |
35 |         sys::with_description(*self, |desc| {
   |         ^^^ use of undeclared type or module ${'`'}sys${'`'}`,
  },
  {
    rules: ['crate-without-target'], seen: 'danburkert/fs2-rs#34',
    log: String.raw`   Compiling fs2 v0.4.3
error[E0433]: failed to resolve: use of undeclared type or module ${'`'}sys${'`'}
  --> /home/ubuntu/.cargo/registry/src/github.com-1ecc6299db9ec823/fs2-0.4.3/src/lib.rs:98:9`,
  },
  { rules: ['mio-wasi'], seen: 'mio 1.1, in public build logs', log: 'error: This wasm target is unsupported by mio. If using Tokio, disable the net feature.' },
  { rules: ['mio-wasi'], seen: 'tokio 1.53, in public build logs', log: 'error: Only features sync,macros,io-util,rt,time are supported on wasm.' },
  { rules: ['cc-crate-no-compiler'], seen: 'the cc crate, in public build logs', log: '  error occurred: Failed to find tool. Is `wasm32-wasi-clang` installed?' },
  { rules: ['wasi-sdk-path'], seen: 'wording of build scripts that read WASI_SDK_PATH', log: '  WASI_SDK_PATH environment variable is not set' },
  { rules: ['openssl-sys', 'pkg-config-cross'], seen: 'openssl-sys 0.9, in public build logs', log: String.raw`  Could not find directory of OpenSSL installation, and this ${'`'}-sys${'`'} crate cannot
  proceed without this knowledge.
  pkg-config has not been configured to support cross-compilation.` },
  { rules: ['rustc-incompatible'], seen: 'rustc, compiler/rustc_metadata; in public build logs', log: 'error[E0514]: found crate `core` compiled by an incompatible version of rustc' },
  {
    rules: ['rust-unsupported'], seen: 'here: rustc 1.63.0, wasienv run',
    log: `thread 'main' panicked at 'failed to spawn thread: Error { kind: Unsupported, message: "operation not supported on this platform" }', library/std/src/thread/mod.rs:656:29`,
  },

  // --- running
  {
    rules: ['missing-preopen'], seen: 'here: rustc 1.63.0, wasienv run without --dir',
    log: String.raw`thread 'main' panicked at 'called ${'`'}Result::unwrap()${'`'} on an ${'`'}Err${'`'} value: Custom { kind: Uncategorized, error: "failed to find a pre-opened file descriptor through which \"data/in.txt\" could be opened" }', f.rs:1:56`,
  },
  { rules: ['missing-preopen'], seen: 'bytecodealliance/wasmtime#2902', log: 'error opening input test1.txt: failed to find a pre-opened file descriptor through which "test1.txt" could be opened' },
  { rules: ['not-capable'], seen: 'bytecodealliance/wasmtime#511', log: `thread 'main' panicked at 'write failed: Os { code: 76, kind: Other, message: "Capabilities insufficient" }', src/libcore/result.rs:1084:5` },
  { rules: ['not-capable'], seen: 'here: rustc 1.63.0, wasienv run', log: 'Err(Os { code: 63, kind: PermissionDenied, message: "Operation not permitted" })' },
  { rules: ['no-such-file-wasi'], seen: 'wording of std::io::Error with wasi-libc’s number', log: 'Error: No such file or directory (os error 44)' },
  { rules: ['wasi-unstable'], seen: 'caffeinelabs/motoko#4292', log: 'unknown import: `wasi_unstable::fd_write` has not been defined' },
  { rules: ['wasi-unstable'], seen: 'WAVM/WAVM#219', log: 'Missing import: module="wasi_unstable" export="fd_close" type="func i32->i32"' },
  { rules: ['preview1-not-linked'], seen: 'bytecodealliance/wasmtime#8521', log: 'called `Result::unwrap()` on an `Err` value: unknown import: `wasi_snapshot_preview1::fd_write` has not been defined' },
  { rules: ['preview1-not-linked'], seen: 'uhyo/nitrogql#53, Node.js', log: 'LinkError: WebAssembly.instantiate(): Import #16 module="wasi_snapshot_preview1" function="fd_fdstat_get" error: function import requires a callable' },
  { rules: ['wasm-bindgen-import'], seen: 'here: wasienv run', log: 'error[E_LINK]: the program needs function __wbindgen_placeholder__.__wbindgen_throw, which it cannot be given' },
  { rules: ['env-import'], seen: 'bytecodealliance/wasmtime#4417', log: '    1: unknown import: `env::puts` has not been defined' },
  { rules: ['env-import'], seen: 'here: Node.js 20', log: 'LinkError: WebAssembly.Instance(): Import #1 module="env" function="foo" error: function import requires a callable' },
  { rules: ['component-as-module'], seen: 'here: Node.js 20', log: 'CompileError: WebAssembly.Module(): expected version 01 00 00 00, found 0d 00 01 00 @+4' },
  { rules: ['not-wasm'], seen: 'here: Node.js 20, with a page of HTML', log: 'CompileError: WebAssembly.Module(): expected magic word 00 61 73 6d, found 3c 21 44 4f @+0' },
  { rules: ['feature-off'], seen: 'wasmparser 0.2, in public logs', log: 'Deserialization error: "bulk memory support is not enabled (at offset 0x86f)"' },
  { rules: ['stack-exhausted'], seen: 'here: Node.js 20', log: 'RangeError: Maximum call stack size exceeded' },
  { rules: ['out-of-bounds'], seen: 'here: Node.js 20', log: 'RuntimeError: memory access out of bounds' },
  { rules: ['unreachable-trap'], seen: 'here: Node.js 20', log: 'RuntimeError: unreachable' },
  { rules: ['threads-need-memory'], seen: 'bytecodealliance/wasmtime#6153, wording of wasmtime', log: 'unknown import: `wasi::thread-spawn` has not been defined' },

  // --- the machine
  {
    rules: ['glibc-too-old'], seen: 'WebAssembly/wasi-sdk#303',
    log: String.raw`/opt/wasi-sdk/bin/clang: /lib/x86_64-linux-gnu/libc.so.6: version ${'`'}GLIBC_2.34' not found (required by /opt/wasi-sdk/bin/clang)
/opt/wasi-sdk/bin/clang: /lib/x86_64-linux-gnu/libc.so.6: version ${'`'}GLIBC_2.32' not found (required by /opt/wasi-sdk/bin/clang)`,
  },
  { rules: ['no-glibc'], seen: 'here: bash with a program whose dynamic linker is missing', log: 'bash: line 46: /opt/wasi-sdk/bin/clang: cannot execute: required file not found' },
  { rules: ['shared-library-gone'], seen: 'WebAssembly/wasi-sdk#117', log: 'clang: error while loading shared libraries: libtinfo.so.5: cannot open shared object file: No such file or directory' },
  { rules: ['wrong-architecture'], seen: 'python/cpython#119103', log: './configure: line 5226: /Users/me/wasi-sdk-22.0/bin/clang: cannot execute binary file' },
  { rules: ['macos-quarantine'], seen: 'macOS, in public reports', log: '“clang” cannot be opened because the developer cannot be verified.' },
  { rules: ['macos-sdkroot'], seen: 'macOS, in public reports', log: 'xcrun: error: invalid active developer path (/Library/Developer/CommandLineTools), missing xcrun at: /Library/Developer/CommandLineTools/usr/bin/xcrun' },
  { rules: ['windows-long-path'], seen: 'git for Windows, emscripten-core/emsdk#1342', log: 'error: unable to create file share/wasi-sysroot/include/wasm32-wasip1-threads/c++/v1/__algorithm: Filename too long' },
  { rules: ['unknown-certificate'], seen: 'here: curl 7.88', log: 'curl: (60) SSL certificate problem: self-signed certificate' },
  { rules: ['unknown-certificate'], seen: 'here: git 2.39', log: "fatal: unable to access 'https://localhost:4499/x.git/': server certificate verification failed. CAfile: /etc/ssl/certs/ca-certificates.crt CRLfile: none" },
  { rules: ['proxy-refused'], seen: 'curl, in public logs', log: 'curl: (56) Received HTTP code 407 from proxy after CONNECT' },
  { rules: ['rate-limit'], seen: 'GitHub’s API, in public logs', log: '{"message":"API rate limit exceeded for 192.168.1.1. (But here\'s the good news: Authenticated requests get a higher rate limit.)"}' },
  { rules: ['no-network'], seen: 'here: curl 7.88', log: 'curl: (6) Could not resolve host: does-not-exist.invalid' },
  { rules: ['broken-archive'], seen: 'here: GNU tar and gzip of Debian 12', log: String.raw`gzip: stdin: not in gzip format
tar: Child returned status 1
tar: Error is not recoverable: exiting now` },
  { rules: ['broken-archive'], seen: 'here: GNU tar and gzip of Debian 12', log: 'gzip: stdin: unexpected end of file' },
  { rules: ['wrong-digest'], seen: 'sha256sum of coreutils', log: String.raw`wasi-sdk-33.0-x86_64-linux.tar.gz: FAILED
sha256sum: WARNING: 1 computed checksum did NOT match` },
  { rules: ['disk-full'], seen: 'here: clang 14.0.6 on a full tmpfs', log: 'fatal error: error in backend: IO failure on output stream: No space left on device' },
  { rules: ['out-of-memory'], seen: 'clang’s driver (Driver.cpp), in public logs', log: 'clang: error: unable to execute command: Killed' },
  { rules: ['command-missing'], seen: 'here: wording of bash', log: 'bash: line 1: wasm32-wasip1-clang: command not found' },
];

/** Logs of builds in which nothing is wrong, and words that look like an error and are none. */
export const SILENT: readonly string[] = [
  String.raw`   Compiling errno v0.3.10
   Compiling libc v0.2.170
    Finished ${'`'}dev${'`'} profile [unoptimized + debuginfo] target(s) in 3.21s
     Running ${'`'}wasienv run --dir . target/wasm32-wasip1/debug/a.wasm${'`'}
test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out`,
  String.raw`-- The C compiler identification is Clang 22.1.0
-- Check for working C compiler: /home/me/.local/share/wasienv/env/bin/wasm32-wasip1-clang - skipped
-- Looking for pthread.h
-- Looking for pthread.h - not found
-- Looking for setjmp
-- Build files have been written to: /tmp/b
[100%] Built target zlib`,
  String.raw`checking for gcc... wasm32-wasip1-clang
checking whether the C compiler works... yes
checking whether we are cross compiling... yes
checking for fork... no
checking for mmap... no
checking for sys/wait.h... no
config.status: creating Makefile`,
  String.raw`main.c:10:9: warning: unused variable 'signal' [-Wunused-variable]
main.c:14:3: error: expected ';' after expression
2 diagnostics generated.`,
  'test socket_refuses_what_it_cannot ... ok\ntest out_of_bounds_is_caught ... ok',
];
