// wasienv wasm2wat FILE [-o OUT]
import { defineCommand } from '../command.js';
import { missingOperand, unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { nameOf, readModuleFile, writeParts } from '../module-files.js';

export const wasm2wat = defineCommand({
  name: 'wasm2wat',
  summary: 'show a module as WebAssembly text',
  usage: ['wasm2wat [OPTIONS…] FILE'],
  description: [
    'Writes the module to standard output, or where -o says; `-` as FILE is standard input. The text turns back into the same module: numbers, names and custom sections are exact. FILE may be text itself, which is then written anew.',
  ],
  reading: 'options',
  options: {
    output: { short: 'o', value: 'OUT', summary: 'write to OUT; `-` is standard output' },
    fold: { short: 'f', summary: 'write operands inside their instruction: `(i32.add (local.get 0) (i32.const 1))`' },
  },
  examples: [
    { command: 'wasienv wasm2wat first.wasm', shows: 'look at a module' },
    { command: 'wasienv wasm2wat --fold first.wasm -o first.wat', shows: 'as nested expressions, into a file' },
  ],
  interruption: 'immediate',
  async run({ surroundings }, { options, operands }) {
    const [file, second] = operands;
    if (file === undefined) throw missingOperand('wasm2wat', 'a FILE', 'wasienv wasm2wat first.wasm');
    if (second !== undefined) throw unwantedOperand(second, 'wasm2wat');
    const bytes = await readModuleFile(file, surroundings);
    const { toText } = await import('../../inspect/index.js');
    await writeParts(options.output ?? '-', toText(bytes, nameOf(file), { folded: options.fold }), surroundings);
    return EXIT.OK;
  },
});
