// The grammar of expressions alone: does every instruction decode, and do blocks nest? A module can be both malformed and
// invalid; the specification decodes first, so when validation finds fault this decides which of the two it is.
// spec: binary/instructions
import { infoOf, type Mnemonic } from '../instructions.js';
import type { Expression, Module } from '../module.js';
import { illegalOpcode, skipInstruction } from './immediates.js';
import { Reader } from './reader.js';

const ordinalsOf = (...mnemonics: readonly Mnemonic[]): ReadonlySet<number> => new Set(mnemonics.map((mnemonic) => infoOf(mnemonic).ordinal));
const ordinal = (mnemonic: Mnemonic): number => infoOf(mnemonic).ordinal;

const PLAIN_BLOCKS = ordinalsOf('block', 'loop', 'try_table');
const DATA_USERS = ordinalsOf('memory.init', 'data.drop', 'array.new_data', 'array.init_data');
const [IF, ELSE, TRY, CATCH, CATCH_ALL, DELEGATE, END] = (['if', 'else', 'try', 'catch', 'catch_all', 'delegate', 'end'] as const).map(ordinal) as [number, number, number, number, number, number, number];

/** Which parts may follow in an open block. */
const enum Open {
  NOTHING,
  ELSE,
  CATCH_OR_DELEGATE,
  CATCH,
}

/** Throws DecodeError when a body is malformed. Text knows no data count section: for it the second argument is true. */
export function checkWellFormed(module: Module, hasDataCount = module.dataCount !== null): void {
  const imported = module.imports.reduce((sum, { description }) => sum + (description.kind === 'func' ? 1 : 0), 0);
  module.bodies.forEach(({ code }, index) => checkExpression(code, `function ${imported + index}`, hasDataCount));
}

function checkExpression({ bytes, start, end }: Expression, subject: string, hasDataCount: boolean): void {
  const reader = new Reader(bytes, start, end, subject);
  skipExpression(reader, hasDataCount, () => (end === bytes.length ? reader.unexpectedEnd('END opcode expected') : reader.fail('END opcode expected', end)));
  if (reader.position !== end) reader.fail('section size mismatch', reader.position, `${end - reader.position} bytes after the last end`);
}

/** Reads over instructions up to the `end` that closes them all. Throws DecodeError; `atEnd` is for bytes that stop before. */
export function skipExpression(reader: Reader, hasDataCount = true, atEnd = (): never => reader.unexpectedEnd()): void {
  const blocks: Open[] = [Open.NOTHING];
  while (blocks.length > 0) {
    const at = reader.position;
    if (at >= reader.end) atEnd();
    const found = skipInstruction(reader);
    const top = blocks.length - 1;
    if (PLAIN_BLOCKS.has(found)) blocks.push(Open.NOTHING);
    else if (found === IF) blocks.push(Open.ELSE);
    else if (found === TRY) blocks.push(Open.CATCH_OR_DELEGATE);
    else if (found === END) blocks.pop();
    else if (found === ELSE) blocks[top] = blocks[top] === Open.ELSE ? Open.NOTHING : illegalOpcode(reader, at);
    else if (found === CATCH) blocks[top] = blocks[top]! >= Open.CATCH_OR_DELEGATE ? Open.CATCH : illegalOpcode(reader, at);
    else if (found === CATCH_ALL) blocks[top] = blocks[top]! >= Open.CATCH_OR_DELEGATE ? Open.NOTHING : illegalOpcode(reader, at);
    else if (found === DELEGATE) blocks.length = blocks[top] === Open.CATCH_OR_DELEGATE ? top : illegalOpcode(reader, at);
    else if (!hasDataCount && DATA_USERS.has(found)) reader.fail('data count section required', at);
  }
}
