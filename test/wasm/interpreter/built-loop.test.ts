// Holds what makes the loop fast, on the code that ships: integer literals in the switch, and a size V8 still optimises.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const dist = path.resolve(import.meta.dirname, '../../../dist/wasm');

test('const enums are inlined: no `case Op.` is left to be looked up', () => {
  const directory = path.join(dist, 'interpreter');
  const built = readdirSync(directory).filter((name) => name.endsWith('.js'));
  expect(built).toContain('loop.js');
  for (const name of built) expect(readFileSync(path.join(directory, name), 'utf8'), name).not.toMatch(/case (Op|Code|VectorOp|AtomicKind|Kind)\./);
  expect(readFileSync(path.join(directory, 'loop.js'), 'utf8')).toMatch(/case \d+ \/\* Op\.I32_ADD \*\/:/);
});

test.each([['run', 20_000], ['vectors', 10_000], ['smallLanes', 5_000]] as const)('%s stays well below the 60 KB of bytecode that V8 optimises', (name, least) => {
  const program = `
    import { instantiate, parse } from ${JSON.stringify(pathToFileURL(path.join(dist, 'index.js')).href)};
    instantiate(parse('(module (func (export "f") (drop (i8x16.abs (v128.const i64x2 0 0)))))')).exports.f();`;
  const printed = execFileSync(process.execPath, ['--print-bytecode', `--print-bytecode-filter=${name}`, '--input-type=module', '--eval', program], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const sizes = Array.from(printed.matchAll(/^Bytecode length: (\d+)$/gm), ([, size]) => Number(size));
  // The largest function of the name is the one; were it renamed, nothing of its size would be found.
  expect(Math.max(...sizes)).toBeGreaterThan(least);
  expect(Math.max(...sizes)).toBeLessThan(50_000);
});
