// The debug sections of a module, and where its code section starts: addresses in them count from there.
// https://yurydelendik.github.io/webassembly-dwarf/
import type { Module } from '../../wasm/index.js';
import { Allowance, Cursor, safely } from './cursor.js';

export type SectionName = 'info' | 'abbrev' | 'line' | 'line_str' | 'str' | 'str_offsets' | 'addr' | 'ranges' | 'rnglists';

const NONE = new Uint8Array();

/** All of them together may be read as often as their size allows. */
export class DebugSections {
  private readonly found: ReadonlyMap<string, Uint8Array>;
  private readonly allowance: Allowance;

  constructor({ customs }: Module) {
    this.found = new Map(customs.map(({ name, bytes }) => [name, bytes] as const));
    this.allowance = new Allowance([...this.found].reduce((sum, [name, { length }]) => (name.startsWith('.debug_') ? sum + length : sum), 0));
  }

  /** Empty for one that is not there. */
  bytes(name: SectionName): Uint8Array {
    return this.found.get(`.debug_${name}`) ?? NONE;
  }

  /** From a place in a section, to its end or to `end`. Throws Damaged where there is no such place. */
  at(name: SectionName, position: number, end?: number): Cursor {
    return new Cursor(this.bytes(name), this.allowance, position, end);
  }

  text(name: SectionName, position: number): string {
    return this.at(name, position).text();
  }
}

const HEADER_BYTES = 8;
const CODE_SECTION = 10;

/** Where in its file the content of the code section stands; undefined for a module that comes from no file. */
export function codeStart(module: Module): number | undefined {
  const bytes = module.bodies[0]?.code.bytes;
  if (bytes === undefined || module.textPlaces !== undefined) return undefined;
  return safely(() => {
    const cursor = new Cursor(bytes, new Allowance(bytes.length), HEADER_BYTES);
    while (cursor.u8() !== CODE_SECTION) cursor.skip(cursor.uleb());
    cursor.uleb();
    return cursor.position;
  });
}
