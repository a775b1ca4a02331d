// wasienv setup: plan, carry out, prove. Draws what happens; decides nothing about it.
import { defineCommand } from '../command.js';
import { JSON_EVENTS, QUIET } from '../common-options.js';
import { unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { planLines } from '../progress-text.js';
import { makeReporter } from '../report.js';

export const setup = defineCommand({
  name: 'setup',
  summary: 'install a compiler for WebAssembly/WASI and prove that it works',
  usage: ['setup [--source SOURCE] [--refetch] [--dry-run]'],
  description: [
    'Downloads are checked against a pinned digest before anything is unpacked; parts are put together aside and come into place in one move. Running it again repairs what is damaged and otherwise changes nothing.',
  ],
  reading: 'options',
  options: {
    source: { value: 'SOURCE', choices: ['auto', 'npm', 'system'], summary: 'where the compiler comes from; `auto`, the default, says what it takes and why' },
    refetch: { summary: 'download and install again although all is well' },
    'dry-run': { summary: 'print the plan and change nothing' },
    ...QUIET,
    ...JSON_EVENTS,
  },
  examples: [
    { command: 'wasienv setup', shows: 'install and prove, or repair' },
    { command: 'wasienv setup --dry-run', shows: 'see what it would do' },
    { command: 'wasienv setup --source system', shows: 'use the clang of this machine, writing nothing into it' },
  ],
  interruption: 'graceful',
  async run({ surroundings: { cwd, platform, now }, env, output, signal }, { options, operands }) {
    if (operands[0] !== undefined) throw unwantedOperand(operands[0], 'setup');
    const { homeDirectory, planSetup, runPlan } = await import('../../toolchain/index.js');
    const home = homeDirectory(env, platform);
    const world = { home, env, cwd, platform, signal };
    const plan = await planSetup({ source: options.source ?? 'auto', refetch: options.refetch }, world);
    if (options['dry-run']) {
      if (options.json) output.print(JSON.stringify({ type: 'plan', plan }));
      else planLines(plan).forEach(output.print);
      return EXIT.OK;
    }

    const reporter = await makeReporter(output, { quiet: options.quiet, json: options.json, now });
    let failed = true;
    try {
      const { changed, toolchain } = await runPlan(plan, { ...world, now, emit: reporter.emit });
      failed = false;
      await reporter.close(false);
      if (!options.quiet && !options.json) {
        const name = `clang ${toolchain.clangVersion} (${toolchain.component} ${toolchain.version} from ${toolchain.source})`;
        output.print(changed ? `installed ${name}` : `nothing to do: ${name} is installed`);
        output.print(`receipt  ${toolchain.receiptFile}`);
      }
      return EXIT.OK;
    } finally {
      if (failed) await reporter.close(true);
    }
  },
});
