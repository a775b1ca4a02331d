// The data of a decoded or parsed module: read-only, the same from both formats, filled in by nobody later.
// Function bodies and constant expressions stay in binary form, as ranges of bytes: the decoder copies nothing, the text
// parser encodes into a buffer of its own, and validator, lowering and printer each walk the bytes once with the table.
// spec: syntax/modules
import type { GlobalType, MemoryType, SubType, TableType, TagType, ValueType } from './types.js';

/** Instructions in binary form, `start` to `end` (exclusive, the final `end` 0x0b included). Positions are indices into `bytes`. */
export interface Expression {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly description: ExternalType;
}
export type ExternalType =
  | { readonly kind: 'func'; readonly typeIndex: number }
  | { readonly kind: 'table'; readonly type: TableType }
  | { readonly kind: 'memory'; readonly type: MemoryType }
  | { readonly kind: 'global'; readonly type: GlobalType }
  | { readonly kind: 'tag'; readonly type: TagType };
export type ExternalKind = ExternalType['kind'];

export interface Export {
  readonly name: string;
  readonly kind: ExternalKind;
  readonly index: number;
}

export interface LocalRun {
  readonly count: number;
  readonly type: ValueType;
}
export interface FunctionBody {
  /** Declared locals, run-length as in the binary; parameters are not in it. */
  readonly locals: readonly LocalRun[];
  readonly code: Expression;
}

export interface Table {
  readonly type: TableType;
  /** Absent: elements start as null. */
  readonly init: Expression | null;
}
export interface Global {
  readonly type: GlobalType;
  readonly init: Expression;
}

export type SegmentMode<Place extends string> =
  | { readonly kind: 'passive' }
  | { readonly kind: 'declarative' }
  | ({ readonly kind: 'active'; readonly offset: Expression } & { readonly [K in Place]: number });

export interface ElementSegment {
  readonly type: ValueType;
  readonly mode: SegmentMode<'table'>;
  /** Function indices when written that way (`elemkind`), else one expression an element. */
  readonly items: { readonly kind: 'functions'; readonly indices: readonly number[] } | { readonly kind: 'expressions'; readonly expressions: readonly Expression[] };
}
export interface DataSegment {
  readonly mode: SegmentMode<'memory'>;
  readonly bytes: Uint8Array;
}

export interface CustomSection {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The section id it stands behind; 0 = before the first. Ids of the binary format. */
  readonly after: number;
}

/** Names from the custom section `name`, or from the text format's identifiers (without `$`). */
export interface Names {
  readonly module?: string;
  readonly functions: ReadonlyMap<number, string>;
  readonly locals: ReadonlyMap<number, ReadonlyMap<number, string>>;
  readonly labels: ReadonlyMap<number, ReadonlyMap<number, string>>;
  readonly types: ReadonlyMap<number, string>;
  readonly tables: ReadonlyMap<number, string>;
  readonly memories: ReadonlyMap<number, string>;
  readonly globals: ReadonlyMap<number, string>;
  readonly elements: ReadonlyMap<number, string>;
  readonly data: ReadonlyMap<number, string>;
  readonly fields: ReadonlyMap<number, ReadonlyMap<number, string>>;
  readonly tags: ReadonlyMap<number, string>;
}

export interface Module {
  /** All type definitions in index order; recursion groups are runs of it. */
  readonly types: readonly SubType[];
  readonly groups: ReadonlyArray<{ readonly start: number; readonly count: number }>;
  readonly imports: readonly Import[];
  /** Type index of each defined function; `bodies` has the same length. */
  readonly functions: readonly number[];
  readonly tables: readonly Table[];
  readonly memories: readonly MemoryType[];
  readonly tags: readonly TagType[];
  readonly globals: readonly Global[];
  readonly exports: readonly Export[];
  readonly start: number | null;
  readonly elements: readonly ElementSegment[];
  /** From the data count section; null when there is none. */
  readonly dataCount: number | null;
  readonly bodies: readonly FunctionBody[];
  readonly data: readonly DataSegment[];
  readonly customs: readonly CustomSection[];
  readonly names: Names;
  /** For modules parsed from text: the place in the text an instruction at a byte position came from. */
  readonly textPlaces?: TextPlaces;
}

/** Byte positions of expressions (ascending, in one buffer) with the line and column they came from. */
export interface TextPlaces {
  readonly positions: Uint32Array;
  readonly lines: Uint32Array;
  readonly columns: Uint32Array;
}
