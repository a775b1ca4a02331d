// Ctrl-C, SIGTERM and a reader that goes away, turned into one AbortSignal and an exit code.
import { EXIT } from './exit-codes.js';

export type SignalName = 'SIGINT' | 'SIGTERM';

export interface Interruption {
  readonly signal: AbortSignal;
  /** The exit code the interruption asks for, once there was one. */
  readonly exitCode: () => number | undefined;
  readonly signalName: () => SignalName | undefined;
  readonly dispose: () => void;
}

/** The first signal aborts, so that the core can tidy up; the second ends the process at once. */
export function listenForInterruption(process: NodeJS.Process): Interruption {
  const controller = new AbortController();
  let received: SignalName | undefined;
  const code = (name: SignalName) => (name === 'SIGINT' ? EXIT.INTERRUPTED : EXIT.TERMINATED);
  const onSignal = (name: NodeJS.Signals) => {
    if (received !== undefined) process.exit(code(name as SignalName));
    received = name as SignalName;
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    signalName: () => received,
    exitCode: () => (received === undefined ? undefined : code(received)),
    dispose: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
