// A program of vector intrinsics, compiled by the installed toolchain: the interpreter computes what plain C computes, and
// prints what the host's engine prints.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { decode, readInstruction, Reader } from '../../src/wasm/index.js';
import { hostFeatures } from '../support/host-features.js';
import { compileGuest } from '../support/toolchain.js';
import { ENGINES } from '../wasi/engines.js';
import { collector } from '../wasi/support.js';

const KERNELS = ['blend', 'find', 'hex', 'bits', 'polynomial', 'convert', 'mix64', 'chacha20'];

/** Different vector instructions in a module's code. */
function vectorInstructions(bytes: Uint8Array, feature: string): number {
  const found = new Set<string>();
  for (const { code } of decode(bytes).bodies) {
    const reader = new Reader(code.bytes, code.start, code.end);
    while (reader.position < code.end) {
      const { info } = readInstruction(reader);
      if (info.feature === feature) found.add(info.mnemonic);
    }
  }
  return found.size;
}

test.each([
  { feature: 'simd', args: ['-O2', '-msimd128'], least: 40, kernels: KERNELS },
  // Not optimised: every vector through memory, in and out of locals and calls.
  { feature: 'simd', args: ['-O0', '-msimd128'], least: 40, kernels: KERNELS },
  { feature: 'relaxed-simd', args: ['-O2', '-msimd128', '-mrelaxed-simd'], least: 2, kernels: [...KERNELS, 'relaxed'] },
] as const)('$feature, $args', async ({ feature, args, least, kernels }) => {
  const bytes = fs.readFileSync(await compileGuest({ file: path.join(import.meta.dirname, 'guests', 'vectors.c') }, { args }));
  expect(vectorInstructions(bytes, feature)).toBeGreaterThanOrEqual(least);
  // A host that lacks the feature is not asked.
  const engines = ENGINES.filter(({ name }) => name === 'the interpreter' || hostFeatures().has(feature));
  const outputs = engines.map(({ run }) => {
    const stdout = collector();
    const code = run(bytes, { args: ['vectors.wasm'], env: {}, stdin: { read: () => 0 }, stdout, stderr: collector(), preopens: [] });
    return { code, stdout: stdout.text() };
  });
  for (const { code, stdout } of outputs) {
    expect(stdout.trimEnd().split('\n').map((line) => line.replace(/ [0-9a-f]{8}$/, ''))).toEqual(kernels.map((name) => `${name.padEnd(10)} same`));
    expect(code).toBe(0);
    expect(stdout).toBe(outputs[0]!.stdout);
  }
});
