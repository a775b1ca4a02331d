// wasienv run [OPTIONS] FILE [ARGUMENTS]: the corridor of a guest. Everything after FILE is the guest's.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { WasienvError } from '../../base/errors.js';
import type { ExitStatus } from '../../program/index.js';
import { defineCommand } from '../command.js';
import { missingOperand, unreadableFile } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { parseDirectory, parseEnvironment, parseListen } from '../guest-options.js';
import { LIMIT_OPTIONS, parseLimits, parseMaxThreads } from '../limit-options.js';
import { watchingOf, WATCH_OPTIONS } from '../watch-options.js';

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
    listen: { value: '[HOST:]PORT', repeatable: true, summary: 'let the program accept connections there (default HOST: 127.0.0.1), on the descriptor after its directories: 3, if there are none; port 0 takes a free one and says which' },
    'in-build': { summary: 'give it what `wasienv exec` gives to programs of a build: its directories, a /tmp, and the variables the build has set' },
    env: { value: 'NAME=VALUE', repeatable: true, summary: 'set a variable of the program’s environment, which is otherwise empty' },
    quiet: { short: 'q', summary: 'when the program fails, do not tell what it may lack' },
    ...WATCH_OPTIONS,
    ...LIMIT_OPTIONS,
    profile: { value: 'FILE', group: 'Measurements', summary: 'count its instructions by function and call, and write them as a page (FILE.html), a flame graph (.svg) or for speedscope (.json)' },
    coverage: { value: 'FILE', group: 'Measurements', summary: 'count how often each line of its source is run, and write that in the form of lcov; needs `-g`' },
  },
  examples: [
    { command: 'wasienv run first.wasm', shows: 'run a program' },
    { command: 'wasienv run --dir . copy.wasm in.txt out.txt', shows: 'let it use the current directory' },
    { command: 'wasienv run --dir ./data::/data:ro --env LANG=C count.wasm /data', shows: 'read-only, under another name, with a variable' },
  ],
  interruption: 'immediate',
  async run({ surroundings, output, debug }, { options, operands }) {
    const [file, ...args] = operands;
    if (file === undefined) throw missingOperand('run', 'a FILE to run', 'wasienv run first.wasm');
    const grants = options['in-build'] ? (await import('../build-grants.js')).grantsOfBuild(surroundings.env, surroundings.cwd) : undefined;
    const preopens = [...(grants?.directories ?? []), ...options.dir.map(parseDirectory)];
    const env = { ...grants?.env, ...parseEnvironment(options.env) };
    const addresses = options.listen.map(parseListen);
    const watching = watchingOf(options, args);
    const limits = parseLimits(options);
    const maxThreads = parseMaxThreads(options['max-threads']);
    const emit = !options['no-emit'];
    const bytes = read(file);
    const { Clues, loadEngine, loadModuleOrText, needsThreads, openSockets, runProgram, runThreads } = await import('../../program/index.js');
    const engine = await loadEngine(options.engine ?? grants?.engine ?? 'interpreter');
    const module = await loadModuleOrText(bytes, file);
    const threads = needsThreads(module);
    if (threads) (await import('../beside-threads.js')).refuseBesideThreads(options, file);
    const measured = options.profile === undefined && options.coverage === undefined ? undefined : (await import('../measured-run.js')).measure(options, module, path.basename(file), surroundings.cwd);
    const counting = measured && { counting: measured.counting };
    const clues = new Clues();
    const world = watching.seed === undefined ? undefined : (await import('../../program/deterministic.js')).deterministicRun(watching.seed);
    const running = async (): Promise<ExitStatus> => {
      const sockets = addresses.length > 0 ? await openSockets(addresses, { module, name: file, limits, preopens, ...counting, ...(engine === undefined ? {} : { engine }) }) : undefined;
      sockets?.addresses.forEach(({ host, port }, index) => {
        if (addresses[index]!.port === 0) output.note(`listening on ${host.includes(':') ? `[${host}]` : host}:${port}`);
      });
      const wasi = { args: [path.basename(file), ...args], env, stdin: 0, stdout: 1, stderr: 2, preopens, clues, ...world, ...(sockets && { sockets }) };
      const given = { module, name: file, wasi, limits, emit, ...counting, ...(maxThreads === undefined ? {} : { maxThreads }), ...(engine === undefined ? {} : { engine }) };
      if (watching.strace !== undefined || watching.mode.kind !== 'plain') {
        return (await import('../watched-run.js')).watchedRun({ ...given, bytes, engine, durations: world === undefined }, watching, output.errorColour);
      }
      const program = { ...given, ...(module.textPlaces === undefined ? { bytes } : {}) };
      return threads ? runThreads(program) : runProgram(program);
    };
    const watchdogOff = limits.timeoutMs === undefined ? undefined : (await import('../watchdog.js')).startWatchdog(limits.timeoutMs);
    const status = await running().finally(watchdogOff).catch(async (error: unknown) => {
      if (!(error instanceof WasienvError) || error.code !== 'E_PREOPEN') throw error;
      throw (await import('../run-report.js')).withRightOrder(error, options.dir);
    });
    for (const line of measured?.finish() ?? []) if (!options.quiet) output.note(`note: ${line}`);
    if (status.kind === 'exit' && status.code === 0) return EXIT.OK;
    const situation = { module, args, env, preopens, clues, variables: surroundings.env };
    const teach = !options.quiet && watching.mode.kind !== 'replay';
    return (await import('../run-report.js')).reportEnd(status, { situation, output, debug, teach, onHost: engine !== undefined });
  },
});

function read(file: string): Uint8Array {
  try {
    return withoutStartLine(readFileSync(file));
  } catch (thrown) {
    throw unreadableFile(file, thrown as NodeJS.ErrnoException, 'give the path of a .wasm or .wat file; `wasienv cc FILE.c` makes one');
  }
}

/** A program that a build made with `wasienv exec --runnable` begins with a line that names what runs it; the module follows. */
function withoutStartLine(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return bytes;
  const end = bytes.indexOf(0x0a) + 1;
  return end > 0 && bytes[end] === 0x00 && bytes[end + 1] === 0x61 ? bytes.subarray(end) : bytes;
}
