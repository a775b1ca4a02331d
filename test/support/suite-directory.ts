// Where the official suite is: beside the project, and no part of it; see the README there.
import { existsSync } from 'node:fs';
import path from 'node:path';

export const suiteDirectory = path.resolve(import.meta.dirname, '../../../shared/spec');
/** Without it, as in a lone clone, tests over it have nothing to run. */
export const hasSuite = existsSync(path.join(suiteDirectory, 'i32.wast'));
