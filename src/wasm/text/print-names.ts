// Identifiers for printing: made of the name section, valid and unique in their index space. A name that could not be
// taken as it is (a second function of that name, an empty one) is kept in a `(@name …)` annotation, so that reading the
// text back gives the same name section.
import type { Module, Names } from '../module.js';
import { identifier, quoteName } from './quote.js';

/** A longer name stands where it is bound, in an annotation, and is referred to by number: a call of two bytes may be the use of a megabyte. */
const LONGEST_IDENTIFIER = 1024;

/** Whether a name can be one: whatever its characters, for identifiers can be written as strings. */
export const isIdentifier = (name: string): boolean => name !== '' && name.length <= LONGEST_IDENTIFIER;

/** Identifiers of one index space. */
export class Identifiers {
  private readonly taken = new Set<string>();
  private readonly identifiers = new Map<number, string>();
  private readonly repeats = new Map<string, number>();

  constructor(private readonly names: ReadonlyMap<number, string> = new Map(), private readonly count = Infinity) {
    for (const [index, name] of [...names].sort(([a], [b]) => a - b)) {
      if (!isIdentifier(name) || index >= count) continue;
      let free = name;
      while (this.taken.has(free)) {
        const repeat = (this.repeats.get(name) ?? 1) + 1;
        this.repeats.set(name, repeat);
        free = `${name}.${repeat}`;
      }
      this.taken.add(free);
      this.identifiers.set(index, free);
    }
  }

  has(index: number): boolean {
    return this.names.has(index) && index < this.count;
  }

  /** To refer to it: `$name` or its number. */
  use(index: number): string {
    const name = this.identifiers.get(index);
    return name === undefined ? String(index) : identifier(name);
  }

  /** Where it is defined: ` $name`, with its annotation if it needs one; empty when it has no name. */
  bind(index: number): string {
    const name = this.names.get(index);
    if (name === undefined || index >= this.count) return '';
    const free = this.identifiers.get(index);
    return `${free === undefined ? '' : ` ${identifier(free)}`}${free === name ? '' : nameAnnotation(name)}`;
  }
}

export const nameAnnotation = (name: string): string => ` (@name ${quoteName(name)})`;

/** All identifiers of a module but those of locals, labels and fields, which are made where they are needed. */
export interface ModuleIdentifiers {
  readonly types: Identifiers;
  readonly functions: Identifiers;
  readonly tables: Identifiers;
  readonly memories: Identifiers;
  readonly tags: Identifiers;
  readonly globals: Identifiers;
  readonly elements: Identifiers;
  readonly data: Identifiers;
  fields(typeIndex: number): Identifiers;
}

const NONE = new Identifiers();

export function identifiersOf(module: Module): ModuleIdentifiers {
  const { names, imports } = module;
  const count = (kind: string, own: number): number => imports.filter(({ description }) => description.kind === kind).length + own;
  const fields = new Map<number, Identifiers>();
  return {
    types: new Identifiers(names.types, module.types.length),
    functions: new Identifiers(names.functions, count('func', module.functions.length)),
    tables: new Identifiers(names.tables, count('table', module.tables.length)),
    memories: new Identifiers(names.memories, count('memory', module.memories.length)),
    tags: new Identifiers(names.tags, count('tag', module.tags.length)),
    globals: new Identifiers(names.globals, count('global', module.globals.length)),
    elements: new Identifiers(names.elements, module.elements.length),
    data: new Identifiers(names.data, module.data.length),
    fields(typeIndex) {
      const known = fields.get(typeIndex);
      if (known !== undefined) return known;
      const made = fieldIdentifiers(names, module, typeIndex);
      fields.set(typeIndex, made);
      return made;
    },
  };
}

function fieldIdentifiers(names: Names, module: Module, typeIndex: number): Identifiers {
  const composite = module.types[typeIndex]?.composite;
  const own = names.fields.get(typeIndex);
  return own === undefined || composite?.kind !== 'struct' ? NONE : new Identifiers(own, composite.fields.length);
}
