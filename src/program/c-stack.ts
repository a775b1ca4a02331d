// Whether a program that trapped had used up the C stack: the part of its memory where clang keeps variables whose address is
// taken, arrays and structures. Nothing watches over its end, so what shows is a trap somewhere behind it, or none at all. Judged
// by the stack pointer as the trap left it.
// https://github.com/WebAssembly/tool-conventions/blob/main/BasicCABI.md
import type { Expression, Module } from '../wasm/index.js';
import { Code } from '../wasm/interpreter/codes.js';
import { Reader } from '../wasm/binary/reader.js';
import type { Instance } from '../wasm/runtime/instance.js';
import { Type } from '../wasm/types.js';

export interface CStack {
  /** First address of the stack: it ends there, growing down. */
  readonly low: number;
  /** Where it starts. */
  readonly high: number;
  /** Undefined: other data lies somewhere below it, nobody tells where. */
  readonly sizeBytes: number | undefined;
}

/** A leaf function may use so many bytes below the stack pointer without moving it. */
const RED_ZONE_BYTES = 128;

/** The stack that had overflowed when the program trapped; undefined when it had not, or nothing tells. */
export function overflownStack(module: Module, instance: Instance, trap: string): CStack | undefined {
  const index = stackPointerOf(module);
  if (index === undefined) return undefined;
  const stack = stackOf(module, index);
  const pointer = instance.globals[index]?.value;
  if (stack === undefined || typeof pointer !== 'number') return undefined;
  const at = pointer >>> 0;
  // Below the address 0 there is no address: the pointer comes round to the end of all addresses.
  const isBeyond = at > stack.high || at < stack.low;
  const isAtEnd = trap === 'out of bounds memory access' && stack.low === 0 && at < RED_ZONE_BYTES;
  return isBeyond || isAtEnd ? stack : undefined;
}

/** By its name, else the global that linkers put first. */
function stackPointerOf(module: Module): number | undefined {
  const imported = module.imports.filter(({ description }) => description.kind === 'global').length;
  const named = [...module.names.globals].find(([, name]) => name === '__stack_pointer')?.[0] ?? module.exports.find(({ name, kind }) => kind === 'global' && name === '__stack_pointer')?.index;
  const index = named ?? (imported === 0 ? 0 : undefined);
  const global = index === undefined ? undefined : module.globals[index - imported];
  return global?.type.mutable === true && global.type.type === Type.I32 ? index : undefined;
}

function stackOf(module: Module, pointer: number): CStack | undefined {
  const imported = module.imports.filter(({ description }) => description.kind === 'global').length;
  const high = constantOf(module.globals[pointer - imported]!.init);
  if (high === undefined || high === 0) return undefined;
  const segments = module.data.flatMap(({ mode, bytes }) => {
    const start = mode.kind === 'active' ? constantOf(mode.offset) : undefined;
    return start === undefined ? [] : [{ start, end: start + bytes.length }];
  });
  if (segments.length === 0) return undefined;
  // `--stack-first`: nothing is below the stack.
  if (segments.every(({ start }) => start >= high)) return { low: 0, high, sizeBytes: high };
  // Else what the program's data begins with is below it, and data that starts as zero behind that.
  const below = segments.filter(({ end }) => end <= high).map(({ end }) => end);
  return below.length === 0 ? undefined : { low: below.reduce((most, end) => Math.max(most, end)), high, sizeBytes: undefined };
}

/** The value of `i32.const`. */
function constantOf({ bytes, start, end }: Expression): number | undefined {
  const reader = new Reader(bytes, start, end);
  return reader.byte() === Code.I32_CONST ? reader.s32() >>> 0 : undefined;
}
