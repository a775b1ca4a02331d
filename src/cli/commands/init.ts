// wasienv init [LANGUAGE] [DIRECTORY]: a small project that builds, runs and tests itself. Nothing that is there is touched.
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDirectories } from '../../base/directories.js';
import { visible } from '../../base/text.js';
import { defineCommand } from '../command.js';
import { filesInTheWay, notALanguage, unwantedOperand, unwritableFile } from '../errors.js';
import { EXIT } from '../exit-codes.js';

const TEMPLATES: Readonly<Record<string, { readonly template: string; readonly next: readonly string[] }>> = {
  c: { template: 'c', next: ['make', 'make run', 'make test'] },
  'c++': { template: 'cxx', next: ['make', 'make run', 'make test'] },
  rust: { template: 'rust', next: ['wasienv cargo build', 'wasienv cargo run', 'wasienv cargo test'] },
};

export const LANGUAGES: readonly string[] = Object.keys(TEMPLATES);

export const init = defineCommand({
  name: 'init',
  summary: 'write a small project in C, C++ or Rust that builds, runs and tests itself',
  usage: ['init [c|c++|rust] [DIRECTORY]'],
  description: [
    'Writes sources, a Makefile or Cargo.toml, and .gitignore into DIRECTORY (default: the current one), which gives the program its name. Files that are there are never overwritten: then nothing is written at all.',
  ],
  reading: 'options',
  options: {},
  examples: [
    { command: 'wasienv init c hello && cd hello && make run', shows: 'a program in C' },
    { command: 'wasienv init rust .', shows: 'a crate in this directory' },
  ],
  interruption: 'immediate',
  async run({ surroundings: { cwd, platform }, env, output }, { operands }) {
    const [language = 'c', place = '.', third] = operands;
    if (third !== undefined) throw unwantedOperand(third, 'init');
    if (!Object.hasOwn(TEMPLATES, language)) throw notALanguage(language, LANGUAGES);
    const { template, next } = TEMPLATES[language]!;
    const directory = path.resolve(cwd, place);
    const name = projectName(path.basename(directory));
    const source = fileURLToPath(new URL(`../../../templates/${template}/`, import.meta.url));
    // npm packs no file that is called .gitignore.
    const files = filesBelow(source).map((file) => [file, path.join(directory, file === 'gitignore' ? '.gitignore' : file)] as const);
    const there = files.map(([, target]) => target).filter((target) => existsSync(target));
    if (there.length > 0) throw filesInTheWay(there.map((file) => path.relative(cwd, file)));
    for (const [file, target] of files) {
      try {
        makeDirectories(path.dirname(target));
        // `wx`: what somebody writes at this very moment is not overwritten either.
        writeFileSync(target, readFileSync(path.join(source, file), 'utf8').replaceAll('NAME', name), { flag: 'wx' });
      } catch (thrown) {
        throw unwritableFile(target, thrown as NodeJS.ErrnoException, 'wasienv init LANGUAGE DIRECTORY');
      }
      output.print(`wrote  ${visible(path.relative(cwd, target))}`);
    }
    const { shellQuote } = await import('../../base/quote.js');
    const enter = directory === path.resolve(cwd) ? '' : `cd ${visible(shellQuote(place))} && `;
    output.print(`next   ${enter}${next[0]}, then ${next.slice(1).join(', ')}`);
    if (next[0] === 'make' && !isOnPath(env['PATH'] ?? '', platform)) {
      const own = fileURLToPath(new URL('../../../', import.meta.url)).replace(/[\\/]$/, '');
      output.note(`note: the Makefile starts \`wasienv\`, which is not on PATH: \`npm install --global ${visible(shellQuote(own))}\` puts it there`);
    }
    return EXIT.OK;
  },
});

/** What npx puts in front while it runs is gone when make runs. */
function isOnPath(list: string, platform: NodeJS.Platform): boolean {
  const directories = list.split(path.delimiter).filter((directory) => directory !== '' && !/node_modules[\\/]\.bin/.test(directory));
  return directories.some((directory) => existsSync(path.join(directory, platform === 'win32' ? 'wasienv.cmd' : 'wasienv')));
}

/** What cargo accepts as a name, and make as a target. */
function projectName(directory: string): string {
  const name = directory.toLowerCase().replace(/[^a-z0-9_-]+/g, '-').replace(/^[^a-z]+|-+$/g, '');
  return name === '' ? 'hello' : name;
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(path.join(directory, name)).isFile()).sort();
}
