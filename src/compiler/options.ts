// The few facts about clang's command line that wasienv must know to tell inputs from the values of options.
// Only names: what they do is clang's business. Source: clang's own table, `clang/include/clang/Driver/Options.td`.

/** `separate`: the value is the next argument. `either`: it may also be joined (`-Idir`, `-I dir`). */
interface OptionRow {
  readonly form: 'separate' | 'either';
  /** `path`: names a file or directory, so it is translated where guest paths differ from host paths. */
  readonly value: 'path' | 'word';
}

const rows = (form: OptionRow['form'], value: OptionRow['value'], names: string): Array<[string, OptionRow]> =>
  names.split(' ').map((name) => [name, { form, value }]);

/** Every option that may take its value from the next argument. */
export const VALUE_OPTIONS: ReadonlyMap<string, OptionRow> = new Map([
  ...rows('either', 'path', '-o -I -L -B -F -T -MF -MJ -include -imacros -isystem -iquote -idirafter -isysroot -iprefix -iframework -cxx-isystem -iwithprefix -iwithprefixbefore -iwithsysroot'),
  ...rows('either', 'word', '-D -U -l -x -u -z -e -A -G -MT -MQ'),
  ...rows('separate', 'path', '-include-pch -working-directory -resource-dir -dumpdir -ivfsoverlay -serialize-diagnostics --serialize-diagnostics --sysroot --config --output --include --include-directory --library-directory -fmodule-file -dependency-file'),
  ...rows('separate', 'word', '-target -arch -mllvm -Xclang -Xlinker -Xassembler -Xpreprocessor -Xanalyzer -Xopenmp-target -Xthinlto -Xoffload-linker --param --define-macro --undefine-macro --language --assert -undefined -framework -rpath -install_name -main-file-name -mthread-model -meabi'),
]);

/** Options that print something and compile nothing. */
function isQuestion(argument: string): boolean {
  return /^(?:--?version|--?help(?:-hidden)?|--?autocomplete=.*|-print-.*|--print-.*|-dumpversion|-dumpmachine|-###)$/.test(argument);
}

/** What the command asks for, as far as the name of the output depends on it. */
export type Mode = 'link' | 'relocatable' | 'shared' | 'compile' | 'assembly' | 'preprocess' | 'check' | 'question';

const MODE_OPTIONS: ReadonlyMap<string, Mode> = new Map([
  ['-c', 'compile'], ['--compile', 'compile'], ['--precompile', 'compile'], ['-emit-ast', 'compile'], ['-emit-pch', 'compile'],
  ['-S', 'assembly'], ['--assemble', 'assembly'],
  ['-E', 'preprocess'], ['--preprocess', 'preprocess'],
  ['-M', 'preprocess'], ['-MM', 'preprocess'], ['--dependencies', 'preprocess'], ['--user-dependencies', 'preprocess'],
  ['-fsyntax-only', 'check'], ['--analyze', 'check'], ['-extract-api', 'check'],
  ['-r', 'relocatable'], ['-shared', 'shared'], ['--shared', 'shared'],
]);

/** Options behind which nothing is linked. */
export const NOT_LINKING: readonly string[] = [...MODE_OPTIONS].flatMap(([option, mode]) => (mode === 'shared' ? [] : [option]));

/** Whether something is for the linker: that is an input, too. `clang -Wl,--version` asks which linker there is. */
export const asksLinker = (args: readonly string[]): boolean => args.some((argument) => /^-(?:Wl,|Xlinker$|l)/.test(argument));

/**
 * Options for linkers of ELF that build tools give unasked, as patterns of sh. wasm-ld refuses them all, and none would
 * change a module: it searches archives again by itself, has no dynamic section, and refuses undefined symbols anyway.
 */
export const ELF_LINKER_OPTIONS: readonly string[] = [
  ...['start-group', 'end-group', 'as-needed', 'no-as-needed', 'no-undefined', 'allow-shlib-undefined', 'no-allow-shlib-undefined', 'enable-new-dtags', 'disable-new-dtags',
    'warn-common', 'no-copy-dt-needed-entries', 'sort-common', 'no-warn-mismatch'].map((name) => `-Wl,--${name}`),
  '-Wl,-\\(', '-Wl,-\\)',
  ...['--hash-style', '--version-script', '-soname', '--soname', '-rpath', '--rpath', '-rpath-link', '--rpath-link', '--exclude-libs'].flatMap((name) => [`-Wl,${name}=*`, `-Wl,${name},*`]),
  '-Wl,-h,*', '-Wl,-Bsymbolic*', '-Wl,-R*',
];

export interface Scan {
  readonly mode: Mode;
  /** Inputs in order: files and `-` for standard input. */
  readonly inputs: readonly string[];
  /** The value of the last `-o`. */
  readonly output: string | undefined;
  /** The value of the last `--target=` or `-target`. */
  readonly target: string | undefined;
  readonly verbose: boolean;
  /** The language of the last `-x`. */
  readonly language: string | undefined;
}

/** Reads a command line as clang's driver would, as far as `Scan` says. `args` has its response files already expanded. */
export function scanArguments(args: readonly string[]): Scan {
  const inputs: string[] = [];
  let mode: Mode = 'link';
  let output: string | undefined;
  let target: string | undefined;
  let language: string | undefined;
  let verbose = false;
  const take = (option: string, value: string | undefined): void => {
    if (value === undefined) return;
    if (option === '-o' || option === '--output') output = value;
    else if (option === '-target') target = value;
    else if (option === '-x' || option === '--language') language = value;
  };
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] as string;
    if (argument === '--') {
      inputs.push(...args.slice(index + 1));
      break;
    }
    if (argument === '-' || !argument.startsWith('-')) {
      inputs.push(argument);
    } else if (isQuestion(argument)) {
      mode = 'question';
    } else if (argument.startsWith('--target=')) {
      target = argument.slice('--target='.length);
    } else if (argument.startsWith('--output=')) {
      output = argument.slice('--output='.length);
    } else if (argument === '-v' || argument === '--verbose') {
      verbose = true;
    } else if (MODE_OPTIONS.has(argument)) {
      if (mode !== 'question') mode = MODE_OPTIONS.get(argument) as Mode;
    } else {
      const [option, joined] = splitOption(argument);
      if (option === undefined) continue;
      if (joined === undefined) index += 1;
      take(option, joined ?? args[index]);
    }
  }
  return { mode, inputs, output, target, verbose, language };
}

/** Options that only begin like one with a joined value: `-emit-llvm` is not `-e mit-llvm`. */
const NOT_JOINED = /^-(?:undef$|unwindlib|emit-|extract|objc|object|trigraphs|exported_|unexported_|undefined)/;

/** `-Idir` -> [`-I`, `dir`]; `-I` -> [`-I`, undefined]: the next argument is its value; [undefined] where no value belongs to it. */
export function splitOption(argument: string): [option: string | undefined, joined?: string] {
  if (VALUE_OPTIONS.has(argument)) return [argument];
  if (NOT_JOINED.test(argument)) return [undefined];
  // The longest name wins: `-isystem` before `-i…`, `-include` before `-I`.
  let best: string | undefined;
  for (const [name, row] of VALUE_OPTIONS) {
    if (row.form === 'either' && argument.length > name.length && argument.startsWith(name) && name.length > (best?.length ?? 0)) best = name;
  }
  return best === undefined ? [undefined] : [best, argument.slice(best.length)];
}
