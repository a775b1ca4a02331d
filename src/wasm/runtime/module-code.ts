// What all instances of a module share: the facts lowering asks for, in index order, and the code lowered so far.
import type { FunctionBody, Module } from '../module.js';
import { isReference, Type, type FunctionType, type GlobalType, type MemoryType, type TableType } from '../types.js';
import { sharedRegistry } from '../validate/type-registry.js';
import { registerOwner, type CodeOwner } from './code-space.js';
import type { Probes } from './probes.js';

/** A global as code sees it. */
export interface GlobalPlace {
  readonly type: GlobalType;
  /** First of its words in the instance; -1 for references and for globals of other instances that may change. */
  readonly word: number;
}

/** A stretch of a function's code whose exceptions have handlers; places are indices in the code of the body. */
export interface Region {
  readonly start: number;
  readonly end: number;
  /** Index of the region that gets what this one does not catch; -1: the caller. */
  readonly outer: number;
  readonly clauses: ReadonlyArray<{
    /** -1 catches all. */
    readonly tag: number;
    /** Where the handler starts. */
    readonly at: number;
    /** Slots of the frame for the values of the exception, and for itself; -1: not wanted. */
    readonly payload: number;
    readonly exception: number;
  }>;
}

export class ModuleCode implements CodeOwner {
  readonly ranges: number[] = [];
  /** Canonical ids of the module's types. */
  readonly typeIds: Int32Array;
  /** Type indices of all functions, imported ones first. */
  readonly functionTypes: readonly number[];
  readonly importedFunctions: number;
  readonly globals: readonly GlobalPlace[];
  /** Words the globals of an instance take. */
  readonly globalWords: number;
  readonly memories: readonly MemoryType[];
  readonly tables: readonly TableType[];
  /** Type indices of all tags. */
  readonly tagTypes: readonly number[];
  /** Code addresses of all functions; -1 while not lowered, and for imported ones. */
  readonly entries: Int32Array;
  /** Of lowered functions that have any, in the order they open. */
  readonly regions = new Map<number, readonly Region[]>();
  /** What makes JavaScript functions for an instance, by function and place of entry; null: such a function stays with the loop. */
  readonly emitted = new Map<string, ((...values: unknown[]) => unknown) | null>();
  /** Characters of their text. */
  emittedLength = 0;
  /** How often emitted code of a function was left in the middle. */
  readonly timesLeft = new Map<number, number>();

  private constructor(
    readonly module: Module,
    /** What its code measures and limits; null: nothing. */
    readonly probes: Probes | null,
  ) {
    this.typeIds = sharedRegistry.addModule(module);
    const functionTypes: number[] = [];
    const globals: Array<readonly [type: GlobalType, imported: boolean]> = [];
    const memories: MemoryType[] = [];
    const tables: TableType[] = [];
    const tagTypes: number[] = [];
    for (const { description } of module.imports) {
      switch (description.kind) {
        case 'func': functionTypes.push(description.typeIndex); break;
        case 'global': globals.push([description.type, true]); break;
        case 'memory': memories.push(description.type); break;
        case 'table': tables.push(description.type); break;
        case 'tag': tagTypes.push(description.type.typeIndex); break;
      }
    }
    this.importedFunctions = functionTypes.length;
    this.functionTypes = [...functionTypes, ...module.functions];
    let words = 0;
    this.globals = [...globals, ...module.globals.map(({ type }) => [type, false] as const)].map(([type, imported]) => {
      if (isReference(type.type) || (imported && type.mutable)) return { type, word: -1 };
      const word = words;
      words += type.type === Type.V128 ? 4 : 2;
      return { type, word };
    });
    this.globalWords = words;
    this.memories = [...memories, ...module.memories];
    this.tables = [...tables, ...module.tables.map(({ type }) => type)];
    this.tagTypes = [...tagTypes, ...module.tags.map(({ typeIndex }) => typeIndex)];
    this.entries = new Int32Array(this.functionTypes.length).fill(-1);
    registerOwner(this);
  }

  private static readonly ofModules = new WeakMap<Module, ModuleCode>();

  /** Code with probes is of its own: it is no use to other instances. */
  static of(module: Module, probes: Probes | null = null): ModuleCode {
    if (probes !== null) return new ModuleCode(module, probes);
    let code = ModuleCode.ofModules.get(module);
    if (code === undefined) ModuleCode.ofModules.set(module, (code = new ModuleCode(module, null)));
    return code;
  }

  typeAt(typeIndex: number): FunctionType {
    return this.module.types[typeIndex]!.composite as FunctionType;
  }

  functionType(index: number): FunctionType {
    return this.typeAt(this.functionTypes[index]!);
  }

  body(index: number): FunctionBody {
    return this.module.bodies[index - this.importedFunctions]!;
  }

  functionName(index: number): string | undefined {
    return this.module.names.functions.get(index);
  }
}

