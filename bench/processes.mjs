// Fresh processes, and the time of the processor they took: wall clock tells of the neighbours.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '..');
export const CLI = path.join(ROOT, 'bin', 'wasienv.js');

/** Runs a file of this directory in a process of its own and returns the JSON it prints. */
export function measureInChild(file, job, nodeOptions = []) {
  return JSON.parse(output(process.execPath, [...nodeOptions, path.join(import.meta.dirname, file), JSON.stringify(job)]));
}

/** What a program prints. Throws with what it said when it does not end well. */
export function output(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28, ...options });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}\n${stderr}${stdout}`);
  return stdout;
}

/**
 * What a program prints, and the milliseconds of the processor and of the clock it took from start to end; the former in steps
 * of 10. Of several runs one after the other the mean of each, which makes the steps as much finer.
 */
export function timeProcess(program, args, { runs = 1, env = process.env } = {}) {
  const started = performance.now();
  const script = `i=0; while [ $i -lt ${runs} ]; do i=$((i+1)); "$0" "$@" || exit; done; times >&2`;
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script, program, ...args], { encoding: 'utf8', env });
  const clock = performance.now() - started;
  if (status !== 0) throw new Error(`${program} ended with ${status}\n${stderr}${stdout}`);
  const [user, system] = stderr.trim().split('\n').at(-1).split(' ').map((each) => Number(/(\d+)m/.exec(each)[1]) * 60_000 + Number(/m([\d.]+)s/.exec(each)[1]) * 1000);
  return { stdout, processor: (user + system) / runs, clock: clock / runs };
}

export const isInstalled = (program) => spawnSync('/bin/sh', ['-c', 'command -v "$0"', program]).status === 0;

/** Milliseconds of the processor since `start`, which an earlier call returned; without it, such a start. */
export function processorTime(start) {
  const { user, system } = process.cpuUsage(start);
  return start === undefined ? { user, system } : (user + system) / 1000;
}
