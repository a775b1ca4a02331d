// Whether a descriptor is a terminal. `node:tty` brings Node's network and streams with it, 3 ms of a start that takes 30: it
// is loaded when a descriptor may be one.
import { fstatSync } from 'node:fs';

export function isTerminal(descriptor: number): boolean {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    // Not open; or a console of Windows, of which a file system knows nothing.
  }
  return process.getBuiltinModule('node:tty').isatty(descriptor);
}
