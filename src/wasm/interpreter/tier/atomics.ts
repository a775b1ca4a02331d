// Atomic accesses to memory 0 as text: JavaScript's `Atomics` on a view of it. What is out of bounds or not aligned is left to the
// loop. Waiting, notifying, fences, other memories and 64 bits, which would be bigints, are performed by `atomics.ts` on slots.
// spec: the threads proposal, exec/instructions#atomic-memory-instructions
import { AtomicKind, ATOMIC_SHAPES } from '../atomics.js';
import { Group, type Op } from '../ops.js';

/** Function of `Atomics`, and how many values it takes. */
const FUNCTIONS: Readonly<Partial<Record<AtomicKind, readonly [name: string, values: number]>>> = {
  [AtomicKind.LOAD]: ['load', 0], [AtomicKind.STORE]: ['store', 1], [AtomicKind.ADD]: ['add', 1], [AtomicKind.SUB]: ['sub', 1], [AtomicKind.AND]: ['and', 1],
  [AtomicKind.OR]: ['or', 1], [AtomicKind.XOR]: ['xor', 1], [AtomicKind.XCHG]: ['exchange', 1], [AtomicKind.CMPXCHG]: ['compareExchange', 2],
};

/** Undefined: no atomic operation, or one to be performed on slots. `leave` goes to the loop. */
export function atomicText(op: Op, words: readonly number[], leave: string): string | undefined {
  const shape = shapeOf(op);
  // A place that is not 0 is another memory, or an offset of more than 32 bits.
  if (shape === undefined || shape.bytes === 8 || words[words.length - 3] !== 0) return undefined;
  const [name, values] = FUNCTIONS[shape.kind] ?? [];
  if (name === undefined) return undefined;
  const { bytes, isWide, hasResult } = shape;
  const d = words[0]!;
  const [base, ...operands] = words.slice(hasResult ? 1 : 0, -3);
  const given = operands.slice(0, values).map((slot) => `,${isWide ? 'l' : 'i'}${slot}`).join('');
  const done = `Atomics.${name}(${viewOf(bytes)},at${bytes === 1 ? '' : `>>>${bytes >> 1}`}${given})`;
  const check = `at=(i${base}>>>0)+${words[words.length - 2]! >>> 0};if(at+${bytes}>limit${bytes === 1 ? '' : `||(at&${bytes - 1})!==0`})${leave}`;
  if (!hasResult) return `${check}${done};`;
  return isWide ? `${check}l${d}=${done};h${d}=0;` : `${check}i${d}=${done};`;
}

/** What the text of an atomic operation uses of the memory. */
export function atomicViews(op: Op): readonly string[] {
  const shape = shapeOf(op);
  return shape === undefined || shape.bytes === 8 || FUNCTIONS[shape.kind] === undefined ? [] : [viewOf(shape.bytes), 'limit'];
}

const shapeOf = (op: Op): (typeof ATOMIC_SHAPES)[number] | undefined => (op < Group.ATOMIC ? undefined : ATOMIC_SHAPES[op - Group.ATOMIC]);
const viewOf = (bytes: number): string => (bytes === 1 ? 'M8' : bytes === 2 ? 'M16' : 'M32');
