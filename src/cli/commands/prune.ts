// wasienv prune: downloads, leftovers and versions nobody uses.
import { formatBytes } from '../../base/text.js';
import { defineCommand } from '../command.js';
import { JSON_RESULT, QUIET } from '../common-options.js';
import { unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { homeLock } from '../home-lock.js';
import { tableLines } from '../table.js';

export const prune = defineCommand({
  name: 'prune',
  summary: 'remove downloads, leftovers and versions that are not in use',
  usage: ['prune [--dry-run] [--json]'],
  description: ['Keeps what `wasienv use` or the last `setup` chose and what the project in the current directory pins. Projects elsewhere are not known: their next `wasienv setup` installs again what they pin.'],
  reading: 'options',
  options: { 'dry-run': { summary: 'say what would go, with sizes, and remove nothing' }, ...QUIET, ...JSON_RESULT },
  examples: [{ command: 'wasienv prune --dry-run', shows: 'what would go' }],
  interruption: 'graceful',
  async run({ surroundings: { cwd, platform }, env, output, signal }, { options: { 'dry-run': dryRun, quiet, json }, operands }) {
    if (operands[0] !== undefined) throw unwantedOperand(operands[0], 'prune');
    const { homeDirectory, pruneHome } = await import('../../toolchain/index.js');
    const home = homeDirectory(env, platform);
    const removals = await pruneHome(home, { cwd, env }, { dryRun, lock: homeLock({ output, signal }) });
    const freedBytes = removals.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (json) output.print(JSON.stringify({ schema: 1, home, dryRun, removals, freedBytes }, null, 2));
    else if (!quiet) {
      tableLines(removals.map(({ kind, name, sizeBytes }) => [dryRun ? 'would remove' : 'removed', kind, name, formatBytes(sizeBytes)])).forEach(output.print);
      output.print(removals.length === 0 ? 'nothing to remove' : `${formatBytes(freedBytes)} ${dryRun ? 'would be free' : 'freed'}`);
    }
    return EXIT.OK;
  },
});
