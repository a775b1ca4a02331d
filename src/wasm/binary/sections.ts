// Numbers of the binary format that decoder and encoder share. spec: binary/modules, binary/types
export const enum Section {
  CUSTOM = 0,
  TYPE = 1,
  IMPORT = 2,
  FUNCTION = 3,
  TABLE = 4,
  MEMORY = 5,
  GLOBAL = 6,
  EXPORT = 7,
  START = 8,
  ELEMENT = 9,
  CODE = 10,
  DATA = 11,
  DATA_COUNT = 12,
  TAG = 13,
}

/** Ids in the order sections must stand in, with their names for people. */
export const SECTION_ORDER: ReadonlyArray<readonly [id: Section, name: string]> = [
  [Section.TYPE, 'type'], [Section.IMPORT, 'import'], [Section.FUNCTION, 'function'], [Section.TABLE, 'table'], [Section.MEMORY, 'memory'],
  [Section.TAG, 'tag'], [Section.GLOBAL, 'global'], [Section.EXPORT, 'export'], [Section.START, 'start'], [Section.ELEMENT, 'element'],
  [Section.DATA_COUNT, 'data count'], [Section.CODE, 'code'], [Section.DATA, 'data'],
];

/** By code of the binary format. */
export const EXTERNAL_KINDS = ['func', 'table', 'memory', 'global', 'tag'] as const;

export const enum TypeForm {
  REC = 0x4e,
  SUB_FINAL = 0x4f,
  SUB = 0x50,
  ARRAY = 0x5e,
  STRUCT = 0x5f,
  FUNC = 0x60,
}

export const enum LimitsFlag {
  MAX = 1,
  SHARED = 2,
  I64 = 4,
}

export const enum ElementFlag {
  /** Passive or declarative. */
  NOT_ACTIVE = 1,
  /** A table index follows; when not active: declarative. */
  EXPLICIT = 2,
  EXPRESSIONS = 4,
}

export const enum DataFlag {
  ACTIVE = 0,
  PASSIVE = 1,
  ACTIVE_IN_MEMORY = 2,
}
