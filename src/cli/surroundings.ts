// The real world, as `main.ts` hands it to everything deeper. Streams are opened when first used: merely touching
// `process.stdin` or `process.stdout` makes a pipe non-blocking, and a guest that reads and writes the same
// descriptors synchronously would then meet EAGAIN.
import type { Surroundings } from '../base/surroundings.js';
import { isTerminal } from '../base/terminal.js';
import { NO_PAINT } from '../base/paint.js';
import { noCurrentDirectory, unwritableOutput } from './errors.js';
import { EXIT } from './exit-codes.js';

export interface RealSurroundings extends Surroundings {
  /** Asked without opening the stream. */
  readonly isTerminal: (descriptor: 0 | 1 | 2) => boolean;
  /** The reader of stdout went away (`wasienv help errors | head -1`), which is no failure, or its disk is full: nothing more to say. */
  readonly readerIsGone: () => boolean;
}

export function surroundingsOf(process: NodeJS.Process): RealSurroundings {
  let gone = false;
  const watched = new Set<unknown>();
  const watch = <Stream extends NodeJS.WriteStream>(stream: Stream, isResult: boolean): Stream => {
    if (watched.has(stream)) return stream;
    watched.add(stream);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Where stderr cannot be written there is nobody to tell.
      if (!isResult || gone) return;
      gone = true;
      // The news may come after `main` has returned its own code.
      process.exitCode = error.code === 'EPIPE' ? EXIT.BROKEN_PIPE : EXIT.FAILURE;
      if (error.code !== 'EPIPE') void import('./print-error.js').then(({ renderError }) => void process.stderr.write(`${renderError(unwritableOutput(error), NO_PAINT, false)}\n`));
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
    isTerminal,
    readerIsGone: () => gone,
  };
}
