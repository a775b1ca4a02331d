// A proof for people: the table of what was proved. Pure.
import { NO_PAINT, type Paint } from '../base/paint.js';
import { formatDuration, visible } from '../base/text.js';
import type { ProgramResult, ProofReceipt } from './receipt.js';

const LANGUAGES: Readonly<Record<ProgramResult['language'], string>> = { c: 'C', 'c++': 'C++', rust: 'Rust' };
const FAULTS: Readonly<Record<NonNullable<ProgramResult['fault']>, string>> = {
  compiler: 'the compiler failed',
  program: 'built, but it does something else',
  interpreter: "not run by wasienv's interpreter; no statement about the compiler",
};

/** One line a program, more for one that failed, and a sum. */
export function renderProof(receipt: ProofReceipt, { colour = NO_PAINT }: { readonly colour?: Paint } = {}): string {
  const width = Math.max(0, ...receipt.programs.map((each) => each.title.length));
  const languageWidth = Math.max(3, ...receipt.programs.map((each) => LANGUAGES[each.language].length));
  const lines = receipt.programs.flatMap((each) => {
    const times = `compiled in ${formatDuration(each.compileMs).padStart(6)}, run in ${formatDuration(each.runMs).padStart(6)}`;
    const line = `${LANGUAGES[each.language].padEnd(languageWidth)}  ${each.title.padEnd(width)}  `;
    if (each.fault === null) return [`${colour.green('ok')}      ${line}${colour.dim(times)}`];
    return [
      `${colour.bold(colour.red('failed'))}  ${line}${FAULTS[each.fault]}`,
      `        ${colour.dim('shows')}  ${each.shows}`,
      `        ${colour.dim('saw')}    ${visible(each.detail ?? '')}`,
    ];
  });
  return [...lines, '', sum(receipt, colour)].join('\n');
}

function sum({ programs, toolchain, timings }: ProofReceipt, colour: Paint): string {
  const failed = programs.filter((each) => each.fault !== null).length;
  const what = toolchain.rustcVersion === undefined
    ? `clang ${toolchain.clangVersion} for ${toolchain.target} (${toolchain.component} ${toolchain.version})`
    : `${toolchain.rustcVersion.replace(/ \(.*/, '')} for ${toolchain.target}`;
  const time = `in ${formatDuration(timings.totalMs)}`;
  return failed === 0
    ? colour.green(`Proved: ${programs.length} program${programs.length === 1 ? '' : 's'}, built by ${what} and run by wasienv, did exactly what they must; ${time}.`)
    : colour.red(`Not proved: ${failed} of ${programs.length} programs failed with ${what}; ${time}.`);
}
