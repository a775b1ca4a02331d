// wasienv ar, nm, ranlib, objdump, size, strip, wasm-ld: the LLVM tools of the installed toolchain, arguments untouched.
import { defineCommand, type Command } from '../command.js';

const TOOLS = {
  ar: ['make and change archives of object files', 'ar rcs libutil.a a.o b.o'],
  nm: ['list the symbols of object files, archives and modules', 'nm first.wasm'],
  ranlib: ['write the index of an archive', 'ranlib libutil.a'],
  objdump: ['take object files and modules apart', 'objdump -h first.wasm'],
  size: ['tell the sizes of sections', 'size first.wasm'],
  strip: ['remove names and debug information', 'strip -o small.wasm first.wasm'],
  'wasm-ld': ['link object files and archives, without what clang would add', 'wasm-ld -o first.wasm crt1.o first.o libc.a'],
} as const;

function toolCommand(name: keyof typeof TOOLS): Command {
  const [summary, example] = TOOLS[name];
  const program = name === 'wasm-ld' ? name : `llvm-${name}`;
  return defineCommand({
    name,
    summary,
    usage: [`${name} ARGUMENTS…`],
    description: [`All arguments are those of ${program} and reach it unchanged; \`wasienv ${name} --help\` is its own help.`],
    reading: 'raw',
    options: {},
    examples: [{ command: `wasienv ${example}`, shows: summary }],
    interruption: 'graceful',
    async run({ surroundings: { cwd, platform }, env, signal }, { operands }) {
      const [{ homeDirectory, selectToolchain }, { runTool }] = await Promise.all([import('../../toolchain/index.js'), import('../../compiler/index.js')]);
      const toolchain = await selectToolchain(homeDirectory(env, platform), { cwd, env });
      return runTool({ toolchain, tool: name, args: operands, cwd, env, io: { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' }, signal });
    },
  });
}

export const ar = toolCommand('ar');
export const nm = toolCommand('nm');
export const ranlib = toolCommand('ranlib');
export const objdump = toolCommand('objdump');
export const size = toolCommand('size');
export const strip = toolCommand('strip');
export const wasmLd = toolCommand('wasm-ld');
