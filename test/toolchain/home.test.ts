import { describe, expect, test } from 'vitest';
import { WasienvError } from '../../src/base/errors.js';
import { homeDirectory, homeTree, shortDigest } from '../../src/toolchain/home.js';

describe('homeDirectory', () => {
  test.each<readonly [name: string, platform: NodeJS.Platform, env: Record<string, string>, expected: string]>([
    ['Linux', 'linux', { HOME: '/home/ada' }, '/home/ada/.local/share/wasienv'],
    ['Linux with XDG', 'linux', { HOME: '/home/ada', XDG_DATA_HOME: '/data/ada' }, '/data/ada/wasienv'],
    ['Linux with XDG and no HOME', 'linux', { XDG_DATA_HOME: '/data' }, '/data/wasienv'],
    ['a relative XDG is invalid and ignored', 'linux', { HOME: '/home/ada', XDG_DATA_HOME: 'data' }, '/home/ada/.local/share/wasienv'],
    ['an empty XDG is as none', 'linux', { HOME: '/home/ada', XDG_DATA_HOME: '' }, '/home/ada/.local/share/wasienv'],
    ['FreeBSD as Linux', 'freebsd', { HOME: '/home/ada' }, '/home/ada/.local/share/wasienv'],
    ['macOS', 'darwin', { HOME: '/Users/ada', XDG_DATA_HOME: '/data' }, '/Users/ada/Library/Application Support/wasienv'],
    ['Windows', 'win32', { LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' }, 'C:\\Users\\ada\\AppData\\Local\\wasienv'],
    ['Windows without LOCALAPPDATA', 'win32', { USERPROFILE: 'C:\\Users\\ada' }, 'C:\\Users\\ada\\AppData\\Local\\wasienv'],
    ['WASIENV_HOME wins', 'linux', { HOME: '/home/ada', WASIENV_HOME: '/opt/w' }, '/opt/w'],
    ['WASIENV_HOME wins on Windows', 'win32', { LOCALAPPDATA: 'C:\\L', WASIENV_HOME: 'D:\\w' }, 'D:\\w'],
    ['an empty WASIENV_HOME is as none', 'linux', { HOME: '/home/ada', WASIENV_HOME: '' }, '/home/ada/.local/share/wasienv'],
  ])('%s', (_name, platform, env, expected) => {
    expect(homeDirectory(env, platform)).toBe(expected);
  });

  test.each<readonly [platform: NodeJS.Platform, env: Record<string, string>]>([
    ['linux', {}],
    ['darwin', { XDG_DATA_HOME: '/data' }],
    ['win32', { HOME: '/home/ada' }],
    ['linux', { HOME: '/home/ada', WASIENV_HOME: 'relative/home' }],
    ['win32', { WASIENV_HOME: '' }],
  ])('%s with %j has none and says how to name one', (platform, env) => {
    expect(() => homeDirectory(env, platform)).toThrowError(expect.objectContaining({ code: 'E_HOME_UNWRITABLE', next: expect.stringContaining('WASIENV_HOME') }));
  });

  test("is never the old Python tool's", () => {
    for (const platform of ['linux', 'darwin'] as const) expect(homeDirectory({ HOME: '/home/ada' }, platform)).not.toContain('.wasienv');
  });
});

test('the short digest is safe in a file name and tells digests apart', () => {
  expect(shortDigest('sha512-V31/z9GrJECKeACTDUyvg2llbEUiFi3bxtL5HSg7H/6sydSxdI/AoVAD9F5ozrfLjotWl0B9rghR87m+DUM/zg==')).toBe('577d7fcf');
  expect(homeTree.componentDir('/h', 'portable-clang', '1.0', 'sha256-AAAA')).toBe('/h/components/portable-clang/1.0-000000');
});

test('errors of the home are WasienvErrors', () => {
  expect(() => homeDirectory({}, 'linux')).toThrow(WasienvError);
});
