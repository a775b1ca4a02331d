// The proof programs, a row each: what the row compiles, how it is run, what must come out, and which part of the
// toolchain that shows. Sources and expected output stand beside each other in src/proof/programs: `ID.c` or `ID.cc`,
// `ID.rs`,
// and `ID.stdout`. Adding a program is a row, a source and its output; nothing else knows the list.

export interface ProofProgram {
  readonly id: string;
  /** What people read in the table of what was proved. */
  readonly title: string;
  /** The parts that must work for this program to pass; said when it does not. */
  readonly shows: string;
  readonly language: 'c' | 'c++' | 'rust';
  /** File names inside the programs directory. */
  readonly sources: readonly string[];
  /** Put before the sources; libraries go to `libraries`. */
  readonly flags: readonly string[];
  /** Put after the sources: `-l…`. */
  readonly libraries: readonly string[];
  /** The guest's arguments after its name; its name is `ID.wasm`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** Where in the guest an empty directory is preopened, or null: then the guest sees no directory at all. */
  readonly scratch: string | null;
  readonly expectedExit: number;
  /** The trap it must end with instead of an exit code. */
  readonly expectedTrap: string | null;
  readonly expectedStderr: string;
}

type Row = Pick<ProofProgram, 'title' | 'shows'> & Partial<Omit<ProofProgram, 'id' | 'language'>>;

const SCRATCH = { scratch: '/scratch', args: ['/scratch'] };

// Different levels of optimisation make different code, and people use all of them: -O1 where nothing is said.
const C_PROGRAMS: Readonly<Record<string, Row>> = {
  hello: {
    title: 'hello on stdout and stderr', shows: 'crt1, the start of main, two output streams that do not mix',
    flags: ['-O0'], expectedStderr: 'and hello from stderr\n',
  },
  'exit-status': { title: 'exit status', shows: 'exit, atexit, flushing of buffers, proc_exit', expectedExit: 37 },
  arguments: {
    title: 'arguments and environment', shows: 'args_get, environ_get, text beyond ASCII, setenv',
    args: ['plain', 'two words', '', 'naïve café', '日本語', '🦊', '"quoted" \\ $HOME *'],
    env: { GREETING: 'здравствуй, мир', EMPTY: '', ПУТЬ: '/tmp/ünï', EQUATION: 'a=b=c' },
  },
  'standard-input': {
    title: 'standard input', shows: 'fd_read, scanf, end of file',
    stdin: 'a first line with ünïcode\n  42 and then\nsome more words\nwithout a last newline',
  },
  files: { title: 'files', shows: 'path_open, fd_seek, fd_pread, rename, unlink, error numbers', ...SCRATCH },
  directories: { title: 'directories and the sandbox', shows: 'mkdir, fd_readdir with its cookie, stat, rmdir, refused paths', ...SCRATCH },
  'clock-random': { title: 'clocks and random numbers', shows: 'clock_time_get, poll_oneoff, random_get, gmtime, strftime' },
  memory: { title: 'malloc, realloc, free under stress', shows: "wasi-libc's allocator, memory.grow, memory.copy", flags: ['-O2'] },
  doubles: { title: 'doubles as text, both ways', shows: 'printf and strtod at the edges of double precision' },
  integers: { title: '64-bit integers', shows: 'i64 arithmetic, comparison, conversion, and their text forms', flags: ['-O0'] },
  'long-double': {
    title: 'long double', shows: 'quad precision of compiler-rt (__addtf3, __divtf3 ...) and libc-printscan-long-double',
    libraries: ['-lc-printscan-long-double'],
  },
  int128: { title: '__int128', shows: 'compiler-rt: __multi3, __divti3, __umodti3, __ashlti3, __floattidf' },
  sorting: { title: 'qsort, bsearch, search trees', shows: 'calls from libc back into the program (call_indirect)' },
  strings: { title: 'string functions', shows: 'string.h, ctype.h, snprintf, strtol', flags: ['-O2'] },
  unicode: { title: 'Unicode without a locale', shows: 'u8, u, U and L literals, wide strings' },
  recursion: { title: 'recursion', shows: 'deep calls, the C stack in linear memory', flags: ['-O0'] },
  calls: { title: 'structures, varargs, function pointers', shows: 'the C calling convention of wasm32, call_indirect', flags: ['-O0'] },
  'control-flow': { title: 'control flow', shows: 'br_table, loops, goto', flags: ['-O2'] },
  'floating-point': { title: 'IEEE 754 arithmetic', shows: 'f32 and f64 instructions, conversions, libm' },
  bits: { title: 'bits', shows: 'clz, ctz, popcnt, rotations, sign extension, unaligned loads', flags: ['-O2'] },
  sha256: { title: 'SHA-256', shows: 'a long computation with an answer that can be looked up', flags: ['-O2', '-g', '-ffile-compilation-dir=.'] },
  units: {
    title: 'two translation units', shows: 'wasm-ld: symbols, relocations, weak definitions, constructors before main',
    sources: ['units.c', 'units-other.c'], flags: ['-O1', '-s'],
  },
  // Modes of cc: only where the toolchain has what they need.
  setjmp: { title: 'setjmp and longjmp', shows: '--setjmp: LLVM’s lowering, the setjmp runtime, WebAssembly exceptions', flags: ['-O1', '--setjmp'] },
  emulations: {
    title: 'signals, process id, mappings, clocks', shows: '--emulate: the libwasi-emulated-… of the sysroot', flags: ['-O1', '--emulate', 'signal,getpid,mman,clocks'], ...SCRATCH,
  },
};

// C++17 where C++20 is not the point: its headers are read in half the time, and reading them is most of the proof.
const CXX_PROGRAMS: Readonly<Record<string, Row>> = {
  iostream: {
    title: 'C++ streams', shows: 'libc++: iostream, iomanip, sstream, fstream', flags: ['-std=c++17', '-O0'],
    stdin: 'word 17\n  the rest of a line\n', expectedStderr: 'an error stream\n', ...SCRATCH,
  },
  containers: {
    title: 'C++ containers and algorithms', shows: 'libc++: containers, algorithms, smart pointers, std::function',
    flags: ['-std=c++17', '-O0'],
  },
  templates: {
    title: 'C++ templates', shows: 'instantiation, concepts, constant evaluation, lambdas', flags: ['-std=c++20', '-O0'],
  },
  'virtual-calls': {
    title: 'C++ virtual calls', shows: 'libc++abi: vtables, virtual bases, dynamic_cast, typeid', flags: ['-O1'],
  },
  'static-objects': {
    title: 'C++ static objects', shows: 'constructors before main, guards, destructors at exit', flags: ['-std=c++20', '-O2'],
    expectedExit: 3,
  },
  text: {
    title: 'C++ strings', shows: 'libc++: string, string_view, to_chars, from_chars', flags: ['-std=c++17', '-O1'],
  },
};

// Edition 2021 is what every rustc of the manifests knows. The output is the same for all of them, and for native Rust.
const RUST_PROGRAMS: Readonly<Record<string, Row>> = {
  'rust-hello': {
    title: 'hello on stdout and stderr', shows: 'crt1 and libc of the target, the start of main, two output streams',
    flags: ['-C', 'opt-level=0'], expectedStderr: 'and hello from stderr\n',
  },
  'rust-exit': {
    title: 'main that fails', shows: 'Result of main, Drop, proc_exit', expectedExit: 1, expectedStderr: 'Error: "invalid digit found in string"\n',
  },
  'rust-panic': {
    title: 'a panic', shows: 'panic hook, message and place, a trap in the end', flags: ['-C', 'opt-level=1', '-C', 'panic=abort'],
    expectedTrap: 'unreachable', expectedStderr: 'panicked at rust-panic.rs:20: index out of bounds: the len is 3 but the index is 10\n',
  },
  'rust-arguments': {
    title: 'arguments and environment', shows: 'std::env: args, vars, set_var', args: ['plain', 'two words', '', 'naïve café', '日本語', '🦊'],
    env: { GREETING: 'здравствуй, мир', EMPTY: '', EQUATION: 'a=b=c' },
  },
  'rust-standard-input': {
    title: 'standard input', shows: 'std::io: read_line, lines, read_to_end',
    stdin: 'a first line with ünïcode\n  42 -7 100\nthe rest\nwithout a last newline',
  },
  'rust-files': { title: 'std::fs', shows: 'files, directories, seeking, renaming, kinds of errors, refused paths', ...SCRATCH },
  'rust-collections': {
    title: 'collections, iterators, traits', shows: 'alloc, dyn calls, closures, formatting', flags: ['-C', 'opt-level=2'],
  },
  'rust-numbers': { title: 'i128 and floating point', shows: 'compiler_builtins: 128-bit arithmetic; floats as text, both ways; libm' },
  'rust-time': { title: 'clocks and random keys', shows: 'clock_time_get, poll_oneoff, random_get' },
};

const ENDINGS: Readonly<Record<ProofProgram['language'], string>> = { c: 'c', 'c++': 'cc', rust: 'rs' };
const USUAL_FLAGS: Readonly<Record<ProofProgram['language'], readonly string[]>> = { c: ['-O1'], 'c++': ['-O1'], rust: ['-C', 'opt-level=1'] };

function complete(id: string, row: Row, language: ProofProgram['language']): ProofProgram {
  return {
    id, language, sources: [`${id}.${ENDINGS[language]}`], flags: USUAL_FLAGS[language], libraries: [], args: [], env: {},
    stdin: '', scratch: null, expectedExit: 0, expectedTrap: null, expectedStderr: '', ...row,
  };
}

/**
 * Every proof program of a clang, in the order they are run: what the later ones need is shown by the earlier ones. Those
 * with a mode that a toolchain cannot do are left out of its proof.
 */
export const PROOF_PROGRAMS: readonly ProofProgram[] = [
  ...Object.entries(C_PROGRAMS).map(([id, row]) => complete(id, row, 'c')),
  ...Object.entries(CXX_PROGRAMS).map(([id, row]) => complete(id, row, 'c++')),
];

/** Every proof program of a rustc. */
export const RUST_PROOF_PROGRAMS: readonly ProofProgram[] = Object.entries(RUST_PROGRAMS).map(([id, row]) => complete(id, row, 'rust'));
