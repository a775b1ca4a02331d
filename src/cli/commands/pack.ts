// wasienv pack: a bundle for machines without a network.
import { statSync } from 'node:fs';
import { formatBytes } from '../../base/text.js';
import { defineCommand } from '../command.js';
import { JSON_EVENTS, QUIET } from '../common-options.js';
import { EXIT } from '../exit-codes.js';
import { withReporter } from '../report.js';

export const pack = defineCommand({
  name: 'pack',
  summary: 'make a bundle from which `setup --bundle` installs without a network',
  usage: ['pack [COMPONENT[@RANGE] ...] [-o FILE|DIR] [--host HOST ...]'],
  description: [
    'Downloads and verifies what COMPONENTs need, or what the project wants, or what is in use, and puts it into one tar file, or into a directory when DIR is one or ends in a slash. Inside, every file lies where a mirror has it, so that a bundle serves with --mirror, too.',
    'The machine that installs checks every byte with the digests of its own wasienv.',
  ],
  reading: 'options',
  options: {
    output: { short: 'o', value: 'FILE|DIR', summary: 'where to write; wasienv-bundle.tar by default' },
    host: { value: 'HOST', repeatable: true, summary: 'for which machines, in the words of Node.js: linux-x64, darwin-arm64, win32-x64 …; by default this one' },
    mirror: { value: 'URL|DIR', summary: 'take the files from there (also WASIENV_MIRROR)' },
    ...QUIET,
    ...JSON_EVENTS,
  },
  examples: [
    { command: 'wasienv pack -o bundle.tar', shows: 'what is used here, for this kind of machine' },
    { command: 'wasienv pack wasi-sdk@30 --host linux-x64 --host darwin-arm64 -o mirror/', shows: 'a directory for two kinds' },
  ],
  interruption: 'graceful',
  async run({ surroundings: { cwd, platform, arch, now }, env, output, signal }, { options: { output: place, host, mirror, quiet, json }, operands }) {
    const { parseComponent } = await import('../component-operands.js');
    const { homeDirectory, packBundle } = await import('../../toolchain/index.js');
    const packed = await withReporter(output, { quiet, json, now }, async ({ emit, close }) => {
      const done = await packBundle(
        {
          ...(operands.length === 0 ? {} : { components: operands.map(parseComponent) }),
          hosts: host.length === 0 ? [`${platform}-${arch}`] : [...new Set(host)], output: place ?? 'wasienv-bundle.tar', mirror: mirror ?? (env['WASIENV_MIRROR'] || undefined),
        },
        { home: homeDirectory(env, platform), env, cwd, platform, signal, now, emit },
      );
      await close(false);
      return done;
    });
    if (json) output.print(JSON.stringify({ type: 'packed', ...packed }));
    else if (!quiet) {
      for (const { component, version, hosts, sizeBytes } of packed.rows) output.print(`${component} ${version} for ${hosts.join(', ')} (${formatBytes(sizeBytes)})`);
      const found = statSync(packed.file);
      output.print(`wrote ${packed.file}${found.isFile() ? ` (${formatBytes(found.size)})` : ''}`);
      output.print('next     on the other machine: wasienv setup --bundle FILE');
    }
    return EXIT.OK;
  },
});
