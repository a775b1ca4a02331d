// Constant expressions: initial values of globals, offsets of segments, elements of tables. A handful of instructions on a
// small stack; values by their bits (`global.ts`).
// spec: valid/instructions#constant-expressions
import { readInstruction } from '../binary/immediates.js';
import { Reader } from '../binary/reader.js';
import { Unsupported } from '../errors.js';
import type { Expression } from '../module.js';
import type { Bits } from './global.js';
import type { Instance } from './instance.js';

export function evaluate(instance: Instance, { bytes, start, end }: Expression): Bits {
  const reader = new Reader(bytes, start, end);
  const stack: unknown[] = [];
  const number = (): number => stack.pop() as number;
  const bigint = (): bigint => stack.pop() as bigint;
  for (;;) {
    const { info, immediates } = readInstruction(reader);
    switch (info.mnemonic) {
      case 'end': return stack.pop();
      case 'i32.const': case 'i64.const': case 'f32.const': case 'f64.const': case 'v128.const': stack.push(immediates[0]); break;
      case 'ref.null': stack.push(null); break;
      case 'ref.func': stack.push(instance.functionAt(immediates[0] as number)); break;
      case 'global.get': stack.push(instance.globals[immediates[0] as number]!.bits); break;
      case 'i32.add': stack.push((number() + number()) | 0); break;
      case 'i32.sub': stack.push((-number() + number()) | 0); break;
      case 'i32.mul': stack.push(Math.imul(number(), number())); break;
      case 'i64.add': stack.push(BigInt.asIntN(64, bigint() + bigint())); break;
      case 'i64.sub': stack.push(BigInt.asIntN(64, -bigint() + bigint())); break;
      case 'i64.mul': stack.push(BigInt.asIntN(64, bigint() * bigint())); break;
      default: throw new Unsupported(`this engine does not evaluate ${info.mnemonic} in constant expressions yet (feature ${info.feature})`);
    }
  }
}
