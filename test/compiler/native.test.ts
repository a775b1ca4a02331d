// An adopted clang: Debian's own, run as it is. What wasienv changes is its arguments and its environment, no more.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanEnvironment } from '../../src/compiler/environment.js';
import { Collector, compile, runTool, showCommand, type CompileOptions } from '../../src/compiler/index.js';
import { withoutWasmOpt } from '../../src/compiler/environment.js';
import type { Toolchain } from '../../src/toolchain/index.js';
import { adopted, debianClang, type DebianClang } from '../support/debian.js';
import { runCli } from '../support/cli.js';
import { wasienvError } from '../support/toolchain.js';
import { available } from '../support/skips.js';

/** Twenty buffers of one function, jumps to each, jumps over five calls that have a buffer themselves, and the value 0. */
const JUMPS = `#include <setjmp.h>
#include <stdio.h>
static jmp_buf many[20], outer;
__attribute__((noinline)) static void jump(jmp_buf to, int value) { longjmp(to, value); }
__attribute__((noinline)) static int inner(int depth) {
  jmp_buf own;
  int r = setjmp(own);
  if (r == 0) {
    if (depth == 0) jump(outer, 99);
    inner(depth - 1);
  }
  return r;
}
int main(void) {
  static volatile int seen, total, i;
  for (i = 0; i < 20; i++) {
    int r = setjmp(many[i]);
    if (r != 0) { seen++; total += r == 1 ? 0 : r - 1; }
    if (r == 0) continue;
    if (seen < 20) jump(many[seen], seen + 1);
    break;
  }
  if (seen == 0) jump(many[0], 0);
  int r = setjmp(outer);
  if (r == 0) inner(5);
  printf("r=%d total=%d seen=%d\\n", r, total, seen);
  return 0;
}
`;

test('what leaks into a cross build is taken away, and only that', () => {
  const env = { PATH: '/bin', HOME: '/h', LANG: 'C', TMPDIR: '/t', LD_LIBRARY_PATH: '/l', CC: 'ccache clang', CFLAGS: '-g', CPATH: '/i', LIBRARY_PATH: '/l', SDKROOT: '/sdk', C_INCLUDE_PATH: '/i', CCC_OVERRIDE_OPTIONS: '#', EMPTY: undefined };
  expect(cleanEnvironment(env)).toEqual({ PATH: '/bin', HOME: '/h', LANG: 'C', TMPDIR: '/t', LD_LIBRARY_PATH: '/l', CC: 'ccache clang', CFLAGS: '-g' });
});

const found = debianClang(['clang', 'lld', 'sysroot', 'builtins']);

describe.skipIf('missing' in found)(`an adopted clang${available(found).why}`, () => {
  const debian = found as DebianClang;
  let toolchain: Toolchain;
  let cwd: string;

  beforeAll(async () => {
    cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv native-')));
    toolchain = await adopted(debian);
    write('answer.c', 'int answer(void) { return 42; }\n');
    write('uses.c', 'int answer(void);\nint main(void) { return answer(); }\n');
    write('bad.c', 'int main(void) { return x; }\n');
    write('first.cc', '#include <string>\nint main() { std::string s(3, \'x\'); return (int)s.size(); }\n');
  });
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  const write = (name: string, content: string) => writeFileSync(path.join(cwd, name), content);
  const isModule = (name: string) => readFileSync(path.join(cwd, name)).subarray(0, 4).toString('latin1') === '\0asm';

  async function clang(args: readonly string[], options: Partial<CompileOptions> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
    const stdout = new Collector();
    const stderr = new Collector();
    const code = await compile({ toolchain, tool: 'clang', args, cwd, env: debian.env, io: { stdin: 'ignore', stdout, stderr }, ...options });
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  }
  const quiet = { code: 0, stdout: '', stderr: '' };

  test('compiles and links C and C++, and names the module after its source', async () => {
    expect(await clang(['uses.c', 'answer.c'])).toEqual(quiet);
    expect(isModule('uses.wasm')).toBe(true);
    expect(await clang(['-fno-exceptions', '-O2', 'first.cc'], { tool: 'clang++' })).toEqual(quiet);
    expect(isModule('first.wasm')).toBe(true);
    expect(await clang(['-x', 'c', '-c', '-', '-o', 'in.o'], { io: { stdin: Buffer.from('int x;'), stdout: new Collector(), stderr: new Collector() } })).toMatchObject({ code: 0 });
    expect(isModule('in.o')).toBe(true);
  });

  test('diagnostics, exit codes and colours are clang’s', async () => {
    expect(await clang(['-c', 'bad.c'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/^bad\.c:1:25: error: use of undeclared identifier 'x'/) });
    expect((await clang(['uses.c', '-o', 'none.wasm'])).stderr).toMatch(/undefined symbol: answer\n.*linker command failed with exit code 1/);
    const stderr = new Collector();
    await clang(['-c', 'bad.c'], { io: { stdin: 'ignore', stdout: new Collector(), stderr, color: true } });
    expect(stderr.text()).toContain('\x1b[');
  });

  test('an old or new name of the target is its own', async () => {
    expect(await clang(['--target=wasm32-wasip1', '-c', 'answer.c'])).toEqual(quiet);
    expect((await wasienvError(clang(['--target=x86_64-linux-gnu', '-c', 'answer.c']))).code).toBe('E_USAGE');
  });

  test('variables meant for the host do not reach it', async () => {
    mkdirSync(path.join(cwd, 'leak'));
    write('leak/leak.h', '');
    write('leak.c', '#if __has_include(<leak.h>)\n#error leaked\n#endif\n');
    const leak = path.join(cwd, 'leak');
    expect(await clang(['-c', 'leak.c'], { env: { ...debian.env, CPATH: leak, C_INCLUDE_PATH: leak, CCC_OVERRIDE_OPTIONS: `# +-I${leak}` } })).toEqual(quiet);
  });

  test('a wasm-opt on PATH is not run behind the user’s back', async () => {
    const directory = path.join(cwd, 'binaryen');
    mkdirSync(directory);
    const mark = path.join(cwd, 'wasm-opt was here');
    writeFileSync(path.join(directory, 'wasm-opt'), `#!/bin/sh\n: > '${mark}'\nexit 3\n`);
    chmodSync(path.join(directory, 'wasm-opt'), 0o755);
    const env = { ...debian.env, PATH: `${directory}:${debian.env['PATH']}` };
    expect(withoutWasmOpt(env, 'linux')['PATH']).toBe(debian.env['PATH']);
    expect(await clang(['-O2', 'uses.c', 'answer.c', '-o', 'opt.wasm'], { env })).toEqual(quiet);
    expect([isModule('opt.wasm'), existsSync(mark)]).toEqual([true, false]);
  });

  test('the wasm-ld that was found is named to clang, whatever else PATH has', async () => {
    const directory = path.join(cwd, 'other-ld');
    mkdirSync(directory);
    for (const name of ['wasm-ld', 'wasm-ld-14']) {
      writeFileSync(path.join(directory, name), '#!/bin/sh\nexit 3\n');
      chmodSync(path.join(directory, name), 0o755);
    }
    expect(await clang(['uses.c', 'answer.c', '-o', 'named.wasm'], { env: { ...debian.env, PATH: directory } })).toEqual(quiet);
    expect(showCommand({ toolchain, tool: 'clang', args: ['a.c'], cwd })).toBe(
      `${debian.root}/usr/bin/clang-14 --target=wasm32-wasi --sysroot=${debian.root}/usr -resource-dir=${toolchain.layout.resourceDir} -fuse-ld=${debian.root}/usr/lib/llvm-14/bin/wasm-ld -Wl,-z,stack-size=1048576 -Wl,--stack-first a.c -o a.wasm`,
    );
  });

  test('--no-wasm-opt is given to the versions that link with it', () => {
    const shown = (clangVersion: string) => showCommand({ toolchain: { ...toolchain, clangVersion }, tool: 'clang', args: ['a.c'], cwd }).includes('--no-wasm-opt');
    expect(['14.0.6', '19.1.7', '20.1.0', '22.1.0'].map(shown)).toEqual([false, false, true, true]);
  });

  test('its LLVM tools run, and one it lacks is named', async () => {
    const stdout = new Collector();
    await clang(['-c', 'answer.c']);
    expect(await runTool({ toolchain, tool: 'nm', args: ['answer.o'], cwd, env: debian.env, io: { stdin: 'ignore', stdout, stderr: new Collector() } })).toBe(0);
    expect(stdout.text()).toContain('T answer');
    const { programs } = toolchain.layout;
    if (programs.kind !== 'native') throw new Error('not a native toolchain');
    const { strip: _, ...tools } = programs.tools;
    const without: Toolchain = { ...toolchain, layout: { ...toolchain.layout, programs: { kind: 'native', tools } } };
    expect(await wasienvError(runTool({ toolchain: without, tool: 'strip', args: [], cwd, env: debian.env, io: { stdout, stderr: stdout } }))).toMatchObject({ code: 'E_NO_TOOL', message: expect.stringContaining('strip') });
  });

  test('a clang that is gone since it was adopted is an error with a next step', async () => {
    const gone: Toolchain = { ...toolchain, layout: { ...toolchain.layout, programs: { kind: 'native', tools: { clang: '/gone/clang' } } } };
    expect(await wasienvError(clang(['-c', 'answer.c'], { toolchain: gone }))).toMatchObject({ code: 'E_COMPILER', where: [['file', '/gone/clang']], next: expect.stringContaining('wasienv doctor') });
  });
});

// The calls that LLVM makes for setjmp changed with 19.
describe.each([14, 19])('setjmp with Debian’s clang %i, whose wasi-libc has no libsetjmp', (major) => {
  const debian = debianClang(['clang', 'lld', 'sysroot', 'builtins'], major);
  test.skipIf('missing' in debian)(`compiled and linked apart or at once${'missing' in debian ? ` (skipped: ${debian.missing})` : ''}`, async () => {
    if ('missing' in debian) return;
    const cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv jumps-')));
    try {
      writeFileSync(path.join(cwd, 'jumps.c'), JUMPS);
      const toolchain = await adopted(debian);
      const build = async (...args: string[]) => {
        const output = new Collector();
        const code = await compile({ toolchain, tool: 'clang', args, cwd, env: debian.env, io: { stdin: 'ignore', stdout: output, stderr: output } });
        return [code, output.text()];
      };
      const run = (module: string) => runCli(['run', path.join(cwd, module)]);
      const expected = { code: 0, stdout: 'r=99 total=190 seen=20\n', stderr: '' };
      expect(await build('--setjmp', '-O2', '-g', '-Wall', '-Werror', 'jumps.c', '-o', 'jumps.wasm')).toEqual([0, '']);
      expect(await run('jumps.wasm')).toEqual(expected);
      expect(await build('--setjmp', '-O0', '-c', 'jumps.c')).toEqual([0, '']);
      expect(await build('--setjmp', '-std=c11', '-Werror', '-MD', 'jumps.o', '-o', 'apart.wasm')).toEqual([0, '']);
      expect(await run('apart.wasm')).toEqual(expected);
      expect(await build('--setjmp', '--lto', '-O2', 'jumps.c', '-o', 'lto.wasm')).toEqual([0, '']);
      expect(await run('lto.wasm')).toEqual(expected);
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  });
});
