// A thread's side of the counter: it puts a question in the post and sleeps until the answer is there. When the program ends
// first, it never is, and the sleep ends with the thread.
import type { MessagePort } from 'node:worker_threads';
import { Answers, type FromSeat } from './protocol.js';

export class Mailbox {
  constructor(
    private readonly port: MessagePort,
    private readonly answers: Int32Array,
  ) {}

  /** Calls the imported function of that number. */
  ask(call: number, args: readonly (number | bigint)[]): number {
    Atomics.store(this.answers, Answers.there, 0);
    this.post({ call, args });
    Atomics.wait(this.answers, Answers.there, 0);
    return Atomics.load(this.answers, Answers.value);
  }

  post(message: FromSeat): void {
    this.port.postMessage(message);
  }
}

/** On the other side. */
export function answer(answers: Int32Array, value: number): void {
  Atomics.store(answers, Answers.value, value);
  Atomics.store(answers, Answers.there, 1);
  Atomics.notify(answers, Answers.there);
}
