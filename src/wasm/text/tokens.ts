// Cuts WebAssembly text into tokens: one pass over the UTF-8 bytes, into flat arrays, so that the parser can look ahead
// and come back for free. A lexical error becomes the last token: the parser reports it when it gets there, unless
// something before it is wrong already. Annotations stand beside the tokens, not among them, because they may be anywhere.
// spec: text/lexical

export const enum Token {
  /** End of the source. */
  END,
  OPEN,
  CLOSE,
  KEYWORD,
  /** `$name` or `$"name"`. */
  ID,
  STRING,
  /** A number without sign and fraction: what may be an index. */
  NATURAL,
  /** `+1`, `-1`: an integer that cannot be an index. */
  INTEGER,
  FLOAT,
  /** Characters that the grammar reserves: no token of the language. */
  RESERVED,
  /** Where `Tokens.failure` happened. */
  FAILURE,
}

export interface LexicalFailure {
  readonly wording: string;
  readonly detail?: string;
  readonly offset: number;
}

/** `(@name …)`, the name without its quotes. */
export interface Annotation {
  readonly name: string;
  /** Index of the token that follows it. */
  readonly before: number;
  readonly offset: number;
  /** Between name and closing parenthesis. */
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

export interface Tokens {
  readonly source: Uint8Array;
  readonly count: number;
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly annotations: readonly Annotation[];
  readonly failure: LexicalFailure | null;
}

const enum Char {
  ID = 1,
  DIGIT = 2,
  HEX = 4,
  SPACE = 8,
  /** `, ; [ ] { }`: reserved, each a token of its own. */
  LONE = 16,
}

const CLASSES = (() => {
  const classes = new Uint8Array(256);
  const mark = (characters: string, bits: number): void => {
    for (const character of characters) classes[character.charCodeAt(0)]! |= bits;
  };
  mark("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&'*+-./:<=>?@\\^_`|~", Char.ID);
  mark('0123456789', Char.DIGIT);
  mark('0123456789abcdefABCDEF', Char.HEX);
  mark(' \t\n\r', Char.SPACE);
  mark(',;[]{}', Char.LONE);
  return classes;
})();

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const DOLLAR = 0x24;
const OPEN = 0x28;
const CLOSE = 0x29;
const SEMICOLON = 0x3b;
const AT = 0x40;
const BACKSLASH = 0x5c;
const UNDERSCORE = 0x5f;

/** Index of the first byte that is not part of well-formed UTF-8, or `end`. spec: binary/values#binary-utf8 */
export function utf8End(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; ) {
    const lead = bytes[at]!;
    if (lead < 0x80) {
      at++;
      continue;
    }
    const length = lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
    if (length === 0 || at + length > end) return at;
    const second = bytes[at + 1]!;
    // No overlong forms, no surrogates, nothing above U+10FFFF.
    if (second < (lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80) || second > (lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf)) return at;
    for (let next = 2; next < length; next++) if ((bytes[at + next]! & 0xc0) !== 0x80) return at;
    at += length;
  }
  return end;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Text of a range that is known to be well-formed UTF-8. */
export const textOf = (bytes: Uint8Array, start: number, end: number): string => {
  if (end - start > 40) return decoder.decode(bytes.subarray(start, end));
  let text = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80) return decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(byte);
  }
  return text;
};

/** Why a string literal cannot be read; thrown inside this file only. */
class Failed {
  constructor(readonly failure: LexicalFailure) {}
}
const fail = (offset: number, wording: string, detail?: string): never => {
  throw new Failed(detail === undefined ? { wording, offset } : { wording, detail, offset });
};

/** Position after the closing quote of the string that opens at `at`. */
function skipString(bytes: Uint8Array, at: number, end: number): number {
  for (let next = at + 1; next < end; ) {
    const byte = bytes[next]!;
    if (byte === QUOTE) return next + 1;
    if (byte === NEWLINE || byte === RETURN) break;
    if (byte < 0x20 || byte === 0x7f) fail(next, 'illegal control character in string literal');
    next += byte === BACKSLASH ? escapeLength(bytes, next, end) : 1;
  }
  return fail(at, 'unclosed string literal');
}

function escapeLength(bytes: Uint8Array, at: number, end: number): number {
  const kind = at + 1 < end ? bytes[at + 1]! : 0;
  switch (kind) {
    case 0x74: case 0x6e: case 0x72: case QUOTE: case 0x27: case BACKSLASH:
      return 2;
    case 0x75: {
      if (bytes[at + 2] !== 0x7b) break;
      const close = digitsEnd(bytes, at + 3, end, Char.HEX);
      if (close === -1 || close >= end || bytes[close] !== 0x7d) break;
      const value = hexValue(bytes, at + 3, close);
      if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) fail(at, 'illegal escape', 'no such Unicode character');
      return close + 1 - at;
    }
    default:
      if ((CLASSES[kind]! & Char.HEX) !== 0 && at + 2 < end && (CLASSES[bytes[at + 2]!]! & Char.HEX) !== 0) return 3;
  }
  return fail(at, 'illegal escape', 'a string may hold \\t \\n \\r \\" \\\' \\\\ \\u{hex} and \\ with two hex digits');
}

const hexDigit = (byte: number): number => (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57);

/** Saturates far above every Unicode character. */
function hexValue(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) if (bytes[at] !== UNDERSCORE) value = Math.min(value * 16 + hexDigit(bytes[at]!), 0xffff_ffff);
  return value;
}

/** The bytes of the string literal from `start` (its quote) to `end` (behind its closing quote), escapes resolved. */
export function stringBytes(source: Uint8Array, start: number, end: number): Uint8Array {
  const last = end - 1;
  const plain = source.subarray(start + 1, last);
  if (!plain.includes(BACKSLASH)) return plain.slice();
  const bytes = new Uint8Array(last - start - 1);
  let length = 0;
  for (let at = start + 1; at < last; ) {
    if (source[at] !== BACKSLASH) {
      bytes[length++] = source[at++]!;
      continue;
    }
    const kind = source[at + 1]!;
    if (kind === 0x75) {
      const close = source.indexOf(0x7d, at);
      length += encodeCharacter(hexValue(source, at + 3, close), bytes, length);
      at = close + 1;
    } else if ((CLASSES[kind]! & Char.HEX) !== 0) {
      bytes[length++] = (hexDigit(kind) << 4) | hexDigit(source[at + 2]!);
      at += 3;
    } else {
      bytes[length++] = kind === 0x74 ? 0x09 : kind === 0x6e ? NEWLINE : kind === 0x72 ? RETURN : kind;
      at += 2;
    }
  }
  return bytes.subarray(0, length);
}

function encodeCharacter(value: number, into: Uint8Array, at: number): number {
  if (value < 0x80) {
    into[at] = value;
    return 1;
  }
  const length = value < 0x800 ? 2 : value < 0x10000 ? 3 : 4;
  for (let index = length - 1; index > 0; index--, value >>>= 6) into[at + index] = 0x80 | (value & 0x3f);
  into[at] = ((0xf00 >>> length) & 0xff) | value;
  return length;
}

/** Digits with single underscores between them, from `at`: where they end, or -1 when there are none or they end in an underscore. */
function digitsEnd(bytes: Uint8Array, at: number, end: number, set: Char.DIGIT | Char.HEX): number {
  let next = at;
  let afterDigit = false;
  for (; next < end; next++) {
    const byte = bytes[next]!;
    if ((CLASSES[byte]! & set) !== 0) afterDigit = true;
    else if (byte === UNDERSCORE && afterDigit) afterDigit = false;
    else break;
  }
  return afterDigit ? next : -1;
}

/** What a run of identifier characters that opens with a digit or sign is. */
function numberKind(bytes: Uint8Array, start: number, end: number): Token {
  const sign = bytes[start]!;
  const signed = sign === 0x2b || sign === 0x2d;
  let at = signed ? start + 1 : start;
  const whole = signed ? Token.INTEGER : Token.NATURAL;
  if (at < end && (bytes[at] === 0x69 || bytes[at] === 0x6e)) return isSpecialFloat(bytes, at, end) ? Token.FLOAT : Token.RESERVED;
  const hex = bytes[at] === 0x30 && bytes[at + 1] === 0x78 && at + 1 < end;
  const set = hex ? Char.HEX : Char.DIGIT;
  at = digitsEnd(bytes, hex ? at + 2 : at, end, set);
  if (at === -1) return Token.RESERVED;
  if (at === end) return whole;
  if (bytes[at] === 0x2e) {
    at++;
    if (at < end && (CLASSES[bytes[at]!]! & set) !== 0) at = digitsEnd(bytes, at, end, set);
    if (at === -1) return Token.RESERVED;
  }
  if (at < end && (bytes[at]! | 0x20) === (hex ? 0x70 : 0x65)) {
    at++;
    if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
    at = digitsEnd(bytes, at, end, Char.DIGIT);
  }
  return at === end ? Token.FLOAT : Token.RESERVED;
}

/** `inf`, `nan`, `nan:0x…`. */
function isSpecialFloat(bytes: Uint8Array, start: number, end: number): boolean {
  const text = textOf(bytes, start, Math.min(end, start + 6));
  if (text === 'inf' || text === 'nan') return true;
  return text === 'nan:0x' && digitsEnd(bytes, start + 6, end, Char.HEX) === end;
}

/** The name of a quoted identifier or annotation: not empty, well-formed. */
function quotedName(bytes: Uint8Array, start: number, end: number, empty: string): string {
  const name = stringBytes(bytes, start, end);
  if (name.length === 0) fail(start, empty);
  if (utf8End(name, 0, name.length) !== name.length) fail(start, 'malformed UTF-8 encoding');
  return decoder.decode(name);
}

/** The name that an ID token stands for, without its `$`: `$f` and `$"f"` are the same. */
export function identifierName(source: Uint8Array, start: number, end: number): string {
  return source[start + 1] === QUOTE ? decoder.decode(stringBytes(source, start + 1, end)) : textOf(source, start + 1, end);
}

/** Cuts `source` from `start` to `end` into tokens. Never throws: see `Tokens.failure`. */
export function tokenize(source: Uint8Array, start = 0, end = source.length): Tokens {
  const annotations: Annotation[] = [];
  let capacity = (((end - start) / 3) | 0) + 16;
  let kinds = new Uint8Array(capacity);
  let starts = new Int32Array(capacity);
  let ends = new Int32Array(capacity);
  let count = 0;
  let failure: LexicalFailure | null = null;

  const push = (kind: Token, from: number, to: number): void => {
    if (count === capacity) {
      capacity *= 2;
      const [oldKinds, oldStarts, oldEnds] = [kinds, starts, ends];
      (kinds = new Uint8Array(capacity)).set(oldKinds);
      (starts = new Int32Array(capacity)).set(oldStarts);
      (ends = new Int32Array(capacity)).set(oldEnds);
    }
    kinds[count] = kind;
    starts[count] = from;
    ends[count++] = to;
  };

  // Bytes behind the first one that is not UTF-8 are never looked at.
  const wellFormed = utf8End(source, start, end);

  /** Position behind the block comment that opens at `at`. */
  const skipComment = (at: number): number => {
    let depth = 0;
    for (let next = at; next + 1 < wellFormed; ) {
      const [byte, following] = [source[next], source[next + 1]];
      if (byte === OPEN && following === SEMICOLON) {
        depth++;
        next += 2;
      } else if (byte === SEMICOLON && following === CLOSE) {
        depth--;
        next += 2;
        if (depth === 0) return next;
      } else next++;
    }
    return wellFormed < end ? wellFormed : fail(at, 'unclosed comment');
  };

  const skipLine = (at: number): number => {
    while (at < wellFormed && source[at] !== NEWLINE && source[at] !== RETURN) at++;
    return at;
  };

  /** Position behind a run of identifier characters and strings. */
  const skipRun = (at: number): number => {
    while (at < wellFormed) {
      const byte = source[at]!;
      if (byte === QUOTE) at = skipString(source, at, wellFormed);
      else if ((CLASSES[byte]! & Char.ID) !== 0) at++;
      else break;
    }
    return at;
  };

  const skipAnnotation = (open: number): number => {
    let at = open + 2;
    let name: string;
    if (source[at] === QUOTE && at < wellFormed) {
      // A string that never closes is no name at all.
      const close = attempt(() => skipString(source, at, wellFormed));
      if (close === null) return fail(open, 'empty annotation id');
      name = quotedName(source, at, close, 'empty annotation id');
      at = close;
    } else {
      const from = at;
      while (at < wellFormed && (CLASSES[source[at]!]! & Char.ID) !== 0) at++;
      if (at === from) return fail(open, 'empty annotation id', 'an annotation opens with `(@name`, without a space');
      name = textOf(source, from, at);
    }
    const bodyStart = at;
    for (let depth = 1; at < wellFormed; ) {
      const byte = source[at]!;
      const following = at + 1 < wellFormed ? source[at + 1]! : 0;
      if (byte === OPEN && following === SEMICOLON) at = skipComment(at);
      else if (byte === SEMICOLON && following === SEMICOLON) at = skipLine(at);
      else if (byte === OPEN) {
        depth++;
        at++;
      } else if (byte === CLOSE) {
        at++;
        if (--depth === 0) {
          annotations.push({ name, before: count, offset: open, bodyStart, bodyEnd: at - 1 });
          return at;
        }
      } else if (byte === QUOTE || (CLASSES[byte]! & Char.ID) !== 0) at = skipRun(at);
      else if ((CLASSES[byte]! & (Char.SPACE | Char.LONE)) !== 0) at++;
      else return fail(at, 'illegal character');
    }
    return wellFormed < end ? wellFormed : fail(open, 'unclosed annotation');
  };

  const runKind = (from: number, to: number, stringsAt: number): Token => {
    const first = source[from]!;
    if (first === DOLLAR) {
      if (to === from + 1) return fail(from, 'empty identifier', 'a name follows the `$`, without a space');
      if (stringsAt === -1) return Token.ID;
      if (stringsAt !== from + 1 || skipString(source, stringsAt, to) !== to) return Token.RESERVED;
      quotedName(source, stringsAt, to, 'empty identifier');
      return Token.ID;
    }
    if (stringsAt === from) return skipString(source, from, to) === to ? Token.STRING : Token.RESERVED;
    if (stringsAt !== -1) return Token.RESERVED;
    if ((CLASSES[first]! & Char.DIGIT) !== 0 || first === 0x2b || first === 0x2d) return numberKind(source, from, to);
    if (first >= 0x61 && first <= 0x7a) return (first === 0x69 || first === 0x6e) && isSpecialFloat(source, from, to) ? Token.FLOAT : Token.KEYWORD;
    return Token.RESERVED;
  };

  try {
    for (let at = start; at < wellFormed; ) {
      const byte = source[at]!;
      const bits = CLASSES[byte]!;
      if ((bits & Char.SPACE) !== 0) at++;
      else if (byte === OPEN) {
        const following = at + 1 < wellFormed ? source[at + 1] : 0;
        if (following === SEMICOLON) at = skipComment(at);
        else if (following === AT) at = skipAnnotation(at);
        else push(Token.OPEN, at, ++at);
      } else if (byte === CLOSE) push(Token.CLOSE, at, ++at);
      else if (byte === SEMICOLON && at + 1 < wellFormed && source[at + 1] === SEMICOLON) at = skipLine(at);
      else if ((bits & Char.ID) !== 0 || byte === QUOTE) {
        const from = at;
        while (at < wellFormed && (CLASSES[source[at]!]! & Char.ID) !== 0) at++;
        let stringsAt = -1;
        if (at < wellFormed && source[at] === QUOTE) {
          stringsAt = at;
          // `$"` that does not go on as a string is a `$` without a name.
          if (at === from + 1 && byte === DOLLAR && attempt(() => skipString(source, at, wellFormed)) === null && wellFormed === end) fail(from, 'empty identifier');
          at = skipRun(at);
        }
        push(runKind(from, at, stringsAt), from, at);
      } else if ((bits & Char.LONE) !== 0) push(Token.RESERVED, at, ++at);
      else if (at === 0 && byte === 0xef && source[1] === 0xbb && source[2] === 0xbf) fail(at, 'illegal character', 'the text opens with a byte order mark: save it as UTF-8 without one');
      else fail(at, 'illegal character', byte < 0x20 || byte === 0x7f ? `control character 0x${byte.toString(16)}` : 'outside strings and comments the text format is ASCII');
    }
    if (wellFormed < end) fail(wellFormed, 'malformed UTF-8 encoding');
  } catch (thrown) {
    if (!(thrown instanceof Failed)) throw thrown;
    // An unclosed string or annotation in front of a bad byte is the bad byte's doing.
    failure = wellFormed < end && thrown.failure.wording.startsWith('unclosed') ? { wording: 'malformed UTF-8 encoding', offset: wellFormed } : thrown.failure;
  }
  if (failure !== null) push(Token.FAILURE, failure.offset, failure.offset + 1);
  else push(Token.END, end, end);
  return { source, count, kinds: kinds.subarray(0, count), starts: starts.subarray(0, count), ends: ends.subarray(0, count), annotations, failure };
}

function attempt(run: () => number): number | null {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof Failed) return null;
    throw thrown;
  }
}
