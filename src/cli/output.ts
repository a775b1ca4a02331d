// How the front door speaks: results on stdout, the rest on stderr, colours only where they are wanted.
import { NO_PAINT, type Paint } from '../base/paint.js';
import type { Environment } from '../base/surroundings.js';
import type { RealSurroundings } from './surroundings.js';

const paint = (open: number, close: number) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`;

const COLOURED: Paint = { bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), green: paint(32, 39), yellow: paint(33, 39), cyan: paint(36, 39) };

/** `--no-color`, then FORCE_COLOR, then NO_COLOR (no-color.org: any non-empty value), then whether it is a terminal. */
function wantsColour(env: Environment, noColourOption: boolean, isTerminal: () => boolean): boolean {
  if (noColourOption) return false;
  const force = env['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return env['TERM'] !== 'dumb' && isTerminal();
}

export interface Output {
  /** A line of the result, on stdout. */
  print(line: string): void;
  /** A line beside the result, on stderr. */
  note(line: string): void;
  /** Colours as stdout and stderr want them; the two may differ. */
  readonly colour: Paint;
  readonly errorColour: Paint;
  /** Columns that help may fill, within reason; undefined where stdout is no terminal. */
  readonly width: number | undefined;
  /** stdout is a terminal wide enough for lines to be drawn over; a pseudo-terminal may say it has 0 columns. */
  readonly canRedraw: boolean;
}

export function makeOutput(surroundings: RealSurroundings, noColourOption: boolean): Output {
  const { env, isTerminal } = surroundings;
  return {
    print: (line) => void surroundings.stdout.write(`${line}\n`),
    note: (line) => void surroundings.stderr.write(`${line}\n`),
    // Asked when something is written: to know a terminal takes longer than all else of the front door.
    get colour() {
      return wantsColour(env, noColourOption, () => isTerminal(1)) ? COLOURED : NO_PAINT;
    },
    get errorColour() {
      return wantsColour(env, noColourOption, () => isTerminal(2)) ? COLOURED : NO_PAINT;
    },
    get width() {
      return isTerminal(1) ? Math.max(60, Math.min(110, surroundings.stdout.columns || 110)) : undefined;
    },
    get canRedraw() {
      return isTerminal(1) && env['TERM'] !== 'dumb' && (surroundings.stdout.columns ?? 0) >= 40;
    },
  };
}
