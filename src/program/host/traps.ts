// V8's words for a stopped program -> the specification's, as the interpreter has them; and V8's stack -> the calls that
// the interpreter would show. V8 has fewer words: the instruction it stopped at tells most of them apart, and where nothing
// does, the trap says so and `sameTrap` takes either for the other.
import { WasienvError } from '../../base/errors.js';
import { readInstruction } from '../../wasm/binary/immediates.js';
import { Reader } from '../../wasm/binary/reader.js';
import { decode } from '../../wasm/binary/decode.js';
import { Exhaustion, Trap, type StackFrame } from '../../wasm/errors.js';
import type { Module } from '../../wasm/index.js';
import { SHIM_NAME } from './shim.js';
import { webAssembly } from './web-assembly.js';

/** How positions in the bytes that V8 runs become the module's own. */
export interface Places {
  readonly names: (functionIndex: number) => string | undefined;
  /** The mnemonic of the instruction at a position. */
  readonly mnemonicAt: (position: number) => string | undefined;
  readonly offsetOf: (functionIndex: number, position: number) => number | undefined;
}

/** `original`: the bytes are those the module was decoded from. */
export function placesOf(module: Module, bytes: Uint8Array, original: boolean): Places {
  let encoded: Module | undefined;
  const imported = module.imports.filter(({ description }) => description.kind === 'func').length;
  return {
    names: (functionIndex) => module.names.functions.get(functionIndex),
    mnemonicAt(position) {
      try {
        return readInstruction(new Reader(bytes, position)).info.mnemonic;
      } catch {
        return undefined;
      }
    },
    offsetOf(functionIndex, position) {
      const here = module.bodies[functionIndex - imported]?.code;
      // A module from text has its bodies in a buffer of its own; they are the same bytes at another place.
      const there = original ? here : (encoded ??= decode(bytes)).bodies[functionIndex - imported]?.code;
      if (there === undefined || here === undefined || there.end - there.start !== here.end - here.start) return undefined;
      // A stack that is used up shows on entering a function, before its first instruction.
      return Math.max(position, there.start) - there.start + here.start;
    },
  };
}

/** An exception of WebAssembly that the program threw and nothing in it caught. V8 does not tell where. */
class UncaughtException extends WasienvError {
  override readonly name = 'Exception';
  frames: readonly StackFrame[] = [];
  constructor() {
    super('E_EXCEPTION', 'an exception was thrown that nothing caught');
  }
}

/** What stopped the program, in the interpreter's terms; undefined when it was not the program. */
export function stopOf(thrown: unknown, overflowInside: boolean, places: Places): Trap | Exhaustion | UncaughtException | undefined {
  if (thrown instanceof webAssembly.Exception) return new UncaughtException();
  if (!(thrown instanceof Error)) return undefined;
  const found = framesOf(thrown.stack ?? '', places);
  const frames = found.map(({ position: _, ...frame }) => frame);
  if (overflowInside || (thrown instanceof RangeError && /call stack/i.test(thrown.message))) return new Exhaustion('call stack exhausted', undefined, frames);
  if (!(thrown instanceof webAssembly.RuntimeError)) return undefined;
  const message = thrown.message.replace(/^WebAssembly\.Instance\(\): /, '');
  const mnemonic = found[0] === undefined ? undefined : places.mnemonicAt(found[0].position);
  const { trap, detail } = trapOf(message, mnemonic ?? '');
  return new Trap(trap, detail, frames);
}

const NOT_TOLD = (other: string): string => `or ${other}, which Node’s engine does not tell apart`;

/** By V8's message, and where that has several meanings by the instruction. */
function trapOf(message: string, mnemonic: string): { readonly trap: string; readonly detail?: string } {
  const indirect = mnemonic.endsWith('call_indirect');
  if (message.startsWith('unreachable')) return { trap: 'unreachable' };
  if (/^(divide|remainder) by zero/.test(message)) return { trap: 'integer divide by zero' };
  if (message.startsWith('divide result unrepresentable')) return { trap: 'integer overflow' };
  if (message.startsWith('float unrepresentable')) return { trap: 'integer overflow', detail: NOT_TOLD('invalid conversion to integer') };
  if (/^memory access out of bounds|^data segment/.test(message)) return { trap: 'out of bounds memory access' };
  if (message.startsWith('table index is out of bounds')) return { trap: indirect ? 'undefined element' : 'out of bounds table access' };
  if (message.startsWith('element segment')) return { trap: 'out of bounds table access' };
  if (/function signature mismatch/.test(message)) return { trap: 'indirect call type mismatch', detail: NOT_TOLD('uninitialized element') };
  if (message.startsWith('dereferencing a null pointer')) return { trap: nullTrap(mnemonic) };
  if (message.startsWith('rethrowing null')) return { trap: 'null exception reference' };
  if (message.startsWith('illegal cast')) return { trap: 'cast failure' };
  if (/^array (element access|index)?.*out of bounds/.test(message)) return { trap: 'out of bounds array access' };
  if (message.startsWith('requested new array is too large')) return { trap: 'allocation size too large' };
  if (message.startsWith('operation does not support unaligned')) return { trap: 'unaligned atomic' };
  if (message.startsWith('Atomics.wait cannot be called')) return { trap: 'expected shared memory' };
  return { trap: message };
}

function nullTrap(mnemonic: string): string {
  if (mnemonic.includes('call_ref')) return 'null function reference';
  if (mnemonic === 'throw_ref') return 'null exception reference';
  if (mnemonic.startsWith('struct.')) return 'null structure reference';
  if (mnemonic.startsWith('array.')) return 'null array reference';
  if (mnemonic.startsWith('i31.')) return 'null i31 reference';
  return 'null reference';
}

/** What V8 says where we say something narrower: names that may stand for each other. */
const ALIKE: readonly (readonly string[])[] = [
  ['indirect call type mismatch', 'uninitialized element'],
  ['integer overflow', 'invalid conversion to integer'],
];

/** Whether two engines mean the same trap; one of them may be V8. */
export function sameTrap(one: string, other: string): boolean {
  const plain = (name: string) => name.replace(/ \d+$/, '');
  const [a, b] = [plain(one), plain(other)];
  return a === b || ALIKE.some((names) => names.includes(a) && names.includes(b));
}

const FRAME = /\(?(wasm:\/\/\S*):wasm-function\[(\d+)\]:0x([0-9a-f]+)\)?$/;

interface HostFrame extends StackFrame {
  /** In the bytes that V8 runs. */
  readonly position: number;
}

/** The program's calls, innermost first; those of the shim and of ours are left out. */
function framesOf(stack: string, places: Places): HostFrame[] {
  return stack.split('\n').flatMap((line) => {
    const match = FRAME.exec(line);
    if (match === null || match[1]!.includes(SHIM_NAME)) return [];
    const functionIndex = Number(match[2]);
    const position = parseInt(match[3]!, 16);
    const name = places.names(functionIndex);
    const offset = places.offsetOf(functionIndex, position);
    return [{ functionIndex, position, ...(name === undefined ? {} : { name }), ...(offset === undefined ? {} : { offset }) }];
  });
}
