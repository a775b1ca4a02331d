// The front door: builds the surroundings, finds the command, runs it, and turns whatever comes back into output and
// an exit code. Nothing deeper reads argv or the environment of the process, prints, or exits.
import { WasienvError } from '../base/errors.js';
import type { Command } from './command.js';
import { isCommand, loadCommand } from './command-table.js';
import * as errors from './errors.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { nearestCommand } from './nearest.js';
import { makeOutput, type Output } from './output.js';
import { parseCommandLine, parseOptions, splitAtCommand, TOP_OPTIONS } from './parse-arguments.js';
import { asWasienvError, failureEvent, renderError } from './print-error.js';
import { listenForInterruption } from './signals.js';
import { surroundingsOf, type RealSurroundings } from './surroundings.js';

/** Runs the command line of `process` and resolves to its exit code; never rejects. */
export async function main(process: NodeJS.Process): Promise<number> {
  const argv = process.argv.slice(2);
  const surroundings = surroundingsOf(process);
  const presentation: Presentation = { debug: false, json: false, output: makeOutput(surroundings, false), interruptedCode: undefined };
  try {
    const code = await dispatch(process, argv, surroundings, presentation);
    return surroundings.readerIsGone() ? EXIT.BROKEN_PIPE : code;
  } catch (thrown) {
    const error = asWasienvError(thrown);
    if (presentation.json) presentation.output.print(JSON.stringify(failureEvent(error)));
    presentation.output.note(renderError(error, presentation.output.errorColour, presentation.debug));
    if (presentation.interruptedCode !== undefined) return presentation.interruptedCode;
    return exitCodeOf(error.code);
  }
}

interface Presentation {
  debug: boolean;
  json: boolean;
  output: Output;
  /** The exit code of a command that a signal stopped. */
  interruptedCode: number | undefined;
}

async function dispatch(process: NodeJS.Process, argv: readonly string[], surroundings: RealSurroundings, presentation: Presentation): Promise<number> {
  const { before, command: name, rest } = splitAtCommand(argv);
  const command = name !== undefined && isCommand(name) ? await loadCommand(name) : undefined;
  if (command !== undefined) refuseOptionsOfCommand(before, command);
  const top = parseOptions(before, TOP_OPTIONS, undefined, false).values;
  presentation.debug = top['debug'] === true;
  presentation.output = makeOutput(surroundings, top['no-color'] === true);

  if (top['version'] === true) {
    const { wasienvVersion } = await import('../base/version.js');
    presentation.output.print(`wasienv ${wasienvVersion()}`);
    return EXIT.OK;
  }
  if (name === undefined) {
    if (top['help'] !== true && before.length > 0) throw errors.noCommandAfterOptions(before);
    const { renderOverview } = await import('./help.js');
    if (top['help'] === true) presentation.output.print(await renderOverview(presentation.output));
    else presentation.output.note(await renderOverview({ colour: presentation.output.errorColour, width: presentation.output.width }));
    return top['help'] === true ? EXIT.OK : EXIT.USAGE;
  }
  if (command === undefined) throw errors.unknownCommand(name, nearestCommand(name));

  // Known even if the rest of the line is not understood: who asked for JSON gets the usage error as JSON too.
  presentation.json = command.reading === 'options' && 'json' in command.options && rest.includes('--json');
  const { input, globals } = parseCommandLine(command, rest);
  presentation.debug ||= globals.debug;
  if (globals['no-color']) presentation.output = makeOutput(surroundings, true);
  if (globals.help || top['help'] === true) {
    const { renderCommandHelp } = await import('./help.js');
    presentation.output.print(renderCommandHelp(command, presentation.output));
    return EXIT.OK;
  }
  return runCommand(process, command, input, surroundings, presentation);
}

async function runCommand(
  process: NodeJS.Process,
  command: Command,
  input: Parameters<Command['run']>[1],
  surroundings: RealSurroundings,
  presentation: Presentation,
): Promise<number> {
  const { output, debug } = presentation;
  const context = { surroundings, env: surroundings.env, output, debug };
  // A signal that never comes. Node makes the first one in a millisecond, and commands of this kind do not look at it.
  if (command.interruption === 'immediate') return command.run({ ...context, get signal() { return new AbortController().signal; } }, input);
  const interruption = listenForInterruption(process);
  try {
    const code = await command.run({ ...context, signal: interruption.signal }, input);
    return interruption.exitCode() ?? code;
  } catch (thrown) {
    presentation.interruptedCode = interruption.exitCode();
    if (presentation.interruptedCode === undefined || (thrown instanceof WasienvError && thrown.code === 'E_INTERRUPTED')) throw thrown;
    // Whatever else the core threw after the signal is a consequence of it.
    throw errors.interrupted(interruption.signalName() ?? 'a signal', thrown);
  } finally {
    interruption.dispose();
  }
}

/** `wasienv --json doctor`: says where the option belongs instead of calling it unknown. */
function refuseOptionsOfCommand(before: readonly string[], command: Command): void {
  for (const word of before) {
    const name = /^--([^=]+)/.exec(word)?.[1];
    if (name !== undefined && Object.hasOwn(command.options, name) && !Object.hasOwn(TOP_OPTIONS, name)) throw errors.optionBeforeCommand(word, command.name);
  }
}
