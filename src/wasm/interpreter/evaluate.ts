// Constant expressions: initial values of globals, offsets of segments, elements of tables. One instruction is simply read;
// whatever is longer is lowered and run like a function's body, so that every instruction allowed there has one meaning.
// spec: valid/instructions#constant-expressions
import { readInstruction } from '../binary/immediates.js';
import { Reader } from '../binary/reader.js';
import type { Expression } from '../module.js';
import type { ValueType } from '../types.js';
import { placeCode, releaseCode } from '../runtime/code-space.js';
import type { Instance } from '../runtime/instance.js';
import type { Bits } from '../runtime/slots.js';
import { lowerExpression } from './lower.js';
import { runCode } from './invoke.js';

/** The value by its bits (`slots.ts`). */
export function evaluate(instance: Instance, expression: Expression, type: ValueType): Bits {
  const reader = new Reader(expression.bytes, expression.start, expression.end);
  const { info, immediates } = readInstruction(reader);
  if (reader.position === expression.end - 1) {
    switch (info.mnemonic) {
      case 'i32.const': return immediates[0];
      case 'i64.const': return immediates[0];
      case 'ref.null': return null;
      case 'ref.func': return instance.functionAt(immediates[0] as number);
      case 'global.get': return instance.globals[immediates[0] as number]!.bits;
    }
  }
  const { prologue, words, addresses } = lowerExpression(instance.code, expression, type);
  const entry = placeCode(prologue, words, addresses, instance.code, -1);
  try {
    return runCode(instance, entry, type);
  } finally {
    releaseCode(instance.code, entry);
  }
}
