// What a trap most often means in a C, C++ or Rust program: the specification's words say what happened, not why. Pure.

interface Frame {
  readonly functionIndex: number;
  readonly name?: string;
  readonly inlined?: boolean;
}

/** The C stack of a program, which it had used up. */
interface Stack {
  /** Undefined: not known. */
  readonly sizeBytes: number | undefined;
}

/** Calls of one function into itself that are no accident any more. */
const DEEP = 50;

/** A next step for whoever wrote the program, or undefined when the trap says all there is to say. */
export function trapHint(trap: string, calls: readonly Frame[], overflown?: Stack): string | undefined {
  const frames = calls.filter(({ inlined }) => inlined !== true);
  const innermost = frames[0];
  const names = frames.map(({ name }) => name ?? '');
  const repeated = frames.filter(({ functionIndex }) => functionIndex === innermost?.functionIndex).length;
  const again = repeated < DEEP ? '' : `${names[0] === '' ? 'one function' : `\`${names[0]}\``} calls itself again and again: `;
  if (overflown !== undefined) return `${again}${largerStack(overflown)}`;
  if (trap === 'call stack exhausted') return `${again}the recursion has no end, or goes deeper than the interpreter does`;
  if (trap === 'out of bounds memory access' && again !== '') {
    return `${again}the program has most likely used up its stack; if that is meant, link with \`-Wl,-z,stack-size=8388608\``;
  }
  if (trap === 'unreachable' && names.slice(0, 3).some((name) => /^_*(abort|assert_fail|cxa_throw|cxa_pure_virtual|terminate)|St9terminatev/.test(name))) {
    return 'the program ended itself (abort, a failed assert, an exception nobody catches); what it printed before says why';
  }
  // WebAssembly of Rust does not unwind: the message is written, then the program traps.
  if (trap === 'unreachable' && names.slice(0, 6).some((name) => /(?:^|_)rust_(?:start_)?panic|rust_abort/.test(name))) {
    return 'the program panicked; the message above says where';
  }
  if (trap === 'unreachable') return 'the program came where it should never come: `__builtin_unreachable`, a function without its `return`, or one called with another type than it has';
  if (trap === 'indirect call type mismatch') return 'a function pointer was called as another type than the function has';
  if (frames.length > 0 && names.every((name) => name === '')) return 'link without `-s` and `--strip-all` to see the names of the functions';
  return undefined;
}

const DEFAULT_BYTES = 65_536;
const MEBIBYTE = 2 ** 20;

function largerStack({ sizeBytes }: Stack): string {
  const enough = Math.max(8, Math.ceil((8 * (sizeBytes ?? DEFAULT_BYTES)) / MEBIBYTE));
  return `if it needs so much, link it with \`wasienv cc --stack-size ${enough}MiB\`, or \`-Wl,-z,stack-size=${enough * MEBIBYTE}\` with another clang; large arrays can be static or come from malloc`;
}
