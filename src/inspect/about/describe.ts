// What a module is and needs, before anything of it runs: what `wasienv inspect` shows. Pure; damaged parts that no program
// needs are as if they were not there. Whether it can be run, and with what, is for program to say.
import { WasienvError } from '../../base/errors.js';
import { readableName } from '../../base/rust-names.js';
import type { ExternalType, Module } from '../../wasm/module.js';
import { formatType, type FunctionType, type MemoryType, type ValueType } from '../../wasm/types.js';
import { looksLikeText } from '../../wasm/module-form.js';
import { readModule } from '../index.js';
import { CAPABILITIES, capabilityOf } from './capabilities.js';
import { featuresOf, type UsedFeature } from './features.js';
import { externalDebugOf, producersOf, sectionSizes, targetFeaturesOf, type Producers, type SectionSize } from './sections.js';

export type ModuleKind = 'command' | 'reactor' | 'library' | 'object file' | 'shared library' | 'component';

export interface NamedExtern {
  readonly name: string;
  readonly kind: string;
  /** Of a function: its parameters and results; of others: what they are. */
  readonly type: string;
}
export interface DescribedImport extends NamedExtern {
  readonly module: string;
  readonly capability: string;
}
export interface DescribedCapability {
  readonly capability: string;
  readonly means: string;
  readonly option: string | null;
  readonly imports: readonly string[];
}
export interface DescribedMemory {
  readonly initialPages: number;
  readonly maximumPages: number | null;
  readonly shared: boolean;
  readonly addressBits: 32 | 64;
  readonly imported: boolean;
  readonly exportedAs: readonly string[];
}
export interface DescribedFunction {
  readonly index: number;
  readonly name: string | null;
  readonly sizeBytes: number;
}

export interface ModuleDescription {
  readonly kind: ModuleKind;
  readonly form: 'binary' | 'text';
  readonly sizeBytes: number;
  readonly imports: readonly DescribedImport[];
  readonly capabilities: readonly DescribedCapability[];
  readonly memories: readonly DescribedMemory[];
  readonly features: readonly UsedFeature[];
  /** What the linker says it needs. */
  readonly targetFeatures: readonly string[];
  readonly producers: Producers;
  readonly sections: readonly SectionSize[];
  readonly functions: { readonly count: number; readonly largest: readonly DescribedFunction[] };
  readonly exports: readonly NamedExtern[];
  readonly debug: { readonly functionNames: number; readonly sourceLines: boolean; readonly sizeBytes: number; readonly elsewhere: string | null };
}

const LARGEST = 10;

/** Also the module itself, for whoever asks more. Throws what `readModule` throws; a component has no module and few facts. */
export function describeModule(bytes: Uint8Array, name: string): { readonly description: ModuleDescription; readonly module: Module | null } {
  try {
    const module = readModule(bytes, name);
    return { description: describe(module, bytes), module };
  } catch (error) {
    if (error instanceof WasienvError && error.code === 'E_COMPONENT') return { description: describeComponent(bytes), module: null };
    throw error;
  }
}

function describe(module: Module, bytes: Uint8Array): ModuleDescription {
  const { customs, names } = module;
  const isText = looksLikeText(bytes);
  const imports = module.imports.map((wanted) => ({ module: wanted.module, name: wanted.name, kind: wanted.description.kind, type: typeText(module, wanted.description), capability: capabilityOf(wanted).id }));
  return {
    kind: kindOf(module),
    form: isText ? 'text' : 'binary',
    sizeBytes: bytes.length,
    imports,
    capabilities: CAPABILITIES.flatMap(({ id, means, option }) => {
      const members = imports.filter(({ capability }) => capability === id).map((each) => (SHORT.has(each.module) ? each.name : `${each.module}.${each.name}`));
      return members.length === 0 ? [] : [{ capability: id, means, option, imports: members }];
    }),
    memories: memoriesOf(module),
    features: featuresOf(module),
    targetFeatures: targetFeaturesOf(customs),
    producers: producersOf(customs),
    sections: isText ? [] : sectionSizes(bytes),
    functions: { count: module.bodies.length, largest: largestOf(module) },
    exports: exportsOf(module),
    debug: {
      functionNames: names.functions.size,
      sourceLines: customs.some(({ name }) => name === '.debug_line'),
      sizeBytes: customs.reduce((sum, { name, bytes: { length } }) => (name.startsWith('.debug_') || name === 'name' ? sum + length : sum), 0),
      elsewhere: externalDebugOf(customs),
    },
  };
}

/** Modules whose names go without saying. */
const SHORT = new Set(['wasi_snapshot_preview1']);

function kindOf(module: Module): ModuleKind {
  const has = (custom: string): boolean => module.customs.some(({ name }) => name === custom);
  if (has('linking')) return 'object file';
  if (has('dylink.0') || has('dylink')) return 'shared library';
  const exports = new Set(module.exports.filter(({ kind }) => kind === 'func').map(({ name }) => name));
  return exports.has('_start') ? 'command' : exports.has('_initialize') ? 'reactor' : 'library';
}

function memoriesOf(module: Module): DescribedMemory[] {
  const imported = module.imports.flatMap(({ description }) => (description.kind === 'memory' ? [description.type] : []));
  const exportedAs = new Map<number, string[]>();
  for (const { kind, index, name } of module.exports) {
    if (kind !== 'memory') continue;
    const names = exportedAs.get(index);
    if (names === undefined) exportedAs.set(index, [name]);
    else names.push(name);
  }
  return [...imported, ...module.memories].map(({ limits }, index) => ({
    initialPages: Number(limits.min),
    maximumPages: limits.max === null ? null : Number(limits.max),
    shared: limits.shared,
    addressBits: limits.address === 'i64' ? 64 : 32,
    imported: index < imported.length,
    exportedAs: exportedAs.get(index) ?? [],
  }));
}

function largestOf(module: Module): DescribedFunction[] {
  const imported = module.imports.filter(({ description }) => description.kind === 'func').length;
  return module.bodies
    .map(({ code }, at) => ({ index: imported + at, sizeBytes: code.end - code.start }))
    .sort((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, LARGEST)
    .map(({ index, sizeBytes }) => {
      const name = module.names.functions.get(index);
      return { index, name: name === undefined ? null : readableName(name), sizeBytes };
    });
}

// ---- Types as text.

/** What exports lead to; imports come first in every index space. An index that leads nowhere is left for `validate` to refuse. */
function exportsOf(module: Module): NamedExtern[] {
  const spaces: Readonly<Record<ExternalType['kind'], ExternalType[]>> = { func: [], table: [], memory: [], global: [], tag: [] };
  for (const { description } of module.imports) spaces[description.kind].push(description);
  for (const typeIndex of module.functions) spaces.func.push({ kind: 'func', typeIndex });
  for (const { type } of module.tables) spaces.table.push({ kind: 'table', type });
  for (const type of module.memories) spaces.memory.push({ kind: 'memory', type });
  for (const { type } of module.globals) spaces.global.push({ kind: 'global', type });
  for (const type of module.tags) spaces.tag.push({ kind: 'tag', type });
  return module.exports.map(({ name, kind, index }) => {
    const what = spaces[kind][index];
    return { name, kind, type: what === undefined ? '?' : typeText(module, what) };
  });
}

function typeText(module: Module, what: ExternalType): string {
  switch (what.kind) {
    case 'func': return functionText(module.types[what.typeIndex]?.composite as FunctionType | undefined);
    case 'table': return `${formatType(what.type.element)}, ${limitsText(what.type.limits)}`;
    case 'memory': return memoryText(what.type);
    case 'global': return `${what.type.mutable ? 'mutable ' : ''}${formatType(what.type.type)}`;
    case 'tag': return functionText(module.types[what.type.typeIndex]?.composite as FunctionType | undefined);
  }
}

const functionText = (type: FunctionType | undefined): string =>
  type?.kind !== 'func' ? '?' : `(${typesText(type.params)}) -> (${typesText(type.results)})`;
/** More than people read, and what a type of a million parameters that a million functions have may make of text. */
const MOST_TYPES = 64;
const typesText = (types: readonly ValueType[]): string =>
  types.slice(0, MOST_TYPES).map((type) => formatType(type)).join(', ') + (types.length > MOST_TYPES ? `, … ${types.length} in all` : '');
const memoryText = ({ limits }: MemoryType): string => `${limitsText(limits)} pages${limits.shared ? ', shared' : ''}${limits.address === 'i64' ? ', 64-bit' : ''}`;
const limitsText = ({ min, max }: MemoryType['limits']): string => `${min}${max === null ? ' or more' : max === min ? '' : ` to ${max}`}`;

// ---- Components.

/** Interfaces are named by texts in it, and that is all that is looked at: nothing of it is read as a component. */
function describeComponent(bytes: Uint8Array): ModuleDescription {
  const found = new Set(new TextDecoder('latin1').decode(bytes.subarray(0, MOST_SEARCHED)).match(INTERFACE) ?? []);
  const imports = [...found].sort().map((text) => ({ module: text.slice(0, text.indexOf('/')), name: text.slice(text.indexOf('/') + 1), kind: 'interface', type: 'interface', capability: 'components' }));
  return {
    kind: 'component', form: 'binary', sizeBytes: bytes.length, imports,
    capabilities: imports.length === 0 ? [] : [{ capability: 'components', means: 'use or offer these interfaces of the component model', option: null, imports: [...found].sort() }],
    memories: [], features: [], targetFeatures: [], producers: {}, sections: [], functions: { count: 0, largest: [] }, exports: [],
    debug: { functionNames: 0, sourceLines: false, sizeBytes: 0, elsewhere: null },
  };
}

const MOST_SEARCHED = 1 << 26;
/** Parts have a longest length: `a-a-a-a…` begins one at each of its letters. */
const INTERFACE = /\b[a-z][a-z0-9-]{0,63}:[a-z][a-z0-9-]{0,63}\/[a-z][a-z0-9-]{0,63}@\d{1,9}\.\d{1,9}\.\d{1,9}[-\w.]{0,63}/g;
