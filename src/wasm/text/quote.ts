// Strings and identifiers as the text format writes them. spec: text/values#strings, text/values#names-and-identifiers

const encoder = new TextEncoder();

const ESCAPES: Readonly<Record<number, string>> = { 0x09: '\\t', 0x0a: '\\n', 0x0d: '\\r', 0x22: '\\"', 0x5c: '\\\\' };

const hexByte = (byte: number): string => `\\${byte.toString(16).padStart(2, '0')}`;

const BYTE_TEXT: readonly string[] = Array.from({ length: 256 }, (_, byte) => ESCAPES[byte] ?? (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : hexByte(byte)));

/** A string literal of these bytes, in ASCII. */
export function quoteBytes(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) text += BYTE_TEXT[byte]!;
  return `${text}"`;
}

/**
 * A string literal of this name. Letters of all scripts stay readable; what a terminal or editor would not show, or
 * would obey (controls, direction marks, private and unassigned characters), is escaped.
 */
export function quoteName(name: string): string {
  const text = name.replace(/["\\]|[^\P{C}]|[^\P{Z} ]/gu, (character) => {
    const code = character.codePointAt(0)!;
    return code < 0x80 ? BYTE_TEXT[code]! : code >= 0xd800 && code < 0xe000 ? [...encoder.encode(character)].map(hexByte).join('') : `\\u{${code.toString(16)}}`;
  });
  return `"${text}"`;
}

const PLAIN = /^[0-9A-Za-z!#$%&'*+\-./:<=>?@\\^_`|~]+$/;

/** `$name`, or `$"name"` when it holds more than identifier characters. The name must not be empty. */
export const identifier = (name: string): string => (PLAIN.test(name) ? `$${name}` : `$${quoteName(name)}`);
