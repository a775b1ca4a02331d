// Reads a log of any build with the rules: each line is explained by the first rule that knows it, each rule speaks
// once, at the first line it fits. Pure; holds only the lines it needs around the present one.
import type { Found, Rule } from './rule.js';
import { RULES } from './rules/index.js';

export interface Explanation {
  readonly rule: string;
  readonly title: string;
  /** From 1. */
  readonly lineNumber: number;
  /** As it stood in the log, without colours, cut to `LONGEST_SHOWN` characters. */
  readonly line: string;
  /** Lines that this rule would have explained as well, this one included. */
  readonly count: number;
  readonly cause: string;
  readonly next: string;
}

/** Lines before and after the present one in which `around` is looked for. Cargo prints a build script's variables some 40 lines above its error. */
const BEFORE = 60;
const AFTER = 12;
const LONGEST_SHOWN = 400;
/** A longer line is a command with its arguments, or no text at all: no message starts behind this. */
const LONGEST_READ = 4000;

interface Pending {
  readonly lineNumber: number;
  readonly text: string;
}

/** Takes a log line by line and keeps what it explains. */
export class Explainer {
  readonly #rules: readonly Rule[];
  readonly #window: Pending[] = [];
  readonly #found = new Map<Rule, { lineNumber: number; line: string; count: number; groups: Found }>();
  #lines = 0;
  #next = 0;

  constructor(rules: readonly Rule[] = RULES) {
    this.#rules = rules;
  }

  /** The next line, without its line break. */
  line(text: string): void {
    this.#lines += 1;
    this.#window.push({ lineNumber: this.#lines, text: withoutColours(text.slice(0, LONGEST_READ)) });
    if (this.#window.length - this.#next > AFTER) this.#judge(this.#next++);
    if (this.#window.length > BEFORE + AFTER + 1) {
      this.#window.shift();
      this.#next -= 1;
    }
  }

  /** How many lines were read. */
  get lines(): number {
    return this.#lines;
  }

  /** What could be explained, in the order of the log. Call it at the end of the log. */
  explanations(): Explanation[] {
    while (this.#next < this.#window.length) this.#judge(this.#next++);
    return [...this.#found].map(([rule, { lineNumber, line, count, groups }]) => ({
      rule: rule.id, title: rule.title, lineNumber, line, count,
      cause: typeof rule.cause === 'string' ? rule.cause : rule.cause(groups),
      next: typeof rule.next === 'string' ? rule.next : rule.next(groups),
    }));
  }

  #judge(index: number): void {
    const { text, lineNumber } = this.#window[index]!;
    for (const rule of this.#rules) {
      const groups = this.#match(rule, text, index);
      if (groups === undefined) continue;
      const earlier = this.#found.get(rule);
      if (earlier === undefined) this.#found.set(rule, { lineNumber, line: shown(text), count: 1, groups });
      else earlier.count += 1;
      return;
    }
  }

  #match({ messages, around }: Rule, text: string, index: number): Found | undefined {
    for (const message of messages) {
      const match = message.exec(text);
      if (match === null) continue;
      if (around === undefined) return groupsOf(match);
      const near = around.exec(this.#window.slice(Math.max(0, index - BEFORE), index + AFTER + 1).map((each) => each.text).join('\n'));
      if (near !== null) return { ...groupsOf(near), ...groupsOf(match) };
    }
    return undefined;
  }
}

/** A whole log at once. */
export function explain(log: string, rules: readonly Rule[] = RULES): Explanation[] {
  const explainer = new Explainer(rules);
  for (const line of log.split(/\r?\n/)) explainer.line(line);
  return explainer.explanations();
}

function groupsOf(match: RegExpExecArray): Found {
  return Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, value]) => [name, value ?? '']));
}

// source: ECMA-48, control sequences (CSI) and operating system commands (OSC), which terminals' links use.
const CONTROL = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;

function withoutColours(text: string): string {
  return text.includes('\u001b') ? text.replace(CONTROL, '') : text;
}

function shown(text: string): string {
  const line = text.trim();
  return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN)}…` : line;
}
