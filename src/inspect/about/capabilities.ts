// What the functions a module imports let it do, in groups that a person can decide about. Of a name nobody knows, it is only
// said where it comes from. Pure.
import type { Import } from '../../wasm/module.js';

export interface Capability {
  readonly id: string;
  /** What it lets the module do. */
  readonly means: string;
  /** The options of `wasienv run` that give it something to do that with; null: it has it, or cannot be given it. */
  readonly option: string | null;
  readonly matches: (wanted: Import) => boolean;
}

const SNAPSHOTS = new Set(['wasi_snapshot_preview1', 'wasi_unstable']);
const wasi = (pattern: RegExp) => ({ module, name }: Import): boolean => SNAPSHOTS.has(module) && pattern.test(name);

/** The narrower first; an import belongs to the first that matches. */
export const CAPABILITIES: readonly Capability[] = [
  { id: 'arguments', means: 'read its arguments', option: null, matches: wasi(/^args_/) },
  { id: 'environment', means: 'read variables of its environment', option: '--env NAME=VALUE', matches: wasi(/^environ_/) },
  { id: 'directories', means: 'open, make, rename and remove files and directories, below the directories it is granted', option: '--dir HOST::GUEST', matches: wasi(/^(path_|fd_prestat_|fd_readdir$)/) },
  { id: 'streams', means: 'read and write its standard streams, and files it has opened', option: null, matches: wasi(/^fd_/) },
  { id: 'sockets', means: 'accept connections on the sockets it is given, and talk on them', option: '--listen PORT', matches: wasi(/^sock_/) },
  { id: 'clocks', means: 'read the time', option: null, matches: wasi(/^clock_/) },
  { id: 'waiting', means: 'wait for time, input and output', option: null, matches: wasi(/^(poll_oneoff|sched_yield)$/) },
  { id: 'random', means: 'get random numbers', option: null, matches: wasi(/^random_get$/) },
  { id: 'ending', means: 'end itself with an exit code', option: null, matches: wasi(/^proc_/) },
  { id: 'other WASI', means: 'call what is no function of this WASI', option: null, matches: ({ module }) => SNAPSHOTS.has(module) },
  { id: 'threads', means: 'start threads', option: null, matches: ({ module, name }) => module === 'wasi' && /^thread[-_]spawn$/.test(name) },
  { id: 'shared memory', means: 'work on a memory of its host', option: null, matches: ({ description }) => description.kind === 'memory' },
  { id: 'own host', means: 'call functions of a host it was made for', option: null, matches: () => true },
];

export const capabilityOf = (wanted: Import): Capability => CAPABILITIES.find(({ matches }) => matches(wanted))!;
