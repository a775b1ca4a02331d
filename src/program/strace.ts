// `--strace`: each WASI call of a program as a line, with what it was asked and what it answered. Text is for people and
// looks like strace's; JSON has the same as data, an object a line (manifests/strace.schema.json). What decodes a call is
// wasi/observe/describe.ts; what is done with a line is for whoever gives `write`.
import { errnoName, type Answer, type ObservedCall, type WasiObserver } from '../wasi/index.js';
import { Errno } from '../wasi/abi.js';
import { DescriptorNames } from '../wasi/observe/descriptor-names.js';
import { describeArguments, describeResults, type Field } from '../wasi/observe/describe.js';
import { preview1Calls } from '../wasi/preview1.js';
import type { ExitStatus } from './run.js';
import { noTime, realNow } from './observers.js';

export interface StraceOptions {
  readonly format: 'text' | 'json';
  /** Whether a call is shown; see `parseFilter`. */
  readonly shows: CallFilter;
  readonly write: (text: string) => void;
  /** The names of the preopens, in their order. */
  readonly granted: readonly string[];
  /** Without them, two runs that do the same look the same. */
  readonly durations: boolean;
  /** Streams of the program (`<stderr>`) that go where the lines go: a line of ours never starts in the middle of theirs. */
  readonly sameScreen: readonly string[];
}

export interface Strace extends WasiObserver {
  /** The last line: how the program ended. */
  finish(status: ExitStatus): void;
}

/** Of a program with threads: each has its own observer, and its number in front of every line. */
export interface ThreadsStrace {
  observerOf(thread: number): WasiObserver;
  /** `thread-spawn` of a thread, with its argument and what it was answered. */
  spawned(thread: number, argument: number, answer: number): void;
  /** A thread that was started has come to its end. */
  returned(thread: number): void;
  finish(status: ExitStatus): void;
}

export function makeStrace(options: StraceOptions): Strace {
  const screen = new Screen(options.write);
  return { ...callsOf(options, screen, new DescriptorNames(options.granted)), finish: (status) => finish(options, screen, status) };
}

export function makeThreadsStrace(options: StraceOptions): ThreadsStrace {
  const screen = new Screen(options.write);
  const names = new DescriptorNames(options.granted);
  const { format, shows } = options;
  return {
    observerOf: (thread) => callsOf(options, screen, names, thread),
    spawned(thread, argument, answer) {
      const failed = answer < 0;
      if (!shows.name(THREAD_SPAWN) || (shows.onlyFailed && !failed)) return;
      const errno = failed ? errnoName(-answer) : 'ESUCCESS';
      if (format === 'json') screen.data({ thread, call: THREAD_SPAWN, interface: 'wasi', args: { start_arg: argument }, errno, ...(failed ? {} : { result: { thread: answer } }) });
      else screen.line(`${labelOf(thread)}${THREAD_SPAWN}(0x${argument.toString(16)}) = ${failed ? `${errno} (${WORDS[-answer]})` : answer}\n`);
    },
    returned(thread) {
      if (shows.onlyFailed || !shows.name(THREAD_SPAWN)) return;
      if (format === 'json') screen.data({ thread, end: 'return' });
      else screen.line(`${labelOf(thread)}+++ returned +++\n`);
    },
    finish: (status) => finish(options, screen, status),
  };
}

const THREAD_SPAWN = 'thread-spawn';
const labelOf = (thread: number): string => (thread === 0 ? '[main] ' : `[${thread}] `);

/** Where lines go, and what stands at the end of the last one. */
class Screen {
  /** The program's own output has left it in the middle of a line. */
  lineOpen = false;
  /** Told that its call, whose beginning is the last line, will be finished elsewhere. */
  private unfinished: (() => void) | undefined;

  constructor(private readonly write: (text: string) => void) {}

  data(object: object): void {
    this.write(`${JSON.stringify(object)}\n`);
  }

  /** A whole line. */
  line(text: string): void {
    this.interrupt();
    this.write(`${this.lineOpen ? '\n' : ''}${text}`);
    this.lineOpen = false;
  }

  /** The beginning of a line. */
  head(text: string, interrupted: () => void): void {
    this.line(text);
    this.unfinished = interrupted;
  }

  /** Its end, when nothing came in between. */
  tail(text: string): void {
    this.unfinished = undefined;
    this.write(text);
  }

  /** Something else comes to stand here. */
  interrupt(): void {
    if (this.unfinished === undefined) return;
    this.unfinished();
    this.unfinished = undefined;
    this.write(' <unfinished ...>\n');
  }
}

/** The calls of one thread; `thread` is undefined for a program that has no other. */
function callsOf(options: StraceOptions, screen: Screen, names: DescriptorNames, thread?: number): WasiObserver {
  const { format, shows, durations } = options;
  const label = thread === undefined ? '' : labelOf(thread);
  let args: Field[] | undefined;
  /** Undefined: nothing of the call stands there yet. */
  let shown: 'open' | 'cut off' | undefined;
  const head = (call: ObservedCall): string => `${label}${call.name}(${args!.map(({ text }) => text).join(', ')})`;
  return {
    now: durations ? realNow : noTime,
    before(call) {
      shown = undefined;
      if (call.name === 'fd_write' && options.sameScreen.includes(names.of(call.args[0] as number) ?? '')) screen.interrupt();
      // Decoded now: results may be written over what was asked.
      args = shows.name(call.name) ? describeArguments(call, names) : undefined;
      if (format === 'text' && args !== undefined && !shows.onlyFailed && mayWait(call, names)) {
        shown = 'open';
        screen.head(head(call), () => (shown = 'cut off'));
      }
    },
    after(call, answer) {
      names.follow(call, answer);
      noteColumn(call, answer);
      if (args === undefined || (shows.onlyFailed && answer.errno === Errno.success)) return;
      const results = describeResults(call, answer, names);
      if (format === 'json') {
        screen.data({ ...(thread === undefined ? {} : { thread }), ...asData(call, args, results, answer, durations) });
        return;
      }
      const text = `${textOf(results, answer)}${durations && answer.exit === undefined ? ` <${duration(answer.durationNs)}>` : ''}\n`;
      if (shown === 'open') screen.tail(text);
      else screen.line(`${shown === undefined ? head(call) : `${label}<... ${call.name} resumed>`}${text}`);
    },
  };

  /** Whether the program's own output has left the screen in the middle of a line. */
  function noteColumn({ name, args: [fd, iovs, count], memory }: ObservedCall, { errno }: Answer): void {
    if (name !== 'fd_write' || errno !== Errno.success || !options.sameScreen.includes(names.of(fd as number) ?? '')) return;
    for (let index = (count as number) - 1; index >= 0; index -= 1) {
      const at = memory.readU32((iovs as number) + index * 8);
      const length = memory.readU32((iovs as number) + index * 8 + 4);
      if (length === 0) continue;
      screen.lineOpen = memory.readU8(at + length - 1) !== 0x0a;
      return;
    }
  }
}

function finish({ format }: StraceOptions, screen: Screen, status: ExitStatus): void {
  if (format === 'json') screen.data(endData(status));
  else screen.line(`+++ ${status.kind === 'trap' ? `trapped: ${status.name}` : status.kind === 'limit' ? `stopped: ${status.error.wording}` : `exited with ${status.code | 0}`} +++\n`);
}

function endData(status: ExitStatus): object {
  if (status.kind === 'trap') return { end: 'trap', trap: status.name };
  return status.kind === 'limit' ? { end: 'limit', limit: status.error.wording } : { end: 'exit', code: status.code | 0 };
}

/** Calls whose beginning is shown before their answer: a program that hangs, hangs in one of these. */
function mayWait({ name, args: [fd] }: ObservedCall, names: DescriptorNames): boolean {
  return name === 'poll_oneoff' || name.startsWith('sock_') || (name === 'fd_read' && names.of(fd as number) === '<stdin>');
}

function textOf(results: readonly Field[], { errno, exit }: Answer): string {
  if (exit !== undefined) return '';
  if (errno !== Errno.success) return ` = ${errnoName(errno)}${WORDS[errno] === undefined ? '' : ` (${WORDS[errno]})`}`;
  return results.length === 0 ? ' = 0' : ` = ${results.map(({ text }) => text).join(' ')}`;
}

function asData(call: ObservedCall, args: readonly Field[], results: readonly Field[], answer: Answer, durations: boolean): object {
  const object = (fields: readonly Field[]) => Object.fromEntries(fields.map(({ name, data }) => [name, data]));
  return {
    call: call.name,
    interface: call.snapshot,
    args: object(args),
    ...(answer.exit !== undefined ? { exit: answer.exit | 0 } : { errno: errnoName(answer.errno), ...(results.length === 0 ? {} : { result: object(results) }) }),
    ...(durations && answer.exit === undefined ? { durationNs: Number(answer.durationNs) } : {}),
  };
}

function duration(ns: bigint): string {
  const value = Number(ns);
  return value < 1e6 ? `${(value / 1e3).toFixed(0)} µs` : value < 1e9 ? `${(value / 1e6).toFixed(1)} ms` : `${(value / 1e9).toFixed(1)} s`;
}

/** What the errnos people meet mean. */
const WORDS: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries({
    '2big': 'argument list too long', acces: 'permission denied', again: 'nothing there now', badf: 'not an open descriptor for that', busy: 'in use', exist: 'is there already',
    fault: 'outside memory', fbig: 'file too large', ilseq: 'not UTF-8', inval: 'invalid argument', io: 'input/output error', isdir: 'is a directory', loop: 'too many links',
    mfile: 'too many open descriptors', nametoolong: 'name too long', noent: 'no such file or directory', nospc: 'no space left', nosys: 'no such function', notcapable: 'right not granted',
    notdir: 'not a directory', notempty: 'directory not empty', notsock: 'not a socket', notsup: 'not supported', perm: 'leads outside what was granted, or not permitted', pipe: 'nobody reads any more',
    rofs: 'granted read-only', spipe: 'cannot seek', xdev: 'another file system', mlink: 'too many links to it', dquot: 'quota used up', txtbsy: 'being run',
  }).map(([name, words]) => [Errno[name as keyof typeof Errno], words]),
);

// ---- Which calls.

export interface CallFilter {
  readonly name: (call: string) => boolean;
  readonly onlyFailed: boolean;
}

/** Groups of calls, by patterns of their names. */
export const CALL_GROUPS: Readonly<Record<string, readonly string[]>> = {
  file: ['path_*', 'fd_*'],
  path: ['path_*'],
  read: ['fd_read', 'fd_pread', 'fd_readdir', 'path_readlink', 'sock_recv'],
  write: ['fd_write', 'fd_pwrite', 'sock_send'],
  start: ['args_*', 'environ_*', 'fd_prestat_*'],
  clock: ['clock_*'],
  poll: ['poll_oneoff', 'sched_yield'],
  socket: ['sock_*'],
  process: ['proc_*'],
  thread: ['thread-*'],
};

/**
 * `path_open,fd_*`: these calls; `write`: a group; `-clock`: all but these; `failed`: of what is shown, calls that failed.
 * Returns the word that names no call instead of a filter, when there is one.
 */
export function parseFilter(text: string | undefined): CallFilter | { readonly unknown: string } {
  const wanted: RegExp[] = [];
  const unwanted: RegExp[] = [];
  let onlyFailed = false;
  for (const word of (text ?? '').split(',').map((part) => part.trim()).filter((part) => part !== '')) {
    const name = word.replace(/^-/, '');
    if (name === 'failed' && word === name) {
      onlyFailed = true;
      continue;
    }
    const patterns = (CALL_GROUPS[name] ?? [name]).map((pattern) => new RegExp(`^${pattern.replace(/[^\w*]/g, '\\$&').replaceAll('*', '.*')}$`));
    if (![...preview1Calls, { name: THREAD_SPAWN }].some(({ name: call }) => patterns.some((pattern) => pattern.test(call)))) return { unknown: word };
    (word.startsWith('-') ? unwanted : wanted).push(...patterns);
  }
  return {
    name: (call) => (wanted.length === 0 || wanted.some((pattern) => pattern.test(call))) && !unwanted.some((pattern) => pattern.test(call)),
    onlyFailed,
  };
}
