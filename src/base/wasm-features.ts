// What WebAssembly has beyond its first version, by the names that the engine's table of instructions uses and those of features that show in
// no instruction: what each is, and which Node has it in its own engine.

export interface WasmFeature {
  readonly what: string;
  /** The oldest Node whose own WebAssembly runs it without a flag: 20 is the oldest that wasienv runs on. */
  readonly node: number;
}

/** Measured with Node 20 and 26; 22, 24 and 25 by the versions of V8 in which they came without a flag. */
export const WASM_FEATURES: Readonly<Record<string, WasmFeature>> = {
  'sign-extension': { what: 'sign extension of integers', node: 20 },
  'saturating-conversion': { what: 'conversions of floats that do not trap', node: 20 },
  'mutable-globals': { what: 'mutable globals imported or exported', node: 20 },
  'multi-value': { what: 'functions with several results', node: 20 },
  'bulk-memory': { what: 'copying and filling memory at once', node: 20 },
  'reference-types': { what: 'references, and several tables', node: 20 },
  simd: { what: 'vectors of 128 bits', node: 20 },
  'tail-call': { what: 'tail calls', node: 20 },
  threads: { what: 'atomics and shared memory', node: 20 },
  'legacy-exceptions': { what: 'exceptions of the older kind', node: 20 },
  'extended-const': { what: 'arithmetic in constants', node: 22 },
  'multi-memory': { what: 'several memories', node: 22 },
  'relaxed-simd': { what: 'relaxed vector instructions', node: 22 },
  'function-references': { what: 'typed function references', node: 22 },
  gc: { what: 'structures and arrays with garbage collection', node: 22 },
  memory64: { what: '64-bit memories', node: 24 },
  exceptions: { what: 'exceptions with `try_table`', node: 25 },
};
