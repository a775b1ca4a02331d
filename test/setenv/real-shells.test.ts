// The scripts in the shells they are for: values arrive byte for byte, twice is once, and undoing leaves nothing.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { posixQuote } from '../../src/base/quote.js';
import { fishQuote, nuQuote, powershellQuote } from '../../src/toolchain/setenv/quote.js';
import { renderEnvironment, type Shell } from '../../src/toolchain/setenv/render.js';
import type { ToolEnvironment } from '../../src/toolchain/setenv/variables.js';
import { DUMP, SHELLS_HERE, named, runScript, type RealShell } from './shells.js';
import { need, type Need } from '../support/skips.js';

const QUOTE: Readonly<Record<Exclude<Shell, 'cmd'>, (value: string) => string>> = { posix: posixQuote, fish: fishQuote, powershell: powershellQuote, nu: nuQuote };
const quote = ({ shell }: RealShell, value: string): string => QUOTE[shell as Exclude<Shell, 'cmd'>](value);

const directory = mkdtempSync(path.join(tmpdir(), 'wasienv-setenv-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const PATH = '/usr/bin:/bin';
let count = 0;

/** Writes the script of an environment and gives the line that reads it. */
function sourceLine(shell: RealShell, environment: ToolEnvironment, title = 'a test'): string {
  const file = path.join(directory, `set ' env $x ${count++}`);
  writeFileSync(file, renderEnvironment(shell.shell, environment, title));
  return shell.source(quote(shell, file));
}

const environment = (values: Readonly<Record<string, string>>, onPath: readonly string[] = []): ToolEnvironment => ({
  variables: Object.entries(values).map(([name, value]) => ({ name, value })), path: onPath, separator: ':', notes: [],
});
const withPath = (env: ReadonlyMap<string, string>): string | undefined => env.get('PATH');
const sorted = (env: ReadonlyMap<string, string>): Record<string, string> => Object.fromEntries([...env].sort(([left], [right]) => (left < right ? -1 : 1)));

/** Text without NUL, which no variable can hold, and without lone surrogates, which UTF-8 cannot. */
const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((text) => !text.includes('\0'));
const nasty = fc.array(fc.constantFrom("'", '"', '$', '`', '\\', '\n', '\r', '\t', ' ', '!', '#', '*', '?', '~', '%', '^', '&', '|', ';', '(', ')', '{', '}', '[', ']', '<', '>', '=', ':', '\u2018', '\u2019', '\u201a', '\u201b', 'ß', '語', '😀', '\u0001', '\u001b', '\u007f', '$(id)', '${HOME}', '\\n', '\\u{41}', "''", '-n'), { minLength: 1, maxLength: 12 }).map((parts) => parts.join(''));
const value = fc.oneof(nasty, anyText);

/**
 * fish keeps what is no UTF-8 in code points of its own, and so reads those code points as bytes when they are in a
 * file: U+F600 to U+F6FF, and the noncharacters it uses as marks. No path has them.
 */
const ofFish = /[\ufdd0-\ufdef\uf600-\uf6ff]/;

describe.each(SHELLS_HERE.map((shell) => [named(shell), shell] as const))('%s', (_, shell) => {
  const here = test.skipIf(shell.program === undefined);

  here('reads any value as it is; reading twice is reading once; undoing restores any environment', () => {
    const valueHere = shell.shell === 'fish' ? value.filter((text) => !ofFish.test(text)) : value;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(valueHere, fc.option(valueHere)), { minLength: 40, maxLength: 60 }),
        // Absolute, as all of ours are: a `~` in front is expanded by nu wherever it finds one on PATH.
        fc.array(valueHere.filter((text) => !text.includes(':')).map((text) => `/${text}`), { minLength: 1, maxLength: 2 }),
        (rows, onPath) => {
          const before = Object.fromEntries(rows.flatMap(([, old], index) => (old === null ? [] : [[`V${index}`, old]])));
          const wanted = Object.fromEntries(rows.map(([text], index) => [`V${index}`, text]));
          const line = sourceLine(shell, environment(wanted, onPath));
          const { dumps, stderr, code } = runScript(shell, [DUMP, line, DUMP, line, DUMP, 'wasienv_deactivate', DUMP, 'wasienv_deactivate', DUMP], { PATH, LC_ALL: 'C.UTF-8', ...before });
          expect([code, stderr]).toEqual([0, '']);
          const [start, once, twice, after, afterTwice] = dumps.map(sorted);
          expect(start).toMatchObject(before);
          expect(once).toEqual({ ...start, ...wanted, PATH: [...onPath, PATH].join(':') });
          expect(twice).toEqual(once);
          expect(after).toEqual(start);
          expect(afterTwice).toEqual(start);
        },
      ),
      { numRuns: 12 },
    );
  });

  here('leaves what others put on PATH meanwhile', () => {
    const line = sourceLine(shell, environment({ CC_x: 'y' }, ['/our own', '/and "this"']));
    const prepend: Readonly<Record<string, string>> = {
      posix: 'PATH="/theirs:$PATH:/last"', fish: 'set -gx PATH /theirs $PATH /last', powershell: "$Env:PATH = '/theirs:' + $Env:PATH + ':/last'", nu: '$env.PATH = ($env.PATH | prepend /theirs | append /last)',
    };
    const { dumps, stderr } = runScript(shell, [line, prepend[shell.shell]!, DUMP, 'wasienv_deactivate', DUMP], { PATH });
    expect(stderr).toBe('');
    expect(dumps.map(withPath)).toEqual([`/theirs:/our own:/and "this":${PATH}:/last`, `/theirs:${PATH}:/last`]);
  });

  here('takes the place of the environment of another home, and undoes to what was there before both', () => {
    const first = sourceLine(shell, environment({ CC: 'first', AR: 'first' }, ['/first']));
    const second = sourceLine(shell, environment({ CC: 'second', NM: 'second' }, ['/second']));
    const { dumps, stderr } = runScript(shell, [DUMP, first, second, DUMP, 'wasienv_deactivate', DUMP], { PATH, CC: 'ccache gcc', NM: 'nm' });
    expect(stderr).toBe('');
    const [start, both, after] = dumps.map(sorted);
    expect(both).toEqual({ ...start, CC: 'second', NM: 'second', PATH: `/second:${PATH}` });
    expect(after).toEqual(start);
  });

  here('works from a directory that is not there any more', () => {
    const gone = path.join(directory, `gone-${count++}`);
    mkdirSync(gone);
    const line = sourceLine(shell, environment({ CC_x: 'y' }, ['/our own']));
    const { dumps } = runScript(shell, [...(shell.shell === 'nu' ? [] : [`cd ${quote(shell, gone)}`]), `/bin/rmdir ${quote(shell, gone)}`, line, DUMP], { PATH });
    expect(dumps.map((env) => env.get('CC_x'))).toEqual(['y']);
  });

  here('starts no program', () => {
    const line = sourceLine(shell, environment({ CC_x: 'y' }, ['/our own']));
    const { dumps, stderr } = runScript(shell, [line, 'wasienv_deactivate', line, DUMP], { PATH: '/nowhere' });
    expect(stderr).toBe('');
    expect(dumps.map(withPath)).toEqual(['/our own:/nowhere']);
  });
});

describe.each(SHELLS_HERE.filter(({ shell }) => shell === 'posix').map((shell) => [named(shell), shell] as const))('%s, as a POSIX shell', (_, shell) => {
  const here = test.skipIf(shell.program === undefined);

  here('restores a PATH that is empty or not set', () => {
    const line = sourceLine(shell, environment({}, ['/our own']));
    const { dumps, stderr } = runScript(shell, ["PATH=''", line, DUMP, 'wasienv_deactivate', DUMP, 'unset PATH', line, DUMP, 'wasienv_deactivate', DUMP], { PATH });
    expect(stderr).toBe('');
    expect(dumps.map(withPath)).toEqual(['/our own', '', '/our own', undefined]);
  });

  here('can be read with eval, and in a function', () => {
    const script = renderEnvironment('posix', environment({ CC_x: "it's" }, ['/our own']), 'a test');
    const { dumps, stderr } = runScript(shell, [DUMP, `use() { eval ${posixQuote(script)}; }`, 'use', DUMP, 'wasienv_deactivate', DUMP], { PATH });
    expect(stderr).toBe('');
    const [start, inUse, after] = dumps.map(sorted);
    expect(inUse).toEqual({ ...start, CC_x: "it's", PATH: `/our own:${PATH}` });
    expect(after).toEqual(start);
  });

  here('leaves no name behind but its function', () => {
    const line = sourceLine(shell, environment({ CC_x: 'y' }, ['/our own']));
    const { stdout } = runScript(shell, [line, 'wasienv_deactivate', 'set'], { PATH });
    // bash lists functions too, with their text indented.
    expect(stdout.split('\n').filter((each) => /^_?wasienv/.test(each) && !/^wasienv_deactivate/.test(each))).toEqual([]);
  });

  here('a shell started from this one has the environment, and what it inherits is its own', () => {
    const line = sourceLine(shell, environment({ CC: 'new' }, ['/our own']));
    const inner = [line, 'wasienv_deactivate', 'printf "%s %s\\n" "$CC" "$PATH"'].join('\n');
    const child = `${posixQuote(shell.program ?? '')} -c ${posixQuote(inner)}`;
    const { stdout, stderr } = runScript(shell, [line, child, 'wasienv_deactivate', 'set -a', line, 'set +a', child], { PATH, CC: 'old' });
    expect(stderr).toBe('');
    // `set -a` exports what was kept as well, so then the child can undo all.
    expect(stdout).toBe(`new /our own:${PATH}\nold ${PATH}\n`);
  });
});

const shellNamed = (wanted: string): Need => need(SHELLS_HERE.some(({ name, program }) => name === wanted && program !== undefined), 'not on this machine');

test.skipIf(shellNamed('bash').unmet)(`bash: a variable that was not exported is not exported afterwards${shellNamed('bash').why}`, () => {
  const shell = SHELLS_HERE.find(({ name }) => name === 'bash')!;
  const line = sourceLine(shell, environment({ CC: 'new', AR: 'new' }));
  const { dumps, stdout } = runScript(shell, ["CC='it is'", line, DUMP, 'wasienv_deactivate', DUMP, 'echo "<$CC>"'], { PATH, AR: 'ar' });
  expect(dumps.map((env) => [env.get('CC'), env.get('AR')])).toEqual([['new', 'new'], [undefined, 'ar']]);
  expect(stdout).toContain('<it is>');
});

test.skipIf(shellNamed('fish').unmet)(`fish: lists and variables that are not exported are what they were${shellNamed('fish').why}`, () => {
  const shell = SHELLS_HERE.find(({ name }) => name === 'fish')!;
  const line = sourceLine(shell, environment({ CC: 'new', AR: 'new', WASI_SDK_PATH: '/a b' }));
  const show = 'printf "<%s>" $CC $AR $WASI_SDK_PATH';
  const { dumps, stdout, stderr } = runScript(shell, ["set -g CC 'one two' three", 'set -gx WASI_SDK_PATH /x /y', show, line, DUMP, 'wasienv_deactivate', show, DUMP], { PATH, AR: 'ar' });
  expect(stderr).toBe('');
  expect(dumps.map((env) => [env.get('CC'), env.get('AR'), env.get('WASI_SDK_PATH')])).toEqual([['new', 'new', '/a b'], [undefined, 'ar', '/x:/y']]);
  expect(stdout.match(/<one two><three><ar><\/x><\/y>/g)).toHaveLength(2);
});
