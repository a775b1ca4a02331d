// Build tools with the layouts of several wasi-sdks, from 5 to 34, beside the portable compiler in one home: what a
// project wants is what CMake compiles with, whatever the home uses elsewhere.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli, type CliResult } from '../../support/cli.js';
import { copyHome } from '../../support/copied-home.js';
import { sdkMirror, whyNoMirror } from '../../support/mirror.js';
import { portableHome, portableToolchain } from '../../support/toolchain.js';

const RELEASES = ['5.0', '20.0', '34.0'] as const;
const lacking = ['cmake', 'ctest', 'make'].filter((program) => !['/usr/bin', '/bin', '/usr/local/bin'].some((directory) => existsSync(path.join(directory, program))));
const missing = lacking.length > 0 ? `there is no ${lacking.join(', no ')}` : whyNoMirror();

describe.skipIf(missing !== null)(`in projects that want another wasi-sdk${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  const base = mkdtempSync(path.join(tmpdir(), 'wasienv-pinned-'));
  const home = path.join(base, 'home');
  const env = { WASIENV_HOME: home, WASIENV_MANIFESTS: path.join(base, 'manifests') };
  const wasienv = (args: readonly string[], cwd = base): Promise<CliResult> => runCli(args, { cwd, env });
  beforeAll(async () => {
    await portableToolchain();
    mkdirSync(home);
    copyHome(await portableHome(), home);
    expect(await wasienv(['use', 'portable-clang'])).toMatchObject({ code: 0 });
    const mirror = sdkMirror(RELEASES.map((version) => ['wasi-sdk', version] as const));
    await mirror.writeManifests(env.WASIENV_MANIFESTS);
    for (const version of RELEASES) expect(await wasienv(['setup', `wasi-sdk@${version}`, '--mirror', mirror.directory, '--no-prove', '--quiet'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  test.each(RELEASES)('%s: configured, built and tested with CMake in C and C++', async (version) => {
    const cwd = path.join(base, `project of ${version}`);
    mkdirSync(cwd);
    writeFileSync(path.join(cwd, 'wasienv.json'), JSON.stringify({ schema: 1, components: { 'wasi-sdk': version } }));
    writeFileSync(path.join(cwd, 'CMakeLists.txt'), 'cmake_minimum_required(VERSION 3.10)\nproject(both C CXX)\nadd_executable(both both.cc part.c)\nenable_testing()\nadd_test(NAME runs COMMAND both)\n');
    writeFileSync(path.join(cwd, 'part.c'), 'int part(void) { return __clang_major__; }\n');
    writeFileSync(path.join(cwd, 'both.cc'), '#include <string>\n#include <cstdio>\nextern "C" int part(void);\nint main() { std::string text = "major "; std::printf("%s%d %d\\n", text.c_str(), part(), __clang_major__); return part() == __clang_major__ ? 0 : 1; }\n');
    const configured = await wasienv(['exec', '--', 'cmake', '-B', 'build'], cwd);
    expect(configured.code, configured.stdout + configured.stderr).toBe(0);
    expect(configured.stdout).not.toContain('System is unknown');
    // The build directory knows its compiler: what the home uses elsewhere, or uses then, is nothing to it.
    const built = await wasienv(['exec', '--', 'cmake', '--build', 'build'], cwd);
    expect(built.code, built.stdout + built.stderr).toBe(0);
    const tested = await wasienv(['exec', '--', 'ctest', '--test-dir', 'build', '-V'], cwd);
    const major = { '5.0': 14, '20.0': 16, '34.0': 22 }[version];
    expect(tested.stdout).toMatch(new RegExp(`major ${major} ${major}\\n`));
    expect(tested.stdout).toContain('100% tests passed');
    expect(readFileSync(path.join(cwd, 'build', 'CMakeCache.txt'), 'utf8')).toMatch(new RegExp(`/env/(?:pinned/wasi-sdk-${version.replace('.', '\\.')}-[0-9a-f]+/)?bin/wasm32-wasip1-ar`));
  });

  test('what stands for a version goes with it, and everything with the last', async () => {
    const pinned = () => (existsSync(path.join(home, 'env/pinned')) ? readdirSync(path.join(home, 'env/pinned')).map((name) => name.replace(/-[0-9a-f]+$/, '')).sort() : []);
    expect(await wasienv(['use', 'portable-clang'])).toMatchObject({ code: 0 });
    expect(pinned()).toEqual(['wasi-sdk-20.0', 'wasi-sdk-5.0']);
    expect(await wasienv(['uninstall', 'wasi-sdk@5.0'])).toMatchObject({ code: 0 });
    expect(pinned()).toEqual(['wasi-sdk-20.0']);
    expect(await wasienv(['uninstall', '--all', '--force'])).toMatchObject({ code: 0 });
    expect(existsSync(path.join(home, 'env'))).toBe(false);
  });
});
