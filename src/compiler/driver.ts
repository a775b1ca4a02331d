// What clang's driver would do next, learnt from clang itself. WASI has no way to start a process, so a command that
// needs more than one job is first asked with `-###`, and the jobs it prints are run one by one.
// The form of the printed lines: clang `Command::Print`, `llvm::sys::printArg` with quoting on.
import { commandsNotUnderstood } from './errors.js';
import { scanArguments } from './options.js';

export interface DriverAnswer {
  /** The jobs in order; the first element of each is the program: `clang`, `wasm-ld`. */
  readonly jobs: ReadonlyArray<readonly string[]>;
  /** Warnings and errors of the driver, as it wrote them. */
  readonly diagnostics: string;
  /** What `clang -v` prints in front: version, target, thread model. */
  readonly banner: string;
}

/** Reads what `clang -###` wrote on standard error. */
export function parseDriverAnswer(text: string): DriverAnswer {
  const jobs: string[][] = [];
  let diagnostics = '';
  let banner = '';
  let inBanner = false;
  let position = 0;
  while (position < text.length) {
    if (text.startsWith(' "', position)) {
      const { words, end } = parseCommand(text, position);
      jobs.push(words);
      position = end;
      continue;
    }
    const newline = text.indexOf('\n', position);
    const end = newline < 0 ? text.length : newline + 1;
    const line = text.slice(position, end);
    position = end;
    if (banner === '' && /^\S*(?:.* )?clang version \d/.test(line)) inBanner = true;
    else if (inBanner && !BANNER_LINE.test(line)) inBanner = false;
    if (/^ \(in-process\)\n?$/.test(line)) continue;
    if (inBanner) banner += line;
    else diagnostics += line;
  }
  return { jobs: jobs.map(programFirst), diagnostics, banner };
}

const BANNER_LINE = /^(?:Target|Thread model|InstalledDir|Build config|Configuration file|System configuration file directory|User configuration file directory):/;

/** One line of quoted words; a word may hold newlines. */
function parseCommand(text: string, start: number): { words: string[]; end: number } {
  const words: string[] = [];
  let position = start;
  for (;;) {
    if (position >= text.length) return { words, end: position };
    if (text[position] === '\n') return { words, end: position + 1 };
    if (text[position] !== ' ' || text[position + 1] !== '"') throw commandsNotUnderstood(text.slice(start, start + 200));
    let word = '';
    for (position += 2; text[position] !== '"'; position += 1) {
      if (position >= text.length) throw commandsNotUnderstood(text.slice(start, start + 200));
      if (text[position] === '\\') position += 1;
      word += text[position];
    }
    words.push(word);
    position += 1;
  }
}

/** The module holds every tool, and clang starts itself as `"" "clang" "-cc1" …`: drop the empty program name. */
function programFirst(words: string[]): string[] {
  return words[0] === '' ? words.slice(1) : words;
}

/**
 * Whether the driver can do this command inside itself: one compilation and nothing after it. Asking first costs an
 * instance and some 35 ms, so the most common command of every build, `-c` of one file, is recognised here. When in
 * doubt the answer is false, which is slower and never wrong.
 */
export function isSingleJob(args: readonly string[]): boolean {
  if (args.some((argument) => argument.startsWith('@') || SEVERAL_JOBS.test(argument))) return false;
  const scan = scanArguments(args);
  if (scan.mode === 'question') return true;
  if (scan.mode !== 'compile' && scan.mode !== 'assembly' && scan.mode !== 'preprocess' && scan.mode !== 'check') return false;
  if (scan.inputs.length !== 1) return false;
  // `.s` and `.S` go through the assembler, `.S` in two jobs; languages wasienv does not know may as well.
  return scan.language === undefined ? /\.(?:c|i|cc|cp|cxx|cpp|CPP|c\+\+|C|ii|m|mm|ll|bc)$/.test(scan.inputs[0] as string) : /^(?:c|c\+\+|cpp-output|c\+\+-cpp-output|ir)$/.test(scan.language);
}

const SEVERAL_JOBS = /^(?:--?save-temps|--?no-integrated-cpp|-traditional|-fno-integrated-|-fmodule|-fembed-|-fbasic-block|-gsplit-dwarf|-Xarch|--?offload|--cuda|-ccc-|-x?cuda|-x?hip|--driver-mode|--analyze|-verify-|--config|-flto=thin)/;

/** Whether `job` reads a file that an earlier job, which failed, should have written. */
export function dependsOn(job: readonly string[], failedOutputs: ReadonlySet<string>): boolean {
  return job.some((word) => failedOutputs.has(word));
}

/** The file a job writes, as its `-o` says. */
export function outputOf(job: readonly string[]): string | undefined {
  const at = job.lastIndexOf('-o');
  return at < 0 ? undefined : job[at + 1];
}
