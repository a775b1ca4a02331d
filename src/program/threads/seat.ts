// The file a worker of Node begins with: it makes ready what all threads of the program need, then runs one after the other.
// Each is an instance of its own over the memories they share. What the engine does is in on-host.ts and on-interpreter.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { sentEnd } from './ends.js';
import { Mailbox } from './mailbox.js';
import { ownFunctions } from './own-calls.js';
import type { CStack } from '../c-stack.js';
import type { SeatSetup, ThreadStart } from './protocol.js';

export type Functions = Readonly<Record<string, Readonly<Record<string, (...args: (number | bigint)[]) => number>>>>;

/** What an engine gives for a setup. */
export interface Player {
  /** Where WASI's pointers point, as it is now. */
  view(): Uint8Array;
  /** Runs an exported function of a new instance. */
  run(functions: Functions, name: string, args: readonly number[]): void;
  /** What `run` threw, as Trap, Exhaustion and the like. */
  judge(thrown: unknown): Promise<unknown>;
  /** After a trap of that name: the C stack, if it was used up. */
  overflown(trap: string): CStack | undefined;
}

const setup = workerData as SeatSetup;
const port = parentPort!;
const mailbox = new Mailbox(port, setup.answers);
const player: Player = setup.engine === 'host' ? (await import('./on-host.js')).onHost(setup) : (await import('./on-interpreter.js')).onInterpreter(setup);
const functions = importedFunctions();

function importedFunctions(): Functions {
  const own = setup.clock === undefined ? undefined : ownFunctions(setup.clock, () => player.view());
  const made: Record<string, Record<string, (...args: (number | bigint)[]) => number>> = {};
  setup.functions.forEach(({ module, name }, call) => {
    (made[module] ??= {})[name] = own?.[module]?.[name] ?? ((...args) => mailbox.ask(call, args));
  });
  return made;
}

port.on('message', async ({ thread, argument }: ThreadStart) => {
  try {
    if (thread === 0) player.run(functions, '_start', []);
    else player.run(functions, 'wasi_thread_start', [thread, argument]);
    mailbox.post({ end: { kind: 'returned' } });
  } catch (thrown) {
    const stop = await player.judge(thrown);
    // The C stack of a thread that was started is a piece of memory like any other: nothing tells its end.
    mailbox.post({ end: sentEnd(stop, (trap) => (thread === 0 ? player.overflown(trap) : undefined)) });
  }
});
