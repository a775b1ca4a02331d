// The start of a command is light: it loads what it needs and no more. Watched from inside real processes.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chownSync, copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileGuest, portableHome, portableToolchain } from '../support/toolchain.js';
import { BIN, ROOT, runCli, withDirectory } from '../support/cli.js';

const HOOK = pathToFileURL(path.join(ROOT, 'test', 'support', 'trace-modules.mjs')).href;

/** Of the files of the bundle that a command line loads: how many come without code that was kept, and of how many V8 does not want it. */
async function usesKept(script: string, args: readonly string[], cwd: string): Promise<{ without: number; rejected: number }> {
  const trace = path.join(cwd, `kept-${randomUUID()}.txt`);
  // Deep in the run, for what is loaded late; a preloaded file is no option that V8 knows.
  const hook = `import vm from 'node:vm'; import { appendFileSync } from 'node:fs'; vm.Script = class extends vm.Script { constructor(source, options) { super(source, options); appendFileSync(${JSON.stringify(trace)}, (options.cachedData === undefined ? 'without' : this.cachedDataRejected ? 'rejected' : 'kept') + '\\n'); } };`;
  await runCli(args, { cwd, script, nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(hook)}`] });
  const lines = readFileSync(trace, 'utf8').trim().split('\n');
  expect(lines.length).toBeGreaterThan(0);
  return { without: lines.filter((line) => line === 'without').length, rejected: lines.filter((line) => line === 'rejected').length };
}

/** The npm packages and the files of dist/ that a command line loads. */
async function loaded(args: readonly string[], env: Readonly<Record<string, string>>, cwd: string, script = path.join(ROOT, 'test', 'support', 'unbundled.mjs')): Promise<{ packages: string[]; rooms: string[]; files: string[]; exit: number | string }> {
  const trace = path.join(cwd, `trace-${randomUUID()}.txt`);
  const { code } = await runCli(args, { cwd, env: { ...env, WASIENV_TEST_TRACE: trace }, nodeArgs: ['--import', HOOK], script });
  const urls = readFileSync(trace, 'utf8').split('\n');
  const unique = (found: readonly (string | undefined)[]) => [...new Set(found.filter((each) => each !== undefined))].sort();
  return {
    exit: code,
    packages: unique(urls.map((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1])),
    files: unique(urls.map((url) => /\/dist\/(.+)$/.exec(url)?.[1])),
    rooms: unique(urls.map((url) => /\/dist\/(\w+)\//.exec(url)?.[1])),
  };
}

test('the hook sees packages', async () => {
  await withDirectory(async (directory) => {
    const { packages } = await loaded(['setup', '--dry-run'], { WASIENV_HOME: path.join(directory, 'home'), npm_config_registry: 'http://127.0.0.1:9/' }, directory);
    expect(packages).toContain('undici');
  });
});

describe('no package at all', () => {
  test.each([['--version'], ['--help'], ['help errors'], ['setup --help'], ['nonsense']])('%s', async (line) => {
    await withDirectory(async (directory) => {
      const { packages, rooms } = await loaded(line.split(' '), {}, directory);
      expect(packages).toEqual([]);
      expect(rooms.filter((room) => !['cli', 'base'].includes(room))).toEqual([]);
    });
  });
});

describe('with a toolchain installed', () => {
  let home: string;
  beforeAll(async () => {
    await portableToolchain();
    home = await portableHome();
  });

  test('cc loads the compiler and nothing of setup, proof or engine', async () => {
    await withDirectory(async (directory) => {
      copyFileSync(path.join(ROOT, 'examples', 'first.c'), path.join(directory, 'first.c'));
      const { packages, rooms, exit } = await loaded(['cc', 'first.c'], { WASIENV_HOME: home }, directory);
      expect(exit).toBe(0);
      expect(packages).toEqual([]);
      expect(rooms).toEqual(['base', 'cli', 'compiler', 'toolchain', 'wasi']);
    });
  });

  test('run loads program, engine and WASI, and neither a package nor the text format', async () => {
    const guest = await compileGuest({ file: path.join(ROOT, 'examples', 'first.c') });
    await withDirectory(async (directory) => {
      const { packages, rooms, files, exit } = await loaded(['run', guest], {}, directory);
      expect(exit).toBe(0);
      expect(packages).toEqual([]);
      expect(rooms).toEqual(['base', 'cli', 'program', 'wasi', 'wasm']);
      expect(files.filter((file) => file.startsWith('wasm/text/') || file === 'wasm/binary/encode.js')).toEqual([]);
      // What watches, repeats or explains a run is loaded when it is asked for.
      expect(files.filter((file) => /watched|report|lessons|strace|observe|record|replay|cross-check|deterministic|program\/host\/|help/.test(file))).toEqual([]);
      // A program without threads waits for nothing of them.
      expect(files.filter((file) => /program\/threads\/|shared-counter|awaited-input|beside-threads/.test(file))).toEqual([]);
    });
  });

  test('run --engine host loads the engine of Node beside it, and nothing that watches', async () => {
    const guest = await compileGuest({ file: path.join(ROOT, 'examples', 'first.c') });
    await withDirectory(async (directory) => {
      const { files, exit } = await loaded(['run', '--engine', 'host', guest], {}, directory);
      expect(exit).toBe(0);
      expect(files).toContain('program/host/engine.js');
      expect(files.filter((file) => /watched|strace|observe|record|replay|cross-check/.test(file))).toEqual([]);
    });
  });

  test('a setup with nothing to do loads no way to fetch, unpack or draw', async () => {
    await withDirectory(async (directory) => {
      const { packages, exit } = await loaded(['setup', '--dry-run'], { WASIENV_HOME: home }, directory);
      expect(exit).toBe(0);
      for (const heavy of ['undici', 'tar', 'listr2', '@npmcli/config']) expect(packages).not.toContain(heavy);
    });
  });
});

describe('the bundle', () => {
  let built: string;
  beforeAll(() => {
    built = mkdtempSync(path.join(tmpdir(), 'wasienv-bundle-'));
    for (const name of ['bin', 'dist', 'package.json']) cpSync(path.join(ROOT, name), path.join(built, name), { recursive: true, preserveTimestamps: true });
    execFileSync(process.execPath, [path.join(ROOT, 'scripts', 'bundle.mjs'), path.join(built, 'dist')]);
    return () => rmSync(built, { recursive: true });
  });

  /** A copy of what bin needs, so that it can be changed. */
  const copy = (directory: string): string => {
    cpSync(built, directory, { recursive: true, preserveTimestamps: true });
    return path.join(directory, 'bin', 'wasienv.js');
  };

  test('is what bin loads: a few files where there were many, and as lazily', () => withDirectory(async (directory) => {
    const script = copy(directory);
    const version = await loaded(['--version'], {}, directory, script);
    const unbundled = await loaded(['--version'], {}, directory);
    expect(version).toMatchObject({ exit: 0, rooms: ['bundle'], packages: [] });
    expect(version.files.length).toBeLessThan(unbundled.files.length);
    const wasm = await compileGuest('int main(void) { return 7; }');
    const run = await loaded(['run', wasm], {}, directory, script);
    expect(run).toMatchObject({ exit: 7, rooms: ['bundle'], packages: [] });
    expect(run.files.length).toBeLessThan((await loaded(['run', wasm], {}, directory)).files.length / 2);
    // A thread begins with a file of the bundle, and has all it needs there.
    const threads = path.join(directory, 'threads.wat');
    writeFileSync(threads, `(module (import "env" "memory" (memory 1 1 shared)) (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (func (export "wasi_thread_start") (param i32 i32) (call $exit (i32.const 9)))
      (func (export "_start") (drop (call $spawn (i32.const 0))) (loop (br 0))))`);
    rmSync(path.join(directory, 'dist', 'program'), { recursive: true });
    for (const engine of ['host', 'interpreter']) expect(await runCli(['run', '--engine', engine, threads], { cwd: directory, script })).toEqual({ code: 9, stdout: '', stderr: '' });
    // What finds files beside itself finds them from the bundle, too.
    expect((await runCli(['list-remote'], { cwd: directory, script: BIN })).stdout).toContain('wasi-sdk');
  }));

  test('loads nothing of Node that a hello into a pipe has no use for', () => withDirectory(async (directory) => {
    const script = copy(directory);
    const wasm = await compileGuest('#include <stdio.h>\nint main(void) { puts("hello"); }');
    const preload = path.join(directory, 'preload.cjs');
    const trace = path.join(directory, 'node-modules.txt');
    writeFileSync(preload, `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(trace)}, process.moduleLoadList.join('\\n')));`);
    const nodeModules = async (args: readonly string[], file: string) => {
      expect((await runCli(args, { cwd: directory, script: file, nodeArgs: ['--require', preload] })).code).toBe(0);
      return new Set(readFileSync(trace, 'utf8').split('\n').map((line) => line.replace(/^NativeModule /, '')));
    };
    const run = await nodeModules(['run', wasm], script);
    expect(run).toContain('vm');
    for (const heavy of ['net', 'tty', 'stream', 'crypto', 'worker_threads', 'child_process', 'http', 'internal/abort_controller']) expect(run).not.toContain(heavy);
    // They are where they are wanted.
    expect(await nodeModules(['list'], BIN)).toContain('crypto');
  }));

  test('leaves the code V8 made of it beside itself, for the next process of the same command', () => withDirectory(async (directory) => {
    const script = copy(directory);
    const compiled = path.join(directory, 'dist', 'bundle', 'compiled', `${process.version}-${process.arch}`);
    const wasm = await compileGuest('#include <stdio.h>\nint main(int argc, char **argv) { puts("hello"); return argc - 1; }');
    const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}, nodeArgs: readonly string[] = []) => runCli(args, { script, cwd: directory, env, nodeArgs });
    const kept = () => (existsSync(compiled) ? readdirSync(compiled).sort() : []);

    // Nothing of what failed, with other settings of V8, or where it is not wanted.
    expect(await start(['run', wasm, 'one'])).toMatchObject({ code: 1, stdout: 'hello\n' });
    await start(['--version'], {}, ['--no-opt']);
    await start(['--version'], { NODE_OPTIONS: '--no-opt' });
    await start(['--version'], { NODE_DISABLE_COMPILE_CACHE: '1' });
    await start(['../../x', '--version']);
    expect(kept()).toEqual([]);

    expect((await start(['--version'])).code).toBe(0);
    expect(await start(['run', wasm])).toMatchObject({ code: 0, stdout: 'hello\n' });
    expect(kept()).toEqual(['--version.code', 'run.code']);
    if (process.platform !== 'win32') expect(statSync(path.join(compiled, 'run.code')).mode & 0o022).toBe(0);
    expect(await usesKept(script, ['run', wasm], directory)).toEqual({ without: 0, rejected: 0 });
    // The same again, with what is there and without writing.
    const before = statSync(path.join(compiled, 'run.code'));
    expect(await start(['run', wasm])).toMatchObject({ code: 0, stdout: 'hello\n' });
    expect(statSync(path.join(compiled, 'run.code'))).toMatchObject({ mtimeMs: before.mtimeMs, ino: before.ino });

    // What is loaded besides is added.
    await start(['run', '--strace', wasm]);
    expect(statSync(path.join(compiled, 'run.code')).size).toBeGreaterThan(before.size);
    expect(await usesKept(script, ['run', '--strace', wasm], directory)).toEqual({ without: 0, rejected: 0 });
  }));

  test('imports what CommonJS cannot load through bin: code that was kept could not', () => withDirectory(async (directory) => {
    const bundle = path.join(directory, 'dist', 'bundle');
    copy(directory);
    const importing = readdirSync(bundle).filter((name) => name.endsWith('.cjs')).flatMap((name) => readFileSync(path.join(bundle, name), 'utf8').match(/\b(?:await |[=[(,]\s*)(?:import|importModule)\(.*/g) ?? []);
    expect(importing.filter((line) => line.includes('importModule("execa")'))).toHaveLength(1);
    expect(importing.filter((line) => /\bimport\(/.test(line))).toEqual([]);
  }));

  test('takes no code that was cut short, is none, or is of another bundle, and replaces it', () => withDirectory(async (directory) => {
    const script = copy(directory);
    const file = path.join(directory, 'dist', 'bundle', 'compiled', `${process.version}-${process.arch}`, '--version.code');
    const version = async () => {
      const { code, stdout, stderr } = await runCli(['--version'], { script, cwd: directory });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    };
    const right = await version();
    const whole = readFileSync(file);
    for (const damaged of [Buffer.alloc(0), whole.subarray(0, -1), whole.subarray(0, 1000), Buffer.alloc(whole.length), Buffer.from('x'.repeat(500)), Buffer.concat([whole, whole.subarray(0, 64)])]) {
      writeFileSync(file, damaged);
      expect(await version()).toBe(right);
      expect(readFileSync(file).length).toBeGreaterThan(1000);
      expect(await usesKept(script, ['--version'], directory)).toEqual({ without: 0, rejected: 0 });
    }
    const main = path.join(directory, 'dist', 'bundle', 'main.cjs');
    const source = readFileSync(main, 'utf8');
    writeFileSync(main, source.replace('print(`wasienv ${', 'print(`WASIENV ${'));
    const later = new Date(Date.now() + 60_000);
    utimesSync(main, later, later);
    expect(await version()).toBe(right.replace('wasienv', 'WASIENV'));
    expect(await usesKept(script, ['--version'], directory)).toEqual({ without: 0, rejected: 0 });
  }));

  test.skipIf(process.platform === 'win32' || process.getuid?.() !== 0)('is written to by its owner alone (needs root, to be somebody else)', () => withDirectory(async (directory) => {
    const script = copy(directory);
    chownSync(path.join(directory, 'dist', 'bundle'), 65534, 65534);
    expect((await runCli(['--version'], { script, cwd: directory })).code).toBe(0);
    expect(existsSync(path.join(directory, 'dist', 'bundle', 'compiled'))).toBe(false);
  }));

  test('says so when a file of it is missing', () => withDirectory(async (directory) => {
    const script = copy(directory);
    const bundle = path.join(directory, 'dist', 'bundle');
    for (const name of readdirSync(bundle)) if (name !== 'main.cjs') rmSync(path.join(bundle, name));
    expect(await runCli(['--version'], { script, cwd: directory })).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^error\[E_NOT_BUILT\]: /) as string });
  }));

  test('is passed over when dist is newer: somebody ran the compiler alone', () => withDirectory(async (directory) => {
    const script = copy(directory);
    const later = new Date(Date.now() + 60_000);
    utimesSync(path.join(directory, 'dist', 'cli', 'main.js'), later, later);
    expect((await loaded(['--version'], {}, directory, script)).rooms).not.toContain('bundle');
  }));
});
