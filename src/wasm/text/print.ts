// Module data to text: `parse(print(module))` encodes to the same bytes as `module`, names and custom sections included.
// Numbers and names are exact; types are written by index with their parameters beside them for the reader.
// spec: text/modules
import { checkWellFormed } from '../binary/well-formed.js';
import { LimitError } from '../errors.js';
import { MAX_LOCALS } from '../limits.js';
import type { CustomSection, ElementSegment, Expression, ExternalType, FunctionBody, Import, LocalRun, Module } from '../module.js';
import type { CompositeType, FieldType, FunctionType, GlobalType, Limits, MemoryType, SubType, TableType } from '../types.js';
import { customPlacement } from './annotations.js';
import { expressionText, flatLines, foldedLines, indentation, type BodyAritySource } from './print-body.js';
import { InstructionPrinter } from './print-instruction.js';
import { Identifiers, identifiersOf, isIdentifier, nameAnnotation, type ModuleIdentifiers } from './print-names.js';
import { identifier, quoteBytes, quoteName } from './quote.js';

export interface PrintOptions {
  /** Write instructions with their operands inside, `(i32.add (local.get 0) (i32.const 1))`, instead of one a line. */
  readonly folded?: boolean;
}

/**
 * The module as text; it need not be valid. Throws DecodeError for a malformed body: text has no words for it. LimitError when the
 * text would be longer than a JavaScript string can be, which `printParts` has no limit for.
 */
export function print(module: Module, options: PrintOptions = {}): string {
  try {
    return [...printParts(module, options)].join('');
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new LimitError('the text of this module is longer than a JavaScript string can be', { cause: thrown });
    throw thrown;
  }
}

/** The module as text, a part for each field, so that a large one never has to be in memory as a whole. */
export function* printParts(module: Module, options: PrintOptions = {}): Generator<string, void, undefined> {
  checkWellFormed(module, true);
  const printer = new ModulePrinter(module, options.folded ?? false);
  const { module: name } = module.names;
  yield `(module${name === undefined ? '' : isIdentifier(name) ? ` ${identifier(name)}` : nameAnnotation(name)}`;
  for (const field of printer.fields()) yield `\n${field}`;
  yield ')\n';
}

const FIELD = indentation(1);

class ModulePrinter {
  private readonly ids: ModuleIdentifiers;
  private readonly code: InstructionPrinter;
  /** Type index of every function, imports first. */
  private readonly functionTypes: readonly number[];
  private readonly tagTypes: readonly number[];

  constructor(
    private readonly module: Module,
    private readonly folded: boolean,
  ) {
    this.ids = identifiersOf(module);
    this.code = new InstructionPrinter(module, this.ids, !folded);
    this.functionTypes = [...module.imports.flatMap(({ description }) => (description.kind === 'func' ? [description.typeIndex] : [])), ...module.functions];
    this.tagTypes = [...module.imports.flatMap(({ description }) => (description.kind === 'tag' ? [description.type.typeIndex] : [])), ...module.tags.map(({ typeIndex }) => typeIndex)];
  }

  *fields(): Generator<string, void, undefined> {
    const { module, ids } = this;
    for (const group of module.groups) yield this.group(group.start, group.count);
    const next = { func: 0, table: 0, memory: 0, global: 0, tag: 0 };
    for (const each of module.imports) yield FIELD + this.import(each, next[each.description.kind]++);
    for (const { type, init } of module.tables) {
      yield `${FIELD}(table${bind(ids.tables, next.table++)} ${this.tableType(type)}${init === null ? '' : ` ${this.expression(init)}`})`;
    }
    for (const memory of module.memories) yield `${FIELD}(memory${bind(ids.memories, next.memory++)} ${this.memoryType(memory)})`;
    for (const { typeIndex } of module.tags) yield `${FIELD}(tag${bind(ids.tags, next.tag++)}${this.code.typeUse(typeIndex)})`;
    for (const { type, init } of module.globals) yield `${FIELD}(global${bind(ids.globals, next.global++)} ${this.globalType(type)} ${this.expression(init)})`;
    for (const { name, kind, index } of module.exports) yield `${FIELD}(export ${quoteName(name)} (${kind} ${this.ids[SPACES[kind]].use(index)}))`;
    if (module.start !== null) yield `${FIELD}(start ${ids.functions.use(module.start)})`;
    for (let index = 0; index < module.elements.length; index++) yield FIELD + this.element(module.elements[index]!, index);
    for (const [index, body] of module.bodies.entries()) yield this.function(next.func + index, module.functions[index]!, body);
    for (const [index, { mode, bytes }] of module.data.entries()) {
      const place = mode.kind === 'active' ? `${mode.memory === 0 ? '' : ` (memory ${ids.memories.use(mode.memory)})`} ${this.offset(mode.offset)}` : '';
      yield `${FIELD}(data${bind(ids.data, index)}${place} ${quoteBytes(bytes)})`;
    }
    // The name section is what the identifiers were made of.
    for (const custom of module.customs) if (custom.name !== 'name') yield FIELD + customText(custom);
  }

  // Types.

  private group(start: number, count: number): string {
    const { module } = this;
    if (count === 1) return FIELD + this.typeDefinition(module.types[start]!, start);
    const types = Array.from({ length: count }, (_, index) => `\n${indentation(2)}${this.typeDefinition(module.types[start + index]!, start + index)}`);
    return `${FIELD}(rec${types.join('')})`;
  }

  private typeDefinition({ final, supertypes, composite }: SubType, index: number): string {
    const text = this.composite(composite, index);
    const sub = final && supertypes.length === 0 ? text : `(sub${final ? ' final' : ''}${supertypes.map((each) => ` ${this.ids.types.use(each)}`).join('')} ${text})`;
    return `(type${bind(this.ids.types, index)} ${sub})`;
  }

  private composite(type: CompositeType, index: number): string {
    switch (type.kind) {
      case 'func':
        return `(func${this.code.typeList('param', type.params)}${this.code.typeList('result', type.results)})`;
      case 'array':
        return `(array ${this.fieldType(type.field)})`;
      case 'struct': {
        const fields = this.ids.fields(index);
        return `(struct${type.fields.map((field, number) => ` (field${fields.bind(number)} ${this.fieldType(field)})`).join('')})`;
      }
    }
  }

  private fieldType({ storage, mutable }: FieldType): string {
    const text = this.code.valueType(storage);
    return mutable ? `(mut ${text})` : text;
  }

  private globalType({ type, mutable }: GlobalType): string {
    return this.fieldType({ storage: type, mutable });
  }

  private memoryType({ limits }: MemoryType): string {
    return `${limitsText(limits)}${limits.shared ? ' shared' : ''}`;
  }

  private tableType({ limits, element }: TableType): string {
    return `${limitsText(limits)} ${this.code.valueType(element)}`;
  }

  private import({ module, name, description }: Import, index: number): string {
    return `(import ${quoteName(module)} ${quoteName(name)} (${description.kind}${bind(this.ids[SPACES[description.kind]], index)}${this.externalType(description, index)}))`;
  }

  private externalType(type: ExternalType, index: number): string {
    switch (type.kind) {
      case 'func':
        return this.functionHead(type.typeIndex, this.localIdentifiers(index, type.typeIndex, 0));
      case 'tag':
        return this.code.typeUse(type.type.typeIndex);
      case 'table':
        return ` ${this.tableType(type.type)}`;
      case 'memory':
        return ` ${this.memoryType(type.type)}`;
      case 'global':
        return ` ${this.globalType(type.type)}`;
    }
  }

  // Expressions and segments.

  private expression(code: Expression): string {
    const { text, isSingle } = expressionText(code, this.code);
    return isSingle ? `(${text})` : text;
  }

  private offset(code: Expression, keyword: 'offset' | 'item' = 'offset'): string {
    const { text, isSingle } = expressionText(code, this.code);
    return isSingle ? `(${text})` : `(${keyword}${text === '' ? '' : ` ${text}`})`;
  }

  private element({ type, mode, items }: ElementSegment, index: number): string {
    const { ids } = this;
    const isInFirst = mode.kind === 'active' && mode.table === 0;
    const place =
      mode.kind === 'passive' ? '' : mode.kind === 'declarative' ? ' declare' : `${isInFirst ? '' : ` (table ${ids.tables.use(mode.table)})`} ${this.offset(mode.offset)}`;
    const list =
      items.kind === 'functions'
        ? ` func${items.indices.map((each) => ` ${ids.functions.use(each)}`).join('')}`
        : ` ${this.code.valueType(type)}${items.expressions.map((each) => ` ${this.offset(each, 'item')}`).join('')}`;
    return `(elem${bind(ids.elements, index)}${place}${list})`;
  }

  // Functions.

  private functionType(typeIndex: number): FunctionType | undefined {
    const type = this.module.types[typeIndex]?.composite;
    return type?.kind === 'func' ? type : undefined;
  }

  private localIdentifiers(index: number, typeIndex: number, locals: number): Identifiers {
    const names = this.module.names.locals.get(index);
    return names === undefined ? new Identifiers() : new Identifiers(names, (this.functionType(typeIndex)?.params.length ?? 0) + locals);
  }

  /** Type use with named parameters. */
  private functionHead(typeIndex: number, locals: Identifiers): string {
    const type = this.functionType(typeIndex);
    const head = ` (type ${this.ids.types.use(typeIndex)})`;
    if (type === undefined) return head;
    return `${head}${this.runs('param', type.params.map((each) => ({ count: 1, type: each })), 0, locals)}${this.code.typeList('result', type.results)}`;
  }

  /** ` (param $x i32) (param i32 i64)`: a named one stands alone. */
  private runs(word: 'param' | 'local', runs: readonly LocalRun[], first: number, locals: Identifiers): string {
    let text = '';
    let unnamed = '';
    const flush = (): void => {
      if (unnamed !== '') text += ` (${word}${unnamed})`;
      unnamed = '';
    };
    let index = first;
    for (const { count, type } of runs) {
      const printed = ` ${this.code.valueType(type)}`;
      this.code.spend(count * printed.length);
      for (let left = count; left > 0; left--, index++) {
        if (!locals.has(index)) {
          unnamed += printed;
          continue;
        }
        flush();
        text += ` (${word}${locals.bind(index)}${printed})`;
      }
    }
    flush();
    return text;
  }

  private function(index: number, typeIndex: number, { locals, code }: FunctionBody): string {
    const params = this.functionType(typeIndex)?.params.length ?? 0;
    const count = locals.reduce((sum, run) => sum + run.count, 0);
    if (count > MAX_LOCALS) throw new LimitError(`function ${index} has ${count} locals: text with more than ${MAX_LOCALS} in one function is not written`);
    const names = this.localIdentifiers(index, typeIndex, count);
    const { code: printer, module } = this;
    printer.locals = names;
    printer.labels.clear();
    const labels = module.names.labels.get(index);
    const lines = this.folded ? foldedLines(code, printer, labels, 2, this.aritySource(typeIndex)) : flatLines(code, printer, labels, 2);
    printer.locals = new Identifiers();
    const declared = this.runs('local', locals, params, names);
    const head = `${FIELD}(func${bind(this.ids.functions, index)}${this.functionHead(typeIndex, names)}`;
    return `${[head, ...(declared === '' ? [] : [indentation(2) + declared.trim()]), ...lines].join('\n')})`;
  }

  private aritySource(typeIndex: number): BodyAritySource {
    return {
      functionType: (index) => this.functionType(this.functionTypes[index] ?? -1),
      tagType: (index) => this.functionType(this.tagTypes[index] ?? -1),
      typeAt: (index) => this.module.types[index]?.composite,
      returnArity: this.functionType(typeIndex)?.results.length ?? 0,
    };
  }
}

const SPACES = { func: 'functions', table: 'tables', memory: 'memories', global: 'globals', tag: 'tags' } as const;

/** ` $name (;3;)`: the number helps where others refer to it by number, and in tools that know nothing else. */
const bind = (identifiers: Identifiers, index: number): string => `${identifiers.bind(index)} (;${index};)`;

function limitsText({ address, min, max }: Limits): string {
  return `${address === 'i64' ? 'i64 ' : ''}${min}${max === null ? '' : ` ${max}`}`;
}

const customText = ({ name, after, bytes }: CustomSection): string => `(@custom ${quoteName(name)} ${customPlacement(after)} ${quoteBytes(bytes)})`;

