// How often each line of the source was run, in the form of lcov (`geninfo(1)`, which genhtml, editors and web services read).
// A line counts as often as the stretch of code that was entered most of those that begin on it; where a function exists
// several times (templates, generics), its lines are the sum of all. What a compiler made part of another function counts there.
import { readableName } from '../../base/rust-names.js';
import type { Module } from '../../wasm/index.js';
import type { Probes, Stretch } from '../../wasm/runtime/probes.js';
import { SourceMap, type SourceFunction } from '../debug/source-map.js';
import { countWhile } from '../search.js';

export interface FileCoverage {
  readonly path: string;
  /** Ascending. */
  readonly lines: ReadonlyArray<readonly [line: number, count: number]>;
  readonly functions: readonly { readonly name: string; readonly line: number; readonly count: number }[];
}

/** Undefined for a module without lines. `isWanted` says which files belong to it, by the paths the compiler noted. */
export function coverageOf(probes: Probes, module: Module, isWanted: (path: string) => boolean): readonly FileCoverage[] | undefined {
  const map = SourceMap.of(module);
  if (map === undefined) return undefined;
  const counts = new Counts(probes, module);
  const files = new Map<string, Map<number, Map<number, number>>>();
  const wanted = new Map<string, boolean>();
  for (const { path, line, offset } of map.rows()) {
    if (!memoized(wanted, path, isWanted)) continue;
    const found = counts.at(offset);
    if (found === undefined) continue;
    const ofLine = memoized(memoized(files, path, () => new Map<number, Map<number, number>>()), line, () => new Map<number, number>());
    ofLine.set(found.functionIndex, Math.max(ofLine.get(found.functionIndex) ?? 0, found.count));
  }
  const functions = new Map<string, SourceFunction[]>();
  for (const each of map.functions()) if (memoized(wanted, each.path, isWanted)) memoized(functions, each.path, () => []).push(each);
  return [...files]
    .map(([path, lines]) => ({
      path,
      lines: [...lines].map(([line, ofFunctions]) => [line, [...ofFunctions.values()].reduce((sum, count) => sum + count, 0)] as const).sort(([a], [b]) => a - b),
      functions: (functions.get(path) ?? []).flatMap(({ name, line, from, to }) => {
        const functionIndex = counts.functionIn(from, to);
        const shown = functionIndex === undefined ? undefined : (module.names.functions.get(functionIndex) ?? name);
        return shown === undefined ? [] : [{ name: readableName(shown), line, count: counts.entries(functionIndex!) }];
      }),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Counts by place in the module. */
class Counts {
  /** Of functions that were lowered, ascending; the others were never called. */
  private readonly stretches = new Map<number, Array<{ readonly stretch: Stretch; readonly count: number }>>();
  private readonly imported: number;

  constructor(
    { stretches, counts }: Probes,
    private readonly module: Module,
  ) {
    this.imported = module.imports.filter(({ description }) => description.kind === 'func').length;
    stretches.forEach((stretch, index) => memoized(this.stretches, stretch.functionIndex, () => []).push({ stretch, count: counts[index]! }));
    for (const list of this.stretches.values()) list.sort((a, b) => a.stretch.start - b.stretch.start);
  }

  /** Undefined for code that no control flow reaches, and for what is no code. */
  at(offset: number): { readonly functionIndex: number; readonly count: number } | undefined {
    const functionIndex = this.functionAt(offset);
    if (functionIndex === undefined) return undefined;
    const list = this.stretches.get(functionIndex);
    if (list === undefined) return { functionIndex, count: 0 };
    // What stands in front of the first instruction belongs to it.
    const found = list[Math.max(0, countWhile(list.length, (index) => list[index]!.stretch.start <= offset) - 1)];
    return found === undefined || offset >= found.stretch.end ? undefined : { functionIndex, count: found.count };
  }

  entries(functionIndex: number): number {
    return this.stretches.get(functionIndex)?.[0]?.count ?? 0;
  }

  functionIn(from: number, to: number): number | undefined {
    const index = this.functionAt(to - 1);
    return index !== undefined && this.module.bodies[index - this.imported]!.code.start >= from ? index : undefined;
  }

  /** Locals stand in front of a body's code, and belong to it. */
  private functionAt(offset: number): number | undefined {
    const { bodies } = this.module;
    const at = countWhile(bodies.length, (index) => bodies[index]!.code.end <= offset);
    return at === bodies.length ? undefined : at + this.imported;
  }
}

function memoized<Key, Value>(known: Map<Key, Value>, key: Key, make: (key: Key) => Value): Value {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = make(key)));
  return value;
}

export function lcovText(files: readonly FileCoverage[]): string {
  const oneLine = (text: string): string => text.replace(/[\r\n]/g, ' ');
  return files
    .map(({ path, lines, functions }) =>
      [
        'TN:',
        `SF:${oneLine(path)}`,
        ...functions.map(({ line, name }) => `FN:${line},${oneLine(name)}`),
        ...functions.map(({ count, name }) => `FNDA:${count},${oneLine(name)}`),
        `FNF:${functions.length}`,
        `FNH:${functions.filter(({ count }) => count > 0).length}`,
        ...lines.map(([line, count]) => `DA:${line},${count}`),
        `LF:${lines.length}`,
        `LH:${lines.filter(([, count]) => count > 0).length}`,
        'end_of_record',
        '',
      ].join('\n'))
    .join('');
}
