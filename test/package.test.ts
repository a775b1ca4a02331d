// What an installed wasienv holds: all it needs at run time, and nothing of the workshop it was made in.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, withDirectory } from './support/cli.js';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const packed = (): string[] => {
  const text = execFileSync(npm, ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return (JSON.parse(text) as [{ files: { path: string }[] }])[0].files.map((file) => file.path);
};

test('npm pack takes what runs, and nothing else', () => {
  const files = packed();
  const has = new Set(files);
  const below = (directory: string, wanted: RegExp) => readdirSync(path.join(ROOT, directory)).filter((name) => wanted.test(name)).map((name) => `${directory}/${name}`);
  for (const needed of [
    'bin/wasienv.js', 'bin/bundle.js', 'bin/package.json', 'dist/cli/main.js', 'dist/wasm/index.js', 'dist/wasm/index.d.ts', 'README.md', 'CHANGELOG.md', 'LICENSE', 'package.json',
    ...below('manifests', /\.json$/), ...below('examples', /./), ...below('src/proof/programs', /./),
  ]) expect([needed, has.has(needed)]).toEqual([needed, true]);
  expect(files.filter((name) => /^(test|bench|\.ci)\//.test(name) || name.startsWith('dist/bundle/compiled/') || (name.startsWith('src/') && name.endsWith('.ts')) || name.startsWith('dist/wasm/text/script.'))).toEqual([]);
});

test('the program is executable and starts node', () => {
  expect(readFileSync(path.join(ROOT, 'bin', 'wasienv.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});

/** Everything the engine's front door has, used as a stranger would. */
const STRANGER = `import { decode, encode, Exception, Global, instantiate, invoke, LinkError, Memory, parse, print, Table, Trap, validate, type ExportedFunction, type ImportObject, type Instance, type Module, type Value } from 'wasienv/wasm';
const module: Module = parse('(module (import "host" "double" (func $double (param i64) (result i64))) (memory (export "memory") 1) (func (export "add") (param i32 i64) (result i64) (i64.add (i64.extend_i32_s (local.get 0)) (call $double (local.get 1)))))');
validate(module);
const imports: ImportObject = { host: { double: (value: bigint) => 2n * value } };
const { exports }: Instance = instantiate(decode(encode(module, { names: true })), imports);
const add = exports['add'] as ExportedFunction;
const memory = exports['memory'];
const bits: readonly Value[] = invoke(add, [{ type: 'i32', value: 1 }, { type: 'i64', value: 20n }]);
const caught = (act: () => unknown): unknown => { try { return act(); } catch (error) { return error instanceof LinkError || error instanceof Trap ? error.code : error; } };
export const seen: string = [add(1, 20n), bits[0]!.type, memory instanceof Memory && memory.view().length, caught(() => instantiate(module)), print(module).length > 100, [Exception, Global, Table].length].join(' ');
`;

test('the engine alone works and has its types with nothing else installed: no dependency, no types of Node', () =>
  withDirectory(async (directory) => {
    const installed = path.join(directory, 'node_modules', 'wasienv');
    mkdirSync(installed, { recursive: true });
    const archive = execFileSync(npm, ['pack', '--json', '--ignore-scripts', '--pack-destination', directory], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], shell: process.platform === 'win32' });
    execFileSync('tar', ['-xzf', path.join(directory, (JSON.parse(archive) as [{ filename: string }])[0].filename), '-C', installed, '--strip-components=1']);
    writeFileSync(path.join(directory, 'package.json'), '{ "type": "module" }');
    writeFileSync(path.join(directory, 'stranger.ts'), STRANGER);
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--target', 'es2022', '--lib', 'es2022', '--module', 'nodenext', '--types', ''];
    const compiled = spawnSync(process.execPath, [path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), ...strict, 'stranger.ts'], { cwd: directory, encoding: 'utf8' });
    expect([compiled.stdout, compiled.status]).toEqual(['', 0]);
    const ran = execFileSync(process.execPath, ['--input-type=module', '-e', 'import { seen } from "./stranger.js"; console.log(seen)'], { cwd: directory, encoding: 'utf8' });
    expect(ran).toBe('41 i64 65536 E_LINK true 3\n');
  }));
