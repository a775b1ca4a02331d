// How the guest names the host's files. Pure, both kinds of host on any host.
import { describe, expect, test } from 'vitest';
import { guestArguments, guestPath, guestPreopens } from '../../src/compiler/portable/guest-paths.js';

test('elsewhere than on Windows a path is itself, and the root is granted', () => {
  expect(guestPath('/home/me/a b/ü.c', 'linux')).toBe('/home/me/a b/ü.c');
  expect(guestPath('/weird\\name', 'darwin')).toBe('/weird\\name');
  expect(guestPreopens(['/x', 'C:\\y'], 'linux')).toEqual([{ host: '/', guest: '/' }]);
  expect(guestArguments(['-IC:\\inc', 'a\\b.c'], 'linux')).toEqual(['-IC:\\inc', 'a\\b.c']);
});

test('the standard streams are called `-`', () => {
  expect(guestArguments(['-x', 'c', '/dev/stdin', '-o', '/dev/stdout', '-DX=/dev/stdin', '/dev/null'], 'linux')).toEqual(['-x', 'c', '-', '-o', '-', '-DX=/dev/stdin', '/dev/null']);
});

describe('on Windows', () => {
  test.each([
    ['C:\\Users\\me\\a.c', '/C:/Users/me/a.c'],
    ['d:/work/x.c', '/D:/work/x.c'],
    ['\\\\?\\C:\\long\\x.c', '/C:/long/x.c'],
    ['src\\x.c', 'src/x.c'],
    ['..\\x.c', '../x.c'],
  ])('%s -> %s', (host, guest) => expect(guestPath(host, 'win32')).toBe(guest));

  test('one preopen a drive that is mentioned', () => {
    expect(guestPreopens(['C:\\work', 'clang', '-I/D:/inc', '--sysroot=C:/s', 'https://x', 'a:b'], 'win32')).toEqual([
      { host: 'C:\\', guest: '/C:' }, { host: 'D:\\', guest: '/D:' },
    ]);
  });

  test.each([
    [['src\\a.c', '-o', 'out\\a.wasm'], ['src/a.c', '-o', 'out/a.wasm']],
    [['-IC:\\inc', '-I', 'inc\\x', '-Llib\\y'], ['-I/C:/inc', '-I', 'inc/x', '-Llib/y']],
    [['--sysroot=C:\\s', '-resource-dir=C:\\r', '@C:\\args'], ['--sysroot=/C:/s', '-resource-dir=/C:/r', '@/C:/args']],
    // words are not paths
    [['-DQ="a\\b"', '-D', 'X=\\n', '-lfoo', '-Wl,--export=a\\b', '-'], ['-DQ="a\\b"', '-D', 'X=\\n', '-lfoo', '-Wl,--export=a\\b', '-']],
  ])('%j', (typed, wanted) => expect(guestArguments(typed, 'win32')).toEqual(wanted));
});
