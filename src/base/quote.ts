// One value as a word of a POSIX shell (sh, bash, dash, zsh, ksh), so that the shell reads exactly the value again. Pure.
// The other shells that wasienv writes for are in toolchain/setenv/quote.ts.

/** Between single quotes nothing has a meaning but the next one. */
export const posixQuote = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;

/** Quoted only where a shell would read it differently. */
export function shellQuote(argument: string): string {
  // `~` and `=` matter only in front, but quoting them is never wrong; non-ASCII letters mean nothing to a shell.
  return /^[\w@%+,./:=\u0080-\uffff-]+$/u.test(argument) ? argument : posixQuote(argument);
}

/** A command line as a person would type it. */
export function shellCommand(argv: readonly string[]): string {
  return argv.map(shellQuote).join(' ');
}
