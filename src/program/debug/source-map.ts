// From places in a module's code to lines of the source it was compiled from: what DWARF says (line-table.ts, units.ts), put
// together and made safe. Read when somebody asks, for it may be larger than the program; damaged parts are as if they
// were not there. Not read: debug information kept in other files (`external_debug_info`, `.dwo`, `.dwp`).
import type { Module } from '../../wasm/index.js';
import { safely } from './cursor.js';
import { joined, readLineTable, rowAt, type LineTable } from './line-table.js';
import { codeStart, DebugSections } from './sections.js';
import { Units, type Scope, type Unit } from './units.js';

export interface SourcePlace {
  /** As the compiler was given it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; absent: not told. */
  readonly column?: number;
}

export interface SourceCall extends SourcePlace {
  /** Of a function that became part of its caller: its name. The function that has code of its own is not named here. */
  readonly inlined?: string;
}

export interface SourceRow extends SourcePlace {
  /** In the module's bytes, as instructions have them. */
  readonly offset: number;
  /** The file with the directory of the compilation in front. */
  readonly path: string;
}

export interface SourceFunction {
  readonly name: string | undefined;
  readonly path: string;
  readonly line: number;
  /** In the module's bytes. */
  readonly from: number;
  readonly to: number;
}

/** Calls that became part of one function, at one place of it: more are not written, and more are not shown. */
const MOST_INLINED = 256;

export class SourceMap {
  private readonly sections: DebugSections;
  private readonly units: Units;
  private readonly tables = new Map<number, LineTable | undefined>();

  private constructor(
    module: Module,
    private readonly start: number,
  ) {
    this.sections = new DebugSections(module);
    this.units = new Units(this.sections);
  }

  /** Undefined for a module without lines, which most are. */
  static of(module: Module): SourceMap | undefined {
    const start = codeStart(module);
    return start === undefined || new DebugSections(module).bytes('line').length === 0 ? undefined : new SourceMap(module, start);
  }

  /** The calls an instruction is in that became part of one function, innermost first; empty when nothing is known. */
  callsAt(offset: number): readonly SourceCall[] {
    const address = offset - this.start;
    const unit = this.units.all.find(({ ranges }) => ranges.some(({ from, to }) => address >= from && address < to));
    for (const table of unit?.lineTable !== undefined ? [this.tableAt(unit.lineTable)] : this.allTables()) {
      if (table === undefined) continue;
      const row = rowAt(table, address);
      if (row < 0) continue;
      return this.withInlined(unit, table, address, placeOf(table, table.fileIndices[row]!, table.lines[row]!, table.columns[row]!));
    }
    return [];
  }

  private withInlined(unit: Unit | undefined, table: LineTable, address: number, innermost: SourcePlace | undefined): readonly SourceCall[] {
    const calls: SourceCall[] = [];
    let place = innermost;
    const { scopes, at } = unit === undefined ? { scopes: [], at: -1 } : this.scopeAt(unit, address);
    for (let scope = scopes[at]; scope !== undefined && scope.parent >= 0 && calls.length < MOST_INLINED; scope = scopes[scope.parent]) {
      const name = this.units.nameOf(scope.entry) ?? '(inlined)';
      if (place !== undefined) calls.push({ ...place, inlined: name });
      place = placeOf(table, scope.callFile, scope.callLine, scope.callColumn);
    }
    if (place !== undefined) calls.push(place);
    return calls;
  }

  /** The innermost scope around an address. */
  private scopeAt(unit: Unit, address: number): { readonly scopes: readonly Scope[]; readonly at: number } {
    const scopes = this.units.scopesOf(unit);
    return { scopes, at: scopes.findLastIndex(({ ranges }) => ranges.some(({ from, to }) => address >= from && address < to)) };
  }

  /** Every stretch of code that a statement starts, in no order. */
  *rows(): Generator<SourceRow> {
    for (const { table, directory } of this.tablesOfUnits()) {
      const paths = new Map<string, string>();
      for (const { first, end } of table.sequences) {
        for (let row = first; row < end; row++) {
          if (!table.statements[row]) continue;
          const place = placeOf(table, table.fileIndices[row]!, table.lines[row]!, table.columns[row]!);
          if (place === undefined) continue;
          let path = paths.get(place.file);
          if (path === undefined) paths.set(place.file, (path = joined(directory, place.file)));
          yield { ...place, path, offset: this.start + table.addresses[row]! };
        }
      }
    }
  }

  /** Functions that have code of their own and are declared somewhere. */
  *functions(): Generator<SourceFunction> {
    for (const unit of this.units.all) {
      const table = unit.lineTable === undefined ? undefined : this.tableAt(unit.lineTable);
      if (table === undefined) continue;
      for (const { parent, entry, ranges } of this.units.scopesOf(unit)) {
        const { file, line } = this.units.declarationOf(entry);
        const place = placeOf(table, file, line, 0);
        if (parent >= 0 || place === undefined) continue;
        yield { name: this.units.nameOf(entry), path: joined(unit.directory, place.file), line, from: this.start + ranges[0]!.from, to: this.start + ranges[0]!.to };
      }
    }
  }

  private tableAt(offset: number): LineTable | undefined {
    if (!this.tables.has(offset)) this.tables.set(offset, safely(() => readLineTable(this.sections, offset)));
    return this.tables.get(offset);
  }

  private *tablesOfUnits(): Generator<{ readonly table: LineTable; readonly directory: string }> {
    const seen = new Set<number>();
    for (const { lineTable, directory } of this.units.all) {
      if (lineTable === undefined || seen.has(lineTable)) continue;
      seen.add(lineTable);
      const table = this.tableAt(lineTable);
      if (table !== undefined) yield { table, directory };
    }
    if (this.units.all.length === 0) for (const table of this.allTables()) yield { table, directory: '' };
  }

  /** All tables one behind the other, for code that no unit claims. */
  private *allTables(): Generator<LineTable> {
    for (let at = 0; at < this.sections.bytes('line').length; ) {
      const start = at;
      const end = safely(() => {
        const cursor = this.sections.at('line', start);
        cursor.skip(cursor.unitLength().length);
        return cursor.position;
      });
      if (end === undefined) return;
      const table = this.tableAt(start);
      if (table !== undefined) yield table;
      at = end;
    }
  }
}

function placeOf(table: LineTable, file: number, line: number, column: number): SourcePlace | undefined {
  const path = table.files[file]?.path;
  if (path === undefined || path === '' || !isCounted(line)) return undefined;
  return { file: path, line, ...(isCounted(column) ? { column } : {}) };
}

/** Line 0 stands for no line; lines below it, and those that no file has, for damage. */
const isCounted = (value: number): boolean => value > 0 && value < 2 ** 31 && Number.isInteger(value);
