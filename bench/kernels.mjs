// What is measured: each kernel with its size in a full run and in a quick one. A `function` is an export of a module without
// imports; a `program` is a WASI command that takes its size as an argument and prints its checksum.
export const KERNELS = [
  { name: 'fib', about: 'calls, i32', kind: 'function', module: 'engine', size: 32, quick: 20 },
  { name: 'wide', about: 'i64 hash mix', kind: 'function', module: 'engine', size: 2_000_000, quick: 10_000 },
  { name: 'nbody', about: 'f64', kind: 'function', module: 'engine', size: 60_000, quick: 500 },
  { name: 'sieve_matrix', about: 'bytes, matrices, copies', kind: 'function', module: 'engine', size: 15, quick: 1 },
  { name: 'dispatch', about: 'br_table, call_indirect', kind: 'function', module: 'engine', size: 4_000_000, quick: 20_000 },
  { name: 'lists_states', about: "CoreMark's kind of work", kind: 'function', module: 'engine', size: 800, quick: 5 },
  { name: 'simd', about: 'vectors', kind: 'function', module: 'simd', size: 200, quick: 1, lacks: { polywasm: 'no SIMD' } },
  { name: 'text', about: 'strings and floats as text', kind: 'program', module: 'text', size: 30, quick: 1 },
  { name: 'lua', about: "Lua 5.4 from Debian's source", kind: 'program', module: 'lua', size: 40, quick: 1 },
];
