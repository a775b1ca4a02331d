// Equality and subtyping of types, within a module and across modules.
import { describe, expect, test } from 'vitest';
import { parse } from '../../../src/wasm/text/parse.js';
import { concreteHeap, referenceTo, Type, type SubType } from '../../../src/wasm/types.js';
import { canonicalType, TypeRegistry } from '../../../src/wasm/validate/type-registry.js';
import { validate } from '../../../src/wasm/validate/validate.js';

const idsOf = (registry: TypeRegistry, text: string): number[] => {
  const module = parse(`(module ${text})`);
  validate(module);
  return [...registry.addModule(module)];
};

describe('equality', () => {
  test('is by shape, across modules too', () => {
    const registry = new TypeRegistry();
    const [a, b, c] = idsOf(registry, '(type (func (param i32))) (type (func (param i64))) (type (func (param i32)))');
    const [other] = idsOf(registry, '(type (func (param i64)))');
    expect([a === c, a === b, b === other]).toEqual([true, false, true]);
  });

  test('of groups is equality of whole groups', () => {
    const registry = new TypeRegistry();
    const ids = idsOf(
      registry,
      `(rec (type $a (func (result (ref $b)))) (type $b (func (param (ref $a)))))
       (rec (type $c (func (result (ref $d)))) (type $d (func (param (ref $c)))))
       (rec (type $e (func (result (ref $f)))) (type $f (func (param (ref $a)))))
       (type $g (func (result (ref $b))))`,
    );
    expect([ids[0] === ids[2], ids[1] === ids[3], ids[0] === ids[4], ids[0] === ids[6]]).toEqual([true, true, false, false]);
  });

  test('tells final from open, mutable from not, i8 from i16, and references outside a group by what they are', () => {
    const registry = new TypeRegistry();
    const ids = idsOf(
      registry,
      `(type (struct (field i8))) (type (sub (struct (field i8)))) (type (struct (field (mut i8)))) (type (struct (field i16)))
       (type $x (array i32)) (type $y (array i64)) (type (array (ref $x))) (type (array (ref $y))) (type (array (ref null $x)))`,
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('subtyping', () => {
  test('follows declarations', () => {
    const registry = new TypeRegistry();
    const [a, b, c, d] = idsOf(registry, '(type $a (sub (struct))) (type $b (sub $a (struct (field i32)))) (type $c (sub $b (struct (field i32) (field i32)))) (type $d (sub $a (struct (field i32))))') as [number, number, number, number];
    expect([registry.isSubtype(c, a), registry.isSubtype(c, b), registry.isSubtype(a, c), registry.isSubtype(c, c)]).toEqual([true, true, false, true]);
    // Looks like $b and is declared like $b: it is $b.
    expect(d).toBe(b);
  });

  test('of canonical value types knows abstract types', () => {
    const registry = new TypeRegistry();
    const [struct, func] = idsOf(registry, '(type (struct)) (type (func))') as [number, number];
    const to = (id: number, nullable: boolean): number => referenceTo(concreteHeap(id), nullable);
    expect(registry.matches(to(struct, false), Type.ANYREF)).toBe(true);
    expect(registry.matches(to(struct, false), Type.FUNCREF)).toBe(false);
    expect(registry.matches(to(func, true), Type.FUNCREF)).toBe(true);
    expect(registry.matches(Type.FUNCREF, to(func, true))).toBe(false);
    expect(registry.matches(Type.BOTTOM, to(func, false))).toBe(true);
    expect(registry.matches(Type.BOTTOM_REFERENCE, to(func, false))).toBe(true);
    expect(registry.matches(Type.BOTTOM_REFERENCE, Type.I32)).toBe(false);
    expect(canonicalType(referenceTo(concreteHeap(1), true), Int32Array.of(5, 9))).toBe(to(9, true));
  });

  test('finds its way in chains of a hundred thousand', () => {
    const length = 100_000;
    const types: SubType[] = Array.from({ length }, (_, index) => ({ final: false, supertypes: index === 0 ? [] : [index - 1], composite: { kind: 'struct', fields: [] } }));
    const registry = new TypeRegistry();
    const ids = registry.addModule({ types, groups: types.map((_, start) => ({ start, count: 1 })) });
    for (const [sub, sup] of [[length - 1, 0], [length - 1, length / 2], [777, 776], [65_536, 1]] as const) {
      expect([registry.isSubtype(ids[sub]!, ids[sup]!), registry.isSubtype(ids[sup]!, ids[sub]!)]).toEqual([true, false]);
    }
    const grouped = new TypeRegistry();
    const together = grouped.addModule({ types, groups: [{ start: 0, count: length }] });
    expect(grouped.isSubtype(together[length - 1]!, together[0]!)).toBe(true);
  });
});
