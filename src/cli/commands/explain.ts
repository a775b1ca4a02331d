// wasienv explain [FILE…]: a log of any build, read with the rules. A log that is piped in goes through to stdout
// unchanged, so that nothing of it is lost behind the pipe.
import { createReadStream } from 'node:fs';
import { visible } from '../../base/text.js';
import type { Explanation } from '../../explain/index.js';
import { defineCommand, type CommandContext } from '../command.js';
import { JSON_RESULT } from '../common-options.js';
import { notTogether, unreadableFile } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { drained, nameOf } from '../module-files.js';
import { tableLines } from '../table.js';

export const explain = defineCommand({
  name: 'explain',
  summary: 'tell why a build failed, from its log, and the command that mends it',
  usage: ['explain [--quiet] [--json] [FILE…]', 'explain --list [--json]'],
  description: [
    'Reads logs of compilers, linkers, CMake, Meson, configure, make, cargo and WASI runtimes, from files or standard input, and explains the messages it knows. Without FILE the log is passed on to stdout as it comes, and the explanations follow on stderr.',
    '`cc` and `c++` do this by themselves, in one line, when the compiler fails (not through the programs that `wasienv env` puts on PATH).',
  ],
  reading: 'options',
  options: {
    ...JSON_RESULT,
    quiet: { short: 'q', summary: 'do not pass the log on; print the explanations on stdout' },
    list: { summary: 'print the rules: their names, what they explain, and who prints the message' },
  },
  examples: [
    { command: 'cargo build 2>&1 | wasienv explain', shows: 'build, and hear why it failed' },
    { command: 'wasienv explain build.log config.log', shows: 'read logs of others' },
    { command: 'wasienv explain --list', shows: 'the messages it knows' },
  ],
  interruption: 'immediate',
  async run(context, { options: { json, quiet, list }, operands }) {
    const { output } = context;
    if (list) {
      if (operands[0] !== undefined) throw notTogether('--list', 'a FILE', 'the rules are the same for every log');
      return listRules(context, json);
    }
    if (operands.length > 0 && quiet) throw notTogether('--quiet', 'a FILE', 'a file is never passed on');
    const { Explainer, renderExplanations } = await import('../../explain/index.js');
    const logs: { file: string; lines: number; explanations: Explanation[] }[] = [];
    for (const file of operands.length === 0 ? ['-'] : operands) {
      const explainer = new Explainer();
      const passOn = file === '-' && !quiet && !json && operands.length === 0;
      await readLines(file, context, (line) => explainer.line(line), passOn);
      logs.push({ file, lines: explainer.lines, explanations: explainer.explanations() });
    }
    if (json) {
      output.print(JSON.stringify({ schema: 1, logs: logs.map(({ file, ...log }) => ({ file: file === '-' ? null : file, ...log })) }, null, 2));
      return EXIT.OK;
    }
    // Behind a log that was passed on, stdout belongs to the log.
    const toStderr = operands.length === 0 && !quiet;
    const say = (line: string): void => (toStderr ? output.note(line) : output.print(line));
    const colour = toStderr ? output.errorColour : output.colour;
    for (const { file, lines, explanations } of logs) {
      if (toStderr && lines > 0) say('');
      if (explanations.length === 0) say(`${visible(nameOf(file))}: nothing that wasienv knows, in ${lines} line${lines === 1 ? '' : 's'}; \`wasienv doctor\` looks at the machine itself`);
      else say(renderExplanations(explanations, { colour, ...(file === '-' ? {} : { file }) }));
      if (!toStderr && logs.length > 1) say('');
    }
    return EXIT.OK;
  },
});

async function listRules({ output }: CommandContext, json: boolean): Promise<number> {
  const { RULES } = await import('../../explain/index.js');
  if (json) output.print(JSON.stringify({ schema: 1, rules: RULES.map(({ id, title, printedBy }) => ({ id, title, printedBy })) }, null, 2));
  else for (const line of tableLines(RULES.map(({ id, title, printedBy }) => [id, title, printedBy]))) output.print(line);
  return EXIT.OK;
}

/** More of a line than this is not kept: no message starts so far behind. */
const LONGEST_LINE = 100_000;

/** Reads bytes as they come; text that is no UTF-8 is read as well as it can be. */
async function readLines(file: string, { surroundings }: CommandContext, take: (line: string) => void, passOn: boolean): Promise<void> {
  const input = file === '-' ? surroundings.stdin : createReadStream(file);
  const decoder = new TextDecoder();
  let rest = '';
  let readerIsGone = false;
  if (passOn) surroundings.stdout.once('error', () => (readerIsGone = true));
  try {
    for await (const chunk of input) {
      if (passOn && !surroundings.stdout.write(chunk as Uint8Array)) await drained(surroundings);
      // Whoever read the log has gone: then whoever writes it shall hear of that, as without us between them.
      if (readerIsGone) return;
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split(/\r?\n/);
      rest = lines.pop()!.slice(0, LONGEST_LINE);
      lines.forEach(take);
    }
  } catch (thrown) {
    throw unreadableFile(file, thrown as NodeJS.ErrnoException, 'give the path of a log, or pipe one in: `make 2>&1 | wasienv explain`');
  }
  if (rest !== '') take(rest);
}
