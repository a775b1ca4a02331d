// Which slots an instruction reads and writes, and as what.
import { isReference, Type, type FunctionType, type ValueType } from '../../types.js';
import { Op } from '../ops.js';
import { formatOf } from './formats.js';
import type { Instruction } from './flow.js';

/** A slot by its letter as in formats.ts: small for those read, large for those written. */
export type SlotUse = readonly [letter: string, slot: number];

export const isNarrow = (type: ValueType): boolean => type === Type.I32 || type === Type.F32;
/** Whether a letter means a slot of 32 bits. */
export const isNarrowLetter = (letter: string): boolean => letter === 's' || letter === 'S' || letter === 'f' || letter === 'F';
export const isDoubleLetter = (letter: string): boolean => letter === 'd' || letter === 'D';
export const isWrite = (letter: string): boolean => letter < 'a';

/** Whether values of the type have variables. Of several results, a NaN's bits would be lost. */
export const canPass = ({ params, results }: FunctionType): boolean =>
  ![...params, ...results].some((type) => type === Type.V128 || isReference(type)) && !(results.length > 1 && results.includes(Type.F64));

/** Of values in adjacent slots. */
export function usesOf(types: readonly ValueType[], from: number, letters: string): SlotUse[] {
  return types.map((type, index) => [isNarrow(type) ? letters[0]! : type === Type.I64 ? letters[1]! : letters[2]!, from + index]);
}

/** Reads first. `results`: of the function the instruction is in. */
export function slotsOf({ op, words, callee, payload }: Instruction, results: readonly ValueType[]): SlotUse[] {
  if (callee !== undefined) {
    const delta = words[words.length - 1]!;
    return [...(op === Op.CALL_INDIRECT ? [['s', words[2]!] as const] : []), ...usesOf(callee.params, delta, 'swd'), ...usesOf(callee.results, delta, 'SWD')];
  }
  if (payload !== undefined) return usesOf(payload.params, words[1]!, 'swd');
  switch (op) {
    case Op.BR_TABLE: case Op.RETURN32: return [['s', words[0]!]];
    case Op.RETURN64: return [['w', words[0]!]];
    case Op.RETURN_F64: return [['d', words[0]!]];
    case Op.RETURN: return usesOf(results, 0, 'swd');
    default: {
      const format = formatOf(op) ?? '';
      const reads: SlotUse[] = [];
      let writes: SlotUse[] | undefined;
      for (let index = 0; index < format.length; index++) {
        const letter = format[index]!;
        if (letter === 'k' || letter === 't') continue;
        if (letter === 'v') {
          reads.push(['w', words[index]!], ['w', words[index]! + 1]);
          continue;
        }
        if (letter === 'V') {
          (writes ??= []).push(['W', words[index]!], ['W', words[index]! + 1]);
          continue;
        }
        if (isWrite(letter)) (writes ??= []).push([letter, words[index]!]);
        else reads.push([letter, words[index]!]);
      }
      return writes === undefined ? reads : [...reads, ...writes];
    }
  }
}
