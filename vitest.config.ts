// Tests are written against `src/` for its types and run against `dist/`, the code that ships: vitest's own
// transform would not inline `const enum`, and what was tested would not be what users run.
import { defineConfig } from 'vitest/config';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { FaultTable } from './test/support/fault-table.js';
import { LongestFirst } from './test/support/longest-first.js';
import { SkipList } from './test/support/skip-list.js';

const root = path.dirname(fileURLToPath(import.meta.url));
const source = path.join(root, 'src') + path.sep;
const built = path.join(root, 'dist') + path.sep;

export default defineConfig({
  plugins: [
    {
      name: 'run-what-ships',
      enforce: 'pre',
      resolveId(id, importer) {
        if (importer === undefined || !id.startsWith('.')) return null;
        const resolved = path.resolve(path.dirname(importer), id);
        return resolved.startsWith(source) ? { id: built + resolved.slice(source.length), external: true } : null;
      },
    },
    {
      name: 'what-was-not-said',
      // Here, and not as `reporters` below: that list is replaced by `--reporter`.
      configureVitest: ({ vitest }) => void vitest.config.reporters.push(new FaultTable(), new SkipList()),
    },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    // Ends what hangs, and is no measure of anything: a cold or busy machine may be twenty times as slow as a quiet one.
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});
