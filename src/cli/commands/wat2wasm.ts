// wasienv wat2wasm FILE [-o OUT]
import { defineCommand } from '../command.js';
import { missingOperand, unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { binaryNameOf, nameOf, readModuleFile, writeParts } from '../module-files.js';

export const wat2wasm = defineCommand({
  name: 'wat2wasm',
  summary: 'turn WebAssembly text into a binary module',
  usage: ['wat2wasm [OPTIONS…] FILE'],
  description: [
    'Reads the text format of WebAssembly 3.0 and writes FILE’s name with .wasm into the current directory, or where -o says; `-` is standard input or output. The module is validated first.',
    'Identifiers ($name) are kept in the name section, so that a trap can name its functions.',
  ],
  reading: 'options',
  options: {
    output: { short: 'o', value: 'OUT', summary: 'write to OUT; `-` is standard output' },
    'no-names': { summary: 'leave the name section out' },
    'no-check': { summary: 'write the module even if it is not valid' },
    'legacy-names': { summary: 'accept old spellings that were merely renamed, like `get_local`' },
  },
  examples: [
    { command: 'wasienv wat2wasm first.wat', shows: 'write first.wasm' },
    { command: 'wasienv wat2wasm - -o -', shows: 'work in a pipe' },
  ],
  interruption: 'immediate',
  async run({ surroundings }, { options, operands }) {
    const [file, second] = operands;
    if (file === undefined) throw missingOperand('wat2wasm', 'a FILE', 'wasienv wat2wasm first.wat');
    if (second !== undefined) throw unwantedOperand(second, 'wat2wasm');
    const text = await readModuleFile(file, surroundings);
    const { textToBinary } = await import('../../inspect/index.js');
    const bytes = textToBinary(text, nameOf(file), { names: !options['no-names'], check: !options['no-check'], legacyNames: options['legacy-names'] });
    await writeParts(options.output ?? (file === '-' ? '-' : binaryNameOf(file)), [bytes], surroundings);
    return EXIT.OK;
  },
});
