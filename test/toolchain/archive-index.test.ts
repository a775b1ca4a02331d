// The index of static libraries: read, and written with an object more.
import { describe, expect, test } from 'vitest';
import { definedSymbols, withObject } from '../../src/toolchain/archive-index.js';

const header = (name: string, size: number): string => `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(size).padEnd(10)}\`\n`;

/** An archive of one member that defines `symbols`, as llvm-ar writes it. */
function archive(symbols: readonly string[], member: string): Buffer {
  const names = symbols.map((symbol) => `${symbol}\0`).join('');
  const indexSize = 4 + 4 * symbols.length + names.length;
  const padded = indexSize + (indexSize % 2);
  const index = Buffer.alloc(padded);
  index.writeUInt32BE(symbols.length, 0);
  symbols.forEach((_, at) => index.writeUInt32BE(8 + 60 + padded, 4 + 4 * at));
  index.write(names, 4 + 4 * symbols.length, 'latin1');
  return Buffer.concat([Buffer.from(`!<arch>\n${header('/', padded)}`), index, Buffer.from(header('a.o/', member.length) + member + (member.length % 2 === 1 ? '\n' : ''))]);
}

/** Each symbol with the bytes its offset leads to. */
function membersOf(bytes: Buffer): Record<string, string> {
  const count = bytes.readUInt32BE(68);
  const names = bytes.toString('latin1', 72 + 4 * count).split('\0');
  return Object.fromEntries(Array.from({ length: count }, (_, at) => {
    const offset = bytes.readUInt32BE(72 + 4 * at);
    const size = Number(bytes.toString('latin1', offset + 48, offset + 58));
    return [names[at]!, `${bytes.toString('latin1', offset, offset + 16).trim()} ${bytes.toString('latin1', offset + 60, offset + 60 + size)}`];
  }));
}

describe('an archive with an object more', () => {
  for (const [old, added] of [['even', 'more'], ['odd', 'ext'], ['even', 'ext'], ['odd', 'more']] as const) {
    test(`${old} beside ${added}: every symbol still leads to its member`, () => {
      const before = archive(['__multi3', '__lshrti3'], old);
      const after = withObject(before, 'guard.o', Buffer.from(added), ['one', 'three'])!;
      expect(membersOf(after)).toEqual({ __multi3: `a.o/ ${old}`, __lshrti3: `a.o/ ${old}`, one: `guard.o/ ${added}`, three: `guard.o/ ${added}` });
      expect([...definedSymbols(after)!]).toEqual(['__multi3', '__lshrti3', 'one', 'three']);
      expect(after.length % 2).toBe(0);
    });
  }

  test('what is no such archive is left alone', () => {
    const cut = archive(['a'], 'member').subarray(0, 70);
    const noIndex = Buffer.from(`!<arch>\n${header('a.o/', 4)}abcd`);
    for (const bytes of [Buffer.alloc(0), Buffer.from('!<arch>\n'), Buffer.from('!<thin>\n'.padEnd(80)), cut, noIndex]) {
      expect(definedSymbols(bytes)).toBeNull();
      expect(withObject(bytes, 'x.o', Buffer.from('x'), ['x'])).toBeNull();
    }
  });

  test('an index that counts more symbols than it holds is not believed', () => {
    const bytes = archive(['a'], 'member');
    bytes.writeUInt32BE(0x3fffffff, 68);
    expect(definedSymbols(bytes)).toBeNull();
  });
});
