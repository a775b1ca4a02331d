// Finding the machine's clangs: Debian's own, whole and with parts missing, and small programs that answer like clangs
// nobody can install here. Every probe is a real process.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WasienvError } from '../../src/base/errors.js';
import { shellQuote } from '../../src/base/quote.js';
import { findClangs, parseTargets, systemSource, usualDirectories, type ClangFinding, type ClangSearch } from '../../src/toolchain/sources/system.js';
import { runCli } from '../support/cli.js';
import { debianClang, type Part } from '../support/debian.js';
import { wasienvError } from '../support/toolchain.js';
import { UNIX, available } from '../support/skips.js';

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv-system-')));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Looks only where the test says, never at the tester's own machine. */
const search = (env: Readonly<Record<string, string>>, more: Partial<ClangSearch> = {}): Promise<ClangFinding[]> =>
  findClangs({ env, platform: process.platform, directories: [], sysroots: [], ...more });

/** A program that answers `--version` and the like with fixed text. */
function program(name: string, answers: Readonly<Record<string, string>>, exitCode = 0): string {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  // Only what is built into the shell: the test decides what is on PATH.
  const cases = Object.entries(answers).map(([argument, text]) => `'${argument}') printf '%s\\n' ${shellQuote(text)};;`);
  writeFileSync(file, `#!/bin/sh\nlast=\nfor last; do :; done\ncase "$last" in\n${cases.join('\n')}\n*) echo "no answer to $last" >&2; exit 9;;\nesac\nexit ${exitCode}\n`);
  chmodSync(file, 0o755);
  return file;
}

const APPLE = {
  '--version': 'Apple clang version 15.0.0 (clang-1500.1.0.2.5)\nTarget: arm64-apple-darwin23.1.0',
  '--print-targets': '\n  Registered Targets:\n    aarch64    - AArch64 (little endian)\n    arm64      - ARM64 (little endian)\n    x86-64     - 64-bit X86: EM64T and AMD64',
};
const LLVM19 = {
  '--version': 'clang version 19.1.7',
  '--print-targets': '  Registered Targets:\n    wasm32 - WebAssembly 32-bit\n    wasm64 - WebAssembly 64-bit',
};
test('targets are read from what clang prints', () => {
  expect(parseTargets(APPLE['--print-targets'])).toEqual(['aarch64', 'arm64', 'x86-64']);
  expect(parseTargets('error: unsupported option')).toEqual([]);
});

test('the usual places name every packager, newest version first, and none that is not there but by name', () => {
  expect(usualDirectories('linux')).toEqual(expect.arrayContaining(['/opt/wasi-sdk/bin', '/opt/homebrew/opt/llvm/bin', '/usr/local/opt/llvm/bin', '/usr/bin']));
  expect(usualDirectories('win32')).toEqual(['C:\\Program Files\\LLVM\\bin']);
});

describe.skipIf(UNIX.unmet)(`refusals${UNIX.why}`, () => {
  const one = async (env: Readonly<Record<string, string>>): Promise<ClangFinding> => {
    const findings = await search(env);
    expect(findings).toHaveLength(1);
    return findings[0]!;
  };

  test('a clang without the WebAssembly back end, and whose it is', async () => {
    const clang = program('apple/clang', APPLE);
    expect(await one({ PATH: path.dirname(clang) })).toEqual({
      clang, program: clang, foundIn: 'PATH', isFirstOnPath: true,
      versionLine: 'Apple clang version 15.0.0 (clang-1500.1.0.2.5)', clangVersion: '15.0.0', targets: ['aarch64', 'arm64', 'x86-64'], compiler: null, builtins: [],
      verdict: { kind: 'refused', code: 'E_CLANG_NO_WASM', reason: "Apple's clang was built without the WebAssembly back end: it has aarch64, arm64, x86-64", next: expect.stringContaining('wasienv setup --source npm') },
    });
  });

  test('a clang from before WASI', async () => {
    const clang = program('old/clang', { ...LLVM19, '--version': 'clang version 7.0.1' });
    expect((await one({ PATH: path.dirname(clang) })).verdict).toMatchObject({ code: 'E_CLANG_NO_WASM', reason: 'clang 7.0.1 is too old: it knows WebAssembly, but not WASI, which came with clang 8', next: expect.stringContaining('newer clang') });
  });

  test('no wasm-ld', async () => {
    const clang = program('no-ld/clang', LLVM19);
    expect((await one({ PATH: path.dirname(clang) })).verdict).toMatchObject({ code: 'E_NO_WASM_LD', reason: 'no wasm-ld beside it or on PATH' });
  });

  test('a wasm-ld of another LLVM', async () => {
    const clang = program('other-ld/clang', LLVM19);
    const linker = program('elsewhere/wasm-ld', { '--version': 'LLD 18.1.3 (compatible with GNU linkers)' });
    expect((await one({ PATH: `${path.dirname(clang)}:${path.dirname(linker)}` })).verdict).toMatchObject({
      code: 'E_NO_WASM_LD', reason: `no wasm-ld of LLVM 19: ${linker} is LLD 18.1.3. Objects of one LLVM are not safely linked by another`,
    });
  });

  test('no sysroot, with the places that were looked at', async () => {
    const clang = program('no-sysroot/bin/clang', LLVM19);
    program('no-sysroot/bin/wasm-ld', { '--version': 'LLD 19.1.7' });
    expect((await one({ PATH: path.dirname(clang), WASI_SYSROOT: '/nowhere/sysroot' })).verdict).toMatchObject({
      code: 'E_NO_SYSROOT', reason: `no WASI sysroot for it; looked in /nowhere/sysroot, ${path.join(root, 'no-sysroot/share/wasi-sysroot')}`,
    });
  });

  test('a program that fails, one that is not a clang, one that cannot be started', async () => {
    const broken = program('broken/clang', { '--version': 'x' }, 3);
    const other = program('other/clang', { '--version': 'gcc (GCC) 12.2.0' });
    const unstartable = path.join(root, 'unstartable', 'clang');
    mkdirSync(path.dirname(unstartable));
    writeFileSync(unstartable, 'not a program');
    const findings = await search({ PATH: [broken, other, unstartable].map((file) => path.dirname(file)).join(':') });
    expect(findings.map(({ verdict }) => (verdict.kind === 'refused' ? `${verdict.code} ${verdict.reason}` : 'usable'))).toEqual([
      'E_COMPILER `clang --version` fails: exit code 3',
      'E_COMPILER `clang --version` does not say that it is a clang',
      'E_COMPILER `clang --version` cannot be started (EACCES)',
    ]);
  });

  test('a compiler cache that is called clang', async () => {
    const ccache = program('ccache/ccache', {});
    symlinkSync(ccache, path.join(root, 'ccache', 'clang'));
    expect((await one({ PATH: path.dirname(ccache) })).verdict).toMatchObject({ code: 'E_SOURCE', reason: 'this is ccache, not a compiler' });
  });

  test('a dozen of them are asked at once, without a word of Node about leaks', async () => {
    const directories = Array.from({ length: 12 }, (_, index) => path.dirname(program(`many-${index}/clang`, APPLE)));
    const { stderr, stdout } = await runCli(['doctor', '--json'], { env: { PATH: directories.join(path.delimiter), WASIENV_HOME: path.join(root, 'many home') } });
    expect(stderr).toBe('');
    expect(stdout.match(/many-\d+\/clang \(15/g)?.length).toBeGreaterThanOrEqual(12);
  });

  test('one clang under several names is one finding; relative directories of PATH are not searched', async () => {
    const clang = program('names/clang-19', LLVM19);
    symlinkSync(clang, path.join(root, 'names', 'clang'));
    const findings = await search({ PATH: `.:bin:${path.dirname(clang)}` });
    expect(findings.map((finding) => [finding.clang, finding.program, finding.isFirstOnPath])).toEqual([[path.join(root, 'names', 'clang'), clang, true]]);
  });

  test('WASI_SDK_PATH comes before PATH, and both before the usual places', async () => {
    for (const name of ['sdk/bin/clang', 'onpath/clang', 'usual/clang']) program(name, APPLE);
    const findings = await search({ WASI_SDK_PATH: path.join(root, 'sdk'), PATH: path.join(root, 'onpath') }, { directories: [path.join(root, 'usual')] });
    expect(findings.map((finding) => [finding.foundIn, finding.isFirstOnPath])).toEqual([['WASI_SDK_PATH', false], ['PATH', true], [path.join(root, 'usual'), false]]);
  });
});

const ALL: readonly Part[] = ['clang', 'lld', 'sysroot', 'builtins'];
const whole = debianClang(ALL);

describe.skipIf('missing' in whole)(`Debian’s clang${available(whole).why}`, () => {
  const get = (parts: readonly Part[]) => {
    const clang = debianClang(parts);
    if ('missing' in clang) throw new Error(clang.missing);
    return clang;
  };

  test('is usable, with everything a toolchain needs', async () => {
    const { root: tree, env } = get(ALL);
    const findings = await search(env);
    expect(findings).toHaveLength(1);
    const [{ clang, clangVersion, verdict, isFirstOnPath }] = findings as [ClangFinding];
    expect({ clang, clangVersion, isFirstOnPath }).toEqual({ clang: `${tree}/usr/bin/clang-14`, clangVersion: expect.stringMatching(/^14\./), isFirstOnPath: false });
    expect(verdict).toMatchObject({
      kind: 'usable', rootDir: `${tree}/usr/lib/llvm-14`,
      layout: {
        sysroot: `${tree}/usr`, target: 'wasm32-wasi', resourceDir: `${tree}/usr/lib/llvm-14/lib/clang/${clangVersion}`,
        builtins: `${tree}/usr/lib/llvm-14/lib/clang/${clangVersion}/lib/wasi/libclang_rt.builtins-wasm32.a`,
        programs: { kind: 'native', tools: { clang, 'clang++': `${tree}/usr/bin/clang++-14`, 'wasm-ld': `${tree}/usr/lib/llvm-14/bin/wasm-ld`, ar: `${tree}/usr/bin/llvm-ar-14` } },
      },
    });
  });

  test.each<[string, readonly Part[], string, string]>([
    ['lld', ['clang', 'sysroot', 'builtins'], 'E_NO_WASM_LD', 'apt install lld-14'],
    ['wasi-libc', ['clang', 'lld', 'builtins'], 'E_NO_SYSROOT', 'apt install wasi-libc'],
    ['builtins', ['clang', 'lld', 'sysroot'], 'E_NO_BUILTINS', 'apt install libclang-rt-14-dev-wasm32'],
  ])('without %s is refused, with the package to install', async (_, parts, code, next) => {
    const [finding] = await search(get(parts).env);
    expect(finding!.verdict).toMatchObject({ kind: 'refused', code, next: expect.stringContaining(next) });
  });

  test('the builtins it misses are named by the path where it looks', async () => {
    const { root: tree, env } = get(['clang', 'lld', 'sysroot']);
    const [finding] = await search(env);
    expect(finding!.verdict).toMatchObject({ reason: expect.stringMatching(new RegExp(`looks: ${tree}/usr/lib/llvm-14/.*/libclang_rt\\.builtins-wasm32\\.a for wasm32-wasi$`)) });
  });

  test('takes a sysroot that WASI_SYSROOT names', async () => {
    const sysroot = path.join(get(ALL).root, 'usr');
    const [finding] = await search({ ...get(['clang', 'lld', 'builtins']).env, WASI_SYSROOT: sysroot });
    expect(finding!.verdict).toMatchObject({ kind: 'usable', layout: { sysroot } });
  });

  test('of a sysroot with both names of the target, the one with builtins is taken', async () => {
    const { root: tree, env } = get(ALL);
    const sysroot = path.join(root, 'both names');
    for (const part of ['include', 'lib']) {
      mkdirSync(path.join(sysroot, part), { recursive: true });
      for (const name of ['wasm32-wasi', 'wasm32-wasip1']) symlinkSync(path.join(tree, 'usr', part, 'wasm32-wasi'), path.join(sysroot, part, name));
    }
    const [finding] = await search({ ...env, WASI_SYSROOT: sysroot });
    expect(finding!.verdict).toMatchObject({ kind: 'usable', layout: { sysroot, target: 'wasm32-wasi' } });
  });

  test('is adopted without a change to its files', async () => {
    const { root: tree, env } = get(ALL);
    const listing = () => readdirSync(tree, { recursive: true, encoding: 'utf8' }).sort().map((name) => {
      const stat = statSync(path.join(tree, name), { throwIfNoEntry: false });
      return `${name} ${stat?.size} ${stat?.mtimeMs}`;
    });
    const before = listing();
    const context = { env, cwd: root, platform: process.platform };
    const found = await systemSource.find(context);
    if (found instanceof WasienvError) throw found;
    expect(found.text).toBe(`clang ${found.clangVersion} in ${tree}/usr/bin`);
    const adoption = await systemSource.adopt(found.clang, context);
    expect(adoption.digest).toMatch(/^sha256-[\w+/]+=*$/);
    expect(adoption.files.map((file) => path.basename(file.path))).toEqual(['clang', 'lld', 'libc.a', 'crt1-command.o', 'libclang_rt.builtins-wasm32.a']);
    for (const file of adoption.files) expect(file).toMatchObject({ sizeBytes: statSync(file.path).size, integrity: expect.stringMatching(/^sha256-/) });
    expect((await systemSource.adopt(found.clang, context)).digest).toBe(adoption.digest);
    expect(listing()).toEqual(before);
    expect(await wasienvError(systemSource.adopt('/gone/clang', context))).toBeInstanceOf(WasienvError);
  });
});
