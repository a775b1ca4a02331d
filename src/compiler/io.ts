// Where a compiler's words go. `inherit` is the process's own descriptor; a sink collects.
import { writeSync } from 'node:fs';

export interface ByteSink {
  /** The bytes are only valid during the call. */
  write(bytes: Uint8Array): void;
}

export interface ToolIo {
  readonly stdin?: 'inherit' | 'ignore' | Uint8Array;
  readonly stdout: 'inherit' | ByteSink;
  readonly stderr: 'inherit' | ByteSink;
  /** Colour diagnostics yes or no; undefined leaves it to the program. */
  readonly color?: boolean;
}

/** A sink that keeps everything, for tests, the proof and the driver's answers. */
export class Collector implements ByteSink {
  readonly #chunks: Uint8Array[] = [];
  write(bytes: Uint8Array): void {
    this.#chunks.push(bytes.slice());
  }
  bytes(): Uint8Array {
    return Buffer.concat(this.#chunks);
  }
  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

/** Writes all of `what` to one of the two outputs, at once and in order. */
export function say(io: ToolIo, which: 'stdout' | 'stderr', what: string | Uint8Array): void {
  const bytes = typeof what === 'string' ? Buffer.from(what) : what;
  const where = io[which];
  if (bytes.byteLength === 0) return;
  if (where !== 'inherit') {
    where.write(bytes);
    return;
  }
  for (let position = 0; position < bytes.byteLength;) {
    try {
      position += writeSync(which === 'stdout' ? 1 : 2, bytes, position);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A reader that went away (`wasienv cc -E x.c | head`) is no fault; a slow one that made its end non-blocking is waited for.
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
