// `wasienv exec` and `wasienv toolchain` with the portable compiler, in real processes: small builds of each kind, in a
// directory and a shell as people have them.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SITE_ANSWERS } from '../../../src/compiler/build/autoconf.js';
import { runCli, type CliResult } from '../../support/cli.js';
import { copyHome } from '../../support/copied-home.js';
import { compileGuest, portableHome, portableToolchain } from '../../support/toolchain.js';

const base = mkdtempSync(path.join(tmpdir(), 'wasienv-exec-test-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
// Letters that makefiles and command lines stumble over, and that stand in real homes.
const home = path.join(base, 'the hömé');
const POLLUTED = { CC: 'ccache gcc', CFLAGS: '-march=native', CPATH: '/usr/include', AR: 'false' };
const NOTE = 'wasienv: note: left out what this shell has for other builds: AR, CC, CFLAGS, CPATH (--keep NAME lets one through)\n';

beforeAll(async () => {
  await portableToolchain();
  mkdirSync(home);
  copyHome(await portableHome(), home);
});

let count = 0;
function project(files: Readonly<Record<string, string>>): string {
  const directory = path.join(base, `project ${++count}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), text);
    if (text.startsWith('#!')) chmodSync(path.join(directory, name), 0o755);
  }
  return directory;
}

const exec = (cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = POLLUTED): Promise<CliResult> => runCli(['exec', ...args], { cwd, env: { WASIENV_HOME: home, ...env } });
const has = (program: string): boolean => ['/usr/bin', '/bin', '/usr/local/bin'].some((directory) => existsSync(path.join(directory, program)));
/** Tests that need a program of this machine; skipped, with the reason in their name, where it is missing. */
const needs = (...programs: readonly string[]) => {
  const missing = programs.filter((program) => !has(program));
  return { run: test.skipIf(missing.length > 0), why: missing.length > 0 ? ` (skipped: there is no ${missing.join(', no ')})` : '' };
};

const HELLO = '#include <stdio.h>\nint main(int argc, char **argv) { printf("hello from %s\\n", argc > 1 ? argv[1] : "nobody"); return argc > 2 ? 7 : 0; }\n';

describe('the command', () => {
  test('gets the environment, and its exit code is ours', async () => {
    const cwd = project({ 'script.sh': '#!/bin/sh\necho "$CC_wasm32_wasip1|${CFLAGS-none}|${CPATH-none}|$HOSTCC"\ncommand -v wasm32-wasip1-clang >/dev/null && exit 5\n' });
    const { code, stdout, stderr } = await exec(cwd, ['--', './script.sh']);
    expect([code, stdout, stderr]).toEqual([5, 'wasm32-wasip1-clang|none|none|ccache gcc\n', NOTE]);
    expect((await exec(cwd, ['--keep', 'CFLAGS', './script.sh'], { CFLAGS: '-O3' })).stdout).toContain('|-O3|');
    // The /tmp of the build's programs is gone with the command.
    const temporary = path.join(base, 'temporary');
    mkdirSync(temporary);
    await exec(cwd, ['--', './script.sh'], { TMPDIR: temporary });
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('that is not there, or none', async () => {
    expect(await exec(base, ['--', './configure'])).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no program `./configure`') });
    expect(await exec(base, ['no-such-program'])).toMatchObject({ code: 2, stderr: expect.stringContaining('there is no program `no-such-program`') });
    expect(await exec(base, [])).toMatchObject({ code: 2, stderr: expect.stringContaining('needs a COMMAND') });
  });

  test('--show tells the difference and the command, and runs nothing', async () => {
    const cwd = project({ Makefile: 'CC = gcc -std=gnu99\nAR = ar rcu\nall:\n\ttouch ran\n' });
    const { code, stdout } = await exec(cwd, ['--show', '--setjmp', '--emulate', 'signal, clocks', '--', 'env', 'A=1', 'make', '-j2']);
    expect(code).toBe(0);
    expect(existsSync(path.join(cwd, 'ran'))).toBe(false);
    expect(stdout).toMatch(/^remove +CPATH +\(now \/usr\/include\)$/m);
    expect(stdout).toMatch(/^change +CC +wasm32-wasip1-clang --setjmp --emulate=signal,clocks {2}\(now ccache gcc\)$/m);
    expect(stdout).toMatch(/^set +WASIENV_MODES +--setjmp --emulate=signal,clocks$/m);
    expect(stdout).toMatch(/^prepend +PATH +.*the hömé\/env\/bin$/m);
    expect(stdout).toMatch(/^command +env A=1 make 'CC=wasm32-wasip1-clang --setjmp --emulate=signal,clocks -std=gnu99' 'CXX=wasm32-wasip1-clang\+\+ --setjmp --emulate=signal,clocks' 'AR=wasm32-wasip1-ar rcu' RANLIB=wasm32-wasip1-ranlib -j2$/m);
  });

  test('that is a module runs, with the directory it is in', async () => {
    const module = await compileGuest('#include <stdio.h>\n#include <stdlib.h>\nint main(int argc, char **argv) { FILE *file = fopen(argv[1], "r"); printf("%s %s\\n", file ? "reads" : "sees nothing", getenv("TMPDIR")); return 3; }\n');
    const cwd = project({ 'data.txt': 'x' });
    writeFileSync(path.join(cwd, 'reader'), readFileSync(module));
    expect(await exec(cwd, ['--', './reader', 'data.txt'], {})).toEqual({ code: 3, stdout: 'reads /tmp\n', stderr: '' });
    expect((await exec(cwd, ['--', './reader', '/etc/passwd'], {})).stdout).toBe('sees nothing /tmp\n');
  });
});

test('programs of a build see its directories by every name, and what the build has set, but nothing of the shell', async () => {
  const module = await compileGuest(`#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  for (int at = 1; at < argc; at++) printf("%s ", fopen(argv[at], "r") ? "reads" : "-");
  FILE *file = fopen("/tmp/note", "a+");
  printf("%s %s %ld\\n", getenv("OF_BUILD"), getenv("OF_SHELL"), (fputs("x", file), ftell(file)));
  return 0;
}
`);
  const cwd = project({ 'data.txt': 'x', 'sub/deep/own.txt': 'x', 'run.sh': `#!/bin/sh
cd sub/deep
for each in 1 2; do OF_BUILD=yes wasm32-wasip1-run ../../reader own.txt ../../data.txt "$PWD/../../data.txt" "${'$'}{PWD%/*/*}/data.txt" ../../../outside.txt; done
` });
  writeFileSync(path.join(cwd, 'reader'), readFileSync(module));
  writeFileSync(path.join(base, 'outside.txt'), 'x');
  const { code, stdout, stderr } = await exec(cwd, ['--', './run.sh'], { OF_SHELL: 'secret' });
  expect([code, stdout, stderr]).toEqual([0, 'reads reads reads reads - yes (null) 1\nreads reads reads reads - yes (null) 2\n', '']);
});

test('--runnable is refused where a first line cannot name the runner', async () => {
  const long = path.join(base, 'd'.repeat(200), 'e'.repeat(60));
  mkdirSync(long, { recursive: true });
  copyHome(await portableHome(), long);
  expect(await exec(base, ['--runnable', '--', 'true'], { WASIENV_HOME: long })).toMatchObject({ code: 2, stderr: expect.stringContaining('too long for a first line') });
  expect(await exec(base, ['--', 'true'], { WASIENV_HOME: long })).toEqual({ code: 0, stdout: '', stderr: '' });
});

describe('make', () => {
  const { run, why } = needs('make');
  run(`with a makefile of this machine${why}`, async () => {
    const cwd = project({
      Makefile: 'CC = gcc -DNAME=\\"make\\"\nAR = ar rcu\nhello: hello.o libutil.a\n\t$(CC) -o $@ hello.o -L. -lutil -Wl,--as-needed -Wl,--start-group -Wl,--end-group -Wl,-soname,x\nlibutil.a: util.o\n\t$(AR) $@ util.o\n\tranlib $@\ncheck: hello\n\t./hello $(NAME)\n',
      'hello.c': '#include <stdio.h>\nint util(void);\nint main(int argc, char **argv) { printf("%s %d %s\\n", NAME, util(), argv[1]); return 0; }\n', 'util.c': 'int util(void) { return 42; }\n',
    });
    expect(await exec(cwd, ['--runnable', '--bare', '--', 'make', '-s', 'check', 'NAME=two'])).toEqual({ code: 0, stdout: 'make 42 two\n', stderr: NOTE });
    expect(readFileSync(path.join(cwd, 'hello'), 'latin1')).toMatch(/^#!\/bin\/sh .*wasm32-wasip1-run\n\0asm/);
    expect(await runCli(['run', 'hello', 'x'], { cwd })).toEqual({ code: 0, stdout: 'make 42 x\n', stderr: '' });
  });

  // The two harnesses of automake as their makefiles have them, in short: the second runs every kind of test alike.
  run(`check of automake, parallel and serial${why}`, async () => {
    const files = { 'hello.c': HELLO, 'script.test': '#!/bin/sh\necho "a script in $(pwd | sed s,.*/,,)"\n' };
    const parallel = project({ ...files, Makefile: '# Makefile.in generated by automake 1.15 from Makefile.am.\ncheck: hello\n\t$(LOG_COMPILER) ./hello me; $(LOG_COMPILER) ./script.test\nhello: hello.c\n\t$(CC) -o hello hello.c\n' });
    const first = await exec(parallel, ['--', 'make', '-s', 'check']);
    expect([first.code, first.stdout]).toEqual([0, `hello from me\na script in ${path.basename(parallel)}\n`]);
    const serial = project({ ...files, Makefile: '# Makefile.in generated by automake 1.10 from Makefile.am.\nTESTS_ENVIRONMENT = SRC=.. \\\n  X=y\ncheck: hello\n\t$(TESTS_ENVIRONMENT) ./hello me\nhello: hello.c\n\t$(CC) -o hello hello.c\n' });
    expect((await exec(serial, ['--', 'make', '-s', 'check'])).stdout).toBe('hello from me\n');
  });
});

describe('configure', () => {
  const CONFIGURE = `#!/bin/sh
# Generated by GNU Autoconf 2.69 for test 1.0.
host= build=
for each do case $each in --host=*) host=\${each#*=} ;; --build=*) build=\${each#*=} ;; *) echo "other $each" ;; esac; done
. "$CONFIG_SITE"
echo "host $host, build $build, cross \${cross_compiling-no}, malloc \${ac_cv_func_malloc_0_nonnull-asked}"
`;
  const CONFIG_SUB = '#!/bin/sh\ncase $1 in wasm32-unknown-none | none-*) echo "$1" ;; *) echo "Invalid configuration" >&2; exit 1 ;; esac\n';

  test('is told of the host by a name that its config.sub knows', async () => {
    const cwd = project({ configure: CONFIGURE, 'build-stuff/config.sub': CONFIG_SUB });
    const { code, stdout, stderr } = await exec(cwd, ['--', './configure', '--prefix=/p']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^other --prefix=\/p\nhost wasm32-unknown-none, build \w+-[\w-]+, cross yes, malloc yes\n$/);
    expect(stderr).toContain('--host=wasm32-unknown-none is what it takes');
    // From a directory of its own, through sh, and in a package without config.sub.
    mkdirSync(path.join(cwd, 'out'));
    expect((await exec(path.join(cwd, 'out'), ['--', 'sh', '../configure'])).stdout).toContain('host wasm32-unknown-none');
    expect((await exec(project({ configure: CONFIGURE }), ['--', './configure'])).stdout).toContain('host wasm32-wasi, ');
  });

  test('that only has the name is told nothing', async () => {
    expect((await exec(project({ configure: '#!/bin/sh\n# A script.\necho "[$*]"\n' }), ['--', './configure', '-x'])).stdout).toBe('[-x]\n');
  });

  test('gets answers that are true', async () => {
    const module = await compileGuest(`#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/stat.h>
#include <errno.h>
static void say(const char *name, int holds) { printf("%s=%s\\n", name, holds ? "yes" : "no"); }
int main(void) {
  struct stat status;
  char *end, text[4] = "abcd";
  say("ac_cv_func_malloc_0_nonnull", malloc(0) != NULL);
  say("ac_cv_func_realloc_0_nonnull", realloc(NULL, 0) != NULL);
  say("ac_cv_func_calloc_0_nonnull", calloc(0, 0) != NULL);
  say("ac_cv_func_memcmp_working", memcmp("\\100", "\\200", 1) < 0 && memcmp("\\100\\201", "\\100\\200", 2) > 0);
  say("ac_cv_func_strnlen_working", strnlen(text, 4) == 4 && strnlen("ab", 9) == 2);
  say("ac_cv_func_strtod", strtod(" +69x", &end) == 69 && *end == 'x');
  say("ac_cv_func_strcoll_works", strcoll("abc", "def") < 0 && strcoll("ABC", "DEF") < 0 && strcoll("123", "456") < 0);
  say("ac_cv_func_stat_empty_string_bug", stat("", &status) == 0);
  say("ac_cv_func_lstat_empty_string_bug", lstat("", &status) == 0);
  say("ac_cv_func_closedir_void", _Generic(&closedir, int (*)(DIR *): 0, default: 1));
  say("ac_cv_func_strerror_r_char_p", _Generic(&strerror_r, int (*)(int, char *, size_t): 0, default: 1));
  say("ac_cv_func_setvbuf_reversed", setvbuf(stderr, NULL, _IOLBF, 16) != 0);
  return 0;
}
`);
    const { stdout } = await runCli(['run', module]);
    // Functions that are not there at all work for nobody.
    const absent = Object.fromEntries(['fork_works', 'vfork_works', 'chown_works', 'mmap_fixed_mapped'].map((name) => [`ac_cv_func_${name}`, 'no']));
    expect({ ...Object.fromEntries(stdout.trim().split('\n').map((line) => line.split('='))), ...absent }).toEqual(SITE_ANSWERS);
  });
});

describe('cmake', () => {
  const { run, why } = needs('cmake', 'ctest', 'make');
  const FILES = {
    'CMakeLists.txt': `cmake_minimum_required(VERSION 3.10)
project(test C)
include(CheckCSourceRuns)
check_c_source_runs("int main(void) { return sizeof(void *) == 4 ? 0 : 1; }" RUNS_32)
find_library(HOST_LIBRARY NAMES c PATHS /usr/lib /usr/lib/x86_64-linux-gnu)
message(STATUS "wasi \${WASI} runs \${RUNS_32} unix \${UNIX} library \${HOST_LIBRARY}")
add_library(util SHARED util.c)
add_executable(hello hello.c)
target_link_libraries(hello util)
enable_testing()
add_test(NAME greets COMMAND hello ctest)
add_test(NAME reads COMMAND hello \${CMAKE_SOURCE_DIR}/hello.c)
`,
    'hello.c': '#include <stdio.h>\nint util(void);\nint main(int argc, char **argv) { FILE *file = fopen(argv[1], "r"); printf("%s %d %s\\n", argv[1], util(), file ? "reads" : "-"); return 0; }\n',
    'util.c': 'int util(void) { return 42; }\n',
  };

  run(`knows the system, runs what it tries, finds nothing of this machine; ctest runs on our interpreter${why}`, async () => {
    const cwd = project(FILES);
    mkdirSync(path.join(cwd, 'out'));
    const configured = await exec(path.join(cwd, 'out'), ['--', 'cmake', '-Wno-dev', '..']);
    expect(configured.code, configured.stdout + configured.stderr).toBe(0);
    expect(configured.stdout).not.toContain('System is unknown');
    expect(configured.stdout).toMatch(/-- wasi 1 runs 1 unix {2}library .*the hömé\/components\/portable-clang\/.*libc\.a/);
    // What was configured knows its compiler: no environment is needed any more.
    expect(spawnSync('cmake', ['--build', 'out'], { cwd, encoding: 'utf8', env: { PATH: process.env['PATH']! } })).toMatchObject({ status: 0 });
    const tested = await exec(cwd, ['--', 'ctest', '--test-dir', 'out', '-V']);
    expect(tested.stdout).toContain('100% tests passed, 0 tests failed out of 2');
    expect(tested.stdout).toMatch(/ctest 42 -\n[\s\S]*hello\.c 42 reads\n/);
  });
});

describe('meson', () => {
  const { run, why } = needs('meson', 'ninja');
  run(`sets up, builds and tests${why}`, async () => {
    const cwd = project({
      'meson.build': "project('test', 'c')\nlib = library('util', 'util.c')\nrunner = executable('hello', 'hello.c', link_with: lib)\nassert(meson.get_compiler('c').run('int main(void) { return sizeof(void *) == 4 ? 0 : 1; }').returncode() == 0)\ntest('greets', runner, args: ['meson'])\n",
      'hello.c': '#include <stdio.h>\nint util(void);\nint main(int argc, char **argv) { printf("%s %d\\n", argv[1], util()); return util() == 42 ? 0 : 1; }\n', 'util.c': 'int util(void) { return 42; }\n',
    });
    const set = await exec(cwd, ['--', 'meson', 'setup', 'out']);
    expect(set.code, set.stdout + set.stderr).toBe(0);
    const tested = await exec(cwd, ['--', 'meson', 'test', '-C', 'out', '--verbose']);
    expect(tested.stdout).toMatch(/meson 42\n/);
    expect(tested.stdout).toMatch(/^Ok: +1\s*$/m);
  });
});

describe('modes', () => {
  const CLOCK = '#include <stdio.h>\n#include <time.h>\nint main(void) { printf("%d\\n", clock() >= 0); return 0; }\n';
  const plain = (file: string, args: readonly string[], cwd: string) => spawnSync(file, args, { cwd, encoding: 'utf8', env: { PATH: process.env['PATH']! } });

  const cmake = needs('cmake', 'ctest', 'make');
  cmake.run(`stay with a build directory of CMake, and so do programs that start by themselves${cmake.why}`, async () => {
    const cwd = project({ 'CMakeLists.txt': 'cmake_minimum_required(VERSION 3.10)\nproject(test C)\nadd_executable(clock clock.c)\n', 'clock.c': CLOCK });
    expect(await exec(cwd, ['--emulate', 'clocks', '--runnable', '--', 'cmake', '-B', 'out'])).toMatchObject({ code: 0 });
    expect(plain('cmake', ['--build', 'out'], cwd)).toMatchObject({ status: 0 });
    expect(plain(path.join(cwd, 'out', 'clock'), [], cwd)).toMatchObject({ status: 0, stdout: '1\n' });
  });

  const meson = needs('meson', 'ninja');
  meson.run(`stay with one of Meson${meson.why}`, async () => {
    const cwd = project({ 'meson.build': "project('test', 'c')\nexecutable('clock', 'clock.c')\n", 'clock.c': CLOCK });
    expect(await exec(cwd, ['--emulate', 'clocks', '--', 'meson', 'setup', 'out'])).toMatchObject({ code: 0 });
    expect(plain('ninja', ['-C', 'out'], cwd)).toMatchObject({ status: 0 });
    expect(await exec(cwd, ['--', 'out/clock'], {})).toEqual({ code: 0, stdout: '1\n', stderr: '' });
  });
});

describe('wasienv toolchain', () => {
  const cli = (args: readonly string[], cwd = base) => runCli(['toolchain', ...args], { cwd, env: { WASIENV_HOME: home } });

  test('lists the files of the home, which are there', async () => {
    const { code, stdout } = await cli([]);
    expect(code).toBe(0);
    const files = stdout.trim().split('\n').map((line) => line.slice(line.indexOf(home)));
    expect(files.map((file) => path.basename(file))).toEqual(['wasi.cmake', 'wasi.ini', 'config.site', 'wasi.mk']);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  test.each(['cmake', 'meson', 'cargo', 'make', 'autoconf', 'bazel'])('%s: printed is what is written', async (tool) => {
    const printed = await cli([tool]);
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    const place = path.join(base, 'written', tool);
    expect(await cli([tool, '--output', place])).toEqual({ code: 0, stdout: '', stderr: '' });
    const written = tool === 'bazel' ? readdirSync(place).sort((a, b) => b.localeCompare(a)).map((name) => `# ---- ${name}\n${readFileSync(path.join(place, name), 'utf8').trimEnd()}\n`).join('') : readFileSync(place, 'utf8');
    expect(printed.stdout.trimEnd()).toBe(written.trimEnd());
    if (tool !== 'autoconf') expect(printed.stdout).toContain(path.join(home, 'env', 'bin'));
  });

  test('says what it does not know', async () => {
    expect(await cli(['cmak'])).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean `cmake`') });
    expect(await cli(['cmake', '-o', path.join(base, 'written', 'make', 'no'), 'x'])).toMatchObject({ code: 2 });
    expect(await cli(['make', '-o', path.join(base, 'written', 'make', 'no', 'file')])).toMatchObject({ code: 1, stderr: expect.stringContaining('E_FILE') });
  });

  const { run, why } = needs('make');
  run(`wasi.mk is a makefile${why}`, () => {
    const cwd = project({ Makefile: `include ${path.join(home, 'env', 'wasi.mk').replaceAll(' ', '\\ ')}\nshow:\n\t@echo '$(CC)'\n` });
    expect(execFileSync('make', ['-s', 'show'], { cwd, encoding: 'utf8' })).toBe(`${path.join(home, 'env', 'bin', 'wasm32-wasip1-clang')}\n`);
  });
});
