// "did you mean": the candidate a typo was most likely meant to be.

import { COMMAND_NAMES, type CommandName } from './command-table.js';

/** Edit distance with swaps of neighbours (optimal string alignment): `sutep` -> `setup` is 2, `rnu` -> `run` is 1. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, beforeLast[column - 2]! + 1);
      }
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}

/** What other tools call a command of ours. */
const SYNONYMS: Readonly<Record<string, CommandName>> = {
  install: 'setup', add: 'setup', update: 'setup', upgrade: 'setup', remove: 'uninstall', rm: 'uninstall', ls: 'list', search: 'list-remote', new: 'init', create: 'init',
  compile: 'cc', gcc: 'cc', clang: 'cc', 'g++': 'c++', 'clang++': 'c++', cxx: 'c++', build: 'exec', make: 'exec', configure: 'exec', cmake: 'exec', start: 'run', execute: 'run',
  check: 'doctor', diagnose: 'doctor', prove: 'verify', test: 'verify', disassemble: 'wasm2wat', activate: 'env', shell: 'env', clean: 'prune', path: 'which',
};

/** The command that was most likely meant: `isntall` is `install`, which is called setup here, and not `uninstall`. */
export function nearestCommand(typed: string): string | undefined {
  const meant = nearest(typed, [...COMMAND_NAMES, ...Object.keys(SYNONYMS)]);
  return meant !== undefined && Object.hasOwn(SYNONYMS, meant) ? SYNONYMS[meant] : meant;
}

/** The nearest candidate, or undefined when none is near enough to be worth a guess (a third of its letters, at least one). */
export function nearest(typed: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const isPrefix = typed.length >= 3 && candidate.startsWith(typed);
    const distance = isPrefix ? 0.5 : editDistance(typed.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance && (isPrefix || distance <= Math.max(1, Math.floor(Math.max(typed.length, candidate.length) / 2.5)))) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
