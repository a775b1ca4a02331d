// Help made from the command table: nothing is written twice, so nothing can disagree.
import type { Paint } from '../base/paint.js';
import type { Command, OptionDescription, OptionTable } from './command.js';
import { COMMANDS, COMMAND_NAMES, GROUPS, loadCommand } from './command-table.js';
import { GLOBAL_OPTIONS, TOP_OPTIONS } from './parse-arguments.js';
import { TOPICS } from './topics.js';

/** What help is written on: an `Output` is one. */
export interface Page {
  readonly colour: Paint;
  /** Of a terminal. In a pipe lines that programs look for stay whole. */
  readonly width: number | undefined;
}

/** Beyond this prose is hard to read. */
const WIDEST = 110;

/** `wasienv --help`: every command with its one line. */
export async function renderOverview(page: Page): Promise<string> {
  const { colour } = page;
  const commands = await Promise.all(COMMAND_NAMES.map(async (name) => ({ group: COMMANDS[name].group, command: await loadCommand(name) })));
  const lines = [
    'wasienv takes a machine from nothing to a WASI toolchain that is proved to work.',
    '',
    `${colour.bold('Usage')}  wasienv COMMAND [OPTIONS…] [ARGUMENTS…]`,
  ];
  for (const [group, title] of Object.entries(GROUPS)) {
    const rows = commands.filter((each) => each.group === group).map(({ command }) => [command.name, command.summary] as const);
    if (rows.length > 0) lines.push('', colour.bold(title), ...columns(rows, page));
  }
  lines.push('', colour.bold('Options'), ...optionLines(TOP_OPTIONS, page));
  lines.push('', colour.bold('Topics'), ...columns(Object.entries(TOPICS).map(([name, topic]) => [`help ${name}`, topic.summary] as const), page));
  lines.push('', '`wasienv COMMAND --help` or `wasienv help COMMAND` tells about one command.');
  return lines.join('\n');
}

/** `wasienv COMMAND --help`. */
export function renderCommandHelp(command: Command, page: Page): string {
  const { colour } = page;
  const width = page.width ?? Infinity;
  const lines = [...wrap(`wasienv ${command.name}: ${command.summary}`, width), ''];
  for (const [index, usage] of command.usage.entries()) {
    // No option is torn from its value.
    const [first, ...rest] = wrap(usage.replace(/\[[^\]]*\]/g, (part) => part.replaceAll(' ', NO_BREAK)), width - 15);
    lines.push(`${index === 0 ? colour.bold('Usage') : '     '}  wasienv ${first}`, ...rest.map((line) => `${' '.repeat(15)}${line}`));
  }
  lines.splice(1, lines.length, ...lines.slice(1).map((line) => line.replaceAll(NO_BREAK, ' ')));
  for (const paragraph of command.description) lines.push('', ...wrap(paragraph, Math.min(100, width)));
  const options = command.reading === 'raw' ? command.options : { ...command.options, ...GLOBAL_OPTIONS };
  for (const [title, table] of grouped(options)) lines.push('', colour.bold(title), ...optionLines(table, page));
  if (command.examples.length > 0) {
    lines.push('', colour.bold('Examples'), ...columns(command.examples.map(({ command: line, shows }) => [line, shows] as const), page));
  }
  return lines.join('\n');
}

/** By heading, in the order of their first options; those without one first. */
function grouped(options: OptionTable): [title: string, OptionTable][] {
  const groups = new Map<string, Record<string, OptionDescription>>();
  const named = Object.entries(options);
  for (const [name, option] of [...named.filter(([, { group }]) => group === undefined), ...named.filter(([, { group }]) => group !== undefined)]) {
    const title = option.group ?? 'Options';
    groups.set(title, { ...groups.get(title), [name]: option });
  }
  return [...groups];
}

function optionLines(table: OptionTable, page: Page): string[] {
  return columns(Object.entries(table).map(([name, option]) => [optionName(name, option), optionText(option)] as const), page);
}

function optionName(name: string, { short, value, optional }: OptionDescription): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : optional === true ? `[=${value}]` : ` ${value}`}`;
}

function optionText({ summary, choices, repeatable, optional }: OptionDescription): string {
  // What may stand behind `=` is there already.
  return `${summary}${choices === undefined || optional === true ? '' : `; one of ${choices.join(', ')}`}${repeatable === true ? '; may be repeated' : ''}`;
}

function columns(rows: readonly (readonly [left: string, right: string])[], { colour, width: page = WIDEST }: Page): string[] {
  const width = Math.min(page < 100 ? 30 : 56, Math.max(...rows.map(([left]) => left.length)));
  return rows.flatMap(([left, right]) => {
    const text = wrap(right, Math.max(40, page - 4 - width));
    const first = left.length <= width ? [`  ${left === '' ? ' '.repeat(width) : colour.cyan(left.padEnd(width))}  ${text[0]}`] : [`  ${colour.cyan(left)}`, ...(right === '' ? [] : [`  ${' '.repeat(width)}  ${text[0]}`])];
    return [...first, ...text.slice(1).map((line) => `  ${' '.repeat(width)}  ${line}`)].map((line) => line.trimEnd());
  });
}

/** `wasienv help TOPIC`. */
export function renderTopic(name: string, page: Page): string {
  const { introduction, rows } = TOPICS[name]!;
  const width = page.width ?? Infinity;
  return [...wrap(introduction, width), '', ...columns(rows, { ...page, width })].join('\n');
}

const NO_BREAK = '\u00a0';

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
