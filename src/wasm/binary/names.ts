// The custom section `name`, both ways. Names only help people, so a malformed section never fails a module: what was
// read before the damage is kept. spec: appendix/custom#name-section, with the subsections of the extended-name-section proposal
import { DecodeError } from '../errors.js';
import type { CustomSection, Names } from '../module.js';
import { Reader } from './reader.js';
import { ByteWriter } from './writer.js';

const SECTION_NAME = 'name';
const MODULE_NAME = 0;

type NameMap = Map<number, string>;
type IndirectNameMap = Map<number, NameMap>;

const FLAT = [[1, 'functions'], [4, 'types'], [5, 'tables'], [6, 'memories'], [7, 'globals'], [8, 'elements'], [9, 'data'], [11, 'tags']] as const;
const INDIRECT = [[2, 'locals'], [3, 'labels'], [10, 'fields']] as const;

interface NamesInMaking extends Names {
  module?: string;
  functions: NameMap;
  locals: IndirectNameMap;
  labels: IndirectNameMap;
  types: NameMap;
  tables: NameMap;
  memories: NameMap;
  globals: NameMap;
  elements: NameMap;
  data: NameMap;
  fields: IndirectNameMap;
  tags: NameMap;
}

export const emptyNames = (): NamesInMaking => ({
  functions: new Map(), locals: new Map(), labels: new Map(), types: new Map(), tables: new Map(), memories: new Map(),
  globals: new Map(), elements: new Map(), data: new Map(), fields: new Map(), tags: new Map(),
});

/** Of the first custom section called `name`. */
export function decodeNames(customs: readonly CustomSection[]): Names {
  const names = emptyNames();
  const section = customs.find(({ name }) => name === SECTION_NAME);
  if (section === undefined) return names;
  const reader = new Reader(section.bytes);
  try {
    while (reader.position < section.bytes.length) readSubsection(reader, names);
  } catch (thrown) {
    if (!(thrown instanceof DecodeError)) throw thrown;
  }
  return names;
}

function readSubsection(reader: Reader, names: NamesInMaking): void {
  const id = reader.byte();
  const size = reader.u32();
  const end = reader.position + size;
  if (end > reader.bytes.length) reader.unexpectedEnd();
  reader.end = end;
  const flat = FLAT.find(([each]) => each === id)?.[1];
  const indirect = INDIRECT.find(([each]) => each === id)?.[1];
  if (id === MODULE_NAME) names.module = reader.name();
  else if (flat !== undefined) readNameMap(reader, names[flat]);
  else if (indirect !== undefined) readIndirectNameMap(reader, names[indirect]);
  reader.position = end;
  reader.end = reader.bytes.length;
}

function readNameMap(reader: Reader, into: NameMap): void {
  for (let left = reader.count('names'); left > 0; left--) {
    const index = reader.u32();
    into.set(index, reader.name());
  }
}

function readIndirectNameMap(reader: Reader, into: IndirectNameMap): void {
  for (let left = reader.count('groups of names'); left > 0; left--) {
    const index = reader.u32();
    const names: NameMap = new Map();
    into.set(index, names);
    readNameMap(reader, names);
  }
}

/** The content of a `name` section, or null when there is nothing to name. */
export function encodeNames(names: Names): Uint8Array | null {
  const writer = new ByteWriter();
  const subsection = (id: number, write: () => void): void => {
    writer.byte(id);
    writer.sized(write);
  };
  if (names.module !== undefined) subsection(MODULE_NAME, () => writer.name(names.module!));
  const writeMap = (map: ReadonlyMap<number, string>): void =>
    writer.vector(sorted(map), ([index, name]) => {
      writer.u32(index);
      writer.name(name);
    });
  const all: ReadonlyArray<readonly [number, () => void] | null> = [
    ...FLAT.map(([id, key]) => (names[key].size === 0 ? null : ([id, () => writeMap(names[key])] as const))),
    ...INDIRECT.map(([id, key]) => {
      const map = names[key];
      const writeAll = () =>
        writer.vector(sorted(map), ([index, inner]) => {
          writer.u32(index);
          writeMap(inner);
        });
      return map.size === 0 ? null : ([id, writeAll] as const);
    }),
  ];
  for (const each of all.filter((entry) => entry !== null).sort(([a], [b]) => a - b)) subsection(...each);
  return writer.length === 0 ? null : writer.take();
}

const sorted = <Value>(map: ReadonlyMap<number, Value>): Array<[number, Value]> => [...map].sort(([a], [b]) => a - b);
