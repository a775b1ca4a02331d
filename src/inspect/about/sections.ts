// The sections of a binary module with their sizes, and what the custom ones tell: who made it, for which features, and where
// its debug information is. https://github.com/WebAssembly/tool-conventions
import { WasienvError } from '../../base/errors.js';
import { Reader } from '../../wasm/binary/reader.js';
import { SECTION_ORDER } from '../../wasm/binary/sections.js';
import type { CustomSection } from '../../wasm/module.js';

export interface SectionSize {
  readonly name: string;
  /** A section only tools look at; the program runs without it. */
  readonly custom: boolean;
  readonly sizeBytes: number;
}

const HEADER_BYTES = 8;
const CUSTOM = 0;

/** In the order of the file; nothing for a module in text form. */
export function sectionSizes(bytes: Uint8Array): SectionSize[] {
  const reader = new Reader(bytes, HEADER_BYTES);
  const found: SectionSize[] = [];
  const names = new Map<number, string>(SECTION_ORDER);
  while (reader.position < bytes.length) {
    const start = reader.position;
    const id = reader.byte();
    const size = reader.u32();
    const end = reader.position + size;
    const custom = id === CUSTOM;
    found.push({ name: custom ? reader.name() : (names.get(id) ?? `section ${id}`), custom, sizeBytes: end - start });
    reader.position = end;
  }
  return found;
}

export interface Producer {
  readonly name: string;
  readonly version: string;
}
/** By field: `language`, `processed-by`, `sdk`. */
export type Producers = Readonly<Record<string, readonly Producer[]>>;

export function producersOf(customs: readonly CustomSection[]): Producers {
  const found: Record<string, Producer[]> = Object.create(null) as Record<string, Producer[]>;
  readTold(customs, 'producers', (reader) => {
    for (let fields = reader.u32(); fields > 0; fields--) {
      const field = reader.name();
      const list: Producer[] = (found[field] ??= []);
      for (let left = reader.u32(); left > 0; left--) list.push({ name: reader.name(), version: reader.name() });
    }
  });
  return found;
}

/** What the linker says the module needs (`+`), by its own names. */
export function targetFeaturesOf(customs: readonly CustomSection[]): string[] {
  const found: string[] = [];
  readTold(customs, 'target_features', (reader) => {
    for (let left = reader.u32(); left > 0; left--) {
      const sign = String.fromCharCode(reader.byte());
      const name = reader.name();
      if (sign === '+') found.push(name);
    }
  });
  return found;
}

/** Where debug information or a source map is kept outside the module. */
export function externalDebugOf(customs: readonly CustomSection[]): string | null {
  let found: string | null = null;
  for (const name of ['external_debug_info', 'sourceMappingURL']) readTold(customs, name, (reader) => (found ??= reader.name()));
  return found;
}

/** What others wrote for people: where it is damaged, what came before the damage is kept. */
function readTold(customs: readonly CustomSection[], name: string, read: (reader: Reader) => void): void {
  const section = customs.find((each) => each.name === name);
  if (section === undefined) return;
  try {
    read(new Reader(section.bytes));
  } catch (error) {
    if (!(error instanceof WasienvError)) throw error;
  }
}
