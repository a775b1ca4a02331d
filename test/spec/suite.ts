// Where the official suite is and which files it has.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The suite's copy beside the project; not part of it (see README there). */
export const SUITE_DIRECTORY = path.resolve(import.meta.dirname, '../../../shared/spec');

export const suiteExists = (): boolean => existsSync(path.join(SUITE_DIRECTORY, 'i32.wast'));

export const HOW_TO_GET_IT = `The official test suite is not here: ${SUITE_DIRECTORY}
It is data of its own and no part of this repository. To run it, put the suite there:
    git clone https://github.com/WebAssembly/testsuite ${SUITE_DIRECTORY}
and, for the older extensions, its proposals legacy/ (exception handling) and threads/ as folders beside the root files.`;

/** Paths below the suite's directory, `/` between parts, root first. */
export function suiteFiles(): string[] {
  return readdirSync(SUITE_DIRECTORY, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => name.endsWith('.wast') && !name.startsWith('proposals/'))
    .sort((a, b) => a.split('/').length - b.split('/').length || (a < b ? -1 : 1));
}
