// The Dockerfile's steps, run one by one without Docker: each stage is a directory, and absolute paths of the image
// stand below it. What needs a Docker engine is its base image and the isolation, and nothing else.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { copyHome } from './support/copied-home.js';
import { ROOT } from './support/cli.js';
import { portableHome, portableToolchain } from './support/toolchain.js';

const directory = mkdtempSync(path.join(tmpdir(), 'wasienv-docker-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Step {
  readonly word: string;
  readonly rest: string;
}

const steps: Step[] = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ word: line.slice(0, line.indexOf(' ')), rest: line.slice(line.indexOf(' ') + 1) }));
const ignored = readFileSync(path.join(ROOT, '.dockerignore'), 'utf8').split('\n').filter((line) => line !== '');

test('the Dockerfile makes an image in which a program compiles and runs', async () => {
  await portableToolchain();
  // Both stages are one directory: receipts hold absolute paths, as they do in the image, where the paths are the same.
  const image = path.join(directory, 'image');
  const inImage = (file: string): string => path.join(image, file);
  const inText = (text: string): string => text.replaceAll(/(?<![\w.])\/(opt|usr\/local|work)\b/g, (found) => inImage(found));
  // What setup would download; the registry is no part of this test. It finds the compiler, and proves it.
  copyHome(await portableHome(), inImage('/opt/wasienv-home'));
  mkdirSync(inImage('/usr/local/bin'), { recursive: true });
  symlinkSync(process.execPath, inImage('/usr/local/bin/node'));

  let cwd = image;
  const env: Record<string, string> = { PATH: `${inImage('/usr/local/bin')}:${process.env['PATH']}`, HOME: directory, npm_config_cache: path.join(process.env['HOME'] ?? directory, '.npm') };
  const seen: string[] = [];
  let entry: string[] = [];
  for (const { word, rest } of steps) {
    seen.push(word);
    if (word === 'WORKDIR') mkdirSync((cwd = inImage(rest)), { recursive: true });
    else if (word === 'ENV') Object.assign(env, Object.fromEntries([inText(rest).split('=') as [string, string]]));
    else if (word === 'RUN') execFileSync('sh', ['-c', inText(rest)], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
    else if (word === 'COPY' && rest === '. .') {
      cpSync(ROOT, cwd, { recursive: true, filter: (file) => !ignored.some((name) => path.relative(ROOT, file) === name || (name.startsWith('*') && file.endsWith(name.slice(1)))) });
    } else if (word === 'COPY') expect(rest).toMatch(/^--from=build (\S+) \1$/);
    else if (word === 'ENTRYPOINT') entry = JSON.parse(rest) as string[];
    else expect([word, rest]).toEqual(['FROM', expect.stringMatching(/^node:22-bookworm-slim( AS build)?$/)]);
  }
  expect(seen).toContain('RUN');

  cpSync(path.join(ROOT, 'examples', 'first.c'), path.join(inImage('/work'), 'first.c'));
  const wasienv = (...args: string[]) => execFileSync(entry[0]!, args, { cwd: inImage('/work'), env, encoding: 'utf8' });
  wasienv('cc', 'first.c');
  expect(wasienv('run', 'first.wasm')).toBe('First wasi...\n');
});
