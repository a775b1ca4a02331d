// wasienv which: where the parts of the toolchain in use are.
import { defineCommand } from '../command.js';
import { JSON_RESULT } from '../common-options.js';
import { unknownPart, unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { nearest } from '../nearest.js';
import { tableLines } from '../table.js';

export const which = defineCommand({
  name: 'which',
  summary: 'print the path of a part of the toolchain in use',
  usage: ['which [PART] [--json]'],
  description: [
    'PART is a program (`clang`, `wasm-ld`, `ar` …) or `sysroot`, `headers`, `libc`, `crt1`, `builtins`, `resource-dir`, `root`, `receipt`. Without one it lists them all. Exits 1 for a part this toolchain does not have.',
    'The programs of the portable compiler are one WebAssembly module, which the shell cannot run: `wasienv cc` does.',
  ],
  reading: 'options',
  options: JSON_RESULT,
  examples: [
    { command: 'wasienv which sysroot', shows: 'for the --sysroot of another build tool' },
    { command: 'wasienv which', shows: 'every part with its path' },
  ],
  interruption: 'immediate',
  async run({ surroundings: { cwd, platform }, env, output }, { options: { json }, operands }) {
    const [part, unwanted] = operands;
    if (unwanted !== undefined) throw unwantedOperand(unwanted, 'which');
    const { homeDirectory, noSuchPart, PART_NAMES, placesOf, selectToolchain } = await import('../../toolchain/index.js');
    if (part !== undefined && !PART_NAMES.includes(part)) throw unknownPart(part, nearest(part, PART_NAMES));
    const toolchain = await selectToolchain(homeDirectory(env, platform), { cwd, env });
    const places = (await placesOf(toolchain)).filter(({ name }) => part === undefined || name === part);
    if (part !== undefined && places.length === 0) throw noSuchPart(part, `${toolchain.component} ${toolchain.version}`);
    if (json) output.print(JSON.stringify({ schema: 1, component: toolchain.component, version: toolchain.version, places }, null, 2));
    else if (part !== undefined) output.print(places[0]!.path);
    else tableLines(places.map(({ name, path, portable }) => [name, portable ? `${path} (a WebAssembly module)` : path])).forEach(output.print);
    return EXIT.OK;
  },
});
