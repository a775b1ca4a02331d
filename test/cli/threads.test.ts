// `wasienv run` of programs with threads, in real processes: what threads wait for while others go on, how the process
// ends, and what a person is told.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ENGINES, textOf } from '../program/threads/support.js';
import { schemaFaults } from '../support/json-schema.js';
import { LINUX, UNIX } from '../support/skips.js';
import { bareEnvironment, BIN, ROOT, runCli, withDirectory, type CliOptions, type CliResult } from '../support/cli.js';

const START = '(func (export "wasi_thread_start") (param $thread i32) (param $argument i32)';
const MAIN = '(func (export "_start")';
/** Writes the text at an address to a descriptor; reads up to 64 bytes from standard input to 800, and gives how many. */
const STREAMS = `
  (func $say (param $at i32) (param $length i32)
    (i32.store (i32.const 200) (local.get $at)) (i32.store (i32.const 204) (local.get $length))
    (call $must (i32.eqz (call $fd_write (i32.const 1) (i32.const 200) (i32.const 1) (i32.const 208)))))
  (func $hear (result i32)
    (i32.store (i32.const 300) (i32.const 800)) (i32.store (i32.const 304) (i32.const 64))
    (call $must (i32.eqz (call $fd_read (i32.const 0) (i32.const 300) (i32.const 1) (i32.const 308))))
    (i32.load (i32.const 308)))`;

function inDirectory(text: string, args: readonly string[], options: CliOptions = {}, run: (file: string, cwd: string) => Promise<CliResult> = (file, cwd) => runCli(['run', ...args, file], { cwd, ...options })): Promise<CliResult> {
  return withDirectory(async (directory) => {
    writeFileSync(path.join(directory, 'threads.wat'), textOf(text));
    return run('threads.wat', directory);
  });
}

/** Runs it with an input that stays open; `heard` gets all output so far at each piece of it, and what it may answer with. */
function converse(args: readonly string[], cwd: string, heard: (output: string, say: (text: string) => void) => void, stdin: number | 'pipe' = 'pipe'): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args], { cwd, env: bareEnvironment(cwd), stdio: [stdin, 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      heard(stdout, (text) => child.stdin!.write(text));
    });
    child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', stdout, stderr }));
  });
}

describe.each(ENGINES)('on the %s', (engine) => {
  const engineOption = ['--engine', engine];

  test('one thread waits for input while another prints', async () => {
    const text = `${STREAMS} (data (i32.const 900) "who?\\n")
      ${START} (call $say (i32.const 900) (i32.const 5)))
      ${MAIN} (drop (call $spawn (i32.const 0))) (call $say (i32.const 800) (call $hear)) (call $exit (i32.const 5)))`;
    const answered = new Set<string>();
    const result = await inDirectory(text, [], {}, (file, cwd) =>
      converse(['run', ...engineOption, file], cwd, (output, say) => {
        if (output === 'who?\n' && !answered.has(output)) say('it is me\n');
        answered.add(output);
      }));
    expect(result).toEqual({ code: 5, stdout: 'who?\nit is me\n', stderr: '' });
  });

  describe.each([
    ['read', '(drop (call $hear))'],
    // A subscription to read from descriptor 0.
    ['poll', '(i32.store8 (i32.const 508) (i32.const 1)) (drop (call $poll_oneoff (i32.const 500) (i32.const 600) (i32.const 1) (i32.const 700)))'],
  ])('an input that says nothing, in %s', (_, waits) => {
    const open = (text: string) => inDirectory(text, [], {}, (file, cwd) => converse(['run', ...engineOption, file], cwd, () => {}));

    test('a thread that waits for it does not keep the program from ending', async () => {
      expect(await open(`${STREAMS} ${START} (call $count (i32.const 0)) ${waits} unreachable) ${MAIN} (drop (call $spawn (i32.const 0))) (call $await_count (i32.const 0) (i32.const 1)))`)).toEqual({ code: 0, stdout: '', stderr: '' });
    });

    test('nor does the main thread', async () => {
      expect(await open(`${STREAMS} ${START} (call $await_count (i32.const 0) (i32.const 1)) (call $exit (i32.const 9))) ${MAIN} (drop (call $spawn (i32.const 0))) (call $count (i32.const 0)) ${waits} unreachable)`)).toEqual({ code: 9, stdout: '', stderr: '' });
    });

    test.skipIf(LINUX.unmet)(`nor when it is a FIFO${LINUX.why}`, async () => {
      const text = `${STREAMS} ${START} (call $await_count (i32.const 0) (i32.const 1)) (call $exit (i32.const 9))) ${MAIN} (drop (call $spawn (i32.const 0))) (call $count (i32.const 0)) ${waits} unreachable)`;
      expect(await inDirectory(text, [], {}, async (file, cwd) => {
        execFileSync('mkfifo', [path.join(cwd, 'fifo')]);
        const stdin = openSync(path.join(cwd, 'fifo'), 'r+');
        try {
          return await converse(['run', ...engineOption, file], cwd, () => {}, stdin);
        } finally {
          closeSync(stdin);
        }
      })).toEqual({ code: 9, stdout: '', stderr: '' });
    });
  });

  test('the end of input is the end for every thread', async () => {
    const text = `${STREAMS}
      ${START} (call $must (i32.eqz (call $hear))) (call $count (i32.const 0)))
      ${MAIN} (call $must (i32.eq (call $hear) (i32.const 4))) (call $must (i32.eqz (call $hear))) (drop (call $spawn (i32.const 0))) (call $await_count (i32.const 0) (i32.const 1)))`;
    expect(await inDirectory(text, engineOption, { input: 'abc\n' })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test.skipIf(LINUX.unmet)(`output that nobody takes does not keep the program from ending${LINUX.why}`, async () => {
    const text = `${START} (i32.store (i32.const 204) (i32.const 1000000)) (drop (memory.grow (i32.const 15))) (call $count (i32.const 0)) (drop (call $fd_write (i32.const 1) (i32.const 200) (i32.const 1) (i32.const 208))) unreachable)
      ${MAIN} (drop (call $spawn (i32.const 0))) (call $await_count (i32.const 0) (i32.const 1)) (call $exit (i32.const 6)))`;
    const result = await inDirectory(text, [], {}, async (file, cwd) => {
      execFileSync('mkfifo', [path.join(cwd, 'fifo')]);
      const stdout = openSync(path.join(cwd, 'fifo'), 'r+');
      try {
        return await new Promise<CliResult>((resolve) => {
          const child = spawn(process.execPath, [BIN, 'run', ...engineOption, file], { cwd, env: bareEnvironment(cwd), stdio: ['ignore', stdout, 'ignore'] });
          child.on('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', stdout: '', stderr: '' }));
        });
      } finally {
        closeSync(stdout);
      }
    });
    expect(result.code).toBe(6);
  });

  test('what several threads write to one file and one stream is never mixed', async () => {
    const LINES = 40;
    const THREADS = 4;
    // Each thread writes lines of its own letter, in three pieces each; 64 letters a line.
    const text = `
      (data (i32.const 900) "out.txt\\n")
      (func $line (param $fd i32) (param $letter i32) (param $base i32)
        (memory.fill (i32.add (local.get $base) (i32.const 64)) (local.get $letter) (i32.const 63))
        (i32.store (local.get $base) (i32.add (local.get $base) (i32.const 64))) (i32.store offset=4 (local.get $base) (i32.const 30))
        (i32.store offset=8 (local.get $base) (i32.add (local.get $base) (i32.const 64))) (i32.store offset=12 (local.get $base) (i32.const 33))
        (i32.store offset=16 (local.get $base) (i32.const 907)) (i32.store offset=20 (local.get $base) (i32.const 1))
        (call $must (i32.eqz (call $fd_write (local.get $fd) (local.get $base) (i32.const 3) (i32.add (local.get $base) (i32.const 32)))))
        (call $must (i32.eq (i32.load offset=32 (local.get $base)) (i32.const 64))))
      ${START} (local $left i32) (local $base i32)
        (local.set $base (i32.add (i32.const 2048) (i32.mul (local.get $thread) (i32.const 256))))
        (local.set $left (i32.const ${LINES}))
        (loop $again
          (call $line (i32.load (i32.const 1000)) (i32.add (i32.const 64) (local.get $thread)) (local.get $base))
          (call $line (i32.const 1) (i32.add (i32.const 96) (local.get $thread)) (local.get $base))
          (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (call $count (i32.const 0)))
      ${MAIN} (local $left i32)
        (call $must (i32.eqz (call $open (i32.const 3) (i32.const 0) (i32.const 900) (i32.const 7) (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 1000))))
        (local.set $left (i32.const ${THREADS}))
        (loop $again
          (drop (call $spawn (i32.const 0)))
          (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (call $await_count (i32.const 0) (i32.const ${THREADS})))`;
    let file = '';
    const { stdout, ...rest } = await inDirectory(text, [], {}, async (guest, cwd) => {
      const result = await runCli(['run', ...engineOption, '--dir', '.', guest], { cwd });
      file = readFileSync(path.join(cwd, 'out.txt'), 'utf8');
      return result;
    });
    expect(rest).toEqual({ code: 0, stderr: '' });
    for (const [written, first] of [[file, 'A'], [stdout, 'a']] as const) {
      const lines = written.trimEnd().split('\n');
      const expected = Array.from({ length: THREADS }, (_, index) => Array.from({ length: LINES }, () => String.fromCharCode(first.charCodeAt(0) + index).repeat(63))).flat();
      expect(lines.sort()).toEqual(expected);
    }
  });

  test('arguments and environment are those of the program, in every thread', async () => {
    const text = `
      ${STREAMS}
      ${START} (call $must (i32.eqz (call $args (i32.const 1000) (i32.const 1100)))) (call $must (i32.eqz (call $environ (i32.const 1050) (i32.const 1126))))
        (call $say (i32.const 1100) (i32.const 40)) (call $count (i32.const 0)))
      ${MAIN} (drop (call $spawn (i32.const 0))) (call $await_count (i32.const 0) (i32.const 1)))`;
    const { stdout, code } = await inDirectory(text, [], {}, (file, cwd) => runCli(['run', ...engineOption, '--env', 'COLOUR=green', file, 'one', 'two three'], { cwd }));
    expect([code, stdout]).toEqual([0, 'threads.wat\0one\0two three\0COLOUR=green\0\0']);
  });

  test('a deadlock ends with the time', async () => {
    const result = await inDirectory(`${START} (call $sleep_for_ever)) ${MAIN} (drop (call $spawn (i32.const 0))) (call $sleep_for_ever))`, [...engineOption, '--timeout', '500ms']);
    expect(result).toMatchObject({ code: 124, stderr: expect.stringContaining('error[E_LIMIT_TIME]: the time is over: the program had 500 ms') });
  });

  test('a trap of a thread is told with its thread and exits 134', async () => {
    const result = await inDirectory(`(func $fails unreachable) ${START} (call $fails)) ${MAIN} (drop (call $spawn (i32.const 0))) (call $sleep_for_ever))`, engineOption);
    expect(result.code).toBe(134);
    expect(result.stderr).toMatch(/^error\[E_TRAP\]: unreachable\n {2}thread {3}1\n {2}stack {4}fails {2}function \d+, line \d+, column \d+\n/);
  });

  test.skipIf(UNIX.unmet)(`a signal ends all${UNIX.why}`, async () => {
    const text = `${STREAMS} (data (i32.const 900) "here\\n") ${START} (call $say (i32.const 900) (i32.const 5)) (call $spin_for_ever)) ${MAIN} (drop (call $spawn (i32.const 0))) (call $spin_for_ever))`;
    const result = await inDirectory(text, engineOption, {
      whileRunning: (child) => void child.stdout!.once('data', () => child.kill('SIGINT')),
    });
    expect(result).toMatchObject({ code: 'SIGINT', stdout: 'here\n' });
  });
});

const TALK = `${STREAMS} (data (i32.const 900) "hi\\n")
  ${START} (call $say (i32.const 900) (i32.const 3)) (call $count (i32.const 0)))
  ${MAIN} (drop (call $spawn (i32.const 66))) (call $await_count (i32.const 0) (i32.const 1)) (drop (call $spawn (i32.const 7))) (call $exit (i32.const 2)))`;

test('--strace tells the thread in each line', async () => {
  const { stdout, stderr } = await inDirectory(TALK, ['--strace', '--max-threads', '1'], {}, (file, cwd) => runCli(['run', '--strace', file], { cwd }));
  expect(stdout).toContain('hi\n');
  const lines = stderr.replace(/ <[\d.]+ (µs|ms|s)>/g, '').trimEnd().split('\n');
  expect(lines.slice(0, 2)).toEqual(['[main] thread-spawn(0x42) = 1', '[1] fd_write(1<stdout>, ["hi\\n"]) = 3']);
  expect(lines).toContain('[main] thread-spawn(0x7) = 2');
  expect(lines).toContain('[main] proc_exit(2)');
  expect(lines.at(-1)).toBe('+++ exited with 2 +++');
});

test('a call that waits is cut off by the calls of others, and finished later', async () => {
  const text = `${STREAMS} (data (i32.const 900) "hi\\n")
    ${START} (call $await_count (i32.const 0) (i32.const 1)) (call $say (i32.const 900) (i32.const 3)))
    ${MAIN} (drop (call $spawn (i32.const 0))) (call $count (i32.const 0)) (drop (call $hear)) (call $exit (i32.const 2)))`;
  // Only when the other has spoken there is something to read.
  const { stderr } = await inDirectory(text, [], {}, (file, cwd) => {
    let said = false;
    return converse(['run', '--strace', '--strace-filter', 'fd_*', file], cwd, (_, say) => {
      if (!said) say('x');
      said = true;
    });
  });
  const lines = stderr.replace(/ <[\d.]+ (µs|ms|s)>/g, '').trimEnd().split('\n');
  // Whether the thread spoke before or after the main one began to wait is up to the machine.
  if (lines[0]!.startsWith('[main]')) expect(lines.slice(0, 3)).toEqual(['[main] fd_read(0<stdin>, [64]) <unfinished ...>', '[1] fd_write(1<stdout>, ["hi\\n"]) = 3', '[main] <... fd_read resumed> = 1 "x"']);
  else expect(lines.slice(0, 2)).toEqual(['[1] fd_write(1<stdout>, ["hi\\n"]) = 3', '[main] fd_read(0<stdin>, [64]) = 1 "x"']);
});

test('--strace=json has the thread as a field, and is as its schema says', async () => {
  const { stderr } = await inDirectory(TALK, [], {}, (file, cwd) => runCli(['run', '--strace=json', file], { cwd }));
  const objects = stderr.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const each of objects) expect(schemaFaults('strace.schema.json', each)).toEqual([]);
  expect(objects[0]).toEqual({ thread: 0, call: 'thread-spawn', interface: 'wasi', args: { start_arg: 66 }, errno: 'ESUCCESS', result: { thread: 1 } });
  expect(objects[1]).toMatchObject({ thread: 1, call: 'fd_write', errno: 'ESUCCESS' });
});

describe('refused, with the option in the first line and a next step', () => {
  test.each([['--cross-check'], ['--deterministic'], ['--record', 'r.jsonl'], ['--fuel', '100'], ['--profile', 'p.html'], ['--coverage', 'c.info']])('%s', async (...args) => {
    const result = await inDirectory(TALK, args);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(new RegExp(`^error\\[E_USAGE\\]: \`${args[0]!}\` does not go with a program that has threads: `));
    expect(result.stderr).toContain('\n  next   ');
  });

  test.each([['nonsense'], ['-1'], ['1.5'], ['5000']])('--max-threads %s', async (count) => {
    expect(await inDirectory(TALK, [`--max-threads=${count}`])).toMatchObject({ code: 2, stderr: expect.stringContaining('error[E_USAGE]: `--max-threads') });
  });

  test('a program with threads that may have none', async () => {
    const { code, stderr } = await inDirectory(TALK, ['--max-threads', '0']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error\[E_LINK\]: the program needs threads, and it is given none\n[^]*\n {2}next {6}allow it some: `--max-threads 64`/)]);
  });
});

test('--max-threads: one more fails, and the program is told', async () => {
  const text = `${START} (call $sleep_for_ever)) ${MAIN} (drop (call $spawn (i32.const 0))) (call $exit (i32.eq (call $spawn (i32.const 0)) (i32.const -6))))`;
  expect((await inDirectory(text, ['--max-threads', '1'])).code).toBe(1);
  expect((await inDirectory(text, ['--max-threads', '2'])).code).toBe(0);
});

test('the example of docs/running.md says what stands there', async () => {
  const [, shown] = /examples\/threads\.wat\n([\s\S]*?)```/.exec(readFileSync(path.join(ROOT, 'docs', 'running.md'), 'utf8'))!;
  expect(shown).toBe('3000 counted together\n');
  for (const engine of ENGINES) expect(await runCli(['run', '--engine', engine, path.join(ROOT, 'examples', 'threads.wat')])).toEqual({ code: 0, stdout: shown, stderr: '' });
});
