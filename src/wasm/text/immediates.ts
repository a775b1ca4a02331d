// Instructions but for their nesting: opcodes and immediates from text to bytes, each immediate as its kind in the table
// says, and the few instructions whose text has another order or other words than their bytes.
// spec: text/instructions
import type { ByteWriter } from '../binary/writer.js';
import { INFO_OF_MNEMONIC, infoOf, type ImmediateKind, type InstructionInfo, type Mnemonic } from '../instructions.js';
import { heapTypeOf, isNullable, type ValueType } from '../types.js';
import type { Cursor } from './cursor.js';
import { quoted } from './errors.js';
import type { Labels } from './labels.js';
import { parseF32, parseF64, parseInteger, parseSmallInteger, parseU32, parseUnsigned } from './numbers.js';
import { MAX_TYPE_INDEX, type LocalNames, type Scope } from './scope.js';
import { Token } from './tokens.js';
import { parseHeapType, parseReferenceType, parseTypeList, parseTypeUse } from './types.js';

/** One shape of `v128.const`: how many lanes of what. */
const SHAPES: ReadonlyMap<string, readonly [lanes: number, kind: 'i8' | 'i16' | 'i32' | 'i64' | 'f32' | 'f64']> = new Map([
  ['i8x16', [16, 'i8']], ['i16x8', [8, 'i16']], ['i32x4', [4, 'i32']], ['i64x2', [2, 'i64']], ['f32x4', [4, 'f32']], ['f64x2', [2, 'f64']],
]);

const CATCHES: ReadonlyArray<readonly [word: string, code: number, hasTag: boolean]> = [
  ['catch', 0, true], ['catch_ref', 1, true], ['catch_all', 2, false], ['catch_all_ref', 3, false],
];

export class ImmediateParser {
  /** Whether an instruction named a data segment, so that the binary format needs a data count. */
  usesDataIndex = false;
  /** Of the function that is read. */
  locals: LocalNames['byName'] = new Map();

  constructor(
    private readonly scope: Scope,
    private readonly cursor: Cursor,
    private readonly writer: ByteWriter,
    private readonly labels: Labels,
  ) {}

  private natural(expected: string): number {
    if (this.cursor.kind() !== Token.NATURAL) throw this.cursor.unexpected(expected);
    return this.cursor.natural();
  }

  /** An instruction that is no structured one: opcode and immediates. */
  encode(info: InstructionInfo): void {
    const { cursor, writer } = this;
    switch (info.mnemonic) {
      case 'select':
        if (!cursor.opens('result')) break;
        {
          const types: ValueType[] = [];
          parseTypeList(this.scope, 'result', types, null);
          this.opcode(infoOf('select (result)'));
          writer.u32(types.length);
          for (const type of types) writer.valueType(type);
        }
        return;
      case 'ref.test':
      case 'ref.cast': {
        const type = parseReferenceType(this.scope);
        this.opcode(isNullable(type) ? infoOf(`${info.mnemonic} null` as Mnemonic) : info);
        writer.heapType(heapTypeOf(type));
        return;
      }
      case 'call_indirect':
      case 'return_call_indirect': {
        const table = cursor.isIndex() ? this.scope.index('table') : 0;
        const { typeIndex } = parseTypeUse(this.scope, null, false);
        this.opcode(info);
        writer.u32(typeIndex);
        writer.u32(table);
        return;
      }
      case 'memory.init':
      case 'table.init': {
        // The text has the memory or table first, and may leave it out; the binary has it last.
        const [place, segment] = info.mnemonic === 'memory.init' ? (['memory', 'data'] as const) : (['table', 'elem'] as const);
        const at = cursor.isIndex() && cursor.isIndex(1) ? this.scope.index(place) : 0;
        this.opcode(info);
        writer.u32(this.scope.index(segment));
        writer.u32(at);
        if (segment === 'data') this.usesDataIndex = true;
        return;
      }
      case 'memory.copy':
      case 'table.copy': {
        const space = info.mnemonic === 'memory.copy' ? 'memory' : 'table';
        const given = cursor.isIndex();
        this.opcode(info);
        writer.u32(given ? this.scope.index(space) : 0);
        writer.u32(given ? this.scope.index(space) : 0);
        return;
      }
      case 'struct.get':
      case 'struct.get_s':
      case 'struct.get_u':
      case 'struct.set': {
        const type = this.scope.index('type');
        this.opcode(info);
        writer.u32(type);
        writer.u32(this.scope.field(type));
        return;
      }
    }
    this.opcode(info);
    for (const kind of info.immediates) this.immediate(kind, info);
  }

  private opcode({ code }: InstructionInfo): void {
    if (code < 0x100) this.writer.byte(code);
    else {
      this.writer.byte(code >>> 16);
      this.writer.u32(code & 0xffff);
    }
  }

  private immediate(kind: ImmediateKind, info: InstructionInfo): void {
    const { cursor, scope, writer } = this;
    switch (kind) {
      case 'local':
        writer.u32(scope.lookUp(cursor.at, this.locals, 'local'));
        cursor.at++;
        return;
      case 'func': case 'global': case 'tag': case 'elem': case 'type':
        writer.u32(scope.index(kind));
        return;
      case 'data':
        writer.u32(scope.index('data'));
        this.usesDataIndex = true;
        return;
      case 'table':
      case 'memory':
        writer.u32(cursor.isIndex() ? scope.index(kind) : 0);
        return;
      case 'label':
        writer.u32(this.label());
        return;
      case 'labels': {
        const labels = [this.label()];
        while (cursor.isIndex()) labels.push(this.label());
        writer.u32(labels.length - 1);
        for (const label of labels) writer.u32(label);
        return;
      }
      case 'memarg1': case 'memarg2': case 'memarg4': case 'memarg8': case 'memarg16':
        this.memarg(Number(kind.slice(6)), info.immediates.length > 1);
        return;
      case 'i32':
        writer.s32(this.number('i32', parseI32, true));
        return;
      case 'i64':
        writer.s64(this.number('i64', parseI64, true));
        return;
      case 'f32':
        writer.littleEndian(this.number('f32', parseF32, false), 4);
        return;
      case 'f64':
        writer.littleEndian(this.number('f64', parseF64, false), 8);
        return;
      case 'v128':
        this.vector();
        return;
      case 'heapType':
        writer.heapType(parseHeapType(scope));
        return;
      case 'count':
        writer.u32(this.natural('a number'));
        return;
      case 'cast':
        this.cast();
        return;
      case 'lane2': case 'lane4': case 'lane8': case 'lane16':
        writer.byte(this.lane());
        return;
      case 'lanes16':
        this.lanes();
        return;
      case 'zeroByte':
        writer.byte(0);
        return;
      case 'field': case 'blockType': case 'tryTable': case 'valueTypes':
        throw new TypeError(`${info.mnemonic} has a rule of its own`);
    }
  }

  private number<Value>(type: string, parse: (literal: string) => Value | null, whole: boolean): Value {
    const { cursor } = this;
    const kind = cursor.kind();
    if (!isNumber(kind) || (whole && kind === Token.FLOAT)) throw cursor.unexpected(`an ${type} number`);
    const literal = cursor.text();
    const value = parse(literal);
    if (value === null) throw cursor.fail('constant out of range', `${quoted(literal.length > 60 ? `${literal.slice(0, 60)}…` : literal)} is no ${type}`);
    cursor.at++;
    return value;
  }

  private vector(): void {
    const { cursor, writer } = this;
    const [lanes, kind] = (cursor.kind() === Token.KEYWORD ? SHAPES.get(cursor.text()) : undefined) ?? [];
    if (lanes === undefined) throw cursor.unexpected('a shape: i8x16 i16x8 i32x4 i64x2 f32x4 f64x2');
    cursor.at++;
    this.expectLanes(lanes, 'wrong number of lane literals');
    for (let lane = 0; lane < lanes; lane++) {
      switch (kind) {
        case 'i8':
          writer.byte(this.number(kind, parseI8, true) & 0xff);
          break;
        case 'i16':
          {
            const value = this.number(kind, parseI16, true);
            writer.byte(value & 0xff);
            writer.byte((value >> 8) & 0xff);
          }
          break;
        case 'i32':
          writer.littleEndian(this.number(kind, parseI32, true), 4);
          break;
        case 'i64':
          writer.littleEndian(BigInt.asUintN(64, this.number(kind, parseI64, true)), 8);
          break;
        case 'f32':
          writer.littleEndian(this.number(kind, parseF32, false), 4);
          break;
        case 'f64':
          writer.littleEndian(this.number(kind, parseF64, false), 8);
          break;
      }
    }
  }

  /** That exactly `wanted` numbers are next; where something else than an instruction or parenthesis follows too few, that is the mistake. */
  private expectLanes(wanted: number, wording: string): void {
    const { cursor } = this;
    let count = 0;
    while (count <= wanted && isNumber(cursor.kind(count))) count++;
    if (count === wanted) return;
    const { at } = cursor;
    cursor.at += count;
    const kind = cursor.kind();
    const ends = kind === Token.CLOSE || kind === Token.OPEN || (kind === Token.KEYWORD && INFO_OF_MNEMONIC.has(cursor.text()));
    if (count < wanted && !ends) throw cursor.unexpected('a number');
    cursor.at = at;
    throw cursor.fail(wording, count > wanted ? `more than ${wanted}` : `${count} of ${wanted}`);
  }

  private lane(): number {
    const { cursor } = this;
    if (cursor.kind() !== Token.NATURAL) throw cursor.unexpected('a lane number');
    const lane = parseU32(cursor.text());
    if (lane === null || lane > 255) throw cursor.fail('i8 constant out of range', `${quoted(cursor.text())} is no lane`);
    cursor.at++;
    return lane;
  }

  /** Sixteen lanes of a shuffle. Here the suite calls every other number out of range. */
  private lanes(): void {
    const { cursor } = this;
    this.expectLanes(16, 'invalid lane length');
    for (let lane = 0; lane < 16; lane++) {
      if (cursor.kind() !== Token.NATURAL) throw cursor.fail('i8 constant out of range', `${quoted(cursor.text())} is no lane`);
      this.writer.byte(this.lane());
    }
  }

  /** `memory? offset=…? align=…?`; where a lane follows, a lone number is the lane. */
  private memarg(natural: number, laneFollows: boolean): void {
    const { cursor, scope, writer } = this;
    let memory = 0;
    if (cursor.isIndex() && !(laneFollows && this.isLoneLane())) memory = scope.index('memory');
    let offset = 0n;
    let exponent = Math.log2(natural);
    if (this.isAssignment('offset=')) {
      const literal = this.assigned('offset=');
      const value = parseUnsigned(literal, 64);
      if (value === null) throw cursor.fail('offset out of range', `${quoted(literal)} is above 2^64 - 1`);
      offset = value;
      cursor.at++;
    }
    if (this.isAssignment('align=')) {
      const literal = this.assigned('align=');
      const value = parseUnsigned(literal, 64);
      if (value === null || value === 0n || (value & (value - 1n)) !== 0n) throw cursor.fail('alignment must be a power of two', `${quoted(literal)} is none`);
      exponent = value.toString(2).length - 1;
      cursor.at++;
    }
    writer.u32(exponent | (memory === 0 ? 0 : 0x40));
    if (memory !== 0) writer.u32(memory);
    if (offset < 0x1_0000_0000n) writer.u32(Number(offset));
    else writer.u64(offset);
  }

  /** Whether the number that is next is a lane rather than a memory: nothing of a memory argument follows it. */
  private isLoneLane(): boolean {
    return this.cursor.kind() === Token.NATURAL && this.cursor.kind(1) !== Token.NATURAL && !this.isAssignment('offset=', 1) && !this.isAssignment('align=', 1);
  }

  private isAssignment(prefix: string, ahead = 0): boolean {
    return this.cursor.kind(ahead) === Token.KEYWORD && this.cursor.text(this.cursor.at + ahead).startsWith(prefix);
  }

  /** The number behind `offset=` or `align=`. */
  private assigned(prefix: string): string {
    const literal = this.cursor.text().slice(prefix.length);
    if (!/^(?:\d+(?:_\d+)*|0x[\da-f]+(?:_[\da-f]+)*)$/i.test(literal)) throw this.cursor.fail('unknown operator', `${quoted(this.cursor.text())}, expected a number behind ${quoted(prefix)}`);
    return literal;
  }

  /** `label type type`: the flags byte says which of the two reference types are nullable. */
  private cast(): void {
    const label = this.label();
    const from = parseReferenceType(this.scope);
    const to = parseReferenceType(this.scope);
    this.writer.byte((isNullable(from) ? 1 : 0) | (isNullable(to) ? 2 : 0));
    this.writer.u32(label);
    this.writer.heapType(heapTypeOf(from));
    this.writer.heapType(heapTypeOf(to));
  }

  catchClauses(): void {
    const { cursor, writer } = this;
    const clauses: Array<readonly [code: number, tag: number | null, label: number]> = [];
    for (;;) {
      const clause = CATCHES.find(([word]) => cursor.opens(word));
      if (clause === undefined) break;
      cursor.at += 2;
      const [, code, hasTag] = clause;
      const tag = hasTag ? this.scope.index('tag') : null;
      clauses.push([code, tag, this.label()]);
      cursor.expectClose();
    }
    writer.u32(clauses.length);
    for (const [code, tag, label] of clauses) {
      writer.byte(code);
      if (tag !== null) writer.u32(tag);
      writer.u32(label);
    }
  }

  /** A type use without parameters and at most one result is written in short. spec: binary/instructions#binary-blocktype */
  blockType(): void {
    const { cursor, scope, writer } = this;
    if (!cursor.opens('type') && !cursor.opens('param')) {
      const types: ValueType[] = [];
      const at = cursor.at;
      parseTypeList(scope, 'result', types, null);
      if (types.length === 0) {
        writer.byte(0x40);
        return;
      }
      if (types.length === 1) {
        writer.valueType(types[0]!);
        return;
      }
      cursor.at = at;
    }
    const { typeIndex } = parseTypeUse(scope, null, false);
    // As the decoder does: an index that no module can have becomes the last there is, which is unknown all the same.
    writer.typeIndex(Math.min(typeIndex, MAX_TYPE_INDEX));
  }

  /** Takes a label, by number or name, as a depth. */
  label(): number {
    const { cursor } = this;
    if (cursor.kind() !== Token.ID) return this.natural('a label');
    const name = cursor.nameAt(cursor.at);
    const depth = this.labels.depthOf(name);
    if (depth === undefined) throw this.scope.unknownLabel(name, this.labels.names());
    cursor.at++;
    return depth;
  }
}

const isNumber = (kind: Token): boolean => kind === Token.NATURAL || kind === Token.INTEGER || kind === Token.FLOAT;

const parseI8 = (literal: string): number | null => parseSmallInteger(literal, 8);
const parseI16 = (literal: string): number | null => parseSmallInteger(literal, 16);
const parseI32 = (literal: string): number | null => parseSmallInteger(literal, 32);
const parseI64 = (literal: string): bigint | null => parseInteger(literal, 64);
