// wasienv run [OPTIONS] FILE [ARGUMENTS]: the corridor of a guest. Everything after FILE is the guest's.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { defineCommand } from '../command.js';
import { missingOperand, unreadableFile } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { parseDirectory, parseEnvironment, parseListen } from '../guest-options.js';
import { renderError } from '../print-error.js';
import { trapHint } from '../trap-hints.js';

export const run = defineCommand({
  name: 'run',
  summary: 'run a WebAssembly program (WASI preview 1) in a sandbox',
  usage: ['run [OPTIONS…] FILE [ARGUMENTS…]'],
  description: [
    'Runs FILE, a module in binary or text form, on the interpreter of wasienv. The program sees nothing of this machine but its standard streams and what --dir and --env give it. What follows FILE belongs to the program, options included.',
    'The exit code is the program’s own. A trap prints its name and the WebAssembly call stack and exits 134.',
  ],
  reading: 'until-operand',
  options: {
    dir: { value: 'HOST[::GUEST[:ro]]', repeatable: true, summary: 'let the program use the directory HOST, under the name GUEST (default: HOST as written); `:ro` for reading only' },
    engine: { value: 'NAME', choices: ['interpreter', 'host'], summary: 'what runs it: the interpreter of wasienv (default), or Node’s own WebAssembly, which is faster' },
    listen: { value: '[HOST:]PORT', repeatable: true, summary: 'let the program accept connections there (default HOST: 127.0.0.1), on the descriptor after its directories: 3, if there are none; port 0 takes a free one and says which' },
    env: { value: 'NAME=VALUE', repeatable: true, summary: 'set a variable of the program’s environment, which is otherwise empty' },
  },
  examples: [
    { command: 'wasienv run first.wasm', shows: 'run a program' },
    { command: 'wasienv run --dir . copy.wasm in.txt out.txt', shows: 'let it use the current directory' },
    { command: 'wasienv run --dir ./data::/data:ro --env LANG=C count.wasm /data', shows: 'read-only, under another name, with a variable' },
  ],
  interruption: 'immediate',
  async run({ output, debug }, { options, operands }) {
    const [file, ...args] = operands;
    if (file === undefined) throw missingOperand('run', 'a FILE to run', 'wasienv run first.wasm');
    const preopens = options.dir.map(parseDirectory);
    const env = parseEnvironment(options.env);
    const addresses = options.listen.map(parseListen);
    const bytes = read(file);
    const { loadEngine, loadModuleOrText, openSockets, runProgram } = await import('../../program/index.js');
    const engine = await loadEngine(options.engine ?? 'interpreter');
    const module = await loadModuleOrText(bytes, file);
    const sockets = addresses.length > 0 ? await openSockets(addresses) : undefined;
    sockets?.addresses.forEach(({ host, port }, index) => {
      if (addresses[index]!.port === 0) output.note(`listening on ${host.includes(':') ? `[${host}]` : host}:${port}`);
    });
    const status = runProgram({
      module,
      ...(module.textPlaces === undefined ? { bytes } : {}),
      ...(engine === undefined ? {} : { engine }),
      name: file,
      wasi: { args: [path.basename(file), ...args], env, stdin: 0, stdout: 1, stderr: 2, preopens, ...(sockets && { sockets }) },
    });
    if (status.kind === 'exit') return status.code;
    output.note(renderError(status.error, output.errorColour, debug, trapHint(status.name, status.error.frames)));
    return EXIT.TRAP;
  },
});

function read(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (thrown) {
    throw unreadableFile(file, thrown as NodeJS.ErrnoException, 'give the path of a .wasm or .wat file; `wasienv cc FILE.c` makes one');
  }
}
