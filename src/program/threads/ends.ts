// How a thread's end crosses over to the thread that serves the program: classes become data, and data classes again. A stop
// then says which thread it happened in.
import { WasienvError, type ErrorCode } from '../../base/errors.js';
import { Exhaustion, Trap } from '../../wasm/errors.js';
import type { CStack } from '../c-stack.js';
import type { Stop } from '../run.js';
import type { SentError, SentStop, ThreadEnd } from './protocol.js';

/** `judge` tells a used-up C stack by the trap's name. */
export function sentEnd(thrown: unknown, judge: (trap: string) => CStack | undefined): ThreadEnd {
  const after = (wording: string, message: string): string | undefined => (message.startsWith(`${wording}: `) ? message.slice(wording.length + 2) : undefined);
  const stopped = (stop: SentStop, overflown?: CStack): ThreadEnd => ({ kind: 'stopped', stop, overflown });
  if (thrown instanceof Trap) return stopped({ kind: 'trap', wording: thrown.trap, detail: after(thrown.trap, thrown.message), limit: undefined, frames: thrown.frames }, judge(thrown.trap));
  if (thrown instanceof Exhaustion) {
    const { wording, message, code, frames } = thrown;
    return stopped({ kind: 'exhaustion', wording, detail: after(wording, message), limit: code === 'E_LIMIT_DEPTH' ? code : undefined, frames });
  }
  if (thrown instanceof WasienvError && thrown.code === 'E_EXCEPTION') {
    return stopped({ kind: 'exception', wording: thrown.message, detail: undefined, limit: undefined, frames: (thrown as Partial<Stop>).frames ?? [] });
  }
  return { kind: 'failed', error: sentError(thrown) };
}

function sentError(thrown: unknown): SentError {
  if (thrown instanceof WasienvError) return { code: thrown.code, message: thrown.message, stack: thrown.stack, where: thrown.where, next: thrown.next };
  return { code: undefined, message: String(thrown), stack: thrown instanceof Error ? thrown.stack : undefined, where: [], next: undefined };
}

export function receivedStop({ kind, wording, detail, limit, frames }: SentStop, thread: number): Stop {
  const where = [inThread(thread)];
  if (kind === 'trap') return new Trap(wording, detail, frames, { where });
  if (kind === 'exhaustion') return new Exhaustion(wording, detail, frames, { where, ...(limit === undefined ? {} : { code: limit }) });
  return Object.assign(new WasienvError('E_EXCEPTION', wording, { where }), { frames });
}

export function receivedError({ code, message, stack, where, next }: SentError, thread: number): Error {
  const error = code === undefined ? new Error(message) : new WasienvError(code as ErrorCode, message, { where: [...where, inThread(thread)], ...(next === undefined ? {} : { next }) });
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** A line of an error: which thread. */
export const inThread = (thread: number): readonly [string, string] => ['thread', thread === 0 ? 'main' : String(thread)];
