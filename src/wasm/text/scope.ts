// What a module's text has given names and numbers to: index spaces with their identifiers, type definitions, and the
// type uses that are allowed to leave their type definition out. Shared by all parts of the module parser.
// spec: text/conventions#contexts, text/modules#type-uses
import { Type, type FunctionType, type SubType, type ValueType } from '../types.js';
import { Annotations } from './annotations.js';
import type { Cursor } from './cursor.js';
import { didYouMean, quoted } from './errors.js';
import { nearest } from './nearest.js';
import { identifier } from './quote.js';
import { Token } from './tokens.js';

export type Space = 'type' | 'func' | 'table' | 'memory' | 'global' | 'tag' | 'elem' | 'data';

const UNKNOWN: Readonly<Record<Space | 'local' | 'label' | 'field', string>> = {
  type: 'unknown type', func: 'unknown function', table: 'unknown table', memory: 'unknown memory', global: 'unknown global', tag: 'unknown tag',
  elem: 'unknown elem segment', data: 'unknown data segment', local: 'unknown local', label: 'unknown label', field: 'unknown field',
};

/** An index space: identifiers to indices, and how many there are. */
export class IndexSpace {
  readonly byName = new Map<string, number>();
  /** What the name section will say, by index; an annotation may differ from the identifier. */
  readonly names = new Map<number, string>();
  count = 0;
}

export interface TypeUse {
  readonly typeIndex: number;
  /** Parameters of the type; null when nothing in front of the type use tells what the type is. */
  readonly paramCount: number | null;
}

/** Names given to parameters or locals of one function. */
export interface LocalNames {
  readonly byName: Map<string, number>;
  readonly names: Map<number, string>;
}

const keyOf = (params: readonly ValueType[], results: readonly ValueType[]): string => `${params.join()}:${results.join()}`;

export class Scope {
  readonly spaces: Readonly<Record<Space, IndexSpace>> = {
    type: new IndexSpace(), func: new IndexSpace(), table: new IndexSpace(), memory: new IndexSpace(),
    global: new IndexSpace(), tag: new IndexSpace(), elem: new IndexSpace(), data: new IndexSpace(),
  };
  readonly annotations: Annotations;
  readonly types: SubType[] = [];
  readonly groups: Array<{ start: number; count: number }> = [];
  /** Field identifiers and names, by type index. */
  readonly fields = new Map<number, LocalNames>();
  /** Function types that an abbreviated type use may mean: alone in their group, final, without supertype. */
  private readonly abbreviable = new Map<string, number>();
  /** Type uses that name a type by number before it exists, where a function's locals had to be counted. */
  private readonly unresolved: Array<{ readonly typeIndex: number; readonly token: number }> = [];

  constructor(readonly cursor: Cursor, readonly legacyNames: boolean) {
    this.annotations = new Annotations(cursor);
  }

  /** Gives the next index of a space, with the identifier that may stand next. */
  bind(space: Space): number {
    const { byName, names, count } = this.spaces[space];
    const identifier = this.takeIdentifier(byName, `duplicate ${space}`, count);
    const name = this.annotations.takeName() ?? identifier;
    if (name !== undefined) names.set(count, name);
    return this.spaces[space].count++;
  }

  /** Takes an identifier, if one is next, and binds it to `index`. */
  takeIdentifier(byName: Map<string, number>, duplicate: string, index: number): string | undefined {
    const { cursor } = this;
    if (cursor.kind() !== Token.ID) return undefined;
    const name = cursor.nameAt(cursor.at);
    if (byName.has(name)) throw cursor.fail(duplicate, quoted(`$${name}`));
    byName.set(name, index);
    cursor.at++;
    return name;
  }

  /** Takes an identifier that the first pass has bound already. */
  skipIdentifier(): void {
    if (this.cursor.kind() === Token.ID) this.cursor.at++;
  }

  /** Takes an index by number or identifier. Numbers are checked by the validator. */
  index(space: Space): number {
    const { cursor } = this;
    const index = this.indexAt(cursor.at, space);
    cursor.at++;
    return index;
  }

  /** The index at a token that is not next. */
  indexAt(at: number, space: Space): number {
    return this.lookUp(at, this.spaces[space].byName, space);
  }

  lookUp(at: number, byName: ReadonlyMap<string, number>, what: Space | 'local' | 'field'): number {
    const { cursor } = this;
    if (cursor.tokens.kinds[at] === Token.ID) {
      const name = cursor.nameAt(at);
      const index = byName.get(name);
      if (index === undefined) throw this.unknown(at, UNKNOWN[what], name, byName.keys());
      return index;
    }
    const here = cursor.at;
    cursor.at = at;
    if (cursor.kind() !== Token.NATURAL) throw cursor.unexpected(`a ${what} index`);
    const index = cursor.natural();
    cursor.at = here;
    return index;
  }

  field(typeIndex: number): number {
    const { cursor } = this;
    const index = this.lookUp(cursor.at, this.fields.get(typeIndex)?.byName ?? new Map(), 'field');
    cursor.at++;
    return index;
  }

  private unknown(at: number, wording: string, name: string, known: Iterable<string>): Error {
    const guess = nearest(name, known);
    return this.cursor.failAt(at, wording, quoted(`$${name}`), didYouMean(guess === undefined ? undefined : identifier(guess)));
  }

  unknownLabel(name: string, known: Iterable<string>): Error {
    return this.unknown(this.cursor.at, UNKNOWN.label, name, known);
  }

  /** Adds a recursion group of types. */
  addGroup(types: readonly SubType[]): void {
    const start = this.types.length;
    this.groups.push({ start, count: types.length });
    for (const type of types) this.types.push(type);
    const [only] = types;
    if (types.length !== 1 || only === undefined || !only.final || only.supertypes.length > 0 || only.composite.kind !== 'func') return;
    const key = keyOf(only.composite.params, only.composite.results);
    if (!this.abbreviable.has(key)) this.abbreviable.set(key, start);
  }

  /** The type that an abbreviated type use means: the first that fits, or a new one behind all others. */
  implicitType(params: readonly ValueType[], results: readonly ValueType[]): number {
    const known = this.abbreviable.get(keyOf(params, results));
    if (known !== undefined) return known;
    const index = this.types.length;
    this.addGroup([{ final: true, supertypes: [], composite: { kind: 'func', params, results } }]);
    return index;
  }

  /**
   * Settles a type use of which `params` and `results` were written. `explicit` is its `(type …)`, at `token`.
   * `counted`: whether somebody numbers locals behind the parameters.
   */
  settle(explicit: number | null, token: number, params: readonly ValueType[], results: readonly ValueType[], inline: boolean, counted: boolean): TypeUse {
    if (explicit === null) return { typeIndex: this.implicitType(params, results), paramCount: params.length };
    const type = this.types[explicit]?.composite;
    if (!inline) {
      // Left to the validator, which knows every type; but then no later type may step into its place.
      if (type === undefined && counted) this.unresolved.push({ typeIndex: explicit, token });
      return { typeIndex: explicit, paramCount: type?.kind === 'func' ? type.params.length : null };
    }
    if (type === undefined) throw this.cursor.failAt(token, UNKNOWN.type, `${explicit}, where ${this.types.length} are known so far`);
    if (type.kind !== 'func') throw this.cursor.failAt(token, 'non-function type', `type ${explicit} is a ${type.kind} type`);
    if (keyOf(params, results) !== keyOf(type.params, type.results)) throw this.inlineMismatch(token, explicit, type);
    return { typeIndex: explicit, paramCount: params.length };
  }

  private inlineMismatch(token: number, index: number, type: FunctionType): Error {
    return this.cursor.failAt(token, 'inline function type', `the parameters and results written here are not those of type ${index}, which has ${type.params.length} and ${type.results.length}`);
  }

  /** To be called when all types are known. */
  refuseLateTypes(): void {
    for (const { typeIndex, token } of this.unresolved) {
      if (typeIndex < this.types.length) throw this.cursor.failAt(token, UNKNOWN.type, `${typeIndex} is made by an abbreviated type use further down`);
    }
  }
}

/** The heap-type part of a concrete reference has 21 bits of index; what is above is unknown in every module. */
export const MAX_TYPE_INDEX = (1 << (32 - Type.INDEX_SHIFT)) - 1;
