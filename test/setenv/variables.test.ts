// The list of variables, the quoting of each shell, and what `--diff` tells: all pure, for every platform.
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { SHIMS, SHIM_PREFIXES, environmentChanges, environmentOf, environmentScripts, renderEnvironment, shimFile, useLine, type ToolEnvironment } from '../../src/toolchain/setenv/index.js';
import { posixPath } from '../../src/toolchain/setenv/posix.js';
import { posixQuote } from '../../src/base/quote.js';
import { cmdValue, fishQuote, nuQuote, powershellQuote } from '../../src/toolchain/setenv/quote.js';
import { homeIsNamed } from '../../src/toolchain/index.js';
import { wasienvError } from '../support/toolchain.js';
import { PORTABLE, native } from './toolchains.js';

const linux = { home: '/home/u/w', homeIsNamed: false, platform: 'linux', bare: false } as const;
const valuesOf = ({ variables }: ToolEnvironment): Record<string, string> => Object.fromEntries(variables.map(({ name, value }) => [name, value]));

describe('the environment of a toolchain', () => {
  test('names the target in every variable but those that are ours or the SDK’s', () => {
    const environment = environmentOf({ ...linux, toolchain: PORTABLE });
    expect(valuesOf(environment)).toEqual({
      WASI_SYSROOT: '/home/u/w/components/p/usr',
      ...Object.fromEntries(['wasm32_wasip1', 'wasm32_wasi'].flatMap((target) => [
        [`CC_${target}`, '/home/u/w/env/bin/wasm32-wasip1-clang'],
        [`CXX_${target}`, '/home/u/w/env/bin/wasm32-wasip1-clang++'],
        [`AR_${target}`, '/home/u/w/env/bin/wasm32-wasip1-ar'],
        [`RANLIB_${target}`, '/home/u/w/env/bin/wasm32-wasip1-ranlib'],
        [`NM_${target}`, '/home/u/w/env/bin/wasm32-wasip1-nm'],
        [`CFLAGS_${target}`, '--target=wasm32-wasip1'],
        [`CXXFLAGS_${target}`, '--target=wasm32-wasip1'],
        [`BINDGEN_EXTRA_CLANG_ARGS_${target}`, '--target=wasm32-wasip1 --sysroot=/home/u/w/components/p/usr -fvisibility=default'],
        [`CARGO_TARGET_${target.toUpperCase()}_LINKER`, '/home/u/w/env/bin/wasm32-wasip1-rust-wasm-ld'],
        [`CARGO_TARGET_${target.toUpperCase()}_RUNNER`, 'wasm32-wasip1-run'],
      ])),
    });
    expect(environment).toMatchObject({ path: ['/home/u/w/env/bin'], separator: ':', notes: [] });
  });

  test('bare adds the names that builds for the host read too, and a second directory', () => {
    const plain = environmentOf({ ...linux, toolchain: PORTABLE });
    const bare = environmentOf({ ...linux, toolchain: PORTABLE, bare: true });
    expect(bare.variables.slice(0, plain.variables.length)).toEqual(plain.variables);
    expect(bare.variables.slice(plain.variables.length).map(({ name }) => name)).toEqual(['CC', 'CXX', 'AR', 'RANLIB', 'NM', 'LD', 'STRIP', 'OBJDUMP', 'SIZE']);
    expect(bare.path).toEqual(['/home/u/w/env/bin', '/home/u/w/env/bare']);
  });

  test('WASI_SDK_PATH only where the toolchain has that shape', () => {
    expect(valuesOf(environmentOf({ ...linux, toolchain: native('/opt/wasi-sdk') }))['WASI_SDK_PATH']).toBe('/opt/wasi-sdk');
    expect(valuesOf(environmentOf({ ...linux, toolchain: native('/usr/lib/llvm-19', { sysroot: '/usr' }) }))['WASI_SDK_PATH']).toBeUndefined();
    expect(valuesOf(environmentOf({ ...linux, toolchain: native('/usr', { names: { clang: 'clang-19' } }) }))['WASI_SDK_PATH']).toBeUndefined();
  });

  test('tools that the toolchain lacks are not named', () => {
    const names = Object.keys(valuesOf(environmentOf({ ...linux, bare: true, toolchain: native('/usr', { names: { clang: 'clang', ar: 'llvm-ar' } }) })));
    expect(names).toContain('AR_wasm32_wasip1');
    expect(names.filter((name) => /^(CXX|NM|RANLIB|LD|STRIP|OBJDUMP)|LINKER/.test(name) && !/FLAGS/.test(name))).toEqual([]);
  });

  test('the target is called what this clang calls it', () => {
    expect(valuesOf(environmentOf({ ...linux, toolchain: native('/usr', { target: 'wasm32-wasi' }) }))['CFLAGS_wasm32_wasip1']).toBe('--target=wasm32-wasi');
  });

  test.each(["/home/it's $x", '/home/a b', '/home/line\nbreak'])('a home that programs would split is left to PATH: %j', (home) => {
    const { variables, path: onPath } = environmentOf({ ...linux, home, homeIsNamed: true, toolchain: PORTABLE, bare: true });
    expect(onPath[0]).toBe(`${home}/env/bin`);
    expect(variables.filter(({ value }) => value.includes(home))).toEqual([{ name: 'WASIENV_HOME', value: home }]);
    expect(variables.find(({ name }) => name === 'CC')?.value).toBe('wasm32-wasip1-clang');
  });

  test('letters beyond ASCII are no reason for that', () => {
    expect(valuesOf(environmentOf({ ...linux, home: '/home/jörg', toolchain: PORTABLE }))['CC_wasm32_wasip1']).toBe('/home/jörg/env/bin/wasm32-wasip1-clang');
  });

  test('a home that PATH cannot hold is said, and PATH is left alone', () => {
    const environment = environmentOf({ ...linux, home: '/home/a:b', toolchain: PORTABLE, bare: true });
    expect(environment.path).toEqual([]);
    expect(environment.notes).toEqual(['PATH cannot hold a directory with `:` in its name: /home/a:b/env/bin']);
    expect(valuesOf(environment)).toMatchObject({ CC: '/home/a:b/env/bin/wasm32-wasip1-clang' });
    expect(Object.keys(valuesOf(environment)).filter((name) => name.endsWith('_RUNNER'))).toEqual([]);
  });

  test('bindgen reads the sysroot as one word', () => {
    expect(valuesOf(environmentOf({ ...linux, toolchain: native('/x', { sysroot: "/opt/it's here" }) }))['BINDGEN_EXTRA_CLANG_ARGS_wasm32_wasip1']).toBe(`--target=wasm32-wasip1 '--sysroot=/opt/it'\\''s here' -fvisibility=default`);
  });

  test('Windows: cmd files, its separator, its directories', () => {
    const environment = environmentOf({ toolchain: PORTABLE, home: 'C:\\Users\\Jörg\\w', homeIsNamed: false, platform: 'win32', bare: false });
    expect(environment).toMatchObject({ separator: ';', notes: [] });
    expect(valuesOf(environment)).toMatchObject({ CC_wasm32_wasip1: expect.stringMatching(/[\\/]env[\\/]bin\\wasm32-wasip1-clang\.cmd$/), CARGO_TARGET_WASM32_WASIP1_RUNNER: 'wasm32-wasip1-run.cmd' });
  });

  test('every program it names is one of the shims', () => {
    const shims = SHIM_PREFIXES.flatMap((prefix) => Object.keys(SHIMS).map((name) => shimFile(`${prefix}${name}`, 'linux')));
    const named = environmentOf({ ...linux, toolchain: PORTABLE, bare: true }).variables.filter(({ value }) => value.includes('wasm32-wasip1-')).map(({ value }) => path.posix.basename(value));
    expect(named.filter((name) => !shims.includes(name))).toEqual([]);
    expect(named.length).toBeGreaterThan(20);
  });
});

test.each([
  [{}, false],
  [{ WASIENV_HOME: '' }, false],
  [{ WASIENV_HOME: '/elsewhere' }, true],
  [{ WASIENV_HOME: '/home/u/.local/share/wasienv' }, false],
  [{ WASIENV_HOME: '/elsewhere', HOME: undefined }, true],
] as const)('a home is named: %j %s', (env, expected) => {
  expect(homeIsNamed({ HOME: '/home/u', ...env }, 'linux')).toBe(expected);
});

describe('quoting', () => {
  test.each([
    ["it's", `'it'\\''s'`, `'it\\'s'`, `'it''s'`, `"it's"`],
    ['a b', `'a b'`, `'a b'`, `'a b'`, `"a b"`],
    ['$x `y`', "'$x `y`'", "'$x `y`'", "'$x `y`'", '"$x `y`"'],
    ['a\\b', `'a\\b'`, `'a\\\\b'`, `'a\\b'`, `"a\\\\b"`],
    ['"', `'"'`, `'"'`, `'"'`, `"\\""`],
    ['a\nb', `'a\nb'`, `'a\nb'`, `'a\nb'`, `"a\\u{a}b"`],
    ['\u2018\u2019\u201a\u201b', "'\u2018\u2019\u201a\u201b'", "'\u2018\u2019\u201a\u201b'", "'\u2018\u2018\u2019\u2019\u201a\u201a\u201b\u201b'", '"\u2018\u2019\u201a\u201b"'],
    ['', "''", "''", "''", '""'],
  ])('%j', (value, posix, fish, powershell, nu) => {
    expect([posixQuote(value), fishQuote(value), powershellQuote(value), nuQuote(value)]).toEqual([posix, fish, powershell, nu]);
  });

  test.each([
    ['C:\\a b', false, 'C:\\a b'],
    ['100%', false, '100%%'],
    ['%PATH%', true, '%%PATH%%'],
    ['a&b|c<d>e^f(g)', true, 'a&b|c<d>e^f(g)'],
    ['wow!', false, 'wow!'],
    ['wow! ^', true, 'wow^! ^^'],
  ])('cmd: %j, delayed expansion %s', (value, delayed, expected) => {
    expect(cmdValue(value, delayed)).toBe(expected);
  });

  test.each(['a"b', 'a\nb', 'a\rb'])('cmd has no way to write %j', async (value) => {
    expect((await wasienvError((async () => cmdValue(value))())).code).toBe('E_USAGE');
  });
});

const small: ToolEnvironment = { variables: [{ name: 'CC_x', value: "C:\\it's 100% & more!" }], path: ['C:\\home\\env\\bin', 'C:\\b'], separator: ';', notes: [] };

test('cmd: values, the undoing, and no bracket that a PATH could close', () => {
  const script = renderEnvironment('cmd', small, 'title');
  expect(script.split('\r\n')).toEqual([
    '@rem title',
    '@rem For cmd: `call` it; the same with /off undoes it. It starts no program.',
    '@if not defined _WASIENV_NAMES goto wasienv_on',
    '@for %%N in (%_WASIENV_NAMES%) do @call set "%%N=%%_WASIENV_OLD_%%N%%"',
    '@for %%N in (%_WASIENV_NAMES%) do @set "_WASIENV_OLD_%%N="',
    '@set "_WASIENV_NAMES="',
    ':wasienv_on',
    '@if /i "%~1"=="/off" exit /b 0',
    '@set "_WASIENV_OLD_CC_x=%CC_x%"',
    '@set "_WASIENV_OLD_PATH=%PATH%"',
    '@set "_WASIENV_NAMES=CC_x PATH"',
    `@if "!!"=="" set "CC_x=C:\\it's 100%% & more^!"`,
    `@if not "!!"=="" set "CC_x=C:\\it's 100%% & more!"`,
    '@set "PATH=C:\\b;%PATH%"',
    '@set "PATH=C:\\home\\env\\bin;%PATH%"',
    '@exit /b 0',
    '',
  ]);
});

test('cmd: a home beyond ASCII is written as the place of the file', () => {
  const directory = 'C:\\Users\\Jörg\\w\\env';
  const scripts = environmentScripts({ ...small, variables: [{ name: 'CC_x', value: `${directory}\\bin\\cc.cmd` }], path: [`${directory}\\bin`] }, 'title', directory, 'win32');
  expect(scripts.get('setenv.cmd')).toContain('@set "CC_x=%~dp0bin\\cc.cmd"\r\n');
  expect(scripts.get('setenv.cmd')).not.toContain('ö');
});

test('PowerShell: values, PATH, and the mark without which Windows PowerShell misreads the file', () => {
  const scripts = environmentScripts(small, 'title', 'C:\\home\\env', 'win32');
  const script = scripts.get('setenv.ps1')!;
  expect(script.startsWith('\ufeff# title\n')).toBe(true);
  expect(script).toContain(`\n__wasienv_set 'CC_x' 'C:\\it''s 100% & more!'\n`);
  expect(script).toContain(`\n$global:WasienvState.Directories = @('C:\\home\\env\\bin', 'C:\\b')\n$global:WasienvState.Separator = ';'\n`);
  expect(renderEnvironment('powershell', small, 'title').startsWith('# title')).toBe(true);
});

test('cmd has a script on Windows only', () => {
  expect([...environmentScripts(small, 't', 'C:\\home\\env', 'win32').keys()]).toEqual(['setenv.sh', 'setenv.fish', 'setenv.ps1', 'setenv.cmd', 'setenv.nu']);
  expect([...environmentScripts(small, 't', '/e', 'linux').keys()]).toEqual(['setenv.sh', 'setenv.fish', 'setenv.ps1', 'setenv.nu']);
});

test.each([
  ['/a b', '/a b'],
  ['C:\\Users\\x y\\env\\bin', '/c/Users/x y/env/bin'],
  ['d:/x', '/d/x'],
])('a directory on the PATH of a POSIX shell: %s', (directory, expected) => {
  expect(posixPath(directory)).toBe(expected);
});

test.each([
  ['posix', '/home/u/w/env', 'linux', '. /home/u/w/env/setenv.sh'],
  ['posix', "/it's $x", 'linux', `. '/it'\\''s $x/setenv.sh'`],
  ['fish', '/a b', 'linux', `source '/a b/setenv.fish'`],
  ['powershell', 'C:\\a b', 'win32', `. 'C:\\a b\\setenv.ps1'`],
  ['cmd', 'C:\\a', 'win32', `call "C:\\a\\setenv.cmd"`],
  ['nu', '/a b', 'linux', `source "/a b/setenv.nu"`],
] as const)('the line to type: %s, %s', (shell, directory, platform, expected) => {
  expect(useLine(shell, directory, platform)).toBe(expected);
});

test('changes: what is set, changed, kept and put in front', () => {
  const environment: ToolEnvironment = { variables: ['A', 'B', 'C'].map((name) => ({ name, value: 'new' })), path: ['/x', '/y'], separator: ':', notes: [] };
  expect(environmentChanges(environment, { B: 'old', C: 'new', PATH: '/bin' })).toEqual([
    { name: 'A', kind: 'set', value: 'new' },
    { name: 'B', kind: 'change', value: 'new', now: 'old' },
    { name: 'C', kind: 'keep', value: 'new' },
    { name: 'PATH', kind: 'prepend', value: '/x:/y' },
  ]);
  expect(environmentChanges(environment, { PATH: '/x:/y:/bin' }).at(-1)?.kind).toBe('keep');
  expect(environmentChanges(environment, { PATH: '/x:/ybin' }).at(-1)?.kind).toBe('prepend');
  expect(environmentChanges({ ...environment, separator: ';' }, { Path: '/x;/y;C:\\b' }).at(-1)?.kind).toBe('keep');
});
