// From byte offsets to the lines and columns that people see. Lines are found once, on first need; columns count
// characters, not bytes, and cost the same in a file that is one line of ten megabytes.
import { textOf } from './tokens.js';

const BLOCK_SHIFT = 8;

export interface SourcePlace {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

export class SourcePlaces {
  private readonly lineStarts: Uint32Array;
  /** Characters in front of every 256th byte; null when the source is ASCII. */
  private readonly charactersBefore: Uint32Array | null;

  constructor(private readonly source: Uint8Array) {
    let lines = 1;
    let continuations = 0;
    for (let at = 0; at < source.length; at++) {
      if (isLineEnd(source, at)) lines++;
      else if (isContinuation(source[at]!)) continuations++;
    }
    this.lineStarts = new Uint32Array(lines);
    this.charactersBefore = continuations === 0 ? null : new Uint32Array((source.length >>> BLOCK_SHIFT) + 1);
    let line = 0;
    let characters = 0;
    for (let at = 0; at < source.length; at++) {
      if (this.charactersBefore !== null && (at & ((1 << BLOCK_SHIFT) - 1)) === 0) this.charactersBefore[at >>> BLOCK_SHIFT] = characters;
      if (isLineEnd(source, at)) this.lineStarts[++line] = at + 1;
      if (!isContinuation(source[at]!)) characters++;
    }
  }

  private charactersTo(offset: number): number {
    if (this.charactersBefore === null) return offset;
    const block = Math.min(offset >>> BLOCK_SHIFT, this.charactersBefore.length - 1);
    let characters = this.charactersBefore[block]!;
    for (let at = block << BLOCK_SHIFT; at < offset; at++) if (!isContinuation(this.source[at]!)) characters++;
    return characters;
  }

  /** Index of the line, from 0, that holds `offset`. */
  private lineOf(offset: number): number {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  placeOf(offset: number): SourcePlace {
    const line = this.lineOf(offset);
    return { line: line + 1, column: this.charactersTo(offset) - this.charactersTo(this.lineStarts[line]!) + 1 };
  }

  /** Offset of a place; that of the nearest one when it is beyond its line. */
  offsetOf({ line, column }: SourcePlace): number {
    let offset = this.lineStarts[Math.min(line, this.lineStarts.length) - 1]!;
    for (let left = column - 1; left > 0 && offset < this.source.length && !isLineEnd(this.source, offset); left--) {
      offset++;
      while (isContinuation(this.source[offset]!)) offset++;
    }
    return offset;
  }

  /** The line that holds `offset` with a caret under it; a long line is cut to the part around the caret. */
  excerpt(offset: number): string {
    const line = this.lineOf(offset);
    const start = this.lineStarts[line]!;
    let end = start;
    while (end < this.source.length && this.source[end] !== 0x0a && this.source[end] !== 0x0d) end++;
    const from = windowStart(this.source, start, offset);
    const to = windowEnd(this.source, offset, end);
    // Controls would move the caret or the terminal; one replacement each keeps them apart.
    const show = (a: number, b: number): string => textOf(this.source, a, Math.max(a, b)).replace(/\t/g, ' ').replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
    const before = `${from > start ? '…' : ''}${show(from, Math.min(offset, end))}`;
    return `${before}${show(offset, to)}${to < end ? '…' : ''}\n${' '.repeat([...before].length)}^`;
  }
}

/** `\n`, `\r\n` or a lone `\r` ends a line; of `\r\n` it is the `\n` that does. */
function isLineEnd(source: Uint8Array, at: number): boolean {
  return source[at] === 0x0a || (source[at] === 0x0d && source[at + 1] !== 0x0a);
}

const EXCERPT_BEFORE = 60;
const EXCERPT_AFTER = 50;

function windowStart(source: Uint8Array, start: number, offset: number): number {
  let from = Math.max(start, offset - EXCERPT_BEFORE);
  while (from > start && isContinuation(source[from]!)) from--;
  return from;
}

function windowEnd(source: Uint8Array, offset: number, end: number): number {
  let to = Math.min(end, offset + EXCERPT_AFTER);
  while (to < end && isContinuation(source[to]!)) to++;
  return to;
}
