import { describe, expect, test } from 'vitest';
import { judgeVariables, VARIABLES } from '../../src/doctor/variables.js';
import { cleanEnvironment } from '../../src/compiler/environment.js';

const judged = (env: Record<string, string>, platform: NodeJS.Platform = 'linux') => judgeVariables(env, platform);

test('nothing set is one good finding', () => {
  expect(judged({ PATH: '/usr/bin', CC_wasm32_wasip1: 'x', TARGET_CC: 'y', CMAKE_C_COMPILER_LAUNCHER: 'ccache', CFLAGS: '  ', CC: '' })).toEqual([
    { id: 'variables', title: 'environment', status: 'ok', text: 'no variable leaks into cross builds' },
  ]);
});

test('every variable of the issue has a row', () => {
  const named = VARIABLES.map((row) => row.name);
  const asked = ['CC', 'CXX', 'CPP', 'CFLAGS', 'CXXFLAGS', 'CPPFLAGS', 'LDFLAGS', 'CPATH', 'C_INCLUDE_PATH', 'CPLUS_INCLUDE_PATH', 'LIBRARY_PATH', 'SDKROOT', 'MACOSX_DEPLOYMENT_TARGET', 'COMPILER_PATH', 'WASI_SDK_PATH', 'WASI_SYSROOT', 'AR', 'LD', 'RANLIB'];
  expect(asked.filter((name) => !named.includes(name))).toEqual([]);
  expect(new Set(named).size).toBe(named.length);
});

test.each(VARIABLES.map((row) => [row.name, row] as const))('%s: is found, with what each program does, a cause and a command', (name, row) => {
  const [finding, ...more] = judged({ [name]: '/usr/local/something' });
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ id: `variable:${name}`, status: row.harmless === true ? 'note' : 'warning', text: `${name}=/usr/local/something`, next: `unset ${name}` });
  expect(finding!.cause).toBeTruthy();
  expect(finding!.effects!.length).toBeGreaterThan(0);
});

test('rows say that wasienv takes a variable away exactly where it does', () => {
  for (const { name, effects } of VARIABLES) {
    const says = effects.some(({ tool, effect }) => tool === 'wasienv cc' && effect.includes('takes it away'));
    expect([name, says]).toEqual([name, !(name in cleanEnvironment({ [name]: 'x' }))]);
  }
});

describe('a launcher in front of the compiler', () => {
  test.each([
    ['CC', 'ccache clang -Qunused-arguments', 'ccache', 'C'],
    ['CXX', '/usr/bin/sccache g++', 'sccache', 'CXX'],
    ['CC', 'C:\\tools\\ccache.exe clang', 'ccache', 'C'],
  ])('%s=%s', (name, value, launcher, language) => {
    const [finding] = judged({ [name]: value });
    expect(finding!.effects!.map(({ tool }) => tool)).toEqual(['make', 'configure', 'cmake', "cargo's cc crate", 'clang, wasienv cc']);
    expect(finding!.cause).toContain(launcher);
    expect(finding!.next).toBe(`unset ${name}\nexport CMAKE_${language}_COMPILER_LAUNCHER='${launcher}'   # ${launcher} for cmake, whatever the target`);
  });
  test('is not seen where there is none', () => {
    for (const value of ['ccache', '/opt/ccache/bin/clang', 'clang --ccache x']) expect(judged({ CC: value })[0]!.next).toBe('unset CC');
  });
});

test('a value meant for wasm is moved to a name that only wasm builds read', () => {
  expect(judged({ CC: "/opt/wasi-sdk/bin/clang --sysroot='/a b'" })[0]).toMatchObject({
    status: 'note', next: `unset CC\nexport CC_wasm32_wasip1='/opt/wasi-sdk/bin/clang --sysroot='\\''/a b'\\'''`,
  });
  expect(judged({ CFLAGS: '--target=wasm32-wasip1' }, 'win32')[0]!.next).toBe("Remove-Item Env:CFLAGS\n$Env:CFLAGS_wasm32_wasip1 = '--target=wasm32-wasip1'");
});
