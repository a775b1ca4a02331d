// The portable compiler on real files: everything clang accepts passes through, and paths mean what they say.
// Modules are judged by the host's own WebAssembly here; that they run is the proof's business.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WASI } from 'node:wasi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Collector, compile, runTool, showCommand, type CompileOptions, type ToolOptions } from '../../src/compiler/index.js';
import { flagsFor } from '../../src/compiler/portable/engine-flags.js';
import { KNOWN_CELLS } from '../../src/compiler/portable/working-directory.js';
import { threadsFor } from '../../src/compiler/portable/threads.js';
import type { Toolchain } from '../../src/toolchain/index.js';
import { portableToolchain, wasienvError } from '../support/toolchain.js';

let toolchain: Toolchain;
let root: string;
/** The user's directory: a space and a letter beyond ASCII in its name. */
let cwd: string;
/** Where the compiler may put its temporary files; must be empty whenever no command runs. */
let temporary: string;

beforeAll(async () => {
  toolchain = await portableToolchain();
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv-compiler-')));
  cwd = path.join(root, 'mÿ project');
  temporary = path.join(root, 'temporary');
  for (const directory of [cwd, temporary, path.join(cwd, 'sub dir'), path.join(root, 'inc')]) mkdirSync(directory);
  write('hello.c', '#include <stdio.h>\nint main(int argc, char **argv) { printf("hello %d\\n", argc); return 7; }\n');
  write('answer.c', 'int answer(void) { return 42; }\n');
  write('uses.c', 'int answer(void);\nint main(void) { return answer(); }\n');
  write('bad.c', 'int main(void) { return x; }\n');
  write('first.cc', '#include <string>\nint main() { std::string s(3, \'x\'); return (int)s.size(); }\n');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(path.resolve(cwd, name), text);
const text = (name: string) => readFileSync(path.resolve(cwd, name), 'utf8');

interface Ran { readonly code: number; readonly stdout: string; readonly stderr: string }

async function clang(args: readonly string[], options: Partial<CompileOptions> & { readonly input?: string } = {}): Promise<Ran> {
  const stdout = new Collector();
  const stderr = new Collector();
  const code = await compile({
    toolchain, tool: 'clang', args, cwd, env: { TMPDIR: temporary }, ...options,
    io: { stdin: options.input === undefined ? 'ignore' : Buffer.from(options.input), stdout, stderr, ...options.io },
  });
  expect(readdirSync(temporary)).toEqual([]);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

async function tool(name: ToolOptions['tool'], ...args: string[]): Promise<Ran> {
  const stdout = new Collector();
  const stderr = new Collector();
  const code = await runTool({ toolchain, tool: name, args, cwd, env: {}, io: { stdin: 'ignore', stdout, stderr } });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

const quiet = { code: 0, stdout: '', stderr: '' };

/** The exit code of a module under the host's own WASI. */
function run(name: string): number {
  const wasi = new WASI({ version: 'preview1', returnOnExit: true });
  const host = (globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array) => object; Instance: new (module: object, imports: object) => object } }).WebAssembly;
  const instance = new host.Instance(new host.Module(readFileSync(path.resolve(cwd, name))), wasi.getImportObject() as object);
  return wasi.start(instance) as unknown as number;
}

describe('cc', () => {
  test('writes first.wasm for first.c, in the current directory', async () => {
    write('sub dir/first.c', 'int main(void) { return 5; }\n');
    expect(await clang(['sub dir/first.c'])).toEqual(quiet);
    expect(run('first.wasm')).toBe(5);
    // As a native linker leaves it: whoever may read it may run it.
    const { mode } = statSync(path.join(cwd, 'first.wasm'));
    if (process.platform !== 'win32') expect(mode & 0o111).toBe((mode & 0o444) >> 2);
  });

  test('takes several inputs, objects and archives', async () => {
    expect(await clang(['-c', 'answer.c'])).toEqual(quiet);
    expect(await clang(['uses.c', 'answer.o', '-o', 'objects.wasm'])).toEqual(quiet);
    expect(run('objects.wasm')).toBe(42);
    expect(await tool('ar', 'rcs', 'libanswer.a', 'answer.o')).toEqual(quiet);
    expect(await clang(['uses.c', '-L.', '-lanswer', '-o', 'archive.wasm'])).toEqual(quiet);
    expect(run('archive.wasm')).toBe(42);
    expect(await clang(['uses.c', 'answer.c', '-o', 'sources.wasm'])).toEqual(quiet);
    expect(run('sources.wasm')).toBe(42);
  });

  test('takes optimization, debug information, definitions, standards and options for the linker', async () => {
    write('options.c', '#if __STDC_VERSION__ != 201112L || VALUE != 9\n#error no\n#endif\nint exported(void) { return VALUE; }\nint main(void) { return exported(); }\n');
    expect(await clang(['-O2', '-g', '-std=c11', '-D', 'VALUE=9', '-Wl,--export=exported', '-flto', 'options.c'])).toEqual(quiet);
    expect(run('options.wasm')).toBe(9);
    expect((await tool('nm', 'options.wasm')).stdout).toMatch(/ T exported$/m);
    expect((await tool('objdump', '-h', 'options.wasm')).stdout).toContain('.debug_info');
  });

  test('writes assembly, bitcode and preprocessed text, to files and to standard output', async () => {
    expect((await clang(['-S', 'answer.c', '-o', '-'])).stdout).toContain('i32.const\t42');
    expect(await clang(['-S', '-emit-llvm', 'answer.c'])).toEqual(quiet);
    expect(text('answer.ll')).toContain('ret i32 42');
    expect((await clang(['-E', '-P', 'answer.c'])).stdout).toBe('int answer(void) { return 42; }\n');
    expect(await clang(['-c', 'answer.ll', '-o', 'from-ll.o'])).toEqual(quiet);
  });

  test('assembles', async () => {
    write('given.S', '#define RESULT 11\n\t.globl given\n\t.type given,@function\ngiven:\n\t.functype given () -> (i32)\n\ti32.const RESULT\n\tend_function\n');
    write('asks.c', 'int given(void);\nint main(void) { return given(); }\n');
    expect(await clang(['asks.c', 'given.S'])).toEqual(quiet);
    expect(run('asks.wasm')).toBe(11);
  });

  test('reads standard input, alone and in a link', async () => {
    expect(await clang(['-x', 'c', '-', '-o', 'stdin.wasm'], { input: 'int main(void) { return 13; }' })).toEqual(quiet);
    expect(run('stdin.wasm')).toBe(13);
    expect((await clang(['-E', '-P', '-x', 'c', '-'], { input: '#define A 3\nA\n' })).stdout.trim()).toBe('3');
    expect(await clang(['-x', 'c', '-', '-x', 'none', 'answer.c', '-o', 'mixed.wasm'], { input: 'int answer(void); int main(void) { return answer(); }' })).toEqual(quiet);
    expect(run('mixed.wasm')).toBe(42);
  });

  test('reads response files, nested, with both kinds of quotes', async () => {
    write('args', '-c "sub dir/first.c"\n@more');
    write('more', "-o 'from response.o'");
    expect(await clang(['@args'])).toEqual(quiet);
    expect(existsSync(path.join(cwd, 'from response.o'))).toBe(true);
    write('link', 'uses.c answer.c');
    expect(await clang(['@link', '-O1'])).toEqual(quiet);
    expect(run('uses.wasm')).toBe(42);
  });

  test('keeps temporary files where -save-temps wants them', async () => {
    write('keep.c', 'int main(void) { return 2; }\n');
    expect(await clang(['-save-temps', 'keep.c'])).toEqual(quiet);
    expect(readdirSync(cwd).filter((name) => name.startsWith('keep.')).sort()).toEqual(['keep.bc', 'keep.c', 'keep.i', 'keep.o', 'keep.s', 'keep.wasm']);
    expect(run('keep.wasm')).toBe(2);
  });

  test('compiles C++ as c++', async () => {
    expect(await clang(['first.cc', '-o', 'cxx.wasm'], { tool: 'clang++' })).toEqual(quiet);
    expect(run('cxx.wasm')).toBe(3);
  });

  test('a std::vector links without a word about exceptions, and a throw is refused where it stands', async () => {
    write('vector.cc', '#include <vector>\nint main() { std::vector<int> v; for (int i = 0; i < 7; i++) v.push_back(i); return v.at(6); }\n');
    expect(await clang(['vector.cc'], { tool: 'clang++' })).toEqual(quiet);
    expect(run('vector.wasm')).toBe(6);
    write('throw.cc', 'int main() { throw 1; }\n');
    expect((await clang(['throw.cc'], { tool: 'clang++' })).stderr).toContain("throw.cc:1:14: error: cannot use 'throw' with exceptions disabled");
  });

  test('an old name of the target is the same target', async () => {
    expect(await clang(['--target=wasm32-unknown-wasi', 'uses.c', 'answer.c', '-o', 'old.wasm'])).toEqual(quiet);
    expect(run('old.wasm')).toBe(42);
    const { stderr } = await clang(['-v', '--target=wasm32-wasi', '-c', 'answer.c']);
    expect(stderr).toContain('wasienv: note: wasm32-wasi is called wasm32-wasip1 by this toolchain\n');
    expect((await wasienvError(clang(['--target=wasm32-wasip2', 'answer.c']))).code).toBe('E_USAGE');
  });

  test('answers questions', async () => {
    const version = await clang(['--version']);
    expect(version).toMatchObject({ code: 0, stderr: '' });
    expect(version.stdout).toMatch(new RegExp(`^clang version ${toolchain.clangVersion.replaceAll('.', '\\.')} `));
    expect((await clang(['-print-resource-dir'])).stdout).toBe(`${toolchain.layout.resourceDir}\n`);
    expect((await clang(['-dumpmachine'])).stdout).toBe('wasm32-unknown-wasip1\n');
    expect((await clang(['-dM', '-E', '-x', 'c', '/dev/null'])).stdout).toContain('#define __wasi__ 1\n');
    expect((await clang(['-cc1', '-help'])).stdout).toMatch(/^OVERVIEW: LLVM 'Clang' Compiler/);
  });

  test('-v shows what runs', async () => {
    const { code, stderr } = await clang(['-v', 'uses.c', 'answer.c', '-o', 'verbose.wasm']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^clang version /);
    expect(stderr.match(/^ clang -cc1 /gm)).toHaveLength(2);
    expect(stderr).toMatch(/^ wasm-ld .*-o verbose\.wasm$/m);
    expect(stderr).toContain('#include <...> search starts here:');
    // Nothing of it without -v, and -### is clang's own.
    expect((await clang(['-###', 'uses.c'])).stderr).toMatch(/"-cc1".*\n "wasm-ld"/);
  });
});

describe('paths', () => {
  const HEADER = '#define FROM __FILE__\n';

  test('absolute ones are the host’s', async () => {
    writeFileSync(path.join(root, 'inc', 'h.h'), HEADER);
    write('abs.c', '#include "h.h"\n#include FORCED\nconst char *from = FROM;\n');
    const include = path.join(root, 'inc');
    const output = path.join(root, 'abs out.o');
    expect(await clang([`-I${include}`, '-include', path.join(include, 'h.h'), `-DFORCED="${include}/h.h"`, '-c', path.join(cwd, 'abs.c'), '-o', output])).toEqual(quiet);
    expect(existsSync(output)).toBe(true);
  });

  test('relative ones start at the current directory, above it too', async () => {
    writeFileSync(path.join(root, 'up.c'), 'int main(void) { return 6; }\n');
    expect(await clang(['../up.c', '-o', '../up.wasm'])).toEqual(quiet);
    expect(run('../up.wasm')).toBe(6);
    expect(await clang(['./../mÿ project/answer.c', '-c', '-o', 'sub dir/../dots.o'])).toEqual(quiet);
    expect(existsSync(path.join(cwd, 'dots.o'))).toBe(true);
  });

  test('diagnostics, __FILE__, dependencies and debug information show what was typed', async () => {
    expect((await clang(['-c', './bad.c'])).stderr).toMatch(/^\.\/bad\.c:1:25: error: use of undeclared identifier 'x'\n/);
    expect((await clang(['-c', path.join(cwd, 'bad.c')])).stderr.startsWith(`${cwd}/bad.c:1:25: error`)).toBe(true);
    write('file.c', 'const char *f = __FILE__;\n');
    expect((await clang(['-E', '-P', './sub dir/../file.c'])).stdout).toBe('const char *f = "./sub dir/../file.c";\n');
    write('sub dir/dep.h', '');
    write('dep.c', '#include "sub dir/dep.h"\nint dep = 1;\n');
    expect(await clang(['-MMD', '-MF', 'dep.d', '-c', 'dep.c', '-g'])).toEqual(quiet);
    expect(text('dep.d')).toBe('dep.o: dep.c sub\\ dir/dep.h\n');
    const object = readFileSync(path.join(cwd, 'dep.o'));
    expect([object.includes(Buffer.from(`${cwd}\0`)), object.includes(Buffer.from('\0dep.c\0'))]).toEqual([true, true]);
  });

  test('a directory that happens to be called like one of the compiler’s is the user’s', async () => {
    mkdirSync(path.join(cwd, 'usr', 'include'), { recursive: true });
    write('usr/include/mine.h', '#define MINE 4\n');
    write('mine.c', '#include "mine.h"\nint main(void) { return MINE; }\n');
    expect(await clang(['-Iusr/include', 'mine.c'])).toEqual(quiet);
    expect(run('mine.wasm')).toBe(4);
  });

  test('links are followed as the host does', async () => {
    mkdirSync(path.join(root, 'real', 'inner'), { recursive: true });
    writeFileSync(path.join(root, 'real', 'beside.h'), '#define N 8\n');
    writeFileSync(path.join(root, 'real', 'inner', 'l.c'), '#include "../beside.h"\nint main(void) { return N; }\n');
    symlinkSync(path.join(root, 'real', 'inner'), path.join(cwd, 'absolute-link'));
    symlinkSync('../real/inner/l.c', path.join(cwd, 'relative-link.c'));
    expect(await clang(['absolute-link/l.c', '-o', 'l.wasm'])).toEqual(quiet);
    expect(run('l.wasm')).toBe(8);
    expect((await clang(['-c', 'relative-link.c'])).stderr).toContain("'../beside.h' file not found");
    const linked = path.join(root, 'linked project');
    symlinkSync(cwd, linked);
    expect(await clang(['answer.c', '-c', '-o', 'linked.o'], { cwd: linked })).toEqual(quiet);
    expect(existsSync(path.join(cwd, 'linked.o'))).toBe(true);
  });

  test('devices are files', async () => {
    expect(await clang(['-c', 'answer.c', '-o', '/dev/null'])).toEqual(quiet);
    expect(await clang(['-x', 'c', '/dev/stdin', '-o', 'device.wasm'], { input: 'int main(void) { return 17; }' })).toEqual(quiet);
    expect(run('device.wasm')).toBe(17);
  });
});

describe('failures', () => {
  test('diagnostics and exit codes are clang’s', async () => {
    expect(await clang(['-c', 'bad.c'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/^bad\.c:1:25: error: .*\n(?:.*\n){2}1 error generated\.\n$/) });
    expect(await clang(['gone.c'])).toEqual({ code: 1, stdout: '', stderr: "clang: error: no such file or directory: 'gone.c'\n" });
    expect(await clang(['--no-such-option', 'answer.c'])).toMatchObject({ code: 1, stderr: "clang: error: unknown argument: '--no-such-option'\n" });
    expect(await clang([])).toEqual({ code: 1, stdout: '', stderr: 'clang: error: no input files\n' });
    expect(await clang(['-c', 'answer.c', '-o', 'no/such/dir.o'])).toMatchObject({ code: 1, stderr: expect.stringContaining("unable to open output file 'no/such/dir.o': 'No such file or directory'") });
  });

  test('a failed link says so in the driver’s words', async () => {
    const { code, stderr } = await clang(['uses.c', '-o', 'none.wasm']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^wasm-ld: error: .*undefined symbol: answer\nclang: error: linker command failed with exit code 1 \(use -v to see invocation\)\n$/);
    expect(existsSync(path.join(cwd, 'none.wasm'))).toBe(false);
  });

  test('one bad file of several does not hide what is said of the others, in order, and nothing is linked', async () => {
    for (const name of ['w1', 'w2', 'w3']) write(`${name}.c`, `#warning ${name}\n`);
    const { code, stderr } = await clang(['w1.c', 'bad.c', 'w2.c', 'w3.c', '-o', 'none.wasm']);
    expect(code).toBe(1);
    expect([...stderr.matchAll(/^(\w+)\.c:\d/gm)].map((match) => match[1])).toEqual(['w1', 'bad', 'w2', 'w3']);
    expect(stderr).not.toContain('linker');
    expect(existsSync(path.join(cwd, 'none.wasm'))).toBe(false);
  });

  test('a warning of the driver is said once', async () => {
    const { code, stderr } = await clang(['-c', '-lm', 'answer.c', 'uses.c']);
    expect(code).toBe(0);
    expect(stderr.match(/'linker' input unused|argument unused/g)?.length ?? 0).toBeLessThanOrEqual(1);
    expect(stderr).toContain('-lm');
  });

  test('a compiler that crashes is an error with a next step', async () => {
    write('crash.c', '#pragma clang __debug crash\n');
    for (const args of [['-c', 'crash.c'], ['crash.c'], ['crash.c', 'answer.c']]) {
      const error = await wasienvError(clang(args));
      expect(error).toMatchObject({ code: 'E_COMPILER', message: 'clang crashed: unreachable', next: expect.stringContaining('-E') });
    }
    // and the thread it ran in is good for the next command
    expect(await clang(['-c', 'answer.c'])).toEqual(quiet);
  });

  test('a program of the host that only a native clang could start is refused', async () => {
    expect(await wasienvError(clang(['-fuse-ld=/usr/bin/ld', 'answer.c']))).toMatchObject({ code: 'E_NO_TOOL' });
  });

  test('deep nesting that every native clang takes is taken', async () => {
    write('deep.cc', 'template <int N> struct F { static constexpr int v = F<N - 1>::v + 1; };\ntemplate <> struct F<0> { static constexpr int v = 0; };\nint main() { return F<1000>::v & 127; }\n');
    write('deep.c', `int f(int x) { return ${'('.repeat(250)}x${')'.repeat(250)}; }\nint g(int x) { return ${Array(5000).fill('x').join('+')}; }\nint h(int x) { ${'if (x) '.repeat(2000)} return 1; return 2; }\n`);
    expect(await clang(['deep.cc'], { tool: 'clang++' })).toEqual(quiet);
    expect(run('deep.wasm')).toBe(1000 & 127);
    expect(await clang(['-O1', '-c', 'deep.c'])).toEqual(quiet);
  });

  test('a damaged module is told apart from a compiler that fails', async () => {
    const module = path.join(root, 'damaged.wasm');
    writeFileSync(module, '\0asm\x01\0\0\0\xff');
    const damaged: Toolchain = { ...toolchain, layout: { ...toolchain.layout, programs: { kind: 'portable', module } } };
    expect(await wasienvError(clang(['-c', 'answer.c'], { toolchain: damaged }))).toMatchObject({ code: 'E_DAMAGED', next: expect.stringContaining('wasienv setup') });
  });

  test('an unusable temporary directory is named', async () => {
    const gone = path.join(root, 'gone');
    expect(await wasienvError(clang(['answer.c', 'uses.c'], { env: { TMPDIR: gone } }))).toMatchObject({ code: 'E_FILE', where: [['directory', gone]] });
  });

  test('an interruption ends the compilation and cleans up', async () => {
    write('long.cc', 'constexpr long spin() { long n = 0; for (long i = 0; i < 2000000000; i++) n += i; return n; }\nstatic_assert(spin() != 1);\nint main() {}\n');
    const controller = new AbortController();
    const stderr = { write: () => controller.abort() };
    // -v makes the driver speak just before the endless part begins.
    const running = clang(['-v', '-fconstexpr-steps=2147483647', 'long.cc'], { tool: 'clang++', signal: controller.signal, io: { stdout: new Collector(), stderr } });
    expect((await wasienvError(running)).code).toBe('E_INTERRUPTED');
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe('surroundings', () => {
  test('nothing of the environment reaches the compiler, but the wish for a date', async () => {
    writeFileSync(path.join(root, 'inc', 'leak.h'), '');
    write('leak.c', '#if __has_include(<leak.h>)\n#error leaked\n#endif\nconst char *date = __DATE__;\n');
    const env = { TMPDIR: temporary, CPATH: path.join(root, 'inc'), C_INCLUDE_PATH: path.join(root, 'inc'), CCC_OVERRIDE_OPTIONS: '+-DX', SOURCE_DATE_EPOCH: '86400' };
    const { code, stdout } = await clang(['-E', '-P', 'leak.c'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'const char *date = "Jan  2 1970";\n' });
  });

  test('colours come when asked for', async () => {
    const io = (color: boolean) => ({ stdout: new Collector(), stderr: new Collector(), color });
    for (const [color, seen] of [[true, true], [false, false]] as const) {
      for (const args of [['-c', 'bad.c'], ['uses.c']]) {
        const given = io(color);
        expect(await compile({ toolchain, tool: 'clang', args, cwd, env: { TMPDIR: temporary }, io: given })).toBe(1);
        expect(given.stderr.text().includes('\x1b[')).toBe(seen);
      }
    }
  });

  test('-MJ writes an entry for each file of a command with several, which clang does only for one', async () => {
    expect(await clang(['-O1', '-c', 'answer.c', 'uses.c', '-MD', '-DQ="x y"', '-MJmany.json'])).toMatchObject({ code: 0 });
    const entries = JSON.parse(`[${text('many.json').replace(/,\n$/, '')}]`) as { directory: string; file: string; output: string; arguments: string[] }[];
    expect(entries.map(({ directory, file, output }) => [directory, file, output])).toEqual([[cwd, 'answer.c', 'answer.o'], [cwd, 'uses.c', 'uses.o']]);
    expect(entries[1]!.arguments.filter((word) => !/^(?:--target|--sysroot|-resource-dir)/.test(word))).toEqual(['clang', '-xc', 'uses.c', '-o', 'uses.o', '-O1', '-c', '-DQ="x y"']);
    expect(await clang(['-O1', '-c', 'uses.c', '-MJ', 'one.json'])).toMatchObject({ code: 0 });
    expect(text('one.json')).toContain('"file": "uses.c", "output": "uses.o"');
    expect((await wasienvError(clang(['answer.c', 'uses.c', '-MJ', 'none/x.json', '-o', 'mj.wasm']))).code).toBe('E_FILE');
  });

  test('--show prints the line that does the same', () => {
    const { sysroot, resourceDir } = toolchain.layout;
    expect(showCommand({ toolchain, tool: 'clang', args: ['a b.c', '-DQ="it\'s"'], cwd })).toBe(
      `clang --target=wasm32-wasip1 --sysroot=${sysroot} -resource-dir=${resourceDir} -Wl,-z,stack-size=1048576 -Wl,--stack-first 'a b.c' '-DQ="it'\\''s"' -o 'a b.wasm'`,
    );
  });
});

describe('the LLVM tools', () => {
  test('strip and objcopy succeed, and what they write is whole', async () => {
    expect(await clang(['-g', 'hello.c', '-o', 'full.wasm'])).toEqual(quiet);
    expect(await tool('strip', 'full.wasm', '-o', 'small.wasm')).toEqual(quiet);
    expect(readFileSync(path.join(cwd, 'small.wasm')).length).toBeLessThan(readFileSync(path.join(cwd, 'full.wasm')).length);
    expect(await tool('objcopy', '--strip-debug', 'full.wasm', 'copy.wasm')).toEqual(quiet);
    expect(await tool('strip', 'full.wasm')).toEqual(quiet);
    expect(readFileSync(path.join(cwd, 'full.wasm')).equals(readFileSync(path.join(cwd, 'small.wasm')))).toBe(true);
    expect(await tool('strip', 'gone.wasm')).toEqual({ code: 1, stdout: '', stderr: "llvm-strip: error: 'gone.wasm': No such file or directory\n" });
  });

  test('nm, size, ranlib, objdump, wasm-ld, addr2line and c++filt are there', async () => {
    await clang(['-c', 'answer.c']);
    await tool('ar', 'rc', 'libt.a', 'answer.o');
    expect(await tool('ranlib', 'libt.a')).toEqual(quiet);
    expect((await tool('nm', 'libt.a')).stdout).toContain('T answer');
    expect((await tool('size', 'answer.o')).stdout).toContain('answer.o');
    expect((await tool('objdump', '-d', 'answer.o')).stdout).toContain('i32.const');
    expect(await tool('wasm-ld', '--no-entry', '--export=answer', 'answer.o', '-o', 'bare.wasm')).toEqual(quiet);
    expect((await tool('c++filt', '_Z3foov')).stdout).toBe('foo()\n');
    expect((await tool('addr2line', '--version')).stdout).toContain('llvm-addr2line');
  });
});

describe('the engine', () => {
  test('the known place of the current directory is the one the experiment finds', async () => {
    const { programs } = toolchain.layout;
    if (programs.kind !== 'portable') throw new Error('not the portable toolchain');
    expect(KNOWN_CELLS.has(toolchain.digest)).toBe(true);
    // A digest nobody knows makes the experiment necessary.
    const result = await threadsFor(`${path.dirname(programs.module)}/./${path.basename(programs.module)}`, 'sha512-unknown').run({
      argv: ['clang', '-c', 'answer.c', '-o', 'found.o'], cwd, env: {}, preopens: [{ host: '/', guest: '/' }],
      experimentDir: root, stdin: 'ignore', stdout: 'collect', stderr: 'collect',
    });
    expect(result).toMatchObject({ end: { kind: 'exit', code: 0 }, cell: KNOWN_CELLS.get(toolchain.digest) });
    expect(existsSync(path.join(cwd, 'found.o'))).toBe(true);
  });

  test('every flag given to this V8 is one it knows', () => {
    const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const flags = flagsFor(process.versions.v8);
    for (const flag of flags) expect(known).toMatch(new RegExp(`^\\s+--(?:no-)?${flag.replace(/^--(?:no-)?/, '')} `, 'm'));
    expect(flagsFor('11.3.244.8-node.38')).toHaveLength(3);
    expect(flagsFor('99.0.1')).toEqual([]);
    expect(flagsFor('10.2.154')).toEqual([]);
  });
});
