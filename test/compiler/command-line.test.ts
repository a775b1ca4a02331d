// `wasienv cc` and the tools as real processes: their streams are the terminal's or the pipe's own, and signals and
// readers that go away end them as they would end a native clang.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BIN, runCli } from '../support/cli.js';
import { portableHome, portableToolchain } from '../support/toolchain.js';
import { UNIX } from '../support/skips.js';

let cwd: string;
let temporary: string;
let env: Record<string, string>;

beforeAll(async () => {
  await portableToolchain();
  cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv-cc-cli-')));
  temporary = path.join(cwd, 'temporary');
  mkdirSync(temporary);
  env = { WASIENV_HOME: await portableHome(), TMPDIR: temporary };
  writeFileSync(path.join(cwd, 'first.c'), '#include <stdio.h>\nint main(void) { printf("first\\n"); return 3; }\n');
  writeFileSync(path.join(cwd, 'bad.c'), 'int main(void) { return x; }\n');
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const cc = (...args: string[]) => runCli(['cc', ...args], { cwd, env });

test('cc writes first.wasm and says nothing', async () => {
  expect(await cc('first.c')).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(readFileSync(path.join(cwd, 'first.wasm')).subarray(0, 8)).toEqual(Buffer.from('\0asm\x01\0\0\0', 'latin1'));
});

test('diagnostics and exit code of the compiler and of the linker', async () => {
  expect(await cc('-c', 'bad.c')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^bad\.c:1:25: error: /) });
  writeFileSync(path.join(cwd, 'undefined.c'), 'int gone(void);\nint main(void) { return gone(); }\n');
  expect(await cc('undefined.c')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/undefined symbol: gone\nclang: error: linker command failed with exit code 1/) });
});

test('standard input comes through a pipe, standard output goes through one', async () => {
  const { code, stdout } = await runCli(['cc', '-E', '-P', '-x', 'c', '-'], { cwd, env, input: '#define A ünï\nA\n' });
  expect([code, stdout.trim()]).toEqual([0, 'ünï']);
  expect(await runCli(['cc', '-x', 'c', '-', '-o', 'piped.wasm'], { cwd, env, input: 'int main(void) { return 4; }' })).toEqual({ code: 0, stdout: '', stderr: '' });
  expect((await runCli(['nm', 'piped.wasm'], { cwd, env })).stdout).toMatch(/T (?:main|__original_main|_start)$/m);
});

test('--show prints one line and writes nothing', async () => {
  const { code, stdout } = await cc('--show', 'never built.c');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^clang --target=wasm32-wasip1 .*'never built\.c' -o 'never built\.wasm'\n$/);
  expect(readdirSync(cwd)).not.toContain('never built.wasm');
});

describe.skipIf(UNIX.unmet)(`ends${UNIX.why}`, () => {
  const start = (...args: string[]) => spawn(process.execPath, [BIN, 'cc', ...args], { cwd, env: { ...env, PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = (child: ReturnType<typeof start>) => new Promise<number | string>((resolve) => child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown')));

  test('quietly, with 141, when its reader has gone', async () => {
    writeFileSync(path.join(cwd, 'much.c'), `${'int x;\n'.repeat(200_000)}`);
    const child = start('-E', 'much.c');
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    expect([await ended(child), stderr]).toEqual([141, '']);
  });

  test('with 130 and nothing left behind, on Ctrl-C', async () => {
    writeFileSync(path.join(cwd, 'long.cc'), 'constexpr long spin() { long n = 0; for (long i = 0; i < 2000000000; i++) n += i; return n; }\nstatic_assert(spin() != 1);\nint main() {}\n');
    // -v makes it speak when the endless job begins.
    const child = start('-v', '-fconstexpr-steps=2147483647', 'long.cc');
    child.stderr.once('data', () => child.kill('SIGINT'));
    expect(await ended(child)).toBe(130);
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(cwd)).not.toContain('long.wasm');
  });
});
