import { expect, test } from 'vitest';
import { proofFailed, renderProof } from '../../src/proof/index.js';
import type { ProgramResult, ProofReceipt } from '../../src/proof/index.js';

const failed = (id: string, fault: ProgramResult['fault'], detail: string): ProgramResult => ({
  id, title: id, shows: 'a part', language: 'c', fault, detail, sources: [], compilerArgs: [], module: null, output: null, compileMs: 0, runMs: 0,
});
const receipt = (programs: ProgramResult[], source = 'npm'): ProofReceipt => ({
  schema: 1, ok: false, provedAt: '', wasienvVersion: '', nodeVersion: '', host: { platform: '', arch: '' }, parts: [], programs, timings: { compileMs: 0, runMs: 0, totalMs: 0 },
  toolchain: { component: 'portable-clang', version: '22', source, clangVersion: '22', target: 'wasm32-wasip1', digest: '' },
});

test.each<[string, string, string]>([
  ['npm', 'wasm-ld: error: undefined symbol: __multi3', 'the builtins library of compiler-rt is missing or damaged: run `wasienv setup` to repair the installation'],
  ['npm', 'wasm-ld: error: cannot open libclang_rt.builtins.a', 'the builtins library of compiler-rt is missing or damaged: run `wasienv setup` to repair the installation'],
  ['npm', "fatal error: 'stdio.h' file not found", 'the sysroot (libc, crt1, headers) is missing or damaged: run `wasienv setup` to repair the installation'],
  ['npm', 'something else', 'run `wasienv doctor --deep` to see whether files were damaged, `wasienv setup` to repair'],
  // Debian 12: libclang-rt-14-dev-wasm32 with wasi-libc 0.0~git20220510
  ['system', 'x/libclang_rt.builtins-wasm32.a(modti3.c.o): undefined symbol: __stack_chk_guard',
    'the builtins library was built for a libc with a stack protector, and this one has none: mend the packages it comes from, or run `wasienv setup --source npm` for a compiler that does not depend on them'],
  // The portable compiler's libc++ beside clang 16, and Debian's of LLVM 19.
  ['system', "the compiler ended with 1: /h/sysroot/include/c++/v1/__type_traits/aligned_storage.h:41:59: error: use of undeclared identifier '__builtin_clzg'",
    "the sysroot's libc++ is made for another clang, newer or older than this one; C is not affected: take parts from elsewhere (`wasienv setup --clang … --source apt`) or another clang, or run `wasienv setup --source npm` for a compiler that does not depend on them"],
  ['apt', "iostream.cc:9:17: error: implicit instantiation of undefined template 'std::basic_ofstream<char>'", 'this libc++ was built without a file system, and so without std::fstream; all else works: run `wasienv setup` to repair the installation'],
])('advice for a toolchain from %s after %s', (source, detail, next) => {
  expect(proofFailed(receipt([failed('int128', 'compiler', detail)], source), '/r.json').next).toBe(next);
});

test('the interpreter’s own limits are not booked to the compiler', () => {
  expect(proofFailed(receipt([failed('bits', 'interpreter', 'E_UNSUPPORTED: x')]), '/r.json').next).toBe('the compiler is not at fault; report this with the receipt');
});

test('three failures are told in full, the others by name', () => {
  const error = proofFailed(receipt(['a', 'b', 'c', 'd', 'e'].map((id) => failed(id, 'program', `${id} went wrong`))), '/r.json');
  expect(error.message).toBe('5 of 5 proof programs failed with portable-clang 22');
  expect(error.where.map(([label]) => label)).toEqual(['a', '', 'b', '', 'c', '', 'and', 'receipt']);
  expect(error.where.find(([label]) => label === 'and')![1]).toBe('d, e');
});

test('the table says of each program what was seen, and adds up', () => {
  const good = { ...failed('hello', null, ''), title: 'hello on stdout', detail: null, compileMs: 120, runMs: 4 };
  const bad = { ...failed('virtual-calls', 'program', 'stdout line 1: \u001b[2J'), language: 'c++' as const, title: 'virtual calls' };
  expect(renderProof({ ...receipt([good, bad]), timings: { compileMs: 120, runMs: 4, totalMs: 1300 } })).toBe(`\
ok      C    hello on stdout  compiled in 120 ms, run in   4 ms
failed  C++  virtual calls    built, but it does something else
        shows  a part
        saw    stdout line 1: \\x1b[2J

Not proved: 1 of 2 programs failed with clang 22 for wasm32-wasip1 (portable-clang 22); in 1.3 s.`);
  expect(renderProof({ ...receipt([good]), ok: true })).toContain('Proved: 1 program, built by clang 22');
});
