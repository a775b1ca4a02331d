// The files that take minutes start first. With one of them last, a worker would sit idle while it runs; and in a checkout
// that never ran before, vitest knows no durations to order by.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const ROOT = path.resolve(import.meta.dirname, '..', '..');

/** More than half a minute each on two cores, longest first. */
const LONGEST: readonly string[] = [
  'builds/builds', 'real/real', 'spec/suite', 'toolchain/unpack-memory', 'docker', 'cli/init', 'toolchain/overlay', 'toolchain/releases', 'cli/proof', 'github-action', 'cli/compile', 'compiler/build/releases',
  'agreement/atomics', 'toolchain/rust-setup', 'faults/processes', 'compiler/build/launcher',
].map((name) => `test/${name}.test.ts`);

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = LONGEST.filter((name) => !existsSync(path.join(ROOT, name)));
    if (gone.length > 0) throw new Error(`test/support/longest-first.ts names files that are not there: ${gone.join(', ')}`);
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.indexOf(path.relative(ROOT, moduleId).split(path.sep).join('/'));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b));
  }
}
