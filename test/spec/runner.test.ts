// The judge judged: a script that says something untrue must fail, whatever kind of command says it.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Expectation, FileOutcome } from './outcome.js';
import type { Verdict } from './report.js';

const root = path.resolve(import.meta.dirname, '../..');

let runScript: (file: string, bytes: Uint8Array, through: string) => FileOutcome;
let judge: (files: readonly FileOutcome[], expectations: readonly Expectation[], isWhole: boolean) => Verdict;

beforeAll(async () => {
  // In a place of its own: suite.test.ts builds and runs the runner at the same time.
  expect(spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'test/spec/tsconfig.json', '--outDir', '.built/judged'], { cwd: root, encoding: 'utf8' }).stdout).toBe('');
  const built = async (name: string): Promise<unknown> => import(pathToFileURL(path.join(root, '.built/judged', name)).href);
  ({ runScript } = (await built('run-script.js')) as { runScript: typeof runScript });
  ({ judge } = (await built('report.js')) as { judge: typeof judge });
});

const run = (script: string, file = 'x.wast'): FileOutcome => runScript(file, new TextEncoder().encode(script), 'nothing');

const MODULE = `(module $m
  (func (export "i32") (result i32) (i32.const -1)) (func (export "i64") (result i64) (i64.const 7)) (func (export "f32") (result f32) (f32.const nan:0x200000))
  (func (export "quiet") (result f64) (f64.const -nan)) (func (export "v128") (result v128) (v128.const i32x4 1 2 3 4)) (func (export "nans") (result v128) (v128.const f32x4 nan 1 nan:0x500000 0))
  (func (export "null") (result funcref) (ref.null func)) (func $f (export "func") (result funcref) (ref.func $f)) (func (export "i31") (result (ref i31)) (ref.i31 (i32.const 1)))
  (func (export "extern") (param externref) (result externref) (local.get 0)) (func (export "two") (result i32 i32) (i32.const 1) (i32.const 2)) (func (export "none"))
  (func (export "trap") (unreachable)) (func $deep (export "deep") (call $deep)) (tag $e) (func (export "throw") (throw $e)) (global (export "g") i64 (i64.const 9)))\n`;

const TRUE: readonly string[] = [
  '(assert_return (invoke "i32") (i32.const 0xffffffff))', '(assert_return (invoke $m "i64") (i64.const 7))', '(assert_return (invoke "f32") (f32.const nan:0x200000))',
  '(assert_return (invoke "quiet") (f64.const nan:canonical))', '(assert_return (invoke "quiet") (f64.const -nan))', '(assert_return (invoke "v128") (v128.const i8x16 1 0 0 0 2 0 0 0 3 0 0 0 4 0 0 0))',
  '(assert_return (invoke "nans") (v128.const f32x4 nan:canonical 1 nan:arithmetic 0))', '(assert_return (invoke "null") (ref.null))', '(assert_return (invoke "null") (ref.null func))', '(assert_return (invoke "func") (ref.func))',
  '(assert_return (invoke "i31") (ref.i31))', '(assert_return (invoke "i31") (ref.eq))', '(assert_return (invoke "extern" (ref.extern 3)) (ref.extern 3))', '(assert_return (invoke "extern" (ref.null extern)) (ref.null extern))',
  '(assert_return (invoke "two") (i32.const 1) (i32.const 2))', '(assert_return (invoke "none"))', '(assert_return (get "g") (i64.const 9))', '(assert_return (invoke "i32") (either (i32.const 1) (i32.const -1)))',
  '(assert_trap (invoke "trap") "unreachable")', '(assert_exhaustion (invoke "deep") "call stack exhausted")', '(assert_exception (invoke "throw"))', '(invoke "none")', '(register "m" $m)',
  '(assert_trap (module (func $s (unreachable)) (start $s)) "unreachable")', '(assert_invalid (module (func (result i32))) "type mismatch")', '(assert_malformed (module quote "(func (nop") "unexpected token")',
  '(assert_malformed (module binary "\\00asm\\02\\00\\00\\00") "unknown binary version")', '(assert_unlinkable (module (import "no" "where" (func))) "unknown import")', '(module definition $d (func (export "x")))', '(module instance $m)',
];

const FALSE: readonly string[] = [
  '(assert_return (invoke "i32") (i32.const 0))', '(assert_return (invoke "i32") (i64.const -1))', '(assert_return (invoke "f32") (f32.const nan))', '(assert_return (invoke "f32") (f32.const nan:canonical))', '(assert_return (invoke "f32") (f32.const nan:arithmetic))',
  '(assert_return (invoke "quiet") (f64.const nan))', '(assert_return (invoke "v128") (v128.const i32x4 1 2 3 5))', '(assert_return (invoke "nans") (v128.const f32x4 nan:canonical 1 nan:canonical 0))',
  '(assert_return (invoke "nans") (v128.const f32x4 nan:canonical nan:arithmetic nan:arithmetic 0))', '(assert_return (invoke "null") (ref.func))', '(assert_return (invoke "func") (ref.null))', '(assert_return (invoke "func") (ref.struct))',
  '(assert_return (invoke "i31") (ref.array))', '(assert_return (invoke "extern" (ref.extern 3)) (ref.extern 4))', '(assert_return (invoke "extern" (ref.null extern)) (ref.extern))',
  '(assert_return (invoke "two") (i32.const 1))', '(assert_return (invoke "two") (i32.const 2) (i32.const 1))', '(assert_return (invoke "none") (i32.const 0))', '(assert_return (get "g") (i64.const 8))', '(assert_return (invoke "i32") (either (i32.const 1) (i32.const 2)))',
  '(assert_return (invoke "trap"))', '(assert_return (invoke "nowhere"))', '(assert_return (invoke $nobody "i32") (i32.const -1))', '(assert_trap (invoke "i32") "unreachable")', '(assert_trap (invoke "deep") "call stack exhausted")', '(assert_trap (invoke "throw") "x")',
  '(assert_exhaustion (invoke "trap") "call stack exhausted")', '(assert_exception (invoke "none"))', '(assert_exception (invoke "trap"))', '(invoke "trap")',
  '(assert_trap (module (func)) "unreachable")', '(assert_invalid (module (func)) "type mismatch")', '(assert_invalid (module quote "(func (nop") "unexpected token")', '(assert_malformed (module quote "(func (nop))") "unexpected token")',
  '(assert_malformed (module quote "(func (result i32))") "type mismatch")', '(assert_unlinkable (module (func)) "unknown import")', '(assert_unlinkable (module (func $s (unreachable)) (start $s)) "unreachable")',
  '(module (func (result i32)))', '(module quote "(func")', '(module (import "no" "where" (func)))', '(module instance $i $nothing)', '(register "x" $nobody)',
];

describe('what is true', () => {
  test.each(TRUE)('%s passes', (command) => {
    const { commands, passed, failures, rewordings } = run(MODULE + command);
    expect([commands, passed, failures, rewordings]).toEqual([2, 2, [], []]);
  });
});

describe('what is not', () => {
  test.each(FALSE)('%s fails', (command) => {
    const { commands, passed, failures } = run(MODULE + command);
    expect([commands, passed, failures.length, failures[0]?.line]).toEqual([2, 1, 1, MODULE.split('\n').length]);
  });
});

test('a module that fails is not replaced by the one before it', () => {
  const { failures } = run(`${MODULE}(module $m (func (export "i32") (result i32)))(assert_return (invoke "i32") (i32.const -1))(assert_return (invoke $m "i32") (i32.const -1))`);
  expect(failures.length).toBe(3);
});

test('other words are told apart', () => {
  const { failures, rewordings } = run('(assert_malformed (module quote "(func (nop") "something else")');
  expect([failures, rewordings.map(({ wanted }) => wanted)]).toEqual([[], ['something else']]);
});

test('forms are counted without the parser', () => {
  expect(run('(; (module) ;) (module) ;; (module)\n(@a (x) ")") (module (func)(; "( ;)) (invoke "(")').forms).toBe(3);
});

describe('the verdict', () => {
  const failing = (): FileOutcome => run(`${MODULE}(assert_return (invoke "i32") (i32.const 0))`);

  test('is good when all is met, or listed', () => {
    expect(judge([run(MODULE)], [], true).ok).toBe(true);
    expect(judge([failing()], [], true).ok).toBe(false);
    expect(judge([failing()], [{ file: 'x.wast', line: MODULE.split('\n').length, reason: 'r' }], true).ok).toBe(true);
    expect(judge([failing()], [{ file: 'x.wast', reason: 'r' }], true).ok).toBe(true);
    expect(judge([failing()], [{ file: 'x.wast', line: 1, reason: 'r' }], true).ok).toBe(false);
    expect(judge([failing()], [{ file: 'y.wast', reason: 'r' }], true).ok).toBe(false);
  });

  test('is bad when an entry stands for nothing, when commands got lost, or when nothing ran', () => {
    expect(judge([run(MODULE)], [{ file: 'x.wast', reason: 'r' }], true).stale.length).toBe(1);
    expect(judge([run(MODULE)], [{ feature: 'simd', reason: 'r' }], true).ok).toBe(false);
    expect(judge([run(MODULE)], [{ feature: 'simd', reason: 'r' }, { file: 'y.wast', reason: 'r' }], false).ok).toBe(true);
    expect(judge([{ ...run(MODULE), forms: 2 }], [], true).ok).toBe(false);
    expect(judge([], [], true).ok).toBe(false);
  });

  test('is bad when words differ and are not listed', () => {
    const reworded = run('(assert_malformed (module quote "(func (nop") "something else")');
    expect(judge([reworded], [], true).ok).toBe(false);
    expect(judge([reworded], [{ file: 'x.wast', line: 1, says: 'unexpected token', reason: 'r' }], true).ok).toBe(true);
    expect(judge([reworded], [{ file: 'x.wast', line: 1, says: 'other', reason: 'r' }], true).ok).toBe(false);
  });
});
