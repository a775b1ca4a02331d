// Replays: a counter that answers from a recording, and touches nothing of the host but the streams the program wrote to.
// Each call must be the recorded one, with the same arguments and the same inputs; the first that is not ends the run.
import { WasienvError } from '../../base/errors.js';
import { ProcExit, type Wasi, type WasiObserver } from '../../wasi/index.js';
import { Errno } from '../../wasi/abi.js';
import { makeObservedImport, type Call, type ObservedCall } from '../../wasi/call.js';
import { WasiError } from '../../wasi/errors.js';
import { ObservedMemory, type GuestMemory } from '../../wasi/memory.js';
import { DescriptorNames } from '../../wasi/observe/descriptor-names.js';
import { describeArguments } from '../../wasi/observe/describe.js';
import { inputsOf, isSending, piecesOf } from '../../wasi/observe/inputs.js';
import { PREVIEW0, preview0Calls } from '../../wasi/preview0.js';
import { PREVIEW1, preview1Calls } from '../../wasi/preview1.js';
import { sameTrap } from '../host/traps.js';
import { noTime } from '../observers.js';
import type { ExitStatus } from '../run.js';
import { cutOff } from './errors.js';
import { endOf, type End, type RecordedCall, type RecordedCalls } from './format.js';

/** What happened, and what should have; `calls` before it were alike. */
export interface Difference {
  readonly calls: number;
  /** The call that was made, decoded, or how the program ended. */
  readonly now: string;
  /** The recorded one: its name, arguments and inputs, or how the recorded program ended. */
  readonly then: string;
}

export interface ReplayOptions {
  readonly calls: RecordedCalls;
  readonly granted: readonly string[];
  /** Gets what the program writes to its streams. */
  readonly output: (stream: '<stdout>' | '<stderr>', bytes: Uint8Array) => void;
  readonly observer?: WasiObserver;
  /** Makes the error for a difference. */
  readonly differs: (difference: Difference) => Error;
  /** Called before each call, with how many there were before it. */
  readonly beforeCall?: (call: ObservedCall, index: number, names: DescriptorNames) => void;
}

export interface Replay extends Wasi {
  /** Throws when the program has ended otherwise than the recorded one, or earlier. */
  finish(status: ExitStatus): void;
}

const QUIET: WasiObserver = { now: noTime, after: () => {} };

/** A counter for one run. Its functions throw what `differs` makes at the first call that is another one, E_RECORDING where the recording stops, ProcExit where the program ended. */
export function replay(options: ReplayOptions): Replay {
  const { calls, differs } = options;
  const names = new DescriptorNames(options.granted);
  let guest: GuestMemory = { view: () => new Uint8Array() };
  let count = 0;

  const answer = (snapshot: string) => ({ name, params }: Call, args: readonly (number | bigint)[]): Errno => {
    const call: ObservedCall = { snapshot, name, params, args, memory: new ObservedMemory(guest) };
    options.beforeCall?.(call, count, names);
    const recorded = calls.next();
    if (recorded === undefined) {
      if (calls.end === undefined) throw cutOff(count);
      throw differs({ calls: count, now: callText(call, names), then: endText(calls.end) });
    }
    if (!isSame(call, recorded)) throw differs({ calls: count, now: callText(call, names), then: recordedText(recorded) });
    count += 1;
    if (isSending(name) && recorded.errno === Errno.success) emit(call, recorded);
    apply(call, recorded, count);
    if (recorded.exit !== undefined) throw new ProcExit(recorded.exit);
    names.follow(call, { errno: recorded.errno as Errno, durationNs: 0n });
    return recorded.errno as Errno;
  };

  /** The bytes that were written then, to the streams of now. */
  function emit({ name, params, args, memory }: ObservedCall, { writes }: RecordedCall): void {
    const stream = names.of(args[0] as number);
    if (name !== 'fd_write' || (stream !== '<stdout>' && stream !== '<stderr>')) return;
    const result = args[params.length - 1] as number;
    const counted = writes.find(({ address, bytes }) => address <= result && result + 4 <= address + bytes.length);
    if (counted === undefined) return;
    let left = new DataView(counted.bytes.buffer, counted.bytes.byteOffset).getUint32(result - counted.address, true);
    for (const { address, length } of piecesOf(memory, args[1] as number, args[2] as number)) {
      const part = Math.min(left, length);
      if (part > 0) options.output(stream, memory.slice(address, part));
      left -= part;
    }
  }

  const functions = (snapshot: string, rows: readonly Call[]) => {
    const counter = { memory: () => new ObservedMemory(guest), answer: answer(snapshot) };
    return Object.fromEntries(rows.map((row) => [row.name, makeObservedImport(counter, snapshot, row, options.observer ?? QUIET)]));
  };
  return {
    imports: { [PREVIEW1]: functions(PREVIEW1, preview1Calls), [PREVIEW0]: functions(PREVIEW0, preview0Calls) },
    bind: (memory) => (guest = memory),
    close: () => {},
    finish(status) {
      const end = endOf(status);
      const recorded = calls.next();
      const now = end === undefined ? 'stopped by a limit' : endText(end);
      if (recorded !== undefined) throw differs({ calls: count, now, then: recordedText(recorded) });
      // A program that computes for ever after its last call leaves a recording without an end, and so does one that was killed there.
      if (calls.end === undefined || end === undefined) return;
      if (!sameEnd(end, calls.end)) throw differs({ calls: count, now, then: endText(calls.end) });
    },
  };
}

function apply({ memory }: ObservedCall, { writes }: RecordedCall, count: number): void {
  try {
    for (const { address, bytes } of writes) memory.write(address, bytes);
  } catch (error) {
    if (!(error instanceof WasiError)) throw error;
    throw new WasienvError('E_RECORDING', `call ${count} of the recording writes outside the memory of the program`, { next: 'record the run again: the file has been changed' });
  }
}

function isSame(call: ObservedCall, recorded: RecordedCall): boolean {
  if (call.name !== recorded.name || call.snapshot !== recorded.snapshot) return false;
  if (!call.args.every((arg, index) => arg === recorded.args[index])) return false;
  return inputsOf(call).every((input, index) => input === recorded.inputs[index]);
}

const sameEnd = (one: End, other: End): boolean =>
  'exit' in one ? 'exit' in other && one.exit === other.exit : 'trap' in other && sameTrap(one.trap, other.trap);

export const endText = (end: End): string => ('exit' in end ? `the end, with exit code ${end.exit | 0}` : `a trap: ${end.trap}`);

export const callText = (call: ObservedCall, names: DescriptorNames): string => `${call.name}(${describeArguments(call, names).map(({ text }) => text).join(', ')})`;

/** Without the program's memory: numbers as they are, and inputs. */
const recordedText = ({ name, args, inputs }: RecordedCall): string => `${name}(${args.join(', ')})${inputs.length === 0 ? '' : ` with ${inputs.map((input) => JSON.stringify(input)).join(', ')}`}`;
