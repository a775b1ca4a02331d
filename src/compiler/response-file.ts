// Response files (`@file`) are clang's to read; wasienv reads them only to learn what kind of command it is given.
// The quoting is GNU's, which clang uses outside Windows' cl mode: llvm::cl::TokenizeGNUCommandLine.

/** Splits the text of a response file into arguments. */
export function splitResponseText(text: string): string[] {
  const found: string[] = [];
  let current = '';
  let started = false;
  let quote: string | undefined;
  for (let position = 0; position < text.length; position += 1) {
    const character = text[position] as string;
    if (character === '\\' && quote !== "'" && position + 1 < text.length) {
      position += 1;
      current += text[position];
      started = true;
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else current += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      started = true;
    } else if (/\s/.test(character)) {
      if (started) found.push(current);
      current = '';
      started = false;
    } else {
      current += character;
      started = true;
    }
  }
  if (started) found.push(current);
  return found;
}

/**
 * `args` with each `@file` replaced by what the file holds, files in files included. `read` gives a file's text, or
 * undefined where there is none: then the argument stays as it is, for clang to complain about.
 */
export function expandResponseFiles(args: readonly string[], read: (file: string) => string | undefined, depth = 0): string[] {
  return args.flatMap((argument) => {
    if (!argument.startsWith('@') || argument.length === 1 || depth > 20) return [argument];
    const text = read(argument.slice(1));
    return text === undefined ? [argument] : expandResponseFiles(splitResponseText(text), read, depth + 1);
  });
}
