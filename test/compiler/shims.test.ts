// The shims of native compilers give clang what `wasienv cc` would, held by a clang that prints its arguments; those of
// the portable one start wasienv. Linux and macOS in real sh, Windows as text.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compilerArguments, compilerParts } from '../../src/compiler/arguments.js';
import { makeShims } from '../../src/compiler/shims.js';
import type { Toolchain } from '../../src/toolchain/index.js';
import { NAMES, PORTABLE, native } from '../setenv/toolchains.js';

const root = mkdtempSync(path.join(tmpdir(), "wasienv it's $shims "));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const sdk = path.join(root, 'sdk');
const ECHO = '#!/bin/sh\nprintf "%s\\0" "${0##*/}" "$@" "CPATH=${CPATH-}" "PATH=$PATH"\n';

beforeAll(() => {
  mkdirSync(path.join(sdk, 'bin'), { recursive: true });
  for (const name of Object.values(NAMES)) writeProgram(path.join(sdk, 'bin', name), ECHO);
});

function writeProgram(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

const request = (toolchain: Toolchain, platform: NodeJS.Platform = 'linux') =>
  ({ toolchain, home: path.join(root, 'home'), platform, node: process.execPath, script: path.join(root, 'wasienv.mjs'), title: 'made for a test' }) as const;

let count = 0;
/** Runs a shim and gives what the program behind it saw. */
function run(toolchain: Toolchain, name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): { program: string; args: string[]; cpath: string; path: string; stderr: string } {
  const directory = path.join(root, `shims-${count++}`);
  mkdirSync(directory);
  const file = path.join(directory, name);
  writeProgram(file, makeShims(request(toolchain)).prefixed.get(name) ?? makeShims(request(toolchain)).bare.get(name)!);
  const { stdout, stderr, error } = spawnSync(file, args, { env: { PATH: '/usr/bin:/bin', ...env }, encoding: 'utf8', cwd: root });
  if (error !== undefined) throw error;
  const seen = stdout.split('\0');
  return { program: seen[0]!, args: seen.slice(1, -3), cpath: seen.at(-3)!, path: seen.at(-2)!, stderr };
}

const LINES: readonly (readonly string[])[] = [
  ['-c', 'a.c', '-o', 'a.o'], ['a.c', '-o', 'a'], ['-o', 'a', 'a.o', 'b.o', '-lm'], ['-E', 'a.c', '-o', '-'], ['-S', 'a.c', '-o', 'a.s'], ['-MM', 'a.c', '-o', 'a.d'],
  ['-c', 'a.cc', '-o', 'a.o'], ['a.cpp', 'b.C', '-o', 'a'], ['-c', '-DX="a b"', "-DY='$z'", 'with space.c', '-o', 'x.o'], ['-shared', 'a.o', '-o', 'a.so'],
  ['-r', 'a.o', '-o', 'b.o'], ['--target=wasm32-wasi', '-c', 'a.c', '-o', 'a.o'], ['-c', 'a.c', '-o', 'a.o', '--target=wasm32-wasip1'], ['-target', 'wasm32-unknown-wasi', 'a.c', '-o', 'a'],
  ['--target=wasm32-unknown-unknown-wasi', 'a.c', '-o', 'a'], ['-c', 'a\nb.c', '-o', ''], ['-cc1', '-emit-obj', 'a.c'], ['-fsyntax-only', 'a.c', '-o', 'x'],
  ['--target=wasm32-unknown-wasip1', 'a.cc', '-o', 'a', '-fwasm-exceptions'], ['-fwasm-exceptions', '-target', 'wasm32-wasi', 'a.o', '-o', 'a'], ['--target=wasm32-wasip1', '--target=wasm32-wasi', '-c', 'a.cpp', '-o', 'a.o'],
  ['-fwasm-exceptions', '-c', 'a.cc', '-o', 'a.o'],
];

describe.each([
  ['wasm32-wasip1, clang 22', { target: 'wasm32-wasip1', clangVersion: '22.1.0' }],
  ['wasm32-wasi, clang 14', { target: 'wasm32-wasi', clangVersion: '14.0.6' }],
  ['both names, clang 19', { target: 'wasm32-wasip1', targets: ['wasm32-wasip1', 'wasm32-wasi'], clangVersion: '19.1.7' }],
  ['libraries with and without exceptions, clang 21', { target: 'wasm32-wasi', targets: ['wasm32-wasip1', 'wasm32-wasi'], clangVersion: '21.1.0', exceptionVariants: true as const }],
])('a native compiler: %s', (_, options) => {
  const toolchain = native(sdk, options);

  test.each(['clang', 'clang++'] as const)('%s gets what `wasienv cc` would give it', (driver) => {
    for (const line of LINES) {
      const { program, args, stderr } = run(toolchain, `wasm32-wasip1-${driver}`, line);
      expect(stderr).toBe('');
      expect(program).toBe(driver);
      const wanted = compilerArguments(compilerParts(toolchain, driver), line).args;
      // A name that this clang knows may be said again where the user said it, in either form.
      const known = [options.target, ...('targets' in options ? options.targets : [])];
      const again = (each: string, index: number): boolean => index > 0 && (known.includes(each.replace('--target=', '')) || (each === '-target' && known.includes(args[index + 1]!)));
      expect([line, args.filter((each, index) => !again(each, index))]).toEqual([line, wanted]);
    }
  });

  test('other targets are clang’s business', () => {
    expect(run(toolchain, 'wasm32-wasip1-clang', ['-target', 'x86_64-linux-gnu', '-c', 'a.c']).args.slice(-4)).toEqual(['-target', 'x86_64-linux-gnu', '-c', 'a.c']);
  });

  test('variables for builds for the host do not reach it', () => {
    expect(run(toolchain, 'wasm32-wasip1-clang', ['-c', 'a.c'], { CPATH: '/usr/include' }).cpath).toBe('CPATH=');
  });

  test('the tools get their arguments unchanged', () => {
    for (const [name, program] of [['ar', 'llvm-ar'], ['nm', 'llvm-nm'], ['ranlib', 'llvm-ranlib'], ['objdump', 'llvm-objdump'], ['size', 'llvm-size'], ['strip', 'llvm-strip'], ['wasm-ld', 'wasm-ld'], ['ld', 'wasm-ld']] as const) {
      expect(run(toolchain, `wasm32-wasi-${name}`, ['rcs', "it's $x", ''])).toMatchObject({ program, args: ['rcs', "it's $x", ''] });
    }
  });
});

test('a wasm-opt on PATH is out of sight of a clang that would run it, when it links', () => {
  const here = path.join(root, 'opt bin');
  mkdirSync(here);
  writeProgram(path.join(here, 'wasm-opt'), ECHO);
  const env = { PATH: `${here}:/usr/bin:${here}:/bin` };
  expect(run(native(sdk, { clangVersion: '19.1.7' }), 'wasm32-wasip1-clang', ['a.c', '-o', 'a'], env).path).toBe('PATH=/usr/bin:/bin');
  expect(run(native(sdk, { clangVersion: '19.1.7' }), 'wasm32-wasip1-clang', ['-c', 'a.c'], env).path).toBe(`PATH=${env.PATH}`);
  expect(run(native(sdk, { clangVersion: '22.1.0' }), 'wasm32-wasip1-clang', ['a.c', '-o', 'a'], env).path).toBe(`PATH=${env.PATH}`);
});

test('rust-wasm-ld takes the rust-lld that rustc puts on PATH, and ours where there is none', () => {
  const tools = path.join(root, 'rustc tools');
  mkdirSync(tools);
  writeProgram(path.join(tools, 'rust-lld'), ECHO);
  const toolchain = native(sdk);
  const PATH = `${tools}:/usr/bin:/bin`;
  expect(run(toolchain, 'wasm32-wasip1-rust-wasm-ld', ['-flavor', 'wasm', 'a.o'], { PATH })).toMatchObject({ program: 'rust-lld', args: ['-flavor', 'wasm', 'a.o'] });
  expect(run(toolchain, 'wasm32-wasip1-rust-wasm-ld', ['a.o'], { PATH })).toMatchObject({ program: 'rust-lld', args: ['-flavor', 'wasm', 'a.o'] });
  expect(run(toolchain, 'wasm32-wasip1-rust-wasm-ld', ['-flavor', 'wasm', 'a.o'])).toMatchObject({ program: 'wasm-ld', args: ['a.o'] });
  expect(run(toolchain, 'wasm32-wasip1-rust-wasm-ld', ['a.o'])).toMatchObject({ program: 'wasm-ld', args: ['a.o'] });
});

beforeAll(() => {
  // Stands where bin/wasienv.js would: prints like the programs above.
  writeFileSync(path.join(root, 'wasienv.mjs'), "process.stdout.write(['wasienv', ...process.argv.slice(2), `CPATH=${process.env.WASIENV_TOOLCHAIN ?? ''}`, `PATH=${process.env.WASIENV_HOME}`].map((each) => `${each}\\0`).join(''));\n");
});

describe('what a native shim leaves to wasienv, with the same toolchain', () => {
  test.each([
    ['clang', ['--setjmp', '-c', 'a.c'], ['cc', '--setjmp', '-c', 'a.c']],
    ['clang', ['-O2', 'a.c', '--emulate=signal'], ['cc', '-o', 'a.out', '-O2', 'a.c', '--emulate=signal']],
    ['clang++', ['a.cc', '--emulate', 'signal', '-o', 'b'], ['c++', 'a.cc', '--emulate', 'signal', '-o', 'b']],
    ['clang', ['--stack-size=1M', 'a.o', '-o', 'a'], ['cc', '--stack-size=1M', 'a.o', '-o', 'a']],
    ['clang', ['-Wl,--initial-memory=131072', 'a.o', '-o', 'a'], ['cc', '-Wl,--initial-memory=131072', 'a.o', '-o', 'a']],
    ['clang', ['-Wl,--no-entry,--global-base=1024', 'a.o', '-o', 'a'], ['cc', '-Wl,--no-entry,--global-base=1024', 'a.o', '-o', 'a']],
    ['clang', ['@args'], ['cc', '@args']],
  ])('%s %j', (name, args, wanted) => {
    expect(run(native(sdk), `wasm32-wasip1-${name}`, args)).toMatchObject({ args: wanted, stderr: '', cpath: 'CPATH=wasi-sdk@25.0', path: `PATH=${path.join(root, 'home')}` });
  });
});

describe('the portable compiler', () => {

  test.each([
    ['clang', ['-c', 'a.c'], ['cc', '-c', 'a.c']],
    ['clang', ['a.c', '-o', 'b'], ['cc', 'a.c', '-o', 'b']],
    ['clang', ['a.c'], ['cc', '-o', 'a.out', 'a.c']],
    ['c++', ['--', 'a.cc'], ['c++', '-o', 'a.out', '--', 'a.cc']],
    ['cc', ['-x', 'c', '-'], ['cc', '-o', 'a.out', '-x', 'c', '-']],
    ['clang', ['--version'], ['cc', '--version']],
    ['clang', ['-print-resource-dir'], ['cc', '-print-resource-dir']],
    ['clang', ['@args'], ['cc', '@args']],
    ['clang', [], ['cc']],
    ['ar', ['rcs', "it's $x", ''], ['ar', 'rcs', "it's $x", '']],
    ['rust-wasm-ld', ['-flavor', 'wasm', 'a.o'], ['wasm-ld', 'a.o']],
  ])('%s %j', (name, args, wanted) => {
    const seen = run(PORTABLE, `wasm32-wasip1-${name}`, args);
    expect(seen).toMatchObject({ args: wanted, stderr: '', path: `PATH=${path.join(root, 'home')}` });
  });

  test('run: the directory by both names, that of the package, and the variables of cargo', () => {
    const env = { PWD: root, CARGO_MANIFEST_DIR: '/the package', RUST_BACKTRACE: '1', SECRET: 'x' };
    expect(run(PORTABLE, 'wasm32-wasip1-run', ['target/a.wasm', '--nocapture', ''], env).args).toEqual([
      'run', '--dir', '.', '--dir', root, '--dir', '/the package', '--env', 'CARGO_MANIFEST_DIR=/the package', '--env', 'RUST_BACKTRACE=1', 'target/a.wasm', '--nocapture', '',
    ]);
    expect(run(PORTABLE, 'wasm32-wasip1-run', ['a.wasm'], { PWD: root, CARGO_MANIFEST_DIR: root }).args.filter((each) => each === root)).toHaveLength(1);
  });

  test('says what to do when wasienv has gone', () => {
    const directory = path.join(root, 'gone');
    mkdirSync(directory);
    const file = path.join(directory, 'wasm32-wasip1-clang');
    writeProgram(file, makeShims({ ...request(PORTABLE), script: '/nowhere/wasienv.js' }).prefixed.get('wasm32-wasip1-clang')!);
    const { status, stderr } = spawnSync(file, ['-c', 'a.c'], { env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8' });
    expect([status, stderr]).toEqual([127, 'wasm32-wasip1-clang: wasienv is not at /nowhere/wasienv.js any more; run `wasienv setup` again\n']);
    symlinkSync(path.join(sdk, 'bin', 'clang'), path.join(directory, 'wasienv'));
    expect(spawnSync(file, ['-c', 'a.c'], { env: { PATH: `${directory}:/usr/bin:/bin` }, encoding: 'utf8' }).stdout.split('\0').slice(0, 4)).toEqual(['wasienv', 'cc', '-c', 'a.c']);
  });
});

test('tools that a toolchain lacks have no shim', () => {
  const { prefixed, bare } = makeShims(request(native(sdk, { names: { clang: 'clang' } })));
  expect([...prefixed.keys()]).toEqual(['wasm32-wasip1-clang', 'wasm32-wasip1-cc', 'wasm32-wasip1-run', 'wasm32-wasi-clang', 'wasm32-wasi-cc', 'wasm32-wasi-run']);
  expect([...bare.keys()]).toEqual(['clang']);
});

describe('Windows', () => {
  const onWindows = (toolchain: Toolchain) => makeShims({ ...request(toolchain, 'win32'), home: 'C:\\100% home', node: 'C:\\n o\\node.exe', script: 'C:\\w\\wasienv.js' }).prefixed;

  test('a native compiler is started with its arguments and nothing of the host’s', () => {
    const text = onWindows(native('C:/sdk'))!.get('wasm32-wasip1-clang++.cmd')!;
    expect(text.split('\r\n').filter((line) => !/^@set "\w+="$/.test(line))).toEqual([
      '@rem made for a test',
      '@setlocal DisableDelayedExpansion',
      '@"C:/sdk/bin/clang++" "--target=wasm32-wasip1" "--sysroot=C:/sdk/share/wasi-sysroot" "-resource-dir=C:/sdk/lib/clang/19" "-fno-exceptions" "--start-no-unused-arguments" "-fuse-ld=C:/sdk/bin/wasm-ld" "-Wl,-z,stack-size=1048576" "-Wl,--stack-first" "--end-no-unused-arguments" %*',
      '@exit /b %ERRORLEVEL%',
      '',
    ]);
    expect(text).toContain('@set "CPATH="\r\n');
  });

  test('the portable one starts node', () => {
    expect(onWindows(PORTABLE).get('wasm32-wasip1-run.cmd')).toBe(
      '@rem made for a test\r\n@setlocal DisableDelayedExpansion\r\n@set "WASIENV_HOME=C:\\100%% home"\r\n@"C:\\n o\\node.exe" "C:\\w\\wasienv.js" run --dir . %*\r\n@exit /b %ERRORLEVEL%\r\n',
    );
  });
});
