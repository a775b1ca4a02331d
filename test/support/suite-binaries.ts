// The part of the official suite that is written as bytes: `(module binary "…")`, alone or inside an assertion.
// Reads parentheses, strings and comments and nothing of the text format, so that decoder and validator are tested without a parser.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { suiteDirectory } from './suite-directory.js';

export interface BinaryCase {
  readonly file: string;
  readonly line: number;
  readonly expects: 'valid' | 'malformed' | 'invalid';
  /** The suite's words for what is wrong. */
  readonly wording: string;
  readonly bytes: Uint8Array;
}

type Form = string | { readonly text: Uint8Array } | { readonly line: number; readonly items: Form[] };

const TOKEN = /;;[^\n\r]*|\(;|;\)|\(|\)|"(?:[^"\\]|\\[\s\S])*"|[^\s()";]+/g;

function readForms(source: string): Form[] {
  const top: Form[] = [];
  const stack: Form[][] = [top];
  let comments = 0;
  let line = 1;
  let from = 0;
  for (const match of source.matchAll(TOKEN)) {
    const [token] = match;
    for (; from < match.index; from++) if (source[from] === '\n') line++;
    if (token === '(;') comments++;
    else if (token === ';)') comments--;
    if (comments > 0 || token === ';)' || token.startsWith(';;')) continue;
    if (token === '(') {
      const items: Form[] = [];
      stack.at(-1)!.push({ line, items });
      stack.push(items);
    } else if (token === ')') stack.pop();
    else stack.at(-1)!.push(token.startsWith('"') ? { text: bytesOf(token.slice(1, -1)) } : token);
  }
  return top;
}

const ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, '"': 34, "'": 39, '\\': 92 };

function bytesOf(literal: string): Uint8Array {
  const bytes: number[] = [];
  for (const [part, hex, escape] of literal.matchAll(/\\([0-9a-fA-F]{2})|\\([\s\S])|[^\\]+/g)) {
    if (hex !== undefined) bytes.push(parseInt(hex, 16));
    else if (escape !== undefined) bytes.push(ESCAPES[escape]!);
    else bytes.push(...new TextEncoder().encode(part));
  }
  return Uint8Array.from(bytes);
}

const isList = (form: Form | undefined): form is { readonly line: number; readonly items: Form[] } => typeof form === 'object' && 'items' in form;
const isText = (form: Form | undefined): form is { readonly text: Uint8Array } => typeof form === 'object' && 'text' in form;

function binaryOf(form: Form | undefined): Uint8Array | null {
  if (!isList(form) || form.items[0] !== 'module') return null;
  const at = form.items.indexOf('binary');
  if (at < 0) return null;
  return Uint8Array.from(form.items.slice(at + 1).flatMap((item) => (isText(item) ? [...item.text] : [])));
}

export function suiteBinaries(): BinaryCase[] {
  return (readdirSync(suiteDirectory, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.wast'))
    .sort()
    .flatMap((file) => readForms(readFileSync(path.join(suiteDirectory, file), 'utf8')).flatMap((form) => caseOf(file, form)));
}

function caseOf(file: string, form: Form): BinaryCase[] {
  if (!isList(form)) return [];
  const { line, items } = form;
  const alone = binaryOf(form);
  if (alone !== null) return [{ file, line, expects: 'valid', wording: '', bytes: alone }];
  const inner = binaryOf(items[1]);
  const expects = items[0] === 'assert_malformed' ? 'malformed' : items[0] === 'assert_invalid' ? 'invalid' : null;
  if (inner === null || expects === null) return [];
  const last = items.at(-1);
  return [{ file, line, expects, wording: isText(last) ? new TextDecoder().decode(last.text) : '', bytes: inner }];
}
