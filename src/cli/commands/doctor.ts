// wasienv doctor: what is wrong with this machine and installation, why, and what to run.
import { defineCommand } from '../command.js';
import { JSON_RESULT } from '../common-options.js';
import { doctorInterrupted, unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'look at this machine and the installation: what is wrong, why, and what to run',
  usage: ['doctor [--deep] [--fix] [--json]'],
  description: [
    'Looks at host, Node.js, home, receipts, compiler, a small program compiled and run, the project in this directory, the clangs, Rusts, runtimes and tools on PATH, and environment variables that change what is compiled. Changes nothing without --fix. Exits 0 when a build would work.',
    'For a message of a build that failed there is `wasienv explain`.',
  ],
  reading: 'options',
  options: {
    deep: { summary: 'hash every installed file instead of looking at its size' },
    fix: { summary: 'mend what is safe to mend, and say what was done: files of wasienv’s home only, nothing downloaded' },
    ...JSON_RESULT,
  },
  examples: [
    { command: 'wasienv doctor', shows: 'every finding with its cause and a command' },
    { command: 'wasienv doctor --json', shows: 'the same for a script; schema in manifests/doctor.schema.json' },
  ],
  interruption: 'graceful',
  async run({ surroundings, env, output, signal }, { options: { deep, fix, json }, operands }) {
    if (operands[0] !== undefined) throw unwantedOperand(operands[0], 'doctor');
    const [{ buildWorks, renderFindings, reportOf, runDoctor }, { wasienvVersion }] = await Promise.all([import('../../doctor/index.js'), import('../../base/version.js')]);
    const { cwd, platform, arch, nodeVersion } = surroundings;
    const findings = await runDoctor({ env, cwd, platform, arch, nodeVersion }, { deep, fix, signal });
    // What was cut short by Ctrl-C is no finding.
    if (signal.aborted) throw doctorInterrupted();
    if (json) output.print(JSON.stringify(reportOf(findings, wasienvVersion()), null, 2));
    else output.print(renderFindings(findings, { colour: output.colour }));
    return buildWorks(findings) ? EXIT.OK : EXIT.FAILURE;
  },
});
