// Modules made to hurt whoever looks at them: what is wrong in them is for `validate` to tell, and nothing in them may make
// looking take longer than their size.
import { expect, test } from 'vitest';
import { describeModule } from '../../src/inspect/about/describe.js';

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]);
const section = (id: number, content: Uint8Array): Uint8Array => Buffer.concat([Uint8Array.of(id, ...leb(content.length)), content]);
const list = (items: readonly (readonly number[])[]): Uint8Array => Buffer.from([...leb(items.length), ...items.flat()]);
const describeBytes = (...parts: readonly (readonly number[] | Uint8Array)[]) => describeModule(new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(part)))), 'm.wasm').description;

test.each([0, 1, 2, 3, 4])('an export of kind %i that leads nowhere', (kind) => {
  expect(describeBytes(HEADER, section(7, list([[1, 0x61, kind, 9]]))).exports).toEqual([{ name: 'a', kind: expect.any(String), type: '?' }]);
});

// Each of the two would take half an hour if every export were looked up in a list of its own.
test('as many exports as imports', () => {
  const names = Array.from({ length: 60_000 }, (_, index) => [...Buffer.from(index.toString(36).padStart(4, '0'))]);
  const types = section(1, Uint8Array.of(1, 0x60, 0, 0));
  const imports = section(2, list(names.map((name) => [1, 0x6d, 4, ...name, 0, 0])));
  const exports = section(7, list(names.map((name, index) => [4, ...name, 0, ...leb(index)])));
  expect(describeBytes(HEADER, types, imports, exports).exports).toHaveLength(60_000);
  const memories = section(5, list(names.map(() => [0, 1])));
  const exported = section(7, list(names.map((name, index) => [4, ...name, 2, ...leb(index)])));
  expect(describeBytes(HEADER, memories, exported).memories.at(-1)!.exportedAs).toEqual(['1aan']);
});

test('a function of very many parameters is told by the first of them and their count', () => {
  const text = `(module (import "m" "f" (func (param ${'i32 '.repeat(1000)}))))`;
  expect(describeModule(new TextEncoder().encode(text), 'm.wat').description.imports[0]!.type).toMatch(/^\((i32, ){63}i32, … 1000 in all\) -> \(\)$/);
});

test('a component of letters that could each begin the name of an interface', () => {
  const bytes = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...Buffer.from(`${'a-'.repeat(300_000)} wasi:cli/run@0.2.0`)];
  expect(describeBytes(bytes).imports).toEqual([{ module: 'wasi:cli', name: 'run@0.2.0', kind: 'interface', type: 'interface', capability: 'components' }]);
});
