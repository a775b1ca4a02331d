// Instructions in the text format, encoded as they are read. The grammar nests without bound (blocks in blocks, operands
// in operands), so nesting lives in a stack of our own, never in JavaScript's. A folded instruction is encoded when its
// parenthesis closes, behind its operands; until then its bytes wait in `pending`.
// spec: text/instructions; legacy exceptions: their proposal
import { ByteWriter } from '../binary/writer.js';
import { INFO_OF_MNEMONIC, infoOf, type ImmediateKind, type InstructionInfo, type Mnemonic } from '../instructions.js';
import type { Expression } from '../module.js';
import { heapTypeOf, isNullable, type ValueType } from '../types.js';
import type { Cursor } from './cursor.js';
import { quoted } from './errors.js';
import { todaysName } from './legacy-names.js';
import { parseF32, parseF64, parseInteger, parseSmallInteger, parseU32, parseUnsigned } from './numbers.js';
import type { LocalNames, Scope } from './scope.js';
import { Token } from './tokens.js';
import { parseHeapType, parseReferenceType, parseTypeList, parseTypeUse } from './types.js';

/** What the innermost open construct is, and so what may come next. */
const enum Frame {
  /** The expression itself: instructions, until a `)` that is not ours. */
  BASE,
  /** `block`, `loop`, `try_table`, and the last part of others: instructions until `end`. */
  FLAT_BLOCK,
  FLAT_IF,
  FLAT_TRY,
  FLAT_CATCH,
  /** `(block`, `(loop`, `(try_table`: instructions until `)`. */
  FOLDED_BLOCK,
  /** `(op`: folded operands until `)`; then the instruction. */
  OPERANDS,
  /** `(if`: folded operands until `(then`. */
  CONDITION,
  THEN,
  AFTER_THEN,
  ELSE,
  AFTER_ELSE,
  /** `(try`: `(do` must follow. */
  TRY,
  DO,
  /** Behind `(do …)`: catches, `(delegate l)` or `)`. */
  AFTER_DO,
  CATCH,
  /** Behind `(catch …)`: more of them or `)`. */
  AFTER_CATCH,
  CATCH_ALL,
  AFTER_CATCH_ALL,
}

const OP = {
  else: 0x05, catch: 0x07, end: 0x0b, delegate: 0x18, catchAll: 0x19,
} as const;

/** One shape of `v128.const`: how many lanes of what. */
const SHAPES: ReadonlyMap<string, readonly [lanes: number, kind: 'i8' | 'i16' | 'i32' | 'i64' | 'f32' | 'f64']> = new Map([
  ['i8x16', [16, 'i8']], ['i16x8', [8, 'i16']], ['i32x4', [4, 'i32']], ['i64x2', [2, 'i64']], ['f32x4', [4, 'f32']], ['f64x2', [2, 'f64']],
]);

const CATCHES: ReadonlyArray<readonly [word: string, code: number, hasTag: boolean]> = [
  ['catch', 0, true], ['catch_ref', 1, true], ['catch_all', 2, false], ['catch_all_ref', 3, false],
];

/** A finished expression whose buffer is filled in when the module is complete. */
export type ExpressionDraft = { -readonly [Key in keyof Expression]: Expression[Key] };

const EMPTY = new Uint8Array(0);

export class InstructionParser {
  readonly writer = new ByteWriter(4096);
  private readonly pending = new ByteWriter(256);
  private readonly drafts: ExpressionDraft[] = [];
  /** Byte position and source offset of every instruction. */
  private positions = new Uint32Array(1024);
  private offsets = new Uint32Array(1024);
  private placeCount = 0;
  /** Whether an instruction names a data segment, so that the binary format needs a data count. */
  usesDataIndex = false;

  private locals: LocalNames['byName'] = new Map();
  /** Names of the structured instructions of the current function, in order of their opcodes. */
  private labelNames = new Map<number, string>();
  private structuredCount = 0;

  /** One entry for every open construct. */
  private readonly frames: Frame[] = [];
  /** OPERANDS, CONDITION: where in `pending` the instruction waits. */
  private readonly frameStarts: number[] = [];
  /** OPERANDS, CONDITION, TRY: the token of the keyword. */
  private readonly frameTokens: number[] = [];
  /** The label (null: none) that a frame binds, or will bind. */
  private readonly frameLabels: Array<string | null> = [];
  private readonly frameLabelNames: Array<string | undefined> = [];

  /** Open labels, outermost first, the function's own not among them. */
  private labelDepth = 0;
  private readonly labelsByName = new Map<string, number[]>();

  constructor(private readonly scope: Scope, private readonly cursor: Cursor) {}

  /** A function's instructions, until the `)` of the function, which stays. */
  parseBody(locals: LocalNames['byName']): { code: ExpressionDraft; labels: ReadonlyMap<number, string> } {
    this.locals = locals;
    this.labelNames = new Map();
    this.structuredCount = 0;
    const code = this.parseExpression();
    this.locals = new Map();
    return { code, labels: this.labelNames };
  }

  /** Instructions until a `)`, which stays. */
  parseExpression(): ExpressionDraft {
    const start = this.writer.length;
    this.run(false);
    return this.finish(start);
  }

  /** One folded instruction as a whole expression. */
  parseFoldedExpression(): ExpressionDraft {
    const start = this.writer.length;
    if (this.cursor.kind() !== Token.OPEN) throw this.cursor.unexpected('an instruction in parentheses');
    this.run(true);
    return this.finish(start);
  }

  /** An expression that abbreviations imply. */
  implied(write: (writer: ByteWriter) => void): ExpressionDraft {
    const start = this.writer.length;
    this.place(this.cursor.at);
    write(this.writer);
    return this.finish(start);
  }

  private finish(start: number): ExpressionDraft {
    this.place(this.cursor.at);
    this.writer.byte(OP.end);
    const draft = { bytes: EMPTY, start, end: this.writer.length };
    this.drafts.push(draft);
    return draft;
  }

  /** Hands the buffer to all expressions; nothing may be parsed afterwards. */
  close(): { positions: Uint32Array; offsets: Uint32Array } {
    const bytes = this.writer.take();
    for (const draft of this.drafts) draft.bytes = bytes;
    return { positions: this.positions.slice(0, this.placeCount), offsets: this.offsets.slice(0, this.placeCount) };
  }

  /** Remembers that the next byte written comes from a token. */
  private place(token: number): void {
    if (this.placeCount === this.positions.length) {
      const [positions, offsets] = [this.positions, this.offsets];
      (this.positions = new Uint32Array(positions.length * 2)).set(positions);
      (this.offsets = new Uint32Array(positions.length * 2)).set(offsets);
    }
    this.positions[this.placeCount] = this.writer.length;
    this.offsets[this.placeCount++] = this.cursor.offset(token);
  }

  private push(frame: Frame, token: number, start = 0, label: string | null = null, labelName?: string): void {
    this.frames.push(frame);
    this.frameTokens.push(token);
    this.frameStarts.push(start);
    this.frameLabels.push(label);
    this.frameLabelNames.push(labelName);
  }

  private pop(): void {
    this.frames.pop();
    this.frameTokens.pop();
    this.frameStarts.pop();
    this.frameLabels.pop();
    this.frameLabelNames.pop();
  }

  private become(frame: Frame): void {
    this.frames[this.frames.length - 1] = frame;
  }

  private run(single: boolean): void {
    const { cursor, frames } = this;
    this.push(Frame.BASE, cursor.at);
    const base = frames.length;
    for (;;) {
      const frame = frames[frames.length - 1]!;
      const kind = cursor.kind();
      switch (frame) {
        case Frame.OPERANDS:
          if (kind === Token.CLOSE) this.closeOperands();
          else this.openFolded('an operand in parentheses, or `)`');
          break;
        case Frame.CONDITION:
          if (cursor.opens('then')) this.openThen();
          else this.openFolded('(then');
          break;
        case Frame.AFTER_THEN:
          if (cursor.opens('else')) {
            this.place(cursor.at + 1);
            this.writer.byte(OP.else);
            cursor.at += 2;
            this.become(Frame.ELSE);
          } else this.closeBlock('(else');
          break;
        case Frame.AFTER_ELSE:
        case Frame.AFTER_CATCH_ALL:
          this.closeBlock(')');
          break;
        case Frame.TRY:
          cursor.expectOpening('do');
          this.become(Frame.DO);
          break;
        case Frame.AFTER_DO:
        case Frame.AFTER_CATCH:
          this.handler(frame);
          break;
        default:
          if (kind === Token.CLOSE) {
            if (frame === Frame.BASE) {
              this.pop();
              return;
            }
            this.closeSequence(frame);
          } else if (kind === Token.OPEN) this.openFolded('an instruction');
          else if (kind === Token.KEYWORD) this.flat(frame);
          else if (kind === Token.END && frame === Frame.BASE) {
            this.pop();
            return;
          } else throw cursor.unexpected('an instruction');
      }
      if (single && frames.length === base) {
        this.pop();
        return;
      }
    }
  }

  /** A `)` behind a sequence of instructions. */
  private closeSequence(frame: Frame): void {
    const { cursor } = this;
    switch (frame) {
      case Frame.FOLDED_BLOCK:
        this.closeBlock(')');
        return;
      case Frame.THEN:
        this.become(Frame.AFTER_THEN);
        break;
      case Frame.ELSE:
        this.become(Frame.AFTER_ELSE);
        break;
      case Frame.DO:
        this.become(Frame.AFTER_DO);
        break;
      case Frame.CATCH:
        this.become(Frame.AFTER_CATCH);
        break;
      case Frame.CATCH_ALL:
        this.become(Frame.AFTER_CATCH_ALL);
        break;
      default: {
        const opened = cursor.places.placeOf(cursor.offset(this.frameTokens.at(-1)));
        throw cursor.fail('unexpected token', `\`)\` closes more than was opened, or \`end\` is missing for the ${quoted(cursor.text(this.frameTokens.at(-1)))} of line ${opened.line}`);
      }
    }
    cursor.at++;
  }

  /** The `)` of a structured instruction. */
  private closeBlock(expected: string): void {
    const { cursor } = this;
    if (cursor.kind() !== Token.CLOSE) throw cursor.unexpected(expected);
    this.place(cursor.at);
    this.writer.byte(OP.end);
    cursor.at++;
    this.leaveLabel();
    this.pop();
  }

  private closeOperands(): void {
    const start = this.frameStarts.at(-1)!;
    this.place(this.frameTokens.at(-1)!);
    this.writer.bytes(this.pending.view(start));
    this.pending.length = start;
    this.cursor.at++;
    this.pop();
  }

  private openThen(): void {
    const { cursor } = this;
    const start = this.frameStarts.at(-1)!;
    this.place(this.frameTokens.at(-1)!);
    this.writer.bytes(this.pending.view(start));
    this.pending.length = start;
    cursor.at += 2;
    this.become(Frame.THEN);
    this.enterLabel(this.frameLabels.at(-1)!, this.frameLabelNames.at(-1));
  }

  /** `(catch tag …)`, `(catch_all …)`, `(delegate label)` of a folded `try`. */
  private handler(frame: Frame): void {
    const { cursor } = this;
    if (cursor.opens('catch')) {
      this.place(cursor.at + 1);
      cursor.at += 2;
      this.writer.byte(OP.catch);
      this.writer.u32(this.scope.index('tag'));
      this.become(Frame.CATCH);
    } else if (cursor.opens('catch_all')) {
      this.place(cursor.at + 1);
      cursor.at += 2;
      this.writer.byte(OP.catchAll);
      this.become(Frame.CATCH_ALL);
    } else if (frame === Frame.AFTER_DO && cursor.opens('delegate')) {
      this.place(cursor.at + 1);
      cursor.at += 2;
      this.delegate();
      cursor.expectClose();
      cursor.expectClose();
    } else this.closeBlock(frame === Frame.AFTER_DO ? '(catch, (catch_all or (delegate' : '(catch, (catch_all or )');
  }

  /** Ends a `try`; its label is counted from outside of it. */
  private delegate(): void {
    this.leaveLabel();
    this.pop();
    this.writer.byte(OP.delegate);
    this.writer.u32(this.label());
  }

  /** `(` and what must be an instruction. */
  private openFolded(expected: string): void {
    const { cursor } = this;
    if (cursor.kind() !== Token.OPEN) throw cursor.unexpected(expected);
    cursor.at++;
    if (cursor.kind() !== Token.KEYWORD) throw cursor.unexpected('an instruction');
    const token = cursor.at;
    const info = this.instruction();
    switch (info.mnemonic) {
      case 'block':
      case 'loop':
      case 'try_table':
        this.openBlock(info, token, Frame.FOLDED_BLOCK);
        return;
      case 'try':
        this.openBlock(info, token, Frame.TRY);
        return;
      case 'if': {
        const { label, name } = this.takeLabel();
        const at = this.writer.length;
        this.writer.byte(info.code);
        this.blockType();
        this.postpone(at, token, Frame.CONDITION, label, name);
        return;
      }
      case 'else': case 'end': case 'catch': case 'catch_all': case 'delegate':
        cursor.at = token;
        throw cursor.fail('unexpected token', `${quoted(info.mnemonic)} opens no instruction`);
    }
    const at = this.writer.length;
    // Without operands, and that is most often a constant or a variable, the bytes stand where they belong already.
    this.place(token);
    this.encode(info);
    if (cursor.kind() === Token.CLOSE) {
      cursor.at++;
      return;
    }
    this.placeCount--;
    this.postpone(at, token, Frame.OPERANDS, null, undefined);
  }

  /** Takes back what was written from `at` on, until the operands are done. */
  private postpone(at: number, token: number, frame: Frame, label: string | null, labelName: string | undefined): void {
    this.push(frame, token, this.pending.length, label, labelName);
    this.pending.bytes(this.writer.view(at));
    this.writer.length = at;
  }

  private openBlock(info: InstructionInfo, token: number, frame: Frame): void {
    const { label, name } = this.takeLabel();
    this.place(token);
    this.writer.byte(info.code);
    this.blockType();
    // Catch clauses branch from outside of the block: its own label is not in their sight.
    if (info.mnemonic === 'try_table') this.catchClauses();
    this.push(frame, token, 0, label, name);
    this.enterLabel(label, name);
  }

  /** An instruction, or a part of one, without parentheses. */
  private flat(frame: Frame): void {
    const { cursor } = this;
    const token = cursor.at;
    const info = this.instruction();
    switch (info.mnemonic) {
      case 'block':
      case 'loop':
      case 'try_table':
        this.openBlock(info, token, Frame.FLAT_BLOCK);
        return;
      case 'if':
        this.openBlock(info, token, Frame.FLAT_IF);
        return;
      case 'try':
        this.openBlock(info, token, Frame.FLAT_TRY);
        return;
      case 'end':
        if (frame < Frame.FLAT_BLOCK || frame > Frame.FLAT_CATCH) break;
        this.place(token);
        this.writer.byte(OP.end);
        this.repeatLabel();
        this.leaveLabel();
        this.pop();
        return;
      case 'else':
        if (frame !== Frame.FLAT_IF) break;
        this.place(token);
        this.writer.byte(OP.else);
        this.repeatLabel();
        this.become(Frame.FLAT_BLOCK);
        return;
      case 'catch':
        if (frame !== Frame.FLAT_TRY && frame !== Frame.FLAT_CATCH) break;
        this.place(token);
        this.writer.byte(OP.catch);
        this.writer.u32(this.scope.index('tag'));
        this.become(Frame.FLAT_CATCH);
        return;
      case 'catch_all':
        if (frame !== Frame.FLAT_TRY && frame !== Frame.FLAT_CATCH) break;
        this.place(token);
        this.writer.byte(OP.catchAll);
        this.become(Frame.FLAT_BLOCK);
        return;
      case 'delegate':
        if (frame !== Frame.FLAT_TRY) break;
        this.place(token);
        this.delegate();
        return;
      default:
        this.place(token);
        this.encode(info);
        return;
    }
    cursor.at = token;
    throw cursor.fail('unexpected token', `${quoted(info.mnemonic)} belongs to no open instruction`);
  }

  /** Takes the keyword of an instruction. */
  private instruction(): InstructionInfo {
    const { cursor } = this;
    const word = cursor.text();
    const info = INFO_OF_MNEMONIC.get(word) ?? (this.scope.legacyNames ? INFO_OF_MNEMONIC.get(todaysName(word) ?? '') : undefined);
    if (info === undefined) throw cursor.unexpected('an instruction');
    cursor.at++;
    return info;
  }

  // Labels.

  private takeLabel(): { label: string | null; name: string | undefined } {
    const { cursor } = this;
    let label: string | null = null;
    if (cursor.kind() === Token.ID) label = cursor.nameAt(cursor.at++);
    return { label, name: (this.scope.annotations.any ? this.scope.annotations.takeName() : undefined) ?? label ?? undefined };
  }

  private enterLabel(label: string | null, name: string | undefined): void {
    if (name !== undefined) this.labelNames.set(this.structuredCount, name);
    this.structuredCount++;
    if (label !== null) {
      const depths = this.labelsByName.get(label);
      if (depths === undefined) this.labelsByName.set(label, [this.labelDepth]);
      else depths.push(this.labelDepth);
    }
    this.labelDepth++;
  }

  /** Closes the label of the innermost frame. */
  private leaveLabel(): void {
    const label = this.frameLabels.at(-1)!;
    this.labelDepth--;
    if (label !== null) this.labelsByName.get(label)!.pop();
  }

  /** The identifier that `end` and `else` may repeat. */
  private repeatLabel(): void {
    const { cursor } = this;
    if (cursor.kind() !== Token.ID) return;
    const name = cursor.nameAt(cursor.at);
    const label = this.frameLabels.at(-1)!;
    if (name !== label) throw cursor.fail('mismatching label', `${quoted(`$${name}`)} closes a block ${label === null ? 'without a label' : `labelled ${quoted(`$${label}`)}`}`);
    cursor.at++;
  }

  private label(): number {
    const { cursor } = this;
    if (cursor.kind() !== Token.ID) return this.natural('a label');
    const name = cursor.nameAt(cursor.at);
    const depth = this.labelsByName.get(name)?.at(-1);
    if (depth === undefined) throw this.scope.unknownLabel(name, [...this.labelsByName].filter(([, depths]) => depths.length > 0).map(([known]) => known));
    cursor.at++;
    return this.labelDepth - 1 - depth;
  }

  // Immediates.

  private natural(expected: string): number {
    if (this.cursor.kind() !== Token.NATURAL) throw this.cursor.unexpected(expected);
    return this.cursor.natural();
  }

  private encode(info: InstructionInfo): void {
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

  private catchClauses(): void {
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
  private blockType(): void {
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
    writer.typeIndex(typeIndex);
  }
}

const isNumber = (kind: Token): boolean => kind === Token.NATURAL || kind === Token.INTEGER || kind === Token.FLOAT;

const parseI8 = (literal: string): number | null => parseSmallInteger(literal, 8);
const parseI16 = (literal: string): number | null => parseSmallInteger(literal, 16);
const parseI32 = (literal: string): number | null => parseSmallInteger(literal, 32);
const parseI64 = (literal: string): bigint | null => parseInteger(literal, 64);

/** The implied offset of an inline segment. */
export function writeZero(writer: ByteWriter, address: 'i32' | 'i64'): void {
  writer.byte(address === 'i32' ? 0x41 : 0x42);
  writer.byte(0);
}

