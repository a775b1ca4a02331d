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
  usage: ['setup [--source SOURCE] [--refetch] [--no-prove] [--dry-run]'],
  description: [
    'Downloads are checked against a pinned digest before anything is unpacked; parts are put together aside and come into place in one move. Running it again repairs what is damaged and otherwise changes nothing.',
  ],
  reading: 'options',
  options: {
    source: { value: 'SOURCE', choices: ['auto', 'npm', 'system'], summary: 'where the compiler comes from; `auto`, the default, says what it takes and why' },
    refetch: { summary: 'download and install again although all is well' },
    'no-prove': { summary: 'install only; `wasienv verify` proves later' },
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
  async run(context, { options, operands }) {
    const { surroundings: { cwd, platform, now }, env, output, signal } = context;
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

    const { quiet, json } = options;
    const reporter = await makeReporter(output, { quiet, json, now });
    let failed = true;
    try {
      const { changed, toolchain } = await runPlan(plan, { ...world, now, emit: reporter.emit });
      const name = `clang ${toolchain.clangVersion} (${toolchain.component} ${toolchain.version} from ${toolchain.source})`;
      const say = (line: string): void => {
        if (!quiet && !json) output.print(line);
      };
      if (options['no-prove']) {
        await reporter.close(false);
        say(changed ? `installed ${name}, not proved` : `nothing to do: ${name} is installed`);
      } else {
        const { freshProof, proofFile } = await import('../../proof/index.js');
        const proof = changed ? null : await freshProof(home, toolchain);
        if (proof === null) await (await import('../prove.js')).proveAndShow(context, { toolchain, home, reporter, quiet, json });
        else {
          await reporter.close(false);
          if (json) output.print(JSON.stringify({ type: 'proof', ok: proof.ok, file: proofFile(home, toolchain), receipt: proof }));
          say(`nothing to do: ${name} is installed, and was proved with ${proof.programs.length} programs on ${proof.provedAt.slice(0, 10)}`);
        }
      }
      say(`receipt  ${toolchain.receiptFile}`);
      if (changed) say('next     wasienv cc FILE.c, then wasienv run FILE.wasm');
      failed = false;
      return EXIT.OK;
    } finally {
      if (failed) await reporter.close(true);
    }
  },
});
