// Line tables: which line of which file each stretch of code came from. One table for each compiled file.
// spec: DWARF 5, section 6.2; versions 2 to 5
import { Damaged, type Cursor } from './cursor.js';
import { countWhile } from '../search.js';
import { readForm } from './forms.js';
import type { DebugSections } from './sections.js';

export interface SourceFile {
  /** As the compiler was given it, with its directory unless that is the one it was started in. */
  readonly path: string;
}

/** Parallel arrays, in the order of the table: addresses ascend within a sequence. */
export interface LineTable {
  readonly files: readonly (SourceFile | undefined)[];
  readonly addresses: readonly number[];
  readonly fileIndices: readonly number[];
  readonly lines: readonly number[];
  readonly columns: readonly number[];
  /** Whether a statement starts there. */
  readonly statements: readonly boolean[];
  /** Of each sequence: its first row, and the row behind its last, whose address is the end of the code. */
  readonly sequences: ReadonlyArray<{ readonly first: number; readonly end: number; readonly from: number; readonly to: number }>;
}

interface Header {
  readonly version: number;
  readonly minimumLength: number;
  readonly defaultIsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Operands of each standard operation, by its number. */
  readonly operandCounts: readonly number[];
  readonly files: (SourceFile | undefined)[];
}

/** More rows than any program has instructions: what a few damaged bytes may make. */
const MOST_ROWS = 1 << 24;
/** What a row takes of the allowance: a byte of the program makes five cells. */
const ROW_STEPS = 4;
const MOST_ENTRIES = 1 << 20;

/** The table at an offset of `.debug_line`. Throws Damaged. */
export function readLineTable(sections: DebugSections, offset: number): LineTable {
  const outer = sections.at('line', offset);
  const { length, is64 } = outer.unitLength();
  const cursor = outer.within(length);
  return runProgram(cursor, readHeader(cursor, is64, sections));
}

function readHeader(cursor: Cursor, is64: boolean, sections: DebugSections): Header {
  const version = cursor.u16();
  if (version < 2 || version > 5) throw new Damaged(`line table version ${version}`);
  if (version >= 5) cursor.skip(2);
  const headerLength = cursor.offset(is64);
  const programStart = cursor.position + headerLength;
  const minimumLength = cursor.u8();
  if (version >= 4) cursor.skip(1);
  const defaultIsStatement = cursor.u8() !== 0;
  const lineBase = cursor.s8();
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  const operandCounts = [0];
  for (let opcode = 1; opcode < opcodeBase; opcode++) operandCounts.push(cursor.u8());
  const files = version >= 5 ? files5(cursor, is64, sections) : files4(cursor);
  cursor.skip(programStart - cursor.position);
  return { version, minimumLength, defaultIsStatement, lineBase, lineRange, opcodeBase, operandCounts, files };
}

/** Files count from 1; directory 0 is that of the compilation, which is not listed. */
function files4(cursor: Cursor): (SourceFile | undefined)[] {
  const directories = [''];
  for (let text = cursor.text(); text !== ''; text = cursor.text()) directories.push(text);
  const files: (SourceFile | undefined)[] = [undefined];
  for (let name = cursor.text(); name !== ''; name = cursor.text()) {
    files.push({ path: joined(directories[cursor.uleb()] ?? '', name) });
    cursor.uleb();
    cursor.uleb();
  }
  return files;
}

const CONTENT_PATH = 1;
const CONTENT_DIRECTORY = 2;

/** Files and directories count from 0; directory 0 is that of the compilation. */
function files5(cursor: Cursor, is64: boolean, sections: DebugSections): (SourceFile | undefined)[] {
  const directories = entries(cursor, is64, sections).map(({ path }, index) => (index === 0 ? '' : path));
  return entries(cursor, is64, sections).map(({ path, directory }) => ({ path: joined(directories[directory] ?? '', path) }));
}

function entries(cursor: Cursor, is64: boolean, sections: DebugSections): { readonly path: string; readonly directory: number }[] {
  const formats = Array.from({ length: cursor.u8() }, () => [cursor.uleb(), cursor.uleb()] as const);
  const count = cursor.uleb();
  if (count > MOST_ENTRIES) throw new Damaged(`${count} files`);
  const context = { sections, version: 5, is64, addressSize: 4, start: 0 };
  return Array.from({ length: count }, () => {
    cursor.allowance.spend(1);
    let path = '';
    let directory = 0;
    for (const [content, form] of formats) {
      const value = readForm(cursor, form, context);
      if (content === CONTENT_PATH && typeof value === 'string') path = value;
      if (content === CONTENT_DIRECTORY && typeof value === 'number') directory = value;
    }
    return { path, directory };
  });
}

const isAbsolute = (path: string): boolean => /^([/\\]|[A-Za-z]:[/\\])/.test(path);
/** `a/./b` is `a/b`; `..` stays, for what it leads to is known to the disk alone. */
export function joined(directory: string, name: string): string {
  // No `/[/\\]+$/`, which looks at every slash of sixty thousand again and again.
  let end = directory.length;
  while (end > 0 && (directory[end - 1] === '/' || directory[end - 1] === '\\')) end--;
  const path = directory === '' || isAbsolute(name) ? name : `${directory.slice(0, end)}/${name}`;
  return path.replace(/(^|[/\\])(?:\.[/\\])+/g, '$1');
}

const enum Standard {
  EXTENDED = 0,
  COPY,
  ADVANCE_PC,
  ADVANCE_LINE,
  SET_FILE,
  SET_COLUMN,
  NEGATE_STATEMENT,
  SET_BASIC_BLOCK,
  CONST_ADD_PC,
  FIXED_ADVANCE_PC,
}
const enum Extended {
  END_SEQUENCE = 1,
  SET_ADDRESS = 2,
}

function runProgram(cursor: Cursor, header: Header): LineTable {
  const { minimumLength, lineBase, lineRange, opcodeBase, operandCounts, files } = header;
  const table = { files, addresses: [] as number[], fileIndices: [] as number[], lines: [] as number[], columns: [] as number[], statements: [] as boolean[], sequences: [] as { first: number; end: number; from: number; to: number }[] };
  let address = 0;
  let file = 1;
  let line = 1;
  let column = 0;
  let isStatement = header.defaultIsStatement;
  let first = 0;
  const row = (): void => {
    if (table.addresses.length >= MOST_ROWS) throw new Damaged('a line table without an end');
    cursor.allowance.spend(ROW_STEPS);
    table.addresses.push(address);
    table.fileIndices.push(file);
    table.lines.push(line);
    table.columns.push(column);
    table.statements.push(isStatement);
  };
  const special = (opcode: number): void => {
    const adjusted = opcode - opcodeBase;
    if (lineRange === 0) throw new Damaged('a line range of 0');
    address += Math.floor(adjusted / lineRange) * minimumLength;
    line += lineBase + (adjusted % lineRange);
  };
  while (!cursor.atEnd) {
    const opcode = cursor.u8();
    if (opcode >= opcodeBase) {
      special(opcode);
      row();
      continue;
    }
    switch (opcode as Standard) {
      case Standard.EXTENDED: {
        const inner = cursor.within(cursor.uleb());
        if (inner.atEnd) break;
        const what = inner.u8();
        if (what === Extended.SET_ADDRESS) address = inner.sized(inner.end - inner.position);
        if (what !== Extended.END_SEQUENCE) break;
        row();
        table.sequences.push({ first, end: table.addresses.length - 1, from: table.addresses[first]!, to: address });
        first = table.addresses.length;
        address = 0;
        file = 1;
        line = 1;
        column = 0;
        isStatement = header.defaultIsStatement;
        break;
      }
      case Standard.COPY: row(); break;
      case Standard.ADVANCE_PC: address += cursor.uleb() * minimumLength; break;
      case Standard.ADVANCE_LINE: line += cursor.sleb(); break;
      case Standard.SET_FILE: file = cursor.uleb(); break;
      case Standard.SET_COLUMN: column = cursor.uleb(); break;
      case Standard.NEGATE_STATEMENT: isStatement = !isStatement; break;
      case Standard.SET_BASIC_BLOCK: break;
      case Standard.CONST_ADD_PC: {
        const before = line;
        special(255);
        line = before;
        break;
      }
      case Standard.FIXED_ADVANCE_PC: address += cursor.u16(); break;
      default: for (let left = operandCounts[opcode]!; left > 0; left--) cursor.uleb();
    }
  }
  // Code that the linker left out has its place at 0 or at the end of all addresses.
  return { ...table, sequences: table.sequences.filter(({ from, to }) => from > 0 && to > from && to < 0xffff_ff00) };
}

/** Row that an address belongs to, -1 when none does. */
export function rowAt(table: LineTable, address: number): number {
  for (const { first, end, from, to } of table.sequences) {
    if (address < from || address >= to) continue;
    let row = Math.max(first, first + countWhile(end - first, (index) => table.addresses[first + index]! <= address) - 1);
    // Line 0 is code that stands for no line: what comes before it is the nearest.
    while (row > first && table.lines[row] === 0) row--;
    return table.lines[row] === 0 ? -1 : row;
  }
  return -1;
}
