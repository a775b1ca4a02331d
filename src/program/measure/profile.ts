// What a program's instructions were spent on: the engine's tree of calls, with names, places and sums.
import { readableName } from '../../base/rust-names.js';
import type { Module } from '../../wasm/index.js';
import { ELSEWHERE, ROOT, type CallTree } from '../../wasm/runtime/call-tree.js';
import { SourceMap } from '../debug/source-map.js';
import { countWhile } from '../search.js';

export interface ProfiledFunction {
  readonly name: string;
  /** Where it is declared, when debug information tells. */
  readonly file?: string;
  readonly line?: number;
  /** Instructions of its own, in all calls. */
  readonly own: number;
  readonly calls: number;
}

/** A function as it was called from one chain of calls. */
export interface ProfiledCall {
  /** Index in `functions`; -1 for chains that are not kept apart. */
  readonly functionAt: number;
  readonly own: number;
  /** With all it called. */
  readonly total: number;
  readonly calls: number;
  readonly callees: readonly ProfiledCall[];
}

export interface Profile {
  readonly program: string;
  readonly instructions: number;
  readonly functions: readonly ProfiledFunction[];
  readonly roots: readonly ProfiledCall[];
}

export const NOT_KEPT_APART = '(chains of calls that are not kept apart)';

export function profileOf(calls: CallTree, module: Module, program: string): Profile {
  const totals = calls.weights.slice(0, calls.size);
  for (let node = calls.size - 1; node > ROOT; node--) totals[calls.parents[node]!]! += totals[node]!;
  const places = new Map<number, number>();
  const functions: Array<{ name: string; file?: string; line?: number; own: number; calls: number }> = [];
  const nameOf = namesOf(module);
  const declared = declarations(module);
  const placeOf = (functionIndex: number): number => {
    let at = places.get(functionIndex);
    if (at === undefined) {
      at = functions.push({ name: nameOf(functionIndex), ...declared(functionIndex), own: 0, calls: 0 }) - 1;
      places.set(functionIndex, at);
    }
    return at;
  };
  const nodes: Array<{ functionAt: number; own: number; total: number; calls: number; callees: ProfiledCall[] }> = [];
  const roots: ProfiledCall[] = [];
  for (let node = 0; node < calls.size; node++) {
    const functionAt = node > ELSEWHERE ? placeOf(calls.functions[node]!) : -1;
    nodes.push({ functionAt, own: calls.weights[node]!, total: totals[node]!, calls: calls.entered[node]!, callees: [] });
    if (functionAt >= 0) {
      functions[functionAt]!.own += calls.weights[node]!;
      functions[functionAt]!.calls += calls.entered[node]!;
    }
    if (node === ROOT || (node === ELSEWHERE && totals[node] === 0)) continue;
    const parent = calls.parents[node]!;
    (parent === ROOT ? roots : nodes[parent]!.callees).push(nodes[node]!);
  }
  return { program, instructions: totals[ROOT]!, functions, roots };
}

/** Of functions that have no name, what they are exported as. */
function namesOf({ names, exports }: Module): (functionIndex: number) => string {
  const exported = new Map<number, string>();
  for (const { kind, index, name } of exports) if (kind === 'func' && !exported.has(index)) exported.set(index, name);
  return (functionIndex) => {
    const name = names.functions.get(functionIndex) ?? exported.get(functionIndex);
    return name === undefined ? `function ${functionIndex}` : readableName(name);
  };
}

function declarations(module: Module): (functionIndex: number) => { readonly file?: string; readonly line?: number } {
  const imported = module.imports.filter(({ description }) => description.kind === 'func').length;
  const byStart = [...(SourceMap.of(module)?.functions() ?? [])].sort((a, b) => a.from - b.from);
  return (functionIndex) => {
    const start = module.bodies[functionIndex - imported]?.code.start;
    const found = start === undefined ? undefined : byStart[countWhile(byStart.length, (index) => byStart[index]!.from <= start) - 1];
    return found === undefined || start! >= found.to ? {} : { file: found.path, line: found.line };
  };
}

/** Calls that are at least `part` of all, the others left out; recursion is bounded by the engine. */
export function withoutSmall(calls: readonly ProfiledCall[], least: number): readonly ProfiledCall[] {
  return calls.filter(({ total }) => total > 0 && total >= least).map((call) => ({ ...call, callees: withoutSmall(call.callees, least) }));
}
