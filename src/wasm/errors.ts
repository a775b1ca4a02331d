// What can go wrong with WebAssembly, a class for each phase: decode, parse, validate, link, run. Every message opens with
// the wording of the specification's test suite (`unexpected end`, `type mismatch`, `integer divide by zero` …), so that
// suite, users and search engines meet the same words; what follows the colon names the subject.
import { WasienvError, type ErrorParts } from '../base/errors.js';

const at = (position: number): string => `byte 0x${position.toString(16)} (${position})`;
const withFact = (wording: string, detail: string | undefined): string => (detail === undefined ? wording : `${wording}: ${detail}`);

/** Bytes that are not a module: `position` is the byte where that shows. */
export class DecodeError extends WasienvError {
  override readonly name = 'DecodeError';
  readonly position: number;
  /** The opening words alone, as the suite has them. */
  readonly wording: string;

  constructor(wording: string, position: number, detail?: string, parts: ErrorParts & { readonly code?: 'E_DECODE' | 'E_NOT_WASM' | 'E_COMPONENT' } = {}) {
    super(parts.code ?? 'E_DECODE', withFact(wording, detail), { ...parts, where: [['at', at(position)], ...(parts.where ?? [])] });
    this.position = position;
    this.wording = wording;
  }
}

/** Text that is not a module. Lines and columns count from 1, columns in characters. */
export class ParseError extends WasienvError {
  override readonly name = 'ParseError';
  readonly line: number;
  readonly column: number;
  readonly wording: string;

  constructor(wording: string, line: number, column: number, detail?: string, parts: ErrorParts = {}) {
    super('E_PARSE', withFact(wording, detail), { ...parts, where: [['at', `line ${line}, column ${column}`], ...(parts.where ?? [])] });
    this.line = line;
    this.column = column;
    this.wording = wording;
  }
}

/** Where in a module a rule is broken. */
export interface ModulePlace {
  /** In the index space of functions, imports first. */
  readonly functionIndex?: number;
  readonly functionName?: string;
  /** What it is when it is no function: `export "memory"`, `global 3`, `element segment 0`. */
  readonly subject?: string;
  readonly mnemonic?: string;
  /** Of the instruction; an index into the bytes of its expression, which for a decoded module is the place in the file. */
  readonly position?: number;
  /** In the text, for a module that was parsed. */
  readonly line?: number;
  readonly column?: number;
}

/** A well-formed module that breaks a rule of validation. */
export class ValidationError extends WasienvError {
  override readonly name = 'ValidationError';
  readonly place: ModulePlace;
  readonly wording: string;

  constructor(wording: string, place: ModulePlace = {}, detail?: string, parts: ErrorParts = {}) {
    super('E_INVALID', withFact(wording, detail), { ...parts, where: [...describePlace(place), ...(parts.where ?? [])] });
    this.place = place;
    this.wording = wording;
  }
}

/** `function 12 "qsort"`, or without its name when it has none. */
export const describeFunction = (index: number, name: string | undefined): string => `function ${index}${name === undefined ? '' : ` ${JSON.stringify(name)}`}`;

function describePlace(place: ModulePlace): Array<readonly [string, string]> {
  const rows: Array<readonly [string, string]> = [];
  const subject = place.functionIndex === undefined ? place.subject : describeFunction(place.functionIndex, place.functionName);
  if (subject !== undefined) rows.push(['in', subject]);
  const where = place.line !== undefined ? `line ${place.line}, column ${place.column}` : place.position === undefined ? undefined : at(place.position);
  if (where !== undefined) rows.push(['at', place.mnemonic === undefined ? where : `${where}, ${place.mnemonic}`]);
  return rows;
}

/** An import that is missing (`unknown import`) or of another type (`incompatible import type`). */
export class LinkError extends WasienvError {
  override readonly name = 'LinkError';
  readonly wording: string;

  constructor(wording: string, detail?: string, parts: ErrorParts = {}) {
    super('E_LINK', withFact(wording, detail), parts);
    this.wording = wording;
  }
}

/** One call of a WebAssembly stack, innermost first in `frames`. */
export interface StackFrame {
  readonly functionIndex: number;
  readonly name?: string;
  /** Position of the instruction in the module's bytes, where known. */
  readonly offset?: number;
  /** In its text, for a module that was parsed; in `file`, where debug information tells. */
  readonly line?: number;
  readonly column?: number;
  readonly file?: string;
  /** A call that became part of the next frame's function. */
  readonly inlined?: boolean;
  /** Calls between the frame before and this one that were not kept: of a deep stack only both ends are. */
  readonly callsBetween?: number;
}

/** A program stopped by the specification's rules. */
export class Trap extends WasienvError {
  override readonly name = 'Trap';
  /** The specification's wording: `unreachable`, `integer divide by zero`, `out of bounds memory access` … */
  readonly trap: string;
  /** Filled in once, by the loop that the trap leaves. */
  frames: readonly StackFrame[];

  constructor(trap: string, detail?: string, frames: readonly StackFrame[] = [], parts: ErrorParts = {}) {
    super('E_TRAP', withFact(trap, detail), parts);
    this.trap = trap;
    this.frames = frames;
  }
}

/** A program that called too deep, or came to a limit that somebody set for it. */
export class Exhaustion extends WasienvError {
  override readonly name = 'Exhaustion';
  readonly wording: string;
  frames: readonly StackFrame[];

  constructor(wording: string, detail?: string, frames: readonly StackFrame[] = [], parts: ErrorParts & { readonly code?: 'E_LIMIT_FUEL' | 'E_LIMIT_DEPTH' | 'E_LIMIT_TIME' } = {}) {
    super(parts.code ?? 'E_EXHAUSTION', withFact(wording, detail), parts);
    this.wording = wording;
    this.frames = frames;
  }
}

/** A valid module that asks for what this engine does not run yet. */
export class Unsupported extends WasienvError {
  override readonly name = 'Unsupported';
  constructor(what: string, parts: ErrorParts = {}) {
    super('E_UNSUPPORTED', what, parts);
  }
}

/** A module that asks for more than the engine's limits (`limits.ts`): well-formed by the specification, refused by us. */
export class LimitError extends WasienvError {
  override readonly name = 'LimitError';
  constructor(what: string, parts: ErrorParts = {}) {
    super('E_LIMIT', what, parts);
  }
}
