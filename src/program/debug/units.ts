// What `.debug_info` says of functions: which code is whose, what was inlined where, what it is called. Types and variables
// are passed over. Units are found at once, read when an address of theirs is asked for.
// spec: DWARF 5, sections 7.5 and 2.17; versions 2 to 5
import { countWhile } from '../search.js';
import { Damaged, safely, type Cursor } from './cursor.js';
import { readForm, type FormContext, type Indexed, type Value } from './forms.js';
import type { DebugSections } from './sections.js';

export interface Range {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** A function's code, or that of a call which became part of its caller. */
export interface Scope {
  readonly ranges: readonly Range[];
  /** Index of the scope around it, -1 for a function. */
  readonly parent: number;
  /** Offset of the entry that names it. */
  readonly entry: number;
  /** Where it was called, for inlined code. File 0: not told. */
  readonly callFile: number;
  readonly callLine: number;
  readonly callColumn: number;
}

export interface Unit {
  /** In `.debug_info`. */
  readonly start: number;
  readonly end: number;
  readonly ranges: readonly Range[];
  /** In `.debug_line`; undefined: it has none. */
  readonly lineTable: number | undefined;
  readonly directory: string;
}

/** An entry that can name a function, or be part of its name. */
interface Named {
  readonly name: string | undefined;
  /** What it completes, or stands for: offset of another entry. */
  readonly same: number | undefined;
  /** The namespace or class around it. */
  readonly outer: number | undefined;
  readonly file: number;
  readonly line: number;
}

interface UnitDetails {
  readonly scopes: readonly Scope[];
  readonly named: ReadonlyMap<number, Named>;
}

/** Of a unit that is damaged: it is not read again, and whoever follows a reference into it finds nothing. */
const NO_DETAILS: UnitDetails = { scopes: [], named: new Map() };

interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Triples of attribute, form and implicit value. */
  readonly attributes: readonly number[];
}

interface Header extends FormContext {
  readonly end: number;
  readonly abbreviations: ReadonlyMap<number, Abbreviation>;
  /** Of the first entry. */
  readonly entries: number;
}

interface Bases {
  readonly text: number;
  readonly address: number;
  readonly ranges: number;
  /** Added to ranges that are told from it. */
  readonly low: number;
}

const enum Tag {
  CLASS = 0x02,
  STRUCTURE = 0x13,
  UNION = 0x17,
  INLINED = 0x1d,
  SUBPROGRAM = 0x2e,
  NAMESPACE = 0x39,
  ENUMERATION = 0x04,
}
const enum At {
  NAME = 0x03,
  STATEMENTS = 0x10,
  LOW = 0x11,
  HIGH = 0x12,
  DIRECTORY = 0x1b,
  ORIGIN = 0x31,
  DECLARED_FILE = 0x3a,
  DECLARED_LINE = 0x3b,
  SPECIFICATION = 0x47,
  RANGES = 0x55,
  CALL_COLUMN = 0x57,
  CALL_FILE = 0x58,
  CALL_LINE = 0x59,
  TEXT_BASE = 0x72,
  ADDRESS_BASE = 0x73,
  RANGES_BASE = 0x74,
}
const FORM_ADDRESS = 0x01;
const MOST_RANGES = 1 << 20;
/** Names of names: more would be a circle. */
const MOST_HOPS = 8;
const LONGEST_NAME = 4096;

export class Units {
  readonly all: readonly Unit[];
  private readonly headers = new Map<Unit, Header>();
  private readonly bases = new Map<Unit, Bases>();
  private readonly details = new Map<Unit, UnitDetails>();
  private readonly abbreviations = new Map<number, ReadonlyMap<number, Abbreviation>>();

  /** Units behind a damaged one are lost. */
  constructor(private readonly sections: DebugSections) {
    const all: Unit[] = [];
    safely(() => {
      for (let at = 0; at < sections.bytes('info').length; ) {
        const header = this.readHeader(at);
        const unit = this.readUnit(header);
        if (unit !== undefined) all.push(unit);
        at = header.end;
      }
    });
    this.all = all;
  }

  /** Scopes of a unit, outer ones first; none of one that is damaged. */
  scopesOf(unit: Unit): readonly Scope[] {
    return this.detailsOf(unit).scopes;
  }

  /** The name an entry gives, with namespaces and classes in front, cut where it is longer than anybody reads; undefined when it has none. */
  nameOf(entry: number): string | undefined {
    const parts: string[] = [];
    let at: number | undefined = entry;
    for (let hops = 0; at !== undefined && hops < MOST_HOPS; hops++) {
      const named = this.namedAt(at);
      if (named === undefined) break;
      if (named.name !== undefined) parts.unshift(named.name);
      // What completes a declaration stands outside the class that the declaration is in.
      at = named.same ?? (named.name === undefined ? undefined : named.outer);
      if (named.same !== undefined && named.name !== undefined) parts.shift();
    }
    const name = parts.join('::');
    return parts.length === 0 ? undefined : name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME)}…`;
  }

  /** Where a function is declared: file of its unit's table, and line; zeros when that is not told. */
  declarationOf(entry: number): { readonly file: number; readonly line: number } {
    let at: number | undefined = entry;
    for (let hops = 0; at !== undefined && hops < MOST_HOPS; hops++) {
      const named = this.namedAt(at);
      if (named !== undefined && named.line > 0) return named;
      at = named?.same;
    }
    return { file: 0, line: 0 };
  }

  private namedAt(entry: number): Named | undefined {
    const unit = this.all[countWhile(this.all.length, (index) => this.all[index]!.start <= entry) - 1];
    return unit === undefined || entry >= unit.end ? undefined : this.detailsOf(unit).named.get(entry);
  }

  // ---- Headers.

  private readHeader(start: number): Header {
    const outer = this.sections.at('info', start);
    const { length, is64 } = outer.unitLength();
    const cursor = outer.within(length);
    const version = cursor.u16();
    if (version < 2 || version > 5) throw new Damaged(`unit version ${version}`);
    const type = version >= 5 ? cursor.u8() : UNIT_COMPILE;
    let addressSize = version >= 5 ? cursor.u8() : 0;
    const abbreviations = this.abbreviationsAt(cursor.offset(is64));
    if (version < 5) addressSize = cursor.u8();
    if (type >= UNIT_SKELETON) cursor.skip(8);
    if (type === UNIT_TYPE || type === UNIT_SPLIT_TYPE) cursor.skip(type === UNIT_TYPE ? 8 + (is64 ? 8 : 4) : is64 ? 8 : 4);
    return { sections: this.sections, version, is64, addressSize, start, end: cursor.end, abbreviations, entries: cursor.position };
  }

  private abbreviationsAt(offset: number): ReadonlyMap<number, Abbreviation> {
    let known = this.abbreviations.get(offset);
    if (known === undefined) this.abbreviations.set(offset, (known = readAbbreviations(this.sections.at('abbrev', offset))));
    return known;
  }

  private readUnit(header: Header): Unit | undefined {
    const cursor = this.sections.at('info', header.entries, header.end);
    const abbreviation = header.abbreviations.get(cursor.uleb());
    if (abbreviation === undefined) return undefined;
    const values = readAttributes(cursor, abbreviation, header, true);
    const base = (at: At): number => numberOf(values.get(at)?.value) ?? 0;
    const first = { text: base(At.TEXT_BASE), address: base(At.ADDRESS_BASE), ranges: base(At.RANGES_BASE), low: 0 };
    const low = this.addressOf(values.get(At.LOW)?.value, header, first) ?? 0;
    const bases = { ...first, low };
    const directory = values.get(At.DIRECTORY)?.value;
    const unit = {
      start: header.start,
      end: header.end,
      ranges: this.rangesOf(values, header, bases),
      lineTable: numberOf(values.get(At.STATEMENTS)?.value),
      directory: (typeof directory === 'string' ? directory : isIndexed(directory) ? this.indexedText(directory.index, header, bases) : undefined) ?? '',
    };
    this.headers.set(unit, header);
    this.bases.set(unit, bases);
    return unit;
  }

  // ---- Entries.

  private detailsOf(unit: Unit): UnitDetails {
    let known = this.details.get(unit);
    if (known === undefined) this.details.set(unit, (known = safely(() => this.readDetails(unit)) ?? NO_DETAILS));
    return known;
  }

  private readDetails(unit: Unit): UnitDetails {
    const header = this.headers.get(unit)!;
    const bases = this.bases.get(unit)!;
    const cursor = this.sections.at('info', header.entries, header.end);
    const scopes: Scope[] = [];
    const named = new Map<number, Named>();
    /** Of the entries around: innermost scope and innermost name. */
    const around: Array<{ readonly scope: number; readonly outer: number | undefined }> = [];
    let here = { scope: -1, outer: undefined as number | undefined };
    while (!cursor.atEnd) {
      const entry = cursor.position;
      const code = cursor.uleb();
      if (code === 0) {
        here = around.pop() ?? here;
        continue;
      }
      const abbreviation = header.abbreviations.get(code);
      if (abbreviation === undefined) throw new Damaged(`entry ${entry} has no abbreviation`);
      const { tag, hasChildren } = abbreviation;
      const isScope = tag === Tag.SUBPROGRAM || tag === Tag.INLINED;
      const isNamed = isScope || tag === Tag.NAMESPACE || tag === Tag.CLASS || tag === Tag.STRUCTURE || tag === Tag.UNION || tag === Tag.ENUMERATION;
      const values = readAttributes(cursor, abbreviation, header, isNamed);
      let inside = here;
      if (isNamed) {
        const name = values.get(At.NAME)?.value;
        named.set(entry, {
          name: typeof name === 'string' ? name : isIndexed(name) ? this.indexedText(name.index, header, bases) : undefined,
          same: numberOf(values.get(At.SPECIFICATION)?.value) ?? numberOf(values.get(At.ORIGIN)?.value),
          outer: here.outer,
          file: numberOf(values.get(At.DECLARED_FILE)?.value) ?? 0,
          line: numberOf(values.get(At.DECLARED_LINE)?.value) ?? 0,
        });
        inside = { scope: here.scope, outer: entry };
      }
      if (isScope) {
        const ranges = this.rangesOf(values, header, bases);
        if (ranges.length > 0) {
          const number = (at: At): number => numberOf(values.get(at)?.value) ?? 0;
          scopes.push({ ranges, parent: tag === Tag.SUBPROGRAM ? -1 : here.scope, entry, callFile: number(At.CALL_FILE), callLine: number(At.CALL_LINE), callColumn: number(At.CALL_COLUMN) });
          inside = { ...inside, scope: scopes.length - 1 };
        }
      }
      if (hasChildren) {
        around.push(here);
        here = inside;
      }
    }
    return { scopes, named };
  }

  // ---- Addresses.

  private rangesOf(values: Attributes, header: Header, bases: Bases): readonly Range[] {
    const ranges = values.get(At.RANGES)?.value;
    if (isIndexed(ranges) || typeof ranges === 'number') return this.rangeList(ranges, header, bases).filter(isLive);
    const low = this.addressOf(values.get(At.LOW)?.value, header, bases);
    const high = values.get(At.HIGH);
    if (low === undefined || high === undefined) return [];
    const value = this.addressOf(high.value, header, bases);
    if (value === undefined) return [];
    const range = { from: low, to: high.form === FORM_ADDRESS || isIndexed(high.value) ? value : low + value };
    return isLive(range) ? [range] : [];
  }

  private addressOf(value: Value | undefined, { addressSize }: Header, bases: Bases): number | undefined {
    if (!isIndexed(value)) return numberOf(value);
    return this.sections.at('addr', bases.address + value.index * addressSize).sized(addressSize);
  }

  private indexedText(index: number, { is64 }: Header, bases: Bases): string {
    return this.sections.text('str', this.sections.at('str_offsets', bases.text + index * (is64 ? 8 : 4)).offset(is64));
  }

  private rangeList(at: number | Indexed, header: Header, bases: Bases): readonly Range[] {
    const { version, is64, addressSize } = header;
    if (version < 5) return this.oldRangeList(at as number, addressSize, bases.low);
    const offset = typeof at === 'number' ? at : bases.ranges + this.sections.at('rnglists', bases.ranges + at.index * (is64 ? 8 : 4)).offset(is64);
    const cursor = this.sections.at('rnglists', offset);
    const address = (): number => cursor.sized(addressSize);
    const indexed = (): number => this.addressOf({ indexed: 'address', index: cursor.uleb() }, header, bases)!;
    const found: Range[] = [];
    let base = bases.low;
    for (let left = MOST_RANGES; left > 0; left--) {
      const kind = cursor.u8();
      switch (kind) {
        case 0: return found;
        case 1: base = indexed(); break;
        case 2: found.push({ from: indexed(), to: indexed() }); break;
        case 3: {
          const from = indexed();
          found.push({ from, to: from + cursor.uleb() });
          break;
        }
        case 4: found.push({ from: base + cursor.uleb(), to: base + cursor.uleb() }); break;
        case 5: base = address(); break;
        case 6: found.push({ from: address(), to: address() }); break;
        case 7: {
          const from = address();
          found.push({ from, to: from + cursor.uleb() });
          break;
        }
        default: throw new Damaged(`range of kind ${kind}`);
      }
    }
    throw new Damaged('a list of ranges without an end');
  }

  private oldRangeList(offset: number, addressSize: number, low: number): readonly Range[] {
    const cursor = this.sections.at('ranges', offset);
    const newBase = addressSize === 8 ? 2 ** 64 : 2 ** 32 - 1;
    const found: Range[] = [];
    let base = low;
    for (let left = MOST_RANGES; left > 0; left--) {
      const from = cursor.sized(addressSize);
      const to = cursor.sized(addressSize);
      if (from === 0 && to === 0) return found;
      if (from === newBase) base = to;
      else found.push({ from: base + from, to: base + to });
    }
    throw new Damaged('a list of ranges without an end');
  }
}

const UNIT_COMPILE = 1;
const UNIT_TYPE = 2;
const UNIT_SKELETON = 4;
const UNIT_SPLIT_TYPE = 6;

/** Code that the linker left out has its place at 0 or at the end of all addresses. */
const isLive = ({ from, to }: Range): boolean => from > 0 && to > from && to < 0xffff_ff00;
const isIndexed = (value: Value | undefined): value is Indexed => typeof value === 'object' && value !== null;
const numberOf = (value: Value | undefined): number | undefined => (typeof value === 'number' ? value : undefined);

function readAbbreviations(cursor: Cursor): ReadonlyMap<number, Abbreviation> {
  const found = new Map<number, Abbreviation>();
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const tag = cursor.uleb();
    const hasChildren = cursor.u8() !== 0;
    const attributes: number[] = [];
    for (;;) {
      const attribute = cursor.uleb();
      const form = cursor.uleb();
      const implicit = form === 0x21 ? cursor.sleb() : 0;
      if (attribute === 0 && form === 0) break;
      attributes.push(attribute, form, implicit);
    }
    found.set(code, { tag, hasChildren, attributes });
  }
  return found;
}

type Attributes = ReadonlyMap<number, { readonly value: Value; readonly form: number }>;
const NO_ATTRIBUTES: Attributes = new Map();

function readAttributes(cursor: Cursor, { attributes }: Abbreviation, context: FormContext, wanted: boolean): Attributes {
  const values = wanted ? new Map<number, { value: Value; form: number }>() : NO_ATTRIBUTES;
  for (let at = 0; at < attributes.length; at += 3) {
    const form = attributes[at + 1]!;
    const value = readForm(cursor, form, context, wanted, attributes[at + 2]!);
    if (wanted) (values as Map<number, { value: Value; form: number }>).set(attributes[at]!, { value, form });
  }
  return values;
}
