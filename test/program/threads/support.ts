// Programs with threads for tests: their text, how they are run on either engine, and C that runs without a C library.
import { loadEngine, runThreads, type ExitStatus, type ThreadsOptions } from '../../../src/program/index.js';
import { encode, parse } from '../../../src/wasm/index.js';
import type { WasiOptions } from '../../../src/wasi/index.js';
import { collector } from '../../wasi/support.js';

export const ENGINES = ['host', 'interpreter'] as const;
export type EngineName = (typeof ENGINES)[number];

/**
 * What programs with threads have in common: a shared memory of one page that may grow to 16, and functions to wait with.
 * Addresses below 64 are free for words that threads wait on.
 */
const COMMON = `
  (import "env" "memory" (memory 1 16 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (export "memory" (memory 0))
  ;; Sleeps until the word there is no longer \`old\`.
  (func $await_change (param $at i32) (param $old i32)
    (loop $again
      (if (i32.eq (i32.atomic.load (local.get $at)) (local.get $old)) (then
        (drop (memory.atomic.wait32 (local.get $at) (local.get $old) (i64.const -1)))
        (br $again)))))
  ;; Sleeps until the word there is at least \`wanted\`.
  (func $await_count (param $at i32) (param $wanted i32) (local $now i32)
    (loop $again
      (local.set $now (i32.atomic.load (local.get $at)))
      (if (i32.lt_u (local.get $now) (local.get $wanted)) (then
        (drop (memory.atomic.wait32 (local.get $at) (local.get $now) (i64.const -1)))
        (br $again)))))
  (func $count (param $at i32)
    (drop (i32.atomic.rmw.add (local.get $at) (i32.const 1)))
    (drop (memory.atomic.notify (local.get $at) (i32.const -1))))
  (func $must (param i32) (if (i32.eqz (local.get 0)) (then unreachable)))
  (func $sleep_for_ever (drop (memory.atomic.wait32 (i32.const 60) (i32.const 0) (i64.const -1))) unreachable)
  (func $spin_for_ever (loop $again (br $again)))
`;

export const program = (text: string): Uint8Array => encode(parse(`(module ${COMMON} ${text})`), { names: true });
export const textOf = (text: string): string => `(module ${COMMON} ${text})`;

export interface Ran {
  readonly status: ExitStatus;
  readonly stdout: string;
  readonly stderr: string;
}

export type RunOptions = Partial<Omit<ThreadsOptions, 'wasi' | 'engine'>> & { readonly wasi?: Partial<WasiOptions> };

export async function run(bytes: Uint8Array, engine: EngineName, { wasi, ...options }: RunOptions = {}): Promise<Ran> {
  const stdout = collector();
  const stderr = collector();
  const loaded = await loadEngine(engine);
  const status = await runThreads({
    name: 'threads.wasm', ...options, bytes,
    wasi: { args: ['threads'], env: {}, stdin: { read: () => 0 }, stdout, stderr, preopens: [], ...wasi },
    ...(loaded === undefined ? {} : { engine: loaded }),
  });
  return { status, stdout: stdout.text(), stderr: stderr.text() };
}

export const exited = (code: number) => ({ kind: 'exit', code });
