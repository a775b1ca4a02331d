// `codes.ts` names the codes lowering has rules for; the table of instructions owns them.
import { expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { INSTRUCTIONS } from '../../../src/wasm/instructions.js';
import { Group, Op } from '../../../src/wasm/interpreter/ops.js';
import * as vectorOps from '../../../src/wasm/interpreter/vector-ops.js';

const source = readFileSync(path.resolve(import.meta.dirname, '../../../src/wasm/interpreter/codes.ts'), 'utf8');
const enumeration = /export const enum Code \{([^}]*)\}/.exec(source)![1]!;
const entries = Array.from(enumeration.matchAll(/^ {2}(\w+) = (0x[0-9a-f]+),$/gm), ([, name, code]) => [name!, Number(code)] as const);
const codeOf = new Map(INSTRUCTIONS.map(([mnemonic, code]) => [mnemonic.replace(' (result)', '_typed').replace(/[. ]/g, '_').toUpperCase(), code]));
/** Names of places in the table rather than of instructions. */
const PLACES: Readonly<Record<string, string>> = { FIRST_LOAD: 'I32_LOAD', FIRST_STORE: 'I32_STORE', LAST_STORE: 'I64_STORE32', LAST_NUMERIC: 'I64_EXTEND32_S' };

test('every named code is the one of its instruction', () => {
  expect(entries.length).toBeGreaterThan(50);
  for (const [name, code] of entries) {
    if (name.startsWith('PREFIX_')) continue;
    const expected = codeOf.get(PLACES[name] ?? name);
    expect(expected === undefined ? undefined : expected & 0xffff, name).toBe(code);
  }
});

test('every vector instruction has the operation of its sub-opcode', () => {
  const { VectorOp } = vectorOps as unknown as { readonly VectorOp: Readonly<Record<string, number>> };
  const rows = INSTRUCTIONS.filter(([, code]) => code >>> 16 === 0xfd);
  expect(rows.length).toBeGreaterThan(250);
  for (const [mnemonic, code] of rows) {
    expect(VectorOp[mnemonic.replaceAll('.', '_').toUpperCase()], mnemonic).toBe(Group.VECTOR + (code & 0xffff));
  }
  expect(Op.COUNT).toBeLessThan(Group.VECTOR);
});
