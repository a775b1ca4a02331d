// The host's own WebAssembly, as far as it is used here: the types of Node leave it out. The only file that names it.
// spec: js-api

export interface HostMemory {
  readonly buffer: ArrayBufferLike;
}

interface HostInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

interface HostWebAssembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => HostInstance;
  readonly Memory: new (type: object) => HostMemory;
  readonly CompileError: new () => Error;
  readonly RuntimeError: new () => Error;
  readonly Exception: new () => object;
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: HostWebAssembly }).WebAssembly;
