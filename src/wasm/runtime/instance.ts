// An instance at run time: index spaces filled in. Made by `instantiate.ts`, read by loop and host.
// spec: exec/runtime#module-instances
import { FunctionInstance, type HostFunction } from './function.js';
import type { Global } from './global.js';
import { canonicalFunctionType } from './host-values.js';
import { Memory } from './memory.js';
import type { ModuleCode } from './module-code.js';
import type { Table } from './table.js';
import type { Tag } from './tag.js';

/** What a name of `exports` holds: functions callable from JavaScript, and the objects themselves. */
export type ExportValue = HostFunction | Memory | Table | Global | Tag;

/** Stands in for memory 0 of instances without memory. */
const NO_MEMORY = new Memory({ limits: { address: 'i32', min: 0n, max: 0n, shared: false } });

/** Performs a call on slots, or says that it does not and has done nothing. */
export type EmittedEntry = (fp: number, cp: number) => boolean;

/** Functions of an instance as JavaScript, see `interpreter/tier/link.ts`. */
export interface EmittedFunctions {
  /** What emitted code calls, of each function: itself or a stand-in that leads to the loop. */
  readonly calls: Array<((...values: number[]) => number) | undefined>;
  /** The stand-ins. */
  readonly standIns: Array<((...values: number[]) => number) | undefined>;
  /** By function: what the loop calls. */
  readonly entries: Array<EmittedEntry | null | undefined>;
  /** The same by the address of a loop's `LOOP`. */
  readonly loops: Map<number, EmittedEntry | null>;
  /** By function, of those emitted in parts: from an entry on, with the frame in its slots. */
  readonly runs: Map<number, (fp: number, cp: number, entry: number) => void>;
}

/** A module that runs. The host uses `exports`, and may look at the rest. */
export class Instance {
  /** Null before the first is emitted. */
  emitted: EmittedFunctions | null = null;
  /** Calls and turns of what was emitted for another instance: to be linked here, this one has to live as long as that did. */
  warmth = 0;
  /** False: all of it stays with the loop. */
  mayEmit = true;
  readonly tables: Table[] = [];
  readonly memories: Memory[] = [];
  readonly globals: Global[] = [];
  readonly tags: Tag[] = [];
  /** Values of globals: own ones, and copies of imported ones that never change. */
  readonly globalWords: Int32Array;
  /** Made when first asked for: most functions are only ever called directly. */
  private readonly functions: Array<FunctionInstance | undefined>;
  /** Memory 0. */
  memory: Memory = NO_MEMORY;
  /** Contents of segments; empty once dropped. */
  readonly data: Uint8Array[] = [];
  readonly elements: Array<readonly unknown[]> = [];
  /** Without a prototype: only what the module exports. */
  readonly exports: Record<string, ExportValue> = Object.create(null);

  constructor(
    readonly code: ModuleCode,
    imported: readonly FunctionInstance[],
  ) {
    this.functions = [...imported];
    this.globalWords = new Int32Array(code.globalWords);
  }

  functionAt(index: number): FunctionInstance {
    const known = this.functions[index];
    if (known !== undefined) return known;
    const typeIndex = this.code.functionTypes[index]!;
    const made = new FunctionInstance(this.code.typeIds[typeIndex]!, canonicalFunctionType(this.code.functionType(index), this.code.typeIds), this, index, null);
    this.functions[index] = made;
    return made;
  }
}
