// Wording of what can be wrong with a text. The opening words are the specification's, as its test suite expects them;
// what follows the colon is for the person who wrote the text.
import { ParseError, ValidationError } from '../errors.js';
import { SourcePlaces } from './source-places.js';

/** An error at a byte of the source, with its line and a caret under the place. */
export function parseErrorAt(places: SourcePlaces, offset: number, wording: string, detail?: string, next?: string): ParseError {
  const { line, column } = places.placeOf(offset);
  return new ParseError(wording, line, column, detail, { where: [['text', places.excerpt(offset)]], ...(next === undefined ? {} : { next }) });
}

/** A next step, when there is a guess. */
export const didYouMean = (guess: string | undefined): string | undefined => (guess === undefined ? undefined : `did you mean \`${guess}\`?`);

export const quoted = (text: string): string => `\`${text}\``;

/** What is to be shown beside an error of validation when the module was text: its line, with a caret. */
export function excerptRows(source: Uint8Array, error: unknown): Array<readonly [label: string, value: string]> {
  if (!(error instanceof ValidationError)) return [];
  const { line, column } = error.place;
  if (line === undefined || column === undefined) return [];
  const places = new SourcePlaces(source);
  return [['text', places.excerpt(places.offsetOf({ line, column }))]];
}
