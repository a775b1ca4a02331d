// What a command is, said once: parser, `--help`, the typo hints and the README test all read this description.
// A command turns options into one call of a room and its result into output; it decides nothing else.
import type { Environment, Surroundings } from '../base/surroundings.js';
import type { Output } from './output.js';

export interface OptionDescription {
  /** One letter, without its dash. */
  readonly short?: string;
  /** Placeholder of the value in help (`HOST[::GUEST]`); an option without one is a switch. */
  readonly value?: string;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  /** The value may be left out; it is then the empty text. Given, it stands behind `=`. */
  readonly optional?: boolean;
  /** The heading it stands under in help; options without one come first. */
  readonly group?: string;
  /** May be given several times; its value is then a list in the order given. */
  readonly repeatable?: boolean;
  readonly summary: string;
}

export type OptionTable = Readonly<Record<string, OptionDescription>>;

/** What the parser makes of an option table: switches are booleans, values strings or undefined, repeatable ones lists. */
export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends { readonly value: string }
    ? Table[Name] extends { readonly repeatable: true }
      ? readonly string[]
      : (Table[Name] extends { readonly choices: readonly (infer Choice)[] } ? Choice : string) | (Table[Name] extends { readonly optional: true } ? '' : never) | undefined
    : boolean;
};

/**
 * How the command line of a command is read:
 * - `options`: options anywhere, operands between them;
 * - `until-operand`: options stop at the first operand, and all after it belongs to somebody else (`run FILE ARGS…`);
 * - `raw`: nothing is read; every argument belongs to another program (`cc`, `ar` …).
 */
export type Reading = 'options' | 'until-operand' | 'raw';

export interface Example {
  /** A line to type, without a prompt. */
  readonly command: string;
  readonly shows: string;
}

export interface CommandContext {
  readonly surroundings: Surroundings;
  readonly env: Environment;
  readonly output: Output;
  /** Aborted by the first Ctrl-C or SIGTERM; only commands with `interruption: 'graceful'` ever see it aborted. */
  readonly signal: AbortSignal;
  readonly debug: boolean;
}

export interface CommandInput<Table extends OptionTable> {
  readonly options: OptionValues<Table>;
  readonly operands: readonly string[];
}

export interface Command<Table extends OptionTable = OptionTable> {
  readonly name: string;
  /** One line, lower case, no full stop: it stands in a list. */
  readonly summary: string;
  /** What follows `wasienv` in the usage lines. */
  readonly usage: readonly string[];
  /** Paragraphs shown by `--help` under the usage. */
  readonly description: readonly string[];
  readonly reading: Reading;
  readonly options: Table;
  readonly examples: readonly Example[];
  /**
   * `graceful`: the first Ctrl-C aborts `context.signal` and the command tidies up. `immediate`: the system's own
   * action, for commands that run foreign code synchronously: a handler in JavaScript would never get its turn.
   */
  readonly interruption: 'graceful' | 'immediate';
  /** Resolves to the exit code. */
  run(context: CommandContext, input: CommandInput<Table>): Promise<number>;
}

/** Keeps the literal types of a command's options, so that `run` sees `options.source` as one of its choices. */
export function defineCommand<const Table extends OptionTable>(command: Command<Table>): Command {
  return command as unknown as Command;
}
