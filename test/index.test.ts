// wasienv as a library: the programs of docs/library.md, run against the package as others import it.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, withDirectory } from './support/cli.js';
import { compileGuest } from './support/toolchain.js';

const programs = [...readFileSync(path.join(ROOT, 'docs', 'library.md'), 'utf8').matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, text]) => text!);

test('docs/library.md has programs to run', () => {
  expect(programs).toHaveLength(3);
});

test.each(programs.map((text) => [/from '(wasienv[^']*)'/.exec(text)?.[1], text] as const))('%s prints what the page says', (_, text) =>
  withDirectory(async (directory) => {
    copyFileSync(await compileGuest({ file: path.join(ROOT, 'examples', 'first.c') }), path.join(directory, 'first.wasm'));
    mkdirSync(path.join(directory, 'node_modules'));
    symlinkSync(ROOT, path.join(directory, 'node_modules', 'wasienv'), 'junction');
    writeFileSync(path.join(directory, 'program.mjs'), text);
    const promised = /\/\/ (.+)\n$/.exec(text)?.[1];
    expect(promised).toBeDefined();
    expect(execFileSync(process.execPath, ['program.mjs'], { cwd: directory, encoding: 'utf8' }).trim()).toBe(promised);
  }),
);
