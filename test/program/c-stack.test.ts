// A C stack that was used up, told apart from other traps, with each layout that linkers make.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runProgram, type ExitStatus } from '../../src/program/index.js';
import { compileGuest } from '../support/toolchain.js';
import { collector } from '../wasi/support.js';

const SOURCE = `
#include <stdlib.h>
#include <string.h>
int table[1000] = { 1, 2, 3 };
__attribute__((noinline)) static int deep(int level) {
  char buffer[400];
  memset(buffer, level, sizeof buffer);
  return level > 100000 ? buffer[0] : deep(level + 1) + buffer[level % 400];
}
__attribute__((noinline)) static int last(const char *buffer, int size) { return buffer[size - 1]; }
__attribute__((noinline)) static int wide(int size) {
  char buffer[100000000];
  memset(buffer, size, sizeof buffer);
  return last(buffer, size);
}
int main(int argc, char **argv) {
  switch (argc > 1 ? argv[1][0] : 0) {
    case 'd': return deep(argc);
    case 'w': return wide(argc);
    case 'n': return *(volatile int *)(table + 0x30000000 - argc);
    default: abort();
  }
}
`;

async function run(what: string, args: readonly string[]): Promise<ExitStatus & { kind: 'trap' }> {
  const file = await compileGuest(SOURCE, { args: ['-O1', ...args] });
  const status = runProgram({ bytes: readFileSync(file), name: 'p.wasm', wasi: { args: ['p', what], env: {}, stdin: { read: () => 0 }, stdout: collector(), stderr: collector(), preopens: [] } });
  if (status.kind !== 'trap') throw new Error(`it ended with ${status.kind}`);
  return status;
}

const KIB64 = ['-Wl,--stack-first', '-Wl,-z,stack-size=65536'];
const MIB1 = ['-Wl,--stack-first', '-Wl,-z,stack-size=1048576'];
const LAST = ['-Wl,--no-stack-first', '-Wl,-z,stack-size=65536'];

test.each([
  ['deep recursion', 'd', KIB64, 65_536, ' of 64 KiB overflowed'],
  ['one large array', 'w', KIB64, 65_536, ' of 64 KiB overflowed'],
  ['deep recursion', 'd', MIB1, 2 ** 20, ' of 1 MiB overflowed'],
  ['without names', 'd', [...MIB1, '-Wl,--strip-all'], 2 ** 20, ' of 1 MiB overflowed'],
  ['deep recursion, data below the stack', 'd', LAST, undefined, ' overflowed, into its data'],
  ['one large array, data below the stack', 'w', LAST, undefined, ' overflowed, into its data'],
])('%s (%s, %j)', async (_how, what, args, sizeBytes, words) => {
  const status = await run(what, args);
  expect(status.overflown?.sizeBytes).toBe(sizeBytes);
  expect(status.name).toBe('out of bounds memory access');
  expect(status.error.message).toBe(`out of bounds memory access: the program's own C stack${words}`);
});

test.each([['a wild pointer', 'n'], ['abort', 'x']])('%s is none', async (_how, what) => {
  for (const args of [KIB64, MIB1, LAST]) {
    const status = await run(what, args);
    expect(status.overflown).toBeUndefined();
    expect(status.error.message).not.toContain('stack');
  }
});
