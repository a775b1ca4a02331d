// One instruction as text: its keyword and immediates, in the order and with the abbreviations of the text format.
// spec: text/instructions
import type { CastArgument, CatchClause, Instruction, MemoryArgument, TryTableArgument } from '../binary/immediates.js';
import type { ImmediateKind } from '../instructions.js';
import type { Module } from '../module.js';
import { ABSTRACT_HEAP_TYPES, Type, formatType, isConcrete, isReference, typeIndexOf, type BlockType, type HeapType, type StorageType, type ValueType } from '../types.js';
import { printF32, printF64 } from './numbers.js';
import { Identifiers, type ModuleIdentifiers } from './print-names.js';
import { identifier } from './quote.js';


/** A structured instruction that is open. */
export interface OpenLabel {
  readonly name: string | undefined;
  /** In order of opening, from 1; for comments where there is no name. */
  readonly number: number;
}

/** Prints what instructions are made of, for one function or constant expression at a time. */
export class InstructionPrinter {
  locals = new Identifiers();
  /** Innermost last. */
  readonly labels: OpenLabel[] = [];

  constructor(
    private readonly module: Module,
    readonly ids: ModuleIdentifiers,
    /** Whether labels without a name are shown by their number, in comments. */
    readonly numbersLabels: boolean,
  ) {}

  valueType(type: StorageType): string {
    return formatType(type, (index) => this.ids.types.use(index));
  }

  heapType(heap: HeapType): string {
    if (isConcrete(heap)) return this.ids.types.use(typeIndexOf(heap));
    return ABSTRACT_HEAP_TYPES.find(([, code]) => code === heap)![0];
  }

  /** ` (param i32 i32)`, or nothing. */
  typeList(word: 'param' | 'result', types: readonly ValueType[]): string {
    return types.length === 0 ? '' : ` (${word} ${types.map((type) => this.valueType(type)).join(' ')})`;
  }

  /** ` (type 3)`, with its parameters and results for the reader, unless it is no function type at all. */
  typeUse(index: number): string {
    const type = this.module.types[index]?.composite;
    const inline = type?.kind === 'func' ? this.typeList('param', type.params) + this.typeList('result', type.results) : '';
    return ` (type ${this.ids.types.use(index)})${inline}`;
  }

  blockType(type: BlockType): string {
    if (type === Type.BOTTOM) return '';
    return isReference(type) || !isConcrete(type) ? this.typeList('result', [type]) : this.typeUse(typeIndexOf(type));
  }

  /** ` $l` or ` 2 (;@5;)`: by name only where no label in between has the same. */
  label(depth: number): string {
    const open = this.labels.at(-1 - depth);
    if (open === undefined) return ` ${depth}`;
    const { name, number } = open;
    const hidden = name === undefined || name === '' || this.labels.slice(this.labels.length - depth).some((inner) => inner.name === name);
    return hidden ? ` ${depth}${this.numbersLabels ? ` (;@${number};)` : ''}` : ` ${identifier(name)}`;
  }

  /** Keyword and immediates. Of `block` and its like only the keyword: their label and type stand apart. */
  text({ info, immediates }: Instruction): string {
    const [first, second] = immediates as readonly unknown[];
    const { ids } = this;
    switch (info.mnemonic) {
      case 'select (result)':
        return `select (result${(first as readonly ValueType[]).map((type) => ` ${this.valueType(type)}`).join('')})`;
      case 'ref.test': case 'ref.cast':
        return `${info.mnemonic} (ref ${this.heapType(first as HeapType)})`;
      case 'ref.test null': case 'ref.cast null':
        return `${info.mnemonic.split(' ')[0]} (ref null ${this.heapType(first as HeapType)})`;
      case 'call_indirect': case 'return_call_indirect':
        return `${info.mnemonic}${this.unlessFirst('tables', second as number)} (type ${ids.types.use(first as number)})`;
      case 'memory.init':
        return `${info.mnemonic}${this.unlessFirst('memories', second as number)} ${ids.data.use(first as number)}`;
      case 'table.init':
        return `${info.mnemonic}${this.unlessFirst('tables', second as number)} ${ids.elements.use(first as number)}`;
      case 'memory.copy':
        return first === 0 && second === 0 ? info.mnemonic : `${info.mnemonic} ${ids.memories.use(first as number)} ${ids.memories.use(second as number)}`;
      case 'table.copy':
        return first === 0 && second === 0 ? info.mnemonic : `${info.mnemonic} ${ids.tables.use(first as number)} ${ids.tables.use(second as number)}`;
      case 'struct.get': case 'struct.get_s': case 'struct.get_u': case 'struct.set':
        return `${info.mnemonic} ${ids.types.use(first as number)} ${ids.fields(first as number).use(second as number)}`;
    }
    let text: string = info.mnemonic;
    info.immediates.forEach((kind, index) => {
      text += this.immediate(kind, immediates[index]);
    });
    return text;
  }

  private unlessFirst(space: 'tables' | 'memories', index: number): string {
    return index === 0 ? '' : ` ${this.ids[space].use(index)}`;
  }

  private immediate(kind: ImmediateKind, value: unknown): string {
    const { ids } = this;
    switch (kind) {
      case 'local': return ` ${this.locals.use(value as number)}`;
      case 'func': return ` ${ids.functions.use(value as number)}`;
      case 'global': return ` ${ids.globals.use(value as number)}`;
      case 'tag': return ` ${ids.tags.use(value as number)}`;
      case 'type': return ` ${ids.types.use(value as number)}`;
      case 'elem': return ` ${ids.elements.use(value as number)}`;
      case 'data': return ` ${ids.data.use(value as number)}`;
      case 'table': return this.unlessFirst('tables', value as number);
      case 'memory': return this.unlessFirst('memories', value as number);
      case 'label': return this.label(value as number);
      case 'labels': return (value as readonly number[]).map((label) => this.label(label)).join('');
      case 'memarg1': case 'memarg2': case 'memarg4': case 'memarg8': case 'memarg16': {
        const { align, memory, offset } = value as MemoryArgument;
        const natural = Number(kind.slice('memarg'.length));
        return `${this.unlessFirst('memories', memory)}${offset === 0n ? '' : ` offset=${offset}`}${2 ** align === natural ? '' : ` align=${1n << BigInt(align)}`}`;
      }
      case 'f32': return ` ${printF32(value as number)}`;
      case 'f64': return ` ${printF64(value as bigint)}`;
      case 'v128': return ` ${vectorText(value as Uint8Array)}`;
      case 'heapType': return ` ${this.heapType(value as HeapType)}`;
      case 'cast': {
        const { label, from, to } = value as CastArgument;
        return `${this.label(label)} ${this.valueType(from)} ${this.valueType(to)}`;
      }
      case 'lanes16': return ` ${[...(value as Uint8Array)].join(' ')}`;
      case 'zeroByte': case 'blockType': case 'tryTable': case 'valueTypes': return '';
      case 'i32': case 'i64': case 'count': case 'field': case 'lane2': case 'lane4': case 'lane8': case 'lane16':
        return ` ${String(value)}`;
    }
  }

  /** Type and catch clauses of a structured instruction, from outside of its label. */
  structuredType({ info, immediates }: Instruction): string {
    if (info.mnemonic !== 'try_table') return this.blockType(immediates[0] as BlockType);
    const { blockType, catches } = immediates[0] as TryTableArgument;
    return this.blockType(blockType) + catches.map((clause) => ` (${this.catchClause(clause)})`).join('');
  }

  private catchClause(clause: CatchClause): string {
    return `${clause.kind}${'tag' in clause ? ` ${this.ids.tags.use(clause.tag)}` : ''}${this.label(clause.label)}`;
  }
}

/** Four lanes of 32 bits, in hex: exact, and readable whatever the lanes mean. */
function vectorText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return `i32x4 ${[0, 4, 8, 12].map((at) => `0x${view.getUint32(at, true).toString(16).padStart(8, '0')}`).join(' ')}`;
}
