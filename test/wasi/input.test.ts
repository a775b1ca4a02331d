// Standard input from terminals, pipes and files, and output whose reader leaves: a program in C under `wasienv run`, on
// each engine, connected as a shell connects it.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileGuest } from '../support/toolchain.js';
import { ROOT } from '../support/cli.js';
import { makeDirectory } from './support.js';
import { pseudoTerminal } from '../support/skips.js';

let guest: string;
beforeAll(async () => {
  const guests = path.join(import.meta.dirname, 'guests');
  const header = fs.readFileSync(path.join(guests, 'check.h'), 'utf8').replace('#pragma once', '');
  guest = await compileGuest(fs.readFileSync(path.join(guests, 'input.c'), 'utf8').replace('#include "check.h"', header), { args: ['-O1'] });
});

const CLI = path.join(ROOT, 'bin', 'wasienv.js');
const hasScript = spawnSync('script', ['--version']).status === 0;

/** Answers what the program says, line by line; all it said when it has ended. */
function converse(child: ChildProcess, answers: Readonly<Record<string, (stdin: NonNullable<ChildProcess['stdin']>) => void>>): Promise<string> {
  let said = '';
  const waiting = new Set(Object.keys(answers));
  child.stdout!.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    for (const line of waiting) {
      if (!new RegExp(`^${line}\\r?$`, 'm').test(said)) continue;
      waiting.delete(line);
      // Long enough that a program which spins meanwhile is found out by its processor time.
      setTimeout(() => answers[line]!(child.stdin!), 700);
    }
  });
  return new Promise((resolve) => child.on('close', () => resolve(said)));
}

describe.each(['interpreter', 'host'])('on the engine %s', (engine) => {
  const command = (mode: string): string[] => [CLI, 'run', '--engine', engine, guest, mode];

  // util-linux's script(1) gives a process a terminal; without it there is nothing to test a terminal with.
  test.skipIf(!hasScript)(`a terminal: lines as they are typed, polling, the end by ^D${pseudoTerminal(hasScript).why}`, async () => {
    const line = [process.execPath, ...command('terminal')].map((word) => `'${word}'`).join(' ');
    // script(1) wants a pipe for its input, which Node's own is not, and stays until that ends.
    const child = spawn('sh', ['-c', 'cat | script -qefc "$0" /dev/null', line], { stdio: ['pipe', 'pipe', 'inherit'] });
    const said = await converse(child, {
      ready: (stdin) => void stdin.write('hello\n'),
      more: (stdin) => void stdin.write('second\n'),
      end: (stdin) => void stdin.end('\x04'),
    });
    expect(said).toMatch(/\d+ checks, 0 failures/);
  });

  test('a pipe: what comes, as it comes, and its end', async () => {
    // `cat` makes it a pipe; Node's own would be a socket.
    const child = spawn('sh', ['-c', 'cat | "$0" "$@"', process.execPath, ...command('pipe')], { stdio: ['pipe', 'pipe', 'inherit'] });
    const said = await converse(child, {
      ready: (stdin) => void stdin.write('hello\n'),
      more: (stdin) => void stdin.write('second\n'),
      end: (stdin) => void stdin.end(),
    });
    expect(said).toMatch(/\d+ checks, 0 failures/);
  });

  test('a file: a position, and its end', () => {
    const input = path.join(makeDirectory(), 'input');
    fs.writeFileSync(input, 'hello\n');
    const stdin = fs.openSync(input, 'r');
    const { stdout } = spawnSync(process.execPath, command('file'), { stdio: [stdin, 'pipe', 'inherit'] });
    fs.closeSync(stdin);
    expect(stdout.toString()).toMatch(/^\d+ checks, 0 failures\n$/);
  });

  test('a reader that takes nothing is EAGAIN for a program that does not wait', () => {
    const pipe = path.join(makeDirectory(), 'pipe');
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0);
    const reader = fs.openSync(pipe, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
    const stdout = fs.openSync(pipe, 'w');
    const { stderr, status } = spawnSync(process.execPath, command('full'), { stdio: ['ignore', stdout, 'pipe'] });
    fs.closeSync(stdout);
    fs.closeSync(reader);
    expect([status, stderr.toString()]).toEqual([4, 'EAGAIN after some\n']);
  });

  test('a reader that leaves is EPIPE, and the exit code is the program’s own', () => {
    const { stderr } = spawnSync('sh', ['-c', '{ "$0" "$@"; echo "code $?" >&2; } | head -c 10 > /dev/null', process.execPath, ...command('flood')], { stdio: ['ignore', 'ignore', 'pipe'] });
    expect(stderr.toString()).toBe('EPIPE\ncode 3\n');
  });
});
