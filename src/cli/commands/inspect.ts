// wasienv inspect FILE: what a module is and needs, before it runs.
import { WasienvError } from '../../base/errors.js';
import { defineCommand } from '../command.js';
import { JSON_RESULT } from '../common-options.js';
import { missingOperand, unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { RunVerdict } from '../inspect-text.js';
import { nameOf, readModuleFile } from '../module-files.js';
import type { ModuleDescription } from '../../inspect/about/describe.js';

export const inspect = defineCommand({
  name: 'inspect',
  summary: 'tell what a module is and needs, without running it',
  usage: ['inspect [--json] FILE'],
  description: [
    'Says of FILE, a module in binary or text form: whether `wasienv run` can run it and with which options, what its imports let it do, its memory, the features it uses, who made it, where its bytes are, and what debug information it has. Nothing of it is run. `-` is standard input.',
    'Instructions of each feature are counted. A module that breaks the rules is told by `wasienv validate`. The JSON is described in manifests/inspect.schema.json.',
  ],
  reading: 'options',
  options: JSON_RESULT,
  examples: [
    { command: 'wasienv inspect first.wasm', shows: 'a page about a program' },
    { command: 'wasienv inspect --json first.wasm', shows: 'the same as data' },
  ],
  interruption: 'immediate',
  async run({ surroundings, output }, { options: { json }, operands }) {
    const [file, extra] = operands;
    if (file === undefined) throw missingOperand('inspect', 'a FILE', 'wasienv inspect first.wasm');
    if (extra !== undefined) throw unwantedOperand(extra, 'inspect');
    const [{ describeModule }, { requireCommand }, { inspectionLines }] = await Promise.all([import('../../inspect/about/describe.js'), import('../../program/index.js'), import('../inspect-text.js')]);
    const name = nameOf(file);
    const { description, module } = describeModule(await readModuleFile(file, surroundings), name);
    const run = NOT_RUN[description.kind] ?? verdictOf(description, () => requireCommand(module!, name));
    if (json) output.print(JSON.stringify({ schema: 1, file: name, ...description, run }, null, 2));
    else inspectionLines(name, description, run).forEach(output.print);
    return EXIT.OK;
  },
});

const not = (reason: string, next: string): RunVerdict => ({ possible: false, reason, next, options: [] });
const NOT_RUN: Partial<Record<ModuleDescription['kind'], RunVerdict>> = {
  component: not('it is a component, and modules are what is run', 'build for preview 1: `--target=wasm32-wasip1`'),
  'object file': not('it is not linked yet', 'link it: `wasienv cc FILE.o -o FILE.wasm`'),
  'shared library': not('it is to be loaded by another program', 'link it statically: without `-shared` and `-fPIC`'),
};

/** What can be granted is named where a program without it would most likely fail. */
const WORTH_GRANTING: Readonly<Record<string, string>> = { directories: '--dir .', sockets: '--listen 8080' };

function verdictOf({ capabilities }: ModuleDescription, require: () => void): RunVerdict {
  try {
    require();
  } catch (error) {
    if (!(error instanceof WasienvError) || (error.code !== 'E_LINK' && error.code !== 'E_NO_START')) throw error;
    return { possible: false, reason: error.message, next: error.next ?? null, options: [] };
  }
  return { possible: true, reason: null, next: null, options: capabilities.flatMap(({ capability }) => WORTH_GRANTING[capability] ?? []) };
}
