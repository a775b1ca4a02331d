// The real world, as `main.ts` hands it to everything deeper. Streams are opened when first used: merely touching
// `process.stdin` or `process.stdout` makes a pipe non-blocking, and a guest that reads and writes the same
// descriptors synchronously would then meet EAGAIN.
import { isatty } from 'node:tty';
import type { Surroundings } from '../base/surroundings.js';
import { noCurrentDirectory } from './errors.js';
import { EXIT } from './exit-codes.js';

export interface RealSurroundings extends Surroundings {
  /** Asked without opening the stream. */
  readonly isTerminal: (descriptor: 0 | 1 | 2) => boolean;
  /** The reader of stdout went away (`wasienv help errors | head -1`): no failure, and nothing more to say. */
  readonly readerIsGone: () => boolean;
}

export function surroundingsOf(process: NodeJS.Process): RealSurroundings {
  let gone = false;
  const watched = new Set<unknown>();
  const watch = <Stream extends NodeJS.WriteStream>(stream: Stream, isResult: boolean): Stream => {
    if (watched.has(stream)) return stream;
    watched.add(stream);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (!isResult) return;
      gone = true;
      process.exitCode = EXIT.BROKEN_PIPE; // the news may come after `main` has returned its own code
    });
    return stream;
  };
  return {
    env: process.env,
    get cwd() {
      try {
        return process.cwd();
      } catch (thrown) {
        throw noCurrentDirectory(thrown);
      }
    },
    platform: process.platform,
    arch: process.arch,
    nodeVersion: process.versions.node,
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return watch(process.stdout, true);
    },
    get stderr() {
      return watch(process.stderr, false);
    },
    now: Date.now,
    isTerminal: (descriptor) => isatty(descriptor),
    readerIsGone: () => gone,
  };
}
