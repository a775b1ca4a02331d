// How many operands an instruction takes and how many results it leaves, as far as its immediates and the module tell.
// Only for folding: the folded form is another spelling of the same sequence, so a guess that is off costs beauty alone.
import type { Instruction } from '../binary/immediates.js';
import type { SpecialMnemonic } from '../instructions.js';
import type { Module } from '../module.js';
import { isConcrete, isReference, typeIndexOf, Type, type BlockType, type FunctionType } from '../types.js';

export interface Arity {
  readonly operands: number;
  readonly results: number;
}

const arity = (operands: number, results: number): Arity => ({ operands, results });

/** What folding asks about the surroundings of an instruction. */
export interface AritySource {
  functionType(functionIndex: number): FunctionType | undefined;
  tagType(tagIndex: number): FunctionType | undefined;
  typeAt(typeIndex: number): Module['types'][number]['composite'] | undefined;
  /** Values that a branch to this label takes; 0 when there is no such label. */
  labelArity(depth: number): number;
  /** Results of the function. */
  readonly returnArity: number;
}

type Rule = Arity | ((source: AritySource, immediates: readonly unknown[]) => Arity);

const call = (type: FunctionType | undefined, extra = 0, returns = true): Arity => arity((type?.params.length ?? 0) + extra, returns ? (type?.results.length ?? 0) : 0);
const functionAt = (source: AritySource, index: unknown): FunctionType | undefined => {
  const type = source.typeAt(index as number);
  return type?.kind === 'func' ? type : undefined;
};

const NONE = arity(0, 0);
const CONSTANT = arity(0, 1);
const UNARY = arity(1, 1);
const BINARY = arity(2, 1);
const CONSUME = arity(1, 0);
const THREE = arity(3, 0);

const branch = (source: AritySource, label: unknown, extra: number, stays: boolean): Arity => {
  const values = source.labelArity(label as number);
  return arity(values + extra, stays ? values : 0);
};

const RULES: Readonly<Record<SpecialMnemonic, Rule>> = {
  unreachable: NONE, block: NONE, loop: NONE, if: NONE, else: NONE, try: NONE, catch: NONE, catch_all: NONE, delegate: NONE, end: NONE, try_table: NONE, rethrow: NONE,
  throw: (source, [tag]) => arity(source.tagType(tag as number)?.params.length ?? 0, 0),
  throw_ref: CONSUME,
  br: (source, [label]) => branch(source, label, 0, false),
  br_if: (source, [label]) => branch(source, label, 1, true),
  br_table: (source, [labels]) => branch(source, (labels as readonly number[]).at(-1), 1, false),
  br_on_null: (source, [label]) => arity(source.labelArity(label as number) + 1, source.labelArity(label as number) + 1),
  br_on_non_null: (source, [label]) => arity(source.labelArity(label as number), Math.max(0, source.labelArity(label as number) - 1)),
  br_on_cast: (source, [cast]) => branch(source, (cast as { label: number }).label, 0, true),
  br_on_cast_fail: (source, [cast]) => branch(source, (cast as { label: number }).label, 0, true),
  return: (source) => arity(source.returnArity, 0),
  call: (source, [index]) => call(source.functionType(index as number)),
  return_call: (source, [index]) => call(source.functionType(index as number), 0, false),
  call_indirect: (source, [type]) => call(functionAt(source, type), 1),
  return_call_indirect: (source, [type]) => call(functionAt(source, type), 1, false),
  call_ref: (source, [type]) => call(functionAt(source, type), 1),
  return_call_ref: (source, [type]) => call(functionAt(source, type), 1, false),
  drop: CONSUME,
  select: arity(3, 1),
  'select (result)': arity(3, 1),
  'local.get': CONSTANT, 'local.set': CONSUME, 'local.tee': UNARY, 'global.get': CONSTANT, 'global.set': CONSUME,
  'table.get': UNARY, 'table.set': arity(2, 0), 'table.size': CONSTANT, 'table.grow': BINARY, 'table.fill': THREE, 'table.copy': THREE, 'table.init': THREE,
  'memory.copy': THREE, 'memory.fill': THREE, 'memory.init': THREE,
  'ref.null': CONSTANT, 'ref.func': CONSTANT, 'ref.is_null': UNARY, 'ref.as_non_null': UNARY, 'ref.eq': BINARY,
  'ref.test': UNARY, 'ref.test null': UNARY, 'ref.cast': UNARY, 'ref.cast null': UNARY, 'ref.i31': UNARY, 'i31.get_s': UNARY, 'i31.get_u': UNARY,
  'any.convert_extern': UNARY, 'extern.convert_any': UNARY,
  'struct.new': (source, [index]) => {
    const type = source.typeAt(index as number);
    return arity(type?.kind === 'struct' ? type.fields.length : 0, 1);
  },
  'struct.new_default': CONSTANT, 'struct.get': UNARY, 'struct.get_s': UNARY, 'struct.get_u': UNARY, 'struct.set': arity(2, 0),
  'array.new': BINARY, 'array.new_default': UNARY, 'array.new_fixed': (_, [, count]) => arity(count as number, 1), 'array.new_data': BINARY, 'array.new_elem': BINARY,
  'array.get': BINARY, 'array.get_s': BINARY, 'array.get_u': BINARY, 'array.set': THREE, 'array.len': UNARY,
  'array.fill': arity(4, 0), 'array.copy': arity(5, 0), 'array.init_data': arity(4, 0), 'array.init_elem': arity(4, 0),
};

export function arityOf({ info, immediates }: Instruction, source: AritySource): Arity {
  if (info.type !== null) return arity(info.type.params.length, info.type.results.length);
  const rule = RULES[info.mnemonic as SpecialMnemonic];
  return typeof rule === 'function' ? rule(source, immediates) : rule;
}

/** Of a structured instruction as a whole. */
export function blockArity(type: BlockType, source: AritySource): Arity {
  if (type === Type.BOTTOM) return NONE;
  if (isReference(type) || !isConcrete(type)) return CONSTANT;
  const composite = functionAt(source, typeIndexOf(type));
  return composite === undefined ? NONE : arity(composite.params.length, composite.results.length);
}
