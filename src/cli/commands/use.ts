// wasienv use COMPONENT[@RANGE]: which of the installed versions is used from now on.
import { defineCommand } from '../command.js';
import { QUIET } from '../common-options.js';
import { missingOperand, unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { homeLock } from '../home-lock.js';

export const use = defineCommand({
  name: 'use',
  summary: 'choose which of the installed versions is used from now on',
  usage: ['use COMPONENT[@RANGE]'],
  description: ['Chooses the newest installed version in RANGE; it downloads nothing. A project that pins another version still gets its own (see `wasienv help project`).'],
  reading: 'options',
  options: QUIET,
  examples: [
    { command: 'wasienv use wasi-sdk@30', shows: 'go back to an older one' },
    { command: 'wasienv use portable-clang', shows: 'another compiler' },
  ],
  interruption: 'graceful',
  async run(context, { options: { quiet }, operands: [operand, unwanted] }) {
    const { parseComponent } = await import('../component-operands.js');
    const { surroundings: { cwd, platform }, env, output } = context;
    if (operand === undefined) throw missingOperand('use', 'a COMPONENT', 'wasienv use wasi-sdk@30');
    if (unwanted !== undefined) throw unwantedOperand(unwanted, 'use');
    const { homeDirectory, selectCurrent, useInstall } = await import('../../toolchain/index.js');
    const home = homeDirectory(env, platform);
    const { install, changed } = await useInstall(home, parseComponent(operand), homeLock(context));
    if (changed) await (await import('../follow-toolchain.js')).followToolchain(context, home);
    if (quiet) return EXIT.OK;
    const name = `${install.receipt.component} ${install.receipt.version}`;
    output.print(changed ? `using ${name}` : `${name} was in use already`);
    const here = await selectCurrent(home, { cwd, env }).catch(() => null);
    if (here !== null && here.compiler !== install.id && !Object.values(here.parts).includes(install.id)) output.note('note: the project in this directory uses another version; see `wasienv help project`');
    return EXIT.OK;
  },
});
