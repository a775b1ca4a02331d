// Command lines as a person would type them into a POSIX shell, for `--show`.

/** One argument, quoted only where a shell would read it differently. */
export function shellQuote(argument: string): string {
  // `~` and `=` matter only in front, but quoting them is never wrong; non-ASCII letters mean nothing to a shell.
  return /^[\w@%+,./:=\u0080-\uffff-]+$/u.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

export function shellCommand(argv: readonly string[]): string {
  return argv.map(shellQuote).join(' ');
}
