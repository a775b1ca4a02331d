// Explanations for people. Pure.
import { NO_PAINT, type Paint } from '../base/paint.js';
import { visible } from '../base/text.js';
import type { Explanation } from './explain.js';

export interface RenderOptions {
  readonly colour?: Paint;
  /** The file the log came from, for logs that are not on the screen. */
  readonly file?: string;
}

/** A block for each: what it is, the line, why, and what to do. */
export function renderExplanations(explanations: readonly Explanation[], { colour = NO_PAINT, file }: RenderOptions = {}): string {
  return explanations.map(({ rule, title, lineNumber, line, count, cause, next }) => {
    const place = `${file === undefined ? 'line ' : `${visible(file)}:`}${lineNumber}${count === 1 ? '' : ` and ${count - 1} more like it`}`;
    return [
      `${colour.yellow(colour.bold(`explain[${rule}]`))}${colour.bold(`: ${title}`)}`,
      `  ${colour.dim('seen  ')} ${visible(line)} ${colour.dim(`(${place})`)}`,
      `  ${colour.dim('why   ')} ${visible(cause)}`,
      `  ${colour.cyan('next  ')} ${visible(next)}`,
    ].join('\n');
  }).join('\n\n');
}

/** One line, to stand under a compiler's own messages. */
export function renderBriefly({ rule, title, next }: Explanation, colour: Paint = NO_PAINT): string {
  return `${colour.yellow(colour.bold(`wasienv explains[${rule}]`))}: ${title}; ${colour.cyan('next')}: ${visible(next)}`;
}
