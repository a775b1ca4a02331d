// Instructions in the text format, encoded as they are read. The grammar nests without bound (blocks in blocks, operands
// in operands), so nesting lives in a stack of our own, never in JavaScript's. A folded instruction is encoded when its
// parenthesis closes, behind its operands; until then its bytes wait in `pending`.
// spec: text/instructions; legacy exceptions: their proposal
import { ByteWriter } from '../binary/writer.js';
import { INFO_OF_MNEMONIC, type InstructionInfo } from '../instructions.js';
import type { Expression } from '../module.js';
import type { Cursor } from './cursor.js';
import { quoted } from './errors.js';
import { ImmediateParser } from './immediates.js';
import { Labels } from './labels.js';
import { todaysName } from './legacy-names.js';
import type { LocalNames, Scope } from './scope.js';
import { Token } from './tokens.js';

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
  private readonly labels = new Labels();
  private readonly immediates: ImmediateParser;
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

  constructor(
    private readonly scope: Scope,
    private readonly cursor: Cursor,
  ) {
    this.immediates = new ImmediateParser(scope, cursor, this.writer, this.labels);
  }

  /** Whether an instruction names a data segment, so that the binary format needs a data count. */
  get usesDataIndex(): boolean {
    return this.immediates.usesDataIndex;
  }

  /** A function's instructions, until the `)` of the function, which stays. */
  parseBody(locals: LocalNames['byName']): { code: ExpressionDraft; labels: ReadonlyMap<number, string> } {
    this.immediates.locals = locals;
    this.labelNames = new Map();
    this.structuredCount = 0;
    const code = this.parseExpression();
    this.immediates.locals = new Map();
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
    this.writer.u32(this.immediates.label());
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
        this.immediates.blockType();
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
    this.immediates.encode(info);
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
    this.immediates.blockType();
    // Catch clauses branch from outside of the block: its own label is not in their sight.
    if (info.mnemonic === 'try_table') this.immediates.catchClauses();
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
        this.immediates.encode(info);
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
    this.labels.enter(label);
  }

  /** Closes the label of the innermost frame. */
  private leaveLabel(): void {
    this.labels.leave(this.frameLabels.at(-1)!);
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
}

/** The implied offset of an inline segment. */
export function writeZero(writer: ByteWriter, address: 'i32' | 'i64'): void {
  writer.byte(address === 'i32' ? 0x41 : 0x42);
  writer.byte(0);
}

