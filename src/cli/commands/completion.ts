// wasienv completion SHELL: a script that lets the shell complete commands, options and their values.
import { defineCommand } from '../command.js';
import { missingOperand, unwantedOperand, unknownShell } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { COMPLETION_SHELLS } from '../completion/shells.js';
import { nearest } from '../nearest.js';

export const completion = defineCommand({
  name: 'completion',
  summary: 'print the script with which bash, zsh, fish or PowerShell completes command lines of wasienv',
  usage: ['completion bash|zsh|fish|powershell'],
  description: [
    'The script is made of the same table as `--help` and starts nothing while you type. bash: into ~/.local/share/bash-completion/completions/wasienv. zsh: as _wasienv into a directory of $fpath. fish: into ~/.config/fish/completions/wasienv.fish. PowerShell: `wasienv completion powershell | Out-String | Invoke-Expression` in your profile.',
  ],
  reading: 'options',
  options: {},
  examples: [
    { command: 'wasienv completion fish > ~/.config/fish/completions/wasienv.fish', shows: 'for fish, from the next shell on' },
    { command: 'wasienv completion bash > /tmp/c && . /tmp/c', shows: 'for this bash' },
  ],
  interruption: 'immediate',
  async run({ output }, { operands }) {
    const [shell, second] = operands;
    if (shell === undefined) throw missingOperand('completion', 'a shell', 'wasienv completion bash');
    if (second !== undefined) throw unwantedOperand(second, 'completion');
    const [{ renderCompletion }, { commandWords, topWords }] = await Promise.all([import('../completion/render.js'), import('../completion/words.js')]);
    const known = COMPLETION_SHELLS.find((each) => each === shell);
    if (known === undefined) throw unknownShell(shell, COMPLETION_SHELLS, nearest(shell, COMPLETION_SHELLS));
    output.print(renderCompletion(known, { top: topWords(), commands: await commandWords() }).trimEnd());
    return EXIT.OK;
  },
});
