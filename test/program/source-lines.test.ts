// Lines of the source for the calls of a trap: what compilers of three languages write, in both formats that are about, and
// what is left when it is damaged.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { SourceMap } from '../../src/program/debug/source-map.js';
import { loadModule, runProgram, withSourceLines } from '../../src/program/index.js';
import { encode, parse, type Module } from '../../src/wasm/index.js';
import { debianClang } from '../support/debian.js';
import { Random } from '../support/random.js';
import { compileGuest } from '../support/toolchain.js';
import { collector } from '../wasi/support.js';

const C = `
static int divide(int a, int b) {
  return a / b;
}
static int around(int a, int b) {
  return divide(a, b) + 1;
}
int main(int argc, char **argv) {
  (void)argv;
  int zero = argc - 1;
  return around(100, zero);
}
`;
const CXX = `
#include <vector>
namespace shop {
struct Till {
  int total = 100;
  int share(int people) const { return total / people; }
};
template <class T> T twice(T value, int people) { return T(Till{value}.share(people)); }
}
int main(int argc, char **) {
  std::vector<int> people{argc - 1};
  int sum = 0;
  for (int each : people)
    sum += shop::twice(5, each);
  return sum;
}
`;

/** The calls of the trap it ends in: name, file and line, as far as they are told, down to \`main\`. */
async function calls(file: string): Promise<string[]> {
  const module = loadModule(readFileSync(file), file);
  const status = runProgram({ module, name: file, wasi: { args: ['p'], env: {}, stdin: { read: () => 0 }, stdout: collector(), stderr: collector(), preopens: [] } });
  if (status.kind !== 'trap') throw new Error(`it ended with ${status.kind}`);
  const frames = await withSourceLines(status.error.frames, module);
  const shown = frames.map(({ name, file: source, line, column, inlined }) => `${name}${source === undefined ? '' : ` ${path.basename(source)}:${line}:${column}`}${inlined === true ? ' inlined' : ''}`);
  return shown.slice(0, shown.findIndex((each) => /^(?:__main_void|__original_main)/.test(each)));
}

describe('C', () => {
  test.each(['-gdwarf-4', '-gdwarf-5'])('%s: functions, their lines and columns', async (format) => {
    expect(await calls(await compileGuest(C, { args: ['-O0', format] }))).toEqual(['divide guest.c:3:12', 'around guest.c:6:10', 'main guest.c:11:10']);
  });
  test.each(['-gdwarf-4', '-gdwarf-5'])('%s: calls that became part of their callers', async (format) => {
    expect(await calls(await compileGuest(C, { args: ['-O2', format] }))).toEqual(['divide guest.c:3:12 inlined', 'around guest.c:6:10 inlined', 'main guest.c:11:10']);
  });
  test('lines without the rest (-gline-tables-only)', async () => {
    expect(await calls(await compileGuest(C, { args: ['-O2', '-gline-tables-only'] }))).toEqual(['divide guest.c:3:12 inlined', 'around guest.c:6:10 inlined', 'main guest.c:11:10']);
  });
  test('none without -g, and none when it was stripped', async () => {
    expect(await calls(await compileGuest(C, { args: ['-O0'] }))).toEqual(['divide', 'around', 'main']);
    expect(await calls(await compileGuest(C, { args: ['-O0', '-g', '-Wl,--strip-debug'] }))).toEqual(['divide', 'around', 'main']);
  });
});

test.each(['-gdwarf-4', '-gdwarf-5'])('C++ %s: names with their namespaces and classes', async (format) => {
  const found = await calls(await compileGuest(CXX, { language: 'c++', args: ['-O2', format] }));
  expect(found).toEqual(['shop::Till::share guest.cc:6:46 inlined', 'shop::twice<int> guest.cc:8:72 inlined', 'main guest.cc:14:12']);
});

const debian = debianClang(['rust', 'rust-std', 'lld']);
test.skipIf('missing' in debian)(`Rust${'missing' in debian ? ` (skipped: ${debian.missing})` : ''}: rustc 1.63`, async () => {
  if ('missing' in debian) return;
  const directory = mkdtempSync(path.join(tmpdir(), 'wasienv-lines-'));
  try {
    writeFileSync(path.join(directory, 'p.rs'), 'mod bank {\n    #[inline(never)]\n    pub fn share(total: i32, people: &[i32]) -> i32 {\n        unsafe { *people.as_ptr().offset(total as isize * 100_000_000) }\n    }\n}\nfn main() {\n    let n = std::env::args().count() as i32 + 9;\n    println!("{}", bank::share(n, &[1]));\n}\n');
    execFileSync('rustc', ['--target', 'wasm32-wasi', '-g', '-C', 'linker=wasm-ld-14', 'p.rs'], { cwd: directory, env: { ...debian.env }, stdio: 'pipe' });
    const found = await calls(path.join(directory, 'p.wasm'));
    expect(found.some((call) => /share\w* p\.rs:4:\d+$/.test(call))).toBe(true);
    expect(found.some((call) => /main\w* p\.rs:9:\d+$/.test(call))).toBe(true);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

describe('damaged debug information', () => {
  const everyOffset = (module: Module): number[] => module.bodies.flatMap(({ code }) => [code.start, (code.start + code.end) >> 1, code.end - 1]);

  /** Asks everything that can be asked. */
  function askAll(module: Module): number {
    const map = SourceMap.of(module);
    if (map === undefined) return 0;
    let answers = 0;
    for (const offset of everyOffset(module)) answers += map.callsAt(offset).length;
    for (const _ of map.rows()) answers++;
    for (const _ of map.functions()) answers++;
    return answers;
  }

  test.each(['-gdwarf-4', '-gdwarf-5'])('%s: bytes changed, sections cut short or gone: never a failure', async (format) => {
    const module = loadModule(readFileSync(await compileGuest(CXX, { language: 'c++', args: ['-O0', format] })), 'p.wasm');
    expect(askAll(module)).toBeGreaterThan(20);
    const random = new Random(5);
    const isDebug = (name: string): boolean => name.startsWith('.debug_');
    let told = 0;
    const sections = module.customs.filter(({ name }) => isDebug(name));
    for (let round = 0; round < 300; round++) {
      const victims = new Set(round % 3 === 0 ? sections : [random.pick(sections)]);
      const customs = module.customs.map((section) => {
        if (!victims.has(section)) return section;
        const bytes = Uint8Array.from(section.bytes);
        for (let left = 1 + random.below(3); left > 0; left--) bytes[random.below(random.chance(30) ? Math.min(64, bytes.length) : bytes.length)] = random.chance(50) ? random.pick([0, 1, 0x7f, 0x80, 0xff]) : random.below(256);
        return { ...section, bytes: random.chance(20) ? bytes.subarray(0, random.below(bytes.length)) : bytes };
      });
      told += askAll({ ...module, customs: random.chance(10) ? customs.filter(({ name }) => !isDebug(name) || random.chance(70)) : customs }) > 0 ? 1 : 0;
    }
    expect(told).toBeGreaterThan(150);
  });

  test('a module from text has no such lines', () => {
    const module = parse('(module (func (export "_start") unreachable))');
    expect(SourceMap.of({ ...module, customs: [{ name: '.debug_line', bytes: new Uint8Array(9), after: 0 }] })).toBeUndefined();
    expect(encode(module).length).toBeGreaterThan(8);
  });
});
