// What can be typed after `wasienv`, read off the command table: the renderers of each shell know nothing else.
import { BUILD_TOOLS } from '../../compiler/build/for-tool.js';
import { COMPONENT_NAMES } from '../../toolchain/types.js';
import { PART_NAMES } from '../../toolchain/keeping/places.js';
import { COMMAND_NAMES, loadCommand, type CommandName } from '../command-table.js';
import type { OptionTable } from '../command.js';
import { LANGUAGES } from '../commands/init.js';
import { GLOBAL_OPTIONS, TOP_OPTIONS } from '../parse-arguments.js';
import { TOPICS } from '../topics.js';
import { COMPLETION_SHELLS } from './shells.js';

export interface OptionWords {
  readonly name: string;
  readonly short: string | undefined;
  readonly summary: string;
  /** Undefined for a switch; the words a value can be, none of them when it is a file or anything else. */
  readonly values: readonly string[] | undefined;
}

export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  /** Words that operands can be; `files` for those of the disk. */
  readonly operands: readonly string[] | 'files';
}

/** The record is the check that no command is forgotten. `[]`: no operand, or one that nothing can guess. */
const OPERANDS: Readonly<Record<CommandName, readonly string[] | 'files' | 'help'>> = {
  setup: COMPONENT_NAMES, verify: [], doctor: [],
  cc: 'files', 'c++': 'files', rustc: 'files', cargo: ['build', 'run', 'test', 'check', 'clean', 'bench', 'doc'], exec: 'files', toolchain: BUILD_TOOLS, env: [], run: 'files',
  explain: 'files', init: LANGUAGES, completion: COMPLETION_SHELLS,
  inspect: 'files', validate: 'files', wat2wasm: 'files', wasm2wat: 'files',
  ar: 'files', nm: 'files', ranlib: 'files', objdump: 'files', size: 'files', strip: 'files', 'wasm-ld': 'files',
  lock: [], pack: COMPONENT_NAMES, list: [], 'list-remote': COMPONENT_NAMES, which: PART_NAMES, use: COMPONENT_NAMES, uninstall: COMPONENT_NAMES, prune: [],
  help: 'help',
};

/** Options of `wasienv` itself. */
export const topWords = (): readonly OptionWords[] => optionWords(TOP_OPTIONS);

export async function commandWords(): Promise<readonly CommandWords[]> {
  return Promise.all(COMMAND_NAMES.map(async (name) => {
    const { summary, options, reading } = await loadCommand(name);
    const operands = OPERANDS[name];
    return {
      name, summary,
      options: optionWords(reading === 'raw' ? options : { ...options, ...GLOBAL_OPTIONS }),
      operands: operands === 'help' ? [...COMMAND_NAMES, ...Object.keys(TOPICS)] : operands,
    };
  }));
}

function optionWords(table: OptionTable): OptionWords[] {
  return Object.entries(table).map(([name, { short, summary, value, optional, choices }]) => ({
    name, short, summary: firstClause(summary),
    // A value that may be left out is only taken behind `=`.
    values: value === undefined || optional === true ? undefined : (choices ?? []),
  }));
}

/** Menus have room for a few words. */
function firstClause(summary: string): string {
  return summary.split(/[;:(]/, 1)[0]!.trim();
}
