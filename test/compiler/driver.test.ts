// Reading clang's plan of its jobs, and deciding what may run together. Pure.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dependsOn, isSingleJob, outputOf, parseDriverAnswer } from '../../src/compiler/driver.js';
import { batches, withoutPermissionComplaints } from '../../src/compiler/portable/run.js';

const BANNER = 'clang version 22.1.0 (https://example.test/llvm 9560ae0)\nTarget: wasm32-unknown-wasip1\nThread model: posix\nInstalledDir: \nBuild config: +assertions\n';
/** As llvm::sys::printArg quotes. */
const printed = (words: readonly string[]) => words.map((word) => ` "${word.replace(/["\\$]/g, (found) => `\\${found}`)}"`).join('') + '\n';

describe('parseDriverAnswer', () => {
  test('takes banner, diagnostics and jobs apart', () => {
    const text = `clang: warning: argument unused during compilation: '-s'\n${BANNER}clang: error: no such file or directory: 'b c.c'\n${printed(['', 'clang', '-cc1', 'a.c'])}${printed(['wasm-ld', '-o', 'x'])}`;
    expect(parseDriverAnswer(text)).toEqual({
      jobs: [['clang', '-cc1', 'a.c'], ['wasm-ld', '-o', 'x']],
      banner: BANNER,
      diagnostics: "clang: warning: argument unused during compilation: '-s'\nclang: error: no such file or directory: 'b c.c'\n",
    });
  });

  test('a diagnostic that looks like a line of the banner is one', () => {
    const text = `Target: mine\n${BANNER}clang: note: x\nTarget: theirs\n`;
    expect(parseDriverAnswer(text)).toEqual({ jobs: [], banner: BANNER, diagnostics: 'Target: mine\nclang: note: x\nTarget: theirs\n' });
  });

  test('every argument comes back as it was', () => {
    const argument = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.constantFrom('"', '\\', '$', ' ', '\n', 'a') }));
    fc.assert(
      fc.property(fc.array(fc.array(argument, { minLength: 1, maxLength: 5 }), { maxLength: 4 }), (lists) => {
        const jobs = lists.map((words) => ['prog', ...words]);
        expect(parseDriverAnswer(BANNER + jobs.map(printed).join('')).jobs).toEqual(jobs);
      }),
    );
  });

  test('a line it does not understand is a fault of ours, not skipped', () => {
    expect(() => parseDriverAnswer(' "clang" -cc1\n')).toThrow(expect.objectContaining({ code: 'E_INTERNAL' }));
    expect(() => parseDriverAnswer(' "clang')).toThrow(expect.objectContaining({ code: 'E_INTERNAL' }));
  });
});

test.each<[string, boolean]>([
  ['-c a.c', true], ['-O2 -g -c a.cc -o b.o -MD -MF d', true], ['-S a.cpp', true], ['-E a.c', true], ['-fsyntax-only a.c', true], ['-c -x c -', true],
  ['--version', true], ['-print-resource-dir', true],
  // two jobs, or not certainly one
  ['a.c', false], ['-c a.c b.c', false], ['-c a.S', false], ['-c a.s', false], ['-c @args', false], ['-save-temps -c a.c', false], ['--save-temps=obj -c a.c', false],
  ['-c -fno-integrated-as a.c', false], ['-c -x assembler-with-cpp a.x', false], ['-c -gsplit-dwarf a.c', false], ['-c', false], ['-o x a.o', false], ['-c unknown', false],
  // an option wasienv does not know takes its value for an input, and the answer is the slow one
  ['-c --unheard-of value a.c', false],
])('one job: %s', (typed, wanted) => {
  expect(isSingleJob(typed.split(' '))).toBe(wanted);
});

test('jobs run together until one needs the output of another, or the standard streams', () => {
  const a = ['clang', '-cc1', '-o', 't/a.o', 'a.c'];
  const b = ['clang', '-cc1', '-o', 't/b.o', 'b.c'];
  const input = ['clang', '-cc1', '-o', 't/c.o', '-x', 'c', '-'];
  const link = ['wasm-ld', 't/a.o', 't/b.o', '-o', 'x'];
  expect(batches([a, b, link])).toEqual([[a, b], [link]]);
  expect(batches([a, input, b, link])).toEqual([[a], [input], [b], [link]]);
  const again = ['clang', '-cc1', '-o', 't/a.o', 'sub/a.c'];
  expect(batches([a, b, again])).toEqual([[a, b], [again]]);
  expect(batches([])).toEqual([]);
  expect([outputOf(a), outputOf(['clang', '-E'])]).toEqual(['t/a.o', undefined]);
  expect([dependsOn(link, new Set(['t/b.o'])), dependsOn(link, new Set(['t/c.o']))]).toEqual([true, false]);
});

test('only the complaint about permissions is taken from llvm-strip', () => {
  const complaint = "llvm-strip: error: 'a b.wasm': Function not implemented\n";
  expect(withoutPermissionComplaints(complaint + complaint)).toEqual({ rest: '', complaints: 2 });
  expect(withoutPermissionComplaints(`${complaint}llvm-strip: error: 'x': No such file or directory\n`)).toEqual({ rest: "llvm-strip: error: 'x': No such file or directory\n", complaints: 1 });
});
