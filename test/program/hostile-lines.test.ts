// Debug information whose parts name each other over and over: a few hundred thousand bytes that stand for more than any
// machine reads or holds. Each of these would take hours, or all memory, if every reference were followed.
import { expect, test } from 'vitest';
import { SourceMap } from '../../src/program/debug/source-map.js';
import { decode, encode, parse, type Module } from '../../src/wasm/index.js';

const uleb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...uleb(value >>> 7)]);
const u32 = (value: number): number[] => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
const u16 = (value: number): number[] => [value & 0xff, value >>> 8];
const times = (count: number, make: (index: number) => readonly number[]): number[] => Array.from({ length: count }, (_, index) => make(index)).flat();

/** A unit of DWARF 4, or its head when `length` reaches further than `content`. */
const unit = (abbreviations: number, content: readonly number[], length = 7 + content.length): number[] => [...u32(length), ...u16(4), ...u32(abbreviations), 4, ...content];
/** A line table of version 5 without directories and with `files` of no columns, then `program`. */
function lineTable(files: number, program: readonly number[], beyond = 0): number[] {
  const header = [1, 1, 1, 0xfb, 14, 13, ...times(12, () => [0]), 0, 0, 0, ...uleb(files)];
  const behind = [...u16(5), 4, 0, ...u32(header.length), ...header, ...program];
  return [...u32(behind.length + beyond), ...behind];
}

const module = decode(encode(parse('(module (func nop))')));
function withDebug(sections: Readonly<Record<string, readonly number[]>>): Module {
  const customs = Object.entries({ line: [0], ...sections }).map(([name, bytes]) => ({ name: `.debug_${name}`, bytes: Uint8Array.from(bytes), after: 10 }));
  return { ...module, customs };
}

function askAll(asked: Module): number {
  const map = SourceMap.of(asked)!;
  let answers = map.callsAt(module.bodies[0]!.code.start).length;
  for (const _ of map.rows()) answers++;
  for (const _ of map.functions()) answers++;
  return answers;
}

const COMPILE_UNIT = 0x11;
const SUBPROGRAM = 0x2e;
const NAME = 0x03;
const [LOW, HIGH, RANGES, STATEMENTS] = [0x11, 0x12, 0x55, 0x10];
const [ADDRESS, DATA4, STRP, FLAG, OFFSET] = [0x01, 0x06, 0x0e, 0x19, 0x17];
const abbreviation = (code: number, tag: number, attributes: readonly number[] = []): number[] => [...uleb(code), tag, 0, ...attributes.flatMap((each) => uleb(each)), 0, 0];

const long = 'n'.repeat(60_000);
const HOSTILE: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  'units that each begin their abbreviations one further on': {
    info: times(30_000, (index) => unit(index * 5, [1])),
    abbrev: [...times(60_000, () => abbreviation(1, COMPILE_UNIT)), 0],
  },
  'entries of a byte with a hundred thousand flags': {
    info: unit(0, [2, 0, 0, 0, 0, ...times(200_000, () => [1])]),
    abbrev: [...abbreviation(1, SUBPROGRAM, times(100_000, () => [0x3f, FLAG])), ...abbreviation(2, COMPILE_UNIT, [STATEMENTS, OFFSET]), 0],
    line: lineTable(0, []),
  },
  'one long name for every function': {
    info: unit(0, [1, ...u32(0), ...times(60_000, () => [2, ...u32(0), ...u32(1), ...u32(9)])]),
    abbrev: [...abbreviation(1, COMPILE_UNIT, [STATEMENTS, OFFSET]), ...abbreviation(2, SUBPROGRAM, [NAME, STRP, LOW, ADDRESS, HIGH, DATA4]), 0],
    str: [...Buffer.from(`${long}\0`)],
    line: lineTable(0, []),
  },
  'one list of ranges for every unit': {
    info: times(20_000, () => unit(0, [1, ...u32(0)])),
    abbrev: [...abbreviation(1, COMPILE_UNIT, [RANGES, OFFSET]), 0],
    ranges: [...times(50_000, (index) => [...u32(index + 1), ...u32(index + 2)]), ...u32(0), ...u32(0)],
  },
  'line tables that name a million files in three bytes': { line: times(3_000, () => lineTable(1_000_000, [])) },
  'line tables that reach over all that follow': {
    info: times(3_000, (index) => unit(0, [1, ...u32(index * lineTable(0, []).length)])),
    abbrev: [...abbreviation(1, COMPILE_UNIT, [STATEMENTS, OFFSET]), 0],
    // What reads like operations too: `copy` puts down a row.
    line: [...times(3_000, (index) => lineTable(0, [], (2_999 - index) * lineTable(0, []).length + 100_000)), ...times(100_000, () => [1])],
  },
};

test.each(Object.entries(HOSTILE))('%s', (_, sections) => {
  expect(askAll(withDebug(sections))).toBeLessThan(2_000_000);
});

test('lines that no file has are not told', () => {
  // Advances the line below 1 (`advance_line -5`), puts down a row, and ends the sequence behind it.
  const sequence = (line: readonly number[]): number[] => [0, 5, 2, ...u32(1), 3, ...line, 1, 2, 50, 0, 1, 1];
  const table = (line: readonly number[]): number[] => {
    const header = [1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, ...Buffer.from('a.c'), 0, 0, 0, 0, 0];
    const behind = [...u16(4), ...u32(header.length), ...header, ...sequence(line)];
    return [...u32(behind.length), ...behind];
  };
  const linesOf = (line: readonly number[]): number[] => [...SourceMap.of(withDebug({ line: table(line) }))!.rows()].map(({ line: each }) => each);
  expect(linesOf([4])).toEqual([5]);
  expect(linesOf([0x7b])).toEqual([]);
  expect(linesOf([...times(300, () => [0xff]), 0])).toEqual([]);
});
