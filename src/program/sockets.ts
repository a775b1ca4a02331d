// What a program is given to listen on. Loaded when something was given: no other run starts a thread or opens a port.
import type { ListenAddress, Sockets } from '../wasi/index.js';

/** Throws E_LISTEN for an address that cannot be listened on. The program that gets them closes them. */
export async function openSockets(addresses: readonly ListenAddress[]): Promise<Sockets> {
  const sockets = await import('../wasi/host/sockets.js');
  return sockets.openSockets(addresses);
}
