// Real programs, a row each: which source package of Debian's, which files of it, what they are compiled with, what
// that is for, and the runs whose results must be those of the same program built for this machine. Their sources are
// not changed. docs/real-programs.md is made of these rows.

/** One start of the program in an empty directory with `files` in it. Output, exit code and files are compared. */
export interface Run {
  readonly args: readonly string[];
  /** `data`: the test's data; `previous`: what the run before wrote to its standard output; else the text itself. */
  readonly stdin?: 'data' | 'previous' | { readonly text: string } | { readonly script: string };
  /** Files put there before: name -> the test's data, or a file of test/real/scripts. */
  readonly files?: Readonly<Record<string, 'data' | { readonly script: string }>>;
  /** Its standard output must be the data again: a round trip. */
  readonly givesData?: true;
  /** What it must exit with; 0 when left out. */
  readonly exit?: number;
}

export interface RealProgram {
  readonly id: string;
  readonly title: string;
  /** Debian's name of the source package. */
  readonly package: string;
  /** Where and how a source file is made that the package does not hold; in an empty directory, with SOURCE set. */
  readonly prepare?: { readonly commands: readonly string[]; readonly needs: readonly string[]; readonly why: string };
  /** Below the source, or what `prepare` made; `*` stands for names in one directory. */
  readonly sources: readonly string[];
  readonly without?: readonly string[];
  /** For every compiler. */
  readonly flags: readonly string[];
  /** For WASI only, each with its reason. */
  readonly forWasi: readonly (readonly [flags: readonly string[], why: string])[];
  /** Functions that wasi-libc lacks are in test/real/absent; what the program wants of them. */
  readonly absent?: string;
  readonly libraries?: readonly string[];
  /** Built once more with Debian's own clang, lld and wasi-libc of 2022, which has no setjmp. */
  readonly alsoWithDebian?: true;
  /** What a user of it should know. */
  readonly note?: string;
  readonly runs: readonly Run[];
}

const SIGNAL = 'signal() is wasi-libc’s own: nothing arrives from outside';
const CLOCKS = 'clock() by the monotonic clock';
const SETJMP = 'its errors are longjmps';

export const REAL_PROGRAMS: readonly RealProgram[] = [
  {
    id: 'sqlite3',
    title: 'SQLite, library and shell',
    package: 'sqlite3',
    prepare: {
      commands: ['"$SOURCE/configure" --disable-tcl --disable-readline >/dev/null 2>&1', 'make sqlite3.c shell.c >/dev/null 2>&1'],
      needs: ['make', 'gcc', 'tclsh'],
      why: 'the amalgamation sqlite3.c is made with make and tclsh',
    },
    sources: ['sqlite3.c', 'shell.c'],
    flags: ['-O1', '-DSQLITE_THREADSAFE=0', '-DSQLITE_OMIT_LOAD_EXTENSION', '-DSQLITE_OMIT_WAL', '-DSQLITE_NOHAVE_SYSTEM'],
    forWasi: [[['--emulate', 'signal,clocks,getpid,mman'], 'Ctrl-C and .timer of the shell, names of temporary files, sys/mman.h']],
    absent: 'fchown, geteuid, popen, getpwuid, constants of fcntl locks',
    libraries: ['-lm'],
    note: 'WASI has no locks on files: open databases with `-vfs unix-none`',
    runs: [
      { args: ['-batch', '-bail', '-vfs', 'unix-none', 'test.db'], stdin: { script: 'queries.sql' } },
      { args: ['-batch', ':memory:'], stdin: { text: 'select 1;\nselect nothing;\nselect 2;\n' }, exit: 1 },
    ],
  },
  {
    id: 'zstd',
    title: 'zstd',
    package: 'libzstd',
    sources: ['lib/common/*.c', 'lib/compress/*.c', 'lib/decompress/*.c', 'programs/zstdcli.c', 'programs/util.c', 'programs/timefn.c', 'programs/fileio.c', 'programs/fileio_asyncio.c'],
    flags: ['-O1', '-DZSTD_NOBENCH', '-DZSTD_NODICT', '-DZSTD_NOTRACE', '-DZSTD_LEGACY_SUPPORT=0', '-DZSTD_DISABLE_ASM', '-DZSTD_NO_INTRINSICS', '-DDEBUGLEVEL=0', '-DXXH_NAMESPACE=ZSTD_', '-Ilib', '-Ilib/common', '-Iprograms'],
    forWasi: [[['--emulate', 'signal,clocks'], `${SIGNAL}; ${CLOCKS}`]],
    absent: 'chown',
    note: 'zstd finds other matches where it has vector instructions: to compare bytes, both are built without (-DZSTD_NO_INTRINSICS)',
    runs: [
      { args: ['-q', '-c', '-'], stdin: 'data' },
      { args: ['-q', '-d', '-c', '-'], stdin: 'previous', givesData: true },
      { args: ['-q', '-9', 'data', '-o', 'data.zst'], files: { data: 'data' } },
    ],
  },
  {
    id: 'lua',
    title: 'Lua',
    package: 'lua5.4',
    sources: ['src/*.c'],
    without: ['src/luac.c'],
    flags: ['-O2'],
    forWasi: [
      [['--setjmp'], SETJMP],
      [['--emulate', 'signal,clocks'], `${SIGNAL}; ${CLOCKS}`],
      [['-DLUA_TMPNAMBUFSIZE=1', '-Dlua_tmpnam(b,e)=((e)=1)'], 'os.tmpname fails: WASI has no tmpnam'],
    ],
    absent: 'system, tmpfile',
    libraries: ['-lm'],
    alsoWithDebian: true,
    runs: [
      { args: ['language.lua', 'one', 'two words'], files: { 'language.lua': { script: 'language.lua' } } },
      { args: ['-'], stdin: { text: 'error("on purpose")\n' }, exit: 1 },
    ],
  },
  {
    id: 'mujs',
    title: 'MuJS, an interpreter of JavaScript',
    package: 'mujs',
    sources: ['one.c', 'main.c'],
    flags: ['-O1'],
    forWasi: [[['--setjmp', '--lto'], `${SETJMP}; LTO to show that both go together`]],
    libraries: ['-lm'],
    alsoWithDebian: true,
    runs: [
      { args: ['language.js', 'one', 'two words'], files: { 'language.js': { script: 'language.js' } } },
      { args: ['throws.js'], files: { 'throws.js': { script: 'throws.js' } }, exit: 1 },
    ],
  },
  {
    id: 'lz4',
    title: 'lz4',
    package: 'lz4',
    sources: ['lib/*.c', 'programs/*.c'],
    flags: ['-O1', '-Ilib', '-Iprograms', '-DXXH_NAMESPACE=LZ4_'],
    forWasi: [[['--emulate', 'clocks'], CLOCKS]],
    absent: 'chown',
    note: 'below -3 lz4 finds other matches on machines of 64 bits than on those of 32: their bytes are not compared',
    runs: [
      { args: ['-q', '-9', '-c', '-'], stdin: 'data' },
      { args: ['-q', '-d', '-c', '-'], stdin: 'previous', givesData: true },
      { args: ['-q', '-12', 'data', 'data.lz4'], files: { data: 'data' } },
    ],
  },
  {
    id: 'minigzip',
    title: 'zlib and its minigzip',
    package: 'zlib',
    sources: ['*.c', 'test/minigzip.c'],
    flags: ['-O2', '-DHAVE_UNISTD_H', '-I.'],
    forWasi: [],
    runs: [
      { args: ['-c'], stdin: 'data' },
      { args: ['-c', '-d'], stdin: 'previous', givesData: true },
      { args: ['-9', 'data'], files: { data: 'data' } },
    ],
  },
  {
    id: 'bzip2',
    title: 'bzip2',
    package: 'bzip2',
    sources: ['blocksort.c', 'huffman.c', 'crctable.c', 'randtable.c', 'compress.c', 'decompress.c', 'bzlib.c', 'bzip2.c'],
    flags: ['-O2'],
    forWasi: [[['--emulate', 'signal,clocks'], `${SIGNAL}; sys/times.h`]],
    absent: 'fchown',
    alsoWithDebian: true,
    note: 'WASI has no file modes, and bzip2 gives up on a file whose mode it cannot set: use it on streams (`-c`)',
    runs: [
      { args: ['-1', '-c'], stdin: 'data' },
      { args: ['-d', '-c'], stdin: 'previous', givesData: true },
      { args: ['-d', '-c'], stdin: { text: 'BZh91AY&SY and then nothing of the kind' }, exit: 2 },
    ],
  },
];
