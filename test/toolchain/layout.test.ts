// Where things are: the dialects of releases as data, compared with what an archive holds, and put together. Tables.
import { describe, expect, test } from 'vitest';
import { absoluteLayout, assemble, layoutOn, settleLayout } from '../../src/toolchain/layout.js';
import { loadManifests, manifestsDirectory, parseLayouts } from '../../src/toolchain/manifest.js';
import type { ComponentLayout } from '../../src/toolchain/types.js';

const SDK: ComponentLayout = {
  sysroot: 'share/wasi-sysroot', resourceDir: 'lib/clang/15.0.7', builtins: 'lib/clang/15.0.7/lib/wasi/libclang_rt.builtins-wasm32.a', target: 'wasm32-wasi',
  programs: { kind: 'native', tools: { clang: 'bin/clang', 'clang++': 'bin/clang++', 'wasm-ld': 'bin/wasm-ld', ar: 'bin/llvm-ar', strip: 'bin/llvm-strip' } },
};
const FILES = [
  'bin/clang', 'bin/clang++', 'bin/wasm-ld', 'bin/llvm-ar', 'lib/clang/15.0.7/include/stddef.h', 'lib/clang/15.0.7/lib/wasi/libclang_rt.builtins-wasm32.a',
  'share/wasi-sysroot/include/stdio.h', 'share/wasi-sysroot/lib/wasm32-wasi/libc.a', 'share/wasi-sysroot/lib/wasm32-wasi/crt1.o',
];
const settle = (layout: ComponentLayout, files: readonly string[]) => settleLayout(layout, new Set(files));

describe('settleLayout', () => {
  test('keeps what fits, leaves out lesser tools that are not there, and names the key files', () => {
    const { strip: _, ...tools } = (SDK.programs as { tools: Record<string, string> }).tools;
    expect(settle(SDK, FILES)).toEqual({
      layout: { ...SDK, programs: { kind: 'native', tools } },
      keyFiles: [
        'bin/clang', 'bin/clang++', 'bin/wasm-ld', 'lib/clang/15.0.7/include/stddef.h', 'share/wasi-sysroot/include/stdio.h',
        'share/wasi-sysroot/lib/wasm32-wasi/libc.a', 'share/wasi-sysroot/lib/wasm32-wasi/crt1.o', 'lib/clang/15.0.7/lib/wasi/libclang_rt.builtins-wasm32.a',
      ],
    });
  });

  test('a resource directory of another number is taken when it is the only one, builtins with it', () => {
    const other = FILES.map((file) => file.replace('15.0.7', '15'));
    expect(settle(SDK, other)).toMatchObject({ layout: { resourceDir: 'lib/clang/15', builtins: 'lib/clang/15/lib/wasi/libclang_rt.builtins-wasm32.a' } });
    expect(settle(SDK, [...other, 'lib/clang/16/include/stddef.h'])).toMatchObject({ missing: expect.arrayContaining(['lib/clang/15.0.7/include/stddef.h']) });
  });

  test.each([
    ['bin/clang', ['bin/clang']],
    ['share/wasi-sysroot/include/stdio.h', ['share/wasi-sysroot/include/wasm32-wasi/stdio.h or share/wasi-sysroot/include/stdio.h']],
    ['share/wasi-sysroot/lib/wasm32-wasi/crt1.o', ['share/wasi-sysroot/lib/wasm32-wasi/crt1-command.o or share/wasi-sysroot/lib/wasm32-wasi/crt1.o']],
    ['lib/clang/15.0.7/lib/wasi/libclang_rt.builtins-wasm32.a', ['lib/clang/15.0.7/lib/wasi/libclang_rt.builtins-wasm32.a']],
  ])('without %s it says what it looked for', (file, missing) => {
    expect(settle(SDK, FILES.filter((each) => each !== file))).toEqual({ missing });
  });

  test('parts alone: a sysroot at the top, builtins, Rust', () => {
    const files = ['include/wasm32-wasip1/stdio.h', 'lib/wasm32-wasip1/libc.a', 'lib/wasm32-wasip1/crt1-command.o', 'lib/wasm32-wasip1/crt1.o'];
    expect(settle({ sysroot: '', target: 'wasm32-wasip1' }, files)).toMatchObject({ keyFiles: files.slice(0, 3) });
    expect(settle({ rustStd: '', target: 'wasm32-wasip1' }, ['lib/rustlib/wasm32-wasip1/lib/libstd-0a1b.rlib'])).toMatchObject({ keyFiles: ['lib/rustlib/wasm32-wasip1/lib/libstd-0a1b.rlib'] });
    expect(settle({ rustStd: '', target: 'wasm32-wasi' }, ['lib/rustlib/wasm32-wasip1/lib/libstd-0a1b.rlib'])).toEqual({ missing: ['lib/rustlib/wasm32-wasi/lib/libstd-*.rlib'] });
  });
});

test('programs end in .exe on Windows, and only there', () => {
  expect(layoutOn('win32', SDK).programs).toMatchObject({ tools: { clang: 'bin/clang.exe', 'clang++': 'bin/clang++.exe', 'wasm-ld': 'bin/wasm-ld.exe' } });
  expect(layoutOn('win32', layoutOn('win32', SDK))).toEqual(layoutOn('win32', SDK));
  expect(layoutOn('linux', SDK)).toBe(SDK);
});

describe('assemble', () => {
  const own = absoluteLayout(SDK, '/sdk');
  const sysroot = absoluteLayout({ sysroot: '', target: 'wasm32-wasip1', targets: ['wasm32-wasip1', 'wasm32-wasi'], exceptionVariants: true }, '/sysroot');
  const builtins = absoluteLayout({ builtins: 'b.a', target: 'wasm32-wasip1' }, '/builtins');
  const bare: ComponentLayout = { programs: own.programs!, resourceDir: '/usr/lib/clang' };

  test("a compiler's own parts come first", () => {
    expect(assemble(own, { sysroot, builtins })).toEqual(own);
  });

  test('what it lacks comes from other components, and targets are called as the sysroot calls them', () => {
    expect(assemble(bare, { sysroot, builtins })).toEqual({
      ...bare, sysroot: '/sysroot', builtins: '/builtins/b.a', target: 'wasm32-wasip1', targets: ['wasm32-wasip1', 'wasm32-wasi'], exceptionVariants: true,
    });
  });

  test.each([
    ['sysroot', bare, { builtins }],
    ['builtins', bare, { sysroot }],
    ['resourceDir', { programs: own.programs! }, { sysroot, builtins }],
    ['programs', sysroot, {}],
  ] as const)('says that nobody brings %s', (missing, compiler, parts) => expect(assemble(compiler, parts)).toBe(missing));
});

describe('the layouts that ship', () => {
  test('every release from 5 to 34 has one, and each host finds its programs by their name there', async () => {
    const { releases } = (await loadManifests(manifestsDirectory({}))).get('wasi-sdk')!;
    expect(new Set(releases.map((release) => release.version))).toEqual(new Set(Array.from({ length: 30 }, (_, index) => `${index + 5}.0`)));
    for (const { hosts, layout } of releases) {
      const tools = (layout.programs as { tools: Record<string, string> }).tools;
      expect(tools['clang']).toBe(hosts[0]!.startsWith('win32') ? 'bin/clang.exe' : 'bin/clang');
      expect(layout.builtins!.startsWith(`${layout.resourceDir}/lib/`)).toBe(true);
    }
  });

  test('a list of tools that is not there is refused', () => {
    expect(() => parseLayouts('{"schema":1,"tools":{},"layouts":{"x":{"target":"wasm32-wasi","programs":"llvm"}}}', 'l.json')).toThrowError(expect.objectContaining({ code: 'E_MANIFEST', message: expect.stringContaining('llvm') }));
  });
});
