// Looks along PATH the way a shell does, without running anything.
import path from 'node:path';
import { isProgram, pathDirectories } from '../base/look.js';
import type { Environment } from '../base/surroundings.js';
import { headOf } from '../compiler/build/read.js';

/** Every program of this name, in the order of PATH. Relative and empty elements of PATH are passed over. */
export function findOnPath(name: string, env: Environment, platform: NodeJS.Platform): string[] {
  const endings = platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  const found = pathDirectories(env, platform).flatMap((directory) => endings.map((ending) => path.join(directory, name + ending))).filter(isProgram);
  return [...new Set(found)];
}

/** The first line of a script, `''` for anything else. */
export function interpreterLine(file: string): string {
  const line = headOf(file).split('\n', 1)[0]!;
  return line.startsWith('#!') ? line : '';
}
