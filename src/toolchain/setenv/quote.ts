// One value as a word of each shell that is no POSIX shell (for those: base/quote.ts), so that the shell reads exactly the value again. Pure. Single quotes everywhere
// they exist: nothing is expanded in them. The one thing no variable can hold is a NUL.
import { notForCmd } from '../errors.js';

/** fish: between single quotes only `\\` and `\'` are read as one character. */
export const fishQuote = (value: string): string => `'${value.replace(/[\\']/g, '\\$&')}'`;

/** PowerShell takes four curly quotes for the straight one, and two of any kind for one: about_Quoting_Rules. */
export const powershellQuote = (value: string): string => `'${value.replace(/['\u2018-\u201b]/g, '$&$&')}'`;

/** nu: double quotes with escapes; `$` has no meaning in them. A single-quoted string could not hold a `'`. */
export function nuQuote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&').replace(/[\u0000-\u001f\u007f]/g, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`)}"`;
}

/**
 * cmd, for `set "NAME=…"` in a batch file: only `%` has a meaning there, as long as there is no quote in the value.
 * No Windows path holds one, nor a line break. With delayed expansion on (`cmd /v:on`) `!` and, where a `!` is, `^` have one too.
 * @throws E_USAGE for a value that cmd cannot hold
 */
export function cmdValue(value: string, delayed = false): string {
  if (/["\r\n]/.test(value)) throw notForCmd(value);
  const text = value.replaceAll('%', '%%');
  return delayed && value.includes('!') ? text.replace(/[\^!]/g, '^$&') : text;
}

/** One argument on a command line of a batch file, for what no path holds beside `%`: a quote ends it. */
export const cmdWord = (value: string): string => `"${value.replaceAll('%', '%%')}"`;
