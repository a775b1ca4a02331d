// What a rule of `wasienv explain` is: a message that a tool really prints, why it appears, and the command that mends it.
// Rules are data; how a log is read with them is explain.ts.

/** What a rule may tell with: the named groups of its patterns, empty where a group took no part. */
export type Found = Readonly<Record<string, string>>;

export interface Rule {
  /** Stable, in kebab-case: it is printed, and scripts may rely on it. */
  readonly id: string;
  /** One lower-case fact, without a full stop. */
  readonly title: string;
  /** The tools and versions that print the message. */
  readonly printedBy: string;
  /** Any of these in one line of the log, colours taken away. */
  readonly messages: readonly RegExp[];
  /** Where the line alone could come from anything: this must stand in the lines around it. Its groups count too. */
  readonly around?: RegExp;
  readonly cause: string | ((found: Found) => string);
  /** What to do, in the imperative, with a command where there is one. */
  readonly next: string | ((found: Found) => string);
}
