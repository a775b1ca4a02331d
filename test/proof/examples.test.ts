// The examples that README shows, each built the way README builds it and run on the interpreter.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Collector } from '../../src/compiler/index.js';
import { loadModule, runProgram } from '../../src/program/index.js';
import { parse, validate, type Module } from '../../src/wasm/index.js';
import { compileGuest } from '../support/toolchain.js';

const example = (name: string): string => path.resolve(import.meta.dirname, '../../examples', name);

function run(name: string, module: Module): { end: unknown; stdout: string; stderr: string } {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const end = runProgram({ module, name, wasi: { args: [name], env: {}, stdin: { read: () => 0 }, stdout, stderr, preopens: [] } });
  return { end, stdout: stdout.text(), stderr: stderr.text() };
}

test.each([
  ['first.c', 'First wasi...\n'],
  ['first.cc', 'First wasi in C++...\n'],
])('%s', async (name, stdout) => {
  const module = loadModule(readFileSync(await compileGuest({ file: example(name) })), name);
  expect(run(name, module)).toEqual({ end: { kind: 'exit', code: 0 }, stdout, stderr: '' });
});

test('first.wat', () => {
  const module = parse(readFileSync(example('first.wat'), 'utf8'));
  validate(module);
  expect(run('first.wat', module)).toEqual({ end: { kind: 'exit', code: 0 }, stdout: 'First wasi in WAT...\n', stderr: '' });
});
