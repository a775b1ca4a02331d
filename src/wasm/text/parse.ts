// WebAssembly text to module data, the same data the binary decoder makes. Two passes over the tokens: the first gives
// every definition its index and binds identifiers, because the text may use them before they are defined; types come
// next; the second pass reads the fields in the order of the text. Whether the module is valid is the validator's to say.
// spec: text/modules
import { LimitError } from '../errors.js';
import { infoOf } from '../instructions.js';
import type { CustomSection, DataSegment, ElementSegment, Export, ExternalType, ExternalKind, FunctionBody, Global, Import, LocalRun, Module, Names, Table, TextPlaces } from '../module.js';
import { requireBytes } from '../module-form.js';
import { Type, type Limits, type MemoryType, type SubType, type TagType, type ValueType } from '../types.js';
import { Cursor } from './cursor.js';
import { InstructionParser, writeZero, type ExpressionDraft } from './instructions.js';
import { Scope, type LocalNames, type Space } from './scope.js';
import { Token, tokenize } from './tokens.js';
import { FUNCTION_REFERENCE, parseGlobalType, parseMemoryLimits, parseReferenceType, parseTableLimits, parseTypeDefinition, parseTypeList, parseTypeUse, takeAddressType } from './types.js';

export interface ParseOptions {
  /** Accept spellings of old drafts that were merely renamed since, like `get_local`. */
  readonly legacyNames?: boolean;
}

/** Reads one module, `(module …)` or its fields alone; bytes are UTF-8. Throws ParseError when the text is malformed, TypeError for what is no text. */
export function parse(text: string | Uint8Array, options: ParseOptions = {}): Module {
  const source = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  requireBytes(source);
  if (source.length >= 0x7fff_ffff) throw new LimitError(`a WebAssembly text of ${source.length} bytes is too long: this parser reads less than 2 GiB`);
  const cursor = new Cursor(tokenize(source));
  const module = new ModuleParser(cursor, options);
  const parsed = module.parse();
  if (cursor.kind() !== Token.END) throw cursor.unexpected('the end of the text: one file holds one module');
  return parsed;
}

/** Reads the module whose `(` is the token `open`; for scripts, which hold many, and have `(module definition …` besides. */
export function parseModuleAt(script: Cursor, open: number): Module {
  return new ModuleParser(new Cursor(script.tokens, open, script.places), {}, true).parse();
}

const FIELD_KEYWORDS: ReadonlySet<string> = new Set(['type', 'rec', 'import', 'func', 'table', 'memory', 'global', 'tag', 'export', 'start', 'elem', 'data']);

export const isFieldKeyword = (word: string): boolean => FIELD_KEYWORDS.has(word);

const EXTERNAL_KINDS = ['func', 'table', 'memory', 'global', 'tag'] as const satisfies readonly ExternalKind[];

class ModuleParser {
  private readonly scope: Scope;
  private readonly code: InstructionParser;
  private moduleName: string | undefined;

  private readonly imports: Import[] = [];
  private readonly functions: number[] = [];
  private readonly bodies: FunctionBody[] = [];
  private readonly tables: Table[] = [];
  private readonly memories: MemoryType[] = [];
  private readonly tags: TagType[] = [];
  private readonly globals: Global[] = [];
  private readonly exports: Export[] = [];
  private start: number | null = null;
  private readonly elements: ElementSegment[] = [];
  private readonly data: DataSegment[] = [];
  private readonly customs: CustomSection[] = [];
  private readonly localNames = new Map<number, ReadonlyMap<number, string>>();
  private readonly labelNames = new Map<number, ReadonlyMap<number, string>>();
  /** Indices given out so far by the second pass. */
  private readonly next: Record<ExternalKind, number> = { func: 0, table: 0, memory: 0, global: 0, tag: 0 };

  constructor(private readonly cursor: Cursor, options: ParseOptions, private readonly inScript = false) {
    this.scope = new Scope(cursor, options.legacyNames ?? false);
    this.code = new InstructionParser(this.scope, cursor);
  }

  parse(): Module {
    const { cursor, scope } = this;
    const wrapped = cursor.opens('module');
    const last = wrapped ? cursor.behindParenthesis(cursor.at) - 1 : cursor.tokens.count - 1;
    scope.annotations.collect(cursor.at, last);
    if (wrapped) {
      cursor.at += cursor.isKeyword('definition', 2) && this.inScript ? 3 : 2;
      if (cursor.kind() === Token.ID) this.moduleName = cursor.nameAt(cursor.at++);
      this.moduleName = scope.annotations.takeName() ?? this.moduleName;
    }
    const fields = cursor.at;
    const types = this.bindAll();
    cursor.at = fields;
    this.defineTypes(types);
    cursor.at = fields;
    this.readCustoms();
    while (cursor.kind() === Token.OPEN) {
      this.field();
      this.readCustoms();
    }
    if (wrapped) cursor.expectClose();
    else if (cursor.kind() !== Token.END) throw cursor.unexpected('a module or its fields, each in parentheses');
    scope.annotations.refuseMisplaced();
    scope.refuseLateTypes();
    return this.finish();
  }

  private readCustoms(): void {
    if (this.scope.annotations.any) for (const custom of this.scope.annotations.takeCustoms()) this.customs.push(custom);
  }

  // First pass.

  /** Counts definitions and binds identifiers; answers where the type definitions stand. Leaves all mistakes but double names to the second pass. */
  private bindAll(): number[] {
    const { cursor, scope } = this;
    const typeFields: number[] = [];
    let defined: string | undefined;
    while (cursor.kind() === Token.OPEN) {
      const open = cursor.at;
      const behind = cursor.behindParenthesis(open);
      cursor.at++;
      const word = cursor.kind() === Token.KEYWORD ? cursor.text() : '';
      cursor.at++;
      switch (word) {
        case 'type':
          typeFields.push(open);
          scope.bind('type');
          break;
        case 'rec':
          typeFields.push(open);
          while (cursor.opens('type')) {
            const next = cursor.behindParenthesis(cursor.at);
            cursor.at += 2;
            scope.bind('type');
            cursor.at = next;
          }
          break;
        case 'import':
          if (defined !== undefined) throw this.importAfter(open, defined);
          this.bindImport();
          break;
        case 'func': case 'table': case 'memory': case 'global': case 'tag':
          scope.bind(word);
          if (this.skipsToImport()) {
            if (defined !== undefined) throw this.importAfter(open, defined);
          } else defined = word;
          if (word === 'table' && this.holds('elem', behind)) this.bindUnnamed('elem');
          if (word === 'memory' && this.holds('data', behind)) this.bindUnnamed('data');
          break;
        case 'elem': case 'data':
          scope.bind(word);
          break;
      }
      cursor.at = behind;
    }
    return typeFields;
  }

  private importAfter(token: number, defined: string): Error {
    return this.cursor.failAt(token, `import after ${defined === 'func' ? 'function' : defined}`, 'imports come before all definitions of functions, tables, memories, globals and tags');
  }

  private bindImport(): void {
    const { cursor, scope } = this;
    if (cursor.kind() !== Token.STRING || cursor.kind(1) !== Token.STRING || cursor.kind(2) !== Token.OPEN) return;
    cursor.at += 3;
    const kind = EXTERNAL_KINDS.find((word) => cursor.isKeyword(word));
    if (kind === undefined) return;
    cursor.at++;
    scope.bind(kind);
  }

  private bindUnnamed(space: Space): void {
    this.scope.spaces[space].count++;
  }

  /** Moves behind inline exports; answers whether an inline import follows. */
  private skipsToImport(): boolean {
    const { cursor } = this;
    while (cursor.opens('export')) cursor.at = cursor.behindParenthesis(cursor.at);
    return cursor.opens('import');
  }

  /** Whether `(word` stands among the direct parts of the field that ends in front of the token `behind`. */
  private holds(word: string, behind: number): boolean {
    const { cursor } = this;
    for (let at = cursor.at; at < behind - 1; ) {
      cursor.at = at;
      if (cursor.opens(word)) return true;
      at = cursor.kind() === Token.OPEN ? cursor.behindParenthesis(at) : at + 1;
    }
    return false;
  }

  private defineTypes(fields: readonly number[]): void {
    const { cursor, scope } = this;
    for (const field of fields) {
      cursor.at = field + 2;
      if (cursor.isKeyword('type', -1)) {
        scope.addGroup([parseTypeDefinition(scope, scope.types.length)]);
        continue;
      }
      const group: SubType[] = [];
      while (cursor.takeOpening('type')) group.push(parseTypeDefinition(scope, scope.types.length + group.length));
      cursor.expectClose();
      scope.addGroup(group);
    }
  }

  // Second pass.

  private field(): void {
    const { cursor } = this;
    const open = cursor.at++;
    const word = cursor.kind() === Token.KEYWORD ? cursor.text() : '';
    if (!isFieldKeyword(word)) throw cursor.unexpected('a module field: type rec import func table memory global tag export start elem data');
    cursor.at++;
    switch (word) {
      case 'type':
      case 'rec':
        cursor.at = cursor.behindParenthesis(open);
        return;
      case 'import':
        this.importField();
        break;
      case 'func':
        this.functionField();
        break;
      case 'table':
        this.tableField();
        break;
      case 'memory':
        this.memoryField();
        break;
      case 'global':
        this.globalField();
        break;
      case 'tag':
        this.tagField();
        break;
      case 'export':
        this.exportField();
        break;
      case 'start':
        if (this.start !== null) throw cursor.failAt(open, 'multiple start sections');
        this.start = this.scope.index('func');
        break;
      case 'elem':
        this.elementField();
        break;
      case 'data':
        this.dataField();
        break;
    }
    cursor.expectClose();
  }

  private importField(): void {
    const { cursor, scope } = this;
    const module = cursor.name();
    const name = cursor.name();
    cursor.expectOpen();
    const kind = EXTERNAL_KINDS.find((word) => cursor.isKeyword(word));
    if (kind === undefined) throw cursor.unexpected('func, table, memory, global or tag');
    cursor.at++;
    scope.skipIdentifier();
    this.imports.push({ module, name, description: this.externalType(kind) });
    this.next[kind]++;
    cursor.expectClose();
  }

  private externalType(kind: ExternalKind): ExternalType {
    const { scope } = this;
    switch (kind) {
      case 'func': {
        const names = noNames();
        const { typeIndex } = parseTypeUse(scope, names, false);
        if (names.names.size > 0) this.localNames.set(this.next.func, names.names);
        return { kind, typeIndex };
      }
      case 'tag':
        return { kind, type: { typeIndex: parseTypeUse(scope, noNames(), false).typeIndex } };
      case 'global':
        return { kind, type: parseGlobalType(scope) };
      case 'memory':
        return { kind, type: parseMemoryLimits(scope, takeAddressType(scope)) };
      case 'table':
        return { kind, type: parseTableLimits(scope, takeAddressType(scope)) };
    }
  }

  /** `id? (export "…")* (import "…" "…")?` of a definition. Answers whether it turned out to be an import, then read to its end. */
  private inlineExternals(kind: ExternalKind): boolean {
    const { cursor, scope } = this;
    scope.skipIdentifier();
    const index = this.next[kind];
    while (cursor.takeOpening('export')) {
      this.exports.push({ name: cursor.name(), kind, index });
      cursor.expectClose();
    }
    if (cursor.takeOpening('import')) {
      const module = cursor.name();
      const name = cursor.name();
      cursor.expectClose();
      this.imports.push({ module, name, description: this.externalType(kind) });
      this.next[kind]++;
      return true;
    }
    return false;
  }

  private functionField(): void {
    const { scope } = this;
    if (this.inlineExternals('func')) return;
    const index = this.next.func++;
    const names = noNames();
    const { typeIndex, paramCount } = parseTypeUse(scope, names, true);
    // Locals are numbered behind the parameters: `types` starts with as many entries as there are of those.
    const types: ValueType[] = new Array<ValueType>(paramCount ?? 0).fill(0);
    parseTypeList(scope, 'local', types, names);
    const { code, labels } = this.code.parseBody(names.byName);
    this.functions.push(typeIndex);
    this.bodies.push({ locals: runsOf(types, paramCount ?? 0), code });
    if (names.names.size > 0) this.localNames.set(index, names.names);
    if (labels.size > 0) this.labelNames.set(index, labels);
  }

  private tableField(): void {
    const { cursor, scope } = this;
    if (this.inlineExternals('table')) return;
    const index = this.next.table++;
    const address = takeAddressType(scope);
    if (cursor.kind() === Token.NATURAL) {
      const type = parseTableLimits(scope, address);
      this.tables.push({ type, init: cursor.kind() === Token.CLOSE ? null : this.code.parseExpression() });
      return;
    }
    const element = parseReferenceType(scope);
    cursor.expectOpening('elem');
    const offset = this.code.implied((writer) => writeZero(writer, address));
    const list = cursor.isIndex() ? this.inlineIndices(element) : { type: element, items: this.elementExpressions() };
    cursor.expectClose();
    const count = BigInt(list.items.kind === 'functions' ? list.items.indices.length : list.items.expressions.length);
    this.tables.push({ type: { limits: exactly(address, count), element }, init: null });
    this.elements.push({ ...list, mode: { kind: 'active', table: index, offset } });
  }

  private memoryField(): void {
    const { cursor, scope } = this;
    if (this.inlineExternals('memory')) return;
    const index = this.next.memory++;
    const address = takeAddressType(scope);
    if (!cursor.opens('data')) {
      this.memories.push(parseMemoryLimits(scope, address));
      return;
    }
    const offset = this.code.implied((writer) => writeZero(writer, address));
    cursor.at += 2;
    const bytes = cursor.strings();
    cursor.expectClose();
    this.memories.push({ limits: exactly(address, (BigInt(bytes.length) + 0xffffn) >> 16n) });
    this.data.push({ mode: { kind: 'active', memory: index, offset }, bytes });
  }

  private globalField(): void {
    const { scope } = this;
    if (this.inlineExternals('global')) return;
    this.next.global++;
    const type = parseGlobalType(scope);
    this.globals.push({ type, init: this.code.parseExpression() });
  }

  private tagField(): void {
    if (this.inlineExternals('tag')) return;
    this.next.tag++;
    this.tags.push({ typeIndex: parseTypeUse(this.scope, noNames(), false).typeIndex });
  }

  private exportField(): void {
    const { cursor, scope } = this;
    const name = cursor.name();
    cursor.expectOpen();
    const kind = EXTERNAL_KINDS.find((word) => cursor.isKeyword(word));
    if (kind === undefined) throw cursor.unexpected('func, table, memory, global or tag');
    cursor.at++;
    this.exports.push({ name, kind, index: scope.index(kind) });
    cursor.expectClose();
  }

  private elementField(): void {
    const { cursor, scope } = this;
    scope.skipIdentifier();
    if (cursor.takeKeyword('declare')) {
      this.elements.push({ ...this.elementList(), mode: { kind: 'declarative' } });
      return;
    }
    const usesKeyword = cursor.opens('table');
    const table = this.takeUse('table');
    if (table === null && !this.opensOffset()) {
      this.elements.push({ ...this.elementList(), mode: { kind: 'passive' } });
      return;
    }
    const offset = this.offset();
    // Without `(table …)`, the word `func` may be left out.
    const list = !usesKeyword && (cursor.isIndex() || cursor.kind() === Token.CLOSE) ? { type: FUNCTION_REFERENCE, items: this.functionIndices() } : this.elementList();
    this.elements.push({ ...list, mode: { kind: 'active', table: table ?? 0, offset } });
  }

  /** `(table x)` or `(memory x)` of a segment; version 1.0 had the bare index. Null when there is neither. */
  private takeUse(space: 'table' | 'memory'): number | null {
    const { cursor, scope } = this;
    if (cursor.isIndex()) return scope.index(space);
    if (!cursor.takeOpening(space)) return null;
    const index = scope.index(space);
    cursor.expectClose();
    return index;
  }

  /** Whether an offset is next, rather than `(ref …)`, the type of elements. */
  private opensOffset(): boolean {
    return this.cursor.kind() === Token.OPEN && !this.cursor.opens('ref');
  }

  private offset(): ExpressionDraft {
    const { cursor } = this;
    if (!cursor.takeOpening('offset')) return this.code.parseFoldedExpression();
    const offset = this.code.parseExpression();
    cursor.expectClose();
    return offset;
  }

  private elementList(): Pick<ElementSegment, 'type' | 'items'> {
    if (this.cursor.takeKeyword('func')) return { type: FUNCTION_REFERENCE, items: this.functionIndices() };
    const type = parseReferenceType(this.scope);
    return { type, items: this.elementExpressions() };
  }

  private functionIndices(): Extract<ElementSegment['items'], { kind: 'functions' }> {
    const indices: number[] = [];
    while (this.cursor.isIndex()) indices.push(this.scope.index('func'));
    return { kind: 'functions', indices };
  }

  /** Function indices in a table of `element`: written as such where that says enough, as `ref.func` where the type is narrower. */
  private inlineIndices(element: ValueType): Pick<ElementSegment, 'type' | 'items'> {
    if (element === Type.FUNCREF) return { type: FUNCTION_REFERENCE, items: this.functionIndices() };
    const expressions: ExpressionDraft[] = [];
    while (this.cursor.isIndex()) {
      const index = this.scope.index('func');
      expressions.push(this.code.implied((writer) => {
        writer.byte(REF_FUNC);
        writer.u32(index);
      }));
    }
    return { type: element, items: { kind: 'expressions', expressions } };
  }

  private elementExpressions(): Extract<ElementSegment['items'], { kind: 'expressions' }> {
    const { cursor } = this;
    const expressions: ExpressionDraft[] = [];
    while (cursor.kind() === Token.OPEN) {
      if (cursor.takeOpening('item')) {
        expressions.push(this.code.parseExpression());
        cursor.expectClose();
      } else expressions.push(this.code.parseFoldedExpression());
    }
    return { kind: 'expressions', expressions };
  }

  private dataField(): void {
    const { cursor, scope } = this;
    scope.skipIdentifier();
    const memory = this.takeUse('memory');
    if (memory === null && cursor.kind() !== Token.OPEN) {
      this.data.push({ mode: { kind: 'passive' }, bytes: cursor.strings() });
      return;
    }
    const offset = this.offset();
    this.data.push({ mode: { kind: 'active', memory: memory ?? 0, offset }, bytes: cursor.strings() });
  }

  // Assembly.

  private finish(): Module {
    const { scope, code } = this;
    const { positions, offsets } = code.close();
    return {
      types: scope.types, groups: scope.groups, imports: this.imports, functions: this.functions, tables: this.tables, memories: this.memories,
      tags: this.tags, globals: this.globals, exports: this.exports, start: this.start, elements: this.elements,
      dataCount: code.usesDataIndex ? this.data.length : null,
      bodies: this.bodies, data: this.data, customs: this.customs,
      names: this.names(),
      textPlaces: this.textPlaces(positions, offsets),
    };
  }

  private names(): Names {
    const { spaces, fields } = this.scope;
    const fieldNames = new Map<number, ReadonlyMap<number, string>>();
    for (const [type, { names }] of fields) if (names.size > 0) fieldNames.set(type, names);
    return {
      ...(this.moduleName === undefined ? {} : { module: this.moduleName }),
      functions: spaces.func.names, locals: this.localNames, labels: this.labelNames, types: spaces.type.names, tables: spaces.table.names,
      memories: spaces.memory.names, globals: spaces.global.names, elements: spaces.elem.names, data: spaces.data.names, fields: fieldNames, tags: spaces.tag.names,
    };
  }

  private textPlaces(positions: Uint32Array, offsets: Uint32Array): TextPlaces {
    const { places } = this.cursor;
    const lines = new Uint32Array(offsets.length);
    const columns = new Uint32Array(offsets.length);
    for (let index = 0; index < offsets.length; index++) {
      const { line, column } = places.placeOf(offsets[index]!);
      lines[index] = line;
      columns[index] = column;
    }
    return { positions, lines, columns };
  }
}

const REF_FUNC = infoOf('ref.func').code;

const noNames = (): LocalNames => ({ byName: new Map(), names: new Map() });

const exactly = (address: Limits['address'], count: bigint): Limits => ({ address, min: count, max: count, shared: false });

/** Locals from index `from` on, neighbours of one type in one run. */
function runsOf(types: readonly ValueType[], from: number): LocalRun[] {
  const runs: Array<{ count: number; type: ValueType }> = [];
  for (let index = from; index < types.length; index++) {
    const type = types[index]!;
    const last = runs.at(-1);
    if (last?.type === type) last.count++;
    else runs.push({ count: 1, type });
  }
  return runs;
}

