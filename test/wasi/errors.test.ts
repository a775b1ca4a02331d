// Host errors as errnos, and errors for the person who grants a directory.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Errno, errnoName } from '../../src/wasi/abi.js';
import { errnoOf, preopenError, ProcExit, wasiError } from '../../src/wasi/errors.js';
import { makeDirectory, nameOf } from './support.js';

const systemError = (code: string) => Object.assign(new Error(`${code}: /home/somebody/secret`), { code, syscall: 'open', path: '/home/somebody/secret' });

describe('errnoOf', () => {
  test.each([
    ['ENOENT', 'noent'],
    ['EACCES', 'acces'],
    ['ENOTEMPTY', 'notempty'],
    ['EDQUOT', 'dquot'],
    ['ENOSPC', 'nospc'],
    ['ETXTBSY', 'txtbsy'],
    ['EXDEV', 'xdev'],
    ['EMFILE', 'mfile'],
    ['EPIPE', 'pipe'],
    ['EAGAIN', 'again'],
    ['EWOULDBLOCK', 'again'],
    ['EOPNOTSUPP', 'notsup'],
    ['ENOTSUP', 'notsup'],
    ['UNKNOWN', 'io'],
    ['ESOMETHINGNEW', 'io'],
    ['ERR_FS_FILE_TOO_LARGE', 'fbig'],
    ['ERR_INVALID_ARG_VALUE', 'inval'],
    ['ERR_OUT_OF_RANGE', 'inval'],
  ])('%s is %s', (code, expected) => {
    expect(nameOf(errnoOf(systemError(code))!)).toBe(expected);
  });

  test('every errno of the interface is reached by its own host code', () => {
    for (const name of Object.keys(Errno).filter((each) => each !== 'success')) {
      expect(nameOf(errnoOf(systemError(`E${name.toUpperCase()}`))!)).toBe(name);
    }
  });

  test('a fault of ours is not made an errno', () => {
    for (const fault of [new TypeError('x is not a function'), new RangeError('Maximum call stack size exceeded'), 'text', undefined, new ProcExit(1)]) {
      expect(errnoOf(fault)).toBeUndefined();
    }
  });
});

test('an errno carries no text, and is the same object each time', () => {
  expect(wasiError('noent').message).toBe('');
  expect(wasiError('noent')).toBe(wasiError('noent'));
});

test('errnos have the names people know', () => {
  expect([errnoName(0), errnoName(44), errnoName(1), errnoName(999)]).toEqual(['ESUCCESS', 'ENOENT', 'E2BIG', 'errno 999']);
  expect(Object.values(Errno)).toEqual(Array.from({ length: 77 }, (_, index) => index));
});

describe('preopenError', () => {
  test.each([
    ['missing', 'does not exist', 'create it'],
    ['file', 'is not a directory', 'give a directory'],
  ])('%s', (name, fact, next) => {
    const base = makeDirectory();
    fs.writeFileSync(path.join(base, 'file'), '');
    const host = path.join(base, name);
    let cause: unknown;
    try {
      fs.opendirSync(host);
    } catch (error) {
      cause = error;
    }
    const error = preopenError(host, '/data', cause);
    expect(error.code).toBe('E_PREOPEN');
    expect(error.message).toContain(host);
    expect(error.message).toContain(fact);
    expect(error.next).toContain(next);
    expect(error.where).toEqual([['host', host], ['guest', '/data']]);
  });
});
