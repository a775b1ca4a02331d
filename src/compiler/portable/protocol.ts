// What the main thread and a compiling thread say to each other. Only plain data and the compiled module.
import type { GuestPreopen } from './guest-paths.js';
import type { HostModule } from './guest.js';

export interface JobMessage {
  readonly module: HostModule;
  /** Address of libc's current directory, or null: find it first. */
  readonly cell: number | null;
  /** Where the experiment that finds it may point; any directory that exists. */
  readonly experimentDir: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly preopens: readonly GuestPreopen[];
  readonly stdin: 'inherit' | 'ignore' | Uint8Array;
  readonly stdout: 'inherit' | 'collect';
  readonly stderr: 'inherit' | 'collect';
}

export interface JobResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly cell: number | null;
  readonly end:
    | { readonly kind: 'exit'; readonly code: number }
    | { readonly kind: 'crash' | 'out-of-memory' | 'unsuitable'; readonly message: string; readonly stack: string };
}
