// Views of a module: text to binary, binary to text, and whether it is valid. Pure: bytes and names in, bytes, text and
// findings out. What a module is, is decided in wasm; reading and writing files, in cli.
import { encode } from '../wasm/binary/encode.js';
import { decode } from '../wasm/binary/decode.js';
import { readInstruction } from '../wasm/binary/immediates.js';
import { Reader } from '../wasm/binary/reader.js';
import type { Module } from '../wasm/module.js';
import { looksLikeText } from '../wasm/module-form.js';
import { parse } from '../wasm/text/parse.js';
import { printParts } from '../wasm/text/print.js';
import { validate } from '../wasm/validate/validate.js';
import { aboutFile, alreadyBinary } from './errors.js';

export interface ReadOptions {
  /** Accept spellings of old drafts that were merely renamed since. */
  readonly legacyNames?: boolean;
}

/** A module from either form. Throws what `parse` and `decode` throw, with the file's name. */
export function readModule(bytes: Uint8Array, name: string, options: ReadOptions = {}): Module {
  return about(name, bytes, () => (looksLikeText(bytes) ? parse(bytes, options) : decode(bytes)));
}

export interface ToBinaryOptions extends ReadOptions {
  /** Identifiers become the name section; true unless told. */
  readonly names?: boolean;
  /** Refuse what is not valid; true unless told. */
  readonly check?: boolean;
}

/** Text to bytes. Throws E_PARSE, E_INVALID and E_LIMIT, with the file's name. */
export function textToBinary(text: Uint8Array, name: string, { names = true, check = true, ...options }: ToBinaryOptions = {}): Uint8Array {
  if (isBinary(text)) throw alreadyBinary(name);
  return about(name, text, () => {
    const module = parse(text, options);
    if (check) validate(module);
    return encode(module, { names });
  });
}

/** A module in either form to text, in parts that follow each other; all of it is known to be printable when this returns. */
export function toText(bytes: Uint8Array, name: string, options: { readonly folded?: boolean } = {}): string[] {
  const module = readModule(bytes, name);
  return about(name, bytes, () => [...printParts(module, options)]);
}

/** What a valid module holds. */
export interface ModuleFacts {
  /** `3 functions`, `1 memory` …, in the order of the index spaces. */
  readonly holds: readonly string[];
  /** Of the instruction table, beyond the first version; those that its instructions use. */
  readonly features: readonly string[];
}

/** Throws E_PARSE, E_DECODE, E_INVALID, E_LIMIT, E_NOT_WASM or E_COMPONENT, with the file's name. */
export function checkModule(bytes: Uint8Array, name: string, options: ReadOptions = {}): ModuleFacts {
  const module = readModule(bytes, name, options);
  return about(name, bytes, () => {
    validate(module);
    return factsOf(module);
  });
}

function factsOf(module: Module): ModuleFacts {
  const features = new Set<string>();
  for (const { code } of module.bodies) {
    const reader = new Reader(code.bytes, code.start, code.end);
    while (reader.position < code.end) features.add(readInstruction(reader).info.feature);
  }
  features.delete('mvp');
  const counted = (count: number, one: string, many = `${one}s`): string | null => (count === 0 ? null : `${count} ${count === 1 ? one : many}`);
  const holds = [
    counted(module.imports.length, 'import'), counted(module.functions.length, 'function'), counted(module.tables.length, 'table'), counted(module.memories.length, 'memory', 'memories'),
    counted(module.globals.length, 'global'), counted(module.tags.length, 'tag'), counted(module.exports.length, 'export'),
  ];
  return { holds: holds.filter((each) => each !== null), features: [...features].sort() };
}

const isBinary = (bytes: Uint8Array): boolean => bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;

function about<Result>(name: string, bytes: Uint8Array, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw aboutFile(name, bytes, error);
  }
}
