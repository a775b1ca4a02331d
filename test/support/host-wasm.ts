// The host's own WebAssembly, to compare with. The types of Node leave it out; the product never touches it.
import { encode, instantiate, parse, Trap, type ExportedFunction, type Memory } from '../../src/wasm/index.js';

interface HostInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}
interface HostWebAssembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports?: object) => HostInstance;
  readonly RuntimeError: new () => Error;
  validate(bytes: Uint8Array): boolean;
}
export const host = (globalThis as unknown as { readonly WebAssembly: HostWebAssembly }).WebAssembly;

/** One module in both engines. `bytes` of a memory exported as `m`; calls that return `trap` when the program trapped. */
export interface Twin {
  readonly ours: { call(name: string, ...args: unknown[]): unknown; memory(): Uint8Array };
  readonly theirs: { call(name: string, ...args: unknown[]): unknown; memory(): Uint8Array };
}

export const TRAPPED = 'trapped';

export function twinOf(text: string): Twin {
  const module = parse(text);
  const ours = instantiate(module);
  const theirs = new host.Instance(new host.Module(encode(module)));
  const guarded = (isTrap: (error: unknown) => boolean, exports: Readonly<Record<string, unknown>>) => (name: string, ...args: unknown[]): unknown => {
    try {
      return (exports[name] as ExportedFunction)(...args);
    } catch (error) {
      if (isTrap(error)) return TRAPPED;
      throw error;
    }
  };
  return {
    ours: { call: guarded((error) => error instanceof Trap, ours.exports), memory: () => (ours.exports['m'] as Memory).view() },
    theirs: {
      call: guarded((error) => error instanceof host.RuntimeError, theirs.exports),
      memory: () => new Uint8Array((theirs.exports['m'] as { readonly buffer: ArrayBuffer }).buffer),
    },
  };
}
