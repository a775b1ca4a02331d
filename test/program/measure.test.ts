// Profiles and coverage: exact figures, and files that the tools they are for can read.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { coverageOf, lcovText } from '../../src/program/measure/coverage.js';
import { flameGraph, profilePage } from '../../src/program/measure/flame-graph.js';
import { profileOf, type Profile, type ProfiledCall } from '../../src/program/measure/profile.js';
import { speedscopeText } from '../../src/program/measure/speedscope.js';
import { loadModule, runProgram } from '../../src/program/index.js';
import { parse, type Module, type Probes } from '../../src/wasm/index.js';
import { compileGuest } from '../support/toolchain.js';
import { collector } from '../wasi/support.js';

function counted(module: Module): Probes {
  let found: Probes | undefined;
  runProgram({ module, name: 'p.wasm', counting: { profile: true, coverage: true, done: (probes) => (found = probes) }, wasi: { args: ['p'], env: {}, stdin: { read: () => 0 }, stdout: collector(), stderr: collector(), preopens: [] } });
  return found!;
}
const profiled = (text: string): Profile => {
  const module = parse(text);
  return profileOf(counted(module).calls!, module, 'p.wat');
};

// `$work` takes 2 + 5 n instructions; `_start` 4 of its own, `$both` 4.
const TEXT = `(module
  (func $work (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) nop)
  (func $both (call $work (i32.const 10)) (call $work (i32.const 20)))
  (func (export "_start") (call $both) (call $work (i32.const 5)) (call $both)))`;

describe('a profile', () => {
  test('instructions by function, and by chain of calls', () => {
    const { functions, instructions, roots } = profiled(TEXT);
    expect(instructions).toBe(4 + 2 * (4 + 5 * 30) + 5 * 5);
    expect(functions).toEqual([
      { name: '_start', own: 4, calls: 1 },
      { name: 'both', own: 8, calls: 2 },
      { name: 'work', own: 5 * 65, calls: 5 },
    ]);
    const shape = ({ functionAt, own, total, calls, callees }: ProfiledCall): unknown => [functions[functionAt]!.name, own, total, calls, ...callees.map(shape)];
    expect(roots.map(shape)).toEqual([['_start', 4, 337, 1, ['both', 8, 308, 2, ['work', 300, 300, 4]], ['work', 25, 25, 1]]]);
  });

  test('for speedscope: every call opened is closed, within its caller, and weights add up', () => {
    const profile = profiled(TEXT);
    const file = JSON.parse(speedscopeText(profile, 'wasienv')) as { $schema: string; shared: { frames: { name: string }[] }; profiles: { type: string; unit: string; startValue: number; endValue: number; events: { type: string; frame: number; at: number }[] }[] };
    expect(file.$schema).toBe('https://www.speedscope.app/file-format-schema.json');
    const { type, unit, startValue, endValue, events } = file.profiles[0]!;
    expect([type, unit, startValue, endValue]).toEqual(['evented', 'none', 0, profile.instructions]);
    const open: { frame: number; at: number }[] = [];
    let last = 0;
    const sums = new Map<string, number>();
    for (const { type: kind, frame, at } of events) {
      expect(at).toBeGreaterThanOrEqual(last);
      last = at;
      if (kind === 'O') open.push({ frame, at });
      else {
        const opened = open.pop()!;
        expect(opened.frame).toBe(frame);
        sums.set(file.shared.frames[frame]!.name, (sums.get(file.shared.frames[frame]!.name) ?? 0) + at - opened.at);
      }
    }
    expect(open).toEqual([]);
    expect(Object.fromEntries(sums)).toEqual({ _start: 337, both: 308, work: 325 });
  });

  test('as a picture: a box for each call, a script that is one, and names that can do no harm', () => {
    const profile = profiled(TEXT.replaceAll('$work', '$"<script>alert(1)</script>\\27\\22&"'));
    for (const text of [flameGraph(profile), profilePage(profile)]) {
      expect(text.match(/<g class="call"/g)).toHaveLength(5);
      expect(text).not.toContain('<script>alert');
      expect(text).toContain('&#60;script&#62;alert(1)&#60;/script&#62;&#39;&#34;&#38;');
      const script = /<script><!\[CDATA\[([\s\S]*?)\]\]><\/script>/.exec(text)![1]!;
      expect(() => new Function(script)).not.toThrow();
      expect(text.match(/<script/g)).toHaveLength(1);
    }
  });

  test('of a program that does nothing', () => {
    const profile = profiled('(module (func (export "_start")))');
    expect(profile.instructions).toBe(0);
    expect(flameGraph(profile)).not.toContain('NaN');
    expect(JSON.parse(speedscopeText(profile, 'wasienv'))).toMatchObject({ profiles: [{ endValue: 0, events: [] }] });
  });
});

const SOURCE = `
#include <stdio.h>
static int is_prime(int n) {
  for (int d = 2; d * d <= n; d++)
    if (n % d == 0)
      return 0;
  return n > 1;
}
static void never(void) {
  puts("never");
}
int main(int argc, char **argv) {
  int primes = 0;
  for (int i = 0; i < 100; i++)
    primes += is_prime(i);
  if (argc > 5)
    never();
  (void)argv;
  return primes == 25 ? 0 : 1;
}
`;

describe('coverage', () => {
  test.each([['-O0'], ['-O1', '-fno-inline']])('%j: how often each line was run', async (...args) => {
    const module = loadModule(readFileSync(await compileGuest(SOURCE, { args: [...args, '-g'] })), 'p.wasm');
    const files = coverageOf(counted(module), module, (file) => file.endsWith('guest.c'))!;
    expect(files).toHaveLength(1);
    const count = Object.fromEntries(files[0]!.lines);
    expect([count[3], count[10], count[12], count[15], count[17], count[19]]).toEqual([100, 0, 1, 100, 0, 1]);
    // A hundred numbers; 25 primes, and 0 and 1, come to the end. Optimised, the line is part of another.
    if (args.includes('-O0')) expect(count[7]).toBe(27);
    expect(files[0]!.functions.map(({ name, line, count: entered }) => [name, line, entered]).sort()).toEqual([['is_prime', 3, 100], ['main', 12, 1], ['never', 9, 0]]);
  });

  const genhtml = spawnSync('genhtml', ['--version']).error === undefined;
  test.skipIf(!genhtml)(`genhtml reads it${genhtml ? '' : ' (skipped: genhtml is not here; Debian has it in lcov)'}`, async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'wasienv-lcov-'));
    try {
      const source = path.join(directory, 'guest.c');
      writeFileSync(source, SOURCE);
      const module = loadModule(readFileSync(await compileGuest(SOURCE, { args: ['-O0', '-g'] })), 'p.wasm');
      const files = coverageOf(counted(module), module, (file) => file.endsWith('guest.c'))!;
      writeFileSync(path.join(directory, 'c.info'), lcovText(files.map((file) => ({ ...file, path: source }))));
      const said = execFileSync('genhtml', ['c.info', '-o', 'html'], { cwd: directory, encoding: 'utf8' });
      expect(said).toMatch(/functions\.*: 66\.7% \(2 of 3/);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test('a module without lines has none', () => {
    const module = parse(TEXT);
    expect(coverageOf(counted(module), module, () => true)).toBeUndefined();
  });
});
