// What an installed wasienv holds: all it needs at run time, and nothing of the workshop it was made in.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './support/cli.js';

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
    'bin/wasienv.js', 'dist/cli/main.js', 'dist/wasm/index.js', 'dist/wasm/index.d.ts', 'README.md', 'CHANGELOG.md', 'LICENSE', 'package.json',
    ...below('manifests', /\.json$/), ...below('examples', /./), ...below('src/proof/programs', /./),
  ]) expect([needed, has.has(needed)]).toEqual([needed, true]);
  expect(files.filter((name) => /^(test|bench|\.ci)\//.test(name) || (name.startsWith('src/') && name.endsWith('.ts')))).toEqual([]);
});

test('the program is executable and starts node', () => {
  expect(readFileSync(path.join(ROOT, 'bin', 'wasienv.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});
