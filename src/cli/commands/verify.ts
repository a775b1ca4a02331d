// wasienv verify: prove the installed toolchain again.
import path from 'node:path';
import { defineCommand } from '../command.js';
import { JSON_EVENTS, QUIET } from '../common-options.js';
import { unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { withReporter } from '../report.js';
import type { Provable } from '../../proof/index.js';

export const verify = defineCommand({
  name: 'verify',
  summary: 'prove the installed compiler again',
  usage: ['verify [--keep DIRECTORY]'],
  description: ['Compiles each proof program with the installed compiler, and those in Rust where `setup rust-target` was used, runs it on wasienv’s own interpreter, compares what comes out to the byte and writes a new receipt. Exits 1 when one of them fails.'],
  reading: 'options',
  options: {
    keep: { value: 'DIRECTORY', summary: 'leave sources and modules of the proof programs there, to look at' },
    ...QUIET,
    ...JSON_EVENTS,
  },
  examples: [
    { command: 'wasienv verify', shows: 'prove, and show the table of what was proved' },
    { command: 'wasienv verify --keep proof', shows: 'keep the programs in ./proof' },
  ],
  interruption: 'graceful',
  async run(context, { options: { keep, quiet, json }, operands }) {
    if (operands[0] !== undefined) throw unwantedOperand(operands[0], 'verify');
    const { surroundings: { cwd, platform, now }, env, output, signal } = context;
    const { homeDirectory, selectToolchain } = await import('../../toolchain/index.js');
    const home = homeDirectory(env, platform);
    const { proveAndShow } = await import('../prove.js');
    const prove = (toolchain: Provable): Promise<void> => withReporter(output, { quiet, json, now }, (reporter) =>
      proveAndShow(context, { toolchain, home, reporter, quiet, json, ...(keep === undefined ? {} : { keep: path.resolve(cwd, keep) }) }));
    const [{ currentRust, readRustChoice }, { currentAssembly }] = await Promise.all([import('../../toolchain/rust/index.js'), import('../../toolchain/installed.js')]);
    const withRust = readRustChoice(home) !== undefined;
    // Whoever set up Rust alone has nothing else to prove.
    if (!withRust || currentAssembly(home) !== undefined) await prove(await selectToolchain(home, { cwd, env }));
    if (withRust) await prove(await currentRust({ home, env, platform, cwd, signal }));
    return EXIT.OK;
  },
});
