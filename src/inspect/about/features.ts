// What a module uses beyond the first version of WebAssembly: by the instructions in it, and by what else it holds; and which
// Node runs that.
import { Reader } from '../../wasm/binary/reader.js';
import { skipInstruction } from '../../wasm/binary/immediates.js';
import { INSTRUCTION_INFOS } from '../../wasm/instructions.js';
import { WasienvError } from '../../base/errors.js';
import { WASM_FEATURES } from '../../base/wasm-features.js';
import type { Expression, Module } from '../../wasm/module.js';
import type { Limits } from '../../wasm/types.js';

export interface UsedFeature {
  /** As the table of instructions calls it. */
  readonly name: string;
  readonly what: string;
  /** How many of its instructions there are; 0: it shows elsewhere in the module. */
  readonly instructions: number;
  /** The oldest Node whose own WebAssembly runs it: 20 is the oldest that wasienv runs on. */
  readonly node: number;
}

/** In the order of the table. What cannot be read of a damaged body is not counted. */
export function featuresOf(module: Module): UsedFeature[] {
  const counts = countInstructions(module);
  for (const name of besidesInstructions(module, counts.has('legacy-exceptions'))) if (!counts.has(name)) counts.set(name, 0);
  return Object.entries(WASM_FEATURES).flatMap(([name, { what, node }]) => (counts.has(name) ? [{ name, what, instructions: counts.get(name)!, node }] : []));
}

function countInstructions(module: Module): Map<string, number> {
  const found = new Uint32Array(INSTRUCTION_INFOS.length);
  for (const { code } of module.bodies) eachInstruction(code, (ordinal) => found[ordinal]!++);
  const counts = new Map<string, number>();
  found.forEach((count, ordinal) => {
    const { feature } = INSTRUCTION_INFOS[ordinal]!;
    if (count > 0 && feature !== 'mvp') counts.set(feature, (counts.get(feature) ?? 0) + count);
  });
  return counts;
}

/** A tag alone does not tell which kind of exceptions it is for; code that uses neither is taken to mean the standard. */
function besidesInstructions(module: Module, throwsLegacy: boolean): Set<string> {
  const found = new Set<string>();
  const { imports, types } = module;
  const imported = <Kind extends string>(kind: Kind) => imports.flatMap(({ description }) => (description.kind === kind ? [description as Extract<typeof description, { kind: Kind }>] : []));
  const memories: readonly Limits[] = [...imported('memory').map(({ type }) => type.limits), ...module.memories.map(({ limits }) => limits)];
  if (memories.length > 1) found.add('multi-memory');
  if (memories.some(({ address }) => address === 'i64')) found.add('memory64');
  if (memories.some(({ shared }) => shared)) found.add('threads');
  if (imported('table').length + module.tables.length > 1) found.add('reference-types');
  if (imported('tag').length + module.tags.length > 0) found.add(throwsLegacy ? 'legacy-exceptions' : 'exceptions');
  if (types.some(({ composite }) => composite.kind !== 'func')) found.add('gc');
  if (types.some(({ composite }) => composite.kind === 'func' && composite.results.length > 1)) found.add('multi-value');
  if (module.data.some(({ mode }) => mode.kind === 'passive') || module.dataCount !== null) found.add('bulk-memory');
  const globals = [...imported('global').map(({ type }) => type), ...module.globals.map(({ type }) => type)];
  if (imported('global').some(({ type }) => type.mutable) || module.exports.some(({ kind, index }) => kind === 'global' && globals[index]?.mutable === true)) found.add('mutable-globals');
  const constants = [...module.globals.map(({ init }) => init), ...module.data.flatMap(({ mode }) => (mode.kind === 'active' ? [mode.offset] : []))];
  if (constants.some(isArithmetic)) found.add('extended-const');
  return found;
}

/** More than one instruction and its end. */
function isArithmetic(expression: Expression): boolean {
  let count = 0;
  eachInstruction(expression, () => count++);
  return count > 2;
}

/** Up to where an expression is damaged. */
function eachInstruction({ bytes, start, end }: Expression, visit: (ordinal: number) => void): void {
  const reader = new Reader(bytes, start, end);
  try {
    while (reader.position < end) visit(skipInstruction(reader));
  } catch (error) {
    if (!(error instanceof WasienvError)) throw error;
  }
}
