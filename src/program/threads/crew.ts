// The threads of a program: which of Node's workers runs which, how many there may be, and that none of them lives on after
// the program. A worker whose thread has returned takes the next one: starting a worker costs some 30 ms.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Outcome, SharedImport } from '../../wasi/shared-counter.js';
import { answer } from './mailbox.js';
import { Answers, type FromSeat, type SeatSetup, type ThreadEnd, type ThreadSetup, type ThreadStart } from './protocol.js';

/** What `thread-spawn` may answer: 1 to 2^29 - 1, or below zero. */
const LAST_THREAD = 2 ** 29 - 1;
/** EAGAIN, below zero. */
const NO_MORE = -6;

export interface CrewOptions {
  readonly setup: ThreadSetup;
  /** Threads alive at once, the main one not counted. */
  readonly maxThreads: number;
  /** The functions a thread calls, in the order of the setup's; undefined for `thread-spawn`. */
  readonly functionsOf: (thread: number) => readonly (SharedImport | undefined)[];
  /** A call did not come to an answer. */
  readonly ended: (outcome: Exclude<Outcome, { readonly errno: unknown }>, thread: number) => void;
  /** `thread-spawn` was called, and answered so. */
  readonly spawned: (thread: number, argument: number, answer: number) => void;
  /** A thread returned or was stopped. */
  readonly finished: (end: ThreadEnd, thread: number) => void;
  /** A worker died. */
  readonly lost: (error: Error, thread: number | undefined) => void;
}

interface Seat {
  readonly worker: Worker;
  readonly answers: Int32Array;
  /** Undefined between two threads. */
  thread: number | undefined;
  functions: readonly (SharedImport | undefined)[];
}

export class Crew {
  private readonly seats = new Set<Seat>();
  private last = 0;
  private alive = 0;
  private dismissed = false;

  constructor(private readonly options: CrewOptions) {}

  /** Starts thread 0. */
  begin(): void {
    this.seat(0, 0);
    // On another processor the seat of the first thread that is started gets ready while the main one does.
    if (this.options.maxThreads > 0 && availableParallelism() > 1) this.newSeat();
  }

  /** A new thread, or a number below zero. */
  private spawn(argument: number): number {
    if (this.alive >= this.options.maxThreads || this.last === LAST_THREAD) return NO_MORE;
    this.alive += 1;
    this.last += 1;
    this.seat(this.last, argument);
    return this.last;
  }

  private seat(thread: number, argument: number): void {
    const seat = [...this.seats].find((each) => each.thread === undefined) ?? this.newSeat();
    seat.thread = thread;
    seat.functions = this.options.functionsOf(thread);
    seat.worker.postMessage({ thread, argument } satisfies ThreadStart);
  }

  private newSeat(): Seat {
    const answers = new Int32Array(new SharedArrayBuffer(Answers.numbers * 4));
    const workerData: SeatSetup = { ...this.options.setup, answers };
    const worker = new Worker(new URL('./seat.js', import.meta.url), { workerData, execArgv: [], env: {} });
    const seat: Seat = { worker, answers, thread: undefined, functions: [] };
    this.seats.add(seat);
    worker.on('message', (message: FromSeat) => this.received(seat, message));
    worker.on('error', (error) => this.gone(seat, error));
    worker.on('exit', (code) => this.gone(seat, new Error(`it ended with ${code}`)));
    return seat;
  }

  private received(seat: Seat, message: FromSeat): void {
    if (this.dismissed) return;
    const thread = seat.thread!;
    if ('end' in message) {
      seat.thread = undefined;
      if (thread !== 0) this.alive -= 1;
      this.options.finished(message.end, thread);
      return;
    }
    const called = seat.functions[message.call];
    if (called === undefined) {
      const argument = message.args[0] as number;
      const spawned = this.spawn(argument);
      this.options.spawned(thread, argument >>> 0, spawned);
      answer(seat.answers, spawned);
    } else {
      called(message.args, (outcome) => {
        if ('errno' in outcome) answer(seat.answers, outcome.errno);
        else this.options.ended(outcome, thread);
      });
    }
  }

  private gone(seat: Seat, error: Error): void {
    if (this.dismissed) return;
    this.seats.delete(seat);
    this.options.lost(error, seat.thread);
  }

  /** Ends every worker, whatever it is doing. */
  async dismiss(): Promise<void> {
    this.dismissed = true;
    await Promise.all([...this.seats].map(({ worker }) => worker.terminate()));
  }
}
