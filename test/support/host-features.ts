// Which features of WebAssembly the host's own engine has: one small module each, accepted or not.
import { host } from './host-wasm.js';
import type { FeatureSet } from './random-module.js';

type Name = FeatureSet extends ReadonlySet<infer Feature> ? Feature : never;

/** A module with one function `[] -> []` of these instructions, behind these sections. */
const withBody = (code: readonly number[], before: readonly number[] = []): Uint8Array => {
  const body = [0, ...code, 0x0b];
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, ...before, 10, body.length + 2, 1, body.length, ...body]);
};

const MEMORY = [5, 3, 1, 0, 1];
const V128 = [0xfd, 12, ...new Array<number>(16).fill(0)];
const PROBES: Readonly<Partial<Record<Name, Uint8Array>>> = {
  'sign-extension': withBody([0x41, 0, 0xc0, 0x1a]),
  'saturating-conversion': withBody([0x43, 0, 0, 0, 0, 0xfc, 0, 0x1a]),
  'bulk-memory': withBody([0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, 0], MEMORY),
  'reference-types': withBody([0xd0, 0x70, 0x1a]),
  simd: withBody([...V128, 0x1a]),
  'relaxed-simd': withBody([...V128, ...V128, 0xfd, 0x80, 2, 0x1a]),
  'tail-call': withBody([0x12, 0]),
  'function-references': withBody([0xd0, 0, 0x14, 0]),
  gc: withBody([0xd0, 0x6e, 0xd0, 0x6d, 0x1a, 0x1a]),
  exceptions: withBody([0x1f, 0x40, 0, 0x0b]),
  threads: withBody([0xfe, 3, 0]),
  memory64: withBody([0x42, 0, 0x28, 0, 0, 0x1a], [5, 3, 1, 4, 1]),
  'multi-memory': withBody([], [5, 5, 2, 0, 1, 0, 1]),
};

export function hostFeatures(): FeatureSet {
  return new Set((Object.keys(PROBES) as Name[]).filter((name) => host.validate(PROBES[name]!)));
}
