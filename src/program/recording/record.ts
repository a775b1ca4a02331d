// Records: an observer that notes each call with what it read and wrote.
import type { WasiObserver } from '../../wasi/index.js';
import { inputsOf } from '../../wasi/observe/inputs.js';
import { Journal } from '../../wasi/observe/journal.js';
import { realNow } from '../observers.js';
import type { RecordedCall } from './format.js';

/** `record` gets each call when it has answered; what it throws ends the program. */
export function recorder(record: (call: RecordedCall) => void): WasiObserver {
  const journal = new Journal();
  let inputs: string[] = [];
  return {
    memory: journal.memory,
    now: realNow,
    before(call) {
      inputs = inputsOf(call);
      journal.clear();
    },
    after(call, { errno, exit }) {
      const { snapshot, name, args } = call;
      record({ snapshot, name, args: [...args], inputs, errno, ...(exit === undefined ? {} : { exit }), writes: journal.writes(call) });
    },
  };
}
