import { describe, expect, test } from 'vitest';
import { InternalError, WasienvError, type ErrorCode } from '../../src/base/errors.js';
import { firstError, judgeCompiler, judgeError, judgeOutcome, type Fault, type Outcome } from '../../src/proof/verdict.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('a compiler that fails', () => {
  test.each([
    [1, "a.c:1:10: fatal error: 'stdio.h' file not found\n    1 | #include <stdio.h>\n", "the compiler ended with 1: a.c:1:10: fatal error: 'stdio.h' file not found"],
    [1, 'clang: warning: argument unused\nwasm-ld: error: unable to find library -lc\n', 'the compiler ended with 1: wasm-ld: error: unable to find library -lc'],
    [139, '', 'the compiler ended with 139'],
    [0, '', 'the compiler reported success and wrote no module'],
  ])('ended with %d', (code, stderr, detail) => {
    expect(judgeCompiler(code, stderr)).toEqual({ fault: 'compiler', detail });
  });

  test('its first error is taken, not a word that looks like one', () => {
    expect(firstError('note: no terrors here\r\nld: error: bad\r\n')).toBe('ld: error: bad');
    expect(firstError('Segmentation fault\n')).toBe('Segmentation fault');
  });
});

describe('an error while the module is loaded or run', () => {
  const rows: readonly [ErrorCode, Fault][] = [
    ['E_UNSUPPORTED', 'interpreter'], ['E_LIMIT', 'interpreter'], ['E_EXHAUSTION', 'interpreter'],
    ['E_DECODE', 'compiler'], ['E_INVALID', 'compiler'], ['E_LINK', 'compiler'], ['E_NO_START', 'compiler'], ['E_NOT_WASM', 'compiler'],
    ['E_TRAP', 'program'], ['E_PROOF', 'program'],
  ];
  test.each(rows)('%s is booked to the %s', (code, fault) => {
    expect(judgeError(new WasienvError(code, 'a fact'))).toEqual({ fault, detail: `${code}: a fact` });
  });

  test('what is no error of ours is ours all the same', () => {
    expect(judgeError(new RangeError('Maximum call stack size exceeded'))).toEqual({ fault: 'interpreter', detail: 'the interpreter failed: RangeError: Maximum call stack size exceeded' });
    expect(judgeError(new InternalError('x')).fault).toBe('interpreter');
    expect(judgeError('thrown text').fault).toBe('interpreter');
  });
});

describe('a program that ran', () => {
  const program = { expectedExit: 3, expectedTrap: null, expectedStderr: 'warned\n' };
  const outcome = (change: Partial<Outcome>): Outcome => ({ stdout: bytes('out\n'), stderr: bytes('warned\n'), end: { kind: 'exit', code: 3 }, ...change });

  test('and did what it must', () => {
    expect(judgeOutcome(program, bytes('out\n'), outcome({}))).toEqual({ fault: null, detail: null });
  });
  test('and had to trap', () => {
    const trapping = { ...program, expectedTrap: 'unreachable' };
    const ending = (end: Outcome['end']) => judgeOutcome(trapping, bytes('out\n'), outcome({ end })).detail;
    expect(ending({ kind: 'trap', name: 'unreachable' })).toBeNull();
    expect(ending({ kind: 'exit', code: 3 })).toBe('exit code 3 instead of trap: unreachable');
    expect(ending({ kind: 'trap', name: 'integer overflow' })).toBe('trap: integer overflow instead of trap: unreachable');
  });
  test.each<[string, Partial<Outcome>, string]>([
    ['another exit code', { end: { kind: 'exit', code: 0 } }, 'exit code 0 instead of 3'],
    ['a trap', { end: { kind: 'trap', name: 'unreachable' } }, 'trap: unreachable'],
    ['another stdout', { stdout: bytes('Out\n') }, 'stdout line 1: expected "out\\n", got "Out\\n"'],
    ['another stderr', { stderr: bytes('') }, 'stderr line 1: expected "warned\\n", got the end'],
    ['the streams mixed up', { stdout: bytes('out\nwarned\n'), stderr: bytes('') }, 'stderr line 1: expected "warned\\n", got the end; stdout line 2: expected the end, got "warned\\n"'],
    ['a trap before its output', { stdout: bytes(''), end: { kind: 'trap', name: 'integer divide by zero' } }, 'trap: integer divide by zero; stdout line 1: expected "out\\n", got the end'],
  ])('with %s', (_, change, detail) => {
    expect(judgeOutcome(program, bytes('out\n'), outcome(change))).toEqual({ fault: 'program', detail });
  });
});
