// wasienv list: what is installed, which of it is in use here, and when it was proved.
import { formatBytes } from '../../base/text.js';
import { defineCommand } from '../command.js';
import { JSON_RESULT } from '../common-options.js';
import { unwantedOperand } from '../errors.js';
import type { Receipt } from '../../toolchain/index.js';
import { EXIT } from '../exit-codes.js';
import { tableLines } from '../table.js';

export const list = defineCommand({
  name: 'list',
  summary: 'show what is installed, what is in use, and when it was proved',
  usage: ['list [--json]'],
  description: ['`*` stands before what is in use in the current directory: by `wasienv use` or the last `setup`, unless a project says otherwise (see `wasienv help project`).'],
  reading: 'options',
  options: JSON_RESULT,
  examples: [{ command: 'wasienv list', shows: 'a line for each component and version' }],
  interruption: 'immediate',
  async run({ surroundings: { cwd, platform }, env, output }, { options: { json }, operands }) {
    if (operands[0] !== undefined) throw unwantedOperand(operands[0], 'list');
    const [{ homeDirectory, selectCurrent, takeInventory, toolchainOfInstall }, { provedAt, rustProvedAt }] = await Promise.all([import('../../toolchain/index.js'), import('../../proof/index.js')]);
    const home = homeDirectory(env, platform);
    // A wish that is not installed is no reason to hide what is.
    let wish: string | null = null;
    const current = await selectCurrent(home, { cwd, env }).catch((error: Error) => {
      wish = error.message;
      return undefined;
    });
    const { installs, unreadable } = await takeInventory(home, current);
    const proved = async (id: string, receipt: Receipt): Promise<string | null> => {
      if (receipt.component === 'apt-rust') return rustProvedAt(home, receipt);
      const toolchain = toolchainOfInstall(home, id);
      return toolchain === null ? null : provedAt(home, toolchain);
    };
    const rows = await Promise.all(installs.map(async ({ id, receipt, inUse, sizeBytes }) => ({
      component: receipt.component, version: receipt.version, source: receipt.source, sizeBytes, inUse,
      provedAt: await proved(id, receipt), installedAt: receipt.installedAt, verified: receipt.unverified !== true, digest: receipt.digest,
      directory: receipt.directory, adopted: receipt.adopted, id,
    })));
    if (json) {
      output.print(JSON.stringify({ schema: 1, home, installs: rows, unreadable: [...unreadable].map(([id, error]) => ({ id, error: error.message })) }, null, 2));
      return EXIT.OK;
    }
    const cells = rows.map((row) => [
      row.inUse ? '*' : ' ', row.component, row.version, row.source, row.adopted ? 'adopted' : formatBytes(row.sizeBytes),
      row.provedAt === null ? 'not proved' : `proved ${row.provedAt.slice(0, 10)}`, ...(row.verified ? [] : ['not verified']),
    ]);
    tableLines(cells, [4]).forEach(output.print);
    for (const [id, error] of unreadable) output.note(`${id}: ${error.message}`);
    if (rows.length === 0) output.note('nothing is installed; `wasienv setup` installs a compiler');
    if (wish !== null) output.note(`note: ${wish}`);
    return EXIT.OK;
  },
});
