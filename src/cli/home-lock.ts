// How a command waits for another wasienv that is changing the same home: it says so, and Ctrl-C ends it.
import type { LockOptions } from '../toolchain/index.js';
import type { CommandContext } from './command.js';

export const waitingFor = (holder: string): string => `waiting for another wasienv: ${holder}`;

export function homeLock({ output, signal }: Pick<CommandContext, 'output' | 'signal'>): LockOptions {
  return { signal, onWait: (holder) => output.note(waitingFor(holder)) };
}
