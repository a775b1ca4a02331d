// wasienv run [OPTIONS] FILE [ARGUMENTS]: the corridor of a guest. Everything after FILE is the guest's.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { WasienvError } from '../../base/errors.js';
import type { ExitStatus } from '../../program/index.js';
import { defineCommand } from '../command.js';
import { missingOperand, unreadableFile } from '../errors.js';
import { EXIT, exitCodeOf } from '../exit-codes.js';
import { parseDirectory, parseEnvironment, parseListen } from '../guest-options.js';
import { limitHint, refusedNote } from '../limit-hints.js';
import { LIMIT_OPTIONS, parseLimits } from '../limit-options.js';
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
    listen: { value: '[HOST:]PORT', repeatable: true, summary: 'let the program accept connections there (default HOST: 127.0.0.1), on the descriptor after its directories: 3, if there are none; port 0 takes a free one and says which' },
    'in-build': { summary: 'give it what `wasienv exec` gives to programs of a build: its directories, a /tmp, and the variables the build has set' },
    env: { value: 'NAME=VALUE', repeatable: true, summary: 'set a variable of the program’s environment, which is otherwise empty' },
    quiet: { short: 'q', summary: 'when the program fails, do not tell what it may lack' },
    engine: { value: 'NAME', choices: ['interpreter', 'host'], group: 'Engine', summary: 'what runs it: the interpreter of wasienv (default), or Node’s own WebAssembly, which is faster' },
    'cross-check': { group: 'Engine', summary: 'run it on both engines and tell the first difference in output, WASI calls or end; files and input are touched once' },
    strace: { value: 'json', optional: true, choices: ['json'], group: 'Watching', summary: 'show every WASI call with its arguments, answer and time, on stderr; `=json` for an object a line' },
    'strace-filter': { value: 'CALLS', group: 'Watching', summary: 'show these calls: names, patterns (`fd_*`), groups (`file`, `read`, `write` …), `failed`; `-NAME` leaves one out' },
    'strace-output': { value: 'FILE', group: 'Watching', summary: 'write the calls to FILE' },
    deterministic: { group: 'Repeating', summary: 'a world that is the same in every run: fixed clock, seeded random numbers, sorted directories, numbers and times of files' },
    seed: { value: 'N', group: 'Repeating', summary: 'what the random numbers of --deterministic come from (default 0)' },
    record: { value: 'FILE', group: 'Repeating', summary: 'keep everything WASI answered, so that the run can be repeated elsewhere without its files' },
    replay: { value: 'FILE', group: 'Repeating', summary: 'repeat a recorded run: arguments, environment, files and input come from FILE' },
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
    const { record, replay } = options;
    const crossCheck = options['cross-check'];
    const deterministic = options.deterministic || options.seed !== undefined;
    const [straceFilter, straceOutput] = [options['strace-filter'], options['strace-output']];
    const strace = options.strace ?? (straceFilter === undefined && straceOutput === undefined ? undefined : '');
    if (record !== undefined && crossCheck) throw new WasienvError('E_USAGE', '`--record` does not go with `--cross-check`', { next: 'record first; then replay the recording with `--engine host`, which compares too' });
    if (crossCheck) refuseBesideCrossCheck(options);
    if (replay !== undefined) refuseBesideReplay({ record, crossCheck, dir: options.dir, env: options.env, listen: options.listen, args });
    const limits = parseLimits(options);
    const bytes = read(file);
    const { Clues, loadEngine, loadModuleOrText, openSockets, runProgram, withSourceLines } = await import('../../program/index.js');
    const engine = await loadEngine(options.engine ?? grants?.engine ?? 'interpreter');
    const module = await loadModuleOrText(bytes, file);
    const measured = options.profile === undefined && options.coverage === undefined ? undefined : (await import('../measured-run.js')).measure(options, module, path.basename(file), surroundings.cwd);
    const counting = measured && { counting: measured.counting };
    const clues = new Clues();
    const sockets = addresses.length > 0 ? await openSockets(addresses) : undefined;
    sockets?.addresses.forEach(({ host, port }, index) => {
      if (addresses[index]!.port === 0) output.note(`listening on ${host.includes(':') ? `[${host}]` : host}:${port}`);
    });
    const world = deterministic ? (await import('../../program/deterministic.js')).deterministicRun(seedOf(options.seed)) : undefined;
    const wasi = { args: [path.basename(file), ...args], env, stdin: 0, stdout: 1, stderr: 2, preopens, clues, ...world, ...(sockets && { sockets }) };
    const watched = strace !== undefined || record !== undefined || replay !== undefined || crossCheck;
    const running = async (): Promise<ExitStatus> => watched
      ? (await import('../watched-run.js')).watchedRun(
          { module, bytes, name: file, wasi, engine, limits, ...counting, durations: !deterministic },
          { strace, straceFilter, straceOutput, record, replay, crossCheck },
        )
      : runProgram({ module, name: file, wasi, limits, ...counting, ...(module.textPlaces === undefined ? { bytes } : {}), ...(engine === undefined ? {} : { engine }) });
    const watchdogOff = limits.timeoutMs === undefined ? undefined : (await import('../watchdog.js')).startWatchdog(limits.timeoutMs);
    const status = await running().finally(watchdogOff).catch(async (error: unknown) => {
      if (!(error instanceof WasienvError) || error.code !== 'E_PREOPEN') throw error;
      throw (await import('../run-lessons.js')).withRightOrder(error, options.dir);
    });
    const teach = async (): Promise<void> => {
      if (options.quiet || replay !== undefined) return;
      const text = (await import('../run-lessons.js')).renderLessons({ module, args, env, preopens, clues, variables: surroundings.env }, output.errorColour);
      if (text !== '') output.note(text);
    };
    for (const line of measured?.finish() ?? []) if (!options.quiet) output.note(`note: ${line}`);
    if (status.refusedBytes !== undefined && (status.kind !== 'exit' || status.code !== 0)) output.note(refusedNote(status.refusedBytes));
    if (status.kind === 'exit') {
      if (status.code !== 0) await teach();
      return status.code;
    }
    const frames = await withSourceLines(status.error.frames, module);
    const hint = status.kind === 'limit' ? limitHint(status.error.code, engine !== undefined, frames.length > 0) : trapHint(status.name, frames, status.overflown);
    output.note(renderError(status.error, output.errorColour, debug, hint, frames));
    if (status.kind === 'limit') return exitCodeOf(status.error.code);
    await teach();
    return EXIT.TRAP;
  },
});

function seedOf(text = '0'): bigint {
  if (/^(\d{1,20}|0x[\da-f]{1,16})$/i.test(text) && BigInt(text) < 1n << 64n) return BigInt(text);
  throw new WasienvError('E_USAGE', `\`--seed ${text}\` is not a number from 0 to 2^64 - 1`, { next: 'give a whole number, such as `--seed 7`' });
}

/** What one engine alone can do, or does at a moment of its own. */
function refuseBesideCrossCheck(options: { readonly fuel?: string | undefined; readonly 'max-depth'?: string | undefined; readonly timeout?: string | undefined; readonly profile?: string | undefined; readonly coverage?: string | undefined }): void {
  const given = (['fuel', 'max-depth', 'timeout', 'profile', 'coverage'] as const).find((name) => options[name] !== undefined);
  if (given !== undefined) throw new WasienvError('E_USAGE', `\`--${given}\` does not go with \`--cross-check\`, where two engines must do the same`, { next: `leave out one of the two` });
}

/** A replay is the recorded run and no other. */
function refuseBesideReplay({ record, crossCheck, args, ...lists }: {
  readonly record: string | undefined;
  readonly crossCheck: boolean;
  readonly dir: readonly string[];
  readonly env: readonly string[];
  readonly listen: readonly string[];
  readonly args: readonly string[];
}): void {
  const given = Object.entries(lists).find(([, list]) => list.length > 0)?.[0];
  const what =
    record !== undefined ? '`--record`' : crossCheck ? '`--cross-check`' : given !== undefined ? `\`--${given}\`` : args.length > 0 ? `the argument ${JSON.stringify(args[0])}` : undefined;
  if (what === undefined) return;
  throw new WasienvError('E_USAGE', `${what} does not go with \`--replay\`: all that the program gets comes from the recording`, { next: `leave out ${what}` });
}

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
