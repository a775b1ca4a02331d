// The entries that `-MJ FILE` asks for, where clang's driver cannot write them itself: under `-###` it leaves them out.
// source: clang/lib/Driver/ToolChains/Clang.cpp, Clang::DumpCompilationDatabase.
import { splitOption } from '../options.js';
import { outputOf } from '../driver.js';

/** The file of the last `-MJ`, as typed. */
export function databaseFile(args: readonly string[]): string | undefined {
  let file: string | undefined;
  walk(args, (option, value) => {
    if (option === '-MJ') file = value;
  });
  return file;
}

/** One line for each job that compiles: what tools join between `[` and `]`. `args`: the whole command, without its program. */
export function databaseEntries(program: string, args: readonly string[], jobs: ReadonlyArray<readonly string[]>, directory: string): string {
  const kept: string[] = [];
  walk(args, (option, value, words) => {
    if (option !== undefined && !/^-(?:o|x|M\w*)$/.test(option)) kept.push(...words);
    else if (option === undefined && value === undefined && !/^-M\w*$/.test(words[0]!)) kept.push(...words);
  });
  return jobs.filter((argv) => argv[1] === '-cc1').map((argv) => {
    const file = argv.at(-1)!;
    const output = outputOf(argv);
    const language = argv[argv.lastIndexOf('-x') + 1]!;
    const words = [program, `-x${language}`, file, ...(output === undefined ? [] : ['-o', output]), ...kept];
    const fields = [['directory', directory], ['file', file], ...(output === undefined ? [] : [['output', output]]), ['arguments', words]];
    return `{ ${fields.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(', ')} },\n`;
  }).join('');
}

/** Options with their values; inputs have a value and no option, switches neither. */
function walk(args: readonly string[], visit: (option: string | undefined, value: string | undefined, words: readonly string[]) => void): void {
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] as string;
    if (argument === '--') return args.slice(index + 1).forEach((input) => visit(undefined, input, [input]));
    if (argument === '-' || !argument.startsWith('-')) {
      visit(undefined, argument, [argument]);
      continue;
    }
    const [option, joined] = splitOption(argument);
    if (option === undefined) visit(undefined, undefined, [argument]);
    else if (joined !== undefined) visit(option, joined, [argument]);
    else visit(option, args[index += 1], args.slice(index - 1, index + 1));
  }
}
