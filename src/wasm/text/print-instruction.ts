// One instruction as text: its keyword and immediates, in the order and with the abbreviations of the text format.
// spec: text/instructions
import type { CastArgument, CatchClause, Instruction, MemoryArgument, TryTableArgument } from '../binary/immediates.js';
import { LimitError } from '../errors.js';
import type { ImmediateKind } from '../instructions.js';
import type { Module } from '../module.js';
import { ABSTRACT_HEAP_TYPES, Type, formatType, isConcrete, isReference, typeIndexOf, type BlockType, type HeapType, type StorageType, type ValueType } from '../types.js';
import { printF32, printF64 } from './numbers.js';
import { Identifiers, isIdentifier, type ModuleIdentifiers } from './print-names.js';
import { identifier } from './quote.js';

/** A structured instruction that is open. */
export interface OpenLabel {
  readonly name: string | undefined;
  /** In order of opening, from 1; for comments where there is no name. */
  readonly number: number;
}

/** Those around the instruction that is printed, counted from the innermost, which is 0. */
export class OpenLabels {
  private readonly open: OpenLabel[] = [];
  /** Places in `open` of each name, ascending: a hundred thousand may be open, and each branch asks. */
  private readonly places = new Map<string, number[]>();

  get count(): number {
    return this.open.length;
  }

  at(depth: number): OpenLabel | undefined {
    return this.open[this.open.length - 1 - depth];
  }

  /** Whether the name of a label means another one, further in. */
  isHidden(depth: number): boolean {
    return this.places.get(this.at(depth)!.name ?? '')?.at(-1) !== this.open.length - 1 - depth;
  }

  push(label: OpenLabel): void {
    const place = this.open.push(label) - 1;
    if (label.name === undefined) return;
    const places = this.places.get(label.name);
    if (places === undefined) this.places.set(label.name, [place]);
    else places.push(place);
  }

  pop(): OpenLabel {
    const label = this.open.pop()!;
    if (label.name !== undefined) this.places.get(label.name)!.pop();
    return label;
  }

  clear(): void {
    this.open.length = 0;
    this.places.clear();
  }
}

/** More than any compiler makes of a module, its own text and the indentation of deep code included. */
const MOST_CHARACTERS_A_BYTE = 128;
const MOST_CHARACTERS_AT_LEAST = 1 << 24;

/** About what it takes as a binary. */
function sizeOf({ bodies, data, customs, types, imports, functions, exports, elements }: Module): number {
  const bytes = (parts: readonly { readonly bytes: Uint8Array }[]): number => parts.reduce((sum, part) => sum + part.bytes.length, 0);
  return bodies.reduce((sum, { code }) => sum + code.end - code.start, 0) + bytes(data) + bytes(customs) + 8 * (types.length + imports.length + functions.length + exports.length + elements.length);
}

/** Prints what instructions are made of, for one function or constant expression at a time. */
export class InstructionPrinter {
  locals = new Identifiers();
  readonly labels = new OpenLabels();
  private left: number;

  constructor(
    private readonly module: Module,
    readonly ids: ModuleIdentifiers,
    /** Whether labels without a name are shown by their number, in comments. */
    readonly numbersLabels: boolean,
  ) {
    this.left = MOST_CHARACTERS_A_BYTE * sizeOf(module) + MOST_CHARACTERS_AT_LEAST;
  }

  /**
   * To be called before so many characters are made of something that a few bytes stand for: a type by its number, locals by
   * their count, a name. Throws LimitError when they would have become a text that nothing can hold.
   */
  spend(characters: number): void {
    this.left -= characters;
    if (this.left < 0) throw new LimitError(`the text of this module would be more than ${MOST_CHARACTERS_A_BYTE} times as long as the module`);
  }

  valueType(type: StorageType): string {
    const text = formatType(type, (index) => this.ids.types.use(index));
    this.spend(text.length);
    return text;
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
    const open = this.labels.at(depth);
    if (open === undefined) return ` ${depth}`;
    const { name, number } = open;
    const hidden = name === undefined || !isIdentifier(name) || this.labels.isHidden(depth);
    const text = hidden ? ` ${depth}${this.numbersLabels ? ` (;@${number};)` : ''}` : ` ${identifier(name)}`;
    this.spend(text.length);
    return text;
  }

  /** Keyword and immediates. Of `block` and its like only the keyword: their label and type stand apart. */
  text(instruction: Instruction): string {
    const text = this.parts(instruction);
    this.spend(text.length);
    return text;
  }

  private parts({ info, immediates }: Instruction): string {
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
