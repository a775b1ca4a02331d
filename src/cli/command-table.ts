// Every command, by name, with the file that describes it. Adding a command is one file and one row here. Files load
// when their command is typed, so that `wasienv run` never waits for what only `setup` needs.
import type { Command } from './command.js';

interface Row {
  readonly group: 'start' | 'build' | 'look' | 'about';
  readonly load: () => Promise<Command>;
}

export const GROUPS = { start: 'Set up', build: 'Build and run', look: 'Look inside', about: 'About' } as const satisfies Record<Row['group'], string>;

export const COMMANDS = {
  setup: { group: 'start', load: async () => (await import('./commands/setup.js')).setup },
  help: { group: 'about', load: async () => (await import('./commands/help.js')).help },
} as const satisfies Readonly<Record<string, Row>>;

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

export const loadCommand = (name: CommandName): Promise<Command> => COMMANDS[name].load();
