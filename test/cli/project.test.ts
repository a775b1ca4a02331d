// Projects from the command line: what a pin, a lock and WASIENV_TOOLCHAIN choose, and what `setup` makes of them.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readReceipts } from '../../src/toolchain/index.js';
import { expectGolden, runCli, transcript, type CliResult } from '../support/cli.js';
import { schemaFaults } from '../support/json-schema.js';
import type { Registry } from '../support/registry.js';
import { PACKAGES, faultsOfHome, release, versionInUse, type Workshop } from '../support/workshop.js';
import { workshopForEach } from '../support/workshop-for-each.js';

let registry: Registry;
let workshop: Workshop;
let deep: string;
workshopForEach((own, shared) => {
  [workshop, registry] = [own, shared];
  deep = path.join(workshop.cwd, 'src', 'deep');
  mkdirSync(deep, { recursive: true });
});

const at = (name: string): string => path.join(workshop.cwd, name);
const pin = (wanted: string, over: object = {}): void => writeFileSync(at('wasienv.json'), JSON.stringify({ schema: 1, components: { 'portable-clang': wanted }, ...over }));
const cli = (args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = deep): Promise<CliResult> => runCli(args, { cwd, env: { ...workshop.env, ...env } });
const golden = async (name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> => {
  const result = await cli(args, env);
  expectGolden(name, transcript(args, result, [[/(?<=^environ  ).*$/m, '…'], [workshop.home, 'HOME'], [workshop.cwd, 'PROJECT'], [/\b[\d.]+ m?s\b/, 'TIME'], [/sha512-[A-Za-z0-9+/]{86}==/, 'sha512-…'], [/-[0-9a-f]{8}(?=[-./)\n])/, '-DIGEST'], [/\d+ kB/, 'SIZE']]));
  return result;
};
const usedHere = async (env: Readonly<Record<string, string>> = {}, cwd = deep): Promise<string> => {
  const { stdout, stderr } = await cli(['which', '--json'], env, cwd);
  return stderr === '' ? (JSON.parse(stdout) as { version: string }).version : stderr;
};
const both = async (): Promise<void> => {
  await workshop.setup({ version: '1.0.0' });
  await workshop.setup({ version: '2.0.0' });
};

describe('a pin', () => {
  test('chooses among what is installed, found upwards, for its project alone', async () => {
    await both();
    for (const wanted of ['1.0.0', '^1', '<2', '1']) {
      pin(wanted);
      expect(await usedHere()).toBe('1.0.0');
    }
    pin('>=1');
    expect(await usedHere()).toBe('2.0.0');
    pin('stable');
    expect(await usedHere()).toBe('2.0.0');
    pin('^1');
    expect((await cli(['list'])).stdout).toMatch(/^\* {2}portable-clang {2}1\.0\.0.*\n {3}portable-clang {2}2\.0\.0/);
    expect((await cli(['cc', '--show', 'a.c'])).stdout).toContain('portable-clang/1.0.0-');
    expect(await usedHere({}, workshop.root)).toBe('2.0.0');
    expect((await cli(['use', 'portable-clang@2.0.0'])).stderr).toContain('the project in this directory uses another version');
  });

  test('gives way to WASIENV_TOOLCHAIN', async () => {
    await both();
    pin('^1');
    expect(await usedHere({ WASIENV_TOOLCHAIN: 'portable-clang@2.0.0' })).toBe('2.0.0');
    expect(await usedHere({ WASIENV_TOOLCHAIN: 'portable-clang' })).toBe('2.0.0');
    expect(await usedHere({ WASIENV_TOOLCHAIN: '' })).toBe('1.0.0');
    expect(await usedHere({ WASIENV_TOOLCHAIN: 'portable-clang@7' })).toContain('E_NOT_INSTALLED');
    expect(await usedHere({ WASIENV_TOOLCHAIN: 'clang' })).toContain('E_PIN');
  });

  test('that is not installed names setup, which installs it and leaves the choice of the home alone', async () => {
    await workshop.setup({ version: '2.0.0' });
    pin('^1');
    for (const [name, args] of [['project-not-installed', ['cc', 'a.c']], ['project-list', ['list']]] as const) await golden(name, args);
    await golden('project-setup', ['setup', '--no-prove']);
    expect(await usedHere()).toBe('1.0.0');
    expect(await versionInUse(workshop.home)).toBe('2.0.0');
    await golden('project-setup-again', ['setup', '--no-prove']);
    expect(await faultsOfHome(workshop.home)).toEqual([]);
  });

  test('in an empty home is what the home then uses', async () => {
    pin('^1');
    expect((await cli(['setup', '--no-prove', '--quiet'])).code).toBe(0);
    expect(await versionInUse(workshop.home)).toBe('1.0.0');
  });

  test('is kept by prune', async () => {
    await both();
    pin('^1');
    // In use by the home is 2.0.0, by the project 1.0.0: both stay.
    expect((await cli(['prune', '--dry-run'])).stdout).toBe('nothing to remove\n');
    expect(await usedHere()).toBe('1.0.0');
  });

  test.each([
    ['half a file', '{ "schema": 1', 'it is not JSON'],
    ['a list', '[]', 'it is not an object'],
    ['no schema', '{ "components": { "builtins": "1" } }', 'its schema is undefined'],
    ['another schema', '{ "schema": 2, "components": { "builtins": "1" } }', 'its schema is 2'],
    ['what a newer wasienv wrote', '{ "schema": 2, "unheard-of": {} }', 'a newer wasienv wrote it: update wasienv'],
    ['nothing', '{ "schema": 1, "components": {} }', 'names at least one'],
    ['an unknown component', '{ "schema": 1, "components": { "clang": "1" } }', 'no component "clang"'],
    ['a number', '{ "schema": 1, "components": { "wasi-sdk": 30 } }', '`components.wasi-sdk` is not a version'],
    ['two compilers', '{ "schema": 1, "components": { "wasi-sdk": "30", "portable-clang": "1" } }', 'more than one compiler'],
    ['an unknown source', '{ "schema": 1, "components": { "wasi-sdk": "30" }, "source": "cargo" }', '`source` is "cargo"'],
    ['an unknown field', '{ "schema": 1, "components": { "wasi-sdk": "30" }, "mirror": "http://evil" }', 'unknown field `mirror`'],
    ['a prototype', '{ "schema": 1, "components": { "__proto__": "30" } }', 'no component "__proto__"'],
  ])('with %s is refused with its file', async (_name, text, why) => {
    writeFileSync(at('wasienv.json'), text);
    const { code, stderr } = await cli(['which']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error\[E_PIN\]/);
    expect(stderr).toContain(why);
    expect(stderr).toContain(at('wasienv.json'));
  });

  test('is as its schema says', () => {
    pin('^1', { source: 'npm' });
    expect(schemaFaults('project.schema.json', JSON.parse(readFileSync(at('wasienv.json'), 'utf8')))).toEqual([]);
  });
});

describe('a lock', () => {
  test('is written for every host, and followed until it no longer fits', async () => {
    await both();
    pin('^1');
    await golden('lock', ['lock']);
    // Other versions of zlib compress otherwise.
    expectGolden('lock-file', readFileSync(at('wasienv.lock'), 'utf8').replace(/sha512-[^"]+/, 'sha512-…').replace(/"sizeBytes": \d+/, '"sizeBytes": SIZE'));
    expect(schemaFaults('lock.schema.json', JSON.parse(readFileSync(at('wasienv.lock'), 'utf8')))).toEqual([]);
    await golden('lock-unchanged', ['lock']);
    await golden('lock-check', ['lock', '--check']);
    expect(await usedHere()).toBe('1.0.0');
    pin('^2');
    await golden('lock-out-of-date', ['which', 'clang']);
    expect((await golden('lock-check-differs', ['lock', '--check'])).code).toBe(1);
    expect((await cli(['lock'])).code).toBe(0);
    expect(await usedHere()).toBe('2.0.0');
  });

  test('of a channel stays where it was when the channel moves on', async () => {
    await workshop.setup({ version: '1.0.0' });
    const rows = ['1.0.0', '2.0.0'].map((version) => release(version, PACKAGES.get(`clang-${version}.tgz`)!));
    workshop.manifests([rows[0]!]);
    pin('stable');
    expect((await cli(['lock'])).code).toBe(0);
    workshop.manifests(rows);
    expect((await cli(['lock', '--check'])).code).toBe(0);
    expect(await usedHere()).toBe('1.0.0');
    expect((await cli(['setup', '--locked', '--no-prove'])).stdout).toContain('portable-clang 1.0.0');
  });

  test('without a pin holds what is in use', async () => {
    await both();
    expect((await cli(['lock'], {}, workshop.cwd)).code).toBe(0);
    expect(JSON.parse(readFileSync(at('wasienv.lock'), 'utf8'))).toMatchObject({ components: { 'portable-clang': { wanted: '2.0.0', version: '2.0.0', source: 'npm' } } });
    await cli(['use', 'portable-clang@1.0.0']);
    expect(await usedHere()).toBe('2.0.0');
  });

  test('--locked installs exactly it, on a machine that has nothing', async () => {
    pin('^1');
    await cli(['lock']);
    expect((await golden('setup-locked', ['setup', '--locked', '--no-prove'])).code).toBe(0);
    expect([...readReceipts(workshop.home).good.values()].map(({ version }) => version)).toEqual(['1.0.0']);
  });

  test('--locked refuses without a lock, with a COMPONENT, and what the manifests contradict', async () => {
    pin('^1');
    await golden('setup-locked-without', ['setup', '--locked']);
    await golden('setup-locked-component', ['setup', '--locked', 'wasi-sdk']);
    await cli(['lock']);
    const other = PACKAGES.get('clang-2.0.0.tgz')!;
    workshop.manifests([release('1.0.0', other, {})]);
    registry.fault = { kind: 'ok' };
    await golden('setup-locked-contradicted', ['setup', '--locked']);
    expect((await golden('lock-check-contradicted', ['lock', '--check'])).code).toBe(1);
    expect(registry.requests).toEqual([]);
  });

  test('that says nothing of this machine is refused', async () => {
    const row = release('1.0.0', PACKAGES.get('clang-1.0.0.tgz')!, { hosts: ['linux-x64'] });
    workshop.manifests([row]);
    pin('^1');
    await cli(['lock']);
    const text = readFileSync(at('wasienv.lock'), 'utf8').replaceAll('"linux-x64"', '"aix-ppc64"');
    writeFileSync(at('wasienv.lock'), text);
    expect((await cli(['which'])).stderr).toMatch(/^error\[E_PROJECT_LOCK\]: wasienv\.lock has no digest of portable-clang 1\.0\.0 for this machine/);
  });

  test.each(['', 'null', '{"schema":1}', '{"schema":3,"components":{}}', '{"schema":1,"components":{"x":{}}}', '{"schema":1,"components":{"wasi-sdk":{"wanted":"1","version":"1","source":"npm","artifacts":[{"hosts":["any"],"location":"x","sizeBytes":1,"integrity":"md5-x"}]}}}'])('that reads %j is refused', async (text) => {
    writeFileSync(at('wasienv.lock'), text);
    expect(await cli(['which'])).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error\[E_PROJECT_LOCK\]/) });
    rmSync(at('wasienv.lock'));
  });
});
