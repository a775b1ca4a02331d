// The parser's view of the tokens: where it is, what stands there, and how to complain about it.
import type { ParseError } from '../errors.js';
import { didYouMean, parseErrorAt, quoted } from './errors.js';
import { isKnownKeyword, nearestKeyword } from './keywords.js';
import { todaysName } from './legacy-names.js';
import { parseU32 } from './numbers.js';
import { SourcePlaces } from './source-places.js';
import { Token, identifierName, stringBytes, textOf, utf8End, type Tokens } from './tokens.js';

export class Cursor {
  /** Index of the token that is next. */
  at: number;
  private sourcePlaces: SourcePlaces | undefined;

  /** `places`: those of the same source, when somebody has them already. */
  constructor(readonly tokens: Tokens, start = 0, places?: SourcePlaces) {
    this.at = start;
    this.sourcePlaces = places;
  }

  get places(): SourcePlaces {
    return (this.sourcePlaces ??= new SourcePlaces(this.tokens.source));
  }

  kind(ahead = 0): Token {
    const at = this.at + ahead;
    const { kinds, count } = this.tokens;
    return kinds[at < count ? at : count - 1]!;
  }

  text(at = this.at): string {
    const { source, starts, ends } = this.tokens;
    return textOf(source, starts[at]!, ends[at]!);
  }

  offset(at = this.at): number {
    return this.tokens.starts[Math.min(at, this.tokens.count - 1)]!;
  }

  isKeyword(word: string, ahead = 0): boolean {
    return this.kind(ahead) === Token.KEYWORD && this.hasText(word, this.at + ahead);
  }

  /** `(word`. */
  opens(word: string): boolean {
    return this.kind() === Token.OPEN && this.isKeyword(word, 1);
  }

  private hasText(word: string, at: number): boolean {
    const { source, starts, ends } = this.tokens;
    const start = starts[at]!;
    if (ends[at]! - start !== word.length) return false;
    for (let index = 0; index < word.length; index++) if (source[start + index] !== word.charCodeAt(index)) return false;
    return true;
  }

  /** Takes `(word` when it is next. */
  takeOpening(word: string): boolean {
    if (!this.opens(word)) return false;
    this.at += 2;
    return true;
  }

  takeKeyword(word: string): boolean {
    if (!this.isKeyword(word)) return false;
    this.at++;
    return true;
  }

  expectOpening(word: string): void {
    if (!this.takeOpening(word)) throw this.unexpected(`(${word}`);
  }

  expectOpen(): void {
    if (this.kind() !== Token.OPEN) throw this.unexpected('(');
    this.at++;
  }

  expectClose(): void {
    if (this.kind() !== Token.CLOSE) throw this.unexpected(')');
    this.at++;
  }

  isIndex(ahead = 0): boolean {
    const kind = this.kind(ahead);
    return kind === Token.NATURAL || kind === Token.ID;
  }

  /** The name of the identifier at token `at`. */
  nameAt(at: number): string {
    const { source, starts, ends } = this.tokens;
    return identifierName(source, starts[at]!, ends[at]!);
  }

  /** Takes a number that may be an index. */
  natural(): number {
    if (this.kind() !== Token.NATURAL) throw this.unexpected('a number');
    const value = parseU32(this.text());
    if (value === null) throw this.fail('i32 constant out of range', `${quoted(this.text())} is above 2^32 - 1`);
    this.at++;
    return value;
  }

  /** Takes a string literal of any bytes. */
  string(): Uint8Array {
    if (this.kind() !== Token.STRING) throw this.unexpected('a string');
    const { source, starts, ends } = this.tokens;
    const bytes = stringBytes(source, starts[this.at]!, ends[this.at]!);
    this.at++;
    return bytes;
  }

  /** Takes a string literal that is a name: well-formed UTF-8. */
  name(): string {
    const at = this.at;
    const bytes = this.string();
    if (utf8End(bytes, 0, bytes.length) !== bytes.length) throw this.failAt(at, 'malformed UTF-8 encoding', 'a name must be well-formed UTF-8');
    return textOf(bytes, 0, bytes.length);
  }

  /** Takes string literals up to the next `)` or other token, joined. */
  strings(): Uint8Array {
    const parts: Uint8Array[] = [];
    let length = 0;
    while (this.kind() === Token.STRING) {
      const part = this.string();
      parts.push(part);
      length += part.length;
    }
    if (parts.length === 1) return parts[0]!;
    const joined = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  /** From a token `(`: index of the token behind its `)`, or of the last token when it is never closed. */
  behindParenthesis(open: number): number {
    const { kinds, count } = this.tokens;
    let depth = 0;
    for (let at = open; at < count - 1; at++) {
      const kind = kinds[at];
      if (kind === Token.OPEN) depth++;
      else if (kind === Token.CLOSE && --depth === 0) return at + 1;
    }
    return count - 1;
  }

  fail(wording: string, detail?: string): ParseError {
    return this.failAt(this.at, wording, detail);
  }

  failAt(at: number, wording: string, detail?: string, next?: string): ParseError {
    return parseErrorAt(this.places, this.offset(at), wording, detail, next);
  }

  failOffset(offset: number, wording: string, detail?: string): ParseError {
    return parseErrorAt(this.places, offset, wording, detail);
  }

  /** What is wrong with the next token, where `expected` should stand. */
  unexpected(expected?: string): ParseError {
    const wanted = expected === undefined ? '' : `, expected ${/^[a-z]+ /.test(expected) ? expected : quoted(expected)}`;
    switch (this.kind()) {
      case Token.FAILURE: {
        const { wording, detail } = this.tokens.failure!;
        return this.fail(wording, detail);
      }
      case Token.END:
        return this.fail('unexpected token', `the text ends here${wanted}`);
      case Token.RESERVED:
        return this.fail('unknown operator', `${quoted(this.text())} is no token of the language${wanted}`);
      case Token.KEYWORD: {
        const keyword = this.text();
        const today = todaysName(keyword);
        if (today !== undefined && isKnownKeyword(today)) {
          return this.failAt(this.at, `unknown operator ${keyword}`, `it is spelled ${quoted(today)} today`, `write \`${today}\`, or give --legacy-names to accept old spellings`);
        }
        if (!isKnownKeyword(keyword)) return this.failAt(this.at, 'unknown operator', quoted(keyword) + wanted, didYouMean(nearestKeyword(keyword)));
        return this.fail('unexpected token', quoted(keyword) + wanted);
      }
      default:
        return this.fail('unexpected token', quoted(this.text()) + wanted);
    }
  }
}
