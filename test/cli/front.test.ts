// The front door without any toolchain: help, version, typos, colours, exit codes; as a person meets them.
import { spawnSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/base/errors.js';
import { COMMAND_NAMES, loadCommand } from '../../src/cli/command-table.js';
import { BIN, ROOT, bareEnvironment, expectGolden, runCli, transcript, withDirectory } from '../support/cli.js';

/** Name of the golden file, and the command line. */
const GOLDEN: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['overview', ['--help']],
  ['no-arguments', []],
  ['help-help', ['help', 'help']],
  ['help-environment', ['help', 'environment']],
  ['help-exit-codes', ['help', 'exit-codes']],
  ['typo-command', ['hlep']],
  ['typo-option', ['help', '--debgu']],
  ['typo-topic', ['help', 'eror']],
  ['unknown-command', ['frobnicate']],
  ['unknown-option', ['help', '--frobnicate']],
  ['unknown-short-option', ['-x']],
  ['value-for-a-switch', ['help', '--debug=yes']],
  ['too-many-operands', ['help', 'run', 'cc']],
  ['option-without-command', ['--no-color']],
];

test.each(GOLDEN)('%s', async (name, args) => {
  expectGolden(name, transcript(args, await runCli(args)));
});

test('--version prints the version of package.json', async () => {
  const { default: manifest } = (await import('../../package.json', { with: { type: 'json' } })) as { default: { version: string } };
  for (const option of ['--version', '-v']) {
    expect(await runCli([option])).toEqual({ code: 0, stdout: `wasienv ${manifest.version}\n`, stderr: '' });
  }
});

describe('every command', () => {
  test.each(COMMAND_NAMES)('%s is described under its own name and shows its help in two ways', async (name) => {
    const command = await loadCommand(name);
    expect(command.name).toBe(name);
    expect(command.usage.length).toBeGreaterThan(0);
    for (const usage of command.usage) expect(usage.split(' ')[0]).toBe(name);
    for (const [, option] of command.usage.join(' ').matchAll(/--([\w-]+)/g)) expect(Object.keys(command.options)).toContain(option);
    for (const { command: line } of command.examples) expect(line).toMatch(/^(?:[^|]+\| )?wasienv /);
    const help = await runCli(['help', name]);
    expect(help.code).toBe(0);
    expect(help.stdout).toContain(`wasienv ${command.usage[0]}`);
    if (command.reading !== 'raw') expect(await runCli([name, '--help'])).toEqual(help);
    expect(await runCli(['--help', name])).toEqual(help);
  });
});

test('`help errors` knows every code', async () => {
  const { stdout } = await runCli(['help', 'errors']);
  for (const [code, meaning] of Object.entries(ERROR_CODES)) expect(stdout).toMatch(new RegExp(`^ +${code} +${meaning.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`, 'm'));
});

describe('colours', () => {
  const coloured = '\u001b[';
  test('off in a pipe', async () => {
    expect((await runCli(['nonsense'])).stderr).not.toContain(coloured);
  });
  test('FORCE_COLOR turns them on, and is stronger than NO_COLOR', async () => {
    expect((await runCli(['nonsense'], { env: { FORCE_COLOR: '1' } })).stderr).toContain(coloured);
    expect((await runCli(['--help'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout).toContain(coloured);
  });
  test('FORCE_COLOR=0 and --no-color turn them off', async () => {
    expect((await runCli(['nonsense'], { env: { FORCE_COLOR: '0' } })).stderr).not.toContain(coloured);
    expect((await runCli(['--no-color', 'help'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain(coloured);
    expect((await runCli(['help', '--no-color'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain(coloured);
  });
});

test('a reader that goes away is no error', async () => {
  const result = await runCli(['help', 'errors'], { whileRunning: (child) => child.stdout!.destroy() });
  expect(result.code).toBe(141);
  expect(result.stderr).toBe('');
});

test('the stack is shown with --debug only', async () => {
  expect((await runCli(['nonsense'])).stderr).not.toContain('    at ');
  expect((await runCli(['--debug', 'nonsense'])).stderr).toMatch(/\n {4}at /);
});

test('a current directory that has been removed is told, where it matters', async () => {
  const script = 'd=$(mktemp -d) && cd "$d" && rmdir "$d" && "$0" "$1" $2';
  const inRemoved = (line: string) => spawnSync('sh', ['-c', script, process.execPath, BIN, line], { encoding: 'utf8', env: bareEnvironment('/nonexistent') });
  expect(inRemoved('help errors').status).toBe(0);
  const { status, stderr } = inRemoved('setup');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^error\[E_FILE\]: the current directory is not there any more\n {2}next .+\n$/);
});

describe('a Node.js that is too old', () => {
  // Node reports its version through a property that can be redefined before our script is loaded.
  const pretend = (version: string) => ['--import', `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`];
  test.each(['12.22.12', '18.20.8', '20.18.0'])('%s is refused before anything of ours loads', async (version) => {
    const result = await runCli(['--version'], { nodeArgs: pretend(version) });
    expect(result.code).toBe(1);
    expect(result.stdout).toBe('');
    expect(result.stderr).toMatch(new RegExp(`^error\\[E_NODE_TOO_OLD\\]: wasienv needs Node\\.js 20\\.18\\.1 or newer, and this is ${version.replaceAll('.', '\\.')}\n  from   .+\n  next   .+\n$`));
  });
  test.each(['20.18.1', '20.19.0', '22.0.0', '100.0.0'])('%s is not too old', async (version) => {
    expect((await runCli(['--version'], { nodeArgs: pretend(version) })).code).toBe(0);
  });
  test('the number agrees with package.json', async () => {
    const { default: manifest } = (await import('../../package.json', { with: { type: 'json' } })) as { default: { engines: { node: string } } };
    expect(manifest.engines.node).toBe('>=20.18.1');
  });
});

test('a checkout that was never built says so', async () => {
  await withDirectory(async (directory) => {
    cpSync(path.join(ROOT, 'bin'), path.join(directory, 'bin'), { recursive: true });
    writeFileSync(path.join(directory, 'package.json'), '{"type":"module"}');
    const { execFile } = await import('node:child_process');
    const result = await new Promise<{ code: unknown; stderr: string }>((resolve) =>
      execFile(process.execPath, [path.join(directory, 'bin', 'wasienv.js'), '--version'], (error, _, stderr) => resolve({ code: error?.code, stderr })),
    );
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/^error\[E_NOT_BUILT\]: .+\n {2}from .+\n {2}next .+npm ci.+\n$/);
  });
});
