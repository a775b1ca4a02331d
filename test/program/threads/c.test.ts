// C that does what a threads library does: stacks of its own, a mutex and a condition of wait and notify, a queue between
// threads; compiled without a C library, which the portable compiler has not got for threads.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadEngine, loadModule, runThreads, withSourceLines } from '../../../src/program/index.js';
import { compileGuest } from '../../support/toolchain.js';
import { ENGINES, exited, run } from './support.js';

const ARGS = [
  '-nostdlib', '-ffreestanding', '-matomics', '-mbulk-memory', '-O1', '-g',
  ...['--import-memory', '--export-memory', '--shared-memory', '--initial-memory=1048576', '--max-memory=16777216'].map((each) => `-Wl,${each}`),
];

/** As in wasi-libc: a thread's own stack stands where its argument points, and is set before any C runs. */
const LIBRARY = String.raw`
typedef unsigned int u32;
typedef unsigned long size_t;
__attribute__((import_module("wasi"), import_name("thread-spawn"))) int spawn(void *start);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_exit"), noreturn)) void exit(u32 code);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write"))) int fd_write(u32 fd, const void *iovs, u32 count, u32 *written);

struct start { void *stack; void (*run)(void *); void *argument; int done; int thread; };

__asm__(
  ".globaltype __stack_pointer, i32\n"
  ".functype begin (i32, i32) -> ()\n"
  ".globl wasi_thread_start\n"
  ".export_name wasi_thread_start, wasi_thread_start\n"
  ".type wasi_thread_start,@function\n"
  "wasi_thread_start:\n"
  "  .functype wasi_thread_start (i32, i32) -> ()\n"
  "  local.get 1\n"
  "  i32.load 0\n"
  "  global.set __stack_pointer\n"
  "  local.get 0\n"
  "  local.get 1\n"
  "  call begin\n"
  "  end_function\n");

static int wait_for(int *at, int old) { return __builtin_wasm_memory_atomic_wait32(at, old, -1); }
static void wake(int *at, u32 count) { __builtin_wasm_memory_atomic_notify(at, count); }

__attribute__((used)) void begin(int thread, struct start *start) {
  start->thread = thread;
  start->run(start->argument);
  __atomic_store_n(&start->done, 1, __ATOMIC_SEQ_CST);
  wake(&start->done, -1);
}

/* 0: free; 1: held; 2: held, and somebody may wait. */
static void lock(int *mutex) {
  int state = 0;
  if (__atomic_compare_exchange_n(mutex, &state, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return;
  if (state != 2) state = __atomic_exchange_n(mutex, 2, __ATOMIC_SEQ_CST);
  while (state != 0) {
    wait_for(mutex, 2);
    state = __atomic_exchange_n(mutex, 2, __ATOMIC_SEQ_CST);
  }
}
static void unlock(int *mutex) {
  if (__atomic_exchange_n(mutex, 0, __ATOMIC_SEQ_CST) == 2) wake(mutex, 1);
}
static void condition_wait(int *condition, int *mutex) {
  int seen = __atomic_load_n(condition, __ATOMIC_SEQ_CST);
  unlock(mutex);
  wait_for(condition, seen);
  lock(mutex);
}
static void condition_signal(int *condition) {
  __atomic_fetch_add(condition, 1, __ATOMIC_SEQ_CST);
  wake(condition, -1);
}

#define STACK 16384
#define MOST 16
static char stacks[MOST][STACK] __attribute__((aligned(16)));
static struct start starts[MOST];
static int started;

static int thread_create(void (*run)(void *), void *argument) {
  struct start *start = &starts[started];
  start->stack = stacks[started++] + STACK;
  start->run = run;
  start->argument = argument;
  return spawn(start);
}
static void thread_join(int index) {
  while (!__atomic_load_n(&starts[index].done, __ATOMIC_SEQ_CST)) wait_for(&starts[index].done, 0);
}
static void must(int fact) { if (!fact) __builtin_trap(); }
`;

const LOCKS = `${LIBRARY}
static int mutex;
static long long sum;
static int counts[8];
static void work(void *argument) {
  int mine = (int)argument;
  /* On the thread's own stack: others must not be able to change it. */
  volatile int left[32];
  for (int i = 0; i < 32; i++) left[i] = 20;
  for (int i = 0; i < 32; i++)
    while (left[i]--) {
      lock(&mutex);
      sum += mine;
      counts[mine]++;
      unlock(&mutex);
    }
}
void _start(void) {
  for (int i = 0; i < 8; i++) must(thread_create(work, (void *)i) > 0);
  for (int i = 0; i < 8; i++) thread_join(i);
  must(sum == 28 * 640);
  for (int i = 0; i < 8; i++) must(counts[i] == 640 && starts[i].thread == i + 1);
  exit(3);
}
`;

const QUEUE = `${LIBRARY}
#define ROOM 4
#define EACH 200
static int mutex, not_empty, not_full;
static int queue[ROOM], head, length;
static int received[3 * EACH + 1];
static void put(int value) {
  lock(&mutex);
  while (length == ROOM) condition_wait(&not_full, &mutex);
  queue[(head + length++) % ROOM] = value;
  condition_signal(&not_empty);
  unlock(&mutex);
}
static int take(void) {
  lock(&mutex);
  while (length == 0) condition_wait(&not_empty, &mutex);
  int value = queue[head];
  head = (head + 1) % ROOM;
  length--;
  condition_signal(&not_full);
  unlock(&mutex);
  return value;
}
static void produce(void *argument) {
  for (int i = 0; i < EACH; i++) put((int)argument * EACH + i + 1);
}
static void consume(void *argument) {
  for (int value; (value = take()) != 0;) __atomic_fetch_add(&received[value], 1, __ATOMIC_SEQ_CST);
}
void _start(void) {
  for (int i = 0; i < 2; i++) must(thread_create(consume, 0) > 0);
  for (int i = 0; i < 3; i++) must(thread_create(produce, (void *)i) > 0);
  for (int i = 2; i < 5; i++) thread_join(i);
  put(0);
  put(0);
  for (int i = 0; i < 2; i++) thread_join(i);
  for (int i = 1; i <= 3 * EACH; i++) must(received[i] == 1);
}
`;

const TRAP = `${LIBRARY}
static volatile int zero;
static volatile int result;
__attribute__((noinline)) static int divide(int a) {
  return a / zero;
}
static void work(void *argument) {
  result = divide((int)argument);
}
void _start(void) {
  thread_create(work, (void *)7);
  thread_join(0);
}
`;

describe.each(ENGINES)('on the %s', (engine) => {
  test('8 threads with a mutex, each on a stack of its own', async () => {
    expect((await run(readFileSync(await compileGuest(LOCKS, { args: ARGS })), engine)).status).toEqual(exited(3));
  });

  test('what three threads put into a short queue, two others take out, each thing once', async () => {
    expect((await run(readFileSync(await compileGuest(QUEUE, { args: ARGS })), engine)).status).toEqual(exited(0));
  });

  describe('a trap of a thread', () => {
    let file: string;
    beforeAll(async () => {
      file = await compileGuest(TRAP, { args: ARGS });
    });

    test('has the lines of its source', async () => {
      const bytes = readFileSync(file);
      const module = loadModule(bytes, file);
      const loaded = await loadEngine(engine);
      const status = await runThreads({
        name: file, module, bytes, wasi: { args: [], env: {}, stdin: { read: () => 0 }, stdout: 1, stderr: 2, preopens: [] }, ...(loaded === undefined ? {} : { engine: loaded }),
      });
      if (status.kind !== 'trap') throw new Error(`it ended by ${status.kind}`);
      expect([status.name, status.error.where]).toEqual(['integer divide by zero', [['thread', '1']]]);
      const line = (text: string) => TRAP.split('\n').findIndex((each) => each.includes(text)) + 1;
      const calls = (await withSourceLines(status.error.frames, module)).map(({ name, line: at }) => `${name}:${at}`);
      expect(calls.slice(0, 2)).toEqual([`divide:${line('return a /')}`, `work:${line('result = divide')}`]);
    });
  });
});
