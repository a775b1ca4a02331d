// What the thread that serves a program and the threads that run it say to each other. All of it is data that can be sent;
// memories and compiled modules are sent as the engines have them. Words: a seat is a worker of Node; it runs one thread of
// the program after the other. Thread 0 is the one that runs `_start`.
import type { ClockOrigin } from '../../wasi/host/clock.js';
import type { StackFrame } from '../../wasm/errors.js';
import type { CStack } from '../c-stack.js';
import type { EngineName } from '../engine.js';
import type { WantedFunction } from '../host/shim.js';

/** What every seat of a program gets when it starts. */
export interface ThreadSetup {
  readonly engine: EngineName;
  readonly emit: boolean;
  readonly maxDepth: number | undefined;
  /** The module, in binary form. */
  readonly bytes: Uint8Array;
  /** The same for the engine of the host. */
  readonly compiled: object | undefined;
  readonly functions: readonly WantedFunction[];
  readonly memories: readonly SentMemory[];
  /** Which of them WASI's pointers point into. */
  readonly wasiMemory: number;
  /** Where time began, for seats that answer by themselves what needs nothing of the others; undefined: everything is asked for. */
  readonly clock: ClockOrigin | undefined;
}

export interface SentMemory {
  readonly module: string;
  readonly name: string;
  /** A memory of the host's engine, or a handle of the interpreter's. */
  readonly memory: unknown;
}

/** A setup for one seat: where its calls are answered. */
export interface SeatSetup extends ThreadSetup {
  readonly answers: Int32Array;
}

/** In `answers`. */
export const enum Answers {
  /** 1 once there is an answer; what the seat sleeps on. */
  there = 0,
  value = 1,
  numbers = 2,
}

/** To a seat: the thread it runs now. */
export interface ThreadStart {
  readonly thread: number;
  /** For `wasi_thread_start`. */
  readonly argument: number;
}

/** From a seat. */
export type FromSeat =
  | { readonly call: number; readonly args: readonly (number | bigint)[] }
  | { readonly end: ThreadEnd };

/** How a thread ended. `proc_exit` is no end: its caller is never answered. */
export type ThreadEnd =
  | { readonly kind: 'returned' }
  | { readonly kind: 'stopped'; readonly stop: SentStop; readonly overflown: CStack | undefined }
  | { readonly kind: 'failed'; readonly error: SentError };

/** A trap, an exhaustion or an exception: errors lose their class on the way. */
export interface SentStop {
  readonly kind: 'trap' | 'exhaustion' | 'exception';
  /** The specification's words, and what else there is to say. */
  readonly wording: string;
  readonly detail: string | undefined;
  readonly limit: 'E_LIMIT_DEPTH' | undefined;
  readonly frames: readonly StackFrame[];
}

export interface SentError {
  readonly code: string | undefined;
  readonly message: string;
  readonly stack: string | undefined;
  readonly where: ReadonlyArray<readonly [label: string, value: string]>;
  readonly next: string | undefined;
}
