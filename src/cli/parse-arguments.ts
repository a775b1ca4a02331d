// argv -> options and operands, by the table a command describes itself with. `node:util` parseArgs does the reading:
// it costs no start-up time and its tokens tell where a command's own options end, which `run FILE ARGS…` needs.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Command, CommandInput, OptionTable } from './command.js';
import * as errors from './errors.js';
import { nearest } from './nearest.js';

/** Understood before the command, and after it too where the command reads its own options. */
export const GLOBAL_OPTIONS = {
  help: { short: 'h', summary: 'show this help' },
  debug: { summary: 'show the stack trace of an error' },
  'no-color': { summary: 'never use colours (see `wasienv help environment` for NO_COLOR)' },
} as const satisfies OptionTable;

/** Understood only where a command would stand. */
export const TOP_OPTIONS = { ...GLOBAL_OPTIONS, version: { short: 'v', summary: 'print the version of wasienv' } } as const satisfies OptionTable;

export interface ParsedOptions {
  readonly values: Readonly<Record<string, boolean | string | readonly string[] | undefined>>;
  readonly operands: readonly string[];
}

/** Splits `wasienv --debug cc -c a.c` before `cc`: only options without a value stand there, so the first word is the command. */
export function splitAtCommand(argv: readonly string[]): { before: readonly string[]; command: string | undefined; rest: readonly string[] } {
  const at = argv.findIndex((word) => !word.startsWith('-') || word === '-');
  return at < 0 ? { before: argv, command: undefined, rest: [] } : { before: argv.slice(0, at), command: argv[at], rest: argv.slice(at + 1) };
}

/** Reads options by a table. `untilOperand` leaves everything from the first operand on unread. Throws E_USAGE. */
export function parseOptions(args: readonly string[], table: OptionTable, commandName: string | undefined, untilOperand: boolean): ParsedOptions {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { short, value, repeatable, optional }] of Object.entries(table)) {
    // A value that may be left out is only ever behind `=`: the next word is not taken for it.
    options[name] = { type: value === undefined || optional === true ? 'boolean' : 'string', ...(short === undefined ? {} : { short }), multiple: repeatable === true };
  }
  // Not strict: the messages of strict mode know neither our table nor a next step.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const end = untilOperand ? tokens.find((token) => token.kind === 'positional')?.index : undefined;

  const values: Record<string, boolean | string | string[] | undefined> = {};
  for (const [name, { value, repeatable }] of Object.entries(table)) values[name] = value === undefined ? false : repeatable ? [] : undefined;
  const operands: string[] = [];
  for (const token of tokens) {
    if (end !== undefined && token.index >= end) break;
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const description = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (description === undefined) {
      const guess = nearest(token.rawName.replace(/^-+/, ''), Object.keys(table));
      throw errors.unknownOption(token.rawName, commandName, guess === undefined ? undefined : `--${guess}`);
    }
    if (description.value === undefined) {
      if (token.inlineValue === true) throw errors.unwantedValue(token.rawName, token.value ?? '');
      values[token.name] = true;
      continue;
    }
    const value = description.optional === true ? (token.value ?? '') : token.value;
    if (value === undefined || (token.inlineValue !== true && value.startsWith('-') && value !== '-')) {
      throw errors.missingValue(token.rawName, description.value, commandName ?? '');
    }
    if (description.choices !== undefined && !description.choices.includes(value) && !(description.optional === true && token.inlineValue !== true)) {
      throw errors.notAChoice(token.rawName, value, description.choices, nearest(value, description.choices));
    }
    if (description.repeatable === true) (values[token.name] as string[]).push(value);
    else if (values[token.name] !== undefined) throw errors.givenTwice(token.rawName);
    else values[token.name] = value;
  }
  if (end !== undefined) operands.push(...args.slice(end));
  return { values, operands };
}

export interface ParsedCommandLine {
  readonly input: CommandInput<OptionTable>;
  readonly globals: Readonly<Record<keyof typeof GLOBAL_OPTIONS, boolean>>;
}

/** Reads what stands behind a command's name. */
export function parseCommandLine(command: Command, args: readonly string[]): ParsedCommandLine {
  if (command.reading === 'raw') {
    return { input: { options: {}, operands: args }, globals: { help: false, debug: false, 'no-color': false } };
  }
  const { values, operands } = parseOptions(args, { ...GLOBAL_OPTIONS, ...command.options }, command.name, command.reading === 'until-operand');
  const globals = { help: values['help'] === true, debug: values['debug'] === true, 'no-color': values['no-color'] === true };
  return { input: { options: values as CommandInput<OptionTable>['options'], operands }, globals };
}
