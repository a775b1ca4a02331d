// `--deterministic`: what of `WasiOptions` makes a run like every other.
import { deterministicWorld, type DeterministicWorld } from '../wasi/deterministic.js';
import { wholeInput } from '../wasi/host/whole-input.js';
import type { WasiOptions } from '../wasi/index.js';

/** To be spread over the options of a run whose input is the process's own; good for one run. */
export function deterministicRun(seed: bigint): DeterministicWorld & Pick<WasiOptions, 'stdin'> {
  return { ...deterministicWorld(seed), stdin: wholeInput(0) };
}
