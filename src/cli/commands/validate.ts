// wasienv validate FILE…
import { WasienvError } from '../../base/errors.js';
import { visible } from '../../base/text.js';
import { defineCommand } from '../command.js';
import { missingOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { nameOf, readModuleFile } from '../module-files.js';
import { renderError } from '../print-error.js';

export const validate = defineCommand({
  name: 'validate',
  summary: 'check that modules are valid, binary or text',
  usage: ['validate [OPTIONS…] FILE…'],
  description: [
    'Checks each FILE against the rules of WebAssembly 3.0 and says what is in it, or what is wrong and where. `-` is standard input. Exits 1 when one of them is not valid.',
  ],
  reading: 'options',
  options: {
    'legacy-names': { summary: 'accept old spellings in text that were merely renamed, like `get_local`' },
  },
  examples: [
    { command: 'wasienv validate first.wasm', shows: 'check a module' },
    { command: 'wasienv validate *.wat', shows: 'check several texts' },
  ],
  interruption: 'immediate',
  async run({ surroundings, output, debug }, { options, operands }) {
    if (operands.length === 0) throw missingOperand('validate', 'a FILE', 'wasienv validate first.wasm');
    const { checkModule } = await import('../../inspect/index.js');
    let failed = 0;
    for (const file of operands) {
      try {
        const { holds, features } = checkModule(await readModuleFile(file, surroundings), nameOf(file), { legacyNames: options['legacy-names'] });
        output.print(`${visible(nameOf(file))}: valid; ${holds.length === 0 ? 'empty' : holds.join(', ')}${features.length === 0 ? '' : `; uses ${features.join(', ')}`}`);
      } catch (thrown) {
        if (!(thrown instanceof WasienvError)) throw thrown;
        failed++;
        output.note(renderError(thrown, output.errorColour, debug));
      }
    }
    return failed === 0 ? EXIT.OK : EXIT.FAILURE;
  },
});
