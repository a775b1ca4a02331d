// The world, handed in at the door. `cli/main.ts` builds the real one; tests build theirs. Deeper functions take
// only the values they need from it.
import type { Readable, Writable } from 'node:stream';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Surroundings {
  readonly env: Environment;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  /** Node's `process.arch`. */
  readonly arch: string;
  readonly nodeVersion: string;
  /** Descriptor 0; read synchronously by guests, as a stream by nobody else. */
  readonly stdin: Readable & { readonly fd?: number; readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly fd?: number; readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly fd?: number; readonly isTTY?: boolean; readonly columns?: number };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
