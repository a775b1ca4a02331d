// How command lines are read, as a table.
import { describe, expect, test } from 'vitest';
import type { OptionTable } from '../../src/cli/command.js';
import { nearest, editDistance } from '../../src/cli/nearest.js';
import { parseOptions, splitAtCommand } from '../../src/cli/parse-arguments.js';

const TABLE = {
  source: { value: 'SOURCE', choices: ['auto', 'npm', 'system'], summary: '' },
  dir: { value: 'HOST[::GUEST]', repeatable: true, summary: '' },
  name: { short: 'n', value: 'NAME', summary: '' },
  quiet: { short: 'q', summary: '' },
} as const satisfies OptionTable;
const NOTHING = { source: undefined, dir: [], name: undefined, quiet: false };

describe('an option whose value may be left out', () => {
  const OPTIONAL = { form: { value: 'FORM', optional: true, choices: ['json'], summary: '' } } as const satisfies OptionTable;
  test.each([
    [[], { form: undefined }, []],
    [['--form'], { form: '' }, []],
    [['--form', 'json'], { form: '' }, ['json']],
    [['--form=json', 'a'], { form: 'json' }, ['a']],
  ])('%j', (args, values, operands) => {
    expect(parseOptions(args, OPTIONAL, 'x', false)).toEqual({ values, operands });
  });

  test.each([['--form=yaml'], ['--form=']])('%s is none of its values', (word) => {
    expect(() => parseOptions([word], OPTIONAL, 'x', false)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });

  test('given twice', () => {
    expect(() => parseOptions(['--form', '--form=json'], OPTIONAL, 'x', false)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });
});

describe('options', () => {
  test.each([
    [[], NOTHING, []],
    [['--quiet'], { ...NOTHING, quiet: true }, []],
    [['-q', '-n', 'x'], { ...NOTHING, quiet: true, name: 'x' }, []],
    [['-qnx'], { ...NOTHING, quiet: true, name: 'x' }, []],
    [['--source', 'npm', 'a', '--quiet', 'b'], { ...NOTHING, source: 'npm', quiet: true }, ['a', 'b']],
    [['--source=system'], { ...NOTHING, source: 'system' }, []],
    [['--dir', 'a', '--dir=b::/c'], { ...NOTHING, dir: ['a', 'b::/c'] }, []],
    [['--name=-x'], { ...NOTHING, name: '-x' }, []],
    [['--name', '-'], { ...NOTHING, name: '-' }, []],
    [['--name='], { ...NOTHING, name: '' }, []],
    [['--', '--quiet'], NOTHING, ['--quiet']],
    [['-'], NOTHING, ['-']],
  ])('%j', (args, values, operands) => {
    expect(parseOptions(args, TABLE, 'x', false)).toEqual({ values, operands });
  });

  test.each([
    [['--quite'], /no option `--quite`/, /`--quiet`/],
    [['--toString'], /no option `--toString`/, /--help/],
    [['--constructor'], /no option `--constructor`/, /--help/],
    [['-z'], /no option `-z`/, /--help/],
    [['--quiet=yes'], /takes no value/, /alone/],
    [['--name'], /needs a value/, /--name NAME/],
    [['--name', '--quiet'], /needs a value/, /--name=-/],
    [['--source', 'nmp'], /cannot be `nmp`/, /did you mean `npm`/],
    [['--name', 'a', '-n', 'b'], /given twice/, /once/],
  ])('%j is refused', (args, fact, next) => {
    expect(() => parseOptions(args, TABLE, 'x', false)).toThrow(expect.objectContaining({ code: 'E_USAGE', message: expect.stringMatching(fact), next: expect.stringMatching(next) }));
  });
});

describe('options that end at the first operand', () => {
  test.each([
    [['a.wasm', '--quiet', '--', '-z'], NOTHING, ['a.wasm', '--quiet', '--', '-z']],
    [['--dir', '.', 'a.wasm', '--dir', 'x'], { ...NOTHING, dir: ['.'] }, ['a.wasm', '--dir', 'x']],
    [['--quiet', '--', '--odd.wasm', '--quiet'], { ...NOTHING, quiet: true }, ['--odd.wasm', '--quiet']],
    [['-q', '--', '--', 'a'], { ...NOTHING, quiet: true }, ['--', 'a']],
    [['a.wasm', '--unknown=1', '-xyz'], NOTHING, ['a.wasm', '--unknown=1', '-xyz']],
  ])('%j', (args, values, operands) => {
    expect(parseOptions(args, TABLE, 'run', true)).toEqual({ values, operands });
  });

  test('an unknown option before the operand is still refused', () => {
    expect(() => parseOptions(['--dri', '.', 'a.wasm'], TABLE, 'run', true)).toThrow(/no option `--dri`/);
  });
});

test.each([
  [[], { before: [], command: undefined, rest: [] }],
  [['--debug', 'cc', '-c', 'a.c'], { before: ['--debug'], command: 'cc', rest: ['-c', 'a.c'] }],
  [['--help'], { before: ['--help'], command: undefined, rest: [] }],
])('the command of %j', (argv, split) => {
  expect(splitAtCommand(argv)).toEqual(split);
});

describe('guesses', () => {
  test.each([
    ['setup', 'setup', 0],
    ['sutep', 'setup', 2],
    ['rnu', 'run', 1],
    ['', 'abc', 3],
    ['abc', '', 3],
  ])('from %s to %s it is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  const commands = ['setup', 'verify', 'cc', 'c++', 'ar', 'nm', 'run', 'doctor', 'help'];
  test.each([
    ['stup', 'setup'],
    ['SETUP', 'setup'],
    ['veirfy', 'verify'],
    ['doc', 'doctor'],
    ['rnu', 'run'],
    ['frobnicate', undefined],
    ['x', undefined],
  ])('%s -> %s', (typed, guess) => {
    expect(nearest(typed, commands)).toBe(guess);
  });
});
