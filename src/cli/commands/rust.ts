// wasienv rustc, wasienv cargo: every argument is theirs, but a `--show` in front.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { defineCommand, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';

/** A guest of cargo may use the directory cargo starts it in, as a program of this machine could. */
const RUNNER: readonly string[] = [process.execPath, fileURLToPath(new URL('../../../bin/wasienv.js', import.meta.url)), 'run', '--dir', '.'];

function rustCommand(tool: 'rustc' | 'cargo', summary: string, description: readonly string[], examples: Command['examples']): Command {
  return defineCommand({
    name: tool,
    summary,
    usage: [`${tool} [--show] [+TOOLCHAIN] ARGUMENTS…`],
    description: [...description, `The ${tool} is the machine’s own, of rustup or of a package; \`wasienv setup rust-target\` brings the standard library for WASI where it is missing. \`wasienv ${tool} --help\` is ${tool}’s own help.`],
    reading: 'raw',
    options: { show: { summary: 'as the first argument: print the plain command line that does the same, and run nothing' } },
    examples,
    interruption: 'graceful',
    async run({ surroundings: { cwd, platform }, env, output, signal }, { operands }) {
      const [{ homeDirectory, homeIsNamed }, { currentRust, findRust }, { environmentForC, isRustQuestion, runRust, showRust, splitToolchain }] = await Promise.all([
        import('../../toolchain/index.js'), import('../../toolchain/rust/index.js'), import('../../compiler/rust.js'),
      ]);
      const show = operands[0] === '--show';
      const { toolchain, rest } = splitToolchain(show ? operands.slice(1) : operands);
      const home = homeDirectory(env, platform);
      const world = { home, env, platform, cwd, signal, ...(toolchain === undefined ? {} : { toolchain }) };
      // A rustc that cannot compile for WASI yet can still say which it is.
      const rust = isRustQuestion(tool, rest) ? await findRust(world) : await currentRust(world);
      const forC = tool === 'cargo' && 'facts' in rust ? await environmentForC(home, homeIsNamed(env, platform), platform) : null;
      const request = { rust, tool, args: rest, cwd, env, platform, runner: RUNNER, forC };
      if (show) {
        output.print(showRust(request));
        return EXIT.OK;
      }
      return runRust({ ...request, io: { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' }, signal });
    },
  });
}

export const rustc = rustCommand('rustc', 'compile Rust to WebAssembly with rustc', [
  'Adds --target, under the name this rustc knows, and the linker that fits it, where none was given. All arguments are those of rustc and reach it unchanged, but for another name of the same target; its messages and its exit code are its own.',
], [
  { command: 'wasienv rustc first.rs', shows: 'writes first.wasm' },
  { command: 'wasienv rustc +nightly -O -o small.wasm first.rs', shows: 'uses another toolchain of rustup' },
  { command: 'wasienv rustc --show first.rs', shows: 'tells what would run' },
]);

export const cargo = rustCommand('cargo', 'build, run and test a Rust project as WebAssembly with cargo', [
  'Sets the target, the linker that fits it, and `wasienv run --dir .` as what runs and tests the modules, as environment variables and only where the environment has none; for crates with C in them also the C compiler that `wasienv setup` installed. Everything else is cargo’s.',
], [
  { command: 'wasienv cargo build --release', shows: 'writes target/…/release/*.wasm' },
  { command: 'wasienv cargo run -- an argument', shows: 'builds, and runs it on wasienv’s interpreter' },
  { command: 'wasienv cargo test', shows: 'builds the tests and runs them there' },
]);
