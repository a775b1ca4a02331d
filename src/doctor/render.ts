// Findings for people, as lines of text. Pure.
import { NO_PAINT, type Paint } from '../base/paint.js';
import { visible } from '../base/text.js';
import { buildWorks, type Finding, type Status } from './finding.js';

const STATUS_WIDTH = 'problem'.length;

/** One line for what is well, a small block for everything else, and a verdict. */
export function renderFindings(findings: readonly Finding[], { colour = NO_PAINT }: { readonly colour?: Paint } = {}): string {
  const paint: Readonly<Record<Status, (text: string) => string>> = { ok: colour.green, note: colour.cyan, warning: colour.yellow, problem: (text) => colour.bold(colour.red(text)) };
  const titleWidth = Math.max(0, ...findings.map((finding) => finding.title.length));
  const indent = ' '.repeat(STATUS_WIDTH + 2);
  const lines: string[] = [];
  const under = (label: string, width: number, text: string): void => {
    const [first = '', ...rest] = text.split('\n');
    lines.push(`${indent}${colour.dim(label.padEnd(width))}  ${first}`);
    for (const line of rest) lines.push(`${indent}${' '.repeat(width)}  ${line}`);
  };
  for (const finding of findings) {
    lines.push(`${paint[finding.status](finding.status.padEnd(STATUS_WIDTH))}  ${colour.bold(finding.title.padEnd(titleWidth))}  ${visible(finding.text)}`);
    const labels = ['why', 'next', ...(finding.fix === undefined ? [] : ['fixed']), ...(finding.effects ?? []).map((each) => each.tool)];
    const width = Math.max(...labels.map((label) => label.length));
    for (const { tool, effect } of finding.effects ?? []) under(tool, width, effect);
    if (finding.cause !== undefined) under('why', width, visible(finding.cause));
    if (finding.next !== undefined) under('next', width, visible(finding.next));
    if (finding.fix !== undefined) under(finding.fix.done ? 'fixed' : 'fix', width, visible(finding.fix.done ? finding.fix.does : `wasienv doctor --fix   # ${finding.fix.does}`));
  }
  lines.push('', verdict(findings, colour));
  return lines.join('\n');
}

function verdict(findings: readonly Finding[], colour: Paint): string {
  const count = (status: Status): number => findings.filter((finding) => finding.status === status).length;
  const several = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
  const warnings = count('warning');
  if (!buildWorks(findings)) return colour.red(`A build would not work: ${several(count('problem'), 'problem')}${warnings > 0 ? `, ${several(warnings, 'warning')}` : ''}.`);
  return colour.green(`A build works${warnings > 0 ? `; ${several(warnings, 'warning')} to look at` : ''}.`);
}
