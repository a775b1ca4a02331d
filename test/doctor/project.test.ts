// What doctor says of the directory it is started in, of runtimes, and what --fix mends; on real files and programs.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { CHECKS, runAndFix, runCheck } from '../../src/doctor/checks.js';
import { makeContext, type DoctorContext } from '../../src/doctor/context.js';
import { renderFindings, reportOf, type Finding } from '../../src/doctor/index.js';
import { refreshEnvironment } from '../../src/compiler/index.js';
import { copyHome } from '../support/copied-home.js';
import { schemaFaults } from '../support/json-schema.js';
import { portableHome, portableToolchain } from '../support/toolchain.js';

const root = mkdtempSync(path.join(tmpdir(), 'wasienv-project-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let directory: string;
let number = 0;
beforeEach(() => {
  directory = path.join(root, String(number++));
  mkdirSync(directory);
});

const write = (name: string, text: string): string => {
  const file = path.join(directory, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};
const context = (env: Record<string, string> = {}): DoctorContext => makeContext({
  env: { PATH: '', HOME: path.join(directory, 'user'), WASIENV_HOME: path.join(directory, 'home'), ...env },
  cwd: directory, platform: process.platform, arch: process.arch, nodeVersion: process.versions.node,
}, { deep: false });
const checkOf = (id: string) => CHECKS.find((each) => each.id === id)!;
const check = async (id: string, env: Record<string, string> = {}): Promise<Finding[]> => {
  const findings = await runCheck(checkOf(id), context(env));
  expect(schemaFaults('doctor.schema.json', JSON.parse(JSON.stringify(reportOf(findings, '0.1.0'))))).toEqual([]);
  return findings;
};

describe('a project', () => {
  test('that asks for nothing', async () => {
    write('build/other.txt', '');
    expect(await check('project')).toMatchObject([{ id: 'project', status: 'ok' }]);
  });

  test('whose pin cannot be met, or read', async () => {
    write('wasienv.json', '{ "schema": 1, "components": { "wasi-sdk": "^30" } }');
    expect(await check('project')).toMatchObject([{ id: 'project:pin', title: 'wasienv.json', status: 'problem', next: expect.stringContaining('wasienv setup') }]);
    write('wasienv.json', '{ "components": ');
    expect(await check('project')).toMatchObject([{ id: 'project:pin', status: 'problem', cause: expect.stringContaining('E_PIN') }]);
  });

  test('with a configuration of cargo for programs that are not here', async () => {
    const file = write('.cargo/config.toml', '[build]\ntarget = "wasm32-wasi"\n[target.wasm32-wasi]\nlinker = "/opt/wasi-sdk/bin/wasm-ld"\nrunner = "wasmtime --dir ."\n');
    const findings = await check('project');
    expect(findings.map(({ text }) => text)).toEqual([
      `${file}: names the target \`wasm32-wasi\``,
      `${file}: target.wasm32-wasi.linker is \`/opt/wasi-sdk/bin/wasm-ld\`, which is not on this machine`,
      `${file}: target.wasm32-wasi.runner is \`wasmtime\`, which is not on this machine`,
    ]);
    write('.cargo/config.toml', '[build\n');
    expect(await check('project')).toMatchObject([{ status: 'warning', text: `${file} cannot be understood` }]);
    // Programs that are here, by path or on PATH, and other targets are nobody's business.
    chmodSync(write('bin/run-it', '#!/bin/sh\n'), 0o755);
    write('.cargo/config.toml', '[target.wasm32-wasip1]\nlinker = "bin/run-it"\nrunner = ["run-it", "--dir", "."]\n[target.x86_64-unknown-linux-gnu]\nlinker = "/nowhere"\n');
    expect(await check('project', { PATH: path.join(directory, 'bin') })).toMatchObject([{ status: 'ok' }]);
  });

  test('with a build directory of CMake whose compiler is gone', async () => {
    const file = write('build/CMakeCache.txt', `CMAKE_C_COMPILER:FILEPATH=${directory}/sdk/bin/clang\nCMAKE_CXX_COMPILER:FILEPATH=${process.execPath}\n`);
    expect(await check('project')).toMatchObject([{ id: `cmake-cache:${file}`, status: 'warning', next: 'rm -r build && wasienv exec -- cmake -S . -B build' }]);
    write('sdk/bin/clang', '');
    expect(await check('project')).toMatchObject([{ status: 'ok' }]);
  });
});

test('runtimes are told with their version, and one that does not start as well', async () => {
  chmodSync(write('bin/wasmtime', '#!/bin/sh\necho "wasmtime 31.0.0 (7a9be587f 2025-03-20)"\n'), 0o755);
  chmodSync(write('bin/wasmer', '#!/bin/sh\necho broken >&2\nexit 3\n'), 0o755);
  const findings = await check('runtimes', { PATH: path.join(directory, 'bin') });
  expect(findings).toMatchObject([
    { id: `runtime:${directory}/bin/wasmtime`, title: 'wasmtime', status: 'ok', text: expect.stringContaining('wasmtime 31.0.0') },
    { id: `runtime:${directory}/bin/wasmer`, status: 'note', cause: 'it said: broken' },
  ]);
  expect(await check('runtimes')).toMatchObject([{ status: 'ok' }]);
});

describe('--fix', () => {
  test('writes the environment anew when its files are not as they should be', async () => {
    await portableToolchain();
    const home = path.join(directory, 'home');
    copyHome(await portableHome(), home);
    const env = { WASIENV_HOME: home };
    await refreshEnvironment({ home, env, platform: process.platform });
    expect(await check('environment-files')).toMatchObject([{ status: 'ok' }]);

    if (process.platform !== 'win32') {
      const program = path.join(home, 'env', 'bin', 'wasm32-wasip1-clang');
      // As `umask 077` makes it: the owner may start it, and that is how it was wanted.
      chmodSync(program, 0o700);
      expect(await check('environment-files')).toMatchObject([{ status: 'ok' }]);
      chmodSync(program, 0o644);
      expect(await check('environment-files')).toMatchObject([{ status: 'warning' }]);
      chmodSync(program, 0o755);
    }
    const script = path.join(home, 'env', 'setenv.sh');
    const wanted = readFileSync(script, 'utf8');
    writeFileSync(script, '# somebody was here\n');
    expect(await check('environment-files')).toMatchObject([{ status: 'warning', fix: { done: false } }]);
    const findings = await runAndFix(checkOf('environment-files'), context());
    expect(findings).toMatchObject([{ status: 'ok', fix: { done: true } }]);
    expect(renderFindings(findings)).toContain('fixed  write the scripts and programs of the environment anew');
    expect(readFileSync(script, 'utf8')).toBe(wanted);
  });

  test('removes what killed setups left, and nothing else', async () => {
    const left = write('home/staging/wasi-sdk-0123abcd/half', 'x'.repeat(1000));
    const mine = write('home/my-notes.txt', 'keep');
    expect(await check('leftovers')).toMatchObject([{ status: 'note', fix: { done: false } }]);
    expect(await runAndFix(checkOf('leftovers'), context())).toMatchObject([{ status: 'ok', fix: { done: true } }]);
    expect([existsSync(left), existsSync(mine)]).toEqual([false, true]);
  });

  test('leaves alone what it cannot mend', async () => {
    const before = await check('project');
    expect(await runAndFix(checkOf('project'), context())).toEqual(before);
  });
});
