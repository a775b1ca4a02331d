// The start of a command is light: it loads what it needs and no more. Watched from inside real processes.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, cpSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileGuest, portableHome, portableToolchain } from '../support/toolchain.js';
import { BIN, ROOT, runCli, withDirectory } from '../support/cli.js';

const HOOK = pathToFileURL(path.join(ROOT, 'test', 'support', 'trace-modules.mjs')).href;

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
  /** A copy of what bin needs, so that its times can be changed. */
  const copy = (directory: string): string => {
    for (const name of ['bin', 'dist', 'package.json']) cpSync(path.join(ROOT, name), path.join(directory, name), { recursive: true, preserveTimestamps: true });
    execFileSync(process.execPath, [path.join(ROOT, 'scripts', 'bundle.mjs'), path.join(directory, 'dist')]);
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

  test('is passed over when dist is newer: somebody ran the compiler alone', () => withDirectory(async (directory) => {
    const script = copy(directory);
    const later = new Date(Date.now() + 60_000);
    utimesSync(path.join(directory, 'dist', 'cli', 'main.js'), later, later);
    expect((await loaded(['--version'], {}, directory, script)).rooms).not.toContain('bundle');
  }));
});
