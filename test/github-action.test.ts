// What action.yml runs, with the files and variables a runner of GitHub gives it, and then a step after it.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { copyHome } from './support/copied-home.js';
import { ROOT } from './support/cli.js';
import { portableHome, portableToolchain } from './support/toolchain.js';

const directory = mkdtempSync(path.join(tmpdir(), "wasienv action's "));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** `run:` and `env:` of the one step, as the file has them. */
function step(): { run: string; inputs: string[] } {
  const text = readFileSync(path.join(ROOT, 'action.yml'), 'utf8');
  return { run: /^ {6}run: (.+)$/m.exec(text)![1]!, inputs: [...text.matchAll(/^ {8}(INPUT_\w+): \$\{\{ inputs\.(\w+) \}\}$/gm)].map(([, name]) => name!) };
}

/** GITHUB_ENV and GITHUB_OUTPUT as runners read them. */
function readEnvironmentFile(file: string): Record<string, string> {
  const found: Record<string, string> = {};
  const lines = readFileSync(file, 'utf8').split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, name, end] = /^(\w+)<<(.+)$/.exec(lines[at]!) ?? [];
    if (name === undefined) continue;
    const until = lines.indexOf(end!, at);
    found[name] = lines.slice(at + 1, until).join('\n');
    at = until;
  }
  return found;
}

test('the action sets up, proves, and hands the toolchain to the steps after it', async () => {
  await portableToolchain();
  const home = path.join(directory, 'home');
  copyHome(await portableHome(), home);
  const files = Object.fromEntries(['GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_OUTPUT'].map((name) => [name, path.join(directory, name)]));
  for (const file of Object.values(files)) writeFileSync(file, '');
  const { run, inputs } = step();
  expect(inputs).toEqual(['INPUT_COMPONENTS', 'INPUT_OPTIONS', 'INPUT_BARE']);
  const runner = { PATH: process.env['PATH']!, HOME: directory, RUNNER_TEMP: directory, GITHUB_ACTION_PATH: ROOT, WASIENV_HOME: home, ...files };
  const shown = execFileSync('bash', ['-c', run], { cwd: directory, encoding: 'utf8', env: { ...runner, INPUT_COMPONENTS: '', INPUT_OPTIONS: '--quiet  --offline', INPUT_BARE: 'false' } });
  expect(shown).toBe('');
  const output = readEnvironmentFile(files['GITHUB_OUTPUT']!);
  expect(output).toEqual({ home, sysroot: expect.stringContaining(`${home}/components/`) });
  expect(output['sysroot']).not.toMatch(/\s$/);

  const after = { ...runner, ...readEnvironmentFile(files['GITHUB_ENV']!) };
  for (const line of readFileSync(files['GITHUB_PATH']!, 'utf8').trimEnd().split('\n')) after.PATH = `${line}:${after.PATH}`;
  expect(after).toMatchObject({ CC_wasm32_wasip1: 'wasm32-wasip1-clang' });
  expect(after).not.toHaveProperty('CC');
  const work = path.join(directory, 'work');
  mkdirSync(work);
  cpSync(path.join(ROOT, 'examples', 'first.c'), path.join(work, 'first.c'));
  expect(execFileSync('bash', ['-c', 'wasienv cc first.c && wasienv run first.wasm && wasm32-wasip1-clang first.c && wasm32-wasip1-run a.out'], { cwd: work, env: after, encoding: 'utf8' })).toBe('First wasi...\nFirst wasi...\n');
});

test('a setup that fails fails the step', () => {
  const { status } = spawnSync('bash', ['-c', step().run], {
    env: { PATH: process.env['PATH']!, HOME: directory, RUNNER_TEMP: directory, GITHUB_ACTION_PATH: ROOT, WASIENV_HOME: path.join(directory, 'none'), GITHUB_ENV: '/dev/null', GITHUB_PATH: '/dev/null', GITHUB_OUTPUT: '/dev/null', INPUT_COMPONENTS: 'wasi-sdk@99', INPUT_OPTIONS: '', INPUT_BARE: 'false' },
  });
  expect(status).toBe(1);
});
