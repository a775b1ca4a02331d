// wasienv lock: write down the exact versions of a project, with the digest for every host; or compare.
import { defineCommand } from '../command.js';
import { JSON_RESULT, QUIET } from '../common-options.js';
import { unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';

export const lock = defineCommand({
  name: 'lock',
  summary: 'write wasienv.lock: the very versions of a project, with the digest for every host',
  usage: ['lock [--check] [--json]'],
  description: [
    'Takes what the project’s wasienv.json wants (see `wasienv help project`), the newest that fits; without one, what is in use. Commit the file: `cc` and `setup` then use exactly that, and `setup --locked` insists on it.',
    '--check writes nothing: it compares the lock with wasienv.json and with the manifests, prints what differs and exits 1.',
  ],
  reading: 'options',
  options: { check: { summary: 'compare, print the difference, exit 1 if there is one' }, ...QUIET, ...JSON_RESULT },
  examples: [
    { command: 'wasienv lock', shows: 'write or renew it' },
    { command: 'wasienv lock --check', shows: 'in CI' },
  ],
  interruption: 'graceful',
  async run({ surroundings: { cwd, platform }, env, output, signal }, { options: { check, quiet, json }, operands }) {
    if (operands[0] !== undefined) throw unwantedOperand(operands[0], 'lock');
    const { checkProjectLock, homeDirectory, writeProjectLock } = await import('../../toolchain/index.js');
    const context = { env, cwd, platform, signal };
    const show = (line: string): void => {
      if (!quiet && !json) output.print(line);
    };
    if (check) {
      const { file, differences } = await checkProjectLock(cwd, context);
      if (json) output.print(JSON.stringify({ schema: 1, file, differences }, null, 2));
      differences.forEach(show);
      show(differences.length === 0 ? `${file} is up to date` : 'next     run `wasienv lock`, and look at what changes');
      return differences.length === 0 ? EXIT.OK : EXIT.FAILURE;
    }
    const { file, lock: written, changed } = await writeProjectLock(homeDirectory(env, platform), context);
    if (json) output.print(JSON.stringify({ schema: 1, file, changed, lock: written }, null, 2));
    for (const [name, { version, source, artifacts }] of Object.entries(written.components)) {
      const without = artifacts.filter(({ integrity }) => integrity === null).flatMap(({ hosts }) => hosts);
      show(`${name} ${version} from ${source}, ${artifacts.length} ${artifacts.length === 1 ? 'artifact' : 'artifacts'}${without.length === 0 ? '' : `; no digest is known for ${without.join(', ')}`}`);
    }
    show(`${changed ? 'wrote' : 'unchanged'} ${file}`);
    return EXIT.OK;
  },
});
