// wasienv help [COMMAND | TOPIC]
import { COMMAND_NAMES, isCommand, loadCommand } from '../command-table.js';
import { defineCommand } from '../command.js';
import { unknownTopic, unwantedOperand } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { renderCommandHelp, renderOverview, renderTopic } from '../help.js';
import { nearest } from '../nearest.js';
import { TOPICS } from '../topics.js';

export const help = defineCommand({
  name: 'help',
  summary: 'tell about a command or a topic',
  usage: ['help [COMMAND | TOPIC]'],
  description: [],
  reading: 'options',
  options: {},
  examples: [
    { command: 'wasienv help run', shows: 'all about `wasienv run`' },
    { command: 'wasienv help errors', shows: 'every error code with its meaning' },
  ],
  interruption: 'immediate',
  async run({ output }, { operands }) {
    const [name, second] = operands;
    if (second !== undefined) throw unwantedOperand(second, 'help');
    if (name === undefined) output.print(await renderOverview(output));
    else if (isCommand(name)) output.print(renderCommandHelp(await loadCommand(name), output));
    else if (Object.hasOwn(TOPICS, name)) output.print(renderTopic(name, output));
    else throw unknownTopic(name, nearest(name, [...COMMAND_NAMES, ...Object.keys(TOPICS)]));
    return EXIT.OK;
  },
});
