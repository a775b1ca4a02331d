// wasienv cc, wasienv c++: every argument is clang's, but a `--show` in front and the modes, which the compiler's room reads.
import { WasienvError } from '../../base/errors.js';
import { NO_PAINT } from '../../base/paint.js';
import { defineCommand, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import type { OptionTable } from '../command.js';
import type { ModeName } from '../../compiler/modes.js';

/** What the compiler's room knows by these names; `help modes` tells what each needs and does. */
export const MODE_OPTIONS = {
  exceptions: { summary: 'C++ exceptions' },
  setjmp: { summary: 'setjmp and longjmp' },
  threads: { summary: 'threads and a shared memory' },
  lto: { summary: 'optimise over all files when linking' },
  emulate: { value: 'NAME,…', summary: 'let wasi-libc pretend: signal, getpid, mman, clocks' },
  'stack-size': { value: 'SIZE', summary: 'of the C stack, as in 8MiB; 1 MiB when not said' },
  reactor: { summary: 'link a library with `_initialize` instead of a command with `main`' },
} as const satisfies Record<ModeName, OptionTable[string]>;

function compilerCommand(name: 'cc' | 'c++', language: string, source: string): Command {
  const tool = name === 'cc' ? 'clang' : 'clang++';
  return defineCommand({
    name,
    summary: `compile ${language} to WebAssembly with clang`,
    usage: [`${name} [--show] [MODE ...] ARGUMENTS…`],
    description: [
      `All arguments but the options below are those of clang and reach it unchanged; its messages and its exit code are its own. \`wasienv ${name} ${source}\` without -o writes ${source.replace(/\..*/, '')}.wasm.`,
      `The options below but --show are modes: they may stand anywhere, are given for compiling and for linking alike, and become options of clang. \`wasienv help modes\` tells what each needs. \`wasienv ${name} --help\` is clang’s own help.`,
      'Where clang fails with a message that `wasienv explain` knows, one line under it says what to do.',
    ],
    reading: 'raw',
    options: { show: { summary: 'as the first argument: print the plain clang command line that does the same, and run nothing' }, ...MODE_OPTIONS },
    examples: [
      { command: `wasienv ${name} ${source}`, shows: `writes ${source.replace(/\..*/, '')}.wasm` },
      { command: `wasienv ${name} -O2 -g -o hello.wasm main.o util.o -lm`, shows: 'links' },
      { command: `wasienv ${name} --setjmp --emulate signal ${source}`, shows: 'for programs that use setjmp and signal' },
      { command: `wasienv ${name} --show ${source}`, shows: 'tells what would run' },
    ],
    interruption: 'graceful',
    async run({ surroundings: { cwd, platform }, env, output, signal }, { operands }) {
      const [{ homeDirectory, selectToolchain }, { compile, showCommand }, { explainFailure, LastWords }] = await Promise.all([
        import('../../toolchain/index.js'), import('../../compiler/index.js'), import('../last-words.js'),
      ]);
      // clang’s help says nothing of ours, and before a setup there is no clang to give it.
      const asksHelp = operands.length === 1 && operands[0] === '--help';
      const toolchain = await selectToolchain(homeDirectory(env, platform), { cwd, env }).catch((thrown: unknown) => {
        if (asksHelp && thrown instanceof WasienvError && thrown.code === 'E_NO_TOOLCHAIN') return undefined;
        throw thrown;
      });
      if (toolchain === undefined) {
        const { renderCommandHelp } = await import('../help.js');
        output.print(renderCommandHelp(name === 'cc' ? cc : cxx, output));
        return EXIT.OK;
      }
      if (asksHelp) output.note(`note: this is clang’s help; \`wasienv help ${name}\` tells what wasienv adds`);
      if (operands[0] === '--show') {
        output.print(showCommand({ toolchain, tool, args: operands.slice(1), cwd }));
        return EXIT.OK;
      }
      // Where colours are not wanted clang is left to itself: an option of ours in front would break `-cc1`.
      const colour = output.errorColour === NO_PAINT ? {} : { color: true };
      const heard = new LastWords();
      const code = await compile({ toolchain, tool, args: operands, cwd, env, io: { stdin: 'inherit', stdout: 'inherit', stderr: heard, ...colour }, signal });
      if (code !== EXIT.OK) await explainFailure(heard.text(), output);
      return code;
    },
  });
}

export const cc = compilerCommand('cc', 'C', 'first.c');
export const cxx = compilerCommand('c++', 'C++', 'first.cc');
