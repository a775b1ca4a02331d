// wasienv uninstall: one version, or everything wasienv keeps.
import { existsSync } from 'node:fs';
import { formatBytes } from '../../base/text.js';
import { defineCommand } from '../command.js';
import { QUIET } from '../common-options.js';
import { missingOperand, unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { followToolchain } from '../follow-toolchain.js';
import { homeLock } from '../home-lock.js';

export const uninstall = defineCommand({
  name: 'uninstall',
  summary: 'remove an installed version, or everything wasienv installed',
  usage: ['uninstall COMPONENT[@VERSION] [--force]', 'uninstall --all'],
  description: ['Removes a component directory, its receipt and its proof. What is in use stays unless --force is given. An adopted compiler of this machine loses our receipt, and what `setup --clang` laid beside it in the home; nothing outside wasienv’s home is touched.'],
  reading: 'options',
  options: {
    all: { summary: 'remove every component, receipt, proof and download of this home' },
    force: { summary: 'also what is in use' },
    ...QUIET,
  },
  examples: [
    { command: 'wasienv uninstall wasi-sdk@29.0', shows: 'one version' },
    { command: 'wasienv uninstall --all', shows: 'everything, before wasienv itself goes' },
  ],
  interruption: 'graceful',
  async run(context, { options: { all, force, quiet }, operands: [operand, unwanted] }) {
    const { parseComponent } = await import('../component-operands.js');
    const { surroundings: { platform }, env, output } = context;
    if (all ? operand !== undefined : unwanted !== undefined) throw unwantedOperand((all ? operand : unwanted)!, 'uninstall');
    const { homeDirectory, uninstallComponent, uninstallEverything } = await import('../../toolchain/index.js');
    const home = homeDirectory(env, platform);
    const lock = homeLock(context);
    if (all) {
      const freedBytes = await uninstallEverything(home, lock);
      if (existsSync(home)) await followToolchain(context, home);
      if (!quiet) output.print(`removed everything wasienv installed in ${home} (${formatBytes(freedBytes)})`);
      return EXIT.OK;
    }
    if (operand === undefined) throw missingOperand('uninstall', 'a COMPONENT or --all', 'wasienv uninstall wasi-sdk@29.0');
    const { receipt, sizeBytes } = await uninstallComponent(home, parseComponent(operand), { force, lock });
    await followToolchain(context, home);
    if (!quiet) output.print(receipt.adopted ? `forgot ${receipt.component} ${receipt.version}; the compiler itself is untouched` : `removed ${receipt.component} ${receipt.version} (${formatBytes(sizeBytes)})`);
    return EXIT.OK;
  },
});
