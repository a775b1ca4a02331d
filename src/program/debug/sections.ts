// The debug sections of a module, and where its code section starts: addresses in them count from there.
// https://yurydelendik.github.io/webassembly-dwarf/
import type { Module } from '../../wasm/index.js';
import { Damaged, Cursor } from './cursor.js';

export const NAMES = ['info', 'abbrev', 'line', 'line_str', 'str', 'str_offsets', 'addr', 'ranges', 'rnglists'] as const;
export type DebugSections = Readonly<Record<(typeof NAMES)[number], Uint8Array>>;

const NONE = new Uint8Array();

export function debugSections(module: Module): DebugSections {
  const found = new Map(module.customs.map(({ name, bytes }) => [name, bytes] as const));
  return Object.fromEntries(NAMES.map((name) => [name, found.get(`.debug_${name}`) ?? NONE])) as DebugSections;
}

const HEADER_BYTES = 8;
const CODE_SECTION = 10;

/** Where in its file the content of the code section stands; undefined for a module that comes from no file. */
export function codeStart(module: Module): number | undefined {
  const bytes = module.bodies[0]?.code.bytes;
  if (bytes === undefined || module.textPlaces !== undefined) return undefined;
  try {
    const cursor = new Cursor(bytes, HEADER_BYTES);
    while (!cursor.atEnd) {
      const id = cursor.u8();
      const size = cursor.uleb();
      if (id === CODE_SECTION) return cursor.position;
      cursor.skip(size);
    }
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
  }
  return undefined;
}

/** The text at a place of a section. */
export const textAt = (section: Uint8Array, offset: number): string => new Cursor(section, offset).text();
