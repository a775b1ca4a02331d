// What a program is given to listen on. Loaded when something was given: no other run starts a thread or opens a port.
import { requirePreopens, type ListenAddress, type Preopen, type Sockets } from '../wasi/index.js';
import type { Module } from '../wasm/index.js';
import { requireMemoryWithin, type ProgramLimits } from './limits.js';
import { requireCommand } from './load.js';
import { refuseProbes, type ProgramOptions } from './run.js';

/** The program that is to listen, as it will be run. */
export type Listening = Pick<ProgramOptions, 'name' | 'engine' | 'counting'> & {
  readonly module: Module;
  readonly limits: ProgramLimits;
  readonly preopens: readonly Preopen[];
};

/**
 * Throws what `runProgram` would throw before it starts the program, and only then opens anything: nobody connects to a
 * program that cannot be run. E_LISTEN for an address that cannot be listened on. The program that gets the sockets closes them.
 */
export async function openSockets(addresses: readonly ListenAddress[], program: Listening): Promise<Sockets> {
  requireCommand(program.module, program.name);
  requireMemoryWithin(program.module, program.limits, program.name);
  refuseProbes(program);
  requirePreopens(program.preopens);
  const sockets = await import('../wasi/host/sockets.js');
  return sockets.openSockets(addresses);
}
