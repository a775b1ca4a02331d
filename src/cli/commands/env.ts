// wasienv env: the environment for other build tools, as a script for a shell; `--diff` compares it with this one.
import { visible } from '../../base/text.js';
import { changeLines } from '../change-lines.js';
import { defineCommand } from '../command.js';
import { unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';

export const env = defineCommand({
  name: 'env',
  summary: 'print the variables with which make, cargo and others find the toolchain',
  usage: ['env [--shell SHELL] [--bare] [--diff] [--json]'],
  description: [
    'Prints a script that sets them and puts `wasm32-wasip1-clang`, `-ar` and the like on PATH. All names hold the target, so builds for this machine stay as they are. `wasienv_deactivate`, which the script defines, restores what was there before; reading the script twice is reading it once.',
    '`setup` writes the same scripts into the `env` directory of wasienv’s home, for every shell: reading one of them starts no program. They follow the toolchain in use.',
  ],
  reading: 'options',
  options: {
    shell: { value: 'SHELL', choices: ['posix', 'fish', 'powershell', 'cmd', 'nu'], summary: 'the shell that will read it (default: posix, on Windows powershell); posix is sh, bash, dash, zsh and ksh' },
    bare: { summary: 'also CC, CXX, AR, LD … and an unprefixed `clang` on PATH, for build tools that know no targets; builds for this machine get them too' },
    diff: { summary: 'print what it would change in the present environment instead' },
    json: { summary: 'print the variables and the directories for PATH as one JSON document; with --diff, what would change' },
  },
  examples: [
    { command: 'wasienv env > setenv.sh', shows: 'a script for sh, bash or zsh; `. ./setenv.sh` uses it, and so does `eval "$(wasienv env)"` without a file' },
    { command: 'wasienv env --shell fish | source', shows: 'the same in fish' },
    { command: 'wasienv env --bare --diff', shows: 'see what `--bare` would change' },
  ],
  interruption: 'graceful',
  async run({ surroundings: { platform }, env: present, output, signal }, { options, operands }) {
    if (operands[0] !== undefined) throw unwantedOperand(operands[0], 'env');
    const [{ homeDirectory, homeIsNamed }, { refreshEnvironment }, setenv] = await Promise.all([
      import('../../toolchain/index.js'), import('../../compiler/index.js'), import('../../toolchain/setenv/index.js'),
    ]);
    const home = homeDirectory(present, platform);
    // What is printed points at the shims: they must be there, also after setup by an older wasienv.
    const { toolchain, title } = await refreshEnvironment({ home, env: present, platform, signal });
    const environment = setenv.environmentOf({ toolchain, home, homeIsNamed: homeIsNamed(present, platform), platform, bare: options.bare });
    for (const note of environment.notes) output.note(`wasienv: note: ${visible(note)}`);
    if (options.json) {
      const { variables, path } = environment;
      output.print(JSON.stringify({ schema: 1, ...(options.diff ? { changes: setenv.environmentChanges(environment, present) } : { variables, path }) }, null, 2));
      return EXIT.OK;
    }
    if (options.diff) {
      changeLines(setenv.environmentChanges(environment, present)).forEach(output.print);
      return EXIT.OK;
    }
    const shell = options.shell ?? (platform === 'win32' ? 'powershell' : 'posix');
    output.print(setenv.renderEnvironment(shell, environment, title).trimEnd());
    return EXIT.OK;
  },
});
